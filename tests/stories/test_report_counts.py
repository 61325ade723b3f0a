"""The counters of the reports equal a slow count, whatever happened, whenever they caught up, on both databases; and
behind each figure stand exactly the conversations that it counts."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from desk import LATE_ORDER, RETURN_ITEM, Desk, Person
from overture import worker
from overture.agent.personal import forget
from overture.db import tables
from overture.db.database import Transaction
from overture.reports import (
    conversations,
    counting,
    figure,
    not_fired,
    procedures,
    resolution,
    satisfaction,
    triggers,
)
from overture.reports.asked import Asked
from overture.reports.counting import Counts
from overture.reports.figure import CameOut, CameTo, Figure, Fired, HandedOff, Marked, Ran
from overture.workspaces import settings as workspace_settings

ZONES = ("Europe/Lisbon", "Pacific/Auckland")
ALL_DAYS = (date(2026, 2, 1), date(2026, 12, 31))


def slowly(tx: Transaction, asked: Asked) -> tuple[dict[str, Any], dict[Any, Counter[int]]]:
    """What the reports should say, by looking at every row, and what should stand behind each figure: by the id of a
    conversation how many of its runs are counted, and for a rule that held firings back the receipts."""
    zone = ZoneInfo(asked.timezone)

    def is_within(moment: int) -> bool:
        at = datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(zone)
        return asked.first <= at.date() <= asked.last

    def rows(table: Any) -> list[Any]:
        return list(tx.execute(select(table)))

    talks = {row.id: row for row in rows(tables.conversations)}
    runs, firings = rows(tables.runs), rows(tables.firings)
    sources = {row.conversation_id: row for row in rows(tables.parts) if row.is_source}
    by_firing = {run.firing_id: run for run in runs if run.firing_id}

    def is_here(talk: Any) -> bool:
        return (
            asked.channel in (None, talk.channel)
            and asked.team_id in (None, talk.team_id)
            and asked.teammate_id in (None, talk.teammate_id)
        )

    def is_meant(talk: Any) -> bool:
        fired = [one for one in firings if one.conversation_id == talk.id]
        ran = [one for one in runs if one.conversation_id == talk.id]
        if asked.trigger_key is not None:
            return any(
                one.trigger_key == asked.trigger_key and asked.procedure_id in (None, one.procedure_id)
                for one in fired
            )
        return asked.procedure_id in (None, *(one.procedure_id for one in ran))

    here = {number: talk for number, talk in talks.items() if is_here(talk)}
    began = [talk for talk in here.values() if is_meant(talk) and is_within(talk.created_at)]
    spoke = [talk for talk in began if talk.agent_spoke]

    def is_asked(one: Any) -> bool:
        return (
            one.conversation_id in here
            and is_within(one.created_at)
            and asked.procedure_id in (None, one.procedure_id)
        )

    fired = [one for one in firings if is_asked(one) and asked.trigger_key in (None, one.trigger_key)]
    keys = {one.id: one.trigger_key for one in firings}
    ran = [run for run in runs if is_asked(run) and asked.trigger_key in (None, keys.get(run.firing_id))]
    narrowed = asked.team_id is not None or asked.teammate_id is not None
    held = [
        row
        for row in rows(tables.receipts)
        if row.decision == "suppressed" and is_within(row.created_at) and not narrowed
    ]
    held = [
        row
        for row in held
        if asked.procedure_id in (None, int(row.body["procedure_id"]))
        and asked.trigger_key in (None, row.body["trigger"])
        and asked.channel in (None, row.body["channel"])
    ]
    took = {run.id for run in ran}
    done = {(step.run_id, step.path) for step in rows(tables.steps) if step.run_id in took}
    versions = {run.id: run.version_id for run in ran}

    def stands(one: Any) -> bool:
        return one.conversation_id not in sources or sources[one.conversation_id].kind != "withdrawn"

    def seen(one: Any) -> bool:
        talk, source = talks[one.conversation_id], sources.get(one.conversation_id)
        has_read = talk.read_seq >= (1 if source is None else source.seq)
        return talk.first_reply_at is not None or (stands(one) and has_read)

    def came_out(talk: Any) -> str:
        return talk.outcome or "in_progress"

    def became(one: Any) -> str:
        run = by_firing[one.id]
        return "active" if run.began_at is not None else str(run.state)

    def has_replied(one: Any) -> bool:
        return talks[one.conversation_id].first_reply_at is not None

    def by(found: Iterable[Any], what: Callable[[Any], Any]) -> dict[Any, Counter[int]]:
        groups: dict[Any, Counter[int]] = defaultdict(Counter)
        for one in found:
            groups[what(one)][getattr(one, "conversation_id", None) or one.id] += 1
        return groups

    def those(found: Iterable[Any], holds: Callable[[Any], bool] = lambda _: True) -> Counter[int]:
        return by(found, holds).get(True, Counter())

    began_runs = [run for run in ran if run.began_at is not None]
    handed_off = by([talk for talk in began if talk.handed_off], lambda talk: talk.handed_off)
    marked = by([talk for talk in began if talk.rating], lambda talk: talk.rating)
    behind: dict[Any, Counter[int]] = {
        **{CameOut(frozenset({of})): ids for of, ids in by(spoke, came_out).items()},
        **{HandedOff(of): ids for of, ids in handed_off.items()},
        **{Marked(frozenset({of})): ids for of, ids in marked.items()},
        **{Fired(routed=of): ids for of, ids in by(fired, became).items()},
        **{Ran(state=of): ids for of, ids in by(ran, lambda run: run.state).items()},
        **{
            Ran(outcome=of): ids
            for of, ids in by(ran, lambda run: came_out(talks[run.conversation_id])).items()
        },
        **{CameTo(of): ids for of, ids in by(began_runs, lambda run: run.version_id).items()},
        **{
            CameTo(version, path): those(
                ran, lambda run, of=(version, path): run.version_id == of[0] and (run.id, of[1]) in done
            )
            for version, path in {(versions[run], path) for run, path in done}
        },
        **by(held, lambda row: row.body["rule"]),
        CameOut(): those(spoke),
        CameOut(engaged=True): those(spoke, lambda talk: talk.first_reply_at is not None),
        CameOut(frozenset({"pending", "escalated"})): those(
            spoke, lambda talk: talk.outcome in ("pending", "escalated")
        ),
        Marked(frozenset({1, 2, 3, 4, 5})): those(began, lambda talk: talk.rating is not None),
        Fired(): those(fired),
        Fired(delivered=True): those(fired, stands),
        Fired(seen=True): those(fired, seen),
        Fired(replied=True): those(fired, has_replied),
        Ran(): those(ran),
        Ran(began=True): those(began_runs),
        # None of these ever happens here.
        Ran(state="failed"): Counter(),
        Fired(routed="failed"): Counter(),
        "opt_out": Counter(),
    }
    figures = {
        "outcomes": Counter(map(came_out, spoke)),
        "engaged": sum(1 for talk in spoke if talk.first_reply_at is not None),
        "hand_offs": Counter(talk.handed_off for talk in began if talk.handed_off),
        "marks": Counter(talk.rating for talk in began if talk.rating),
        "fired": Counter((one.procedure_id, one.trigger_key) for one in fired),
        "delivered": sum(stands(one) for one in fired),
        "seen": sum(seen(one) for one in fired),
        "replied": sum(map(has_replied, fired)),
        "routed": Counter(map(became, fired)),
        "held": Counter(row.body["rule"] for row in held),
        "states": Counter(run.state for run in ran),
        "started": len(began_runs),
        "steps": Counter((versions[run], path) for run, path in done),
    }
    return figures, behind


def listed(tx: Transaction, asked: Asked, of: Figure | str) -> Counter[int]:
    """What does stand behind a figure, page by page."""
    found: dict[int, int] = {}
    places: list[tuple[int, int]] = []
    while True:
        before = places[-1] if places else None
        if isinstance(of, str):
            held = not_fired.behind(tx, asked, of, before=before, limit=3)
            page = [(row.moment, row.id, 1) for row in held]
        else:
            talks = conversations.behind(tx, asked, of, before=before, limit=3)
            page = [(row.moment, row.id, row.share) for row in talks]
        if not page:
            break
        assert not found.keys() & {one for _, one, _ in page}, "the same on two pages"
        found |= {one: share for _, one, share in page}
        places += [(moment, one) for moment, one, _ in page]
    assert places == sorted(places, reverse=True)
    return Counter(found)


def figure_of(counts: Counts, asked: Asked, of: Figure | str) -> int:
    return not_fired.number(counts, asked, of) if isinstance(of, str) else figure.number(counts, asked, of)


def counted(tx: Transaction, asked: Asked) -> dict[str, Any]:
    """What they do say."""
    counts = Counts(tx)
    found = resolution.count(counts, asked)
    told = {
        **{name: getattr(found, name) for name in ("escalated", "procedure_handoff", "negative_feedback")},
        "confirmed_resolution": found.confirmed,
        "assumed_resolution": found.assumed,
        "pending": found.pending,
        "in_progress": found.in_progress,
    }
    assert resolution.together(resolution.by_day(counts, asked)) == found
    fired = triggers.figures(counts, asked)
    ran = procedures.figures(counts, asked)
    steps: Counter[tuple[int, str]] = Counter()
    for (version,) in tx.execute(select(tables.procedure_versions.c.id)):
        _, done = procedures.reached(counts, asked, version)
        steps.update({(version, path): number for path, number in done.items()})
    return {
        "outcomes": Counter({name: number for name, number in told.items() if number}),
        "engaged": found.engaged,
        "hand_offs": Counter(resolution.hand_offs(counts, asked)),
        "marks": Counter(
            {mark: number for mark, number in enumerate(satisfaction.count(counts, asked).marks, 1) if number}
        ),
        "fired": Counter({(one.procedure_id, one.trigger_key): one.fired for one in fired if one.fired}),
        "delivered": sum(one.delivered for one in fired),
        "seen": sum(one.seen for one in fired),
        "replied": sum(one.replied for one in fired),
        "routed": sum((one.routed for one in fired), Counter()),
        "held": sum((one.held_back for one in fired), Counter()),
        "states": sum((one.states for one in ran), Counter()),
        "started": sum(one.started for one in ran),
        "steps": steps,
    }


def some_questions(desk: Desk, chance: random.Random) -> list[Asked]:
    """Everything, and some that are narrowed in some way."""
    zone = desk.read(lambda tx: Counts(tx).timezone)
    team, mate = desk.read(_someone)
    numbers = [
        int(one) for one in desk.read(lambda tx: tx.execute(select(tables.procedures.c.id)).scalars().all())
    ]
    day = desk.clock.now().astimezone(ZoneInfo(zone)).date() - timedelta(days=chance.randrange(3))
    return [
        Asked(*ALL_DAYS, zone),
        Asked(day, day, zone),
        Asked(*ALL_DAYS, zone, channel=chance.choice(("web", "email"))),
        Asked(*ALL_DAYS, zone, procedure_id=chance.choice(numbers)),
        Asked(*ALL_DAYS, zone, procedure_id=numbers[0], trigger_key="carrier-delay"),
        Asked(*ALL_DAYS, zone, trigger_key="carrier-delay", channel="web"),
        Asked(*ALL_DAYS, zone, team_id=team),
        Asked(*ALL_DAYS, zone, teammate_id=mate),
    ]


def _someone(tx: Transaction) -> tuple[int, int]:
    team = tx.execute(select(tables.teams.c.id)).scalars().first() or 1
    return team, tx.execute(select(tables.teammates.c.id)).scalars().first() or 1


def agree(desk: Desk, chance: random.Random) -> None:
    for asked in some_questions(desk, chance):

        def both(tx: Transaction, asked: Asked = asked) -> tuple[Any, Any]:
            told = counted(tx, asked)
            return slowly(tx, asked)[0], told

        slow, quick = desk.read(both)
        assert slow == quick, asked


def lists_agree(desk: Desk, chance: random.Random) -> None:
    for asked in chance.sample(some_questions(desk, chance), 4):

        def all_lists(tx: Transaction, asked: Asked = asked) -> tuple[Any, Any, Any]:
            counts = Counts(tx)
            _, slow = slowly(tx, asked)
            return (
                slow,
                {of: listed(tx, asked, of) for of in slow},
                {of: figure_of(counts, asked, of) for of in slow},
            )

        slow, found, figures = desk.read(all_lists)
        assert slow == found, asked
        assert {of: ids.total() for of, ids in slow.items()} == figures, asked


@pytest.mark.parametrize("seed", range(3))
def test_counts_equal_a_slow_count_after_anything(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    team, _ = desk.read(_someone)
    desk.publish(LATE_ORDER, RETURN_ITEM)
    closed = LATE_ORDER.replace("    data: {", "    audience: 'contact.kind == \"lead\"'\n    data: {", 1)
    people: list[Person] = []

    def someone() -> Person:
        return chance.choice(people)

    def is_told() -> None:
        person = Person(desk, f"person-{len(people)}")
        person.is_told()
        people.append(person)

    def says() -> None:
        someone().says(
            chance.choice(("wait", "refund", "a human please", "I want to return my order", "boots"))
        )

    def time_goes_by() -> None:
        desk.forward(hours=chance.choice((1, 7, 26)))

    def held_back() -> None:
        desk.publish(closed)
        assert desk.trigger("late-order", {"user": {"id": f"held-{chance.random()}"}}).json["suppressed"]
        desk.publish(LATE_ORDER)

    def by_hand() -> None:
        number = int(someone().conversation_id)
        values = chance.choice(
            (
                {"rating": chance.randint(1, 5)},
                {"team_id": team},
                {"teammate_id": desk.tess.id, "team_id": None},
                {"read_seq": 99},
                {"channel": "email"},
            )
        )
        desk.write(
            lambda tx: tx.execute(
                update(tables.conversations).where(tables.conversations.c.id == number).values(values)
            )
        )

    def withdrawn() -> None:
        number = int(someone().conversation_id)
        here = tables.parts.c
        desk.write(
            lambda tx: tx.execute(
                update(tables.parts)
                .where(here.conversation_id == number, here.is_source)
                .values(kind="withdrawn")
            )
        )

    def forgotten() -> None:
        person = someone()
        desk.write(forget, person.external_id, now=desk.clock.now())

    def zone_changes() -> None:
        desk.write(workspace_settings.change, "timezone", chance.choice(ZONES), now=desk.clock.now())

    def catches_up() -> None:
        for _ in range(chance.randint(1, 3)):
            desk.write(counting.catch_up)

    for _ in range(3):
        is_told()
    acts = [
        is_told,
        is_told,
        says,
        says,
        says,
        time_goes_by,
        held_back,
        by_hand,
        by_hand,
        withdrawn,
        catches_up,
    ]
    for turn in range(24):
        chance.choice(acts)()
        if turn % 6 == 5:
            agree(desk, chance)
        if turn % 12 == 11:
            lists_agree(desk, chance)
    zone_changes()
    agree(desk, chance)
    desk.run(worker.sweep_counts(desk.overture.database))
    assert not desk.read(counting.is_behind)
    agree(desk, chance)
    forgotten()
    agree(desk, chance)
    desk.run(worker.sweep_counts(desk.overture.database))
    desk.write(counting.forget_empty)
    agree(desk, chance)
    lists_agree(desk, chance)


def test_a_day_is_the_workspaces_day_also_when_clocks_are_changed(desk: Desk) -> None:
    desk.publish(LATE_ORDER)
    desk.write(workspace_settings.change, "timezone", "Europe/Lisbon", now=desk.clock.now())
    for moment in (
        datetime(2026, 3, 28, 23, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 22, 59, tzinfo=UTC),  # clocks went forward: the day has 23 hours
        datetime(2026, 3, 29, 23, 1, tzinfo=UTC),
    ):
        desk.clock.forward_to(moment)
        Person(desk, f"at-{moment:%d-%H}").is_told()
    asked = Asked(date(2026, 3, 28), date(2026, 3, 30), "Europe/Lisbon")
    for _ in range(2):
        days = desk.read(lambda tx: resolution.by_day(Counts(tx), asked))
        assert [1, 2, 1] == [day.involved for day in days]
        desk.run(worker.sweep_counts(desk.overture.database))


def test_a_note_that_is_left_while_others_are_taken_is_not_lost(desk: Desk) -> None:
    """The same conversation changes again before its first note is taken, and in the act that takes it."""
    desk.publish(LATE_ORDER)
    ann = Person(desk, "ann")
    ann.is_told()
    number = int(ann.conversation_id)

    def change_and_count(tx: Transaction) -> None:
        counting.catch_up(tx)
        tx.execute(update(tables.conversations).where(tables.conversations.c.id == number).values(rating=3))

    desk.run(worker.sweep_counts(desk.overture.database))
    desk.write(change_and_count)
    assert desk.read(counting.is_behind)
    assert {"3": 1} == marks(desk)
    desk.run(worker.sweep_counts(desk.overture.database))
    assert {"3": 1} == marks(desk)


def marks(desk: Desk) -> dict[str, int]:
    found = desk.read(lambda tx: Counts(tx).of("mark", None, "key"))
    return {mark: number for (mark,), number in found.items()}


def test_the_database_notes_every_change_by_itself(desk: Desk) -> None:
    """The triggers that leave the notes are there after every migration, one for each change that counts."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if "postgres" in desk.overture.database.url
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    found = desk.read(lambda tx: {row[0] for row in tx.connection.exec_driver_sql(query)})
    assert {
        "note_conversations_insert",
        "note_conversations_update",
        "note_conversations_delete",
        "note_runs_insert",
        "note_runs_update",
        "note_runs_delete",
        "note_steps_insert",
        "note_firings_insert",
        "note_firings_delete",
        "note_parts_update",
        "note_parts_delete",
        "note_receipts_insert",
        "note_receipts_delete",
    } <= found
