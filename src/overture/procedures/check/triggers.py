"""What starts a procedure from outside: its page, its element, its data, and what holds around the run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

from overture.base.yaml_lines import short, suggestion
from overture.procedures.check.clicks import competes
from overture.procedures.check.known import Env, Place
from overture.procedures.check.names import KEY, NAME
from overture.procedures.check.steps import Steps
from overture.procedures.model import Call, Deployment, Trigger
from overture.procedures.still_true import FIELDS, still_true

MAX_PAGE_URL = 2000
MAX_ELEMENT = 16_000
MAX_SUBJECT = 255
LONG_FIRST_MESSAGE = 1_000


class Triggers(Steps):
    """Checks the triggers."""

    def triggers(self) -> None:
        keys: dict[str, int] = {}
        api_line = 0
        for number, trigger in enumerate(self.procedure.triggers):
            path = f"triggers.{number}"
            line = self.procedure.line_of(f"{path}.key")
            if not KEY.fullmatch(trigger.key):
                self.say(
                    line,
                    f"The key “{short(trigger.key)}” cannot be used. A key has small letters, digits and “-”.",
                    f"{path}.key",
                )
            elif trigger.key in keys:
                self.say(
                    line,
                    f"The key “{trigger.key}” is taken by the trigger on line {keys[trigger.key]}."
                    " Choose another.",
                    f"{path}.key",
                )
            keys.setdefault(trigger.key, line)
            if trigger.kind == "api_call":
                if api_line:
                    self.say(
                        self.procedure.line_of(f"{path}.kind"),
                        f"A procedure has one trigger of kind api_call at most; the first is on line {api_line}.",
                        f"{path}.kind",
                    )
                api_line = api_line or self.procedure.line_of(f"{path}.kind")
            self.trigger(trigger, path)

    def trigger(self, trigger: Trigger, path: str) -> None:
        def place(name: str, *, user: bool = False) -> Place:
            where = f"{path}.{name}"
            return Place(self.procedure.line_of(where), where, trigger=trigger, user=user)

        first = place("first_message")
        if not trigger.first_message.strip():
            self.say(
                first.line,
                "First message is empty. Write what the agent says when this trigger fires.",
                first.name,
            )
        else:
            self.message(trigger.first_message, first)
        if len(trigger.first_message) > LONG_FIRST_MESSAGE:
            self.say(
                first.line,
                f"This first message has {len(trigger.first_message):,} characters, more than people read who did not"
                " ask for it. Say the one thing that matters.",
                first.name,
                "warning",
            )
        if trigger.subject:
            self.message(trigger.subject, place("subject"))
            if len(trigger.subject) > MAX_SUBJECT:
                self.say(
                    place("subject").line,
                    f"A subject has at most {MAX_SUBJECT} characters.",
                    f"{path}.subject",
                )
        if trigger.once_for:
            self.message(trigger.once_for, place("once_for", user=True))
        if trigger.audience:
            self.condition(trigger.audience, place("audience"))
        if trigger.kind == "element_click":
            for name, kept, do in (
                ("page", trigger.page, "Write the address of the page."),
                ("element", trigger.element, "Choose the button or link that starts it."),
            ):
                if not kept:
                    line = self.procedure.line_of(path)
                    self.say(line, f"This trigger has no “{name}”. {do}", f"{path}.{name}")
            self.page(trigger, f"{path}.page")
            self.element(trigger, f"{path}.element")
            if (trigger.page or {}).get("url"):
                self.rivals(trigger, path)
        for name, one in trigger.data.items():
            if not NAME.fullmatch(name):
                self.say(
                    self.procedure.line_of(f"{path}.data.{name}"),
                    f"“{short(name)}” cannot be the name of a field. Use letters, digits and “_”.",
                    f"{path}.data.{name}",
                )
            if one.required and one.default is not None:
                self.say(
                    self.procedure.line_of(f"{path}.data.{name}"),
                    f"“{name}” is required, so its default is never used. Remove one of them.",
                    f"{path}.data.{name}",
                    "warning",
                )
        self.deployment(trigger, path)
        if trigger.still_true is not None:
            self.still_true(trigger, f"{path}.still_true")

    def page(self, trigger: Trigger, where: str) -> None:
        if not trigger.page:
            return
        url = str(trigger.page.get("url", ""))
        line = self.procedure.line_of(f"{where}.url")
        if not url:
            self.say(
                line,
                "The page's address is empty. Write the address of the page that the click is on.",
                f"{where}.url",
            )
            return
        if re.search(r"\s", url) or len(url) > MAX_PAGE_URL:
            self.say(line, "The “url” of a page has no spaces and at most 2,000 characters.", f"{where}.url")
        elif re.match(r"(?!https?:)[a-z][a-z0-9+.-]*://", url, re.IGNORECASE):
            self.say(
                line, "The “url” of a page begins with https:// or http://, or with “/”.", f"{where}.url"
            )
        elif "*" in url and trigger.page.get("match") != "glob":
            self.say(
                line,
                "“*” stands for itself here. For any text write “match: glob”.",
                f"{where}.url",
                "warning",
            )

    def element(self, trigger: Trigger, where: str) -> None:
        element = trigger.element or {}
        line = self.procedure.line_of(where)
        if not element:
            return
        if len(json.dumps(element)) > MAX_ELEMENT:
            self.say(
                line, "The description of the element is longer than 16,000 characters. Pick it again.", where
            )
        css, name = element.get("css"), element.get("overture", element.get("name"))
        by_hand = css is not None or "v" not in element
        if not by_hand:
            if element["v"] != 1 or not isinstance(element.get("tag"), str):
                self.say(
                    line, "This version cannot read the description of the element. Pick it again.", where
                )
        elif css is None and name is None:
            self.say(
                line,
                'An element is what Browse and select stored, or {css: "#track"}, or {overture: name} for the one with'
                ' data-overture="name".',
                where,
            )
        elif not isinstance(css if css is not None else name, str) or not str(css or name).strip():
            self.say(line, "The selector of the element is a text such as “#track”.", where)

    def rivals(self, trigger: Trigger, path: str) -> None:
        """Other triggers that the same click could mean: one of them alone fires."""
        own = [one for one in self.procedure.triggers if one.kind == "element_click"]
        earlier = own[: own.index(trigger)]
        others = [(self.procedure.key, one) for one in earlier]
        others += [
            (one.procedure, one.trigger)
            for one in self.world.clicks
            if one.procedure != self.procedure.key and one.trigger.kind == "element_click"
        ]
        for procedure, other in others:
            if not competes(trigger, other):
                continue
            named = f"“{other.key}”" + ("" if procedure == self.procedure.key else f" of “{procedure}”")
            differ = trigger.audience != other.audience
            self.say(
                self.procedure.line_of(f"{path}.element"),
                f"This click could also mean {named}, which watches the same element on the same pages; one of them"
                " alone fires. "
                + (
                    "Make sure that no contact fits both audiences."
                    if differ
                    else "Give them different pages or audiences, or remove one."
                ),
                f"{path}.element",
                "warning",
            )

    def deployment(self, trigger: Trigger, path: str) -> None:
        kept = trigger.deployment
        base = f"{path}.deployment"
        lengths: dict[str, timedelta | None] = {
            "wait_for_reply": kept.wait_for_reply,
            "idle": kept.idle,
            "nudge": kept.nudge.after if kept.nudge else None,
            "reopen": kept.reopen,
            "frequency": kept.once_per,
        }
        for name, length in lengths.items():
            if length is not None and length <= timedelta(0):
                self.say(
                    self.procedure.line_of(f"{base}.{name}"),
                    f"“{name}” has to be longer than nothing. Write a time like 24h.",
                    f"{base}.{name}",
                )
        if kept.after_team:
            self.team(kept.after_team, self.procedure.line_of(f"{base}.after"), f"{base}.after")
        if kept.nudge is not None:
            self.nudge(kept, trigger, f"{base}.nudge")

    def nudge(self, kept: Deployment, trigger: Trigger, where: str) -> None:
        """The reminder is said before its silence is over, in words that a first message could be written in."""
        assert kept.nudge is not None
        line = self.procedure.line_of(where)
        longest = max(kept.idle, *(kept.waits(channel) for channel in ("web", "email")))
        if kept.nudge.after >= longest:
            self.say(
                line,
                "This “nudge” never comes: the wait for a reply is over before. Make it shorter than “wait_for_reply”.",
                where,
            )
        if kept.nudge.message:
            self.message(kept.nudge.message, Place(line, f"{where}.message", trigger=trigger))

    def still_true(self, trigger: Trigger, where: str) -> None:
        """What the first message stands on: a condition, with the call whose answer it looks at."""
        line = self.procedure.line_of(where)
        for name in trigger.still_true or {}:
            if name not in FIELDS:
                hint = suggestion(name, FIELDS)
                self.say(line, f"“still_true” knows no “{short(name)}”.{hint}", where)
        asked = still_true(trigger)
        if asked is None or not asked.when:
            self.say(
                line,
                "“still_true” needs a condition: “when: 'order.status == \"late\"'”.",
                where,
            )
            return
        place = Place(line, where, trigger=trigger)
        env: Env = {}
        if asked.connector is not None:
            if asked.save is None:
                self.say(
                    line, "Name the answer of this call, “save: order”, for the condition to look at.", where
                )
            step = Call(
                path=where, line=line, connector=asked.connector, inputs=asked.inputs, save=asked.save
            )
            env = self.call(step, place) or {}
        self.condition(asked.when, replace(place, env=env))
