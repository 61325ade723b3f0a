"""`ask`: ask, wait, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from overture.base.yaml_lines import Node
from overture.procedures.steps.base import Step, holding, steps_inside
from overture.procedures.steps.values import address, choice, date, number, text, yes_no
from overture.procedures.steps.values.answer import Answer, Unclear, Understood
from overture.procedures.typed import Choice, Typed, ValueType

if TYPE_CHECKING:
    from overture.procedures.reading import Reader

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
