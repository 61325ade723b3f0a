"""What is true of the router in any company, on invented ones. `benchmarks/router_laws.py` holds a benchmark to it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from overture.agent.model import Context, ProcedureEntry
from overture.encoder import Encoder
from overture.knowledge.model import Passage

REPOSITORY = Path(__file__).parents[2]
COMPANIES = yaml.safe_load((REPOSITORY / "training/data/companies.yaml").read_text("utf-8"))


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("router_laws", REPOSITORY / "benchmarks/router_laws.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["router_laws"] = module
    spec.loader.exec_module(module)
    return module


laws = _module()


def company(read: dict[str, Any]) -> tuple[Any, list[Any]]:
    """An invented company, and a third of what is said to it."""
    procedures = tuple(
        ProcedureEntry(at, f"p{at}", p["name"], p["when"], tuple(p.get("use", ())))
        for at, p in enumerate(read["procedures"])
    )
    passages = tuple(
        Passage(at, at, a["title"], "", a["body"], laws.WRITTEN) for at, a in enumerate(read["articles"])
    )
    lines = []
    for at, procedure in enumerate(read["procedures"]):
        first = procedure.get("first")
        context = Context(first_message=first, triggered_id=at) if first else Context()
        others = read["procedures"][at - 1]["says"] + read["articles"][at]["asks"] + read["none"]
        lines += [laws.Line(text, context) for text in [*procedure.get("stays", ()), *others][::3]]
    return laws.Company(procedures, passages), lines


@pytest.fixture(scope="module")
def companies() -> list[tuple[Any, list[Any]]]:
    return [company(read) for read in COMPANIES]


@pytest.fixture(scope="module")
def found(companies: list[tuple[Any, list[Any]]]) -> dict[str, Any]:
    result: dict[str, Any] = laws.laws(companies, laws.Remembering(Encoder.load()))
    return result


@pytest.mark.parametrize("law", ["unrelated procedure", "unrelated article"])
def test_what_is_about_something_else_changes_hardly_anything(found: dict[str, Any], law: str) -> None:
    assert found[law].compared > 100
    # Of so few decisions one is more than half a percent, so one may change whatever the share.
    assert found[law].changed <= max(1, found[law].compared // 100)
    assert found[law].astray == 0


def test_the_order_of_procedures_and_articles_never_matters(found: dict[str, Any]) -> None:
    assert found["another order"].changed == 0


def test_a_person_asked_for_comes_before_everything(found: dict[str, Any]) -> None:
    assert found["a person asked for"].changed == 0


def test_a_bare_answer_stays_with_what_was_asked(found: dict[str, Any]) -> None:
    assert found["a bare answer"].compared > 300
    assert found["a bare answer"].changed == 0


def test_a_law_broken_is_named() -> None:
    found = {"unrelated article": laws.Found(100, 3, 1), "another order": laws.Found(100, 0, 0)}
    assert laws.broken(found) == [
        "unrelated article: only 97.00% of 100 decisions stayed",
        "unrelated article: 1 of 100 decisions went where they may not",
    ]
