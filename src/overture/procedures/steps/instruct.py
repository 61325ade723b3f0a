"""`instruct`: a language model talks with the contact, with the tools it was given, until it has what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from overture.base.yaml_lines import Node
from overture.procedures.moves import (
    InstructAsks,
    InstructDue,
    Instructed,
    InstructFailed,
    Repeat,
    Reply,
    Waiting,
    WrongValue,
    mine,
    with_files,
)
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.steps.values.collected import collected
from overture.procedures.typed import Typed

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk


DEFAULT_BUDGET = 10
MOST_BUDGET = 50


@dataclass(frozen=True, kw_only=True)
class Instruct(Step):
    """Let a language model do what the text says. `budget` is how often it may be asked, tools included."""

    kind: ClassVar[str] = "instruct"
    main: ClassVar[str | None] = "text"

    text: str
    tools: tuple[str, ...] = holding("texts", ())
    save: Mapping[str, Typed] = holding("typed", dict)
    budget: int = DEFAULT_BUDGET
    on_error: tuple[Step, ...] = steps_inside()

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        return cls(
            **here,
            text=reader.message(
                node, "instruct", "There is no instruction. Write what to do after “instruct:”."
            ),
            tools=reader.texts(given.get("tools"), "tools"),
            save=reader.typed(given.get("save"), "save"),
            budget=reader.whole(given.get("budget"), "budget", DEFAULT_BUDGET, most=MOST_BUDGET),
            on_error=reader.steps(given.get("on_error"), "on_error"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return dict(self.save)

    def do(self, walk: Walk) -> Then | None:
        text = walk.plain(self.text)
        for row in walk.earlier():
            if "values" in row.result and row.inputs == {"text": text}:
                kept = row.result["values"]
                walk.row(self, {"text": text}, {"values": kept, "kept": True})
                walk.on(kept)
                return None
        walk.wait("instruct", {"text": text, "talk": [], "used": 0, "turn": 1, "trace": []})
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        pending = walk.progress.pending or {}
        if walk.progress.awaiting == "reply":
            return Waiting(self)
        return InstructDue(
            pending["text"],
            self.tools,
            self.save,
            tuple(pending["talk"]),
            self.budget - pending["used"],
            walk.place,
            walk.visit,
            pending["turn"],
        )

    def heard(self, walk: Walk, event: Event) -> Then | None:
        pending = dict(walk.progress.pending or {})
        if walk.progress.awaiting == "reply":
            return self._replied(walk, pending, event)
        if not isinstance(event, (Instructed, InstructAsks, InstructFailed)):
            return self.due(walk)
        if not mine(event, walk.place, walk.visit, pending["turn"]):
            return self.due(walk)
        asked = {"text": pending["text"]}
        trace = [*pending["trace"], *(dict(one) for one in event.trace)]
        if isinstance(event, InstructFailed):
            return walk.fail(self, event.reason, inputs=asked, trace=trace)
        used = pending["used"] + max(1, event.used)
        if isinstance(event, Instructed):
            try:
                values = collected(self.save, event.values, walk)
            except WrongValue as error:
                return walk.fail(self, error.message, inputs=asked, trace=trace)
            if event.said:
                walk.say(event.said)
            walk.row(self, asked, {"values": values, "trace": trace, "used": used})
            walk.on(values)
            return None
        if used >= self.budget:
            reason = f"It was not done after asking the language model {used} times."
            return walk.fail(self, reason, inputs=asked, trace=trace)
        walk.say(event.said, question=True)
        talk = [*pending["talk"], {"author": "agent", "text": event.said}]
        walk.wait("reply", {**pending, "talk": talk, "used": used, "trace": trace})
        return self.due(walk)

    def _replied(self, walk: Walk, pending: dict[str, Any], event: Event) -> Then:
        if isinstance(event, Repeat):
            walk.say(pending["talk"][-1]["text"], question=True)
        if isinstance(event, Reply):
            talk = [*pending["talk"], {"author": "contact", "text": with_files(event)}]
            walk.wait("instruct", {**pending, "talk": talk, "turn": pending["turn"] + 1})
        return self.due(walk)

    def left(self, walk: Walk) -> None:
        pending = walk.progress.pending or {}
        walk.row(self, {"text": pending["text"]}, {"left": True, "trace": pending["trace"]})

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], row.result.get("values", {}))
