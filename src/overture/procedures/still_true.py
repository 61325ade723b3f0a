"""Whether what a first message says still holds: what is asked, and of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from overture.procedures.model import Trigger

ASK_AGAIN = "still_true"  # the job that asks it
FIELDS = ("call", "with", "save", "when")


@dataclass(frozen=True)
class StillTrue:
    """A condition, and the call whose answer it looks at, if it needs one."""

    when: str
    connector: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    save: str | None = None


def still_true(trigger: Trigger | None) -> StillTrue | None:
    """What the trigger's first message stands on; None where it stands by itself."""
    if trigger is None or not trigger.still_true:
        return None
    written = trigger.still_true
    inputs = written.get("with")
    return StillTrue(
        when=str(written.get("when") or ""),
        connector=_text(written.get("call")),
        inputs=inputs if isinstance(inputs, Mapping) else {},
        save=_text(written.get("save")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
