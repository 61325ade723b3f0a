"""Every kind of step, made and filled in at the console by the keyboard, and the same document after a reload."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console_browser import PASSWORD, AtConsole, Served, a_workspace, at_console

GET_ORDER = """
connector: get_order
method: GET
url: https://shop.example/orders/{{ id }}
inputs: {id: {type: text, required: true}, lang: text}
result: {status: status, total: total}
mock: {status: late, total: 12}
"""


# Whoever made a step is in its first field.
BEGUN = "document.activeElement.closest('.step-body')"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("steps"))
    with a_workspace(folder) as one:
        (folder / "get_order.yaml").write_text(GET_ORDER)
        one.overture("procedure", "push", str(folder / "get_order.yaml"))
        one.overture("team", "create", "billing")
        yield one


def opens(olga: AtConsole, name: str) -> None:
    olga.goes("/console/procedures").button("New procedure").click()
    olga.field("What is it called?").fill(name)
    olga.page.keyboard.press("Enter")
    olga.field("When to use").fill("They want it.")


def adds(olga: AtConsole, kind: str) -> None:
    olga.button("Add a step").last.press("/")
    olga.page.get_by_role("combobox", name="Which step?").fill(kind)
    olga.page.keyboard.press("Enter")


def text(olga: AtConsole, name: str, words: str) -> None:
    olga.page.get_by_role("textbox", name=name, exact=True).fill(words)


def chooses(olga: AtConsole, name: str, option: str) -> None:
    field = olga.page.get_by_role("combobox", name=name, exact=True)
    field.press("ArrowDown")
    olga.page.get_by_role("option", name=option, exact=True).first.click()


def new_name(olga: AtConsole, label: str, name: str) -> None:
    field = olga.page.get_by_label(f"{label}: a new name")
    field.fill(name)
    field.press("Enter")


def saved(olga: AtConsole) -> Any:
    """The draft as the server has it, once everything that was typed is there."""
    olga.saved()
    number = olga.page.url.rsplit("/", 1)[1]
    return olga.page.evaluate(f"fetch('/console/api/procedures/{number}').then((one) => one.json())")["draft"]


def say(olga: AtConsole) -> None:
    text(olga, "What the agent says, step 1", "Hello.")


def ask(olga: AtConsole) -> None:
    text(olga, "The question, step 1", "Wait or refund?")
    olga.field("Keep it as, step 1").fill("wish")
    chooses(olga, "The answer is, step 1", "One of several")
    for at, words in ((1, "Wait for it"), (2, "Get a refund")):
        olga.button("Add a choice").click()
        olga.field(f"Choice {at}: what is shown").fill(words)
    olga.button("More about the answer").click()
    olga.field("How often it is asked").fill("2")
    olga.page.get_by_role("switch", name="The reply that begins").press("Space")
    olga.button("What if there is no clear answer?").click()


def condition(olga: AtConsole) -> None:
    olga.page.get_by_role("combobox", name="Condition, step 1: what is compared").fill("contact.kind")
    olga.field("What it is compared with").fill("user")
    olga.button("Else…").click()


def call(olga: AtConsole) -> None:
    chooses(olga, "Connector, step 1", "get_order")
    text(olga, "What it is given: id", "AB-1")
    olga.field("Keep the result as, step 1").fill("order")


def look_up(olga: AtConsole) -> None:
    text(olga, "What to look up, step 1", "refund policy")


def ask_teammate(olga: AtConsole) -> None:
    chooses(olga, "Team, step 1", "billing")
    text(olga, "The question to the team, step 1", "Refund it?")
    text(olga, "What the contact hears meanwhile, step 1", "I am asking.")
    new_name(olga, "What they fill in", "amount")
    chooses(olga, "amount: what it is", "Amount of money")
    olga.field("How long to wait, step 1", exact=True).fill("2")


def hand_off(olga: AtConsole) -> None:
    chooses(olga, "Team, step 1", "billing")
    text(olga, "What the agent says then, step 1", "Over to Billing.")


def end(olga: AtConsole) -> None:
    text(olga, "What the agent says last, step 1", "Bye.")


def keep(olga: AtConsole) -> None:
    new_name(olga, "Values to keep", "conversation.priority")
    text(olga, "Values to keep: conversation.priority", "high")


def tag(olga: AtConsole) -> None:
    olga.field("Tag, step 1").fill("late")


def note(olga: AtConsole) -> None:
    text(olga, "The note, step 1", "They asked twice.")


def switch(olga: AtConsole) -> None:
    olga.page.get_by_role("combobox", name="Procedure, step 1").press("ArrowDown")
    olga.page.get_by_role("option", name="Another procedure", exact=False).first.click()


def run(olga: AtConsole) -> None:
    olga.page.get_by_role("combobox", name="Sub-procedure, step 1").fill("verify_identity")


def instruct(olga: AtConsole) -> None:
    text(olga, "The instruction, step 1", "Find out which.")
    olga.page.get_by_role("combobox", name="Connectors it may use, step 1").fill("get_order")
    olga.page.keyboard.press("Enter")
    new_name(olga, "What it finds out", "choice")
    olga.field("How often the model may be asked, step 1").fill("5")


KINDS: list[tuple[str, Callable[[AtConsole], None], dict[str, Any]]] = [
    ("Say", say, {"say": "Hello."}),
    (
        "Ask, wait",
        ask,
        {
            "ask": "Wait or refund?",
            "save": "wish",
            "type": "choice",
            "of": [
                {"id": "wait_for_it", "label": "Wait for it"},
                {"id": "get_a_refund", "label": "Get a refund"},
            ],
            "attempts": 2,
            "first_reply": False,
            "on_fail": [],
        },
    ),
    ("Condition", condition, {"if": 'contact.kind == "user"', "then": [], "else": []}),
    ("Connector", call, {"call": "get_order", "with": {"id": "AB-1"}, "save": "order"}),
    ("Answer from", look_up, {"look_up": "refund policy"}),
    (
        "Ask a teammate",
        ask_teammate,
        {
            "ask_teammate": {
                "team": "billing",
                "question": "Refund it?",
                "message": "I am asking.",
                "collect": {"approved": "boolean", "amount": "money"},
                "timeout": "2h",
            }
        },
    ),
    ("Hand off", hand_off, {"hand_off": {"team": "billing", "message": "Over to Billing."}}),
    ("End", end, {"end": {"say": "Bye."}}),
    ("Keep a value", keep, {"set": {"conversation.priority": "high"}}),
    ("Tag", tag, {"tag": "late"}),
    ("Note", note, {"note": "They asked twice."}),
    ("Another procedure", switch, {"switch": "another-procedure"}),
    ("Sub-procedure", run, {"run": "verify_identity"}),
    (
        "Instruct",
        instruct,
        {"instruct": "Find out which.", "tools": ["get_order"], "save": {"choice": "text"}, "budget": 5},
    ),
]


def test_every_kind_of_step_is_made_without_code_and_comes_back(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        opens(olga, "Another procedure")
        opens(olga, "One of each")
        for kind, fills_in, wanted in KINDS:
            adds(olga, kind)
            fills_in(olga)
            olga.page.get_by_role("group", name="Step 1: ", exact=False).first.focus()
            olga.page.keyboard.press("Control+s")
            assert [wanted] == until_saved(olga, [wanted]), kind
            olga.page.reload()
            olga.page.get_by_role("group", name="Step 1: ", exact=False).first.wait_for()
            assert [wanted] == saved(olga)["document"]["steps"], kind
            if kind in ("Ask, wait", "Ask a teammate", "Instruct"):
                olga.is_sound(f"step-{kind.split()[0].lower().strip(',')}-{len(kind)}")
            # What is read back is what was written: one more word changes that word alone.
            olga.page.get_by_role("group", name="Step 1: ", exact=False).first.press("Delete")
            assert [] == until_saved(olga, [])


def until_saved(olga: AtConsole, wanted: Any) -> Any:
    """The steps on the server, once they are these; what they are instead after a while."""
    ends = time.monotonic() + 20
    while (steps := saved(olga)["document"].get("steps")) != wanted and time.monotonic() < ends:
        olga.page.wait_for_timeout(100)
    return steps


def test_a_document_by_the_keyboard_alone(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        opens(olga, "By keys")
        keys = olga.page.keyboard
        olga.button("Add a step").last.focus()
        for kind, words in (("say", "One."), ("condition", ""), ("say", "Two."), ("say", "Three.")):
            keys.press("/") if kind == "say" and words == "One." else None
            keys.type(kind)
            keys.press("Enter")
            # What texts are written in may come with the first one; from then on no letter is lost.
            if words == "One.":
                olga.until(BEGUN)
            keys.type(words or "contact.kind")
            keys.press("Escape")
            if kind == "condition":
                keys.press("Escape")  # the first one closed the list of names
            olga.until("document.activeElement.dataset.step")
            keys.press("/") if words != "Three." else None
        # Two and Three go into the branch, and change places there.
        keys.press("ArrowUp")
        olga.until("document.activeElement.dataset.step === 'steps.2'")
        keys.press("Alt+ArrowRight")
        olga.until("document.activeElement.dataset.step === 'steps.1.then.0'")
        keys.press("ArrowDown")
        olga.until("document.activeElement.dataset.step === 'steps.2'")
        keys.press("Alt+ArrowRight")
        olga.until("document.activeElement.dataset.step === 'steps.1.then.1'")
        keys.press("Alt+ArrowUp")
        olga.until("document.activeElement.dataset.step === 'steps.1.then.0'")
        branch = {
            "if": 'contact.kind == ""',
            "then": [{"say": "Three."}, {"say": "Two."}],
        }
        assert [{"say": "One."}, branch] == until_saved(olga, [{"say": "One."}, branch])
        keys.press("Alt+ArrowLeft")
        olga.until("document.activeElement.dataset.step === 'steps.2'")
        keys.press("Delete")
        olga.until("document.querySelectorAll('[data-step]').length === 3")
        keys.press("Control+z")
        olga.until("document.querySelectorAll('[data-step]').length === 4")

        # In a text with chips, too, undo is the document's.
        words = olga.page.get_by_role("textbox", name="What the agent says, step 1")
        words.focus()
        keys.press("End")
        keys.type(" More")
        keys.press("Control+z")
        olga.until(
            "document.querySelector('[data-step=\"steps.0\"] .ProseMirror').innerText.trim() === 'One.'"
        )
        olga.button("More", exact=True).click()
        olga.page.get_by_role("menuitem", name="Keys in the document").click()
        olga.sees("on a step: add one below it")
        olga.is_sound("editor-keys")


def test_for_whom_without_code_and_what_is_wrong_leads_to_its_place(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        opens(olga, "For some")
        olga.button("For some contacts only…").first.click()
        olga.page.get_by_role("combobox", name="Audience: what is compared").fill("contact.attributes.plan")
        olga.field("What it is compared with").fill("pro")
        new_name(olga, "What you know of a contact", "plan")
        olga.field("When to use").fill("")
        adds(olga, "say")
        olga.page.locator(".problem-link", has_text="when").first.click()
        olga.until("document.activeElement.labels?.[0]?.innerText.split('\\n')[0] === 'When to use'")
        olga.page.locator(".problem-link", has_text="say").first.click()
        olga.until("document.activeElement.dataset.step === 'steps.0'")
        draft = saved(olga)["document"]
        assert 'contact.attributes.plan == "pro"' == draft["audience"]
        assert {"contact.attributes.plan": "text"} == draft["attributes"]
        olga.is_sound("editor-audience")


def test_what_two_people_write_is_not_lost_however_they_leave(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga, at_console(browser, served) as ben:
        olga.comes_in()
        opens(olga, "Two at once")
        saved(olga)
        ben.goes(served.link_for("Ben", "builder")).field("Password", exact=True).fill(PASSWORD)
        ben.button("Go to the console").click()
        ben.page.get_by_role("navigation", name="Rooms").wait_for()
        ben.goes(olga.page.url.removeprefix(served.base))
        ben.field("When to use").fill("Ben was here.")
        ben.saved()
        # Olga types, and is gone before it can be saved.
        olga.field("When to use").fill("Olga was here.")
        olga.page.get_by_role("link", name="Reports").click()
        olga.heading("Reports")
        olga.page.go_back()
        olga.sees("was not saved. It is still in this browser.", exact=False)
        assert "Ben was here." == olga.field("When to use").input_value()
        olga.is_sound("editor-unsaved")
        olga.button("Put it back").click()
        assert "Olga was here." == olga.field("When to use").input_value()
        saved(olga)

        # In a conflict, taking theirs is one undo away from one's own.
        ben.field("When to use").fill("Ben again.")
        ben.sees("Nothing was overwritten", exact=False)
        ben.is_sound("editor-conflict")
        ben.button("Take theirs").click()
        assert "Olga was here." == ben.field("When to use").input_value()
        ben.button("Undo").click()
        assert "Ben again." == ben.field("When to use").input_value()
        saved(ben)
        ben.button("History").click()
        ben.heading("Earlier drafts")
        ben.button("Make this the draft").first.click()
        ben.page.get_by_role("dialog").wait_for(state="hidden")
        assert "Olga was here." == ben.field("When to use").input_value()


def test_a_pasted_file_is_wrong_at_its_line(browser: Any, served: Served) -> None:
    with at_console(browser, served) as olga:
        olga.comes_in()
        opens(olga, "Pasted")
        adds(olga, "say")
        olga.page.get_by_role("textbox", name="What the agent says, step 1").fill("Hello.")
        saved(olga)
        olga.sees("Nothing is wrong with this draft.")
        olga.button("File").click()
        file = olga.page.get_by_role("textbox", name="Procedure file")
        file.fill(file.input_value() + "  - call: nobody_knows_it\n    save: order\n")
        line = 1 + file.input_value().split("\n").index("  - call: nobody_knows_it")
        olga.button("Make this the draft").click()
        olga.button(f"Line {line}: ").first.click()
        olga.until("getSelection().toString().includes('nobody_knows_it')")
        olga.is_sound("file-wrong")
