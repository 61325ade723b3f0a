"""What reading a value comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Understood:
    """A value as it is kept (JSON), and as a person reads it."""

    value: Any
    shown: str


@dataclass(frozen=True)
class Unclear:
    """Why nothing was taken, as the agent says it."""

    reason: str


Answer = Understood | Unclear
