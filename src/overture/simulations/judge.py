"""Whether what had to hold does hold: plain values in, sentences out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from overture.base.yaml_lines import suggestion
from overture.conversations.model import State
from overture.procedures.names import looked_up
from overture.procedures.store import Run
from overture.simulations.coverage import names_of
from overture.simulations.model import Called, Expectation, HandedTo, Words
from overture.simulations.sandbox import Seen, text_of

SHOWN = 160


def failures(expect: Expectation, seen: Seen, *, since: int = 0) -> list[str]:
    """What does not hold, a sentence each. Words are looked for in parts after `since`."""
    run = seen.runs[-1] if seen.runs else None
    said = [text_of(part) for part in seen.spoken if part.seq > since and part.author_type != "user"]
    return [
        *_outcome(expect, seen),
        *_run(expect, seen, run),
        *_steps(expect, seen),
        *_values(expect.values, {} if run is None else dict(run.progress.values), "value"),
        *_values(expect.contact, seen.contact.scope(), "contact's"),
        *_words(expect, said, seen),
        *([] if expect.hand_off is None else _handed(expect.hand_off, seen)),
        *_around(expect, seen),
        *(problem for one in expect.calls for problem in _called(one, seen)),
    ]


def _outcome(expect: Expectation, seen: Seen) -> list[str]:
    outcome = seen.conversation.outcome
    if expect.outcome_none and outcome is not None:
        return [f"The conversation should still be in progress; its outcome is {outcome}."]
    if expect.outcome is not None and outcome != expect.outcome:
        return [f"The outcome is {outcome or 'none yet'}, not {expect.outcome}."]
    return []


def _run(expect: Expectation, seen: Seen, run: Run | None) -> list[str]:
    found = []
    if expect.state is not None and (run is None or run.state != expect.state):
        now = "there is no run" if run is None else f"the last run is {run.state}"
        why = f" ({run.reason})" if run is not None and run.reason else ""
        found.append(f"The run should be {expect.state}; {now}{why}.")
    if expect.procedure is not None:
        key = None if run is None else seen.procedures[run.id].key
        if key != expect.procedure:
            found.append(f"The last procedure is {key or 'none'}, not {expect.procedure}.")
    return found


def _steps(expect: Expectation, seen: Seen) -> list[str]:
    if not expect.steps and not expect.not_steps:
        return []
    been: set[str] = set()
    known: set[str] = set()
    for run in seen.runs:
        procedure = seen.procedures[run.id]
        known |= {name for step in procedure.by_path.values() for name in names_of(step)}
        places = [row.path for row in seen.logs[run.id]]
        if run.began_at is not None:
            places.append(run.progress.position)
        for place in places:
            step = procedure.step_at(place)
            been |= set() if step is None else set(names_of(step))
    found = []
    for name in expect.steps:
        if name not in been:
            unknown = ""
            if known and name not in known:
                unknown = f" No step is called that.{suggestion(name, sorted(known, key=len))}"
            found.append(f"The step “{name}” was not reached.{unknown}")
    found += [f"The step “{name}” was reached." for name in expect.not_steps if name in been]
    return found


def _values(wanted: Mapping[str, Any], values: Mapping[str, Any], what: str) -> list[str]:
    found = []
    for name, one in wanted.items():
        is_there = values.get(name) if name in values else looked_up(values, name)
        if not same(one, is_there):
            shown = "is not set" if is_there is None else f"is {_shown(is_there)}"
            found.append(f"The {what} “{name}” {shown}, not {_shown(one)}.")
    return found


def same(wanted: Any, is_there: Any) -> bool:
    """Whether a value is the one that was written: 24.5 is 24.50, and a date its text."""
    if isinstance(wanted, bool) or isinstance(is_there, bool):
        return wanted is is_there
    if isinstance(wanted, int | float) and isinstance(is_there, int | float):
        return abs(wanted - is_there) < 1e-9
    if isinstance(wanted, Mapping) and isinstance(is_there, Mapping):
        return all(same(one, is_there.get(name)) for name, one in wanted.items())
    return bool(wanted == is_there) or (wanted is not None and str(wanted) == str(is_there))


def _words(expect: Expectation, said: Sequence[str], seen: Seen) -> list[str]:
    last = f" The agent said: “{_cut(' / '.join(said))}”" if said else " The agent said nothing."
    found = [f"Nobody said {_quoted(one)}.{last}" for one in expect.says if not _is_among(one, said)]
    for one in expect.never_says:
        where = next((text for text in said if _is_among(one, [text])), None)
        if where is not None:
            found.append(f"{_quoted(one)} must not be said, and was: “{_cut(where)}”")
    found += [f"No note says {_quoted(one)}." for one in expect.notes if not _is_among(one, seen.notes)]
    return found


def _is_among(words: Words, texts: Sequence[str]) -> bool:
    if words.pattern:
        return any(re.search(words.text, text, re.IGNORECASE) for text in texts)
    wanted = " ".join(words.text.casefold().split())
    return any(wanted in " ".join(text.casefold().split()) for text in texts)


def _handed(wanted: HandedTo, seen: Seen) -> list[str]:
    because = seen.conversation.handed_off
    if not wanted.happened:
        return [] if because is None else [f"Nobody should have taken over; it was handed off ({because})."]
    if because is None:
        return ["It should have been handed to people, and was not."]
    found = []
    if wanted.team is not None and seen.team != wanted.team:
        found.append(f"It was handed to {seen.team or 'no team'}, not to {wanted.team}.")
    if wanted.because is not None and because != wanted.because:
        found.append(f"It was handed off because of {because}, not {wanted.because}.")
    return found


def _around(expect: Expectation, seen: Seen) -> list[str]:
    one = seen.conversation
    found = [f"The tag “{tag}” is missing." for tag in expect.tags if tag not in one.tags]
    if expect.priority is not None and one.priority != expect.priority:
        found.append(f"The priority is {one.priority}, not {expect.priority}.")
    if expect.open is not None and (one.state is State.OPEN) != expect.open:
        found.append(f"The conversation is {one.state}, not {'open' if expect.open else 'closed'}.")
    return found


def _called(wanted: Called, seen: Seen) -> list[str]:
    calls = [one for one in seen.calls if one.connector == wanted.connector]
    if wanted.times is not None and len(calls) != wanted.times:
        return [f"{wanted.connector} was called {_times(len(calls))}, not {_times(wanted.times)}."]
    if wanted.inputs is not None and not any(same(wanted.inputs, one.inputs) for one in calls):
        last = f" It was called with {_shown(calls[-1].inputs)}." if calls else " It was not called."
        return [f"{wanted.connector} was not called with {_shown(wanted.inputs)}.{last}"]
    return []


def _times(number: int) -> str:
    return "never" if number == 0 else "once" if number == 1 else f"{number} times"


def _quoted(words: Words) -> str:
    return f"anything that matches “{words.text}”" if words.pattern else f"“{words.text}”"


def _shown(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"
