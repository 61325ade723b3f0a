"""Hears whether help helped: small, fixed rules, because the outcome hangs on them."""

from __future__ import annotations

import re

from overture.agent.model import FeedbackKind

_BAD = re.compile(
    r"\b(?:(?:did|does|do|was|were|is|has|have|had|could|can|would)(?:n'?t| not)(?: \w+){0,3} "
    r"(?:help|helped|helpful|useful|work|worked|working|answer|solve|solved|fix|fixed|right|what i (?:asked|"
    r"meant|need))"
    r"|no help|not? (?:very |really |at all )?(?:helpful|useful)|(?:not|wasn'?t|isn'?t) what i"
    r"|useless|unhelpful|still (?:not|doesn'?t|isn'?t|don'?t|can'?t|broken|stuck|nothing)"
    r"|that'?s (?:wrong|not right|no good)|doesn'?t (?:help|work|answer)|didn'?t (?:help|work|answer)"
    r"|not solved|terrible|waste of time)\b"
)
_GOOD = re.compile(
    r"\b(?:(?:that|this|it|which|you)(?:'s| is| was| has| have|'ve)? (?:really |very |so |just |already |"
    r"all )?"
    r"(?:help(?:s|ed|ful)|work(?:s|ed)|did it|solved|fixed|answers?|answered|perfect|great|useful|"
    r"what i needed)"
    r"|(?:very |really |so )?helpful|problem solved|all (?:good|sorted|set|clear) now|sorted now|"
    r"got it,? thanks"
    r"|(?:it|that)(?:'s| is) (?:all )?(?:working|fixed|sorted|solved|clear)(?: now)?|"
    r"exactly what i (?:needed|wanted)"
    r"|makes sense|works now|that'?s (?:great|perfect|all i needed))\b"
)
_THANKS = re.compile(
    r"^(?:(?:ok(?:ay)?|great|perfect|super|good|fine|alright|cool|awesome|brilliant|lovely|yes|no)[ ,.!]*)*"
    r"(?:thanks|thank you|thx|cheers|ty|many thanks|thanks? (?:a lot|so much|very much|again))"
    r"(?: (?:a lot|so much|very much|again|a (?:bunch|million)|for (?:your|the|all)(?: \w+){1,3}|you|"
    r"everyone))*"
    r"(?:[ ,.!]+(?:bye|goodbye|that(?:'s| is| will be| was) (?:all|it|everything)|have a .{2,20}|you too|"
    r"all good|"
    r"great|perfect|super|no more questions))*[ .!👍🙏😊🙂❤️]*$"
)
_PRAISE = re.compile(
    r"^(?:(?:ok(?:ay)?|yes|yep|ah|oh|that'?s|it'?s|this is|that is)[ ,.!]*)*"
    r"(?:great|perfect|awesome|brilliant|excellent|wonderful|super|amazing|lovely|👍|🙏)[ .!👍🙏😊🙂]*$"
)
_MORE = re.compile(r"\bbut\b|\?|\bhow\b|\bwhere\b|\bwhen\b|\bstill\b")


def heard(text: str) -> FeedbackKind | None:
    """Whether this says that what came before helped; None when it says neither, or asks on."""
    low = " ".join(text.lower().replace("’", "'").split())
    if len(low) > 200:
        return None
    if _BAD.search(low):
        return "did_not_help"
    if _MORE.search(low):
        return None
    if _THANKS.match(low) or _PRAISE.match(low) or _GOOD.search(low):
        return "helped"
    return None
