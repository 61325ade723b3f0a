"""The messenger: identity, origins, read marks, ratings, files, clicks, preferences and pick sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002a"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("contacts", sa.Column("claimed_id", sa.String(length=255), nullable=True))
    op.add_column("contacts", sa.Column("merged_into", sa.String(length=24), nullable=True))
    op.add_column("contacts", sa.Column("last_seen_at", MOMENT(), nullable=True))
    op.add_column("contacts", sa.Column("last_page", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("read_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("rating", sa.Integer(), nullable=True))
    op.add_column("conversations", sa.Column("rating_remark", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("rated_at", MOMENT(), nullable=True))
    op.add_column("firings", sa.Column("page_url", sa.Text(), nullable=True))
    op.create_index("ix_firings_contact_id_procedure_id", "firings", ["contact_id", "procedure_id"])
    op.create_table(
        "trigger_health",
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("trigger_key", sa.String(length=64), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("last_matched_at", MOMENT(), nullable=True),
        sa.Column("last_fired_at", MOMENT(), nullable=True),
        sa.Column("last_suppressed_at", MOMENT(), nullable=True),
        sa.Column("last_score", sa.Float(), nullable=True),
        sa.Column("last_page", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("procedure_id", "trigger_key", name="pk_trigger_health"),
    )
    op.create_table(
        "clicks",
        sa.Column("click_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("made_contact", sa.Boolean(), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("click_id", name="pk_clicks"),
    )
    op.create_index("ix_clicks_created_at", "clicks", ["created_at"])
    op.create_table(
        "preferences",
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("until", MOMENT(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_preferences_contact_id"),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedures.id"], name="fk_preferences_procedure_id"),
        sa.PrimaryKeyConstraint("contact_id", "procedure_id", name="pk_preferences"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", ID, nullable=False),
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("part_id", ID, nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_attachments_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_contact_id", "attachments", ["contact_id"])
    op.create_index("ix_attachments_part_id", "attachments", ["part_id"])
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("contact_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_events_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_contact_id_created_at", "events", ["contact_id", "created_at"])
    op.create_table(
        "identity_secrets",
        sa.Column("id", ID, nullable=False),
        sa.Column("secret", sa.String(length=128), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_secrets"),
    )
    op.create_table(
        "origins",
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_origins"),
    )
    op.create_table(
        "pick_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("pick_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("current", JSON, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_url", sa.Text(), nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("expires_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pick_sessions"),
        sa.UniqueConstraint("token_fingerprint", name="uq_pick_sessions_token_fingerprint"),
        sa.UniqueConstraint("pick_fingerprint", name="uq_pick_sessions_pick_fingerprint"),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
