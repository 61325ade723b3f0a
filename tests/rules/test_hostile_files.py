"""Files that are made to hold up whoever reads them: refused with a reason, after little work.

Work is counted, not timed: a machine that is busy makes no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from overture.base import yaml_lines
from overture.base.yaml_lines import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from overture.cli import bench_advance
from overture.procedures import template
from overture.procedures.advance import Begin
from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.file import ProcedureErrors, circle_among, read
from overture.procedures.model import RunSub, SubProcedure
from overture.procedures.template import TemplateFailed, render
from playing import Play, one


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many events of the parser were looked at, and how many words were compared for a suggestion."""
    done: Counter[str] = Counter()
    parse, suggest = yaml.parse, yaml_lines.suggestion

    def counted(*given: Any, **options: Any) -> Iterator[Any]:
        for event in parse(*given, **options):
            done["events"] += 1
            yield event

    def suggested(*given: Any) -> str:
        done["suggestions"] += 1
        return suggest(*given)

    monkeypatch.setattr(yaml_lines.yaml, "parse", counted)
    monkeypatch.setattr(yaml_lines, "suggestion", suggested)
    return done


def refused(text: str) -> ProcedureErrors:
    with pytest.raises(ProcedureErrors) as raised:
        read(text)
    return raised.value


def test_a_billion_laughs(work):
    layers = "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

    assert "Anchors (“&a0”) cannot be used here" in refused(f"a0: &a0 [x, x]\n{layers}").message
    assert work["events"] < 10


def test_five_megabytes_are_not_even_parsed(work):
    assert "The limit is 256 KB." in refused("procedure: p\nsteps:\n" + "  - say: hello\n" * 350_000).message
    assert 0 == work["events"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting(work, opening):
    assert "nested more than 30 levels deep" in refused(opening * 20_000).message
    assert work["events"] < 3 * MAX_DEPTH


@pytest.mark.parametrize("line", ["w{n}: 1\n", "steps{n}: [{{sya: 1}}]\n", "triggers{n}: x\n"])
def test_a_file_that_is_wrong_everywhere(work, line):
    problems = refused("procedure: p\n" + "".join(line.format(n=n) for n in range(3_000))).problems

    assert MAX_PROBLEMS == len(problems)
    assert work["suggestions"] <= MAX_PROBLEMS


@pytest.mark.parametrize("step", ["ask:", "sya: 1", "{say: a, id: x}", "{call: f, with: 5}", "5"])
def test_steps_that_are_all_wrong(step):
    assert len(refused("procedure: p\nsteps:\n" + f"  - {step}\n" * 4_000).problems) <= MAX_PROBLEMS


def test_more_steps_than_a_procedure_has():
    problems = refused("procedure: p\nsteps:\n" + "  - say: a\n" * 6_000).problems

    assert ["A procedure has at most 1000 steps. Split it up."] == [one.message for one in problems]


def test_more_values_than_a_file_has(work):
    assert f"more than {MAX_NODES} values" in refused("- a\n" * 60_000).message
    assert work["events"] <= MAX_NODES + 10


def test_sub_procedures_that_all_run_each_other_are_looked_at_once():
    looked = Counter[str]()

    class Watched(SubProcedure):
        @property
        def runs(self) -> frozenset[str]:
            looked[self.key] += 1
            return super().runs

    names = [f"s{n:02}" for n in range(40)]
    subs = {
        name: Watched(name, tuple(RunSub(name=other) for other in names[number + 1 :]))
        for number, name in enumerate(names)
    }

    assert () == circle_among(subs)
    assert {1} == set(looked.values())


def test_sub_procedures_that_double_themselves_stop():
    layers = [f" s{n}: [{{run: s{n + 1}}}, {{run: s{n + 1}}}]" for n in range(30)]
    moves = Play(one("sub_procedures:", *layers, " s30: [{say: x}]", "- run: s0")).look(Begin())

    assert len(moves.rows) <= 5_000
    assert moves.then.reason.startswith("More than 5000 steps")


def test_a_way_longer_than_a_row_can_hold_stops():
    layers = [f" {'s' * 38}{n:02}: [{{run: {'s' * 38}{n + 1:02}}}]" for n in range(10)]
    last = f" {'s' * 38}10: [{{say: x}}]"
    moves = Play(one("sub_procedures:", *layers, last, f"- run: {'s' * 38}00")).look(Begin())

    assert "Sub-procedures run each other too many levels deep." == moves.then.reason
    assert all(len(row.path) <= 255 for row in moves.rows)


@pytest.mark.parametrize(
    "source",
    [
        "xs.all(x, xs.all(y, y < x))",
        "xs.exists(x, x > 5) || xs.exists(x, x > 6) || xs.exists(x, x > 7)",
        "(" * 500 + "1" + ")" * 500,
        "'a'" + "+'a'" * 900 + " == ''",
        "[" * 60 + "1" + "]" * 60 + ".size() > 0",
    ],
)
def test_conditions_that_would_take_long_are_no_conditions(source):
    with pytest.raises(ConditionError):
        compile_condition(source)


def test_a_condition_looks_at_short_lists_only():
    result = compile_condition("data.xs.exists(x, x > 5)").evaluate({"data": {"xs": list(range(1_000_000))}})

    assert result.failed
    assert "a condition looks at 200 at most" in (result.reason or "")


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{{ (1..99999999) | join: ',' }}",
        "{% assign x = (1..99999999) | reverse %}{{ x }}",
        "{{ (1..99999999) | size }}",
        "{% assign a = 'aaaaaaaaaa' %}" + "{% assign a = a | append: a %}" * 60 + "{{ a }}",
        "{% for i in (1..30) %}{% for j in (1..30) %}{% for k in (1..30) %}x{% endfor %}{% endfor %}{% endfor %}",
        "{{ s | replace: 'a', s }}",
        "{{ s | split: '' | join: s }}",
        "{% for i in (1..1000) %}{% assign x = s | split: '' | sort | join: ',' %}{% endfor %}",
    ],
)
def test_templates_that_would_take_long_fail(source):
    looked: list[int] = []

    class Watched(str):
        """A long text that notices how often it is split."""

        def split(self, *given: Any, **options: Any) -> list[str]:  # type: ignore[override]
            looked.append(len(self))
            return super().split(*given, **options)

    with pytest.raises(TemplateFailed):
        render(source, {"s": Watched("ab" * 4_000)})
    assert sum(looked) <= template.MOST_WORK


def test_the_benchmark_refuses_what_it_measures():
    figures = bench_advance.run(1)

    assert 200 == figures["steps"]
    assert figures["events"] > 40
