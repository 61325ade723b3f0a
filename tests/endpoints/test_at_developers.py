"""The Developer Hub: tokens that are shown once, what arrived at the API, webhooks, identity secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console import AtTheConsole
from desk import Desk
from overture.endpoints import request_log
from overture.endpoints.request_log import MOST_AT_ONCE, Noted


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def a_token(olga: AtTheConsole, *scopes: str) -> tuple[str, Any]:
    """A new app's token, and how it is shown afterwards."""
    app = olga.post("/developers/apps", {"name": "Billing"}).json
    made = olga.post(f"/developers/apps/{app['id']}/tokens", {"name": "Live", "scopes": list(scopes)})
    assert 200 == made.status, made.json
    shown = olga.get("/developers").json
    (listed,) = next(one for one in shown["apps"] if one["id"] == app["id"])["tokens"]
    assert made.json["token"] not in json.dumps(shown)
    return made.json["token"], listed


def written(desk: Desk) -> None:
    desk.run(desk.app.state.services.request_log.write())


def test_a_token_is_shown_once_and_known_by_its_ends(desk: Desk, olga: AtTheConsole) -> None:
    token, listed = a_token(olga, "read_conversations")
    assert f"{token[:8]}…{token[-4:]}" == listed["hint"]
    assert listed["last_used_at"] is None

    desk.clock.forward(hours=1)
    assert 200 == desk.call("GET", "/api/overture/triggers", token=token).status
    assert 403 == desk.call("POST", "/api/overture/triggers/1", {}, token=token).status
    written(desk)
    shown = olga.get("/developers").json
    used = [one for app in shown["apps"] for one in app["tokens"] if one["id"] == listed["id"]]
    assert desk.clock.now().isoformat() == used[0]["last_used_at"]


def test_a_revoked_token_comes_back_for_two_minutes(desk: Desk, olga: AtTheConsole) -> None:
    token, listed = a_token(olga, "read_conversations")
    path = f"/developers/tokens/{listed['id']}"
    assert olga.delete(path).json["revoked"]
    assert 401 == desk.call("GET", "/api/overture/triggers", token=token).status
    desk.clock.forward(minutes=1)
    assert 200 == olga.post(f"{path}/restore").status
    assert 200 == desk.call("GET", "/api/overture/triggers", token=token).status

    olga.delete(path)
    desk.clock.forward(minutes=3)
    assert 409 == olga.post(f"{path}/restore").status
    assert 401 == desk.call("GET", "/api/overture/triggers", token=token).status
    assert 404 == olga.delete("/developers/tokens/1").status


def test_apps_have_names_and_tokens_scopes(olga: AtTheConsole) -> None:
    assert "name" == olga.post("/developers/apps", {"name": "  "}).error["field"]
    app = olga.get("/developers").json["apps"][0]
    assert "CRM" == olga.patch(f"/developers/apps/{app['id']}", {"name": "CRM"}).json["name"]
    assert "CRM" == olga.get("/developers").json["apps"][0]["name"]
    assert 404 == olga.patch("/developers/apps/1", {"name": "CRM"}).status
    path = f"/developers/apps/{app['id']}/tokens"
    assert "scopes" == olga.post(path, {"name": "x", "scopes": []}).error["field"]
    assert "scope" == olga.post(path, {"name": "x", "scopes": ["everything"]}).error["field"]
    assert 404 == olga.post("/developers/apps/1/tokens", {"name": "x", "scopes": ["read_contacts"]}).status


def test_what_arrived_is_listed_with_why_it_was_refused(desk: Desk, olga: AtTheConsole) -> None:
    token, _ = a_token(olga, "read_conversations")
    good = desk.call("GET", "/api/overture/triggers?secret=x", token=token)
    desk.clock.forward(seconds=1)
    bad = desk.call("GET", "/api/conversations/1", token="ovt_wrong")
    written(desk)
    found = olga.get("/developers/requests").json["requests"]
    assert [bad.headers["x-request-id"], good.headers["x-request-id"]] == [one["request_id"] for one in found]
    assert (None, 401, "unauthorized") == (found[0]["app"], found[0]["status"], found[0]["code"])
    assert ("Billing", "/api/overture/triggers", 200) == (
        found[1]["app"],
        found[1]["path"],
        found[1]["status"],
    )
    assert 1 == len(olga.get("/developers/requests", failed="1").json["requests"])

    desk.clock.forward(days=8)
    desk.write(request_log.forget_old, now=desk.clock.now())
    assert [] == desk.read(request_log.recent)


def test_however_many_arrive_so_many_are_written_failures_first(desk: Desk) -> None:
    now = desk.clock.now()
    many = [
        Noted(None, None, "GET", "/api/x", 500 if number % 100 == 0 else 200, None, str(number), 1, now)
        for number in range(1_000)
    ]
    kept = request_log.chosen(many)
    assert MOST_AT_ONCE == len(kept)
    assert 10 == sum(one.status == 500 for one in kept)
    log = desk.app.state.services.request_log
    for one in many * 5:
        log.note(one)
    written(desk)
    assert MOST_AT_ONCE == len(desk.read(request_log.recent, limit=1_000))


def test_identity_secrets_are_shown_once(desk: Desk, olga: AtTheConsole) -> None:
    made = olga.post("/developers/identity-secrets").json
    shown = olga.get("/developers").json
    assert [made["secret"][-4:]] == [one["ends_with"] for one in shown["identity_secrets"]]
    assert made["secret"] not in json.dumps(shown)
    assert 200 == olga.delete(f"/developers/identity-secrets/{made['id']}").status
    assert [] == olga.get("/developers").json["identity_secrets"]
    assert 404 == olga.delete(f"/developers/identity-secrets/{made['id']}").status


def test_a_webhook_is_told_again_when_asked_to(desk: Desk, olga: AtTheConsole) -> None:
    topics = olga.get("/developers/webhooks").json["topics"]
    hook = {"url": "https://crm.example/hook", "topics": topics}
    made = olga.post("/developers/webhooks", hook).json
    assert made["secret"]
    assert "secret" not in olga.get("/developers/webhooks").json["webhooks"][0]
    assert "url" == olga.post("/developers/webhooks", {**hook, "url": "crm.example"}).error["field"]
    assert "topics" == olga.post("/developers/webhooks", {**hook, "topics": ["nothing"]}).error["field"]

    desk.call(
        "POST", "/api/conversations", {"from": {"type": "user", "user_id": "carol"}, "body": "Hello there"}
    )
    told = olga.get(f"/developers/webhooks/{made['id']}/deliveries").json["deliveries"]
    assert told
    assert 200 == olga.post(f"/developers/deliveries/{told[0]['id']}/redeliver").status
    assert 404 == olga.post("/developers/deliveries/1/redeliver").status
    assert 200 == olga.delete(f"/developers/webhooks/{made['id']}").status
    assert 404 == olga.get(f"/developers/webhooks/{made['id']}/deliveries").status


ALL = (
    ("GET", "/developers"),
    ("POST", "/developers/apps"),
    ("PATCH", "/developers/apps/1"),
    ("POST", "/developers/apps/1/tokens"),
    ("DELETE", "/developers/tokens/1"),
    ("POST", "/developers/tokens/1/restore"),
    ("POST", "/developers/identity-secrets"),
    ("DELETE", "/developers/identity-secrets/1"),
    ("GET", "/developers/webhooks"),
    ("POST", "/developers/webhooks"),
    ("DELETE", "/developers/webhooks/1"),
    ("GET", "/developers/webhooks/1/deliveries"),
    ("POST", "/developers/deliveries/1/redeliver"),
    ("GET", "/developers/requests"),
)


@pytest.mark.parametrize("role", ["owner", "publisher", "builder", "agent"])
def test_only_owners_come_into_the_hub(desk: Desk, role: str) -> None:
    one = AtTheConsole(desk, f"{role}@acme.example", role=role)
    for method, path in ALL:
        answer = one.call(method, path, **({} if method == "GET" else {"json": {}}))
        assert (403 == answer.status) == (role != "owner"), (method, path, answer.json)
        assert answer.status < 500


def test_the_api_describes_every_route_of_its_own(desk: Desk) -> None:
    from overture.endpoints.openapi import BODIES, SUMMARIES

    document = desk.call("GET", "/openapi.json", token=None).json
    there = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    assert there
    assert set(SUMMARIES) | set(BODIES) <= there | {("POST", "/api/conversations/search")}
    trigger = document["paths"]["/api/procedures/{procedure_id}/trigger"]["post"]
    assert "write_conversations" == trigger["x-scope"]
    assert {"Intercom-Version", "Idempotency-Key", "procedure_id"} == {
        one["name"] for one in trigger["parameters"]
    }
    ids = [one["operationId"] for operations in document["paths"].values() for one in operations.values()]
    assert len(ids) == len(set(ids))
