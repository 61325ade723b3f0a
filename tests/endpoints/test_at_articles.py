"""Help content at the console: written, found, grouped, brought in; and what nobody could answer."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from console import AtTheConsole
from desk import HOURS_ARTICLE, RETURNS_ARTICLE, Desk, Person

CARDS = {"title": "Gift cards", "body": RETURNS_ARTICLE, "state": "published"}


@pytest.fixture
def olga(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "olga@acme.example", role="owner")


def sends(olga: AtTheConsole, name: str, content: bytes, **asked: str) -> Any:
    answer = olga.call("POST", "/articles/import", params={"name": name, **asked}, content=content)
    assert 200 == answer.status, answer.json
    olga.desk.run(olga.desk.app.state.services.errands.finish())
    return olga.get(f"/articles/imports/{answer.json['id']}").json


def a_zip(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.md", text)
    return made.getvalue()


def test_an_article_is_an_answer_once_it_is_published(desk: Desk, olga: AtTheConsole, carol: Person) -> None:
    made = olga.post("/articles", {**CARDS, "state": "draft"}).json
    asked = {"question": "how long is a gift card valid?"}
    assert "unsure" == olga.post("/articles/try", asked).json["decision"]

    kept = olga.put(f"/articles/{made['id']}", {**CARDS, "based_on": made["mark"]})
    assert 200 == kept.status, kept.json
    tried = olga.post("/articles/try", asked).json
    assert ("answer", made["id"]) == (tried["decision"], tried["answer"]["article_id"])
    assert tried["confidence"] > 0.7

    carol.writes_first("how long is a gift card valid?")
    assert "three years" in carol.heard[0]

    gone = olga.delete(f"/articles/{made['id']}").json
    assert RETURNS_ARTICLE.strip() == gone["body"]
    assert "unsure" == olga.post("/articles/try", asked).json["decision"]
    acts = sorted(one.act for one in _audit(desk) if one.act.startswith("article."))
    assert ["article.remove", "article.save", "article.save"] == acts


def _audit(desk: Desk) -> Any:
    from overture.workspaces import audit

    return desk.read(audit.entries)


def test_what_is_wrong_is_named_by_its_field(olga: AtTheConsole) -> None:
    for body, field in (
        ({**CARDS, "title": " "}, "title"),
        ({**CARDS, "body": "# Only a heading"}, "body"),
        ({**CARDS, "state": "hidden"}, "body"),
        ({**CARDS, "audience": "contact.kind ="}, "audience"),
        ({**CARDS, "audience": "data.order == 1"}, "audience"),
        ({**CARDS, "collection": "x" * 256}, "collection"),
    ):
        answer = olga.post("/articles", body)
        assert (400, field) == (answer.status, answer.error["field"]), answer.json


def test_two_people_editing_one_article_lose_nothing(desk: Desk, olga: AtTheConsole) -> None:
    ben = AtTheConsole(desk, "ben@acme.example", role="builder")
    made = olga.post("/articles", CARDS).json
    path = f"/articles/{made['id']}"
    assert 200 == ben.put(path, {**CARDS, "title": "Cards", "based_on": made["mark"]}).status
    late = olga.put(path, {**CARDS, "title": "Vouchers", "based_on": made["mark"]})
    assert (409, "based_on") == (late.status, late.error["field"])
    assert "Cards" == late.json["details"]["theirs"]["title"]
    assert "Cards" == olga.get(path).json["title"]


def test_finding_by_words_state_and_collection_page_by_page(desk: Desk, olga: AtTheConsole) -> None:
    for number in range(60):
        place = {"collection": "Orders"} if number % 2 else {}
        desk.run(_stored(desk, f"Article {number:02}", **place))
    first = olga.get("/articles").json
    assert (50, {"published": 60}) == (len(first["articles"]), first["counts"])
    second = olga.get("/articles", after=first["after"]).json
    assert (10, None) == (len(second["articles"]), second["after"])
    titles = [one["title"] for one in (*first["articles"], *second["articles"])]
    assert [f"Article {number:02}" for number in range(60)] == titles

    assert 30 == len(olga.get("/articles", collection="Orders").json["articles"])
    assert 30 == len(olga.get("/articles", collection="").json["articles"])
    assert ["Article 07"] == [one["title"] for one in olga.get("/articles", words="07").json["articles"]]
    assert [] == olga.get("/articles", state="draft").json["articles"]
    assert "state" == olga.get("/articles", state="gone").error["field"]

    assert 30 == olga.post("/articles/collections", {"name": "Orders", "new": "Parcels"}).json["articles"]
    assert [{"name": "Parcels", "articles": 30}] == olga.get("/articles").json["collections"]
    assert 30 == olga.post("/articles/collections", {"name": "Parcels"}).json["articles"]
    assert [] == olga.get("/articles").json["collections"]
    assert 404 == olga.post("/articles/collections", {"name": "Parcels"}).status


async def _stored(desk: Desk, title: str, collection: str | None = None) -> Any:
    from overture.knowledge import own

    written = own.Written(title, f"What {title} says.", "published", None, collection)
    from overture.workspaces.audit import SYSTEM

    return await own.save(desk.overture.database, None, None, written, by=SYSTEM, now=desk.clock.now())


def test_a_zip_comes_in_again_and_prunes(desk: Desk, olga: AtTheConsole) -> None:
    shown = sends(olga, "help.zip", a_zip(cards=RETURNS_ARTICLE, hours=HOURS_ARTICLE))
    assert ("done", 2, 0) == (shown["state"], shown["report"]["added"], shown["report"]["skipped_count"])
    assert (
        "Gift cards"
        == olga.post("/articles/try", {"question": "are gift cards paid out?"}).json["answer"]["title"]
    )

    shown = sends(olga, "help.zip", a_zip(hours=HOURS_ARTICLE), prune="1")
    assert (1, 1) == (shown["report"]["removed"], shown["report"]["unchanged"])
    assert ["Opening hours"] == [one["title"] for one in olga.get("/articles").json["articles"]]
    assert 2 == len(olga.get("/articles/imports").json["imports"])


def test_a_folder_says_what_it_passed_over(olga: AtTheConsole) -> None:
    files = {"help/cards.md": RETURNS_ARTICLE, "help/logo.png": "…", "help/empty.md": "# Nothing"}
    shown = sends(olga, "help", json.dumps(files).encode(), folder="1")
    assert 1 == shown["report"]["added"]
    assert {"help/logo.png", "help/empty.md"} == {one["source"] for one in shown["report"]["skipped"]}


def test_a_file_that_is_none_of_ours_is_refused_at_once(olga: AtTheConsole) -> None:
    for name, content in (("help.zip", b"no zip"), ("help.docx", b"PK"), ("help.json", b"[")):
        answer = olga.call("POST", "/articles/import", params={"name": name}, content=content)
        assert 400 == answer.status, answer.json
        assert name in answer.error["message"]
    assert "sitemap" == olga.post("/articles/import-site", {"sitemap": "shop.example"}).error["field"]


def test_a_site_that_cannot_be_read_says_why(desk: Desk, olga: AtTheConsole) -> None:
    begun = olga.post("/articles/import-site", {"sitemap": "http://127.0.0.1:9/sitemap.xml"}).json
    desk.run(desk.app.state.services.errands.finish())
    shown = olga.get(f"/articles/imports/{begun['id']}").json
    assert "failed" == shown["state"]
    assert "127.0.0.1" in shown["error"]


def test_an_import_that_died_is_shown_as_stopped(desk: Desk, olga: AtTheConsole) -> None:
    from overture.knowledge import imports
    from overture.workspaces.audit import SYSTEM

    number = desk.write(imports.begin, "help.zip", by=SYSTEM, now=desk.clock.now())
    assert "reading" == olga.get(f"/articles/imports/{number}").json["state"]
    desk.clock.forward(minutes=3)
    assert "stopped" == olga.get(f"/articles/imports/{number}").json["state"]


def test_an_imported_article_is_changed_only_once_it_is_ones_own(desk: Desk, olga: AtTheConsole) -> None:
    desk.teach(cards=RETURNS_ARTICLE)
    one = olga.get("/articles").json["articles"][0]
    path = f"/articles/{one['id']}"
    assert 409 == olga.put(path, CARDS).status
    assert "Orders" == olga.post(f"{path}/collection", {"collection": " Orders "}).json["collection"]
    desk.teach(cards=RETURNS_ARTICLE + "\nMore.")
    assert "Orders" == olga.get(path).json["collection"]

    assert olga.post(f"{path}/take-over").json["own"]
    assert 200 == olga.put(path, CARDS).status
    desk.teach(cards=RETURNS_ARTICLE)
    assert 2 == len(olga.get("/articles").json["articles"])


def test_questions_without_an_answer_are_put_together(desk: Desk, olga: AtTheConsole) -> None:
    for name, text in (
        ("carol", "do you ship to Norway?"),
        ("dan", "can you ship to Norway?"),
        ("eve", "are the shoes vegan?"),
    ):
        Person(desk, name).writes_first(text)
        desk.clock.forward(minutes=1)
    groups = olga.get("/articles/questions").json["groups"]
    assert [2, 1] == [one["count"] for one in groups]
    assert "Norway" in groups[0]["question"]
    assert {"do you ship to Norway?", "can you ship to Norway?"} == {
        one["text"] for one in groups[0]["asked"]
    }
    assert groups[0]["now"] is None

    norway = {
        "title": "Do you ship to Norway?",
        "body": "We ship to Norway within five days.",
        "state": "published",
    }
    made = olga.post("/articles", norway).json
    groups = olga.get("/articles/questions").json["groups"]
    assert {"type": "article", "id": made["id"], "name": "Do you ship to Norway?"} == groups[0]["now"]


def test_a_preview_is_made_by_the_servers_own_cleaner(olga: AtTheConsole) -> None:
    shown = olga.post(
        "/articles/preview", {"title": "T", "body": "**Bold** <script>x</script> [a](javascript:b)"}
    ).json
    assert "<strong>Bold</strong>" in shown["html"]
    assert "<script" not in shown["html"]
    assert "href" not in shown["html"]


WRITES = (
    ("POST", "/articles"),
    ("POST", "/articles/collections"),
    ("POST", "/articles/import"),
    ("POST", "/articles/import-site"),
    ("PUT", "/articles/1"),
    ("DELETE", "/articles/1"),
    ("POST", "/articles/1/take-over"),
    ("POST", "/articles/1/collection"),
)


@pytest.mark.parametrize("role", ["owner", "publisher", "builder", "agent"])
def test_who_may_write_articles(desk: Desk, role: str) -> None:
    one = AtTheConsole(desk, f"{role}@acme.example", role=role)
    for path in ("/articles", "/articles/imports"):
        assert 200 == one.get(path).status
    for method, path in WRITES:
        answer = one.call(method, path, json={})
        assert (403 == answer.status) == (role == "agent"), (method, path, answer.json)
