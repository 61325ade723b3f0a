"""`overture bench routing`: a benchmark's replies through the real code, with the benchmark's own ids."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from overture.cli.main import main

WORKSPACE = {
    "type": "workspace",
    "id": "acme",
    "procedures": [
        {
            "id": "late",
            "name": "Late order",
            "when_to_use": "The customer asks where an order is.",
            "examples": ["where is my parcel?"],
        },
        {
            "id": "return",
            "name": "Return an item",
            "when_to_use": "The customer wants to send something back.",
            "examples": ["I'd like to return these shoes"],
        },
    ],
    "articles": [
        {"id": "hours", "title": "Opening hours", "body": "We are open Monday to Saturday, 10 to 19."}
    ],
}
SAID = {
    "r1": ("yes: please {{ now }}", "triggered"),
    "r2": ("I want to return these shoes", "procedure:return"),
    "r3": ("are you open on Saturday?", "content:hours"),
    "r4": ("can I talk to a human?", "human"),
}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    path = tmp_path / "bench.jsonl"
    replies = [
        {
            "type": "reply",
            "id": id,
            "workspace": "acme",
            "triggered": "late",
            "first_message": "Your order *SH-1* is late. {{ shall }} I look?",
            "reply": text,
            "label": label,
        }
        for id, (text, label) in SAID.items()
    ]
    path.write_text("\n".join(json.dumps(one) for one in [WORKSPACE, *replies]))
    return path


def test_every_reply_is_routed_and_named_as_the_benchmark_does(bench: Path, tmp_path: Path) -> None:
    out = tmp_path / "pred.jsonl"
    done = CliRunner().invoke(main, ["bench", "routing", str(bench), "--out", str(out), "--json"])
    assert 0 == done.exit_code, done.output
    summary = json.loads(done.stdout)
    assert (4, 1, 1.0) == (summary["replies"], summary["workspaces"], summary["exact"])

    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {id: label for id, (_, label) in SAID.items()} == {one["id"]: one["pred"] for one in lines}
    for one in lines:
        assert {"id", "pred", "confidence", "latency_ms"} == set(one)
        assert 0 <= one["confidence"] <= 1
        assert one["latency_ms"] > 0


@pytest.mark.parametrize("line", ["{", '{"type": "reply"}', "[]", '{"type": "reply", "workspace": "nope"}'])
def test_a_file_that_is_no_benchmark_is_refused_with_its_line(bench: Path, line: str) -> None:
    bench.write_text(bench.read_text() + "\n" + line)
    done = CliRunner().invoke(main, ["bench", "routing", str(bench)])
    assert 1 == done.exit_code
    assert f"{bench}:6 is not a line of a routing benchmark" in done.stderr
