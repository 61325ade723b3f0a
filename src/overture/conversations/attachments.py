"""Files that a contact sends along. They stand in the database: a message and its files are safe together."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import bindparam, delete, func, insert, select, update

from overture.base.clock import to_micros
from overture.base.errors import Error, NotFound
from overture.base.ids import new_id
from overture.db.database import Transaction
from overture.db.tables import attachments

MAX_SIZE = 10 * 1024 * 1024
MAX_FILES = 5  # of one message
MAX_A_DAY = 50 * 1024 * 1024  # of one contact
KEPT_UNSENT = timedelta(days=1)
MAX_NAME = 120
ADDRESS_DAYS = 7  # an address gives a file to whoever has it


class AttachmentNotFound(NotFound):
    """There is no such file."""


class FileTooLarge(Error):
    """A file may have up to 10 MB."""

    status = 413
    code = "request_too_large"


class KindNotTaken(Error):
    """Only images (PNG, JPEG, GIF, WebP) and PDF files can be sent."""

    status = 415
    code = "media_type_not_supported"


class TooMuchToday(Error):
    """That is more than 50 MB of files in one day. Try again tomorrow."""

    status = 429
    code = "rate_limit_exceeded"


@dataclass(frozen=True)
class Attachment:
    id: int
    contact_id: str
    part_id: int | None
    name: str
    content_type: str
    size: int


def kind_of(content: bytes) -> str | None:
    """What a file is by its first bytes, whatever it is called."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if content.startswith(b"%PDF-") else None


_ENDINGS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
}


def safe_name(given: str, content_type: str) -> str:
    """A name that can stand in a header and on a disk, with the ending that the content has."""
    name = given.replace("\\", "/").rpartition("/")[2]
    name = re.sub(r'[\x00-\x1f\x7f"<>:|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]', "", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    endings = _ENDINGS[content_type]
    if dot and ending.lower() in endings:
        return f"{stem[: MAX_NAME - 6].strip(' .') or 'file'}.{ending.lower()}"
    return f"{name[: MAX_NAME - 6].strip(' .') or 'file'}.{endings[0]}"


def file_path(one: Attachment, secret: str, day: int) -> str:
    """An address that gives the file to whoever has it, until about a week from this day on."""
    until = day + ADDRESS_DAYS
    return f"/messenger/files/{one.id}/{until}-{file_signature(one.id, until, secret)}/{quote(one.name)}"


def file_signature(attachment_id: int, until: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"file:{attachment_id}:{until}".encode(), hashlib.sha256).hexdigest()[
        :40
    ]


def day_of(now: datetime) -> int:
    """Whole days since 1970."""
    return int(now.timestamp() // 86_400)


def keep(tx: Transaction, contact_id: str, name: str, content: bytes, *, now: datetime) -> Attachment:
    """Store a file that will be sent with a message. Raises `FileTooLarge`, `KindNotTaken` or `TooMuchToday`."""
    if len(content) > MAX_SIZE:
        raise FileTooLarge
    content_type = kind_of(content)
    if content_type is None:
        raise KindNotTaken
    today = select(func.coalesce(func.sum(attachments.c.size), 0)).where(
        attachments.c.contact_id == contact_id, attachments.c.created_at > to_micros(now - timedelta(days=1))
    )
    if int(tx.execute(today).scalar_one()) + len(content) > MAX_A_DAY:
        raise TooMuchToday
    made = Attachment(new_id(), contact_id, None, safe_name(name, content_type), content_type, len(content))
    tx.execute(insert(attachments), {**vars(made), "content": content, "created_at": to_micros(now)})
    return made


def unsent(tx: Transaction, contact_id: str, ids: Sequence[int]) -> list[Attachment]:
    """The contact's files that wait to be sent, in the order asked for. Raises `AttachmentNotFound` or `Error`."""
    if len(ids) > MAX_FILES:
        raise Error(f"A message takes up to {MAX_FILES} files.", field="attachment_ids")
    rows = tx.execute(
        _META.where(
            attachments.c.id.in_(ids), attachments.c.contact_id == contact_id, attachments.c.part_id.is_(None)
        )
    )
    found = {row.id: Attachment(*row) for row in rows}
    if missing := [one for one in ids if one not in found]:
        raise AttachmentNotFound(
            f"There is no file {missing[0]} that waits to be sent.", field="attachment_ids"
        )
    return [found[one] for one in dict.fromkeys(ids)]


def names_of(tx: Transaction, part_id: int) -> tuple[str, ...]:
    """The names of the files of a message, in the order they were sent up."""
    query = (
        select(attachments.c.name)
        .where(attachments.c.part_id == part_id)
        .order_by(attachments.c.created_at, attachments.c.id)
    )
    return tuple(tx.execute(query).scalars())


def send(tx: Transaction, files: Iterable[Attachment], part_id: int) -> None:
    """They belong to this message now. Raises `AttachmentNotFound` where another message was faster."""
    ids = [one.id for one in files]
    if ids:
        waiting = (attachments.c.id.in_(ids), attachments.c.part_id.is_(None))
        if tx.execute(update(attachments).where(*waiting).values(part_id=part_id)).rowcount < len(ids):
            raise AttachmentNotFound("A file was sent with another message already.", field="attachment_ids")


def of_parts(tx: Transaction, part_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """The files of these messages, by message."""
    found: dict[int, list[Attachment]] = {}
    if part_ids:
        for row in tx.execute(_OF_PARTS, {"parts": list(part_ids)}):
            one = Attachment(*row)
            found.setdefault(one.part_id or 0, []).append(one)
    return found


def content_of(tx: Transaction, attachment_id: int) -> tuple[Attachment, bytes]:
    """Raises `AttachmentNotFound`."""
    row = tx.execute(
        select(*_COLUMNS, attachments.c.content).where(attachments.c.id == attachment_id)
    ).one_or_none()
    if row is None:
        raise AttachmentNotFound
    return Attachment(*row[:-1]), bytes(row.content)


def forget_unsent(tx: Transaction, *, now: datetime) -> int:
    """Remove files that were never sent."""
    old = attachments.c.created_at < to_micros(now - KEPT_UNSENT)
    return tx.execute(delete(attachments).where(attachments.c.part_id.is_(None), old)).rowcount


_COLUMNS = (
    attachments.c.id,
    attachments.c.contact_id,
    attachments.c.part_id,
    attachments.c.name,
    attachments.c.content_type,
    attachments.c.size,
)
_META = select(*_COLUMNS)
_OF_PARTS = _META.where(attachments.c.part_id.in_(bindparam("parts", expanding=True))).order_by(
    attachments.c.created_at, attachments.c.id
)
