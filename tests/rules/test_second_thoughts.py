"""“Go back”, “never mind”, “no, order 12”: what a message wants with the run itself, and what only sounds like it."""

from __future__ import annotations

import time

import pytest

from overture.procedures.advance import Begin, Correct, GoBack, NeverMind, Reply
from overture.procedures.file import read
from overture.procedures.second_thoughts import find_second_thought
from playing import NOW, Play

TABLE = read(
    """
procedure: table
when_to_use: A table is wanted.
steps:
  - {ask: "Which order is it?", save: order, matches: '^[A-Z]{2}-\\d{5}$'}
  - {ask: "For how many people?", type: number, save: people}
  - {ask: "On which day?", type: date, save: day}
  - {ask: "Inside or outside?", type: choice, of: [inside, outside], save: place}
  - {ask: "Anything we should know?", save: remark}
"""
)
BACK = [
    "can we go one back",
    "take me back please",
    "let me redo that one",
    "I want to answer the last question again",
    "could I change my previous answer",
    "go to the question before",
    "oops, back up",
    "wait, go back",
    "that was wrong, back please",
    "return to the previous step",
    "start that question over",
    "let me fix my last answer",
    "I clicked the wrong one, go back",
    "can I correct what I said before",
    "rewind",
    "one step back please",
    "please go back to the last one",
    "hold on, back",
    "I'd like to go back one question",
    "zurück bitte",
    "un paso atrás por favor",
    "revenir en arrière",
    "torna indietro",
    "please go one question back",
    "back to the last question please",
    "I need to go back a step",
    "let me answer that one again",
    "can you take me back one step",
    "ok undo that please",
    "may I go to the previous question",
    "I want to edit my last answer",
    "step back",
    "sorry, can I redo the last one",
    "bitte einen Schritt zurück",
    "question précédente svp",
]  # fmt: skip
NEVER = [
    "nevermind, found it",
    "oh never mind then",
    "forget I asked",
    "doesn't matter any more",
    "it's fine, forget it",
    "I changed my mind, leave it",
    "no longer necessary",
    "let's stop here",
    "stop asking me questions",
    "I give up",
    "not interested any more, thanks",
    "please abort",
    "scrap that",
    "skip the whole thing",
    "I'll sort it out myself, thanks",
    "nvm thx",
    "lass gut sein",
    "never mind, I've got it",
    "ok forget the whole thing",
    "it doesn't matter now",
    "please stop asking",
    "not needed anymore, thanks",
    "sorry, drop it",
    "actually leave it",
    "I no longer need it, thanks",
    "ok scrap it",
    "vergiss es bitte",
    "laissez tomber merci",
    "forget about it, all good",
]  # fmt: skip
CORRECTIONS = [
    "no wait, make it 6 people",
    "sorry 6 people not 4",
    "it should be outside",
    "I said inside but I want outside",
    "change the order to XY-98765",
    "the order number was wrong, it is XY-98765",
    "oops the order is XY-98765",
    "correction: XY-98765",
    "not AB-12345 but XY-98765",
    "my bad, outside",
    "wrong day, I meant 2026-12-26",
    "2026-12-26 would be better actually",
    "hang on, it's six people",
    "please change inside to outside",
    "typo, XY-98765",
    "oops, six people",
    "no it's outside",
    "sorry, the order is QQ-11111",
    "I meant 2026-12-27",
    "make it outside please",
    "change the day to 2026-12-27",
    "I said 4 but I meant 5",
    "not inside but outside",
    "wait, 8 people",
    "the day was wrong, it's 2026-12-28",
    "correction, order QQ-11111",
]  # fmt: skip
NEITHER = [
    "my back hurts when I sit long",
    "we come back on Monday",
    "my brother never minds noise",
    "please don't forget the candles",
    "my daughter is 6 years old",
    "no nuts please",
    "a chair for my back",
    "the last time the soup was cold",
    "we may leave early",
    "no",
    "nothing",
    "actually yes, one of us is vegan",
    "I'd rather have a quiet corner",
    "sorry for asking so much",
    "can we bring a dog",
    "back row if possible",
    "we need a step for the wheelchair",
    "stop by the bar first?",
    "I am returning after a year",
    "it is a birthday",
    "doesn't matter",
    "not necessary",
    "not interested",
    "I don't mind either way",
    "the last one was great",
    "we want to sit in the back",
    "it does not matter where",
    "a question: is there parking",
    "change of plans happens, do you charge for that?",
    "the wrong table was given to us last time",
    "we'd like to stop by earlier to decorate",
    "please repeat my booking number",
]  # fmt: skip


@pytest.fixture(scope="module")
def asked_last() -> Play:
    play = Play(TABLE)
    for event in (Begin("yes"), Reply("AB-12345"), Reply("4"), Reply("2026-12-24"), Reply("inside")):
        play(event)
    return play


def wish(play: Play, text: str) -> object:
    return find_second_thought(TABLE, play.progress, play.log, text, NOW)


@pytest.mark.parametrize("text", BACK)
def test_they_want_to_go_back(asked_last: Play, text: str) -> None:
    assert GoBack() == wish(asked_last, text)


@pytest.mark.parametrize("text", NEVER)
def test_they_want_to_leave_it(asked_last: Play, text: str) -> None:
    assert NeverMind() == wish(asked_last, text)


@pytest.mark.parametrize("text", CORRECTIONS)
def test_they_change_what_they_said(asked_last: Play, text: str) -> None:
    assert isinstance(wish(asked_last, text), Correct)


@pytest.mark.parametrize("text", NEITHER)
def test_it_is_an_answer(asked_last: Play, text: str) -> None:
    assert wish(asked_last, text) is None


@pytest.mark.parametrize("text", ["no " * 20 + "x", "please,.!-" * 6, "change a " * 200, "not a but " * 200])
def test_words_over_and_over_are_read_in_a_moment(asked_last: Play, text: str) -> None:
    began = time.thread_time()
    wish(asked_last, text)
    assert time.thread_time() - began < 1
