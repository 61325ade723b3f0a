"""What language models are told, as files: a change of words is a change that can be read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    return files(__name__).joinpath(f"{name}.md").read_text("utf-8")
