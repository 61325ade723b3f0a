"""What somebody writes, as a typed value."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.procedures.model import VALUE_TYPES, Ask, Choice
from overture.procedures.steps.ask import Unclear, Understood, choices, tried_on_first_reply, understand

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
WAIT_OR_REFUND = (Choice("wait", "Wait for it"), Choice("refund", "Get a refund"))
REASONS = (
    Choice("damaged", "damaged"),
    Choice("wrong item", "wrong item"),
    Choice("changed my mind", "changed my mind"),
)
UNCLEAR = object()


def ask(kind: str, **more: object) -> Ask:
    return Ask(path="0", question="?", type=kind, **more)


def value(said: str, wanted: Ask, country: str | None = None, timezone: str = "Europe/Berlin") -> object:
    heard = understand(wanted, said, NOW, timezone, country)
    if isinstance(heard, Unclear):
        assert heard.reason.endswith((".", "?"))
        return UNCLEAR
    assert heard.shown
    assert heard.value == json.loads(json.dumps(heard.value))
    return heard.value


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("wait", "wait"),
        ("I'd rather wait", "wait"),
        ("ok, I'd rather wait", "wait"),
        ("i'll wait!", "wait"),
        ("Wait for it", "wait"),
        ("refund please", "refund"),
        ("REFUND!", "refund"),
        ("a refund", "refund"),
        ("can I get a refund?", "refund"),
        ("I want to be refunded", "refund"),
        ("refnd", "refund"),
        ("No, refund", "refund"),
        ("not a refund, wait", "wait"),
        ("rather than wait, refund", "refund"),
        ("I'd rather wait than get a refund", "wait"),
        ("1", "wait"),
        ("2.", "refund"),
        ("option two", "refund"),
        ("the first one", "wait"),
        ("second", "refund"),
        ("the last one please", "refund"),
        ("neither", UNCLEAR),
        ("both", UNCLEAR),
        ("wait or refund", UNCLEAR),
        ("I don't want to wait", UNCLEAR),
        ("don't refund me", UNCLEAR),
        ("how long do I wait?", UNCLEAR),
        ("what's the second option?", UNCLEAR),
        ("I've been waiting for ages", UNCLEAR),
        ("first things first, where is it", UNCLEAR),
        ("3", UNCLEAR),
        ("yes", UNCLEAR),
        ("hello", UNCLEAR),
        ("asdfgh", UNCLEAR),
        ("", UNCLEAR),
        ("👍", UNCLEAR),
    ],
)
def test_choice(said, chosen):
    assert chosen == value(said, ask("choice", of=WAIT_OR_REFUND))


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("it's damaged", "damaged"),
        ("the wrong item came", "wrong item"),
        ("I changed my mind", "changed my mind"),
        ("it is the wrong thing", "wrong item"),
        ("dammaged", "damaged"),
        ("damaged and wrong", UNCLEAR),
    ],
)
def test_choice_by_a_word_of_its_own(said, chosen):
    assert chosen == value(said, ask("choice", of=REASONS))


def test_a_choice_of_yes_and_no():
    wanted = ask("choice", of=(Choice("yes", "Yes"), Choice("no", "No")))

    assert "no" == value("no thanks", wanted)
    assert "yes" == value("yes please", wanted)


def test_options_that_are_numbers_are_no_places():
    assert "2" == value("2", ask("choice", of=(Choice("5", "five"), Choice("2", "two"))))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("AB-12345", "AB-12345"),
        ("it's AB-12345 thanks", "AB-12345"),
        ("my order is (AB-12345).", "AB-12345"),
        ("ab-12345", "AB-12345"),
        ("#ab-12345!", "AB-12345"),
        ("AB-12345, I mean AB-12345", "AB-12345"),
        ("AB-123456", UNCLEAR),
        ("AB-12345 or CD-12345", UNCLEAR),
        ("no idea", UNCLEAR),
        ("", UNCLEAR),
    ],
)
def test_text_that_fits_a_pattern(said, found):
    assert found == value(said, ask("text", matches=r"^[A-Z]{2}-\d{5}$"))


def test_a_pattern_without_ends_is_searched_for_whole_words():
    assert "AB12" == value("it is AB12, yes", ask("text", matches=r"[A-Z]{2}\d{2}"))
    assert "12 34" == value("code 12 34 please", ask("text", matches=r"^\d\d \d\d$"))
    assert UNCLEAR is value("XAB12", ask("text", matches=r"[A-Z]{2}\d{2}"))


def test_a_pattern_that_would_take_for_ever_gives_up():
    assert UNCLEAR is value("a" * 5000 + "!", ask("text", matches=r"^(a+)+b$"))


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("12", None, 12),
        ("12.", None, 12),
        ("order 12, please", None, 12),
        ("1,250", None, 1250),
        ("1,250.50", None, 1250.5),
        ("1.250,50", None, 1250.5),
        ("1.250", None, 1.25),
        ("1.250", "DE", 1250),
        ("1,250", "DE", 1.25),
        ("12,5", None, 12.5),
        ("1 250", None, 1250),
        ("1'000", None, 1000),
        ("-5", None, -5),
        (".5", None, 0.5),
        ("5kg", None, 5),
        ("twenty five", None, 25),
        ("two hundred and five", None, 205),
        ("a dozen", None, 12),
        ("a hundred thousand", None, 100_000),
        ("2 or 3", None, UNCLEAR),
        ("3-4", None, UNCLEAR),
        ("AB-12345", None, UNCLEAR),
        ("1e9999", None, UNCLEAR),
        ("9" * 40, None, UNCLEAR),
        ("the one I ordered", None, UNCLEAR),
        ("many", None, UNCLEAR),
    ],
)
def test_number(said, country, number):
    assert number == value(said, ask("number"), country)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("4", "It has to be at least 5."),
        ("11", "It can be at most 10."),
        ("x", "I couldn't find a number in that."),
    ],
)
def test_limits_are_said(said, reason):
    assert Unclear(reason) == understand(ask("number", min=5, max=10), said, NOW)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *(
            (said, True)
            for said in ("yes", "Yep", "yeah!", "sure", "ok", "of course", "no problem", "why not", "y")
        ),
        *(
            (said, True)
            for said in ("yes, it's not here", "I did", "That's right", "yes please", "👍", "go ahead")
        ),
        *(
            (said, False)
            for said in ("no", "nope", "nah", "not really", "no thanks", "n", "👎", "it isn't", "never")
        ),
        *((said, False) for said in ("I didn't", "that's not right", "I don't think so", "no it is fine")),
        ("I have not received it", False),
        ("of course not", False),
        ("absolutely not!", False),
        ("I already did", True),
        *(
            (said, UNCLEAR)
            for said in ("not sure", "I don't know", "maybe", "no, yes", "hello", "", "yes and no")
        ),
    ],
)
def test_boolean(said, meant):
    assert meant == value(said, ask("boolean"))


@pytest.mark.parametrize(
    ("said", "country", "day"),
    [
        ("today", None, "2026-11-22"),
        ("tomorrow", None, "2026-11-23"),
        ("on Friday please", None, "2026-11-27"),
        ("next friday", None, "2026-11-27"),
        ("friday 27 november", None, "2026-11-27"),
        ("3 March", None, "2027-03-03"),
        ("the 3rd of march", None, "2027-03-03"),
        ("December 24, 2026", None, "2026-12-24"),
        ("24.12.", None, "2026-12-24"),
        ("2026-12-01", None, "2026-12-01"),
        ("in 3 days", None, "2026-11-25"),
        ("I ordered it 2 days ago", None, "2026-11-20"),
        ("13/04/2027", None, "2027-04-13"),
        ("03/04/2027", "US", "2027-03-04"),
        ("03/04/2027", "DE", "2027-04-03"),
        ("03/04/2027", None, UNCLEAR),
        ("31 February", None, UNCLEAR),
        ("yesterday or today", None, UNCLEAR),
        ("may I have it", None, UNCLEAR),
        ("12", None, UNCLEAR),
    ],
)
def test_date(said, country, day):
    assert day == value(said, ask("date"), country)


def test_today_is_where_the_contact_is():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    heard = understand(ask("date"), "tomorrow", late, "Asia/Tokyo")

    assert Understood("2026-11-24", "Tuesday 24 November 2026") == heard
    assert isinstance(understand(ask("date"), "today", late, "No/Where"), Understood)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("carol@shop.example", "carol@shop.example"),
        ("me: Carol@Shop.example.", "Carol@shop.example"),
        ("<a@b.co>", "a@b.co"),
        ("a@b.com or c@d.com", UNCLEAR),
        ("a@b", UNCLEAR),
        ("none", UNCLEAR),
    ],
)
def test_email(said, address):
    assert address == value(said, ask("email"))


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("call me at (415) 555-2671, ok", "US", "+14155552671"),
        ("030 901820", "DE", "+4930901820"),
        ("030 901820", None, UNCLEAR),
        ("12", "DE", UNCLEAR),
    ],
)
def test_phone(said, country, number):
    assert number == value(said, ask("phone"), country)


@pytest.mark.parametrize(
    ("said", "country", "money"),
    [
        ("12.50 EUR", None, ("12.50", "EUR")),
        ("€12,50", None, ("12.50", "EUR")),
        ("$1,250", None, ("1250.00", "USD")),
        ("20 bucks", None, ("20.00", "USD")),
        ("USD20", None, ("20.00", "USD")),
        ("1000 yen", None, ("1000", "JPY")),
        ("12.50", "DE", ("12.50", "EUR")),
        ("12.50", None, UNCLEAR),
        ("5 EUR or 5 USD", None, UNCLEAR),
        ("all of it", "DE", UNCLEAR),
    ],
)
def test_money(said, country, money):
    expected = money if money is UNCLEAR else {"amount": money[0], "currency": money[1]}

    assert expected == value(said, ask("money"), country)


@pytest.mark.parametrize(
    ("wanted", "tried"),
    [
        *((ask(kind), True) for kind in ("choice", "number", "date", "email", "phone", "money")),
        (ask("text", matches="a"), True),
        (ask("text"), False),
        (ask("boolean"), False),
        (ask("number", first_reply=False), False),
    ],
)
def test_what_the_first_reply_may_answer(wanted, tried):
    assert tried == tried_on_first_reply(wanted)


def test_what_can_be_picked():
    assert WAIT_OR_REFUND == choices(ask("choice", of=WAIT_OR_REFUND))
    assert ["yes", "no"] == [one.id for one in choices(ask("boolean"))]
    assert () == choices(ask("text"))


@pytest.mark.parametrize("kind", VALUE_TYPES)
@settings(max_examples=40, deadline=None)
@given(
    said=st.text(max_size=80) | st.text(alphabet="0123456789.,-/@ €$abmy'", max_size=40),
    country=st.sampled_from([None, "DE", "US", "xx", ""]),
)
def test_anything_is_understood_or_not_in_words(kind, said, country):
    value(said, ask(kind, of=WAIT_OR_REFUND if kind == "choice" else ()), country)


@pytest.mark.parametrize("option", WAIT_OR_REFUND)
def test_what_is_shown_can_always_be_picked(option):
    assert (
        option.id
        == value(option.label, ask("choice", of=WAIT_OR_REFUND))
        == value(option.id, ask("choice", of=WAIT_OR_REFUND))
    )
