"""Between what is stored and what is shown: Markdown or plain text inside, the published HTML subset outside."""

from __future__ import annotations

import html
import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdownify import markdownify

from overture.conversations.model import Format, Message

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


@cache
def _markdown() -> MarkdownIt:
    # No raw HTML and no images: what an author or a contact typed is never more than text and safe links.
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
        ["image", "html_block", "html_inline"]
    )


def to_html(body: str, form: Format) -> str:
    """The HTML of a stored message."""
    if form == "plain":
        paragraphs = re.split(r"\n{2,}", body.strip())
        return "".join(
            f"<p>{html.escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs
        )
    return str(_markdown().render(body)).strip().replace("\n", "")


def to_text(body: str, form: Format) -> str:
    """A stored message as plain text, as a person would read it."""
    if form == "plain":
        return body
    shown = re.sub(r"<(?:br|/p|/li|/h\d)[^>]*>", "\n", to_html(body, form))
    return html.unescape(re.sub(r"<[^>]+>", "", shown)).strip()


def read_body(body: str) -> Message:
    """A message that came in: plain text stays as it is, the published HTML subset becomes Markdown.

    Raises `MessageEmpty` or `MessageTooLong`.
    """
    body = body.replace("\x00", "").strip()
    if not _TAG.search(body):
        return Message(body, "plain")
    clean = nh3.clean(
        body, tags=_SUBSET, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None
    )
    return Message(
        str(markdownify(clean, heading_style="ATX", bullets="-", escape_misc=True)).strip(), "markdown"
    )
