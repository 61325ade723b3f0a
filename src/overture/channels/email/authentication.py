"""What the mail server in front of us found out about a sender: only its own word is believed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from overture.channels.email.inbound import Verdict

_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_VERDICTS: dict[str, Verdict] = {
    "pass": "pass",
    "fail": "fail",
    "hardfail": "fail",
    "softfail": "fail",
    "permerror": "fail",
}
_MOST = 20  # headers; a server writes a few


@dataclass(frozen=True)
class Authentication:
    """SPF, DKIM and DMARC as our own server saw them."""

    spf: Verdict = "none"
    dkim: Verdict = "none"
    dmarc: Verdict = "none"


def believed(results: Sequence[str], authserv_id: str | None) -> Authentication:
    """From the `Authentication-Results` headers, topmost first, that this server wrote; without one nothing is believed.

    Anybody can write such a header into a mail under our server's name, below what the server adds at the top. So the
    topmost word counts, and a fail counts wherever it stands: forging one harms nobody but the forger.
    """
    if not authserv_id:
        return Authentication()
    found: dict[str, Verdict] = {}
    failed: set[str] = set()
    for value in results[:_MOST]:
        server, _, rest = _without_comments(value).partition(";")
        names = server.split()
        if not names or names[0].strip('"').lower() != authserv_id.strip().lower():
            continue
        for method, verdict in _in_one(rest).items():
            found.setdefault(method, verdict)
            if verdict == "fail" and method != "dkim":
                failed.add(method)
    return Authentication(**{method: "fail" if method in failed else one for method, one in found.items()})


def _in_one(rest: str) -> dict[str, Verdict]:
    """A mail may carry several DKIM signatures, of which one that holds is enough."""
    found: dict[str, Verdict] = {}
    for piece in rest.split(";"):
        match = _RESULT.match(piece.strip())
        if match is None:
            continue
        method = match[1].lower()
        verdict = _VERDICTS.get(match[2].lower(), "none")
        before = found.get(method)
        if (
            before is None
            or (method == "dkim" and verdict == "pass")
            or verdict == "fail" != before != "pass"
        ):
            found[method] = verdict
    return found


def _without_comments(value: str) -> str:
    """Outside parentheses and quotes: a comment may hold anything, also `dmarc=pass`."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for one in value:
        if escaped:
            escaped = False
            continue
        if one == "\\":
            escaped = True
        elif one == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif one == "(":
            depth += 1
        elif one == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(one)
    return "".join(kept)
