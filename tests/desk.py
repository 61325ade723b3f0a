"""Acme's desk: a whole Overture in this process, spoken to through its front doors.

The clock stands still until a story moves it, and jobs run when the desk says so: no test waits for time.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from overture import worker
from overture.app import Overture
from overture.base.settings import Settings
from overture.encoder.model import Encoder
from overture.knowledge.importers.folder import ArticleFile
from overture.knowledge.importing import import_articles
from overture.procedures.publish import File, pause, push
from overture.testing import SetClock
from overture.workspaces.model import SCOPES, WorkspaceSettings
from overture.workspaces.store import create_team, create_teammate, create_workspace, first_app_id
from overture.workspaces.tokens import create_token

T = TypeVar("T")

UNSTABLE = {"Intercom-Version": "Unstable"}

LATE_ORDER = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
examples: {use: ["where is my parcel?", "my order is late"], not: ["I want to return my order"]}
triggers:
  - kind: api_call
    key: carrier-delay
    name: Carrier reports a delay
    data: {order_id: {type: text}}
    first_message: >-
      Your order {{ data.order_id | default: 'with us' }} is running late. Do you want to wait or get a refund?
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - if: 'wish == "refund"'
    then:
      - hand_off: {team: support, message: "A colleague will see to your refund."}
  - say: Thank you for waiting.
"""

RETURN_ITEM = """
procedure: return-item
name: Return an item
when_to_use: The customer wants to send something back, or return an item they bought.
examples: {use: ["I want to return my order", "how do I send this back", "I'd like to return these shoes"]}
steps:
  - ask: Which item would you like to return?
    save: item
  - say: I've noted that down for you.
"""

RETURNS_ARTICLE = """# Gift cards

You can pay for any order with a gift card. Type the sixteen digits of the card at checkout, under “Payment”.

## How long is a gift card valid?

A gift card is valid for three years from the day it was bought. The balance is never paid out in cash.
"""

HOURS_ARTICLE = """# Opening hours

Our shop in the Old Market is open from Monday to Friday, 9 am to 6 pm, and on Saturday from 10 am to 4 pm.
We are closed on Sundays and public holidays.
"""


class Reply:
    """An answer over HTTP."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.json: Any = response.json() if response.content else None

    @property
    def error(self) -> Mapping[str, Any]:
        """The one error of an error list."""
        assert self.json["type"] == "error.list", self.json
        (one,) = self.json["errors"]
        return one  # type: ignore[no-any-return]


class Desk:
    """Acme's installation and what a test does with it."""

    def __init__(self, url: str, encoder: Encoder, **settings: Any) -> None:
        self.clock = SetClock()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        chosen = Settings(**{"database_url": url, "rate_limit": 1_000_000, **settings})
        self.overture = Overture(chosen, clock=self.clock, encoder=encoder)
        self.run(self.overture.database.start())
        self.app = self.overture.asgi()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://desk"
        )
        self.workspace = self.write(
            create_workspace, "Acme", settings=WorkspaceSettings(), now=self.clock.now()
        )
        self.token = self.new_token(*SCOPES)
        self.tess = self.write(create_teammate, "Tess", "tess@acme.example", "agent", now=self.clock.now())

    def close(self) -> None:
        self.run(self._client.aclose())
        self.run(self.overture.database.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(60)

    def write(self, act: Any, *args: Any, **kwargs: Any) -> Any:
        return self.run(self.overture.database.write(act, *args, **kwargs))

    def read(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return self.run(self.overture.database.read(query, *args, **kwargs))

    # Setting up

    def new_token(self, *scopes: str) -> str:
        app_id = self.read(first_app_id)
        return self.write(create_token, app_id, scopes, name="test", now=self.clock.now())[1]  # type: ignore[no-any-return]

    def team(self, name: str) -> Any:
        return self.write(create_team, name, now=self.clock.now())

    def publish(self, *sources: str) -> list[str]:
        """Push and publish procedure and connector files; the procedures' ids."""
        files = [File(f"file-{number}.yaml", source.encode()) for number, source in enumerate(sources)]
        pushed = self.write(push, files, publish=True, now=self.clock.now())
        return [str(one.id) for one in pushed.procedures]

    def pause(self, key: str) -> None:
        self.write(pause, key, now=self.clock.now())

    def teach(self, **articles: str) -> None:
        """Import articles, by file name without its ending."""
        self.teach_for(None, **articles)

    def teach_for(self, audience: str | None, **articles: str) -> None:
        """Import articles that only these people may read."""
        files = [
            ArticleFile(f"{name}.md", body.strip().splitlines()[0].lstrip("# "), body, audience=audience)
            for name, body in articles.items()
        ]
        self.run(import_articles(self.overture.database, self.overture.encoder, files, self.clock.now()))

    # What happens by itself

    def settle(self) -> None:
        """Let the agent deal with everything that waits, and what it says leave."""
        self.run(self.overture.jobs.drain())
        self.run(worker.sweep_mails(self.overture.database, self.overture.mails, self.clock))
        self.run(self.overture.jobs.drain())

    def forward(self, **length: float) -> None:
        """Let time pass: deadlines fall due."""
        self.clock.forward(**length)
        self.run(worker.sweep_plans(self.overture.database, self.clock))
        self.run(worker.sweep_deadlines(self.overture.database, self.clock))
        self.settle()

    # The front door

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = "",
        content: bytes | None = None,
    ) -> Reply:
        """One HTTP request, with the desk's own token unless another (None: no) token is given."""
        return self.run(self._call(method, path, body, headers or {}, token, content))

    def at_once(self, *bodies: Any, path: str, headers: Mapping[str, str] | None = None) -> list[Reply]:
        """Several POST requests under way at the same time."""

        async def together() -> list[Reply]:
            return await asyncio.gather(
                *(self._call("POST", path, body, headers or {}, "", None) for body in bodies)
            )

        return self.run(together())

    async def _call(
        self,
        method: str,
        path: str,
        body: Any,
        headers: Mapping[str, str],
        token: str | None,
        content: bytes | None,
    ) -> Reply:
        sent = dict(headers)
        token = self.token if token == "" else token
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if content is None and body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        return Reply(await self._client.request(method, path, content=content, headers=sent))

    def trigger(self, key: str, body: Any, **headers: str) -> Reply:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", f"/api/procedures/{key}/trigger", body, headers={**UNSTABLE, **extra})

    def conversation(self, conversation_id: str) -> Any:
        answer = self.call("GET", f"/api/conversations/{conversation_id}")
        assert answer.status == 200, answer.json
        return answer.json

    def receipts(self, conversation_id: str) -> list[Any]:
        ids = self.conversation(conversation_id)["overture"]["receipts"]
        return [self.call("GET", f"/api/overture/receipts/{one}").json for one in ids]

    @property
    def report(self) -> Any:
        return self.call("GET", "/api/overture/reports/resolution").json


class Person:
    """A contact, as a program speaks for them."""

    def __init__(self, desk: Desk, external_id: str) -> None:
        self.desk = desk
        self.external_id = external_id
        self.conversation_id = ""

    def is_told(self, key: str = "late-order", **data: Any) -> str:
        """Another system fires the trigger for them."""
        answer = self.desk.trigger(key, {"user": {"id": self.external_id}, "data": data})
        assert answer.status == 200, answer.json
        self.conversation_id = answer.json["conversation_id"]
        return self.conversation_id

    def writes_first(self, text: str) -> str:
        """They start a conversation themselves."""
        answer = self.desk.call(
            "POST",
            "/api/conversations",
            {"from": {"type": "user", "user_id": self.external_id}, "body": text},
        )
        assert answer.status == 200, answer.json
        self.conversation_id = answer.json["conversation_id"]
        self.desk.settle()
        return self.conversation_id

    def says(self, text: str) -> Any:
        """They write, and the agent deals with it; the conversation after that."""
        answer = self.desk.call(
            "POST",
            f"/api/conversations/{self.conversation_id}/reply",
            {"message_type": "comment", "type": "user", "user_id": self.external_id, "body": text},
        )
        assert answer.status == 200, answer.json
        self.desk.settle()
        return self.conversation

    @property
    def conversation(self) -> Any:
        return self.desk.conversation(self.conversation_id)

    @property
    def outcome(self) -> Any:
        return self.conversation["overture"]["outcome"]

    @property
    def runs(self) -> list[tuple[str, str]]:
        """Their runs here, as (procedure key, state), oldest first."""
        return [(run["procedure_key"], run["state"]) for run in self.conversation["overture"]["runs"]]

    @property
    def values(self) -> Any:
        return self.conversation["overture"]["runs"][-1]["values"]

    @property
    def heard(self) -> list[str]:
        """What the agent and teammates said after the first message, as HTML."""
        return [
            part["body"]
            for part in self.conversation["conversation_parts"]["conversation_parts"]
            if part["part_type"] == "comment" and part["author"]["type"] in ("bot", "admin")
        ]

    @property
    def last_decision(self) -> Any:
        return self.desk.receipts(self.conversation_id)[-1]


@contextmanager
def new_desk(url: str, encoder: Encoder, **settings: Any) -> Iterator[Desk]:
    desk = Desk(url, encoder, **settings)
    try:
        yield desk
    finally:
        desk.close()
