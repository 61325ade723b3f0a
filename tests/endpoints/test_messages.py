"""What a message is: literal values, cleaned markup, and the published shape of a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from desk import LATE_ORDER, Desk, Person, new_desk
from overture.encoder.model import Encoder

GREETS = """
procedure: greets
name: Greets
when_to_use: Never.
triggers:
  - kind: api_call
    key: call
    data: {thing: {type: text}}
    first_message: "Hi {{ contact.first_name | default: 'there' }}, your {{ data.thing | default: 'order' }} is **here**."
steps:
  - ask: What shall we write on it?
    save: words
  - say: "It will say {{ words }}."
"""

HOSTILE = [
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "**bold**",
    "_it_",
    "[a](https://evil.example)",
    "![a](https://evil.example/a.png)",
    "<https://evil.example>",
    "https://evil.example",
    "`code`",
    "# heading",
    "1. one",
    "- item",
    "&lt;b&gt; &amp;",
    "a\n\n# b",
    "{{ contact.email }}",
    "{% raw %}",
    "\\*",
    "~~x~~ | a | b |",
]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, GREETS)
    return desk


def source_of(desk: Desk, body: Any) -> tuple[str, str]:
    """The first message, as HTML and as plain text."""
    conversation_id = desk.trigger("greets", body).json["conversation_id"]
    plain = desk.call("GET", f"/api/conversations/{conversation_id}?display_as=plaintext").json
    return desk.conversation(conversation_id)["source"]["body"], plain["source"]["body"]


def test_no_markup_and_no_link_comes_from_data(desk: Desk) -> None:
    for written in HOSTILE:
        shown, plain = source_of(desk, {"user": {"id": "carol"}, "data": {"thing": written}})

        assert shown.endswith("is <strong>here</strong>.</p>"), written
        inside = shown.removesuffix("<strong>here</strong>.</p>")
        for tag in ("<a", "<img", "<b>", "<strong", "<em", "<code", "<h1", "<li", "<script", "href="):
            assert tag not in inside, written
        assert " ".join(written.split()) in " ".join(plain.split()), written


def test_no_markup_and_no_link_comes_from_a_name(desk: Desk) -> None:
    for written in ("[Carol](https://evil.example)", "<b>Carol</b>", "**Carol**", "https://evil.example"):
        shown, plain = source_of(desk, {"user": {"id": written, "name": written}})

        assert f"Hi {written}, your order is here." == plain
        assert "<a" not in shown
        assert "<b>" not in shown
        assert 1 == shown.count("<strong>")


def test_no_markup_comes_from_what_a_contact_answered(desk: Desk, carol: Person) -> None:
    carol.is_told("greets")
    carol.says("yes")
    carol.says("**love** [you](https://evil.example)")

    assert "<strong" not in carol.heard[-1]
    assert "<a" not in carol.heard[-1]
    assert "**love** [you](https://evil.example)" in carol.heard[-1]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain words", "<p>plain words</p>"),
        ("2 < 3 & 4 > 1", "<p>2 &lt; 3 &amp; 4 &gt; 1</p>"),
        ("**not** bold", "<p>**not** bold</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("<p>Hello <b>you</b></p>", "<p>Hello <strong>you</strong></p>"),
        (
            '<p>See <a href="https://acme.example">this</a></p>',
            '<p>See <a href="https://acme.example">this</a></p>',
        ),
        ("<ul><li>one</li><li>two</li></ul>", "<ul><li>one</li><li>two</li></ul>"),
    ],
)
def test_a_reply_is_shown_as_it_was_meant(desk: Desk, carol: Person, sent: str, shown: str) -> None:
    carol.is_told()
    carol.says(sent)
    parts = carol.conversation["conversation_parts"]["conversation_parts"]

    assert shown == next(part["body"] for part in parts if part["author"]["type"] == "user")


@pytest.mark.parametrize(
    "sent",
    [
        "<p onclick='x()'>hi</p><script>alert(1)</script>",
        '<p>hi <a href="javascript:alert(1)">there</a></p>',
        '<p>hi <a href="data:text/html,x">there</a></p>',
        "<p>hi <img src=x onerror=alert(1)></p>",
        "<p>hi <iframe src='https://evil.example'></iframe></p>",
        "<p>hi &lt;script&gt;alert(1)&lt;/script&gt;</p>",
        '<div style="position:fixed">hi</div>',
        "<p>hi <svg onload=alert(1)></p>",
        "<p>hi</p><style>*{display:none}</style>",
    ],
)
def test_what_a_reply_may_not_hold_is_not_shown(desk: Desk, carol: Person, sent: str) -> None:
    carol.is_told()
    carol.says(sent)
    parts = carol.conversation["conversation_parts"]["conversation_parts"]
    shown = next(part["body"] for part in parts if part["author"]["type"] == "user")

    assert "hi" in shown
    for bad in (
        "<script",
        "<img",
        "<iframe",
        "<svg",
        "<style",
        'href="javascript',
        'href="data',
        " style=",
        "onclick",
    ):
        assert bad not in shown


def test_a_reply_of_ten_thousand_characters_is_kept_whole_and_heard(desk: Desk, carol: Person) -> None:
    carol.is_told()
    text = ("My order is late and I want to know where it is. " * 250)[:9_990] + "the end!!!"
    assert 10_000 == len(text)
    carol.says(text)

    parts = carol.conversation["conversation_parts"]["conversation_parts"]
    assert f"<p>{text}</p>" == parts[0]["body"]
    assert [("late-order", "waiting")] == carol.runs


def test_a_reply_of_emoji_and_other_scripts_is_kept_as_it_is(desk: Desk, carol: Person) -> None:
    carol.is_told()
    text = "👩‍👩‍👧 \u202eabc שלום 你好 e\u0301"
    carol.says(text)

    assert f"<p>{text}</p>" == carol.conversation["conversation_parts"]["conversation_parts"][0]["body"]


def test_plain_text_is_shown_where_a_program_asks_for_it(desk: Desk, carol: Person) -> None:
    carol.is_told("greets")
    carol.says("<p>Hello <b>you</b></p>")
    path = f"/api/conversations/{carol.conversation_id}?display_as=plaintext"
    shown = desk.call("GET", path).json

    assert "Hi there, your order is here." == shown["source"]["body"]
    assert "Hello you" == shown["conversation_parts"]["conversation_parts"][0]["body"]


def test_a_conversation_has_the_published_shape(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("wait please")
    shown = carol.conversation

    assert {
        "type", "id", "created_at", "updated_at", "waiting_since", "snoozed_until", "title", "source", "contacts",
        "first_contact_reply", "admin_assignee_id", "team_assignee_id", "open", "state", "read", "tags", "priority",
        "sla_applied", "statistics", "conversation_rating", "teammates", "custom_attributes", "linked_objects",
        "ai_agent_participated", "ai_agent", "conversation_parts", "overture",
    } <= set(shown)  # fmt: skip
    assert ("conversation", "open", True) == (shown["type"], shown["state"], shown["open"])
    assert shown["id"].isdigit()
    assert int(shown["id"]) < 2**53
    assert {
        "type",
        "id",
        "delivered_as",
        "subject",
        "body",
        "author",
        "attachments",
        "url",
        "redacted",
    } <= set(shown["source"])
    assert ("contact.list", "contact") == (
        shown["contacts"]["type"],
        shown["contacts"]["contacts"][0]["type"],
    )
    assert 24 == len(shown["contacts"]["contacts"][0]["id"])
    parts = shown["conversation_parts"]
    assert ("conversation_part.list", 2) == (parts["type"], parts["total_count"])
    for part in parts["conversation_parts"]:
        assert {
            "type", "id", "part_type", "body", "created_at", "updated_at", "notified_at", "assigned_to", "author",
            "attachments", "external_id", "redacted",
        } <= set(part)  # fmt: skip
        assert {"type", "id", "name", "email"} <= set(part["author"])
    assert {
        "source_type", "source_title", "last_answer_type", "resolution_state", "rating", "rating_remark",
        "created_at", "updated_at", "content_sources",
    } <= set(shown["ai_agent"])  # fmt: skip
    (run,) = shown["overture"]["runs"]
    assert {"id", "procedure_id", "procedure_key", "state", "values"} <= set(run)
    assert {"outcome", "runs", "receipts"} <= set(shown["overture"])


def test_a_part_without_text_has_a_null_body(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("can I talk to a human?")
    last = carol.conversation["conversation_parts"]["conversation_parts"][-1]

    assert ("assignment", None) == (last["part_type"], last["body"])


def test_a_decision_has_its_receipt(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("yes")
    receipt = carol.last_decision

    assert {"id", "kind", "decision", "target", "confidence", "reason", "candidates"} <= set(receipt)
    assert ("decision", "follow") == (receipt["kind"], receipt["decision"])
    assert 0 <= receipt["confidence"] <= 1
    assert "late-order" == receipt["target"]["key"]
    assert receipt["conversation_id"] == carol.conversation_id
    assert all({"type", "id", "key", "score"} <= set(one) for one in receipt["candidates"])


def test_a_receipt_is_there_from_the_moment_that_something_is_said(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("a human please")
    receipt = carol.last_decision

    assert ("hand_off", None) == (receipt["decision"], receipt["target"])
    assert "They asked for a person." == receipt["reason"]


def test_over_the_limit_is_too_many_requests(database_url: str, encoder: Encoder) -> None:
    with new_desk(database_url, encoder, rate_limit=3) as desk:
        path = "/api/overture/reports/resolution"
        answers = [desk.call("GET", path) for _ in range(5)]

        assert [200, 200, 200, 429, 429] == [answer.status for answer in answers]
        assert ["2", "1", "0", "0", "0"] == [answer.headers["x-ratelimit-remaining"] for answer in answers]
        assert {"3"} == {answer.headers["x-ratelimit-limit"] for answer in answers}
        assert "rate_limit_exceeded" == answers[3].error["code"]
        now = desk.clock.now().timestamp()
        assert 0 < int(answers[3].headers["x-ratelimit-reset"]) - now <= 10

        desk.clock.forward(seconds=10)
        assert 200 == desk.call("GET", path).status


def test_the_process_says_that_it_runs_and_that_it_is_ready(desk: Desk) -> None:
    assert (200, "ok") == (
        desk.call("GET", "/healthz", token=None).status,
        desk.call("GET", "/healthz").json["status"],
    )
    assert 200 == desk.call("GET", "/readyz", token=None).status


def test_without_a_workspace_it_is_not_ready(desk: Desk) -> None:
    from sqlalchemy import delete

    from overture.db.tables import workspaces

    desk.write(lambda tx: tx.execute(delete(workspaces)) and None)
    answer = desk.call("GET", "/readyz", token=None)

    assert 503 == answer.status
    assert "overture init" in answer.json["reason"]
