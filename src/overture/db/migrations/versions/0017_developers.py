"""The latest requests to the API, and when and by what its tokens are known."""

import sqlalchemy as sa
from alembic import op

revision = "0017_developers"
down_revision = "0016_help"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("access_tokens", sa.Column("hint", sa.String(length=32), nullable=True))
    op.add_column("access_tokens", sa.Column("last_used_at", MOMENT(), nullable=True))
    op.create_table(
        "api_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("app_id", ID, nullable=True),
        sa.Column("token_id", ID, nullable=True),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_requests"),
    )
    op.create_index("ix_api_requests_created_at", "api_requests", ["created_at"])


def downgrade() -> None:
    op.drop_table("api_requests")
    op.drop_column("access_tokens", "last_used_at")
    op.drop_column("access_tokens", "hint")
