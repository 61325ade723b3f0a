"""The repository's text, as the agreement tests read it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def texts() -> dict[str, str]:
    """Every text file that is in the repository or is about to be, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for name in sorted(filter(None, listed.stdout.split("\0"))):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes())[:8192]:
            found[name] = content.decode("utf-8", "replace")
    return found


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def pages() -> dict[str, str]:
    """The Markdown that explains Overture. Help articles of the sample shop are its content, not ours."""
    return {name: text for name, text in texts().items() if name.endswith(".md") and "examples/" not in name}


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """The cells of the first table under a heading, without its head."""
    after = f"\n{text}".split(f"\n{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n?)+", after, re.MULTILINE)
    assert table, f"no table under {heading}"
    for line in table[0].splitlines()[2:]:
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]
