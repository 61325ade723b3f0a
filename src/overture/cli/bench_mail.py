"""How well mails are read: replies' words, machines told from people, beside a library that finds quotes alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from overture.base.errors import Error
from overture.channels.email.inbound import InboundMail
from overture.channels.email.parse import read

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh", "ko", "cs", "da", "sv"]


class NoMails(Error):
    """No mails are in this folder: it holds NAME.eml and, beside each, NAME.json."""


def run(folder: Path) -> dict[str, Any]:
    """Raises `NoMails`."""
    paths = [one for one in sorted(folder.glob("*.eml")) if one.with_suffix(".json").exists()]
    if not paths:
        raise NoMails(field="folder")
    library = _library()
    replies = right = by_library = machines = seen = 0
    taken: list[str] = []
    wrong: list[str] = []
    seconds = library_seconds = 0.0
    for path in paths:
        wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        raw = path.read_bytes()
        before = time.process_time()
        found = read(raw)
        seconds += time.process_time() - before
        if wanted["kind"] == "reply":
            replies += 1
            good = found.kind == "reply" and same(found.text, wanted["text"])
            right += good
            before = time.process_time()
            by_library += library is not None and library(found, wanted["text"])
            library_seconds += time.process_time() - before
        else:
            machines += 1
            good = found.kind == wanted["kind"]
            seen += found.kind != "reply"
            if found.kind == "reply":
                taken.append(path.stem)
        if not good:
            wrong.append(path.stem)
    return {
        "mails": len(paths),
        "replies": replies,
        "replies_right": right,
        "right": f"{right / replies:.1%}" if replies else "-",
        "mail_parser_reply_right": "not installed" if library is None else by_library,
        "auto_mails": machines,
        "auto_mails_seen": seen,
        "auto_taken_for_reply": taken,
        "wrong": wrong,
        "ms_a_mail": round(1000 * seconds / len(paths), 2),
        "mails_a_second": round(len(paths) / seconds) if seconds else 0,
        "mail_parser_reply_a_second": round(replies / library_seconds) if library and library_seconds else 0,
    }


def same(found: str, wanted: str) -> bool:
    """The same words; how they are broken into lines is no matter."""
    return found.split() == wanted.split()


def _library() -> Callable[[InboundMail, str], bool] | None:
    """Whether mail-parser-reply, with all its languages, finds these words; None where it is not installed."""
    try:
        from mailparser_reply import EmailReplyParser
    except ImportError:
        return None
    parser = EmailReplyParser(languages=LANGUAGES)

    def finds(mail: InboundMail, wanted: str) -> bool:
        # With and without what it calls a signature: the better of the two counts for it.
        replies = parser.read(mail.full_text).replies
        return bool(replies) and (same(replies[0].content, wanted) or same(replies[0].body, wanted))

    return finds
