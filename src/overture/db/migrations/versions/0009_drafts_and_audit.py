"""Drafts with a revision, versions with their publisher, planned publishes, and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0009_drafts_and_audit"
down_revision = "0008_opinions"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("procedures", sa.Column("draft_revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(
        "procedures", sa.Column("draft_by", sa.String(length=255), nullable=False, server_default="")
    )
    op.add_column("procedures", sa.Column("draft_at", MOMENT(), nullable=True))
    op.add_column(
        "procedure_versions",
        sa.Column("published_by", sa.String(length=255), nullable=False, server_default=""),
    )
    op.add_column("procedure_versions", sa.Column("note", sa.Text(), nullable=True))
    op.create_table(
        "replaced_drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("saved_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedures.id"], name="fk_replaced_drafts_procedure_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replaced_drafts"),
    )
    op.create_index("ix_replaced_drafts_procedure_id", "replaced_drafts", ["procedure_id"])
    op.create_table(
        "planned_publishes",
        sa.Column("id", ID, nullable=False),
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("live_version_id", ID, nullable=True),
        sa.Column("planned_by", sa.String(length=255), nullable=False),
        sa.Column("publish_at", MOMENT(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedures.id"], name="fk_planned_publishes_procedure_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_planned_publishes"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_planned_publishes_one_waiting",
        "planned_publishes",
        ["procedure_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_planned_publishes_publish_at",
        "planned_publishes",
        ["publish_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("teammate_id", ID, nullable=True),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("before_hash", sa.String(length=64), nullable=True),
        sa.Column("after_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_created_at", "audit", ["created_at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])


def downgrade() -> None:
    raise NotImplementedError("Restore a backup to go back.")
