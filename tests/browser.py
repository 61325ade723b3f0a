"""Somebody's website with the messenger on it, in a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from http_server import Answers, listening
from overture.endpoints.messenger.script import FOLDER as BUILT

OVERTURE = Path(sys.executable).with_name("overture")
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

PROCEDURE = """
procedure: track-order
name: Track an order
when_to_use: The customer wants to know where an order is.
triggers:
  - kind: element_click
    key: track-button
    name: Track order button
    page: {match: starts_with, url: "SITE/orders"}
    element: {css: "#track"}
    first_message: "Hi there. Would you rather **wait**, or have your money back?"
    deployment: {csat: true}
  - kind: element_click
    key: leave
    name: Link to the orders
    page: {match: exact, url: "SITE/"}
    element: {overture: "orders-link"}
    first_message: "Here are your orders. Shall I look for one?"
  - kind: element_click
    key: returns
    name: Link to returns
    page: {match: exact, url: "SITE/help"}
    element: {v: 1, tag: a, role: link, name: how returns work, href: "/orders?from=help", up: [p, main], only: [name, href]}
    first_message: "Is there something to send back?"
  - kind: api_call
    key: carrier
    name: Carrier reports a delay
    first_message: "Your order is late."
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - say: "Noted: {{ wish }}."
"""

ARTICLE = "# Returns policy\n\n## How long\n\nYou may return anything within 30 days.\n"

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Fern &amp; Fold</title>
<main><h1>Fern &amp; Fold</h1><p>Paper for letters worth keeping.</p>
<p><button id="track" type="button">Track my order</button>
<a data-overture="orders-link" href="/orders">Your orders</a>
<a href="/orders?from=help"><b>How</b> returns work</a></p></main>
<script nonce="n">BEFORE; window.overtureSettings = SETTINGS;</script>
<script nonce="n" async src="BASESCRIPT"></script></html>"""
# What a careful site sends; the messenger's origin stands in script-src and connect-src and nowhere else.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-n' BASE; style-src 'self'; connect-src 'self' CONNECT; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass
class Site:
    """The website, and the Overture that it uses. Neither knows the other's origin but by the snippet."""

    url: str
    base: str
    token: str
    app_id: str
    procedure_id: str
    settings: dict[str, Any] = field(default_factory=dict)
    before: str = ""
    script: str = "/messenger.js"
    template: str = PAGE
    sockets: bool = False  # whether the site's policy lets them through
    login: str = ""  # what stands before the orders for those who are not signed in
    overture: Callable[..., str] = field(
        default=lambda *_: "", repr=False
    )  # the command line, on its database
    database: str = ""

    def fresh(self) -> Site:
        """The website as it was at first."""
        self.settings, self.before, self.script = {}, "", "/messenger.js"
        self.template, self.sockets, self.login = PAGE, False, ""
        return self

    def page(self, template: str | None = None) -> bytes:
        text = (template or self.template).replace(
            "SETTINGS", json.dumps({"api_base": self.base, **self.settings})
        )
        return text.replace("BEFORE", self.before).replace("BASESCRIPT", self.base + self.script).encode()

    @property
    def policy(self) -> str:
        sockets = " " + self.base.replace("http", "ws", 1) if self.sockets else ""
        return POLICY.replace("CONNECT", f"BASE{sockets}").replace("BASE", self.base)

    def call(self, path: str, body: Any) -> Any:
        """Another system calls the API."""
        answer = httpx.post(
            f"{self.base}/api/{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            json=body,
            timeout=30,
        )
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Another system asks the API."""
        answer = httpx.get(
            f"{self.base}/api/{path}", headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def tells(self, user: str) -> str:
        """Another system reports a delay."""
        answer = httpx.post(
            f"{self.base}/api/procedures/track-order/trigger",
            headers={"Authorization": f"Bearer {self.token}", "Intercom-Version": "Unstable"},
            json={"user": {"id": user}},
        )
        assert 200 == answer.status_code, answer.text
        return str(answer.json()["conversation_id"])


@contextmanager
def a_site(folder: Path) -> Iterator[Site]:
    """A workspace in a database of its own, served, and a website on another port."""
    if not (BUILT / "loader.js").is_file():
        pytest.skip("Messenger: it is not built (npm ci && npm run build in frontend/messenger)")
    database = f"sqlite:///{folder}/overture.db"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}

    def overture(*words: str) -> str:
        done = subprocess.run(
            [OVERTURE, *words, "--database", database],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    made = json.loads(overture("init", "--name", "Fern & Fold", "--json"))
    with a_website() as (url, serving):
        (folder / "procedures").mkdir()
        (folder / "procedures" / "track-order.yaml").write_text(PROCEDURE.replace("SITE", url))
        (folder / "articles").mkdir()
        (folder / "articles" / "returns.md").write_text(ARTICLE)
        overture("procedure", "push", str(folder / "procedures"), "--publish")
        overture("article", "import", str(folder / "articles"))
        port = _free_port()
        command = [OVERTURE, "serve", "--port", str(port), "--database", database]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        ) as process:
            try:
                site = Site(
                    url,
                    f"http://127.0.0.1:{port}",
                    made["token"],
                    made["app_id"],
                    "",
                    overture=overture,
                    database=database,
                )
                _until_ready(site.base, process)
                serving.append(site)
                yield site
            finally:
                process.terminate()
                process.wait(30)


@contextmanager
def a_website() -> Iterator[tuple[str, list[Site]]]:
    serving: list[Site] = []

    class Pages(Answers):
        def do_GET(self) -> None:
            site, path = serving[0], urlsplit(self.path).path
            if path == "/orders" and site.login and "signed-in" not in self.headers.get("Cookie", ""):
                self._leads_to("/login")
                return
            content = site.page() if path in ("/", "/orders", "/help") else b""
            if path == "/login":
                content = site.page(site.login)
            self.sends(
                content,
                status=200 if content else 204,
                kind="text/html; charset=utf-8",
                **{"Content-Security-Policy": site.policy},
            )

        def do_POST(self) -> None:
            self.read()
            self._leads_to("/orders", "signed-in=1; Path=/")

        def _leads_to(self, path: str, cookie: str = "") -> None:
            self.sends(status=303, Location=path, **({"Set-Cookie": cookie} if cookie else {}))

    with listening(Pages) as port:
        yield f"http://127.0.0.1:{port}", serving


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    """It answers, and its models are loaded, which takes a busy machine minutes."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            if httpx.get(f"{base}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not start")


@contextmanager
def a_browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium: it is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Chromium: Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


class Watched:
    """A page, and everything that the browser complained about on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.add_init_script(
            "window.violations = []; document.addEventListener('securitypolicyviolation', "
            "(event) => violations.push(event.violatedDirective + ' ' + event.blockedURI))"
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)

    def _console(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def until(self, holds: str) -> None:
        """Playwright's own waiting would need `unsafe-eval` in the page's policy."""
        self.waits(lambda: self.page.evaluate(f"() => Boolean({holds})"), holds)

    def waits(self, holds: Callable[[], object], what: str) -> None:
        """For what happens outside the page, or in what the browser said of it."""
        ends = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < ends, f"{what} did not come true"
            self.page.wait_for_timeout(20)

    @property
    def violations(self) -> list[str]:
        return list(self.page.evaluate("violations"))

    @contextmanager
    def beside(self, given: str = "") -> Iterator[Callable[[str], Any]]:
        """Evaluates with axe-core beside the page's own scripts, so that its policy does not concern it."""
        axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
        devtools = self.page.context.new_cdp_session(self.page)
        frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = devtools.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
        ask = {"contextId": world, "awaitPromise": True, "returnByValue": True}

        def evaluate(expression: str) -> Any:
            return devtools.send("Runtime.evaluate", {**ask, "expression": expression})["result"].get("value")

        evaluate(f"{axe};{given};0")
        try:
            yield evaluate
        finally:
            devtools.detach()

    def faults(self) -> list[str]:
        """What axe-core finds."""
        run = "axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html)))"
        with self.beside() as evaluate:
            return list(evaluate(run))


class Tab(Watched):
    """The website in somebody's browser, and what it asked our server."""

    def __init__(self, page: Any, site: Site) -> None:
        super().__init__(page)
        self.site = site
        self.asked: list[str] = []
        page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if request.url.startswith(self.site.base):
            self.asked.append(f"{request.method} {urlsplit(request.url).path}")

    @property
    def calls(self) -> list[str]:
        """The calls, without the files."""
        return [one.replace("/messenger/api/", "") for one in self.asked if "/messenger/api/" in one]

    def goes(self, path: str = "/") -> Tab:
        self.page.goto(self.site.url + path)
        self.until("window.Overture?.booted")
        return self

    def call(self, *words: Any) -> Any:
        return self.page.evaluate("(words) => Overture(...words)", list(words))

    @property
    def panel(self) -> Any:
        return self.page.get_by_role("dialog")

    @property
    def launcher(self) -> Any:
        return self.page.locator("overture-messenger button.l")

    def bubble(self, words: str) -> Any:
        return self.page.locator(".log .bubble", has_text=words)


@contextmanager
def a_tab(browser: Any, site: Site, **context: Any) -> Iterator[Tab]:
    opened = browser.new_context(**context)
    opened.set_default_timeout(30_000)
    try:
        yield Tab(opened.new_page(), site)
    finally:
        opened.close()
