"""`overture email`: set mail up, try it out, and see to what did not leave."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overture.cli.command import Group, database_option, example, json_option, show_json, table

if TYPE_CHECKING:
    from overture.channels.email.dns import Found, Record
    from overture.channels.email.outbox import Outgoing
    from overture.channels.email.setup import EmailSetup
    from overture.channels.email.try_out import Trial
    from overture.db.database import Database, Transaction


@click.group(cls=Group, epilog=example("overture email setup --help", "overture email doctor"))
def email() -> None:
    """The email channel: how mails are sent and taken in. The environment (OVERTURE_SMTP_URL, …) comes first."""


@email.command(
    "setup",
    epilog=example(
        "overture email setup --from 'Acme <help@acme.example>' --smtp smtp://localhost",
        "overture email setup --smtp-file /run/secrets/smtp_url --from help@acme.example",
        "overture email setup --imap-file /run/secrets/imap_url --authserv-id mx.acme.example",
    ),
)
@click.option("--from", "sender", metavar="ADDRESS", help="Who mails come from: Acme <help@acme.example>.")
@click.option(
    "--smtp", metavar="URL", help="smtp+starttls://user:password@host:587, smtps://…, smtp://localhost."
)
@click.option(
    "--smtp-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with it."
)
@click.option(
    "--reply-domain", metavar="DOMAIN", help="Where answers come to; the sender's domain otherwise."
)
@click.option(
    "--imap", metavar="URL", help="A mailbox that answers are read from: imaps://user:password@host."
)
@click.option(
    "--imap-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with it."
)
@click.option("--listen", metavar="HOST:PORT", help="Where Overture itself listens for mail.")
@click.option("--authserv-id", metavar="NAME", help="Whose Authentication-Results are believed.")
@click.option(
    "--inbound-secret", is_flag=True, help="Make the secret of POST /inbound/email, shown this once."
)
@click.option(
    "--dkim-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A private RSA or Ed25519 key, PEM.",
)
@click.option("--dkim-selector", metavar="NAME", help="The key's name in DNS.")
@database_option
@json_option
def setup(
    sender: str | None,
    smtp: str | None,
    smtp_file: Path | None,
    reply_domain: str | None,
    imap: str | None,
    imap_file: Path | None,
    listen: str | None,
    authserv_id: str | None,
    inbound_secret: bool,
    dkim_key: Path | None,
    dkim_selector: str | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Say how mails are sent and taken in; what is not named stays as it is. Passwords are kept encrypted.

    It prints the DNS records that mail from this address needs.
    """
    from overture.base.clock import SystemClock
    from overture.base.ids import new_secret
    from overture.base.settings import read_settings
    from overture.channels.email import dns
    from overture.channels.email.setup import as_shown
    from overture.cli.opened import operator, with_database
    from overture.conversations import tend_mail

    made = new_secret("inbound") if inbound_secret else None
    given = {
        "sender": sender,
        "smtp_url": _line(smtp_file) if smtp_file is not None else smtp,
        "reply_domain": reply_domain,
        "imap_url": _line(imap_file) if imap_file is not None else imap,
        "inbound_smtp": listen,
        "authserv_id": authserv_id,
        "inbound_secret": made,
        "dkim_key": None if dkim_key is None else dkim_key.read_text(),
        "dkim_selector": dkim_selector,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    settings, now, who = read_settings(database_url=database), SystemClock().now(), operator()
    kept = with_database(database, lambda db: db.write(tend_mail.set_up, chosen, settings, by=who, now=now))
    records = dns.records(kept) if kept.sender is not None else []
    if as_json:
        shown = {**as_shown(kept), "dns": [_record_json(one) for one in records]}
        show_json(shown | ({"inbound_secret": made} if made else {}))
        return
    click.echo("Email is set up." if kept.sends else "Kept. To send mails it still needs --from and --smtp.")
    if made:
        click.echo(f"The secret of POST /inbound/email, shown this once:\n{made}")
    for one in records:
        click.echo(f"\n{one.why}\n  {one.name}  {one.kind}  {one.value}")
    if records:
        click.echo(
            "\n`overture email doctor` looks whether they are there; `overture email send ADDRESS` tries it out."
        )


@email.command("send", epilog=example("overture email send you@acme.example"))
@click.argument("address")
@database_option
@json_option
def send(address: str, database: str | None, as_json: bool) -> None:
    """Send a test mail to ADDRESS, and say what the server said."""
    from overture.base.clock import SystemClock
    from overture.channels.email.try_out import send_test
    from overture.cli.opened import with_database
    from overture.workspaces.store import workspace

    async def work(db: Database) -> Trial:
        chosen = await _chosen(db, database)
        here = await db.read(workspace)
        return await send_test(chosen, address, here.name, now=SystemClock().now())

    trial = with_database(database, work)
    if as_json:
        steps = [{"step": one.name, "state": one.state, "said": one.said} for one in trial.steps]
        shown = {"to": address, "taken": trial.taken, "server_said": trial.said, "advice": trial.advice}
        show_json(shown | {"steps": steps})
    elif trial.taken:
        click.echo(
            f"The server took it: {trial.said}\nLook into the mailbox of {address}, and whether it is spam there."
        )
    else:
        for step in trial.steps:
            click.echo(f"{_MARKS[step.state]} {step.name}{f': {step.said}' if step.said else ''}")
        click.echo(trial.advice)
    if not trial.taken:
        click.get_current_context().exit(1)


_MARKS = {"done": "ok", "failed": "NO", "not_reached": "  "}


@email.command(
    "receive-test",
    epilog=example("overture email receive-test reply.eml", "overture email receive-test < reply.eml"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@database_option
@json_option
def receive_test(file: Path | None, database: str | None, as_json: bool) -> None:
    """Say what would become of a mail, and why: a file as a mail program saves it (.eml), or standard input.

    Nothing is kept and nobody hears of it.
    """
    from overture.base.clock import SystemClock
    from overture.channels.email import parse
    from overture.cli.opened import with_database
    from overture.conversations import tend_mail

    raw = sys.stdin.buffer.read() if file is None else file.read_bytes()

    async def work(db: Database) -> dict[str, Any]:
        chosen = await _chosen(db, database, sends=False)
        mail = parse.read(raw, chosen.authserv_id)
        return dict(await tend_mail.foresee(db, mail, now=SystemClock().now()))

    found = with_database(database, work)
    if as_json:
        show_json(found)
        return
    rows = [
        [name.replace("_", " "), str(value)]
        for name, value in found.items()
        if name != "text" and value is not None
    ]
    click.echo(table(rows))
    if found["text"]:
        click.echo(f"\nThe new words:\n{found['text']}")


@email.command("doctor", epilog=example("overture email doctor", "overture email doctor --json"))
@click.option("--no-dns", is_flag=True, help="Ask no name server.")
@database_option
@json_option
def doctor(no_dns: bool, database: str | None, as_json: bool) -> None:
    """Look whether mail can leave and come: the server, the DNS records, what waits and what did not leave.

    It ends with 1 where something keeps mails from leaving.
    """
    from overture.channels.email import dns
    from overture.cli.opened import with_database

    async def work(db: Database) -> list[dict[str, str]]:
        chosen = await _chosen(db, database, sends=False)
        checks = [await _server(chosen), *_ways_in(chosen), *await db.read(_queue)]
        if chosen.sender is not None and not no_dns:
            found = await asyncio.to_thread(dns.check, chosen, dns.resolver())
            checks += [_dns_check(one) for one in found]
        return checks

    checks = with_database(database, work)
    if as_json:
        show_json({"checks": checks})
    else:
        marks = {"ok": "ok", "warning": "!", "problem": "PROBLEM"}
        click.echo(table([[marks[one["state"]], one["name"], one["says"]] for one in checks]))
    if any(one["state"] == "problem" for one in checks):
        click.get_current_context().exit(1)


async def _server(chosen: EmailSetup) -> dict[str, str]:
    from overture.base.errors import Error
    from overture.channels.email.relay import greeted

    if not chosen.sends or chosen.smtp_url is None:
        said = (
            "Not set up: triggers reach contacts on the web channel only. `overture email setup` sets it up."
        )
        return _check("server", "warning", said)
    try:
        said = await greeted(chosen.smtp_url, chosen.sender_address)
    except Error as failed:
        return _check("server", "problem", failed.message)
    return _check("server", "ok", said)


def _ways_in(chosen: EmailSetup) -> list[dict[str, str]]:
    ways = [
        ("a mailbox by IMAP", chosen.imap_url),
        (f"the listener on {chosen.inbound_smtp}", chosen.inbound_smtp),
        ("POST /inbound/email", chosen.inbound_secret),
    ]
    open_ = [name for name, value in ways if value is not None]
    if not open_:
        return [
            _check(
                "answers", "warning", "Nothing takes answers in. Name --imap, --listen or --inbound-secret."
            )
        ]
    checks = [_check("answers", "ok", f"They come to reply+…@{chosen.domain}, by {', '.join(open_)}.")]
    if chosen.authserv_id is None:
        said = "No --authserv-id: nobody's word on SPF, DKIM and DMARC is believed, so a new mail is nobody we know."
        checks.append(_check("senders", "warning", said))
    return checks


def _queue(tx: Transaction) -> list[dict[str, str]]:
    from overture.channels.email import outbox

    counts = outbox.counts(tx)
    waiting = sum(counts.get(state, 0) for state in outbox.OPEN)
    checks = [_check("waiting", "ok", f"{waiting} on their way, {counts.get('sent', 0)} sent.")]
    unsent = sum(counts.get(state, 0) for state in outbox.UNSENT)
    if unsent:
        checks.append(
            _check("not sent", "warning", f"{unsent} did not leave, or may not have: `overture email dead`.")
        )
    shut = outbox.all_suppressed(tx)
    if shut:
        said = f"Nothing is sent to {len(shut)} addresses: `overture email suppressed`."
        checks.append(_check("suppressed", "warning", said))
    return checks


def _dns_check(found: Found) -> dict[str, str]:
    record = found.record
    name = f"{record.kind} {record.name}"
    if found.there:
        return _check(name, "ok", found.said)
    return _check(name, "warning", f"{found.said} {record.why} Add: {record.value}")


def _check(name: str, state: str, says: str) -> dict[str, str]:
    return {"name": name, "state": state, "says": says}


@email.command("dead", epilog=example("overture email dead"))
@database_option
@json_option
def dead(database: str | None, as_json: bool) -> None:
    """Mails that did not leave, with the reason, and those that nobody knows of (`unsure`). The newest first."""
    from overture.channels.email import outbox
    from overture.cli.opened import with_database

    found = with_database(database, lambda db: db.read(outbox.not_sent))
    if as_json:
        show_json([_mail_json(one) for one in found])
    elif not found:
        click.echo("Every mail left.")
    else:
        rows = [
            [str(one.id), one.state, one.recipient, f"{one.created_at:%Y-%m-%d %H:%M}", one.error or ""]
            for one in found
        ]
        click.echo(table([["id", "state", "to", "written (UTC)", "why"], *rows]))


@email.command(
    "retry", epilog=example("overture email retry 5829417302846611", "overture email retry --all-dead")
)
@click.argument("mail_id", type=int, required=False)
@click.option(
    "--all-dead", is_flag=True, help="Every one that is dead; those that may have arrived are left out."
)
@database_option
@json_option
def retry(mail_id: int | None, all_dead: bool, database: str | None, as_json: bool) -> None:
    """Send a mail that did not leave (again), under the same Message-ID. One that may have arrived may come twice."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.conversations import tend_mail

    if (mail_id is None) != all_dead:
        raise click.UsageError("Name one mail, or --all-dead.")
    who, now = operator(), SystemClock().now()
    wanted = None if mail_id is None else [mail_id]
    found = with_database(database, lambda db: db.write(tend_mail.send_again, wanted, by=who, now=now))
    if as_json:
        show_json([_mail_json(one) for one in found])
    else:
        click.echo(
            f"On their way: {len(found)}." if len(found) != 1 else f"On its way to {found[0].recipient}."
        )


@email.command(
    "suppressed",
    epilog=example("overture email suppressed", "overture email suppressed --allow carol@home.example"),
)
@click.option("--allow", metavar="ADDRESS", help="Let mails go there again.")
@database_option
@json_option
def suppressed(allow: str | None, database: str | None, as_json: bool) -> None:
    """Addresses that nothing is sent to: mails to them bounced, were refused, or were complained about."""
    from overture.base.clock import SystemClock
    from overture.channels.email import outbox
    from overture.cli.opened import operator, with_database
    from overture.conversations import tend_mail

    if allow is not None:
        who, now = operator(), SystemClock().now()
        there = with_database(database, lambda db: db.write(tend_mail.allow, allow, by=who, now=now))
        if as_json:
            show_json({"address": allow, "allowed": True, "was_suppressed": there})
        else:
            click.echo(f"Mails go to {allow} again." if there else f"Mails went to {allow} all along.")
        return
    found = with_database(database, lambda db: db.read(outbox.all_suppressed))
    if as_json:
        show_json(
            [
                {
                    "address": one.address,
                    "reason": one.reason,
                    "detail": one.detail,
                    "since": int(one.created_at.timestamp()),
                }
                for one in found
            ]
        )
    elif not found:
        click.echo("There are none.")
    else:
        rows = [[one.address, one.reason, f"{one.created_at:%Y-%m-%d}", one.detail] for one in found]
        click.echo(table([["address", "because", "since", "what was said"], *rows]))


async def _chosen(db: Database, database: str | None, *, sends: bool = True) -> EmailSetup:
    """How mail is set up for this command. Raises `NotSetUp` where it cannot be sent."""
    from overture.base.settings import read_settings
    from overture.channels.email.setup import NotSetUp, Setups

    chosen = await Setups(db, read_settings(database_url=database))()
    if sends and not chosen.sends:
        raise NotSetUp
    return chosen


def _line(file: Path) -> str:
    return file.read_text().strip()


def _record_json(one: Record) -> dict[str, str]:
    return {"type": one.kind, "name": one.name, "value": one.value, "why": one.why}


def _mail_json(one: Outgoing) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "conversation_id": str(one.conversation_id),
        "to": one.recipient,
        "subject": one.subject,
        "message_id": one.message_id,
        "state": one.state,
        "attempts": one.attempts,
        "error": one.error,
        "created_at": int(one.created_at.timestamp()),
    }
