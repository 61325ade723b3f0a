"""Indexes that hold all that a view of the inbox asks, so that counting it reads nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0021_inbox_indexes"
down_revision = "0020_report_counts"

# name → columns, condition
AGAIN = {
    "people": (["state", "updated_at", "teammate_id", "waits_on", "handled_by"], "handled_by = 'people'"),
    "answered": (["state", "updated_at", "handled_by", "first_reply_at"], "first_reply_at IS NOT NULL"),
    "teammate_id": (["teammate_id", "state", "updated_at"], "teammate_id IS NOT NULL"),
    "team_id": (["team_id", "state", "updated_at"], "team_id IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, where) in AGAIN.items():
        op.drop_index(f"ix_conversations_{name}", table_name="conversations")
        _some(f"ix_conversations_{name}", "conversations", columns, where)
    _some("ix_conversations_unanswered", "conversations", ["updated_at"], "first_reply_at IS NULL")
    _some("ix_teammate_requests_open", "teammate_requests", ["conversation_id"], "state = 'open'")


def _some(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
