"""The steps a procedure is made of, one file a kind. A new kind is a file, and a line here."""

from __future__ import annotations

from overture.procedures.steps.ask import Ask
from overture.procedures.steps.ask_teammate import AskTeammate
from overture.procedures.steps.base import KINDS, Step
from overture.procedures.steps.call import Call
from overture.procedures.steps.end import End
from overture.procedures.steps.hand_off import HandOff
from overture.procedures.steps.if_ import Branch, If, branch_name
from overture.procedures.steps.instruct import Instruct
from overture.procedures.steps.look_up import LookUp
from overture.procedures.steps.note import Note
from overture.procedures.steps.run import RunSub
from overture.procedures.steps.say import Say
from overture.procedures.steps.set import Set
from overture.procedures.steps.switch import Switch
from overture.procedures.steps.tag import Tag

STEPS: tuple[type[Step], ...] = (
    Say,
    Ask,
    If,
    Call,
    Set,
    LookUp,
    Instruct,
    RunSub,
    Switch,
    Tag,
    Note,
    AskTeammate,
    HandOff,
    End,
)
KINDS.update({step.kind: step for step in STEPS})

__all__ = [
    "KINDS",
    "STEPS",
    "Ask",
    "AskTeammate",
    "Branch",
    "Call",
    "End",
    "HandOff",
    "If",
    "Instruct",
    "LookUp",
    "Note",
    "RunSub",
    "Say",
    "Set",
    "Step",
    "Switch",
    "Tag",
    "branch_name",
]
