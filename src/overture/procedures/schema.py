"""The procedure file as a JSON Schema, so that editors help while it is written.

It says what stands where. Whether names, teams and connectors exist is for `check` to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from overture.procedures.model import After
from overture.procedures.steps import KINDS, Step
from overture.procedures.steps.ask_teammate import AskTeammate
from overture.procedures.steps.base import field_name, own_fields
from overture.procedures.steps.instruct import MOST_BUDGET
from overture.procedures.typed import VALUE_TYPES

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number", "boolean"]}
SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
LENGTH: Schema = {
    "type": "string",
    "pattern": r"^\s*(\d+\s*[wdhmsWDHMS]\s*)+$",
    "examples": ["10m", "24h", "7d"],
}
_DOCUMENT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """For a file of any kind but a connector: a procedure, or a sub-procedure of the library."""
    return {
        "$schema": _DOCUMENT,
        "title": "Overture procedure file",
        "oneOf": [{"$ref": "#/$defs/procedure"}, {"$ref": "#/$defs/library_sub_procedure"}],
        "$defs": {
            "procedure": _procedure(),
            "library_sub_procedure": _object(
                {"sub_procedure": _key(r"^[a-z][a-z0-9_-]{0,39}$"), "name": TEXT, "steps": _ref("steps")},
                ["sub_procedure", "steps"],
            ),
            "steps": {"anyOf": [{"type": "array", "items": _ref("step")}, _ref("step")]},
            "step": {"oneOf": [_ref(f"step_{name}") for name in KINDS]},
            **{f"step_{name}": _step(kind) for name, kind in KINDS.items()},
            "trigger": {"oneOf": [_trigger("element_click"), _trigger("api_call")]},
            "deployment": _deployment(),
            "typed": {
                "anyOf": [
                    {"enum": [one for one in VALUE_TYPES if one != "choice"]},
                    _object({"type": {"enum": list(VALUE_TYPES)}, "of": _ref("options")}),
                ]
            },
            "options": {
                "description": "The options of a choice: [wait, refund], or {wait: Wait for it}.",
                "anyOf": [
                    {"type": "object", "minProperties": 1, "additionalProperties": TEXT},
                    {
                        "type": "array",
                        "minItems": 1,
                        "items": {"anyOf": [TEXT, _object({"id": TEXT, "label": TEXT}, ["id"])]},
                    },
                ],
            },
        },
    }


def _procedure() -> Schema:
    texts = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
    return _object(
        {
            "procedure": _key(
                r"^[a-z][a-z0-9-]{0,63}$", "A key that stays: statistics and addresses hang on it."
            ),
            "name": _said("What people call it.", TEXT),
            "when_to_use": _said("What a customer wants when this is the right procedure.", TEXT),
            "examples": _object({"use": texts, "not": texts}),
            "audience": _said("A condition on the contact and the page.", TEXT),
            "attributes": {"type": "object", "additionalProperties": _ref("typed")},
            "triggers": {"type": "array", "items": _ref("trigger")},
            "steps": _ref("steps"),
            "sub_procedures": {
                "type": "object",
                "propertyNames": {"pattern": r"^[a-z][a-z0-9_-]{0,39}$"},
                "additionalProperties": _ref("steps"),
            },
        },
        ["procedure", "when_to_use", "steps"],
    )


def _trigger(kind: str) -> Schema:
    fields: Schema = {
        "kind": {"const": kind},
        "key": _key(r"^[a-z][a-z0-9_-]{0,63}$", "A key that stays: statistics hang on it."),
        "name": TEXT,
        "first_message": _said("What the agent says when it fires. No step has run then.", TEXT),
        "deployment": _ref("deployment"),
        "audience": TEXT,
        "still_true": _object(
            {
                "call": TEXT,
                "with": {"type": "object", "additionalProperties": SCALAR},
                "save": TEXT,
                "when": TEXT,
            }
        ),
    }
    if kind == "element_click":
        page = {"match": {"enum": ["exact", "starts_with", "contains", "glob"]}, "url": TEXT}
        element = _said(
            "What Browse and select stored, or {css: '#track'}.", {"type": "object", "minProperties": 1}
        )
        fields |= {"page": _object(page, ["url"]), "element": element}
        return _object(fields, ["kind", "key", "first_message", "page", "element"])
    data = _object({"type": {"enum": list(VALUE_TYPES)}, "required": {"type": "boolean"}, "default": SCALAR,
                    "of": _ref("options")})  # fmt: skip
    fields |= {
        "subject": _said("The subject by email.", TEXT),
        "data": {
            "type": "object",
            "propertyNames": {"pattern": r"^[a-z_][a-zA-Z0-9_]{0,63}$"},
            "additionalProperties": {"anyOf": [{"enum": list(VALUE_TYPES)}, data]},
        },
        "once_for": _said("The same key makes one conversation.", TEXT),
    }
    return _object(fields, ["kind", "key", "first_message"])


def _deployment() -> Schema:
    after = _object({"hand_off": {"anyOf": [TEXT, _object({"team": TEXT}, ["team"])]}}, ["hand_off"])
    nudge = _object({"after": LENGTH, "message": TEXT}, ["after"])
    return _object(
        {
            "wait_for_reply": _said("How long the first message waits for its reply.", LENGTH),
            "nudge": {"anyOf": [LENGTH, nudge]},
            "idle": _said("Silence later in the run.", LENGTH),
            "after": {"anyOf": [{"enum": list(get_args(After))}, after]},
            "after_team": TEXT,
            "csat": {"type": "boolean"},
            "reopen": {"anyOf": [{"const": "always"}, LENGTH]},
            "frequency": _object({"once_per": LENGTH}),
        }
    )


_SPECIAL: Mapping[tuple[str, str], Schema] = {
    ("ask", "type"): {"enum": list(VALUE_TYPES)},
    ("ask", "attempts"): {"type": "integer", "minimum": 1, "maximum": 20},
    ("ask", "first_reply"): {"type": "boolean"},
    ("ask", "min"): {"type": "number"},
    ("ask", "max"): {"type": "number"},
    ("call", "with"): {"type": "object", "additionalProperties": SCALAR},
    ("set", "values"): {"type": "object", "minProperties": 1, "additionalProperties": SCALAR},
    ("instruct", "budget"): {"type": "integer", "minimum": 1, "maximum": MOST_BUDGET},
    ("end", "sub_procedure"): {"type": "boolean"},
}
_HOLDS: Mapping[str, Schema] = {
    "plain": TEXT,
    "texts": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
    "steps": {"$ref": "#/$defs/steps"},
    "options": {"$ref": "#/$defs/options"},
    "typed": {"type": "object", "additionalProperties": {"$ref": "#/$defs/typed"}},
    "length": LENGTH,
}


def _step(kind: type[Step]) -> Schema:
    """From what the kind itself says it has, so that a new kind is described by its own fields."""
    said = (kind.__doc__ or "").split("\n")[0]
    if kind.kind == "if":
        branch = _object({"if": TEXT, "then": _ref("steps")}, ["if", "then"])
        fields = {"if": TEXT, "then": _ref("steps"), "else": _ref("steps"), "on_error": _ref("steps"), "id": TEXT,
                  "elif": {"anyOf": [branch, {"type": "array", "items": branch}]}}  # fmt: skip
        return _said(said, _object(fields, ["if", "then"]))
    own = {
        field_name(one): _SPECIAL.get(
            (kind.kind, field_name(one)), _HOLDS[one.metadata.get("holds", "plain")]
        )
        for one in own_fields(kind)
    }
    if kind.main is not None:
        main = next(field_name(one) for one in own_fields(kind) if one.name == kind.main)
        fields = {kind.kind: own.pop(main), "id": TEXT, **own}
        return _said(said, _object(fields, [kind.kind]))
    needed = ["team", "question", "collect"] if kind is AskTeammate else []
    inside: Schema = _object(own, needed)
    short: list[Schema] = [] if needed else [{"type": "null"}]
    short += [TEXT] if kind.kind == "hand_off" else []
    return _said(
        said, _object({kind.kind: {"anyOf": [inside, *short]} if short else inside, "id": TEXT}, [kind.kind])
    )


def _object(fields: Mapping[str, Schema], needed: list[str] | None = None) -> Schema:
    made: Schema = {"type": "object", "properties": dict(fields), "additionalProperties": False}
    return made | ({"required": needed} if needed else {})


def _key(pattern: str, said: str = "") -> Schema:
    return {"type": "string", "pattern": pattern} | ({"description": said} if said else {})


def _said(description: str, one: Schema) -> Schema:
    return {**one, "description": description}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
