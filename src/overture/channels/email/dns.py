"""The DNS records that mail needs to arrive, what each is for, and whether it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from overture.channels.email.mail import relay_at
from overture.channels.email.setup import EmailSetup
from overture.channels.email.sign import key_of

LookUp = Callable[[str, str], Sequence[str]]
"""The records of a name and a kind (TXT, MX); none where there are none. Raises `OSError` where nobody answers."""


@dataclass(frozen=True)
class Record:
    """A record to add."""

    kind: str  # TXT · MX
    name: str
    value: str
    why: str
    begins: str  # what says that a record of this name is this one


@dataclass(frozen=True)
class Found:
    """Whether it is there: `there` is None where that could not be found out."""

    record: Record
    there: bool | None
    said: str
    others: bool = False  # something else stands in its place

    @property
    def state(self) -> Literal["found", "missing", "differs", "unknown"]:
        if self.there is None:
            return "unknown"
        return "found" if self.there else "differs" if self.others else "missing"


def records(setup: EmailSetup) -> list[Record]:
    """What to add for this set-up."""
    relay = None if setup.smtp_url is None else relay_at(setup.smtp_url).host
    server = (
        relay if relay and relay not in ("localhost", "127.0.0.1", "::1") else f"mail.{setup.sender_domain}"
    )
    spf = f"v=spf1 a:{server} ~all"
    wanted = [
        Record(
            "TXT",
            setup.domain,
            spf,
            "SPF: says which servers send for this domain. A provider gives you an “include:” to write instead.",
            "v=spf1",
        ),
        Record(
            "TXT",
            f"_dmarc.{setup.sender_domain}",
            "v=DMARC1; p=none",
            "DMARC: says what receivers do with mail that is not yours. Begin with p=none, then p=quarantine.",
            "v=DMARC1",
        ),
        Record(
            "MX",
            setup.domain,
            f"10 {server}",
            "MX: where answers go. It names the server whose mailbox is read, or Overture's own listener.",
            "",
        ),
    ]
    if setup.dkim_key is not None:
        name = f"{setup.dkim_selector}._domainkey.{setup.sender_domain}"
        why = "DKIM: the public half of the key that mails are signed with."
        wanted.insert(1, Record("TXT", name, key_of(setup.dkim_key).record, why, "v=DKIM1"))
    return wanted


def check(setup: EmailSetup, look_up: LookUp) -> list[Found]:
    """What there is of it."""
    return [_check(one, look_up) for one in records(setup)]


def resolver() -> LookUp:
    """Asks the machine's own name servers."""
    import dns.exception
    import dns.resolver

    def look_up(name: str, kind: str) -> Sequence[str]:
        try:
            asking = dns.resolver.Resolver()
            asking.lifetime = 5.0
            answers = asking.resolve(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as failed:
            raise OSError(str(failed) or type(failed).__name__) from failed
        return [str(one).replace('" "', "").strip('"') for one in answers]

    return look_up


def _check(record: Record, look_up: LookUp) -> Found:
    try:
        there = [
            one for one in look_up(record.name, record.kind) if one.lower().startswith(record.begins.lower())
        ]
    except OSError as failed:
        return Found(record, None, f"The name servers do not answer: {failed}")
    if not there:
        return Found(record, False, "There is none.")
    if len(there) > 1 and record.kind == "TXT":
        return Found(
            record,
            False,
            f"There are {len(there)}, and only one may be: receivers take none of them.",
            others=True,
        )
    if record.begins == "v=DKIM1" and _key(there[0]) != _key(record.value):
        return Found(record, False, "There is one, and it is another key's.", others=True)
    if _says_no(record, there[0]):
        return Found(record, False, f"There is one that says no: {there[0][:200]}", others=True)
    return Found(record, True, "; ".join(there)[:200])


def _says_no(record: Record, value: str) -> bool:
    """An SPF record that lets nobody send, an MX record that takes no mail."""
    if record.kind == "MX":
        return value.split()[-1:] == ["."]
    return record.begins == "v=spf1" and all(
        one.lstrip("+-~?").lower() == "all" for one in value.lower().split()[1:]
    )


def _key(value: str) -> str:
    return "".join(value.partition("p=")[2].split()).rstrip(";")
