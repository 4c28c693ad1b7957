"""Between two attempts at a message anything may change: its reader, the hour, what the provider makes of it; and what
can never be sent is found among the dead letters, whyever that is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from queue_server.application.actor import system
from queue_server.application.job_page import JobPage, RetryBody
from queue_server.application.messages.dead import DeadLetters
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.outbox import SEND_JOB
from queue_server.application.messages.sending import NEVER_ENDED
from queue_server.application.messages.telling import NOTIFY_JOB
from queue_server.application.unit import Recorder, Unit
from queue_server.application.upkeep import prune
from queue_server.application.waitlist.bodies import Wanted
from queue_server.application.waitlist.model import happen, lock_entry
from queue_server.messaging import MessageDelayed, MessageRefused, ProviderPaused
from queue_server.messaging.http_provider import token
from queue_server.store import job_store, preferences
from queue_server.store.messages import Channel
from queue_server.store.preferences import OwnHours
from scheduling_core.ids import PatientId, WaitlistId
from scheduling_core.permissions import Role
from scheduling_core.waitlist.events import WaitlistExpired
from tests.application.messages.teller import Teller, address, number
from tests.application.messages.test_delivery import told, work
from tests.application.messages.test_notifying import said
from tests.application.waitlist.people import Waitlist


async def delayed(teller: Teller, **particulars: Any) -> PatientId:
    """Return whose message waits for its second attempt."""
    patient = await teller.patient("Rahel Tesfaye", **particulars)
    for channel in teller.channels.values():
        channel.fails = [MessageDelayed("the provider is asleep")]
    await teller.tell(await said(teller, patient))
    await teller.work()
    for channel in teller.channels.values():
        channel.fails = []
    return patient


async def fates(teller: Teller) -> list[tuple[str, str, str | None]]:
    """Return channel, state and reason of the messages, in the order in which they were made."""
    rows = await teller.rows("SELECT channel, state, last_error FROM message ORDER BY created_at, message_id")
    return [(row["channel"], row["state"], row["last_error"]) for row in rows]


class Breaks:
    """A channel with a fault of its own."""

    async def send(self, letter: object) -> str | None:
        """Fail as nobody has foreseen."""
        raise KeyError("+441632960123")


async def test_a_channel_that_breaks_as_nobody_has_foreseen_fails_the_message_as_others_do(teller: Teller) -> None:
    await teller.tell(await said(teller, await teller.patient(phone=number())))
    broken = teller.with_channels({**teller.channels, Channel.WHATSAPP: Breaks(), Channel.SMS: Breaks()})
    await teller.work(sending=broken)
    for _ in range(20):
        await teller.send(also_later=True, sending=broken)
    reason = "the channel failed (KeyError)"
    assert await fates(teller) == [("whatsapp", "passed_on", reason), ("sms", "dead", reason)]


async def test_a_message_that_cannot_be_written_is_dead_after_all_its_attempts(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teller.tell(await said(teller, await teller.patient(email=address())))
    for job in await teller.jobs(NOTIFY_JOB):
        await teller.notifying.run(job)
    await teller.change("""UPDATE message SET facts = '{"textId": "no id"}'""")
    for _ in range(10):
        assert [state for _, state, _ in await fates(teller)] == ["queued"]
        await teller.send(also_later=True)
    assert await fates(teller) == [("email", "dead", "it cannot be written (ValueError)")]
    assert await teller.rows("SELECT FROM job WHERE kind = $1 AND state = 'dead'", SEND_JOB) != []


async def test_a_message_that_takes_its_workers_down_is_dead_before_its_job_is(teller: Teller) -> None:
    await teller.tell(await said(teller, await teller.patient(email=address())))
    for job in await teller.jobs(NOTIFY_JOB):
        await teller.notifying.run(job)
    for _ in range(10):
        # Taken, and nobody hears of that worker again; another one finds it taken, and comes back later.
        (job,) = await teller.jobs(SEND_JOB, also_later=True)
        assert await teller.sending._take(job) is not None
        await teller.send(also_later=True)
        await teller.change("UPDATE message SET sending_until = now() - interval '1 second'")
    (job,) = await teller.jobs(SEND_JOB, also_later=True)
    assert job.attempts < 20, "the job is not given up before the message"
    await teller.sending.send(job)
    assert await fates(teller) == [("email", "dead", NEVER_ENDED)]
    assert teller.everything == []


async def test_what_is_tried_again_at_night_waits_for_the_morning(teller: Teller) -> None:
    patient = await delayed(teller, phone=number())
    now = datetime.now(UTC)
    start, end = ((now + timedelta(hours=hours)).time().replace(second=0, microsecond=0) for hours in (-2, 4))
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put_hours(tx, patient, OwnHours(start=start, end=end, timezone="UTC"))
    await teller.send(also_later=True)
    assert teller.everything == []
    (waits,) = await teller.waiting(SEND_JOB)
    assert 3 * 3600 < waits["seconds"] < 5 * 3600
    (row,) = await teller.rows("SELECT attempts FROM message")
    assert row["attempts"] == 1
    await teller.tell(await said(teller, patient))
    await teller.work()
    assert len(await teller.waiting(NOTIFY_JOB)) == 1
    shown = await JobPage(teller.graph.db, Recorder()).show(teller.clinic.actor(Role.ADMIN))
    assert shown.failures == (), "to wait is no failure"
    await teller.change("DELETE FROM notification_hours")
    await teller.work(also_later=True)
    assert len(teller.told(Channel.WHATSAPP)) == 2


async def test_whoever_has_had_enough_meanwhile_hears_nothing_more(teller: Teller) -> None:
    patient = await delayed(teller, phone=number())
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, patient, {(Kind.MANUAL, Channel.WHATSAPP): False})
    await teller.send(also_later=True)
    await teller.change(
        "INSERT INTO patient_consent (tenant_id, patient_id, kind, given, recorded_at)"
        " VALUES ($1, $2, 'messages', false, now())",
        teller.clinic.tenant,
        patient,
    )
    await teller.send(also_later=True)
    no_more = "its reader does not want it this way any more"
    assert await fates(teller) == [("whatsapp", "passed_on", no_more), ("sms", "expired", no_more)]
    assert teller.everything == []


async def test_a_message_follows_its_reader_to_another_number_and_stops_where_somebody_else_reads(
    teller: Teller,
) -> None:
    patient, now_at = await delayed(teller, phone=number()), number()
    await teller.change("UPDATE patient SET phone = $2 WHERE patient_id = $1", patient, now_at)
    await teller.send(also_later=True)
    assert [letter.to for letter in teller.told(Channel.WHATSAPP)] == [now_at]

    child, guardian = await delayed(teller, phone=number()), await teller.patient("Sara Tesfaye", email=address())
    await teller.change("UPDATE patient SET guardian_id = $2 WHERE patient_id = $1", child, guardian)
    await teller.send(also_later=True)
    assert len(teller.everything) == 1
    assert (await fates(teller))[-1] == ("whatsapp", "expired", "somebody else reads for this patient by now")


async def test_what_a_provider_took_and_could_not_deliver_is_another_message_to_it_when_it_is_sent_again(
    teller: Teller,
) -> None:
    """It knows what it took by its token, and would send nothing."""
    patient = await teller.patient(phone=number())
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, patient, {(Kind.MANUAL, Channel.SMS): False})
    await teller.tell(await said(teller, patient))
    await teller.work()
    (letter,) = teller.told(Channel.WHATSAPP)
    await told(teller, letter.id, "failed")
    await work(teller)
    assert [state for _, state, _ in await fates(teller)] == ["dead"]
    await DeadLetters(teller.graph.db, Recorder()).resend(teller.clinic.actor(Role.ADMIN), letter.id)
    teller.channels[Channel.WHATSAPP].fails = [MessageDelayed("the provider is asleep")]
    teller.channels[Channel.WHATSAPP].letters.clear()
    await teller.send()
    await teller.send(also_later=True)
    (again,) = teller.told(Channel.WHATSAPP)
    assert again.id == letter.id
    assert token(again) != token(letter)


async def test_a_failure_that_is_told_before_the_message_is_noted_as_sent_waits_for_that_however_long(
    teller: Teller,
) -> None:
    await delayed(teller, phone=number())
    (row,) = await teller.rows("SELECT message_id FROM message")
    message: UUID = row["message_id"]
    await told(teller, message, "undelivered")
    for _ in range(25):
        (job,) = await teller.jobs("message_undelivered", also_later=True)
        assert job.attempts < 10
        await teller.sending.undelivered(job)
    await teller.send(also_later=True)
    (job,) = await teller.jobs("message_undelivered", also_later=True)
    await teller.sending.undelivered(job)
    assert [(channel, state) for channel, state, _ in await fates(teller)] == [
        ("whatsapp", "passed_on"),
        ("sms", "queued"),
    ]


async def test_who_leaves_the_waitlist_or_has_waited_too_long_is_told_so(teller: Teller) -> None:
    waitlist = Waitlist(teller.graph, teller.clinic)
    patients = [await teller.patient(name, email=address()) for name in ("Olu Adeyemi", "Ines Prado")]
    leaves, stays = [await waitlist.join(patient) for patient in patients]
    await teller.work()
    await waitlist.change(leaves, status=Wanted.CANCELLED)

    async def expire(unit: Unit) -> tuple[object, int | None]:
        happen(unit, await lock_entry(unit, WaitlistId(UUID(stays["id"]))), [WaitlistExpired()])
        return None, None

    await teller.graph.writes.run(system(teller.clinic.tenant), "expire-waitlist-entry", expire)
    teller.channels[Channel.EMAIL].letters.clear()
    await teller.work()
    assert sorted(kind for kind, _, _ in await teller.messages())[:2] == ["waitlist_cancelled", "waitlist_expired"]
    to = [await teller.rows("SELECT email FROM patient WHERE patient_id = $1", patient) for patient in patients]
    assert sorted(letter.to for letter in teller.told(Channel.EMAIL)) == sorted(row["email"] for (row,) in to)


async def test_jobs_that_were_given_up_go_when_nobody_has_asked_for_them_as_long_as_for_messages(
    teller: Teller,
) -> None:
    for days in (89, 91):
        await teller.change(
            "INSERT INTO job (tenant_id, kind, key, due_at, state, finished_at) VALUES ($1, 'send_message', $2,"
            " now() - make_interval(days => $3), 'dead', now() - make_interval(days => $3))",
            teller.clinic.tenant,
            f"{days} {uuid4()}",
            days,
        )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await job_store.enqueue(tx, "prune", "recurring", {}, datetime.now(UTC))
    for job in await teller.jobs("prune", also_later=True):
        await prune(teller.graph.db, job)
    rows = await teller.rows("SELECT key FROM job WHERE state = 'dead'")
    assert [row["key"][:2] for row in rows] == ["89"]


async def test_the_job_of_a_dead_letter_that_is_done_again_sends_it(teller: Teller) -> None:
    await teller.tell(await said(teller, await teller.patient(email=address())))
    teller.channels[Channel.EMAIL].always = MessageRefused("no such recipient (550)")
    await teller.work()
    teller.channels[Channel.EMAIL].always = None
    page = JobPage(teller.graph.db, Recorder())
    assert (await page.retry(teller.clinic.actor(Role.ADMIN), RetryBody(kind=SEND_JOB))).retried == 1
    await teller.send()
    assert [state for _, state, _ in await fates(teller)] == ["sent"]
    assert len(teller.everything) == 1


async def test_how_many_are_before_somebody_is_counted_when_it_is_told(teller: Teller) -> None:
    """A provider may have been away: who runs because of an old number runs in vain, or comes too late."""
    patients = [await teller.patient(f"Lindiwe {name}") for name in ("Zulu", "Nkosi", "Dube")]
    patients.append(await teller.patient("Lindiwe Khoza", email=address()))
    for visit in await teller.line(*patients, apart=0.01):
        await teller.desk("check-in", visit)
    for channel in teller.channels.values():
        channel.fails = [ProviderPaused("the provider is left alone", timedelta(seconds=30))] * 3
    await teller.desk("call-next", teller.clinic.doctors[0])
    await teller.work(also_later=True)
    (row,) = await teller.rows("SELECT facts ->> 'ahead' AS ahead FROM message WHERE kind = 'ahead'")
    assert row["ahead"] == "2"
    called = await teller.rows("SELECT entry_id FROM queue_entry WHERE state = 'called'")
    await teller.desk("start", called[0]["entry_id"])
    await teller.desk("complete", called[0]["entry_id"])
    await teller.desk("call-next", teller.clinic.doctors[0])
    for channel in teller.channels.values():
        channel.fails = []
    await teller.send(also_later=True)
    (letter,) = teller.everything
    assert " 1 " in f" {letter.text} ", letter.text


async def test_what_can_wait_does_not_wait_for_ever_for_a_provider_that_is_left_alone(teller: Teller) -> None:
    """Nobody counts attempts at it: a reminder would come to its end beside a channel that works."""
    away = ProviderPaused("the provider is left alone", timedelta(seconds=30))
    teller.channels[Channel.EMAIL].always = away
    await teller.tell(await said(teller, await teller.patient(email=address(), phone=number())))
    await teller.work()
    await teller.send(also_later=True)
    assert await fates(teller) == [("email", "queued", away.reason)]
    await teller.change("UPDATE message SET created_at = created_at - interval '20 minutes'")
    for _ in range(2):
        await teller.send(also_later=True)
    assert await fates(teller) == [("email", "passed_on", away.reason), ("whatsapp", "sent", None)]
