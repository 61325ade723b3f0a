"""`overture procedure`: from files to what is live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overture.base.errors import Error
from overture.cli.command import (
    FAILED,
    Group,
    count,
    database_option,
    example,
    json_option,
    problem_json,
    show_json,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overture.base.yaml_lines import Problem
    from overture.db.database import Transaction
    from overture.procedures.check import World
    from overture.procedures.publish import File, Finding, Given, Pushed

SUFFIXES = (".yaml", ".yml")


class NoFiles(Error):
    """There is no procedure or connector file there."""


class FileUnreadable(Error):
    """This file cannot be read."""


paths_argument = click.argument(
    "paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)


note_option = click.option("--note", metavar="TEXT", help="Why, for the history.")


@click.group(cls=Group)
def procedure() -> None:
    """What the agent does, step by step: files in, versions live."""


@procedure.command(
    "check", epilog=example("overture procedure check procedures/", "overture procedure check a.yaml --json")
)
@paths_argument
@database_option
@json_option
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], database: str | None, as_json: bool) -> None:
    """Say every mistake in these files, with its line. Saves nothing.

    Connectors are taken from the files. With a database, those in it and its teams count too.
    """
    from overture.procedures.publish import examine, read_files
    from overture.simulations.file import is_simulation

    everything = files_at(paths, simulations=True)
    rehearsals = [one for one in everything if is_simulation(one.content)]
    files = [one for one in everything if one not in rehearsals]
    given = read_files(files)
    world = world_of(database)
    found, collisions = _advice(given, None if world is None else database, has_database=world is not None)
    findings = examine(given, world if world is None else replace(world, found=found)) + collisions
    findings += _wrong_simulations(rehearsals)
    wrong = any(one.problem.severity == "error" for one in findings)
    if as_json:
        show_json([problem_json(one) for one in findings])
    else:
        for one in findings:
            click.echo(str(one))
        if not wrong:
            click.echo(f"Checked {count(len(everything), 'file')}: nothing is wrong.")
    if wrong:
        ctx.exit(FAILED)


def _wrong_simulations(files: Sequence[File]) -> list[Finding]:
    from overture.base.yaml_lines import FileProblems
    from overture.procedures.publish import Finding
    from overture.simulations import file

    findings = []
    for one in files:
        try:
            file.read(one.content)
        except FileProblems as wrong:
            findings += [Finding(one.name, problem) for problem in wrong.problems]
    return findings


def _advice(
    given: Given, database: str | None, *, has_database: bool
) -> tuple[dict[str, bool], list[Finding]]:
    """What the encoder says: which look-ups are answered, and which procedures could be meant by the same words."""
    import asyncio

    from overture.agent import advice
    from overture.agent.index import LiveIndex
    from overture.base.clock import SystemClock
    from overture.cli.opened import opened, url_of
    from overture.encoder.model import Encoder, EncoderMissing
    from overture.procedures.check.places import pinned
    from overture.procedures.publish import Finding

    procedures = [one for _, one in given.procedures.values()]
    asked = advice.queries(procedures) if has_database else []
    if not procedures or not (has_database or len(procedures) > 1):
        return {}, []
    try:
        encoder = Encoder.load()
    except EncoderMissing:
        return {}, []

    async def told() -> tuple[dict[str, bool], dict[str, list[Problem]]]:
        if not has_database:
            return {}, await advice.rivals(None, encoder, procedures)
        async with opened(url_of(database)) as db:
            now = SystemClock().now()
            answered = await advice.answered(db, LiveIndex(db, encoder), asked, now=now) if asked else {}
            return answered, await advice.rivals(db, encoder, procedures)

    found, rivals = asyncio.run(told())
    collisions = [
        Finding(file.name, problem)
        for key, (file, _) in given.procedures.items()
        for problem in pinned(rivals.get(key, []), file.source)
    ]
    return found, collisions


def world_of(database: str | None) -> World | None:
    """What the database has; None where there is none yet and none was asked for."""
    from overture.base.environment import environment, value
    from overture.base.settings import read_settings
    from overture.cli.opened import NotSetUp, with_database
    from overture.procedures import worlds

    named = database or value(environment(), "OVERTURE_DATABASE_URL")
    model = read_settings(database_url=database).model is not None
    try:
        return with_database(database, lambda db: db.read(worlds.of_workspace, model=model))
    except NotSetUp:
        if named:
            raise
        return None


@procedure.command(
    "push",
    epilog=example(
        "overture procedure push late-order.yaml", "overture procedure push procedures/ connectors/ --publish"
    ),
)
@paths_argument
@click.option("--publish", "live", is_flag=True, help="Put the procedures live at once.")
@note_option
@database_option
@json_option
def push(paths: tuple[Path, ...], live: bool, note: str | None, database: str | None, as_json: bool) -> None:
    """Save procedure, connector and simulation files: all of them, or none where one is wrong.

    A procedure is a draft until it is published. A connector holds from its next call on. A simulation is kept with
    its procedure, to be played at the console.
    """
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.procedures import publish as publishing
    from overture.simulations import kept
    from overture.simulations.file import is_simulation

    everything = files_at(paths, simulations=True)
    rehearsals = [one for one in everything if is_simulation(one.content)]
    files = [one for one in everything if one not in rehearsals]
    now, by = SystemClock().now(), operator()

    def act(tx: Transaction) -> publishing.Result:
        done = publishing.push(tx, files, publish=live, note=note, by=by, now=now)
        kept.push(tx, rehearsals, by=by, now=now)
        return done

    result = with_database(database, lambda db: db.write(act))
    for one in result.warnings:
        click.echo(str(one), err=True)
    if as_json:
        show_json([_pushed_json(one) for one in result.procedures])
        return
    for key in result.connectors:
        click.echo(f"Connector {key} holds from its next call on.")
    for key in result.library:
        click.echo(f"Sub-procedure {key} is in the library; what is published from now on takes it along.")
    if rehearsals:
        click.echo(f"Kept {count(len(rehearsals), 'simulation')} with their procedures.")
    for pushed in result.procedures:
        click.echo(_sentence(pushed, "is saved as a draft", published=live))


@procedure.command(
    "publish",
    epilog=example(
        "overture procedure publish late-order",
        'overture procedure publish late-order --note "Refunds from 50 euros on"',
    ),
)
@click.argument("key")
@note_option
@database_option
@json_option
def publish(key: str, note: str | None, database: str | None, as_json: bool) -> None:
    """Freeze the draft of KEY (or an id) as a version and put it live."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.procedures import publish as publishing

    now = SystemClock().now()
    done = with_database(
        database,
        lambda db: db.write(publishing.publish, key, note=note, model=has_model(), by=operator(), now=now),
    )
    if as_json:
        show_json(_pushed_json(done))
    else:
        click.echo(_sentence(done, "", published=True))


@procedure.command("pause", epilog=example("overture procedure pause late-order"))
@click.argument("key")
@database_option
@json_option
def pause(key: str, database: str | None, as_json: bool) -> None:
    """Start no more runs of KEY (or an id). Runs that are going on go on."""
    from overture.base.clock import SystemClock
    from overture.cli.opened import operator, with_database
    from overture.procedures import publish as publishing

    now = SystemClock().now()
    done = with_database(database, lambda db: db.write(publishing.pause, key, by=operator(), now=now))
    if as_json:
        show_json(_pushed_json(done))
    else:
        click.echo(
            f"{done.key} is paused: no more runs start. `overture procedure publish {done.key}` puts it live again."
        )


@procedure.command("list", epilog=example("overture procedure list"))
@database_option
@json_option
def list_(database: str | None, as_json: bool) -> None:
    """Every procedure, and what is live of it."""
    from overture.cli.opened import with_database
    from overture.procedures import publish as publishing

    found = with_database(database, lambda db: db.read(publishing.listed))
    if as_json:
        show_json([{**_pushed_json(pushed), "name": kept.name} for kept, pushed in found])
    elif not found:
        click.echo("There is no procedure. `overture procedure push PATH --publish` brings one in.")
    else:
        rows = [
            [
                one.key,
                one.state,
                "" if one.version is None else f"version {one.version}",
                str(one.id),
                kept.name,
            ]
            for kept, one in found
        ]
        click.echo(table([["key", "state", "live", "id", "name"], *rows]))


def has_model() -> bool:
    """Whether a language model is set, for the steps that need one."""
    from overture.base.settings import read_settings

    return read_settings().model is not None


def files_at(paths: Sequence[Path], *, simulations: bool = False) -> list[File]:
    """The files that are named, and the YAML files below the folders that are. `simulations`: those too."""
    from overture.procedures.publish import File
    from overture.simulations.file import is_simulation

    found: dict[Path, File] = {}
    for path in paths:
        for one in _below(path) if path.is_dir() else [path]:
            try:
                found.setdefault(one.resolve(), File(str(one), one.read_bytes()))
            except OSError as error:
                raise FileUnreadable(f"{one} cannot be read: {error.strerror}.", field=str(one)) from None
    return [one for one in found.values() if simulations or not is_simulation(one.content)]


def _below(folder: Path) -> list[Path]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not files:
        raise NoFiles(f"No procedures in {folder}. A procedure or connector is a file that ends in .yaml.")
    return files


def _pushed_json(one: Pushed) -> dict[str, Any]:
    return {"key": one.key, "id": str(one.id), "version": one.version, "state": one.state}


def _sentence(one: Pushed, saved: str, *, published: bool) -> str:
    if published:
        return f"{one.key} is live as version {one.version}."
    live = f"version {one.version} stays {one.state}" if one.version is not None else "nothing of it is live"
    return f"{one.key} {saved}; {live}. `overture procedure publish {one.key}` puts it live."


def _add_commands() -> None:
    from overture.cli import procedure_files, procedure_simulate, procedure_templates, procedure_versions

    for command in (
        *procedure_files.COMMANDS,
        *procedure_versions.COMMANDS,
        *procedure_simulate.COMMANDS,
        *procedure_templates.COMMANDS,
    ):
        procedure.add_command(command)


_add_commands()
