"""Email set up at the console, against a real mail server: what it refuses is said in words, and what it takes arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from console_browser import AtConsole, Served, a_workspace, at_console
from mail_servers import MailServer, NoMailServer, mail_server

HELLO = """
procedure: hello
name: Hello
when_to_use: The customer says hello.
triggers:
  - {kind: api_call, key: greet, subject: Shall we begin, first_message: Shall we begin?}
steps:
  - {ask: What is your name?, save: name, type: text}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    try:
        with mail_server() as started:
            yield started
    except NoMailServer as missing:
        pytest.skip(f"Mail server: {missing.reason}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("console"))
    with a_workspace(folder) as one:
        (folder / "hello.yaml").write_text(HELLO)
        one.overture("procedure", "push", str(folder / "hello.yaml"), "--publish")
        yield one


def test_email_is_set_up_by_somebody_who_writes_no_code(
    browser: Any, served: Served, server: MailServer
) -> None:
    with at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/settings").heading("People")
        olga.page.get_by_role("link", name="Email", exact=True).click()
        olga.sees("Email is not set up.", exact=False)
        olga.heading("Say first who mails come from")
        olga.is_sound("email-empty")

        _a_server_that_does_not_fit(olga, server)
        _a_server_that_takes_mail(olga, server)
        _records(olga)
        _answers(olga, served)
        _what_did_not_leave(olga, served)

        olga.goes("/console/audit?act=email").heading("Audit log")
        olga.page.get_by_role("insertion").filter(has_text="help@acme.example").first.wait_for()
        olga.sees("Mails go to nobody-here@home.example again", exact=False)


def _a_server_that_does_not_fit(olga: AtConsole, server: MailServer) -> None:
    olga.field("Sender's name").fill("Acme")
    olga.field("Sender's address").fill("help")
    olga.field("Server", exact=True).fill("localhost")
    olga.field("Port").fill(str(server.port))
    olga.field("User", exact=True).fill("overture")
    olga.page.keyboard.press("Enter")
    olga.sees("Write one address, such as help@acme.example.")
    olga.field("Sender's address").fill("help@acme.example")
    olga.page.keyboard.press("Enter")
    olga.sees("Type the password of overture at localhost.")
    olga.field("Password", exact=True).fill("hidden word")
    olga.is_sound("email-fields")
    olga.page.keyboard.press("Enter")
    olga.sees("Mails leave as help@acme.example.", exact=False)
    password = olga.field("Password", exact=True)
    olga.waits(lambda: "" == password.input_value(), "the password is not kept in the page")
    assert "hidden word" not in olga.page.content()

    olga.field("Send it to").fill("carol@home.example")
    olga.button("Send the test mail").click()
    olga.sees("It did not leave.", exact=False)
    assert ["Done", "Failed", "Not tried", "Not tried", "Not tried", "Not tried"] == _marks(olga)
    olga.sees("the server's certificate is not for this name", exact=False)
    olga.is_sound("email-test-failed")


def _a_server_that_takes_mail(olga: AtConsole, server: MailServer) -> None:
    olga.field("Encryption").select_option("smtp")
    olga.field("Server", exact=True).fill("127.0.0.1")
    olga.field("User", exact=True).fill("")
    # What it said the first time proves nothing about the second.
    olga.page.get_by_text("Saved. Send a test mail", exact=False).wait_for(state="hidden")
    olga.button("Save", exact=True).click()
    olga.sees("Saved. Send a test mail", exact=False)
    for to, words in (
        ("nobody-here@home.example", "There is no mailbox of that name"),
        ("carol@elsewhere.example", "relaying is not done here"),
    ):
        olga.field("Send it to").fill(to)
        olga.button("Send the test mail").click()
        olga.sees(words, exact=False)
        assert ["Done", "Done", "Failed", "Not tried"] == _marks(olga)
    olga.field("Send it to").fill("carol@home.example")
    olga.page.keyboard.press("Enter")
    olga.sees("The server took it.", exact=False)
    assert {"Done"} == set(_marks(olga))
    olga.is_sound("email-test-sent")
    (mail,) = server.wait_for("carol", 1)
    assert ("Acme <help@acme.example>", "A test mail from Acme") == (str(mail["From"]), str(mail["Subject"]))


def _marks(olga: AtConsole) -> list[str | None]:
    steps = olga.page.get_by_role("list", name="What was done")
    steps.wait_for()
    return [one.get_attribute("aria-label") for one in steps.get_by_role("img").all()]


def _records(olga: AtConsole) -> None:
    olga.sees("v=DMARC1; p=none")
    olga.button("Make a DKIM key").click()
    olga.sees("overture._domainkey.acme.example")
    olga.button("Copy the value of TXT _dmarc.acme.example").click()
    olga.button("Copied").wait_for()
    olga.button("Look now").click()
    olga.sees("Looked just now.", exact=False)
    olga.page.mouse.move(0, 0)
    olga.is_sound("email-records")


def _answers(olga: AtConsole, served: Served) -> None:
    olga.page.get_by_role("link", name="Answers").click()
    olga.heading("Where answers go")
    olga.sees("Nothing takes answers in yet.", exact=False)
    olga.field("Reply domain").fill("a b")
    olga.page.keyboard.press("Enter")
    olga.sees("The reply domain is a domain such as", exact=False)
    olga.field("Reply domain").fill("home.example")
    olga.button("Save", exact=True).click()
    olga.sees("reply+…@home.example")
    olga.field("Listen on").fill("127.0.0.1:0")
    olga.button("Save the listener").click()
    olga.sees("lmtp:inet:127.0.0.1:0", exact=False)
    olga.field("Server", exact=True).fill("127.0.0.1")
    olga.field("Encryption").select_option("imap")
    olga.field("Port").fill("1")
    olga.field("User", exact=True).fill("reply")
    olga.field("Password", exact=True).fill("x")
    olga.button("Save the mailbox").click()
    olga.button("Look into it now").click()
    olga.sees("127.0.0.1:1 could not be looked into", exact=False)
    olga.button("Stop reading it").click()
    olga.button("Stop reading it").wait_for(state="detached")

    olga.button("Make the secret").click()
    olga.heading("The inbound secret")
    secret = olga.page.get_by_role("dialog").locator(".snippet").inner_text().strip()
    assert secret.startswith("inbound_")
    olga.is_sound("email-secret")
    olga.button("I have kept it").click()
    olga.page.get_by_role("dialog").wait_for(state="hidden")
    assert secret not in olga.page.content()

    olga.button("Use the sample").click()
    olga.button("Say what becomes of it").click()
    olga.sees("ana@home.example began a conversation.", exact=False)
    olga.sees("a new one")
    olga.sees("I'd rather have my money back.")
    olga.is_sound("email-answers")


def _what_did_not_leave(olga: AtConsole, served: Served) -> None:
    body = {"user": {"id": "ghost", "email": "nobody-here@home.example"}, "channel": "email"}
    headers = {"Authorization": f"Bearer {served.token}", "Intercom-Version": "Unstable"}
    fired = httpx.post(f"{served.base}/api/procedures/hello/trigger", json=body, headers=headers)
    assert 200 == fired.status_code, fired.text
    olga.page.get_by_role("link", name="Not sent").click()
    olga.sees("did not leave", exact=True)
    olga.page.get_by_text("There is no mailbox of that name", exact=False).first.wait_for()
    olga.is_sound("email-unsent")
    olga.button("Let mails go to nobody-here@home.example again").click()
    olga.sees("There are none.", exact=False)
    olga.button("Send the mail to nobody-here@home.example again").click()
    olga.sees("On its way again.")
    olga.sees("did not leave", exact=True)


def test_what_the_environment_fixes_is_shown_so(browser: Any, tmp_path: Path, server: MailServer) -> None:
    fixed = {
        "OVERTURE_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "OVERTURE_EMAIL_FROM": "help@acme.example",
    }
    with a_workspace(tmp_path, **fixed) as served, at_console(browser, served) as olga:
        olga.becomes_owner()
        olga.goes("/console/settings/email").sees("OVERTURE_EMAIL_FROM", exact=False)
        olga.sees("OVERTURE_SMTP_URL", exact=False)
        assert olga.field("Server", exact=True).get_attribute("readonly") is not None
        assert 0 == olga.button("Save", exact=True).count()
        olga.is_sound("email-fixed")
