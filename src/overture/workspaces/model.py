"""The company's installation, its people, its apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from overture.base.errors import Error
from overture.workspaces.hours import Hours, read_hours

Role = Literal["owner", "builder", "publisher", "agent"]
ROLES: tuple[Role, ...] = ("owner", "builder", "publisher", "agent")

SCOPES: Mapping[str, str] = {
    "read_conversations": "read conversations, receipts and reports",
    "write_conversations": "start procedures, conversations and replies",
    "read_contacts": "export contacts",
    "write_contacts": "delete contacts",
    "write_webhooks": "manage webhooks",
}

DEFAULT_TEAM = "support"


class NoWorkspace(Error):
    """There is no workspace in this database. Run `overture init` first."""

    status = 503
    code = "service_unavailable"


class WorkspaceExists(Error):
    """This database has a workspace already."""

    status = 409
    code = "conflict"


class Unauthorized(Error):
    """Access Token Invalid"""

    status = 401
    code = "unauthorized"


class ScopeMissing(Error):
    """This token's app lacks a scope."""

    status = 403
    code = "forbidden"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This token may not {SCOPES[scope]}. Give its app the scope {scope}.")


@dataclass(frozen=True)
class Texts:
    """What the agent says around procedures and answers, in the workspace's own words."""

    hand_off: str = "I'm passing you to a person from the team. They will answer here."
    failure: str = "Something went wrong on our side. I'm passing you to a person from the team."
    rephrase: str = "I'm not sure I understood. Could you say it in other words?"
    offer_person: str = "I don't want to guess. Shall I get a person from the team?"
    greeting: str = "Hello. What can I help you with?"
    declined: str = "All right. What else can I help with?"
    helped: str = "Glad that helped."
    nudge: str = "I'm still here if you want to go on. A short answer is enough."
    no_longer_so: str = (
        "What I wrote has changed since and no longer holds. You need not do anything about it."
    )
    not_now: str = "All right. We won't write to you about this for a day."
    never: str = "Done. We won't write to you about this again."
    welcome_again: str = "Done. We may write to you about this again."
    passcode: str = (
        "Before I look that up I need to know that it's you. I've sent a 6-digit code to {email}. What is it?"
    )
    passcode_again: str = (
        "What is the 6-digit code that I sent to {email}? Say “new code” to get another one."
    )
    passcode_wrong: str = "That is not the code. Please look again: which 6 digits are in the mail?"
    changed: str = "Changed to {value}."
    unclear: str = "{reason}"
    first_question: str = "That was the first question."
    asked_too: str = "You can answer these in the same mail:"
    unsubscribe: str = "Don't write to me about this again"
    did_not_help: str = "Sorry that it did not help. Shall I get a person from the team?"
    out_of_hours: str = "Nobody from the team is here just now. They are back {opens}."


@dataclass(frozen=True)
class WorkspaceSettings:
    """What the workspace decides for all its procedures."""

    proactive_triggers: bool = True  # the beta gate
    agent_name: str = "Agent"
    timezone: str = "UTC"
    country: str = "US"  # for phone numbers without a country code
    enforce_identity: bool = True  # a user id from a page needs proof to be that user
    color: str = ""  # of the messenger, #rrggbb; empty is its own
    greeting: str = ""  # on the messenger's first screen; empty is its own
    office_hours: str = ""  # when people answer, as `hours` reads it; empty is always
    keep_closed_days: int = 0  # how long a closed conversation, or what was held back, is kept; 0 is for ever
    first_steps_over: bool = False  # the console's list of first steps was put away
    paused_triggers: tuple[str, ...] = ()  # the kill switch of one trigger: procedure id and trigger key
    continue_by_email: bool = True  # contacts who left the messenger get what was said since as a mail
    texts: Texts = field(default_factory=Texts)

    @property
    def hours(self) -> Hours:
        return read_hours(self.office_hours)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> WorkspaceSettings:
        """Settings as stored; what a newer version added takes its default."""
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known and name != "texts"}
        texts = {f.name for f in fields(Texts)}
        said = {name: value for name, value in stored.get("texts", {}).items() if name in texts}
        values["paused_triggers"] = tuple(values.get("paused_triggers", ()))
        return cls(**values, texts=Texts(**said))


@dataclass(frozen=True)
class Workspace:
    """One database, one workspace."""

    app_id: str
    name: str
    settings: WorkspaceSettings
    cookie_secret: str
    revision: int  # grows whenever live procedures or articles change


@dataclass(frozen=True)
class Token:
    """An access token as presented: whose app, and what it may do."""

    id: int
    app_id: int
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises `ScopeMissing`."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)
