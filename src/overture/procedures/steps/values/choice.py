"""One of some options: by name, by place, or by a word that only one of them has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from overture.procedures.steps.values.answer import Answer, Unclear, Understood
from overture.procedures.typed import Choice


def _words_in(line: str) -> list[str]:
    return line.split()


_STOP = frozenset(
    _words_in(
        "a an the i i'd i'll i'm it it's its is are be to for of in on at my me you your we our and or "
        "please just would like want prefer rather think that this with get have take go do can could "
        "option one choice thanks thank yes ok okay will them so then"
    )
)
_NEGATORS = frozenset(
    _words_in("not no never without don't dont doesn't isn't won't wouldn't nor instead than cannot can't")
)
_ALL_OR_NONE = re.compile(
    r"\b(neither|none|both|either|any|whichever|whatever|all of|don'?t (?:know|care)|not sure)\b"
)
_ASKING = re.compile(r"\s*(what|how|when|why|which|where|who|is|does|will)\b.*\?\s*$", re.DOTALL)
_ORDINALS = {
    word: place
    for place, words in enumerate(
        (
            ("first", "1st"),
            ("second", "2nd"),
            ("third", "3rd"),
            ("fourth", "4th"),
            ("fifth", "5th"),
            ("sixth", "6th"),
            ("seventh", "7th"),
            ("eighth", "8th"),
            ("ninth", "9th"),
            ("tenth", "10th"),
        )
    )
    for word in words
}
_CARDINALS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_BY_NUMBER = re.compile(
    r"(?:i'?ll take |i want |let'?s go with )?(?:option|number|no\.?|#|choice)? ?#?(\d{1,2})[.)!]?"
)
_BY_WORD = re.compile(
    r"(?:.{0,25}\b)?(?:option|number|choice) (one|two|three|four|five|six|seven|eight|nine|ten)\b.{0,12}"
)
_BY_ORDINAL = re.compile(
    r"(?:.{0,25}\b)?(?:the )?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
    r"|\d{1,2}(?:st|nd|rd|th))"
    r"(?: one| option| choice)?\b.{0,12}"
)


def choice(said: str, options: Sequence[Choice]) -> Answer:
    plain = _flat(said)
    unclear = Unclear("Please choose one: " + "; ".join(option.label for option in options) + ".")
    if not plain:
        return unclear
    for option in options:
        if plain in (_flat(option.id), _flat(option.label)):
            return _chosen(option)
    if len(plain) > 2000 or _ASKING.match(said.lower()):
        return unclear
    words = _words(plain)
    mentioned, refused = _mentions(words, options)
    if _ALL_OR_NONE.search(plain):
        return unclear
    if len(mentioned) == 1:
        return _chosen(mentioned[0])
    if mentioned or refused:
        return unclear
    place = _place(plain, len(options))
    if place is not None and not any(option.id.isdigit() for option in options):
        return _chosen(options[place])
    close = _close(words, options)
    return _chosen(close[0]) if len(close) == 1 else unclear


def _chosen(option: Choice) -> Understood:
    return Understood(option.id, option.label)


def _flat(said: str) -> str:
    plain = said.casefold().replace("’", "'").replace("_", " ")
    return " ".join(re.sub(r"[^\w\s',.#]|(?<!\w)'|'(?!\w)", " ", plain).split()).strip(" .,!?")


def _words(plain: str) -> list[str]:
    return re.findall(r"[\w']+|[,.]", plain)


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _telling(options: Sequence[Choice]) -> list[frozenset[str]]:
    """For each option the words that tell it from the others."""
    each = [
        {_singular(word) for word in _words(_flat(f"{option.id} {option.label}")) if word not in ",."}
        for option in options
    ]
    own = []
    for number_, words in enumerate(each):
        others = set().union(*(each[:number_] + each[number_ + 1 :])) if len(each) > 1 else set()
        telling = words - others
        own.append(frozenset((telling - _STOP) or telling))
    return own


def _mentions(words: Sequence[str], options: Sequence[Choice]) -> tuple[list[Choice], list[Choice]]:
    """The options that are named, and those that are named to be refused (“not a refund”)."""
    telling = _telling(options)
    named: set[int] = set()
    refused: set[int] = set()
    denied = 0
    for word in words:
        if word in (",", ".", "but"):
            denied = 0
        elif word in _NEGATORS:
            denied = 6
        else:
            for number_, own in enumerate(telling):
                # A choice of “no” is named by its own negator.
                if _singular(word) in own:
                    (refused if denied else named).add(number_)
        denied = max(0, denied - 1)
    for number_, own in enumerate(telling):
        if own & _NEGATORS & set(words) and len(own) == 1:
            named.add(number_)
    return [options[one] for one in sorted(named)], [options[one] for one in sorted(refused - named)]


def _place(plain: str, count: int) -> int | None:
    place: int | None = None
    if found := _BY_NUMBER.fullmatch(plain):
        place = int(found[1]) - 1
    elif found := _BY_WORD.fullmatch(plain):
        place = _CARDINALS.index(found[1])
    elif (found := _BY_ORDINAL.fullmatch(plain)) and not set(_words(plain)) & _NEGATORS:
        place = count - 1 if found[1] == "last" else _ORDINALS.get(found[1])
    elif plain in _CARDINALS:
        place = _CARDINALS.index(plain)
    return place if place is not None and 0 <= place < count else None


def _close(words: Sequence[str], options: Sequence[Choice]) -> list[Choice]:
    """Options with a word that somebody mistyped."""
    if set(words) & _NEGATORS:
        return []
    found = []
    for option, own in zip(options, _telling(options), strict=True):
        long = [word for word in own if len(word) >= 4]
        near = any(difflib.get_close_matches(word, long, n=1, cutoff=0.8) for word in words if len(word) >= 4)
        if near:
            found.append(option)
    return found
