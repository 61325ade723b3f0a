"""Messages that a language model was asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0008_opinions"
down_revision = "0007_retractions"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON()


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("part_id", ID, sa.ForeignKey("parts.id"), primary_key=True),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("opinion", JSON, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("opinions")
