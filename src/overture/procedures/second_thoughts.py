"""What a message may want with the run itself: change an earlier answer, go back a question, or leave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from overture.procedures.model import Ask, Procedure
from overture.procedures.moves import ELSEWHERE, Correct, GoBack, NeverMind, Progress, StepRow
from overture.procedures.steps.ask import Unclear, Understood, understand
from overture.procedures.trace import trace_of


def find_second_thought(
    procedure: Procedure,
    progress: Progress,
    log: Sequence[StepRow],
    text: str,
    now: datetime,
    timezone: str = "UTC",
    country: str | None = None,
) -> Correct | GoBack | NeverMind | None:
    """“never mind”, “go back”, “no, order 12”; None for any other message."""
    if progress.over or progress.awaiting == "nothing" or progress.awaiting in ELSEWHERE:
        return None
    wish = _wish(text)
    if wish is not None:
        asked = open_ask(procedure, progress)
        # An option may be called “Leave it”: then it is an answer.
        if asked and asked.type == "choice" and _fits(understand(asked, text, now, timezone, country)):
            return None
        return wish
    return find_correction(procedure, progress, log, text, now, timezone, country)


def find_correction(
    procedure: Procedure,
    progress: Progress,
    log: Sequence[StepRow],
    text: str,
    now: datetime,
    timezone: str = "UTC",
    country: str | None = None,
) -> Correct | None:
    """“no, order 12”, “sorry, I meant AB-99999”: a cue, and a value for an earlier question."""
    if progress.over:
        return None
    asked = open_ask(procedure, progress)
    for rest in _after_cue(text):
        # What the open question takes answers it; a yes or no, or any text, takes too much to count.
        if asked and _telling(asked) and _fits(understand(asked, rest, now, timezone, country)):
            return None
        words = _long_words(rest)
        best: tuple[int, str] | None = None
        for row in reversed(trace_of(log)):
            step = procedure.step_at(row.path)
            if not isinstance(step, Ask) or "value" not in row.result or not _telling(step):
                continue
            loose = step.type in ("number", "choice") and len(rest.split()) > 3
            # In a whole sentence for an open text, a number or an option may be there by chance.
            if loose and asked and asked.type == "text" and not asked.matches:
                continue
            heard = understand(step, rest, now, timezone, country)
            if not isinstance(heard, Understood) or heard.value == row.result["value"]:
                continue
            score = len(words & _long_words(f"{step.save or ''} {step.question}"))
            if best is None or score > best[0]:
                best = (score, row.path)
        if best:
            return Correct(best[1], rest)
    return None


def open_ask(procedure: Procedure, progress: Progress) -> Ask | None:
    """The question that waits for its answer."""
    step = procedure.step_at(progress.position)
    return step if progress.awaiting == "answer" and isinstance(step, Ask) else None


# All stand in patterns that are written over several lines, where white space means nothing.
_POLITE = r"""(?:(?:oh|ah|ok|okay|sorry|oops|wait|hold\ on|hang\ on|actually|please|well|hm+|no
    |can\ (?:we|you|i)|could\ (?:we|you|i)|may\ (?:we|i)|i(?:'d|\ would)\ (?:like|prefer)\ to|i\ (?:want|need|have)\ to
    |let'?s|let\ (?:me|us)|just|then|so|and
    |that\ was\ (?:wrong|a\ mistake)|(?:i\ )?(?:clicked|took|chose|typed|gave)\ the\ wrong\ (?:one|thing|answer)
    |my\ (?:mistake|bad)|i(?:'ve)?\ changed\ my\ mind|it'?s\ (?:fine|ok|okay|all\ right)|bitte|por\ favor|per\ favore)
    [\s,.!…-]+)*"""
_THANKS = r"""(?:[\s,.!]*(?:please|pls|plz|then|thanks|thank\ you|thx|ty|sorry|for\ now|a\ step|one\ step|bitte|danke|svp
    |s'il\ (?:vous|te)\ pla[iî]t|merci|por\ favor|gracias|obrigad[oa]|per\ favore|grazie|a\.?u\.?b|graag|\?))*[\s.!]*"""
# Why it is not needed any more, which may follow.
_SETTLED = r"""(?:[\s,.!-]*(?:(?:i(?:'ve)?|we(?:'ve)?)\ (?:just\ |already\ )?
        (?:found|got|sorted|fixed|solved|figured)\ (?:it|that)(?:\ out)?(?:\ myself)?
    |found\ it|got\ it|sorted|solved|it\ works(?:\ now)?|all\ good|i'?m\ (?:fine|good|ok)))?"""
_THE_MATTER = r"(?:it|this|that|everything|the\ whole\ (?:thing|matter)|all\ (?:this|that|of\ it))"
_BEFORE = r"(?:previous|last|earlier|former|preceding)"
_ONE = r"(?:question|step|one|answer|thing|point)"
_NEVER_MIND = re.compile(
    rf"""\W*{_POLITE}(?:
      never\s?mind | nvm | nm | forget\ (?:about\ )?(?:{_THE_MATTER}|(?:that\ )?i\ asked) | leave\ it(?:\ be)?
    | (?:drop|scrap|abort|skip)\ (?:the\ whole\ (?:thing|matter)|all\ (?:this|that|of\ it)|everything)
    | (?:drop|scrap|abort)(?:\ (?:it|this|that))? | (?:stop|quit)\ (?:this|here|it)
    | stop\ asking(?:\ me)?(?:\ (?:questions|things|this))?
    | don'?t\ bother | (?:it\ |that\ |this\ )?(?:doesn'?t|does\ not|no\ longer)\ matters?(?:\ any\s?more|\ now)
    | (?:(?:it|that|this)(?:\ is|'?s)\s|i'?m\s)?(?:no\ longer\ (?:needed|necessary|interested|relevant|required)
        | not\ (?:needed|necessary|interested|relevant|required)\ any\s?more)
    | (?:i\ )?(?:don'?t|no\ longer)\ (?:need|want)\ (?:this|it|that|help)(?:\ any\s?more)?
    | i\ give\ up | i(?:'ll|\ will)\ (?:sort|work|figure)\ (?:it|this|that)\ out(?:\ myself)?
    | vergiss\ es | vergessen\ sie\ es | schon\ gut | lass(?:en\ sie)?(?:\ es)?(?:\ gut)?\ sein | hat\ sich\ erledigt
    | laissez\ tomber | laisse\ tomber | tant\ pis | olv[ií]dal[oe] | d[ée]jalo
    | lascia(?:mo)?\ (?:perdere|stare) | laat\ maar | (?:het\ )?hoeft\ niet\ meer | deixa\ (?:pra\ l[áa]|estar)
    | esque[çc]e
    ){_SETTLED}{_THANKS}\W*""",
    re.VERBOSE | re.IGNORECASE,
)
_GO_BACK = re.compile(
    rf"""\W*{_POLITE}(?:
      (?:(?:go|step|move|get|jump|take\ (?:me|us)|bring\ (?:me|us))\ )?(?:(?:one|a)(?:\ (?:step|question))?\ )?back(?:\ up)?
        (?:\ (?:a|one)(?:\ {_ONE})?)?(?:\ to\ (?:the\ |my\ )?(?:{_BEFORE}\ {_ONE}|{_ONE}\ before(?:\ (?:this|that))?))?
    | (?:(?:go|return|get)\ (?:back\ )?to\ )?(?:the\ |my\ )?
        (?:{_BEFORE}\ (?:question|step|one)|(?:question|step|one)\ before(?:\ (?:this|that))?)
    | undo(?:\ (?:that|this|it))? | rewind | redo(?:\ (?:that|the|my))?(?:\ {_BEFORE})?(?:\ {_ONE})?
    | (?:fix|change|correct|edit|revise|redo|repeat|answer)\ (?:the|my|that)\ {_BEFORE}\ {_ONE}(?:\ again)?
    | (?:fix|change|correct|edit|revise)\ what\ i\ (?:said|wrote|typed|chose)(?:\ before|\ last|\ earlier)?
    | (?:start|do|ask|answer)\ that\ (?:question|one)\ (?:over|again)
    | (?:geh(?:en)?\ |einen?\ schritt\ |eine\ frage\ )?zur[üu]ck(?:\ gehen)? | (?:die\ )?(?:vorige|vorherige|letzte)\ frage
    | (?:revenir|retourner|reculer)(?:\ (?:en\ arri[èe]re|d'un\ pas))? | retour
    | en\ arri[èe]re | (?:la\ )?question\ pr[ée]c[ée]dente
    | (?:un\ paso\ |ir\ |volver\ |vuelve\ )?(?:hacia\ )?atr[áa]s | volver | (?:la\ )?pregunta\ anterior
    | (?:torna(?:re)?\ |un\ passo\ )?indietro | (?:la\ )?domanda\ precedente
    | (?:een\ (?:stap|vraag)\ |ga\ )?terug | (?:de\ )?vorige\ vraag | voltar(?:\ atr[áa]s)? | (?:a\ )?pergunta\ anterior
    ){_THANKS}\W*""",
    re.VERBOSE | re.IGNORECASE,
)


def _wish(text: str) -> GoBack | NeverMind | None:
    said = " ".join(text.replace("’", "'").split())
    if len(said) > 60:
        return None
    if _NEVER_MIND.fullmatch(said):
        return NeverMind()
    return GoBack() if _GO_BACK.fullmatch(said) else None


_OPENERS = re.compile(
    r"\W*(?:no+|nope|wait|oh|oops|ah|hm+|hang on|hold on|sorry|actually|pardon)\b[\s,.!…:-]*", re.IGNORECASE
)
_NOT_THE_OLD = re.compile(r"[\s,]+(?:and\s+)?not\s+\S+\s*$", re.IGNORECASE)  # "6 people, not 4"
_CUES = re.compile(
    r"""\b(?:sorry | apologies | i\ meant?(?:\ to\ (?:say|write))? | actually | correction | typo
      | my\ mistake | my\ bad | make\ (?:that|it) | change\ (?:\S+\ ){1,4}?to | changed\ my\ mind
      | (?:was|is)\ wrong[\s,.;:]+(?:it(?:\ is|'s)\b)? | i\ said\ \S+\ but\ (?:i\ (?:want|meant|need))?
      | not\ \S+\ but | should\ (?:be|have\ been) | rather | instead )\b[\s,:.]*""",
    re.VERBOSE | re.IGNORECASE,
)


def _after_cue(text: str) -> list[str]:
    """What may be the new value, where something says that there is one: the shortest rest first."""
    found: list[str] = []
    place = 0
    while opener := _OPENERS.match(text, place):
        place = opener.end()
        found.insert(0, text[place:])
    for cue in _CUES.finditer(text):
        found.insert(0, text[cue.end() :])
        found.append(text[: cue.start()])
    found += [_NOT_THE_OLD.sub("", rest) for rest in found if _NOT_THE_OLD.search(rest)]
    rests = [rest.strip(" \t\r\n,.!-–:") for rest in found]
    return list(dict.fromkeys(rest for rest in rests if rest))[:6]


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower().replace("_", " ")))


def _telling(ask: Ask) -> bool:
    """Whether an answer to this can be told from any other text."""
    return ask.type != "boolean" and (ask.type != "text" or ask.matches is not None)


def _fits(heard: Understood | Unclear) -> bool:
    return isinstance(heard, Understood)
