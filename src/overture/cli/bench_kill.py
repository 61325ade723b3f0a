"""Kill the server at random instants while others write to it, and count what was lost or doubled."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import func, select

from overture.base.errors import Error
from overture.cli.bench_client import Answer, Connection, ConnectionLost, connect, reply, trigger
from overture.cli.bench_place import Place, Serve, furnish, progress
from overture.cli.bench_workspace import ARTICLES, OTHERS, late_order
from overture.db.database import Transaction, open_database
from overture.db.tables import contacts, conversations, jobs, parts, receipts, runs, steps

CLIENTS = 8
PAUSE_SECONDS = 0.15  # of each client, on average, between two contacts
ANSWER_SECONDS = 10.0
QUIET_SECONDS = 90.0
WAIT_FOR_REPLY = "2s"
# None of these asks for a person, so each of them must have its decision.
TEXTS = ("I'd rather wait", "Give me my money back please", "yes", "wait", "refund", "blue giraffe")
TEXTS_OF_HELP = ("How long is a gift card valid?", "What are your opening hours on Saturday?")


@dataclass
class Acknowledged:
    """What the server said yes to: it may neither be lost nor stand twice."""

    conversations: dict[str, str] = field(default_factory=dict)  # contact → conversation
    replies: dict[str, str] = field(default_factory=dict)  # text → conversation
    changed_answers: list[str] = field(default_factory=list)  # a retry that was answered with something else


def run(here: Place, times: int, seed: int) -> dict[str, Any]:
    """Kill so many times, then wait until it is quiet, and look at every row."""
    token = asyncio.run(furnish(here, [late_order(WAIT_FOR_REPLY), *OTHERS], ARTICLES))
    return asyncio.run(_Killing(here, token, times, random.Random(seed)).run())


class _Killing:
    def __init__(self, here: Place, token: str, times: int, dice: random.Random) -> None:
        self._here = here
        self._token = token
        self._times = times
        self._dice = dice
        self._serve = Serve(here)
        self._acknowledged = Acknowledged()
        self._numbers = count(1)
        self._over = asyncio.Event()
        self._retries = 0

    async def run(self) -> dict[str, Any]:
        begun = time.perf_counter()
        starts = [await asyncio.to_thread(self._serve.start)]
        try:
            clients = [asyncio.create_task(self._client()) for _ in range(CLIENTS)]
            for number in range(1, self._times + 1):
                await asyncio.sleep(self._dice.uniform(0.05, 2.5))
                self._serve.kill()
                starts.append(await asyncio.to_thread(self._serve.start))
                if number % 10 == 0:
                    progress(f"{number} kills, {len(self._acknowledged.replies)} replies taken")
            self._over.set()
            await asyncio.gather(*clients)
            quiet_after = await self._until_quiet()
        finally:
            self._serve.stop()
        lost, doubled = await self._verdict()
        return {
            "kills": self._times,
            "triggers": len(self._acknowledged.conversations),
            "replies": len(self._acknowledged.replies),
            "retries": self._retries,
            "lost": len(lost),
            "doubled": len(doubled),
            "findings": [*lost, *doubled][:20],
            "start_s": round(sorted(starts)[len(starts) // 2], 2),
            "quiet_after_s": round(quiet_after, 1),
            "seconds": round(time.perf_counter() - begun, 1),
            "database": self._here.name,
        }

    # The load

    async def _client(self) -> None:
        """One integration after another contact: a trigger, then no reply, one, or two."""
        connection: Connection | None = None
        while not self._over.is_set():
            number = next(self._numbers)
            user = f"carol-{number}"
            request = trigger("late-order", self._token, user, {"order_id": f"A-{number}"}, key=user)
            answer, connection = await self._until_answered(connection, request)
            conversation_id = str(answer.json["conversation_id"])
            self._note(self._acknowledged.conversations, user, conversation_id)
            if self._dice.random() < 0.1:
                # The sender never read the answer and asks again.
                answer, connection = await self._until_answered(connection, request)
                self._note(self._acknowledged.conversations, user, str(answer.json["conversation_id"]))
            for turn in range(self._dice.choice((0, 0, 1, 1, 1, 2))):
                if self._dice.random() < 0.2:
                    await asyncio.sleep(self._dice.uniform(1.8, 2.6))  # beside its deadline
                text = f"{self._dice.choice(TEXTS_OF_HELP if turn else TEXTS)} ({user}/{turn})"
                request = reply(conversation_id, self._token, user, text, key=f"{user}/{turn}")
                _, connection = await self._until_answered(connection, request)
                self._note(self._acknowledged.replies, text, conversation_id)
            await asyncio.sleep(self._dice.uniform(0, 2 * PAUSE_SECONDS))
        if connection is not None:
            connection.close()

    async def _until_answered(
        self, connection: Connection | None, request: bytes
    ) -> tuple[Answer, Connection]:
        """Send the same request until there is an answer. Raises `Error` where it is not 200."""
        while True:
            try:
                connection = connection or await connect(self._serve.port)
                answer = await asyncio.wait_for(connection.send(request), ANSWER_SECONDS)
            except (ConnectionLost, OSError, TimeoutError):
                self._retries += 1
                if connection is not None:
                    connection.close()
                connection = None
                await asyncio.sleep(0.05)
                continue
            if answer.status != 200:
                raise Error(f"A request was refused: {answer.body.decode(errors='replace')}")
            return answer, connection

    def _note(self, noted: dict[str, str], name: str, conversation_id: str) -> None:
        if noted.setdefault(name, conversation_id) != conversation_id:
            self._acknowledged.changed_answers.append(name)

    # The verdict

    async def _until_quiet(self) -> float:
        """Wait until every message is decided on and every deadline that has passed was acted on."""
        begun = time.perf_counter()
        database = open_database(self._here.url)
        await database.start()
        try:
            while await database.read(_work_left) and time.perf_counter() - begun < QUIET_SECONDS:
                await asyncio.sleep(0.2)
        finally:
            await database.close()
        return time.perf_counter() - begun

    async def _verdict(self) -> tuple[list[str], list[str]]:
        database = open_database(self._here.url)
        await database.start()
        try:
            return await database.read(_verdict, self._acknowledged)
        finally:
            await database.close()


_FROM_CONTACT = (parts.c.author_type == "user") & (parts.c.kind == "comment")


def _work_left(tx: Transaction) -> int:
    undecided = select(func.count()).where(
        _FROM_CONTACT, parts.c.id.not_in(select(receipts.c.part_id).where(receipts.c.part_id.is_not(None)))
    )
    waiting = select(func.count()).where(conversations.c.deadline_kind == "reply")
    left = int(tx.execute(undecided).scalar_one()) + int(tx.execute(waiting).scalar_one())
    if not tx.is_postgres:
        left += int(
            tx.execute(select(func.count()).select_from(jobs).where(jobs.c.failed_at.is_(None))).scalar_one()
        )
    return left


def _verdict(tx: Transaction, acknowledged: Acknowledged) -> tuple[list[str], list[str]]:
    """Every way in which something is missing, and every way in which something stands twice."""
    lost: list[str] = []
    doubled: list[str] = [
        f"{name} was answered differently when asked again" for name in acknowledged.changed_answers
    ]
    _check_triggers(tx, acknowledged, lost, doubled)
    _check_replies(tx, acknowledged, lost, doubled)
    _check_decisions(tx, lost, doubled)
    _check_runs(tx, doubled)
    _check_silence(tx, lost, doubled)
    _check_agent(tx, doubled)
    return lost, doubled


def _check_triggers(tx: Transaction, acknowledged: Acknowledged, lost: list[str], doubled: list[str]) -> None:
    of_contact: defaultdict[str, list[str]] = defaultdict(list)
    joined = select(contacts.c.external_id, conversations.c.id).join(
        conversations, conversations.c.contact_id == contacts.c.id
    )
    for user, conversation_id in tx.execute(joined):
        of_contact[user].append(str(conversation_id))
    for user, conversation_id in acknowledged.conversations.items():
        if conversation_id not in of_contact[user]:
            lost.append(f"the conversation of {user}")
    doubled += [f"{user} has {len(ids)} conversations" for user, ids in of_contact.items() if len(ids) > 1]
    sources = Counter(tx.execute(select(parts.c.conversation_id).where(parts.c.is_source)).scalars())
    for (conversation_id,) in tx.execute(select(conversations.c.id)):
        if sources[conversation_id] == 0:
            lost.append(f"the first message of {conversation_id}")
        elif sources[conversation_id] > 1:
            doubled.append(f"the first message of {conversation_id}")


def _check_replies(tx: Transaction, acknowledged: Acknowledged, lost: list[str], doubled: list[str]) -> None:
    stored = Counter(
        (body, str(conversation_id))
        for body, conversation_id in tx.execute(
            select(parts.c.body, parts.c.conversation_id).where(_FROM_CONTACT)
        )
    )
    lost += [
        f"the reply “{text}”" for text, where in acknowledged.replies.items() if not stored[(text, where)]
    ]
    doubled += [f"the reply “{text}”" for (text, _), times in stored.items() if times > 1]


def _check_decisions(tx: Transaction, lost: list[str], doubled: list[str]) -> None:
    decided = Counter(tx.execute(select(receipts.c.part_id).where(receipts.c.kind == "decision")).scalars())
    for (part_id,) in tx.execute(select(parts.c.id).where(_FROM_CONTACT)):
        if decided[part_id] == 0:
            lost.append(f"the decision about message {part_id}")
        elif decided[part_id] > 1:
            doubled.append(f"the decision about message {part_id}")


def _check_runs(tx: Transaction, doubled: list[str]) -> None:
    live = Counter(tx.execute(select(runs.c.conversation_id).where(runs.c.ended_at.is_(None))).scalars())
    doubled += [f"{number} runs go on in {one}" for one, number in live.items() if number > 1]
    done = Counter(tuple(row) for row in tx.execute(select(steps.c.run_id, steps.c.path, steps.c.visit)))
    doubled += [f"step {step}" for step, number in done.items() if number > 1]


def _check_silence(tx: Transaction, lost: list[str], doubled: list[str]) -> None:
    """Who never wrote was closed once, as pending: their run moved once, from offered to lapsed."""
    unanswered = (
        select(
            conversations.c.id, conversations.c.state, conversations.c.outcome, runs.c.state, runs.c.revision
        )
        .join(runs, runs.c.conversation_id == conversations.c.id)
        .where(conversations.c.first_reply_at.is_(None))
    )
    for conversation_id, state, outcome, run_state, revision in tx.execute(unanswered):
        if (state, outcome, run_state) != ("closed", "pending", "lapsed"):
            lost.append(f"the deadline of {conversation_id}: {state}, {outcome}, run {run_state}")
        elif revision != 2:
            doubled.append(f"the deadline of {conversation_id}: its run moved {revision - 1} times")


def _check_agent(tx: Transaction, doubled: list[str]) -> None:
    """The agent says each thing once for each decision: what it says stands with a decision of the same moment,
    and a conversation is closed once until it is opened again."""
    decided: defaultdict[int, set[int]] = defaultdict(set)
    query = select(receipts.c.conversation_id, receipts.c.created_at).where(receipts.c.kind == "decision")
    for conversation_id, moment in tx.execute(query):
        decided[conversation_id].add(moment)
    said: Counter[tuple[Any, ...]] = Counter()
    closed: set[int] = set()
    stream = select(
        parts.c.conversation_id,
        parts.c.author_type,
        parts.c.kind,
        parts.c.body,
        parts.c.is_source,
        parts.c.created_at,
    ).order_by(parts.c.conversation_id, parts.c.seq)
    for conversation_id, author, kind, body, is_source, moment in tx.execute(stream):
        if kind == "close" and conversation_id in closed:
            doubled.append(f"the close of {conversation_id}")
        if kind == "close":
            closed.add(conversation_id)
        elif author == "user":
            closed.discard(conversation_id)
        elif kind == "comment" and not is_source:
            said[(conversation_id, moment, body)] += 1
            if moment not in decided[conversation_id]:
                doubled.append(f"“{body}” in {conversation_id}, which belongs to no decision")
    doubled += [f"“{body}” in {one}" for (one, _, body), times in said.items() if times > 1]
