"""Between what is stored and what is shown: Markdown or plain text inside, the published HTML subset outside."""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markdownify import markdownify

from overture.base.errors import Error
from overture.conversations.model import MAX_BODY, Format, Message

_SUBSET = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "a",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "pre",
    "code",
    "hr",
    "div",
}
_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(_SUBSET))}|html|body|span|img|table)(?:\s[^<>]*)?/?>", re.IGNORECASE
)


_NESTING = re.compile(r"</?(?!(?:p|li|br|hr|img)\b)[a-z][^<>]*>", re.IGNORECASE)
MAX_DEPTH = 50


class MarkupTooDeep(Error):
    """The HTML of the message is nested more than 50 deep."""


@cache
def _markdown() -> MarkdownIt:
    # No raw HTML and no images: what an author or a contact typed is never more than text and safe links.
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
        ["image", "html_block", "html_inline"]
    )


REMEMBERED = 2_000  # characters; a conversation is shown again with every message that comes


def to_html(body: str, form: Format) -> str:
    """The HTML of a stored message."""
    return _remembered(body, form) if len(body) <= REMEMBERED else _html(body, form)


def _html(body: str, form: Format) -> str:
    if form == "plain":
        paragraphs = re.split(r"\n{2,}", body.strip())
        return "".join(
            f"<p>{html.escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs
        )
    return str(_markdown().render(body)).strip().replace("\n", "")


_remembered = lru_cache(maxsize=2_048)(_html)


def to_text(body: str, form: Format) -> str:
    """A stored message as plain text, as a person would read it."""
    if form == "plain":
        return body
    shown = re.sub(r"<(?:br|/p|/li|/h\d)[^>]*>", "\n", to_html(body, form))
    return html.unescape(re.sub(r"<[^>]+>", "", shown)).strip()


def _depth(body: str) -> int:
    """How many elements are open at once at the most. Paragraphs and items close each other, so they do not count."""
    depth = deepest = 0
    for tag in _NESTING.finditer(body):
        depth += -1 if tag[0].startswith("</") else 1
        deepest = max(deepest, depth)
    return deepest


def read_body(body: str) -> Message:
    """A message that came in: plain text stays as it is, the published HTML subset becomes Markdown.

    Raises `MessageEmpty`, `MessageTooLong` or `MarkupTooDeep`.
    """
    body = body.replace("\x00", "").strip()
    if not _TAG.search(body) or len(body) > MAX_BODY:
        return Message(body, "plain")
    if _depth(body) > MAX_DEPTH:
        raise MarkupTooDeep(field="body")
    clean = nh3.clean(
        body, tags=_SUBSET, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None
    )
    return Message(
        str(markdownify(clean, heading_style="ATX", bullets="-", escape_misc=True)).strip(), "markdown"
    )
