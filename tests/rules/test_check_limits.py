"""What no run gets through is found before anybody meets it: where the check refuses, the run fails, and only there."""

from __future__ import annotations

import pytest

from overture.procedures.advance import Begin, Failed, HandedOff, Waiting
from overture.procedures.check import World, check, check_sub_procedure, refuses, with_library
from overture.procedures.check.places import pinned
from overture.procedures.file import read, read_sub_procedure
from playing import Play

TOP = "procedure: p\nwhen_to_use: x\nsteps:\n"
ROW = "come one after another"
DEEP = "no run gets there"


def said(text: str, world: World = World()) -> list[str]:
    return [str(one) for one in pinned(check(read(text), world), text) if one.severity == "error"]


def chain(levels: int, name: str = "s", inside: str = "say: a") -> str:
    """Sub-procedures that run each other, so many levels deep."""
    subs = [f"  {name}{one}:\n    - run: {name}{one + 1}\n" for one in range(levels - 1)]
    return f"{TOP}  - run: {name}0\nsub_procedures:\n{''.join(subs)}  {name}{levels - 1}:\n    - {inside}\n"


def doubling(levels: int, inside: str = "say: a") -> str:
    """Each runs the next one twice."""
    subs = [f"  s{one}:\n" + f"    - run: s{one + 1}\n" * 2 for one in range(levels)]
    return f"{TOP}  - run: s0\nsub_procedures:\n{''.join(subs)}  s{levels}:\n    - {inside}\n"


def fails(text: str) -> bool:
    play = Play(read(text))
    play(Begin("yes"))
    return isinstance(play.then, Failed | HandedOff)


@pytest.mark.parametrize("levels", [3, 10, 11, 12, 13])
def test_a_row_that_is_too_long_is_refused_where_a_run_fails(levels: int) -> None:
    text = doubling(levels)
    assert fails(text) == any(ROW in one for one in said(text))
    assert fails(text) == refuses(check(read(text), World())) == (levels > 10)


def test_it_is_said_at_the_line_up_to_which_it_is_too_long() -> None:
    (found,) = said(doubling(13))
    assert found.startswith("Line 14: Up to here 6,142 steps can come one after another")


@pytest.mark.parametrize("wait", ["ask: Why?\n      save: why", "call: get_order"])
def test_what_waits_ends_a_row(wait: str) -> None:
    assert not any(ROW in one for one in said(doubling(13, inside=wait)))


def test_what_ends_the_run_ends_a_row() -> None:
    assert not any(ROW in one for one in said(doubling(13, inside="hand_off: {team: support}")))
    assert any(ROW in one for one in said(doubling(13, inside="end: {sub_procedure: true}")))


def test_the_longest_branch_counts_and_waiting_in_one_of_them_saves_only_that_one() -> None:
    branch = (
        "if: contact.email == 'x'\n      then: [{ask: Why?, save: why}]\n      else: [{say: a}, {say: b}]"
    )
    assert any(ROW in one for one in said(doubling(11, inside=branch)))
    both = branch.replace("{say: a}, {say: b}", "{ask: How?, save: how}")
    assert not any(ROW in one for one in said(doubling(13, inside=both)))
    assert any(ROW in one for one in said(doubling(12, inside=both.split("\n      else")[0])))


@pytest.mark.parametrize("name", ["s", "a-sub-procedure-with-a-very-long-name-"])
def test_what_is_too_deep_is_refused_where_a_run_gets_stuck(name: str) -> None:
    verdicts = set()
    for levels in [*range(4, 9), *range(35, 55)]:
        text = chain(levels, name)
        deep = any(DEEP in one for one in said(text))
        assert fails(text) == deep, levels
        verdicts.add(deep)
    assert {True, False} == verdicts


def test_it_is_said_at_the_step_that_is_too_deep() -> None:
    text = chain(60)
    (found,) = said(text)
    line = int(found.removeprefix("Line ").partition(":")[0])
    assert text.splitlines()[line - 1].strip().startswith("- run: s")
    assert "more than 255 characters" in found


def test_a_library_that_is_too_deep_is_told_where_it_is_run_and_by_itself() -> None:
    subs = [read_sub_procedure(f"sub_procedure: s{one}\nsteps:\n  - run: s{one + 1}\n") for one in range(60)]
    subs.append(read_sub_procedure("sub_procedure: s60\nsteps:\n  - say: a\n"))
    library = {one.key: one for one in subs}
    text = TOP + "  - say: Hello.\n  - run: s0\n"
    procedure = with_library(read(text), library)

    (found,) = [one for one in check(procedure, World(library=library)) if DEEP in one.message]
    assert 5 == found.line
    (alone,) = [
        one for one in check_sub_procedure(library["s0"], World(library=library)) if DEEP in one.message
    ]
    assert 3 == alone.line
    assert [] == [
        one for one in check_sub_procedure(library["s50"], World(library=library)) if DEEP in one.message
    ]


def test_good_procedures_wait_as_ever() -> None:
    play = Play(read(chain(30, inside="ask: Why?\n      save: why")))
    play(Begin("yes"))
    assert isinstance(play.then, Waiting)
