"""Help content: what is written, the pieces it is found by, and what is said from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from overture.base.errors import NotFound


class ArticleNotFound(NotFound):
    """There is no such article."""


HEADING_SEPARATOR = " › "
WORDS_COUNT = 0.25
"""What words in common count beside meaning, in the order of hits: enough for codes and names to decide."""

Imported = Literal["added", "changed", "unchanged"]
State = Literal["published", "draft"]
STATES: tuple[State, ...] = ("published", "draft")


@dataclass(frozen=True)
class Article:
    """One page of help content, as its author wrote it.

    `origin` names the import it came with and `source` its place there; together they are its identity.
    `audience` is a condition over the contact: for anybody else the article is never an answer.
    """

    id: int
    source: str
    title: str
    body: str
    content_hash: str
    created_at: datetime
    updated_at: datetime
    state: str = "published"
    audience: str | None = None
    origin: str = ""
    url: str | None = None
    collection: str | None = None


@dataclass(frozen=True)
class ArticleFile:
    """An article as an importer read it, its body as Markdown; `source` is its place within the import.

    `updated_at` is when its author says that it changed; without it that is when a change was noticed.
    """

    source: str
    title: str
    body: str
    state: State = "published"
    audience: str | None = None
    updated_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True)
class Skipped:
    """What an importer passed over, and why. Where `lost`, it may be there still, so pruning leaves it alone."""

    source: str
    why: str
    lost: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of an article short enough to be found, and said, by itself.

    `heading` is the way to it below the article's title ("Returns › How to return"), or empty.
    """

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece as it is stored, with what is needed to name its source."""

    id: int
    article_id: int
    title: str
    heading: str
    text: str
    updated_at: datetime
    position: int = 0
    url: str | None = None
    audience: str | None = None

    @property
    def path(self) -> str:
        """Where it stands: the title and the headings down to it."""
        return HEADING_SEPARATOR.join(filter(None, (self.title, self.heading)))


@dataclass(frozen=True)
class Hit:
    """A passage that may answer, with how well it fits.

    `bm25_raw` is the BM25 score; `bm25` is the share, 0 to 1, of the weight of the question's words that the
    passage holds. `similarity` is the cosine of question and passage, -1 to 1, and 0 where either has no
    vector. `rank` counts from 1, by `similarity + bm25 / 4`.
    """

    passage: Passage
    bm25: float
    bm25_raw: float
    similarity: float
    rank: int


@dataclass(frozen=True)
class Answer:
    """What the agent says from a passage: the author's own words, as Markdown, and where they stand."""

    text_markdown: str
    article_id: int
    title: str
    passage_id: int
    updated_at: datetime
    url: str | None = None
