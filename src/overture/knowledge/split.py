"""Cuts an article into the pieces it is found by, along its headings, paragraphs and lists."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from overture.knowledge.model import HEADING_SEPARATOR, Piece

WORDS = 180
"""A piece of prose has no more words than this; the encoder reads about as much."""
CHARACTERS = 1_600
"""Nor more characters, which bounds scripts that do without spaces."""
HEADING = 512
"""A way of headings is stored up to this many characters."""
BLOCK = 1.5
"""Code and tables are kept whole up to this many times the bound."""

_PARSER = MarkdownIt("commonmark").enable("table")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
# Code is matched first, so that what stands in it is neither a comment, an image nor a link.
_CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?:.|\n)*?(?<!`)(?P=ticks)(?!`)"
_HIDDEN = re.compile(
    rf"{_CODE}|<!--(?:[\s\S]*?-->|(?P<unclosed>[\s\S]*))"
    r"|!\[(?P<alt>[^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])?"
)
_REFERENCE = re.compile(rf"{_CODE}|(?<![\]\\])\[(?P<text>[^\[\]]+)\](?:\[(?P<label>[^\[\]]*)\])?(?![(\[:])")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?:\s+(?=[\"'“‘(\[*_]*[^\W_a-zß-ÿ])|\Z)|[。！？]+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|mr|mrs|ms|dr|st|inc|ltd)|\b[A-Za-z]|^\s*\d+)\.$", re.IGNORECASE
)

_KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quote",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "html",
}


@dataclass(frozen=True)
class Block:
    """One paragraph, list, table or other whole; `text` is its source, of a heading its words."""

    kind: str
    text: str
    level: int = 0


def split(title: str, markdown: str) -> list[Piece]:
    """The pieces of an article, in order.

    No sentence is cut unless it alone is over the bound, and code and tables only past `BLOCK` times it.
    The text stays the author's Markdown; front matter and comments go, an image leaves its alternative text,
    and a heading with nothing under it says nothing.
    """
    return [
        Piece(heading, text)
        for heading, blocks in _sections(title, markdown)
        for text in _packed([part for block in blocks for part in _fitting(block)])
    ]


def first_heading(markdown: str) -> str | None:
    """The words of the first heading that has any: an article's title."""
    blocks = _blocks(_prepared(markdown), {})
    return next((block.text for block in blocks if block.kind == "heading" and block.text), None)


def blocks_of(markdown: str) -> list[Block]:
    """The blocks of a piece, each with its own source."""
    return list(_blocks(markdown, {}))


def items_of(markdown: str) -> list[str]:
    """The items of a list, each with its mark and what is nested in it."""
    lines = markdown.split("\n")
    items = (
        token.map for token in _PARSER.parse(markdown) if token.type == "list_item_open" and token.level == 1
    )
    return ["\n".join(lines[start:end]).rstrip() for start, end in filter(None, items)]


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order and complete."""
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        sentence = text[start : end.end()].strip()
        if sentence and not _ABBREVIATION.search(sentence):
            found.append(sentence)
            start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _prepared(markdown: str) -> str:
    """Line ends and characters as the parser takes them, without front matter."""
    text = markdown.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return _FRONT_MATTER.sub("", text, count=1)


def _sections(title: str, markdown: str) -> Iterator[tuple[str, list[Block]]]:
    """The blocks under each heading, with the way to it."""
    environment: dict[str, Any] = {}
    path: list[Block] = []
    section: list[Block] = []
    for block in list(_blocks(_prepared(markdown), environment)):
        if block.kind == "heading":
            if section:
                yield _path(title, path), section
            path = [*(above for above in path if above.level < block.level), block]
            section = []
        elif shown := _shown(block, environment.get("references", {})):
            section.append(Block(block.kind, shown))
    if section:
        yield _path(title, path), section


def _blocks(markdown: str, environment: MutableMapping[str, Any]) -> Iterator[Block]:
    lines = markdown.split("\n")
    tokens = _PARSER.parse(markdown, environment)
    for token, following in zip_longest(tokens, tokens[1:]):
        kind = _KINDS.get(token.type)
        if token.level or not kind or not token.map:
            continue
        if kind == "heading":
            yield Block(kind, _words_of(following), int(token.tag[1:]))
        else:
            yield Block(kind, "\n".join(lines[slice(*token.map)]).strip("\n").rstrip())


def _words_of(inline: Token | None) -> str:
    children = (inline.children if inline else None) or []
    texts = (
        " " if child.type == "softbreak" else child.content
        for child in children
        if child.type != "html_inline"
    )
    return " ".join("".join(texts).split())


def _path(title: str, path: Sequence[Block]) -> str:
    words = [block.text for block in path if block.text]
    if words and words[0].casefold() == title.casefold():
        del words[0]
    way = HEADING_SEPARATOR.join(words)
    return way if len(way) <= HEADING else f"{way[: HEADING - 1]}…"


def _shown(block: Block, references: dict[str, dict[str, str]]) -> str:
    """What a block leaves for the reader, with every link complete in itself."""
    if block.kind == "code":
        return block.text

    def visible(found: re.Match[str]) -> str:
        return found[0] if found["ticks"] or found["unclosed"] is not None else found["alt"] or ""

    def complete(found: re.Match[str]) -> str:
        reference = references.get(normalizeReference(found["label"] or found["text"] or ""))
        return f"[{found['text']}](<{reference['href']}>)" if reference and not found["ticks"] else found[0]

    text = _HIDDEN.sub(visible, block.text)
    if references:
        text = _REFERENCE.sub(complete, text)
    return text.rstrip() if text.strip() else ""


def _fill(text: str) -> float:
    """How full a piece would be of this text; 1 is the bound."""
    return max(len(text.split()) / WORDS, len(text) / CHARACTERS)


def _characters(text: str) -> list[str]:
    return [text[start : start + CHARACTERS] for start in range(0, len(text), CHARACTERS)]


Way = tuple[Callable[[str], list[str]], str]
_WORDWISE: tuple[Way, ...] = ((str.split, " "), (_characters, ""))
_PROSE: tuple[Way, ...] = ((sentences, " "), *_WORDWISE)
_LINES: tuple[Way, ...] = ((str.splitlines, "\n"), *_PROSE)
_WAYS: dict[str, tuple[Way, ...]] = {"paragraph": _PROSE, "list": ((items_of, "\n"), *_LINES)}


def _fitting(block: Block) -> list[str]:
    """A block as one text, or as few as the bound asks for."""
    if block.kind == "code":
        return _code(block.text)
    if block.kind == "table":
        return _table(block.text)
    return _cut(block.text, _WAYS.get(block.kind, _LINES))


def _cut(text: str, ways: Sequence[Way]) -> list[str]:
    """Cuts a text the coarsest way that serves, and what is still too long the next finer way."""
    if _fill(text) <= 1:
        return [text]
    (parts_of, joint), finer = ways[0], ways[1:]
    done: list[str] = []
    open_ = ""
    for part in parts_of(text):
        joined = f"{open_}{joint}{part}" if open_ else part
        if _fill(joined) <= 1:
            open_ = joined
            continue
        if open_:
            done.append(open_)
        *full, open_ = _cut(part, finer)
        done += full
    return [*done, open_] if open_ else done


def _code(text: str) -> list[str]:
    if _fill(text) <= BLOCK:
        return [text]
    lines = text.split("\n")
    opening = re.match(r" {0,3}(`{3,}|~{3,})", lines[0])
    if not opening:
        return _cut(text, ((str.splitlines, "\n"), *_WORDWISE))
    closed = lines[-1].strip() and not lines[-1].strip().strip(opening[1][0])
    body = "\n".join(lines[1 : -1 if closed else None])
    mark = lines[0] if _fill(lines[0]) <= 0.2 else opening[0]
    return [f"{mark}\n{part}\n{opening[1]}" for part in _cut(body, ((str.splitlines, "\n"), *_WORDWISE))]


def _table(text: str) -> list[str]:
    if _fill(text) <= BLOCK:
        return [text]
    lines = text.split("\n")
    head = "\n".join(lines[:2])
    if _fill(head) > BLOCK - 1:
        return _cut(text, _LINES)
    return [f"{head}\n{rows}" for rows in _cut("\n".join(lines[2:]), _LINES)]


def _packed(parts: Sequence[str]) -> Iterator[str]:
    """Joins neighbours into pieces about equally full; what ends in a colon goes with what it announces."""
    whole = sum(map(_fill, parts))
    enough = whole / math.ceil(whole) if whole > 1 else 1
    piece: list[str] = []
    for part in parts:
        if piece and (_fill("\n\n".join([*piece, part])) > 1 or _full(piece, enough)):
            announced = len(piece) > 1 and piece[-1].endswith(":") and _fill(f"{piece[-1]}\n\n{part}") <= 1
            carried = [piece.pop()] if announced else []
            yield "\n\n".join(piece)
            piece = carried
        piece.append(part)
    if piece:
        yield "\n\n".join(piece)


def _full(piece: Sequence[str], enough: float) -> bool:
    return not piece[-1].endswith(":") and _fill("\n\n".join(piece)) >= enough - 0.05
