"""An article from the text of one file or page: Markdown with front matter, or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Comment, Tag
from markdownify import MarkdownConverter

from overture.base.errors import Error
from overture.knowledge.model import STATES, ArticleFile
from overture.knowledge.split import first_heading, split

LONGEST_NAME = 512
MARKDOWN, HTML = (".md", ".markdown"), (".html", ".htm")

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_NOT_SAID = (
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "svg",
    "canvas",
    "form",
    "button",
    "dialog",
    "nav",
)
_AROUND = ("header", "footer", "aside")
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu"}
_NAMES = re.compile(
    r"\b(?:breadcrumbs?|cookie|consent|share|sharing|social|related|sidebar|pagination|newsletter|subscribe|"
    r"feedback|was-this-helpful|comments?|toc|table-of-contents|skip-link|visually-hidden|sr-only)\b"
)
_CONTENT = ("main", "[role=main]", "article", "[itemprop=articleBody]", "#content", "#main", ".article-body")
_BETWEEN_NAMES = re.compile(r"\s+[|–—·»-]\s+")
_META_STATE, _META_AUDIENCE = "overture:state", "overture:audience"


class ArticleUnreadable(Error):
    """This article cannot be read."""


@dataclass(frozen=True)
class Page:
    """What a page of HTML holds of an article; `canonical` is the address it gives itself."""

    title: str
    body: str
    canonical: str | None
    updated_at: datetime | None
    hidden: bool
    state: str | None = None
    audience: str | None = None


def from_file(source: str, text: str, *, where: str, stem: str) -> ArticleFile:
    """The article that a file of this name holds. Raises `ArticleUnreadable` with a sentence about `where`."""
    if "\0" in text:
        raise ArticleUnreadable(f"{where} is not text: it holds a zero byte.")
    if not text.strip():
        raise ArticleUnreadable(f"{where} is empty. Write the article, or remove the file.")
    if source.lower().endswith(HTML):
        page = read_html(text)
        return article(
            source,
            page.title or stem,
            page.body,
            where=where,
            state=page.state,
            audience=page.audience,
            updated=page.updated_at,
            url=page.canonical,
        )
    facts = _front_matter(text, where)
    return article(
        source,
        str(facts.get("title") or first_heading(text) or stem),
        text,
        where=where,
        state=facts.get("state"),
        audience=facts.get("audience"),
        updated=facts.get("updated"),
        url=facts.get("url"),
    )


def article(
    source: str,
    title: str,
    body: str,
    *,
    where: str,
    state: Any = None,
    audience: Any = None,
    updated: Any = None,
    url: Any = None,
) -> ArticleFile:
    """An article whose every part is checked. Raises `ArticleUnreadable`."""
    title = " ".join(title.split())
    if any("\ud800" <= character <= "\udfff" for character in source):  # bytes that are no UTF-8
        raise ArticleUnreadable(f"{source!r} is not a name that can be stored. Rename the file.")
    if len(source) > LONGEST_NAME or len(title) > LONGEST_NAME:
        raise ArticleUnreadable(
            f"{where} has a path or a title of more than {LONGEST_NAME} characters. Shorten it."
        )
    if state is not None and state not in STATES:
        raise ArticleUnreadable(f"{where} has the state “{state}”. Write published or draft.")
    if audience is not None and (not isinstance(audience, str) or not audience.strip()):
        raise ArticleUnreadable(f"{where} has an audience that is no condition. Write it in quotes.")
    if url is not None and urlsplit(str(url)).scheme not in ("http", "https"):
        raise ArticleUnreadable(f"{where} has a url that is no web address: {url}.")
    if not split(title, body):
        raise ArticleUnreadable(f"{where} has no text to answer from, only headings or notes. Write some.")
    return ArticleFile(
        source=source,
        title=title,
        body=body,
        state=state or "published",
        audience=audience,
        updated_at=None if updated is None else moment(updated, where),
        url=None if url is None else str(url),
    )


def moment(value: Any, where: str) -> datetime:
    """A date or time as files and exports write it; without a zone it is UTC. Raises `ArticleUnreadable`."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime.combine(value, time(), UTC)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(str(value).strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ArticleUnreadable(f"{where} has the date “{value}”. Write it like 2026-03-01.") from None


def read_html(html: str, address: str | None = None) -> Page:
    """The title and main content of a page, as Markdown; links are made whole by its address.

    What stands around the content (menus, banners, side columns, forms) is left out. The content is the page's own
    `main` or `article`, or else its body.
    """
    soup = BeautifulSoup(html, "html.parser")
    about = soup.title.get_text(" ", strip=True) if soup.title else ""
    metas = {_name_of(meta): str(meta.get("content") or "") for meta in soup.find_all("meta")}
    canonical = _canonical(soup, address)
    heading = soup.find("h1")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    content = _content(soup)
    heading = content.find("h1") or heading
    _strip(content, address)
    title = heading.get_text(" ", strip=True) if heading else _BETWEEN_NAMES.split(about)[0]
    body = _Markdown(heading_style="ATX", bullets="-", autolinks=False).convert_soup(content)
    return Page(
        title=" ".join(title.split()),
        body=re.sub(r"\n{3,}", "\n\n", body).strip(),
        canonical=canonical,
        updated_at=_date_of(metas),
        hidden="noindex" in metas.get("robots", "").lower(),
        state=metas.get(_META_STATE),
        audience=metas.get(_META_AUDIENCE),
    )


class _Markdown(MarkdownConverter):
    """Images leave their alternative text, links without words or to a script nothing but their words."""

    def convert_img(self, element: Tag, text: str, parent_tags: Iterable[str]) -> str:
        return str(element.get("alt") or "")

    def convert_a(self, element: Tag, text: str, parent_tags: Iterable[str]) -> str:
        target = str(element.get("href") or "")
        if not text.strip() or not target.startswith(("https://", "http://", "mailto:", "tel:")):
            return text
        return str(super().convert_a(element, text, parent_tags))  # type: ignore[misc]


def _front_matter(text: str, where: str) -> Mapping[str, Any]:
    found = _FRONT_MATTER.match(text.removeprefix("\ufeff"))
    if not found:
        return {}
    try:
        facts = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise ArticleUnreadable(f"{where} has front matter that cannot be read (line {line}).") from None
    return facts if isinstance(facts, dict) else {}


def _name_of(meta: Tag) -> str:
    return str(meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()


def _canonical(soup: BeautifulSoup, address: str | None) -> str | None:
    for link in soup.find_all("link", href=True):
        if "canonical" in (link.get("rel") or []):
            found = urljoin(address or "", str(link["href"]).strip())
            return found if urlsplit(found).scheme in ("http", "https") else None
    return None


def _date_of(metas: Mapping[str, str]) -> datetime | None:
    for name in ("article:modified_time", "og:updated_time", "datemodified", "last-modified"):
        if metas.get(name):
            try:
                return moment(metas[name], "")
            except ArticleUnreadable:
                continue
    return None


def _content(soup: BeautifulSoup) -> Tag:
    for selector in _CONTENT:
        found = soup.select(selector)
        if found:
            longest = max(found, key=lambda one: len(one.get_text(" ", strip=True)))
            if longest.get_text(strip=True):
                return longest
    return soup.body or soup


def _strip(content: Tag, address: str | None) -> None:
    for element in content.find_all(True):
        if element.decomposed:
            continue
        around = element.name in _AROUND and (content.name == "body" or not element.find("h1"))
        names = " ".join([str(element.get("id") or ""), *(element.get("class") or [])]).lower()
        if (
            element.name in _NOT_SAID
            or around
            or element.get("role") in _ROLES
            or element.has_attr("hidden")
            or element.get("aria-hidden") == "true"
            or (names and _NAMES.search(names) and not element.find(["h1", "main", "article"]))
        ):
            element.decompose()
        elif element.name == "a" and element.get("href"):
            element["href"] = urljoin(address or "", str(element["href"]).strip())
    for text in content.find_all(string=True):
        if "\0" in text:
            text.replace_with(text.replace("\0", ""))
