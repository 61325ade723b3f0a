"""A server on this machine that stands for somebody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Answers(BaseHTTPRequestHandler):
    """Answers requests, and keeps quiet about it."""

    def sends(
        self, content: bytes = b"", *, status: int = 200, kind: str = "application/json", **headers: str
    ) -> None:
        self.send_response_only(status)  # without a date: a story sets its own
        for name, value in ({"Content-Type": kind} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def read(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def listening(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port on which it answers, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        # How long its end may take; the default makes half a second of each.
        often = {"poll_interval": 0.02}
        threading.Thread(target=server.serve_forever, kwargs=often, daemon=True).start()
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
