"""Write a mail: headers that thread and say what it is, the same words as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

MAX_REFERENCES = 20
MAX_SUBJECT = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
QUIET = "color:#62656E"
SMALL = "font-size:13px"
_STYLE = "font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1B1D23;max-width:600px;margin:0"
STYLES = (_STYLE, QUIET, SMALL)
"""Every style that stands in a mail: a page that shows one lets just these through."""


@dataclass(frozen=True)
class Letter:
    """A mail as it will be written. Its parts are stored, so that it is written the same each time."""

    message_id: str
    sender_name: str
    sender_address: str
    to_name: str | None
    to_address: str
    reply_to: str
    subject: str
    text: str
    html: str  # of the words alone, without a page around them
    date: datetime
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    unsubscribe_url: str | None = None


def written(letter: Letter) -> EmailMessage:
    """The mail. What was told by somebody (a name, a subject) is text in its header and nothing else.

    Raises `ValueError` where an address cannot stand in a mail.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _mailbox(letter.sender_name, letter.sender_address)
    message["To"] = _mailbox(letter.to_name or "", letter.to_address)
    message["Reply-To"] = _mailbox(letter.sender_name, letter.reply_to)
    message["Subject"] = one_line(letter.subject)[:MAX_SUBJECT]
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = letter.message_id
    if letter.in_reply_to is not None:
        message["In-Reply-To"] = one_line(letter.in_reply_to)
    if letter.references:
        message["References"] = " ".join(one_line(one) for one in thread(letter.references))
    # RFC 3834: nobody's holiday reply is wanted to it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text.rstrip() + "\n", cte="quoted-printable")
    message.add_alternative(_page(letter.html), subtype="html", cte="quoted-printable")
    # The same mail written twice is the same bytes.
    message.set_boundary(f"=_overture_{letter.message_id.strip('<>').partition('@')[0].replace('.', '_')}")
    return message


def thread(references: Sequence[str]) -> Sequence[str]:
    """The references of a long thread: its beginning, by which clients know it, and its newest mails."""
    unique = list(dict.fromkeys(references))
    return unique if len(unique) <= MAX_REFERENCES else [unique[0], *unique[-MAX_REFERENCES + 1 :]]


def one_line(text: str) -> str:
    """A text that can stand in a header: no line ends, also none in disguise (an encoded word is decoded by whoever
    writes or reads the header), so that nobody adds a header of their own."""
    return " ".join(_CONTROL.sub(" ", text).replace("=?", "= ?").split())


def answering(subject: str) -> str:
    """The subject of a mail that goes on in a thread."""
    return subject if re.match(r"(?i)re\s*:", subject) else f"Re: {subject}"


def _mailbox(name: str, address: str) -> Address:
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or re.search(r"[\s<>,;\x00-\x1f\x7f]", address):
        raise ValueError(f"“{address}” is not an address.")
    if not local.isascii():
        raise ValueError(f"“{address}” has letters before the “@” that few servers take.")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
        return Address(display_name=one_line(name)[:100], username=local, domain=domain)
    except (HeaderParseError, UnicodeError, IndexError) as bad:
        raise ValueError(f"“{address}” is not an address.") from bad


def _page(html: str) -> str:
    return f'<!doctype html>\n<html><body style="{_STYLE}">\n{html}\n</body></html>\n'
