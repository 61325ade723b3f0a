"""Routes every reply of a routing benchmark as a turn would, and writes what was decided.

A workspace of the benchmark becomes a database of its own: procedures pushed and published, articles imported, each
reply fired for, received, read back as a scene, heard and decided. Nothing is said and no procedure runs.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

import yaml

from overture.agent import scene as scenes
from overture.agent.index import LiveIndex
from overture.agent.model import Decision
from overture.agent.route import decided
from overture.base.errors import Error
from overture.contacts.model import Identity
from overture.conversations import receive
from overture.conversations import store as conversations
from overture.conversations.model import Message
from overture.db.database import Database, Transaction, open_database
from overture.encoder.model import Encoder
from overture.knowledge.importers.folder import ArticleFile
from overture.knowledge.importing import import_articles
from overture.knowledge.store import list_articles
from overture.procedures.publish import File, push
from overture.triggers import fire
from overture.triggers.model import ApiCall
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.store import create_workspace, workspace

AT_ONCE = 64  # replies received in one transaction


class NotABenchmark(Error):
    """This is not a routing benchmark."""


@dataclass(frozen=True)
class Bench:
    """The lines of a benchmark file."""

    workspaces: Mapping[str, Mapping[str, Any]]
    replies: Sequence[Mapping[str, Any]]


def read(path: Path) -> Bench:
    """Raises `NotABenchmark`, naming the line."""
    workspaces: dict[str, Mapping[str, Any]] = {}
    replies: list[Mapping[str, Any]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            if one["type"] == "workspace":
                assert all({"id", "name", "when_to_use"} <= set(p) for p in one["procedures"])
                assert all({"id", "title", "body"} <= set(a) for a in one["articles"])
                workspaces[one["id"]] = one
            else:
                known = {p["id"] for p in workspaces[one["workspace"]]["procedures"]}
                assert one["triggered"] in known
                assert all(isinstance(one[name], str) for name in ("id", "first_message", "reply"))
                replies.append(one)
        except (ValueError, KeyError, TypeError, AssertionError):
            raise NotABenchmark(
                f"{path}:{number} is not a line of a routing benchmark: a workspace with procedures and "
                "articles, or a reply to one of a workspace above it.",
                field="bench",
            ) from None
    if not replies:
        raise NotABenchmark(f"There is no reply in {path}.", field="bench")
    return Bench(workspaces, replies)


async def run(
    bench: Bench, out: TextIO, template: Path, folder: Path, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Write one line a reply, in the order of the file within each workspace; a summary.

    `template` is a migrated, empty SQLite file.
    """
    begun = time.perf_counter()
    encoder = Encoder.load()
    by_workspace = sorted(bench.replies, key=lambda one: one["workspace"])
    times: list[float] = []
    right = labelled = 0
    for name, group in groupby(by_workspace, key=lambda one: str(one["workspace"])):
        path = folder / f"{len(times)}.db"
        shutil.copy(template, path)
        database = open_database(f"sqlite:///{path}")
        await database.start()
        try:
            space = await Space.furnish(database, bench.workspaces[name], encoder)
            for reply, answer in [one async for one in space.route(list(group), progress)]:
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
                times.append(answer["latency_ms"])
                if "label" in reply:
                    labelled += 1
                    right += answer["pred"] == reply["label"]
        finally:
            await database.close()
            path.unlink()
    times.sort()
    return {
        "replies": len(times),
        "workspaces": len({one["workspace"] for one in bench.replies}),
        "exact": round(right / labelled, 4) if labelled else None,
        "latency_ms_p50": times[len(times) // 2],
        "latency_ms_p95": times[min(len(times) - 1, int(0.95 * len(times)))],
        "seconds": round(time.perf_counter() - begun, 1),
        "encoder": encoder.hash,
    }


@dataclass(frozen=True)
class Space:
    """A workspace of the benchmark in a database; the benchmark's ids by ours."""

    database: Database
    index: LiveIndex
    keys: Mapping[str, str]
    procedures: Mapping[int, str]
    articles: Mapping[int, str]

    @classmethod
    async def furnish(cls, database: Database, line: Mapping[str, Any], encoder: Encoder) -> Space:
        now = datetime.now(UTC)
        await database.write(create_workspace, "Benchmark", settings=WorkspaceSettings(), now=now)
        keys = {str(one["id"]): f"p{at}" for at, one in enumerate(line["procedures"])}
        files = [File(f"{keys[one['id']]}.yaml", _file(keys[one["id"]], one)) for one in line["procedures"]]
        pushed = await database.write(push, files, publish=True, now=now)
        sources = {f"{at}.md": str(one["id"]) for at, one in enumerate(line["articles"])}
        pages = [
            ArticleFile(source, one["title"], one["body"])
            for source, one in zip(sources, line["articles"], strict=True)
        ]
        await import_articles(database, encoder, pages, now)
        kept = await database.read(list_articles)
        ids = {key: id for id, key in keys.items()}
        return cls(
            database,
            LiveIndex(database, encoder),
            keys,
            {one.id: ids[one.key] for one in pushed.procedures},
            {one.id: sources[one.source] for one in kept},
        )

    async def route(
        self, replies: Sequence[Mapping[str, Any]], progress: Callable[[int], None]
    ) -> AsyncIterator[tuple[Mapping[str, Any], dict[str, Any]]]:
        now = datetime.now(UTC)
        revision = (await self.database.read(workspace)).revision
        await self.index.at(revision, now=now)
        for start in range(0, len(replies), AT_ONCE):
            part = replies[start : start + AT_ONCE]
            opened = await self.database.write(_receive, part, self.keys, now=now)
            for reply, conversation_id in zip(part, opened, strict=True):
                scene = await self.database.read(scenes.load, conversation_id)
                begun = time.perf_counter()
                decision = await self._decide(scene, now)
                took = (time.perf_counter() - begun) * 1000
                yield (
                    reply,
                    {
                        "id": reply["id"],
                        "pred": self._named(decision),
                        "confidence": round(min(1.0, decision.confidence), 4),
                        "latency_ms": round(took, 3),
                    },
                )
            progress(len(part))

    async def _decide(self, scene: scenes.Scene, now: datetime) -> Decision:
        corrected = scenes.correction(scene, now)
        allowed = list(scenes.fitting(scene))
        context = scenes.context(scene, now)
        heard = await self.index.hear(scene.text, context, allowed, scene.workspace.revision, now=now)
        situation = scenes.situation(scene, is_correction=corrected is not None)
        return decided(situation, heard.signals, heard.state.head)

    def _named(self, decision: Decision) -> str:
        target = decision.target
        if decision.kind == "hand_off":
            return "human"
        if decision.kind == "procedure" and target:
            return f"procedure:{self.procedures[target.id]}"
        if decision.kind == "answer" and target:
            return f"content:{self.articles[target.id]}"
        return "triggered"


def _file(key: str, one: Mapping[str, Any]) -> bytes:
    """The procedure as a file. Its first message is the reply's, for each reply was an answer to its own."""
    examples = {"use": list(one.get("examples") or ())}
    if one.get("not"):
        examples["not"] = list(one["not"])
    document = {
        "procedure": key,
        "name": one["name"],
        "when_to_use": one["when_to_use"],
        "examples": examples,
        "triggers": [
            {
                "kind": "api_call",
                "key": "bench",
                "data": {"first": {"type": "text", "required": True}},
                "first_message": "{{ data.first }}",
            }
        ],
        "steps": [{"say": "Here we begin."}],
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=10_000).encode()


def _receive(
    tx: Transaction, replies: Sequence[Mapping[str, Any]], keys: Mapping[str, str], *, now: datetime
) -> list[int]:
    """Fire for each, and receive what they answer; the conversations."""
    opened = []
    for one in replies:
        call = ApiCall(keys[one["triggered"]], Identity(one["id"]), data={"first": one["first_message"]})
        conversation_id = fire.on_api_call(tx, call, now=now).conversation_id
        assert conversation_id is not None
        contact_id = conversations.load(tx, conversation_id).contact_id
        receive.from_contact(tx, conversation_id, contact_id, Message(one["reply"]), now=now)
        opened.append(conversation_id)
    return opened


def in_words(summary: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{summary['replies']:,} replies of {summary['workspaces']} workspaces routed in "
        f"{summary['seconds']:.0f} s; a decision took {summary['latency_ms_p50']:.1f} ms "
        f"(p95 {summary['latency_ms_p95']:.1f} ms)."
    )
    if summary["exact"] is not None:
        yield f"Right, kind and target: {summary['exact']:.1%}."
