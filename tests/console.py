"""A teammate at the console, as a program speaks for them."""

from __future__ import annotations

from typing import Any

import httpx

from desk import Desk, Reply
from overture.workspaces import passwords, sign_in
from overture.workspaces.store import create_teammate

PASSWORD = "three plain words"
_HASH = passwords.hash_of(PASSWORD)


class AtTheConsole:
    """Somebody who is signed in, with a cookie jar of their own."""

    def __init__(self, desk: Desk, email: str, name: str = "", role: str = "owner") -> None:
        self.desk = desk
        self.email = email
        known = desk.read(sign_in.by_email, email)
        mate = known or desk.write(
            create_teammate, name or email.partition("@")[0].title(), email, role, now=desk.clock.now()
        )
        self.id = str(mate.id)
        desk.write(sign_in.set_password, mate.id, _HASH, now=desk.clock.now())
        self.csrf = ""
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app, raise_app_exceptions=False), base_url="http://desk"
        )
        answer = self.post("/session", {"email": email, "password": PASSWORD})
        assert answer.status == 200, answer.json
        self.csrf = answer.json["csrf"]

    def get(self, path: str, **asked: Any) -> Reply:
        return self.call("GET", path, params=asked)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.call("POST", path, json={} if body is None else body)

    def put(self, path: str, body: Any = None) -> Reply:
        return self.call("PUT", path, json={} if body is None else body)

    def patch(self, path: str, body: Any = None) -> Reply:
        return self.call("PATCH", path, json={} if body is None else body)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, **how: Any) -> Reply:
        headers = {"X-Overture-CSRF": self.csrf, **how.pop("headers", {})}
        send = self.client.request(method, f"/console/api{path}", headers=headers, **how)
        return Reply(self.desk.run(send))
