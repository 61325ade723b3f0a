"""A pasted SOP becomes a draft of typed steps, by rules of wording alone.

What no rule knows is never dropped: it stands as a note for the team, and in the list of what could not be placed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace

from overture.base.yaml_lines import capital, short
from overture.procedures.check import World, check
from overture.procedures.check.names import RESERVED
from overture.procedures.check.secrets import secrets
from overture.procedures.model import (
    Ask,
    AskTeammate,
    Branch,
    Choice,
    End,
    HandOff,
    If,
    LookUp,
    Note,
    Procedure,
    Say,
    Set,
    Step,
    Tag,
    placed,
)
from overture.procedures.typed import Typed, ValueType

MAX_LENGTH = 20_000
LONGEST = 600  # characters of one thing to do
DEFAULT_TEAM = "support"
UNKNOWN = "No rule knows this, so it is a note for the team."


@dataclass(frozen=True)
class Unplaced:
    """Something of the SOP that needs a person: where it is, and what became of it instead."""

    line: int
    text: str
    why: str


@dataclass(frozen=True)
class Drafted:
    """The draft, and what could not be placed in it."""

    procedure: Procedure
    unplaced: tuple[Unplaced, ...]


def drafted(text: str, *, key: str | None = None, teams: Collection[str] = (DEFAULT_TEAM,)) -> Drafted:
    """The steps that the text describes."""
    return _Drafter(teams).procedure(_items(text[:MAX_LENGTH]), key)


# The text as a tree of items


@dataclass
class _Item:
    line: int
    depth: int
    text: str
    listed: bool
    below: list[_Item] = field(default_factory=list)


_MARK = re.compile(
    r"^(?:step\s+\d+\s*[.:)\-–]\s*|\(?\d{1,3}(?:\.\d{1,3})*[.):]\s+|[a-z][.)]\s+|[-*•–—]\s+)", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])")


def _items(text: str) -> list[_Item]:
    found: list[_Item] = []
    open_: list[_Item] = []
    for number, raw in enumerate(text.replace("{", "(").replace("}", ")").splitlines(), 1):
        line = raw.expandtabs(4)
        bare = line.strip()
        if not bare:
            continue
        depth = len(line) - len(line.lstrip())
        mark = _MARK.match(bare)
        item = _Item(number, depth, bare[mark.end() :].strip() if mark else bare, bool(mark))
        if mark and (dots := re.match(r"(\d+(?:\.\d+)+)", bare)):
            item.depth += 2 * dots[1].count(".")
        if not mark and open_ and depth > open_[-1].depth and not bare.startswith("#"):
            open_[-1].text += f" {bare}"
            continue
        while open_ and open_[-1].depth >= item.depth:
            open_.pop()
        (open_[-1].below if open_ and item.listed else found).append(item)
        open_.append(item)
    return found


# Sentences

_WHO = r"(?:the\s+)?(?:customer|client|user|contact|caller|person|member|guest|them|they)(?:'s)?"
_TELL = re.compile(
    rf"^(?:please\s+)?(?:tell|inform|let|say|reply|respond|explain|advise|notify|remind|reassure|assure)\b"
    rf"(?:\s+to)?(?:\s+{_WHO})?(?:\s+know)?(?:\s+(?:that|of|about|to))?\s*[:,]?\s*(.+)$",
    re.IGNORECASE,
)
_ASK = re.compile(
    rf"^(?:please\s+)?(?:ask|request|collect|get|obtain|confirm|verify|find out)(?:\s+(?:from|with))?(?:\s+{_WHO})?"
    rf"(?:\s+(?:to\s+(?:provide|give|share|confirm|tell\s+(?:us|you|me)|send)))?\s*(.+)$",
    re.IGNORECASE,
)
_ASK_VERB = re.compile(r"^(?:please\s+)?(?:ask|request|collect|find out)\b", re.IGNORECASE)
_GET = re.compile(
    rf"^(?:please\s+)?(?:get|obtain|confirm|verify)\s+(?:{_WHO}\s+|their\s+|the\s+customer's\s+)",
    re.IGNORECASE,
)
_HAND = re.compile(
    r"^(?:please\s+)?(?:escalate|hand\s*(?:it\s+)?(?:off|over)|transfer|forward|pass|route|refer|assign|send)\b"
    r"(?:\s+(?:it|this|them|the\s+\w+))*(?:\s+(?:on|off|over))?\s+to\s+(?:the\s+|our\s+|a\s+|an\s+)?(.+?)[.!]?$",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^(?:add\s+(?:the\s+|a\s+)?tag|tag)\b(?:.*?\b(?:as|with))?\s*[:“\"']*(.+?)[”\"'.]*$", re.IGNORECASE
)
_NOTE = re.compile(
    r"^(?:(?:add|leave|write|make)\s+(?:a\s+|an\s+)?(?:internal\s+)?note|note|document|log|record|write\s+down)\b"
    r"\s*(?:that|of|about|saying)?\s*[:,]?\s*(.+)$",
    re.IGNORECASE,
)  # fmt: skip
_LOOK = re.compile(
    r"^(?:look\s*up|search|check|consult|see|find|refer\s+to)\b(?:\s+for)?\s+(.+)$", re.IGNORECASE
)
_HELP = re.compile(
    r"\b(help (?:cent(?:er|re)|articles?)|knowledge ?base|faqs?|polic(?:y|ies)|article|documentation|terms|guide)\b",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"\b(?:in|on|using|via|with)\s+(?:the\s+|our\s+)?([A-Z][\w.&-]*|\w+\s+(?:system|tool|dashboard|crm|database|portal|backend|admin))",
    re.UNICODE,
)
_APPROVAL = re.compile(
    r"\b(?:approval|sign-?off|authori[sz]ation|permission)\b.*?\b(?:from|of|by)\s+(?:the\s+|a\s+|an\s+|your\s+)?(.+?)[.]?$",
    re.IGNORECASE,
)
_WAIT = re.compile(r"^(?:wait|pause|hold)\b", re.IGNORECASE)
_EMAIL = re.compile(r"^(?:e-?mail|send\b.*\be-?mail)\b", re.IGNORECASE)
_END = re.compile(
    r"^(?:close|end|resolve|finish)\b(?:\s+(?:the|this))?\s+(?:conversation|ticket|case|chat|call|procedure)"
    r"|^(?:done|the end)\b",
    re.IGNORECASE,
)
_PRIORITY = re.compile(
    r"\bpriority\b.*?\b(urgent|high|medium|low|none)\b|\b(urgent|high|medium|low)\s+priority\b", re.IGNORECASE
)
_IF = re.compile(
    r"^(?:if|when|in case|should)\s+(.+?)(?:\s*,\s*(?:then\s+)?|\s+then\s+|\s*:\s*|\s*[-–—]>?\s+)(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_IF_BARE = re.compile(r"^(?:if|when|in case)\s+(.+?)\s*[:.]?$", re.IGNORECASE)
_ELSE = re.compile(r"^(?:otherwise|else|if not|in all other cases)\b\s*[,:]?\s*(.*)$", re.IGNORECASE)
_ELSE_INSIDE = re.compile(r"\s*(?:[;.,]\s*|\s+)(?:otherwise|else|if not)\s*[,:]?\s+", re.IGNORECASE)
_EITHER = re.compile(
    r"(?:whether|if|which|what)\s+(?:\w+\s+)*?(?:want|prefer|would like|like|need)s?\s+(?:to\s+)?(?:a\s+|an\s+|the\s+)?"
    r"([\w ]+?)\s+or\s+(?:to\s+)?(?:a\s+|an\s+|the\s+)?([\w ]+)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"]([^”\"]{2,})[”\"]")
_VERBS = (
    r"(?:ask|tell|inform|say|explain|apologi[sz]e|thank|escalate|hand|transfer|forward|tag|add|note|log|close|end|look|"
    r"check|send|e-?mail\s+(?:the|them|a)|set|offer|collect|request|let|wait)"
)
_THEN = re.compile(rf"\s*(?:;|,?\s+and\s+then|,\s*then|,?\s+and)\s+(?={_VERBS}\b)", re.IGNORECASE)
_TYPES: tuple[tuple[str, ValueType], ...] = (
    (r"e-?mail", "email"),
    (r"phone|mobile|telephone", "phone"),
    (r"\bdate\b|\bday\b|\bwhen\b|birthday", "date"),
    (r"amount|price|cost|how much|budget|\btotal\b", "money"),
    (r"how many|number of|quantity|\bage\b", "number"),
)
_ABOUT = re.compile(
    r"^(?:when to use|use (?:this )?(?:when|if|for)|trigger|purpose|scope|applies (?:when|to))\s*:?\s*(.+)$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:#+\s*|title\s*:\s*|sop\s*[:\-–]\s*|procedure\s*:\s*)", re.IGNORECASE)


class _Drafter:
    def __init__(self, teams: Collection[str]) -> None:
        self.teams = tuple(teams)
        self.unplaced: list[Unplaced] = []
        self.names: dict[str, Ask] = {}
        self.taken: set[str] = set(RESERVED)

    def procedure(self, items: list[_Item], key: str | None) -> Drafted:
        title, when = "", ""
        rest = list(items)
        if rest and not rest[0].listed and not _step_like(rest[0].text) and len(rest[0].text) <= 120:
            title = _TITLE.sub("", rest.pop(0).text).strip(" .:")
        for item in list(rest):
            about = _ABOUT.match(item.text)
            if about and not item.listed:
                when = capital(about[1].strip())
                rest.remove(item)
                break
        name = title or "New procedure"
        if not when:
            when = f"The customer asks about this: {name.lower()}." if title else "Say when to use this."
            self.unplaced.append(
                Unplaced(1, name, "It does not say when to use it. Put that in the customer's words.")
            )
        steps = self.block(rest)
        if not steps:
            self.unplaced.append(Unplaced(1, name, "There are no steps in it, so it only ends."))
            steps = [End()]
        made = Procedure(
            key=key or _slug(name, "-", 6) or "new-procedure",
            name=name[:255],
            when_to_use=when,
            steps=placed(tuple(steps)),
        )
        for line, _, what, sure in secrets(made):
            if sure:
                self.unplaced.append(
                    Unplaced(line, "…", f"This holds {what}. Take it out before it goes live.")
                )
        for problem in check(made, World(teams=frozenset(self.teams) or frozenset({DEFAULT_TEAM}))):
            if problem.severity == "error" and not problem.message.startswith("This text holds"):
                self.unplaced.append(Unplaced(problem.line, problem.field or "", problem.message))
        return Drafted(made, tuple(sorted(self.unplaced, key=lambda one: one.line)))

    def block(self, items: list[_Item]) -> list[Step]:
        """Steps of these items; an “otherwise” belongs to the condition before it."""
        steps: list[Step] = []
        for item in items:
            otherwise = _ELSE.match(item.text)
            last = steps[-1] if steps else None
            if otherwise and isinstance(last, If) and not last.otherwise:
                inside = [*self.sentence(otherwise[1], item.line), *self.block(item.below)]
                steps[-1] = replace(last, otherwise=tuple(self.ended(inside)))
                continue
            steps += self.item(item)
        return self.ended(steps)

    def item(self, item: _Item) -> list[Step]:
        text = item.text
        short_enough = len(text) <= LONGEST
        condition = short_enough and (_IF.match(text) or (_IF_BARE.match(text) if item.below else None))
        if condition and (item.below or len(condition.groups()) > 1):
            rest = condition[2] if len(condition.groups()) > 1 else ""
            return self.choice(condition[1], rest, item)
        steps: list[Step] = []
        for sentence in _SENTENCE.split(text):
            otherwise = _ELSE.match(sentence)
            if otherwise and steps and isinstance(steps[-1], If):
                steps[-1] = replace(steps[-1], otherwise=tuple(self.sentence(otherwise[1], item.line)))
            else:
                steps += self.sentence(sentence, item.line)
        return [*steps, *self.block(item.below)]

    def sentence(self, text: str, line: int) -> list[Step]:
        """One sentence, which may do several things."""
        text = text.strip()
        if not text:
            return []
        condition = _IF.match(text) if len(text) <= LONGEST else None
        if condition:
            return self.choice(condition[1], condition[2], _Item(line, 0, text, True))
        if _QUOTED.search(text):
            return self.action(text, line)
        return [step for part in _THEN.split(text) for step in self.action(part, line)]

    def ended(self, steps: list[Step]) -> list[Step]:
        """Nothing after a step that ends the run."""
        for number, step in enumerate(steps):
            if _always_ends(step):
                for lost in steps[number + 1 :]:
                    if not isinstance(lost, End):
                        why = "The run has ended before this, so it was left out."
                        self.unplaced.append(Unplaced(lost.line, lost.kind.replace("_", " "), why))
                return steps[: number + 1]
        return steps

    # Conditions

    def choice(self, condition: str, rest: str, item: _Item) -> list[Step]:
        before, source = self.condition(condition, item.line)
        parts = _ELSE_INSIDE.split(rest, maxsplit=1)
        then = [*self.sentence(parts[0], item.line)]
        below: list[_Item] = []
        otherwise = [*self.sentence(parts[1], item.line)] if len(parts) > 1 else []
        for one in item.below:
            found = _ELSE.match(one.text)
            if found and not otherwise:
                otherwise = [*self.sentence(found[1], one.line), *self.block(one.below)]
            else:
                below.append(one)
        then += self.block(below)
        if not then and not otherwise:
            return before
        made = If(branches=(Branch(source, tuple(self.ended(then))),), otherwise=tuple(self.ended(otherwise)))
        return [replace(one, line=item.line) for one in (*before, made)]

    def condition(self, words: str, line: int) -> tuple[list[Step], str]:
        """Steps that find out whether it is so, and the condition over what they find."""
        words = words.strip(" .")
        compared = re.search(
            r"(.+?)\s+is\s+(?:(more than|over|above|greater than|at least|less than|under|below|at most)\s+)[^\d]*([\d.,]+)",
            words,
            re.IGNORECASE,
        )
        if compared:
            meant = [one for one in self.names if one.replace("_", " ") in compared[1].lower()]
            name = max(meant, key=len, default="")
            if name and self.names[name].type in ("number", "money"):
                sign = {"at least": ">=", "at most": "<="}.get(
                    compared[2].lower(),
                    "<" if compared[2].lower() in ("less than", "under", "below") else ">",
                )
                return [], f"{name} {sign} {float(compared[3].replace(',', '').rstrip('.')):g}"
        for name, ask in reversed(self.names.items()):
            for option in ask.of:
                if re.search(rf"\b{re.escape(option.label.lower())}\b", words.lower()):
                    return [], f'{name} == "{option.id}"'
            if ask.type == "boolean" and re.search(
                r"^(?:yes|so|they do|they are|it is)$", words, re.IGNORECASE
            ):
                return [], name
            if ask.type == "boolean" and re.search(r"^(?:no|not)$", words, re.IGNORECASE):
                return [], f"!{name}"
        asked = re.match(rf"^{_WHO}\s+(.+)$", words, re.IGNORECASE)
        if asked and (question := _as_question(asked[1])):
            step = self.asked(question, _slug(asked[1], "_", 4), "boolean")
            return [step], str(step.save)
        name = self.name(_slug(words, "_", 4) or "so")
        self.unplaced.append(
            Unplaced(
                line, words, "Nothing here knows this, so a teammate is asked. A connector could answer it."
            )
        )
        question = f"Is this so: {words}?"
        return [AskTeammate(team=self.team(None), question=question, collect={name: Typed("boolean")})], name

    # Single things to do

    def action(self, text: str, line: int) -> list[Step]:
        text = text.strip().strip(",;").strip()
        if not text:
            return []
        if len(text) > LONGEST:
            self.unplaced.append(
                Unplaced(line, text, "This is too long for one step. Its beginning is a note.")
            )
            return [Note(text=text[:LONGEST], line=line)]
        for rule in (
            self._end,
            self._set,
            self._teammate,
            self._hand_off,
            self._asks,
            self._tag,
            self._note,
            self._email,
            self._look_up,
            self._tells,
            self._waits,
        ):
            steps = rule(text, line)
            if steps is not None:
                return [replace(step, line=line) for step in steps]
        self.unplaced.append(Unplaced(line, text, UNKNOWN))
        return [Note(text=text, line=line)]

    def _end(self, text: str, line: int) -> list[Step] | None:
        return [End()] if _END.match(text) else None

    def _set(self, text: str, line: int) -> list[Step] | None:
        found = _PRIORITY.search(text)
        return [Set(values={"conversation.priority": (found[1] or found[2]).lower()})] if found else None

    def _teammate(self, text: str, line: int) -> list[Step] | None:
        found = _APPROVAL.search(text)
        if not found:
            return None
        name = self.name("approved")
        team = self.team(found[1], line)
        return [
            AskTeammate(team=team, question=f"{capital(text.rstrip('.'))}?", collect={name: Typed("boolean")})
        ]

    def _hand_off(self, text: str, line: int) -> list[Step] | None:
        found = _HAND.match(text)
        if (
            found
            and not _EMAIL.match(text)
            and not re.search(r"\b(customer|client|user)\b", found[1], re.IGNORECASE)
        ):
            return [HandOff(team=self.team(found[1], line))]
        if re.match(r"^(?:escalate|hand (?:it )?(?:off|over))\b", text, re.IGNORECASE):
            return [HandOff(team=self.team(None))]
        return None

    def _asks(self, text: str, line: int) -> list[Step] | None:
        if not (_ASK_VERB.match(text) or _GET.match(text)):
            return None
        quoted = _QUOTED.search(text)
        found = _ASK.match(text)
        wanted = (found[1] if found else text).strip(" .:")
        if quoted:
            question = quoted[1].strip()
            return [
                self.asked(
                    question,
                    _slug(
                        re.sub(
                            r"^(?:what|which|who|when|how|could|can|please|is|are|do|does|you|your|the)\b",
                            "",
                            question,
                            flags=re.IGNORECASE,
                        ),
                        "_",
                        3,
                    ),
                    _type(question),
                )
            ]
        either = _EITHER.search(wanted)
        if either:
            options = tuple(Choice(_slug(one, "_", 3), one.strip()) for one in either.groups())
            question = f"Would you like {_a(either[1])} or {_a(either[2])}?"
            return [self.asked(question, "choice", "choice", options)]
        whether = re.match(rf"(?:whether|if)\s+{_WHO}\s+(.+)$", wanted, re.IGNORECASE)
        if whether:
            asked = _as_question(whether[1]) or f"{capital(whether[1])}?"
            return [self.asked(asked, _slug(whether[1], "_", 4), "boolean")]
        wanted = re.sub(r"^for\s+", "", wanted, flags=re.IGNORECASE)
        if re.match(r"(?:what|which|who|when|where|why|how)\b", wanted, re.IGNORECASE):
            return [
                self.asked(
                    f"{capital(_to_you(wanted))}?",
                    _slug(re.sub(r"^\w+\s+", "", wanted), "_", 3),
                    _type(wanted),
                )
            ]
        things = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", wanted)
        steps: list[Step] = []
        for thing in things:
            bare = re.sub(
                rf"^(?:{_WHO}\s+|their\s+|his or her\s+|the\s+|an?\s+|for\s+)+",
                "",
                thing.strip(),
                flags=re.IGNORECASE,
            )
            if bare:
                steps.append(self.asked(f"What is your {bare}?", _slug(bare, "_", 3), _type(bare)))
        return steps or None

    def _tag(self, text: str, line: int) -> list[Step] | None:
        found = _TAG.match(text)
        return [Tag(name=found[1].strip()[:64])] if found else None

    def _note(self, text: str, line: int) -> list[Step] | None:
        found = _NOTE.match(text)
        return [Note(text=capital(found[1].strip()))] if found else None

    def _email(self, text: str, line: int) -> list[Step] | None:
        if not _EMAIL.match(text):
            return None
        self.unplaced.append(
            Unplaced(
                line, text, "The agent answers in the conversation and sends no other mail, so it is a note."
            )
        )
        return [Note(text=text)]

    def _look_up(self, text: str, line: int) -> list[Step] | None:
        found = _LOOK.match(text)
        if not found:
            return None
        wanted = found[1].strip(" .")
        if _HELP.search(wanted):
            query = re.sub(r"^(?:the|our|a|an)\s+", "", wanted, flags=re.IGNORECASE)
            return [LookUp(query=query)]
        system = _SYSTEM.search(wanted)
        where = f" in {system[1]}" if system else ""
        name = self.name(_slug(re.sub(r"\s+(?:in|on|using|via)\s+.*$", "", wanted), "_", 3) or "found")
        self.unplaced.append(
            Unplaced(line, text, f"No connector looks this up{where}, so a teammate is asked.")
        )
        return [
            AskTeammate(
                team=self.team(None),
                question=f"{capital(text.rstrip('.'))}: what does it say?",
                collect={name: Typed("text")},
            )
        ]

    def _tells(self, text: str, line: int) -> list[Step] | None:
        quoted = _QUOTED.search(text)
        if re.match(r"^(?:please\s+)?(?:apologi[sz]e|say sorry)\b", text, re.IGNORECASE):
            reason = re.sub(
                rf"^(?:please\s+)?(?:apologi[sz]e|say sorry)(?:\s+to\s+{_WHO})?\s*",
                "",
                text,
                flags=re.IGNORECASE,
            ).strip(" .")
            return [Say(text=quoted[1] if quoted else f"I'm sorry {reason}.".replace(" .", "."))]
        if re.match(r"^(?:please\s+)?thank\b", text, re.IGNORECASE):
            thanks = re.search(r"\bfor\s+(.+?)[.]?$", text, re.IGNORECASE)
            plain = f"Thank you for {_to_you(thanks[1])}." if thanks else "Thank you."
            return [Say(text=quoted[1] if quoted else plain)]
        if re.match(r"^(?:greet|welcome)\b", text, re.IGNORECASE):
            return [Say(text=quoted[1] if quoted else "Hello.")]
        found = _TELL.match(text)
        if not found:
            return None
        said = quoted[1] if quoted else _to_you(found[1].strip())
        said = said if said[-1:] in ".!?" else f"{said}."
        return [Say(text=capital(said))]

    def _waits(self, text: str, line: int) -> list[Step] | None:
        if not _WAIT.match(text):
            return None
        if not re.search(rf"\b(?:{_WHO}|reply|repl(?:ies|y)|answer|respon\w+)\b", text, re.IGNORECASE):
            self.unplaced.append(
                Unplaced(
                    line, text, "No step waits by itself; set how long to wait in the deployment settings."
                )
            )
        return []  # every question waits for its answer

    # Names and teams

    def asked(self, question: str, name: str, kind: ValueType, of: tuple[Choice, ...] = ()) -> Ask:
        step = Ask(question=question, save=self.name(name or "answer"), type=kind, of=of)
        self.names[str(step.save)] = step
        return step

    def name(self, wanted: str) -> str:
        base = re.sub(r"^[^a-z]+", "", wanted)[:40] or "value"
        name, number = base, 2
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name

    def team(self, words: str | None, line: int = 0) -> str:
        """The team these words mean; the first there is, and that is listed, where they mean none."""
        if words is not None:
            lower = words.lower()
            for team in self.teams:
                if team.lower() in lower or lower.split()[0].rstrip("s") == team.lower().rstrip("s"):
                    return team
            self.unplaced.append(
                Unplaced(line, words, f"There is no such team, so it goes to “{self.team(None)}”.")
            )
        return DEFAULT_TEAM if DEFAULT_TEAM in self.teams or not self.teams else self.teams[0]


def _always_ends(step: Step) -> bool:
    if isinstance(step, If):
        ways = [*(branch.steps for branch in step.branches), step.otherwise]
        return all(way and _always_ends(way[-1]) for way in ways)
    return isinstance(step, (End, HandOff))


def _step_like(text: str) -> bool:
    rules: tuple[Callable[[str], object], ...] = (
        _ASK_VERB.match,
        _IF.match,
        _TELL.match,
        _END.match,
        _HAND.match,
    )
    return any(rule(text) for rule in rules)


def _type(words: str) -> ValueType:
    return next((kind for pattern, kind in _TYPES if re.search(pattern, words, re.IGNORECASE)), "text")


_STOP = frozenset(
    "a an the of to for in on is are was has have had with and or their your its it that this they you what".split()  # noqa: SIM905
)


def _slug(words: str, joint: str, most: int) -> str:
    found = [one for one in re.findall(r"[a-z0-9]+", words.lower()) if one not in _STOP or joint == "-"]
    return joint.join(found[:most])[:60].strip(joint)


def _as_question(predicate: str) -> str | None:
    """“has a receipt” → “Do you have a receipt?”"""
    predicate = predicate.strip(" .")
    for pattern, made in (
        (r"^(?:has|have)\s+(?:not\s+|n't\s+)?(.+)$", "Do you have {}?"),
        (r"^(?:want|wants|would like)\s+(.+)$", "Do you want {}?"),
        (r"^(?:is|are)\s+(.+)$", "Are you {}?"),
        (r"^(?:can|could)\s+(.+)$", "Can you {}?"),
        (r"^(?:need|needs)\s+(.+)$", "Do you need {}?"),
        (r"^(?:agree|agrees|accept|accepts)\b(.*)$", "Do you agree{}?"),
    ):
        found = re.match(pattern, predicate, re.IGNORECASE)
        if found and " not " not in f" {predicate} ":
            return made.format(_to_you(found[1]))
    return None


def _to_you(words: str) -> str:
    """What is said of the customer, said to them."""
    for pattern, made in (
        (r"\bthey are\b", "you are"), (r"\bthey have\b", "you have"), (r"\btheir\b", "your"), (r"\bthey\b", "you"),
        (r"\bthem\b", "you"), (r"\bthe (?:customer|client|user)'s\b", "your"), (r"\bthe (?:customer|client|user)\b", "you"),
    ):  # fmt: skip
        words = re.sub(pattern, made, words, flags=re.IGNORECASE)
    return words


def _a(thing: str) -> str:
    thing = thing.strip()
    first = thing.split()[0].lower()
    if first.endswith("ing") or first in ("wait", "keep", "cancel", "a", "an", "the", "to"):
        return f"to {thing}" if first in ("wait", "keep", "cancel") else thing
    return f"{'an' if first[0] in 'aeiou' else 'a'} {thing}"


def listed(unplaced: Collection[Unplaced]) -> Iterator[str]:
    """What could not be placed, a line each."""
    for one in unplaced:
        yield f"line {one.line}: “{short(one.text, 80)}”. {one.why}"


def commented(source: str, unplaced: Collection[Unplaced]) -> str:
    """The file with the list on top, where whoever works on it finds it."""
    if not unplaced:
        return source
    lines = "\n".join(f"# - {one}" for one in listed(unplaced))
    return f"# What could not be placed, by the lines of the text it was made of:\n{lines}\n\n{source}"
