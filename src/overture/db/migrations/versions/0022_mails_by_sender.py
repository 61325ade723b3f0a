"""Count what somebody wrote by mail within an hour: a machine that answers for ever is noticed."""

from alembic import op

revision = "0022_mails_by_sender"
down_revision = "0021_inbox_indexes"


def upgrade() -> None:
    op.create_index("ix_received_mails_sender", "received_mails", ["sender", "created_at"])
