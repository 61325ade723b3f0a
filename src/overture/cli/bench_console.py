"""The console in a real Chromium over very many conversations: how soon it can be used, and whether it ever stalls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from overture.cli import bench_history
from overture.cli.bench_click import QUIET, browser_here
from overture.cli.bench_history import EMAIL, PASSWORD
from overture.cli.bench_place import Place, progress, serving
from overture.cli.bench_replies import percentile
from overture.db.database import open_database
from overture.inbox import search

WARM_UP = 1
KEYS = 200
ROWS = 1000
SEARCHES = 10
STALL_MS = 200  # a task of the page that is longer than this is felt as a stall
# When the first conversation of the list has been painted, by the browser's own clock since the navigation began.
WATCH = """
window.tasks = [];
const note = (seen) => seen.getEntries().forEach((one) => tasks.push(one.duration));
new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
const look = () => {
  const row = document.querySelector(".row-link");
  if (row?.getClientRects().length) requestAnimationFrame(() => setTimeout(() => (window.usable = performance.now())));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def run(here: Place, n: int, rounds: int) -> dict[str, Any]:
    """Open the inbox with nothing of ours in the browser's cache, so many times; then scroll, press `j`, and search."""
    asyncio.run(_fill(here, n))
    with serving(here) as serve:
        bench_history.until_counted(here)
        return {"n": n, **_in_chromium(f"http://127.0.0.1:{serve.port}", n, rounds), "database": here.name}


def _in_chromium(base: str, n: int, rounds: int) -> dict[str, Any]:
    with _chromium() as chromium:
        signed_in = _sign_in(chromium, base)
        usable = []
        for number in range(rounds + WARM_UP):
            with _page(chromium, signed_in) as page:
                _open(page, base)
                if number >= WARM_UP:
                    usable.append(float(page.evaluate("() => usable")))
        progress(f"opened {rounds} times")
        with _page(chromium, signed_in) as page:
            _open(page, base)
            return {
                "usable": {"p50_ms": percentile(usable, 50), "p95_ms": percentile(usable, 95)},
                f"scroll through {ROWS} rows": _without_stall(page, _scroll),
                f"press j {KEYS} times": _without_stall(page, _press),
                "search": _search(page, n),
            }


async def _fill(here: Place, n: int) -> None:
    database = open_database(here.url)
    await database.start()
    try:
        living, _ = await bench_history.fill(here, database, n)
        while await database.write(search.catch_up, now=living.now + timedelta(minutes=1)):
            pass
        progress("found by their words")
    finally:
        await database.close()


@contextmanager
def _chromium() -> Iterator[Any]:
    with browser_here() as (playwright, executable):
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


def _sign_in(chromium: Any, base: str) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{base}/console/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Rooms").wait_for()
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def _page(chromium: Any, signed_in: Any) -> Iterator[Any]:
    context = chromium.new_context(storage_state=signed_in, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.add_init_script(WATCH)
    try:
        yield page
    finally:
        context.close()


def _open(page: Any, base: str) -> None:
    page.goto(f"{base}/console/inbox?view=all")
    _until(page, "window.usable > 0")


def _until(page: Any, holds: str) -> None:
    """Playwright's own waiting would need `unsafe-eval` in the page's policy."""
    while not page.evaluate(f"() => Boolean({holds})"):
        page.wait_for_timeout(20)


def _without_stall(page: Any, act: Any) -> dict[str, Any]:
    page.evaluate("() => { tasks.length = 0 }")
    begun = time.perf_counter()
    act(page)
    took = time.perf_counter() - begun
    tasks = [float(one) for one in page.evaluate("() => tasks")]
    return {
        "took_s": round(took, 1),
        "tasks_over_50_ms": len(tasks),
        "longest_ms": round(max(tasks, default=0.0)),
        f"stalls_over_{STALL_MS}_ms": sum(1 for one in tasks if one > STALL_MS),
    }


def _scroll(page: Any) -> None:
    page.locator(".row-link").first.hover()
    while page.evaluate("() => document.querySelectorAll('.row-link').length") < ROWS:
        page.mouse.wheel(0, 1200)
        page.wait_for_timeout(50)


def _press(page: Any) -> None:
    page.evaluate("() => document.activeElement?.blur()")
    for _ in range(KEYS):
        before = page.evaluate("() => location.pathname")
        page.keyboard.press("j")
        _until(page, f"location.pathname !== '{before}'")


def _search(page: Any, n: int) -> dict[str, Any]:
    """From the last letter to the one that was meant, with the quarter of a second that is waited for more letters."""
    field, took = page.get_by_label("Search conversations"), []
    for number in range(SEARCHES):
        name = f"contact{(number + 1) * (n // (SEARCHES + 1))}"
        begun = time.perf_counter()
        field.fill(name)
        page.locator(".row-name").get_by_text(name.replace("contact", "Contact "), exact=True).wait_for()
        took.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": percentile(took, 50), "p95_ms": percentile(took, 95)}
