"""`overture bench`: figures of this machine, beside a floor that is measured with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from overture.cli.command import Group, example, json_option, show_json

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=Group)
def bench() -> None:
    """Measure Overture on this machine.

    Each benchmark runs a real `overture serve` on a loopback port, on a temporary SQLite file unless --database
    names an empty database.
    """


def _database_option(command: F) -> F:
    # Not the environment's: a benchmark fills its database with rows that nobody wants to keep.
    return click.option(
        "--database", metavar="URL", help="An empty database to fill; otherwise a temporary SQLite file."
    )(command)


def _number(name: str, default: int, text: str, *, least: int = 1) -> Callable[[F], F]:
    return click.option(name, type=click.IntRange(min=least), default=default, show_default=True, help=text)


@bench.command(epilog=example("overture bench triggers", "overture bench triggers --n 9000 --json"))
@_number("--n", 3000, "How many triggers.", least=3)
@_database_option
@json_option
def triggers(n: int, database: str | None, as_json: bool) -> None:
    """Triggers a second over HTTP, beside the same rows committed bare."""
    from overture.cli import bench_triggers
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_triggers.run(here, n), as_json)


@bench.command(epilog=example("overture bench replies", "overture bench replies --n 200 --rate 20 --json"))
@_number("--n", 200, "How many replies.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1),
    default=20.0,
    show_default=True,
    help="Replies a second, on average.",
)
@_database_option
@json_option
def replies(n: int, rate: float, database: str | None, as_json: bool) -> None:
    """Time from a reply's 200 to its stored decision, with the real encoder."""
    from overture.cli import bench_replies
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_replies.run(here, n, rate), as_json)


@bench.command(
    epilog=example(
        "overture bench routing BENCH.jsonl --out PRED.jsonl", "overture bench routing BENCH.jsonl --json"
    )
)
@click.argument("bench_file", metavar="BENCH", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write what was decided, one JSON line a reply.",
)
@json_option
def routing(bench_file: Path, out: Path | None, as_json: bool) -> None:
    """Route every reply of a routing benchmark, each workspace in a database of its own.

    BENCH has lines of {"type": "workspace", …} and {"type": "reply", …}. What is written is
    {"id", "pred", "confidence", "latency_ms"}, where pred is human, procedure:ID, content:ID or triggered.
    """
    import asyncio
    import os
    from tempfile import TemporaryDirectory

    from overture.cli import bench_routing, log
    from overture.db.migrate import migrate

    log.to_standard_error()
    read = bench_routing.read(bench_file)
    with (
        (out or Path(os.devnull)).open("w", encoding="utf-8") as written,
        TemporaryDirectory(prefix="overture-bench-") as folder,
        click.progressbar(length=len(read.replies), label="Replies", file=sys.stderr) as bar,
    ):
        template = Path(folder) / "empty.db"
        migrate(f"sqlite:///{template}")
        summary = asyncio.run(bench_routing.run(read, written, template, Path(folder), bar.update))
    if as_json:
        show_json(summary)
    else:
        click.echo("\n".join(bench_routing.in_words(summary)))


@bench.command(epilog=example("overture bench inbox --n 100000 --json"))
@_number("--n", 100_000, "How many conversations.", least=100)
@_number("--rounds", 50, "How often each is asked.", least=5)
@_database_option
@json_option
def inbox(n: int, rounds: int, database: str | None, as_json: bool) -> None:
    """Pages, counts and searches of the inbox over many conversations: p50, p95 and the server's processor time."""
    from overture.cli import bench_inbox
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_inbox.run(here, n, rounds), as_json)


@bench.command(epilog=example("overture bench reports --n 100000", "overture bench reports --n 2000 --json"))
@_number("--n", 100_000, "How many conversations.", least=100)
@_number("--rounds", 30, "How often each page is asked.", least=5)
@_database_option
@json_option
def reports(n: int, rounds: int, database: str | None, as_json: bool) -> None:
    """Pages of the reports over many conversations: p50, p95 and the server's processor time of each."""
    from overture.cli import bench_reports
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_reports.run(here, n, rounds), as_json)


@bench.command(epilog=example("overture bench waiting --n 100000 --json"))
@_number("--n", 100_000, "How many conversations wait.")
@_number("--due", 1000, "How many of them fall due at once.")
@_database_option
@json_option
def waiting(n: int, due: int, database: str | None, as_json: bool) -> None:
    """Start, memory and deadlines with very many waiting conversations."""
    from overture.cli import bench_waiting
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_waiting.run(here, n, min(due, n)), as_json)


@bench.command(epilog=example("overture bench kill --times 50 --json"))
@_number("--times", 50, "How many kills.")
@click.option("--seed", type=int, default=1, show_default=True, help="Where the random instants begin.")
@_database_option
@json_option
def kill(times: int, seed: int, database: str | None, as_json: bool) -> None:
    """Kill the server again and again under load; exit 1 if anything is lost or doubled.

    SIGKILL comes at random instants while triggers and replies are sent and deadlines fall due.
    """
    from overture.cli import bench_kill
    from overture.cli.bench_place import place

    with place(database) as here:
        result = bench_kill.run(here, times, seed)
    _show(result, as_json)
    if result["lost"] or result["doubled"]:
        sys.exit(1)


@bench.command(epilog=example("overture bench search --n 100000 --json"))
@_number("--n", 100_000, "How many passages.", least=10)
@_number("--questions", 200, "How many questions.")
@_database_option
@json_option
def search(n: int, questions: int, database: str | None, as_json: bool) -> None:
    """Time of a question over very many passages, and the memory of their index."""
    from overture.cli import bench_search
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_search.run(here, n - n % 5, questions), as_json)


@bench.command(
    "mail", epilog=example("overture bench mail tests/mails", "overture bench mail ./mails --json")
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def mail(folder: Path, as_json: bool) -> None:
    """Read mails and compare what was understood with what is expected; exit 1 if auto-mail was taken for a reply.

    FOLDER holds NAME.eml and, beside each, NAME.json with its "kind" (reply, auto, bounce, list) and "text".
    """
    from overture.cli import bench_mail

    result = bench_mail.run(folder)
    _show(result, as_json)
    if result["auto_taken_for_reply"]:
        sys.exit(1)


@bench.command(
    "check", epilog=example("overture bench check", "overture bench check --steps 1000 --subs 50 --json")
)
@_number("--steps", 200, "How many steps.")
@_number("--subs", 20, "How many of them are sub-procedures, each run twice.", least=0)
@_number("--rounds", 20, "How many procedures, each another text.")
@json_option
def check(steps: int, subs: int, rounds: int, as_json: bool) -> None:
    """Reading and checking a large procedure that was never seen before."""
    from overture.cli import bench_check

    _show(bench_check.run(steps, subs, rounds), as_json)


@bench.command(
    epilog=example("overture bench simulate", "overture bench simulate --n 300 --processes 1 --json")
)
@_number("--n", 1000, "How many conversations.")
@_number("--processes", 2, "How many processes play them.")
@json_option
def simulate(n: int, processes: int, as_json: bool) -> None:
    """Simulated conversations a minute: those of the ready procedures, each on a database of its own."""
    from overture.cli import bench_simulate

    _show(bench_simulate.run(n, min(n, processes)), as_json)


@bench.command("click", epilog=example("overture bench click", "overture bench click --n 100 --json"))
@_number("--n", 40, "How many clicks.")
@_database_option
@json_option
def click_(n: int, database: str | None, as_json: bool) -> None:
    """Time from a click on a website to the first message on the screen, in Chromium.

    Needs Chromium, and Playwright for Python (`pip install playwright`).
    """
    from overture.cli import bench_click
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_click.run(here, n), as_json)


@bench.command(epilog=example("overture bench console", "overture bench console --n 2000 --rounds 5 --json"))
@_number("--n", 100_000, "How many conversations.", least=2000)
@_number("--rounds", 20, "How often it is opened.", least=5)
@_database_option
@json_option
def console(n: int, rounds: int, database: str | None, as_json: bool) -> None:
    """How soon the console can be used, and whether its inbox stalls, in Chromium.

    Needs Chromium, and Playwright for Python (`pip install playwright`).
    """
    from overture.cli import bench_console
    from overture.cli.bench_place import place

    with place(database) as here:
        _show(bench_console.run(here, n, rounds), as_json)


@bench.command(
    "advance", epilog=example("overture bench advance", "overture bench advance --times 50 --json")
)
@_number("--times", 20, "How often the procedure is played.")
@json_option
def advance_(times: int, as_json: bool) -> None:
    """Time of one step forward in a procedure of 200 steps, and of refusing hostile files. No server, no database."""
    from overture.cli import bench_advance

    _show(bench_advance.run(times), as_json)


def _show(result: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(result)
        return
    width = max(len(name) for name in result)
    for name, value in result.items():
        told = (
            ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, Mapping) else value
        )
        click.echo(f"{name:>{width}}  {told}")
