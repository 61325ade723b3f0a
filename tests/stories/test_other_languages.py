"""Contacts who write in another language than English, through the front door."""

from __future__ import annotations

import pytest

from desk import HOURS_ARTICLE, LATE_ORDER, RETURN_ITEM, Desk, Person
from overture.workspaces.settings import change

SPANISH = """
procedure: devolver
name: Devolver un producto
when_to_use: El cliente quiere devolver un producto que ha comprado.
examples: {use: ["quiero devolver un producto", "cómo devuelvo estos zapatos"]}
steps:
  - ask: ¿Qué producto quiere devolver?
    save: item
  - say: Gracias, lo hemos anotado.
"""


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER, RETURN_ITEM)
    desk.teach(opening_hours=HOURS_ARTICLE)
    return desk


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        (
            "Quiero hablar con una persona, por favor",
            "Le paso con una persona del equipo. Le responderá aquí.",
        ),
        (
            "ich möchte mit einem Menschen sprechen",
            "Ich gebe an jemanden aus dem Team weiter. Die Antwort kommt hier.",
        ),
        ("转人工", "我正在为您转接团队的同事,他们会在这里回复您。"),
    ],
)
def test_a_person_is_asked_for_and_comes(desk: Desk, carol: Person, text: str, passed_on: str) -> None:
    carol.is_told()
    carol.says(text)

    assert [("late-order", "set_aside")] == carol.runs
    assert "escalated" == carol.outcome
    assert [f"<p>{passed_on}</p>"] == carol.heard


def test_what_the_workspace_wrote_itself_is_said_in_its_own_words(desk: Desk, carol: Person) -> None:
    desk.write(change, "texts.hand_off", "One of us takes over.", now=desk.clock.now())
    carol.is_told()
    carol.says("Quiero hablar con una persona, por favor")

    assert ["<p>One of us takes over.</p>"] == carol.heard


@pytest.mark.parametrize(
    "text", ["¿Cuánto tarda el envío a Madrid?", "Wo ist meine Bestellung?", "我的包裹还没到"]
)
def test_what_is_not_understood_begins_what_was_offered(desk: Desk, carol: Person, text: str) -> None:
    carol.is_told()
    carol.says(text)

    assert [("late-order", "waiting")] == carol.runs
    assert carol.last_decision["confidence"] <= 0.5


def test_without_an_offer_the_agent_says_so_in_that_language_and_a_yes_gets_a_person(
    desk: Desk, carol: Person
) -> None:
    carol.writes_first("¿Puedo pagar a plazos con mi tarjeta?")

    assert [
        "<p>Entiendo mejor el inglés y no quiero adivinar. ¿Le paso con una persona del equipo?</p>"
    ] == carol.heard
    assert "es" == carol.last_decision["language"]

    carol.says("sí, por favor")
    assert "escalated" == carol.outcome
    assert "<p>Le paso con una persona del equipo. Le responderá aquí.</p>" == carol.heard[-1]


def test_a_no_to_it_is_understood_too(desk: Desk, carol: Person) -> None:
    carol.writes_first("Kann ich bei Ihnen auf Rechnung bezahlen?")
    carol.says("nein danke")

    assert "<p>In Ordnung. Wobei kann ich sonst helfen?</p>" == carol.heard[-1]


def test_a_procedure_written_in_that_language_is_found_by_its_words(desk: Desk, carol: Person) -> None:
    desk.publish(SPANISH)
    carol.writes_first("Hola, quiero devolver estos zapatos")

    assert [("devolver", "waiting")] == carol.runs
    assert ["<p>¿Qué producto quiere devolver?</p>"] == carol.heard
