"""`ask`: ask, wait, and what is made of the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.moves import Repeat, Reply, Waiting
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.steps.values import address, choice, date, number, text, yes_no
from overture.procedures.steps.values.answer import Answer, Unclear, Understood
from overture.procedures.typed import Choice, Typed, ValueType

if TYPE_CHECKING:
    from overture.procedures.moves import Event, StepRow, Then
    from overture.procedures.reading import Reader
    from overture.procedures.walk import Walk

__all__ = ["Answer", "Ask", "Unclear", "Understood", "choices", "tried_on_first_reply", "understand"]

DEFAULT_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Ask(Step):
    """Ask, wait, and keep the answer as a typed value."""

    kind: ClassVar[str] = "ask"
    main: ClassVar[str | None] = "question"

    question: str
    save: str | None = None
    type: ValueType = "text"
    of: tuple[Choice, ...] = holding("options", ())
    matches: str | None = None
    attempts: int = DEFAULT_ATTEMPTS
    on_fail: tuple[Step, ...] = steps_inside()
    first_reply: bool = True
    min: float | None = None
    max: float | None = None

    @classmethod
    def read(cls, reader: Reader, node: Node, given: Mapping[str, Node], here: Mapping[str, Any]) -> Self:
        found = reader.found
        kind = reader.type_of(given.get("type"), "type")
        if "matches" in given and kind != "text":
            found.add(given["matches"], f"“matches” is for a text; this has the type {kind}.", "matches")
        for limit in ("min", "max"):
            if limit in given and kind not in ("number", "money"):
                found.add(given[limit], f"“{limit}” is for a number or money; this is a {kind}.", limit)
        return cls(
            **here,
            question=reader.message(node, "ask", "There is nothing to ask. Write the question after “ask:”."),
            save=found.text(given.get("save"), "save"),
            type=kind,
            of=reader.options(given.get("of"), kind, node, "ask"),
            matches=found.text(given.get("matches"), "matches"),
            attempts=reader.whole(given.get("attempts"), "attempts", DEFAULT_ATTEMPTS, most=20),
            on_fail=reader.steps(given.get("on_fail"), "on_fail"),
            first_reply=bool(found.boolean(given.get("first_reply"), "first_reply", True)),
            min=found.number(given.get("min"), "min"),
            max=found.number(given.get("max"), "max"),
        )

    def saves(self) -> Mapping[str, Typed | None]:
        return {self.save: Typed(self.type, self.of)} if self.save else {}

    # In a run

    def do(self, walk: Walk) -> Then | None:
        """Ask, unless it is answered: by the reply that began the run, before a change, or beside another answer."""
        question = walk.text(self.question)
        first, walk.progress = walk.progress.first_reply, replace(walk.progress, first_reply=None)
        if first is not None and tried_on_first_reply(self):
            heard = self._understood(walk, first)
            if isinstance(heard, Understood):
                walk.spare(rest_of(first, heard))
                return self.keep(walk, question, heard, first_reply=True)
        before = self._before(walk, question)
        if before is not None:
            return self.keep(walk, question, before, kept=True)
        spare = walk.progress.spare
        if spare is not None and is_sure(self, spare):
            heard = self._understood(walk, spare)
            if isinstance(heard, Understood):
                walk.spare(rest_of(spare, heard))
                return self.keep(walk, question, heard, spare=True)
        return self.put(walk)

    def put(self, walk: Walk) -> Then:
        """Ask it, whatever is known."""
        question = walk.text(self.question)
        walk.wait("answer")
        walk.say(question, question=True, choices=choices(self))
        return self.due(walk)

    def due(self, walk: Walk) -> Then:
        return Waiting(self)

    def heard(self, walk: Walk, event: Event) -> Then | None:
        if isinstance(event, Reply):
            return self._answered(walk, event)
        if isinstance(event, Repeat):
            walk.say(walk.text(self.question), question=True, choices=choices(self))
        return self.due(walk)

    def kept(self, row: StepRow) -> Mapping[str, Any]:
        return {self.save: row.result["value"]} if self.save and "value" in row.result else {}

    def _answered(self, walk: Walk, event: Reply) -> Then | None:
        heard = self._understood(walk, event.text)
        if isinstance(heard, Unclear) and event.files:
            heard = self._of_files(event)
        question = walk.text(self.question)
        if isinstance(heard, Understood):
            walk.spare(rest_of(event.text, heard))
            sent = {"files": list(event.files)} if event.files else {}
            return self.keep(walk, question, heard, **sent)
        attempts = walk.progress.attempts + 1
        if attempts < self.attempts:
            walk.progress = replace(walk.progress, attempts=attempts)
            walk.say(f"{walk.words.why(heard.reason)} {question}", question=True, choices=choices(self))
            return self.due(walk)
        walk.row(self, {"question": question}, {"failed": heard.reason, "attempts": attempts})
        if walk.into("on_fail"):
            return None
        return walk.give_up(f"No clear answer after {attempts} tries.")

    def _of_files(self, event: Reply) -> Answer:
        """A file answers an open text: a photo of the damage. What is in it is not read."""
        if self.type == "text" and self.matches is None and not event.text.strip():
            names = ", ".join(event.files)
            return Understood(names, names)
        return Unclear("I can't read what is in a file. Please write it.")

    def keep(self, walk: Walk, question: str, heard: Understood, **how: Any) -> Then | None:
        walk.row(self, {"question": question}, {"value": heard.value, "shown": heard.shown, **how})
        walk.on({self.save: heard.value} if self.save else {})
        return None

    def _before(self, walk: Walk, question: str) -> Understood | None:
        """The answer of an earlier visit, if the question is still the same one and it was not taken back."""
        for row in walk.earlier():
            if row.result.get("forgotten"):
                return None
            if "value" in row.result and row.inputs.get("question") == question:
                return Understood(row.result["value"], row.result["shown"])
        return None

    def _understood(self, walk: Walk, said: str) -> Answer:
        return understand(self, said, walk.now, walk.timezone, walk.country)


def understand(
    ask: Ask, said: str, now: datetime, timezone: str = "UTC", country: str | None = None
) -> Answer:
    """The value somebody gave, or why it is not clear, in words for them."""
    match ask.type:
        case "choice":
            return choice.choice(said, ask.of)
        case "number":
            return number.number(said, country, ask.min, ask.max)
        case "money":
            return number.money(said, country, ask.min, ask.max)
        case "date":
            return date.date(said, now, timezone, country)
        case "boolean":
            return yes_no.boolean(said)
        case "email":
            return address.email(said)
        case "phone":
            return address.phone(said, country)
        case "text":
            return text.matching(said, ask.matches) if ask.matches else text.text(said)


def tried_on_first_reply(ask: Ask) -> bool:
    """Whether the reply that begins a run may already answer this.

    Any text would fit a plain text, and a “yes” to the first message is no answer to a yes-or-no question.
    """
    if not ask.first_reply or ask.type == "boolean":
        return False
    return ask.type != "text" or ask.matches is not None


def choices(ask: Ask) -> tuple[Choice, ...]:
    """What can be picked instead of written."""
    if ask.type == "choice":
        return ask.of
    if ask.type == "boolean":
        return (Choice("yes", "Yes"), Choice("no", "No"))
    return ()


# Several answers in one message

_ORDINARY = ("hello", "yes", "no", "please", "refund", "Thank you", "I want a refund please", "12", "AB")
_EVERYDAY = frozenset(
    {"yes", "no", "ok", "okay", "maybe", "other", "none", "all", "any", "some", "one", "now"}
)


def rest_of(said: str, heard: Understood) -> str | None:
    """What else the message says; None where the answer cannot be told from the rest of it."""
    for written in dict.fromkeys((str(heard.value), str(heard.value).replace("_", " "), heard.shown)):
        rest, found = re.subn(rf"(?<!\w){re.escape(written)}(?!\w)", " ", said, flags=re.IGNORECASE)
        if written and found:
            return rest if re.search(r"\w", rest) else None
    return None


def is_sure(ask: Ask, said: str) -> bool:
    """Whether an answer found in passing can only be meant as one: an address, an option by its own name."""
    if ask.type == "email":
        return "@" in said
    if ask.type == "phone":
        return bool(re.search(r"\+\d", said))
    if ask.type == "text" and ask.matches is not None:
        return not any(isinstance(text.matching(word, ask.matches), Understood) for word in _ORDINARY)
    if ask.type != "choice" or not ask.first_reply:
        return False
    named = [
        option
        for option in ask.of
        if any(
            len(name) > 2
            and name not in _EVERYDAY
            and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said.casefold())
            for name in (option.id.casefold().replace("_", " "), option.label.casefold())
        )
    ]
    return len(named) == 1
