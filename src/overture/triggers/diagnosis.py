"""Why the messenger on a page may not have answered: what the page itself tells of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from overture.workspaces.origins import origin_of

MAX_PAGE = 2_000_000  # bytes of a page that are looked at
NO_ANSWER = "The messenger on the page did not answer yet."


def unreachable(url: str, reason: str) -> str:
    return f"The page does not answer: {reason}. Is {url} the right address?"


def explained(status: int, headers: Mapping[str, str], page: str, asked: str, got: str, served: str) -> str:
    """Does it load our script, and does its policy let it? A line for each thing found."""
    found = []
    if status >= 400:
        found.append(f"The page answers with {status}.")
    if got.split("#")[0].rstrip("/") != asked.split("#")[0].rstrip("/"):
        found.append(
            f"It leads on to {got}. Sign in there, then open the link again if the picker has not come: "
            "it is used up only where the messenger answers."
        )
    if not re.search(r"/messenger\.js|/widget/|overtureSettings", page):
        found.append(
            "The messenger's snippet is not in the page as it is served. If a script adds it later, that is fine; "
            f'otherwise add: <script async src="{served}/messenger.js"></script>'
        )
    refused = [name for name in ("script-src", "connect-src") if not _lets(headers, name, served, got)]
    if refused:
        found.append(
            f"Its Content-Security-Policy does not let the messenger in: add {served} to {' and '.join(refused)}."
        )
    if not found:
        found.append(
            "The page has the messenger, and its policy lets it in. Was the link opened in a browser? Look into the "
            "browser's console for lines that begin with “Overture”."
        )
    return "\n".join([NO_ANSWER, *found])


def _lets(headers: Mapping[str, str], name: str, served: str, page_url: str) -> bool:
    accepted = {"*", served, served.partition("//")[0]}
    if origin_of(page_url) == origin_of(served):
        accepted.add("'self'")
    policies = headers.get("content-security-policy", "")
    for policy in policies.split(","):
        rules = {words[0].lower(): words[1:] for part in policy.split(";") if (words := part.split())}
        sources = rules.get(name, rules.get("default-src"))
        if sources is not None and not accepted & {one.rstrip("/") for one in sources}:
            return False
    return True
