"""Doubles that ship, for tests of Overture and of procedures: a clock set by hand, a model that is scripted."""

from __future__ import annotations

from overture.base.clock import SetClock
from overture.llm.scripted import ScriptedModel
from overture.simulations.answers import Outbox

__all__ = ["Outbox", "ScriptedModel", "SetClock"]
