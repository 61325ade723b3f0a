"""A contact in the messenger: conversations, files, what was read, ratings, and who is let in."""

from __future__ import annotations

import asyncio

import pytest

from desk import HOURS_ARTICLE, LATE_ORDER, RETURNS_ARTICLE, Desk, Person
from messenger import ORDERS, TRACK, Page, identity_secret, signed
from overture.conversations import typing
from overture.knowledge import own
from overture.knowledge import store as articles
from overture.worker import forget_leftovers
from overture.workspaces.audit import SYSTEM
from overture.workspaces.origins import add_origin

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def page(desk: Desk) -> Page:
    opened = Page(desk)
    opened.boots()
    return opened


def test_a_contact_starts_a_conversation_and_reads_the_answer(desk: Desk, page: Page) -> None:
    desk.publish(LATE_ORDER)
    started = page.writes("my order is late")

    assert [
        ("user", "my order is late"),
        ("bot", "Would you rather wait, or have your money back?"),
    ] == [(part["author"]["type"], part["body"]) for part in page.updates()["parts"]]
    assert started["conversation"]["typing"] == {"type": "bot", "name": "Agent"}
    assert page.conversations[0]["typing"] is None


def test_the_same_message_sent_twice_is_one(desk: Desk, page: Page) -> None:
    sent = [page.post("conversations", {"body": "hello", "client_id": "one"}).json for _ in range(2)]
    assert sent[0]["part"]["id"] == sent[1]["part"]["id"]
    number = sent[0]["conversation"]["id"]
    replies = [
        page.post(f"conversations/{number}/replies", {"body": "anybody?", "client_id": "two"}).json
        for _ in range(2)
    ]
    assert replies[0]["part"]["id"] == replies[1]["part"]["id"]
    assert 1 == len(page.conversations)


def test_older_messages_are_read_in_pages(desk: Desk, page: Page) -> None:
    number = page.writes("first")["conversation"]["id"]
    for word in ("second", "third"):
        page.writes(word, number)
    newest = page.get(f"conversations/{number}?limit=2").json
    older = page.get(f"conversations/{number}?limit=50&before={newest['parts'][0]['seq']}").json

    assert (2, True) == (len(newest["parts"]), newest["more"])
    assert ("first", False) == (older["parts"][0]["body"], older["more"])


def test_nobody_reads_or_writes_in_somebody_elses_conversation(desk: Desk, page: Page) -> None:
    number = page.writes("a secret")["conversation"]["id"]
    other = Page(desk)
    other.boots()

    for answer in (
        other.get(f"conversations/{number}"),
        other.post(f"conversations/{number}/replies", {"body": "x", "client_id": "x"}),
        other.post(f"conversations/{number}/read", {"seq": 1}),
        other.post(f"conversations/{number}/rating", {"rating": 5}),
        other.post(f"conversations/{number}/typing"),
        other.post(f"conversations/{number}/proactive", {"choice": "never"}),
        other.get("conversations/nonsense"),
    ):
        assert (404, "not_found") == (answer.status, answer.error["code"])


@pytest.mark.parametrize(
    "token", [None, "", "x", "a.b.c.d", "6f2b1c0d6f2b1c0d6f2b1c0d.p.9999999999.0", "é.p.1.é"]
)
def test_without_a_session_nobody_reads(desk: Desk, token: str | None) -> None:
    nobody = Page(desk)
    nobody.token = token
    refused = nobody.post("updates", {"cursor": 0, "wait": 0})

    assert (401, "session_over") == (refused.status, refused.error["code"])


def test_unread_counts_until_it_is_read(desk: Desk, carol: Person) -> None:
    desk.publish(TRACK)
    carol.is_told("track-order")
    page = Page(desk, identity=signed(identity_secret(desk), "carol"))
    assert 1 == page.boots()["unread"]
    assert {"unread": 1, "cursor": 1} == page.post("unread").json

    (one,) = page.conversations
    assert (1, 0) == (one["unread"], one["read_seq"])
    read = page.post(f"conversations/{one['id']}/read", {"seq": 99})
    assert {"unread": 0, "read_seq": 1} == read.json
    assert one["updated_at"] == page.conversations[0]["updated_at"]


def test_a_rating_is_asked_for_and_kept(desk: Desk, page: Page) -> None:
    (procedure_id,) = desk.publish(TRACK)
    number = page.clicks(f"{procedure_id}.track-button")["conversation"]["id"]
    refused = page.post(f"conversations/{number}/rating", {"rating": 5})
    assert 409 == refused.status
    page.writes("refund", number)
    assert not page.conversations[0]["rating"]["ask"]
    desk.forward(minutes=11)
    assert page.conversations[0]["rating"]["ask"]

    answer = page.post(f"conversations/{number}/rating", {"rating": 4, "remark": "quick"})
    assert {"ask": False, "value": 4, "remark": "quick"} == answer.json["conversation"]["rating"]
    shown = desk.conversation(number)
    assert (4, "quick") == (
        shown["conversation_rating"]["rating"],
        shown["conversation_rating"]["remark"],
    )
    assert (4, "quick") == (shown["ai_agent"]["rating"], shown["ai_agent"]["rating_remark"])
    for wrong in (0, 6, "5", True, None):
        assert 400 == page.post(f"conversations/{number}/rating", {"rating": wrong}).status


# Files


def upload(page: Page, content: bytes, name: str = "parcel.png", kind: str = "application/octet-stream"):  # type: ignore[no-untyped-def]
    return page.desk.call(
        "POST",
        f"/messenger/api/attachments?name={name}",
        content=content,
        headers={"Content-Type": kind, "Origin": page.origin},
        token=page.token,
    )


def test_a_file_is_sent_and_given_back_safely(desk: Desk, page: Page) -> None:
    kept = upload(page, PNG, "..%2F..%2Fmy%22parcel.exe").json
    assert ("myparcel.exe.png", "image/png", len(PNG)) == (kept["name"], kept["content_type"], kept["size"])
    sent = page.post("conversations", {"attachment_ids": [kept["id"]], "client_id": "c"}).json
    assert (None, [kept["name"]]) == (
        sent["part"]["body"],
        [one["name"] for one in sent["part"]["attachments"]],
    )
    url = sent["part"]["attachments"][0]["url"]
    response = desk.run(desk._client.get(url))

    assert (200, PNG) == (response.status_code, response.content)
    assert "nosniff" == response.headers["x-content-type-options"]
    assert "sandbox" in response.headers["content-security-policy"]
    (shown,) = desk.conversation(sent["conversation"]["id"])["source"]["attachments"]
    assert (kept["name"], "image/png") == (shown["name"], shown["content_type"])
    assert 404 == desk.run(desk._client.get(url.replace("-", "-0", 1))).status_code
    desk.clock.forward(days=9)
    assert 404 == desk.run(desk._client.get(url)).status_code


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream", 415),
        (b"<html><script>1</script>", "application/octet-stream", 415),
        (b"", "application/octet-stream", 415),
        (PNG, "image/png", 415),
        (PNG + b"\0" * 10 * 1024 * 1024, "application/octet-stream", 413),
    ],
)
def test_other_files_are_refused(desk: Desk, page: Page, content: bytes, kind: str, status: int) -> None:
    assert status == upload(page, content, kind=kind).status


def test_a_file_belongs_to_one_contact_and_one_message(desk: Desk, page: Page) -> None:
    kept = upload(page, b"%PDF-1.7 x", "a.pdf").json["id"]
    other = Page(desk)
    other.boots()
    body = {"body": "see", "attachment_ids": [kept], "client_id": "c"}
    assert 404 == other.post("conversations", body).status
    assert 200 == page.post("conversations", body).status
    assert 404 == page.post("conversations", {**body, "client_id": "d"}).status


def test_a_file_that_is_never_sent_is_removed(desk: Desk, page: Page) -> None:
    kept = upload(page, PNG).json["id"]
    desk.clock.forward(days=2)
    desk.write(forget_leftovers, now=desk.clock.now())

    assert 404 == page.post("conversations", {"attachment_ids": [kept], "client_id": "c"}).status


# Articles


def test_articles_are_found_and_read_without_a_session(desk: Desk) -> None:
    desk.teach(cards=RETURNS_ARTICLE, hours=HOURS_ARTICLE)
    page = Page(desk)
    assert ["Gift cards", "Opening hours"] == [one["title"] for one in page.get("articles").json["articles"]]
    best = page.get("articles?query=when%20do%20you%20open").json["articles"][0]
    assert "Opening hours" == best["title"]
    assert "Monday" in page.get(f"articles/{best['id']}").json["body"]
    assert 404 == page.get("articles/1").status


def test_an_excerpt_is_what_the_article_says_below_its_headings(desk: Desk) -> None:
    desk.teach(
        returns="# Returns\n\n## How long\n\nYou may return **anything** within 30 days.\n\n## How\n\nBy post.\n"
    )
    page = Page(desk)

    for path in ("articles", "articles?query=how%20long%20may%20I%20return%20something"):
        assert ["You may return anything within 30 days."] == [
            one["excerpt"] for one in page.get(path).json["articles"]
        ]


def test_words_that_no_article_is_about_find_nothing(desk: Desk) -> None:
    desk.teach(cards=RETURNS_ARTICLE, hours=HOURS_ARTICLE)

    assert [] == Page(desk).get("articles?query=xyzzy%20plugh").json["articles"]
    assert ["Opening hours"] == [
        one["title"] for one in Page(desk).get("articles?query=openi").json["articles"]
    ]


def moves(desk: Desk, collection: str | None, *titles: str) -> None:
    """Put articles into a collection, or into none."""
    for one in desk.read(articles.list_articles):
        if one.title in titles:
            desk.write(own.move, one.id, collection, by=SYSTEM)


def test_collections_are_shown_with_how_many_everybody_may_read(desk: Desk) -> None:
    desk.teach(cards=RETURNS_ARTICLE, hours=HOURS_ARTICLE, away="# Away\n\nWe are away in August.\n")
    desk.teach_for('contact.kind == "user"', members="# For members\n\nMembers return for free.\n")
    page = Page(desk)
    assert [] == page.get("articles").json["collections"]

    moves(desk, "buying", "Gift cards", "For members")
    moves(desk, "About us", "Opening hours")
    seen = page.get("articles").json
    assert [("About us", 1), ("buying", 1), ("", 1)] == [
        (one["name"], one["articles"]) for one in seen["collections"]
    ]
    assert ["Away", "Gift cards", "Opening hours"] == [one["title"] for one in seen["articles"]]
    for name, titles in {"buying": ["Gift cards"], "": ["Away"], "not there": []}.items():
        held = page.get(f"articles?collection={name.replace(' ', '%20')}").json
        assert (titles, None) == ([one["title"] for one in held["articles"]], held["after"])

    # A search looks through all of them.
    best = page.get("articles?query=when%20do%20you%20open").json
    assert ("Opening hours", []) == (best["articles"][0]["title"], best["collections"])

    moves(desk, "buying", "Away", "Opening hours")
    assert [{"name": "buying", "articles": 3}] == page.get("articles").json["collections"]


def test_a_collection_that_only_some_may_read_is_shown_to_nobody(desk: Desk) -> None:
    desk.teach(hours=HOURS_ARTICLE)
    desk.teach_for('contact.kind == "user"', members="# For members\n\nMembers return for free.\n")
    moves(desk, "Members", "For members")
    page = Page(desk)
    assert [] == page.get("articles").json["collections"]
    assert [] == page.get("articles?collection=Members").json["articles"]


def test_a_large_collection_is_read_page_after_page(desk: Desk) -> None:
    titles = [f"Answer {number:02}" for number in range(60)]
    desk.teach(**{f"a{number}": f"# {title}\n\nText.\n" for number, title in enumerate(titles)})
    moves(desk, "Answers", *titles)
    page = Page(desk)
    first = page.get("articles?collection=Answers").json
    rest = page.get(f"articles?collection=Answers&after={first['after']}").json
    assert (50, 10, None) == (len(first["articles"]), len(rest["articles"]), rest["after"])
    assert titles == [one["title"] for one in (*first["articles"], *rest["articles"])]


# Who is writing


def test_a_teammate_who_writes_is_shown_until_they_stop_or_send(desk: Desk, page: Page) -> None:
    number = page.writes("hello")["conversation"]["id"]
    path = f"/api/overture/conversations/{number}/typing"
    assert page.conversations[0]["typing"] is None
    told = desk.call("POST", path, {"admin_id": str(desk.tess.id)})
    assert 200 == told.status, told.json
    assert {"type": "admin", "name": "Tess"} == page.conversations[0]["typing"]
    desk.clock.forward(seconds=7)
    assert page.conversations[0]["typing"] is None

    desk.call("POST", path, {"admin_id": str(desk.tess.id)})
    said = {"message_type": "comment", "type": "admin", "admin_id": str(desk.tess.id), "body": "I am on it."}
    assert 200 == desk.call("POST", f"/api/conversations/{number}/reply", said).status
    assert page.conversations[0]["typing"] is None
    assert (
        404
        == desk.call("POST", "/api/overture/conversations/1/typing", {"admin_id": str(desk.tess.id)}).status
    )


def test_who_waits_hears_that_a_teammate_writes(desk: Desk, page: Page) -> None:
    number = page.writes("hello")["conversation"]["id"]
    now = page.updates()
    body = {"cursor": now["cursor"], "wait": 20, "stamp": now["stamp"], "token": page.token}

    async def both() -> None:
        waiting = asyncio.create_task(
            desk._call("POST", "/messenger/api/updates", body, {"Origin": page.origin}, None, None)
        )
        await asyncio.sleep(0.05)
        await desk.overture.database.write(
            typing.by_a_teammate, int(number), desk.tess.id, now=desk.clock.now()
        )
        answer = await asyncio.wait_for(waiting, 5)
        assert "Tess" == answer.json["conversations"][0]["typing"]["name"]

    desk.run(both())


def test_a_contact_who_writes_is_known_until_they_send(desk: Desk, page: Page) -> None:
    number = int(page.writes("hello")["conversation"]["id"])

    def writing() -> bool:
        return bool(desk.read(typing.contact_is_writing, number, now=desk.clock.now()))

    page.post(f"conversations/{number}/typing")
    assert writing()
    page.writes("and another thing", str(number))
    assert not writing()
    page.post(f"conversations/{number}/typing")
    desk.clock.forward(seconds=7)
    assert not writing()
    stranger = Page(desk)
    stranger.boots()
    assert 404 == stranger.post(f"conversations/{number}/typing").status


# Waiting for news


def test_a_long_poll_is_answered_when_something_comes(desk: Desk, page: Page, carol: Person) -> None:
    desk.publish(LATE_ORDER)
    number = page.writes("my order is late")["conversation"]["id"]
    now = page.updates()
    body = {"cursor": now["cursor"], "wait": 20, "stamp": now["stamp"], "token": page.token}

    async def both() -> None:
        waiting = asyncio.create_task(
            desk._call("POST", "/messenger/api/updates", body, {"Origin": page.origin}, None, None)
        )
        await asyncio.sleep(0.05)
        assert not waiting.done()
        said = {"body": "wait", "client_id": "x", "token": page.token}
        await desk._call(
            "POST",
            f"/messenger/api/conversations/{number}/replies",
            said,
            {"Origin": page.origin},
            None,
            None,
        )
        answer = await asyncio.wait_for(waiting, 5)
        assert ["wait"] == [part["body"] for part in answer.json["parts"]]

    desk.run(both())


def test_a_changed_stamp_is_answered_at_once(desk: Desk, page: Page) -> None:
    page.writes("hello")
    now = page.updates()
    again = page.post("updates", {"cursor": now["cursor"], "wait": 25, "stamp": "another"})

    assert ([], now["stamp"]) == (again.json["parts"], again.json["stamp"])


# Who is let in


def test_any_site_is_let_in_until_the_first_is_listed(desk: Desk) -> None:
    page = Page(desk, "https://elsewhere.example/")
    page.boots()
    desk.write(add_origin, ORDERS, now=desk.clock.now())
    refused = page.get("conversations")

    assert (403, "origin_not_allowed") == (refused.status, refused.error["code"])
    assert "https://elsewhere.example" == refused.headers["access-control-allow-origin"]
    assert "overture origin add https://elsewhere.example" in refused.error["message"]
    assert Page(desk).boots()
    assert 200 == Page(desk, "http://desk/demo").post("session").status


def test_a_preflight_is_answered_and_allows_no_cookies(desk: Desk) -> None:
    answer = desk.call(
        "OPTIONS", "/messenger/api/updates", headers={"Origin": "https://shop.example"}, token=None
    )

    assert 204 == answer.status
    assert "https://shop.example" == answer.headers["access-control-allow-origin"]
    assert "access-control-allow-credentials" not in answer.headers


def test_wrong_content_types_and_bodies_are_refused(desk: Desk, page: Page) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html"):
        assert 415 == page.post("session", {}, **{"Content-Type": kind}).status
    for content, status in (
        (b"[]", 400),
        (b"{", 400),
        (b'{"x": 1}', 400),
        (b'{"y":"' + b"a" * 300_000 + b'"}', 413),
    ):
        answer = desk.call(
            "POST",
            "/messenger/api/session",
            content=content,
            headers={"Content-Type": "text/plain"},
            token=None,
        )
        assert status == answer.status, content[:20]


def test_another_workspaces_app_id_is_told(desk: Desk) -> None:
    refused = Page(desk).post("session", {"app_id": "another"})

    assert (404, "workspace_unknown") == (refused.status, refused.error["code"])


def test_events_are_kept(desk: Desk, page: Page) -> None:
    from overture.contacts import events

    said = {
        "events": [{"name": "page_view"}, {"name": "upgraded", "metadata": {"plan": "pro"}}],
        "page": {"url": ORDERS},
    }
    assert {} == page.post("events", said).json
    contact = page.boots()["contact"]["id"]

    assert {"page_view", "upgraded"} == {one.name for one in desk.read(events.of_contact, contact)}
    assert 400 == page.post("events", {"events": []}).status
    assert 400 == page.post("events", {"events": [{"name": "x" * 121}]}).status
