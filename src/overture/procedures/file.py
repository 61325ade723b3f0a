"""Read a procedure file, and say what is wrong with it in its author's words.

This finds what cannot be understood: unknown fields, wrong shapes, steps that do not exist. Whether it makes
sense (names, teams, connectors, conditions) is for `check` to find. `writing` writes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal, cast

from overture.base.yaml_lines import FileProblems, Findings, Node, capital, read_yaml, short
from overture.procedures.model import (
    SUB_PROCEDURE_KEY,
    After,
    DataField,
    Deployment,
    Nudge,
    Procedure,
    RunSub,
    Step,
    SubProcedure,
    Trigger,
    TriggerKind,
    placed,
)
from overture.procedures.reading import Reader, last

FileKind = Literal["procedure", "sub_procedure", "connector"]

_PROCEDURE_FIELDS = (
    "procedure",
    "name",
    "when_to_use",
    "examples",
    "audience",
    "attributes",
    "triggers",
    "steps",
    "sub_procedures",
)
_SUB_PROCEDURE_FIELDS = ("sub_procedure", "name", "steps")
_TRIGGER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "element_click": ("page", "element"),
    "api_call": ("subject", "data", "once_for"),
}
_ANY_TRIGGER = ("kind", "key", "name", "first_message", "deployment", "audience", "still_true")
_DEPLOYMENT_FIELDS = (
    "wait_for_reply",
    "nudge",
    "idle",
    "after",
    "after_team",
    "csat",
    "reopen",
    "frequency",
)


class ProcedureErrors(FileProblems):
    """The procedure cannot be used as it is."""


def kind_of(text: str | bytes) -> FileKind:
    """What a file holds, by the name at its top. What cannot be read counts as a procedure."""
    node = read_yaml(text, Findings())
    keys = node.keys if node else {}
    if "procedure" in keys:
        return "procedure"
    return "connector" if "connector" in keys else "sub_procedure" if "sub_procedure" in keys else "procedure"


def read(text: str | bytes, name: str | None = None) -> Procedure:
    """The procedure in this file. `name` is the file's, for the message when it cannot be read."""
    found = Findings()
    node = read_yaml(text, found)
    procedure = _Reader(found).procedure(node) if node else None
    found.raise_if_wrong(name, ProcedureErrors)
    assert procedure is not None
    return procedure


def read_sub_procedure(text: str | bytes, name: str | None = None) -> SubProcedure:
    """The sub-procedure of the workspace's library in this file."""
    found = Findings()
    node = read_yaml(text, found)
    sub = _Reader(found).library_file(node) if node else None
    found.raise_if_wrong(name, ProcedureErrors)
    assert sub is not None
    return sub


class _Reader(Reader):
    def procedure(self, node: Node) -> Procedure:
        found = self.found
        fields = found.fields(node, _PROCEDURE_FIELDS, "a procedure")
        self.note_lines(fields, "")
        if node.kind == "mapping" and "procedure" not in fields:
            found.add(node, "The key is missing. Begin the file with “procedure: my-key”.", "procedure")
        key = found.text(fields.get("procedure"), "procedure") or ""
        examples = found.fields(fields.get("examples"), ("use", "not"), "“examples”", "examples")
        audience = found.text(fields.get("audience"), "audience")
        steps = placed(self.steps(fields.get("steps"), "steps"))
        subs = self._sub_procedures(fields.get("sub_procedures"))
        self._ids([steps, *(sub.steps for sub in subs.values())])
        return Procedure(
            key=key,
            name=found.text(fields.get("name"), "name") or capital(key.replace("-", " ")),
            when_to_use=found.text(fields.get("when_to_use"), "when_to_use", empty=True) or "",
            steps=steps,
            examples_use=self.texts(examples.get("use"), "examples.use"),
            examples_not=self.texts(examples.get("not"), "examples.not"),
            audience=audience,
            triggers=tuple(
                self._trigger(one, f"triggers.{number}")
                for number, one in enumerate(found.items(fields.get("triggers"), "triggers"))
            ),
            sub_procedures=subs,
            attributes=self.typed(fields.get("attributes"), "attributes"),
            lines=self.lines,
        )

    # Sub-procedures

    def library_file(self, node: Node) -> SubProcedure:
        found = self.found
        fields = found.fields(node, _SUB_PROCEDURE_FIELDS, "a sub-procedure")
        self.note_lines(fields, "")
        if node.kind == "mapping" and "sub_procedure" not in fields:
            found.add(
                node, "The key is missing. Begin the file with “sub_procedure: my_key”.", "sub_procedure"
            )
        key = found.text(fields.get("sub_procedure"), "sub_procedure") or ""
        if "sub_procedure" in fields and key:
            self._sub_key(key, fields["sub_procedure"], "sub_procedure")
        steps = self._body(key, fields.get("steps"), node)
        self._ids([steps])
        name = found.text(fields.get("name"), "name") or ""
        sub = SubProcedure(key, steps, name, self.lines)
        self._no_circles({key: sub})
        return sub

    def _sub_procedures(self, node: Node | None) -> Mapping[str, SubProcedure]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(
                node,
                "“sub_procedures” names lists of steps: “sub_procedures: {verify_identity: [{ask: …}]}”.",
                "sub_procedures",
            )
            return {}
        self.note_lines(node.entries, "sub_procedures")
        subs = {}
        for key, one in node.entries.items():
            self._sub_key(key, node.keys[key], f"sub_procedures.{key}")
            subs[key] = SubProcedure(key, self._body(key, one, one))
        self._no_circles(subs)
        return subs

    def _sub_key(self, key: str, at: Node | tuple[int, int], path: str) -> None:
        if not SUB_PROCEDURE_KEY.fullmatch(key):
            self.found.add(
                at,
                f"“{short(key)}” cannot be the name of a sub-procedure. Begin with a small letter; use small"
                " letters, digits, “_” and “-”, 40 at most.",
                path,
            )

    def _body(self, key: str, node: Node | None, around: Node) -> tuple[Step, ...]:
        steps = placed(self.steps(node, "steps"), f"{key}.")
        if not steps and (node is None or node.kind in ("list", "mapping")) and not self.found.wrong:
            self.found.add(around, "There are no steps. Write what happens below.", "steps")
        return steps

    def _no_circles(self, subs: Mapping[str, SubProcedure]) -> None:
        circle = circle_among(subs)
        if circle:
            first = subs[circle[0]]
            step = next(one for one in first.all_steps() if isinstance(one, RunSub) and one.name == circle[1])
            shown = " → ".join(f"“{short(name)}”" for name in circle)
            self.found.add(
                (step.line, 1),
                f"Sub-procedures cannot run in a circle: {shown}. Remove one of these “run” steps.",
                "run",
            )

    def _ids(self, bodies: Iterable[tuple[Step, ...]]) -> None:
        """Notice an id that two steps share."""
        first: dict[str, int] = {}
        for body in bodies:
            for step in SubProcedure("", body).all_steps():
                if step.id and step.id in first:
                    self.found.add(
                        (step.line, 1),
                        f"“{short(step.id)}” is the id of line {first[step.id]} too. Choose another.",
                        "id",
                    )
                elif step.id:
                    first[step.id] = step.line

    # Triggers

    def _trigger(self, node: Node, path: str) -> Trigger:
        found = self.found
        self.lines[path] = node.line
        if node.kind != "mapping":
            found.add(node, "A trigger is written as “kind: api_call” with its other fields below.", path)
            return Trigger("api_call", "", "", "")
        kind = self.one_of(node.entries.get("kind"), f"{path}.kind", tuple(_TRIGGER_FIELDS))
        if "kind" not in node.entries:
            found.add(
                node, "This trigger has no kind. Write “kind: api_call” or “kind: element_click”.", path
            )
        known = (*_ANY_TRIGGER, *_TRIGGER_FIELDS.get(kind or "", ()))
        other = {field: one for one, names in _TRIGGER_FIELDS.items() for field in names}
        misplaced = [name for name in node.keys if name in other and name not in known]
        for name in misplaced:
            if kind:
                found.add(
                    node.keys[name],
                    f"“{name}” belongs to a trigger of kind {other[name]}, and this one is {kind}.",
                    path,
                )
        fields = found.fields(node, (*known, *misplaced), "a trigger", path)
        self.note_lines(fields, path)
        if "key" not in fields:
            found.add(node, "This trigger has no key. Give it one that stays: “key: carrier-delay”.", path)
        key = found.text(fields.get("key"), f"{path}.key") or ""
        return Trigger(
            kind=cast(TriggerKind, kind or "api_call"),
            key=key,
            name=found.text(fields.get("name"), f"{path}.name") or capital(key.replace("-", " ")),
            first_message=found.text(fields.get("first_message"), f"{path}.first_message", empty=True) or "",
            deployment=self._deployment(fields.get("deployment"), f"{path}.deployment"),
            subject=found.text(fields.get("subject"), f"{path}.subject"),
            data=self._data(fields.get("data"), f"{path}.data"),
            once_for=found.text(fields.get("once_for"), f"{path}.once_for"),
            page=self._page(fields.get("page"), f"{path}.page"),
            element=self._mapping(fields.get("element"), f"{path}.element"),
            still_true=self._mapping(fields.get("still_true"), f"{path}.still_true"),
            audience=found.text(fields.get("audience"), f"{path}.audience"),
        )

    def _page(self, node: Node | None, path: str) -> Mapping[str, Any] | None:
        fields = self.found.fields(node, ("match", "url"), "a page", path)
        if node is None or node.kind != "mapping":
            return None
        match = self.one_of(
            fields.get("match"), f"{path}.match", ("exact", "starts_with", "contains", "glob")
        )
        if "url" not in fields:
            self.found.add(node, "This page has no “url”. Write the address where the element is.", path)
        # An empty address is for the check to tell, with whatever else a draft still lacks.
        url = self.found.text(fields.get("url"), f"{path}.url", empty=True)
        return {"match": match or "exact", "url": (url or "").strip()}

    def _mapping(self, node: Node | None, path: str) -> Mapping[str, Any] | None:
        if node is None:
            return None
        if node.kind != "mapping":
            self.found.add(node, f"“{last(path)}” is written as “name: value” lines.", path)
            return None
        return cast(Mapping[str, Any], node.plain())

    def _data(self, node: Node | None, path: str) -> Mapping[str, DataField]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, "“data” names its fields: “order_id: {type: text, required: true}”.", path)
            return {}
        self.note_lines(node.entries, path)
        return {name: self._data_field(one, f"{path}.{name}") for name, one in node.entries.items()}

    def _data_field(self, node: Node, path: str) -> DataField:
        found = self.found
        if node.kind == "text":
            return DataField(self.type_of(node, path))
        fields = found.fields(node, ("type", "required", "default", "of"), "a field of “data”", path)
        kind = self.type_of(fields.get("type"), f"{path}.type")
        default = fields.get("default")
        if default is not None and default.kind in ("mapping", "list"):
            found.add(default, "A default is a single value.", f"{path}.default")
            default = None
        return DataField(
            type=kind,
            required=bool(found.boolean(fields.get("required"), f"{path}.required", False)),
            default=default.value if default else None,
            of=self.options(fields.get("of"), kind, node, path),
        )

    def _deployment(self, node: Node | None, path: str) -> Deployment:
        found = self.found
        fields = found.fields(node, _DEPLOYMENT_FIELDS, "a deployment", path)
        self.note_lines(fields, path)
        after, team = self._after(fields.get("after"), f"{path}.after")
        frequency = found.fields(fields.get("frequency"), ("once_per",), "“frequency”", f"{path}.frequency")
        reopen = fields.get("reopen")
        idle = self.duration(fields.get("idle"), f"{path}.idle")
        return Deployment(
            wait_for_reply=self.duration(fields.get("wait_for_reply"), f"{path}.wait_for_reply"),
            idle=timedelta(hours=24) if idle is None else idle,
            after=after,
            after_team=found.text(fields.get("after_team"), f"{path}.after_team") or team,
            nudge=self._nudge(fields.get("nudge"), f"{path}.nudge"),
            csat=found.boolean(fields.get("csat"), f"{path}.csat"),
            reopen=None
            if reopen is None or reopen.value == "always"
            else self.duration(reopen, f"{path}.reopen"),
            once_per=self.duration(frequency.get("once_per"), f"{path}.frequency.once_per"),
        )

    def _after(self, node: Node | None, path: str) -> tuple[After, str | None]:
        if node is None:
            return "close", None
        if node.kind == "mapping":
            fields = self.found.fields(node, ("hand_off",), "“after”", path)
            inner = fields.get("hand_off")
            if inner is not None and inner.kind == "mapping":
                inner = self.found.fields(inner, ("team",), "“hand_off”", path).get("team")
            return "hand_off", self.found.text(inner, f"{path}.hand_off")
        chosen = self.one_of(node, path, ("close", "keep_open", "hand_off"))
        return cast(After, chosen or "close"), None

    def _nudge(self, node: Node | None, path: str) -> Nudge | None:
        if node is None:
            return None
        if node.kind != "mapping":
            after = self.duration(node, path)
            return Nudge(after) if after else None
        fields = self.found.fields(node, ("after", "message"), "“nudge”", path)
        after = self.duration(fields.get("after"), f"{path}.after")
        if "after" not in fields:
            self.found.add(node, "A nudge needs a time: “nudge: {after: 12h}”.", path)
        message = self.found.text(fields.get("message"), f"{path}.message")
        return Nudge(after, message) if after else None


def circle_among(subs: Mapping[str, SubProcedure]) -> tuple[str, ...]:
    """Sub-procedures that run each other in a circle, from the first to itself again; () where there are none."""
    done: set[str] = set()
    for start in subs:
        way: list[tuple[str, Iterator[str]]] = (
            [] if start in done else [(start, iter(sorted(subs[start].runs)))]
        )
        while way:
            name = next(way[-1][1], None)
            names = [one for one, _ in way]
            if name is None:
                done.add(way.pop()[0])
            elif name in names:
                return (*names[names.index(name) :], name)
            elif name in subs and name not in done:
                way.append((name, iter(sorted(subs[name].runs))))
    return ()
