"""A connector: one configured HTTP call to a system of the company, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)

DEFAULT_TIMEOUT = 30.0
LARGEST_NUMBER = 1e308


class ValueType(StrEnum):
    """What a value must be to go into a call, or to be taken from its answer."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"


INPUT_TYPES = (ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.DATE)


@dataclass(frozen=True)
class Input:
    """One value that a step hands to the connector (`with:`)."""

    type: ValueType = ValueType.TEXT
    required: bool = True
    default: str | float | bool | None = None


@dataclass(frozen=True)
class Result:
    """One value taken from the answer: where it stands, and what it must be."""

    path: str
    type: ValueType = ValueType.ANY
    optional: bool = False


@dataclass(frozen=True)
class SecretAuth:
    """The header that carries a secret; the secret is named here and kept elsewhere."""

    secret: str
    header: str = "Authorization"
    scheme: str = ""


@dataclass(frozen=True)
class ClientCredentials:
    """A token by OAuth client credentials: fetched when it is needed, kept until it runs out or is refused."""

    token_url: str
    client_id: str
    client_secret: str  # the name of the secret
    scope: str = ""
    audience: str = ""
    send: Literal["basic", "body"] = "basic"  # where the client's id and secret stand
    header: str = "Authorization"
    scheme: str = "Bearer"


@dataclass(frozen=True)
class TokenRequest:
    """A token that a call of its own gives. `{{ secrets.name }}` stands in the values of its headers and body."""

    url: str
    token: str  # its path in the answer
    method: Method = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = None
    expires_in: str | None = None  # the path of its seconds in the answer
    lifetime: float | None = None  # seconds, where the answer does not say
    header: str = "Authorization"
    scheme: str = "Bearer"


@dataclass(frozen=True)
class ContactToken:
    """The contact's own token, which their site gave to the messenger."""

    name: str
    header: str = "Authorization"
    scheme: str = "Bearer"


Auth = SecretAuth | ClientCredentials | TokenRequest | ContactToken


@dataclass(frozen=True)
class Mock:
    """An answer for simulations and tries, where the inputs are these."""

    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # input → the values it may have
    status: int = 200
    answer: Any = None
    fails: Literal["timeout", "unreachable"] | None = None


@dataclass(frozen=True)
class Signature:
    """What a procedure may rely on: the inputs, and the typed fields of the result.

    `result` is None where the connector names no fields: the whole JSON object is the result.
    """

    inputs: Mapping[str, Input]
    result: Mapping[str, Result] | None

    def as_json(self) -> dict[str, Any]:
        """The signature as it is stored beside a live procedure; equal text means nothing changed."""
        return {
            "inputs": {
                name: {"type": i.type.value, "required": i.required, "default": i.default}
                for name, i in sorted(self.inputs.items())
            },
            "result": None
            if self.result is None
            else {
                name: {"type": r.type.value, "optional": r.optional}
                for name, r in sorted(self.result.items())
            },
        }


@dataclass(frozen=True)
class Connector:
    """One HTTP call, with typed inputs and a typed result."""

    key: str
    method: Method
    url: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    auth: Auth | None = None
    result: Mapping[str, Result] | None = None
    mock: Any = None
    mocks: tuple[Mock, ...] = ()  # the first that fits comes before `mock`
    form: Mapping[str, Any] | None = None  # sent as a web form instead of a JSON body
    requires_passcode: bool = False  # the contact proves their email address first
    timeout: float = DEFAULT_TIMEOUT

    def signature(self) -> Signature:
        """What a procedure that calls this connector is checked against."""
        return Signature(self.inputs, self.result)

    def secrets(self) -> frozenset[str]:
        """The names of the secrets that its call needs."""
        match self.auth:
            case SecretAuth(secret=name) | ClientCredentials(client_secret=name):
                return frozenset({name})
            case TokenRequest() as request:
                return frozenset(secrets_in([dict(request.headers), request.body, request.form]))
            case _:
                return frozenset()


def names_in(template: str) -> Iterator[tuple[str, str | None]]:
    """Each placeholder of a template: its text as written, and the input it names (None: not a name)."""
    for found in PLACEHOLDER.finditer(template):
        yield found.group(0), _named(found.group(1))


def secrets_in(template: Any) -> Iterator[str]:
    """The secrets that a token request's values name: `{{ secrets.shop_password }}`."""
    if isinstance(template, Mapping):
        for part in template.values():
            yield from secrets_in(part)
    elif isinstance(template, list | tuple):
        for part in template:
            yield from secrets_in(part)
    elif isinstance(template, str):
        for found in PLACEHOLDER.finditer(template):
            name = secret_named(found.group(1))
            if name is not None:
                yield name


def secret_named(inside: str) -> str | None:
    """The secret that a placeholder of a token request names; None where it names none."""
    group, _, name = inside.strip().partition(".")
    return name if group == "secrets" and NAME.fullmatch(name) else None


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with its placeholders replaced by the values as text; an absent value is empty."""
    return PLACEHOLDER.sub(lambda found: as_text(values.get(_named(found.group(1)) or "")), template)


def fill_json(template: Any, values: Mapping[str, Any]) -> Any:
    """A JSON template filled: text that is one placeholder alone becomes the value with its own type."""
    if isinstance(template, Mapping):
        return {name: fill_json(part, values) for name, part in template.items()}
    if isinstance(template, list | tuple):
        return [fill_json(part, values) for part in template]
    if not isinstance(template, str):
        return template
    alone = PLACEHOLDER.fullmatch(template.strip())
    return values.get(_named(alone.group(1)) or "") if alone else fill(template, values)


def as_text(value: object) -> str:
    """A value as it stands in an address or a sentence: 12 and not 12.0, true and not True."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def fits(value: object, kind: ValueType) -> bool:
    """Whether a JSON value is of the type."""
    match kind:
        case ValueType.TEXT:
            return isinstance(value, str)
        case ValueType.NUMBER:
            # Conditions read numbers as doubles: what no double holds is not a number.
            return (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and -LARGEST_NUMBER <= value <= LARGEST_NUMBER
            )
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.DATE:
            return isinstance(value, str) and is_date(value)
        case ValueType.LIST:
            return isinstance(value, list)
        case ValueType.OBJECT:
            return isinstance(value, Mapping)
        case ValueType.ANY:
            return value is not None


def is_date(text: str) -> bool:
    """Whether the text is an ISO date (2026-11-24) or moment (2026-11-24T09:00:00Z)."""
    try:
        date.fromisoformat(text)
    except ValueError:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return False
    return True


def described(value: object) -> str:
    """What a JSON value is, in a reader's words."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _named(inside: str) -> str | None:
    name = inside.strip().removeprefix("inputs.")
    return name if NAME.fullmatch(name) else None
