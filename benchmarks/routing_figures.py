"""Write what a routing benchmark found, workspace by workspace, as a page of the documentation.

    overture bench routing BENCH.jsonl --out PREDICTIONS.jsonl
    python benchmarks/routing_figures.py BENCH.jsonl PREDICTIONS.jsonl > docs/routing-figures.md

A reply is right where its kind and its procedure or article are the right ones; a wrong id is an error.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KINDS = ("human", "procedure", "content", "triggered")
BINS = 10
SEEN = "clinc_"  # workspaces whose collection another part was trained on


@dataclass(frozen=True)
class Reply:
    workspace: str
    meant: str
    heard: str
    confidence: float

    @property
    def right(self) -> bool:
        return self.meant == self.heard


def kind(label: str) -> str:
    return label.split(":")[0]


def read(bench: Path, predictions: Path) -> list[Reply]:
    with predictions.open(encoding="utf-8") as file:
        heard = {line["id"]: line for line in map(json.loads, file)}
    with bench.open(encoding="utf-8") as file:
        lines = [line for line in map(json.loads, file) if line["type"] == "reply"]
    nothing = {"pred": "none", "confidence": 0.0}
    found = []
    for line in lines:
        one = heard.get(line["id"], nothing)
        found.append(Reply(line["workspace"], line["label"], one["pred"], one["confidence"]))
    return found


def exact(replies: Sequence[Reply]) -> float:
    return sum(reply.right for reply in replies) / max(1, len(replies))


def macro_f1(replies: Sequence[Reply]) -> float:
    """The mean over the kinds that occur; a right kind with a wrong id counts against both sides."""
    right, meant, heard = (
        Counter(kind(r.meant) for r in replies if r.right),
        Counter(kind(r.meant) for r in replies),
        Counter(kind(r.heard) for r in replies),
    )
    present = [one for one in KINDS if meant[one]]
    return sum(2 * right[one] / max(1, meant[one] + heard[one]) for one in present) / max(1, len(present))


def calibration_error(replies: Sequence[Reply]) -> float:
    total = 0.0
    for at in range(BINS):
        inside = [r for r in replies if min(BINS - 1, int(r.confidence * BINS)) == at]
        total += abs(sum(r.confidence for r in inside) - sum(r.right for r in inside))
    return total / max(1, len(replies))


def surest_half(replies: Sequence[Reply]) -> float:
    return exact(sorted(replies, key=lambda reply: -reply.confidence)[: len(replies) // 2])


def share(replies: Sequence[Reply], of: Sequence[Reply]) -> str:
    return f"{len(replies)} of {len(of)} ({len(replies) / max(1, len(of)):.2%})"


def all_of(replies: Sequence[Reply]) -> list[str]:
    asked = [r for r in replies if r.meant == "human"]
    other = [r for r in replies if r.meant != "human"]
    stays = [r for r in replies if r.meant == "triggered"]
    return [
        f"{exact(replies):.1%}",
        f"{macro_f1(replies):.3f}",
        share([r for r in asked if r.heard != "human"], asked),
        share([r for r in other if r.heard == "human"], other),
        share([r for r in stays if r.heard != "triggered"], stays),
        share([r for r in replies if kind(r.heard) == "procedure" and not r.right], replies),
        f"{calibration_error(replies):.3f}",
        f"{surest_half(replies):.1%}",
    ]


ROWS = (
    "right",
    "macro F1 over the four kinds",
    "requests for a person missed",
    "taken for a request for a person, wrongly",
    "left the triggered procedure although it was meant",
    "began a wrong procedure",
    "calibration error (ECE, ten bins)",
    "right on the surest half",
)


def page(replies: Sequence[Reply]) -> str:
    unseen = [reply for reply in replies if not reply.workspace.startswith(SEEN)]
    names = sorted({reply.workspace for reply in replies})
    parts = [
        "# Routing figures",
        "",
        "Written by a command; do not edit it by hand:",
        "",
        "```sh",
        "overture bench routing BENCH.jsonl --out PREDICTIONS.jsonl",
        "python benchmarks/routing_figures.py BENCH.jsonl PREDICTIONS.jsonl > docs/routing-figures.md",
        "```",
        "",
        f"The development benchmark: {len(replies)} first replies after a first message, in {len(names)} workspaces."
        " Right means the right kind and the right procedure or article. Another part of the collection behind the"
        " workspaces `clinc_…` was trained on, so the second column, without them, says more about a company never"
        " seen. Cuts and features were chosen with this benchmark in view.",
        "",
        f"| | all ({len(replies)}) | without `clinc_…` ({len(unseen)}) |",
        "|---|---|---|",
        *(f"| {row} | {a} | {b} |" for row, a, b in zip(ROWS, all_of(replies), all_of(unseen), strict=True)),
        "",
        "| workspace | replies | right | macro F1 | missed requests for a person | wrong hand-offs |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        here = [reply for reply in replies if reply.workspace == name]
        asked = [reply for reply in here if reply.meant == "human"]
        missed = sum(reply.heard != "human" for reply in asked)
        wrong = sum(reply.heard == "human" and reply.meant != "human" for reply in here)
        parts.append(
            f"| `{name}` | {len(here)} | {exact(here):.1%} | {macro_f1(here):.3f} | {missed} of {len(asked)} | {wrong} |"
        )
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("predictions", type=Path)
    args = parser.parse_args()
    print(page(read(args.bench, args.predictions)), end="")


if __name__ == "__main__":
    main()
