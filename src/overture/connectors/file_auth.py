"""The `auth` of a connector file: a secret, OAuth client credentials, a token request, or the contact's own token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from overture.base.yaml_lines import Findings, Node, short
from overture.connectors.fields import (
    HEADER,
    NAMES,
    OURS,
    check_address,
    dotted,
    duration,
    form_of,
    headers_of,
)
from overture.connectors.model import (
    NAME,
    PLACEHOLDER,
    Auth,
    ClientCredentials,
    ContactToken,
    SecretAuth,
    TokenRequest,
    secret_named,
)
from overture.connectors.secrets import RESERVED

LONGEST_LIFE = 30 * 24 * 3600.0

_KINDS = ("secret", "client_credentials", "token_request", "contact_token")
_METHODS = ("GET", "POST", "PUT")


def auth_of(node: Node | None, found: Findings) -> Auth | None:
    """How the call proves who it comes from."""
    if node is None or node.kind == "null":
        return None
    fields = found.fields(node, (*_KINDS, "header", "scheme"), "auth", "auth")
    kinds = [kind for kind in _KINDS if kind in fields]
    if node.kind == "mapping" and not kinds:
        found.add(node, "Name the secret: “auth: {header: X-Api-Key, secret: shop_api}”.", "auth.secret")
    if len(kinds) > 1:
        found.add(node, f"A call proves itself in one way. Keep “{kinds[0]}” or “{kinds[1]}”.", "auth")
    header = _header(fields.get("header"), found)
    usual = "Bearer" if header.lower() == "authorization" else ""
    scheme = found.text(fields.get("scheme"), "auth.scheme", empty=True)
    if scheme and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", scheme):
        found.add(fields["scheme"], f"“{short(scheme)}” is not a scheme such as Bearer.", "auth.scheme")
    scheme = usual if scheme is None else scheme
    match kinds[:1]:
        case ["client_credentials"]:
            return _client_credentials(fields["client_credentials"], header, scheme, found)
        case ["token_request"]:
            return _token_request(fields["token_request"], header, scheme, found)
        case ["contact_token"]:
            name = _name(fields["contact_token"], "auth.contact_token", "the token", found)
            return ContactToken(name, header, scheme)
        case _:
            return SecretAuth(_secret(fields.get("secret"), "auth.secret", found), header, scheme)


def _header(node: Node | None, found: Findings) -> str:
    header = found.text(node, "auth.header") or "Authorization"
    if node and (not HEADER.fullmatch(header) or header.lower() in OURS):
        found.add(node, f"“{short(header)}” cannot carry a secret.", "auth.header")
    return header


def _secret(node: Node | None, path: str, found: Findings) -> str:
    written = found.text(node, path)
    if written in RESERVED and node:
        found.add(node, f"“{written}” is taken. Give the secret another name.", path)
    elif written and node and not NAME.fullmatch(written):
        found.add(
            node, f"Write the secret's name here (shop_api); its value stays out of the file. {NAMES}", path
        )
    return written or ""


def _name(node: Node | None, path: str, what: str, found: Findings) -> str:
    written = found.text(node, path) or ""
    if written and node and not NAME.fullmatch(written):
        found.add(node, f"“{short(written)}” cannot be the name of {what}. {NAMES}", path)
    return written


def _client_credentials(node: Node, header: str, scheme: str, found: Findings) -> ClientCredentials:
    path = "auth.client_credentials"
    known = ("token_url", "client_id", "client_secret", "scope", "audience", "send")
    fields = found.fields(node, known, "client_credentials", path)
    _need(node, fields, ("token_url", "client_id", "client_secret"), path, found)
    send = found.text(fields.get("send"), f"{path}.send") or "basic"
    if send not in ("basic", "body"):
        found.add(fields["send"], "The client's secret is sent as “basic” or in the “body”.", f"{path}.send")
    return ClientCredentials(
        token_url=_address(fields.get("token_url"), f"{path}.token_url", found),
        client_id=found.text(fields.get("client_id"), f"{path}.client_id") or "",
        client_secret=_secret(fields.get("client_secret"), f"{path}.client_secret", found),
        scope=found.text(fields.get("scope"), f"{path}.scope") or "",
        audience=found.text(fields.get("audience"), f"{path}.audience") or "",
        send="body" if send == "body" else "basic",
        header=header,
        scheme=scheme,
    )


def _token_request(node: Node, header: str, scheme: str, found: Findings) -> TokenRequest:
    path = "auth.token_request"
    known = ("method", "url", "headers", "body", "form", "token", "expires_in", "lifetime")
    fields = found.fields(node, known, "token_request", path)
    _need(node, fields, ("url", "token"), path, found)
    method = (found.text(fields.get("method"), f"{path}.method") or "POST").upper()
    if method not in _METHODS:
        found.add(fields["method"], "A token is fetched with GET, POST or PUT.", f"{path}.method")
    headers = headers_of(fields.get("headers"), f"{path}.headers", None, found)
    body: Any = fields["body"].plain() if "body" in fields else None
    form = form_of(fields["form"], f"{path}.form", found) if "form" in fields else None
    if method == "GET" and (body is not None or form is not None):
        found.add(node, "A GET call has no body and no form.", path)
    if body is not None and form is not None:
        found.add(node, "A call sends a body or a form. Keep one of the two.", path)
    for part in ("headers", "body", "form"):
        if part in fields:
            _only_secrets(fields[part], f"{path}.{part}", found)
    return TokenRequest(
        url=_address(fields.get("url"), f"{path}.url", found),
        token=dotted(fields.get("token"), f"{path}.token", found),
        method="GET" if method == "GET" else "PUT" if method == "PUT" else "POST",
        headers=headers,
        body=body,
        form=form,
        expires_in=dotted(fields["expires_in"], f"{path}.expires_in", found)
        if "expires_in" in fields
        else None,
        lifetime=duration(fields["lifetime"], f"{path}.lifetime", 3600.0, LONGEST_LIFE, found)
        if "lifetime" in fields
        else None,
        header=header,
        scheme=scheme,
    )


def _need(node: Node, fields: Mapping[str, Node], names: tuple[str, ...], path: str, found: Findings) -> None:
    if node.kind == "mapping":
        for name in names:
            if name not in fields:
                found.add(node, f"“{name}” is missing here.", f"{path}.{name}")


def _address(node: Node | None, path: str, found: Findings) -> str:
    written = (found.text(node, path) or "").strip()
    if node and written:
        if "{{" in written:
            found.add(node, "The address of a token is written out, without placeholders.", path)
        elif not re.match(r"https?://", written):
            found.add(node, "The address begins with http:// or https://.", path)
        else:
            check_address(written, node, found, path)
    return written


def _only_secrets(node: Node, path: str, found: Findings) -> None:
    for entry in (*node.items, *node.entries.values()):
        _only_secrets(entry, path, found)
    if node.kind != "text":
        return
    for placeholder in PLACEHOLDER.finditer(str(node.value)):
        name = secret_named(placeholder.group(1))
        if name is None:
            found.add(
                node,
                f"“{short(placeholder.group(0))}” is not known here. A token request knows secrets: "
                "{{ secrets.shop_password }}.",
                path,
            )
        elif name in RESERVED:
            found.add(node, f"“{name}” is taken. Give the secret another name.", path)
