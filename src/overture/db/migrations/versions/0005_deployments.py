"""Deployments: the reminder, the reopening window, and whether a first message is still true."""

import sqlalchemy as sa
from alembic import op

revision = "0005_deployments"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("conversations", sa.Column("deadline_last_at", MOMENT(), nullable=True))
    op.add_column("conversations", sa.Column("reopen_seconds", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("continues_id", ID, nullable=True))
    op.add_column("conversations", sa.Column("checked_at", MOMENT(), nullable=True))
    op.create_index("ix_conversations_continues_id", "conversations", ["continues_id"])
    op.add_column("runs", sa.Column("nudged_at", MOMENT(), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "nudged_at")
    op.drop_index("ix_conversations_continues_id", "conversations")
    for name in ("checked_at", "continues_id", "reopen_seconds", "deadline_last_at"):
        op.drop_column("conversations", name)
