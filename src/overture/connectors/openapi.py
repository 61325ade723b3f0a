"""Connector files out of an OpenAPI document: one for each operation, with a list of what could not be placed.

Pure: a document in, texts out. Every text is read back as a connector before it is given, so what comes out is right
as far as a file can be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from overture.base.errors import Error
from overture.base.yaml_lines import FileProblems, suggestion
from overture.connectors import file
from overture.connectors.model import NAME, Result, ValueType
from overture.connectors.pick import pick
from overture.connectors.secrets import RESERVED

MOST_BYTES = 5_000_000
MOST_OPERATIONS = 500
DEEPEST = 60  # nesting of the document
FIELDS_DEEP = 3  # nesting of fields that are placed
MOST_FIELDS = 40
MOST_SCHEMAS = 5000  # that one operation may lead to

_METHODS = ("get", "post", "put", "patch", "delete")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TYPES = {
    "string": ValueType.TEXT,
    "integer": ValueType.NUMBER,
    "number": ValueType.NUMBER,
    "boolean": ValueType.BOOLEAN,
    "array": ValueType.LIST,
    "object": ValueType.OBJECT,
}
_SCALARS = (ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.DATE)


class NotOpenApi(Error):
    """This is not an OpenAPI 3 document."""


class NoSuchOperation(Error):
    """The document has no such operation."""


@dataclass(frozen=True)
class Imported:
    """An operation as a connector file."""

    key: str
    operation: str  # as the document names it
    source: str
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """An operation that no file was made of, and why."""

    operation: str
    reason: str


@dataclass(frozen=True)
class Import:
    connectors: tuple[Imported, ...]
    skipped: tuple[Skipped, ...]


class _Skip(Exception):
    pass


def read_document(content: bytes) -> dict[str, Any]:
    """The document, as YAML or JSON. Raises `NotOpenApi`."""
    if len(content) > MOST_BYTES:
        raise NotOpenApi(f"The document has more than {MOST_BYTES // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
        parsed = json.loads(text) if text.lstrip().startswith("{") else _yaml(text)
    except (UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as failed:
        raise NotOpenApi(f"The document cannot be read: {_one_line(failed)}.") from None
    version = str(parsed.get("openapi", "")) if isinstance(parsed, dict) else ""
    if not version.startswith("3."):
        older = isinstance(parsed, dict) and "swagger" in parsed
        raise NotOpenApi(
            "This is a Swagger 2 document. Convert it to OpenAPI 3 first." if older else None, field="openapi"
        )
    if not isinstance(parsed.get("paths"), Mapping):
        raise NotOpenApi("The document has no paths.", field="paths")
    return dict(parsed)


def _yaml(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise NotOpenApi("Aliases (“*name”) are not read. Write the values out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise NotOpenApi("The document is nested too deep.")
    return yaml.load(text, Loader=_LOADER)


def import_operations(
    document: Mapping[str, Any], only: Collection[str] = (), server: str | None = None
) -> Import:
    """Connectors of all operations, or of those named by `operationId`, key, or “GET /orders/{id}”.

    `server` comes before the document's own addresses. Raises `NoSuchOperation`.
    """
    made: dict[str, Imported] = {}
    skipped, found, names = [], set(), []
    for path, method, shared, operation in _operations(document):
        title = f"{method.upper()} {path}"
        wanted = {str(operation.get("operationId", "")), title, _key(operation, method, path)}
        names.append(str(operation.get("operationId") or title))
        if only and not wanted & set(only):
            continue
        found |= wanted
        key = _unused(_key(operation, method, path), made)
        try:
            made[key] = _Maker(document, key, path, method, shared, operation, server).made()
        except _Skip as reason:
            skipped.append(Skipped(title, str(reason)))
        if len(made) >= MOST_OPERATIONS:
            skipped.append(Skipped("the rest", f"Only {MOST_OPERATIONS} operations are taken at once."))
            break
    for name in only:
        if name not in found:
            raise NoSuchOperation(
                f"The document has no operation “{name[:80]}”.{suggestion(name, names)}", field="operation"
            )
    return Import(tuple(made.values()), tuple(skipped))


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    for path, item in document["paths"].items():
        if not isinstance(item, Mapping):
            continue
        for method in _METHODS:
            if isinstance(item.get(method), Mapping):
                yield str(path), method, dict(item), dict(item[method])


@dataclass
class _Maker:
    """Makes one file."""

    document: Mapping[str, Any]
    key: str
    path: str
    method: str
    shared: Mapping[str, Any]
    operation: Mapping[str, Any]
    server: str | None
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    looked_at: int = 0  # schemas

    def made(self) -> Imported:
        written: dict[str, Any] = {"connector": self.key, "method": self.method.upper()}
        written["url"] = self._base()
        headers = self._parameters(written)
        if headers:
            written["headers"] = headers
        self._body(written)
        auth = self._auth()
        result, mock = self._answer()
        order = {
            **{name: written[name] for name in ("connector", "method", "url")},
            "inputs": self.inputs or None,
            **{name: written.get(name) for name in ("headers", "body", "form")},
            "auth": auth,
            "result": result,
            "mock": mock,
        }
        plain = {name: value for name, value in order.items() if value is not None}
        source = self._comment() + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
        try:
            file.read(source)
        except FileProblems as wrong:
            raise _Skip(wrong.problems[0].message) from None
        title = f"{self.method.upper()} {self.path}"
        return Imported(self.key, str(self.operation.get("operationId") or title), source, tuple(self.left))

    def _comment(self) -> str:
        lines = [f"{self.method.upper()} {self.path}"]
        summary = self.operation.get("summary")
        if isinstance(summary, str) and summary.strip():
            lines[0] += f": {' '.join(summary.split())[:160]}"
        lines += [f"Left out: {one}" for one in self.left]
        return "".join(f"# {_printable(line)}\n" for line in lines)

    # The address

    def _base(self) -> str:
        servers: Any = next(
            (one["servers"] for one in (self.operation, self.shared, self.document) if one.get("servers")), []
        )
        first = servers[0] if isinstance(servers, list) and servers else {}
        url = self.server or (str(first.get("url", "")) if isinstance(first, Mapping) else "")
        variables = first.get("variables") if isinstance(first, Mapping) else None
        for name, one in (variables if isinstance(variables, Mapping) else {}).items():
            if isinstance(one, Mapping):
                url = url.replace(f"{{{name}}}", str(one.get("default", "")))
        if not re.match(r"https?://", url):
            raise _Skip("The document does not say where the system is. Name it with --server.")
        return url.rstrip("/")

    def _parameters(self, written: dict[str, Any]) -> dict[str, str]:
        path, query, headers = self.path, [], {}
        given: dict[tuple[str, str], Mapping[str, Any]] = {}
        for one in (*_list(self.shared.get("parameters")), *_list(self.operation.get("parameters"))):
            parameter = self._resolved(one)
            given[(str(parameter.get("in")), str(parameter.get("name")))] = parameter
        for (place, name), parameter in given.items():
            schema = self._resolved(parameter.get("schema"))
            required = place == "path" or parameter.get("required") is True
            if place == "header" and name.lower() in (
                "accept",
                "content-type",
                "authorization",
                "idempotency-key",
            ):
                continue
            if place == "cookie" or (kind := self._type(schema)) not in _SCALARS:
                what = "a cookie" if place == "cookie" else "a list or an object"
                self.left.append(f"the {place} parameter “{name}”, which is {what}")
                if required:
                    self.left[-1] += " (the system requires it)"
                continue
            spot = self._input(name, kind, schema, required)
            if place == "path":
                path = path.replace(f"{{{name}}}", spot)
            elif place == "query":
                query.append(f"{_encoded(name)}={spot}")
            elif place == "header":
                headers[name] = spot
        if re.search(r"(?<!\{)\{[^{}]*\}(?!\})", path):
            raise _Skip("Its path has a parameter that the document does not describe.")
        written["url"] += path + (f"?{'&'.join(query)}" if query else "")
        return headers

    def _input(self, name: str, kind: ValueType, schema: Mapping[str, Any], required: bool) -> str:
        """Another input; what stands for it in a template."""
        key = _unused(_name(name), self.inputs)
        one: dict[str, Any] = {"type": kind.value}
        default = schema.get("default")
        if isinstance(default, str | int | float | bool) and not required:
            one["default"] = default
        elif not required:
            one["required"] = False
        self.inputs[key] = one
        return f"{{{{ {key} }}}}"

    # What is sent

    def _body(self, written: dict[str, Any]) -> None:
        body = self._resolved(self.operation.get("requestBody"))
        content = body.get("content")
        if not isinstance(content, Mapping) or not content:
            return
        if self.method in ("get", "delete"):
            self.left.append(f"the body, which a {self.method.upper()} call does not have")
            return
        kinds = {str(kind).partition(";")[0].strip().lower(): one for kind, one in content.items()}
        json_kind = next((kind for kind in kinds if kind.endswith("json")), None)
        form = kinds.get("application/x-www-form-urlencoded")
        if json_kind is None and form is None:
            raise _Skip(f"It takes {', '.join(kinds)}, and a connector sends JSON or a web form.")
        media = kinds[json_kind] if json_kind is not None else form
        schema = self._schema(media.get("schema") if isinstance(media, Mapping) else None)
        if schema.get("type", "object") != "object" or not schema.get("properties"):
            self.left.append("the body, whose fields the document does not name")
            return
        fields = self._fields(schema, "", "the field", flat=json_kind is None)
        written["body" if json_kind is not None else "form"] = fields

    def _fields(
        self, schema: Mapping[str, Any], inside: str, what: str, *, flat: bool, deep: int = 1
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        required = set(_list(schema.get("required")))
        for name, given in schema["properties"].items():
            one = self._schema(given)
            label = f"{inside}{name}"
            if one.get("readOnly"):
                continue
            kind = self._type(one)
            options = _list(one.get("enum"))
            if len(options) == 1:
                fields[name] = options[0]
            elif kind in _SCALARS and (name in required or "default" in one):
                fields[name] = self._input(label.replace(".", "_"), kind, one, name in required)
            elif (
                kind is ValueType.OBJECT
                and one.get("properties")
                and name in required
                and not flat
                and deep < FIELDS_DEEP
            ):
                fields[name] = self._fields(one, f"{label}.", what, flat=flat, deep=deep + 1)
            elif name in required:
                self.left.append(f"{what} “{label}”, which the system requires: {_described(kind)}")
            else:
                self.left.append(f"{what} “{label}”, which is optional")
        return fields

    # Who calls

    def _auth(self) -> dict[str, Any] | None:
        security = self.operation.get("security", self.document.get("security"))
        wanted = [one for one in _list(security) if isinstance(one, Mapping)]
        if not wanted or any(not one for one in wanted):
            return None
        schemes = self._resolved(self.document.get("components")).get("securitySchemes")
        known = schemes if isinstance(schemes, Mapping) else {}
        for requirement in wanted:
            if len(requirement) == 1:
                ((name, scopes),) = requirement.items()
                made = self._scheme(str(name), self._resolved(known.get(name)), _list(scopes))
                if made is not None:
                    return made
        self.left.append(f"how it is signed in to ({', '.join(sorted({n for one in wanted for n in one}))})")
        return None

    def _scheme(self, name: str, scheme: Mapping[str, Any], scopes: list[Any]) -> dict[str, Any] | None:
        secret = _name(name)
        secret = f"{secret}_secret" if secret in RESERVED else secret
        kind = str(scheme.get("type", "")).lower()
        http = str(scheme.get("scheme", "")).lower()
        if kind == "apikey" and scheme.get("in") == "header":
            header = str(scheme.get("name", ""))
            return {
                "header": header,
                "secret": secret,
                **({"scheme": ""} if header.lower() == "authorization" else {}),
            }
        if kind == "http" and http == "bearer":
            return {"secret": secret}
        if kind == "http" and http == "basic":
            self.left.append(f"nothing of basic auth: the secret {secret} is “user:password” in base64")
            return {"secret": secret, "scheme": "Basic"}
        flow = self._resolved(scheme.get("flows")).get("clientCredentials")
        if kind == "oauth2" and isinstance(flow, Mapping):
            self.left.append("the client_id: write it where it says your-client-id")
            made = {
                "token_url": str(flow.get("tokenUrl", "")),
                "client_id": "your-client-id",
                "client_secret": secret,
            }
            return {"client_credentials": made | ({"scope": " ".join(map(str, scopes))} if scopes else {})}
        return None

    # What comes back

    def _answer(self) -> tuple[dict[str, Any] | None, Any]:
        responses = self._resolved(self.operation.get("responses"))
        code = next((one for one in ("200", "201", "202", "203", "2XX", "default") if one in responses), None)
        content = self._resolved(responses.get(code)).get("content") if code else None
        media = next(
            (
                one
                for kind, one in (content if isinstance(content, Mapping) else {}).items()
                if str(kind).partition(";")[0].strip().lower().endswith("json") and isinstance(one, Mapping)
            ),
            None,
        )
        if media is None:
            if content:
                self.left.append(f"the answer, which is {', '.join(map(str, content))} and not JSON")
            return (None, None) if content else (None, {})
        schema = self._schema(media.get("schema"))
        if self._type(schema) is ValueType.LIST:
            self.left.append(
                "the items of the answer after the first: it is a list. Name the ones you need by their place, 0.name"
            )
            result: dict[str, Any] = {"first": {"path": "0", "type": "any", "optional": True}}
        else:
            result = self._results(schema)
        examples = [_example(media), schema.get("example"), _invented(self, schema)]
        typed = {
            name: Result(one["path"], ValueType(one["type"]), bool(one.get("optional")))
            for name, one in result.items()
        }
        mock = next(
            (
                one
                for one in examples
                if one is not None and isinstance(pick(one, typed or None, self.key), dict)
            ),
            None,
        )
        return result or None, mock

    def _results(
        self, schema: Mapping[str, Any], inside: str = "", deep: int = 1, maybe: bool = False
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        required = set(_list(schema.get("required")))
        properties = schema.get("properties")
        for name, given in (properties if isinstance(properties, Mapping) else {}).items():
            one = self._schema(given)
            label = f"{inside}{name}"
            if one.get("writeOnly"):
                continue
            if not re.fullmatch(r"[^.\s{}]+", str(name)) or len(result) >= MOST_FIELDS:
                self.left.append(f"the field “{label}” of the answer")
                continue
            optional = maybe or name not in required or _is_nullable(one)
            kind = self._type(one)
            if kind is ValueType.OBJECT and one.get("properties") and deep < FIELDS_DEEP:
                for key, found in self._results(one, f"{label}.", deep + 1, optional).items():
                    result[_unused(key, result)] = found
                continue
            entry: dict[str, Any] = {"path": label, "type": kind.value}
            if optional:
                entry["optional"] = True
            result[_unused(_name(label.replace(".", "_")), result)] = entry
        return result

    # Schemas

    def _type(self, schema: Mapping[str, Any]) -> ValueType:
        kinds = schema.get("type")
        kinds = [one for one in (kinds if isinstance(kinds, list) else [kinds]) if one != "null"]
        kind = _TYPES.get(str(kinds[0])) if len(kinds) == 1 else None
        if kind is None:
            return ValueType.OBJECT if schema.get("properties") else ValueType.ANY
        if kind is ValueType.TEXT and schema.get("format") in ("date", "date-time"):
            return ValueType.DATE
        return kind

    def _schema(self, given: Any, deep: int = 0) -> dict[str, Any]:
        """A schema with its reference followed and its `allOf` put together."""
        schema = dict(self._resolved(given))
        self.looked_at += 1
        if self.looked_at > MOST_SCHEMAS:
            raise _Skip("Its schemas are too many, or lead in circles.")
        parts = _list(schema.pop("allOf", None)) if deep < 10 else []
        for part in parts:
            other = self._schema(part, deep + 1)
            properties = {**_mapping(other.get("properties")), **_mapping(schema.get("properties"))}
            required = [*_list(other.get("required")), *_list(schema.get("required"))]
            schema = {**other, **schema}
            if properties:
                schema |= {"properties": properties, "required": required, "type": "object"}
        return schema

    def _resolved(self, given: Any) -> Mapping[str, Any]:
        """What a reference leads to; a circle, or one that leads out of the document, leads to nothing."""
        for _ in range(20):
            if not isinstance(given, Mapping):
                return {}
            reference = given.get("$ref")
            if not isinstance(reference, str):
                return given
            given = self._at(reference)
        return {}

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        here: Any = self.document
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            here = here.get(part) if isinstance(here, Mapping) else None
        return here


def _invented(maker: _Maker, given: Any, deep: int = 0) -> Any:
    """A value that fits the schema, from what it says of itself."""
    schema = maker._schema(given)
    for name in ("example", "default"):
        if schema.get(name) is not None:
            return schema[name]
    options = _list(schema.get("enum")) or _list(schema.get("examples"))
    if options:
        return options[0]
    match maker._type(schema):
        case ValueType.OBJECT:
            properties = _mapping(schema.get("properties")) if deep < FIELDS_DEEP + 1 else {}
            return {
                name: _invented(maker, one, deep + 1) for name, one in list(properties.items())[:MOST_FIELDS]
            }
        case ValueType.LIST:
            return [_invented(maker, schema.get("items"), deep + 1)] if deep < FIELDS_DEEP else []
        case ValueType.NUMBER:
            low = schema.get("minimum")
            return low if isinstance(low, int | float) and not isinstance(low, bool) else 1
        case ValueType.BOOLEAN:
            return True
        case ValueType.DATE:
            return "2026-01-31" if schema.get("format") == "date" else "2026-01-31T09:00:00Z"
        case _:
            return "text"


def _example(media: Mapping[str, Any]) -> Any:
    if media.get("example") is not None:
        return media["example"]
    for one in _mapping(media.get("examples")).values():
        if isinstance(one, Mapping) and one.get("value") is not None:
            return one["value"]
    return None


def _is_nullable(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    return schema.get("nullable") is True or (isinstance(kinds, list) and "null" in kinds)


def _key(operation: Mapping[str, Any], method: str, path: str) -> str:
    return _name(str(operation.get("operationId") or f"{method}_{path}"))


def _name(written: str) -> str:
    """“getOrderById” and “X-Order-Id” as names of ours: `get_order_by_id`, `x_order_id`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", written)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:60].strip("_")
    name = name if re.match(r"[a-z]", name) else f"x_{name}".strip("_")
    assert NAME.fullmatch(name), name
    return name


def _unused(name: str, taken: Collection[str]) -> str:
    number, made = 2, name
    while made in taken:
        made, number = f"{name[:58]}_{number}", number + 1
    return made


def _encoded(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="[]")


def _described(kind: ValueType) -> str:
    return (
        "a list"
        if kind is ValueType.LIST
        else "an object"
        if kind is ValueType.OBJECT
        else "of no single type"
    )


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _printable(line: str) -> str:
    return "".join(one if one.isprintable() else " " for one in line)


def _one_line(failed: Exception) -> str:
    return " ".join(str(failed).split())[:200].rstrip(".")
