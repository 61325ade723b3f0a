"""What is known of the values on the way to a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from overture.procedures.model import Choice, Trigger


@dataclass(frozen=True)
class Known:
    """What is known of a saved value on the way to a step."""

    type: str = "any"
    options: tuple[Choice, ...] = ()
    fields: Mapping[str, str] | None = None
    optional: frozenset[str] = frozenset()
    certain: bool = True
    line: int = 0

    def joined(self, other: Known | None) -> Known:
        """What is known where two paths meet."""
        if other is None:
            return Known(self.type, self.options, self.fields, self.optional, False, self.line)
        certain = self.certain and other.certain
        if (self.type, self.options, self.fields) == (other.type, other.options, other.fields):
            return Known(
                self.type, self.options, self.fields, self.optional | other.optional, certain, self.line
            )
        return Known(certain=certain, line=self.line)


Env = dict[str, Known]
"""What is saved on the way here, and (as certain names with a dot) what a condition has made sure of."""


@dataclass(frozen=True)
class Place:
    """Where a text stands, and what it may name there."""

    line: int
    name: str
    env: Env = field(default_factory=dict)
    in_steps: bool = False
    trigger: Trigger | None = None
    user: bool = False


def met(one: Env, other: Env | None) -> Env:
    """What is known where two ways meet; None is a way that ends."""
    if other is None:
        return one
    names = [*one, *(name for name in other if name not in one)]
    together: Env = {}
    for name in names:
        here, there = one.get(name), other.get(name)
        together[name] = here.joined(there) if here else there.joined(None) if there else Known()
    return together
