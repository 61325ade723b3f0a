"""Indexes that reports count in, teammates who are not there any more, and where the messenger was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0018_reports"
down_revision = "0017_developers"


def upgrade() -> None:
    op.add_column("teammates", sa.Column("removed_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "pages_seen",
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_pages_seen"),
    )
    counted = ["created_at", "channel", "agent_spoke", "outcome", "first_reply_at", "handed_off", "rating"]
    op.create_index("ix_conversations_report", "conversations", counted)
    _some("ix_conversations_closed_at", "conversations", ["closed_at"], "state = 'closed'")
    op.create_index("ix_firings_created_at", "firings", ["created_at"])
    op.create_index("ix_runs_created_at", "runs", ["created_at", "procedure_id", "state"])
    op.create_index("ix_runs_firing_id", "runs", ["firing_id"])
    _some("ix_receipts_held_back", "receipts", ["created_at"], "decision = 'suppressed'")


def _some(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
