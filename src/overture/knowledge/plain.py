"""Markdown without its marks, for finding and embedding; never for showing."""

from __future__ import annotations

import re

_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LINE_MARK = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)]|>|#{1,6}|[-=|:]{3,}[-=|: ]*$)[ \t]*", re.MULTILINE)
_CELL = re.compile(r"\|")
_MARK = re.compile(r"[*`\[\]~\\]+|(?<!\w)_+|_+(?!\w)")
_SPACE = re.compile(r"\s+")


def plain(markdown: str) -> str:
    """The words of a piece on one line: links by their text, without marks, tags and addresses."""
    text = _TAG.sub(" ", _LINK_TARGET.sub("]", markdown))
    return _SPACE.sub(" ", _MARK.sub("", _CELL.sub(" ", _LINE_MARK.sub("", text)))).strip()


def searchable(title: str, heading: str, text: str) -> str:
    """What a passage is found and embedded by: where it stands, then its words."""
    return "\n".join(filter(None, (title, heading, plain(text))))
