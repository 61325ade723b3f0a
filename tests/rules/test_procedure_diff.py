"""What changed between two procedures, in words."""

from __future__ import annotations

import pytest

from overture.procedures.diff import changes, text_diff
from overture.procedures.file import read

BEFORE = """\
procedure: p
name: Late order
when_to_use: An order is late.
examples: {use: [where is it]}
triggers:
  - kind: api_call
    key: delay
    first_message: It is late.
    deployment: {wait_for_reply: 24h}
steps:
  - ask: Which order?
    save: order_id
    attempts: 3
  - if: order_id == "7"
    then:
      - say: Seven.
      - say: And out.
  - say: Thank you.
  - hand_off: {team: support}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Late order", "name: Delay", ["Name: was “Late order”, is “Delay”."]),
        (
            "[where is it]",
            "[where is it, late]",
            ["Examples: “late” is new."],
        ),
        ("examples: {use: [where is it]}\n", "", ["Examples: “where is it” is gone."]),
        (
            "when_to_use: An order is late.",
            "when_to_use: An order is late.\naudience: contact.kind == \"user\"",
            ["Audience: “contact.kind == \"user\"” is new."],
        ),
        (
            "wait_for_reply: 24h",
            "wait_for_reply: 36h",
            ["Trigger “delay”, wait for reply: was “24h”, is “36h”."],
        ),
        (
            "first_message: It is late.",
            "first_message: Sorry.",
            ["Trigger “delay”, first message: was “It is late.”, is “Sorry.”."],
        ),
        ("key: delay", "key: late", ["Trigger “delay” is gone; it fires no more.", "Trigger “late” is new (an API call)."]),
        (
            "attempts: 3",
            "attempts: 5",
            ["Step 1 (ask “Which order?”), attempts: was “3”, is “5”."],
        ),
        (
            "ask: Which order?",
            "ask: Which one?",
            ["Step 1 (ask “Which one?”), the question: was “Which order?”, is “Which one?”."],
        ),
        (
            '- if: order_id == "7"',
            '- if: order_id == "8"',
            ["Step 2 (if order_id == \"8\"), if: was “order_id == \"7\"”, is “order_id == \"8\"”."],
        ),
        (
            "- say: And out.",
            "- say: And over.",
            ["Step 2 › then › 2 (say “And over.”), what it says: was “And out.”, is “And over.”."],
        ),
        ("      - say: And out.\n", "", ["Step 2 › then › 2 is gone: say “And out.”."]),
        ("  - say: Thank you.\n", "  - say: Thank you.\n  - say: Bye.\n", ["Step 4 is new: say “Bye.”."]),
        ("  - say: Thank you.\n  - hand_off", "  - hand_off", ["Step 3 is gone: say “Thank you.”."]),
    ],
)  # fmt: skip
def test_a_difference_is_a_sentence(old: str, new: str, said: list[str]) -> None:
    after = BEFORE.replace(old, new)
    assert after != BEFORE
    assert said == [str(one) for one in changes(read(BEFORE), read(after))]


def test_a_step_elsewhere_has_moved() -> None:
    moved = BEFORE.replace("  - say: Thank you.\n", "").replace("steps:\n", "steps:\n  - say: Thank you.\n")
    (one,) = changes(read(BEFORE), read(moved))

    assert ("moved", "Moved from step 3 to step 1: say “Thank you.”.") == (one.what, one.words)


def test_a_step_with_an_id_is_the_same_step_however_much_it_changed() -> None:
    before = BEFORE.replace("- say: Thank you.", "- id: thanks\n    say: Thank you.")
    after = BEFORE.replace(
        "- say: Thank you.", "- id: thanks\n    say: We are most obliged for it all, Madam"
    )

    (one,) = changes(read(before), read(after))
    assert "changed" == one.what


def test_comments_and_layout_change_nothing() -> None:
    after = "# A comment\n" + BEFORE.replace("{team: support}", "\n      team: support")
    assert () == changes(read(BEFORE), read(after))
    assert "+# A comment" in text_diff(BEFORE, after)


def test_before_there_was_anything_all_is_new() -> None:
    assert ["New procedure “Late order”."] == [str(one) for one in changes(None, read(BEFORE))]


def test_sub_procedures_are_compared_step_by_step() -> None:
    with_sub = BEFORE + "  - run: verify\nsub_procedures:\n  verify:\n    - say: One moment.\n"
    changed = with_sub.replace("One moment.", "Just a moment.")

    assert "Sub-procedure “verify” is new." in [str(one) for one in changes(read(BEFORE), read(with_sub))]
    assert [
        "Verify, step 1 (say “Just a moment.”), what it says: was “One moment.”, is “Just a moment.”."
    ] == [str(one) for one in changes(read(with_sub), read(changed))]
