"""Teaches the router a workspace's corrections: its own head, near the one that came with Overture, or none.

Everything here is plain arithmetic over a few hundred numbers; what may go wrong is measured on labels held aside
before anything is put in use.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overture.agent import corrections, features, heads, person, receipts
from overture.agent.corrections import Correction
from overture.agent.features import Head
from overture.agent.index import LiveIndex, State
from overture.agent.model import Candidate, Context, Decision, Person, Signals, Situation
from overture.agent.person import PersonModel, by_rule
from overture.agent.route import decided
from overture.agent.scene import open_to_writer
from overture.agent.signals import hear, weigh
from overture.base.errors import Error
from overture.conversations.markup import to_text
from overture.conversations.receipts import Receipt
from overture.conversations.store import part
from overture.db.database import Database, Transaction
from overture.encoder.model import Encoder
from overture.workspaces.store import workspace

Numbers = NDArray[np.float64]

LEAST_LABELS = 20
FOLDS = 5
ENOUGH = 200  # labels from which on a third is held aside once, rather than every fifth in turn
ANCHORS = (
    300  # decisions that nobody corrected, so that learning from mistakes alone does not unlearn the rest
)
ANCHOR_WEIGHT = 0.25  # of one of them beside a label: it may only be that nobody looked
MAY_CHANGE = 0.05  # the share of them that may come out otherwise

PULL = 3.0  # towards the shipped weights, in standard deviations of a feature
PULL_PERSON = 0.3
PULL_LINE = 10.0


class NotEnough(Error):
    """There are too few corrections to learn from."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Lesson:
    """A reply with what it meant, heard in the workspace as it is now.

    `right` are the places in `options` (0 is meaning nothing else) that are right, none of them where a person was
    meant or what was meant is not among them. `asks` is whether they asked for a person.
    """

    receipt_id: int
    situation: Situation
    signals: Signals
    vectors: features.Vectors
    options: tuple[Candidate, ...]
    right: tuple[int, ...]
    asks: bool
    is_right: Callable[[Decision], bool]
    weight: float = 1.0


@dataclass(frozen=True)
class Marks:
    """How a head does on labels: how many it gets exactly right, persons missed, and hand-offs nobody asked for.

    `confidence_loss` is the mean squared distance between its confidence and being right.
    """

    labels: int
    exact: int
    missed_persons: int
    false_hand_offs: int
    confidence_loss: float

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "confidence_loss": round(self.confidence_loss, 4)}


@dataclass(frozen=True)
class Refit:
    """What came of a refit. `refused` says why nothing was changed; None where the new head is in use."""

    labels: int
    held_aside: int
    turns: int
    before: Marks
    after: Marks
    anchors: int
    changed: int
    unreachable: int
    by_rule: int
    head: str
    number: int | None
    refused: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "accepted": self.refused is None,
            "reason": self.refused,
            "labels": self.labels,
            "held_aside": self.held_aside,
            "turns": self.turns,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "uncorrected": {"decisions": self.anchors, "changed": self.changed},
            "unreachable": self.unreachable,
            "by_rule": self.by_rule,
            "head": self.head,
            "number": self.number,
        }


async def refit(
    database: Database,
    index: LiveIndex,
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Refit:
    """Learn from the workspace's corrections, and decide with what was learnt if it is better.

    Raises `NotEnough`.
    """
    labels, others, written, revision = await database.read(_material)
    if len(labels) < LEAST_LABELS:
        raise NotEnough(
            f"A refit needs {LEAST_LABELS} corrected or confirmed replies; there are {len(labels)}. With fewer, "
            "what is learnt could not be told from chance."
        )
    state = await index.at(revision, now=now)
    base = Head.load()
    lessons, anchors = await asyncio.to_thread(
        _hear_all, labels, others, written, state, index.encoder, base, progress
    )
    result, head = await asyncio.to_thread(learn, base, lessons, anchors)
    if result.refused is None:
        kept = await database.write(
            heads.put_in_use, head, base, index.encoder.hash, result.to_dict(), now=now
        )
        result = replace(result, number=kept.number)
    return result


def learn(base: Head, lessons: Sequence[Lesson], anchors: Sequence[Lesson]) -> tuple[Refit, Head]:
    """The head that the lessons teach, and whether it is better where it has not been taught."""
    before, after = [], []
    turns = list(_held_aside(lessons))
    points = []
    for taught, tested in turns:
        head = fit(base, [*taught, *anchors])
        before += [(lesson, base) for lesson in tested]
        after += [(lesson, head) for lesson in tested]
        points += [(lesson, _decision(lesson, head)) for lesson in tested]
    points += [(anchor, _decision(anchor, base)) for anchor in anchors]
    head = replace(fit(base, [*lessons, *anchors]), calibration=_lines(base, points))
    was, came = _marks(before), _marks([(one, replace(h, calibration=head.calibration)) for one, h in after])
    changed = sum(not _same(_decision(one, head), _decision(one, base)) for one in anchors)
    refused = _refusal(was, came, len(anchors), changed, _loss(before), _loss(after))
    result = Refit(
        labels=len(lessons),
        held_aside=was.labels,
        turns=len(turns),
        before=was,
        after=came,
        anchors=len(anchors),
        changed=changed,
        unreachable=sum(not one.right and not one.asks for one in lessons),
        by_rule=sum(
            one.asks != (one.signals.person.probability >= base.listener.cut)
            for one in lessons
            if one.signals.person.rule is not None
        ),
        head=head.hash,
        number=None,
        refused=refused,
    )
    return result, head


def _refusal(
    was: Marks, came: Marks, anchors: int, changed: int, loss_before: float, loss_after: float
) -> str | None:
    if came.missed_persons > was.missed_persons:
        return f"It would miss {came.missed_persons} requests for a person instead of {was.missed_persons}."
    if came.false_hand_offs > was.false_hand_offs:
        return (
            f"It would hand off {came.false_hand_offs} times without need instead of {was.false_hand_offs}."
        )
    if came.exact < was.exact:
        return f"It would be right {came.exact} times of {was.labels} instead of {was.exact}."
    if anchors and changed / anchors > MAY_CHANGE:
        return f"It would change {changed} of {anchors} decisions that nobody corrected."
    if came.exact == was.exact and came.missed_persons == was.missed_persons and loss_after >= loss_before:
        return f"It would be no better: right {came.exact} times of {was.labels}, as before."
    return None


def in_words(one: Refit) -> list[str]:
    how = f"in {one.turns} turns" if one.turns > 1 else "held aside"
    lines = [
        f"{one.labels} labelled replies; measured on {one.held_aside} that it was not taught ({how}):",
        "                          before  after",
        f"  right                   {one.before.exact:>6}  {one.after.exact:>5}",
        f"  persons missed          {one.before.missed_persons:>6}  {one.after.missed_persons:>5}",
        f"  hand-offs without need  {one.before.false_hand_offs:>6}  {one.after.false_hand_offs:>5}",
    ]
    if one.anchors:
        lines.append(f"Of {one.anchors} decisions that nobody corrected, {one.changed} would change.")
    if one.unreachable:
        lines.append(
            f"{one.unreachable} labels name what is not live, or is too unlike the message to be weighed. An "
            "example in the procedure helps more than a refit."
        )
    if one.by_rule:
        lines.append(f"{one.by_rule} labels speak against a fixed rule, which a refit does not change.")
    if one.refused:
        return [*lines, f"Refused, and nothing was changed. {one.refused}"]
    return [*lines, f"In use from the next message on, as head {one.number} ({one.head[:12]})."]


# What is learnt from


@dataclass(frozen=True)
class _Written:
    """A message that taught something: what they wrote, and which articles are open to them."""

    text: str
    meant_for: Callable[[str], bool]


def _material(
    tx: Transaction,
) -> tuple[list[Correction], list[Receipt], Mapping[int, _Written], int]:
    labels = corrections.all_corrections(tx)
    others = [one for one in corrections.uncorrected(tx, ANCHORS) if _is_anchor(one)]
    texts = {one.receipt.id: one.text for one in labels}
    for one in others:
        assert one.part_id is not None
        message = part(tx, one.part_id)
        texts[one.id] = to_text(message.body or "", message.format)
    written = {}
    for one in (*(label.receipt for label in labels), *others):
        assert one.conversation_id is not None
        written[one.id] = _Written(texts[one.id], open_to_writer(tx, one.conversation_id))
    return labels, others, written, workspace(tx).revision


def _is_anchor(one: Receipt) -> bool:
    """A decision of the head's own: no fixed answer, no correction, and nothing that something else overruled."""
    return (
        one.body["offer_accepted"] is None
        and one.decision != "correct"
        and one.body["signals"]["feedback"] is None
        and not one.body.get("model")
    )


def _hear_all(
    labels: Sequence[Correction],
    others: Sequence[Receipt],
    written: Mapping[int, _Written],
    state: State,
    encoder: Encoder,
    base: Head,
    progress: Callable[[int, int], None],
) -> tuple[list[Lesson], list[Lesson]]:
    lessons, anchors = [], []
    for done, label in enumerate(labels, start=1):
        heard = _heard(label.receipt, written[label.receipt.id], state, encoder, base)
        lessons.append(_lesson(label.receipt, *heard, label.should_be, label.target_id))
        progress(done, len(labels) + len(others))
    for done, one in enumerate(others, start=len(labels) + 1):
        should_be, target = _what_it_was(one)
        heard = _heard(one, written[one.id], state, encoder, base)
        anchors.append(replace(_lesson(one, *heard, should_be, target), weight=ANCHOR_WEIGHT))
        progress(done, len(labels) + len(others))
    return lessons, anchors


def _what_it_was(one: Receipt) -> tuple[str, int | None]:
    target = one.body["target"]
    match one.decision:
        case "hand_off":
            return "person", None
        case "procedure":
            return "procedure", int(target["id"])
        case "answer":
            return "article", int(target["id"])
        case "follow":
            return "triggered", None
        case _:
            return "nothing", None


def _heard(
    one: Receipt, written: _Written, state: State, encoder: Encoder, base: Head
) -> tuple[Situation, Signals, features.Vectors]:
    allowed = set(state.versions) - {int(shut) for shut in one.body["shut_out"]}
    context = Context(**one.body["context"])
    signals = hear(state.index, written.text, context, encoder, allowed, base, written.meant_for)
    text = signals.text
    # As the classifier reads it: the whole, its sentences, and the clauses that may ask for a person.
    vectors = encoder.encode([text, *features.sentences(text), *person.clauses(text)])
    return Situation(**one.body["situation"]), signals, vectors


def _lesson(
    one: Receipt,
    situation: Situation,
    signals: Signals,
    vectors: features.Vectors,
    should_be: str,
    target_id: int | None,
) -> Lesson:
    options = tuple(sorted(signals.candidates, key=lambda c: (c.kind, c.id)))
    own = situation.triggered_id if situation.state is not None else None
    follows = should_be == "triggered" or (should_be == "procedure" and target_id == own)
    if should_be == "person":
        right: tuple[int, ...] = ()
    elif should_be == "nothing":
        right = (0,)
    else:
        wanted = ("procedure", own) if follows else (should_be, target_id)
        right = tuple(at for at, c in enumerate(options, start=1) if (c.kind, c.id) == wanted)
        right = (0, *right) if follows else right

    def is_right(decision: Decision) -> bool:
        kind, target = receipts.public_kind(decision), decision.target
        if should_be == "person":
            return kind == "hand_off"
        if follows:
            return kind in ("follow", "correct")
        if should_be == "nothing":
            return kind == "unsure"
        wanted = "procedure" if should_be == "procedure" else "answer"
        return kind == wanted and target is not None and target.id == target_id

    return Lesson(one.id, situation, signals, vectors, options, right, should_be == "person", is_right)


def _held_aside(lessons: Sequence[Lesson]) -> Iterator[tuple[list[Lesson], list[Lesson]]]:
    """What is taught and what is tested. The order is drawn from what was written, and where that is the same from the
    ids: the same labels, the same folds, in a copy of the workspace too."""

    def drawn(one: Lesson) -> tuple[bytes, ...]:
        return tuple(hashlib.sha256(of.encode()).digest() for of in (one.signals.text, str(one.receipt_id)))

    mixed = sorted(lessons, key=drawn)
    if len(mixed) >= ENOUGH:
        cut = len(mixed) // 3
        yield mixed[cut:], mixed[:cut]
        return
    for fold in range(FOLDS):
        tested = mixed[fold::FOLDS]
        yield [one for at, one in enumerate(mixed) if at % FOLDS != fold], tested


# How it does


def _decision(lesson: Lesson, head: Head) -> Decision:
    return decided(lesson.situation, _weighed(lesson, head), head)


def _weighed(lesson: Lesson, head: Head) -> Signals:
    signals = lesson.signals
    candidates, nothing = weigh(head, dict(signals.features), lesson.options)
    triggered = lesson.situation.triggered_id
    own = sum(c.score for c in candidates if c.kind == "procedure" and c.id == triggered)
    heard = signals.person
    if heard.rule is None and head.person is not None:
        heard = Person(round(head.person.probability(lesson.vectors), 4))
    return replace(
        signals,
        person=heard,
        candidates=candidates,
        nothing=nothing,
        triggered=nothing + own if triggered is not None else 0.0,
    )


def _marks(tested: Sequence[tuple[Lesson, Head]]) -> Marks:
    decisions = [(lesson, _decision(lesson, head)) for lesson, head in tested]
    handed = [(lesson, decision) for lesson, decision in decisions if decision.kind == "hand_off"]
    distances = [(decision.confidence - lesson.is_right(decision)) ** 2 for lesson, decision in decisions]
    return Marks(
        labels=len(decisions),
        exact=sum(lesson.is_right(decision) for lesson, decision in decisions),
        missed_persons=sum(lesson.asks and decision.kind != "hand_off" for lesson, decision in decisions),
        false_hand_offs=sum(not lesson.asks for lesson, _ in handed),
        confidence_loss=float(np.mean(distances)) if distances else 0.0,
    )


def _loss(tested: Sequence[tuple[Lesson, Head]]) -> float:
    """How surprised the shares are by what was meant."""
    total = 0.0
    for lesson, head in tested:
        if lesson.right:
            signals = _weighed(lesson, head)
            by_key = {(c.kind, c.id): c.score for c in signals.candidates}
            held = [signals.nothing, *(by_key[c.kind, c.id] for c in lesson.options)]
            total -= float(np.log(max(1e-9, sum(held[at] for at in lesson.right))))
    return total


def _same(one: Decision, other: Decision) -> bool:
    targets = [None if d.target is None else (d.target.kind, d.target.id) for d in (one, other)]
    return one.kind == other.kind and targets[0] == targets[1]


# The arithmetic


def fit(base: Head, lessons: Sequence[Lesson]) -> Head:
    """The weights nearest to the base's that the lessons agree with."""
    learnt = _fit_weights(base, [one for one in lessons if one.right])
    listener = _fit_person(base.listener, lessons)
    return learnt if listener is None else replace(learnt, person=listener)


def _fit_weights(base: Head, lessons: Sequence[Lesson]) -> Head:
    parts = {"none": base.none, "procedure": base.procedure, "article": base.article}
    columns = [(kind, name) for kind, weights in parts.items() for name in weights]
    place = {column: at for at, column in enumerate(columns)}
    start = np.array([parts[kind][name] for kind, name in columns])
    tables = [_table(lesson, parts, place) for lesson in lessons]
    if not tables:
        return base
    scale = np.maximum(np.concatenate(tables).std(axis=0), 0.05)
    tables = [table / scale / base.temperature for table in tables]
    origin = start * scale
    aims = []
    for lesson, table in zip(lessons, tables, strict=True):
        # Where two things are right, each is to the extent that the base thought so: "the triggered procedure" is
        # both that nothing else is meant and that its own subject is.
        shares = _softmax(table @ origin)
        aim = np.zeros(len(shares))
        aim[list(lesson.right)] = shares[list(lesson.right)] + 1e-9
        aims.append(aim / aim.sum())
    weights = np.array([lesson.weight for lesson in lessons])

    def objective(z: Numbers) -> tuple[float, Numbers, Numbers]:
        value, slope, bend = PULL / 2 * float(z @ z), PULL * z, PULL * np.eye(len(z))
        for table, aim, weight in zip(tables, aims, weights, strict=True):
            shares = _softmax(table @ (origin + z))
            mean = table.T @ shares
            value -= weight * float(aim @ np.log(np.maximum(shares, 1e-12)))
            slope = slope + weight * (mean - table.T @ aim)
            bend = bend + weight * (table.T @ (shares[:, None] * table) - np.outer(mean, mean))
        return value, slope, bend

    found = start + _least(objective, len(columns)) / scale
    learnt: dict[str, dict[str, float]] = {kind: {} for kind in parts}
    for (kind, name), weight in zip(columns, found, strict=True):
        learnt[kind][name] = round(float(weight), 4)
    return replace(base, none=learnt["none"], procedure=learnt["procedure"], article=learnt["article"])


def _table(
    lesson: Lesson, parts: Mapping[str, Mapping[str, float]], place: Mapping[tuple[str, str], int]
) -> Numbers:
    table = np.zeros((len(lesson.options) + 1, len(place)))
    rows = [("none", lesson.signals.features), *((one.kind, one.features) for one in lesson.options)]
    for at, (kind, row) in enumerate(rows):
        for name in parts[kind]:
            table[at, place[kind, name]] = row.get(name, 0.0)
    return table


def _fit_person(base: PersonModel, lessons: Sequence[Lesson]) -> PersonModel | None:
    """The classifier moved towards the requests it missed and away from those it made up; None without any."""
    ruled = [
        one for one in lessons if one.signals.person.rule is None and by_rule(one.signals.text)[0] is None
    ]
    if all(one.asks == (base.probability(one.vectors) >= base.cut) for one in ruled):
        return None
    chosen = [one.vectors[int(np.argmax(one.vectors @ base.weights))] for one in ruled]
    x = np.hstack([np.array(chosen, dtype=np.float64), np.ones((len(ruled), 1))])
    start = np.append(base.weights.astype(np.float64), base.bias)
    asks = np.array([float(one.asks) for one in ruled])
    weight = np.array([one.weight for one in ruled])

    def objective(z: Numbers) -> tuple[float, Numbers, Numbers]:
        p = 1 / (1 + np.exp(-np.clip(x @ (start + z), -30, 30)))
        value = -float(weight @ np.log(np.maximum(np.where(asks == 1, p, 1 - p), 1e-12)))
        slope = x.T @ (weight * (p - asks)) + PULL_PERSON * z
        bend = (x * (weight * p * (1 - p))[:, None]).T @ x + PULL_PERSON * np.eye(len(z))
        return value + PULL_PERSON / 2 * float(z @ z), slope, bend

    found = start + _least(objective, len(start))
    weights = np.round(found[:-1], 4).astype(np.float32)
    return PersonModel(weights, round(float(found[-1]), 4), base.cut)


def _lines(base: Head, points: Sequence[tuple[Lesson, Decision]]) -> Mapping[str, tuple[float, float]]:
    """For each kind of decision, how its share becomes the chance that it is right, near the base's line."""
    lines = dict(base.calibration)
    for kind, line in base.calibration.items():
        of_kind = [(lesson, decision) for lesson, decision in points if decision.kind == kind]
        if not of_kind:
            continue
        odds = np.array([[1.0, features.log_odds(decision.raw)] for _, decision in of_kind])
        right = np.array([float(lesson.is_right(decision)) for lesson, decision in of_kind])
        weight = np.array([lesson.weight for lesson, _ in of_kind])
        start = np.array(line)

        def objective(
            z: Numbers,
            odds: Numbers = odds,
            right: Numbers = right,
            weight: Numbers = weight,
            start: Numbers = start,
        ) -> tuple[float, Numbers, Numbers]:
            p = 1 / (1 + np.exp(-odds @ (start + z)))
            value = -float(weight @ np.log(np.maximum(np.where(right == 1, p, 1 - p), 1e-12)))
            slope = odds.T @ (weight * (p - right)) + PULL_LINE * z
            bend = (odds * (weight * p * (1 - p))[:, None]).T @ odds + PULL_LINE * np.eye(2)
            return value + PULL_LINE / 2 * float(z @ z), slope, bend

        base_line, slope = start + _least(objective, 2)
        lines[kind] = (round(float(base_line), 3), round(max(0.1, float(slope)), 3))
    return lines


def _least(objective: Callable[[Numbers], tuple[float, Numbers, Numbers]], size: int) -> Numbers:
    """Where a convex function is least, by Newton's method; a step that leads up is halved."""
    z = np.zeros(size)
    value, slope, bend = objective(z)
    for _ in range(50):
        step = np.linalg.solve(bend, slope)
        length = 1.0
        while length > 1e-6:
            tried = z - length * step
            after = objective(tried)
            if after[0] < value:
                break
            length /= 2
        else:
            return z
        gained = value - after[0]
        z, (value, slope, bend) = tried, after
        if gained < 1e-9:
            break
    return z


def _softmax(utilities: Numbers) -> Numbers:
    raised = np.exp(utilities - utilities.max())
    shares: Numbers = raised / raised.sum()
    return shares
