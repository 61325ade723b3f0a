"""Read a mail that came in: who wrote what, whether a person did, and which of its words are new."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from overture.channels.email import auto, bounce
from overture.channels.email.authentication import believed
from overture.channels.email.html_text import END_OF_SIGNATURE, words_of
from overture.channels.email.inbound import InboundMail, MailFile
from overture.channels.email.mime import Headers, Parsed, Part, clean, decoded, take_apart
from overture.channels.email.quotes import CUT, asks_to_write_above, sort_lines
from overture.channels.email.signature import without_delimited, without_signature

MAX_MAIL = 26 * 1024 * 1024  # bytes; what doors take, and what is read of a longer one
MAX_TEXT = 300_000  # characters of a mail that are read
MAX_FILES = 20
MAX_FILE = 10 * 1024 * 1024
MAX_IDS = 100
MAX_ID = 250
MAX_HOPS = 50  # servers that a mail passes; more, and it goes in circles

_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,100}@[\w.-]{1,250}\w")
_ANSWER = re.compile(
    r"(?:re|aw|sv|vs|antw|antwort|odp|rif|res|ref|ynt|atb|回复|答复|回覆|返信|答覆|fwd?|wg|tr|rv|enc|doorst|pd|r|i)"
    r"\s?(?:\[\d+\]|\(\d+\))?\s?[:：]",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[\w-]+:[^\n]*\n)*\n?")
_NO_FILES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_RECIPIENTS = (
    "x-original-to",
    "x-gm-original-to",
    "delivered-to",
    "envelope-to",
    "x-envelope-to",
    "apparently-to",
    "resent-to",
    "to",
    "cc",
    "resent-cc",
)


def read(
    raw: bytes,
    authserv_id: str | None = None,
    *,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
) -> InboundMail:
    """What this mail is. Never fails: a broken mail is read as far as it goes.

    `authserv_id` names the server whose word on SPF, DKIM and DMARC is believed. The envelope is known where a mail came
    by SMTP; an empty `envelope_from` is the null sender of notices.
    """
    parsed = take_apart(raw[:MAX_MAIL])
    headers = parsed.root.headers
    found = _contents(parsed)
    dropped = [*parsed.dropped, *found.dropped]
    if len(raw) > MAX_MAIL:
        dropped.append(f"The mail is larger than {MAX_MAIL} bytes; only its beginning was read.")
    name, sender = _sender(headers)
    in_reply_to = next(iter(_ids(headers, "in-reply-to")), None)
    references = _ids(headers, "references")
    subject = headers.words("subject")[:1_000]
    answers = bool(in_reply_to or references or _ANSWER.match(subject))
    plain, html = found.plain, found.html
    text, full = _new_words(plain, html, answers=answers, name=name)
    null_sender = envelope_from == "" or headers.get("return-path").replace(" ", "") == "<>"
    report = bounce.report_of(parsed, sender, null_sender=null_sender, text=full)
    if report is not None:
        judged = auto.Judged("bounce", report.reason)
    elif len(headers.all("received")) > MAX_HOPS:
        judged = auto.Judged("auto", f"It passed more than {MAX_HOPS} servers: it goes in circles.")
    else:
        kinds = frozenset(one.content_type for one in parsed.root.walk())
        # Under a ticket system's line stands what it says, not what it quotes.
        words = full if not text and asks_to_write_above(full) else text
        judged = auto.judged(headers, sender, kinds, null_sender=null_sender, text=lambda: words)
    checked = believed(headers.all("authentication-results"), authserv_id)
    original = None
    if report is not None:
        original = report.original_message_id
    elif judged.kind == "auto":
        original = in_reply_to
    return InboundMail(
        message_id=_message_id(headers, plain or html),
        in_reply_to=in_reply_to,
        references=references,
        from_address=sender,
        from_name=name,
        to=_recipients(headers, envelope_to),
        subject=subject,
        sent_at=_sent_at(headers),
        text=text,
        full_text=full,
        html=html or None,
        kind=judged.kind,
        kind_reason=judged.reason,
        bounced=report.bounced if report is not None else (),
        original_message_id=original,
        attachments=tuple(found.files),
        dmarc=checked.dmarc,
        spf=checked.spf,
        dkim=checked.dkim,
        many_senders=_many_senders(headers),
        complaint=report.complaint if report is not None else None,
        size=len(raw),
        dropped=tuple(dropped),
    )


# Texts and files


@dataclass
class _Contents:
    plain: str = ""
    html: str = ""
    files: list[MailFile] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def _contents(parsed: Parsed) -> _Contents:
    found = _Contents()
    _collect(parsed.root, found, inside="")
    return found


def _collect(part: Part, found: _Contents, *, inside: str) -> None:
    """Sort a part and what is in it into words and files."""
    kind = part.content_type
    if kind.startswith("multipart/"):
        if not part.parts and part.body.strip() and not part.params.get("boundary"):
            found.plain = _joined(found.plain, part.text(MAX_TEXT))  # it says that it has parts, and has none
        for one in part.parts:
            _collect(one, found, inside=kind)
        return
    is_file = part.disposition == "attachment" or (
        part.file_name and kind != "text/html" and inside != "multipart/alternative"
    )
    if kind == "text/plain" and not is_file:
        found.plain = _joined(found.plain, _unflowed(part))
    elif kind == "text/html" and not is_file:
        found.html = _joined(found.html, part.text(MAX_TEXT * 3))
    elif kind in _NO_FILES or (inside == "multipart/report" and not is_file):
        return
    else:
        _keep_file(part, found)


def _joined(before: str, more: str) -> str:
    return (f"{before.rstrip()}\n{more}" if before.strip() else more)[: MAX_TEXT * 3]


def _keep_file(part: Part, found: _Contents) -> None:
    name = _file_name(part)
    if len(found.files) >= MAX_FILES:
        if len(found.files) == MAX_FILES and not any("files" in one for one in found.dropped):
            found.dropped.append(f"The mail has more than {MAX_FILES} files; the rest was left out.")
        return
    if len(part.body) > MAX_FILE * 2 or len(content := part.content) > MAX_FILE:
        found.dropped.append(f"{name} is larger than {MAX_FILE // 1024 // 1024} MB and was left out.")
        return
    if content:
        found.files.append(MailFile(name, part.content_type, content))


def _file_name(part: Part) -> str:
    """The last piece of the name it gives itself, without what a path or a terminal could make of it."""
    name = re.split(r"[/\\]", part.file_name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]", "", name).strip(" .")[
        -200:
    ]
    if name:
        return name
    ending = {"message/rfc822": "eml", "text/calendar": "ics", "image/jpeg": "jpg", "text/plain": "txt"}
    kind = part.content_type
    return f"file.{ending.get(kind, re.sub('[^a-z0-9]', '', kind.rpartition('/')[2].rpartition('.')[2]) or 'bin')}"


def _unflowed(part: Part) -> str:
    """Its lines; those that were broken for the way (format=flowed) put together again."""
    text = _lines(part.text(MAX_TEXT))
    if part.params.get("format", "").lower() != "flowed":
        return text
    delete = part.params.get("delsp", "").lower() == "yes"
    kept: list[str] = []
    open_mark: str | None = None
    for line in text.split("\n"):
        mark = re.match(r">*", line)[0]  # type: ignore[index]
        words = line[len(mark) :]
        if words.startswith(" "):
            words = words[1:]
        flows = words.endswith(" ") and words != "-- "
        body = words[:-1] if flows and delete else words
        if open_mark == mark and words != "-- " and kept:
            kept[-1] += body
        else:
            kept.append((f"{mark} " if mark else "") + body)
        open_mark = mark if flows else None
    return "\n".join(one.rstrip() if not one.endswith("-- ") else one for one in kept)


def _lines(text: str) -> str:
    return re.sub(r"[\u2028\u2029\x0b\x0c\x85]", "\n", text.replace("\r\n", "\n").replace("\r", "\n"))


# The new words


def _new_words(plain: str, html: str, *, answers: bool, name: str) -> tuple[str, str]:
    """The new words alone, and everything."""
    plain = _without_pgp(_lines(plain))[:MAX_TEXT]
    if not html or (plain.strip() and len(html) > MAX_TEXT * 2):
        return new_words(plain, answers=answers, name=name), plain.strip()
    shown = words_of(html)
    of_html = new_words(shown.text[:MAX_TEXT], answers=answers or shown.marked, name=name)
    all_html = "\n".join(one for one in shown.text.split("\n") if one not in (CUT, END_OF_SIGNATURE)).strip()
    if not plain.strip() or _only_points_at_html(plain, all_html):
        return of_html, all_html
    of_plain = new_words(plain, answers=answers, name=name)
    if shown.marked and of_html and len(of_html) < len(of_plain):
        # Markup knows what is quoted in every language. It may shorten what the words say, never replace it.
        shorter = _beginning_with(of_plain, of_html)
        if shorter is not None:
            return shorter, plain.strip()
    return of_plain or of_html, plain.strip()


def new_words(text: str, *, answers: bool = True, name: str = "") -> str:
    """What is new in a text: without what it quotes, and without signatures. Answers between quoted lines are kept,
    in their order."""
    lines = sort_lines(text.replace("\xa0", " "), answers=answers)
    last = max((at for at, one in enumerate(lines) if one.sort == "new" and one.text.strip()), default=-1)
    kept: list[str] = []
    segment: list[str] = []
    for at, line in enumerate(lines):
        if line.sort == "new":
            segment.append(line.text.rstrip() if line.text != "-- " else line.text)
        if segment and (line.sort != "new" or at == len(lines) - 1):
            # Between quoted lines nobody signs; above or under the whole quote they do.
            ends = line.sort != "quoted" or at > last
            words = without_delimited(segment, END_OF_SIGNATURE)
            words = without_signature(words, name) if ends else words
            if any(one.strip() for one in words):
                kept.append("\n".join(words).strip())
            segment = []
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _beginning_with(longer: str, shorter: str) -> str | None:
    """The lines of the longer text whose words are the shorter one, if it begins with them."""
    wanted = re.findall(r"\w+", shorter.lower())
    seen: list[str] = []
    kept: list[str] = []
    for line in longer.split("\n"):
        if len(seen) >= len(wanted):
            break
        seen += re.findall(r"\w+", line.lower())
        kept.append(line)
    return "\n".join(kept).strip() if wanted and seen == wanted else None


def _only_points_at_html(plain: str, html: str) -> bool:
    """“Your mail program cannot show HTML” is no message."""
    return len(plain) < 400 < len(html) + 350 and bool(
        re.search(r"\bhtml\b", plain, re.IGNORECASE)
        and re.search(
            r"view|display|show|anzeigen|darstellen|afficher|mostrar|visuali[sz]|weergeven|wyświetl|support",
            plain,
            re.IGNORECASE,
        )
        and not re.search(r"\bhtml\b", html, re.IGNORECASE)
    )


def _without_pgp(text: str) -> str:
    if "-----BEGIN PGP SIGNED MESSAGE-----" not in text:
        return text
    text = _SIGNED.sub("", text, count=1)
    return text.split("-----BEGIN PGP SIGNATURE-----", 1)[0]


# Headers


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    found = [one for value in headers.all(name)[:5] for one in _ID.findall(value)]
    unique = list(dict.fromkeys(one for one in found if len(one) <= MAX_ID))
    return tuple(unique[-MAX_IDS:])


def _message_id(headers: Headers, text: str) -> str:
    match = _ID.search(headers.get("message-id"))
    if match is not None and len(match[0]) <= MAX_ID:
        return match[0]
    # The same mail that comes again, perhaps by another way, has the same words: what servers add is left out.
    told = [headers.get(one) for one in ("message-id", "from", "date", "subject", "to", "in-reply-to")]
    digest = hashlib.sha256("\0".join([*told, text]).encode("utf-8", "replace")).hexdigest()
    return f"<{digest[:40]}@without-message-id.invalid>"


def _sender(headers: Headers) -> tuple[str, str]:
    """Name and address of who wrote it."""
    for header in ("from", "sender", "return-path"):
        for value in headers.all(header)[:1]:
            for name, address in addresses(value):
                return name, address.lower()
    return "", ""


def _many_senders(headers: Headers) -> bool:
    """Whether it says to be from more than one address: programs show one of them, checks look at another."""
    values = headers.all("from")
    return (
        len({address.lower() for one in values[:5] for _, address in addresses(one)}) > 1 or len(values) > 5
    )


def addresses(value: str) -> list[tuple[str, str]]:
    """Names and addresses of a header. What stands in angle brackets counts, never a name that looks like an address."""
    found: list[tuple[str, str]] = []
    for piece in _pieces(value):
        angle = re.search(r"<\s*([^<>]*?)\s*>\s*[^<>]*$", piece)
        name, address = (piece[: angle.start()], angle[1]) if angle else ("", piece)
        match = _ADDRESS.fullmatch(address.strip()) or (None if angle else _ADDRESS.search(address))
        if match is None or len(match[0]) > 254:
            continue
        shown = decoded(re.sub(r"\\(.)", r"\1", name.strip().strip('"')))
        found.append((shown.strip().strip('"')[:200], match[0]))
        if len(found) >= MAX_IDS:
            break
    return found


def _pieces(value: str) -> list[str]:
    """A list of addresses at its commas, without comments; commas in quotes and brackets do not count."""
    pieces: list[list[str]] = [[]]
    quoted = escaped = angle = False
    depth = 0
    for one in value:
        if escaped:
            escaped = False
        elif one == "\\":
            escaped = True
        elif one == '"' and not depth:
            quoted = not quoted
        elif not quoted and one == "(":
            depth += 1
            continue
        elif not quoted and one == ")" and depth:
            depth -= 1
            continue
        elif not quoted and not depth and one in "<>":
            angle = one == "<"
        elif not quoted and not depth and not angle and one in ",;":
            pieces.append([])
            continue
        if not depth:
            pieces[-1].append(one)
    return ["".join(one) for one in pieces]


def _recipients(headers: Headers, envelope: Sequence[str]) -> tuple[str, ...]:
    found = [clean(one).strip().strip("<>") for one in envelope]
    for name in _RECIPIENTS:
        for value in headers.all(name)[:10]:
            found += [address for _, address in addresses(value)]
    return tuple(dict.fromkeys(one for one in found if "@" in one))[:MAX_IDS]


def _sent_at(headers: Headers) -> datetime | None:
    try:
        said = parsedate_to_datetime(headers.get("date")[:100])
        moment = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return moment if 1990 <= moment.year <= 2200 else None
