"""What changed between two procedures, in sentences a person can check, and as text.

Steps are compared as they are stored, so that a new kind of step is compared like any other.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from overture.base.yaml_lines import short
from overture.procedures.model import Procedure, branch_name
from overture.procedures.steps import KINDS
from overture.procedures.steps.base import field_name, own_fields
from overture.procedures.typed import written_duration

What = Literal["added", "removed", "changed", "moved"]
Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One difference: where it is (“step 3 › then › 1”), and what it is."""

    what: What
    place: str
    words: str
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        return self.words


def changes(before: Procedure | None, after: Procedure) -> tuple[Change, ...]:
    """What is different now; everything, where there was nothing before."""
    if before is None:
        return (Change("added", "", f"New procedure “{short(after.name)}”.", None, after.name),)
    old, new = before.to_dict(), after.to_dict()
    return (
        *_about(old, new),
        *_triggers(old["triggers"], new["triggers"]),
        *_steps(old["steps"], new["steps"], "step"),
        *_subs(old, new),
    )


def text_diff(before: str, after: str, before_name: str = "before", after_name: str = "after") -> str:
    """The lines that differ, as `diff -u` shows them; empty where none do."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), before_name, after_name, lineterm="", n=3
    )
    return "\n".join(lines)


# The procedure

_ABOUT = {"key": "Key", "name": "Name", "when_to_use": "When to use", "audience": "Audience"}
_EXAMPLES = {"use": "Examples", "not": "Examples that are not meant"}


def _about(old: Stored, new: Stored) -> Iterator[Change]:
    for name, title in _ABOUT.items():
        if old.get(name) != new.get(name):
            yield _field(title, title, old.get(name), new.get(name))
    for name, title in _EXAMPLES.items():
        was, is_ = old["examples"].get(name, []), new["examples"].get(name, [])
        for one in is_:
            if one not in was:
                yield Change("added", title, f"{title}: “{short(one)}” is new.", None, one)
        for one in was:
            if one not in is_:
                yield Change("removed", title, f"{title}: “{short(one)}” is gone.", one, None)


def _field(place: str, title: str, old: Any, new: Any) -> Change:
    if old in (None, "", [], {}):
        return Change("added", place, f"{title}: {_shown(new)} is new.", None, _plain(new))
    if new in (None, "", [], {}):
        return Change("removed", place, f"{title}: {_shown(old)} is gone.", _plain(old), None)
    return Change(
        "changed", place, f"{title}: was {_shown(old)}, is {_shown(new)}.", _plain(old), _plain(new)
    )


# Triggers


def _triggers(old: Sequence[Stored], new: Sequence[Stored]) -> Iterator[Change]:
    was = {one["key"]: one for one in old}
    is_ = {one["key"]: one for one in new}
    for key, one in was.items():
        if key not in is_:
            place = f"trigger {key}"
            yield Change(
                "removed", place, f"Trigger “{key}” is gone; it fires no more.", one["first_message"], None
            )
    for key, one in is_.items():
        place = f"trigger {key}"
        if key not in was:
            said = f"Trigger “{key}” is new ({_KINDS.get(one['kind'], one['kind'])})."
            yield Change("added", place, said, None, one["first_message"])
            continue
        before, after = _flat(was[key]), _flat(one)
        for name in [*before, *(name for name in after if name not in before)]:
            if before.get(name) != after.get(name):
                title = f"Trigger “{key}”, {name.replace('_', ' ')}"
                yield _field(
                    f"{place} › {name}",
                    title,
                    _timed(name, before.get(name)),
                    _timed(name, after.get(name)),
                )


_KINDS = {"api_call": "an API call", "element_click": "a click on an element"}
_TIMES = ("wait_for_reply", "idle", "nudge.after", "reopen", "once_per", "timeout")


def _flat(stored: Stored, prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in stored.items():
        if isinstance(value, Mapping) and name != "element":
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}".removeprefix("deployment.")] = value
    return found


def _timed(name: str, value: Any) -> Any:
    if name in _TIMES and isinstance(value, (int, float)):
        return written_duration(timedelta(seconds=value))
    return value


# Steps

_PLACES = ("path", "line")
_BLOCKS = ("on_fail", "on_error", "on_timeout", "else", "otherwise", "steps")


def _steps(old: Sequence[Stored], new: Sequence[Stored], place: str) -> list[Change]:
    """What changed in one list of steps. A step that is the same elsewhere in it has moved."""
    found: list[Change] = []
    gone: list[tuple[Stored, str]] = []
    come: list[tuple[Stored, str]] = []
    before, after = [_signature(one) for one in old], [_signature(one) for one in new]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = _paired(range(i1, i2), range(j1, j2), old, new)
        matched = {one for one, _ in pairs}, {other for _, other in pairs}
        gone += [(old[at], f"{place} {at + 1}") for at in range(i1, i2) if at not in matched[0]]
        for at in range(j1, j2):
            if at not in matched[1]:
                come.append((new[at], f"{place} {at + 1}"))
        for one, other in pairs:
            found += _changed(old[one], new[other], f"{place} {other + 1}")
    for step, where in list(gone):
        same = next((one for one in come if _signature(one[0]) == _signature(step)), None)
        if same is not None:
            come.remove(same)
            gone.remove((step, where))
            said = f"Moved from {where} to {same[1]}: {_summary(step)}."
            found.append(Change("moved", same[1], said, where, same[1]))
    found += [
        Change("removed", where, f"{_capital(where)} is gone: {_summary(step)}.", _summary(step), None)
        for step, where in gone
    ]
    found += [
        Change("added", where, f"{_capital(where)} is new: {_summary(step)}.", None, _summary(step))
        for step, where in come
    ]
    return found


def _paired(
    before: Sequence[int], after: Sequence[int], old: Sequence[Stored], new: Sequence[Stored]
) -> list[tuple[int, int]]:
    """Which of the changed steps were the same step: by id, else of one kind and most alike, in order."""
    pairs: list[tuple[int, int]] = []
    free = list(after)
    for at in before:
        best: tuple[float, int] | None = None
        for other in free:
            if pairs and other < pairs[-1][1]:
                continue
            if old[at].get("id") and old[at].get("id") == new[other].get("id"):
                best = (2.0, other)
                break
            if old[at]["kind"] != new[other]["kind"]:
                continue
            alike = difflib.SequenceMatcher(
                None, _signature(old[at])[:2000], _signature(new[other])[:2000], autojunk=False
            ).quick_ratio()
            if alike >= 0.4 and (best is None or alike > best[0]):
                best = (alike, other)
        if best is not None:
            pairs.append((at, best[1]))
            free.remove(best[1])
    return pairs


def _changed(old: Stored, new: Stored, place: str) -> Iterator[Change]:
    title = f"{_capital(place)} ({_summary(new)})"
    if old["kind"] != new["kind"]:
        yield Change(
            "changed", place, f"{_capital(place)} was {_summary(old)}, is {_summary(new)}.", _summary(old),
            _summary(new),
        )  # fmt: skip
        return
    plain = _defaults(new["kind"])
    before, after = plain | _own(old), plain | _own(new)
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            yield _field(
                place,
                f"{title}, {_FIELDS.get(name, name.replace('_', ' '))}",
                _timed(name, before.get(name)),
                _timed(name, after.get(name)),
            )
    was, is_ = dict(_blocks(old)), dict(_blocks(new))
    for name in [*was, *(name for name in is_ if name not in was)]:
        yield from _steps(was.get(name, ()), is_.get(name, ()), f"{place} › {name} ›")


_FIELDS = {"text": "what it says", "question": "the question", "of": "the options", "inputs": "with"}


def _own(step: Stored) -> dict[str, Any]:
    """What a step says of itself, without the steps inside it."""
    own = {name: value for name, value in step.items() if name not in (*_PLACES, *_BLOCKS, "branches")}
    for number, branch in enumerate(step.get("branches", ())):
        own["if" if number == 0 else f"{branch_name(number)} condition"] = branch["condition"]
    return {name: value for name, value in own.items() if value not in (None, [], {})}


def _defaults(kind: str) -> dict[str, Any]:
    """What a step of this kind says where its author says nothing."""
    plain = {
        field_name(one): one.default
        for one in own_fields(KINDS[kind])
        if isinstance(one.default, (bool, int, float, timedelta))
    }
    return {name: one.total_seconds() if isinstance(one, timedelta) else one for name, one in plain.items()}


def _blocks(step: Stored) -> Iterator[tuple[str, Sequence[Stored]]]:
    for number, branch in enumerate(step.get("branches", ())):
        yield branch_name(number), branch["steps"]
    for name in _BLOCKS:
        if step.get(name):
            yield name, step[name]


def _subs(old: Stored, new: Stored) -> Iterator[Change]:
    was = {one["key"]: one["steps"] for one in old.get("sub_procedures", ())}
    is_ = {one["key"]: one["steps"] for one in new.get("sub_procedures", ())}
    for name in was:
        if name not in is_:
            yield Change("removed", name, f"Sub-procedure “{name}” is gone.", name, None)
    for name, steps in is_.items():
        if name not in was:
            yield Change("added", name, f"Sub-procedure “{name}” is new.", None, name)
        else:
            yield from _steps(was[name], steps, f"{name}, step")


def _signature(step: Stored) -> str:
    """The step as text, wherever it stands."""
    return json.dumps(_placeless(step), sort_keys=True, ensure_ascii=False, default=str)


def _placeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _placeless(one) for name, one in value.items() if name not in _PLACES}
    if isinstance(value, (list, tuple)):
        return [_placeless(one) for one in value]
    return value


def _summary(step: Stored) -> str:
    """A step in a few words: “ask “Which order is it?””."""
    kind = str(step["kind"]).replace("_", " ")
    if "branches" in step:
        return f"if {short(step['branches'][0]['condition'], 50)}"
    for name in ("text", "question", "connector", "name", "procedure", "query", "say", "team"):
        if isinstance(step.get(name), str):
            return f"{kind} “{short(step[name], 50)}”"
    return kind


def _shown(value: Any) -> str:
    return f"“{short(_plain(value), 200)}”"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping) and "id" in value[0]:
        return ", ".join(
            one["id"] if one.get("label", one["id"]) == one["id"] else f"{one['id']} ({one['label']})"
            for one in value
        )
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _capital(place: str) -> str:
    return place[:1].upper() + place[1:]
