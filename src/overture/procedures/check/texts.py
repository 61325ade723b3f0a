"""Messages and conditions: every name in them is there, and what may be missing has a default."""

from __future__ import annotations

import re

from overture.base.yaml_lines import short, suggestion
from overture.procedures.check.known import Place
from overture.procedures.check.names import Names
from overture.procedures.expression import Condition, ConditionError, compared, compile_condition
from overture.procedures.template import Reference, TemplateError, references

_EXAMPLES = {"contact.first_name": "there", "contact.name": "there"}


class Texts(Names):
    """Checks one text at a time."""

    def message(self, source: str, place: Place, *, tolerated: bool = False) -> None:
        """A template. `tolerated`: a missing value leads somewhere, so it need not have a default."""
        try:
            used = references(source)
        except TemplateError as error:
            self.say(place.line, error.message, place.name)
            return
        for reference in used:
            self.reference(reference, place, tolerated)

    def reference(self, reference: Reference, place: Place, tolerated: bool) -> None:
        name = reference.name
        unknown, maybe = self.look_up(name, place)
        if unknown:
            self.say(place.line, unknown, place.name)
        elif maybe and self._promised(name, place) and not reference.has_default:
            self.say(
                place.line,
                f"“{name}” is missing{maybe}. Put “if: has({name})” around it, or ask for it there.",
                place.name,
                "warning",
            )
        elif maybe is not None and not reference.has_default and not tolerated:
            default = _EXAMPLES.get(name, "…")
            self.say(
                place.line,
                f"“{name}” may be missing{maybe}. Write what to say then: {{{{ {name} | default: '{default}' }}}}.",
                place.name,
            )

    def condition(self, source: str, place: Place) -> Condition | None:
        try:
            condition = compile_condition(source)
        except ConditionError as error:
            self.say(place.line, error.message, place.name)
            return None
        for name in sorted(condition.names):
            unknown, maybe = self.look_up(name, place)
            if unknown:
                self.say(place.line, unknown, place.name)
            elif maybe and name.partition(".")[0] in place.env:
                self.say(
                    place.line,
                    f"“{name}” may be missing{maybe}, and then this condition fails."
                    " Save it on every path, or set it first.",
                    place.name,
                )
            elif maybe is not None and not _always_asked(name) and not _tests(source, name):
                self.say(
                    place.line,
                    f"“{name}” may be missing{maybe}, and then this condition fails."
                    f" Test it first: has({name}) && ….",
                    place.name,
                    "warning",
                )
        for name, text in compared(source):
            self.comparison(name, text, place)
        return condition

    def comparison(self, name: str, text: str, place: Place) -> None:
        known = place.env.get(name)
        type_, options = (known.type, known.options) if known else ("any", ())
        group, _, rest = name.partition(".")
        if known is None and group in place.env and place.env[group].fields is not None:
            type_ = (place.env[group].fields or {}).get(rest, "any")
        elif known is None and group == "data" and (one := self._data().get(rest)):
            type_, options = one
        elif known is None and (typed := self.procedure.attributes.get(name)):
            type_, options = typed.type, typed.of
        ids = [option.id for option in options]
        if type_ == "choice" and text not in ids:
            by_label = next((option.id for option in options if option.label == text), None)
            hint = f" Did you mean “{by_label}”?" if by_label else suggestion(text, ids)
            listed = ", ".join(f"“{one}”" for one in ids)
            self.say(
                place.line,
                f"“{short(text)}” is not among the options of “{name}”.{hint} They are {listed}.",
                place.name,
            )
        elif type_ in ("number", "money", "boolean"):
            wanted = "true or false" if type_ == "boolean" else "a number"
            self.say(
                place.line,
                f"“{name}” is {wanted}, and “{short(text)}” in quotes is a text. Remove the quotes.",
                place.name,
            )


def made_sure(source: str, condition: Condition) -> frozenset[str]:
    """The names that have a value when the condition holds."""
    if "||" in source or "?" in source or re.search(r"==\s*null|null\s*==|!\s*[a-z(]", source):
        return frozenset()
    # `a != "x"` also holds for nothing; any other comparison needs a value.
    plain = frozenset() if "!=" in source else condition.names
    return plain | condition.asked | {name for name in condition.names if _tests(source, name)}


def _always_asked(name: str) -> bool:
    """Whether the name is there even without a value; a condition compares it with null."""
    return name.startswith(("contact.", "page.")) and not name.startswith("contact.attributes.")


def _tests(source: str, name: str) -> bool:
    """Whether a condition that needs a name also asks whether it is there."""
    exact = re.escape(name)
    return bool(re.search(rf"has\(\s*{exact}\s*\)|(?<![\w.]){exact}\s*!=\s*null", source))
