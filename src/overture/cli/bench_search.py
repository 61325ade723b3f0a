"""Search over very many passages: the time of a question, of a new article, and the memory it takes."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from overture.base.clock import to_micros
from overture.cli.bench_place import Place
from overture.cli.bench_replies import percentile
from overture.db.database import Transaction, open_database
from overture.db.tables import articles, passages
from overture.encoder.model import DIMENSIONS
from overture.knowledge.index import PassageIndex
from overture.knowledge.store import changes
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import create_workspace

PER_ARTICLE = 5
WORDS = 80
VOCABULARY = 30_000
TOPICS = 2_000
SPREAD = 0.9  # how far passages lie from their topic, beside the topic's own length
WARM_UP = 10
K = 8
_AT_ONCE = 2_000

Rows = NDArray[np.float32]


def run(here: Place, n: int, questions: int) -> dict[str, Any]:
    """Passages of made-up words, as often as words are in a language, and vectors that lie around topics."""
    return asyncio.run(_run(here, n, questions))


async def _run(here: Place, n: int, questions: int) -> dict[str, Any]:
    chance = np.random.default_rng(1)
    topics = chance.standard_normal((TOPICS, DIMENSIONS)).astype(np.float32)
    vocabulary = _vocabulary(chance)
    often = 1 / np.arange(1, VOCABULARY + 1)
    often /= often.sum()
    database = open_database(here.url)
    await database.start()
    try:
        now = datetime.now(UTC)
        await database.write(create_workspace, "Benchmark", settings=WorkspaceSettings(), now=now)
        for first in range(0, n, _AT_ONCE):
            size = min(_AT_ONCE, n - first)
            texts = [" ".join(line) for line in vocabulary[chance.choice(VOCABULARY, (size, WORDS), p=often)]]
            rows = _around(topics, size, chance)
            await database.write(_put, first, texts, rows, now)
        before = _resident_mb()

        begun = time.perf_counter()
        there = await database.read(changes, {}, None)
        loaded = time.perf_counter()
        index = PassageIndex.build(there.passages, there.vectors, there.titles)
        built = time.perf_counter()
        extra, vector_of_it = there.passages[:1], there.vectors[:1].copy()
        del there  # as a server does: it keeps the index alone
        memory = _resident_mb()

        changing = time.perf_counter()
        one_more = index.after({extra[0].article_id}, extra, vector_of_it)
        changed = time.perf_counter()
        del one_more

        asked = _around(topics, questions + WARM_UP, chance)
        words = [
            " ".join(vocabulary[chance.choice(VOCABULARY, 8, p=often)]) for _ in range(questions + WARM_UP)
        ]
        took, alike = [], 0
        for text, vector in zip(words, asked, strict=True):
            start = time.perf_counter()
            index.search(text, vector, K)
            took.append((time.perf_counter() - start) * 1000)
        exact = min(questions, 50)
        for vector in asked[:exact]:
            true = np.argsort(-_alike(index.meanings.rows, vector))[:K]
            alike += len(set(true.tolist()) & set(index.meanings.nearest(vector, K, None).tolist()))
        counted = took[WARM_UP:]
        return {
            "n": n,
            "questions": questions,
            "p50_ms": percentile(counted, 50),
            "p95_ms": percentile(counted, 95),
            "max_ms": percentile(counted, 100),
            "recall": round(alike / (exact * K), 4),
            "load_s": round(loaded - begun, 2),
            "build_s": round(built - loaded, 2),
            "one_article_s": round(changed - changing, 3),
            "index_mb": round(memory - before),
            "rss_mb": round(memory),
        }
    finally:
        await database.close()


def _alike(rows: NDArray[Any], vector: Rows) -> Rows:
    """How alike each row is, compared whole."""
    parts = [rows[at : at + _AT_ONCE].astype(np.float32) @ vector for at in range(0, len(rows), _AT_ONCE)]
    return np.concatenate(parts)


def _put(tx: Transaction, first: int, texts: Sequence[str], rows: Rows, now: datetime) -> None:
    at = to_micros(now)
    numbers = range(first, first + len(texts))
    tx.execute(
        insert(articles),
        [
            {
                "id": one,
                "origin": "bench",
                "source": f"{one}.md",
                "title": f"Article {one}",
                "body": "",
                "state": "published",
                "content_hash": "",
                "version": 1,
                "title_vector": rows[one * PER_ARTICLE - first].astype("<f4").tobytes(),
                "encoder_hash": "bench",
                "created_at": at,
                "updated_at": at,
            }
            for one in sorted({number // PER_ARTICLE for number in numbers})
        ],
    )
    tx.execute(
        insert(passages),
        [
            {
                "id": number + 1,
                "article_id": number // PER_ARTICLE,
                "position": number % PER_ARTICLE,
                "heading": f"Part {number % PER_ARTICLE}",
                "text": text,
                "vector": row.astype("<f4").tobytes(),
                "encoder_hash": "bench",
            }
            for number, text, row in zip(numbers, texts, rows, strict=True)
        ],
    )


def _around(topics: Rows, size: int, chance: np.random.Generator) -> Rows:
    rows = topics[chance.integers(0, len(topics), size)]
    rows = rows + SPREAD * chance.standard_normal((size, DIMENSIONS)).astype(np.float32)
    made: Rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return made


def _vocabulary(chance: np.random.Generator) -> NDArray[np.str_]:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return np.array(["".join(chance.choice(letters, chance.integers(3, 10))) for _ in range(VOCABULARY)])


def _resident_mb() -> float:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
