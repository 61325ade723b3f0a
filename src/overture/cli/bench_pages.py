"""Pages of the console as a browser asks for them: signed in, over loopback, one after the other."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from overture.base.errors import Error
from overture.cli.bench_history import EMAIL, PASSWORD
from overture.cli.bench_place import HOST, Serve
from overture.cli.bench_replies import percentile

API = "/console/api"
WARM_UP = 3


class Pages:
    """A teammate's browser, without the browser."""

    def __init__(self, serve: Serve) -> None:
        """Signs in. Raises `Error`."""
        self._serve = serve
        self._connection = http.client.HTTPConnection(HOST, serve.port, timeout=120)
        self._headers = {"Content-Type": "application/json"}
        body = json.dumps({"email": EMAIL, "password": PASSWORD})
        self._connection.request("POST", f"{API}/session", body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Error(f"The benchmark could not sign in: {answer.status}.")
        self._headers["Cookie"] = (answer.getheader("Set-Cookie") or "").partition(";")[0]

    def get(self, path: str) -> Any:
        """Raises `Error` where the answer is none."""
        try:
            self._connection.request("GET", API + path, headers=self._headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # A server ends connections that were idle for a few seconds.
            self._connection.close()
            self._connection.request("GET", API + path, headers=self._headers)
            answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise Error(f"{path} was answered with {answer.status}: {content.decode(errors='replace')}")
        return json.loads(content)

    def timed(self, paths: Mapping[str, Callable[[], str]], rounds: int) -> dict[str, Any]:
        """Name → p50 and p95 by the clock, and the server's processor time of one, in milliseconds.

        They are asked in turn, round after round, so that what else the machine does meets all of them alike.
        """
        took: dict[str, list[float]] = {name: [] for name in paths}
        worked: dict[str, list[float]] = {name: [] for name in paths}
        for round_ in range(WARM_UP + rounds):
            for name, path in paths.items():
                wanted = path()
                before, begun = self._worked_ms(), time.perf_counter()
                self.get(wanted)
                elapsed = (time.perf_counter() - begun) * 1000
                if round_ >= WARM_UP:
                    took[name].append(elapsed)
                    worked[name].append(self._worked_ms() - before)
        return {
            name: {
                "p50_ms": percentile(times, 50),
                "p95_ms": percentile(times, 95),
                "processor_ms": round(sum(worked[name]) / len(worked[name]), 1),
            }
            for name, times in took.items()
        }

    def _worked_ms(self) -> float:
        """The processor time of the server so far; 0 on a system that does not tell."""
        with suppress(OSError):
            fields = Path(f"/proc/{self._serve.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
        return 0.0
