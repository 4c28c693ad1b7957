"""What becomes of messages when channels, workers and addresses fail: the next channel, another worker, a dead letter
with its reason; and nobody is told twice."""

import asyncio
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.messages.dead import DeadLetters
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.log import LogFilter, MessageLog
from queue_server.application.messages.manual import Manual, ManualBody
from queue_server.application.messages.outbox import SEND_JOB
from queue_server.application.messages.telling import NOTIFY_JOB
from queue_server.application.patients.erasure import Erasure
from queue_server.application.patients.export import Export
from queue_server.application.unit import Recorder
from queue_server.application.waitlist.bodies import Wanted
from queue_server.messaging import AddressGone, Letter, MessageDelayed, MessageRefused, ProviderPaused
from queue_server.store import event_store, preferences, push_subscriptions
from queue_server.store.messages import Channel, State
from queue_server.store.preferences import OwnHours
from queue_server.store.push_subscriptions import PushSubscription
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, PatientId
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.application.booking.moving import once
from tests.application.messages.teller import Teller, address, number
from tests.application.messages.test_notifying import said
from tests.application.waitlist.people import Waitlist

REFUSED = MessageRefused("no such recipient (550)")


async def browser(teller: Teller, patient: PatientId) -> UUID:
    """Let a browser of a patient take pushes."""
    made = PushSubscription(
        id=uuid4(), endpoint=f"https://push.reader.example/{uuid4()}", p256dh="B" * 87, auth="a" * 22
    )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        return await push_subscriptions.add(tx, patient, made, 5)


async def called(teller: Teller, **particulars: Any) -> PatientId:
    """Call somebody whom all channels reach, and decide how they hear of it."""
    patient = await teller.patient(**({"email": address(), "phone": number()} | particulars))
    await browser(teller, patient)
    (visit,) = await teller.line(patient)
    await teller.desk("check-in", visit)
    await teller.desk("call-next", teller.clinic.doctors[0])
    for job in await teller.jobs(NOTIFY_JOB):
        await teller.notifying.run(job)
    return patient


async def test_what_one_channel_fails_goes_on_through_the_next_and_is_told_once(teller: Teller) -> None:
    patient = await called(teller)
    teller.channels[Channel.PUSH].always = AddressGone("the subscription has ended (410)")
    teller.channels[Channel.WHATSAPP].always = REFUSED
    for _ in range(4):
        await teller.send()
    assert await teller.messages() == [
        ("called", "push", "passed_on"),
        ("called", "whatsapp", "passed_on"),
        ("called", "sms", "sent"),
    ]
    assert len(teller.everything) == 1
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        assert await push_subscriptions.of_patient(tx, patient) == []
    rows = await teller.rows("SELECT last_error, provider_ref, message_id FROM message ORDER BY created_at")
    assert rows[1]["last_error"] == REFUSED.reason
    assert rows[2]["provider_ref"] == f"ref-{rows[2]['message_id']}"


async def test_every_browser_of_a_reader_is_pushed_to_and_one_of_them_is_enough(teller: Teller) -> None:
    patient = await called(teller)
    gone = await browser(teller, patient)
    teller.channels[Channel.PUSH].fails = [AddressGone("the subscription has ended (410)")]
    await teller.send()
    (letter,) = teller.told(Channel.PUSH)
    assert letter.subscription is not None
    assert letter.to != str(gone)
    assert await teller.messages() == [("called", "push", "sent")]


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (MessageDelayed("the provider is asleep"), 3),
        (ProviderPaused("the provider is left alone", timedelta(seconds=30)), 1),
    ],
)
async def test_what_cannot_wait_does_not_wait_for_a_provider(
    teller: Teller, failure: MessageDelayed, attempts: int
) -> None:
    await called(teller)
    teller.channels[Channel.PUSH].always = failure
    for _ in range(attempts):
        assert teller.everything == []
        await teller.send(also_later=True)
    await teller.send()
    assert await teller.messages() == [("called", "push", "passed_on"), ("called", "whatsapp", "sent")]


async def test_a_provider_that_is_left_alone_costs_what_can_wait_no_attempt(teller: Teller) -> None:
    patient = await teller.patient(email=address(), phone=number())
    await teller.tell(await said(teller, patient))
    await teller.work()
    teller.channels[Channel.EMAIL].letters.clear()
    other = await teller.patient(email=address(), phone=number())
    await teller.tell(await said(teller, other))
    teller.channels[Channel.EMAIL].always = ProviderPaused("the provider is left alone", timedelta(seconds=40))
    await teller.work()
    for _ in range(15):
        await teller.send(also_later=True)
    (waits,) = await teller.waiting(SEND_JOB)
    assert 30 < waits["seconds"] <= 40
    teller.channels[Channel.EMAIL].always = None
    await teller.send(also_later=True)
    assert len(teller.told(Channel.EMAIL)) == 1
    assert teller.told(Channel.WHATSAPP) == []


async def test_a_worker_that_dies_after_handing_over_is_followed_by_one_with_the_same_id(teller: Teller) -> None:
    """The provider knows the id, so the person is told once."""
    patient = await teller.patient(email=address(), phone=number())
    await teller.tell(await said(teller, patient))
    handed, ids = asyncio.Event(), list[UUID]()

    class Dies:
        async def send(self, letter: Letter) -> str | None:
            ids.append(letter.id)
            handed.set()
            await asyncio.Event().wait()
            return None

    doomed = asyncio.create_task(teller.work(sending=teller.with_channels({Channel.EMAIL: Dies()})))
    await asyncio.wait_for(handed.wait(), 15)
    doomed.cancel()
    await asyncio.gather(doomed, return_exceptions=True)
    await teller.send(also_later=True)
    assert teller.everything == []  # whoever has it may still be at it
    await teller.change("UPDATE message SET sending_until = now() - interval '1 second'")
    await teller.send(also_later=True)
    (letter,) = teller.everything
    assert ids == [letter.id]
    assert await teller.messages() == [("manual", "email", "sent")]


async def test_what_no_channel_takes_is_dead_with_the_reason_and_sent_again_under_its_id_when_that_is_mended(
    teller: Teller,
) -> None:
    log, dead = MessageLog(teller.graph.db), DeadLetters(teller.graph.db, Recorder())
    admin, elsewhere = teller.clinic.actor(Role.ADMIN), teller.clinic.actor(Role.ADMIN, clinics=(ClinicId(uuid4()),))
    patient, other = [await teller.patient(phone=number()) for _ in range(2)]
    await teller.tell(await said(teller, patient), await said(teller, other))
    for channel in teller.channels.values():
        channel.always = REFUSED
    await teller.work()
    await teller.send()
    found = (await log.dead(admin)).items
    assert {(one.kind, one.channel, one.state, one.reason) for one in found} == {
        (Kind.MANUAL, Channel.SMS, State.DEAD, REFUSED.reason)
    }
    assert (await log.dead(elsewhere)).items == []
    with pytest.raises(NotFound):
        await dead.resend(elsewhere, found[0].id)
    with pytest.raises(Forbidden):
        await dead.resend_all(teller.clinic.actor(Role.DOCTOR))
    assert (await dead.resend_all(elsewhere)).resent == 0

    now_at = number()
    await teller.change("UPDATE patient SET phone = $1", now_at)
    for channel in teller.channels.values():
        channel.always = None
    assert (await dead.resend(admin, found[0].id)).state is State.QUEUED
    with pytest.raises(Conflict):
        await dead.resend(admin, found[0].id)
    assert (await dead.resend_all(admin)).resent == 1
    for _ in range(2):
        await teller.send()
    assert {(letter.id, letter.to) for letter in teller.everything} == {(one.id, now_at) for one in found}
    assert len(teller.everything) == 2
    rows = await teller.rows("SELECT FROM event_store WHERE type = 'messages_resent'")
    assert len(rows) == 2


async def test_a_dead_letter_is_not_sent_again_when_it_is_too_late_for_it(teller: Teller) -> None:
    dead, admin = DeadLetters(teller.graph.db, Recorder()), teller.clinic.actor(Role.ADMIN)
    await called(teller)
    for channel in teller.channels.values():
        channel.always = REFUSED
    for _ in range(4):
        await teller.send()
    (row,) = await teller.rows("SELECT message_id FROM message WHERE state = 'dead'")
    await teller.change("UPDATE message SET expires_at = now()")
    with pytest.raises(Conflict):
        await dead.resend(admin, row["message_id"])
    assert (await dead.resend_all(admin)).resent == 0


async def test_what_staff_write_is_recorded_without_its_words_and_sent_to_each_once(teller: Teller) -> None:
    manual = Manual(teller.graph.writes, Recorder())
    waitlist = Waitlist(teller.graph, teller.clinic)
    patients = [await teller.patient(email=address()) for _ in range(2)]
    entries = [UUID((await waitlist.join(patient))["id"]) for patient in patients]
    twice = await waitlist.join(patients[0], doctor_id=None)
    await teller.work()
    body = ManualBody(waitlist_ids=(*entries, UUID(twice["id"])), message="We open\nan hour later")
    staff, key = teller.clinic.receptionist, once()
    with pytest.raises(InvalidValue):
        await manual.send(staff, body, msgspec.structs.replace(key, idempotency=None))
    with pytest.raises(NotFound):
        await manual.send(staff, ManualBody(waitlist_ids=(entries[0], uuid4()), message="Hello"), once())
    for _ in range(2):
        answer = await manual.send(staff, body, key)
        assert msgspec.json.decode(answer.body) == {"recipients": 2}
    before = len(teller.everything)
    await teller.work()
    written = teller.everything[before:]
    assert [("an hour later" in letter.text) for letter in written] == [True, True]
    rows = await teller.rows("SELECT data::text AS data FROM event_store WHERE type = 'manual_message_sent'")
    assert len(rows) == 1
    assert "hour" not in rows[0]["data"]
    (row, _) = await teller.rows("SELECT sent_by FROM message WHERE kind = 'manual'")
    assert row["sent_by"] == staff.account


async def test_the_log_goes_page_by_page_and_shows_the_staff_of_a_clinic_what_it_has_sent(teller: Teller) -> None:
    log = MessageLog(teller.graph.db)
    for _ in range(3):
        await teller.tell(await said(teller, await teller.patient(email=address())))
    await teller.work()
    clerk = teller.clinic.actor(Role.RECEPTIONIST, clinics=(teller.clinic.id,))
    first = await log.page(clerk, LogFilter(), limit=2)
    second = await log.page(clerk, LogFilter(), limit=2, cursor=first.next_cursor)
    assert len({one.id for one in (*first.items, *second.items)}) == 3
    assert second.next_cursor is None
    assert (await log.page(clerk, LogFilter(channel=Channel.SMS))).items == []
    stranger = teller.clinic.actor(Role.RECEPTIONIST, clinics=(ClinicId(uuid4()),))
    assert (await log.page(stranger, LogFilter())).items == []
    with pytest.raises(NotFound):
        await log.page(stranger, LogFilter(clinic=teller.clinic.id))


async def test_of_whoever_was_erased_nothing_is_left_to_send_and_what_was_kept_of_them_was_theirs_to_read(
    teller: Teller, world: AccessGraph
) -> None:
    admin = teller.clinic.actor(Role.ADMIN)
    patient = await teller.patient("Yusuf Amari", email=address())
    await browser(teller, patient)
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, patient, {(Kind.BOOKED, Channel.SMS): False})
        await preferences.put_hours(tx, patient, OwnHours(start=time(22), end=time(6, 30), timezone="Asia/Kolkata"))
    queued, waiting = await said(teller, patient, "Bring the small key"), await said(teller, patient)
    await teller.tell(queued)
    for job in await teller.jobs(NOTIFY_JOB):
        await teller.notifying.run(job)
    await teller.tell(waiting)

    waitlist = Waitlist(teller.graph, teller.clinic)
    waits = await waitlist.join(patient, notes="After the school run")
    kept = await Export(teller.graph.db, Recorder()).export(admin, patient)
    assert [(one.kind, one.channel, one.wanted) for one in kept.preferences] == [("booked", "sms", False)]
    assert kept.quiet_hours is not None
    assert (kept.quiet_hours.start, kept.quiet_hours.timezone, len(kept.browsers)) == ("22:00", "Asia/Kolkata", 1)
    assert {"Bring the small key", "After the school run"} <= set(kept.notes)
    assert [(str(one.id), one.clinic, one.status) for one in kept.waitlist] == [
        (waits["id"], "Riverside Clinic", "active")
    ]

    await waitlist.change(waits, status=Wanted.CANCELLED)
    await Erasure(teller.graph.db, Recorder(), world.standings).erase(admin, patient)
    await teller.work(also_later=True)
    assert (teller.everything, await teller.messages()) == ([], [])
    for table in ("notification_preference", "notification_hours", "push_subscription"):
        assert await teller.rows(f"SELECT FROM {table}") == []
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        assert await event_store.free_texts(tx, [UUID(queued.facts["textId"])]) == {}
