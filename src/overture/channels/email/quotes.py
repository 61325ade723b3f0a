"""Tell the new words of a mail from those it quotes: line by line, each line looked at a fixed number of times.

Three shapes of quoting are known, whatever the program: lines that begin with `>`; an *attribution* (“On 3 Nov 2026 at
10:22, Acme <help@acme.example> wrote:”) with the quote under it; and a *header block* (“From: … Sent: … To: …”), as
Outlook and its kin write, under which everything is old.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Sort = Literal["new", "quoted", "attribution", "cut"]

LONGEST = 400  # characters of a line that are looked at
_WINDOW = 4  # lines that an attribution may be broken into

_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")

# “wrote”, in the languages whose mail programs write it.
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|a ecrit|escribió|escribio|escribe|ha scritto|scrisse|"
    r"scrive|escreveu|schreef|geschreven|napisał|napisała|pisze|napisal|napsala?|napísal|skrev|kirjoitti|"
    r"написал|написала|написав|пише|пишет|писал|yazdı|yazmış|írta|a scris|έγραψε|je napisao|je napisala|"
    r"je napisal|pisao|ha escrit|va escriure|kirjutas|rakstīja|rašė|viết|menulis|написа)\b"
    r"|写道|寫道|のメール|が書きました|님이 작성|작성:|כתב|كتب|تمت كتابة|نوشت",
    re.IGNORECASE,
)
# “You wrote:” is a sentence of the writer's own, unless marked lines follow.
_SAID = re.compile(
    r"\b(?:i|you|we|they|he|she|someone|somebody)\s(?:\w+\s)?(?:wrote|writes?)\b", re.IGNORECASE
)
_QUOTING = re.compile(r"(?:quoting|zitat von|citando a|en réponse à|message de)\s.{0,120}:", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+'=-]{1,80}@[\w-]{1,80}(?:\.[\w-]{1,80})+")
_TIME = re.compile(r"\b\d{1,2}\s?[:.hH]\s?\d{2}(?:[:.]\d{2})?\b|\b\d{1,2}\s?(?:am|pm|uhr|h)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}[./-]\d{1,2}[./-]\d{1,2}\b|\d{4}\s?年|"
    r"\b\d{1,2}(?:st|nd|rd|th|er|\.|º)?\s(?:de\s)?[^\W\d_]{3,10}\b",
)
_OPENS = re.compile(
    r"(?:on|am|le|el|il|em|no dia|a|op|w dniu|dnia|dne|den|em|på|pe|la|at|the|date|wiadomość|"
    r"(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|mié|jeu|gio|ven|vie|sam|sáb|sab|dim|dom|"
    r"seg|ter|qua|qui|sex|ma|wo|za|zo|pon|wt|śr|czw|pt|sob|niedz|вс|пн|вт|ср|чт|пт|сб)[\w-]{0,8}\.?)"
    r"(?:[\s,]|$)|\d{1,4}[\s./年-]",
    re.IGNORECASE,
)

# The names of the four headers that such a block shows, in the languages of mail programs.
_LABELS = {
    "from": "من|מאת|from|von|de|da|van|od|från|fra|lähettäjä|от|від|kimden|gönderen|feladó|expéditeur|absender|remitente|"
    "mittente|remetente|afzender|nadawca|odesílatel|发件人|寄件者|差出人|보낸 사람|보낸사람|από",
    "sent": "تم الإرسال|تاريخ الإرسال|التاريخ|נשלח|תאריך|"
    "sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|enviado em|fecha|data|"
    "inviato|data invio|verzonden|wysłano|wysłane|skickat|sendt|dato|päivämäärä|lähetetty|отправлено|дата|"
    "gönderildi|gönderme tarihi|tarih|elküldve|dátum|trimis|odesláno|fecha de envío|发送时间|日期|送信日時|日付|보낸 날짜|"
    "ημερομηνία",
    "to": "إلى|אל|to|an|à|a|para|aan|do|till|til|vastaanottaja|кому|kime|alıcı|címzett|către|komu|destinataire|destinatario|"
    "收件人|宛先|받는 사람|προς",
    "subject": "الموضوع|נושא|"
    "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|ämne|emne|aihe|тема|konu|tárgy|subiect|"
    "předmět|主题|件名|제목|θέμα",
    "copy": "cc|bcc|kopie|copie|copia|cópia|kopia|dw|reply-to|antwort an|répondre à|attachments|anlagen|importance|"
    "organization|organisation",
}
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels.split("|")}
_LABEL = re.compile(r"[*_\s>|]{0,6}([^\W\d_][^:：*]{0,24}?)\s?\*{0,2}\s?[:：]\*{0,2}\s*(.*)")

# Marks that turn the direction of writing, and what has no width: programs put them around names and addresses.
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_RULE = re.compile(r"\s*(?:_{10,}|-{10,}|={10,}|\*{10,})\s*$")
_TITLE = re.compile(r"\s*-{2,}\s?([^\W_][^-].{2,60}?)\s?-{2,}:?\s*$")
_TITLES = re.compile(
    r"original|ursprüngliche|weitergeleitet|forwarded|transféré|reenviad|inoltrat|encaminhad|doorgestuurd|"
    r"przekazan|origin|oryginaln|vidarebefordr|videresend|mensagem|message|nachricht|bericht|пересылаемое|исходное",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du message (?:réexpédié|transféré)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem (?:reencaminhada|encaminhada)|"
    r"begin doorgestuurd bericht|początek przekazanej wiadomości|message transféré)\s?:\s*$",
    re.IGNORECASE,
)
# “>>> Acme <help@acme.example> 02.03.2026 10:00 >>>”, as GroupWise writes it; what follows has no marks.
_BETWEEN = re.compile(r"\s*>{3}\s(?=.{0,200}\d[:.]\d\d).{3,200}\s>{3}\s*$")
_REPLY_ABOVE = re.compile(
    r"(?:reply|write|antwort\w*|répon\w+|respon\w+|rispond\w+|antwoord\w*|odpowied\w+)\b.{0,40}"
    r"\b(?:above|oberhalb|über|dessus|encima|arriba|sopra|acima|boven|powyżej)\b.{0,20}"
    r"\b(?:line|linie|zeile|ligne|línea|linea|linha|lijn|regel|linii)",
    re.IGNORECASE,
)


CUT = "\ue000"  # a character of nobody's, on a line of its own: what follows is an old mail, as markup says


@dataclass(frozen=True)
class Line:
    """A line of a mail and whose it is."""

    text: str
    sort: Sort


def sort_lines(text: str, *, answers: bool) -> list[Line]:
    """Each line with what it is. `answers`: whether the mail says that it answers another.

    A mail that answers none, and in which nothing is attributed to anybody, quotes nothing: its `>` are the writer's.
    """
    written = text.split("\n")
    lines = [seen(one) for one in written]
    if not answers and not _quotes_somebody(lines):
        return [Line(one, "new") for one in written]
    sorts: list[Sort] = ["new"] * len(lines)
    at = 0
    while at < len(lines):
        if is_quoted(lines[at]) and not _BETWEEN.match(lines[at]):
            sorts[at] = "quoted"
            at += 1
            continue
        if _starts_old_mail(lines, at):
            sorts[at:] = ["cut"] * (len(lines) - at)
            break
        length = _attribution(lines, at)
        if not length:
            at += 1
            continue
        sorts[at : at + length] = ["attribution"] * length
        at += length
        following = _next_words(lines, at)
        if following is not None and not is_quoted(lines[following]) and not _quoted_soon(lines, following):
            # No marks: everything under it is the old mail.
            sorts[at:] = ["cut"] * (len(lines) - at)
            break
    _mend_wrapped(lines, sorts)
    return [Line(one, sort) for one, sort in zip(written, sorts, strict=True)]


def seen(line: str) -> str:
    """A line as it is seen: without marks that have no width."""
    return _UNSEEN.sub("", line)


def asks_to_write_above(text: str) -> bool:
    """Whether it begins with the line of a ticket system, above which answers are to stand."""
    first = next((one for one in text[:2_000].split("\n") if one.strip()), "")
    return _REPLY_ABOVE.search(first[:LONGEST]) is not None


def is_quoted(line: str) -> bool:
    return _QUOTED.match(line) is not None


def _quotes_somebody(lines: Sequence[str]) -> bool:
    return any(
        not is_quoted(one) and (_starts_old_mail(lines, at) or _attribution(lines, at))
        for at, one in enumerate(lines)
    )


def _next_words(lines: Sequence[str], at: int) -> int | None:
    return next((one for one in range(at, len(lines)) if lines[one].strip()), None)


def _quoted_soon(lines: Sequence[str], at: int) -> bool:
    """Whether this line is only what a relay broke off an attribution or a short heading of the quote."""
    return at + 1 < len(lines) and len(lines[at]) <= 40 and is_quoted(lines[at + 1])


# Attributions


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines from here are an attribution; 0 if none begins here."""
    first = lines[at].strip()
    if not first or not _may_open(first):
        return 0
    joined = ""
    for length in range(1, _WINDOW + 1):
        if at + length > len(lines):
            return 0
        line = lines[at + length - 1]
        if not line.strip() or (length > 1 and is_quoted(line)):
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > LONGEST:
            return 0
        if is_attribution(joined, quoted_next=_is_quote_next(lines, at + length)):
            return 0 if length > 1 and _begins_lower(lines, at, length) else length
    return 0


def _begins_lower(lines: Sequence[str], at: int, length: int) -> bool:
    """Whether the attribution begins in a lower line, and this one is the writer's own last sentence."""
    first = lines[at].strip()
    told = _OPENS.match(first) or (_DATE.search(first) and _TIME.search(first))
    if told and first[-1:] not in ".!?":
        return False
    after = " ".join(one.strip() for one in lines[at + 1 : at + length])
    return bool(_OPENS.match(after) or _WROTE.search(after)) and is_attribution(after, quoted_next=True)


def _is_quote_next(lines: Sequence[str], at: int) -> bool:
    following = _next_words(lines, at)
    return following is not None and following - at <= 2 and is_quoted(lines[following])


def _may_open(first: str) -> bool:
    """An attribution begins with a date, with whoever wrote, or with a word such as “On”."""
    head = first.lstrip("-*_ \u200e\u200f")[:LONGEST]
    return bool(
        _OPENS.match(head)
        or (head[-1:] in ":：" and (_ADDRESS.search(head) or _WROTE.search(head)))
        or (_ADDRESS.search(head) and _WROTE.search(head))
        or _QUOTING.match(head)
        or _TIME.search(head)
        or _DATE.search(head)
    )


def is_attribution(joined: str, *, quoted_next: bool) -> bool:
    """Whether these words say who wrote what follows, and when."""
    words = joined.strip().strip("\u200e\u200f").rstrip("*_ ")
    ends = words.endswith((":", "：")) or re.search(r"wrote\s?-{2,}$", words) is not None
    if not ends:
        # Some programs leave out the colon; then the last word must be the verb, and the quote must follow.
        return bool(
            quoted_next
            and (_TIME.search(words) or _ADDRESS.search(words))
            and _DATE.search(words)
            and (last := _last_verb(words)) is not None
            and last >= len(words) - 2
        )
    address, time, date = _ADDRESS.search(words), _TIME.search(words), _DATE.search(words)
    wrote = _WROTE.search(words)
    if wrote:
        if not quoted_next and _SAID.search(words):
            return False
        if address and (date or time or len(words) < 120):
            return True
        if date and time:
            return True
        return quoted_next and len(words) <= 160
    if _QUOTING.match(words):
        return quoted_next or address is not None
    if address and time and date:
        return _label_of(words) is None
    return quoted_next and bool(time and date)


def _last_verb(words: str) -> int | None:
    found = None
    for one in _WROTE.finditer(words):
        found = one.end()
    return found


# Header blocks


def _label_of(line: str) -> str | None:
    found = _LABEL.match(line[:LONGEST])
    return None if found is None else _KIND_OF.get(found[1].strip().replace("\xa0", " ").lower())


def _starts_old_mail(lines: Sequence[str], at: int) -> bool:
    """Whether an old mail begins here and goes on to the end."""
    line = lines[at][:LONGEST]
    if not line.strip():
        return False
    if line == CUT or _BETWEEN.match(line) or _FORWARDED.match(line) or _REPLY_ABOVE.search(line):
        return True
    title = _TITLE.match(line)
    if title is not None:
        return bool(_TITLES.search(title[1])) or _header_block(lines, at + 1, least=2)
    if _RULE.match(line):
        following = _next_words(lines, at + 1)
        return (
            following is not None
            and following - at <= 2
            and (_header_block(lines, following, least=2) or _unknown_block(lines, following, least=3))
        )
    return _header_block(lines, at, least=3) or _short_block(lines, at) or _unknown_block(lines, at, least=4)


def _header_block(lines: Sequence[str], at: int, *, least: int) -> bool:
    """Whether a block of headers begins in this line, the sender's among them."""
    following = _next_words(lines, at)
    if following is None or following - at > 2 or _label_of(lines[following]) is None:
        return False
    kinds: set[str] = set()
    other = 0
    for line in lines[following : following + 12]:
        if not line.strip():
            continue
        kind = _label_of(line)
        if kind is None:
            other += 1  # an address that goes on in the next line
            if other > 2:
                break
            continue
        kinds.add(kind)
        if len(kinds - {"copy"}) >= least and "from" in kinds:
            return True
    return False


def _short_block(lines: Sequence[str], at: int) -> bool:
    """From and one more, where the sender's line holds an address: what small programs leave of the block."""
    if _label_of(lines[at]) != "from" or not _ADDRESS.search(lines[at][:LONGEST]):
        return False
    following = _next_words(lines, at + 1)
    return (
        following is not None
        and following - at <= 2
        and _label_of(lines[following]) in ("sent", "subject", "to")
    )


def _unknown_block(lines: Sequence[str], at: int, *, least: int) -> bool:
    """A block of headers in a language that is not known: an address first, and a moment under it."""
    found = _LABEL.match(lines[at][:LONGEST])
    if found is None or not _ADDRESS.search(found[2]):
        return False
    block = [lines[at]]
    for line in lines[at + 1 : at + 6]:
        if _LABEL.match(line[:LONGEST]) is None:
            break
        block.append(line[:LONGEST])
    return len(block) >= least and any(_TIME.search(one) and _DATE.search(one) for one in block[1:])


def _mend_wrapped(lines: Sequence[str], sorts: list[Sort]) -> None:
    """A relay that breaks long lines leaves the tail of a quoted one without its mark."""
    for at in range(1, len(lines) - 1):
        tail = lines[at].strip()
        if (
            sorts[at] == "new"
            and sorts[at - 1] == sorts[at + 1] == "quoted"
            and len(lines[at - 1]) >= 60
            and 0 < len(tail) <= 30
            and not tail[:1].isupper()
        ):
            sorts[at] = "quoted"
