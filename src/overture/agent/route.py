"""What to do with a contact's message: a plain function of what was heard and where the conversation stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from overture.agent.features import Head
from overture.agent.language import FOREIGN
from overture.agent.model import Candidate, CandidateKind, Decision, DecisionKind, Signals, Situation

TIE = 0.05  # scores this near are one score: another procedure, then an article, then the triggered one
ECHO = 0.3  # share of a message's words that takes up the first message of a procedure set aside before

ANSWERED = 0.95  # how sure a typed answer is, and how sure it must be that praise is none
SHORT = math.log1p(3)  # words that carry meaning, as the feature "length" counts them

# How sure a decision about a message in another language can be: letters show what is said nearly alike, never that
# nothing else was meant.
FOREIGN_SURE: Mapping[str, float] = MappingProxyType(
    {"procedure": 0.75, "answer": 0.75, "follow": 0.5, "unsure": 0.5}
)

ACCEPTED, DECLINED = "offer accepted", "offer declined"

Place = str


@dataclass(frozen=True)
class Cut:
    """The least shares of everything that could be meant at which the run that is offered or going on yields.

    `procedure` and `article` are for all procedures, or all articles, together: two that mean nearly the same
    divide what is due to one. `alone` is for the best of them: many weak ones make no strong one.
    """

    procedure: float
    article: float
    alone: float


CUTS: Mapping[Place, Cut] = MappingProxyType(
    {
        # An offered run has not begun: whoever asks for something else gets it, an article if it is sure.
        "offered": Cut(procedure=0.50, article=0.60, alone=0.45),
        # Inside a run a switch loses what was said, a side question only delays.
        "active": Cut(procedure=0.70, article=0.65, alone=0.60),
        # The message answers the open question and says little more: nothing else is meant.
        "answered, short": Cut(procedure=1.01, article=1.01, alone=1.01),
        # It answers and says more, so it takes very strong evidence to mean something else.
        "answered": Cut(procedure=ANSWERED, article=0.97, alone=0.90),
        # "How long do I have to ask for a refund?" holds a valid answer too, but it is a question.
        "answered, asking": Cut(procedure=0.80, article=0.75, alone=0.60),
        # Nothing yields here, and to ask once more costs less than to begin the wrong procedure.
        "none": Cut(procedure=0.50, article=0.50, alone=0.50),
    }
)


@dataclass(frozen=True)
class _Best:
    candidate: Candidate
    share: float
    cut: float
    alone: float

    @property
    def passes(self) -> bool:
        return self.share >= self.cut and self.candidate.score >= self.alone


def decided(
    situation: Situation, signals: Signals, head: Head, *, offer_accepted: bool | None = None
) -> Decision:
    """What to do with a contact's message; `offer_accepted` is their yes or no to "Shall I get a person?"."""
    if offer_accepted is True:
        return Decision("hand_off", None, 0.97, "They accepted the offer of a person.", ACCEPTED)
    if offer_accepted is False:
        return Decision("unsure", None, 0.9, "They do not want a person.", DECLINED)
    return _in_doubt(route(situation, signals, head), signals)


def _in_doubt(decision: Decision, signals: Signals) -> Decision:
    """The same, less sure where the message is in a language that the encoder does not read."""
    most = FOREIGN_SURE.get(decision.kind)
    if not signals.features.get(FOREIGN) or most is None or (decision.rule or "").startswith("answered"):
        return decision
    return replace(decision, confidence=min(decision.confidence, most))


def route(situation: Situation, signals: Signals, head: Head | None = None) -> Decision:
    """What to do with a contact's message.

    A person asked for comes before everything. Then a correction of an earlier answer, another procedure, an
    article that answers confidently; else the run goes on. Without a run, the agent says that it is not sure.
    `head` is the one that weighed the signals; the one that came with this version where none is given.
    """
    head = head or Head.load()
    heard = signals.person
    cut = head.listener.cut
    if heard.probability >= cut:
        return Decision(
            "hand_off", None, heard.probability, "They asked for a person.", heard.rule, {"person": cut}
        )
    if situation.correction:
        return Decision("correct", None, 0.95, "They went back on something they said before.", "correction")

    place = _place(situation, signals)
    best = _elsewhere(situation, signals, CUTS[place])
    limits = {"person": cut, "procedure": CUTS[place].procedure, "article": CUTS[place].article}
    chosen = _chosen(best)
    if chosen and not _only_feedback(situation, signals, chosen):
        return _go(chosen, limits, head)
    if situation.state is None:
        return _without_run(situation, signals, limits, head)
    return _follow(situation, signals, place, best, limits, head)


def _place(situation: Situation, signals: Signals) -> Place:
    if situation.state is not None and _takes_up(signals):
        return "answered, short"
    if signals.answers_question and (situation.state is not None or situation.set_aside_id is not None):
        if signals.features.get("asking"):
            return "answered, asking"
        return "answered, short" if signals.features.get("length", math.inf) <= SHORT else "answered"
    if situation.state is None:
        return "none"
    return "offered" if situation.state == "offered" else "active"


def _takes_up(signals: Signals) -> bool:
    """Whether they only take up words of ours: "refund please", where we asked if they want to wait or a refund.

    Or say nothing but a time, a number, a colour: "around noon" asks for no opening hours.
    """
    heard = signals.features
    if heard.get("bare"):
        return True
    return (
        heard.get("overlap", 0.0) == 1 and heard.get("length", math.inf) <= SHORT and not heard.get("asking")
    )


def _elsewhere(situation: Situation, signals: Signals, cut: Cut) -> list[_Best]:
    """The best other procedure and the best article, each with its whole kind's share.

    Two procedures that mean nearly the same share what is due to one, so the kind is weighed, then the best
    of it taken.
    """
    found = []
    kinds: tuple[tuple[CandidateKind, float], ...] = (("procedure", cut.procedure), ("article", cut.article))
    for kind, least in kinds:
        of_kind = [c for c in signals.candidates if c.kind == kind and not _is_own(c, situation)]
        if of_kind:
            best = max(of_kind, key=lambda c: c.score)
            found.append(_Best(best, min(1.0, sum(c.score for c in of_kind)), least, cut.alone))
    return found


def _is_own(candidate: Candidate, situation: Situation) -> bool:
    return (
        candidate.kind == "procedure"
        and candidate.id == situation.triggered_id
        and situation.state is not None
    )


def _chosen(best: list[_Best]) -> _Best | None:
    passing = [one for one in best if one.passes]
    if not passing:
        return None
    top = max(one.share for one in passing)
    return next(one for one in passing if one.share >= top - TIE)


def _only_feedback(situation: Situation, signals: Signals, chosen: _Best) -> bool:
    """Whether "thanks, the returns page helped" is praise rather than a question about returns."""
    return signals.feedback is not None and situation.after_help and chosen.share < ANSWERED


def _go(chosen: _Best, limits: Mapping[str, float], head: Head) -> Decision:
    target = chosen.candidate
    kind: DecisionKind = "procedure" if target.kind == "procedure" else "answer"
    reason = (
        f"They asked for “{target.name}”."
        if kind == "procedure"
        else f"The article “{target.name}” answers it."
    )
    chance = head.chance(kind, target.score)
    return Decision(kind, target, chance, reason, None, limits, raw=target.score)


def _follow(
    situation: Situation,
    signals: Signals,
    place: Place,
    best: list[_Best],
    limits: Mapping[str, float],
    head: Head,
) -> Decision:
    own = next((c for c in signals.candidates if _is_own(c, situation)), None)
    name = f"“{own.name}”" if own else "the procedure"
    verb = "begins" if situation.state == "offered" else "goes on"
    if place.startswith("answered"):
        reason = f"They answered the question, so {name} {verb}."
    else:
        reason = f"Nothing else fits well enough, so {name} {verb}."
    # What is left is divided with the strongest rival alone: many weak ones do not make it less likely.
    rival = max((one.candidate.score for one in best), default=0.0)
    raw = signals.triggered / max(signals.triggered + rival, 1e-9)
    chance = head.chance("follow", raw)
    if place.startswith("answered"):
        chance = max(chance, ANSWERED)
    return Decision("follow", own, chance, reason, place, limits, raw=raw)


def _without_run(situation: Situation, signals: Signals, limits: Mapping[str, float], head: Head) -> Decision:
    if aside := _taken_up_again(situation, signals):
        reason = f"They came back to “{aside.name}”."
        return Decision("procedure", aside, max(aside.score, 0.6), reason, "taken up again", limits)
    if signals.feedback is not None and situation.after_help:
        helped = signals.feedback == "helped"
        reason = "They said that it helped." if helped else "They said that it did not help."
        return Decision("feedback", None, 0.9, reason, signals.feedback, limits)
    reason = "They said hello." if signals.greeting else "Nothing known here fits well enough."
    if situation.asked_to_rephrase and not signals.greeting:
        reason = "Nothing known here fits well enough, for the second time."
    rule = "greeting" if signals.greeting else "again" if situation.asked_to_rephrase else None
    chance = head.chance("unsure", signals.nothing)
    return Decision("unsure", None, chance, reason, rule, limits, raw=signals.nothing)


def _taken_up_again(situation: Situation, signals: Signals) -> Candidate | None:
    """The procedure set aside before, when the message answers its first message: "ok, I'd rather wait"."""
    if situation.set_aside_id is None:
        return None
    if not signals.answers_question and signals.features.get("first", 0.0) < ECHO:
        return None
    return next(
        (c for c in signals.candidates if c.kind == "procedure" and c.id == situation.set_aside_id), None
    )
