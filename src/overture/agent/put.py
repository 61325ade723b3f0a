"""What a when-to-use text says: what it excludes, and what is left as the customer would put it.

"The customer wants their bike repaired" is "I want my bike repaired".

Messages are said by the one who wants something, descriptions by somebody who looks on. What is written from the
same side is nearer, so each procedure is also compared in these words. They are never shown, and need not be pretty.
"""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"(?:(?:to be )?(?:use|used|using)\b(?: (?:this|it))?|applies|this is|choose this|start this|run this)? ?"
    r"\b(?:when|whenever|if|for when|for|in case)\s+",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"(?:(?:an?|the|some|any|our|new|existing)\s+)*(?:customer|client|user|person|visitor|contact|travell?er|guest|caller|"
    r"member|shopper|buyer|patient|employee|passenger|student|tenant|subscriber|driver|owner|reader|player|parent|"
    r"candidate|applicant|sender|recipient|somebody|someone|anybody|anyone|people|they)s?\s+(?:who\s+)?",
    re.IGNORECASE,
)
_SAYS = (
    (r"(?:wants?|would like|wish(?:es)?) to (?:know|hear|learn|find out)(?: (?:about|whether|if))? ", ""),
    (r"(no longer|also|only|still|already|just) (\w+[^s\W])s ", r"I \1 \2 "),
    (r"(?:wants?|wanting|would like|wish(?:es)?|hopes?) ", "I want "),
    (
        r"(?:asks?|asking|is asking|are asking|inquir(?:es?|ing)|enquir(?:es?|ing)) (?:about|regarding) ",
        "what about ",
    ),
    (r"(?:asks?|asking|is asking|are asking) for ", "I would like "),
    (r"(?:asks?|asking|is asking|are asking) to ", "please "),
    (r"(?:asks?|asking|is asking|are asking|wonders?|wondering)(?: (?:whether|if))? ", ""),
    (r"(?:says?|reports?|tells? us|complains?|mentions?|explains?)(?: that)? ", ""),
    (r"(?:cannot|can not|can't|is unable to|are unable to) ", "I cannot "),
    (r"(?:does not|do not|doesn't|don't) ", "I do not "),
    (r"(?:is|are) ", "I am "),
    (r"(?:has|have|having) ", "I have "),
    (r"looking ", "I am looking "),
    (r"goes ", "I go "),
    (r"(\w+[^s\W])s ", r"I \1 "),
    (r"(\w+) ", r"I \1 "),
)
_MINE = (
    (r"themsel(?:ves|f)|(?:him|her)self", "myself"),
    (r"theirs", "mine"),
    (r"their|his or her|his|the customer's|the user's", "my"),
    (r"they are", "I am"),
    (r"they|he or she|the customer|the user", "I"),
    (r"them", "me"),
)
_PART = re.compile(r",|;| or | and ")
_SENTENCE = re.compile(r"(?<=[.!;])\s+")
_NOT = re.compile(
    r"(?:^(?:please )?(?:do not|don't|never|not to be) (?:use|used)(?: (?:this|it))?|(?:^|[,(]\s*(?:but )?)not|^never)\s+"
    r"(?:for when|for|when|whenever|if|to)\s+(?P<what>[^)]+?)[.!;)]*$",
    re.IGNORECASE,
)


def divided(when_to_use: str) -> tuple[str, list[str]]:
    """What it is for, and what it is not for: a model that reads meanings hears no "not"."""
    is_for, is_not = [], []
    for sentence in _SENTENCE.split(when_to_use.strip()):
        found = _NOT.search(sentence)
        if found:
            is_not.append(found["what"].strip())
            sentence = sentence[: found.start()].strip()
        if sentence:
            is_for.append(sentence)
    return " ".join(is_for), is_not


def put(when_to_use: str) -> list[str]:
    """Each sentence of the text as the customer would say it."""
    said = []
    for sentence in _SENTENCE.split(when_to_use.strip()):
        text = sentence.strip().rstrip(".")
        lead = _LEAD.match(text)
        text = text[lead.end() :] if lead else text
        who = _WHO.match(text)
        if who or re.match(r"(?:asks?|asking|wants?|needs?|says?|reports?)\b", text, re.IGNORECASE):
            text = _said(text[who.end() :] if who else text)
        for words, mine in _MINE:
            text = re.sub(rf"\b(?:{words})(?!\w)", mine, text, flags=re.IGNORECASE)
        if text:
            said.append(text)
    return said


def parts(said: list[str]) -> list[str]:
    """What these sentences name one after the other, by itself: of "a flat tyre or a squeaking brake" both."""
    return [part.strip() for text in said for part in _PART.split(text) if len(part.split()) > 1]


def _said(text: str) -> str:
    for verb, mine in _SAYS:
        found = re.match(verb, text, re.IGNORECASE)
        if found:
            return found.expand(mine) + text[found.end() :]
    return text
