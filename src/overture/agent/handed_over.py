"""What a teammate reads first of a conversation that came to people: what was wanted, what was done, what was said last.

None of it is worded anew: it is taken from the conversation and from what its runs wrote down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overture.agent.wordless import is_wordless
from overture.conversations import store
from overture.conversations.markup import to_text
from overture.conversations.model import Part
from overture.db.database import Transaction
from overture.procedures import store as procedures
from overture.procedures.model import Procedure
from overture.procedures.moves import StepRow
from overture.procedures.runs import RunState
from overture.procedures.store import Run

READ = 50  # messages from the beginning, and as many up to the hand-off
LONGEST = 200
MOST_LINES = 12

# What says neither what is wrong nor what is wanted.
_POLITE = re.compile(
    r"(?:\W*\b(?:hi+|hello+|hey+|hiya|good (?:morning|afternoon|evening|day)|there|greetings|howdy|"
    r"yes|yeah|yep|yup|no|nope|nah|ok|okay|k|sure|fine|alright|well|so|great|cool|please|thanks|thank you|"
    r"h+m+|u+h+m*|u+m+|e+r+m*|o+h+|a+h+|"
    r"hallo|guten tag|hola|bonjour|salut|ciao|ja|nein|oui|non|si|danke|merci|gracias)\b)+\W*",
    re.IGNORECASE,
)

_BLANK = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)


@dataclass(frozen=True)
class Summary:
    """What stands on the card. `wanted` and `last` are the contact's own words."""

    wanted: str | None
    did: tuple[str, ...]
    last: str | None


@dataclass(frozen=True)
class Ran:
    """A run with the procedure as it was then, and everything it did."""

    run: Run
    procedure: Procedure
    log: Sequence[StepRow]


def of_hand_off(tx: Transaction, conversation_id: int, part: Part) -> Summary:
    """The summary of what came before this assignment."""
    first = store.parts_of(tx, conversation_id, limit=READ)
    newest, _ = store.parts_before(tx, conversation_id, before=part.seq, limit=READ)
    known = {one.seq: one for one in (*first, *newest) if one.seq < part.seq}
    ran = [
        Ran(run, procedures.version(tx, run.version_id), procedures.log_of(tx, run.id))
        for run in procedures.runs_of(tx, conversation_id)
        if run.created_at <= part.created_at
    ]
    return summary([known[seq] for seq in sorted(known)], ran)


def summary(parts: Sequence[Part], ran: Sequence[Ran]) -> Summary:
    wrote = [_flat(part) for part in parts if part.author_type == "user" and part.kind == "comment"]
    wrote = [text for text in wrote if text]
    at = next((at for at, text in enumerate(wrote) if _says_something(text)), 0)
    lines = [*_spoken(parts), *(line for one in ran for line in _told(one))]
    return Summary(
        wanted=_cut(wrote[at]) if wrote else None,
        did=tuple(dict.fromkeys(lines))[:MOST_LINES],
        last=_cut(wrote[-1]) if len(wrote) > at + 1 else None,
    )


def _spoken(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if part.author_type != "bot":
            continue
        if part.is_source:
            yield f"It wrote first: “{_cut(_flat(part))}”"
        for source in part.meta.get("sources", ()):
            yield f"It answered from “{source['title']}”."


def _told(ran: Ran) -> Iterator[str]:
    """A run in a line, and below it what it asked of others and what came of that."""
    run, name = ran.run, ran.procedure.name
    why = f": {run.reason}" if run.reason and run.state is RunState.SET_ASIDE else "."
    if run.began_at is None:
        yield f"“{name}” did not begin{why}"
    elif run.state is RunState.COMPLETED:
        yield f"“{name}” was done to its end."
    elif run.state is RunState.SET_ASIDE:
        yield f"“{name}” was left at {_stood_at(ran)}{why}"
    else:
        yield f"“{name}” came to {_stood_at(ran)}."
    for row in ran.log:
        if not row.result.get("kept"):
            yield from _came_of(row)


def _stood_at(ran: Ran) -> str:
    progress = ran.run.progress
    step = ran.procedure.step_at(progress.position)
    if step is None:
        return "its end"
    if step.kind == "hand_off":
        return "the step that hands over"
    written = getattr(step, step.main or "question", "")
    asked = (progress.pending or {}).get("question") or _BLANK.sub("…", str(written))
    words = {
        "ask": "its question",
        "ask_teammate": "its question to the team",
        "call": "its call of",
        "instruct": "its instruction",
    }
    return f"{words.get(step.kind, 'its step')} “{_cut(str(asked or step.kind))}”"


def _came_of(row: StepRow) -> Iterator[str]:
    result, asked = row.result, row.inputs
    failed = result.get("failed")
    match row.kind:
        case "call":
            yield _called(str(asked.get("connector")), result.get("error"))
        case "instruct":
            for one in result.get("trace", ()):
                if "tool" in one:
                    yield _called(str(one["tool"]), one.get("failed"))
            if failed:
                yield f"Its instruction was not carried out: {failed}"
        case "look_up":
            found = ", ".join(f"“{one['title']}”" for one in result.get("sources", ()))
            yield f"It looked up “{_cut(str(asked.get('query')))}” and found {found or 'nothing'}."
        case "ask_teammate" if "values" in result:
            yield f"The team answered “{_cut(str(asked.get('question')))}”: {_values(result['values'])}."
        case "ask_teammate" if failed:
            yield f"The team was asked “{_cut(str(asked.get('question')))}” and did not answer."
        case "ask" if failed:
            times = result.get("attempts", 1)
            yield f"It asked “{_cut(str(asked.get('question')))}” {times} times without a clear answer."


def _called(connector: str, problem: Any) -> str:
    return f"It called “{connector}”: {problem}" if problem else f"It called “{connector}”, which worked."


def _values(values: Mapping[str, Any]) -> str:
    shown = {True: "yes", False: "no"}
    return ", ".join(
        f"{name} {shown[value] if isinstance(value, bool) else value}" for name, value in values.items()
    )


def _says_something(text: str) -> bool:
    return not is_wordless(text) and _POLITE.fullmatch(text) is None


def _flat(part: Part) -> str:
    return " ".join(to_text(part.body or "", part.format).split())


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1].rsplit(' ', 1)[0]}…"
