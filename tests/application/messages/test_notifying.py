"""Who reads what, through which channel, and when: at the reader's hours, at the organisation's pace, once."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from queue_server.application.admin_bodies import RateLimitsBody
from queue_server.application.messages import reaching
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.notifying import Addressed
from queue_server.application.messages.outbox import SEND_JOB
from queue_server.application.messages.telling import NOTIFY_JOB, Notice, Told
from queue_server.application.tenant_limits import TenantLimits
from queue_server.application.unit import Recorder
from queue_server.store import preferences, readers
from queue_server.store.messages import Channel
from queue_server.store.preferences import OwnHours
from scheduling_core.ids import PatientId
from scheduling_core.permissions import Role
from tests.application.messages.teller import Teller, address, number


def manual(patient: UUID, **more: Any) -> Notice:
    """Return a notice that is always true and can wait."""
    return Notice(kind=Kind.MANUAL, key=f"manual:{uuid4()}", patient=patient, **more)


async def said(teller: Teller, patient: PatientId, words: str = "Please bring your card") -> Notice:
    """Return such a notice with something to say."""
    text = uuid4()
    await teller.change(
        "INSERT INTO free_text (tenant_id, text_id, body, salt, patient_id) VALUES ($1, $2, $3, 'salt', $4)",
        teller.clinic.tenant,
        text,
        words,
        patient,
    )
    return manual(patient, clinic=teller.clinic.id, facts={"textId": str(text)})


async def test_a_guardian_reads_for_a_child_in_their_own_language_and_at_their_own_address(teller: Teller) -> None:
    to = address()
    guardian = await teller.patient("Aparna Menon", email=to, language="hi")
    child = await teller.patient("Tara Menon", email=address(), guardian_id=guardian)
    await teller.tell(await said(teller, child))
    await teller.work()
    (letter,) = teller.everything
    assert (letter.to, letter.language) == (to, "hi")
    (row,) = await teller.rows("SELECT patient_id, reader_id FROM message")
    assert (row["patient_id"], row["reader_id"]) == (child, guardian)


@pytest.mark.parametrize(
    ("refused", "off", "through"),
    [
        ([], [], [Channel.EMAIL]),
        ([], [Channel.EMAIL], [Channel.WHATSAPP]),
        ([], [Channel.EMAIL, Channel.WHATSAPP, Channel.SMS], []),
        (["messages"], [], []),
        (["reminders"], [], [Channel.EMAIL]),
    ],
)
async def test_it_goes_through_what_the_reader_wants_and_not_at_all_if_they_want_nothing(
    teller: Teller, refused: list[str], off: list[Channel], through: list[Channel]
) -> None:
    patient = await teller.patient(email=address(), phone=number())
    for kind in refused:
        await teller.change(
            "INSERT INTO patient_consent (tenant_id, patient_id, kind, given, recorded_at)"
            " VALUES ($1, $2, $3, false, now())",
            teller.clinic.tenant,
            patient,
            kind,
        )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, patient, {(Kind.MANUAL, channel): False for channel in off})
    await teller.tell(await said(teller, patient))
    await teller.work()
    assert [channel for channel in Channel if teller.told(channel)] == through
    assert await teller.waiting(NOTIFY_JOB) == []


async def _may_go_at(teller: Teller, kind: Kind, at: str, hours: tuple[str, str], zone: str) -> str:
    """Return when a message may go to somebody with these quiet hours."""
    patient = await teller.patient()
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        start, end = (time.fromisoformat(one) for one in hours)
        await preferences.put_hours(tx, patient, OwnHours(start=start, end=end, timezone=zone))
        found = await reaching.may_go_at(
            tx, patient, teller.clinic.id, kind, Channel.SMS, datetime.fromisoformat(at), expires_at=None
        )
    return found.astimezone(UTC).isoformat()[:16]


@pytest.mark.parametrize(
    ("at", "hours", "goes"),
    [
        # The night in which the clocks go forward has an hour less, the other one an hour more.
        ("2026-03-08T04:00+00:00", ("21:00", "07:00"), "2026-03-08T11:00"),
        ("2026-11-01T04:00+00:00", ("21:00", "07:00"), "2026-11-01T12:00"),
        # An end that is skipped comes as late as without the change, one that comes twice the first time.
        ("2026-03-08T05:00+00:00", ("22:00", "02:30"), "2026-03-08T07:30"),
        ("2026-11-01T03:00+00:00", ("22:00", "01:30"), "2026-11-01T05:30"),
        # By day, and on the edges: the start is quiet, the end is not.
        ("2026-03-08T16:00+00:00", ("21:00", "07:00"), "2026-03-08T16:00"),
        ("2026-03-09T01:00+00:00", ("21:00", "07:00"), "2026-03-09T11:00"),
        ("2026-03-08T11:00+00:00", ("21:00", "07:00"), "2026-03-08T11:00"),
    ],
)
async def test_nobody_is_woken_on_the_nights_when_the_clocks_change_either(
    teller: Teller, at: str, hours: tuple[str, str], goes: str
) -> None:
    assert await _may_go_at(teller, Kind.BOOKED, at, hours, "America/New_York") == goes
    assert await _may_go_at(teller, Kind.WAITLIST_REMINDER, at, hours, "America/New_York") == goes
    assert await _may_go_at(teller, Kind.CALLED, at, hours, "America/New_York") == at[:16]


async def test_at_night_what_can_wait_waits_for_the_morning_and_is_looked_at_anew(teller: Teller) -> None:
    now = datetime.now(UTC)
    patient, other = [await teller.patient(phone=number()) for _ in range(2)]
    around = OwnHours(
        start=(now - timedelta(hours=2)).time().replace(second=0, microsecond=0),
        end=(now + timedelta(hours=3)).time().replace(second=0, microsecond=0),
        timezone="UTC",
    )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put_hours(tx, patient, around)
    soon = now + timedelta(hours=1)
    await teller.tell(
        await said(teller, patient),
        await said(teller, other),
        # Of no use any more in the morning.
        Notice(
            kind=Kind.MANUAL,
            key=f"manual:{uuid4()}",
            patient=patient,
            facts=(await said(teller, patient, "The gate closes at eight")).facts,
            expires_at=soon,
        ),
    )
    await teller.work()
    assert sorted(letter.text.count("gate") for letter in teller.told(Channel.WHATSAPP)) == [0, 1]
    (held,) = await teller.waiting(NOTIFY_JOB)
    assert 2.9 * 3600 < held["seconds"] <= 3 * 3600
    # By the morning they have said that they want no messages.
    await teller.change(
        "INSERT INTO patient_consent (tenant_id, patient_id, kind, given, recorded_at)"
        " VALUES ($1, $2, 'messages', false, now())",
        teller.clinic.tenant,
        patient,
    )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put_hours(tx, patient, None)
    await teller.work(also_later=True)
    assert len(teller.everything) == 2


@pytest.mark.parametrize(
    ("evening", "morning"),
    [("2026-03-08T01:30+00:00", "2026-03-08T11:00+00:00"), ("2026-11-01T00:30+00:00", "2026-11-01T12:00+00:00")],
)
async def test_a_place_in_the_pace_that_falls_into_a_night_of_any_length_is_given_up_for_the_morning(
    teller: Teller, evening: str, morning: str
) -> None:
    """It is half past eight in New York, quiet from nine on, and an hour's worth of messages stands before this one."""
    patient, now = await teller.patient(phone=number()), datetime.fromisoformat(evening)
    told = Told(kind=Kind.MANUAL, patient_id=patient, clinic_id=teller.clinic.id)
    about = Addressed(told=told, notice="manual", patient=patient, clinic=teller.clinic.id)
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        hours = OwnHours(start=time(21), end=time(7), timezone="America/New_York")
        await preferences.put_hours(tx, patient, hours)
        await tx.run(
            "INSERT INTO message_pace (tenant_id, channel, urgent, tat)"
            " VALUES ($1, 'whatsapp', false, now() + interval '65 minutes')",
            tx.tenant,
        )
        reader = await readers.reader(tx, patient)
        assert reader is not None
        held = await teller.notifying.next(tx, about, reader, now, among=tuple(Channel))
        assert held is not None
        assert (held.is_night, held.due_at) == (True, datetime.fromisoformat(morning))
        await tx.run("DELETE FROM message_pace")
        goes = await teller.notifying.next(tx, about, reader, now, among=tuple(Channel))
        assert goes is not None
        assert (goes.is_night, goes.due_at) == (False, now)


async def test_mail_wakes_nobody_and_a_phone_is_silent_in_the_clinics_quiet_hours(teller: Teller) -> None:
    patient = await teller.patient(email=address(), phone=number())
    await teller.change("DELETE FROM waitlist_policy")  # from nine in the evening until eight, then
    night = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    await teller.change("UPDATE clinic SET timezone = 'UTC'")
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        for channel, goes in ((Channel.EMAIL, night), (Channel.SMS, datetime(2026, 6, 11, 8, tzinfo=UTC))):
            found = await reaching.may_go_at(
                tx, patient, teller.clinic.id, Kind.BOOKED, channel, night, expires_at=None
            )
            assert found == goes


async def test_an_organisation_sends_no_more_than_it_wants_to_and_what_is_urgent_does_not_stand_behind(
    teller: Teller,
) -> None:
    limits = TenantLimits(settings=teller.settings, db=teller.graph.db, recorder=Recorder())
    await limits.put(
        teller.clinic.actor(Role.ADMIN), teller.clinic.tenant, RateLimitsBody(whatsapp_messages_per_minute=2)
    )
    patients = [await teller.patient(phone=number()) for _ in range(4)]
    await teller.tell(*[await said(teller, patient) for patient in patients])
    await teller.work()
    line = await teller.line(patients[0])
    await teller.desk("check-in", line[0])
    await teller.desk("call-next", teller.clinic.doctors[0])
    await teller.work()
    kinds = [kind for kind, _, state in await teller.messages() if state == "sent"]
    assert sorted(kinds) == ["called", "manual"]
    # Half of the pace is for what can wait: one a minute, each at its place, none dropped.
    waits = [round(job["seconds"] / 60) for job in await teller.waiting(SEND_JOB)]
    assert waits == [1, 2, 3]
    await teller.send(also_later=True)
    assert len(teller.everything) == 5


async def test_the_same_notice_is_told_once_whatever_is_repeated(teller: Teller) -> None:
    patient = await teller.patient(email=address(), phone=number())
    notice = await said(teller, patient)
    await teller.tell(notice, notice)
    (job,) = await teller.jobs(NOTIFY_JOB)
    await teller.notifying.run(job)
    await teller.notifying.run(job)  # a worker that had lost it
    await teller.send()
    await teller.change("DELETE FROM job WHERE kind = $1", NOTIFY_JOB)  # pruned, and asked for again
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, patient, {(Kind.MANUAL, Channel.EMAIL): False})
    await teller.tell(notice)
    for _ in range(2):
        await teller.work(also_later=True)
    assert await teller.messages() == [("manual", "email", "sent")]
    assert len(teller.everything) == 1


async def test_whoever_cannot_be_reached_is_nobodys_error(teller: Teller) -> None:
    patient = await teller.patient()
    await teller.tell(await said(teller, patient), manual(uuid4()))
    await teller.work()
    assert (await teller.messages(), await teller.waiting(NOTIFY_JOB)) == ([], [])


async def test_addresses_that_somebody_has_shown_to_be_theirs_do_where_none_was_taken_down(teller: Teller) -> None:
    patient, account, shown = await teller.patient(), uuid4(), address()
    await teller.change(
        "INSERT INTO account (tenant_id, account_id, role, name, patient_id) VALUES ($1, $2, 'patient', 'N', $3)",
        teller.clinic.tenant,
        account,
        patient,
    )
    await teller.change(
        "INSERT INTO sign_in_contact (tenant_id, contact, account_id) VALUES ($1, $2, $3)",
        teller.clinic.tenant,
        shown,
        account,
    )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        reader = await readers.reader(tx, patient)
    assert reader is not None
    assert [reaching.address(reader, channel) for channel in (Channel.EMAIL, Channel.SMS, Channel.PUSH)] == [
        shown,
        None,
        None,
    ]
