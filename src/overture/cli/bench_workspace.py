"""The workspace that benchmarks run on: a shop with a handful of procedures and help articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LATE_ORDER = """
procedure: late-order
name: Late order
when_to_use: The customer asks where an order is, or says it has not arrived.
examples:
  use: ["where is my parcel?", "my order is late", "it should have been here on Monday"]
  not: ["I want to return my order"]
triggers:
  - kind: api_call
    key: carrier-delay
    name: Carrier reports a delay
    data: {order_id: {type: text, required: true}}
    first_message: >-
      Hi {{ contact.first_name | default: 'there' }}, your order {{ data.order_id }} is running late.
      Do you want to wait, or have your money back?
WAITS
steps:
  - ask: Would you rather wait, or have your money back?
    save: wish
    type: choice
    of: [wait, refund]
  - if: 'wish == "refund"'
    then:
      - say: Your money is on its way.
  - say: Thank you for waiting.
"""


def late_order(wait_for_reply: str | None = None) -> str:
    """The procedure that is triggered. `wait_for_reply`: how long its first message waits, e.g. `2s`."""
    waits = "" if wait_for_reply is None else f"    deployment: {{wait_for_reply: {wait_for_reply}}}"
    return LATE_ORDER.replace("WAITS", waits)


def _asks(key: str, name: str, when: str, uses: Sequence[str], question: str) -> str:
    return (
        f"procedure: {key}\nname: {name}\nwhen_to_use: {when}\nexamples: {{use: {list(uses)!r}}}\n"
        f"steps:\n  - ask: {question}\n    save: answer\n  - say: Thank you, that is noted.\n"
    )


OTHERS: Sequence[str] = (
    _asks(
        "return-item",
        "Return an item",
        "The customer wants to send something back.",
        ["I want to return my order", "how do I send this back", "these shoes do not fit"],
        "Which item would you like to return?",
    ),
    _asks(
        "change-address",
        "Change the address",
        "The customer wants an order delivered somewhere else.",
        ["I moved house", "please deliver it to my office", "wrong address on my order"],
        "What is the new address?",
    ),
    _asks(
        "cancel-order",
        "Cancel an order",
        "The customer no longer wants an order that has not been sent.",
        ["please cancel my order", "I ordered twice by mistake", "I don't need it any more"],
        "Which order shall I cancel?",
    ),
    _asks(
        "invoice-copy",
        "Copy of an invoice",
        "The customer needs an invoice or a receipt for an order.",
        ["can I get an invoice", "I need a receipt with VAT", "send me the bill again"],
        "Which order is it for?",
    ),
    _asks(
        "broken-item",
        "Broken item",
        "The customer received something damaged or broken.",
        ["the vase arrived in pieces", "my parcel is damaged", "it stopped working after a day"],
        "What is broken?",
    ),
    _asks(
        "stop-newsletter",
        "Stop the newsletter",
        "The customer does not want the newsletter any more.",
        ["unsubscribe me", "stop sending me mails", "too many emails"],
        "Which address shall I take off the list?",
    ),
)

ARTICLES: Mapping[str, str] = {
    "Gift cards": "You can pay for any order with a gift card. Type the sixteen digits at checkout, under Payment.\n\n"
    "## How long is a gift card valid?\n\nA gift card is valid for three years from the day it was bought. "
    "The balance is never paid out in cash.",
    "Opening hours": "Our shop in the Old Market is open from Monday to Friday, 9 am to 6 pm, and on Saturday from "
    "10 am to 4 pm. We are closed on Sundays and public holidays.",
    "Shipping": "We ship every working day before noon.\n\n## What does shipping cost?\n\nShipping costs 4.90 within "
    "the country and is free from 50.\n\n## How long does it take?\n\nTwo to three working days within the country, "
    "up to a week abroad.",
    "Returns policy": "You can return anything unused within thirty days.\n\n## Who pays for the return?\n\nReturns "
    "are free when something was wrong with the item. Otherwise the label costs 3.90.",
    "Payment methods": "We take cards, bank transfer and gift cards. We do not take cash on delivery.\n\n## When is "
    "my card charged?\n\nYour card is charged on the day we ship.",
    "Sizes and fit": "Our shoes run small: choose one size above your usual one.\n\n## How do I measure?\n\nStand on a "
    "sheet of paper, draw around your foot and measure the longest line.",
    "Care of wool": "Wash wool by hand in cold water, and dry it flat. Never put it into a tumble dryer.",
    "Our guarantee": "Everything we make is guaranteed for two years. Bring it in, or send it to us with the receipt, "
    "and we mend or replace it.",
    "Custom printing": "We print names and short texts on paper goods.\n\n## How long does printing take?\n\nPrinted "
    "goods leave us after five working days, and cannot be returned.",
    "Your account": "You need no account to order.\n\n## How do I close my account?\n\nWrite to us from the address "
    "that the account has, and we delete it within a day.",
}

REPLIES: Sequence[str] = (
    "I'd rather wait",
    "Give me my money back please",
    "yes",
    "How long is a gift card valid?",
    "What are your opening hours on Saturday?",
    "I want to return my order instead",
    "my parcel arrived broken",
    "When is my card charged?",
    "blue giraffe",
    "wait",
    "refund",
    "Can I get an invoice for this order?",
)
