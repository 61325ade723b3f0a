"""Who is writing just now."""

import sqlalchemy as sa
from alembic import op

revision = "0006_typing"
down_revision = "0005_deployments"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "typing",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("author_type", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.String(length=24), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "author_type", name="pk_typing"),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
