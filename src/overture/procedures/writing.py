"""Write a procedure as a file: what `file.read` reads back as the same procedure.

Comments and the order of fields are the author's, and a procedure does not hold them: a file that was pushed is
kept as it is. This is for a procedure that was changed where there is no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import yaml

from overture.base.yaml_lines import capital
from overture.procedures.model import DataField, Deployment, Procedure, SubProcedure, Trigger
from overture.procedures.steps.base import steps_written
from overture.procedures.typed import options_written, typed_written, written_duration

WIDTH = 110


def write(procedure: Procedure) -> str:
    """The procedure file."""
    examples = {
        name: list(texts)
        for name, texts in (("use", procedure.examples_use), ("not", procedure.examples_not))
        if texts
    }
    return _yaml(
        {
            "procedure": procedure.key,
            "name": _name(procedure.name, procedure.key),
            "when_to_use": procedure.when_to_use,
            "examples": examples,
            "audience": procedure.audience,
            "attributes": {name: typed_written(kept) for name, kept in procedure.attributes.items()},
            "triggers": [_trigger(trigger) for trigger in procedure.triggers],
            "steps": steps_written(procedure.steps),
            "sub_procedures": {
                name: steps_written(sub.steps) for name, sub in procedure.sub_procedures.items()
            },
        }
    )


def write_sub_procedure(sub: SubProcedure) -> str:
    """The file of a sub-procedure in the workspace's library."""
    return _yaml({"sub_procedure": sub.key, "name": sub.name or None, "steps": steps_written(sub.steps)})


def _name(name: str, key: str) -> str | None:
    """None where the key says it already."""
    return None if name == capital(key.replace("-", " ")) else name


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return _given(
        {
            "kind": trigger.kind,
            "key": trigger.key,
            "name": _name(trigger.name, trigger.key),
            "page": trigger.page,
            "element": trigger.element,
            "audience": trigger.audience,
            "subject": trigger.subject,
            "data": {name: _data_field(one) for name, one in trigger.data.items()},
            "once_for": trigger.once_for,
            "still_true": trigger.still_true,
            "first_message": trigger.first_message,
            "deployment": _deployment(trigger.deployment),
        }
    )


def _data_field(one: DataField) -> Any:
    if not (one.required or one.of or one.default is not None):
        return one.type
    written = {
        "type": one.type,
        "of": options_written(one.of) if one.of else None,
        "required": one.required or None,
        "default": one.default,
    }
    return _given(written)


def _deployment(kept: Deployment) -> dict[str, Any]:
    nudge: Any = None
    if kept.nudge is not None:
        nudge = _given({"after": written_duration(kept.nudge.after), "message": kept.nudge.message})
    after: Any = None if kept.after == "close" else kept.after
    team = kept.after_team
    if kept.after == "hand_off" and team is not None:
        after, team = {"hand_off": team}, None
    return _given(
        {
            "wait_for_reply": _length(kept.wait_for_reply),
            "nudge": nudge,
            "idle": None if kept.idle == Deployment.idle else written_duration(kept.idle),
            "after": after,
            "after_team": team,
            "csat": kept.csat,
            "reopen": _length(kept.reopen),
            "frequency": {"once_per": written_duration(kept.once_per)} if kept.once_per else None,
        }
    )


def _length(length: timedelta | None) -> str | None:
    return None if length is None else written_duration(length)


def _given(written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if value is not None and value not in ({}, [])}


def _yaml(written: Any) -> str:
    return as_yaml(_given(written) if isinstance(written, Mapping) else written)


def as_yaml(document: Any) -> str:
    """A tree of plain values as the text of a file, in the order it has."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes every text that is not plain words, so that no reader takes it for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    plain = text[:1].isalpha() and text.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    )
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else "'")


_Dumper.add_representer(str, _text)
