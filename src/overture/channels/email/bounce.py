"""Read what a mail server says about a mail of ours that it could not deliver, and what a provider says of a complaint."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overture.channels.email.inbound import Bounced
from overture.channels.email.mime import Headers, Parsed, Part, split_headers

_MOST = 20  # addresses of one report
_TEXT = 20_000
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]{1,100}@[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.-])([45]\d\d)(?=[ -])")
_IDS = re.compile(r"^[ \t>]*(?:Original-)?Message-ID:\s*(<[^<>\s]{3,400}>)", re.IGNORECASE | re.MULTILINE)
_DAEMON = re.compile(
    r"(?:mailer-?daemon|post-?master|mail-?system|mdaemon|mail-delivery\S*|bounces?)(?:[+.=-].*)?@",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|undelivered|returned mail|delivery (?:status|failure|report|has failed|problem|delayed|"
    r"incomplete)|failure notice|"
    r"mail delivery (?:failed|system|error)|delivery failed|could not be delivered|message not delivered|"
    r"warning: (?:could not send|message)|"
    r"unzustellbar|nicht zugestellt|zustellung\w* (?:fehlgeschlagen|nicht)|non remis|"
    r"échec de (?:la )?(?:remise|distribution)|"
    r"no se puede entregar|no entregad|error de entrega|impossibile recapitare|mancato recapito|non recapitabile|"
    r"não (?:é possível entregar|entregue)|falha na entrega|onbestelbaar|niet (?:bezorgd|afgeleverd)|"
    r"nie można dostarczyć|niedostarczon",
    re.IGNORECASE,
)
_QMAIL = re.compile(r"^Hi\. This is the .{1,120} at ", re.IGNORECASE)
_EXIM = re.compile(
    r"A message that you sent (?:could not be|has not yet been) delivered|following address(?:\(es\)|es)? failed",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"unknown|does ?n[o']t exist|no such|not found|invalid|disabled|inactive|rejected|unrouteable|unroutable|"
    r"wasn't found|couldn't be found|nicht gefunden|unbekannt|permanent|no mailbox",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"delayed|not yet been|will be retried|will retry|temporar|try again|warning message only|no action is required",
    re.IGNORECASE,
)
_QUOTE_OF_OURS = re.compile(
    r"^-{2,}.*(?:copy of (?:the|your) message|original message|this is a copy|message header).*$|"
    r"^Original message headers:|"
    r"^----- (?:Original message|Message header)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Report:
    """What a report says: whom the mail did not reach, and which mail it was."""

    bounced: tuple[Bounced, ...]
    original_message_id: str | None
    reason: str
    complaint: str | None = None  # where it is one: its kind


def report_of(mail: Parsed, sender: str, *, null_sender: bool, text: str) -> Report | None:
    """The report that this mail is, or nothing."""
    root = mail.root
    kinds = {one.content_type: one for one in root.walk()}
    if "message/feedback-report" in kinds:
        return _complaint(root, kinds["message/feedback-report"])
    status = kinds.get("message/delivery-status") or kinds.get("message/global-delivery-status")
    if status is not None:
        found = _by_fields(status)
        if found is None:
            return None  # “delivered” or “relayed”: nothing went wrong
        return Report(
            found or _by_text(text), _original(root, text), "A mail server reports a delivery (RFC 3464)."
        )
    subject = root.headers.words("subject")
    failed = root.headers.all("x-failed-recipients")
    if failed:
        addresses = re.findall(_ADDRESS, ",".join(failed))[:_MOST]
        told = _by_text(text, addresses)
        return Report(told, _original(root, text), "It has the header X-Failed-Recipients.")
    daemon = _DAEMON.match(sender) is not None
    speaks = _QMAIL.match(text.lstrip()) or _EXIM.search(text[:_TEXT])
    if (daemon or null_sender) and (speaks or _SUBJECT.search(subject)):
        return Report(
            _by_text(text),
            _original(root, text),
            f"A mail server says “{subject[:80] or text.strip()[:80]}”.",
        )
    if root.content_type == "multipart/report" and "delivery" in root.params.get("report-type", ""):
        return Report(_by_text(text), _original(root, text), "A mail server reports a delivery.")
    return None


def _by_fields(part: Part) -> tuple[Bounced, ...] | None:
    """From the groups of fields of RFC 3464; nothing where none failed."""
    found: list[Bounced] = []
    harmless = False
    content = part.content[:200_000] if not part.parts else b""
    for group in re.split(rb"\r?\n[ \t]*\r?\n", content.strip())[: _MOST * 3]:
        fields, _ = split_headers(group.strip() + b"\n\n")
        recipient = fields.get("original-recipient") or fields.get("final-recipient")
        action = fields.get("action").split(";")[0].split("(")[0].strip().lower()
        if not recipient:
            continue
        if action in ("delivered", "relayed", "expanded"):
            harmless = True
            continue
        address = _address(recipient) or _address(fields.get("final-recipient"))
        status = _STATUS.search(fields.get("status")) or _STATUS.search(fields.get("diagnostic-code"))
        code = status[1] if status else ""
        # 5.2.2 is a mailbox that is full, which passes; so does all that is delayed.
        permanent = action != "delayed" and not code.startswith("4") and code != "5.2.2"
        if address and len(found) < _MOST:
            found.append(Bounced(address, code, permanent))
    return None if harmless and not found else tuple(found)


def _address(field: str) -> str:
    match = re.search(_ADDRESS, field.partition(";")[2] or field)
    return match[0].lower() if match else ""


def _by_text(text: str, addresses: list[str] | None = None) -> tuple[Bounced, ...]:
    """From a report in words: the addresses it names before it quotes our mail, each with the code that stands nearest."""
    said = text[:_TEXT]
    if quote := _QUOTE_OF_OURS.search(said):
        said = said[: quote.start()]
    if not addresses:
        named = re.findall(
            rf"^[ \t>*]*(?:To:\s*)?[<\"'(]?({_ADDRESS})[>\"')]?(?=[\s:;,]|$)", said, re.MULTILINE
        )
        named = named or re.findall(rf"[<(]({_ADDRESS})[>)]", said) or re.findall(_ADDRESS, said)
        addresses = [one for one in named if not _DAEMON.match(one + "@")]
    found: dict[str, Bounced] = {}
    for address in addresses[:_MOST]:
        low = address.lower().rstrip(".")
        at = said.lower().find(low)
        near = said[at : at + 1_500] if at >= 0 else said
        status, code = _STATUS.search(near) or _STATUS.search(said), _CODE.search(near)
        word = status[1] if status else ""
        waits = bool(_WAITS.search(said)) and not word.startswith("5")
        permanent = (
            word.startswith("5")
            or bool(code and code[1].startswith("5"))
            or (not word and not code and bool(_GONE.search(near)))
        )
        found.setdefault(low, Bounced(low, word, permanent and not waits and word != "5.2.2"))
    return tuple(found.values())


def _original(root: Part, text: str) -> str | None:
    """The Message-ID of our mail: in the part that returns it, in the words, or in what the report answers."""
    for part in root.walk():
        if part.content_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
        ):
            headers, _ = split_headers(part.content[:200_000].lstrip(b"\r\n") + b"\r\n\r\n")
            if identity := message_id_in(headers):
                return identity
    if match := _IDS.search(text):
        return match[1]
    answered = re.findall(
        r"<[^<>\s]{3,400}>", f"{root.headers.get('in-reply-to')} {root.headers.get('references')}"
    )
    return answered[0] if answered else None


def message_id_in(headers: Headers) -> str | None:
    match = re.search(r"<[^<>\s]{3,400}>", headers.get("message-id"))
    return match[0] if match else None


def _complaint(root: Part, part: Part) -> Report:
    fields, _ = split_headers(part.content[:100_000].lstrip(b"\r\n") + b"\r\n\r\n")
    addresses = [
        _address(one) for name in ("original-rcpt-to", "removal-recipient") for one in fields.all(name)
    ]
    unique = dict.fromkeys(one for one in addresses if one)
    kind = fields.get("feedback-type").strip().lower()[:40] or "abuse"
    # Who complains is not written to again.
    return Report(
        tuple(Bounced(one, "", True) for one in unique),
        _original(root, ""),
        f"A provider passes on a complaint ({kind}).",
        kind,
    )
