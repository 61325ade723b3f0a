"""Find contacts by their address, however it is written: each mail that begins a conversation asks."""

import sqlalchemy as sa
from alembic import op

revision = "0019_contacts_by_address"
down_revision = "0018_reports"


def upgrade() -> None:
    op.create_index("ix_contacts_address", "contacts", [sa.text("lower(email)")])
