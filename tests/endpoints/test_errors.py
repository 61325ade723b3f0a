"""The table of errors, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desk import UNSTABLE, Desk, Reply
from overture.workspaces.model import WorkspaceSettings

TRIGGER = "/api/procedures/late-order/trigger"
CAROL = {"user": {"id": "carol"}}


def is_refused(
    answer: Reply, status: int, code: str, message: str | None = None, field: str | None = None
) -> None:
    assert status == answer.status, answer.json
    error = answer.error
    assert code == error["code"]
    if message is not None:
        assert message == error["message"]
    assert field == error.get("field")
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    for name in ("limit", "remaining", "reset"):
        assert answer.headers[f"x-ratelimit-{name}"].isdigit()
    assert "application/json" == answer.headers["content-type"]


@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer", "ovt_" + "x" * 43, "\u00e9"])
def test_a_token_that_is_missing_or_bad(acme: Desk, token: str | None) -> None:
    headers = (
        dict(UNSTABLE)
        if token is None
        else {**UNSTABLE, "Authorization": f"Bearer {token}".encode("latin-1")}
    )
    answer = acme.call("POST", TRIGGER, CAROL, headers=headers, token=None)  # type: ignore[arg-type]

    is_refused(answer, 401, "unauthorized", "Access Token Invalid")


def test_another_kind_of_authorization(acme: Desk) -> None:
    headers = {**UNSTABLE, "Authorization": f"Basic {acme.token}"}

    is_refused(
        acme.call("POST", TRIGGER, CAROL, headers=headers, token=None),
        401,
        "unauthorized",
        "Access Token Invalid",
    )


@pytest.mark.parametrize("version", [None, "", "2.11", "unstable", "Latest"])
def test_the_version_header_missing_or_another(acme: Desk, version: str | None) -> None:
    headers = {} if version is None else {"Intercom-Version": version}

    is_refused(
        acme.call("POST", TRIGGER, CAROL, headers=headers),
        400,
        "intercom_version_invalid",
        "Requested resource is not available in current API version.",
    )


def test_preview_is_the_same_version(acme: Desk) -> None:
    assert 200 == acme.call("POST", TRIGGER, CAROL, headers={"Intercom-Version": "Preview"}).status


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"user=carol",
        b"[]",
        b"null",
        b'"carol"',
        b"7",
        b'{"user": {"id": "carol"}} more',
        b'{"user": {"id": NaN}}',
        b'{"user": {"id": "carol", "attributes": {"n": Infinity}}}',
        b'{"user": {"id": "carol", "attributes": {"n": 1e999}}}',
        b'{"user": {"id": "carol", "attributes": {"n": ' + b"9" * 5000 + b"}}}",
        b'{"user": {"id": "a\\u0000b"}}',
        b'{"user": {"id": "a\x00b"}}',
        b'{"user": {"id": "\\ud83d"}}',
        b'{"user": {"id": "carol"}, "\\ud83d": 1}',
        b'{"user": {"id": "caf\xe9"}}',
        b'\xff\xfe{"user": {"id": "carol"}}',
        b'{"a":' * 100_000,
        b"[" * 900_000,
    ],
)
def test_what_is_not_a_json_object(acme: Desk, content: bytes) -> None:
    is_refused(acme.call("POST", TRIGGER, content=content, headers=UNSTABLE), 400, "parameter_invalid")


@pytest.mark.parametrize(
    "body", [{}, {"user": {}}, {"user": None}, {"user": {"id": None}}, {"user": {"name": "Carol"}}]
)
def test_no_user_id(acme: Desk, body: Any) -> None:
    is_refused(acme.trigger("late-order", body), 400, "parameter_not_found", "User ID is required", "user.id")


@pytest.mark.parametrize(
    "user_id", ["", 7, True, 1.5, [], {}, ["carol"], "x" * 256, "\N{GRINNING FACE}" * 256]
)
def test_a_user_id_of_another_type_or_empty_or_too_long(acme: Desk, user_id: Any) -> None:
    is_refused(
        acme.trigger("late-order", {"user": {"id": user_id}}), 400, "parameter_invalid", field="user.id"
    )


@pytest.mark.parametrize(
    "user_id",
    ["x" * 255, "\N{GRINNING FACE}" * 255, "\N{GRINNING FACE}", " ", "../..", "a'b\"c", "\u202e", "\n", "0"],
)
def test_any_other_text_is_a_user_id(acme: Desk, user_id: str) -> None:
    answer = acme.trigger("late-order", {"user": {"id": user_id}})

    assert 200 == answer.status
    shown = acme.conversation(answer.json["conversation_id"])
    assert user_id == shown["contacts"]["contacts"][0]["external_id"]
    reply = {"message_type": "comment", "type": "user", "user_id": user_id, "body": "yes"}
    assert 200 == acme.call("POST", f"/api/conversations/{shown['id']}/reply", reply).status


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nowhere", "Procedure not found"),
        ("4503599627370497", "Procedure not found"),
        ("99999999999999999999999999", "Procedure not found"),
        ("x" * 2000, "Procedure not found"),
        ("%00", "Procedure not found"),
        ("caf%C3%A9", "Procedure not found"),
        ("%F0%9F%98%80", "Procedure not found"),
        ("paused", "Procedure is not live"),
        ("on-click-only", "Procedure does not have an API trigger"),
    ],
)
def test_a_procedure_that_cannot_be_triggered(acme: Desk, key: str, message: str) -> None:
    is_refused(acme.trigger(key, CAROL), 400, "parameter_invalid", message)
    is_refused(acme.trigger(key, CAROL, Idempotency_Key="k"), 400, "parameter_invalid", message)


@pytest.mark.parametrize("channel", ["sms", "Web", "", " web"])
def test_a_channel_that_is_unknown(acme: Desk, channel: str) -> None:
    is_refused(
        acme.trigger("late-order", {**CAROL, "channel": channel}), 400, "parameter_invalid", field="channel"
    )


@pytest.mark.parametrize("user", [{"id": "carol"}, {"id": "carol", "email": "carol@acme.example"}])
def test_email_that_is_not_set_up(acme: Desk, user: Any) -> None:
    answer = acme.trigger("late-order", {"user": user, "channel": "email"})

    is_refused(answer, 400, "parameter_invalid", "Email is not set up", "channel")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": "carol"}, "user"),
        ({"user": []}, "user"),
        ({**CAROL, "data": []}, "data"),
        ({**CAROL, "data": "x"}, "data"),
        ({**CAROL, "channel": 7}, "channel"),
        ({"user": {"id": "carol", "email": 7}}, "user.email"),
        ({"user": {"id": "carol", "email": "no address"}}, "user.email"),
        ({"user": {"id": "carol", "name": ["Carol"]}}, "user.name"),
        ({"user": {"id": "carol", "name": "x" * 256}}, "user.name"),
        ({"user": {"id": "carol", "attributes": []}}, "user.attributes"),
        ({"user": {"id": "carol", "attributes": {"a": {}}}}, "user.attributes.a"),
        ({"user": {"id": "carol", "attributes": {"a": []}}}, "user.attributes.a"),
        # unknown fields, at each level
        ({**CAROL, "chanel": "web"}, "chanel"),
        ({"user": {"id": "carol", "phone": "1"}}, "user.phone"),
        ({**CAROL, "data": {"oder_id": "AB-1"}}, "data.oder_id"),
    ],
)
def test_a_field_of_a_wrong_type_or_an_unknown_one(acme: Desk, body: Any, field: str) -> None:
    is_refused(acme.trigger("late-order", body), 400, "parameter_invalid", field=field)


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({}, "parameter_not_found", "data.order_id"),
        ({"order_id": None}, "parameter_not_found", "data.order_id"),
        ({"order_id": ["AB-1"]}, "parameter_invalid", "data.order_id"),
        ({"order_id": True}, "parameter_invalid", "data.order_id"),
        ({"order_id": "AB-1", "amount": "12"}, "parameter_invalid", "data.amount"),
        ({"order_id": "AB-1", "amount": True}, "parameter_invalid", "data.amount"),
        ({"order_id": "AB-1", "amount": 10**400}, "parameter_invalid", "data.amount"),
        ({"order_id": "AB-1", "when": "soon"}, "parameter_invalid", "data.when"),
        ({"order_id": "AB-1", "when": 7}, "parameter_invalid", "data.when"),
    ],
)
def test_data_that_is_missing_or_wrong(acme: Desk, data: Any, code: str, field: str) -> None:
    is_refused(acme.trigger("needs-data", {**CAROL, "data": data}), 400, code, field=field)
    if code == "parameter_not_found":
        is_refused(acme.trigger("needs-data", CAROL), 400, code, field=field)


def test_the_largest_numbers_are_kept(acme: Desk) -> None:
    for amount in (2**53, -(2**63) - 1, 10**300, 1e308, 5e-324, -0.0):
        body = {**CAROL, "data": {"order_id": "AB-1", "amount": amount}}
        assert 200 == acme.trigger("needs-data", body).status, amount


def test_a_name_that_stands_twice_is_read_as_the_last_one(acme: Desk) -> None:
    answer = acme.call("POST", TRIGGER, content=b'{"user": {"id": "a", "id": "b"}}', headers=UNSTABLE)

    shown = acme.conversation(answer.json["conversation_id"])
    assert "b" == shown["contacts"]["contacts"][0]["external_id"]


def test_more_than_ten_attributes(acme: Desk) -> None:
    def told(count: int) -> Reply:
        attributes = {f"a{number}": number for number in range(count)}
        return acme.trigger("late-order", {"user": {"id": "carol", "attributes": attributes}})

    assert 200 == told(10).status
    is_refused(
        told(11),
        400,
        "parameter_invalid",
        "Cannot update more than 10 attributes at once.",
        "user.attributes",
    )


def test_a_body_over_one_megabyte(acme: Desk) -> None:
    def of(size: int) -> bytes:
        start, end = b'{"user": {"id": "carol"}, "data": {"order_id": "', b'"}}'
        return start + b"x" * (size - len(start) - len(end)) + end

    is_refused(acme.call("POST", TRIGGER, content=of(2_000_000), headers=UNSTABLE), 413, "request_too_large")
    is_refused(acme.call("POST", TRIGGER, content=of(1_048_577), headers=UNSTABLE), 413, "request_too_large")
    is_refused(
        acme.call("POST", TRIGGER, content=of(1_048_576), headers=UNSTABLE),
        400,
        "parameter_invalid",
        field="data.order_id",
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json-seq"]
)
def test_a_wrong_content_type(acme: Desk, kind: str) -> None:
    headers = {**UNSTABLE, "Content-Type": kind}

    is_refused(acme.call("POST", TRIGGER, CAROL, headers=headers), 415, "media_type_not_supported")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_content_type_that_says_json_in_its_own_way(acme: Desk, kind: str) -> None:
    assert 200 == acme.call("POST", TRIGGER, CAROL, headers={**UNSTABLE, "Content-Type": kind}).status


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [
        ("POST", TRIGGER, CAROL, "write_conversations"),
        (
            "POST",
            "/api/conversations",
            {"from": {"type": "user", "user_id": "carol"}, "body": "hi"},
            "write_conversations",
        ),
        ("POST", "/api/conversations/1/reply", {}, "write_conversations"),
        ("POST", "/api/conversations/1/parts", {}, "write_conversations"),
        ("GET", "/api/conversations/1", None, "read_conversations"),
        ("GET", "/api/overture/receipts/1", None, "read_conversations"),
        ("GET", "/api/overture/receipts/1/correction", None, "read_conversations"),
        ("POST", "/api/overture/receipts/1/correction", {}, "write_conversations"),
        ("DELETE", "/api/overture/receipts/1/correction", None, "write_conversations"),
        ("GET", "/api/overture/corrections", None, "read_conversations"),
        ("GET", "/api/overture/reports/resolution", None, "read_conversations"),
    ],
)
def test_a_scope_that_is_missing_is_named(acme: Desk, method: str, path: str, body: Any, scope: str) -> None:
    other = {"read_conversations": "write_conversations", "write_conversations": "read_conversations"}[scope]
    answer = acme.call(method, path, body, headers=UNSTABLE, token=acme.new_token(other))

    is_refused(answer, 403, "forbidden")
    assert scope in answer.error["message"]


@pytest.mark.parametrize("number", ["1", "4503599627370497", "abc", "9" * 40, "%00", "-1", "1.0"])
def test_a_conversation_that_is_unknown(acme: Desk, number: str) -> None:
    is_refused(acme.call("GET", f"/api/conversations/{number}"), 404, "not_found")
    reply = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "hi"}
    is_refused(acme.call("POST", f"/api/conversations/{number}/reply", reply), 404, "not_found")
    is_refused(acme.call("GET", f"/api/overture/receipts/{number}"), 404, "not_found")


def test_a_user_id_that_is_not_in_the_conversation(acme: Desk) -> None:
    conversation_id = acme.trigger("late-order", CAROL).json["conversation_id"]
    acme.trigger("late-order", {"user": {"id": "dave"}})
    for stranger in ("dave", "nobody"):
        reply = {"message_type": "comment", "type": "user", "user_id": stranger, "body": "hi"}
        is_refused(acme.call("POST", f"/api/conversations/{conversation_id}/reply", reply), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nowhere"),
        ("POST", "/api/nowhere"),
        ("GET", "/api/"),
        ("GET", "/api"),
        ("GET", TRIGGER),
        ("DELETE", "/api/conversations/1"),
        ("PUT", "/api/conversations"),
        ("OPTIONS", "/api/conversations"),
    ],
)
def test_what_is_not_there(acme: Desk, method: str, path: str) -> None:
    is_refused(acme.call(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"body": None}, "parameter_not_found", "body"),
        ({"body": ""}, "parameter_invalid", "body"),
        ({"body": "   "}, "parameter_invalid", "body"),
        ({"body": "<p></p>"}, "parameter_invalid", "body"),
        ({"body": 7}, "parameter_invalid", "body"),
        ({"body": "x" * 100_001}, "parameter_invalid", "body"),
        ({"type": "robot"}, "parameter_invalid", "type"),
        ({"type": None}, "parameter_not_found", "type"),
        ({"message_type": "shout"}, "parameter_invalid", "message_type"),
        ({"message_type": "note"}, "parameter_invalid", "message_type"),
        ({"user_id": None}, "parameter_not_found", "user_id"),
        ({"user_id": 7}, "parameter_invalid", "user_id"),
        ({"boddy": "hi"}, "parameter_invalid", "boddy"),
        ({"attachment_urls": ["https://acme.example/a.png"]}, "parameter_invalid", "attachment_urls"),
        ({"type": "admin"}, "parameter_not_found", "admin_id"),
        ({"type": "admin", "admin_id": "tess"}, "parameter_invalid", "admin_id"),
    ],
)
def test_a_reply_that_cannot_be_taken(acme: Desk, change: Any, code: str, field: str) -> None:
    conversation_id = acme.trigger("late-order", CAROL).json["conversation_id"]
    reply = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "hi", **change}
    answer = acme.call("POST", f"/api/conversations/{conversation_id}/reply", reply)

    is_refused(answer, 400, code, field=field)
    assert 0 == acme.conversation(conversation_id)["conversation_parts"]["total_count"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"body": "hi"}, "parameter_not_found", "from"),
        ({"from": {"type": "user", "user_id": "carol"}}, "parameter_not_found", "body"),
        ({"from": {"type": "admin", "id": "1"}, "body": "hi"}, "parameter_invalid", "from.type"),
        ({"from": {"type": "user"}, "body": "hi"}, "parameter_not_found", "from.id"),
        ({"from": {"type": "user", "user_id": ""}, "body": "hi"}, "parameter_invalid", "from.user_id"),
        ({"from": {"type": "user", "user_id": "carol", "x": 1}, "body": "hi"}, "parameter_invalid", "from.x"),
        ({"from": {"type": "user", "user_id": "carol"}, "body": "hi", "x": 1}, "parameter_invalid", "x"),
        ({"from": "carol", "body": "hi"}, "parameter_invalid", "from"),
    ],
)
def test_a_conversation_that_cannot_be_started(acme: Desk, body: Any, code: str, field: str) -> None:
    is_refused(acme.call("POST", "/api/conversations", body), 400, code, field=field)


def test_an_unknown_writer(acme: Desk) -> None:
    body = {"from": {"type": "user", "id": "6" * 24}, "body": "hi"}

    is_refused(acme.call("POST", "/api/conversations", body), 404, "not_found", field="from.id")


def test_a_revoked_token_is_refused_from_the_next_request_on(desk: Desk) -> None:
    from overture.workspaces.tokens import list_tokens, revoke_token

    assert 200 == desk.call("GET", "/api/overture/reports/resolution").status
    (token,) = desk.read(list_tokens)
    desk.write(revoke_token, token.id, now=desk.clock.now())

    is_refused(
        desk.call("GET", "/api/overture/reports/resolution"), 401, "unauthorized", "Access Token Invalid"
    )


def test_the_beta_gate(desk: Desk) -> None:
    from sqlalchemy import update

    from overture.db.tables import workspaces

    off = WorkspaceSettings(proactive_triggers=False).to_dict()
    desk.write(lambda tx: tx.execute(update(workspaces).values(settings=off)) and None)

    is_refused(
        desk.trigger("late-order", CAROL),
        403,
        "api_plan_restricted",
        "Proactive triggers are not enabled for this workspace.",
    )


def test_every_good_answer_has_the_headers_too(acme: Desk) -> None:
    fired = acme.trigger("late-order", CAROL)
    seen = acme.call("GET", f"/api/conversations/{fired.json['conversation_id']}")

    assert fired.headers["x-request-id"] != seen.headers["x-request-id"]
    for answer in (fired, seen):
        assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(answer.headers)


def test_errors_are_json_that_a_program_can_read(acme: Desk) -> None:
    answer = acme.trigger("late-order", {"user": {"id": "carol"}, "\N{GRINNING FACE}" * 200: 1})

    is_refused(answer, 400, "parameter_invalid", field="\N{GRINNING FACE}" * 100)
    assert json.dumps(answer.json)


def test_an_address_outside_the_api_leads_nowhere_in_the_same_shape(acme: Desk) -> None:
    for method, path in (("GET", "/nowhere"), ("POST", "/healthz")):
        answer = acme.call(method, path)

        assert (404, "not_found") == (answer.status, answer.error["code"])
        assert answer.headers["x-request-id"] == answer.json["request_id"]
