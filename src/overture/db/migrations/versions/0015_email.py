"""Email: how it is set up, what leaves, what came, and where nothing is sent any more."""

import sqlalchemy as sa
from alembic import op

revision = "0015_email"
down_revision = "0014_inbox"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("conversations", sa.Column("first_channel", sa.String(length=16), nullable=True))
    op.create_table(
        "email_setup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plain", JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_email_setup"),
    )
    op.create_table(
        "mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("recipient_name", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("refs", JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("proactive", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", MOMENT(), nullable=True),
        sa.Column("next_at", MOMENT(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("sent_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_mails_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("conversation_id", "number", name="uq_mails_conversation_id_number"),
        sa.UniqueConstraint("message_id", name="uq_mails_message_id"),
    )
    op.create_index("ix_mails_contact_id", "mails", ["contact_id"], unique=False)
    op.create_index(
        "ix_mails_next_at",
        "mails",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'claimed', 'handing')"),
        postgresql_where=sa.text("state IN ('waiting', 'claimed', 'handing')"),
    )
    op.create_table(
        "mailed_parts",
        sa.Column("part_id", ID, autoincrement=False, nullable=False),
        sa.Column("mail_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("part_id", name="pk_mailed_parts"),
    )
    op.create_index("ix_mailed_parts_mail_id", "mailed_parts", ["mail_id"], unique=False)
    op.create_table(
        "received_mails",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", ID, nullable=True),
        sa.Column("contact_id", sa.String(length=24), nullable=True),
        sa.Column("part_id", ID, nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("came_to", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("full_text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_received_mails"),
        sa.UniqueConstraint("key", name="uq_received_mails_key"),
    )
    op.create_index("ix_received_mails_contact_id", "received_mails", ["contact_id"], unique=False)
    op.create_index("ix_received_mails_conversation_id", "received_mails", ["conversation_id"], unique=False)
    op.create_table(
        "suppressed_addresses",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_suppressed_addresses"),
    )


def downgrade() -> None:
    for table in ("suppressed_addresses", "received_mails", "mailed_parts", "mails", "email_setup"):
        op.drop_table(table)
    op.drop_column("conversations", "first_channel")
