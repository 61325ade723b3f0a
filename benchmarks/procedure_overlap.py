"""How often `check` warns of two procedures for one thing, and of two for different things.

    python benchmarks/procedure_overlap.py CLINC150.json [--bench BENCH.jsonl]

Each intent of the training part of CLINC150 is dealt out to two procedures, two, four and six examples each: these
mean one thing. Procedures of different intents, and those of one workspace of BENCH, do not.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overture.encoder import Encoder
from overture.procedures.check.overlap import overlapping
from overture.procedures.model import Procedure

EACH = (2, 4, 6)
OTHERS = 2_000  # pairs of different intents that are drawn


def _procedure(key: str, examples: Iterable[str], when: str = "") -> Procedure:
    return Procedure(key=key, name=key, when_to_use=when, steps=(), examples_use=tuple(examples))


class _Once:
    """Each phrase is encoded once, in however many pairs it stands."""

    def __init__(self) -> None:
        self._encoder, self._known = Encoder.load(), dict[str, NDArray[np.float32]]()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        fresh = sorted({one for one in texts if one not in self._known})
        if fresh:
            self._known.update(zip(fresh, self._encoder.encode(fresh), strict=True))
        return np.array([self._known[one] for one in texts], dtype=np.float32)


def _warned(pairs: Iterable[tuple[Procedure, Procedure]], encode: _Once) -> tuple[int, int]:
    found = [bool(overlapping(one, [other], encode)) for one, other in pairs]
    return sum(found), len(found)


def _of_workspaces(bench: Path) -> Iterator[tuple[Procedure, Procedure]]:
    for line in bench.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        if given["type"] == "workspace":
            made = [
                _procedure(one["id"], one.get("examples", ()), one["when_to_use"])
                for one in given["procedures"]
            ]
            yield from combinations(made, 2)


def _dealt(intents: dict[str, list[str]], each: int, dice: random.Random) -> dict[str, Sequence[Procedure]]:
    dealt = {}
    for label, phrases in intents.items():
        drawn = dice.sample(phrases, 2 * each)
        dealt[label] = (_procedure("one", drawn[:each]), _procedure("other", drawn[each:]))
    return dealt


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clinc", type=Path)
    parser.add_argument("--bench", type=Path)
    asked = parser.parse_args()
    encode, dice = _Once(), random.Random(7)
    intents: dict[str, list[str]] = {}
    for phrase, label in json.loads(asked.clinc.read_text(encoding="utf-8"))["train"]:
        intents.setdefault(label, []).append(phrase)
    for each in EACH:
        dealt = _dealt(intents, each, dice)
        same, of = _warned(((one, other) for one, other in dealt.values()), encode)
        drawn = [dice.sample(sorted(dealt), 2) for _ in range(OTHERS)]
        false, pairs = _warned(((dealt[one][0], dealt[other][1]) for one, other in drawn), encode)
        print(f"{each} examples each: one intent {same} of {of}, different ones {false} of {pairs}")
    if asked.bench is not None:
        false, pairs = _warned(_of_workspaces(asked.bench), encode)
        print(f"procedures of one workspace: {false} of {pairs}")


if __name__ == "__main__":
    main()
