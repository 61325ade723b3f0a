"""Who may do what: a plain table of roles and actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from overture.base.errors import Error

Action = Literal[
    "inbox.read",
    "inbox.write",
    "contacts.export",
    "procedures.read",
    "procedures.draft",
    "procedures.publish",
    "articles.read",
    "articles.write",
    "connectors.write",
    "reports.read",
    "settings.read",
    "settings.write",
    "people.write",
    "developers.write",
    "audit.read",
]

_EVERYBODY: frozenset[Action] = frozenset(
    {"inbox.read", "procedures.read", "articles.read", "reports.read", "settings.read"}
)
_AGENT: frozenset[Action] = _EVERYBODY | {"inbox.write"}
_BUILDER: frozenset[Action] = _EVERYBODY | {"procedures.draft", "articles.write", "connectors.write"}
_PUBLISHER: frozenset[Action] = _BUILDER | {"procedures.publish"}
_OWNER: frozenset[Action] = (
    _PUBLISHER
    | _AGENT
    | {"contacts.export", "settings.write", "people.write", "developers.write", "audit.read"}
)

ALLOWED: Mapping[str, frozenset[Action]] = {
    "owner": _OWNER,
    "publisher": _PUBLISHER,
    "builder": _BUILDER,
    "agent": _AGENT,
}
"""What each role may do. A role that is not here may do nothing."""

_IN_WORDS: Mapping[Action, str] = {
    "inbox.read": "read conversations",
    "inbox.write": "answer conversations",
    "contacts.export": "export or delete contacts",
    "procedures.read": "read procedures",
    "procedures.draft": "write procedures",
    "procedures.publish": "put procedures live",
    "articles.read": "read articles",
    "articles.write": "write articles",
    "connectors.write": "change connectors",
    "reports.read": "read reports",
    "settings.read": "read settings",
    "settings.write": "change settings",
    "people.write": "change who is in the team",
    "developers.write": "change apps, tokens and webhooks",
    "audit.read": "read the audit log",
}


class NotAllowed(Error):
    """Your role does not include this."""

    status = 403
    code = "forbidden"

    def __init__(self, role: str, action: Action) -> None:
        able = [name for name, actions in ALLOWED.items() if action in actions]
        super().__init__(
            f"The role {role} may not {_IN_WORDS[action]}. Ask somebody who may: {', '.join(able)}."
        )


def may(role: str, action: Action) -> bool:
    return action in ALLOWED.get(role, frozenset())


def require(role: str, action: Action) -> None:
    """Raises `NotAllowed`."""
    if not may(role, action):
        raise NotAllowed(role, action)
