"""Receipts are found by their run."""

from alembic import op

revision = "0007_retractions"
down_revision = "0006_typing"


def upgrade() -> None:
    op.create_index("ix_receipts_run_id", "receipts", ["run_id"])


def downgrade() -> None:
    op.drop_index("ix_receipts_run_id", "receipts")
