"""`overture serve` and `overture demo` as processes: started, asked, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

OVERTURE = Path(sys.executable).with_name("overture")
SECONDS = 60

Start = Callable[..., "Process"]


class Process:
    """A running `overture …`, in an environment of its own."""

    def __init__(self, *words: str, **environment: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}
        self.popen = subprocess.Popen(
            [OVERTURE, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**env, **environment},
        )

    def line(self) -> str:
        """The next line of its output."""
        line = _of(self.popen.stdout).readline()
        assert line, _of(self.popen.stderr).read()
        return line

    def stopped(self, by: signal.Signals) -> tuple[int, str]:
        """Tell it to stop; how it ended, and what it said on standard error."""
        self.popen.send_signal(by)
        _, said = self.popen.communicate(timeout=SECONDS)
        return self.popen.returncode, said


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Process] = []

    def begin(*words: str, **environment: str) -> Process:
        running.append(Process(*words, **environment))
        return running[-1]

    yield begin
    for one in running:
        if one.popen.poll() is None:
            one.popen.kill()
        with one.popen:
            pass


def _of(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _overture(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([OVERTURE, *words], capture_output=True, text=True, timeout=SECONDS, check=False)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _eventually(ask: Callable[[], Any]) -> Any:
    until = time.monotonic() + SECONDS
    while not (found := ask()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def test_serve_answers_works_and_stops(database_url: str, start: Start) -> None:
    port = _free_port()
    serve = start("serve", "--port", str(port), "--database", database_url)
    assert f"http://127.0.0.1:{port}" in serve.line()
    there = httpx.Client(base_url=f"http://127.0.0.1:{port}")
    assert there.get("/healthz").status_code == 200
    assert "overture init" in there.get("/readyz").json()["reason"]

    # What the command line does takes effect on the next request.
    made = json.loads(_overture("init", "--json", "--database", database_url).stdout)
    assert there.get("/readyz").json() == {"status": "ready"}
    report = there.get(
        "/api/overture/reports/resolution", headers={"Authorization": f"Bearer {made['token']}"}
    )
    assert report.json()["involved"] == 0

    taken = _overture("serve", "--no-worker", "--port", str(port), "--database", database_url)
    assert (taken.returncode, taken.stdout) == (1, "")
    assert f"Port {port} is in use" in taken.stderr

    code, said = serve.stopped(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in said


def test_a_second_worker_on_one_sqlite_file_is_refused(tmp_path: Path, start: Start) -> None:
    url = f"sqlite:///{tmp_path}/acme.db"
    first = start("serve", "--port", "0", "--database", url)
    assert "Overture answers" in first.line()

    second = _overture("serve", "--port", "0", "--database", url)
    assert second.returncode == 1
    assert f"Process {first.popen.pid} runs the jobs" in second.stderr
    assert "--no-worker" in second.stderr

    beside = start("serve", "--port", "0", "--no-worker", "--database", url)
    assert "without jobs" in beside.line()

    # The lock goes with the process, however it ends.
    first.popen.kill()
    first.popen.wait()
    third = start("serve", "--port", "0", "--database", url)
    assert "Overture answers" in third.line()
    assert third.stopped(signal.SIGINT)[0] == 0


def test_serve_makes_the_tables_of_an_empty_database(tmp_path: Path, start: Start) -> None:
    serve = start("serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/acme.db")
    assert "Overture answers" in serve.line()
    _, said = serve.stopped(signal.SIGTERM)
    assert "Applied" in said
    assert "There is no workspace" in said


def test_the_demo_speaks_first_hears_the_reply_and_leaves_nothing(tmp_path: Path, start: Start) -> None:
    demo = start("demo", "--port", "0", "--json", TMPDIR=str(tmp_path))
    facts = json.loads(demo.line())
    assert set(facts) == {"url", "demo_url", "console_url", "app_id", "token", "procedure_id", "curl"}

    api = httpx.Client(base_url=facts["url"], headers={"Authorization": f"Bearer {facts['token']}"})
    fired = api.post(
        f"/api/procedures/{facts['procedure_id']}/trigger",
        json={"user": {"id": "carol"}, "data": {"order_id": "FF-10007"}},
        headers={"Intercom-Version": "Unstable"},
    ).json()
    conversation = f"/api/conversations/{fired['conversation_id']}"
    reply = {"message_type": "comment", "type": "user", "user_id": "carol", "body": "refund"}
    assert api.post(f"{conversation}/reply", json=reply).status_code == 200

    def ended() -> Any:
        (run,) = api.get(conversation).json()["overture"]["runs"]
        return run["state"] not in ("offered", "active", "waiting") and run

    run = _eventually(ended)
    assert (run["procedure_key"], run["state"]) == ("late-order", "completed")
    assert run["values"]["order"]["id"] == "FF-10007"  # the shop's order system was asked
    assert httpx.get(facts["demo_url"]).status_code == 200

    code, said = demo.stopped(signal.SIGINT)
    assert (code, said) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_kept_can_be_opened_again(tmp_path: Path, start: Start) -> None:
    found = []
    for _ in range(2):
        demo = start("demo", "--port", "0", "--json", "--data", str(tmp_path / "shop"))
        found.append(json.loads(demo.line()))
        assert demo.stopped(signal.SIGTERM)[0] == 0
    assert found[0]["app_id"] == found[1]["app_id"]
    assert found[0]["procedure_id"] == found[1]["procedure_id"]

    url = f"sqlite:///{tmp_path}/shop/overture.db"
    listed = json.loads(_overture("procedure", "list", "--json", "--database", url).stdout)
    assert {1} == {one["version"] for one in listed}


def test_the_demo_keeps_out_of_a_workspace_of_yours(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/acme.db"
    _overture("init", "--name", "Acme", "--database", url)
    refused = _overture("demo", "--port", "0", "--database", url)
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        "This database holds the workspace “Acme”. Give the demo a database of its own."
    )


def test_help_comes_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "overture.cli.main"],
        capture_output=True,
        text=True,
        check=True,
    )
    for heavy in ("sqlalchemy", "uvicorn", "fastapi", "numpy", "onnxruntime", "alembic"):
        assert f" {heavy}\n" not in done.stderr
