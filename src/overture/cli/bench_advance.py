"""What one step forward in a run costs, and how soon a hostile file is refused: in time of one processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from overture.base.errors import Error
from overture.base.yaml_lines import FileProblems
from overture.cli.bench_replies import percentile
from overture.procedures.advance import (
    Begin,
    CallDone,
    CallDue,
    Completed,
    Correct,
    Event,
    Progress,
    Reply,
    StepRow,
    advance,
    start,
)
from overture.procedures.expression import ConditionError, compile_condition
from overture.procedures.file import read
from overture.procedures.model import Procedure
from overture.procedures.template import TemplateError, TemplateFailed, render

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SUBS = 20
_STEPS = """\
    - ask: "Number {n}?"
      type: number
      save: n{n}
    - call: get_order
      with: {{id: "{{{{ n{n} }}}}"}}
      save: order{n}
    - if: order{n}.total > 500 && n{n} == 3
      then: [{{say: "It is {{{{ order{n}.total }}}}."}}]
      else: [{{set: {{done{n}: true}}}}]
    - say: "Order {{{{ order{n}.id }}}}: {{{{ order{n}.eta | date: '%A' }}}}."
    - {{tag: late}}
    - {{note: "Asked for {{{{ n{n} }}}}"}}
    - {{set: {{copy{n}: "{{{{ order{n}.total }}}}"}}}}
"""
_ORDER = {"id": "AB-12345", "total": 600, "eta": "2026-11-27", "lines": [{"sku": "x", "price": 5}] * 20}


def run(times: int) -> dict[str, Any]:
    """Play a procedure of 200 steps and 20 sub-procedures from its first step to its last, and refuse bad files."""
    text = procedure_text()
    started = time.thread_time()
    procedure = read(text)
    read_ms = (time.thread_time() - started) * 1000
    took: list[float] = []
    for _ in range(times):
        took += _played(procedure)
    return {
        "steps": len(procedure.by_path),
        "events": len(took),
        "advance_us_p50": percentile(took, 50),
        "advance_us_p99": percentile(took, 99),
        "advance_us_max": percentile(took, 100),
        "read_ms": round(read_ms, 1),
        "hostile_ms_max": round(max(_refused(hostile) for hostile in HOSTILE) * 1000, 1),
    }


def procedure_text() -> str:
    """A procedure of 200 steps, all of them in sub-procedures."""
    subs = "".join(f"  sub{n}:\n{_STEPS.format(n=n)}" for n in range(SUBS))
    runs = "".join(f"  - run: sub{n}\n" for n in range(SUBS))
    return f"procedure: long\nwhen_to_use: x\nsteps:\n{runs}sub_procedures:\n{subs}"


def _played(procedure: Procedure) -> list[float]:
    """How long each event of one run took, in microseconds; a correction among them walks half of it again."""
    progress = start()
    log: list[StepRow] = []
    event: Event = Begin()
    took: list[float] = []
    corrected = False
    while True:
        started = time.thread_time()
        moves = advance(procedure, progress, log, event, {"contact": {}}, NOW)
        took.append((time.thread_time() - started) * 1_000_000)
        log.extend(moves.rows)
        progress = Progress.from_dict(moves.progress.to_dict())
        if isinstance(moves.then, CallDue):
            event = CallDone(_ORDER, moves.then.path, moves.then.visit)
        elif isinstance(moves.then, Completed):
            return took
        elif not corrected and len(log) > SUBS * 4:
            corrected, event = True, Correct(f"n{SUBS // 4}", "4")
        else:
            event = Reply("3")


def _refused(hostile: Callable[[], object]) -> float:
    """How long it took to say no."""
    started = time.thread_time()
    try:
        hostile()
    except (FileProblems, ConditionError, TemplateError, TemplateFailed):
        return time.thread_time() - started
    raise Error("A file that should be refused was read.")


def _laughs() -> str:
    layers = (f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    return "a0: &a0 [x]\n" + "".join(layers)


_LOOP = "{% for i in (1..1000) %}{% assign x = s | split: '' | sort | join: ',' %}{% endfor %}"
HOSTILE: Sequence[Callable[[], object]] = (
    lambda: read(_laughs()),
    lambda: read("procedure: p\nsteps:\n" + "  - say: hello\n" * 400_000),
    lambda: read("procedure: p\nsteps: " + "[" * 100_000),
    lambda: read("procedure: p\nsteps:\n" + "  - ask:\n" * 6_000),
    lambda: read("procedure: p\n" + "".join(f"w{n}: 1\n" for n in range(9_900))),
    lambda: compile_condition("xs.all(x, xs.all(y, y < x))"),
    lambda: compile_condition("(" * 500 + "1" + ")" * 500),
    lambda: render("{{ (1..99999999) | join: ',' }}", {}),
    lambda: render(_LOOP, {"s": "ab" * 4000}),
    lambda: render("{% for i in (1..100000000) %}x{% endfor %}", {}),
)
