#!/usr/bin/env python3
"""Set up Overture in .venv, then run it or its tests. Needs Python 3.11 or newer, and nothing else.

    python3 run.py demo    everything running, with a sample shop; more words go to `overture demo`
    python3 run.py test    every check, and the tests on both databases; more words go to pytest

Packages go into .venv beside this file. Delete it to start afresh.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from collections import Counter

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "overture-set-up.json")
FRONT_ENDS = ("messenger", "console", "protocol")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MAIL_SERVERS = {"/usr/sbin/exim4": "exim4-daemon-light", "/usr/sbin/dovecot": "dovecot-imapd"}
CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("lint-imports", ["lint-imports"]),
    ("front end", ["python", os.path.join("frontend", "check.py")]),
)


def main(arguments):
    stand_on_open_files()
    wanted, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if wanted in ("help", "-h", "--help"):
        print(__doc__.strip())
        return 0
    if wanted not in ("demo", "test"):
        return complain(f'There is no "{wanted}" here.\n\n{__doc__.strip()}')
    if sys.version_info < OLDEST:
        return hand_to_newer_python(arguments)
    try:
        set_up(with_tests=wanted == "test")
        return test(rest) if wanted == "test" else demo(rest)
    except (SetUpFailed, OSError) as problem:
        return complain(str(problem))
    except KeyboardInterrupt:
        return 130


class SetUpFailed(Exception):
    pass


def demo(arguments):
    command = program("overture")
    sys.stdout.flush()
    os.execv(command, [command, "demo", *arguments])


def test(arguments):
    """Run every check, whatever an earlier one found, and say in one line what held."""
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    if in_ci:
        install_programs()
    failed = [name for name, command in CHECKS if not passes(name, [program(command[0]), *command[1:]])]
    with tempfile.TemporaryDirectory() as place:
        report = os.path.join(place, "report.xml")
        command = [python(), "-m", "pytest", *parallel(arguments), f"--junitxml={report}", *arguments]
        tests_pass = passes("pytest", command)
        ran, skipped = read_report(report)
    if not tests_pass:
        failed.append("pytest")
    if skipped and in_ci:
        failed.append("tests were skipped, which CI does not allow")
    print()
    print(summary(failed, ran, skipped), flush=True)
    return 1 if failed else 0


def passes(name, command):
    print(f"\n== {name}", flush=True)
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        return child.wait() == 0
    except KeyboardInterrupt:
        child.wait()  # it was interrupted too, and is tidying up
        raise


def parallel(arguments):
    """One process more than there are processors, since stories wait for others; four at most, and no say in it
    where the caller has one or debugs."""
    if any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        return []
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ["-n", str(min(processors + 1, 4)), "--dist", "worksteal"] if processors > 1 else []


def read_report(path):
    """How many tests ran, and how many were skipped for each reason."""
    ran, skipped = 0, Counter()
    if not os.path.exists(path):
        return None, skipped
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        skip = case.find("skipped")
        if skip is None or skip.get("type") == "pytest.xfail":
            ran += 1
        else:
            skipped[" ".join((skip.get("message") or skip.text or "no reason given").split())] += 1
    return ran, skipped


def summary(failed, ran, skipped):
    """One line, the last of the output.

    A test is skipped with "What: why", as in "Chromium: it is not installed".
    """
    held = [name for name, _ in CHECKS] + ["pytest"]
    what = f"FAILED: {', '.join(failed)}." if failed else f"Passed: {', '.join(held)}."
    count = "No test report." if ran is None else f"{tests(ran)} ran."
    reasons = []
    for reason, number in sorted(skipped.items()):
        thing, _, why = reason.partition(": ")
        because = f", because {why}" if why else ""
        reasons.append(f"{thing}: skipped ({tests(number)}){because}.")
    return " ".join([what, count, *(reasons or ["Nothing skipped."])])


def tests(number):
    return "1 test" if number == 1 else f"{number} tests"


def install_programs():
    """Get the Chromium and the mail servers that stories need, on a CI machine of Debian's family only."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    missing += [package for program, package in MAIL_SERVERS.items() if not os.path.exists(program)]
    if not missing:
        return
    print(f"Installing {', '.join(missing)} for the stories.", flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)


def set_up(with_tests):
    """Make .venv hold what pyproject.toml asks for. A stamp makes the second time instant."""
    asked = fingerprint()
    done = read_stamp()
    if done.get("asked") == asked and (done.get("with_tests") or not with_tests) and os.path.exists(python()):
        return
    started = time.monotonic()
    print("Setting up .venv: downloading and installing takes a minute or two, once.", flush=True)
    packages = ["-e", ".", *(test_packages() if with_tests else [])]
    if not (shutil.which("uv") and installed_by_uv(packages)):
        install_by_pip(packages)
    with open(STAMP, "w", encoding="utf-8") as stamp:
        json.dump({"asked": asked, "with_tests": with_tests}, stamp)
    print(f"Set up in {time.monotonic() - started:.0f} s.\n", flush=True)


def fingerprint():
    """Changes with what is asked for, with what the front ends are built of, and with the place.

    A virtual environment cannot be moved.
    """
    said = hashlib.sha256(VENV.encode("utf-8", "surrogateescape"))
    for name in ["pyproject.toml", "hatch_build.py", *front_end_sources()]:
        path = os.path.join(ROOT, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
            said.update(f"\0{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return said.hexdigest()


def front_end_sources():
    """What the build of messenger and console reads; their tests and benchmarks are not in what is installed."""
    found = []
    for part in FRONT_ENDS:
        place = os.path.join("frontend", part)
        top = os.path.join(ROOT, place)
        found += [
            os.path.join(place, name) for name in (sorted(os.listdir(top)) if os.path.isdir(top) else ())
        ]
        for folder, _, names in os.walk(os.path.join(top, "src")):
            found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(found)


def read_stamp():
    try:
        with open(STAMP, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def test_packages():
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return tomllib.load(file)["dependency-groups"]["dev"]


def installed_by_uv(packages):
    make = ["uv", "venv", "--quiet", "--clear", "--python", sys.executable, VENV]
    if not usable(python()) and not runs(make):
        return False
    # Without a word about it uv keeps what is installed while pyproject.toml is what it was.
    again = ["--reinstall-package", "overture"]
    if runs(["uv", "pip", "install", "--quiet", *again, "--python", python(), *packages]):
        return True
    print("uv could not install it; trying pip.", flush=True)
    return False


def install_by_pip(packages):
    pip = [python(), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    if not (usable(python()) and runs([*pip, "--version"], quietly=True)):
        make_venv()
    if not runs([*pip, "install", "--quiet", *packages]):
        raise SetUpFailed("The packages could not be installed; the lines above say why.")


def make_venv():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        raise SetUpFailed(
            "This Python cannot make virtual environments: a part of it is not installed.\n"
            "On Debian and Ubuntu: sudo apt install python{}.{}-venv\n".format(*sys.version_info)
            + "Or install uv: it is used where it is found."
        ) from None
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
    except subprocess.CalledProcessError as problem:
        raise SetUpFailed(f"The virtual environment could not be made: {problem}") from None


def usable(interpreter):
    """Whether an interpreter starts and is new enough; one left by an upgraded system does not."""
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return os.path.exists(interpreter) and runs([interpreter, "-c", check], quietly=True)


def runs(command, quietly=False):
    to = subprocess.DEVNULL if quietly else None
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=to, stderr=to)
    except OSError:
        return False
    return done.returncode == 0


def python():
    return program("python")


def program(name):
    return os.path.join(VENV, "bin", name)


def hand_to_newer_python(arguments):
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and usable(newer):
            sys.stdout.flush()
            os.execv(newer, [newer, os.path.abspath(__file__), *arguments])
    return complain(
        "Overture needs Python 3.11 or newer; this is {}.{}.\n".format(*sys.version_info)
        + "Install one from your system's packages or python.org, and run this file with it."
    )


def stand_on_open_files():
    """Where standard input was closed, open /dev/null, lest a later file takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def complain(message):
    print(message, file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
