"""Connector files: YAML to a `Connector`, with everything that is wrong told at once, line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from overture.base.yaml_lines import FileProblems, Findings, Node, read_yaml, short, suggestion
from overture.connectors import guard
from overture.connectors.model import (
    DEFAULT_TIMEOUT,
    INPUT_TYPES,
    NAME,
    Auth,
    Connector,
    Input,
    Method,
    Result,
    ValueType,
    fits,
    names_in,
)
from overture.connectors.pick import pick
from overture.connectors.secrets import RESERVED

__all__ = ["FileProblems", "read"]

LONGEST_TIMEOUT = 120.0

_NAMES = "Use small letters, digits and _, and begin with a letter."

_FIELDS = ("connector", "method", "url", "inputs", "headers", "body", "auth", "result", "mock", "timeout")
_METHODS: dict[str, Method] = {
    "GET": "GET",
    "POST": "POST",
    "PUT": "PUT",
    "PATCH": "PATCH",
    "DELETE": "DELETE",
}
_WITH_BODY = ("POST", "PUT", "PATCH")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = ("host", "content-length", "transfer-encoding", "connection", "idempotency-key", "accept-encoding")
_PATH = re.compile(r"[^.\s{}]+(\.[^.\s{}]+)*")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


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
    auth = _auth(fields.get("auth"), found)
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
            f"“{short(key)}” cannot be a connector's name. {_NAMES}",
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
    for name, entry in _named_entries(node, "inputs", found):
        inputs[name] = _input(name, entry, found)
    return inputs


def _input(name: str, node: Node, found: Findings) -> Input:
    """`id: text`, or `id: {type: text, required: true, default: …}`."""
    path = f"inputs.{name}"
    if node.kind != "mapping":
        return Input(_type(node, path, INPUT_TYPES, found))
    fields = found.fields(node, ("type", "required", "default"), "an input", path)
    kind = _type(fields["type"], path, INPUT_TYPES, found) if "type" in fields else ValueType.TEXT
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
    _check_names(written, node, "url", inputs, found)
    start = re.match(r"https?://[^/?#]*", written)
    if start is None:
        found.add(node, "The address begins with http:// or https://.", "url")
    elif "{" in start[0] or "}" in start[0]:
        # A contact's words could otherwise choose the machine that is called.
        found.add(
            node, "The host of an address is written out. Inputs may stand in its path and query.", "url"
        )
    else:
        _check_address(written, node, found)
        _check_path(written[start.end() :], node, inputs, found)
    return written


def _check_address(written: str, node: Node, found: Findings) -> None:
    filled = re.sub(r"\{\{.*?\}\}", "x", written)
    try:
        url = httpx.URL(filled)
        # Which addresses may be reached is this machine's business; how one is written is the file's.
        guard.check_url(url, frozenset({guard.named(url.host.lower(), url.port or _default_port(url))}))
    except guard.AddressRefused as refused:
        found.add(node, refused.message, "url")
    except (httpx.InvalidURL, ValueError):
        found.add(node, f"“{short(written)}” is not an address.", "url")
    if "#" in filled:
        found.add(node, "An address for a call has no “#” part. Remove it.", "url")


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _check_path(rest: str, node: Node, inputs: Mapping[str, Input], found: Findings) -> None:
    for _, name in names_in(rest.partition("?")[0]):
        given = inputs.get(name or "")
        if given and not given.required and given.default is None:
            found.add(node, f"“{name}” stands in the address, so it is required or has a default.", "url")


def _headers(
    node: Node | None, inputs: Mapping[str, Input], auth: Auth | None, found: Findings
) -> dict[str, str]:
    if node is None:
        return {}
    if node.kind != "mapping":
        found.add(node, "Headers are written as “Name: value” lines.", "headers")
        return {}
    headers: dict[str, str] = {}
    for name, entry in node.entries.items():
        path = f"headers.{name}"
        if not _HEADER.fullmatch(name):
            found.add(entry, f"“{short(name)}” cannot be a header's name.", path)
        elif name.lower() in _OURS:
            found.add(entry, f"{name} is set by Overture. Remove it.", path)
        elif auth and name.lower() == auth.header.lower():
            found.add(entry, f"{name} carries the secret that auth names. Remove it here.", path)
        value = found.text(entry, path, empty=True) or ""
        if re.search(r"[\x00-\x1f\x7f]", value):
            found.add(entry, f"The value of {name} has a line break or a control character.", path)
        _check_names(value, entry, path, inputs, found)
        headers[name] = value
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


def _check_texts(node: Node, path: str, inputs: Mapping[str, Input], found: Findings) -> None:
    for entry in (*node.items, *node.entries.values()):
        _check_texts(entry, path, inputs, found)
    for key, place in node.keys.items():
        if "{{" in key:
            found.add(place, "A name in the body is written out. Inputs may stand in values.", path)
    if node.kind == "text":
        _check_names(str(node.value), node, path, inputs, found)


def _auth(node: Node | None, found: Findings) -> Auth | None:
    if node is None or node.kind == "null":
        return None
    fields = found.fields(node, ("secret", "header", "scheme"), "auth", "auth")
    secret = found.text(fields.get("secret"), "auth.secret")
    if node.kind == "mapping" and "secret" not in fields:
        found.add(node, "Name the secret: “auth: {header: X-Api-Key, secret: shop_api}”.", "auth.secret")
    elif secret in RESERVED:
        found.add(fields["secret"], f"“{secret}” is taken. Give the secret another name.", "auth.secret")
    elif secret and not NAME.fullmatch(secret):
        found.add(
            fields["secret"],
            f"Write the secret's name here (shop_api); its value stays out of the file. {_NAMES}",
            "auth.secret",
        )
    header = found.text(fields.get("header"), "auth.header") or "Authorization"
    if not _HEADER.fullmatch(header) or header.lower() in _OURS:
        found.add(fields["header"], f"“{short(header)}” cannot carry a secret.", "auth.header")
    usual = "Bearer" if header.lower() == "authorization" else ""
    scheme = found.text(fields.get("scheme"), "auth.scheme", empty=True)
    if scheme and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", scheme):
        found.add(fields["scheme"], f"“{short(scheme)}” is not a scheme such as Bearer.", "auth.scheme")
    return Auth(secret or "", header, usual if scheme is None else scheme)


def _result(node: Node | None, found: Findings) -> dict[str, Result] | None:
    if node is None or node.kind == "null":
        return None
    result: dict[str, Result] = {}
    for name, entry in _named_entries(node, "result", found):
        result[name] = _one_result(name, entry, found)
    return result


def _one_result(name: str, node: Node, found: Findings) -> Result:
    """`total: order.total`, or `total: {path: order.total, type: number, optional: true}`."""
    path = f"result.{name}"
    if node.kind != "mapping":
        return Result(_dotted(node, path, found))
    fields = found.fields(node, ("path", "type", "optional"), "a result", path)
    if "path" not in fields:
        found.add(node, f"Say where “{name}” stands in the answer: “path: order.{name}”.", f"{path}.path")
    return Result(
        _dotted(fields.get("path"), f"{path}.path", found),
        _type(fields["type"], path, tuple(ValueType), found) if "type" in fields else ValueType.ANY,
        bool(found.boolean(fields.get("optional"), f"{path}.optional", default=False)),
    )


def _dotted(node: Node | None, path: str, found: Findings) -> str:
    written = found.text(node, path) or ""
    if written and node and not _PATH.fullmatch(written):
        found.add(node, f"“{short(written)}” is not a path such as order.status or items.0.name.", path)
    return written


def _mock(node: Node | None, key: str, result: Mapping[str, Result] | None, found: Findings) -> Any:
    if node is None:
        return None
    mock = node.plain()
    picked = pick(mock, result, key)
    if isinstance(picked, str):
        found.add(node, f"The mock does not fit: {picked}", "mock")
    return mock


def _timeout(node: Node | None, found: Findings) -> float:
    if node is None:
        return DEFAULT_TIMEOUT
    written = found.text(node, "timeout") or ""
    with_unit = _DURATION.fullmatch(written.strip())
    bare = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if not with_unit and not bare:
        found.add(node, f"“{short(written)}” is not a time. Write it as 10s.", "timeout")
        return DEFAULT_TIMEOUT
    seconds = float(with_unit[1]) * _SECONDS[with_unit[2]] if with_unit else float(written)
    if not 0 < seconds <= LONGEST_TIMEOUT:
        found.add(node, f"A timeout is more than 0 and at most {LONGEST_TIMEOUT:.0f} seconds.", "timeout")
    return seconds


def _named_entries(node: Node | None, path: str, found: Findings) -> list[tuple[str, Node]]:
    if node is None or node.kind == "null":
        return []
    if node.kind != "mapping":
        found.add(node, f"“{path}” is written as “name: …” lines.", path)
        return []
    for name, place in node.keys.items():
        if not NAME.fullmatch(name):
            found.add(
                place,
                f"“{short(name)}” cannot be a name here. {_NAMES}",
                f"{path}.{name}",
            )
    return list(node.entries.items())


def _type(node: Node, path: str, allowed: tuple[ValueType, ...], found: Findings) -> ValueType:
    written = found.text(node, f"{path}.type")
    if written is not None and written not in allowed:
        known = [kind.value for kind in allowed]
        found.add(
            node,
            f"“{short(written)}” is not a type. Use {', '.join(known[:-1])} or {known[-1]}."
            + suggestion(written, known),
            f"{path}.type",
        )
        return ValueType.ANY
    return ValueType(written) if written else ValueType.ANY


def _check_names(template: str, node: Node, path: str, inputs: Mapping[str, Input], found: Findings) -> None:
    for written, name in names_in(template):
        if name is None:
            found.add(
                node,
                f"“{short(written)}” is not the name of an input. Filters and sums are not known here.",
                path,
            )
        elif name not in inputs:
            found.add(
                node,
                f"“{name}” is not one of the inputs.{suggestion(name, inputs) or ' Add it under “inputs”.'}",
                path,
            )
    left = re.sub(r"\{\{.*?\}\}", "", template, flags=re.DOTALL)
    if "{{" in left or "}}" in left or "{%" in left:
        found.add(node, "A placeholder is written {{ name }}. One here is not closed, or is a tag.", path)
