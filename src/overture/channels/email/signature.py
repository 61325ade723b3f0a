"""Take off what stands under a message and is no part of it: signatures, phones' lines, disclaimers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from overture.channels.email.quotes import seen

_DELIMITER = re.compile(r"\s*--\s?\s*$")
_DASHES = re.compile(r"\s*(?:[—–]{1,3}|_{2,}|-{3,}|={3,}|\*{3,}|~{3,}|\+{3,}|--+)\s*$")
_LINE = 160  # characters of a line that is still looked at as one of these
_MOST = 14  # lines of a signature without a delimiter

_DEVICE = (
    r"iphone|ipad|ipod|ios|android|galaxy|samsung|huawei|xiaomi|redmi|pixel|oneplus|oppo|nokia|motorola|blackberry|"
    r"handy|smartphone|mobile|mobil\w*|phone|telefon\w*|teléfono|telefono|telemóvel|celular|tablet|"
    r"tableta|windows|mail\b|"
    r"e-?mail|outlook|yahoo|gmail|proton\w*|gmx|web\.de|k-9|thunderbird|spark|airmail|bluemail|aquamail|"
    r"nine|spike|mac\b|macbook|"
    r"posta|poczt\w*|device|appareil|dispositivo|gerät|toestel|urządzeni\w*|orange|t-online|superhuman|fastmail|fairemail"
)
_SENT = re.compile(
    r"^[\W_]*(?:"
    rf"sent (?:from|via|using|with|by|on)\b.{{0,60}}(?:{_DEVICE})"
    r"|sent from my \S+"
    rf"|(?:von|mit) (?:meine[mr]|unterwegs|der|dem).{{0,60}}(?:gesendet|geschrieben|verschickt|versendet)"
    rf"|(?:gesendet|versendet|verschickt|geschrieben) (?:von|mit|aus|über|vom)\b.{{0,60}}(?:{_DEVICE})"
    rf"|diese (?:nachricht|e-?mail|mail) wurde (?:von|mit|vom)\b.{{0,80}}(?:gesendet|verschickt|versendet)"
    rf"|(?:envoyé|envoyée|envoyés) (?:de|depuis|à partir|avec|via|par)\b.{{0,60}}(?:{_DEVICE})"
    rf"|(?:enviado|enviada) (?:desde|de|do|da|a partir|con|com|pelo|pela|através|via|por)\b.{{0,60}}(?:{_DEVICE})"
    rf"|(?:inviato|inviata) (?:da|dal|dall|con|tramite|dalla|via)\b.{{0,60}}(?:{_DEVICE})"
    rf"|(?:verstuurd|verzonden|gestuurd) (?:vanaf|vanuit|met|via|door|van)\b.{{0,60}}(?:{_DEVICE})"
    rf"|(?:wysłane|wysłano|wysłana|wiadomość wysłana) (?:z|ze|za|przez|przy|mojego|moim)\b.{{0,60}}(?:{_DEVICE})"
    rf"|(?:skickat|skickades|sendt|lähetetty|odesláno|odoslané|poslano|trimis|küldve|elküldve|στάλθηκε|отправлено|"
    rf"надіслано|gönderildi)\b.{{0,60}}(?:{_DEVICE})"
    r"|(?:iphone|ipad|android|galaxy)\S{0,12}\s?(?:から送信|から送信されました|'?\S{0,6} gönderildi)"
    r"|(?:发自|發自|從|从)\s?(?:我的)?\s?\S{1,20}(?:发送|傳送)?\s*$"
    r"|나의\s?\S{1,20}에서\s?보냄"
    r")",
    re.IGNORECASE,
)
_GET = re.compile(
    r"^[\W_]*(?:(?:get|download|holen sie sich|laden sie|obtener|obtén|descarga\w*|télécharge[rz]|obtenir|obtenez|"
    r"ottieni|scarica|obter|obtenha|baixe|downloaden|download|pobierz|uzyskaj)\b.{0,30}\boutlook\b"
    r"|.{0,40}\boutlook\b.{0,24}<https?://aka\.ms/"
    r"|get [\w-]{2,20}(?: mail)? for (?:ios|android|iphone|ipad|mac|windows|desktop)\b"
    r"|outlook\b.{0,20}\b(?:für|voor|para|pour|per|dla)\b.{0,20}\b(?:ios|android|mac)\b.{0,30}"
    r"|(?:yahoo mail|aol mail|mail\.ru|proton ?mail)\b.{0,40}:?.{0,60}(?:search|organi[sz]e|conquer|stress|simplifi\w+|"
    r"secure email)"
    r"|virus-?free\b|virenfrei\b|sin virus\b|libre de virus\b|garanti sans virus|sans virus\b|"
    r"privo di virus|sem v[ií]rus|"
    r"virusvrij|bez wirusów|wolne od wirusów"
    r"|\[?(?:cid|image):[^\]\n]{1,100}\]?\s*$)",
    re.IGNORECASE,
)

# How letters end, in eight languages. The whole line is one of these, perhaps with a name behind a comma.
_CLOSINGS = (
    r"(?:(?:with|my) )?(?:(?:many|kind|kindest|best|warm|warmest|sincere) )+(?:regards|wishes|thanks)|"
    r"regards|best|all the best|"
    r"cheers|sincerely|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|yours|take care|cordially|respectfully|"
    r"thanks|thank you|many thanks|thanks (?:again|so much|a lot|in advance)|thank you (?:so|very) much|thx|ty|br|rgds|"
    r"thanks and (?:kind |best )?regards|love|xoxo|talk soon|"
    r"mit (?:den )?(?:freundlichen?|besten?|lieben?|herzlichen?) gr(?:ü|ue)(?:ß|ss)e?n?|(?:viele|liebe|"
    r"beste|schöne|freundliche|"
    r"herzliche|sonnige) gr(?:ü|ue)(?:ß|ss)e(?: aus [\w ]{2,20})?|(?:lieben|freundlichen|besten|"
    r"schönen) gru(?:ß|ss)|gr(?:ü|ue)(?:ß|ss)e|"
    r"gru(?:ß|ss)|lg|mfg|vg|bg|hochachtungsvoll|(?:vielen|herzlichen|besten) dank(?: im voraus)?|"
    r"danke(?: schön)?|dankeschön|"
    r"vielen dank und (?:viele|beste|liebe|freundliche) gr(?:ü|ue)(?:ß|ss)e|"
    r"(?:bien |très )?(?:cordialement|amicalement|sincèrement)(?: vôtre)?|(?:meilleures |"
    r"sincères )?salutations(?: distinguées)?|"
    r"bien à vous|cdlt|cdt|bonne (?:journée|soirée|réception)|merci(?: beaucoup| d'avance| par avance)?|"
    r"(?:je vous prie|veuillez).{0,60}(?:salutations|sentiments).{0,40}|à bientôt|"
    r"(?:un |muchos |cordiales )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente|cordialmente|atte|un abrazo|"
    r"(?:muchas |mil )?gracias(?: de antemano| por (?:todo|su ayuda|tu ayuda))?|gracias y (?:un )?saludos?|"
    r"(?:cordiali |distinti |cari |un )?saluti?(?: cordiali)?|cordialmente|grazie(?: mille| in anticipo)?|"
    r"grazie e saluti|"
    r"buona (?:giornata|serata)|"
    r"(?:com os melhores |os meus |melhores )?cumprimentos|atenciosamente|att|"
    r"(?:muito )?obrigad[oa](?: desde já)?|abraços?|"
    r"cordialmente|respeitosamente|"
    r"(?:met |m )?(?:vriendelijke|hartelijke) groet(?:en|jes)?|groet(?:en|jes)?|mvg|hartelijk dank|"
    r"(?:alvast )?bedankt|dank u(?: wel)?|"
    r"(?:z |łączę |serdeczne )?(?:poważaniem|pozdrowieni(?:a|ami)|wyrazami szacunku)|pozdrawiam(?: serdecznie)?|"
    r"serdecznie pozdrawiam|(?:z góry )?dziękuję(?: bardzo| z góry)?|pozdr|"
    r"(?:med )?(?:vänliga?|vennlig|venlig|bästa|beste) h(?:älsning(?:ar)?|ilsen|ilsener)|mvh|hälsningar|hilsen|"
    r"s pozdravem|terveisin|ystävällisin terveisin|с уважением|saygılarımla|üdvözlettel|cu stimă|с найкращими побажаннями"
)
_CLOSING = re.compile(rf"\s*(?:{_CLOSINGS})\s*[,.!;–—-]*\s*$", re.IGNORECASE)
_CLOSING_AND_NAME = re.compile(
    rf"\s*(?:{_CLOSINGS})\s*[,.!–—-]\s*(?:[A-ZÀ-ÝŁŚŻ][\w.'’-]{{0,20}} ?){{1,3}}$", re.IGNORECASE
)
_CLOSING_FIRST = re.compile(rf"\s*(?:{_CLOSINGS})\s", re.IGNORECASE)
# “Miller & Sons Ltd.”, “Nowak Sp. z o.o.”, “Dr.”: a point that ends no sentence.
_ABBREVIATED = re.compile(r"(?:^|[\s.&])(?:[A-Z][A-Za-z]{0,3}|[a-z](?:\.[a-z]){1,3}|o\.o|r\.o)\.$")
_THANKS = re.compile(
    r"\s*(?:thanks|thank you|thx|ty|danke|vielen dank|merci|gracias|muchas gracias|grazie|obrigad[oa]|"
    r"bedankt|dank|dziękuję|"
    r"love|best|yours|cheers)\b",
    re.IGNORECASE,
)
_CONFIDENTIAL = re.compile(
    r"confidential|privileged|vertraulich|confidentiel|confidencial|riservat|confidenzial|vertrouwelijk|poufn|"
    r"intended (?:only|solely|recipient)|bestimmungsgemäß|destinataire|destinatari|destinatário|bestemd|przeznaczon|"
    r"datenschutz|gdpr|before printing|l'environnement|medio ambiente|virus|drucken|stampare questa|"
    r"imprimir (?:este|esta)",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"e-?mail|message|nachricht|mensaje|correo|messaggio|comunicazione|mensagem|bericht|wiadomość|courriel|environment|"
    r"attachments?|notice|hinweis|avis",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\s*\W{0,3}(?:(?:confidentiality|legal|privacy|important) (?:notice|note|disclaimer)|disclaimer|"
    r"caution|aviso(?: legal| de)|"
    r"avviso|avis (?:de|important)|vertraulichkeitshinweis|rechtlicher hinweis|haftungsausschluss|clause de|informativa|"
    r"please consider the environment|bitte (?:denken|prüfen) sie)\b",
    re.IGNORECASE,
)


# What stands on a card: a telephone, an address of the web, signs between its parts; and in no sentence: a register.
_REACH = re.compile(
    r"\s[|·•▪]\s|\bwww\.|https?://|\S@\S|(?:\+|\b00)\d[\d\s()/.-]{6,}|"
    r"\b(?:tel|phone|fax|mob(?:ile|il)?|cell|fon)\b\.?\s?:?\s?[+(\d]",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\bregistered (?:in|office|no|number)\b|\bVAT\b|\bUSt\b|\bHR[AB]\b|amtsgericht|handelsregister|geschäftsführ|"
    r"\bSIRET\b|\bRCS\b|\bP\.? ?IVA\b|\b[CN]IF\b|\bKRS\b|\bNIP\b|\bKvK\b|\bCNPJ\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(?:please|bitte|s'il vous|merci de|por favor|per favore|cortesemente|graag|alstublieft|proszę|"
    r"need|want|add|brauche|möchte|besoin|necesito|ho bisogno|preciso|potrzebuję)\b",
    re.IGNORECASE,
)
# “Here it is:” and the like: what follows is an answer, and no card.
_FOLLOWS = re.compile(
    r":\s*$|\b(?:here|below|following|address|number|details|hier|folgend\w*|unten|adresse|nummer|daten|voici|ci-dessous|"
    r"suivante?s?|coordonnées|aquí|siguientes?|dirección|número|datos|ecco|seguent[ei]|indirizzo|numero|dati|aqui|"
    r"seguintes?|endereço|morada|dados|hieronder|volgende|adres|gegevens|poniżej|dane)\b",
    re.IGNORECASE,
)


def without_signature(lines: Sequence[str], name: str = "") -> list[str]:
    """These lines without what stands under the words. `name`: the sender's, who often signs with it.

    What would leave nothing is left as it is: a mail that says “Thanks” says thanks.
    """
    kept = _trimmed(lines)
    at = _at_delimiter(kept)
    if at is not None:
        framed = at == len(kept) - 1
        kept = _trimmed(kept[:at])
        # A card between two rules: the lower one is off, the upper one is the delimiter.
        if framed and (at := _at_delimiter(kept)) is not None:
            kept = _trimmed(kept[:at])
    for cut in (_at_notice, _at_device, _at_notice, _at_closing):
        at = cut(kept)
        if at is None:
            continue
        if any(one.strip() for one in kept[:at]):
            kept = _trimmed(kept[:at])
        elif cut is _at_device:
            # Some write under the line that their telephone puts there.
            kept = _trimmed([one for one in kept if not _is_device(one)])
    return _without_name(_without_card(kept, name), name)


def without_delimited(lines: Sequence[str], end: str) -> list[str]:
    """Without the signatures whose end is marked too, as markup tells it: words may follow them."""
    if end not in lines:
        return list(lines)
    kept: list[str] = []
    inside: list[str] | None = None
    for line in lines:
        if line == end:
            inside = None
        elif inside is not None:
            inside.append(line)
        elif line == "-- ":
            inside = []
        else:
            kept.append(line)
    return kept if inside is None else [*kept, "-- ", *inside]


def _trimmed(lines: Sequence[str]) -> list[str]:
    first = next((at for at, one in enumerate(lines) if one.strip()), len(lines))
    last = next((at for at in range(len(lines), first, -1) if lines[at - 1].strip()), first)
    return list(lines[first:last])


def _at_delimiter(lines: Sequence[str]) -> int | None:
    for at, line in enumerate(lines):
        if _DELIMITER.match(line):
            return at
    # Other rules stand for one where only short lines follow.
    for at in range(len(lines) - 1, max(-1, len(lines) - _MOST), -1):
        if _DASHES.match(lines[at]):
            rest = [one for one in lines[at + 1 :] if one.strip()]
            return at if at and all(_like_a_card(one) for one in rest) else None
    return None


def _like_a_card(line: str) -> bool:
    """A line of a visiting card: short, and no sentence."""
    words = line.strip()
    if _CONFIDENTIAL.search(words):
        return True
    if (
        len(words) <= 200
        and _REGISTER.search(words)
        and re.search(r"\d{4}", words)
        and not _ASKS.search(words)
    ):
        return True
    if re.search(r"[.?!]$", words) and not _ABBREVIATED.search(words):
        return False
    return len(words) <= (200 if _REACH.search(words) else 80)


def _is_device(line: str) -> bool:
    if len(line) > _LINE:
        return False
    words = seen(line).strip().lstrip("*_<[( ")
    return bool(_SENT.match(words) or _GET.match(words))


def _at_device(lines: Sequence[str]) -> int | None:
    """The first such line under which nothing but a signature stands."""
    for at, line in enumerate(lines):
        if _is_device(line):
            return at
    return None


def _at_notice(lines: Sequence[str]) -> int | None:
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        paragraph = " ".join(lines[at:end])[:2_000]
        if at and (
            _NOTICE.match(paragraph)
            or (
                len(paragraph) >= 80
                and _CONFIDENTIAL.search(paragraph)
                and _MAIL.search(paragraph)
                and end >= len(lines) - 8
            )
        ):
            return at
        at = end + 1
    return None


def _at_closing(lines: Sequence[str]) -> int | None:
    """The last “Best regards” under which only the few short lines of a name and a card stand."""
    for at in range(len(lines) - 1, max(-1, len(lines) - _MOST), -1):
        line = lines[at]
        if len(line) > 100:
            return None
        rest = [one for one in lines[at + 1 :] if one.strip()]
        if _CLOSING.match(line):
            if not rest and _THANKS.match(line):
                return None  # “Thanks!” as a last line is a word of theirs, not the start of a card
            if all(_like_a_card(one) for one in rest):
                earlier = _at_closing_above(lines, at)
                return at if earlier is None else earlier
            return None
        if not rest and _CLOSING_AND_NAME.match(line) and line.strip().count(" ") <= 6:
            return at
    return None


def _at_closing_above(lines: Sequence[str], at: int) -> int | None:
    """“Thanks in advance” and, under it, “Kind regards”: both go."""
    above = next((one for one in range(at - 1, -1, -1) if lines[one].strip()), None)
    return above if above is not None and _CLOSING.match(lines[above]) and at - above <= 2 else None


def _without_card(lines: Sequence[str], name: str) -> list[str]:
    """Without a card that nothing announces: the sender's whole name on a line, and under it how to reach them."""
    kept, whole = list(lines), name.strip().lower()
    if " " not in whole:
        return kept
    for at in range(len(kept) - 1, max(1, len(kept) - _MOST), -1):
        if kept[at].strip().strip("*_ ").lower() != whole:
            continue
        above = next((one for one in reversed(kept[:at]) if one.strip()), "")
        rest = [one for one in kept[at + 1 :] if one.strip()]
        if (
            not kept[at - 1].strip()
            and not _FOLLOWS.search(above)
            and all(_like_a_card(one) for one in rest)
            and any(_REACH.search(one) for one in rest)
        ):
            return _trimmed(kept[:at])
        return kept
    return kept


def _without_name(lines: Sequence[str], name: str) -> list[str]:
    """Without a last line that is only the sender's own name, or a “Regards” and that name."""
    kept = list(lines)
    names = {one.lower() for one in re.findall(r"[^\W\d_][\w'’-]+", name)}
    if len(kept) > 1 and names:
        closing = _CLOSING_FIRST.match(kept[-1][:_LINE])
        last = re.findall(r"[^\W\d_][\w'’-]*", kept[-1][closing.end() if closing else 0 :].lower())
        initial = len(kept[-1].strip()) <= 2 and name[:1].lower() in last
        if last and len(last) <= 3 and (initial or set(last) <= names) and len(kept[-1]) <= 60:
            kept = _trimmed(kept[:-1])
    return kept
