"""Signing in to the console, and what keeps others out."""

from __future__ import annotations

from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import select

from console import PASSWORD, AtTheConsole
from desk import Desk, Reply
from overture import worker
from overture.base.settings import Settings
from overture.db.tables import sign_in_tries
from overture.endpoints.console.calls import is_local
from overture.endpoints.console.routes import console_routes
from overture.workspaces import sign_in

EMAIL = "olga@acme.example"


class Browser:
    """A browser on the console's page, signed in or not."""

    def __init__(self, desk: Desk, base: str = "http://127.0.0.1:4242", peer: str = "127.0.0.1") -> None:
        self.desk = desk
        transport = httpx.ASGITransport(desk.app, raise_app_exceptions=False, client=(peer, 5000))
        self.client = httpx.AsyncClient(transport=transport, base_url=base)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = self.client.request(method, f"/console/api{path}", json=body, headers=sent)
        return Reply(self.desk.run(request))


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return Browser(desk)


def test_the_first_owner_is_made_at_the_machine_itself_and_only_once(desk: Desk, browser: Browser) -> None:
    assert browser.call("GET", "/session").json["first_owner"] is True

    olga = {"name": "Olga", "email": EMAIL, "password": PASSWORD}
    made = browser.call("POST", "/first-owner", olga)
    assert (200, "owner") == (made.status, made.json["me"]["role"])
    assert browser.call("GET", "/session").json["signed_in"] is True

    again = Browser(desk).call("POST", "/first-owner", {**olga, "email": "eve@evil.example"})
    assert (409, "conflict") == (again.status, again.error["code"])


@pytest.mark.parametrize(
    ("base", "peer", "headers"),
    [
        ("http://acme.example", "127.0.0.1", {}),
        ("http://127.0.0.1:4242", "203.0.113.9", {}),
        ("http://127.0.0.1:4242", "127.0.0.1", {"X_Forwarded_For": "203.0.113.9"}),
    ],
)
def test_nobody_elsewhere_can_take_a_new_installation(
    desk: Desk, base: str, peer: str, headers: dict[str, str]
) -> None:
    stranger = Browser(desk, base, peer)
    assert stranger.call("GET", "/session", **headers).json["needs_link"] is True
    refused = stranger.call(
        "POST", "/first-owner", {"name": "Eve", "email": "eve@evil.example", "password": PASSWORD}, **headers
    )
    assert 403 == refused.status
    assert desk.read(sign_in.nobody_can_sign_in)


def test_an_invitation_works_once_and_not_for_ever(desk: Desk, browser: Browser) -> None:
    code = desk.write(sign_in.invite, desk.tess.id, now=desk.clock.now())
    assert "tess@acme.example" == browser.call("POST", "/invitation/look", {"code": code}).json["email"]

    weak = browser.call("POST", "/invitation", {"code": code, "password": "short"})
    assert (400, "password") == (weak.status, weak.error["field"])
    taken = browser.call("POST", "/invitation", {"code": code, "password": PASSWORD})
    assert (200, "Tess") == (taken.status, taken.json["me"]["name"])
    assert 410 == Browser(desk).call("POST", "/invitation", {"code": code, "password": PASSWORD}).status

    old = desk.write(sign_in.invite, desk.tess.id, now=desk.clock.now())
    desk.clock.forward(days=8)
    assert 410 == Browser(desk).call("POST", "/invitation/look", {"code": old}).status


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    answer = browser.call("POST", "/session", {"email": EMAIL, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/console" in cookie


def test_a_change_needs_the_word_that_only_our_page_knows(desk: Desk) -> None:
    olga = AtTheConsole(desk, EMAIL)
    olga.csrf = "ovc_guessed"
    assert 403 == olga.post("/account/sign-out-everywhere").status
    assert 200 == olga.get("/account").status


def test_another_site_cannot_sign_anybody_in(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    body = {"email": EMAIL, "password": PASSWORD}
    assert 403 == browser.call("POST", "/session", body, Sec_Fetch_Site="cross-site").status
    assert 403 == browser.call("POST", "/session", body, Origin="https://evil.example").status
    assert 200 == browser.call("POST", "/session", body, Origin="http://127.0.0.1:4242").status


def test_guessing_gets_slower_and_the_right_password_waits_too(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    for _ in range(5):
        wrong = browser.call("POST", "/session", {"email": EMAIL, "password": "not the words"})
        assert (401, "sign_in_refused") == (wrong.status, wrong.error["code"])
        desk.clock.forward(seconds=3)
    held = browser.call("POST", "/session", {"email": EMAIL, "password": PASSWORD})
    assert 429 == held.status
    assert int(held.headers["retry-after"]) > 0

    desk.clock.forward(minutes=16)
    assert 200 == browser.call("POST", "/session", {"email": EMAIL, "password": PASSWORD}).status


def tries(browser: Browser, password: str, email: str = EMAIL) -> Reply:
    browser.desk.clock.forward(seconds=1)
    return browser.call("POST", "/session", {"email": email, "password": password})


def test_a_stranger_keeps_nobody_else_out(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    eve = Browser(desk, peer="203.0.113.9")
    assert [401] * 5 == [tries(eve, "not the words").status for _ in range(5)]
    assert 429 == tries(eve, PASSWORD).status

    assert 200 == tries(browser, PASSWORD).status
    assert 200 == tries(Browser(desk, peer="198.51.100.7"), PASSWORD).status
    assert 429 == tries(eve, PASSWORD).status, "she waits, whoever else comes in"


def test_many_addresses_together_cannot_guess_freely(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    desk.clock.forward(minutes=2)  # hers was a try as well
    peers = [Browser(desk, peer=f"203.0.113.{number}") for number in range(1, 13)]
    answers = [tries(peers[number % 12], "not the words").status for number in range(36)]
    assert [401] * 30 + [429] * 6 == answers

    # Where Olga signed in from before she still does; from elsewhere she waits for two minutes at most.
    new = Browser(desk, peer="198.51.100.7")
    held = tries(new, PASSWORD)
    assert (429, True) == (held.status, 0 < int(held.headers["retry-after"]) <= 120)
    assert 200 == tries(browser, PASSWORD).status
    desk.clock.forward(minutes=2)
    assert 200 == tries(new, PASSWORD).status
    assert 429 == tries(peers[0], "not the words").status


def test_a_network_of_many_addresses_is_one(desk: Desk) -> None:
    AtTheConsole(desk, EMAIL)
    answers = [tries(Browser(desk, peer=f"2001:db8::{n}"), "not the words").status for n in range(1, 7)]
    assert [401] * 5 + [429] == answers
    assert 401 == tries(Browser(desk, peer="2001:db8:0:1::1"), "not the words").status


def test_a_new_password_ends_every_wait(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    assert [401] * 5 == [tries(browser, "not the words").status for _ in range(5)]
    assert 429 == tries(browser, PASSWORD).status
    olga = desk.read(sign_in.by_email, EMAIL)
    code = desk.write(sign_in.invite, olga.id, now=desk.clock.now())
    new = {"code": code, "password": "quite other words"}
    assert 200 == browser.call("POST", "/invitation", new).status
    assert 200 == tries(browser, "quite other words").status


def test_an_account_that_is_not_there_is_held_back_alike(desk: Desk) -> None:
    AtTheConsole(desk, EMAIL)
    told = []
    for email in (EMAIL, "who@acme.example"):
        eve = Browser(desk, peer="203.0.113.9")
        told.append([tries(eve, "not the words", email).status for _ in range(6)])
    assert [[401] * 5 + [429]] * 2 == told


def test_where_somebody_tried_is_not_kept_for_ever(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    tries(Browser(desk, peer="203.0.113.9"), "not the words")

    def kept() -> list[str]:
        desk.write(worker.forget_leftovers, now=desk.clock.now())
        return sorted(desk.read(lambda tx: tx.execute(select(sign_in_tries.c.address)).scalars().all()))

    assert ["", "127.0.0.1", "203.0.113.9"] == kept()
    desk.clock.forward(days=2)
    assert ["127.0.0.1"] == kept()
    desk.clock.forward(days=90)
    assert [] == kept()


def test_nobody_learns_whether_an_address_is_known(desk: Desk, browser: Browser) -> None:
    AtTheConsole(desk, EMAIL)
    known = browser.call("POST", "/session", {"email": EMAIL, "password": "not the words"})
    unknown = browser.call("POST", "/session", {"email": "who@acme.example", "password": "not the words"})
    assert (known.status, known.error) == (unknown.status, unknown.error)


def test_two_step_sign_in_takes_each_code_once(desk: Desk, browser: Browser) -> None:
    olga = AtTheConsole(desk, EMAIL)
    offered = olga.post("/account/two-step", {"current_password": PASSWORD}).json
    app = pyotp.TOTP(offered["secret"])
    assert offered["address"].startswith("otpauth://totp/")
    assert 400 == olga.post("/account/two-step/confirm", {"code": "000000"}).status
    codes = olga.post("/account/two-step/confirm", {"code": app.at(desk.clock.now())}).json["recovery_codes"]
    assert 8 == len(codes)

    body = {"email": EMAIL, "password": PASSWORD}
    asked = browser.call("POST", "/session", body)
    assert (401, "code_needed") == (asked.status, asked.error["code"])
    used = app.at(desk.clock.now())
    assert 401 == browser.call("POST", "/session", {**body, "code": used}).status
    desk.clock.forward(seconds=31)
    assert 200 == browser.call("POST", "/session", {**body, "code": app.at(desk.clock.now())}).status
    assert 200 == browser.call("POST", "/session", {**body, "code": codes[0]}).status
    assert 401 == browser.call("POST", "/session", {**body, "code": codes[0]}).status

    assert olga.post("/account/two-step/off", {"current_password": PASSWORD}).json == {"two_step": False}
    desk.clock.forward(minutes=1)
    assert 200 == browser.call("POST", "/session", body).status


def test_signing_out_everywhere_and_a_new_password_end_other_sessions(desk: Desk) -> None:
    laptop = AtTheConsole(desk, EMAIL)
    laptop_again = Browser(desk)
    assert 200 == laptop_again.call("POST", "/session", {"email": EMAIL, "password": PASSWORD}).status
    assert 2 == len(laptop_again.call("GET", "/account").json["sessions"])

    assert {"ended": 1} == laptop.post("/account/sign-out-everywhere").json
    assert (401, "not_signed_in") == (
        laptop_again.call("GET", "/account").status,
        laptop_again.call("GET", "/account").error["code"],
    )

    other = Browser(desk)
    other.call("POST", "/session", {"email": EMAIL, "password": PASSWORD})
    wrong = laptop.post("/account/password", {"current_password": "no", "password": "quite other words"})
    assert (400, "current_password") == (wrong.status, wrong.error["field"])
    assert (
        200
        == laptop.post(
            "/account/password", {"current_password": PASSWORD, "password": "quite other words"}
        ).status
    )
    assert 401 == other.call("GET", "/account").status
    assert 200 == laptop.get("/account").status


def test_a_session_ends_when_it_is_not_used(desk: Desk) -> None:
    olga = AtTheConsole(desk, EMAIL)
    desk.clock.forward(days=6)
    assert 200 == olga.get("/account").status
    desk.clock.forward(days=6)
    assert 200 == olga.get("/account").status
    desk.clock.forward(days=8)
    assert 401 == olga.get("/account").status


def test_signing_out_ends_the_session(desk: Desk) -> None:
    olga = AtTheConsole(desk, EMAIL)
    assert 200 == olga.delete("/session").status
    assert 401 == olga.get("/account").status


def test_every_endpoint_asks_who_calls(desk: Desk, browser: Browser) -> None:
    """Without a session nothing but the open doors answers."""
    open_doors = {"/session", "/first-owner", "/invitation", "/invitation/look"}
    checked = 0
    for route in console_routes():
        path = getattr(route, "path", "").removeprefix("/console/api")
        methods = getattr(route, "methods", None)
        if not methods or path in open_doors or "{rest" in path or path.startswith("/console"):
            continue
        concrete = path.replace("{", "").replace("}", "")
        for method in methods - {"HEAD"}:
            assert 401 == browser.call(method, concrete).status, (method, path)
            checked += 1
    assert checked > 5


def test_loopback_is_told_from_elsewhere() -> None:
    class Asked:
        headers = {"host": "localhost:4242"}
        client = type("Peer", (), {"host": "::1"})

    class Here:
        settings = Settings(base_url="https://talk.acme.example")

    assert not is_local(Asked(), Here())  # type: ignore[arg-type]
    Here.settings = Settings()
    assert is_local(Asked(), Here())  # type: ignore[arg-type]
