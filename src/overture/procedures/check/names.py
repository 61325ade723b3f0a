"""Which names there are where a text stands, and which of them may be missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from overture.base.yaml_lines import Problem, Severity, short, suggestion
from overture.procedures.check.known import Place
from overture.procedures.check.world import World
from overture.procedures.model import Choice, Procedure

NAME = re.compile(r"[a-z_][a-zA-Z0-9_]{0,63}")
KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
GROUPS = ("contact", "conversation", "data", "page", "procedure", "user")
# Words that conditions or templates read as something else.
_WORDS = """
true false null nil none empty blank in and or not contains has as break const continue else for forloop function if
import let loop namespace package return size var void while
"""
RESERVED = frozenset((*GROUPS, *_WORDS.split()))
CONTACT = ("external_id", "kind", "name", "first_name", "email", "phone", "attributes")
CONTACT_MAYBE = frozenset({"name", "first_name", "email", "phone"})
_PROPERTIES = frozenset({"size", "first", "last"})


class Names:
    """Looks names up, and notes what is wrong."""

    def __init__(self, procedure: Procedure, world: World) -> None:
        self.procedure = procedure
        self.world = world
        self.found: list[Problem] = []
        self.saved = {name for step in procedure.by_path.values() for name in step.saves()}
        self.library: tuple[str, int] | None = None  # whose steps are walked, and the line that runs them

    def say(self, line: int, message: str, field: str | None = None, severity: Severity = "error") -> None:
        if self.library is not None:
            name, line_here = self.library
            message = f"In “{name}” of the library, line {line}: {message}"
            line, field = line_here, "run"
        self.found.append(Problem(line, 1, message, field, severity))

    def name(self, name: str, line: int) -> None:
        if name in RESERVED:
            self.say(line, f"“{name}” has a meaning of its own. Save it under another name.", "save")
        elif not NAME.fullmatch(name):
            self.say(
                line,
                f"“{short(name)}” cannot be a name. Begin with a small letter; use letters, digits and “_”.",
                "save",
            )

    def look_up(self, name: str, place: Place) -> tuple[str | None, str | None]:
        """Why the name is unknown, and why it may be missing; both None where it is always there."""
        group, _, rest = name.partition(".")
        if name in place.env and "." in name:
            return None, None
        if group in place.env:
            return self._of_saved(group, rest, place)
        if group == "contact":
            return self._of_contact(name, rest)
        if group == "data":
            return self._of_data(name, rest, place)
        if group == "conversation":
            return None, None if not rest or rest == "id" else ""
        if group == "page":
            return (None, "") if rest == "url" else (unknown(name, ["page.url"]), None)
        if group == "procedure":
            known = ["procedure.key", "procedure.name"]
            return (None, None) if name in known else (unknown(name, known), None)
        if group == "user" and place.user:
            return (None, None) if rest == "id" else (unknown(name, ["user.id"]), None)
        if group in self.saved:
            late = "no step before this one saves it"
            why = late if place.in_steps else "the steps have not run when this is needed"
            return f"“{name}” is not known yet: {why}.", None
        names = [*place.env, *(self.saved if place.in_steps else ()), *self._all_names(place)]
        return unknown(name, names), None

    def _of_saved(self, group: str, rest: str, place: Place) -> tuple[str | None, str | None]:
        known = place.env[group]
        maybe = None if known.certain else ": it is saved on some paths only"
        if not rest or rest in _PROPERTIES:
            return None, maybe
        if known.type == "money" and rest in ("amount", "currency"):
            return None, maybe
        if known.type == "result":
            if known.fields is None:
                return None, maybe
            first = rest.partition(".")[0]
            fits = [one for one in known.fields if one in (rest, first) or one.startswith(f"{rest}.")]
            if not fits:
                hint = suggestion(rest, known.fields)
                have = ", ".join(known.fields) or "nothing"
                return f"“{group}” has no “{short(rest)}”.{hint} It has {have}.", None
            return None, maybe if maybe or not set(fits) & known.optional else ""
        if known.type == "any":
            return None, maybe
        return f"“{group}” is {article(known.type)}; there is no “{short(rest)}” in it.", None

    def _of_contact(self, name: str, rest: str) -> tuple[str | None, str | None]:
        first = rest.partition(".")[0]
        if first not in CONTACT:
            return unknown(name, [f"contact.{one}" for one in CONTACT]), None
        return None, "" if first in CONTACT_MAYBE or first == "attributes" else None

    def _of_data(self, name: str, rest: str, place: Place) -> tuple[str | None, str | None]:
        trigger = self.procedure.api_trigger
        if place.trigger is not None and place.trigger.kind != "api_call":
            return f"“{name}” is only there in a trigger of kind api_call.", None
        if trigger is None or not trigger.data:
            return f"“{name}” is unknown: no trigger of this procedure has “data”.", None
        first = rest.partition(".")[0]
        if first not in trigger.data:
            return unknown(name, [f"data.{one}" for one in trigger.data]), None
        one = trigger.data[first]
        if place.in_steps:
            # A contact who asks for this themselves brings no data along.
            return None, " when no API call started the procedure"
        return None, None if one.required or one.default is not None else ""

    def _promised(self, name: str, place: Place) -> bool:
        """Whether every API call brings it along."""
        group, _, rest = name.partition(".")
        trigger = self.procedure.api_trigger
        one = trigger.data.get(rest.partition(".")[0]) if trigger else None
        return (
            group == "data"
            and place.in_steps
            and one is not None
            and (one.required or one.default is not None)
        )

    def _data(self) -> dict[str, tuple[str, tuple[Choice, ...]]]:
        trigger = self.procedure.api_trigger
        return {name: (one.type, one.of) for name, one in trigger.data.items()} if trigger else {}

    def _all_names(self, place: Place) -> Iterator[str]:
        yield from (f"contact.{one}" for one in CONTACT)
        yield from (f"data.{one}" for one in self._data())
        yield from ("page.url", "procedure.key", "contact", "conversation", "data", "page")
        for group, known in place.env.items():
            yield from (f"{group}.{one}" for one in known.fields or ())


def article(kind: str) -> str:
    named = {"boolean": "true or false", "money": "an amount of money", "email": "an email address"}
    return named.get(kind, f"a {kind}")


def unknown(name: str, known: Iterable[str]) -> str:
    return f"“{short(name)}” is unknown.{suggestion(name, known)}"
