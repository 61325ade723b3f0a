"""Find visitors who were not seen for long."""

import sqlalchemy as sa
from alembic import op

revision = "0025_visitors"
down_revision = "0024_sign_in_tries"


def upgrade() -> None:
    op.create_index(
        "ix_contacts_visitors",
        "contacts",
        ["created_at"],
        sqlite_where=sa.text("external_id IS NULL"),
        postgresql_where=sa.text("external_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_visitors", "contacts")
