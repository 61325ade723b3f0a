"""Tags and attributes of conversations, what teams are asked, and what instructions did."""

import sqlalchemy as sa
from alembic import op

revision = "0012_doing"
down_revision = "0011_library"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("conversations", sa.Column("tags", JSON, nullable=True))
    op.add_column("conversations", sa.Column("attributes", JSON, nullable=True))
    op.create_table(
        "teammate_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("team_id", ID, nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("by", sa.String(length=255), nullable=True),
        sa.Column("answered_at", MOMENT(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_teammate_requests_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_teammate_requests"),
        sa.UniqueConstraint("run_id", "path", "visit", name="uq_teammate_requests_run_id_path_visit"),
    )
    op.create_index("ix_teammate_requests_conversation_id", "teammate_requests", ["conversation_id"])
    op.create_table(
        "instructions",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_instructions_run_id"),
        sa.PrimaryKeyConstraint("run_id", "path", "visit", "turn", "number", name="pk_instructions"),
    )


def downgrade() -> None:
    op.drop_table("instructions")
    op.drop_index("ix_teammate_requests_conversation_id", "teammate_requests")
    op.drop_table("teammate_requests")
    op.drop_column("conversations", "attributes")
    op.drop_column("conversations", "tags")
