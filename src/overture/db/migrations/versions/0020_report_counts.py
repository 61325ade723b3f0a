"""Counters for the reports, what each conversation added to them, and triggers that note what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0020_report_counts"
down_revision = "0019_contacts_by_address"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

WATCHED = (
    "created_at",
    "channel",
    "team_id",
    "teammate_id",
    "agent_spoke",
    "first_reply_at",
    "outcome",
    "handed_off",
    "rating",
    "read_seq",
)
RUN = ("state", "began_at", "procedure_id", "version_id", "firing_id")
# table → what is watched in an update, the condition on a row, and whose facts these are
WATCHES = (
    ("conversations", "INSERT", (), "", "conversation", "{row}.id"),
    ("conversations", "UPDATE", WATCHED, "", "conversation", "{row}.id"),
    ("conversations", "DELETE", (), "", "conversation", "{row}.id"),
    ("runs", "INSERT", (), "", "conversation", "{row}.conversation_id"),
    ("runs", "UPDATE", RUN, "", "conversation", "{row}.conversation_id"),
    ("runs", "DELETE", (), "", "conversation", "{row}.conversation_id"),
    ("steps", "INSERT", (), "", "conversation", "(SELECT conversation_id FROM runs WHERE id = {row}.run_id)"),
    ("firings", "INSERT", (), "", "conversation", "{row}.conversation_id"),
    ("firings", "DELETE", (), "", "conversation", "{row}.conversation_id"),
    ("parts", "UPDATE", ("kind",), "NEW.is_source", "conversation", "{row}.conversation_id"),
    ("parts", "DELETE", (), "OLD.is_source", "conversation", "{row}.conversation_id"),
    ("receipts", "INSERT", (), "NEW.decision = 'suppressed'", "receipt", "{row}.id"),
    ("receipts", "DELETE", (), "OLD.decision = 'suppressed'", "receipt", "{row}.id"),
)


def upgrade() -> None:
    _tables()
    op.create_index("ix_firings_conversation_id", "firings", ["conversation_id"])
    op.create_index("ix_firings_trigger", "firings", ["procedure_id", "trigger_key", "created_at"])
    rated = sa.text("rating IS NOT NULL")
    op.create_index(
        "ix_conversations_rated", "conversations", ["created_at"], sqlite_where=rated, postgresql_where=rated
    )
    make = _on_postgres if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for table, event, columns, only, kind, subject in WATCHES:
        make(table, event, columns, only, kind, subject)


def _tables() -> None:
    op.create_table(
        "report_changes",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", "written_by", name="pk_report_changes"),
    )
    op.create_table(
        "report_facts",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name="pk_report_facts"),
    )
    key = ("kind", "procedure_id", "trigger_key", "day", "channel", "team_id", "teammate_id", "key")
    op.create_table(
        "report_counts",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("trigger_key", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("team_id", ID, nullable=False),
        sa.Column("teammate_id", ID, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name="pk_report_counts"),
    )
    op.create_table(
        "report_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("shape", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_progress"),
    )


def _changed(columns: tuple[str, ...], different: str) -> list[str]:
    return [" OR ".join(f"OLD.{name} {different} NEW.{name}" for name in columns)] if columns else []


def _when(conditions: list[str]) -> str:
    kept = [f"({one})" for one in conditions if one]
    return f"WHEN ({' AND '.join(kept)})" if kept else ""


def _name(table: str, event: str) -> str:
    return f"note_{table}_{event.lower()}"


def _on_sqlite(table: str, event: str, columns: tuple[str, ...], only: str, kind: str, subject: str) -> None:
    row = "OLD" if event == "DELETE" else "NEW"
    of = f" OF {', '.join(columns)}" if columns else ""
    whose = subject.format(row=row)
    op.execute(
        f"CREATE TRIGGER {_name(table, event)} AFTER {event}{of} ON {table} "
        f"{_when([*_changed(columns, 'IS NOT'), only])} BEGIN "
        f"INSERT INTO report_changes (kind, subject_id, written_by) SELECT '{kind}', {whose}, 0 "
        f"WHERE {whose} IS NOT NULL ON CONFLICT DO NOTHING; END"
    )


def _on_postgres(
    table: str, event: str, columns: tuple[str, ...], only: str, kind: str, subject: str
) -> None:
    row = "OLD" if event == "DELETE" else "NEW"
    of = f" OF {', '.join(columns)}" if columns else ""
    whose, name = subject.format(row=row), _name(table, event)
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        # Each transaction leaves a note of its own, so that a note can be taken while another is being written.
        f"INSERT INTO report_changes (kind, subject_id, written_by) SELECT '{kind}', {whose}, txid_current() "
        f"WHERE {whose} IS NOT NULL ON CONFLICT DO NOTHING; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event}{of} ON {table} FOR EACH ROW "
        f"{_when([*_changed(columns, 'IS DISTINCT FROM'), only])} EXECUTE FUNCTION {name}()"
    )
