"""The console in a real Chromium: a served workspace, and teammates at their browsers."""

from __future__ import annotations

import json
import os
import re
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
# One of each look among what can be pressed, and whether its words are strong enough on what is behind them.
PRESSED = """
var looks = new Set();
var kinds = 'button, a[href], summary, [role=menuitem], [role=option], [role=tab]';
var pressed = [...document.querySelectorAll(`:is(WITHIN) :is(${kinds})`)].filter((one) => {
  const isShown = one.checkVisibility({visibilityProperty: true, opacityProperty: true});
  if (!isShown || one.disabled || !one.innerText.trim()) return false;
  const {className, tagName, dataset, parentElement} = one;
  const look = [tagName, className, dataset.variant, getComputedStyle(one).color, parentElement.className].join();
  return !looks.has(look) && looks.add(look);
});
function middleOf(at) {
  pressed[at].scrollIntoView({block: 'center'});
  const box = pressed[at].getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return pressed[at].contains(document.elementFromPoint(x, y)) ? [x, y] : null;
}
async function palerThan(at) {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const found = await axe.run(pressed[at], {runOnly: ['color-contrast']});
  const words = (node) => node.html + ' ' + node.any.map((why) => why.message);
  return found.violations.flatMap((one) => one.nodes.map(words));
}
"""


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
            _until_ready(served.base, process)
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
        """An element with these words, once it is there. What stands in a field was typed, and may be nowhere else yet."""
        found = self.page.get_by_text(words, **how).and_(self.page.locator(":not(textarea)")).first
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

    def pale(self, within: str = "body") -> list[str]:
        """What is too pale to read, in light or in dark, while the pointer or the focus is on it.

        Of the things that can be pressed, one of each look.
        """
        found: list[str] = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.until(f"document.documentElement.dataset.mantineColorScheme === '{scheme}'")
            with self.beside(PRESSED.replace("WITHIN", within)) as evaluate:
                for at in range(int(evaluate("pressed.length"))):
                    self.page.mouse.move(0, 0)
                    where = evaluate(f"middleOf({at})")
                    if where is None:
                        continue
                    self.page.mouse.move(*where)
                    found += [f"{scheme}, hovered: {one}" for one in evaluate(f"palerThan({at})")]
                    self.page.mouse.move(0, 0)
                    evaluate(f"pressed[{at}].focus()")
                    found += [f"{scheme}, focused: {one}" for one in evaluate(f"palerThan({at})")]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        return found

    def saved(self) -> None:
        """The editor says that everything typed is on the server: not that it is on its way, nor that it is not."""
        self.page.get_by_role("status").filter(has_text=re.compile("^Saved")).first.wait_for()

    def is_within(self, role: str) -> None:
        """The focus is in what has just opened: what opens takes it a moment after it can be seen."""
        self.until(f"document.activeElement.closest('[role={role}]')")

    def leaves(self, opened: Any, button: Any) -> None:
        """What is open is left by Escape, and the focus is back on what opened it."""
        self.page.keyboard.press("Escape")
        opened.wait_for(state="hidden")
        button.evaluate("one => { window.opener_of_it = one }")
        self.until("document.activeElement === window.opener_of_it")

    def opens(self, button: Any, name: str, role: str = "dialog") -> None:
        """What is behind a button: reached by the keyboard, sound while it is open, and left by the keyboard."""
        button.focus()
        self.page.keyboard.press("Enter")
        opened = self.page.get_by_role(role)
        opened.wait_for()
        self.is_within(role)
        self.is_sound(name)
        self.leaves(opened, button)

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
    opened.set_default_timeout(30_000)
    try:
        yield AtConsole(opened.new_page(), served)
    finally:
        opened.close()
