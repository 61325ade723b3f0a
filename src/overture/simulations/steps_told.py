"""What a run did, step by step, in words that somebody understands who writes no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overture.procedures.model import Procedure
from overture.procedures.moves import StepRow
from overture.procedures.steps.base import INTO
from overture.procedures.trace import trace_of, values_of

WAYS = {
    "else": "It did not hold.",
    "then": "It held.",
}


@dataclass(frozen=True)
class Change:
    """A value that a step kept. `before` is None where there was none."""

    name: str
    before: Any
    after: Any


def number_of(path: str) -> str:
    """How the editor counts a step: “3.1” for “2.then.0”."""
    here = path.rpartition(INTO)[2]
    return ".".join(str(int(part) + 1) for part in here.split(".") if part.isdigit())


def place_of(path: str, procedure: Procedure) -> str | None:
    """Where a step stands in the procedure's file: “steps.2.then.0”. None for a step of the library."""
    first, *rest = path.rpartition(INTO)[2].split(".")
    if first.isdigit():
        made = ["steps", first]
    elif first in procedure.sub_procedures:
        made = ["sub_procedures", first]
    else:
        return None
    for part in rest:
        if part == "elif" or part.startswith("elif-"):
            made += ["elif", str(int(part.partition("-")[2] or 1) - 1), "then"]
        elif part == "on_timeout":
            made += ["ask_teammate", part]
        else:
            made.append(part)
    return ".".join(made)


def changes(log: Sequence[StepRow], procedure: Procedure) -> list[list[Change]]:
    """For each row, the values that it changed. A corrected answer takes back what came after it."""
    made = []
    before: dict[str, Any] = {}
    for end in range(1, len(log) + 1):
        after = values_of(trace_of(log[:end]), procedure)
        made.append(
            [
                Change(name, before.get(name), value)
                for name, value in after.items()
                if name not in before or before[name] != value
            ]
        )
        before = after
    return made


def told(row: StepRow) -> str:
    """What came of a step, in a sentence."""
    result, inputs = row.result, row.inputs
    if "failed" in result:
        return f"It failed. {result['failed']}"
    if result.get("forgotten"):
        return "They went back; what they had answered is forgotten."
    match row.kind:
        case "ask":
            return f"They answered “{result.get('shown', '')}”."
        case "if":
            return _branch(row)
        case "call":
            return _call(row)
        case "ask_teammate":
            return _teammate(row)
        case "look_up":
            return _looked_up(result)
        case "instruct":
            return (
                "They left it before it was done."
                if result.get("left")
                else "The language model is done with it."
            )
        case "say":
            return f"Said “{inputs.get('text', '')}”." if result.get("said") else "It had been said already."
        case "end":
            return f"Said “{inputs['text']}”, and ended." if inputs.get("text") else "It ended."
        case "hand_off":
            team = inputs.get("team")
            return f"People of {team} take over." if team else "People take over."
        case "tag":
            return (
                f"Tagged “{inputs.get('tag', '')}”." if result.get("added") else "The tag was there already."
            )
        case "note":
            return "A note for the team." if result.get("added") else "The note was there already."
        case "run":
            return f"Began the sub-procedure {inputs.get('sub_procedure', '')}."
        case "switch":
            return f"Went on with the procedure {inputs.get('procedure', '')}."
        case "set":
            return "Kept."
    return ""


def _branch(row: StepRow) -> str:
    looked = row.inputs.get("conditions") or []
    way = str(row.result.get("branch", ""))
    if way.startswith("elif") and isinstance(looked, Sequence) and looked:
        return f"This held: {looked[-1]['if']}"
    return WAYS.get(way, "")


def _call(row: StepRow) -> str:
    name = row.inputs.get("connector", "The connector")
    if "error" in row.result:
        return f"{name} was of no use. {row.result['error']}"
    return f"{name} had answered the same before." if row.result.get("kept") else f"{name} answered."


def _teammate(row: StepRow) -> str:
    if "values" in row.result:
        return f"{row.result.get('by') or 'A teammate'} answered."
    return (
        "They went back before a teammate answered."
        if row.result.get("withdrawn")
        else "Nobody answered in time."
    )


def _looked_up(result: Mapping[str, Any]) -> str:
    titles = [str(one.get("title", "")) for one in result.get("sources", ())]
    found = ", ".join(f"“{one}”" for one in titles if one)
    return f"Found in {found}." if found else "Found."
