"""How long from a click on a website to the first message on the screen, in a real Chromium."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from overture.base.errors import Error
from overture.cli.bench_place import Place, furnish, progress, serving

WARM_UP = 3
MESSAGE = "Would you rather wait, or have your money back?"
PROCEDURE = f"""
procedure: track-order
name: Track an order
when_to_use: The customer wants to know where an order is.
triggers:
  - kind: element_click
    key: track-button
    page: {{match: exact, url: "/"}}
    element: {{css: "#track"}}
    first_message: {MESSAGE}
steps:
  - say: Thank you.
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<main><h1>Shop</h1><button id="track" type="button">Track order</button> <button id="floor">Floor</button></main>
<script>window.overtureSettings = {};</script><script async src="BASE/messenger.js"></script></html>"""
# From the browser's own time of the click to the end of the frame that shows the words.
WATCH = """(words) => {
  window.shown = new Promise((done) => {
    addEventListener("click", (event) => {
      const look = () => {
        const root = document.querySelector("overture-messenger")?.shadowRoot;
        const found = [...(root?.querySelectorAll(".bubble") ?? [])].find((one) => one.textContent.includes(words));
        if (found?.getClientRects().length) {
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp)));
        } else requestAnimationFrame(look);
      };
      look();
    }, { capture: true, once: true });
  });
}"""
# What nobody can go below here: a bare page that tells its own server of a click, and then shows a word.
FLOOR = """() => {
  window.shown = new Promise((done) => {
    document.getElementById("floor").addEventListener("click", async (event) => {
      await (await fetch("/floor", { method: "POST", body: "{}" })).text();
      document.querySelector("h1").append(" there");
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp)));
    }, { once: true });
  });
}"""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


class NoBrowser(Error):
    """This benchmark needs Chromium and Playwright: pip install playwright, and Chromium on the PATH."""


def run(here: Place, n: int) -> dict[str, Any]:
    """Click n times, each time as a visitor who was never there, with nothing of ours in the browser's cache; and beside it
    the floor, a bare page's own word after one POST, on the same machine at the same time."""
    asyncio.run(furnish(here, [PROCEDURE]))
    times: list[float] = []
    floor: list[float] = []
    with (
        serving(here) as serve,
        _website(f"http://127.0.0.1:{serve.port}") as url,
        browser_here() as (playwright, executable),
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        for number in range(n + WARM_UP):
            context = browser.new_context()
            page = context.new_page()
            page.goto(url)
            page.wait_for_function("window.Overture?.booted")
            page.wait_for_load_state("networkidle")
            page.evaluate(WATCH, MESSAGE)
            page.click("#track")
            milliseconds = page.evaluate("shown")
            page.evaluate(FLOOR)
            page.click("#floor")
            least = page.evaluate("shown")
            context.close()
            if number >= WARM_UP:
                times.append(milliseconds)
                floor.append(least)
            if number and number % 20 == 0:
                progress(f"{number} clicks")
        browser.close()
    times.sort()
    floor.sort()
    return {
        "p50_ms": round(_at(times, 0.5), 1),
        "p95_ms": round(_at(times, 0.95), 1),
        "max_ms": round(times[-1], 1),
        "floor_p50_ms": round(_at(floor, 0.5), 1),
        "floor_p95_ms": round(_at(floor, 0.95), 1),
        "n": n,
        "database": here.name,
    }


@contextmanager
def browser_here() -> Iterator[tuple[Any, str]]:
    """Playwright, and where Chromium is. Raises `NoBrowser`."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next((found for name in names if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser from None
    if executable is None:
        raise NoBrowser
    with sync_playwright() as playwright:
        yield playwright, executable


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def _website(base: str) -> Iterator[str]:
    """A site of its own, on another origin than ours."""
    content = PAGE.replace("BASE", base).encode()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content) if self.path == "/" else 0))
            self.end_headers()
            if self.path == "/":
                self.wfile.write(content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
