"""One advance under way: what the steps share while they are walked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from overture.procedures.expression import ConditionError
from overture.procedures.moves import (
    LONGEST_PLACE,
    Awaiting,
    Completed,
    Effect,
    Failed,
    HandedOff,
    Moves,
    Progress,
    Saying,
    StepRow,
    Stuck,
    Then,
)
from overture.procedures.names import looked_up, with_value, with_values
from overture.procedures.steps.base import Step
from overture.procedures.template import (
    Labelled,
    TemplateError,
    TemplateFailed,
    render,
    render_plain,
    value_of,
)
from overture.procedures.typed import Choice

if TYPE_CHECKING:
    from overture.procedures.model import Procedure

MOST_STEPS = 5_000  # of one advance; sub-procedures that run each other could else be many more


@dataclass(frozen=True)
class Words:
    """What is said around the steps of a procedure, which the workspace may put in its own words."""

    changed: str = "Changed to {value}."
    first_question: str = "That was the first question."
    unclear: str = "{reason}"

    def why(self, reason: str) -> str:
        """What is said of an answer that does not fit; the reason is in English."""
        return self.unclear.replace("{reason}", reason)


class Walk:
    """Where the run stands, and what has come of this event so far."""

    def __init__(
        self,
        procedure: Procedure,
        progress: Progress,
        log: Sequence[StepRow],
        scope: Mapping[str, Any],
        now: datetime,
        timezone: str,
        country: str | None,
        words: Words | None = None,
    ) -> None:
        self.procedure = procedure
        self.progress = progress
        self.log = log
        self.scope = scope
        self.now = now
        self.timezone = timezone
        self.country = country
        self.words = words or Words()
        self.rows: list[StepRow] = []
        self.says: list[Saying] = []
        self.effects: list[Effect] = []
        # What many steps ask for and few change.
        self._named: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
        self._labels: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
        self._by_place: dict[str, list[StepRow]] | None = None
        self._last_set: tuple[int, dict[str, Any]] = (0, {})

    def moves(self, then: Then) -> Moves:
        return Moves(self.progress, tuple(self.rows), tuple(self.says), then, tuple(self.effects))

    @property
    def place(self) -> str:
        """Where the run stands: the key of what is done here, together with the visit."""
        return self.progress.position

    @property
    def visit(self) -> int:
        return self.progress.visit

    @property
    def redoing(self) -> bool:
        """Whether an earlier answer was changed, so that steps may be here for the second time."""
        return self.visit > 1

    # Walking

    def run(self) -> Then:
        """Do steps until one waits or the run is over."""
        done = 0
        while self.place:
            if done == MOST_STEPS:
                return self.over(Failed(f"More than {MOST_STEPS} steps came one after another."))
            step = self.procedure.step_at(self.place)
            if step is None:
                if not self.procedure.steps:
                    return self.over(Completed("The procedure has no steps."))
                return self.over(Failed(f"The procedure has no step at “{self.place}”."))
            try:
                then = step.do(self)
            except (Stuck, TemplateFailed, TemplateError, ConditionError) as error:
                then = self.fail(step, str(error))
            if then is not None:
                return then
            done += 1
        return self.over(Completed("The procedure reached its end."))

    def on(self, values: Mapping[str, Any] | None = None) -> None:
        """To the next step, with what this one kept."""
        self.at(self.procedure.after(self.place), values)

    def at(self, place: str, values: Mapping[str, Any] | None = None) -> None:
        if len(place) > LONGEST_PLACE:
            raise Stuck("Sub-procedures run each other too many levels deep.")
        was = self.progress
        self.progress = Progress(
            position=place,
            visit=was.visit,
            values={**was.values, **values} if values else was.values,
            first_reply=was.first_reply,
            spare=was.spare,
            over=was.over,
        )

    def into(self, name: str) -> bool:
        """To the first of the steps inside this one (`on_error`, `then`); False where there are none."""
        step = self.procedure.step_at(self.place)
        inside = dict(step.blocks()).get(f"{step.path}.{name}") if step else None
        if inside:
            self.at(f"{self.place}.{name}.0")
        return bool(inside)

    def wait(self, awaiting: Awaiting, pending: Mapping[str, Any] | None = None) -> None:
        self.progress = replace(self.progress, awaiting=awaiting, pending=pending, attempts=0)

    def spare(self, rest: str | None) -> None:
        """Keep what else the message said: a later question may find its answer there."""
        self.progress = replace(self.progress, spare=rest)

    def over(self, then: Then) -> Then:
        self.progress = replace(
            self.progress, awaiting="nothing", pending=None, first_reply=None, spare=None, over=True
        )
        return then

    # Where it goes wrong

    def fail(self, step: Step, reason: str, block: str = "on_error", **noted: Any) -> Then | None:
        """To the step's own steps for this, where it has any; else to people."""
        inputs = noted.pop("inputs", {})
        self.row(step, inputs, {"failed": reason, **noted})
        if self.into(block):
            return None
        return self.give_up(reason)

    def give_up(self, reason: str) -> Then:
        return self.over(HandedOff("failure", None, None, reason))

    # What comes of it

    def row(self, step: Step, inputs: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self.rows.append(StepRow(self.place, self.visit, step.kind, inputs, result))

    def earlier(self, place: str | None = None) -> Sequence[StepRow]:
        """What this step came to in earlier visits, the newest first."""
        if not self.redoing:
            return []
        if self._by_place is None:
            self._by_place = {}
            for row in reversed(self.log):
                self._by_place.setdefault(row.path, []).append(row)
        return self._by_place.get(place or self.place, [])

    @property
    def all_rows(self) -> Iterator[StepRow]:
        """Everything that was done in the run, the oldest first."""
        return chain(self.log, self.rows)

    def last_set(self) -> Mapping[str, Any]:
        """What `set` wrote last to the contact and the conversation, in any visit."""
        seen, last = self._last_set
        for row in islice(self.rows, seen - len(self.log), None) if seen else self.all_rows:
            if row.kind == "set":
                last |= row.result.get("values", {})
        self._last_set = (len(self.log) + len(self.rows), last)
        return last

    def say(
        self, text: str, *, question: bool = False, choices: tuple[Choice, ...] = (), sources: Any = ()
    ) -> None:
        self.says.append(Saying(text, question, choices, self.place, tuple(sources)))

    def say_once(self, text: str) -> bool:
        """Say it unless an earlier visit said the same here."""
        before = next((row for row in self.earlier() if row.result.get("said")), None)
        if before is not None and before.inputs.get("text") == text:
            return False
        self.say(text)
        return True

    # Names

    @property
    def names(self) -> Mapping[str, Any]:
        """What templates and conditions may name."""
        values = self.progress.values
        if self._named is None or self._named[0] is not values:
            self._named = (values, with_values(self.scope, values))
        return self._named[1]

    def text(self, source: str) -> str:
        """A message with its values filled in; a choice shows its label."""
        return render(source, self._labelled(), self.timezone)

    def plain(self, source: str) -> str:
        """The same without Markdown's escapes: for what is no message."""
        return render_plain(source, self._labelled(), self.timezone)

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a `with` or `set`: what is one name alone keeps its type, and a choice its id."""
        names = self.names
        return {name: value_of(value, names, self.timezone) for name, value in values.items()}

    def _labelled(self) -> Mapping[str, Any]:
        plain = names = self.names
        if self._labels is not None and self._labels[0] is plain:
            return self._labels[1]
        for name, labels in self.procedure.labels.items():
            value = looked_up(names, name)
            if isinstance(value, str) and value in labels:
                names = with_value(names, name.split("."), Labelled(value, labels[value]))
        self._labels = (plain, names)
        return names
