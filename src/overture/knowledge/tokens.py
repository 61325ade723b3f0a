"""The words a text is found by: one way for every BM25 score, so that all of them can be compared."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

from snowballstemmer.english_stemmer import EnglishStemmer

_STOP_WORDS = """
a about am an and any are as at be been being but by can could did do does doing for from had has have having
he her hers him his how i if in into is it its just me my of on or our ours please shall she should so some
than that the their theirs them then there these they this those to us was we were what when where which who
whom why will with would you your yours
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Accents and vowel signs that stand as characters of their own belong to their word.
_MARKS = "".join(c for c in map(chr, range(0x300, 0x2000)) if unicodedata.category(c).startswith("M"))
_WORD = rf"[\w{_MARKS}]{{1,64}}"  # what is longer is no word, and is taken in parts
# A number with its separators, or words and codes held together by hyphens ("AB-123", "e-mail").
_RUN = re.compile(rf"\d+(?:[.,]\d+)+(?!\w)|{_WORD}(?:[-‐‑]{_WORD}){{0,5}}")
_HYPHEN = re.compile(r"[-‐‑]")
# "I'd", "where's" and "the order's" lose the ending too, "don't" only the mark.
_APOSTROPHE = re.compile(r"['’ʼ](?<=\w.)(?:(?:s|d|m|ll|re|ve)\b|(?=\w))")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")


def tokens(text: str) -> list[str]:
    """The words of a text in order, lower case, stemmed, without the ones every text has.

    A code is kept in its parts and as a whole: "AB-123" is found by "AB-123", "ab123", "AB 123" and "123".
    """
    joined = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).lower())
    return [word for run in _RUN.findall(joined) for word in _forms(run)]


@lru_cache(maxsize=50_000)
def _forms(run: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in _words(run) if word not in STOP_WORDS)


def _words(run: str) -> list[str]:
    if run[0].isdigit() and ("." in run or "," in run):
        return [_THOUSANDS.sub("", run)]
    parts = [part for part in _HYPHEN.split(run) if part.strip("_")]
    if len(parts) < 2:
        return parts
    whole = "".join(parts)
    if any(character.isdigit() for character in whole):
        return [*parts, whole]
    one_word = len(parts) == 2 and min(map(len, parts)) <= 2  # "e-mail", "re-order"
    return [whole] if one_word else parts


def stem(word: str) -> str:
    """The part of a word that its forms share; codes and other scripts stay as they are."""
    if not (word.isascii() and word.isalpha()):
        return word
    return str(_stemmer().stemWord(word))


_each_thread = threading.local()


def _stemmer() -> EnglishStemmer:
    """This thread's own, since a stemmer keeps its place in the word it is at."""
    try:
        return _each_thread.stemmer
    except AttributeError:
        _each_thread.stemmer = EnglishStemmer()
        return _each_thread.stemmer
