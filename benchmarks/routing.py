"""Route every reply of a routing benchmark and write what was decided, with confidence and time.

    python benchmarks/routing.py BENCH.jsonl --out PREDICTIONS.jsonl

BENCH holds lines of `{"type": "workspace", …}` and `{"type": "reply", …}`; a prediction is
`human`, `procedure:<id>`, `content:<id>` or `triggered`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from overture.agent.model import Context, Decision, ProcedureEntry, Situation
from overture.agent.route import route
from overture.agent.signals import RoutingIndex, hear
from overture.encoder import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable
from overture.knowledge.split import split

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Space:
    """A workspace of the benchmark, with its own ids beside ours."""

    index: RoutingIndex
    procedures: tuple[str, ...]
    articles: tuple[str, ...]

    @classmethod
    def build(cls, line: Mapping[str, Any], encoder: Encoder) -> Space:
        entries = [
            ProcedureEntry(at, f"p{at}", p["name"], p["when_to_use"], tuple(p.get("examples") or ()))
            for at, p in enumerate(line["procedures"])
        ]
        passages: list[Passage] = []
        for at, article in enumerate(line["articles"]):
            for piece in split(article["title"], article["body"]):
                passages.append(
                    Passage(len(passages), at, article["title"], piece.heading, piece.text, WRITTEN)
                )
        texts = [searchable(p.title, p.heading, p.text) for p in passages]
        vectors = encoder.encode(texts) if texts else np.zeros((0, 0), np.float32)
        return cls(
            RoutingIndex.build(entries, PassageIndex.build(passages, vectors), encoder),
            tuple(p["id"] for p in line["procedures"]),
            tuple(article["id"] for article in line["articles"]),
        )

    def named(self, decision: Decision) -> str:
        target = decision.target
        if decision.kind == "hand_off":
            return "human"
        if decision.kind == "procedure" and target:
            return f"procedure:{self.procedures[target.id]}"
        if decision.kind == "answer" and target:
            return f"content:{self.articles[target.id]}"
        return "triggered"


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def run(bench_path: Path, out_path: Path) -> int:
    """Write one prediction a reply; gives their number."""
    encoder = Encoder.load()
    spaces: dict[str, Space] = {}
    count = 0
    with out_path.open("w", encoding="utf-8") as out:
        for line in lines(bench_path):
            if line["type"] == "workspace":
                spaces[line["id"]] = Space.build(line, encoder)
                continue
            space = spaces[line["workspace"]]
            triggered = space.procedures.index(line["triggered"])
            context = Context(first_message=line["first_message"], triggered_id=triggered)
            begun = time.perf_counter()
            heard = hear(space.index, line["reply"], context, encoder)
            decision = route(Situation(state="offered", triggered_id=triggered), heard)
            took = (time.perf_counter() - begun) * 1000
            answer = {
                "id": line["id"],
                "pred": space.named(decision),
                "confidence": round(min(1.0, decision.confidence), 4),
                "latency_ms": round(took, 3),
            }
            out.write(json.dumps(answer) + "\n")
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    print(f"{run(args.bench, args.out)} replies routed, written to {args.out}")


if __name__ == "__main__":
    main()
