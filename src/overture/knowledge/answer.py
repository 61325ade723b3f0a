"""What the agent says from a passage: the author's own words, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from overture.knowledge.model import WORDS_COUNT, Answer, Hit, Passage
from overture.knowledge.plain import plain
from overture.knowledge.split import blocks_of, items_of, sentences
from overture.knowledge.tokens import tokens

NEAR = 0.06
"""Passages of one article whose scores lie within this of the best fit a question about equally well."""
NEAR_OF_ALL = 0.2
"""The same where the question has no other words than the article's title, so asks about all of it."""
LONGEST = 700
"""An answer from a passage has no more characters than this; its last line, the source, comes on top."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")
_FENCE = re.compile(r" {0,3}(`{3,9}|~{3,9})")
_LINED = {"code", "table"}
_OF_ANYTHING = frozenset(tokens("work explain tell know detail info information policy help"))
_AFTERTHOUGHT = 0.5  # what follows a fitting sentence often belongs to it


@dataclass(frozen=True)
class _Unit:
    """The least that is said whole, with what separates it from the one before."""

    text: str
    joint: str


def chosen(hits: Sequence[Hit], question: str) -> Passage:
    """What a person would want to read of one article, of the passages of it that were found.

    That is the best one, unless others fit about as well: authors put the rule before its exceptions, so then it is
    the earliest of them, together with the best where both fit into one answer.
    """
    best = max(hits, key=lambda hit: (_fit(hit), -hit.passage.position))
    asked = set(tokens(question)) - _OF_ANYTHING
    margin = NEAR_OF_ALL if asked and asked <= set(tokens(best.passage.title)) else NEAR
    near = [hit.passage for hit in hits if _fit(hit) >= _fit(best) - margin]
    first = min(near, key=lambda passage: passage.position)
    if first is best.passage:
        return first
    both = f"{first.text}\n\n{best.passage.text}"
    return replace(first, text=both) if len(both) <= LONGEST else first


def _fit(hit: Hit) -> float:
    return hit.similarity + WORDS_COUNT * hit.bm25


def answer_from(passage: Passage, question: str) -> Answer:
    """The passage whole where it is short, otherwise the run of it nearest to the question's words.

    A run is whole sentences, list items and blocks that follow each other. Where the question shares no word
    with the passage, the passage is said from its beginning.
    """
    text = passage.text if len(passage.text) <= LONGEST else _nearest(passage.text, question)
    return Answer(text, passage.article_id, passage.title, passage.id, passage.updated_at, passage.url)


def say(answer: Answer, now: datetime) -> str:
    """The answer as a message, its last line naming the article, where to read it, and how old it is."""
    title = _MARKUP.sub(r"\\\1", " ".join(answer.title.split()))
    if answer.url is not None and not re.search(r"[\s<>()]", answer.url):
        title = f"[{title}]({answer.url})"
    return f"{answer.text_markdown}\n\nFrom “{title}”, updated {age(answer.updated_at, now)}."


def age(moment: datetime, now: datetime) -> str:
    """How long ago, as people say it. What is yet to come is just now: clocks differ."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return _ago(minutes, "minute")
    if minutes < 24 * 60:
        return _ago(minutes // 60, "hour")
    days = minutes // (24 * 60)
    if days < 14:
        return _ago(days, "day")
    if days < 60:
        return _ago(days // 7, "week")
    if days < 365:
        return _ago(days // 30, "month")
    return _ago(days // 365, "year")


def _ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def _nearest(text: str, question: str) -> str:
    units = list(_units(text))
    asked = set(tokens(question))
    shared = [len(asked.intersection(tokens(plain(unit.text)))) for unit in units]
    before = [0, *shared]
    fit = [own + _AFTERTHOUGHT * last for own, last in zip(shared, before, strict=False)]
    runs = [_run(units, start) for start in range(len(units))]
    best = max(range(len(units)), key=lambda start: (sum(fit[start : start + len(runs[start])]), -start))
    return _joined(runs[best])


def _units(text: str) -> Iterator[_Unit]:
    for block in blocks_of(text):
        if block.kind == "list":
            parts, joint = items_of(block.text), "\n"
        elif block.kind == "paragraph":
            parts, joint = sentences(block.text), " "
        else:
            parts, joint = [block.text], "\n"
        for at, part in enumerate(parts):
            yield _Unit(_short(part, by_line=block.kind in _LINED), joint if at else "\n\n")


def _run(units: Sequence[_Unit], start: int) -> Sequence[_Unit]:
    """As many units from here on as an answer holds; at least one."""
    end = start + 1
    while end < len(units) and len(_joined(units[start : end + 1])) <= LONGEST:
        end += 1
    return units[start:end]


def _joined(units: Sequence[_Unit]) -> str:
    return units[0].text + "".join(unit.joint + unit.text for unit in units[1:])


def _short(text: str, *, by_line: bool) -> str:
    """A single unit longer than an answer is cut between words or lines, and shows that it is."""
    if len(text) <= LONGEST:
        return text
    fence = _FENCE.match(text)
    end = f"\n…\n{fence[1]}" if fence else "…"
    room = text[: LONGEST - len(end)]
    cut = max(room.rfind("\n"), -1 if by_line else room.rfind(" "))
    return (room[:cut] if cut > 0 else room).rstrip() + end
