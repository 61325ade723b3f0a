"""The browser part of `overture selectors check`: opens pages and asks the locator. Playwright is an optional extra."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from overture.base.environment import environment, value
from overture.base.errors import Error

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

# Finds, counts what can be seen, and describes the first anew.
_ASK = """
(elements) => elements.map((json) => {
  const found = window.OvertureLocator.resolve(json, document);
  const seen = found.filter((one) => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length);
  const one = seen[0] || found[0];
  return {
    matches: found.length,
    visible: seen.length,
    described: one ? window.OvertureLocator.describe(one, document) : null,
  };
})
"""


class BrowserMissing(Error):
    """Checking a site needs a browser."""

    code = "browser_missing"


class PageUnreachable(Error):
    """A page could not be opened."""

    code = "page_unreachable"


@dataclass(frozen=True)
class Seen:
    """What the locator found on one page."""

    matches: int
    visible: int
    described: Mapping[str, Any] | None = None


def key_of(element: Mapping[str, Any]) -> str:
    """An element's description as something to look up by."""
    return json.dumps(element, sort_keys=True, ensure_ascii=False)


def look(pages: Mapping[str, Sequence[Mapping[str, Any]]], *, wait_ms: int) -> dict[tuple[str, str], Seen]:
    """Open each page once and try its elements. Raises `BrowserMissing` and `PageUnreachable`."""
    script = locator()
    try:
        from playwright.sync_api import Error as BrowserError
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BrowserMissing(
            "Checking a site needs a browser. Install what drives it: pip install 'overture[selectors]'; "
            "and Chromium: apt install chromium, or playwright install chromium."
        ) from None
    found: dict[tuple[str, str], Seen] = {}
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        except BrowserError as error:
            raise BrowserMissing(
                "Chromium did not start. Install it (apt install chromium, or playwright install chromium), "
                f"or name it in OVERTURE_CHROMIUM. It said: {error.message.splitlines()[0]}"
            ) from None
        try:
            for address, elements in pages.items():
                page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
                try:
                    answer = page.goto(address, wait_until="load")
                    if answer is not None and not answer.ok and not address.startswith("file:"):
                        raise PageUnreachable(f"{address} answered {answer.status}.", field=address)
                    page.wait_for_timeout(wait_ms)
                    page.evaluate(script)
                    for element, one in zip(elements, page.evaluate(_ASK, list(elements)), strict=True):
                        found[address, key_of(element)] = Seen(**one)
                except BrowserError as error:
                    raise PageUnreachable(
                        f"{address} could not be opened: {error.message.splitlines()[0]}", field=address
                    ) from None
                finally:
                    page.close()
        finally:
            browser.close()
    return found


def chromium() -> str | None:
    """The system's Chromium; None leaves it to Playwright's own."""
    named = value(environment(), "OVERTURE_CHROMIUM")
    return named or next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def locator() -> str:
    """The locator as pages get it."""
    script = files("overture").joinpath("static/messenger/locator.js")
    if not script.is_file():
        raise BrowserMissing("The locator is not built. Run `npm ci && npm run build` in frontend/messenger.")
    return script.read_text(encoding="utf-8")
