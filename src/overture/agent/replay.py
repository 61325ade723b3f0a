"""Decides again from a receipt: from what it holds, and once more with the workspace as it is now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overture.agent import heads, receipts
from overture.agent.features import Head
from overture.agent.index import LiveIndex
from overture.agent.model import Candidate, Context, Decision, Person, Signals, Situation
from overture.agent.receipt_words import DECISIONS
from overture.agent.route import decided
from overture.agent.scene import open_to_writer
from overture.agent.second_opinion import applied
from overture.agent.signals import weigh
from overture.base.errors import Error
from overture.conversations import receipts as kept
from overture.conversations.markup import to_text
from overture.conversations.receipts import Receipt
from overture.conversations.store import part
from overture.db.database import Database, Transaction
from overture.workspaces.store import workspace

_COMPARED = ("target", "confidence", "reason", "rule", "thresholds", "candidates")
_SCORES = 0.01  # a share that moved by less is not worth a line


class NotReplayable(Error):
    """Only a decision about a message can be replayed."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Replay:
    """`differs` are the parts of the receipt that came out otherwise; none where it gave the same answer.

    `now` is what the workspace as it is now decides about the same message, and `changed` what has changed since,
    in words.
    """

    receipt: Receipt
    same: bool
    differs: tuple[str, ...]
    rules_changed: bool
    now: Mapping[str, Any]
    same_now: bool
    changed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "receipt_id": str(self.receipt.id),
            "same": self.same,
            "differs": list(self.differs),
            "rules_changed": self.rules_changed,
            "now": dict(self.now),
            "same_now": self.same_now,
            "changed": list(self.changed),
        }


def again(body: Mapping[str, Any], head: Head) -> tuple[Decision, dict[str, Any]]:
    """The decision that comes of what the receipt holds, and what a receipt would say of it."""
    situation, signals = Situation(**body["situation"]), signals_of(body, head)
    offer = body["offer_accepted"]
    decision = decided(situation, signals, head, offer_accepted=offer)
    if model := body.get("model"):
        decision = applied(decision, signals, model["asked"], model["answer"])
    going_on = None if body["going_on"] is None else candidate_of(body["going_on"])
    return decision, receipts.outcome(decision, signals, going_on)


def differences(receipt: Receipt, head: Head) -> list[str]:
    """The parts of the receipt that come out otherwise when it is decided again from what it holds."""
    body = receipt.body
    decision, outcome = again(body, head)
    differs = [name for name in _COMPARED if _canonical(outcome[name]) != _canonical(_pruned(name, body))]
    return differs if receipts.public_kind(decision) == receipt.decision else ["decision", *differs]


def signals_of(body: Mapping[str, Any], head: Head) -> Signals:
    """What was heard, weighed anew by this head."""
    heard, context = body["signals"], body["context"]
    candidates, nothing = weigh(head, heard["features"], [candidate_of(one) for one in body["candidates"]])
    triggered = context["triggered_id"]
    own = sum(c.score for c in candidates if c.kind == "procedure" and c.id == triggered)
    return Signals(
        text="",
        person=Person(heard["person"]["probability"], heard["person"]["rule"]),
        candidates=candidates,
        triggered=nothing + own if triggered is not None else 0.0,
        nothing=nothing,
        feedback=heard["feedback"],
        greeting=heard["greeting"],
        answers_question=heard["answers_question"],
        features=heard["features"],
    )


def replayable(receipt: Receipt) -> bool:
    return receipt.kind == "decision" and "made_with" in receipt.body and receipt.part_id is not None


async def replay(database: Database, index: LiveIndex, receipt_id: int, *, now: datetime) -> Replay:
    """Raises `ReceiptNotFound` or `NotReplayable`."""
    receipt, text, head, revision, meant_for = await database.read(_stored, receipt_id)
    body = receipt.body
    differs = differences(receipt, head)
    state = await index.at(revision, now=now)
    context = Context(**body["context"])
    allowed = set(state.versions) - {int(one) for one in body["shut_out"]}
    heard = await index.hear(text, context, allowed, revision, now=now, meant_for=meant_for)
    situation = Situation(**body["situation"])
    fresh = decided(situation, heard.signals, state.head, offer_accepted=body["offer_accepted"])
    going_on = None if body["going_on"] is None else candidate_of(body["going_on"])
    came = receipts.outcome(fresh, heard.signals, going_on)
    made_with = receipts.made_with(state.head, index.encoder.hash)
    looked_at = receipts.looked_at(heard.signals.candidates, state.versions, state.contents)
    fresh_kind = receipts.public_kind(fresh)
    return Replay(
        receipt,
        same=not differs,
        differs=tuple(differs),
        rules_changed=body["made_with"]["rules"] != receipts.rules_hash(),
        now={
            "decision": fresh_kind,
            "target": came["target"],
            "confidence": came["confidence"],
            "reason": came["reason"],
        },
        same_now=(fresh_kind, came["target"]) == (receipt.decision, body["target"]),
        changed=tuple(_changes(body, made_with, looked_at, came["candidates"])),
    )


def in_words(one: Replay) -> list[str]:
    if one.same:
        lines = ["From what the receipt holds: the same decision, number for number."]
    else:
        why = "the rules of this version are others" if one.rules_changed else "this should not happen"
        lines = [f"From what the receipt holds it comes out otherwise ({why}): {', '.join(one.differs)}."]
    target = one.now["target"]
    said = DECISIONS.get(one.now["decision"], one.now["decision"]) + (f": {target['name']}" if target else "")
    verdict = "the same decision" if one.same_now else f"another decision. {said}. {one.now['reason']}"
    lines.append(f"With the workspace as it is now: {verdict.rstrip('.')}.")
    if one.changed:
        lines += ["What has changed since:", *(f"  {change}" for change in one.changed)]
    else:
        lines.append("Nothing that it looked at has changed since.")
    return lines


def _stored(tx: Transaction, receipt_id: int) -> tuple[Receipt, str, Head, int, Callable[[str], bool]]:
    receipt = kept.load(tx, receipt_id)
    if not replayable(receipt):
        raise NotReplayable(
            "Only a decision about a message can be replayed."
            if receipt.kind != "decision"
            else "This receipt was written before receipts held what a replay needs."
        )
    assert receipt.part_id is not None
    assert receipt.conversation_id is not None
    message = part(tx, receipt.part_id)
    head = heads.by_hash(tx, receipt.body["made_with"]["head"])
    if head is None:
        raise NotReplayable("The head that decided this is no longer kept.")
    meant_for = open_to_writer(tx, receipt.conversation_id)
    return receipt, to_text(message.body or "", message.format), head, workspace(tx).revision, meant_for


def _changes(
    body: Mapping[str, Any],
    made_with: Mapping[str, str],
    looked_at: list[dict[str, Any]],
    candidates: list[dict[str, Any]],
) -> list[str]:
    parts = {
        "encoder": "The language model is another one.",
        "head": "The head that weighs is another one.",
        "person": "What hears a request for a person is another one.",
        "rules": "The router's code is another one.",
    }
    found = [words for name, words in parts.items() if body["made_with"][name] != made_with[name]]
    before = {(one["type"], one["id"]): one for one in body["looked_at"]}
    after = {(one["type"], one["id"]): one for one in looked_at}
    scores = {(one["type"], one["id"]): one for one in body["candidates"]}
    fresh = {(one["type"], one["id"]): one for one in candidates}
    for key, one in before.items():
        name = scores[key]["name"]
        if key not in after:
            found.append(f"“{name}” is no longer among what was weighed.")
        elif one != after[key]:
            what = "version" if key[0] == "procedure" else "content"
            found.append(f"“{name}” has another {what}.")
        elif abs(scores[key]["score"] - fresh[key]["score"]) >= _SCORES:
            was, now = scores[key]["score"], fresh[key]["score"]
            found.append(f"“{name}” has {now:.0%} instead of {was:.0%}.")
    found += [f"“{fresh[key]['name']}” is new among what was weighed." for key in after if key not in before]
    return found


def candidate_of(one: Mapping[str, Any]) -> Candidate:
    return Candidate(
        one["type"], int(one["id"]), one["key"], one["name"], one.get("score", 0.0), one.get("features", {})
    )


def _pruned(name: str, body: Mapping[str, Any]) -> Any:
    # The passage is what an answer is made from; it weighs nothing.
    if name != "candidates":
        return body[name]
    return [{k: v for k, v in one.items() if k != "passage_id"} for one in body["candidates"]]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
