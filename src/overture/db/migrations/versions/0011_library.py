"""The library: sub-procedures that every procedure may run."""

import sqlalchemy as sa
from alembic import op

revision = "0011_library"
down_revision = "0010_console"


def upgrade() -> None:
    op.create_table(
        "library_subs",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_library_subs"),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
