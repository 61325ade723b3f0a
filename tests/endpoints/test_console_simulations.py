"""Simulations are kept with their procedure: added from a preview, played on the draft, pushed and pulled as files."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console import AtTheConsole
from desk import LATE_ORDER, Desk
from overture.endpoints.console import simulations as endpoint
from overture.llm.base import Model
from overture.procedures import document
from overture.procedures.publish import File, Refused
from overture.simulations import kept
from overture.simulations.file import read
from overture.testing import ScriptedModel

WAITS = """
simulation: late-order
cases:
  - name: Rather waits
    start: api_call
    talk: [I'd rather wait]
    expect: {state: completed, values: {wish: wait}, says: Thank you for waiting}
"""
PLAYED = """
simulation: late-order
cases:
  - name: Played
    start: api_call
    talk: [{plays: {goal: "Wants to wait.", turns: 2}}]
    expect: {state: completed}
"""
BY_CALL = {"start": {"by": "api_call"}, "text": "a refund please"}


@pytest.fixture
def ben(desk: Desk) -> AtTheConsole:
    return AtTheConsole(desk, "ben@acme.example", role="builder")


@pytest.fixture
def late(ben: AtTheConsole) -> str:
    return f"/procedures/{ben.post('/procedures', {'source': LATE_ORDER}).json['id']}"


def test_a_preview_is_kept_and_the_draft_is_measured_by_it(ben: AtTheConsole, late: str) -> None:
    preview = ben.post(f"{late}/previews", BY_CALL).json
    source = ben.post(f"/previews/{preview['id']}/simulation", {"name": "Wants money"}).json["source"]
    one = ben.post(f"{late}/simulations", {"name": "Wants money", "source": source}).json
    assert ("wants-money", ["Wants money"], "Ben") == (one["name"], one["cases"], one["saved_by"])
    ben.post(f"{late}/simulations", {"name": "Wants money", "source": WAITS})
    assert ["wants-money", "wants-money-2"] == [
        each["name"] for each in ben.get(f"{late}/simulations").json["simulations"]
    ]

    report = ben.post(f"{late}/simulations/run").json
    assert (2, 0) == (report["passed"], report["failed"]), report["cases"]
    (covered,) = report["coverage"]
    assert {"of": 4, "reached": 4} == covered["steps"]
    assert all(each["place"].startswith("steps.") for each in covered["missed"])

    # What is not saved yet is measured too, and what differs is told.
    tree = dict(document.read(LATE_ORDER).content or {})
    tree["steps"] = [*tree["steps"][:-1], {"say": "Bye."}]
    worse = ben.post(f"{late}/simulations/run", {"document": tree}).json
    assert (1, 1) == (worse["passed"], worse["failed"])
    (broken,) = [each for each in worse["cases"] if each["result"] == "failed"]
    assert "Thank you for waiting" in broken["failures"][0]["message"]

    assert 200 == ben.delete(f"{late}/simulations/{one['id']}").status
    assert 404 == ben.delete(f"{late}/simulations/{one['id']}").status
    assert 1 == len(ben.get(f"{late}/simulations").json["simulations"])


@pytest.mark.parametrize("with_model", [False, True])
def test_while_simulations_play_others_are_answered(
    desk: Desk, ben: AtTheConsole, late: str, monkeypatch: pytest.MonkeyPatch, with_model: bool
) -> None:
    asked_on: list[Any] = []

    def says(*_: Any) -> dict[str, Any]:
        asked_on.append(asyncio.get_running_loop())
        return (
            {"say": "I'd rather wait", "done": False} if len(asked_on) == 1 else {"say": None, "done": True}
        )

    if with_model:
        model = Model(ScriptedModel(says), desk.clock)
        desk.app.state.services = replace(desk.app.state.services, model=model)
    ben.post(f"{late}/simulations", {"name": "x", "source": PLAYED if with_model else WAITS})
    playing, answered = threading.Event(), threading.Event()
    play = endpoint.run

    async def busy(*world: Any, **how: Any) -> Any:
        playing.set()
        assert answered.wait(20), "nobody else was answered meanwhile"
        return await play(*world, **how)

    monkeypatch.setattr(endpoint, "run", busy)

    async def both() -> Any:
        url, headers = f"/console/api{late}/simulations", {"X-Overture-CSRF": ben.csrf}
        played = asyncio.create_task(ben.client.post(f"{url}/run", json={}, headers=headers))
        assert await asyncio.to_thread(playing.wait, 20)
        listed = await ben.client.get(url)
        answered.set()
        return asyncio.get_running_loop(), listed.status_code, (await played).json()

    loop, status, report = desk.run(both())
    assert (200, 1, 0) == (status, report["passed"], report["failed"]), report
    # A model's connections belong to the loop that everything else runs on.
    assert ({loop} if with_model else set()) == set(asked_on)


def test_what_is_wrong_is_named(ben: AtTheConsole, late: str) -> None:
    other = ben.post(f"{late}/simulations", {"name": "x", "source": WAITS.replace("late-order", "refund")})
    assert (400, "simulation") == (other.status, other.error["field"])
    unreadable = ben.post(
        f"{late}/simulations", {"name": "x", "source": "simulation: late-order\ncase: []\n"}
    )
    assert 400 <= unreadable.status < 500
    assert "Did you mean" in unreadable.error["message"]
    for body, field in (
        ({"source": WAITS}, "name"),
        ({"name": "x"}, "source"),
        ({"name": 3, "source": WAITS}, "name"),
    ):
        refused = ben.post(f"{late}/simulations", body)
        assert (400, field) == (refused.status, refused.error["field"])
    ben.post(f"{late}/simulations", {"name": "x", "source": WAITS})
    broken = ben.post(
        f"{late}/simulations/run", {"document": {"procedure": "late-order", "steps": [{"sai": 1}]}}
    )
    assert (422, "draft_has_problems") == (broken.status, broken.error["code"])
    assert 404 == ben.get("/procedures/nothing/simulations").status


def test_roles(desk: Desk, late: str) -> None:
    aron = AtTheConsole(desk, "aron@acme.example", role="agent")
    assert 200 == aron.get(f"{late}/simulations").status
    for method, path in (("POST", ""), ("POST", "/run"), ("DELETE", "/12")):
        assert 403 == aron.call(method, f"{late}/simulations{path}").status, path


def test_files_go_in_and_come_out_as_they_were(desk: Desk, ben: AtTheConsole, late: str) -> None:
    files = [File("git/simulations/late-order.sim.yaml", WAITS.encode()),
             File("git/late-order.waits.yaml", WAITS.encode())]  # fmt: skip
    assert ["late-order", "waits"] == desk.write(kept.push, files, now=desk.clock.now())
    there = {"simulations/late-order.sim.yaml": WAITS, "moved/late-order.waits.yaml": "# by hand\n" + WAITS}
    pulled = desk.read(kept.pull, (), there)
    assert [("simulations/late-order.sim.yaml", False), ("moved/late-order.waits.yaml", True)] == [
        (one.name, one.overwrites_unknown) for one in pulled
    ]
    fresh = desk.read(kept.pull, ("late-order",), {})
    assert ["late-order.sim.yaml", "late-order.waits.sim.yaml"] == [Path(one.name).name for one in fresh]
    assert all("Rather waits" == read(one.source).cases[0].name for one in fresh)
    again = [File(one.name, one.source.encode()) for one in fresh]
    desk.write(kept.push, again, now=desk.clock.now())
    assert 2 == len(ben.get(f"{late}/simulations").json["simulations"])

    for wrong, told in (
        (WAITS.replace("late-order", "nobody"), "There is no procedure “nobody”"),
        ("simulation: late-order\ncase: []\n", "Did you mean “cases”"),
    ):
        with pytest.raises(Refused, match=told):
            desk.write(kept.push, [File("x.yaml", wrong.encode())], now=desk.clock.now())


def test_a_draft_that_is_removed_takes_its_simulations_along(ben: AtTheConsole, late: str) -> None:
    ben.post(f"{late}/simulations", {"name": "Waits", "source": WAITS})
    revision = ben.get(late).json["draft"]["revision"]
    assert {"removed": True} == ben.post(f"{late}/discard", {"based_on": revision}).json
