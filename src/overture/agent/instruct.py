"""Let a language model carry out one step: with the tools it was given, within its budget, every act on record.

What it said and what its tools answered is written down before the next thing happens. After a crash that record
is read again instead of asking or calling once more, so a tool's call carries the same key as before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

import structlog
from sqlalchemy import select

from overture.agent.prompts import prompt
from overture.agent.scene import Scene, whose
from overture.base.clock import Clock, to_micros
from overture.connectors import store as connectors
from overture.connectors.caller import PasscodeNeeded
from overture.db.database import Database, Transaction
from overture.db.tables import instructions
from overture.llm.base import BudgetSpent, Form, Message, Model, ModelError
from overture.procedures import perform
from overture.procedures.moves import (
    CallDone,
    CallDue,
    InstructAsks,
    InstructDue,
    Instructed,
    InstructFailed,
)
from overture.procedures.names import with_values

NO_MODEL = "No language model is set, so this instruction cannot be carried out."
LONGEST_SAID = 4_000
LONGEST_ANSWER = 4_000  # characters of a tool's answer that the model is shown
TRIES_AGAIN = 2  # how often a form that makes no sense is asked for once more, within the budget

log = structlog.get_logger()


class Act(Form):
    """What the model wants to do next."""

    do: Literal["call", "ask", "finish", "give_up"]
    tool: str | None = None
    inputs: dict[str, Any] | None = None
    say: str | None = None
    values: dict[str, Any] | None = None
    why: str | None = None


class Instructions:
    """Carries out instructions."""

    def __init__(self, database: Database, clock: Clock, caller: perform.Caller, model: Model | None) -> None:
        self._database = database
        self._clock = clock
        self._caller = caller
        self._model = model

    async def done(
        self, due: InstructDue, scene: Scene
    ) -> Instructed | InstructAsks | InstructFailed | PasscodeNeeded:
        """Ask the model until it says something to the contact, is done, gives up, or has no budget left.

        A tool that needs a passcode asks the contact for it. What was said until then is on record, so the model goes
        on from that call once they are verified.
        """
        return await _Carrying(self, due, scene).out()


class _Carrying:
    """One turn of one step."""

    def __init__(self, by: Instructions, due: InstructDue, scene: Scene) -> None:
        assert scene.run is not None
        assert scene.procedure is not None
        self._by = by
        self._due = due
        self._scene = scene
        self._run = scene.run
        self._names = with_values(scene.scope(scene.run, scene.procedure), scene.run.progress.values)
        self._trace: list[dict[str, Any]] = []
        self._answers: list[dict[str, Any]] = []
        self._used = 0

    async def out(self) -> Instructed | InstructAsks | InstructFailed | PasscodeNeeded:
        model = self._by._model
        if model is None:
            return self._failed(NO_MODEL)
        record = await self._by._database.read(_recorded, self._run.id, self._due)
        tools = await self._by._database.read(_tools, self._due.tools)
        number, wrong = 0, 0
        while self._used < self._due.budget:
            kept = record.get((number, "said"))
            if kept is None:
                try:
                    said = await model.decide(Act, self._messages(tools), ask_again=False)
                except (ModelError, BudgetSpent) as problem:
                    wrong += 1
                    self._used += 1
                    log.info("instruct.model", reason=problem.message)
                    self._trace.append({"model": model.name, "failed": problem.message})
                    if wrong > TRIES_AGAIN:
                        return self._failed(problem.message)
                    continue
                kept = {"act": said.form.model_dump(exclude_none=True), "tokens": said.tokens.total}
                kept = await self._keep(number, "said", {**kept, "model": model.name, "prompt": _PROMPT_HASH})
            self._used += 1
            self._trace.append(kept)
            act = Act.model_validate(kept["act"])
            if act.do == "ask" and act.say:
                return InstructAsks(
                    act.say[:LONGEST_SAID], self._used, tuple(self._trace), *self._place, self._due.turn
                )
            if act.do == "finish":
                problem_with = _missing(self._due, act.values or {})
                if problem_with is None:
                    said_last = None if not act.say else act.say[:LONGEST_SAID]
                    return Instructed(
                        act.values or {},
                        said_last,
                        self._used,
                        tuple(self._trace),
                        *self._place,
                        self._due.turn,
                    )
                self._answers.append({"problem": problem_with})
            elif act.do == "give_up":
                return self._failed(act.why or "The language model could not carry it out.")
            elif act.do == "call":
                answer = record.get((number, "called"))
                if answer is None:
                    made = await self._call(act, number)
                    if isinstance(made, PasscodeNeeded):
                        return made
                    answer = await self._keep(number, "called", made)
                self._trace.append(answer)
                self._answers.append(answer)
            else:
                self._answers.append({"problem": "“say” is empty."})
            number += 1
        return self._failed(f"It was not done after asking the language model {self._used} times.")

    async def _call(self, act: Act, number: int) -> dict[str, Any] | PasscodeNeeded:
        tool, inputs = act.tool or "", act.inputs or {}
        if tool not in self._due.tools:
            return {"tool": tool[:100], "failed": "This tool may not be called in this step."}
        path = f"{self._due.path}#{self._due.turn}.{number}"
        answer = await self._by._caller.call(CallDue(tool, inputs, path, self._due.visit), whose(self._scene))
        if isinstance(answer, PasscodeNeeded):
            return answer
        if isinstance(answer, CallDone):
            return {"tool": tool, "inputs": inputs, "answer": answer.result}
        return {"tool": tool, "inputs": inputs, "failed": answer.reason}

    def _messages(self, tools: Mapping[str, Any]) -> list[Message]:
        known = {name: value for name, value in self._names.items() if name not in ("procedure",)}
        asked = {
            "instruction": self._due.text,
            "values": {name: typed.to_dict() for name, typed in self._due.save.items()},
            "tools": tools,
            "known": known,
            "talk": list(self._due.talk),
            "answers": self._answers,
            "asked_so_far": self._used,
            "at_most": self._due.budget,
        }
        shown = json.dumps(asked, ensure_ascii=False, default=str)
        if len(shown) > 8 * LONGEST_ANSWER:
            asked["answers"] = [json.dumps(one, default=str)[:LONGEST_ANSWER] for one in self._answers]
            shown = json.dumps(asked, ensure_ascii=False, default=str)
        return [Message("system", prompt("instruct")), Message("user", shown)]

    async def _keep(self, number: int, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Write it down; where another process was first, what it wrote holds."""
        return await self._by._database.write(
            _record, self._run.id, self._due, number, kind, content, to_micros(self._by._clock.now())
        )

    def _failed(self, reason: str) -> InstructFailed:
        return InstructFailed(reason, tuple(self._trace), *self._place, self._due.turn)

    @property
    def _place(self) -> tuple[str, int]:
        return self._due.path, self._due.visit


_PROMPT_HASH = hashlib.sha256(prompt("instruct").encode()).hexdigest()[:12]
_KINDS = {"said": 0, "called": 1}


def _missing(due: InstructDue, values: Mapping[str, Any]) -> str | None:
    """What the model should be told of its values; whether they are of their types is checked once more after it."""
    missing = [name for name in due.save if values.get(name) is None]
    if missing:
        return f"These values are missing: {', '.join(missing)}."
    unknown = [name for name in values if name not in due.save]
    if unknown:
        return f"These values were not asked for: {', '.join(unknown)}."
    for name, typed in due.save.items():
        options = [option.id for option in typed.of]
        if options and values[name] not in options:
            return f"“{name}” must be one of {', '.join(options)}."
    return None


def _recorded(tx: Transaction, run_id: int, due: InstructDue) -> dict[tuple[int, str], dict[str, Any]]:
    rows = tx.execute(
        select(instructions.c.number, instructions.c.kind, instructions.c.content).where(
            instructions.c.run_id == run_id,
            instructions.c.path == due.path,
            instructions.c.visit == due.visit,
            instructions.c.turn == due.turn,
        )
    )
    return {(row.number // 2, row.kind): row.content for row in rows}


def _record(
    tx: Transaction, run_id: int, due: InstructDue, number: int, kind: str, content: dict[str, Any], now: int
) -> dict[str, Any]:
    place = {
        "run_id": run_id,
        "path": due.path,
        "visit": due.visit,
        "turn": due.turn,
        "number": 2 * number + _KINDS[kind],
    }
    if tx.insert_new(instructions, {**place, "kind": kind, "content": content, "created_at": now}):
        return content
    query = select(instructions.c.content).where(
        *(instructions.c[name] == value for name, value in place.items())
    )
    kept: dict[str, Any] = tx.execute(query).scalar_one()
    return kept


def _tools(tx: Transaction, names: tuple[str, ...]) -> dict[str, Any]:
    """What the model is told of its tools: which inputs each takes."""
    found = {}
    for name in names:
        connector = connectors.find(tx, name)
        if connector is not None:
            found[name] = {
                "inputs": {
                    key: {"type": str(one.type), "required": one.required}
                    for key, one in connector.inputs.items()
                }
            }
    return found
