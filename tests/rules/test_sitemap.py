"""A sitemap of one's own site becomes articles; the visitor is polite, stays on the host, and within bounds."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from overture.connectors.guard import AddressRefused, GuardedClient
from overture.knowledge.importers import site
from overture.knowledge.importers.site import SiteUnreadable, read_site

pytestmark = pytest.mark.anyio

HOME = "https://shop.example"
MAP = f"{HOME}/sitemap.xml"
HTML = {"content-type": "text/html; charset=utf-8"}


def urls(*entries: str, tag: str = "url", root: str = "urlset") -> bytes:
    inside = "".join(f"<{tag}>{entry}</{tag}>" for entry in entries)
    return (
        f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</{root}>'
    ).encode()


def loc(path: str, more: str = "") -> str:
    return f"<loc>{path if '//' in path else HOME + path}</loc>{more}"


def page(title: str, text: str, head: str = "") -> tuple[int, dict[str, str], bytes]:
    return 200, HTML, f"<head>{head}</head><main><h1>{title}</h1><p>{text}</p></main>".encode()


class Shop:
    """A site in memory, which notes what it was asked."""

    def __init__(self, **pages: object) -> None:
        self.pages: dict[str, object] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()

    def __setitem__(self, path: str, answer: object) -> None:
        self.pages[path] = answer

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "shop.example"
        self.asked.append(request.url.path)
        self.agents.add(request.headers["user-agent"])
        found = self.pages.get(request.url.path, (404, {}, b""))
        if isinstance(found, Exception):
            raise found
        status, headers, body = found if isinstance(found, tuple) else (200, {}, found)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    async def read(self, sitemap: str = MAP, **options: object):
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.answer)) as client:
            return await read_site(sitemap, client, pause=self.pauses, **options)

    async def pauses(self, seconds: float) -> None:
        self.asked.append(f"pause {seconds}")

    async def refused(self, **options: object) -> str:
        with pytest.raises(SiteUnreadable) as refusal:
            await self.read(**options)
        return refusal.value.message


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made["/sitemap.xml"] = urls(loc("/returns", "<lastmod>2026-02-03</lastmod>"), loc("/hours#top"))
    made["/returns"] = page("Returns", "Thirty days.")
    made["/hours"] = page("Hours", "Nine to five.")
    return made


async def test_pages_are_articles_with_their_address_and_date(shop):
    articles, skipped = await shop.read()

    assert [
        (f"{HOME}/returns", "Returns", "# Returns\n\nThirty days.", datetime(2026, 2, 3, tzinfo=UTC)),
        (f"{HOME}/hours", "Hours", "# Hours\n\nNine to five.", None),
    ] == [(one.source, one.title, one.body, one.updated_at) for one in articles]
    assert [one.source for one in articles] == [one.url for one in articles]
    assert [] == skipped
    assert all("Overture" in agent for agent in shop.agents)


async def test_a_sitemap_may_name_others_and_be_packed(shop):
    shop["/index.xml"] = urls(loc("/packed.xml.gz"), loc("/index.xml"), tag="sitemap", root="sitemapindex")
    shop["/packed.xml.gz"] = gzip.compress(urls(loc("/returns")), mtime=0)

    articles, _ = await shop.read(f"{HOME}/index.xml")

    assert ["Returns"] == [one.title for one in articles]
    assert 1 == shop.asked.count("/index.xml")


async def test_a_packed_answer_is_unpacked(shop):
    status, headers, body = page("Returns", "Thirty days.")
    shop["/returns"] = (status, {**headers, "content-encoding": "gzip"}, gzip.compress(body, mtime=0))

    assert "Returns" in [one.title for one in (await shop.read())[0]]


async def test_other_hosts_are_never_asked(shop):
    shop["/sitemap.xml"] = urls(
        loc("/returns"), loc("https://other.example/x"), loc("/away"), loc("file:///etc/passwd")
    )
    shop["/away"] = (302, {"location": "https://other.example/"}, b"")

    articles, skipped = await shop.read()

    assert ["Returns"] == [one.title for one in articles]
    assert {"it is not on shop.example", "it leads to another site"} == {one.why for one in skipped}


async def test_what_robots_txt_forbids_is_not_asked(shop):
    shop["/robots.txt"] = b"User-agent: *\nDisallow: /hours\nCrawl-delay: 3\n"

    articles, skipped = await shop.read()

    assert ["Returns"] == [one.title for one in articles]
    assert ["robots.txt asks not to read it"] == [one.why for one in skipped]
    assert "/hours" not in shop.asked
    assert "pause 3.0" in shop.asked


async def test_rules_that_cannot_be_read_may_forbid_everything(shop):
    shop["/robots.txt"] = (503, {}, b"")

    assert "robots.txt cannot be read: it answers 503. Nothing was imported." in await shop.refused()
    assert ["/robots.txt"] == shop.asked


async def test_a_moments_trouble_is_told_from_what_is_gone(shop):
    shop["/sitemap.xml"] = urls(loc("/returns"), loc("/gone"), loc("/broken"), loc("/lost"))
    shop["/broken"] = (500, {}, b"")
    shop["/lost"] = httpx.ReadTimeout("")

    _, skipped = await shop.read()

    assert {f"{HOME}/gone": False, f"{HOME}/broken": True, f"{HOME}/lost": True} == {
        one.source: one.lost for one in skipped
    }


async def test_a_redirect_within_the_site_is_followed_and_the_canonical_address_counts_once(shop):
    shop["/sitemap.xml"] = urls(loc("/old"), loc("/returns"), loc("/returns?from=mail"))
    shop["/old"] = (301, {"location": "/returns"}, b"")
    shop["/returns"] = page("Returns", "Thirty days.", '<link rel="canonical" href="/returns">')

    assert [f"{HOME}/returns"] == [one.source for one in (await shop.read())[0]]


async def test_a_redirect_in_a_ring_ends(shop):
    shop["/hours"] = (302, {"location": "/hours"}, b"")

    assert ["it leads on more than 5 times"] == [one.why for one in (await shop.read())[1]]


async def test_pages_that_are_no_help_are_passed_over(shop):
    shop["/sitemap.xml"] = urls(loc("/returns"), loc("/a.pdf"), loc("/secret"), loc("/empty"))
    shop["/a.pdf"] = (200, {"content-type": "application/pdf"}, b"%PDF")
    shop["/secret"] = page("Secret", "No.", '<meta name="robots" content="noindex">')
    shop["/empty"] = (200, HTML, b"<h1>Only a heading</h1>")

    articles, skipped = await shop.read()

    assert ["Returns"] == [one.title for one in articles]
    assert {f"{HOME}/a.pdf", f"{HOME}/secret", f"{HOME}/empty"} == {one.source for one in skipped}


async def test_what_stands_on_most_pages_belongs_to_none(shop):
    paths = [f"/{n}" for n in range(8)]
    shop["/sitemap.xml"] = urls(*map(loc, paths))
    for path in paths:
        shop[path] = page(f"Page {path}", f"Only here {path}.</p><p>Call us on 555.")

    assert all("Call us" not in one.body and "Only here" in one.body for one in (await shop.read())[0])


async def test_too_many_pages_are_left_out_and_not_pruned(shop):
    articles, skipped = await shop.read(most_pages=1)

    assert ["Returns"] == [one.title for one in articles]
    assert [True] == [one.lost for one in skipped]


async def test_too_large_a_page(shop, monkeypatch):
    monkeypatch.setattr(site, "LARGEST_PAGE", 2_000)
    shop["/hours"] = (200, HTML, b"x" * 3_000)
    shop["/returns"] = (200, {**HTML, "content-encoding": "gzip"}, gzip.compress(b"x" * 3_000_000, mtime=0))
    shop["/sitemap.xml"] = urls(loc("/returns"), loc("/hours"), loc("/fine"))
    shop["/fine"] = page("Fine", "Yes.")

    assert {"it is larger than 0 MB"} == {one.why for one in (await shop.read())[1]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>", "is not a sitemap"),
        (b'<!DOCTYPE a [<!ENTITY a "aa">]><urlset/>', "is not a plain sitemap"),
        (gzip.compress(b"<urlset>", mtime=0)[:-9], "is not a sitemap"),
        (urls(), "it names no pages"),
        (urls(loc("https://[bad/x")), "it names no pages"),
    ],
)
async def test_what_is_no_sitemap(shop, content, words):
    shop["/sitemap.xml"] = content

    assert words in await shop.refused()


async def test_no_sitemap_there(shop):
    shop["/sitemap.xml"] = (404, {}, b"")

    assert "https://shop.example/sitemap.xml cannot be read: it answers 404." == await shop.refused()


@pytest.mark.parametrize("address", ["http://127.0.0.1/sitemap.xml", "http://169.254.169.254/sitemap.xml"])
async def test_an_address_that_may_not_be_reached_is_not(address):
    async with GuardedClient() as client:
        with pytest.raises(AddressRefused):
            await read_site(address, client)
