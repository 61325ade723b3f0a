"""Languages other than the encoder's: recognised where that is sure, and met with what is known of them.

The encoder reads English. Text in another language looks to it like nothing in particular, which it may take for
anything, so such a message is compared by its letters instead, and requests for a person are heard by rules. Below a
length or a certainty the language is unknown, and then nothing changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from overture.agent.model import Person

Text = Literal["unsure", "hand_off", "declined"]

FOREIGN = "foreign"  # the feature of a message that says that it was heard by its letters
SURE = 0.95  # how sure it must be that a text is not English
ALMOST_CERTAIN = 0.995  # the same, for a text with English words in it
RATHER = 0.9  # how sure it must be that a text is not in the usual language of its script
WORDS, LETTERS = 3, 14  # the least that a language of Latin letters is told by
ASKED_FOR = 0.98  # how sure a rule is that a person is asked for

# Languages of Latin letters that are told from English. More would not be missed often, and be found by mistake.
_LATIN = (
    "en",
    "es",
    "fr",
    "de",
    "pt",
    "it",
    "nl",
    "pl",
    "tr",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "ro",
    "hu",
    "id",
    "vi",
)
# Each script with the languages that it may be, the usual one first; where there is one, the script says it all.
_SCRIPTS: Sequence[tuple[str, re.Pattern[str], tuple[str, ...]]] = (
    ("kana", re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    ("han", re.compile(r"[\u3400-\u9fff]"), ("zh",)),
    ("hangul", re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"), ("ko",)),
    ("cyrillic", re.compile(r"[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr")),
    ("arabic", re.compile(r"[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    ("devanagari", re.compile(r"[\u0900-\u097f]"), ("hi",)),
    ("greek", re.compile(r"[\u0370-\u03ff]"), ("el",)),
    ("hebrew", re.compile(r"[\u0590-\u05ff]"), ("he",)),
    ("thai", re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
)
# Words of English and of no other language above. Two of them, or one in six, make a text too mixed to say.
_ENGLISH_WORDS = """
the and my your you please what where when how why this that with have need want it its can get are they would could
should from about there been does did which who any some don't can't i'm i've it's
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
# More of them. Two, and a quarter of the words, make a text plainly English.
_PLAIN_WORDS = """
i i'd i'll i've we we're our us their his her him she these those into because after again back know think much
wait would going got only other been being too yet than then them out up off if or but not yes thanks thank
money something nothing anything someone anyone everything many more very really never always today tomorrow
arrive arrived hasn't haven't didn't doesn't isn't wasn't won't couldn't wouldn't shouldn't you're you've they're
"""
_PLAINLY = _ENGLISH | frozenset(_PLAIN_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CODE = re.compile(r"\S*(?:://|@|\d)\S*")  # addresses, numbers and codes are of no language
_LETTER = re.compile(r"[^\W\d_]")


def spoken(text: str) -> str | None:
    """The language of a text that is surely not English, as its two letters; None where it is English or unknown."""
    letters = "".join(_LETTER.findall(text))
    for _, pattern, languages in _SCRIPTS:
        of_script = len(pattern.findall(letters))
        # Han characters stand among kana in Japanese, so kana need not be many.
        enough = of_script >= 2 and of_script * (5 if languages == ("ja",) else 3) >= len(letters)
        if enough:
            return languages[0] if len(languages) == 1 else _of_script(text, languages)
    words = [word.lower() for word in _WORD.findall(_CODE.sub(" ", text))]
    if len(set(words)) < WORDS or len(letters) < LETTERS:
        return None
    english = sum(word.replace("’", "'") in _ENGLISH for word in words)
    plainly = sum(word.replace("’", "'") in _PLAINLY for word in words)
    if plainly >= 2 and plainly * 4 >= len(words):
        return None  # plainly English: what tells the others apart, and its 89 MB, are not needed
    language, sure = _likeliest(" ".join(words), _LATIN)
    mixed = english >= 2 or english * 6 >= len(words)
    return language if language != "en" and sure >= (ALMOST_CERTAIN if mixed else SURE) else None


def get_ready() -> None:
    """Read what is read once, before the first message waits for it. What tells languages apart is read when a
    message is first not plainly English: many installations never need it."""
    person("")


@cache
def _identifier() -> LanguageIdentifier:
    read = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    read.set_languages([*_LATIN, *(language for _, _, several in _SCRIPTS for language in several)])
    read._full_model = None  # the other languages' share of it, 27 MB, is never asked for again
    return read


def _of_script(text: str, languages: tuple[str, ...]) -> str:
    """The usual language of a script, unless it is surely one of the others."""
    language, sure = _likeliest(text, languages, than=languages[0])
    return language if sure >= RATHER else languages[0]


def _likeliest(text: str, among: tuple[str, ...], *, than: str = "en") -> tuple[str, float]:
    """The likeliest of the languages, and how sure it is that it is not the one it is held against."""
    shares = {name: float(share) for name, share in _identifier().rank(text.lower()) if name in among}
    best = max(shares, key=lambda name: (shares[name], name))
    return best, 1 - shares.get(than, 0.0) / (sum(shares.values()) or 1.0)


# What is known of a language


@dataclass(frozen=True)
class Language:
    """What the agent says in a language, and what it understands of it by rules."""

    code: str
    name: str
    texts: Mapping[str, str]
    yes: frozenset[str]
    no: frozenset[str]
    asks: re.Pattern[str]
    talks: re.Pattern[str] | None
    refuses: re.Pattern[str]
    whole: re.Pattern[str] | None

    def asks_for_person(self, parts: Sequence[str], whole: str) -> bool:
        """`parts` are the parts of its sentences, `whole` all of it, both folded."""
        if self.whole is not None and self.whole.fullmatch(whole):
            return True
        return any(
            self._wants_no_bot(part) or (self.asks.search(part) and not self._is_refused(part))
            for part in parts
        )

    def _wants_no_bot(self, part: str) -> bool:
        """Whoever will not talk to a machine wants somebody else: "mit einem Bot rede ich nicht"."""
        if not _BOTS.search(part) or not _NEGATION.search(part):
            return False
        return bool(_NO_BOT.fullmatch(part)) or bool(self.talks and self.talks.search(part))

    def _is_refused(self, part: str) -> bool:
        # "No quiero un bot" asks; "no quiero hablar con una persona" does not.
        return bool(self.refuses.search(part)) and not _BOTS.search(part)


_BOTS = re.compile(
    r"(?:\b(?:chat)?(?:bots?|robo|robot|roboter|machine|maquina|maszyn|automat|macchin|maschine|makin|computer|"
    r"ordinateur|yapay zeka)|бот|робот|машин|روبوت|بوت|机器人|机器|电脑|ボット|ロボット|機械)"
)
_NEGATION = re.compile(
    r"\b(?:no|ningun|pas|plus|nicht|nie|kein\w*|nao|nenhum|non|nessun|niet|geen|без|не|ни)\b"
)
_NO_BOT = re.compile(
    r"(?:(?:por favor|hola|bitte|salut|ya|mas) )?(?:no|pas de|plus de|kein\w*|nao|sem|non|niente|geen|bez|без) (?:\w+ )?"
    rf"{_BOTS.pattern}\w*(?: \w+)?"
)
_FOR = "fur|para|pour|per(?! (?:favore|piacere|cortesia))|voor|dla|для|icin"
_GIVEN = "eine?[mnr]?|een|une?|una|uma?|das|die|den|het"
_NOW = (
    "ya|ahora(?: mismo)?|maintenant|tout de suite|enfin|jetzt|sofort|endlich|agora|ja|subito|adesso|nu|meteen|eindelijk|"
    "direct|teraz|natychmiast|сейчас|срочно|немедленно|hemen|simdi"
)


@cache
def languages() -> Mapping[str, Language]:
    """The languages that the agent can say something in, by their two letters."""
    read = yaml.safe_load(files("overture.agent").joinpath("languages.yaml").read_text("utf-8"))
    return {code: _language(code, one) for code, one in read.items()}


def _language(code: str, read: Mapping[str, Any]) -> Language:
    person = {name: folded(pattern).replace("-", " ") for name, pattern in read["person"].items()}
    asks = [person["alone"]]
    talk, whole = "", None
    if "talk" in person:
        before = rf"(?:{person['before']})"
        # "Support for Linux" is a thing; "to give somebody a voucher" asks for nobody.
        somebody = (
            rf"\b(?:(?:{before}['’ ]? ?){{1,4}}(?:{person['who']})|{person.get('someone', '(?!)')})\b"
            rf"(?! (?:{_FOR}|{_GIVEN})\b)"
        )
        talk = rf"\b(?:{person['talk']})\b"
        asks = [rf"\b(?:{person['alone']})\b", rf"{talk}(?: \w+){{0,3}} {somebody}"]
        if "want" in person:  # "I want a person", not "I want to send it to a person"
            asks.append(rf"\b(?:{person['want']})(?: (?:{_NOW}|{person['please']})){{0,3}} {somebody}")
        if "see_to" in person:  # "let a person look at it"
            see_to = rf"\b(?:{person['see_to']})\b"
            asks += [rf"{somebody}(?: \w+){{0,4}} {see_to}", rf"{see_to}(?: \w+){{0,2}} {somebody}"]
        if code in ("de", "nl", "tr"):  # where the verb stands last
            asks.append(rf"{somebody}(?: \w+){{0,3}} {talk}")
        around = rf"(?:(?:{person['please']}) ?){{0,5}}"
        whole = re.compile(rf"{around}(?:{person['whole']}) ?{around}")
    return Language(
        code,
        read["name"],
        {text: read[text] for text in ("unsure", "hand_off", "declined")},
        frozenset(_bare(one) for one in read["yes"].split("|")),
        frozenset(_bare(one) for one in read["no"].split("|")),
        re.compile("|".join(asks)),
        re.compile(talk) if talk else None,
        re.compile(rf"\b(?:{person['not']})\b" if "talk" in person else person["not"]),
        whole,
    )


_LIGATURES = str.maketrans({"ł": "l", "ı": "i", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "’": "'"})


def folded(text: str) -> str:
    """Lower case and without accents, for comparing."""
    plain = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", kept).translate(_LIGATURES)


_PART = re.compile(r"[.!?;:,()\n。,、!?;:؟،؛]+| (?:sondern|sino|maar|aber|pero|mas|mais|ma|ale|ama|но|а) ")


def _parts(text: str) -> list[str]:
    low = re.sub(r"[¿¡\"«»„“”-]", " ", folded(text))
    return [" ".join(part.split()) for part in _PART.split(low) if part.strip()]


def _bare(text: str) -> str:
    return " ".join(_parts(text))


@lru_cache(maxsize=256)
def person(text: str) -> Person | None:
    """A request for a person in any of the languages, by rules; None where there is none.

    All are tried, whatever language the text seems to be in: most requests are too short to tell.
    """
    parts = _parts(text)
    whole = " ".join(parts)
    for one in languages().values():
        if one.asks_for_person(parts, whole):
            return Person(ASKED_FOR, f"asks for a person ({one.name})")
    return None


def yes_or_no(text: str) -> bool | None:
    """A plain yes or no in one of the languages."""
    bare = _bare(text)
    agreed = any(bare in one.yes for one in languages().values())
    declined = any(bare in one.no for one in languages().values())
    return agreed if agreed != declined else None


def says(language: str | None, text: Text) -> str | None:
    """What the agent says in a language, if it can."""
    known = languages().get(language or "")
    return None if known is None else known.texts[text]


def of_conversation(text: str, agent_said_last: str | None) -> str | None:
    """The language to answer in: that of the message, or of our own last words where it is too short to tell."""
    return spoken(text) or (None if agent_said_last is None else _ours(agent_said_last))


def _ours(said: str) -> str | None:
    return next(
        (code for code, one in languages().items() if said.strip() in one.texts.values()),
        None,
    )
