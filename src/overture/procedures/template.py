"""Message templates: Liquid, with limits, where every value is literal text.

The author's own Markdown stays; what a value holds is shown exactly as it is. No markup and no link comes
from a contact's name or from data. A value that is missing is a failure with its reason, never a gap.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TextIO, cast
from zoneinfo import ZoneInfo

from liquid import Environment
from liquid.ast import Node
from liquid.builtin.content import Literal as ContentTag
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags import (
    assign_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    unless_tag,
)
from liquid.exceptions import FilterError, LiquidError, LiquidSyntaxError, ResourceLimitError, UndefinedError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.undefined import StrictUndefined, is_undefined

from overture.base.errors import Error
from overture.base.yaml_lines import short, suggestion

MAX_SOURCE = 8 * 1024
MAX_OUTPUT = 20_000
MAX_RANGE = 1000
MOST_WORK = 500_000  # characters and entries that the filters of one message look at

# fmt: off
_FILTERS = (
    "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "date",
    "default", "divided_by", "downcase", "first", "floor", "join", "last", "lstrip", "map", "minus",
    "modulo", "plus", "prepend", "remove", "remove_first", "remove_last", "replace", "replace_first",
    "replace_last", "reverse", "round", "rstrip", "size", "slice", "sort", "sort_natural", "split",
    "squish", "strip", "strip_newlines", "sum", "times", "truncate", "truncatewords", "uniq", "upcase",
    "url_encode", "where",
)
# fmt: on
_TAGS = ("if", "elsif", "else", "unless", "case", "when", "for", "assign", "comment")


class TemplateError(Error):
    """This message cannot be read."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class TemplateFailed(Error):
    """This message could not be made."""

    @property
    def reason(self) -> str:
        return self.message


@dataclass(frozen=True)
class Reference:
    """A name in a template. With a default, or tested by an `if` around it, it may be missing."""

    name: str
    has_default: bool
    line: int
    column: int


class Labelled(str):
    """The id of an option, shown by its label. Compared and kept it is the id."""

    __slots__ = ("label",)

    label: str

    def __new__(cls, id: str, label: str) -> Labelled:
        made = super().__new__(cls, id)
        made.label = label
        return made


def render(source: str, scope: Mapping[str, Any], timezone: str | None = None) -> str:
    """The message as Markdown, its values escaped. TemplateFailed with the reason where it cannot be made.

    Moments are shown in the time zone, where one is given; else in the one they were written with.
    """
    return _rendered(_compiled(source, True), scope, timezone)


def render_plain(source: str, scope: Mapping[str, Any], timezone: str | None = None) -> str:
    """The same without escaping: for what is no message, such as an input, a subject or a key."""
    return _rendered(_compiled(source, False), scope, timezone)


def value_of(source: Any, scope: Mapping[str, Any], timezone: str | None = None) -> Any:
    """What a `set` or `with` gives: one bare `{{ name }}` keeps its type, anything else becomes text."""
    if not isinstance(source, str) or not is_template(source):
        return source
    template = _compiled(source, False)
    alone = _alone(template.nodes)
    if alone is None:
        return _rendered(template, scope, timezone)
    value: Any = scope
    for part in alone:
        try:
            value = cast(Any, value)[part] if isinstance(value, (Mapping, list, tuple)) else None
        except (KeyError, IndexError, TypeError):
            value = None
    if value is None:
        raise TemplateFailed(f"“{'.'.join(str(part) for part in alone)}” is missing.")
    return value


def is_template(source: str) -> bool:
    """Whether there is anything to fill in."""
    return "{{" in source or "{%" in source


def references(source: str) -> list[Reference]:
    """The names a template uses, in order. TemplateError where it cannot be read."""
    template = _compiled(source, True)
    return list(_walk(template.nodes, source, frozenset(), set()))


def literal(value: str) -> str:
    """The text as Markdown that shows exactly this text: no markup, no link, whatever stands around it.

    White space becomes single spaces, as a message shows it: a line of its own could begin a list.
    """
    return _SPECIAL.sub(_escaped, " ".join(_CONTROL.sub("", value).split()))


# These show nothing, and Markdown would turn them into something else.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_SPECIAL = re.compile(
    r"""
    [\\`*_{}\[\]<>()~|&\#!^@"]        # means something anywhere
  | ^[-+=.:'/]                        # means something where a line or a link's address may begin
  | (?<=[-+=])[-+=]                   # a row of these is a rule
  | ^\d{1,9}[.](?=\s|$)               # the start of a list
  | [.](?=[^\W\d_])|[.]$              # example.com
  | (?<=[^\W\d_]):|:$|(?<=[:/])/|/$   # https://, mailto:
    """,
    re.VERBOSE,
)


def _escaped(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\{found[0][-1]}"


def shown(value: Any) -> str:
    """A value as a person reads it: 12 rather than 12.0, money with its currency."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.label if isinstance(value, Labelled) else value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        if value.keys() == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}"
        raise TemplateFailed("It is a group of values. Name the one to show.")
    if isinstance(value, range):
        value = list(value[:100])
    if isinstance(value, Iterable):
        return ", ".join(shown(one) for one in value)
    raise TemplateFailed("It cannot be shown as text.")


def _number(value: float | Decimal) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise TemplateFailed("It is not a number that can be shown.")
    text = format(exact, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


class _Missing(StrictUndefined):
    """A name that is not there: false in an `if`, replaced by `default`, a failure anywhere else."""

    force_liquid_default = True
    allowed_properties = StrictUndefined.allowed_properties | {
        "__bool__",
        "__eq__",
        "__class__",
        "__liquid__",
    }

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or other is False

    __hash__ = None  # type: ignore[assignment]

    def __liquid__(self) -> object:
        return None


class _Shown(OutputNode):
    """`{{ … }}`: the one place where values become text."""

    __slots__ = ()

    def render_to_output(self, context: Any, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if value is None or is_undefined(value):
            raise TemplateFailed(f"“{_name(self.expression)}” is missing.")
        try:
            text = shown(value)
        except TemplateFailed as error:
            raise TemplateFailed(f"“{_name(self.expression)}” cannot be shown. {error.message}") from None
        return buffer.write(literal(text) if context.env.escapes else text)


class _OutputTag(Output):
    node_class = _Shown


class _Liquid(Environment):
    loop_iteration_limit = 1000
    output_stream_limit = 8 * MAX_OUTPUT
    local_namespace_limit = 8 * MAX_OUTPUT
    block_nesting_limit = 10
    context_depth_limit = 15

    def __init__(self, *, escapes: bool) -> None:
        self.escapes = escapes
        super().__init__(undefined=_Missing)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        known = self.filters
        self.filters = {name: _guarded(name, known[name]) for name in _FILTERS if name in known}
        self.filters["date"] = _guarded("date", _date)
        self.tags = {}
        for tag in (
            ContentTag,
            _OutputTag,
            Illegal,
            if_tag.IfTag,
            unless_tag.UnlessTag,
            case_tag.CaseTag,
            for_tag.ForTag,
            for_tag.BreakTag,
            for_tag.ContinueTag,
            comment_tag.CommentTag,
            assign_tag.AssignTag,
        ):
            self.add_tag(tag)


def _guarded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes no missing value for an empty one, and makes nothing huge."""

    @functools.wraps(filter_)
    def guarded(*given: Any, **options: Any) -> Any:
        if name != "default":
            for value in given:
                if value is None or is_undefined(value):
                    raise TemplateFailed(_missing_message(value, name))
        for value in given:
            if isinstance(value, range) and len(value) > MAX_RANGE:
                raise TemplateFailed(f"A range has at most {MAX_RANGE} numbers.")
        worst = 0
        if name.startswith("replace") and len(given) > 2:
            worst = len(str(given[0])) * max(1, len(str(given[2])))
        if name == "join" and len(given) > 1 and isinstance(given[0], (list, tuple, str)):
            worst = len(given[0]) * len(str(given[1]))
        if worst > 50 * MAX_OUTPUT:
            raise TemplateFailed("The message grows too long.")
        _count(*given)
        made = filter_(*given, **options)
        if isinstance(made, (str, list)) and len(made) > MAX_OUTPUT:
            raise TemplateFailed("The message grows too long.")
        return made

    return guarded


def _count(*given: Any) -> None:
    """Filters in a loop may go over the same long text again and again: together they look at so much only."""
    work = _WORK.get()
    work[0] += 1 + sum(len(value) for value in given if isinstance(value, (str, list, tuple, range)))
    if work[0] > MOST_WORK:
        raise TemplateFailed("The message takes too much work to make.")


def _missing_message(value: Any, filter_name: str) -> str:
    if is_undefined(value):
        return f"“{_undefined_name(str(value.msg))}” is missing."
    return f"There is no value for “{filter_name}”."


def _undefined_name(message: str) -> str:
    return message.removesuffix(" is undefined").strip("'\"")


_DIRECTIVE = re.compile(r"%(-?)([A-Za-z%])")
_UNPADDED = {"d": "day", "m": "month", "H": "hour", "M": "minute", "S": "second", "e": "day"}


def _date(value: Any, form: Any = "%Y-%m-%d") -> str:
    """A date as the author wants it. There is no “now” here: a message says what it was given."""
    moment = _in_zone(_moment(value))

    def part(found: re.Match[str]) -> str:
        unpadded, letter = found[1] == "-", found[2]
        if letter == "e" or (unpadded and letter in _UNPADDED):
            return str(getattr(moment, _UNPADDED[letter]))
        if unpadded and letter == "I":
            return str(moment.hour % 12 or 12)
        if letter not in "aAbBcdFDeHIjmMpSTRUuVwWxXyYzZ%":
            raise TemplateFailed(f"“%{letter}” is not something a date has.")
        return moment.strftime(f"%{letter}")

    return _DIRECTIVE.sub(part, str(form))


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        return datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        raise TemplateFailed(f"“{short(str(value), 30)}” is not a date.") from None


_WORK: ContextVar[list[int]] = ContextVar("what the filters of the message have looked at")
_ZONE: ContextVar[str | None] = ContextVar("time zone of the message", default=None)


def _in_zone(moment: datetime) -> datetime:
    """A moment in the zone of whoever reads it. A date alone, or a time without a zone, means what it says."""
    zone = _ZONE.get()
    if zone is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError, OverflowError):
        return moment


_ENVIRONMENTS = {True: _Liquid(escapes=True), False: _Liquid(escapes=False)}


@lru_cache(maxsize=4096)
def _compiled(source: str, escapes: bool) -> Any:
    if len(source.encode("utf-8", "replace")) > MAX_SOURCE:
        raise TemplateError(f"The text is longer than {MAX_SOURCE // 1024} KB. Make it shorter.")
    try:
        template = _ENVIRONMENTS[escapes].from_string(source)
        # Names of filters are only looked up when they run; an author should hear of them now.
        _check_filters(template.nodes, source)
    except TemplateError:
        raise
    except RecursionError:
        raise TemplateError("The text is nested too deep. Make it simpler.") from None
    except LiquidError as error:
        line, column = _place(source, getattr(error.token, "start_index", 0) if error.token else 0)
        raise TemplateError(_explained(error, source), line=line, column=column) from None
    except Exception:
        raise TemplateError("The text cannot be read. Check its “{{ }}” and “{% %}”.") from None
    return template


def _rendered(template: Any, scope: Mapping[str, Any], timezone: str | None) -> str:
    zone = _ZONE.set(timezone)
    work = _WORK.set([0])
    try:
        # What `template.render` does, which copies every name four times on the way.
        buffer = LimitedStringIO(limit=template.env.output_stream_limit)
        template.render_with_context(template.context_class(template, globals=scope), buffer)
        text = buffer.getvalue()
    except TemplateFailed:
        raise
    except ResourceLimitError:
        raise TemplateFailed("The message grows too long.") from None
    except UndefinedError as error:
        raise TemplateFailed(f"“{_undefined_name(str(error.message))}” is missing.") from None
    except FilterError as error:
        raise TemplateFailed(f"A value does not fit its filter: {short(str(error.message), 80)}.") from None
    except (LiquidError, ArithmeticError, InvalidOperation, TypeError, ValueError, RecursionError) as error:
        said = getattr(error, "message", None) or "a value does not fit"
        raise TemplateFailed(f"The message could not be made: {short(str(said), 80)}.") from None
    finally:
        _ZONE.reset(zone)
        _WORK.reset(work)
    if len(text) > MAX_OUTPUT:
        raise TemplateFailed(f"The message is longer than {MAX_OUTPUT} characters.")
    return text


def _explained(error: LiquidError, source: str) -> str:
    message = str(error.message)
    tag = re.search(r"(?:unexpected|unknown) tag '(\w+)'", message)
    if tag:
        return f"“{{% {tag[1]} %}}” is not available here.{suggestion(tag[1], _TAGS)}"
    start = getattr(error.token, "start_index", 0) if error.token else 0
    near = short(source[start : start + 30], 24)
    if "expected '}}'" in message or "expected '%}'" in message:
        return f"“{near}” is not closed. End it with “}}}}” or “%}}”."
    if isinstance(error, LiquidSyntaxError):
        return f"The text cannot be read near “{near}”."
    return f"The text cannot be read near “{near}”: {short(message, 60)}."


def _check_filters(nodes: Iterable[Any], source: str) -> None:
    for node in nodes:
        for expression in node.expressions():
            for used in getattr(expression, "filters", None) or ():
                if used.name not in _ENVIRONMENTS[True].filters:
                    line, column = _place(source, getattr(used.token, "start_index", 0))
                    hint = suggestion(used.name, _FILTERS)
                    raise TemplateError(f"There is no filter “{used.name}”.{hint}", line=line, column=column)
        _check_filters(_inside(node), source)


def _inside(node: Any) -> Iterable[Any]:
    return cast(Iterable[Any], node.children(None, include_partials=False))


def _alone(nodes: list[Node]) -> list[str | int] | None:
    """The path of a template that is one name and nothing else."""
    solid = [node for node in nodes if not (hasattr(node, "text") and not node.text.strip())]
    if len(solid) != 1 or not isinstance(solid[0], OutputNode):
        return None
    expression = solid[0].expression
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return None
    path = expression.left
    if not isinstance(path, Path) or any(isinstance(part, Path) for part in path.path):
        return None
    return [part for part in path.path if isinstance(part, (str, int))]


def _name(expression: Any) -> str:
    left = getattr(expression, "left", expression)
    return short(str(left), 60)


def _place(source: str, offset: int) -> tuple[int, int]:
    start = source.rfind("\n", 0, max(offset, 0)) + 1
    return source.count("\n", 0, max(offset, 0)) + 1, offset - start + 1


# What stands in these may be missing: it is tested, not shown.
_TESTS = (if_tag.IfNode, unless_tag.UnlessNode, case_tag.CaseNode)


def _walk(nodes: Iterable[Any], source: str, guarded: frozenset[str], local: set[str]) -> Iterator[Reference]:
    for node in nodes:
        inner, names = guarded, local
        if isinstance(node, OutputNode):
            yield from _used(node.expression, source, guarded, local)
        elif isinstance(node, assign_tag.AssignNode):
            yield from _used(node.expression, source, guarded, local)
            local.add(str(node.name))
        else:
            tested = isinstance(node, _TESTS) or hasattr(node, "block")
            for expression in node.expressions():
                for path in _paths(expression):
                    yield from _reference(path, source, tested or _dotted(path) in guarded, local)
                    if tested:
                        inner = inner | {_dotted(path)}
            if isinstance(node, for_tag.ForNode):
                names = local | {node.expression.identifier, "forloop"}
        yield from _walk(_inside(node), source, inner, names)


def _used(expression: Any, source: str, guarded: frozenset[str], local: set[str]) -> Iterator[Reference]:
    filters = getattr(expression, "filters", None) or ()
    defaulted = any(used.name == "default" for used in filters[:1])
    left = getattr(expression, "left", expression)
    for path in _paths(left):
        yield from _reference(path, source, defaulted or _dotted(path) in guarded, local)
    for used in filters:
        for argument in used.children():
            for path in _paths(argument):
                yield from _reference(path, source, _dotted(path) in guarded, local)


def _paths(expression: Expression) -> Iterator[Path]:
    if isinstance(expression, Path):
        yield expression
    for inner in expression.children():
        yield from _paths(inner)


def _dotted(path: Path) -> str:
    parts: list[str] = []
    for part in path.path:
        if not isinstance(part, str):
            break
        parts.append(part)
    return ".".join(parts)


def _reference(path: Path, source: str, has_default: bool, local: set[str]) -> Iterator[Reference]:
    name = _dotted(path)
    if name and name.partition(".")[0] not in local:
        line, column = _place(source, path.token.start_index)
        yield Reference(name, has_default, line, column)
