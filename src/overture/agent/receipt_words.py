"""A decision in words that a builder understands: what spoke for each candidate, and what would have changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overture.agent.features import Head
from overture.agent.flip import Flip
from overture.agent.model import Candidate, Decision, Signals, Situation
from overture.encoder import WORDS_ALONE

EXPLAINED = 3  # candidates
REASONS = 3  # of each
LEAST = 0.15  # of a weighed feature that is worth a word

Words = Mapping[str, str]

# {v} is the feature's value, {p} the same as a percentage; likeness is 1 for the same meaning.
NOTHING: Words = {
    "bias": "",
    "length": "it has few words",
    "short": "it is one word or two",
    "asking": "it asks a question",
    "told": "the agent had just asked something, and this is no question",
    "wanting": "they say that they want something",
    "answering": "it begins like an answer",
    "idle": "it reads like small talk or a plain answer ({p})",
    "echo": "it is like what was said before ({v})",
    "overlap": "{p} of its words take up what was said before",
    "spoken": "something was said before",
}
PROCEDURE: Words = {
    "bias": "",
    "best": "its nearest text is {v} like the message",
    "close": "one of its texts means nearly the same",
    "described": "name and when-to-use are {v} like the message",
    "whole": "its name with its when-to-use is {v} like the message",
    "use": "its nearest example is {v} like the message",
    "near": "an example says nearly the same",
    "words": "it holds {p} of what the message's words weigh",
    "not": "an example of what it is not for is nearer",
    "gap": "it is {v} ahead of the next procedure",
    "own": "it is the triggered procedure",
    "own_best": "it is the triggered procedure, and the message speaks of it",
    "put": "its when-to-use, as a customer would put it, is {v} like the message",
    "part": "a part of its when-to-use is {v} like the message",
    "middle": "its examples together are {v} like the message",
    "centre": "its examples and its when-to-use together are {v} like the message",
    "shown": "it has examples",
}
ARTICLE: Words = {
    "bias": "",
    "best": "title or passage is {v} like the message",
    "close": "title or passage means nearly the same",
    "title": "its title is {v} like the message",
    "passage": "its best passage is {v} like the message",
    "words": "its best passage holds {p} of what the message's words weigh",
    "gap": "it is {v} ahead of the next article",
    "asking": "the message asks a question",
}
_OF = {"procedure": PROCEDURE, "article": ARTICLE}


def why(signals: Signals, head: Head) -> list[dict[str, Any]]:
    """What weighed most for the best candidates, and for meaning none of them."""
    weights = {"procedure": head.procedure, "article": head.article}
    told: list[dict[str, Any]] = [
        {
            "type": one.kind,
            "id": str(one.id),
            "words": reasons(one.features, weights[one.kind], _OF[one.kind]),
        }
        for one in signals.candidates[:EXPLAINED]
    ]
    nothing = {"type": "nothing", "id": None, "words": reasons(signals.features, head.none, NOTHING)}
    return [*told, nothing]


def reasons(row: Mapping[str, float], weights: Mapping[str, float], words: Words) -> list[str]:
    """What spoke for it, the weightiest first, then what spoke against it."""
    weighed = {name: weight * row.get(name, 0.0) for name, weight in weights.items() if words.get(name, name)}
    strong = sorted(weighed, key=lambda name: -abs(weighed[name]))
    told = [name for name in strong if abs(weighed[name]) >= LEAST][:REASONS]
    return [
        ("" if weighed[name] > 0 else "against it: ") + _worded(words.get(name, name), row[name])
        for name in sorted(told, key=lambda name: weighed[name] < 0)
    ]


def _worded(text: str, value: float) -> str:
    return text.format(v=f"{value:.2f}", p=f"{value:.0%}")


def flip(found: Flip, situation: Situation, going_on: Candidate | None) -> str:
    """The smallest change that would have led elsewhere, as one sentence."""
    what = "A request for a person" if found.what is None else f"“{found.what.name}”"
    had, at = percent(found.had), percent(found.at)
    if had == at:
        had, at = f"{found.had * 100:.2f} %", f"{found.at * 100:.2f} %"
    side = f"at {at} or more" if found.at > found.had else f"below {at}"
    return f"{what} {side} instead of {had}: then {_then(found.then, situation, going_on)}."


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _then(decision: Decision, situation: Situation, going_on: Candidate | None) -> str:
    name = f"“{decision.target.name}”" if decision.target else ""
    match decision.kind:
        case "hand_off":
            return "people would have taken over"
        case "procedure":
            return f"{name} would have run"
        case "answer":
            return f"the article {name} would have answered"
        case "follow" | "correct":
            own = name or (f"“{going_on.name}”" if going_on else "the procedure")
            return f"{own} would have {'begun' if situation.state == 'offered' else 'gone on'}"
        case "feedback":
            return "it would have been taken as a word about the help they got"
        case _:
            return "the agent would have said that it is not sure"


DECISIONS = {
    "hand_off": "People take over",
    "procedure": "A procedure runs",
    "answer": "An article answers",
    "follow": "The run goes on",
    "correct": "An earlier answer is changed",
    "unsure": "Not sure",
    "suppressed": "Held back",
}


def _model(one: Mapping[str, Any] | None) -> str | None:
    """What came of asking a language model."""
    if one is None:
        return None
    if one["answer"] is None:
        return f"A language model was asked, without use: {one['why']} The router's own decision holds."
    tokens = one["tokens"]["sent"] + one["tokens"]["received"]
    return (
        f"{one['name']} was asked and chose {one['answer']}, in {one['took_ms']:,} ms and {tokens:,} tokens."
    )


def in_words(one: Mapping[str, Any]) -> list[str]:
    """A whole receipt, as the API shows it, in lines for a person."""
    if one["kind"] == "firing":
        return _did_not_fire(one)
    lines = [DECISIONS.get(one["decision"], one["decision"]) + _target(one["target"]) + "."]
    lines += filter(None, (one["reason"], _set_aside(one), _model(one.get("model"))))
    if one["confidence"] is not None:
        lines.append(f"Chance that this is right: {one['confidence']:.0%}.")
    if one.get("flip"):
        lines.append(f"It would have come out otherwise with this: {one['flip']}")
    elif one.get("flip_unknown"):
        lines.append(
            "The router's rules have changed since, so what would have changed it cannot be told now."
        )
    elif one.get("made_with"):
        lines.append("A fixed rule decided; no share would have changed it.")
    if one["candidates"]:
        lines.append("What was looked at:")
        told = {(why["type"], why["id"]): why["words"] for why in one.get("why", ())}
        for candidate in one["candidates"]:
            lines.append(f"  {candidate.get('score', 0):5.0%}  {_name(candidate)}")
            lines += [f"         {words}" for words in told.get((candidate["type"], candidate["id"]), ())]
        if one.get("signals"):
            lines.append(f"  {one['signals']['nothing']:5.0%}  nothing else is meant")
            lines += [f"         {words}" for words in told.get(("nothing", None), ())]
    lines += _cuts(one)
    lines += _made_with(one)
    return lines


def _did_not_fire(one: Mapping[str, Any]) -> list[str]:
    lines = [f"The trigger “{one['trigger']}” did not fire." if one.get("trigger") else "It did not fire."]
    lines += [one["reason"]] if one["reason"] else []
    if one.get("contact_id"):
        lines.append(f"Contact: {one['contact_id']}.")
    return lines


def _set_aside(one: Mapping[str, Any]) -> str | None:
    """Why the procedure that was offered did not begin, or what became of the one that was going on."""
    going_on, situation = one.get("going_on"), one.get("situation")
    if not going_on or not situation or one["decision"] not in ("hand_off", "procedure", "answer"):
        return None
    name = _name(going_on)
    if situation["state"] == "offered":
        because = {
            "hand_off": "they asked for a person",
            "procedure": "they asked for something else",
            "answer": "help content answered them",
        }
        return f"“{name}” was set aside: {because[one['decision']]} before it began, so it did not start."
    after = {
        "hand_off": "ended there; people have what it had learnt",
        "procedure": "was set aside for it",
        "answer": "goes on where it was",
    }
    return f"“{name}” {after[one['decision']]}."


def _cuts(one: Mapping[str, Any]) -> list[str]:
    names = {"person": "a person", "procedure": "another procedure", "article": "an article"}
    cuts = [
        f"{names[name]} from {percent(cut)}" if cut <= 1 else f"{names[name]} never"
        for name, cut in one.get("thresholds", {}).items()
        if name in names
    ]
    heard = one.get("signals")
    lines = [f"Cuts: {', '.join(cuts)}."] if cuts else []
    if heard:
        rule = heard["person"]["rule"]
        said = f" by the rule “{rule}”" if rule else ""
        lines.append(f"A person asked for: {percent(heard['person']['probability'])}{said}.")
    return lines


def _made_with(one: Mapping[str, Any]) -> list[str]:
    made = one.get("made_with")
    if not made:
        return []
    missing = "The language model was missing, so only words in common counted."
    short: Sequence[str] = [
        f"{name} {str(made[name])[:12]}" for name in ("encoder", "head", "person", "rules")
    ]
    told = [missing] if made["encoder"] == WORDS_ALONE else []
    return [
        *told,
        f"Decided by Overture {made['overture']}, revision {made['revision']}: {', '.join(short)}.",
    ]


def _target(target: Mapping[str, Any] | None) -> str:
    return f": {_name(target)}" if target else ""


def _name(one: Mapping[str, Any]) -> str:
    return str(one.get("name") or one.get("key") or one.get("id"))
