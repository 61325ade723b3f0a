"""Find what would go wrong with a procedure before anybody meets it.

Every name, team, connector and condition is looked up; every path through the steps is walked with what is known on
it. What is found is said in the author's words, with its place, and with what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from overture.base.yaml_lines import Problem, short
from overture.procedures.check.known import Place
from overture.procedures.check.limits import limits
from overture.procedures.check.secrets import secrets
from overture.procedures.check.triggers import Triggers
from overture.procedures.check.world import ConnectorSignature, OtherTrigger, World
from overture.procedures.model import PROCEDURE_KEY, Procedure, RunSub, SubProcedure

__all__ = [
    "ConnectorSignature",
    "OtherTrigger",
    "World",
    "check",
    "check_sub_procedure",
    "refuses",
    "with_library",
]

MAX_NAME = 255


def check(procedure: Procedure, world: World) -> list[Problem]:
    """Everything that is wrong (errors) or worth knowing (warnings), in the order of the file."""
    checker = _Checker(with_library(procedure, world.library), world)
    checker.all()
    return _sorted(checker.found)


def check_sub_procedure(sub: SubProcedure, world: World) -> list[Problem]:
    """What is wrong with a sub-procedure of the library, whatever procedure runs it.

    What a procedure has saved before it is run is not known here: such names are left to where it is run.
    """
    library = {**world.library, sub.key: sub}
    circle = circle_from(sub.key, library)
    if circle:
        way = " → ".join(f"“{name}”" for name in circle)
        return [Problem(1, 1, f"These sub-procedures run each other in a circle: {way}.", "steps")]
    alone = Procedure("library", "", "x", (), sub_procedures={sub.key: sub}, lines=dict(sub.lines))
    checker = _Checker(with_library(alone, library), replace(world, library=library))
    checker.alone(sub)
    unknown = ("is unknown.", "is not known yet")
    return _sorted(one for one in checker.found if not any(words in one.message for words in unknown))


def refuses(problems: Iterable[Problem]) -> bool:
    """Whether a procedure with these problems may not go live."""
    return any(problem.severity == "error" for problem in problems)


def with_library(procedure: Procedure, library: Mapping[str, SubProcedure]) -> Procedure:
    """The procedure with the sub-procedures of the library that it runs, and those that they run."""
    used: dict[str, SubProcedure] = {}
    own = procedure.sub_procedures
    names = {step.name for step in procedure.by_path.values() if isinstance(step, RunSub)}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in library and name not in own and name not in used:
            used[name] = library[name]
            waiting.extend(sorted(library[name].runs))
    return replace(procedure, library=dict(sorted(used.items()))) if used or procedure.library else procedure


def circle_from(name: str, library: Mapping[str, SubProcedure]) -> list[str] | None:
    """The way by which a sub-procedure comes back to itself."""
    ways = [[name]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for following in sorted(library[way[-1]].runs if way[-1] in library else ()):
            if following == name:
                return [*way, following]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


class _Checker(Triggers):
    def all(self) -> None:
        procedure = self.procedure
        line = procedure.line_of
        if not PROCEDURE_KEY.fullmatch(procedure.key):
            self.say(
                line("procedure"),
                f"The key “{short(procedure.key)}” cannot be used. A key begins with a small letter and has small"
                " letters, digits and “-”, 64 at most.",
                "procedure",
            )
        if len(procedure.name) > MAX_NAME:
            self.say(line("name"), f"A name has at most {MAX_NAME} characters.", "name")
        if not procedure.when_to_use.strip():
            self.say(
                line("when_to_use"),
                "When to use is empty. Write what a customer wants when this procedure is the right one.",
                "when_to_use",
            )
        for example in procedure.examples_use:
            if example in procedure.examples_not:
                self.say(
                    line("examples"),
                    f"“{short(example)}” is among “use” and among “not”. Remove one of them.",
                    "examples",
                )
        if procedure.audience:
            self.condition(procedure.audience, Place(line("audience"), "audience"))
        self.triggers()
        if not procedure.steps:
            self.say(line("steps"), "There are no steps. Write what the agent does, step by step.", "steps")
        if not self.circles():
            self.limits()
        self.walk()
        self.secrets()

    def alone(self, sub: SubProcedure) -> None:
        """A sub-procedure of the library by itself."""
        self.limits()
        self.body(sub.key, sub, {})
        self.secrets()

    def limits(self) -> None:
        for line, field, message in limits(self.procedure):
            self.say(line, message, field)

    def circles(self) -> bool:
        """Own sub-procedures and those of the library that run each other for ever; whether there are any."""
        subs = {**self.procedure.library, **self.procedure.sub_procedures}
        for name in sorted(subs):
            circle = circle_from(name, subs)
            if circle:
                way = " → ".join(f"“{one}”" for one in circle)
                self.say(
                    self.procedure.line_of("sub_procedures"),
                    f"These sub-procedures run each other in a circle: {way}. Break it where it should end.",
                    "sub_procedures",
                )
                return True
        return False

    def secrets(self) -> None:
        for line, field, what, sure in secrets(self.procedure):
            self.say(
                line,
                f"This text holds {what}. Take it out; a connector names a secret and never holds it."
                if sure
                else f"This text may hold {what}. If it does, take it out.",
                field,
                "error" if sure else "warning",
            )


def _sorted(found: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column))
