"""Reads articles from the sitemap of a site of one's own, as a polite visitor.

Only the sitemap's own host is visited, only what its robots.txt allows, a few pages at a time, and within bounds of
pages, bytes and time. The HTTP client is given: it is the one that guards which addresses may be reached.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import httpx

from overture.base.errors import Error
from overture.knowledge.importers.page import ArticleUnreadable, Page, article, moment, read_html
from overture.knowledge.model import ArticleFile, Skipped

AGENT = "Overture"
MOST_PAGES = 2_000
MOST_SITEMAPS = 50
LARGEST_PAGE = 2_000_000
LARGEST_SITEMAP = 50_000_000
LONGEST_SECONDS = 1_800.0
REQUEST_SECONDS = 20.0
AT_ONCE = 4
MOST_REDIRECTS = 5
LONGEST_PAUSE = 10.0  # a robots.txt that asks for a longer one between pages gets this

_REPEATED = 0.5  # a block on so many of a site's pages belongs to the site, not to a page
_ENOUGH_PAGES = 6
_GZIP = b"\x1f\x8b"
_MARKUP_PAGES = ("text/html", "application/xhtml+xml")
_GONE = (404, 410)

Progress = Callable[[int, int], None]
T = TypeVar("T")


class SiteUnreadable(Error):
    """The articles of this site cannot be read."""


class _NotThere(Exception):
    def __init__(self, why: str, *, gone: bool = False, refused: bool = False) -> None:
        self.why = why
        self.gone = gone
        self.refused = refused


@dataclass(frozen=True)
class _Place:
    """A page that a sitemap names."""

    url: str
    changed_at: datetime | None


@dataclass(frozen=True)
class _Answer:
    url: str
    content: bytes
    kind: str


async def read_site(
    sitemap: str,
    client: httpx.AsyncClient,
    *,
    most_pages: int = MOST_PAGES,
    progress: Progress | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[list[ArticleFile], list[Skipped]]:
    """The pages that a sitemap names as articles, and what was passed over. Raises `SiteUnreadable`.

    A page's source is the address it gives itself, without a fragment. What could not be fetched is skipped as
    lost, so that a moment's trouble prunes nothing.
    """
    visit = _Visit(sitemap, client, pause)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await visit.read_robots()
            places, skipped = await visit.places(most_pages)
            pages, passed = await visit.pages(places, progress)
    except TimeoutError:
        raise SiteUnreadable(
            f"{visit.host} took longer than {LONGEST_SECONDS / 60:.0f} minutes. Nothing was imported."
        ) from None
    articles, unusable = _articles(pages)
    if not articles:
        why = next((one.why for one in (*passed, *unusable, *skipped)), "it names no pages")
        raise SiteUnreadable(f"No articles by {sitemap}: {why}.")
    return articles, [*skipped, *passed, *unusable]


class _Visit:
    """One visit to one host."""

    def __init__(
        self, sitemap: str, client: httpx.AsyncClient, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        self._sitemap = sitemap
        self._client = client
        self._sleep = pause
        self.host = _host(sitemap)
        self._robots = RobotFileParser()
        self._pause = 0.0

    async def read_robots(self) -> None:
        address = urljoin(self._sitemap, "/robots.txt")
        try:
            answer = await self._get(address, LARGEST_PAGE)
            self._robots.parse(answer.content.decode("utf-8", "replace").splitlines())
        except _NotThere as missing:
            # Rules that are there but cannot be read may forbid everything.
            if not missing.refused:
                raise SiteUnreadable(
                    f"{address} cannot be read: {missing.why}. Nothing was imported."
                ) from None
            self._robots.parse([])
        self._pause = min(float(self._robots.crawl_delay(AGENT) or 0), LONGEST_PAUSE)

    async def places(self, most: int) -> tuple[list[_Place], list[Skipped]]:
        """The pages of the sitemap and of those that it names, each once, in order."""
        found: dict[str, _Place] = {}
        skipped: list[Skipped] = []
        ahead, seen = [self._sitemap], {self._sitemap}
        while ahead:
            address = ahead.pop(0)
            try:
                root = _xml((await self._get(address, LARGEST_SITEMAP)).content, address)
            except _NotThere as missing:
                raise SiteUnreadable(f"{address} cannot be read: {missing.why}.") from None
            for entry in root:
                url = _clean(_text(entry, "loc"), address)
                if url is None:
                    continue
                if _host(url) != self.host:
                    skipped.append(Skipped(url, f"it is not on {self.host}"))
                elif _name(entry) == "sitemap" and url not in seen:
                    if len(seen) >= MOST_SITEMAPS:
                        raise SiteUnreadable(f"{self._sitemap} names more than {MOST_SITEMAPS} sitemaps.")
                    seen.add(url)
                    ahead.append(url)
                elif _name(entry) == "url":
                    found.setdefault(url, _Place(url, _date(_text(entry, "lastmod"))))
        allowed = [place for place in found.values() if self._robots.can_fetch(AGENT, place.url)]
        asked = {place.url for place in allowed}
        skipped += [Skipped(url, "robots.txt asks not to read it") for url in found if url not in asked]
        too_many = f"there are more than {most:,} pages"
        skipped += [Skipped(place.url, too_many, lost=True) for place in allowed[most:]]
        return allowed[:most], skipped

    async def pages(
        self, places: Sequence[_Place], progress: Progress | None
    ) -> tuple[list[tuple[_Place, Page]], list[Skipped]]:
        """Each page as it reads, in the order of the sitemap."""
        room = asyncio.Semaphore(1 if self._pause else AT_ONCE)
        done = 0

        async def read(place: _Place) -> tuple[_Place, Page] | Skipped:
            nonlocal done
            async with room:
                try:
                    return await self._page(place)
                except _NotThere as missing:
                    return Skipped(place.url, missing.why, lost=not missing.gone)
                finally:
                    done += 1
                    if progress:
                        progress(done, len(places))
                    if self._pause:
                        await self._sleep(self._pause)

        results = await asyncio.gather(*(read(place) for place in places))
        pages = [one for one in results if not isinstance(one, Skipped)]
        return pages, [one for one in results if isinstance(one, Skipped)]

    async def _page(self, place: _Place) -> tuple[_Place, Page] | Skipped:
        answer = await self._get(place.url, LARGEST_PAGE)
        if answer.kind not in _MARKUP_PAGES:
            return Skipped(place.url, f"it is {answer.kind or 'of no kind'}, not HTML")
        page = await asyncio.to_thread(_read, answer)
        if page.hidden:
            return Skipped(place.url, "it asks not to be indexed")
        own = _clean(page.canonical or answer.url, answer.url)
        if own is None or _host(own) != self.host:
            return Skipped(place.url, "it says that it stands on another site")
        return replace(place, url=own), page

    async def _get(self, address: str, most: int) -> _Answer:
        """What an address answers, at most so many bytes, over redirects within the host."""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                async with asyncio.timeout(REQUEST_SECONDS):
                    answer = await self._once(address, most)
            except TimeoutError:
                raise _NotThere(f"no answer within {REQUEST_SECONDS:.0f} seconds") from None
            except httpx.HTTPError as failed:
                raise _NotThere(f"no connection ({type(failed).__name__})") from None
            if isinstance(answer, _Answer):
                return answer
            if _host(answer) != self.host:
                raise _NotThere("it leads to another site", gone=True)
            if not self._robots_allow(answer):
                raise _NotThere("it leads to what robots.txt asks not to read", gone=True)
            address = answer
        raise _NotThere(f"it leads on more than {MOST_REDIRECTS} times")

    def _robots_allow(self, address: str) -> bool:
        # Until robots.txt has been read the parser refuses everything; that one is always asked for.
        return not self._robots.mtime() or self._robots.can_fetch(AGENT, address)

    async def _once(self, address: str, most: int) -> _Answer | str:
        """The answer, or where it leads."""
        headers = {"User-Agent": f"{AGENT} (help content import)", "Accept-Encoding": "gzip"}
        async with self._client.stream("GET", address, headers=headers, timeout=REQUEST_SECONDS) as answer:
            if answer.is_redirect and "location" in answer.headers:
                leads = _clean(answer.headers["location"], address)
                if leads is None:
                    raise _NotThere("it leads to no web address", gone=True)
                return leads
            if answer.status_code != 200:
                status = answer.status_code
                refused = 400 <= status < 500 and status != 429
                raise _NotThere(f"it answers {status}", gone=status in _GONE, refused=refused)
            content = bytearray()
            async for chunk in answer.aiter_raw():
                content += chunk
                if len(content) > most:
                    raise _NotThere(f"it is larger than {most // 1_000_000} MB")
        if answer.headers.get("content-encoding", "identity").lower() not in ("gzip", "identity"):
            raise _NotThere("it is packed in a way that was not asked for")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return _Answer(address, _unpacked(bytes(content), most), kind)


def _unpacked(content: bytes, most: int) -> bytes:
    """Gzip is taken off by what the bytes are, packed once or twice; no more comes out than may."""
    for _ in range(2):
        if not content.startswith(_GZIP):
            break
        unpack = zlib.decompressobj(wbits=31)
        try:
            content = unpack.decompress(content, most + 1)
        except zlib.error:
            raise _NotThere("it is packed and cannot be unpacked") from None
        if len(content) > most:
            raise _NotThere(f"it is larger than {most // 1_000_000} MB")
    return content


def _read(answer: _Answer) -> Page:
    from bs4.dammit import UnicodeDammit

    text = UnicodeDammit(answer.content, ["utf-8"], is_html=True).unicode_markup or ""
    return read_html(text, answer.url)


def _articles(pages: Sequence[tuple[_Place, Page]]) -> tuple[list[ArticleFile], list[Skipped]]:
    """The pages as articles, each address once, without what stands on most of the pages."""
    once = {place.url: (place, page) for place, page in reversed(pages)}
    repeated = _repeated([page for _, page in once.values()])
    articles, skipped = [], []
    for place, page in reversed(once.values()):
        blocks = [block for block in _blocks(page.body) if block not in repeated]
        try:
            articles.append(
                article(
                    place.url,
                    page.title or place.url,
                    "\n\n".join(blocks),
                    where=place.url,
                    updated=place.changed_at or page.updated_at,
                    url=place.url,
                    audience=page.audience,
                    state=page.state,
                )
            )
        except ArticleUnreadable as problem:
            skipped.append(Skipped(place.url, problem.message.removeprefix(f"{place.url} ").rstrip(".")))
    return articles, skipped


def _repeated(pages: Sequence[Page]) -> frozenset[str]:
    if len(pages) < _ENOUGH_PAGES:
        return frozenset()
    on = Counter(block for page in pages for block in set(_blocks(page.body)))
    return frozenset(block for block, count in on.items() if count > _REPEATED * len(pages))


def _blocks(body: str) -> list[str]:
    return re.split(r"\n{2,}", body)


def _xml(content: bytes, address: str) -> ElementTree.Element:
    # A sitemap needs no document type, and entities declared in one can grow without end.
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content, re.IGNORECASE) or b"\0" in content[:200]:
        raise SiteUnreadable(f"{address} is not a plain sitemap.")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise SiteUnreadable(f"{address} is not a sitemap: {error}.") from None


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(entry: ElementTree.Element, name: str) -> str | None:
    return next((child.text for child in entry if _name(child) == name and child.text), None)


def _date(value: str | None) -> datetime | None:
    try:
        return None if value is None else moment(value, "")
    except ArticleUnreadable:
        return None


def _clean(address: str | None, base: str) -> str | None:
    """A web address, whole and without its fragment."""
    if not address or not address.strip():
        return None
    try:
        parts = urlsplit(urljoin(base, address.strip()))
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def _host(address: str) -> str:
    """Host and port; the plain and the secret way to a host are one where both stand on their usual port."""
    parts = urlsplit(address)
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{(parts.hostname or '').lower()}{port}"
