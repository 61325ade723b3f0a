"""A page of a shop with the messenger on it, as its script speaks to the server."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from desk import Desk, Reply
from overture.contacts.identity import user_hash
from overture.workspaces.identity_secrets import create_secret

SHOP = "https://shop.example"
ORDERS = f"{SHOP}/orders"

TRACK = """
procedure: track-order
name: Track an order
when_to_use: The customer wants to know where an order is.
triggers:
  - kind: element_click
    key: track-button
    name: Track order button
    page: {match: starts_with, url: "https://shop.example/orders"}
    element: {css: "#track"}
    first_message: "Hi {{ contact.first_name | default: 'there' }}. Wait, or a refund?"
    deployment: {csat: true}
  - kind: api_call
    key: carrier
    name: Carrier reports a delay
    first_message: "Your order is late."
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - say: "Noted: {{ wish }}."
"""


class Page:
    """One browser: what it keeps between calls is its token."""

    def __init__(self, desk: Desk, url: str = ORDERS, identity: dict[str, Any] | None = None) -> None:
        self.desk = desk
        self.url = url
        self.identity = identity
        self.token: str | None = None

    @property
    def origin(self) -> str:
        return "/".join(self.url.split("/")[:3])

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Reply:
        """As the script does where it wants no preflight: plain text with the token inside."""
        told = {**(body or {}), **({"token": self.token} if self.token else {})}
        return self.desk.call(
            "POST",
            f"/messenger/api/{path}",
            content=json.dumps(told).encode(),
            headers={"Content-Type": "text/plain", "Origin": self.origin, **headers},
            token=None,
        )

    def get(self, path: str) -> Reply:
        return self.desk.call(
            "GET", f"/messenger/api/{path}", headers={"Origin": self.origin}, token=self.token
        )

    def boots(self, identity: dict[str, Any] | None = None) -> Any:
        """Begin or go on with a session."""
        self.identity = identity if identity is not None else self.identity
        answer = self.post("session", {"identity": self.identity or {}, "page": {"url": self.url}})
        assert 200 == answer.status, answer.json
        self.token = answer.json["token"]
        return answer.json

    def clicks(self, trigger: str, *, click_id: str | None = None, **more: Any) -> Any:
        answer = self.tells_a_click(trigger, click_id=click_id, **more)
        assert 200 == answer.status, answer.json
        if answer.json["session"] is not None:
            self.token = answer.json["session"]["token"]
        return answer.json

    def tells_a_click(self, trigger: str, *, click_id: str | None = None, **more: Any) -> Reply:
        body: dict[str, Any] = {
            "click_id": click_id or uuid4().hex,
            "trigger": trigger,
            "page": {"url": self.url},
            **({"identity": self.identity} if self.identity and not self.token else {}),
        }
        return self.post("clicks", {**body, **more})

    def writes(self, text: str, conversation: str | None = None, **more: Any) -> Any:
        path = "conversations" if conversation is None else f"conversations/{conversation}/replies"
        answer = self.post(path, {"body": text, "client_id": uuid4().hex, **more})
        assert 200 == answer.status, answer.json
        self.desk.settle()
        return answer.json

    def updates(self, cursor: int = 0) -> Any:
        answer = self.post("updates", {"cursor": cursor, "wait": 0})
        assert 200 == answer.status, answer.json
        return answer.json

    @property
    def conversations(self) -> list[Any]:
        return self.get("conversations").json["conversations"]  # type: ignore[no-any-return]

    @property
    def heard(self) -> list[str]:
        """Everything the contact can read, oldest first."""
        return [part["body"] for part in self.updates()["parts"] if part["kind"] == "comment"]


def identity_secret(desk: Desk) -> str:
    return str(desk.write(create_secret, now=desk.clock.now())[1])


def signed(secret: str, user_id: str, **more: Any) -> dict[str, Any]:
    """What a shop's server puts into its page for somebody who is signed in."""
    return {"user_id": user_id, "user_hash": user_hash(secret, user_id), **more}
