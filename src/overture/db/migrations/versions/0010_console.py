"""The console: passwords, sessions and invitations of teammates."""

import sqlalchemy as sa
from alembic import op

revision = "0010_console"
down_revision = "0009_drafts_and_audit"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_confirmed_at", MOMENT(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery_hashes", JSON, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locked_until", MOMENT(), nullable=True),
        sa.Column("updated_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["teammate_id"], ["teammates.id"], name="fk_sign_ins_teammate_id"),
        sa.PrimaryKeyConstraint("teammate_id", name="pk_sign_ins"),
    )
    op.create_table(
        "console_sessions",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=255), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("used_at", MOMENT(), nullable=False),
        sa.Column("expires_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["teammate_id"], ["teammates.id"], name="fk_console_sessions_teammate_id"),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_console_sessions"),
    )
    op.create_index("ix_console_sessions_teammate_id", "console_sessions", ["teammate_id"])
    op.create_table(
        "invitations",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("expires_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["teammate_id"], ["teammates.id"], name="fk_invitations_teammate_id"),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_invitations"),
    )
    op.create_index("ix_invitations_teammate_id", "invitations", ["teammate_id"])
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
