"""Read a procedure file, and say what is wrong with it in its author's words.

This finds what cannot be understood: unknown fields, wrong shapes, steps that do not exist. Whether it makes
sense (names, teams, connectors, conditions) is for `check` to find.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, cast

from overture.base.yaml_lines import FileProblems, Findings, Node, capital, read_yaml, short, suggestion
from overture.procedures.model import (
    DEFAULT_ATTEMPTS,
    VALUE_TYPES,
    After,
    Ask,
    Branch,
    Call,
    Choice,
    DataField,
    Deployment,
    End,
    HandOff,
    If,
    Nudge,
    Procedure,
    Say,
    Set,
    Step,
    Trigger,
    TriggerKind,
    ValueType,
    blocks,
    placed,
    read_duration,
)

MAX_STEPS = 1000

_PROCEDURE_FIELDS = ("procedure", "name", "when_to_use", "examples", "audience", "triggers", "steps")
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
_STEP_FIELDS: Mapping[str, tuple[str, ...]] = {
    "say": (),
    "ask": ("save", "type", "of", "matches", "attempts", "on_fail", "first_reply", "min", "max"),
    "if": ("then", "elif", "else", "on_error"),
    "call": ("with", "save", "on_error"),
    "set": (),
    "hand_off": (),
    "end": (),
}
_LATER_STEPS = ("look_up", "instruct", "run", "switch", "tag", "note", "ask_teammate")
_EXAMPLE_OF = "“of: [wait, refund]”"


class ProcedureErrors(FileProblems):
    """The procedure cannot be used as it is."""


def kind_of(text: str | bytes) -> Literal["procedure", "connector"]:
    """What a file holds, by the name at its top. What cannot be read counts as a procedure."""
    node = read_yaml(text, Findings())
    return "connector" if node and "connector" in node.keys and "procedure" not in node.keys else "procedure"


def read(text: str | bytes, name: str | None = None) -> Procedure:
    """The procedure in this file. `name` is the file's, for the message when it cannot be read."""
    found = Findings()
    node = read_yaml(text, found)
    procedure = _Reader(found).procedure(node) if node else None
    found.raise_if_wrong(name, ProcedureErrors)
    assert procedure is not None
    return procedure


class _Reader:
    def __init__(self, found: Findings) -> None:
        self.found = found
        self.lines: dict[str, int] = {}
        self.count = 0

    def procedure(self, node: Node) -> Procedure:
        found = self.found
        if node.kind == "mapping" and "sub_procedures" in node.keys:
            found.add(
                node.keys["sub_procedures"],
                "“sub_procedures” is not available in this version.",
                "sub_procedures",
            )
            node = Node(
                "mapping",
                node.line,
                node.column,
                entries=node.entries,
                keys={key: at for key, at in node.keys.items() if key != "sub_procedures"},
            )
        fields = found.fields(node, _PROCEDURE_FIELDS, "a procedure")
        self._note_lines(fields, "")
        if node.kind == "mapping" and "procedure" not in fields:
            found.add(node, "The key is missing. Begin the file with “procedure: my-key”.", "procedure")
        key = found.text(fields.get("procedure"), "procedure") or ""
        examples = found.fields(fields.get("examples"), ("use", "not"), "“examples”", "examples")
        audience = found.text(fields.get("audience"), "audience")
        return Procedure(
            key=key,
            name=found.text(fields.get("name"), "name") or capital(key.replace("-", " ")),
            when_to_use=found.text(fields.get("when_to_use"), "when_to_use", empty=True) or "",
            steps=self._all_steps(fields.get("steps")),
            examples_use=self._texts(examples.get("use"), "examples.use"),
            examples_not=self._texts(examples.get("not"), "examples.not"),
            audience=audience,
            triggers=tuple(
                self._trigger(one, f"triggers.{number}")
                for number, one in enumerate(found.items(fields.get("triggers"), "triggers"))
            ),
            lines=self.lines,
        )

    def _note_lines(self, fields: Mapping[str, Node], path: str) -> None:
        for key, node in fields.items():
            self.lines[f"{path}.{key}" if path else key] = node.line

    def _texts(self, node: Node | None, path: str) -> tuple[str, ...]:
        if node is not None and node.words() is not None:
            return (node.words() or "",)
        texts = [self.found.text(one, path) for one in self.found.items(node, path, "a list of texts")]
        return tuple(text for text in texts if text)

    # Triggers

    def _trigger(self, node: Node, path: str) -> Trigger:
        found = self.found
        self.lines[path] = node.line
        if node.kind != "mapping":
            found.add(node, "A trigger is written as “kind: api_call” with its other fields below.", path)
            return Trigger("api_call", "", "", "")
        kind = self._one_of(node.entries.get("kind"), f"{path}.kind", tuple(_TRIGGER_FIELDS))
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
        self._note_lines(fields, path)
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
        match = self._one_of(
            fields.get("match"), f"{path}.match", ("exact", "starts_with", "contains", "glob")
        )
        if "url" not in fields:
            self.found.add(node, "This page has no “url”. Write the address where the element is.", path)
        return {"match": match or "exact", "url": self.found.text(fields.get("url"), f"{path}.url") or ""}

    def _mapping(self, node: Node | None, path: str) -> Mapping[str, Any] | None:
        if node is None:
            return None
        if node.kind != "mapping":
            self.found.add(node, f"“{_last(path)}” is written as “name: value” lines.", path)
            return None
        return cast(Mapping[str, Any], node.plain())

    def _data(self, node: Node | None, path: str) -> Mapping[str, DataField]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, "“data” names its fields: “order_id: {type: text, required: true}”.", path)
            return {}
        self._note_lines(node.entries, path)
        return {name: self._data_field(one, f"{path}.{name}") for name, one in node.entries.items()}

    def _data_field(self, node: Node, path: str) -> DataField:
        found = self.found
        if node.kind == "text":
            return DataField(self._type(node, path))
        fields = found.fields(node, ("type", "required", "default", "of"), "a field of “data”", path)
        kind = self._type(fields.get("type"), f"{path}.type")
        default = fields.get("default")
        if default is not None and default.kind in ("mapping", "list"):
            found.add(default, "A default is a single value.", f"{path}.default")
            default = None
        return DataField(
            type=kind,
            required=bool(found.boolean(fields.get("required"), f"{path}.required", False)),
            default=default.value if default else None,
            of=self._options(fields.get("of"), kind, node, path),
        )

    def _deployment(self, node: Node | None, path: str) -> Deployment:
        found = self.found
        fields = found.fields(node, _DEPLOYMENT_FIELDS, "a deployment", path)
        self._note_lines(fields, path)
        after, team = self._after(fields.get("after"), f"{path}.after")
        frequency = found.fields(fields.get("frequency"), ("once_per",), "“frequency”", f"{path}.frequency")
        reopen = fields.get("reopen")
        idle = self._duration(fields.get("idle"), f"{path}.idle")
        return Deployment(
            wait_for_reply=self._duration(fields.get("wait_for_reply"), f"{path}.wait_for_reply"),
            idle=timedelta(hours=24) if idle is None else idle,
            after=after,
            after_team=found.text(fields.get("after_team"), f"{path}.after_team") or team,
            nudge=self._nudge(fields.get("nudge"), f"{path}.nudge"),
            csat=found.boolean(fields.get("csat"), f"{path}.csat"),
            reopen=None
            if reopen is None or reopen.value == "always"
            else self._duration(reopen, f"{path}.reopen"),
            once_per=self._duration(frequency.get("once_per"), f"{path}.frequency.once_per"),
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
        chosen = self._one_of(node, path, ("close", "keep_open", "hand_off"))
        return cast(After, chosen or "close"), None

    def _nudge(self, node: Node | None, path: str) -> Nudge | None:
        if node is None:
            return None
        if node.kind != "mapping":
            after = self._duration(node, path)
            return Nudge(after) if after else None
        fields = self.found.fields(node, ("after", "message"), "“nudge”", path)
        after = self._duration(fields.get("after"), f"{path}.after")
        if "after" not in fields:
            self.found.add(node, "A nudge needs a time: “nudge: {after: 12h}”.", path)
        message = self.found.text(fields.get("message"), f"{path}.message")
        return Nudge(after, message) if after else None

    # Small values

    def _duration(self, node: Node | None, path: str) -> timedelta | None:
        if node is None:
            return None
        length = read_duration(node.words() or "")
        if length is None:
            self.found.add(node, f"“{_last(path)}” is a length of time like 10m, 24h, 7d or 1h30m.", path)
        return length

    def _one_of(self, node: Node | None, path: str, known: tuple[str, ...]) -> str | None:
        if node is None:
            return None
        words = node.words() or ""
        if words in known:
            return words
        listed = ", ".join(known[:-1]) + f" or {known[-1]}"
        self.found.add(
            node,
            f"“{_last(path)}” is {listed}, not “{short(words)}”.{suggestion(words, known)}",
            path,
        )
        return None

    def _type(self, node: Node | None, path: str) -> ValueType:
        return cast(ValueType, self._one_of(node, path, VALUE_TYPES) or "text")

    def _options(self, node: Node | None, kind: str, around: Node, path: str) -> tuple[Choice, ...]:
        found = self.found
        if node is None:
            if kind == "choice":
                found.add(around, f"A choice needs its options: {_EXAMPLE_OF}.", path)
            return ()
        if kind != "choice":
            found.add(node, f"“of” lists the options of a choice; this has the type {kind}.", f"{path}.of")
            return ()
        if node.kind == "mapping":
            options = [
                Choice(key, found.text(label, f"{path}.of.{key}") or key)
                for key, label in node.entries.items()
            ]
        else:
            options = [
                self._option(one, f"{path}.of")
                for one in found.items(node, "of", f"a list like {_EXAMPLE_OF}")
            ]
        seen: set[str] = set()
        for option in options:
            if option.id in seen:
                found.add(node, f"“{short(option.id)}” is among the options twice. Keep one.", f"{path}.of")
            seen.add(option.id)
        return tuple(option for option in options if option.id)

    def _option(self, node: Node, path: str) -> Choice:
        if node.kind == "mapping":
            fields = self.found.fields(node, ("id", "label"), "an option", path)
            if "id" not in fields:
                self.found.add(node, "This option has no “id”: {id: wait, label: Wait for it}.", path)
            chosen = self.found.text(fields.get("id"), f"{path}.id") or ""
            return Choice(chosen, self.found.text(fields.get("label"), f"{path}.label") or chosen)
        chosen = self.found.text(node, path) or ""
        return Choice(chosen, chosen)

    # Steps

    def _all_steps(self, node: Node | None) -> tuple[Step, ...]:
        return self._named(placed(self._steps(node, "steps")))

    def _named(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Notice an id that two steps share."""
        first: dict[str, int] = {}
        waiting = list(reversed(steps))
        while waiting:
            step = waiting.pop()
            if step.id and step.id in first:
                self.found.add(
                    (step.line, 1),
                    f"“{short(step.id)}” is the id of line {first[step.id]} too. Choose another.",
                    "id",
                )
            elif step.id:
                first[step.id] = step.line
            waiting.extend(reversed([one for _, inside in blocks(step) for one in inside]))
        return steps

    def _steps(self, node: Node | None, what: str) -> tuple[Step, ...]:
        if node is not None and node.kind == "mapping":
            # One step alone is often written without its dash, and can mean nothing else.
            return tuple(step for step in (self._step(node),) if step)
        read = [self._step(one) for one in self.found.items(node, what, "a list of steps")]
        return tuple(step for step in read if step)

    def _step(self, node: Node) -> Step | None:
        found = self.found
        self.count += 1
        if self.count == MAX_STEPS + 1:
            found.add(node, f"A procedure has at most {MAX_STEPS} steps. Split it up.", "steps")
        if node.kind != "mapping":
            found.add(node, "A step names what it does: “- say: …” or “- ask: …”.", "steps")
            return None
        later = next((name for name in node.keys if name in _LATER_STEPS), None)
        if later:
            found.add(node.keys[later], f"The step “{later}” is not available in this version.", later)
            return None
        kinds = [name for name in node.keys if name in _STEP_FIELDS]
        if not kinds:
            first = next(iter(node.keys), "")
            known = ", ".join(_STEP_FIELDS)
            said = f"“{short(first)}” is not a step." if first else "This step is empty."
            hint = suggestion(first, (*_STEP_FIELDS, *_LATER_STEPS))
            found.add(
                node.keys.get(first, (node.line, node.column)), f"{said}{hint} Steps are {known}.", "steps"
            )
            return None
        kind = kinds[0]
        if len(kinds) > 1:
            found.add(
                node.keys[kinds[1]],
                f"A step does one thing; this one has “{kind}” and “{kinds[1]}”. Begin the second with “- ”.",
                kinds[1],
            )
            return None
        article = "an" if kind[0] in "aei" else "a"
        fields = found.fields(node, (kind, "id", *_STEP_FIELDS[kind]), f"{article} “{kind}” step")
        make = getattr(self, f"_{kind}")
        here = {"path": "", "line": node.keys[kind][0], "id": found.text(fields.get("id"), "id")}
        return cast("Step | None", make(node.entries.get(kind), fields, here))

    def _say(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        text = self.found.text(node, "say", empty=True) or ""
        if not text.strip() and node.kind not in ("mapping", "list"):
            self.found.add(node, "There is nothing to say. Write the message after “say:”.", "say")
        return Say(**here, text=text)

    def _ask(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        found = self.found
        question = found.text(node, "ask", empty=True) or ""
        if not question.strip() and node.kind not in ("mapping", "list"):
            found.add(node, "There is nothing to ask. Write the question after “ask:”.", "ask")
        kind = self._type(fields.get("type"), "type")
        if "matches" in fields and kind != "text":
            found.add(fields["matches"], f"“matches” is for a text; this has the type {kind}.", "matches")
        for limit in ("min", "max"):
            if limit in fields and kind not in ("number", "money"):
                found.add(fields[limit], f"“{limit}” is for a number or money; this is a {kind}.", limit)
        attempts = found.number(fields.get("attempts"), "attempts")
        if attempts is not None and (attempts != int(attempts) or not 1 <= attempts <= 20):
            found.add(fields["attempts"], "“attempts” is a whole number from 1 to 20.", "attempts")
            attempts = None
        return Ask(
            **here,
            question=question,
            save=found.text(fields.get("save"), "save"),
            type=kind,
            of=self._options(fields.get("of"), kind, node, "ask"),
            matches=found.text(fields.get("matches"), "matches"),
            attempts=DEFAULT_ATTEMPTS if attempts is None else int(attempts),
            on_fail=self._steps(fields.get("on_fail"), "on_fail"),
            first_reply=bool(found.boolean(fields.get("first_reply"), "first_reply", True)),
            min=found.number(fields.get("min"), "min"),
            max=found.number(fields.get("max"), "max"),
        )

    def _if(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        found = self.found
        if "then" not in fields:
            found.add(node, "This “if” has no “then”. Write the steps that follow when it holds.", "then")
        branches = [self._branch(node, fields.get("then"))]
        elifs = fields.get("elif")
        each = (elifs,) if elifs is not None and elifs.kind == "mapping" else found.items(elifs, "elif")
        for one in each:
            inner = found.fields(one, ("if", "then"), "an “elif”", "elif")
            if "if" not in inner or "then" not in inner:
                found.add(one, "Each “elif” has an “if” and a “then”.", "elif")
                continue
            branches.append(self._branch(inner["if"], inner["then"]))
        return If(
            **here,
            branches=tuple(branches),
            otherwise=self._steps(fields.get("else"), "else"),
            on_error=self._steps(fields.get("on_error"), "on_error"),
        )

    def _branch(self, condition: Node, steps: Node | None) -> Branch:
        return Branch(self.found.text(condition, "if") or "", self._steps(steps, "then"))

    def _call(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        return Call(
            **here,
            connector=self.found.text(node, "call") or "",
            inputs=self._values(fields.get("with"), "with"),
            save=self.found.text(fields.get("save"), "save"),
            on_error=self._steps(fields.get("on_error"), "on_error"),
        )

    def _set(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        values = self._values(node, "set")
        if node.kind == "mapping" and not values:
            self.found.add(node, "There is nothing to set. Write “set: {priority: high}”.", "set")
        return Set(**here, values=values)

    def _values(self, node: Node | None, what: str) -> Mapping[str, Any]:
        if node is None:
            return {}
        if node.kind != "mapping":
            self.found.add(node, f"“{what}” is written as “{what}: {{name: value}}”.", what)
            return {}
        for name, one in node.entries.items():
            if one.kind in ("mapping", "list"):
                self.found.add(
                    one, f"“{short(name)}” is a single value: a text, a number, true or false.", what
                )
        return {name: one.value for name, one in node.entries.items() if one.kind not in ("mapping", "list")}

    def _hand_off(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        if node.kind == "null":
            return HandOff(**here)
        if node.kind == "text":
            return HandOff(**here, team=self.found.text(node, "hand_off"))
        inner = self.found.fields(node, ("team", "message"), "a “hand_off” step", "hand_off")
        return HandOff(
            **here,
            team=self.found.text(inner.get("team"), "hand_off.team"),
            message=self.found.text(inner.get("message"), "hand_off.message"),
        )

    def _end(self, node: Node, fields: Mapping[str, Node], here: dict[str, Any]) -> Step:
        if node.kind == "null":
            return End(**here)
        inner = self.found.fields(node, ("say",), "an “end” step", "end")
        return End(**here, say=self.found.text(inner.get("say"), "end.say"))


def _last(path: str) -> str:
    return path.rpartition(".")[2]
