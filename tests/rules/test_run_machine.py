"""Whatever comes, in whatever order, however often it is killed: a run stands somewhere legal and repeats nothing.

The machine is the caller of `advance`: it stores what it is told, does what is due outside, and forgets everything else
between two events. Procedures are made up too: any steps in any order, whether they make sense or not.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from overture.procedures.advance import (
    Begin,
    CallDone,
    CallDue,
    CallFailed,
    Collected,
    Completed,
    Correct,
    Event,
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
    Moves,
    NeverMind,
    NotExpected,
    NotFound,
    Progress,
    Repeat,
    Reply,
    RunOver,
    SetAside,
    Silence,
    Switched,
    TeammateDue,
    TeammateTimeout,
    Waiting,
    WrongValue,
    open_ask,
    start,
)
from overture.procedures.model import (
    Ask,
    AskTeammate,
    Branch,
    Call,
    Choice,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Note,
    Procedure,
    RunSub,
    Say,
    Set,
    Step,
    SubProcedure,
    Switch,
    Tag,
    Typed,
    placed,
)
from overture.procedures.runs import RunState, move
from overture.procedures.trace import trace_of, values_of
from playing import Play, one

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["Fixed.", "A {{ a | default: '-' }}", "B {{ b | default: '-' }}", "Fixed again."])
CONDITIONS = st.sampled_from(["true", "false", "data.flag", "a == 3", "b == 'red'", "nobody.at"])
VALUES = st.sampled_from(["{{ a | default: '-' }}", "{{ b | default: '-' }}", 3, 4])
COLOURS = (Choice("red", "Red one"), Choice("blue", "Blue one"))
MANY = st.just(20)
ASKS = st.one_of(
    st.builds(Ask, question=TEXTS, save=NAMES, attempts=MANY, type=st.just("number")),
    st.builds(Ask, question=TEXTS, save=NAMES, attempts=MANY, type=st.just("choice"), of=st.just(COLOURS)),
    st.builds(
        Ask, question=TEXTS, save=NAMES, attempts=MANY, type=st.sampled_from(["text", "email", "money"])
    ),
    st.builds(Ask, question=TEXTS, save=NAMES, attempts=MANY, matches=st.just(r"[A-Z]{2}-\d{3}")),
)
FITTING = {
    "number": ["3", "4"],
    "choice": ["red", "blue"],
    "email": ["a@b.example", "c@d.example"],
    "money": ["12 EUR", "5 EUR"],
    "text": ["AB-123", "CD-456"],
}


def _steps(inside: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[Step]:
    more = st.just(()) | inside
    return st.one_of(
        ASKS,
        st.builds(Ask, question=TEXTS, save=NAMES, type=st.just("number"), attempts=st.just(1), on_fail=more),
        st.builds(Say, text=TEXTS),
        st.builds(
            If,
            branches=st.lists(st.builds(Branch, CONDITIONS, more), min_size=1, max_size=2).map(tuple),
            otherwise=more,
            on_error=more,
        ),
        st.builds(
            Call,
            connector=st.just("get"),
            inputs=st.fixed_dictionaries({"x": VALUES}),
            save=NAMES,
            on_error=more,
        ),
        st.builds(
            Set,
            values=st.dictionaries(NAMES | st.just("contact.attributes.x"), VALUES, min_size=1, max_size=2),
        ),
        st.builds(LookUp, query=TEXTS, save=st.none() | NAMES, on_error=more),
        st.builds(
            Instruct,
            text=TEXTS,
            save=st.fixed_dictionaries({"c": st.just(Typed("number"))}),
            budget=st.integers(1, 4),
            on_error=more,
        ),
        st.builds(RunSub, name=st.sampled_from(["one", "one", "two", "two", "missing"])),
        st.builds(Tag, name=st.sampled_from(["late", "early"])),
        st.builds(Note, text=TEXTS),
        st.builds(
            AskTeammate,
            team=st.just("t"),
            question=TEXTS,
            collect=st.fixed_dictionaries({"b": st.just(Typed("choice", COLOURS))}),
            timeout=st.just(timedelta(hours=2)),
            on_timeout=more,
        ),
        st.builds(End, sub_procedure=st.just(True)),
    )


LAST = st.sampled_from(
    [(), (End(say="Bye."),), (HandOff(team="t", message="Bye."),), (Switch(procedure="other"),)]
)
BODY = st.recursive(
    _steps(st.just(())).map(lambda step: (step,)),
    lambda inside: st.lists(_steps(inside), min_size=1, max_size=4).map(tuple),
    max_leaves=8,
)
MAIN = st.builds(
    lambda asked, steps, last: (*asked, *steps, *last),
    st.lists(ASKS, min_size=1, max_size=3),
    st.lists(_steps(BODY), min_size=4, max_size=9),
    LAST,
)


def _procedure(steps: tuple[Step, ...], one: tuple[Step, ...], two: tuple[Step, ...]) -> Procedure:
    # “two” may run “one”; what would be a circle is a name nobody has.
    apart = [
        tuple(_without(step, gone) for step in body)
        for body, gone in ((one, ("one", "two")), (two, ("two",)))
    ]
    subs = {
        key: SubProcedure(key, placed(body, f"{key}."))
        for key, body in zip(("one", "two"), apart, strict=True)
    }
    return Procedure("p", "P", "x", placed(steps), sub_procedures=subs)


def _without(step: Step, names: tuple[str, ...]) -> Step:
    stored = json.dumps(step.to_dict())
    for name in names:
        stored = stored.replace(f'"name": "{name}"', '"name": "missing"')
    return type(step).from_dict(json.loads(stored))


RICH = one(
    "sub_procedures:",
    " check: [{call: get, with: {x: '{{ a }}'}, save: c}, {ask: Sub?, type: choice, of: [red, blue], save: b}]",
    "- {ask: A?, type: number, save: a, attempts: 20}",
    "- tag: late",
    "- note: Asked for {{ a }}",
    "- {look_up: about refunds}",
    "- run: check",
    "- {call: get, with: {x: fixed}, on_error: [{note: It failed}]}",
    "- if: b == 'red'",
    "  then: [{ask_teammate: {team: t, question: 'Give {{ a }}?', collect: {b: {type: choice, of: [red, blue]}}}}]",
    "  else: [{tag: late}, {note: Blue}]",
    "- {instruct: Find it out, save: {c: number}, budget: 20}",
    "- set: {contact.attributes.x: '{{ a }}'}",
    "- {ask: D?, matches: '[A-Z]{2}-\\d{3}', save: d, attempts: 20}",
    "- {ask: E?, type: email, save: e, attempts: 20}",
)
PROCEDURES = st.just(RICH) | st.builds(_procedure, MAIN, BODY, BODY)
WORDS = st.sampled_from(
    [
        *(
            "3",
            "red",
            "AB-123",
            "AB-123, blue, a@b.example",
            "no, 4",
            "actually, blue",
            "sorry, CD-456",
            "yes",
            "no",
        ),
        *("dunno", "", "tomorrow", "12 EUR", "a@b.example", "go back", "never mind", "hello there"),
    ]
)
RESULTS = st.sampled_from([{"total": 9}, {"total": 1}, {}, None, "x", 5])


class Runs(RuleBasedStateMachine):
    """A run, its caller, and the world outside."""

    @initialize(procedure=PROCEDURES)
    def offered(self, procedure: Procedure) -> None:
        self.play = Play(procedure, {"contact": {"attributes": {}}, "data": {"flag": True}})
        self.state = RunState.OFFERED
        self.last: Event | None = None
        self.keys: dict[tuple[str, int, int], str] = {}
        with pytest.raises(NotExpected):
            self.play(Repeat())
        self.happens(Begin())

    @property
    def due(self) -> Any:
        return self.play.then

    def happens(self, event: Event) -> Moves | None:
        """Stored as one transaction, or not at all."""
        play = self.play
        before = (play.progress, len(play.log), len(play.effects))
        try:
            moves = play(event)
        except RunOver:
            assert play.progress.over
            moves = None
        except NotExpected:
            assert start() == play.progress
            moves = None
        except WrongValue:
            moves = None
        if moves is None:
            assert before == (play.progress, len(play.log), len(play.effects))
            return None
        self.stands(moves)
        return moves

    def stands(self, moves: Moves) -> None:
        to = {
            Waiting: RunState.WAITING,
            TeammateDue: RunState.WAITING,
            CallDue: RunState.ACTIVE,
            LookUpDue: RunState.ACTIVE,
            InstructDue: RunState.ACTIVE,
            Completed: RunState.COMPLETED,
            Switched: RunState.SET_ASIDE,
            SetAside: RunState.SET_ASIDE,
            Lapsed: RunState.LAPSED,
            Failed: RunState.FAILED,
        }
        then = moves.then
        if isinstance(then, HandedOff):
            state = RunState.FAILED if then.because == "failure" else RunState.HANDED_OFF
        else:
            state = to[type(then)]
        if self.state is RunState.LAPSED:
            if state is RunState.LAPSED:
                return
            self.state = move(self.state, RunState.OFFERED)
        if self.state is not RunState.ACTIVE:
            self.state = move(self.state, RunState.ACTIVE)
        if state is not RunState.ACTIVE:
            self.state = move(self.state, state)

    # The contact

    @rule(text=WORDS)
    def writes(self, text: str) -> None:
        event: Event = Begin(text) if self.play.progress.awaiting == "nothing" else self.play.heard(text)
        self.happens(event)

    @rule(times=st.integers(1, 8), which=st.integers(0, 1), result=RESULTS)
    def goes_on(self, times: int, which: int, result: Any) -> None:
        """Nothing special: each question gets an answer, and whatever is due outside is done."""
        for _ in range(times):
            if self.play.progress.over:
                return
            asked = open_ask(self.play.procedure, self.play.progress)
            if asked is not None:
                self.happens(Reply(FITTING[asked.type][which]))
            elif isinstance(self.due, (CallDue, LookUpDue, InstructDue, TeammateDue)):
                self.answers(result, 4 - which, killed=False, stale=False)
            else:
                self.happens(Begin() if self.due is None else Reply("3"))

    @precondition(lambda self: isinstance(self.due, (Waiting, TeammateDue)))
    @rule(which=st.integers(0, 1), back=st.integers(0, 3))
    def changes_an_answer(self, which: int, back: int) -> None:
        asks = [(row.path, self.play.procedure.step_at(row.path)) for row in trace_of(self.play.log)]
        answered = [(path, step) for path, step in reversed(asks) if isinstance(step, Ask)]
        if answered:
            path, step = answered[min(back, len(answered) - 1)]
            self.happens(Correct(path, FITTING[step.type][which]))

    @rule(text=WORDS)
    def sends_a_file(self, text: str) -> None:
        self.happens(Reply(text, ("photo.png",)))

    @rule(name=st.sampled_from(["a", "b", "c", "nobody"]), text=WORDS)
    def corrects(self, name: str, text: str) -> None:
        self.happens(Correct(name, text))

    @rule(event=st.sampled_from([GoBack(), Repeat(), Silence()]))
    def hesitates(self, event: Event) -> None:
        self.happens(event)

    @precondition(lambda self: len(self.play.log) > 12)
    @rule()
    def leaves(self) -> None:
        self.happens(NeverMind())

    # The world outside

    @precondition(lambda self: isinstance(self.due, (CallDue, LookUpDue, InstructDue, TeammateDue)))
    @rule(result=RESULTS, choose=st.integers(0, 5), killed=st.booleans(), stale=st.booleans())
    def something_answers(self, result: Any, choose: int, killed: bool, stale: bool) -> None:
        self.answers(result, choose, killed=killed, stale=stale)

    def answers(self, result: Any, choose: int, *, killed: bool, stale: bool) -> None:
        due = self.due
        key = (due.path, due.visit, getattr(due, "turn", 0))
        asked = json.dumps(
            [str(type(due)), str(getattr(due, "inputs", getattr(due, "talk", due)))], default=str
        )
        # The same key always means the same thing, so that whoever is asked twice can tell.
        assert self.keys.setdefault(key, asked) == asked
        event = self.answer(due, result, choose)
        if killed:
            # Killed before it was stored: the scene is as it was, and what is due is due again.
            self.play.look(event) if not isinstance(event, Collected) else None
            assert due == self.play.look(Repeat()).then
            return
        moves = self.happens(event)
        if stale and moves is not None:
            # The answer comes a second time: it is to nothing that is asked now.
            again = None if self.play.progress.over else self.happens(event)
            assert again is None or () == again.rows
        self.last = event

    def answer(self, due: Any, result: Any, choose: int) -> Event:
        at = {"path": due.path, "visit": due.visit}
        if isinstance(due, CallDue):
            return CallFailed("It did not answer.", **at) if choose == 0 else CallDone(result, **at)
        if isinstance(due, LookUpDue):
            return NotFound("Nothing.", **at) if choose == 0 else LookedUp(f"About {due.query}", **at)
        if isinstance(due, TeammateDue):
            if choose == 0:
                return TeammateTimeout(**at)
            return Collected({"b": ["red", "blue", "green"][choose % 3]}, **at)
        turned = {**at, "turn": due.turn}
        if choose == 0:
            return InstructFailed("It could not.", **turned)
        return Instructed({"c": choose}, **turned) if choose > 3 else InstructAsks("Which?", **turned)

    @precondition(lambda self: self.last is not None)
    @rule()
    def answers_late(self) -> None:
        assert self.last is not None
        if isinstance(self.last, Collected) and not isinstance(self.due, TeammateDue):
            return
        moves = self.happens(self.last)
        assert moves is None or () == moves.rows

    @rule(
        event=st.sampled_from(
            [CallDone({}, "9", 1), Instructed({}, path="9"), NotFound("x", "9"), TeammateTimeout("9")]
        )
    )
    def somebody_else_answers(self, event: Event) -> None:
        moves = self.happens(event)
        assert moves is None or () == moves.rows

    # What always holds

    @invariant()
    def it_stands_somewhere_legal(self) -> None:
        if not hasattr(self, "play"):
            return
        progress, procedure = self.play.progress, self.play.procedure
        assert Progress.from_dict(json.loads(json.dumps(progress.to_dict()))) == progress
        assert (progress.awaiting == "answer") == (open_ask(procedure, progress) is not None)
        waits = {
            "answer": Waiting,
            "reply": Waiting,
            "call": CallDue,
            "look_up": LookUpDue,
            "instruct": InstructDue,
            "teammate": TeammateDue,
        }
        if progress.awaiting == "nothing":
            assert progress.over or progress == start()
        elif not isinstance(self.due, Lapsed):
            assert isinstance(self.due, waits[progress.awaiting])
            assert procedure.step_at(progress.position) is not None
        assert progress.values == values_of(trace_of(self.play.log), procedure)

    @invariant()
    def no_row_is_written_twice(self) -> None:
        if hasattr(self, "play"):
            path = self.play.path()
            assert len(set(path)) == len(path)
            assert sorted(visit for _, visit in path) == [visit for _, visit in path]

    @invariant()
    def every_effect_happens_once(self) -> None:
        if not hasattr(self, "play"):
            return
        log = self.play.log
        made = [
            (row.path, json.dumps(row.inputs, sort_keys=True))
            for row in log
            if row.kind in ("call", "look_up", "instruct", "ask_teammate")
            and row.result.keys() & {"ok", "text", "values"}
            and not row.result.get("kept")
        ]
        assert len(set(made)) == len(made)
        effects = [(type(one), getattr(one, "name", None), one.path, one.visit) for one in self.play.effects]
        assert len(set(effects)) == len(effects)
        once = [
            (type(one), getattr(one, "name", None), getattr(one, "text", None), one.path)
            for one in self.play.effects
            if not hasattr(one, "value")
        ]
        assert len(set(once)) == len(once)
        tags = [one.name for one in self.play.effects if type(one).__name__ == "AddTag"]
        assert len(set(tags)) == len(tags)


Runs.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestRuns = Runs.TestCase
