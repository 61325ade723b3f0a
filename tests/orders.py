"""Acme's order system: a real one, over HTTP, that may be slow or dead."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from http_server import Answers, listening


@dataclass
class OrderSystem:
    """Acme's orders. `hold` keeps it from answering."""

    port: int
    seen: list[tuple[str, str]] = field(default_factory=list)  # path, Idempotency-Key
    status: int = 200
    answer: Any = field(default_factory=lambda: {"order": {"status": "late", "total": 20}})
    hold: threading.Event = field(default_factory=threading.Event)

    @property
    def connector(self) -> str:
        return f"""
connector: get_order
method: GET
url: "http://127.0.0.1:{self.port}/orders/{{{{ id }}}}"
inputs: {{id: {{type: text, required: true}}}}
result:
  status: {{path: order.status, type: text}}
  total: {{path: order.total, type: number}}
mock: {{order: {{status: late, total: 1}}}}
timeout: 10s
"""

    @property
    def hasty(self) -> str:
        """For stories of a slow system. The others wait long: a busy machine is no reason to fail."""
        return self.connector.replace("10s", "0.6s")


@contextmanager
def serving() -> Iterator[OrderSystem]:
    system: OrderSystem

    class Orders(Answers):
        def do_GET(self) -> None:
            system.seen.append((self.path, self.headers.get("Idempotency-Key", "")))
            system.hold.wait(10)
            body = json.dumps(system.answer).encode()
            self.sends(body, status=system.status)

    with listening(Orders) as port:
        system = OrderSystem(port)
        system.hold.set()
        try:
            yield system
        finally:
            system.hold.set()
