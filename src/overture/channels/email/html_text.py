"""The words of an HTML mail, with quotes marked by `>` and signatures by `-- `, as its program wrote them in markup.

nh3 makes well-formed HTML of it first and takes scripts, styles and comments out, so that the reading below is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

import nh3

from overture.channels.email.quotes import CUT

MAX_HTML = 1_000_000  # characters that are read
MAX_TAGS = 60_000
MAX_OPEN = 400  # elements inside each other; no mail program comes near
_TAGS = {
    "a", "b", "blockquote", "br", "center", "dd", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "li", "ol", "p", "pre", "section", "span", "strong", "table", "tbody", "td", "th", "tr", "u", "ul",
    "article", "header", "footer", "main", "address", "cite", "code", "tt", "big", "small", "thead", "tfoot",
}  # fmt: skip
_KEEP = {"class", "id", "style", "data-smartmail", "type", "href", "alt", "name", "dir", "data-marker"}
_BLOCK = {
    "div", "p", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "header",
    "footer", "main", "address", "center", "dl", "dt", "dd", "blockquote", "hr",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}
_MARKUP = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})")
_NEVER_CLOSED = {
    "br",
    "hr",
    "img",
    "p",
    "li",
    "meta",
    "link",
    "input",
    "area",
    "base",
    "col",
    "wbr",
    "td",
    "tr",
    "th",
    "o:p",
}
_VOID = {"br", "hr", "img"}
_QUOTE = re.compile(
    r"\b(?:gmail_quote(?!_attribution)\w*|gmail_extra_quote|yahoo_quoted|moz-cite-container|protonmail_quote|tutanota_quote|"
    r"zmail_extra|ms-outlook-quote|wp-quote|reply-quote|quoted-text|WordSection-quote)\b|gmail_quote_container",
)
_ATTRIBUTION = re.compile(r"\b(?:gmail_attr|moz-cite-prefix|gmail_quote_attribution)\b")
_QUOTE_ID = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|isForwardContent|replySplit|"
    r"mail-editor-reference-message-container|reply-intro)$"
)
_SIGNATURE = re.compile(
    r"\b(?:gmail_signature|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature|yahoo-signature|"
    r"bloop_sign|sig-container|mobisig|apple-signature)\b"
)
_SIGNATURE_ID = re.compile(
    r"^(?:x_)*(?:Signature|signature|AppleMailSignature|ms-outlook-mobile-signature|mobisig|composer_signature|"
    r"edo-signature|ymail_android_signature)$"
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|font-size\s*:\s*0(?![.\d])|max-height\s*:\s*0(?![.\d])|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
)


@dataclass(frozen=True)
class HtmlText:
    """The words of an HTML mail; `marked` where its markup says what is quoted or signed."""

    text: str
    marked: bool


@dataclass
class _Open:
    tag: str
    quote: bool = False
    hidden: bool = False
    signature: bool = False


@dataclass
class _Reader(HTMLParser):
    lines: list[str] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    marked: bool = False
    depth: int = 0  # of quotes
    hidden: int = 0
    pre: int = 0
    after_cut: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line(always=True)
            return
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCK:
            self._end_line()
            if tag in _SPACED and self.lines and self._last():
                self.lines.append(self._mark())
        if tag == "hr":
            if _QUOTE_ID.match(given.get("id", "")) or given.get("id", "") == "stopSpelling":
                self._cut()
            else:
                self.words.append("_" * 32)
                self._end_line()
            return
        if tag in _VOID or len(self.open) >= MAX_OPEN:
            return
        if tag == "li":
            self.words.append("- ")
        one = _Open(tag)
        kind, identity = given.get("class", ""), given.get("id", "")
        if (
            tag == "blockquote"
            or _ATTRIBUTION.search(kind)
            or _QUOTE.search(kind)
            or identity.endswith("yahoo_quoted")
        ):
            # Gmail's container holds the attribution too, which stays outside the marks.
            one.quote = tag == "blockquote" or _ATTRIBUTION.search(kind) is not None
            self.marked = True
        if _QUOTE_ID.match(identity):
            self._cut()
        if (
            not self.depth
            and not self.after_cut
            and (
                _SIGNATURE.search(kind)
                or _SIGNATURE_ID.match(identity)
                or "gmail_signature" in given.get("data-smartmail", "")
            )
        ):
            one.signature = True
            self._end_line()
            self.lines.append("-- ")
            self.marked = True
        one.hidden = bool(_HIDDEN.search(given.get("style", "")))
        if one.quote:
            self.depth += 1
        self.hidden += one.hidden
        self.pre += tag == "pre"
        self.open.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCK:
            self._end_line()
        while self.open:
            one = self.open.pop()
            if one.quote:
                self._end_line()
                self.depth -= 1
            if one.signature:
                self._end_line()
                self.lines.append(END_OF_SIGNATURE)
            self.hidden -= one.hidden
            self.pre -= one.tag == "pre"
            if one.tag == tag:
                break
        if tag in _SPACED and self._last():
            self.lines.append(self._mark())

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.pre:
            first, *rest = data.split("\n")
            self.words.append(first)
            for line in rest:
                self._end_line(always=True)
                self.words.append(line)
            return
        self.words.append(data)

    def _cut(self) -> None:
        """From here on the old mail, as Outlook marks it."""
        self._end_line()
        if not self.depth and not self.after_cut:
            self.lines.append(CUT)
            self.after_cut = self.marked = True

    def _mark(self) -> str:
        return "> " * min(self.depth, 5)

    def _last(self) -> bool:
        return bool(self.lines and self.lines[-1].strip("> "))

    def _end_line(self, *, always: bool = False) -> None:
        joined = "".join(self.words)
        text = joined.rstrip() if self.pre else " ".join(joined.replace("\xa0", " ").split())
        self.words.clear()
        if text or always:
            self.lines.append(f"{self._mark()}{text}")


END_OF_SIGNATURE = "\ue001"


def words_of(html: str) -> HtmlText:
    """What a person reads in this HTML."""
    shown = re.sub("[\ue000-\ue001]", "", html[:MAX_HTML])
    if _is_a_maze(shown):
        return HtmlText(
            "\n".join(_collapsed([one.strip() for one in _words_alone(shown).split("\n")])), False
        )
    shown = nh3.clean(
        shown,
        tags=_TAGS,
        attributes={"*": _KEEP},
        clean_content_tags={"script", "style", "title", "noscript", "template", "svg", "math"},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Reader()
    reader.feed(shown)
    reader.close()
    reader._end_line()
    return HtmlText("\n".join(_collapsed(reader.lines)), reader.marked)


def _is_a_maze(html: str) -> bool:
    """Whether it is nested as no program nests: browsers' rules for mending such take time by the square of it."""
    depth, count = 0, html.count("&")
    if count > MAX_TAGS:
        return True
    for found in _MARKUP.finditer(html):
        count += 1
        if found[2].lower() not in _NEVER_CLOSED:
            depth = max(0, depth + (-1 if found[1] else 1))
        if depth > MAX_OPEN or count > MAX_TAGS:
            return True
    return False


def _words_alone(html: str) -> str:
    without = re.sub(r"<[^<>]*>", "\n", re.sub(r"(?is)<(script|style)\b[^<>]*>[^<]*", "", html))
    return unescape(without)


def _collapsed(lines: list[str]) -> list[str]:
    """Without more than one empty line in a row."""
    kept: list[str] = []
    for line in lines:
        if line.strip("> ") or (kept and kept[-1].strip("> ")):
            kept.append(line.rstrip() if line != "-- " else line)
    return kept
