"""One Acme for a whole file of requests that leave nothing behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import LATE_ORDER, Desk, new_desk
from overture.encoder.model import Encoder
from postgres_server import drop_database, fresh_database

NEEDS_DATA = """
procedure: needs-data
name: Needs data
when_to_use: Never.
triggers:
  - kind: api_call
    key: call
    data: {order_id: {type: text, required: true}, amount: {type: number}, when: {type: date}}
    first_message: "Order {{ data.order_id }}."
steps:
  - say: Done.
"""

ON_CLICK_ONLY = """
procedure: on-click-only
name: Only by a click
when_to_use: Never.
steps:
  - say: Done.
"""


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def acme(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder
) -> Iterator[Desk]:
    """Acme with a procedure for each case; its tests change nothing that another one counts."""
    if request.param == "sqlite":
        path: Path = tmp_path_factory.mktemp("acme") / "overture.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("postgres_template")
        url = fresh_database(os.environ["OVERTURE_TEST_POSTGRES"], template=template)
    with new_desk(url, encoder) as desk:
        desk.publish(LATE_ORDER, NEEDS_DATA, ON_CLICK_ONLY)
        desk.publish(LATE_ORDER.replace("procedure: late-order", "procedure: paused"))
        desk.pause("paused")
        yield desk
    if request.param != "sqlite":
        drop_database(url)
