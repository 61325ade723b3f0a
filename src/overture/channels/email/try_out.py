"""Send a test mail, and say in words how far it came and what to do where it did not leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from overture.base.errors import Error
from overture.base.ids import new_id
from overture.channels.email.compose import Letter, written
from overture.channels.email.mail import Relay, relay_at
from overture.channels.email.relay import NotNow, Refused, Stage, Unknown, connected
from overture.channels.email.setup import EmailSetup, NotSetUp
from overture.channels.email.sign import content_of

STAGES: tuple[Stage, ...] = ("reach", "encrypt", "sign_in", "sender", "recipient", "content")


@dataclass(frozen=True)
class Step:
    """One thing that was done with the server."""

    stage: Stage
    name: str
    state: Literal["done", "failed", "not_reached"]
    said: str = ""


@dataclass(frozen=True)
class Trial:
    """What became of a test mail."""

    taken: bool
    said: str  # by the server, or by what kept us from it
    steps: tuple[Step, ...]
    advice: str | None = None  # what to do, where it did not leave


async def send_test(setup: EmailSetup, to: str, name: str, *, now: datetime) -> Trial:
    """Send a test mail of the workspace of this name. Raises `NotSetUp`, or `Error` where it cannot be written."""
    if not setup.sends or setup.smtp_url is None:
        raise NotSetUp
    relay = relay_at(setup.smtp_url)
    letter = _letter(setup, to, name, now)
    try:
        content = content_of(
            written(letter),
            dkim_key=setup.dkim_key,
            dkim_selector=setup.dkim_selector,
            domain=setup.sender_domain,
        )
    except (ValueError, UnicodeError):
        raise Error(
            f"No mail can be written to “{to[:100]}”. Write an address such as you@acme.example.", field="to"
        ) from None
    try:
        async with connected(setup.smtp_url, letter.reply_to, to) as ready:
            said = await ready.content(content)
    except (NotNow, Refused) as failed:
        return _failed(relay, failed.at, failed.message)
    except Unknown as lost:
        return _failed(relay, "content", lost.message)
    return Trial(True, said, _steps(relay, None, said))


def _failed(relay: Relay, at: Stage, said: str) -> Trial:
    return Trial(False, said, _steps(relay, at, said), _advice(relay, at, said))


def _steps(relay: Relay, failed: Stage | None, said: str) -> tuple[Step, ...]:
    """The steps of this relay; `failed` is where it ended, and None where the server took the mail."""
    names = _names(relay)
    last = failed or "content"
    return tuple(
        Step(
            stage,
            names[stage],
            "not_reached"
            if STAGES.index(stage) > STAGES.index(last)
            else "failed"
            if stage == failed
            else "done",
            said if stage == last else "",
        )
        for stage in STAGES
        if stage in names
    )


def _names(relay: Relay) -> Mapping[Stage, str]:
    encrypted: dict[Stage, str] = (
        {} if relay.security == "smtp" else {"encrypt": "The connection is encrypted"}
    )
    known: dict[Stage, str] = {} if relay.user is None else {"sign_in": f"{relay.user} is let in"}
    return {
        "reach": f"{relay.host}:{relay.port} answers",
        **encrypted,
        **known,
        "sender": "It takes the sender",
        "recipient": "It takes the recipient",
        "content": "It takes the mail",
    }


def _advice(relay: Relay, at: Stage, said: str) -> str:
    if at == "reach" and relay.port == 25:
        return (
            "Is the name right, and does the server run? Many networks let nothing out on port 25: "
            "ask your provider for port 587 (STARTTLS) or 465 (TLS)."
        )
    if at == "content" and "broke off" in said:
        return "Look into the mailbox first: it may have arrived. Then try once more."
    return _ADVICE[at]


_ADVICE: Mapping[Stage, str] = {
    "reach": "Is the name right, and the port? A firewall between here and there would look the same.",
    "encrypt": (
        "The port and the way of encryption belong together: 587 with STARTTLS, 465 with TLS. "
        "Where they do, the server's certificate is not for this name, or has run out."
    ),
    "sign_in": (
        "Type user and password again. Many providers want a password made for programs (an “app password”), "
        "and some want the whole address as the user."
    ),
    "sender": "This user may not send as this sender. Choose a sender that the provider knows, or let it verify this one.",
    "recipient": (
        "Where the words name the mailbox, the address is wrong. Where they speak of relaying, "
        "the server wants you to sign in before it takes mail for others."
    ),
    "content": "The server looked at the mail and refused it: its words say why. SPF and DKIM are the usual reasons.",
}


def _letter(setup: EmailSetup, address: str, name: str, now: datetime) -> Letter:
    text = "This is a test mail of Overture. It arrived, so mails leave as they should."
    return Letter(
        message_id=f"<test.{new_id()}@{setup.domain}>",
        sender_name=setup.sender_name or name,
        sender_address=setup.sender_address,
        to_name=None,
        to_address=address,
        reply_to=setup.sender_address,
        subject=f"A test mail from {name}",
        text=text,
        html=f"<p>{text}</p>",
        date=now,
    )
