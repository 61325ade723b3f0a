"""Which pages a click trigger watches: one regular expression for a rule, the same in Python and in the browser.

It is searched for in a page's *place*: host, path, query and fragment as `location` has them, without the scheme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

MAX_PLACE = 4096
DEFAULT_PORTS = {"http": "80", "https": "443"}
_REST = r"(?:\?[^#]*)?(?:#.*)?$"
_ANY_HOST = r"^[^/?#]+"
_SPECIAL = re.compile(r"[\\^$.*+?()\[\]{}|/]")
# What browsers leave as it is in a path and in a query; everything else they write as %XX.
_PATH = "!$%&'()*+,-./:;=@[]^_|~\\"
_QUERY = "!$%&()*+,-./:;=?@[]^_`{|}~\\"
_FRAGMENT = "!#$%&'()*+,-./:;=?@[]^_{|}~\\"


def place_of(url: str) -> str | None:
    """What `location.host + pathname + search + hash` is for this address; None where it is no page's address."""
    try:
        parts = urlsplit(url)
        host = _host(parts.scheme.lower(), parts.netloc)
    except ValueError:
        return None
    if parts.scheme.lower() not in DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    place = f"{host}{quote(parts.path or '/', safe=_PATH)}"
    place += f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
    place += f"#{quote(parts.fragment, safe=_FRAGMENT)}" if parts.fragment else ""
    return place if len(place) <= MAX_PLACE else None


def watches(rule: Mapping[str, Any], url: str) -> bool:
    """Whether a page with this address is one that the rule means."""
    place = place_of(url)
    return place is not None and re.search(expression(rule["match"], rule["url"]), place) is not None


@lru_cache(maxsize=1000)
def expression(match: str, url: str) -> str:
    """The rule as a regular expression.

    The query and the fragment of a page count only where the rule has one (`contains` looks at everything). A rule
    without a host, such as `/orders`, means that path on every site; one with a host means that host alone.
    """
    if match == "contains":
        bare = re.sub(r"^https?://", "", url.strip(), flags=re.IGNORECASE)
        if bare == url.strip():
            return _literal(quote(bare, safe=_FRAGMENT))
        # With a scheme it names a host, which is that host and no longer one that begins like it.
        return "^" + _literal(quote(bare if "/" in bare else bare + "/", safe=_FRAGMENT))
    host, path, query, fragment = _split(url.strip())
    start = _ANY_HOST if host is None else f"^{_hosts(host, glob=match == 'glob')}"
    if match == "starts_with":
        return start + _literal(path + query + fragment)
    text = _globbed(path) if match == "glob" else _literal(path.rstrip("/"))
    text += "" if path.endswith("*") and match == "glob" else r"\/?"
    if query:
        text += _globbed(query) if match == "glob" else _literal(query)
    elif fragment:
        text += r"(?:\?[^#]*)?"
    if fragment:
        return start + text + (_globbed(fragment) if match == "glob" else _literal(fragment)) + "$"
    return start + text + (r"(?:#.*)?$" if query else _REST)


def _split(url: str) -> tuple[str | None, str, str, str]:
    """Host (None: any), path, and query and fragment with their signs."""
    found = re.fullmatch(
        r"(?:(https?):)?(?://)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", url, re.IGNORECASE | re.DOTALL
    )
    if found is None:
        return None, url, "", ""
    scheme, host, path, query, fragment = found.groups()
    return (
        _host((scheme or "").lower(), host) if host and host != "*" else None,
        quote(path or "/", safe=_PATH),
        quote(query or "", safe=_QUERY),
        quote(fragment or "", safe=_FRAGMENT),
    )


def _host(scheme: str, host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    if not colon or not port.isdigit():
        name, port = host.lower(), ""
    if not name.isascii():
        with suppress(UnicodeError):  # no browser has such a host, so nothing matches
            name = name.encode("idna").decode()
    return name if not port or DEFAULT_PORTS.get(scheme) == port else f"{name}:{port}"


def _hosts(host: str, *, glob: bool) -> str:
    return "[^/?#]*".join(_literal(one) for one in host.split("*")) if glob else _literal(host)


def _globbed(pattern: str) -> str:
    """`*` is any text up to the query or the fragment, or within it."""
    return "[^?#]*".join(_literal(one) for one in pattern.split("*"))


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
