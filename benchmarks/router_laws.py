"""Hold the router to laws that are true in any company, on a routing benchmark.

    python benchmarks/router_laws.py BENCH.jsonl

- A procedure or an article about something else changes hardly any decision, and a changed one goes to what was
  added or to the procedure that was triggered.
- The order in which procedures and articles are listed never matters.
- Whoever asks for a person gets one, whatever else the message says.
- A bare answer stays with the procedure that asked.

BENCH holds lines of `{"type": "workspace", …}` and `{"type": "reply", …}`. Ends with 1 if a law is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from overture.agent.model import Context, ProcedureEntry, Situation
from overture.agent.route import route
from overture.agent.signals import RoutingIndex, hear
from overture.encoder import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable
from overture.knowledge.split import split

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
ADDED = 1_000_000
UNCHANGED = 0.99

Place = tuple[str, int]

# Things that none of the benchmark's companies does. Written without a look at its messages.
PROCEDURES = (
    ("Adopt an alpaca", "Somebody wants to adopt one of our alpacas.", ("I would like to adopt an alpaca",)),
    ("Tune a church organ", "A parish wants its organ tuned.", ("our organ is out of tune",)),
    ("Report a fallen star", "Someone found a meteorite and wants it looked at.", ("I found a meteorite",)),
    ("Order a family crest", "The visitor wants a coat of arms drawn.", ()),
    ("Register a beehive", "A beekeeper has to register a new hive.", ("how do I register my bees",)),
)
ARTICLES = (
    ("Shearing alpacas", "Alpacas are shorn in May. A fleece weighs three kilos and takes a week to dry."),
    (
        "Pipes of the church organ",
        "The longest pipe is five metres and sounds a low C. Dust makes it hoarse.",
    ),
    ("Craters and meteorites", "A meteorite is heavier than a stone of its size, and a magnet clings to it."),
    ("Lions and lilies in heraldry", "A lion means courage. The lily was first worn by the kings of France."),
    (
        "Feeding bees in winter",
        "Give sugar syrup until October, then leave the hive alone until the willows bloom.",
    ),
)
# Said before or after any message, they make it a request for a person.
ASKED = (
    "I want to speak to a human. {}",
    "{} Please put me through to one of your agents.",
    "Can I talk to a real person? {}",
    "{} And let me talk to your manager.",
)
# They answer something, and ask for nothing.
ANSWERS = (
    "too expensive",
    "the blue one",
    "2 pm",
    "yes",
    "no thanks",
    "maybe later",
    "tomorrow morning",
    "the second one",
    "I don't know yet",
    "two of them",
    "that would be great",
    "not today",
    "around noon",
    "sounds good",
    "the bigger size",
    "I changed my mind",
    "as soon as possible",
    "next week please",
    "neither",
    "it's fine as it is",
)


@dataclass(frozen=True)
class Line:
    """A message of the benchmark."""

    text: str
    context: Context


@dataclass(frozen=True)
class Company:
    """A workspace as plain lists, so that it can be listed otherwise or given one thing more."""

    procedures: tuple[ProcedureEntry, ...]
    passages: tuple[Passage, ...]

    def index(self, encoder: Encoder) -> RoutingIndex:
        texts = [searchable(p.title, p.heading, p.text) for p in self.passages]
        vectors = encoder.encode(texts) if texts else np.zeros((0, 0), np.float32)
        return RoutingIndex.build(self.procedures, PassageIndex.build(self.passages, vectors), encoder)

    def shuffled(self, rng: random.Random) -> Company:
        return Company(
            tuple(rng.sample(self.procedures, len(self.procedures))),
            tuple(rng.sample(self.passages, len(self.passages))),
        )

    def with_procedure(self, name: str, when: str, use: tuple[str, ...]) -> Company:
        return replace(self, procedures=(*self.procedures, ProcedureEntry(ADDED, "added", name, when, use)))

    def with_article(self, title: str, body: str) -> Company:
        return replace(self, passages=(*self.passages, Passage(ADDED, ADDED, title, "", body, WRITTEN)))


class Remembering(Encoder):
    """Each text read once: the laws read the same messages many times over."""

    def __init__(self, inner: Encoder) -> None:
        self.inner = inner
        self.hash = inner.hash
        self.known: dict[str, Any] = {}

    def encode(self, texts: Sequence[str]) -> Any:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.inner.encode([text])[0]
        return np.stack([self.known[text] for text in texts]) if texts else self.inner.encode(texts)


def place_of(index: RoutingIndex, line: Line, encoder: Encoder, text: str | None = None) -> Place:
    """Where a message goes: the kind of decision, and the id of its target."""
    state = None if line.context.triggered_id is None else "offered"
    heard = hear(index, line.text if text is None else text, line.context, encoder)
    decision = route(Situation(state=state, triggered_id=line.context.triggered_id), heard)  # type: ignore[arg-type]
    return decision.kind, -1 if decision.target is None else decision.target.id


@dataclass(frozen=True)
class Found:
    """Decisions compared, those that changed, and those that changed to somewhere a law forbids."""

    compared: int = 0
    changed: int = 0
    astray: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.compared + other.compared, self.changed + other.changed, self.astray + other.astray)

    @property
    def unchanged(self) -> float:
        return 1 - self.changed / max(1, self.compared)


def compare(before: Sequence[Place], after: Sequence[Place]) -> Found:
    changed = [b for a, b in zip(before, after, strict=True) if a != b]
    allowed = [b for b in changed if b[1] == ADDED or b[0] in ("follow", "unsure")]
    return Found(len(before), len(changed), len(changed) - len(allowed))


def added(
    company: Company, lines: Sequence[Line], before: Sequence[Place], encoder: Encoder, at: int
) -> dict[str, Found]:
    """What one more procedure, and one more article, about something else do to all decisions."""
    found = {}
    for name, other in (
        ("unrelated procedure", company.with_procedure(*PROCEDURES[at % len(PROCEDURES)])),
        ("unrelated article", company.with_article(*ARTICLES[at % len(ARTICLES)])),
    ):
        index = other.index(encoder)
        found[name] = compare(before, [place_of(index, line, encoder) for line in lines])
    return found


def shuffled(
    company: Company, lines: Sequence[Line], before: Sequence[Place], encoder: Encoder, seed: int
) -> Found:
    """What another order of procedures and articles does: nothing."""
    index = company.shuffled(random.Random(seed)).index(encoder)
    after = [place_of(index, line, encoder) for line in lines]
    changed = sum(a != b for a, b in zip(before, after, strict=True))
    return Found(len(before), changed, changed)


def asked_for_a_person(index: RoutingIndex, lines: Sequence[Line], encoder: Encoder) -> Found:
    """How many messages are not handed to a person although they ask for one as well."""
    missed = 0
    for at, line in enumerate(lines):
        text = ASKED[at % len(ASKED)].format(line.text)
        missed += place_of(index, line, encoder, text)[0] != "hand_off"
    return Found(len(lines), missed, missed)


def answered(index: RoutingIndex, lines: Sequence[Line], encoder: Encoder) -> Found:
    """How many bare answers to first messages are taken for something else."""
    firsts = list(dict.fromkeys(line.context for line in lines if line.context.triggered_id is not None))
    stolen = [
        place
        for context in firsts
        for text in ANSWERS
        if (place := place_of(index, Line(text, context), encoder))[0] != "follow"
    ]
    return Found(len(firsts) * len(ANSWERS), len(stolen), len(stolen))


def laws(
    companies: Sequence[tuple[Company, Sequence[Line]]],
    encoder: Encoder,
    told: Callable[[str], None] = lambda line: None,
) -> dict[str, Found]:
    """Every law over every company."""
    total: dict[str, Found] = {}
    for at, (company, lines) in enumerate(companies):
        index = company.index(encoder)
        before = [place_of(index, line, encoder) for line in lines]
        found = added(company, lines, before, encoder, at)
        found["another order"] = shuffled(company, lines, before, encoder, at)
        found["a person asked for"] = asked_for_a_person(index, lines, encoder)
        found["a bare answer"] = answered(index, lines, encoder)
        for law, one in found.items():
            total[law] = total.get(law, Found()) + one
        told(f"{at + 1} of {len(companies)} workspaces")
    return total


def broken(found: Mapping[str, Found]) -> list[str]:
    """The laws that do not hold, in words."""
    wrong = []
    for law, one in found.items():
        if law.startswith("unrelated") and one.unchanged < UNCHANGED:
            wrong.append(f"{law}: only {one.unchanged:.2%} of {one.compared} decisions stayed")
        if one.astray:
            wrong.append(f"{law}: {one.astray} of {one.compared} decisions went where they may not")
    return wrong


def companies_of(bench: Path) -> Iterator[tuple[Company, list[Line]]]:
    with bench.open(encoding="utf-8") as file:
        read = [json.loads(line) for line in file]
    for space in (line for line in read if line["type"] == "workspace"):
        entries = [
            ProcedureEntry(at, f"p{at}", p["name"], p["when_to_use"], tuple(p.get("examples") or ()))
            for at, p in enumerate(space["procedures"])
        ]
        passages: list[Passage] = []
        for at, article in enumerate(space["articles"]):
            for piece in split(article["title"], article["body"]):
                passages.append(
                    Passage(len(passages), at, article["title"], piece.heading, piece.text, WRITTEN)
                )
        place = {p["id"]: at for at, p in enumerate(space["procedures"])}
        yield (
            Company(tuple(entries), tuple(passages)),
            [
                Line(line["reply"], Context(line["first_message"], place[line["triggered"]]))
                for line in read
                if line["type"] == "reply" and line["workspace"] == space["id"]
            ],
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every nth reply alone")
    args = parser.parse_args()
    encoder = Remembering(Encoder.load())
    companies = [(company, lines[:: args.every]) for company, lines in companies_of(args.bench)]
    found = laws(companies, encoder, lambda line: print(line, file=sys.stderr))
    for law, one in found.items():
        print(f"{law}: {one.compared} decisions, {one.unchanged:.2%} as before, {one.astray} astray")
    wrong = broken(found)
    print("\n".join(wrong) or "Every law holds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
