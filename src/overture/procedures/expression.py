"""Conditions: CEL, guarded so that no condition can hold up a process or pass by accident.

A condition is true, false or *failed*, with the reason. CEL itself has no limit on work and holds the
interpreter while it runs, so a condition is short, has at most two loops that are never nested, and looks at
short lists.
Numbers enter as doubles, so that `order.total > 500` means the same for 600 and 600.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import cel

from overture.base.errors import Error
from overture.base.yaml_lines import short, suggestion

MAX_SOURCE = 2048
MAX_LOOPS = 2
MAX_LIST = 200
MAX_DEPTH = 40
MAX_VALUES = 5000

_LOOPS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_FUNCTIONS = frozenset(
    {
        "has",
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "int",
        "double",
        "string",
        "bool",
        "timestamp",
        "duration",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getHours",
        "getMinutes",
        "getSeconds",
        *_LOOPS,
    }
)
_WORDS = frozenset({"true", "false", "null", "in"})
_MISTAKES: Mapping[str, str] = {
    "and": "Write “&&” instead of “and”.",
    "or": "Write “||” instead of “or”.",
    "not": "Write “!” before a part in brackets instead of “not”.",
    "=": "Write “==” to compare.",
    "&": "Write “&&” for “and”.",
    "|": "Write “||” for “or”.",
    "===": "Write “==” to compare.",
    "<>": "Write “!=” for “is not”.",
    "“": "Use straight quotes: \" or '.",
    "”": "Use straight quotes: \" or '.",
    "‘": "Use straight quotes: \" or '.",
    "’": "Use straight quotes: \" or '.",
    "{{": "A condition names values without “{{ }}”.",
}
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<string>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>===|&&|\|\||==|!=|<>|<=|>=|\{\{|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WHOLE = re.compile(r"\d+")


class ConditionError(Error):
    """This condition cannot be used."""


@dataclass(frozen=True)
class Result:
    """What a condition came to. `reason` is set when it failed."""

    outcome: Literal["true", "false", "failed"]
    reason: str | None = None

    @property
    def holds(self) -> bool:
        return self.outcome == "true"

    @property
    def failed(self) -> bool:
        return self.outcome == "failed"


@dataclass(frozen=True)
class Condition:
    """A condition that can be evaluated any number of times."""

    source: str
    names: frozenset[str]
    tested: frozenset[str]
    program: Any
    asked: frozenset[str] = frozenset()

    def evaluate(self, scope: Mapping[str, Any]) -> Result:
        """True, false, or failed with the reason; never an exception, and never true by accident."""
        try:
            values = _looked_at(scope, self.names, self.asked)
        except _TooMuch as error:
            return Result("failed", str(error))
        zeros: list[Any] = []

        def divisor(value: Any) -> Any:
            # Nothing can be divided by null: that makes it fail, where a zero would make it infinite.
            if value == 0:
                zeros.append(value)
                return None
            return value

        try:
            value = self.program.execute(cel.Context(values, {_DIVISOR: divisor}))
        except BaseException as error:
            # The engine may panic, and its panics are no ordinary exceptions.
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            return Result("failed", "It divides by zero." if zeros else self._why(error, scope))
        if value is True:
            return Result("true")
        if value is False:
            return Result("false")
        return Result("failed", f"“{short(self.source)}” is {_kind(value)}, not true or false.")

    def _why(self, error: BaseException, scope: Mapping[str, Any]) -> str:
        used = {name: _look_up(scope, name) for name in sorted(self.names - self.tested)}
        missing = [name for name, value in used.items() if value is _MISSING]
        if missing:
            return " ".join(f"“{name}” is missing." for name in missing)
        empty = [name for name, value in used.items() if value is None]
        if empty:
            return " ".join(f"“{name}” has no value." for name in empty)
        if isinstance(error, ZeroDivisionError):
            return "It divides by zero."
        if isinstance(error, KeyError):
            return f"“{short(str(error.args[0]) if error.args else '?')}” is missing."
        kinds = ", ".join(f"“{name}” is {_kind(value)}" for name, value in used.items())
        return f"The values do not fit together: {kinds}." if kinds else "The values do not fit together."


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


@lru_cache(maxsize=2048)
def compile_condition(source: str) -> Condition:
    """The condition, or ConditionError in the author's words."""
    if not source.strip():
        raise ConditionError("The condition is empty.")
    if len(source.encode("utf-8", "replace")) > MAX_SOURCE:
        raise ConditionError(f"The condition is longer than {MAX_SOURCE // 1024} KB. Make it shorter.")
    tokens = _tokens(source)
    _check_marks(tokens)
    _check_loops(tokens)
    chains = list(_chains(tokens))
    try:
        # As written first, so that a complaint points at what was written.
        cel.compile(source)
        program = cel.compile(_with_divisors(_with_doubles(source, tokens)))
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise ConditionError(_where(str(error), source)) from None
    plain = {name for name, tested in chains if not tested}
    return Condition(
        source=source,
        names=frozenset(name for name, _ in chains),
        tested=frozenset(name for name, tested in chains if tested) - plain,
        program=program,
        asked=frozenset(name for name, tested in chains if tested),
    )


def references(source: str) -> frozenset[str]:
    """The dotted names a condition looks at: `order.total`, `choice`."""
    return frozenset(name for name, _ in _chains(_tokens(source)))


def compared(source: str) -> list[tuple[str, str]]:
    """Names compared with a text: `choice == "refund"` gives ("choice", "refund")."""
    tokens = [token for token in _tokens(source) if token.kind != "space"]
    found: list[tuple[str, str]] = []
    for number, token in enumerate(tokens):
        if token.text in ("==", "!="):
            found.extend(_sides(_name_before(tokens, number), _text_at(tokens, number + 1)))
            found.extend(_sides(_name_after(tokens, number + 1), _text_at(tokens, number - 1)))
        elif token.text == "in" and number + 1 < len(tokens) and tokens[number + 1].text == "[":
            name = _name_before(tokens, number)
            place = number + 2
            while place < len(tokens) and tokens[place].text != "]":
                found.extend(_sides(name, _text_at(tokens, place)))
                place += 1
    return found


def _sides(name: str | None, text: str | None) -> list[tuple[str, str]]:
    return [(name, text)] if name is not None and text is not None else []


def _name_before(tokens: list[_Token], number: int) -> str | None:
    end = number
    parts: list[str] = []
    while end > 0 and tokens[end - 1].kind == "name":
        parts.insert(0, tokens[end - 1].text)
        end -= 1
        if end > 0 and tokens[end - 1].text == ".":
            end -= 1
            continue
        break
    return ".".join(parts) if parts and parts[0] not in _WORDS else None


def _name_after(tokens: list[_Token], number: int) -> str | None:
    parts: list[str] = []
    while number < len(tokens) and tokens[number].kind == "name":
        parts.append(tokens[number].text)
        if number + 1 < len(tokens) and tokens[number + 1].text == ".":
            number += 2
            continue
        break
    return ".".join(parts) if parts and parts[0] not in _WORDS else None


def _text_at(tokens: list[_Token], number: int) -> str | None:
    if not 0 <= number < len(tokens) or tokens[number].kind != "string":
        return None
    written = tokens[number].text
    if written[0] in "rRbB" or "\\" in written or written[:3] in ('"""', "'''"):
        return None
    return written[1:-1]


def _tokens(source: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(source):
        found.append(_Token(match.lastgroup or "mark", match[0], match.start()))
    return found


def _check_marks(tokens: list[_Token]) -> None:
    depth = 0
    solid = [token for token in tokens if token.kind != "space"]
    for number, token in enumerate(solid):
        if token.kind in ("mark", "name") and token.text in _MISTAKES:
            raise ConditionError(f"The condition cannot be read. {_MISTAKES[token.text]}")
        if token.text in ("'", '"'):
            raise ConditionError("A quoted text is not closed. Close the quote.")
        depth += (token.text in "([{" and token.kind == "mark") - (
            token.text in ")]}" and token.kind == "mark"
        )
        if depth > MAX_DEPTH:
            raise ConditionError(f"The brackets are nested more than {MAX_DEPTH} deep. Make it simpler.")
        called = token.kind == "name" and number + 1 < len(solid) and solid[number + 1].text == "("
        if called and token.text not in _FUNCTIONS:
            hint = suggestion(token.text, _FUNCTIONS)
            raise ConditionError(f"“{short(token.text)}()” is not something a condition can do.{hint}")


def _check_loops(tokens: list[_Token]) -> None:
    """Two loops at most, none inside another: a loop in a loop is what can take minutes."""
    count = 0
    inside: list[bool] = []
    solid = [token for token in tokens if token.kind != "space"]
    for number, token in enumerate(solid):
        if token.kind == "mark" and token.text in "([{":
            before = solid[number - 1] if number else None
            loop = (
                token.text == "(" and before is not None and before.kind == "name" and before.text in _LOOPS
            )
            if loop and any(inside):
                raise ConditionError(
                    "A loop inside a loop cannot be used. Use one “exists” or “all” at a time."
                )
            count += loop
            inside.append(loop)
        elif token.kind == "mark" and token.text in ")]}" and inside:
            inside.pop()
    if count > MAX_LOOPS:
        raise ConditionError(f"A condition has at most {MAX_LOOPS} of all, exists, filter and map.")


def _chains(tokens: list[_Token]) -> Iterator[tuple[str, bool]]:
    """Each dotted name, and whether it stands in `has(…)`. Names that a loop binds are not references."""
    solid = [token for token in tokens if token.kind != "space"]
    bound: list[tuple[int, str]] = []
    tests: list[int] = []
    depth = 0
    number = 0
    while number < len(solid):
        token = solid[number]
        if token.kind == "mark":
            if token.text in "([{":
                depth += 1
                before = solid[number - 1] if number else None
                if before and before.kind == "name" and token.text == "(":
                    if before.text in _LOOPS and number + 1 < len(solid):
                        bound.append((depth, solid[number + 1].text))
                    elif before.text == "has":
                        tests.append(depth)
            elif token.text in ")]}":
                bound = [one for one in bound if one[0] < depth]
                tests = [one for one in tests if one < depth]
                depth -= 1
            number += 1
            continue
        after_dot = number > 0 and solid[number - 1].text == "."
        if token.kind != "name" or after_dot or token.text in _WORDS:
            number += 1
            continue
        parts, number = _chain(solid, number)
        if parts and parts[0] not in {name for _, name in bound}:
            yield ".".join(parts), bool(tests)


def _chain(solid: list[_Token], number: int) -> tuple[list[str], int]:
    parts = [solid[number].text]
    number += 1
    while number < len(solid):
        following = solid[number + 1] if number + 1 < len(solid) else None
        if solid[number].text == "." and following and following.kind == "name":
            parts.append(following.text)
            number += 2
            continue
        quoted = _text_at(solid, number + 1)
        if solid[number].text == "[" and quoted is not None and number + 2 < len(solid):
            parts.append(quoted)
            number += 3
            continue
        break
    if number < len(solid) and solid[number].text == "(":
        # The last part is a function's name: `order.items.size()`.
        parts.pop()
    return parts, number


def _with_doubles(source: str, tokens: list[_Token]) -> str:
    """Whole numbers beside + - * / become doubles, as the values they meet are doubles.

    Comparisons work either way; inside `[0]` a whole number must stay one, and so it must beside `int()`.
    """
    if any(token.text in ("int", "size", "%") or token.text.startswith("get") for token in tokens):
        return source
    solid = [token for token in tokens if token.kind != "space"]
    brackets: list[str] = []
    out: list[str] = []
    position = 0
    for number, token in enumerate(solid):
        if token.kind == "mark" and token.text in "([{":
            before = solid[number - 1] if number else None
            index = (
                token.text == "[" and before is not None and (before.kind == "name" or before.text in ")]")
            )
            brackets.append("index" if index else token.text)
        elif token.kind == "mark" and token.text in ")]}" and brackets:
            brackets.pop()
        if token.kind == "number" and _WHOLE.fullmatch(token.text) and "index" not in brackets:
            around = {solid[near].text for near in (number - 1, number + 1) if 0 <= near < len(solid)}
            if around & {"+", "-", "*", "/"}:
                out.append(source[position : token.start] + token.text + ".0")
                position = token.start + len(token.text)
    return "".join(out) + source[position:]


_DIVISOR = "divisor__"


def _with_divisors(source: str) -> str:
    """`a / b` fails where b is 0. With doubles it would be infinite, and larger than anything."""
    solid = [token for token in _tokens(source) if token.kind != "space"]
    opened: list[int] = []
    closed: list[int] = []
    for number, token in enumerate(solid):
        if token.text == "/" and token.kind == "mark" and number + 1 < len(solid):
            end = _operand_end(solid, number + 1)
            opened.append(token.start + 1)
            closed.append(solid[end].start + len(solid[end].text))
    out: list[str] = []
    position = 0
    for place in sorted({*opened, *closed}):
        out.append(source[position:place])
        out.append(")" * closed.count(place) + f"{_DIVISOR}(" * opened.count(place))
        position = place
    return "".join(out) + source[position:]


def _operand_end(solid: list[_Token], number: int) -> int:
    """Where the value that begins here ends: its calls, members and indexes belong to it."""
    last = len(solid) - 1
    while number < last and solid[number].text in ("-", "!"):
        number += 1
    end = _closing(solid, number) if solid[number].text in ("(", "[") else number
    while end < last:
        following = solid[end + 1].text
        if following == "." and end + 2 <= last:
            end += 2
        elif following in ("(", "["):
            end = _closing(solid, end + 1)
        else:
            break
    return end


def _closing(solid: list[_Token], number: int) -> int:
    depth = 0
    for place in range(number, len(solid)):
        if solid[place].kind == "mark":
            depth += (solid[place].text in "([{") - (solid[place].text in ")]}")
        if depth == 0:
            return place
    return len(solid) - 1


def _where(message: str, source: str) -> str:
    place = re.search(r"<input>:(\d+):(\d+)", message)
    if place:
        lines = source.split("\n")
        line, column = int(place[1]), int(place[2])
        rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
        if rest.strip():
            return f"The condition cannot be read near “{short(rest, 30)}”."
        return "The condition ends too early. Something is missing at its end."
    return "The condition cannot be read."


class _TooMuch(Exception):
    pass


class _Missing:
    pass


_MISSING = _Missing()


def _look_up(scope: Mapping[str, Any], name: str) -> Any:
    value: Any = scope
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _looked_at(scope: Mapping[str, Any], names: frozenset[str], asked: frozenset[str]) -> dict[str, Any]:
    """Only what the condition names, so that a long list beside it costs nothing.

    `asked`: where the condition asks `has(…)`, a name without a value is not there.
    """
    tree: dict[str, Any] = {}
    for name in names:
        absent = name in asked and _look_up(scope, name) is None
        here = tree
        for part in name.split(".")[: -1 if absent else None]:
            here = here.setdefault(part, {})
        if not absent:
            here[""] = True
    count = [0]
    return {
        name: _entering(scope[name], name, count, wanted=wanted)
        for name, wanted in tree.items()
        if name in scope
    }


def _entering(
    value: Any, name: str, count: list[int], depth: int = 0, wanted: Mapping[str, Any] | None = None
) -> Any:
    """The value as conditions see it: numbers as doubles, money as its amount, times as text."""
    count[0] += 1
    if count[0] > MAX_VALUES:
        raise _TooMuch(f"“{name}” holds more than {MAX_VALUES} values.")
    if depth > MAX_DEPTH:
        raise _TooMuch(f"“{name}” is nested too deep.")
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            raise _TooMuch(f"“{name}” is too large a number.") from None
    if isinstance(value, Mapping):
        amount = money_amount(value)
        whole = wanted is None or "" in wanted
        if amount is not None and whole:
            return amount
        if wanted is not None and not whole:
            return {
                key: amount
                if amount is not None and key == "amount"
                else _entering(value[key], f"{name}.{key}", count, depth + 1, inner)
                for key, inner in wanted.items()
                if key in value
            }
        return {str(key): _entering(one, f"{name}.{key}", count, depth + 1) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > MAX_LIST:
            raise _TooMuch(f"“{name}” has {len(value)} entries; a condition looks at {MAX_LIST} at most.")
        return [_entering(one, name, count, depth + 1) for one in value]
    return str(value)


def money_amount(value: Mapping[str, Any]) -> float | None:
    """The amount of a value that is money: {"amount": "12.50", "currency": "EUR"}."""
    if value.keys() != {"amount", "currency"}:
        return None
    try:
        return float(value["amount"])
    except (TypeError, ValueError):
        return None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a number" if money_amount(value) is not None else "a group of values"
    return "empty" if value is None else "something else"
