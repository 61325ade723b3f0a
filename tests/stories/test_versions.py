"""Tess and Bob work on one procedure: drafts that lose nothing, versions, going back, and going live at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk import LATE_ORDER, Desk, Person
from overture.procedures import drafts, publish, schedule, store, versions
from overture.procedures.drafts import DraftConflict, KeyChanged, KeyTaken, NoKey, ProcedureNotFound
from overture.procedures.publish import File, NeverPublished, Refused
from overture.workspaces import audit
from overture.workspaces.audit import Actor
from overture.workspaces.identity_secrets import create_secret, remove_secret
from overture.workspaces.permissions import NotAllowed
from overture.workspaces.settings import change
from overture.workspaces.store import create_teammate, first_app_id
from overture.workspaces.tokens import create_token, revoke_token

BOB = Actor("Bob", "console", "builder")
PAT = Actor("Pat", "console", "publisher")
PATIENT = LATE_ORDER.replace("Thank you for waiting.", "Thank you for your patience.")
BROKEN = LATE_ORDER.replace("team: support", "team: suport")


@pytest.fixture
def late_order(desk: Desk) -> Desk:
    desk.publish(LATE_ORDER)
    return desk


def save(desk: Desk, source: str, based_on: int, by: Actor = BOB) -> drafts.Draft:
    return desk.write(  # type: ignore[no-any-return]
        drafts.save, "late-order", source, based_on=based_on, by=by, now=desk.clock.now()
    )


def told(desk: Desk, subject: str = "procedure:late-order") -> list[tuple[str, str]]:
    return [(one.who, one.act) for one in desk.read(audit.entries, subject=subject)]


# Drafts


def test_a_draft_changes_nothing_for_customers_until_it_is_published(late_order: Desk, carol: Person) -> None:
    save(late_order, PATIENT, 1)
    carol.is_told()
    carol.says("I'll wait")
    assert "Thank you for waiting." in carol.heard[-1]

    late_order.write(publish.publish, "late-order", by=PAT, now=late_order.clock.now())
    dora = Person(late_order, "dora")
    dora.is_told()
    dora.says("I'll wait")
    assert "Thank you for your patience." in dora.heard[-1]


def test_a_run_keeps_the_version_it_began_with(late_order: Desk, carol: Person) -> None:
    carol.is_told()
    late_order.publish(PATIENT)
    carol.says("I'll wait")

    assert "Thank you for waiting." in carol.heard[-1]


def test_of_two_people_who_save_at_once_the_second_is_told_and_loses_nothing(late_order: Desk) -> None:
    opened = late_order.read(drafts.read, "late-order")
    mine, theirs = LATE_ORDER + "# Tess was here\n", LATE_ORDER + "# Bob was here\n"
    save(late_order, theirs, opened.revision)

    with pytest.raises(DraftConflict) as refused:
        save(late_order, mine, opened.revision, by=PAT)
    conflict = refused.value
    assert (conflict.status, conflict.yours, conflict.theirs.source) == (409, mine, theirs)
    assert "Bob saved this draft" in conflict.message
    assert "based on revision 2" in conflict.message
    assert theirs == late_order.read(drafts.read, "late-order").source

    saved = save(late_order, mine + "# Bob was here\n", conflict.theirs.revision, by=PAT)
    assert (3, "Pat") == (saved.revision, saved.saved_by)
    # Bob's text was replaced by somebody else's, so it can still be found.
    assert [theirs] == [one.source for one in late_order.read(drafts.earlier, "late-order")]


def test_saving_the_same_text_again_is_no_conflict(late_order: Desk) -> None:
    first = save(late_order, PATIENT, 1)
    assert first == save(late_order, PATIENT, 1)


def test_a_draft_that_cannot_be_read_is_kept_as_it_is(late_order: Desk) -> None:
    half = "procedure: late-order\nname: Late ord\nsteps:\n  - ask: [Which"
    assert half == save(late_order, half, 1).source
    assert half == late_order.read(versions.text, "late-order")

    with pytest.raises(Refused):
        late_order.write(publish.publish, "late-order", by=PAT, now=late_order.clock.now())
    assert not late_order.read(versions.diff, "late-order").readable


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("procedure: other\nwhen_to_use: x\nsteps: [{end: {}}]\n", KeyChanged),
        ("procedure: late-order\n# " + "x" * 300_000, drafts.TooLong),
        ("procedure: late-order\0", drafts.Unwritable),
        ("procedure: late-order \ud800", drafts.Unwritable),
    ],
)
def test_what_cannot_be_kept_is_refused(late_order: Desk, source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        save(late_order, source, 1)
    assert LATE_ORDER == late_order.read(drafts.read, "late-order").source


def test_a_new_procedure_needs_a_key_that_is_free(late_order: Desk) -> None:
    now = late_order.clock.now()
    with pytest.raises(KeyTaken):
        late_order.write(drafts.create, LATE_ORDER, by=BOB, now=now)
    with pytest.raises(NoKey):
        late_order.write(drafts.create, "name: Nothing yet\n", by=BOB, now=now)
    made = late_order.write(drafts.create, "procedure: fresh\nname: Something fresh\n", by=BOB, now=now)
    assert ("fresh", "Something fresh", 1, "Bob") == (made.key, made.name, made.revision, made.saved_by)


def test_discarding_goes_back_to_the_newest_version(late_order: Desk) -> None:
    saved = save(late_order, PATIENT, 1)
    now = late_order.clock.now()
    with pytest.raises(DraftConflict):
        late_order.write(drafts.discard, "late-order", based_on=1, by=BOB, now=now)

    back = late_order.write(drafts.discard, "late-order", based_on=saved.revision, by=BOB, now=now)
    assert LATE_ORDER == back.source
    assert [PATIENT] == [one.source for one in late_order.read(drafts.earlier, "late-order")]


def test_discarding_what_was_never_live_removes_it(desk: Desk) -> None:
    now = desk.clock.now()
    desk.write(drafts.create, "procedure: fresh\n", by=BOB, now=now)

    assert desk.write(drafts.discard, "fresh", based_on=1, by=BOB, now=now) is None
    with pytest.raises(ProcedureNotFound):
        desk.read(drafts.read, "fresh")


# Versions


def test_history_tells_who_published_what_when_and_why(late_order: Desk) -> None:
    late_order.clock.forward(days=1)
    save(late_order, PATIENT, 1)
    now = late_order.clock.now()
    late_order.write(publish.publish, "late-order", note="Kinder words.", by=PAT, now=now)

    newest, first = late_order.read(versions.history, "late-order")
    assert (2, "Pat", "Kinder words.", True, now) == (
        newest.number,
        newest.published_by,
        newest.note,
        newest.live,
        newest.published_at,
    )
    assert (1, "Overture", None, False) == (first.number, first.published_by, first.note, first.live)

    difference = late_order.read(versions.diff, "late-order", 1, 2)
    (said,) = difference.changes
    assert "Thank you for waiting." in said.words
    assert "Thank you for your patience." in said.words
    assert "-  - say: Thank you for waiting." in difference.text


def test_an_earlier_version_can_be_brought_back(late_order: Desk, carol: Person) -> None:
    late_order.publish(PATIENT)
    save(late_order, PATIENT + "# half done\n", 2)
    now = late_order.clock.now()
    restored = late_order.write(versions.restore, "late-order", 1, by=BOB, now=now)
    assert LATE_ORDER == restored.source
    assert 2 == late_order.read(publish.standing, "late-order").version
    assert PATIENT + "# half done\n" in [one.source for one in late_order.read(drafts.earlier, "late-order")]

    assert 3 == late_order.write(publish.publish, "late-order", by=PAT, now=now).version
    carol.is_told()
    carol.says("I'll wait")
    assert "Thank you for waiting." in carol.heard[-1]
    with pytest.raises(versions.NoSuchVersion):
        late_order.write(versions.restore, "late-order", 9, by=BOB, now=now)


def test_what_was_not_looked_at_is_not_published(late_order: Desk) -> None:
    save(late_order, PATIENT, 1)
    with pytest.raises(DraftConflict):
        late_order.write(publish.publish, "late-order", revision=1, by=PAT, now=late_order.clock.now())
    assert 1 == late_order.read(publish.standing, "late-order").version


# Who may


def test_a_builder_drafts_and_a_publisher_puts_live(late_order: Desk) -> None:
    now = late_order.clock.now()
    save(late_order, PATIENT, 1)
    late_order.write(versions.restore, "late-order", 1, by=BOB, now=now)
    for act, more in (
        (publish.publish, {}),
        (publish.pause, {}),
        (schedule.plan, {"at": now + timedelta(hours=1)}),
        (schedule.cancel, {}),
    ):
        with pytest.raises(NotAllowed) as refused:
            late_order.write(act, "late-order", **more, by=BOB, now=now)
        assert 403 == refused.value.status
    file = File("late.yaml", PATIENT.encode())
    late_order.write(publish.push, [file], by=BOB, now=now)
    with pytest.raises(NotAllowed):
        late_order.write(publish.push, [file], publish=True, by=BOB, now=now)
    with pytest.raises(NotAllowed):
        save(late_order, LATE_ORDER, 3, by=Actor("Ann", "console", "agent"))

    assert 2 == late_order.write(publish.publish, "late-order", by=PAT, now=now).version


# At a time


def test_a_planned_version_goes_live_at_its_time_and_once(late_order: Desk) -> None:
    save(late_order, PATIENT, 1)
    now = late_order.clock.now()
    planned = late_order.write(
        schedule.plan, "late-order", now + timedelta(hours=2), note="Monday.", by=PAT, now=now
    )
    # What is drafted after the plan stays out of it.
    save(late_order, PATIENT + "# not yet\n", 2)
    late_order.forward(hours=1)
    assert 1 == late_order.read(publish.standing, "late-order").version

    late_order.forward(hours=2)
    newest, _ = late_order.read(versions.history, "late-order")
    assert (2, "Pat", "Monday.") == (newest.number, newest.published_by, newest.note)
    assert PATIENT == late_order.read(versions.text, "late-order", "live")
    assert PATIENT + "# not yet\n" == late_order.read(versions.text, "late-order", "draft")
    assert ["done"] == [one.state for one in late_order.read(schedule.all_plans, "late-order")]

    late_order.write(schedule.fall_due, planned.id, now=late_order.clock.now())
    late_order.forward(hours=2)
    assert 2 == len(late_order.read(versions.history, "late-order"))


def test_a_plan_that_no_longer_fits_is_refused_and_says_why(desk: Desk, carol: Person) -> None:
    connector = (
        "connector: get_order\nmethod: GET\nurl: 'https://orders.example/{{ id }}'\ninputs: {id: text}\n"
        "result: {status: text, total: number}\n"
    )
    calling = LATE_ORDER.replace(
        "  - say: Thank you for waiting.",
        "  - call: get_order\n    with: {id: '1'}\n    save: order\n    on_error: [{hand_off: {}}]\n"
        "  - say: It is {{ order.status }}.",
    )
    desk.publish(LATE_ORDER, connector)
    now = desk.clock.now()
    saved = save(desk, calling, 1)
    with pytest.raises(schedule.BadTime):
        desk.write(schedule.plan, "late-order", now, by=PAT, now=now)
    desk.write(
        schedule.plan,
        "late-order",
        now + timedelta(hours=2),
        revision=saved.revision,
        by=PAT,
        now=now,
    )
    # Nothing live calls it yet, so the connector may change.
    desk.publish(connector.replace("status: text, ", ""))
    desk.forward(hours=3)

    (plan,) = desk.read(schedule.all_plans, "late-order")
    assert "refused" == plan.state
    assert "“order” has no “status”" in (plan.reason or "")
    assert 1 == desk.read(publish.standing, "late-order").version
    assert ("Pat", "procedure.refused") == told(desk)[0]


def test_a_plan_does_not_undo_what_was_published_since(late_order: Desk) -> None:
    save(late_order, PATIENT, 1)
    now = late_order.clock.now()
    late_order.write(schedule.plan, "late-order", now + timedelta(hours=2), by=PAT, now=now)
    late_order.publish(PATIENT + "# better still\n")
    late_order.forward(hours=3)

    (plan,) = late_order.read(schedule.all_plans)
    assert "refused" == plan.state
    assert "Another version was published" in (plan.reason or "")


def test_a_plan_can_be_made_anew_or_cancelled(late_order: Desk) -> None:
    save(late_order, PATIENT, 1)
    now = late_order.clock.now()
    for hours in (1, 2):
        late_order.write(schedule.plan, "late-order", now + timedelta(hours=hours), by=PAT, now=now)
    late_order.write(schedule.cancel, "late-order", by=PAT, now=now)
    late_order.forward(hours=3)

    assert 2 == len(late_order.read(schedule.all_plans, "late-order"))
    assert {"cancelled"} == {one.state for one in late_order.read(schedule.all_plans, "late-order")}
    assert 1 == late_order.read(publish.standing, "late-order").version
    with pytest.raises(schedule.NothingPlanned):
        late_order.write(schedule.cancel, "late-order", by=PAT, now=now)


def test_what_does_not_pass_its_check_is_not_planned(late_order: Desk) -> None:
    save(late_order, BROKEN, 1)
    now = late_order.clock.now()
    with pytest.raises(Refused) as refused:
        late_order.write(schedule.plan, "late-order", now + timedelta(hours=1), by=PAT, now=now)
    assert "Did you mean “support”?" in refused.value.message


# The audit


def test_the_audit_tells_who_did_what_and_from_where(late_order: Desk) -> None:
    now = late_order.clock.now()
    save(late_order, PATIENT, 1)
    late_order.write(publish.publish, "late-order", by=PAT, now=now)
    late_order.write(publish.publish, "late-order", by=PAT, now=now)  # nothing changes, so nothing is told
    late_order.write(publish.pause, "late-order", by=PAT, now=now)
    late_order.write(versions.restore, "late-order", 1, by=BOB, now=now)

    assert sorted(told(late_order)) == [
        ("Bob", "procedure.restore"),
        ("Overture", "procedure.publish"),
        ("Pat", "procedure.pause"),
        ("Pat", "procedure.publish"),
    ]
    first, second = _published(late_order)
    assert first.before is None
    assert first.after == second.before
    assert second.after not in (None, second.before)


def _published(desk: Desk) -> list[audit.Entry]:
    found = [one for one in desk.read(audit.entries) if one.act == "procedure.publish"]
    return sorted(found, key=lambda one: one.before is not None)


def test_what_is_refused_leaves_no_entry(late_order: Desk) -> None:
    before = late_order.read(audit.entries)
    save(late_order, BROKEN, 1)
    now = late_order.clock.now()
    with pytest.raises(Refused):
        late_order.write(publish.publish, "late-order", by=PAT, now=now)
    with pytest.raises(NotAllowed):
        late_order.write(publish.pause, "late-order", by=BOB, now=now)
    late_order.write(drafts.create, "procedure: fresh\n", by=BOB, now=now)
    with pytest.raises(NeverPublished):
        late_order.write(publish.pause, "fresh", by=PAT, now=now)

    assert before == late_order.read(audit.entries)


def test_settings_tokens_and_teammates_are_in_the_audit_too(desk: Desk) -> None:
    now = desk.clock.now()
    olga = Actor("Olga", "console", "owner", 7)
    desk.write(change, "agent_name", "Fern", by=olga, now=now)
    app_id = desk.read(first_app_id)
    number, secret = desk.write(create_token, app_id, ["read_conversations"], name="crm", by=olga, now=now)
    desk.write(revoke_token, number, by=olga, now=now)
    secret_id, key = desk.write(create_secret, by=olga, now=now)
    desk.write(remove_secret, secret_id, by=olga, now=now)
    desk.write(create_teammate, "Bob", "bob@acme.example", "builder", by=olga, now=now)
    for act, args in ((change, ("agent_name", "X")), (create_teammate, ("X", "x@acme.example", "agent"))):
        with pytest.raises(NotAllowed):
            desk.write(act, *args, by=PAT, now=now)

    entries = [one for one in desk.read(audit.entries) if one.who == "Olga"]
    assert {one.act for one in entries} == {
        "settings.change",
        "teammate.create",
        "token.create",
        "token.revoke",
        "identity_secret.create",
        "identity_secret.remove",
    }
    assert not any(secret in str(one) or key in str(one) for one in entries)
    assert any("was “Agent”, is “Fern”" in one.summary for one in entries)
    assert {"console"} == {one.via for one in entries}


# The library


def test_a_version_keeps_the_sub_procedures_of_the_library_as_they_were(desk: Desk) -> None:
    verify = "sub_procedure: verify\nsteps: [{say: One moment.}]\n"
    desk.publish(verify)
    running = "procedure: running\nwhen_to_use: Something runs.\nsteps: [{run: verify}, {end: {}}]\n"
    desk.publish(running)
    desk.publish(verify.replace("One moment.", "Just a moment."))
    assert 1 == desk.read(publish.standing, "running").version
    (live,) = [one for one in desk.read(store.all_live) if one.procedure.key == "running"]
    assert "One moment." == live.procedure.library["verify"].steps[0].text

    # The same text with another library is another version.
    desk.publish(running)
    (live,) = [one for one in desk.read(store.all_live) if one.procedure.key == "running"]
    assert "Just a moment." == live.procedure.library["verify"].steps[0].text
    assert 2 == desk.read(publish.standing, "running").version


def test_what_no_library_and_no_model_can_run_does_not_go_live(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.publish("procedure: running\nwhen_to_use: x\nsteps: [{run: verify}]\n")
    assert "There is no sub-procedure “verify”." in refused.value.message

    talking = File("t.yaml", b"procedure: talking\nwhen_to_use: x\nsteps: [{instruct: Be kind.}]\n")
    desk.write(publish.push, [talking], now=desk.clock.now())
    with pytest.raises(Refused) as refused:
        desk.write(publish.publish, "talking", model=False, now=desk.clock.now())
    assert "This step needs a language model, and none is set." in refused.value.message
    assert "talking:3:" in refused.value.message
    assert 1 == desk.write(publish.publish, "talking", model=True, now=desk.clock.now()).version
