"""Messages in which nothing is said: a number, a code, an address, an emoji, a slip of the hand on the keys.

What the encoder makes of them means nothing, and may lie near anything. They answer a question, or they follow.
"""

from __future__ import annotations

import re
import unicodedata

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|[^\s@<>(),;:]+@[^\s@<>(),;:]+", re.I)
# "AB-12" is a code; "2nd-hand" and "24/7 Support" hold words.
_CODE = re.compile(r"(?=\S*\d)(?:[^\W\d_]{0,3}(?:[\W\d_]|$))+")
_KEY = re.compile(r"(?=\S*[\d+/=_]|\S*[a-z][A-Z])[A-Za-z0-9+/=_-]{20,}")
_WORD = re.compile(r"[^\W\d_]+")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{9}|^[bcdfghjklmnpqrstvwxz]{5,}$")


def without_addresses(text: str) -> str:
    """The text with "it" for each address of a page or a mailbox: "support@shop.example" asks for no support."""
    return _ADDRESS.sub("it", text)


def is_wordless(text: str) -> bool:
    """Whether there is no word in it."""
    return not any(_says_something(one) for one in _ADDRESS.sub(" ", text).split())


def _says_something(written: str) -> bool:
    if _CODE.fullmatch(written) or _KEY.fullmatch(written):
        return False
    return any(_is_word(letters) for letters in _WORD.findall(written))


def _is_word(letters: str) -> bool:
    plain = unicodedata.normalize("NFKD", letters.lower())
    latin = plain[0].isascii()
    if latin and len(set(plain)) == 1:
        return False  # "k", "aaaa"; one sign of Chinese is a word
    return not (latin and _CONSONANTS.search(plain))
