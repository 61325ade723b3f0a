"""What each kind of step does in a run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from overture.procedures.advance import (
    AddNote,
    AddTag,
    Begin,
    CallDone,
    CallDue,
    CallFailed,
    Collected,
    Completed,
    Correct,
    Failed,
    GoBack,
    HandedOff,
    InstructAsks,
    InstructDue,
    Instructed,
    InstructFailed,
    Lapsed,
    LookedUp,
    LookUpDue,
    NeverMind,
    NotExpected,
    NotFound,
    Repeat,
    Reply,
    SetAside,
    SetValue,
    Silence,
    Switched,
    TeammateDue,
    TeammateTimeout,
    Waiting,
    WrongValue,
    first_ask,
    start,
)
from overture.procedures.check.limits import limits
from overture.procedures.model import Choice, Typed
from playing import NOW, Play, one

# look_up


def test_a_look_up_answers_in_place():
    play = Play(one("- look_up: 'refunds of {{ contact.first_name }}'", "- say: after"))
    play(Begin())
    assert LookUpDue("refunds of Carol", "0", 1) == play.then

    moves = play(LookedUp("Within 30 days.", ({"title": "Refunds"},), "0", 1))
    assert ["Within 30 days.", "after"] == play.said
    assert ({"title": "Refunds"},) == moves.says[0].sources


def test_a_look_up_that_is_kept_is_not_said():
    play = Play(one("- {look_up: refunds, save: policy}", "- say: 'It says: {{ policy }}'"))
    play(Begin(), LookedUp("Within 30 days."))

    assert ["It says: Within 30 days\\."] == play.said


def test_a_look_up_that_finds_nothing():
    play = Play(one("- {look_up: refunds, on_error: [{say: Nothing.}]}", "- say: after"))
    play(Begin(), NotFound("No article says so."))
    assert ["Nothing.", "after"] == play.said
    assert {"failed": "No article says so."} == play.log[0].result

    play = Play(one("- look_up: refunds"))
    play(Begin(), NotFound("No article says so."))
    assert HandedOff("failure", None, None, "No article says so.") == play.then


# instruct

FIND_OUT = one(
    "- instruct: 'Find out what {{ contact.first_name }} wants.'",
    "  tools: [get_order]",
    "  save: {choice: {type: choice, of: {wait: Wait for it, refund: A refund}}, amount: money}",
    "  budget: 3",
    "  on_error: [{say: I could not.}]",
    "- say: '{{ choice }}, {{ amount }}'",
)


def test_an_instruction_talks_until_it_has_what_it_needs():
    play = Play(FIND_OUT)
    play(Begin("hi"))
    due = play.then
    assert isinstance(due, InstructDue)
    assert ("Find out what Carol wants.", ("get_order",), (), 3) == (
        due.text,
        due.tools,
        due.talk,
        due.budget,
    )

    play(InstructAsks("Wait or refund?", path="0", visit=1, turn=1))
    assert ["Wait or refund?"] == play.said
    assert isinstance(play.then, Waiting)

    play("the refund, 12 euros")
    assert (
        {"author": "agent", "text": "Wait or refund?"},
        {"author": "contact", "text": "the refund, 12 euros"},
    ) == (play.then.talk)
    assert (2, 2) == (play.then.budget, play.then.turn)

    play(
        Instructed(
            {"choice": "refund", "amount": "12.50 EUR"}, "Noted.", trace=({"called": "get_order"},), turn=2
        )
    )
    assert ["Noted.", "A refund, 12\\.50 EUR"] == [text.replace("12.50", "12\\.50") for text in play.said]
    assert {"choice": "refund", "amount": {"amount": "12.50", "currency": "EUR"}} == play.progress.values
    assert [{"called": "get_order"}] == play.log[0].result["trace"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (InstructFailed("The model did not answer."), "The model did not answer."),
        (Instructed({"choice": "refund"}), "“amount” is missing."),
        (
            Instructed({"choice": "A refund", "amount": "1 EUR"}),
            "“A refund” is not among the options of “choice”. Did you mean “refund”? They are “wait”, “refund”.",
        ),
        (Instructed({"choice": "wait", "amount": 5}), "“amount” is an amount of money, and 5 is not."),
        (Instructed({"choise": "wait"}), "“choise” was not asked for. Did you mean “choice”?"),
        (InstructAsks("?", used=3), "It was not done after asking the language model 3 times."),
    ],
)
def test_an_instruction_that_cannot_be_done(event, reason):
    play = Play(FIND_OUT)
    play(Begin(), event)

    assert "I could not." == play.said[0]
    assert reason == play.log[0].result["failed"]


def test_the_answer_to_an_earlier_turn_of_an_instruction_is_left_alone():
    play = Play(FIND_OUT)
    play(Begin(), InstructAsks("Which?", turn=1), "a refund")
    due = play.then

    assert due == play(Instructed({"choice": "wait", "amount": "1 EUR"}, turn=1)).then


def test_an_instruction_repeats_what_it_asked():
    play = Play(FIND_OUT)
    play(Begin(), InstructAsks("Which?"), Repeat())

    assert ["Which?"] == play.said


# run

SUBS = (
    "sub_procedures:",
    " verify: [{ask: Your email?, type: email, save: email}, {run: thank}, {say: Checked.}]",
    " thank: [{say: Thanks.}, {if: 'email == \"a@b.example\"', then: [{end: {sub_procedure: true}}]}, {say: Hm.}]",
)


def test_a_sub_procedure_runs_and_returns():
    play = Play(one(*SUBS, "- run: verify", "- say: After {{ email }}", "- run: thank"))
    play(Begin(), "a@b.example")

    assert ["Thanks.", "Checked.", "After a\\@b\\.example", "Thanks."] == play.said
    assert isinstance(play.then, Completed)
    assert [
        "0",
        "0/verify.0",
        "0/verify.1",
        "0/verify.1/thank.0",
        "0/verify.1/thank.1",
        "0/verify.1/thank.1.then.0",
        "0/verify.2",
        "1",
        "2",
        "2/thank.0",
        "2/thank.1",
        "2/thank.1.then.0",
    ] == [row.path for row in play.log]


def test_an_end_inside_a_sub_procedure_ends_the_run():
    play = Play(one("sub_procedures: {stop: [{end: {say: Bye.}}]}", "- run: stop", "- say: never"))
    play(Begin())

    assert ["Bye."] == play.said


def test_an_answer_given_in_a_sub_procedure_is_corrected():
    play = Play(
        one(
            *SUBS, "- run: verify", "- {call: find, with: {who: '{{ email }}'}}", "- {ask: More?, save: more}"
        )
    )
    play(Begin(), "a@b.example", CallDone({}))
    play("sorry, I meant c@d.example")

    assert CallDue("find", {"who": "c@d.example"}, "1", 2) == play.then
    assert "Hm." in play.said


def test_the_first_question_may_stand_in_a_sub_procedure():
    procedure = one(*SUBS, "- run: thank", "- run: verify")

    assert "Your email?" == first_ask(procedure).question
    play = Play(one(*SUBS, "- run: verify"))
    play(Begin("hello, a@b.example here"))
    assert "a@b.example" == play.progress.values["email"]


def test_sub_procedures_that_double_themselves_are_stopped():
    layers = [f" s{n}: [{{run: s{n + 1}}}, {{run: s{n + 1}}}]" for n in range(20)]
    play = Play(one("sub_procedures:", *layers, " s20: [{say: x}]", "- run: s0"))
    moves = play.look(Begin())

    assert len(moves.rows) <= 5_000
    assert "steps came one after another" in moves.then.reason


@pytest.mark.parametrize(("more", "then"), [((), Completed), (("- say: And this.",), Failed)])
def test_a_row_of_as_many_steps_as_are_allowed_ends_and_one_more_is_too_many(more, then):
    hundred = f" s: [{', '.join(['{say: x}'] * 99)}]"
    procedure = one("sub_procedures:", hundred, *["- run: s"] * 50, *more)

    assert then is type(Play(procedure).look(Begin()).then)
    assert len(more) == len(list(limits(procedure)))


# switch, tag, note


def test_a_switch_ends_the_run():
    play = Play(one("- switch: refund"))
    play(Begin())

    assert Switched("refund", "A step of the procedure switches to another.") == play.then
    assert play.progress.over


def test_tags_and_notes_are_added_once():
    procedure = one(
        "- {ask: N?, type: number, save: n}",
        "- tag: late",
        "- note: 'Asked for {{ n }}'",
        "- note: Always the same",
        "- {ask: M?, type: date, save: m}",
    )
    play = Play(procedure)
    play(Begin(), "3")
    assert [
        AddTag("late", "1", 1),
        AddNote("Asked for 3", "2", 1),
        AddNote("Always the same", "3", 1),
    ] == play.effects

    play(Correct("n", "4"), Correct("n", "4"))
    assert [AddNote("Asked for 4", "2", 2)] == play.effects[3:]


# set


def test_set_writes_to_the_contact_once():
    procedure = one(
        "attributes: {contact.attributes.plan: {type: choice, of: [free, pro]}, contact.attributes.since: date}",
        "- {ask: N?, type: number, save: n}",
        "- set: {contact.attributes.plan: pro, contact.attributes.seats: '{{ n }}', mine: 5}",
        "- set: {contact.attributes.since: '{{ data.at }}'}",
        "- say: '{{ contact.attributes.plan }} {{ contact.attributes.seats }} {{ contact.attributes.since }}'",
        "- {ask: M?, type: date, save: m}",
    )
    play = Play(
        procedure,
        {"contact": {"attributes": {"plan": "free"}}, "data": {"at": "2026-11-22T23:30:00Z"}},
        "Europe/Berlin",
    )
    play(Begin(), "3")
    assert [
        SetValue("contact.attributes.plan", "pro", "1", 1),
        SetValue("contact.attributes.seats", 3, "1", 1),
        SetValue("contact.attributes.since", "2026-11-23", "2", 1),
    ] == play.effects
    assert "pro 3 2026-11-23" == play.said[0]

    play(Correct("n", "4"))
    assert [SetValue("contact.attributes.seats", 4, "1", 2)] == play.effects[3:]


@pytest.mark.parametrize(
    ("set_", "reason"),
    [
        (
            "contact.attributes.plan: prro",
            "“prro” is not among the options of “contact.attributes.plan”. Did you mean “pro”?",
        ),
        ("contact.attributes.since: soon", "“contact.attributes.since” is a date, and “soon” is not."),
        ("contact.attributes.tags: a", "“contact.attributes.tags” holds a list, and “a” is a text."),
        (
            "contact.attributes.seats: many",
            "“contact.attributes.seats” holds a number, and “many” is a text.",
        ),
        (
            "conversation.priority: hihg",
            "“hihg” is not among the options of “conversation.priority”. Did you mean “high”?",
        ),
        ("n: many", "“n” is a number, and “many” is not."),
        ("n: true", "“n” is a number, and true is not."),
    ],
)
def test_a_value_of_another_type_is_an_error_in_words(set_, reason):
    procedure = one(
        "attributes: {contact.attributes.plan: {type: choice, of: [free, pro]}, contact.attributes.since: date}",
        "- {ask: N?, type: number, save: n}",
        f"- set: {{{set_}}}",
    )
    play = Play(procedure, {"contact": {"attributes": {"tags": ["x"], "seats": 3}}})
    play(Begin(), "3")

    assert "failure" == play.then.because
    assert reason in play.then.reason
    assert [] == play.effects


def test_a_choice_shows_its_label_and_compares_its_id():
    procedure = one(
        "- {ask: Which?, type: choice, of: {wait: Wait for it, refund: Get a refund}, save: wish}",
        "- if: wish == 'refund'",
        "  then: [{say: 'You chose: {{ wish }}{% if wish == \"refund\" %}!{% endif %}'}]",
        "- {call: do_it, with: {what: '{{ wish }}', text: 'a {{ wish }}'}}",
    )
    play = Play(procedure)
    play(Begin(), "get a refund")

    assert ["You chose: Get a refund!"] == play.said
    assert {"what": "refund", "text": "a refund"} == play.then.inputs


def test_moments_are_shown_in_the_time_zone():
    play = Play(
        one("- say: \"{{ data.at | date: '%d %H:%M' }} {{ data.day | date: '%A' }}\""),
        {"data": {"at": "2026-11-22T23:30:00Z", "day": "2026-11-27"}},
        "Europe/Berlin",
    )
    play(Begin())

    assert ["23 00:30 Friday"] == [text.replace("\\", "") for text in play.said]


# ask_teammate

REFUND = one(
    "- ask_teammate:",
    "    team: billing",
    "    question: 'Refund {{ contact.first_name }}?'",
    "    collect: {approved: boolean, amount: money, by: date}",
    "    timeout: 2h",
    "    message: One moment, I'm asking a colleague.",
    "    on_timeout: [{say: Nobody is there.}]",
    "- say: '{{ approved }}'",
)


def test_a_teammate_is_asked_and_answers():
    play = Play(REFUND)
    play(Begin())
    assert ["One moment, I'm asking a colleague."] == play.said
    fields = {"approved": Typed("boolean"), "amount": Typed("money"), "by": Typed("date")}
    assert TeammateDue("billing", "Refund Carol?", fields, NOW + timedelta(hours=2), "0", 1) == play.then

    due = play.then
    play.now = NOW + timedelta(hours=1)
    play("are you there?")
    assert ["I'm still waiting for the team. I'll go on as soon as they answer."] == play.said
    assert due == play.then == play(Silence()).then == play(Repeat()).then

    play(Collected({"approved": True, "amount": "12 EUR", "by": "tomorrow"}, "Tess", "0", 1))
    assert ["true"] == play.said
    assert {
        "approved": True,
        "amount": {"amount": "12.00", "currency": "EUR"},
        "by": "2026-11-23",
    } == play.progress.values
    assert "Tess" == play.log[0].result["by"]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        (
            {"approved": "maybe", "amount": "1 EUR", "by": "2026-11-23"},
            "approved",
            "“approved” is true or false, and “maybe” is not.",
        ),
        ({"approved": True, "amount": "1 EUR"}, "by", "“by” is missing."),
        ({"aproved": True}, "aproved", "“aproved” was not asked for. Did you mean “approved”?"),
    ],
)
def test_what_a_teammate_gives_wrongly_is_refused_and_nothing_is_lost(values, field, said):
    play = Play(REFUND)
    play(Begin())
    with pytest.raises(WrongValue) as raised:
        play(Collected(values))

    assert (field, said) == (raised.value.field, raised.value.message)
    assert isinstance(play.then, TeammateDue)


def test_no_teammate_answers_in_time():
    play = Play(REFUND)
    play(Begin(), TeammateTimeout("0", 1))
    assert "Nobody is there." == play.said[0]

    play = Play(one("- ask_teammate: {team: t, question: q, collect: {ok: boolean}}"))
    play(Begin(), TeammateTimeout())
    assert HandedOff("failure", None, None, "No teammate answered in time.") == play.then


def test_an_answer_to_an_earlier_request_is_left_alone():
    play = Play(
        one(
            "- {ask: N?, type: number, save: n}",
            "- ask_teammate: {team: t, question: 'Give {{ n }}?', collect: {ok: boolean}}",
        )
    )
    play(Begin(), "3", "no, 4")
    assert ("Give 4?", 2) == (play.then.question, play.then.visit)
    assert {"withdrawn": True} == play.log[1].result
    due = play.then

    assert due == play(Collected({"ok": True}, path="1", visit=1)).then
    play(Collected({"ok": True}, path="1", visit=2))
    assert isinstance(play.then, Completed)


# Going back, leaving it, silence

TWO = one(
    "- {ask: How many?, type: number, save: n}",
    "- {call: fetch, with: {n: '{{ n }}'}, save: got}",
    "- {ask: Which colour?, type: choice, of: [red, blue], save: colour}",
    "- {ask: And who are you?, save: who}",
)


def test_going_back_asks_the_question_before_again():
    play = Play(TWO)
    play(Begin(), "3", CallDone({"a": 1}), "red")
    play("can we go back?")
    assert ["Which colour?"] == play.said
    assert {"n": 3, "got": {"a": 1}} == play.progress.values

    play("blue")
    assert ["And who are you?"] == play.said
    assert "blue" == play.progress.values["colour"]


def test_going_back_twice_forgets_both_and_repeats_no_call():
    play = Play(TWO)
    play(Begin(), "3", CallDone({"a": 1}), "red", "back", "go back")
    assert ["How many?"] == play.said
    assert {} == play.progress.values

    play("3")
    assert ["Which colour?"] == play.said
    play("red", "Carol")
    assert isinstance(play.then, Completed)
    assert 1 == len([row for row in play.log if row.kind == "call" and not row.result.get("kept")])


def test_a_forgotten_answer_stays_forgotten_through_a_correction():
    play = Play(TWO)
    play(Begin(), "3", CallDone({"a": 1}), "red", "go back", Correct("n", "5"), CallDone({"a": 2}))

    assert ["Which colour?"] == play.said


def test_there_is_nothing_before_the_first_question():
    play = Play(TWO)
    play(Begin(), "go back")

    assert ["That was the first question.", "How many?"] == play.said


@pytest.mark.parametrize(
    "text",
    ["never mind", "Oh, never mind.", "Forget it, thanks", "nvm", "I don't need this anymore", "vergiss es"],
)
def test_leaving_it(text):
    play = Play(TWO)
    play(Begin(), text)

    assert SetAside("The contact does not want to go on.") == play.then
    assert play.progress.over


@pytest.mark.parametrize(
    "text",
    [
        "never mind the colour, I want red",
        "cancel",
        "my back hurts",
        "forget the rest",
        "I'll be back",
        "stop",
    ],
)
def test_what_does_not_leave_or_go_back(text):
    play = Play(TWO)
    play(Begin())

    assert Reply(text) == play.heard(text)


def test_an_option_may_be_called_so():
    play = Play(one("- {ask: What now?, type: choice, of: {keep: Keep it, drop: Drop it}, save: x}"))
    play(Begin(), "drop it")

    assert {"x": "drop"} == play.progress.values


def test_silence_lapses_and_a_late_reply_goes_on():
    play = Play(TWO)
    play(Begin(), Silence())
    assert Lapsed("Nobody answered in time.") == play.then

    play("3")
    assert isinstance(play.then, CallDue)


def test_nothing_of_it_happens_before_the_run_began():
    play = Play(TWO)
    for event in (GoBack(), NeverMind(), Silence()):
        with pytest.raises(NotExpected):
            play(event)
    assert start() == play.progress


# Several answers, and files

FOUR = one(
    "- {ask: Which order?, save: order_id, matches: '^[A-Z]{2}-\\d{5}$'}",
    "- {call: get_order, with: {id: '{{ order_id }}'}, save: order}",
    "- {ask: Wait or refund?, type: choice, of: {wait: Wait for it, refund: Get a refund}, save: wish}",
    "- {ask: Where to?, type: email, save: email}",
    "- {ask: How many?, type: number, save: n}",
    "- {ask: Anything else?, save: more}",
)


def test_several_answers_in_one_message():
    play = Play(FOUR)
    play(Begin(), "order AB-12345, refund please, write to c@d.example, 2 of them", CallDone({}))

    assert {
        "order_id": "AB-12345",
        "order": {},
        "wish": "refund",
        "email": "c@d.example",
    } == play.progress.values
    assert ["How many?"] == play.said


def test_the_first_reply_may_hold_several_answers_too():
    play = Play(FOUR)
    play(Begin("yes, AB-12345, and I'd rather have a refund"), CallDone({}))

    assert "refund" == play.progress.values["wish"]


@pytest.mark.parametrize(
    "text",
    [
        "AB-12345",
        "AB-12345, no refund",
        "AB-12345 refund or wait?",
        "AB-12345 thanks",
        "it is AB-12345, the second",
    ],
)
def test_what_does_not_answer_a_later_question(text):
    play = Play(FOUR)
    play(Begin(), text, CallDone({}))

    assert ["Wait or refund?"] == play.said


def test_an_answer_is_not_taken_twice():
    play = Play(
        one(
            "- {ask: A?, type: choice, of: [red, blue], save: a}",
            "- {ask: B?, type: choice, of: [red, blue], save: b}",
            "- {ask: C?, type: choice, of: [large, small], save: c}",
        )
    )
    play(Begin(), "red, large")
    assert ({"a": "red"}, ["B?"]) == (play.progress.values, play.said)

    play("blue")
    assert ["C?"] == play.said


def test_a_file_answers_an_open_text():
    play = Play(
        one("- {ask: Send a photo., save: photo}", "- {ask: Which?, type: choice, of: [a, b], save: x}")
    )
    play(Begin(), Reply("", ("damage.png", "box.jpg")))
    assert {"photo": "damage.png, box.jpg"} == play.progress.values
    assert ["damage.png", "box.jpg"] == play.log[0].result["files"]

    play(Reply("", ("a.png",)))
    assert ["I can't read what is in a file. Please write it. Which?"] == play.said
    play(Reply("b", ("a.png",)))
    assert "b" == play.progress.values["x"]


def test_a_call_that_failed_may_be_made_again_after_a_change():
    play = Play(
        one(
            "- {ask: N?, type: number, save: n}",
            "- {call: f, with: {n: '{{ n }}'}, on_error: [{say: Sorry.}]}",
            "- {ask: M?, type: date, save: m}",
        )
    )
    play(Begin(), "3", CallFailed("down"), Correct("n", "3"))

    assert CallDue("f", {"n": 3}, "1", 2) == play.then


def test_options_are_offered():
    play = Play(FOUR)
    moves = play(Begin("AB-12345"), CallDone({}))

    assert (Choice("wait", "Wait for it"), Choice("refund", "Get a refund")) == moves.says[-1].choices
