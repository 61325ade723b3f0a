"""The table of errors in docs/reference/api.md and the errors that are raised."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import overture
from agreement.pages import page, rows, texts
from overture.base.errors import Error

# The rooms whose errors reach a program that calls the API. Others are shown in a terminal or in a receipt.
ROOMS = ("base", "db", "workspaces", "contacts", "conversations", "triggers", "endpoints", "app")
TABLE = list(rows(page("docs/reference/api.md"), "## Errors"))


def test_the_table_has_the_codes_that_are_raised_and_no_others() -> None:
    documented = {(int(status), code.strip("`")) for status, code, _ in TABLE}
    _import_everything()
    raised = {(error.status, error.code) for error in _errors() if error.__module__.split(".")[1] in ROOMS}

    elsewhere = "".join(page(f"docs/reference/{name}.md") for name in ("messenger-protocol", "console"))
    for_pages = re.findall(r"^\| (\d{3}) `(\w+)`", elsewhere, re.MULTILINE)

    assert sorted(documented | {(int(status), code) for status, code in for_pages}) == sorted(raised)


@pytest.mark.parametrize(
    "message", sorted({said for row in TABLE for said in re.findall(r'"([^"]+)"', row[2])})
)
def test_a_message_that_is_quoted_is_said_word_for_word(message: str) -> None:
    assert any(
        message in text for name, text in texts().items() if name.startswith("src/") and name.endswith(".py")
    )


def _errors(of: type[Error] = Error) -> Iterator[type[Error]]:
    yield of
    for kind in of.__subclasses__():
        yield from _errors(kind)


def _import_everything() -> None:
    for module in pkgutil.walk_packages(overture.__path__, "overture."):
        if not module.name.startswith(("overture.db.migrations", "overture.examples")):
            importlib.import_module(module.name)
