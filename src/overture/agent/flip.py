"""The smallest change of one share that would have led elsewhere, found by asking the router itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from overture.agent.features import Head
from overture.agent.model import Candidate, Decision, Signals, Situation
from overture.agent.route import route

STEPS = 12  # halvings: less than three hundredths of a percent
RIVALS = 3  # of each kind that are tried: one may be the procedure that was triggered


@dataclass(frozen=True)
class Flip:
    """`what` is the candidate, or None for a request for a person; `at` is the share from which on it comes out as
    `then`."""

    what: Candidate | None
    had: float
    at: float
    then: Decision

    @property
    def distance(self) -> float:
        return abs(self.at - self.had)


def smallest(situation: Situation, signals: Signals, head: Head) -> Flip | None:
    """None where a fixed rule decided, so that no share would have changed it."""
    made = _outcome(route(situation, signals, head))
    best: Flip | None = None
    for what, had, way in _ways(signals):
        # Whoever does not get there in fewer steps than the best so far need not be followed further.
        reach = 1.0 if best is None else best.distance
        flip = _search(situation, signals, head, made, what, had, min(1.0, max(0.0, had + way * reach)))
        if flip is not None and (best is None or flip.distance < best.distance):
            best = flip
    return best


def _ways(signals: Signals) -> Iterator[tuple[Candidate | None, float, int]]:
    """What may be moved, from where, up or down: a request for a person, and the best of each kind."""
    if signals.person.rule is None:
        yield None, signals.person.probability, 1
        yield None, signals.person.probability, -1
    for kind in ("procedure", "article"):
        for one in [c for c in signals.candidates if c.kind == kind][:RIVALS]:
            yield one, one.score, 1
            yield one, one.score, -1


def _search(
    situation: Situation,
    signals: Signals,
    head: Head,
    made: tuple[object, ...],
    what: Candidate | None,
    had: float,
    end: float,
) -> Flip | None:
    if had == end:
        return None
    own = situation.triggered_id
    there = route(situation, moved(signals, what, end, own), head)
    if _outcome(there) == made:
        return None
    same, other = had, end
    for _ in range(STEPS):
        middle = (same + other) / 2
        decision = route(situation, moved(signals, what, middle, own), head)
        if _outcome(decision) == made:
            same = middle
        else:
            other, there = middle, decision
    return Flip(what, had, other, there)


def moved(signals: Signals, what: Candidate | None, share: float, triggered_id: int | None) -> Signals:
    """The same message, had this candidate had this share: the others divide what is left as they did before."""
    if what is None:
        return replace(signals, person=replace(signals.person, probability=share))
    rest = signals.nothing + sum(one.score for one in signals.candidates if one is not what)
    left = (1 - share) / rest if rest else 0.0
    candidates = [_with(one, share if one is what else one.score * left) for one in signals.candidates]
    candidates.sort(key=lambda one: (-one.score, one.kind != "procedure", one.id))
    nothing = signals.nothing * left if rest else 1 - share
    own = sum(one.score for one in candidates if one.kind == "procedure" and one.id == triggered_id)
    triggered = nothing + own if triggered_id is not None else 0.0
    return replace(signals, candidates=tuple(candidates), nothing=nothing, triggered=triggered)


def _with(one: Candidate, score: float) -> Candidate:
    # Spelled out: `replace` takes three times as long, and this runs hundreds of times for a receipt.
    return Candidate(one.kind, one.id, one.key, one.name, score, one.features, one.passage)


def _outcome(decision: Decision) -> tuple[object, ...]:
    target = decision.target
    return decision.kind, None if target is None else (target.kind, target.id)
