"""Connector files: YAML to a `Connector`, with everything that is wrong told at once, line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from overture.base.yaml_lines import FileProblems, Findings, Node, read_yaml, short, suggestion
from overture.connectors.fields import (
    NAMES,
    check_address,
    check_names,
    dotted,
    duration,
    form_of,
    headers_of,
    named_entries,
    type_of,
)
from overture.connectors.file_auth import auth_of
from overture.connectors.model import (
    DEFAULT_TIMEOUT,
    INPUT_TYPES,
    NAME,
    Auth,
    Connector,
    Input,
    Method,
    Mock,
    Result,
    ValueType,
    described,
    fits,
    names_in,
)
from overture.connectors.pick import pick

__all__ = ["FileProblems", "read"]

LONGEST_TIMEOUT = 120.0

_FIELDS = (
    "connector",
    "method",
    "url",
    "inputs",
    "headers",
    "body",
    "form",
    "auth",
    "requires",
    "result",
    "mock",
    "mocks",
    "timeout",
)
_METHODS: dict[str, Method] = {
    "GET": "GET",
    "POST": "POST",
    "PUT": "PUT",
    "PATCH": "PATCH",
    "DELETE": "DELETE",
}
_WITH_BODY = ("POST", "PUT", "PATCH")


def read(text: str | bytes, name: str | None = None) -> Connector:
    """The connector a file describes; `FileProblems` names every problem with its line."""
    found = Findings()
    root = read_yaml(text, found)
    fields = found.fields(root, _FIELDS, "a connector")
    connector = _connector(fields, root, found) if root and root.kind == "mapping" else None
    found.raise_if_wrong(name)
    assert connector is not None
    return connector


def _connector(fields: Mapping[str, Node], root: Node, found: Findings) -> Connector:
    key = _key(fields.get("connector"), root, found)
    method = _method(fields.get("method"), found)
    inputs = _inputs(fields.get("inputs"), found)
    url = _url(fields.get("url"), root, inputs, found)
    result = _result(fields.get("result"), found)
    auth = auth_of(fields.get("auth"), found)
    return Connector(
        key=key,
        method=method,
        url=url,
        inputs=inputs,
        headers=_headers(fields.get("headers"), inputs, auth, found),
        body=_body(fields.get("body"), method, inputs, found),
        auth=auth,
        result=result,
        mock=_mock(fields.get("mock"), key, result, found),
        mocks=_mocks(fields.get("mocks"), key, inputs, result, found),
        form=_form(fields.get("form"), fields.get("body"), method, inputs, found),
        requires_passcode=_requires(fields.get("requires"), found),
        timeout=_timeout(fields.get("timeout"), found),
    )


def _key(node: Node | None, root: Node, found: Findings) -> str:
    if node is None:
        found.add(root, "The connector has no name. Begin with “connector: get_order”.", "connector")
        return ""
    key = found.text(node, "connector") or ""
    if key and not NAME.fullmatch(key):
        found.add(
            node,
            f"“{short(key)}” cannot be a connector's name. {NAMES}",
            "connector",
        )
    return key


def _method(node: Node | None, found: Findings) -> Method:
    written = found.text(node, "method")
    if written is None:
        return "GET"
    method = _METHODS.get(written.upper())
    if method is None and node:
        found.add(node, f"“{short(written)}” is not a method. Use GET, POST, PUT, PATCH or DELETE.", "method")
    return method or "GET"


def _inputs(node: Node | None, found: Findings) -> dict[str, Input]:
    inputs = {}
    for name, entry in named_entries(node, "inputs", found):
        inputs[name] = _input(name, entry, found)
    return inputs


def _input(name: str, node: Node, found: Findings) -> Input:
    """`id: text`, or `id: {type: text, required: true, default: …}`."""
    path = f"inputs.{name}"
    if node.kind != "mapping":
        return Input(type_of(node, path, INPUT_TYPES, found))
    fields = found.fields(node, ("type", "required", "default"), "an input", path)
    kind = type_of(fields["type"], path, INPUT_TYPES, found) if "type" in fields else ValueType.TEXT
    has_default = "default" in fields and fields["default"].kind != "null"
    required = found.boolean(fields.get("required"), f"{path}.required", default=not has_default)
    default = fields["default"].value if has_default else None
    if has_default and kind is ValueType.TEXT:
        default = fields["default"].words()
    if has_default and not fits(default, kind):
        found.add(fields["default"], f"The default of “{name}” is not a {kind}.", f"{path}.default")
    if has_default and required:
        found.add(node, f"“{name}” is required and has a default. Keep one of the two.", path)
    return Input(kind, bool(required), default)


def _url(node: Node | None, root: Node, inputs: Mapping[str, Input], found: Findings) -> str:
    if node is None:
        found.add(root, "Write the address that the connector calls: “url: https://…”.", "url")
        return ""
    written = (found.text(node, "url") or "").strip()
    if not written:
        return ""
    check_names(written, node, "url", inputs, found)
    start = re.match(r"https?://[^/?#]*", written)
    if start is None:
        found.add(node, "The address begins with http:// or https://.", "url")
    elif "{" in start[0] or "}" in start[0]:
        # A contact's words could otherwise choose the machine that is called.
        found.add(
            node, "The host of an address is written out. Inputs may stand in its path and query.", "url"
        )
    else:
        check_address(written, node, found)
        _check_path(written[start.end() :], node, inputs, found)
    return written


def _check_path(rest: str, node: Node, inputs: Mapping[str, Input], found: Findings) -> None:
    for _, name in names_in(rest.partition("?")[0]):
        given = inputs.get(name or "")
        if given and not given.required and given.default is None:
            found.add(node, f"“{name}” stands in the address, so it is required or has a default.", "url")


def _headers(
    node: Node | None, inputs: Mapping[str, Input], auth: Auth | None, found: Findings
) -> dict[str, str]:
    headers = headers_of(node, "headers", auth.header if auth else None, found)
    for name, value in headers.items():
        assert node is not None
        check_names(value, node.entries[name], f"headers.{name}", inputs, found)
    return headers


def _body(node: Node | None, method: Method, inputs: Mapping[str, Input], found: Findings) -> Any:
    if node is None or node.kind == "null":
        return None
    if method not in _WITH_BODY:
        found.add(node, f"A {method} call has no body. Use POST, PUT or PATCH, or remove it.", "body")
    _check_texts(node, "body", inputs, found)
    if node.kind != "text":
        return node.plain()
    try:
        return json.loads(str(node.value))
    except (ValueError, RecursionError):
        found.add(
            node, "The body is JSON. Write it as “name: value” lines, or as JSON text in quotes.", "body"
        )
        return None


def _form(
    node: Node | None, body: Node | None, method: Method, inputs: Mapping[str, Input], found: Findings
) -> dict[str, Any] | None:
    if node is None or node.kind == "null":
        return None
    if method not in _WITH_BODY:
        found.add(node, f"A {method} call has no form. Use POST, PUT or PATCH, or remove it.", "form")
    if body is not None and body.kind != "null":
        found.add(node, "A call sends a body or a form. Keep one of the two.", "form")
    _check_texts(node, "form", inputs, found)
    return form_of(node, "form", found)


def _requires(node: Node | None, found: Findings) -> bool:
    written = found.text(node, "requires")
    if written not in (None, "passcode") and node:
        found.add(node, f"“{short(written)}” is not known. A connector may require a “passcode”.", "requires")
    return written == "passcode"


def _check_texts(node: Node, path: str, inputs: Mapping[str, Input], found: Findings) -> None:
    for entry in (*node.items, *node.entries.values()):
        _check_texts(entry, path, inputs, found)
    for key, place in node.keys.items():
        if "{{" in key:
            found.add(place, "A name in the body is written out. Inputs may stand in values.", path)
    if node.kind == "text":
        check_names(str(node.value), node, path, inputs, found)


def _result(node: Node | None, found: Findings) -> dict[str, Result] | None:
    if node is None or node.kind == "null":
        return None
    result: dict[str, Result] = {}
    for name, entry in named_entries(node, "result", found):
        result[name] = _one_result(name, entry, found)
    return result


def _one_result(name: str, node: Node, found: Findings) -> Result:
    """`total: order.total`, or `total: {path: order.total, type: number, optional: true}`."""
    path = f"result.{name}"
    if node.kind != "mapping":
        return Result(dotted(node, path, found))
    fields = found.fields(node, ("path", "type", "optional"), "a result", path)
    if "path" not in fields:
        found.add(node, f"Say where “{name}” stands in the answer: “path: order.{name}”.", f"{path}.path")
    return Result(
        dotted(fields.get("path"), f"{path}.path", found),
        type_of(fields["type"], path, tuple(ValueType), found) if "type" in fields else ValueType.ANY,
        bool(found.boolean(fields.get("optional"), f"{path}.optional", default=False)),
    )


def _mock(node: Node | None, key: str, result: Mapping[str, Result] | None, found: Findings) -> Any:
    if node is None:
        return None
    mock = node.plain()
    picked = pick(mock, result, key)
    if isinstance(picked, str):
        found.add(node, f"The mock does not fit: {picked}", "mock")
    return mock


def _mocks(
    node: Node | None,
    key: str,
    inputs: Mapping[str, Input],
    result: Mapping[str, Result] | None,
    found: Findings,
) -> tuple[Mock, ...]:
    items = found.items(node, "mocks", "a list of answers")
    return tuple(
        _one_mock(item, f"mocks.{place}", key, inputs, result, found) for place, item in enumerate(items)
    )


def _one_mock(
    node: Node,
    path: str,
    key: str,
    inputs: Mapping[str, Input],
    result: Mapping[str, Result] | None,
    found: Findings,
) -> Mock:
    """`{when: {id: FF-1}, answer: …}`, `{when: …, status: 404}`, or `{fails: timeout}`."""
    fields = found.fields(node, ("when", "status", "answer", "fails"), "a mock", path)
    when = {}
    for name, entry in named_entries(fields.get("when"), f"{path}.when", found):
        if name not in inputs:
            found.add(entry, f"“{name}” is not one of the inputs.{suggestion(name, inputs)}", f"{path}.when")
        else:
            when[name] = _values(name, inputs[name], entry, f"{path}.when.{name}", found)
    status = found.number(fields.get("status"), f"{path}.status") if "status" in fields else 200
    if status is None or status not in range(100, 600):
        found.add(fields["status"], "A status is a number from 100 to 599.", f"{path}.status")
        status = 200
    fails = found.text(fields.get("fails"), f"{path}.fails")
    if fails not in (None, "timeout", "unreachable"):
        found.add(fields["fails"], "A mock fails by “timeout” or “unreachable”.", f"{path}.fails")
        fails = None
    answer = fields["answer"].plain() if "answer" in fields else None
    if fails is None and 200 <= status < 300:
        picked = pick({} if answer is None else answer, result, key)
        if isinstance(picked, str):
            found.add(fields.get("answer", node), f"The mock does not fit: {picked}", f"{path}.answer")
    return Mock(when, int(status), answer, fails)  # type: ignore[arg-type]


def _values(name: str, wanted: Input, node: Node, path: str, found: Findings) -> tuple[Any, ...]:
    values = []
    for item in node.items if node.kind == "list" else (node,):
        value = item.words() if wanted.type in (ValueType.TEXT, ValueType.DATE) else item.value
        if not fits(value, wanted.type):
            found.add(item, f"“{name}” is a {wanted.type}, and this is {described(item.plain())}.", path)
        values.append(value)
    return tuple(values)


def _timeout(node: Node | None, found: Findings) -> float:
    return duration(node, "timeout", DEFAULT_TIMEOUT, LONGEST_TIMEOUT, found)
