"""What the agent says around the steps of a procedure, in the workspace's own words."""

from __future__ import annotations

from desk import Desk, Person
from overture.workspaces.settings import change

BOOKING = """
procedure: booking
name: Booking
when_to_use: The customer wants a table.
triggers: [{kind: api_call, key: call, first_message: "Would you like a table?"}]
steps:
  - {ask: "For how many people?", type: number, save: people, first_reply: false}
  - {ask: "Which colour of table cloth?", type: text, save: cloth}
"""


def test_a_correction_going_back_and_an_answer_that_does_not_fit_are_answered_in_the_workspaces_words(
    desk: Desk, carol: Person
) -> None:
    desk.write(change, "texts.changed", "Geändert: {value}.", now=desk.clock.now())
    desk.write(change, "texts.first_question", "Davor war nichts.", now=desk.clock.now())
    desk.write(change, "texts.unclear", "Das habe ich nicht verstanden.", now=desk.clock.now())
    desk.publish(BOOKING)
    carol.is_told("booking")
    carol.says("yes")
    carol.says("go back")
    assert "<p>Davor war nichts.</p>" in carol.heard
    carol.says("viele")
    assert "<p>Das habe ich nicht verstanden. For how many people?</p>" in carol.heard
    carol.says("4")
    carol.says("no, 6 people")

    assert "<p>Geändert: 6.</p>" in carol.heard
    assert 6 == carol.values["people"]
