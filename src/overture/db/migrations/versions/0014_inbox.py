"""The inbox: views, words to find, ready answers, mentions, and who is looking."""

import sqlalchemy as sa
from alembic import op

revision = "0014_inbox"
down_revision = "0013_webhooks"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("conversations", sa.Column("waits_on", sa.String(length=16), nullable=True))
    op.add_column("conversations", sa.Column("paused_until", MOMENT(), nullable=True))
    for name, columns, where in (
        ("people", ["state", "updated_at"], "handled_by = 'people'"),
        ("answered", ["state", "updated_at"], "first_reply_at IS NOT NULL"),
        ("teammate_id", ["teammate_id", "updated_at"], "teammate_id IS NOT NULL"),
        ("team_id", ["team_id", "updated_at"], "team_id IS NOT NULL"),
        ("paused_until", ["paused_until"], "paused_until IS NOT NULL"),
    ):
        op.create_index(
            f"ix_conversations_{name}",
            "conversations",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "conversation_search",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversation_search"),
        sa.UniqueConstraint("conversation_id", name="uq_conversation_search_conversation_id"),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE conversation_search ADD COLUMN words tsvector")
        op.execute("CREATE INDEX ix_conversation_search_words ON conversation_search USING gin (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE conversation_words "
            "USING fts5(words, tokenize = 'unicode61', prefix = '2 3')"
        )
    op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.Column("until_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_progress"),
    )
    op.create_table(
        "macros",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("updated_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_macros"),
        sa.UniqueConstraint("name", name="uq_macros_name"),
    )
    op.create_table(
        "mentions",
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["teammate_id"], ["teammates.id"], name="fk_mentions_teammate_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_mentions_conversation_id"
        ),
        sa.PrimaryKeyConstraint("teammate_id", "conversation_id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_conversation_id", "mentions", ["conversation_id"])
    op.create_table(
        "viewing",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["teammate_id"], ["teammates.id"], name="fk_viewing_teammate_id"),
        sa.PrimaryKeyConstraint("conversation_id", "teammate_id", name="pk_viewing"),
    )
