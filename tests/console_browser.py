"""The console in a real Chromium: a served workspace, and teammates at their browsers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import OVERTURE, Watched, _free_port, _until_ready
from overture.endpoints.console.page import FOLDER as BUILT

PASSWORD = "three plain words"
PICTURES = os.environ.get("OVERTURE_PICTURES")  # a folder to look at; nothing is drawn without it
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 800}


@dataclass
class Served:
    """A workspace in a database of its own, served."""

    base: str
    database: str
    token: str
    app_id: str
    environment: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)

    def overture(self, *words: str, given: str | None = None) -> str:
        done = subprocess.run(
            [OVERTURE, *words, "--database", self.database],
            input=given,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=120,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    def link_for(self, name: str, role: str) -> str:
        """The path of a new teammate's invitation."""
        made = self.overture(
            "teammate",
            "create",
            "--name",
            name,
            "--email",
            f"{name.lower()}@acme.example",
            "--role",
            role,
            "--json",
        )
        return "/console/" + str(json.loads(made)["invitation"]).split("/console/", 1)[1]


@contextmanager
def a_workspace(folder: Path, **settings: str) -> Iterator[Served]:
    """`overture serve` on an empty workspace."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("Console: it is not built (npm ci && npm run build in frontend/console)")
    database = f"sqlite:///{folder}/overture.db"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
    environment.update(settings)
    port = _free_port()
    served = Served(f"http://127.0.0.1:{port}", database, "", "", environment)
    made = json.loads(served.overture("init", "--name", "Acme", "--json"))
    served.token, served.app_id = made["token"], made["app_id"]
    command = [OVERTURE, "serve", "--port", str(port), "--database", database]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            _until_ready(served.base)
            yield served
        finally:
            process.terminate()
            process.wait(30)


class AtConsole(Watched):
    """Somebody at the console."""

    def __init__(self, page: Any, served: Served) -> None:
        super().__init__(page)
        self.served = served

    def _console(self, said: Any) -> None:
        if said.type == "error" and "Failed to load resource" not in said.text:  # what a refused call leaves
            self.complaints.append(said.text)

    def goes(self, path: str = "/console/") -> AtConsole:
        self.page.goto(self.served.base + path)
        return self

    def sees(self, words: str, **how: Any) -> Any:
        """An element with these words, once it is there."""
        found = self.page.get_by_text(words, **how).first
        found.wait_for()
        return found

    def heading(self, words: str) -> Any:
        found = self.page.get_by_role("heading", name=words).first
        found.wait_for()
        return found

    def button(self, name: str, **how: Any) -> Any:
        return self.page.get_by_role("button", name=name, **how)

    def field(self, label: str, **how: Any) -> Any:
        return self.page.get_by_label(label, **how)

    def sign_in(self, email: str = "olga@acme.example", password: str = PASSWORD) -> AtConsole:
        self.goes()
        self.field("Email").fill(email)
        self.field("Password", exact=True).fill(password)
        self.button("Sign in").click()
        self.page.get_by_role("navigation", name="Rooms").wait_for()
        return self

    def becomes_owner(self) -> AtConsole:
        self.goes()
        self.heading("Welcome. Who are you?")
        self.field("Your name").fill("Olga")
        self.field("Email").fill("olga@acme.example")
        self.field("Password", exact=True).fill(PASSWORD)
        self.button("Create the owner").click()
        self.page.get_by_role("navigation", name="Rooms").wait_for()
        return self

    def comes_in(self) -> AtConsole:
        """As Olga, the owner, whichever story of a file is played first."""
        first = httpx.get(f"{self.served.base}/console/api/session", timeout=30).json().get("first_owner")
        return self.becomes_owner() if first else self.sign_in()

    def has_the_sample(self) -> AtConsole:
        """With the sample procedure, whichever story of a file is played first."""
        self.goes("/console/procedures").page.get_by_role("main").get_by_role("heading").first.wait_for()
        if not self.page.get_by_role("link", name="Track an order").count():
            self.goes().button("Add the sample").click()
            self.sees("the agent speaks first", exact=False)
        return self

    def until(self, holds: str) -> None:
        """True, and drawn."""
        super().until(holds)
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def is_sound(self, name: str = "") -> None:
        """Nothing to complain about on this page: light and dark, wide and narrow. Draws it where asked to."""
        before = self.page.viewport_size
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.until(f"document.documentElement.dataset.mantineColorScheme === '{scheme}'")
            for size in (WIDE, NARROW):
                self.page.set_viewport_size(size)
                self.until(f"innerWidth === {size['width']}")
                if PICTURES and name:
                    picture = Path(PICTURES, f"{name}-{scheme}-{size['width']}.png")
                    self.page.screenshot(path=picture)
                faults = self.faults()
                assert [] == faults, (name, scheme, size, faults)
                too_wide = "document.documentElement.scrollWidth - innerWidth"
                assert 0 >= self.page.evaluate(too_wide), (name, scheme, size, "scrolls sideways")
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size(before)
        violations, complaints = self.violations, self.complaints
        assert [] == violations, (name, violations)
        assert [] == complaints, (name, complaints)


@contextmanager
def at_console(browser: Any, served: Served, **context: Any) -> Iterator[AtConsole]:
    opened = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **context})
    opened.set_default_timeout(15_000)
    try:
        yield AtConsole(opened.new_page(), served)
    finally:
        opened.close()
