"""Every table of a workspace's database. One database is one workspace.

Moments are whole microseconds since 1970-01-01 UTC. Public ids are random integers below 2^53.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# On SQLite an INTEGER key is the row itself, so a look-up by id reads one tree instead of two.
Id = BigInteger().with_variant(Integer, "sqlite")
Moment = BigInteger
Json = JSON(none_as_null=True)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("app_id", String(32), nullable=False),
    Column("name", String(255), nullable=False),
    Column("settings", Json, nullable=False),
    Column("cookie_secret", String(64), nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
)

apps = Table(
    "apps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("app_id", Id, ForeignKey("apps.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("hint", String(32)),  # how it begins and ends, to be known again by
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

# The latest requests to the API, for the developer who wonders what arrived.
api_requests = Table(
    "api_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("app_id", Id),
    Column("token_id", Id),
    Column("method", String(8), nullable=False),
    Column("path", String(255), nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", String(64)),
    Column("request_id", String(36), nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

teammates = Table(
    "teammates",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("email", String(255), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),  # their name stays beside what they wrote
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("external_id", String(255), unique=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(255)),
    Column("email", String(255), index=True),
    Column("phone", String(64)),
    Column("attributes", Json, nullable=False),
    Column("verified", Boolean, nullable=False),  # made or updated through the API, or signed
    Column("claimed_id", String(255)),  # the user id that a page named without proof
    Column("merged_into", String(24)),  # the user that this visitor turned out to be
    Column("last_seen_at", Moment),
    Column("last_page", Text),
    Column(
        "last_seq", Integer, nullable=False
    ),  # of the parts this contact can see; a browser's resume cursor
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

Index("ix_contacts_address", func.lower(contacts.c.email))
Index(
    "ix_contacts_visitors",
    contacts.c.created_at,
    sqlite_where=text("external_id IS NULL"),
    postgresql_where=text("external_id IS NULL"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", String(24), ForeignKey("contacts.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("handled_by", String(16), nullable=False),  # agent · people
    Column("team_id", Id, ForeignKey("teams.id")),
    Column("teammate_id", Id, ForeignKey("teammates.id")),
    Column("title", String(255)),
    Column("priority", String(16), nullable=False, server_default="none"),
    # What the turn works on: contact parts above handled_seq have not been heard yet.
    Column("contact_seq", Integer, nullable=False),
    Column("handled_seq", Integer, nullable=False),
    # The wait is these two columns and the sweep, nothing in memory.
    Column("deadline_at", Moment),
    Column("deadline_kind", String(16)),  # reply · idle · after
    Column(
        "deadline_last_at", Moment
    ),  # the deadline itself, while deadline_at is that of the reminder before it
    # Facts that the outcome is derived from.
    Column("agent_spoke", Boolean, nullable=False),
    Column("last_said", String(16)),  # question · answer · message, the agent's last words
    Column("answer_type", String(16)),  # ai_answer · custom_answer
    Column("answered_at", Moment),
    Column("feedback", String(16)),  # helped · did_not_help
    Column("handed_off", String(16)),  # procedure · person_asked · workspace_rule · failure
    Column("unsure_count", Integer, nullable=False),
    Column("outcome", String(32)),
    Column("read_seq", Integer, nullable=False, server_default="0"),  # how far the contact has read
    Column("rating", Integer),  # 1 to 5, by the contact
    Column("rating_remark", Text),
    Column("rated_at", Moment),
    Column("reopen_seconds", Integer),  # how long after closing a reply still reopens it; always where null
    Column("continues_id", Id),  # the closed conversation that this one was begun instead of
    Column("checked_at", Moment),  # when the trigger's still_true was asked last
    Column("tags", Json),
    Column("waits_on", String(16)),  # team · contact: who is to write next
    Column("paused_until", Moment),  # a teammate is writing, so the agent holds back
    Column("attributes", Json),
    Column("first_channel", String(16)),  # where it began, if it goes on elsewhere
    Column("first_reply_at", Moment),
    Column("closed_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("ix_conversations_contact_id", conversations.c.contact_id)
Index("ix_conversations_updated_at", conversations.c.updated_at)
# The views of the inbox, newest first. What a view asks stands in its index, so that its count reads nothing else.
for _name, _columns, _where in (
    (
        "people",
        (
            conversations.c.state,
            conversations.c.updated_at,
            conversations.c.teammate_id,
            conversations.c.waits_on,
            conversations.c.handled_by,
        ),
        "handled_by = 'people'",
    ),
    (
        "answered",
        (
            conversations.c.state,
            conversations.c.updated_at,
            conversations.c.handled_by,
            conversations.c.first_reply_at,
        ),
        "first_reply_at IS NOT NULL",
    ),
    ("unanswered", (conversations.c.updated_at,), "first_reply_at IS NULL"),
    (
        "teammate_id",
        (conversations.c.teammate_id, conversations.c.state, conversations.c.updated_at),
        "teammate_id IS NOT NULL",
    ),
    (
        "team_id",
        (conversations.c.team_id, conversations.c.state, conversations.c.updated_at),
        "team_id IS NOT NULL",
    ),
):
    Index(f"ix_conversations_{_name}", *_columns, sqlite_where=text(_where), postgresql_where=text(_where))
Index(
    "ix_conversations_paused_until",
    conversations.c.paused_until,
    sqlite_where=text("paused_until IS NOT NULL"),
    postgresql_where=text("paused_until IS NOT NULL"),
)
Index("ix_conversations_continues_id", conversations.c.continues_id)
# What reports count stands in the index itself, so that a count need not read the conversations.
Index(
    "ix_conversations_report",
    conversations.c.created_at,
    conversations.c.channel,
    conversations.c.agent_spoke,
    conversations.c.outcome,
    conversations.c.first_reply_at,
    conversations.c.handed_off,
    conversations.c.rating,
)
# The words that came with a mark, newest first: of all, of a team, of a teammate.
for _name, _before in (
    ("remarks", ()),
    ("remarks_team", (conversations.c.team_id,)),
    ("remarks_teammate", (conversations.c.teammate_id,)),
):
    Index(
        f"ix_conversations_{_name}",
        *_before,
        conversations.c.created_at,
        sqlite_where=text("rating_remark IS NOT NULL"),
        postgresql_where=text("rating_remark IS NOT NULL"),
    )
Index(
    "ix_conversations_closed_at",
    conversations.c.closed_at,
    sqlite_where=text("state = 'closed'"),
    postgresql_where=text("state = 'closed'"),
)
Index(
    "ix_conversations_deadline_at",
    conversations.c.deadline_at,
    sqlite_where=text("deadline_at IS NOT NULL"),
    postgresql_where=text("deadline_at IS NOT NULL"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("contact_id", String(24), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(32), nullable=False),  # comment · note · close · open · assignment
    Column("author_type", String(16), nullable=False),  # bot · user · admin
    Column("author_id", String(32)),
    Column("body", Text),  # the source as it was written; HTML is made on reading
    Column("format", String(16), nullable=False),  # markdown · plain
    Column("is_source", Boolean, nullable=False),
    Column("client_id", String(255)),
    Column("meta", Json),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_id"),
)
Index("ix_parts_contact_id_seq", parts.c.contact_id, parts.c.seq)

procedures = Table(
    "procedures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column("state", String(16), nullable=False),  # draft · live · paused
    Column("live_version_id", Id),
    Column("draft", Text, nullable=False),  # the procedure file as saved last
    Column("draft_revision", Integer, nullable=False, server_default="1"),  # counts what was saved
    Column("draft_by", String(255), nullable=False, server_default=""),
    Column("draft_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

procedure_versions = Table(
    "procedure_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("document", Json, nullable=False),
    Column("published_by", String(255), nullable=False, server_default=""),
    Column("note", Text),  # why, in the publisher's words
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("procedure_id", "number"),
)

# Sub-procedures that every procedure may run; a version keeps those it runs as they were.
library_subs = Table(
    "library_subs",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("source", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# Drafts that someone else's draft took the place of, so that nobody's work is lost.
replaced_drafts = Table(
    "replaced_drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("saved_by", String(255), nullable=False),
    Column("saved_at", Moment, nullable=False),
)

# A text that goes live at its time. It is the text that was planned: later drafts change nothing about it.
planned_publishes = Table(
    "planned_publishes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text),
    Column("live_version_id", Id),  # what was live when it was planned
    Column("planned_by", String(255), nullable=False),
    Column("publish_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # waiting · done · refused · cancelled
    Column("reason", Text),  # why it was refused
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
Index(
    "uq_planned_publishes_one_waiting",
    planned_publishes.c.procedure_id,
    unique=True,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_planned_publishes_publish_at",
    planned_publishes.c.publish_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# Who changed what, when, and from where.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Moment, nullable=False, index=True),
    Column("teammate_id", Id),
    Column("who", String(255), nullable=False),
    Column("via", String(16), nullable=False),  # cli · api · console · system
    Column("act", String(64), nullable=False),
    Column("subject", String(255), nullable=False, index=True),
    Column("summary", Text, nullable=False),
    Column("before_hash", String(64)),
    Column("after_hash", String(64)),
)

connectors = Table(
    "connectors",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("source", Text, nullable=False),
    Column("signature", Json),  # what procedures rely on: typed inputs and results
    Column("updated_at", Moment, nullable=False),
)

firings = Table(
    "firings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False),
    Column("trigger_key", String(64), nullable=False),
    Column("contact_id", String(24), ForeignKey("contacts.id"), nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("data", Json, nullable=False),
    Column("business_key", String(512), unique=True),
    Column("page_url", Text),  # where the click was
    Column("created_at", Moment, nullable=False),
)
Index("ix_firings_created_at", firings.c.created_at)
Index("ix_firings_conversation_id", firings.c.conversation_id)
Index("ix_firings_trigger", firings.c.procedure_id, firings.c.trigger_key, firings.c.created_at)
Index("ix_firings_contact_id_procedure_id", firings.c.contact_id, firings.c.procedure_id)

# One row for each trigger that was ever clicked: is it still found, does it still fire?
trigger_health = Table(
    "trigger_health",
    metadata,
    Column("procedure_id", Id, primary_key=True),
    Column("trigger_key", String(64), primary_key=True),
    Column("matched", Integer, nullable=False),
    Column("fired", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    Column("last_matched_at", Moment),
    Column("last_fired_at", Moment),
    Column("last_suppressed_at", Moment),
    Column("last_score", Float),  # how sure the locator was of the element
    Column("last_page", Text),
)

clicks = Table(
    "clicks",
    metadata,
    Column("click_id", String(64), primary_key=True),
    Column("contact_id", String(24), nullable=False),
    Column("made_contact", Boolean, nullable=False),
    Column("answer", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("ix_clicks_created_at", clicks.c.created_at)

# What a contact wants of the messages of a procedure.
preferences = Table(
    "preferences",
    metadata,
    Column("contact_id", String(24), ForeignKey("contacts.id"), primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), primary_key=True),
    Column("choice", String(16), nullable=False),  # not_now · never
    Column("until", Moment),
    Column("created_at", Moment, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False),
    Column("version_id", Id, ForeignKey("procedure_versions.id"), nullable=False),
    Column("firing_id", Id, ForeignKey("firings.id")),
    Column("number", Integer, nullable=False),  # 1, 2, … within the conversation
    Column("state", String(16), nullable=False),
    Column("reason", String(255)),
    Column("progress", Json, nullable=False),
    Column("data", Json, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("nudged_at", Moment),  # when the one reminder was said
    Column("created_at", Moment, nullable=False),
    Column("began_at", Moment),
    Column("ended_at", Moment),
    UniqueConstraint("conversation_id", "number"),
)
Index("ix_runs_created_at", runs.c.created_at, runs.c.procedure_id, runs.c.state)
Index("ix_runs_firing_id", runs.c.firing_id)
Index(
    "uq_runs_one_not_ended",
    runs.c.conversation_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", Id, ForeignKey("runs.id"), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("inputs", Json),
    Column("result", Json),
    Column("created_at", Moment, nullable=False),
)

# What a run asked a team, and what came of it. Path and visit say which step asked.
teammate_requests = Table(
    "teammate_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("runs.id"), nullable=False),
    Column("path", String(255), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("team_id", Id),
    Column("question", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("until", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # open · answered · expired · withdrawn
    Column("answer", Json),
    Column("by", String(255)),
    Column("answered_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("run_id", "path", "visit"),
)

Index(
    "ix_teammate_requests_open",
    teammate_requests.c.conversation_id,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

# Where other systems want to be told what happened, and what each is told.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("topics", Json, nullable=False),
    Column("secret", String(128), nullable=False),
    Column("created_at", Moment, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook_id", Id, ForeignKey("webhooks.id"), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("contact_id", String(24), nullable=False, index=True),
    Column("conversation_id", Id),
    Column("part_id", Id),
    Column("about", Json, nullable=False),
    Column("payload", Json),  # made at the first attempt, the same in every other
    Column("state", String(16), nullable=False),  # waiting · delivered · failed
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("delivered_at", Moment),
)
Index("ix_webhook_deliveries_webhook_id", webhook_deliveries.c.webhook_id, webhook_deliveries.c.created_at)
Index(
    "ix_webhook_deliveries_next_at",
    webhook_deliveries.c.next_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# What a language model was asked within one step, in order: read again, not asked again, after a crash.
instructions = Table(
    "instructions",
    metadata,
    Column("run_id", Id, ForeignKey("runs.id"), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # said · called
    Column("content", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Files of contacts stand in the database, so that a message and its files are safe together.
attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", String(24), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("part_id", Id, index=True),  # none until it is sent with a message
    Column("name", String(255), nullable=False),
    Column("content_type", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Who is writing just now, on each side of a conversation.
typing = Table(
    "typing",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("author_type", String(8), primary_key=True),  # user · admin
    Column("author_id", String(24), nullable=False),
    Column("until", Moment, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", String(24), ForeignKey("contacts.id"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("metadata", Json, nullable=False),
    Column("page_url", Text),
    Column("created_at", Moment, nullable=False),
)
Index("ix_events_contact_id_created_at", events.c.contact_id, events.c.created_at)

identity_secrets = Table(
    "identity_secrets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret", String(128), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# The sites that the messenger may be on; any, while there is none here.
origins = Table(
    "origins",
    metadata,
    Column("origin", String(255), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

pick_sessions = Table(
    "pick_sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_fingerprint", String(64), nullable=False, unique=True),
    Column("pick_fingerprint", String(64), unique=True),  # given in exchange for the token
    Column("url", Text, nullable=False),
    Column("origin", String(255), nullable=False),
    Column("operator", String(255)),
    Column("name", String(255)),  # of the trigger that the element is for
    Column("current", Json),
    Column("state", String(16), nullable=False),  # waiting · opened · done · cancelled
    Column("opened_url", Text),
    Column("result", Json),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # decision · firing
    Column("conversation_id", Id),
    Column("part_id", Id, unique=True),  # the message decided on; each is decided once
    Column("run_id", Id),
    Column("decision", String(16), nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("ix_receipts_conversation_id", receipts.c.conversation_id)
Index("ix_receipts_run_id", receipts.c.run_id)
# Questions that nothing fitted, newest first.
Index(
    "ix_receipts_unsure",
    receipts.c.created_at,
    sqlite_where=text("decision = 'unsure'"),
    postgresql_where=text("decision = 'unsure'"),
)
Index(
    "ix_receipts_held_back",
    receipts.c.created_at,
    sqlite_where=text("decision = 'suppressed'"),
    postgresql_where=text("decision = 'suppressed'"),
)

# Messages that a language model was asked about. The row stands before the call is made.
opinions = Table(
    "opinions",
    metadata,
    Column("part_id", Id, ForeignKey("parts.id"), primary_key=True),
    Column("model", String(255), nullable=False),
    Column("opinion", Json),  # null while it is asked, and where the server stopped meanwhile
    Column("created_at", Moment, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "origin", String(512), nullable=False, server_default=""
    ),  # the import it came with; "" before 0.2
    Column("source", String(512), nullable=False),  # its place within that import
    Column("url", Text),
    Column("title", String(512), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),  # published · draft
    Column("audience", Text),
    Column("collection", String(255)),  # where it stands among the others; an import leaves it alone
    Column("content_hash", String(64), nullable=False),
    Column(
        "version", Integer, nullable=False, server_default="0"
    ),  # the workspace's revision of its last change
    Column("title_vector", LargeBinary),
    Column("encoder_hash", String(64)),  # of the title's vector
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("origin", "source"),
)

passages = Table(
    "passages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("heading", String(512), nullable=False),
    Column("text", Text, nullable=False),
    Column("vector", LargeBinary),
    Column("encoder_hash", String(64)),
)

# Imports that the console started: how far each is, and what became of it.
article_imports = Table(
    "article_imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("place", String(512), nullable=False),
    Column("by", String(255), nullable=False),
    Column("state", String(16), nullable=False),  # reading · storing · done · failed
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("report", Json),
    Column("error", Text),
    Column("created_at", Moment, nullable=False, index=True),
    Column("updated_at", Moment, nullable=False),
)

router_heads = Table(
    "router_heads",
    metadata,
    Column("hash", String(64), primary_key=True),  # of the document
    Column("kind", String(16), nullable=False),  # shipped · own
    Column("number", Integer, nullable=False),  # 1, 2, … of the workspace's own; 0 came with a version
    Column("base", String(64), nullable=False),  # the shipped head that it was refitted from
    Column("encoder", String(64), nullable=False),
    Column("document", Json, nullable=False),
    Column("report", Json),  # before and after, as the refit measured them
    Column("in_use", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

router_labels = Table(
    "router_labels",
    metadata,
    Column("receipt_id", Id, ForeignKey("receipts.id"), primary_key=True),
    Column("should_be", String(16), nullable=False),  # person · triggered · procedure · article
    Column("target_id", Id),  # of the procedure or article
    Column("by", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("app_id", Id, primary_key=True),
    Column("method", String(8), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("answer", Json),
    Column("created_at", Moment, nullable=False),
)
Index("ix_idempotency_keys_created_at", idempotency_keys.c.created_at)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False),
    Column("lock", String(64)),
    Column("payload", Json, nullable=False),
    Column("run_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", Moment),  # given up, kept for `overture doctor`
    Column("error", Text),
    sqlite_autoincrement=True,
)
Index(
    "ix_jobs_run_at",
    jobs.c.run_at,
    sqlite_where=text("failed_at IS NULL"),
    postgresql_where=text("failed_at IS NULL"),
)

# Connectors: secrets, calls, and who was verified.

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# What a contact's own site gave to call its systems with, for a short time.
contact_tokens = Table(
    "contact_tokens",
    metadata,
    Column("contact_id", String(24), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

connector_calls = Table(
    "connector_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),  # run · test
    Column("run_id", Id),
    Column("conversation_id", Id, index=True),
    Column("key", String(255)),  # its Idempotency-Key
    Column("method", String(8), nullable=False),
    Column("url", Text, nullable=False),  # without the values in its query
    Column("outcome", String(32), nullable=False),  # done, or what kind of failure
    Column("reason", Text),
    Column("status", Integer),
    Column("attempts", Integer, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("request", Json),
    Column("response", Text),
    Column("created_at", Moment, nullable=False, index=True),
)

# The one-time passcode of a contact, and when one was last right. The code itself is never kept.
passcodes = Table(
    "passcodes",
    metadata,
    Column("contact_id", String(24), primary_key=True),
    Column("state", Json, nullable=False),
    Column("updated_at", Moment, nullable=False, index=True),
)

# The console: who may sign in, and who is signed in.

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("teammate_id", Id, ForeignKey("teammates.id"), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("totp_secret", String(64)),
    Column("totp_confirmed_at", Moment),
    Column("totp_last_step", BigInteger),  # of the code used last, so that none is taken twice
    Column("recovery_hashes", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# Who tried to sign in as whom, from where: each address for itself, and "" for all that are not known together.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("account", String(64), primary_key=True),  # the fingerprint of an address of mail
    Column("address", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),  # since somebody was let in
    Column("until", Moment),  # when the next may be tried; of all together, up to when their tries are spent
    Column("signed_in_at", Moment),  # when somebody was let in from there
    Column("updated_at", Moment, nullable=False),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("teammate_id", Id, ForeignKey("teammates.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("agent", String(255), nullable=False),  # the browser, in its own words
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

# A link that lets a teammate choose a password, once.
invitations = Table(
    "invitations",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("teammate_id", Id, ForeignKey("teammates.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

# The inbox: what is found by its words, ready answers, who was named in a note, who is looking.

conversation_search = Table(
    "conversation_search",
    metadata,
    # Grows with every change, so that the newest are the highest; its words stand in an index of the database's own.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", Id, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

search_progress = Table(
    "search_progress",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("until", Moment, nullable=False),  # what changed before this is found by its words
    Column("until_id", Id, nullable=False),
)

macros = Table(
    "macros",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column("teammate_id", Id, ForeignKey("teammates.id"), primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("created_at", Moment, nullable=False),
)
Index("ix_mentions_conversation_id", mentions.c.conversation_id)

viewing = Table(
    "viewing",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("teammate_id", Id, ForeignKey("teammates.id"), primary_key=True),
    Column("until", Moment, nullable=False),
)

# Email: how it is set up, what leaves, what came, and where nothing is sent any more.

email_setup = Table(
    "email_setup",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("plain", Json, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # what has a password in it
    Column("updated_at", Moment, nullable=False),
)

# A mail on its way to a contact. It is handed over once: a row that was being handed over when its process died
# is `unsure`, and nobody but a person sends it again.
mails = Table(
    "mails",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, … within the conversation: they leave in order
    Column("contact_id", String(24), nullable=False, index=True),
    Column("recipient", String(320), nullable=False),
    Column("recipient_name", String(255)),
    Column("subject", String(255), nullable=False),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("in_reply_to", Text),
    Column("refs", Json, nullable=False),  # of the thread so far, oldest first
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("proactive", Boolean, nullable=False),  # it can be unsubscribed from
    Column(
        "state", String(16), nullable=False
    ),  # waiting · claimed · handing · sent · bounced · unsure · dead · withdrawn
    Column("claim", String(32)),  # of the process that sends it
    Column("lease_until", Moment),
    Column("next_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),  # what the server said last
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    UniqueConstraint("conversation_id", "number"),
)
Index(
    "ix_mails_next_at",
    mails.c.next_at,
    sqlite_where=text("state IN ('waiting', 'claimed', 'handing')"),
    postgresql_where=text("state IN ('waiting', 'claimed', 'handing')"),
)

# Which mail a message left in. A message leaves once.
mailed_parts = Table(
    "mailed_parts",
    metadata,
    Column("part_id", Id, primary_key=True, autoincrement=False),
    Column("mail_id", Id, nullable=False, index=True),
)

received_mails = Table(
    "received_mails",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),  # the hash of its Message-ID: it is taken once
    Column("message_id", Text, nullable=False),
    Column("conversation_id", Id, index=True),
    Column("contact_id", String(24), index=True),
    Column("part_id", Id),
    Column("sender", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # reply · auto · bounce · list
    Column(
        "came_to", String(16), nullable=False
    ),  # what became of it: message · participant · event · refused
    Column("reason", Text, nullable=False),
    Column("full_text", Text, nullable=False),
    Column("html", Text),
    Column("checks", Json, nullable=False),  # dmarc, spf and dkim, as the server in front said
    Column("size", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
)

Index("ix_received_mails_sender", received_mails.c.sender, received_mails.c.created_at)

suppressed_addresses = Table(
    "suppressed_addresses",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("reason", String(16), nullable=False),  # bounce · complaint · refused
    Column("detail", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Where the messenger's script was loaded first: once for each site.
pages_seen = Table(
    "pages_seen",
    metadata,
    Column("place", String(255), primary_key=True),
    Column("page", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

# Reports: counters by day, what each conversation added to them, and notes of what changed since. The notes are made by
# triggers of the database itself, in the transaction of the change, so that no change can be forgotten.

report_changes = Table(
    "report_changes",
    metadata,
    Column("kind", String(16), primary_key=True),  # conversation · receipt
    Column("subject_id", Id, primary_key=True, autoincrement=False),
    Column("written_by", BigInteger, primary_key=True, autoincrement=False),  # the transaction, on PostgreSQL
)

report_facts = Table(
    "report_facts",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject_id", Id, primary_key=True, autoincrement=False),
    Column("facts", Json, nullable=False),
)

report_counts = Table(
    "report_counts",
    metadata,
    Column(
        "kind", String(16), primary_key=True
    ),  # outcome · hand_off · mark · fired · held_back · run · step
    Column("procedure_id", Id, primary_key=True, autoincrement=False),  # 0: whatever ran
    Column("trigger_key", String(64), primary_key=True),  # empty: whatever fired
    Column(
        "day", Integer, primary_key=True, autoincrement=False
    ),  # its number in the calendar of the workspace
    Column("channel", String(16), primary_key=True),
    Column("team_id", Id, primary_key=True, autoincrement=False),  # 0: nobody's
    Column("teammate_id", Id, primary_key=True, autoincrement=False),
    Column("key", String(300), primary_key=True),  # what is counted: an outcome, a reason, a mark, a step
    Column("number", Integer, nullable=False),
)

# How days were told apart, and what was counted, when counting began.
report_progress = Table(
    "report_progress",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("timezone", String(64), nullable=False),
    Column("shape", Integer, nullable=False),
)

# Simulations

simulations = Table(
    "simulations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", Id, ForeignKey("procedures.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("source", Text, nullable=False),  # the simulation file as saved last
    Column("saved_by", String(255), nullable=False),
    Column("saved_at", Moment, nullable=False),
    UniqueConstraint("procedure_id", "name"),
)
