"""A message without words is an answer, or it follows: it never hands off, switches, or draws an article."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.agent.model import Context, ProcedureEntry, Situation
from overture.agent.route import route
from overture.agent.signals import RoutingIndex, hear
from overture.agent.wordless import is_wordless, without_addresses
from overture.encoder import Encoder
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable

LATE, RETURN = 11, 12
PROCEDURES = (
    ProcedureEntry(
        LATE, "late", "Late order", "The customer asks where an order is.", ("order 4711 is late",)
    ),
    ProcedureEntry(RETURN, "return", "Return", "The customer wants to send something back.", ("return 12",)),
)
ARTICLES = {
    "Numbers that matter": "Call 112 in an emergency. Our order numbers look like SH-10234.",
    "Support": "Write to support@shop.example or see https://shop.example/help/agent.",
}
ASKED = "Which order is it?"
OFFERED = (Situation(state="offered", triggered_id=LATE), Context(first_message=ASKED, triggered_id=LATE))
ACTIVE = (
    Situation(state="active", open_ask=True, triggered_id=LATE),
    Context(first_message=ASKED, triggered_id=LATE, open_question=ASKED, agent_said_last=ASKED),
)
ANSWERED = (ACTIVE[0], replace(ACTIVE[1], answers_question=True))
SET_ASIDE = (
    Situation(set_aside_id=LATE),
    Context(first_message=ASKED, set_aside_id=LATE, agent_said_last="Ok."),
)
ALONE = (Situation(), Context())

letters = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
names = st.sampled_from(
    ["support", "agent", "human", "returns", "order", "contact", "hablar-con-un-agente", "mensch"]
)
WORDLESS = st.one_of(
    st.integers(0, 10**15).map(str),
    st.lists(st.integers(0, 10**6).map(str), min_size=1, max_size=6).map(" ".join),
    st.from_regex(r"[A-Z]{0,3}-?[0-9]{1,9}(-[0-9A-F]{1,2})?", fullmatch=True),
    st.from_regex(r"[0-3]?[0-9][./-][01]?[0-9]([./-](20)?[0-9]{2})?", fullmatch=True),
    st.text("👍👎🙋🤖📞🧑💼👩💻\u200d\ufe0f❤🇩🇪", min_size=1, max_size=12),
    st.text("?!.,;:-_#*/()[]{}<>|~^'\"\\", min_size=1, max_size=20),
    st.text(" \t\n\u00a0\u2003\u200b\u200c\u200d\ufeff\u2060", max_size=30),
    st.tuples(letters, st.sampled_from(["", "?", ".", " "])).map("".join),
    st.tuples(letters, st.integers(2, 10_000)).map(lambda pair: pair[0] * pair[1]),
    st.tuples(names, names).map(lambda pair: f"{pair[0]}@{pair[1]}.example"),
    st.tuples(names, names, st.integers(0, 10**6)).map(lambda it: f"https://{it[0]}.example/{it[1]}/{it[2]}"),
    st.binary(min_size=18, max_size=600).map(b64encode).map(bytes.decode),
    st.text("bcdfghjklmnpqrstvwxz", min_size=7, max_size=30),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="module")
def shop(encoder: Encoder) -> RoutingIndex:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    passages = [
        Passage(n, n, title, "", text, at) for n, (title, text) in enumerate(ARTICLES.items(), start=1)
    ]
    texts = [searchable(one.title, one.heading, one.text) for one in passages]
    return RoutingIndex.build(PROCEDURES, PassageIndex.build(passages, encoder.encode(texts)), encoder)


@settings(max_examples=150, deadline=None)
@given(text=WORDLESS)
def test_nothing_without_words_hands_off_switches_or_answers(shop, encoder, text):
    for situation, context in (OFFERED, ACTIVE, ANSWERED):
        assert "follow" == route(situation, hear(shop, text, context, encoder)).kind
    assert "unsure" == route(ALONE[0], hear(shop, text, ALONE[1], encoder)).kind
    again = route(SET_ASIDE[0], hear(shop, text, SET_ASIDE[1], encoder))
    assert "unsure" == again.kind or (again.target is not None and LATE == again.target.id)


@settings(max_examples=60, deadline=None)
@given(text=WORDLESS)
def test_an_answer_to_an_open_typed_question_is_never_stolen(shop, encoder, text):
    decision = route(ANSWERED[0], hear(shop, text, ANSWERED[1], encoder))
    assert ("follow", True) == (decision.kind, decision.confidence >= 0.9)


@pytest.mark.parametrize(
    "text",
    ["help", "no", "hm", "ok", "人", "да", "refund please", "order 12", "24/7 support", "see www.a.example please",
     "Donaudampfschifffahrtsgesellschaft", "Angstschweiß", "rhythm", "a person", "pls", "Grüße"],
)  # fmt: skip
def test_a_word_is_a_word(text: str) -> None:
    assert not is_wordless(text)


def test_an_address_asks_for_nobody(shop, encoder) -> None:
    text = "you can write to me at support@human-agents.example"
    assert "you can write to me at it" == without_addresses(text)
    assert "hand_off" != route(ACTIVE[0], hear(shop, text, ACTIVE[1], encoder)).kind


def test_whoever_gives_an_address_may_still_ask_for_a_person(shop, encoder) -> None:
    text = "let me talk to a human, my mail is carol@shop.example"
    assert "hand_off" == route(ACTIVE[0], hear(shop, text, ACTIVE[1], encoder)).kind
