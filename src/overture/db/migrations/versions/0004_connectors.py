"""Connectors: encrypted secrets, contacts' own tokens, the log of calls, passcodes, stored signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.add_column("connectors", sa.Column("signature", JSON, nullable=True))
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "contact_tokens",
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "name", name="pk_contact_tokens"),
    )
    op.create_index("ix_contact_tokens_expires_at", "contact_tokens", ["expires_at"])
    op.create_table(
        "connector_calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("connector", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("conversation_id", ID, nullable=True),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("request", JSON, nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connector_calls"),
    )
    op.create_index("ix_connector_calls_conversation_id", "connector_calls", ["conversation_id"])
    op.create_index("ix_connector_calls_created_at", "connector_calls", ["created_at"])
    op.create_table(
        "passcodes",
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_passcodes"),
    )
    op.create_index("ix_passcodes_updated_at", "passcodes", ["updated_at"])


def downgrade() -> None:
    for table in ("passcodes", "connector_calls", "contact_tokens", "secrets"):
        op.drop_table(table)
    op.drop_column("connectors", "signature")
