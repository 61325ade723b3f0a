"""`overture procedure simulate`: play conversations with procedures, on a clock of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from overture.base.errors import Error
from overture.cli.command import FAILED, Command, count, database_option, example, json_option, show_json

if TYPE_CHECKING:
    from overture.llm.base import Model
    from overture.simulations.coverage import Coverage
    from overture.simulations.gather import Gathered
    from overture.simulations.play import Played, Report


class CannotWrite(Error):
    """This file cannot be written."""


@click.command(
    "simulate",
    cls=Command,
    epilog=example(
        "overture procedure simulate procedures/",
        "overture procedure simulate late-order.sim.yaml --junit report.xml --coverage",
        "overture procedure simulate --kept late-order",
        "overture procedure simulate --from 6473924464837 > simulations/from-carol.yaml",
    ),
)
@click.argument("paths", metavar="[PATH…]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--case", "names", metavar="NAME", multiple=True, help="Play the case of this name alone.")
@click.option(
    "--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML."
)
@click.option("--coverage", is_flag=True, help="Show which steps and branches were never reached.")
@click.option(
    "--at-least",
    metavar="PERCENT",
    type=click.IntRange(0, 100),
    default=0,
    help="Fail where less of a procedure was reached.",
)
@click.option("--from", "conversation", metavar="ID", help="Make a case of this conversation and print it.")
@click.option(
    "--kept", metavar="KEY", help="Play what is kept with this procedure in the database, on its draft."
)
@click.option("-v", "--verbose", is_flag=True, help="Show what was said in every case.")
@database_option
@json_option
@click.pass_context
def simulate(
    ctx: click.Context,
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    junit: Path | None,
    coverage: bool,
    at_least: int,
    conversation: str | None,
    kept: str | None,
    verbose: bool,
    database: str | None,
    as_json: bool,
) -> None:
    """Play the simulations in these files and folders (this folder, where none is named).

    Nothing live is touched and nothing is sent: each conversation has a database of its own in memory, and
    connectors answer as the case or their mocks say. Exit code 1 where something does not hold.
    """
    if conversation is not None:
        _made_from(conversation, database)
        return
    from overture.simulations.gather import gather

    report = _report(gather(paths or (Path(),)) if kept is None else [_kept_with(kept, database)], names)
    if junit is not None:
        from overture.simulations.junit import written

        try:
            junit.write_bytes(written(report))
        except OSError as error:
            raise CannotWrite(f"{junit} cannot be written: {error.strerror}.", field="junit") from None
    if as_json:
        show_json(report.to_dict())
    else:
        for line in _told(report, verbose=verbose, coverage=coverage):
            click.echo(line)
    short = [one for one in report.coverage if one.percent < at_least]
    for one in short:
        click.echo(f"{one.procedure}: {one.percent} % was reached, less than {at_least} %.", err=True)
    if not report.passed or short:
        ctx.exit(FAILED)


def _made_from(conversation: str, database: str | None) -> None:
    from overture.cli.opened import with_database
    from overture.simulations import recorded

    source = with_database(database, lambda db: db.read(recorded.source, conversation))
    click.echo(source, nl=False)


def _kept_with(key: str, database: str | None) -> Gathered:
    from overture.cli.opened import with_database
    from overture.db.database import Transaction
    from overture.procedures import drafts
    from overture.procedures.publish import File
    from overture.simulations import kept
    from overture.simulations.gather import Gathered, NoSimulations
    from overture.simulations.stage import of_workspace

    def query(tx: Transaction) -> Gathered:
        draft = drafts.read(tx, key)
        world = of_workspace(tx).with_files([File(f"{draft.key}.yaml", draft.source.encode())])
        return Gathered(world, kept.played(kept.all_of(tx, draft.key)))

    found = with_database(database, lambda db: db.read(query))
    if not found.simulations:
        raise NoSimulations(f"No simulation is kept with “{key}”. Push one, or save one from a preview.")
    return found


def _report(gathered: list[Gathered], names: tuple[str, ...]) -> Report:
    import asyncio

    from overture.cli import log
    from overture.encoder.model import Encoder
    from overture.simulations.coverage import merged
    from overture.simulations.play import Report, run

    log.to_standard_error()
    encoder = Encoder.load()
    model = _model()
    total = sum(
        not names or case.name in names
        for one in gathered
        for simulation in one.simulations.values()
        for case in simulation.cases
    )
    if not total:
        raise Error(f"No case is called {', '.join(f'“{name}”' for name in names)}.", field="case")
    with click.progressbar(length=total, label="Conversations", file=sys.stderr) as bar:

        async def all_of_them() -> list[Report]:
            return [
                await run(one.world, one.simulations, encoder, names=names, model=model, progress=bar.update)
                for one in gathered
            ]

        reports = asyncio.run(all_of_them())
    return Report(
        tuple(file for one in reports for file in one.files),
        tuple(merged(found for one in reports for found in one.coverage)),
        sum(one.seconds for one in reports),
    )


def _model() -> Model | None:
    """The language model that is set, for cases in which one plays or judges."""
    from overture.base.clock import SystemClock
    from overture.base.settings import read_settings
    from overture.llm.named import named

    settings = read_settings()
    return None if settings.model is None else named(settings.model, SystemClock())


def _told(report: Report, *, verbose: bool, coverage: bool) -> list[str]:
    lines = []
    for file in report.files:
        for case in file.cases:
            if verbose or case.failures:
                lines += _case(file.file, case, verbose=verbose)
            elif case.skipped:
                lines.append(f"skipped  {file.file}:{case.case.line} {case.case.name}: {case.skipped}")
    if coverage:
        lines += [line for one in report.coverage for line in _covered(one)]
    passed = sum(case.passed for case in report.cases)
    failed = sum(bool(case.failures) for case in report.cases)
    skipped = len(report.cases) - passed - failed
    said = [count(passed, "conversation") + " went as expected", f"{failed} did not"]
    said += [f"{skipped} skipped"] if skipped else []
    lines.append(f"{', '.join(said)} ({report.seconds:.1f} s).")
    return lines


def _case(file: str, case: Played, *, verbose: bool) -> list[str]:
    mark = "skipped" if case.skipped else "FAILED" if case.failures else "passed"
    lines = [f"{mark:7}  {file}:{case.case.line} {case.case.name}"]
    lines += [f"         {file}:{one.line} {one.message}" for one in case.failures]
    if verbose or case.failures:
        lines += [f"           {said.author:>8}  {' '.join(said.text.split())}" for said in case.talk]
    return lines


def _covered(one: Coverage) -> list[str]:
    figures = one.to_dict()
    steps, branches = figures["steps"], figures["branches"]
    lines = [
        f"{one.procedure}: {one.percent} %. Steps {steps['reached']} of {steps['of']}, "
        f"branches {branches['reached']} of {branches['of']}."
    ]
    for missed in figures["missed"]:
        way = f", way “{missed['branch']}”" if "branch" in missed else ""
        lines.append(f"  not reached: line {missed['line']}: {missed['step']}{way}")
    return lines


COMMANDS = (simulate,)
