"""Routing in a demo shop, with the packaged encoder: what a contact writes, and what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.agent.model import Candidate, Context, Decision, Person, ProcedureEntry, Signals, Situation
from overture.agent.route import route
from overture.agent.signals import RoutingIndex, hear
from overture.encoder import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable

LATE, RETURN, ADDRESS = 11, 12, 13
FIRST_MESSAGE = "Your order SH-10234 is running late. Do you want to wait or get a refund?"
QUESTION = "Which order is it?"

PROCEDURES = (
    ProcedureEntry(
        LATE,
        "late-order",
        "Late order",
        "The customer asks where an order is, or says it has not arrived.",
        ("where is my parcel?",),
        ("I want to return my order",),
    ),
    ProcedureEntry(
        RETURN,
        "return-item",
        "Return an item",
        "The customer wants to send something back that they bought.",
        ("I'd like to return these shoes",),
    ),
    ProcedureEntry(
        ADDRESS,
        "change-address",
        "Change delivery address",
        "The customer wants an order sent to another address.",
    ),
)
ARTICLES = {
    "Returns policy": "You can send anything back within 30 days of the day it reached you, unworn and with its "
    "label. The money is on your account five working days after the parcel is here.",
    "Shipping costs": "Shipping within Germany costs 4.90 euros and is free from 60 euros on. Austria is 7.90 "
    "euros, Switzerland 12.90 euros, every other country in Europe 14.90 euros.",
    "Opening hours": "Our shop in Berlin is open Monday to Saturday from 10 to 19. We are closed on Sundays.",
    "Payment methods": "We take cards, PayPal, Apple Pay and bank transfer. Invoices are for business customers.",
    "Gift cards": "Gift cards are valid for three years and can be used for everything, shipping too.",
}


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="module")
def shop(encoder) -> RoutingIndex:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    passages = [
        Passage(n, 100 + n, title, "", text, at) for n, (title, text) in enumerate(ARTICLES.items(), start=1)
    ]
    texts = [searchable(p.title, p.heading, p.text) for p in passages]
    return RoutingIndex.build(PROCEDURES, PassageIndex.build(passages, encoder.encode(texts)), encoder)


@pytest.fixture(scope="module")
def routed(shop, encoder):
    def routed(text: str, situation: Situation, context: Context) -> Decision:
        return route(situation, hear(shop, text, context, encoder))

    return routed


OFFERED = Situation(state="offered", triggered_id=LATE)
ON_FIRST = Context(first_message=FIRST_MESSAGE, triggered_id=LATE)
ACTIVE = Situation(state="active", open_ask=True, triggered_id=LATE)
ON_QUESTION = Context(
    first_message=FIRST_MESSAGE, triggered_id=LATE, open_question=QUESTION, agent_said_last=QUESTION
)
SET_ASIDE = Situation(set_aside_id=LATE, after_help=True)
AFTER_ANSWER = Context(
    first_message=FIRST_MESSAGE,
    set_aside_id=LATE,
    agent_said_last="Shipping to Austria is 7.90 euros.",
    after_help=True,
)
ALONE, NOTHING_SAID = Situation(), Context()


def where_to(decision: Decision) -> str:
    return decision.target.name if decision.target and decision.kind != "follow" else decision.kind


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "ok",
        "asdfgh",
        "I'd rather wait",
        "refund please",
        "refund",
        "wait or refund",
        "hm not sure",
        "10234",
        "too expensive",
        "2 pm",
        "no",
        "No thanks",
        "hello",
        "thanks",
        "👍",
        "???",
        "SH-10234",
        "how much longer will it take?",
        "when will it arrive then",
        "are you a bot?",
        "my agent said it would come on Monday",
        "I don't want to talk to a person",
        "I already spoke to someone about this",
        "what is the capital of France?",
        "tell me a joke",
        "that is really annoying",
        "wait",
        "give me my money back",
        "the refund",
        "tomorrow",
        "where is it now?",
        "ok I'll wait until Friday",
        "",
        "   ",
        "\ud83d",
        "a" * 5000,
    ],
)
def test_the_first_reply_mostly_follows_the_triggered_procedure(routed, text):
    assert "follow" == routed(text, OFFERED, ON_FIRST).kind


@pytest.mark.parametrize(
    ("situation", "context"), [(OFFERED, ON_FIRST), (ACTIVE, ON_QUESTION), (ALONE, NOTHING_SAID)]
)
@pytest.mark.parametrize(
    "text",
    [
        "can I talk to someone?",
        "agent",
        "human please",
        "put me through",
        "I want my refund, put me through to someone",
        "This is the third time I write to you about this order. I want to speak to a manager.",
        "can somebody call me back?",
        "I want a real person not a bot",
    ],
)
def test_a_person_asked_for_comes_before_everything(routed, text, situation, context):
    assert "hand_off" == routed(text, situation, context).kind


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("I want to change my delivery address", "Change delivery address"),
        ("please send it to my office instead, I moved", "Change delivery address"),
        ("I want to return the jacket I bought", "Return an item"),
        ("these boots don't fit, how do I send them back?", "Return an item"),
        ("How much does shipping to Austria cost?", "Shipping costs"),
        ("What does delivery to Switzerland cost?", "Shipping costs"),
        ("are you open on Sunday?", "Opening hours"),
        ("can I pay with PayPal?", "Payment methods"),
        ("how long is a gift card valid?", "Gift cards"),
        ("within how many days can I return things?", "Returns policy"),
    ],
)
@pytest.mark.parametrize(("situation", "context"), [(OFFERED, ON_FIRST), (ALONE, NOTHING_SAID)])
def test_something_else_asked_for_is_what_happens(routed, text, place, situation, context):
    assert place == where_to(routed(text, situation, context))


@pytest.mark.parametrize(
    "text", ["where is my parcel?", "my order has not arrived", "I am still waiting for my order"]
)
def test_a_contact_starts_a_procedure_themselves(routed, text):
    assert "Late order" == where_to(routed(text, ALONE, NOTHING_SAID))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("what is the capital of France?", None),
        ("asdfgh", None),
        ("hello", "greeting"),
        ("Good morning!", "greeting"),
    ],
)
def test_without_a_run_the_agent_says_that_it_is_not_sure(routed, text, rule):
    decision = routed(text, ALONE, NOTHING_SAID)
    assert ("unsure", rule) == (decision.kind, decision.rule)


def test_the_second_time_it_knows_that_it_asked_before(routed):
    assert "again" == routed("asdfgh", replace(ALONE, asked_to_rephrase=True), NOTHING_SAID).rule


@pytest.mark.parametrize(
    "text",
    [
        "SH-10234",
        "it is SH-10234",
        "the one from Monday",
        "no idea",
        "hm",
        "why do you ask?",
        "refund please",
        "the refund",
    ],
)
def test_inside_a_run_answers_and_half_answers_go_on(routed, text):
    assert "follow" == routed(text, ACTIVE, ON_QUESTION).kind


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("How much does shipping to Austria cost?", "Shipping costs"),
        ("by the way, are you open on Sunday?", "Opening hours"),
        ("actually I want to change my delivery address", "Change delivery address"),
    ],
)
def test_inside_a_run_a_side_question_is_answered_and_a_change_of_mind_switches(routed, text, place):
    assert place == where_to(routed(text, ACTIVE, ON_QUESTION))


@pytest.mark.parametrize(
    "text", ["I'd like to return these shoes", "opening hours", "refund", "Return an item"]
)
def test_a_valid_answer_is_not_stolen_by_a_look_alike(routed, text):
    """The question was "What is it about?", and its choices read like a procedure's name."""
    context = replace(ON_QUESTION, open_question="What is it about?", answers_question=True)
    decision = routed(text, ACTIVE, context)
    assert "follow" == decision.kind
    assert decision.confidence >= 0.95


def test_an_answer_that_also_asks_for_something_else_gets_it(routed):
    context = replace(ON_FIRST, answers_question=True)
    assert "Shipping costs" == where_to(routed("How much does shipping to Austria cost?", OFFERED, context))
    assert "Returns policy" == where_to(routed("Within how many days can I return things?", OFFERED, context))


def test_a_procedure_set_aside_is_taken_up_again(routed):
    decision = routed("ok, I'd rather wait", SET_ASIDE, AFTER_ANSWER)
    assert ("procedure", LATE) == (decision.kind, decision.target.id)
    decision = routed("refund", SET_ASIDE, replace(AFTER_ANSWER, answers_question=True))
    assert ("procedure", LATE) == (decision.kind, decision.target.id)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("thanks, that helped", "helped"),
        ("perfect, thank you!", "helped"),
        ("that did not help at all", "did_not_help"),
    ],
)
def test_after_help_thanks_is_feedback_and_no_question(routed, text, rule):
    decision = routed(text, SET_ASIDE, AFTER_ANSWER)
    assert ("feedback", rule) == (decision.kind, decision.rule)


def test_procedures_closed_to_this_contact_are_not_considered(shop, encoder):
    heard = hear(shop, "I want to change my delivery address", ON_FIRST, encoder, allowed={LATE, RETURN})
    assert ADDRESS not in {c.id for c in heard.candidates if c.kind == "procedure"}


def test_a_paused_procedure_that_was_offered_may_still_begin(shop, encoder):
    index = RoutingIndex.build(PROCEDURES[1:], shop.passages, encoder)
    assert "follow" == route(OFFERED, hear(index, "yes", ON_FIRST, encoder)).kind


def test_an_empty_workspace_follows_or_is_not_sure(encoder):
    index = RoutingIndex.build((), PassageIndex.build([], np.zeros((0, 0), np.float32)), encoder)
    assert "follow" == route(OFFERED, hear(index, "change my address", ON_FIRST, encoder)).kind
    assert "unsure" == route(ALONE, hear(index, "change my address", NOTHING_SAID, encoder)).kind


# The rules alone


def signals(
    procedure: float = 0.0, article: float = 0.0, own: float = 0.0, person: float = 0.0, **more
) -> Signals:
    candidates = [
        Candidate("procedure", RETURN, "return-item", "Return an item", procedure),
        Candidate("article", 101, "101", "Returns policy", article),
        Candidate("procedure", LATE, "late-order", "Late order", own),
    ]
    nothing = max(0.0, 1 - procedure - article - own)
    ordered = tuple(sorted(candidates, key=lambda c: -c.score))
    return Signals("…", Person(person), ordered, triggered=nothing + own, nothing=nothing, **more)


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (signals(procedure=0.9), "procedure"),
        (signals(article=0.9), "answer"),
        (signals(article=0.55), "follow"),
        (signals(procedure=0.3, own=0.4), "follow"),
        (signals(procedure=0.9, person=0.97), "hand_off"),
        (signals(), "follow"),
    ],
)
def test_who_wins(heard, kind):
    assert kind == route(OFFERED, heard).kind


def test_ties_go_to_the_other_procedure_then_the_article():
    assert "procedure" == route(ALONE, signals(procedure=0.5, article=0.5)).kind
    assert "procedure" == route(OFFERED, signals(procedure=0.5, own=0.5)).kind
    assert "answer" == route(ALONE, signals(article=0.5)).kind


def test_inside_a_run_it_takes_more_to_switch():
    assert "procedure" == route(OFFERED, signals(procedure=0.6)).kind
    assert "follow" == route(ACTIVE, signals(procedure=0.6)).kind


def test_a_correction_changes_the_answer_but_a_person_still_comes_first():
    situation = replace(ACTIVE, correction=True)
    assert "correct" == route(situation, signals(procedure=0.99)).kind
    assert "hand_off" == route(situation, signals(person=0.97)).kind


def test_the_procedure_going_on_is_never_switched_to_itself():
    decision = route(ACTIVE, signals(own=0.99))
    assert ("follow", LATE) == (decision.kind, decision.target.id)


def test_every_decision_says_why():
    followed = route(OFFERED, signals(procedure=0.3, article=0.1))
    assert "Nothing else fits well enough, so “Late order” begins." == followed.reason
    switched = route(OFFERED, signals(procedure=0.8))
    assert "They asked for “Return an item”." == switched.reason
    assert 0.5 == switched.thresholds["procedure"]


shares = st.floats(0, 1, allow_nan=False)


@given(shares, shares, shares, st.sampled_from([OFFERED, ACTIVE, ALONE, SET_ASIDE]), st.booleans())
def test_there_is_always_a_decision_and_it_is_pure(procedure, article, own, situation, answers):
    total = max(1.0, procedure + article + own)
    heard = signals(procedure / total, article / total, own / total, answers_question=answers)
    decision = route(situation, heard)
    assert decision == route(situation, heard)
    assert 0 <= decision.confidence <= 1
    assert decision.reason.endswith(".")
    if situation.state is None:
        assert decision.kind != "follow"


@given(shares, shares)
def test_a_person_is_never_outweighed(procedure, article):
    total = max(1.0, procedure + article)
    assert "hand_off" == route(OFFERED, signals(procedure / total, article / total, person=0.98)).kind
