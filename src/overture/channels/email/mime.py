"""Take a mail apart into headers and parts, with bounded work whatever it holds.

The standard parser hands every line through every open part, so that a mail of a few megabytes nested some hundred deep
keeps it busy for minutes. Here a part is a span of bytes: each level is searched once, and depth and number have a limit.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property

MAX_DEPTH = 12
MAX_PARTS = 300
MAX_HEADER_BYTES = 128 * 1024  # of one part; what is beyond is not read
MAX_HEADER_LINES = 1_000
MAX_VALUE = 8_000  # characters of one header
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
_HEADER = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")

# What mails say where they mean something wider, or something that Python calls by another name.
_CHARSETS = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "default": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_2",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
_NOT_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}


@dataclass(frozen=True)
class Headers:
    """The headers of a mail or of a part, in their order, names in lower case."""

    lines: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.lines:
            found.setdefault(name, []).append(value)
        return found

    def all(self, name: str) -> Sequence[str]:
        return self._by_name.get(name, ())

    def get(self, name: str) -> str:
        """The first of this name as it stands, or nothing."""
        found = self.all(name)
        return found[0] if found else ""

    def words(self, name: str) -> str:
        """The first of this name as a person reads it."""
        return decoded(self.get(name))

    def names(self) -> Iterator[str]:
        return iter(self._by_name)


@dataclass(frozen=True)
class Part:
    """One part of a mail: a text, a file, or more parts."""

    headers: Headers
    body: bytes = field(repr=False)
    content_type: str
    params: Mapping[str, str]
    disposition: str
    file_name: str
    parts: tuple[Part, ...] = ()

    @cached_property
    def content(self) -> bytes:
        """The body as it was before it was encoded for the way."""
        encoding = self.headers.get("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _base64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        return self.body

    def text(self, most: int) -> str:
        """The body as characters, whatever it claims to be."""
        return in_characters(self.content[: most * 4], self.params.get("charset", ""))[:most]

    def walk(self) -> Iterator[Part]:
        yield self
        for one in self.parts:
            yield from one.walk()


@dataclass
class _Count:
    parts: int = 0
    too_many: bool = False
    too_deep: bool = False


@dataclass(frozen=True)
class Parsed:
    """A mail taken apart; `dropped` says in words what was not looked at."""

    root: Part
    dropped: tuple[str, ...]


def take_apart(raw: bytes) -> Parsed:
    """The mail's parts. Never fails: what is broken is read as far as it goes."""
    # Files of mails that mbox programs wrote begin with a line that is no header.
    if raw.startswith(b"From ") and b"\n" in raw[:1000]:
        raw = raw[raw.index(b"\n") + 1 :]
    count = _Count()
    root = _part(raw, 0, "text/plain", count)
    dropped = []
    if count.too_many:
        dropped.append(f"The mail has more than {MAX_PARTS} parts; the rest was not read.")
    if count.too_deep:
        dropped.append(f"The mail is nested more than {MAX_DEPTH} deep; what is deeper was not read.")
    return Parsed(root, tuple(dropped))


def _part(raw: bytes, depth: int, usual: str, count: _Count) -> Part:
    count.parts += 1
    headers, body = split_headers(raw)
    content_type, params = _content_type(headers.get("content-type"), usual)
    disposition, where = _parameters(headers.get("content-disposition"))
    name = decoded(where.get("filename", "") or params.get("name", ""))
    inner: list[Part] = []
    if content_type.startswith("multipart/") and params.get("boundary"):
        digest = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        if depth >= MAX_DEPTH:
            count.too_deep = True
        else:
            for piece in _between(body, params["boundary"]):
                if count.parts >= MAX_PARTS:
                    count.too_many = True
                    break
                inner.append(_part(piece, depth + 1, digest, count))
    return Part(headers, body, content_type, params, disposition, name, tuple(inner))


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """Headers and what comes after the empty line."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return Headers(), raw[2 if raw[:1] == b"\r" else 1 :]
    end = _END_OF_HEADERS.search(raw)
    head, body = (raw, b"") if end is None else (raw[: end.start()], raw[end.end() :])
    text = _guess(head[:MAX_HEADER_BYTES])
    lines: list[tuple[str, str]] = []
    values: list[list[str]] = []
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in (" ", "\t") and values:
            if sum(map(len, values[-1])) < MAX_VALUE:
                values[-1].append(line.strip())
            continue
        found = _HEADER.match(line)
        if found is None:
            continue  # not a header: a broken program's line, or one that somebody smuggled in
        if len(lines) >= MAX_HEADER_LINES:
            break
        lines.append((found[1].lower(), ""))
        values.append([found[2].strip()])
    kept = tuple(
        (name, clean(" ".join(value)[:MAX_VALUE])) for (name, _), value in zip(lines, values, strict=True)
    )
    return Headers(kept), body


def _between(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the lines of a boundary. A last part without an end goes to the end of the mail."""
    mark = re.escape(boundary.encode("utf-8", "replace")[:200])
    lines = re.compile(rb"(?:^|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    start: int | None = None
    for found in lines.finditer(body):
        if start is not None:
            yield _without_first_break(body[start : found.start()])
        start = found.end()
        if found[1]:
            return
    if start is not None:
        yield _without_first_break(body[start:])


def _without_first_break(piece: bytes) -> bytes:
    if piece.startswith(b"\r\n"):
        return piece[2:]
    return piece[1:] if piece.startswith(b"\n") else piece


def _content_type(value: str, usual: str) -> tuple[str, Mapping[str, str]]:
    kind, params = _parameters(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.+_-]{0,60}/[a-z0-9][a-z0-9.+_-]{0,100}", kind):
        kind = usual if not value or not kind.startswith("multipart") else "text/plain"
    return kind, params


def _parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """`text/plain; charset=utf-8` as its two halves. Continued and encoded values (RFC 2231) are put together."""
    if not value:
        return "", {}
    holder = Message()
    holder["Content-Type"] = value[:4_000]
    try:
        pairs = holder.get_params(failobj=[], unquote=True) or []
        params = {str(name).lower(): collapse_rfc2231_value(one) for name, one in pairs[1:]}
        kind = str(pairs[0][0]) if pairs else ""
    except (ValueError, TypeError, LookupError, RecursionError):
        kind, params = value.split(";", 1)[0], {}
    return kind.strip().lower(), params


def _base64(body: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", body.split(b"=\r\n\r\n", 1)[0])
    # What is cut off in the middle of a group still says what its whole bytes say.
    tail = len(kept) % 4
    kept = kept[:-1] if tail == 1 else kept + b"=" * (-len(kept) % 4)
    try:
        return binascii.a2b_base64(kept)
    except binascii.Error:
        return b""


# Characters


def in_characters(content: bytes, charset: str) -> str:
    """Bytes as characters: as declared if that works, else as UTF-8, else as well as it goes."""
    name = charset.strip().strip("'\"").lower()
    name = _CHARSETS.get(name, name)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and "utf" in name:
        name = "utf-16"
    for one in (name, "utf-8"):
        try:
            if _is_charset(one):
                return clean(content.decode(one))
        except (UnicodeError, LookupError, ValueError):
            continue
    if _is_charset(name) and name != "utf-8":
        return clean(content.decode(name, "replace"))
    # Cut in the middle of a character, UTF-8 is still UTF-8; a stray accent makes it a Western page.
    text = content.decode("utf-8", "replace")
    return clean(text if text.count("\ufffd") <= 3 < len(text) // 20 else content.decode("cp1252", "replace"))


def _is_charset(name: str) -> bool:
    if not name or len(name) > 40:
        return False
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return found.name.replace("-", "_") not in _NOT_CHARSETS and getattr(found, "_is_text_encoding", True)


def _guess(head: bytes) -> str:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Without what no database keeps and no screen shows: NUL, control characters, half surrogate pairs."""
    return _CONTROLS.sub("", text)


def decoded(value: str) -> str:
    """A header as a person reads it: `=?utf-8?q?Caf=C3=A9?=` is Café."""
    if "=?" not in value:
        return " ".join(value.split())
    try:
        pieces = decode_header(value[:MAX_VALUE])
    except (ValueError, LookupError, binascii.Error):
        return " ".join(value.split())
    text = "".join(
        piece if isinstance(piece, str) else in_characters(piece, charset or "utf-8")
        for piece, charset in pieces
    )
    return " ".join(clean(text).split())
