"""The states of a run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.procedures.runs import MEANING, MOVES, IllegalMove, RunState, begun, ended, move

LEGAL = {
    ("offered", "active"),
    ("offered", "set_aside"),
    ("offered", "lapsed"),
    ("offered", "failed"),
    ("active", "waiting"),
    ("waiting", "active"),
    *(
        (here, there)
        for here in ("active", "waiting")
        for there in ("completed", "handed_off", "set_aside", "lapsed", "failed")
    ),
    ("lapsed", "offered"),
}


@pytest.mark.parametrize("here", list(RunState))
@pytest.mark.parametrize("there", list(RunState))
def test_the_table(here, there):
    if (here, there) in LEGAL:
        assert there == move(here, there)
    else:
        with pytest.raises(IllegalMove, match="cannot become"):
            move(here, there)


def test_every_state_has_its_sentence_and_its_row():
    assert set(RunState) == set(MEANING) == set(MOVES)


def test_only_a_late_reply_moves_an_ended_run():
    moving = {state for state in RunState if ended(state) and MOVES[state]}

    assert {RunState.LAPSED} == moving
    assert {RunState.ACTIVE, RunState.WAITING} == {state for state in RunState if begun(state)}


@given(st.lists(st.sampled_from(list(RunState))))
def test_people_take_over_only_what_had_begun(wanted):
    state = RunState.OFFERED
    for there in wanted:
        before = state
        try:
            state = move(state, there)
        except IllegalMove:
            continue
        assert begun(before) or state not in (RunState.HANDED_OFF, RunState.COMPLETED)
