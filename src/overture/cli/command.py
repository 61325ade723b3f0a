"""What every command has in common: its options, its example, and how it says what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from overture.base.errors import Error

F = TypeVar("F", bound=Callable[..., Any])

FAILED = 1
INTERRUPTED = 130


class Command(click.Command):
    """A command whose errors are one sentence on standard error, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Error as error:
            show_error(error, as_json=bool(ctx.params.get("as_json")))
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


class Group(click.Group):
    """Commands under one noun."""

    command_class = Command


def example(*lines: str) -> str:
    """An epilog that `--help` prints as it is written."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def database_option(command: F) -> F:
    return click.option(
        "--database",
        metavar="URL",
        help="sqlite:///path/file.db or postgresql://…; otherwise OVERTURE_DATABASE_URL.",
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def show_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False))


def show_error(error: Error, *, as_json: bool) -> None:
    """On standard error, so that standard output holds data only."""
    message = without_password(error.message)
    if not as_json:
        click.echo(message, err=True)
        return
    shown: dict[str, Any] = {"code": error.code, "message": message, "field": error.field}
    problems = getattr(error, "findings", None)
    if problems:
        shown["problems"] = [problem_json(one) for one in problems]
    click.echo(json.dumps({"error": shown}, ensure_ascii=False), err=True)


def problem_json(finding: Any) -> dict[str, Any]:
    """A problem of a file, for editors and programs."""
    one = finding.problem
    return {
        "file": finding.file,
        "line": one.line,
        "column": one.column,
        "severity": one.severity,
        "field": one.field,
        "message": one.message,
        "suggestion": one.suggestion,
    }


def without_password(text: str) -> str:
    """A text whose database URLs may be shown."""
    return re.sub(r"(://[^:/@\s]*):[^@/\s]*@", r"\1:…@", text)


def table(rows: list[list[str]]) -> str:
    """Columns, each as wide as it must be."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def count(number: int, one: str, many: str | None = None) -> str:
    """“1 article”, “3 articles”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
