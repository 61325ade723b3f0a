"""The language model's file is missing: Overture still serves, by words alone, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, RETURNS_ARTICLE, Desk, Person, new_desk
from overture.app import Overture
from overture.base.settings import Settings
from overture.cli.main import main
from overture.encoder import model
from overture.encoder.model import WORDS_ALONE, WordsAlone


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with new_desk(database_url, WordsAlone()) as acme:
        acme.publish(LATE_ORDER, RETURN_ITEM)
        acme.teach(gift_cards=RETURNS_ARTICLE, opening_hours=HOURS_ARTICLE)
        yield acme


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("yes", "follow"),
        ("no idea", "follow"),
        ("asdf", "follow"),
        ("can I talk to a human?", "hand_off"),
        ("I want to return my order", "procedure"),
    ],
)
def test_a_message_is_routed_by_its_words(desk: Desk, carol: Person, said: str, decision: str) -> None:
    carol.is_told()
    carol.says(said)
    assert decision == carol.last_decision["decision"]


def test_the_receipt_says_so_and_can_be_replayed(desk: Desk, carol: Person) -> None:
    carol.is_told()
    carol.says("I want to return my order")
    receipt = carol.last_decision
    assert WORDS_ALONE == receipt["encoder"] == receipt["made_with"]["encoder"]
    url = desk.overture.settings.database_url
    shown = CliRunner().invoke(main, ["receipt", "show", receipt["id"], "--database", url]).stdout
    assert "The language model was missing, so only words in common counted." in shown


def test_a_missing_file_is_said_loudly_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.Encoder.load.__func__, "__defaults__", (tmp_path,))
    overture = Overture(Settings(database_url=f"sqlite:///{tmp_path}/acme.db"))
    with capture_logs() as said:
        assert isinstance(overture.encoder, WordsAlone)
        assert overture.encoder is overture.encoder
    assert [("error", "encoder.missing")] == [(one["log_level"], one["event"]) for one in said]
    assert "by their words alone" in said[0]["instead"]

    checks = CliRunner().invoke(main, ["doctor"]).stdout
    assert "by their words alone" in checks
