"""What a process is told from outside: the environment, and under it one TOML file with the same names."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from overture.base.errors import Error

HERE = "overture.toml"
NAMES = frozenset(
    {
        "OVERTURE_DATABASE_URL",
        "OVERTURE_BASE_URL",
        "OVERTURE_RATE_LIMIT",
        "OVERTURE_VISITOR_RATE_LIMIT",
        "OVERTURE_ALLOW_HOSTS",
        "OVERTURE_CHROMIUM",
        "OVERTURE_SECRET_KEY",
        "OVERTURE_SMTP_URL",
        "OVERTURE_EMAIL_FROM",
        "OVERTURE_REPLY_DOMAIN",
        "OVERTURE_DKIM_KEY",
        "OVERTURE_DKIM_SELECTOR",
        "OVERTURE_INBOUND_SECRET",
        "OVERTURE_INBOUND_SMTP",
        "OVERTURE_IMAP_URL",
        "OVERTURE_AUTHSERV_ID",
        "OVERTURE_MODEL",
        "OVERTURE_MODEL_KEY",
        "OVERTURE_MODEL_URL",
        "OVERTURE_MODEL_TIMEOUT",
        "OVERTURE_MODEL_CALLS_PER_MINUTE",
        "OVERTURE_MODEL_CALLS_PER_DAY",
        "OVERTURE_MODEL_TOKENS_PER_DAY",
        "OVERTURE_MODEL_REDACT",
    }
)
_PREFIX = "OVERTURE_"
_SECRET = re.compile(r"OVERTURE_SECRET_[A-Z0-9_]+")


class BadSetting(Error):
    """A setting cannot be used."""


def environment(variables: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """All settings by the names of their variables; what `variables` (the process's own) says comes first.

    The file is the one that `OVERTURE_CONFIG` names, else `overture.toml` where the process was started. Its keys are
    the variables' names in lower case without `OVERTURE_`. Raises `BadSetting` naming the file and the key.
    """
    outside = os.environ if variables is None else variables
    named = outside.get("OVERTURE_CONFIG")
    if named is None and (variables is not None or not Path(HERE).is_file()):
        return outside
    path = Path(named or HERE)
    kept = {
        name: value for name, value in _read(path).items() if not _is_set(outside, name.removesuffix("_FILE"))
    }
    return {**kept, **outside}


def mistyped(variables: Mapping[str, str] | None = None) -> list[str]:
    """A sentence on each variable that is written like a setting and is none: what it says does not hold.

    Other programs may name variables so too, so it is for telling and not for refusing.
    """
    outside = os.environ if variables is None else variables
    known = {*NAMES, "OVERTURE_CONFIG"}
    strange = sorted(
        name
        for name in outside
        if name.startswith(_PREFIX)
        and (meant := name.removesuffix("_FILE")) not in known
        and not _SECRET.fullmatch(meant)
    )
    return [f"{name} is no setting, so it does nothing.{_near(name)}" for name in strange]


def _near(name: str) -> str:
    """The setting that was meant, if one is near. What all names begin with says nothing about that."""
    known = [one.removeprefix(_PREFIX) for one in sorted(NAMES)]
    meant = name.removeprefix(_PREFIX).removesuffix("_FILE")
    close = difflib.get_close_matches(meant, known, n=1, cutoff=0.7)
    return f" Did you mean {_PREFIX}{close[0]}?" if close else ""


def value(env: Mapping[str, str], name: str) -> str | None:
    """The variable, or the content of the file that `NAME_FILE` names. Raises `BadSetting` where that cannot be read."""
    if env.get(name):
        return env[name]
    path = env.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadSetting(f"{name}_FILE: {path} cannot be read ({why}).", field=f"{name}_FILE") from error


def _is_set(outside: Mapping[str, str], name: str) -> bool:
    return bool(outside.get(name) or outside.get(f"{name}_FILE"))


def _read(path: Path) -> dict[str, str]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(
            f"OVERTURE_CONFIG: {path} cannot be read ({error.strerror}).", field="OVERTURE_CONFIG"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} is no TOML: {error}.", field="OVERTURE_CONFIG") from error
    return dict(_setting(path, key, written) for key, written in read.items())


def _setting(path: Path, key: str, written: object) -> tuple[str, str]:
    name = f"{_PREFIX}{key.upper()}"
    meant = name.removesuffix("_FILE")
    if key != key.lower() or not (meant in NAMES or _SECRET.fullmatch(meant)):
        known = [one.removeprefix(_PREFIX).lower() for one in sorted(NAMES)]
        # Here alone: reading YAML takes long to load, and a command that is right needs none of it.
        from overture.base.yaml_lines import suggestion

        hint = suggestion(key.lower(), [*known, *(f"{one}_file" for one in known)])
        raise BadSetting(f"{path}: there is no setting “{key}”.{hint}", field=key)
    match written:
        case str() if name != meant:
            # A file's name counts from where the settings stand, not from where a process was started.
            return name, str(path.parent / written)
        case bool():
            pass
        case str() | int():
            return name, str(written)
        case list() if all(isinstance(one, str) for one in written):
            return name, " ".join(written)
    raise BadSetting(f"{path}: “{key}” is a text, a whole number or a list of texts.", field=key)
