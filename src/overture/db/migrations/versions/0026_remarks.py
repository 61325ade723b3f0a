"""Find the newest words about conversations, a team's and a teammate's too, without reading every mark."""

import sqlalchemy as sa
from alembic import op

revision = "0026_remarks"
down_revision = "0025_visitors"

WHERE = sa.text("rating_remark IS NOT NULL")
REMARKS = {"remarks": [], "remarks_team": ["team_id"], "remarks_teammate": ["teammate_id"]}


def upgrade() -> None:
    for name, before in REMARKS.items():
        op.create_index(
            f"ix_conversations_{name}",
            "conversations",
            [*before, "created_at"],
            sqlite_where=WHERE,
            postgresql_where=WHERE,
        )
    op.drop_index("ix_conversations_rated", "conversations")


def downgrade() -> None:
    rated = sa.text("rating IS NOT NULL")
    op.create_index(
        "ix_conversations_rated", "conversations", ["created_at"], sqlite_where=rated, postgresql_where=rated
    )
    for name in REMARKS:
        op.drop_index(f"ix_conversations_{name}", "conversations")
