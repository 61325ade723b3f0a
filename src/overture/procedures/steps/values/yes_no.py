"""Yes and no, in the ways people say them."""

from __future__ import annotations

import re

from overture.procedures.steps.values.answer import Answer, Unclear, Understood

_UNSURE = re.compile(
    r"\b(not sure|unsure|maybe|perhaps|(?:don'?t|do not|dunno) ?know|"
    r"no idea|depends|yes and no|dunno|possibly)\b"
)
_YES_IDIOMS = re.compile(
    r"\b(no problem(?:o)?|not a problem|no worries|why not|no doubt|can'?t complain|of course)\b"
)
_YES = re.compile(
    r"\b(yes|yep|yeah|yea|yup|ya|yah|aye|sure|ok|okay|k|certainly|absolutely|definitely|correct|right|true|indeed"
    r"|exactly|affirmative|please do|go ahead|go for it|i (?:already )?(?:do|did|have)|i am|it is|it did"
    r"|it does|it has|it was"
    r"|sounds good|fine|y|agreed|ja|oui|si|sí)\b|👍|✅"
)
_NO = re.compile(
    r"\b(no|nope|nah|naw|nay|not|never|none|negative|false|incorrect|wrong|n|nein|non"
    r"|\w+n'?t|cannot|i'd rather not|no way)\b|👎|❌"
)
_DENIED = re.compile(
    r"\b(?:of course|absolutely|definitely|certainly|surely) not\b"
    r"|\b(?:i |it |that )?(?:do|did|have|am|is|was|does|has|are|can|could|will|would) not\b"
)
_FIRST_YES = re.compile(r"\W*(?:" + _YES.pattern + r")")
_FIRST_NO = re.compile(r"\W*(?:no|nope|nah|naw|nay|never|not|nein|non|n)\b|\W*(?:👎|❌)")
_PLAIN_NO = re.compile(r"\b(no|nope|nah|nein)\b")
_PLAIN_YES = re.compile(r"\b(yes|yep|yeah|yup|ja)\b")


def boolean(said: str) -> Answer:
    plain = " ".join(said.lower().replace("’", "'").split())
    unclear = Unclear("Please answer yes or no.")
    if not plain or _UNSURE.search(plain):
        return unclear
    plain = _YES_IDIOMS.sub("yes", _DENIED.sub("no", plain))
    yes, no = bool(_YES.search(plain)), bool(_NO.search(plain))
    if yes and no:
        # The first word decides, unless the plain other one comes too: “yes, it's not here”, “yes no”.
        if _FIRST_YES.match(plain) and not _PLAIN_NO.search(plain):
            no = False
        elif _FIRST_NO.match(plain) and not _PLAIN_YES.search(plain):
            yes = False
        else:
            # “I do not”, “it isn't right”: what is denied is no yes.
            yes = bool(_PLAIN_YES.search(plain))
    if yes == no:
        return unclear
    return Understood(yes, "Yes" if yes else "No")
