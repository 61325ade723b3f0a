"""What stories share: Acme's order system; in a browser one Chromium for a file, a workspace at its console, a website
with the messenger.

The Chromium is a file's and not the session's: as long as Playwright is open its event loop counts as running,
and no other test of the process could run one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from browser import Site, Tab, a_browser, a_site, a_tab
from console_browser import Served, a_workspace
from orders import OrderSystem, serving


@pytest.fixture
def orders() -> Iterator[OrderSystem]:
    with serving() as system:
        yield system


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An empty workspace, for its console."""
    with a_workspace(tmp_path_factory.mktemp("console")) as one:
        yield one


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A shop's website with the messenger on it."""
    with a_site(tmp_path_factory.mktemp("website")) as site:
        yield site


@pytest.fixture
def site(website: Site) -> Site:
    return website.fresh()


@pytest.fixture
def tab(browser: Any, site: Site) -> Iterator[Tab]:
    """The website in a browser that complains about nothing."""
    with a_tab(browser, site) as opened:
        yield opened
        assert [] == opened.violations
        assert [] == opened.complaints


@pytest.fixture(scope="module")
def tess(website: Site) -> str:
    """A teammate's id."""
    words = ("teammate", "create", "--name", "Tess", "--email", "tess@fern.example", "--json")
    return str(json.loads(website.overture(*words))["id"])
