"""`overture`: the command line. Heavy things are imported where a command needs them, so that help comes at once."""

from __future__ import annotations

import click

from overture import __version__
from overture.cli import (
    article,
    audit,
    backup,
    bench,
    connector,
    contact,
    demo,
    doctor,
    email,
    identity,
    origin,
    pick,
    procedure,
    receipt,
    report,
    router,
    secret,
    selectors,
    serve,
    settings,
    trigger,
    triggers,
    webhook,
    workspace,
)
from overture.cli.command import Group, example


@click.group(cls=Group, epilog=example("overture demo", "overture procedure push --help"))
@click.version_option(__version__, prog_name="overture")
def main() -> None:
    """A self-hosted customer-conversation agent that can make the first move."""


for command in (
    demo.demo,
    serve.serve,
    serve.worker,
    workspace.migrate,
    backup.backup,
    workspace.init,
    workspace.token,
    identity.identity,
    secret.secret,
    origin.origin,
    workspace.team,
    workspace.teammate,
    settings.settings,
    procedure.procedure,
    connector.connector,
    article.article,
    audit.audit,
    contact.contact,
    trigger.trigger,
    triggers.triggers,
    webhook.webhook,
    pick.pick,
    email.email,
    receipt.receipt,
    router.router,
    report.report,
    selectors.selectors,
    doctor.doctor,
    bench.bench,
):
    main.add_command(command)
