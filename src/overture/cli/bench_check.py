"""How long it takes to read and check a large procedure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any

from overture.procedures.check import ConnectorSignature, World, check, refuses
from overture.procedures.check.places import pinned
from overture.procedures.file import read

WORLD = World(
    connectors={
        "get_order": ConnectorSignature(
            inputs={"id": ("text", True)}, result={"status": "text", "total": "number"}
        )
    },
    teams=frozenset({"support"}),
)


def run(steps: int, subs: int, rounds: int) -> Mapping[str, Any]:
    """Each round reads and checks a text whose every sentence, condition and pattern is new."""
    took_read, took_check, problems = [], [], 0
    for number in range(rounds):
        source = procedure(steps, subs, number)
        began = time.process_time()
        made = read(source)
        between = time.process_time()
        found = pinned(check(made, WORLD), source)
        took_check.append(time.process_time() - between)
        took_read.append(between - began)
        problems = len(found)
        assert not refuses(found), found
    return {
        "steps": len(made.by_path),
        "sub_procedures": len(made.sub_procedures),
        "lines": source.count("\n"),
        "warnings": problems,
        "read_ms": round(1000 * statistics.median(took_read), 1),
        "check_ms": round(1000 * statistics.median(took_check), 1),
        "slowest_ms": round(1000 * max(a + b for a, b in zip(took_read, took_check, strict=True)), 1),
    }


def procedure(steps: int, subs: int, number: int) -> str:
    """A procedure of this many steps, all different: questions, calls, conditions, and sub-procedures run twice."""
    groups = max(1, steps // 6)
    lines = ["procedure: large", f"when_to_use: Something large happened, number {number}.", "steps:"]
    for group in range(groups):
        pattern = f"^[A-Z]{{2}}{number}-\\d{{{group % 5 + 2}}}$"
        lines += [
            f"  - {{ask: 'Which order, {number}.{group}?', save: id_{group}, matches: '{pattern}'}}",
            f"  - call: get_order\n    with: {{id: '{{{{ id_{group} }}}}'}}\n    save: order_{group}",
            f"  - if: order_{group}.total > {group} && order_{group}.status == 'late {number}'",
            f"    then: [{{say: 'Order {{{{ id_{group} }}}} is {{{{ order_{group}.status | upcase }}}}.'}}, {{tag: late}}]",
            f"    else: [{{set: {{kept_{group}: '{{{{ order_{group}.total }}}}'}}}}]",
        ]
    if subs:
        lines += ["  - run: sub_0", "  - run: sub_0", "sub_procedures:"]
        for sub in range(subs):
            following = [f"    - run: sub_{sub + 1}"] * 2 if sub + 1 < subs else ["    - say: Done."]
            lines += [f"  sub_{sub}:", f"    - {{ask: 'Value {number}.{sub}?', save: v_{sub}}}", *following]
    return "\n".join(lines) + "\n"
