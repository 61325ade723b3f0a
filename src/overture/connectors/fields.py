"""What the parts of a connector file have in common: names, types, paths, times and placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from overture.base.yaml_lines import Findings, Node, short, suggestion
from overture.connectors import guard
from overture.connectors.model import NAME, Input, ValueType, names_in

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
OURS = ("host", "content-length", "transfer-encoding", "connection", "idempotency-key", "accept-encoding")
NAMES = "Use small letters, digits and _, and begin with a letter."

_PATH = re.compile(r"[^.\s{}]+(\.[^.\s{}]+)*")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def named_entries(node: Node | None, path: str, found: Findings) -> list[tuple[str, Node]]:
    if node is None or node.kind == "null":
        return []
    if node.kind != "mapping":
        found.add(node, f"“{path}” is written as “name: …” lines.", path)
        return []
    for name, place in node.keys.items():
        if not NAME.fullmatch(name):
            found.add(
                place,
                f"“{short(name)}” cannot be a name here. {NAMES}",
                f"{path}.{name}",
            )
    return list(node.entries.items())


def type_of(node: Node, path: str, allowed: tuple[ValueType, ...], found: Findings) -> ValueType:
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


def check_names(template: str, node: Node, path: str, inputs: Mapping[str, Input], found: Findings) -> None:
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


def dotted(node: Node | None, path: str, found: Findings) -> str:
    written = found.text(node, path) or ""
    if written and node and not _PATH.fullmatch(written):
        found.add(node, f"“{short(written)}” is not a path such as order.status or items.0.name.", path)
    return written


def check_address(written: str, node: Node, found: Findings, path: str = "url") -> None:
    filled = re.sub(r"\{\{.*?\}\}", "x", written)
    try:
        url = httpx.URL(filled)
        # Which addresses may be reached is this machine's business; how one is written is the file's.
        guard.check_url(url, frozenset({guard.named(url.host.lower(), url.port or _default_port(url))}))
    except guard.AddressRefused as refused:
        found.add(node, refused.message, path)
    except (httpx.InvalidURL, ValueError):
        found.add(node, f"“{short(written)}” is not an address.", path)
    if "#" in filled:
        found.add(node, "An address for a call has no “#” part. Remove it.", path)


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def duration(node: Node | None, path: str, default: float, most: float, found: Findings) -> float:
    """`10s`, `500ms`, `1m`, or a bare number of seconds."""
    if node is None:
        return default
    written = found.text(node, path) or ""
    with_unit = _DURATION.fullmatch(written.strip())
    bare = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if not with_unit and not bare:
        found.add(node, f"“{short(written)}” is not a time. Write it as 10s.", path)
        return default
    seconds = float(with_unit[1]) * _SECONDS[with_unit[2]] if with_unit else float(written)
    if not 0 < seconds <= most:
        found.add(node, f"A {path.rpartition('.')[2]} is more than 0 and at most {most:.0f} seconds.", path)
    return seconds


def headers_of(node: Node | None, path: str, taken: str | None, found: Findings) -> dict[str, str]:
    """“Name: value” lines. `taken`: the header that carries the secret."""
    if node is None or node.kind == "null":
        return {}
    if node.kind != "mapping":
        found.add(node, "Headers are written as “Name: value” lines.", path)
        return {}
    headers: dict[str, str] = {}
    for name, entry in node.entries.items():
        here = f"{path}.{name}"
        if not HEADER.fullmatch(name):
            found.add(entry, f"“{short(name)}” cannot be a header's name.", here)
        elif name.lower() in OURS:
            found.add(entry, f"{name} is set by Overture. Remove it.", here)
        elif taken and name.lower() == taken.lower():
            found.add(entry, f"{name} carries the secret that auth names. Remove it here.", here)
        value = found.text(entry, here, empty=True) or ""
        if re.search(r"[\x00-\x1f\x7f]", value):
            found.add(entry, f"The value of {name} has a line break or a control character.", here)
        headers[name] = value
    return headers


def form_of(node: Node, path: str, found: Findings) -> dict[str, str | float | bool | None]:
    """“name: value” lines that are sent as a web form."""
    if node.kind != "mapping":
        found.add(node, "A form is written as “name: value” lines.", path)
        return {}
    for name, entry in node.entries.items():
        if entry.kind in ("mapping", "list"):
            found.add(entry, "A form's values are texts, numbers, true or false.", f"{path}.{name}")
    return {name: entry.value for name, entry in node.entries.items()}
