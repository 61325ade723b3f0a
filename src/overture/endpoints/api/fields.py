"""Reading the fields of a body, one clear sentence for each thing that can be wrong with one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email

from overture.base.errors import Error
from overture.contacts.model import MAX_ATTRIBUTES, MAX_EXTERNAL_ID, Identity, TooManyAttributes
from overture.endpoints.errors import Missing

MAX_NAME = 255


def only(body: Mapping[str, Any], known: Collection[str], *, inside: str = "") -> None:
    """Raises `Error` naming a field that nobody would read."""
    for name in body:
        if name not in known:
            raise Error(f"Unknown field “{name[:100]}”.", field=f"{inside}{name[:100]}")


def text(body: Mapping[str, Any], name: str, *, inside: str = "", longest: int | None = None) -> str | None:
    """An optional text; null is the same as absent. Raises `Error` naming the field."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Error(f"{inside}{name} must be a text.", field=f"{inside}{name}")
    if longest is not None and len(value) > longest:
        raise Error(f"{inside}{name} may have at most {longest} characters.", field=f"{inside}{name}")
    return value


def required_text(body: Mapping[str, Any], name: str, *, inside: str = "", longest: int | None = None) -> str:
    """Raises `Missing` or `Error` naming the field."""
    value = text(body, name, inside=inside, longest=longest)
    if value is None:
        raise Missing(f"{inside}{name} is required.", field=f"{inside}{name}")
    return value


def an_object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An optional object; empty where it is absent or null. Raises `Error` naming the field."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Error(f"{name} must be an object.", field=name)
    return value


def one_of(value: str, allowed: Collection[str], name: str) -> str:
    """Raises `Error` naming the field."""
    if value not in allowed:
        raise Error(f"{name} must be {_listed(allowed)}, not “{value[:100]}”.", field=name)
    return value


def an_id(body: Mapping[str, Any], name: str) -> int:
    """A required id, as a decimal string or a number. Raises `Missing` or `Error` naming the field."""
    value = body.get(name)
    if value is None:
        raise Missing(f"{name} is required.", field=name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise Error(f"{name} must be an id, a decimal number as text.", field=name)


def external_id(value: Any, name: str) -> str:
    """The company's own id of a contact. Raises `Missing` or `Error` naming the field."""
    if value is None:
        raise Missing("User ID is required", field=name)
    if not isinstance(value, str):
        raise Error(f"{name} must be a text.", field=name)
    if not 1 <= len(value) <= MAX_EXTERNAL_ID:
        raise Error(f"{name} must have 1 to {MAX_EXTERNAL_ID} characters.", field=name)
    return value


def identity(body: Mapping[str, Any]) -> Identity:
    """The contact that `user` names, with what is told of them.

    Raises `Missing`, `TooManyAttributes` or `Error`, each naming its field.
    """
    user = body.get("user")
    if user is None:
        raise Missing("User ID is required", field="user.id")
    if not isinstance(user, dict):
        raise Error("user must be an object.", field="user")
    only(user, ("id", "email", "name", "attributes"), inside="user.")
    return Identity(
        external_id=external_id(user.get("id"), "user.id"),
        email=_email(text(user, "email", inside="user.")),
        name=text(user, "name", inside="user.", longest=MAX_NAME),
        attributes=_attributes(user.get("attributes")),
    )


def _email(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Error(f"user.email is not an email address: {error}", field="user.email") from None


def _attributes(value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Error("user.attributes must be an object.", field="user.attributes")
    if len(value) > MAX_ATTRIBUTES:
        raise TooManyAttributes(field="user.attributes")
    for name, inner in value.items():
        if not 1 <= len(name) <= 190:
            raise Error("An attribute's name has 1 to 190 characters.", field="user.attributes")
        if inner is not None and not isinstance(inner, str | int | float | bool):
            raise Error(
                f"user.attributes.{name} must be a text, a number, true or false.",
                field=f"user.attributes.{name}",
            )
    return value


def _listed(allowed: Collection[str]) -> str:
    *others, last = [f"“{one}”" for one in allowed]
    return f"{', '.join(others)} or {last}" if others else last
