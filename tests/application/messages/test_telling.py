"""What people are told of what happens to their visits: once, when it is so, and not what was taken back."""

import json
from datetime import date, timedelta
from uuid import UUID

from queue_server.application import desk_bodies as bodies
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.rescheduling import Rescheduling
from queue_server.application.booking.visits import Visits
from queue_server.application.messages.telling import AHEAD_JOB, ANNOUNCE_JOB, NOTIFY_JOB
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.unit import Unit
from queue_server.application.waitlist.giving import give
from queue_server.store.messages import Channel
from scheduling_core.ids import WaitlistId
from scheduling_core.live_queue.state import Priority
from tests.application.booking.moving import Moving
from tests.application.messages.teller import Teller, address, number
from tests.application.slots.conftest import Practice
from tests.application.waitlist.loop import Loop
from tests.application.waitlist.people import Waitlist
from tests.factories import in_days


def moving_of(teller: Teller) -> Moving:
    """Return the ways to book and move, at the desk."""
    graph = teller.graph
    booking = SlotBooking(graph.writes, graph.directory, graph.links, 15)
    rescheduling = Rescheduling(graph.writes, graph.directory, graph.links, 15)
    cancelling = Cancelling(graph.writes, graph.directory, graph.links)
    return Moving(Practice(graph.db, teller.clinic), booking, rescheduling, cancelling)


async def first_slots(teller: Teller, moving: Moving, day: date) -> list[UUID]:
    """Return the slots of a day, generated."""
    await moving.practice.regenerate(day, day)
    return [row["slot_id"] for row in await moving.practice.slots()]


async def test_a_booking_is_told_with_its_link_and_remembered_the_day_before_and_a_move_is_told_anew(
    teller: Teller,
) -> None:
    moving, to = moving_of(teller), address()
    first, second, *_ = await first_slots(teller, moving, in_days(5))
    booked = await moving.book(first, patient=BookedPatient(name="Oriol Puig", email=to))
    made = await teller.waiting(NOTIFY_JOB)
    assert [json.loads(job["payload"])["kind"] for job in made] == ["booked", "reminder"]
    assert made[0]["seconds"] > 5  # reception may still take it back
    assert made[1]["seconds"] > 3 * 24 * 3600
    names = [job["payload"] for job in made]
    assert not any("Oriol" in name or to in name for name in names)

    await moving.move(booked, second)
    await teller.work()
    (moved,) = teller.told(Channel.EMAIL)
    assert moved.to == to
    assert f"{teller.settings.public_url}/t/" in moved.text

    # What was said of the first time is not so any more, and each visit has one reminder.
    await teller.work(also_later=True)
    assert await teller.messages() == [("booked", "email", "sent"), ("reminder", "email", "sent")]


async def test_nothing_is_told_that_was_taken_back_and_what_stands_is_told_once(teller: Teller) -> None:
    patient = await teller.patient(email=address())
    visit, *_ = await teller.line(patient, await teller.patient())
    doctor = teller.clinic.doctors[0]
    for _ in range(2):
        cancelled = await teller.desk("cancel", visit)
        await teller.desk("undo", doctor, bodies.UndoBody(version=cancelled["version"]))
    walked = bodies.WalkInBody(patient=bodies.PatientBody(name="Ilse Maurer", email=address()))
    walked_in = await teller.desk("walk-in", doctor, walked)
    await teller.desk("undo", doctor, bodies.UndoBody(version=walked_in["version"]))
    await teller.work(also_later=True)
    assert teller.everything == []

    await teller.desk("cancel", visit)
    await teller.work()
    assert teller.everything == []
    for _ in range(2):
        await teller.work(also_later=True)
    (letter,) = teller.told(Channel.EMAIL)
    assert await teller.messages() == [("cancelled", "email", "sent")]
    assert "/book" in letter.text


async def test_who_is_called_hears_of_it_at_once_and_not_when_it_is_over(teller: Teller) -> None:
    quick, slow = [await teller.patient(phone=number()) for _ in range(2)]
    first, second = await teller.line(quick, slow)
    doctor = teller.clinic.doctors[0]
    for visit in (first, second):
        await teller.desk("check-in", visit)
    await teller.desk("call-next", doctor)
    await teller.work()
    assert [(letter.is_urgent, letter.to.startswith("+44")) for letter in teller.told(Channel.WHATSAPP)] == [
        (True, True)
    ]
    await teller.desk("start", first)
    await teller.desk("complete", first)
    await teller.desk("call-next", doctor)
    await teller.desk("start", second)
    await teller.work(also_later=True)
    assert len(teller.everything) == 1


async def test_who_walks_in_is_given_their_link(teller: Teller) -> None:
    to = address()
    patient = bodies.PatientBody(name="Ilse Maurer", email=to, language="es")
    await teller.desk("walk-in", teller.clinic.doctors[0], bodies.WalkInBody(patient=patient))
    await teller.work()
    assert teller.everything == []
    await teller.work(also_later=True)
    (letter,) = teller.told(Channel.EMAIL)
    assert (letter.to, letter.language) == (to, "es")


async def test_what_is_critical_is_told_to_all_who_wait_at_once_and_a_delay_when_it_stands(teller: Teller) -> None:
    patients = [await teller.patient(phone=number()) for _ in range(3)]
    line = await teller.line(*patients)
    doctor = teller.clinic.doctors[0]
    await teller.desk("no-show", line[0], bodies.NoShowBody(grace_period=0))
    told = bodies.EmergencyBody(message="The lift is out of order", priority=Priority.CRITICAL)
    await teller.desk("emergency", doctor, told)
    await teller.work()
    letters = teller.told(Channel.WHATSAPP)
    assert len(letters) == 2
    assert all("The lift is out of order" in letter.text for letter in letters)

    delay = bodies.EmergencyBody(message="Delayed", priority=Priority.NORMAL, estimated_delay=35)
    issued = await teller.desk("emergency", doctor, delay)
    await teller.desk("undo", doctor, bodies.UndoBody(version=issued["version"]))
    await teller.desk("emergency", doctor, delay)
    assert [job["seconds"] > 5 for job in await teller.waiting(ANNOUNCE_JOB)] == [True, True]
    for job in await teller.jobs(ANNOUNCE_JOB, also_later=True):
        await teller.lines.announce(job)
    await teller.change("DELETE FROM job WHERE kind = $1", AHEAD_JOB)
    await teller.work()
    assert ["35" in letter.text for letter in letters[2:]] == [True, True]


async def test_who_is_nearly_next_is_told_once_however_often_the_line_moves(teller: Teller) -> None:
    patients = [await teller.patient(phone=number()) for _ in range(6)]
    line = await teller.line(*patients)
    doctor = teller.clinic.doctors[0]
    for visit in line[:3]:
        await teller.desk("check-in", visit)
    await teller.desk("call-next", doctor)
    for visit in line[:2]:
        await teller.desk("start", visit, bodies.StartBody(complete_current=True))
        await teller.desk("call-next", doctor)
    assert len(await teller.waiting(AHEAD_JOB)) == 3
    (one, *others) = await teller.jobs(AHEAD_JOB, also_later=True)
    for job in (others[-1], one, *others):  # the last one does the work of all
        await teller.lines.ahead(job)
    assert await teller.waiting(AHEAD_JOB) == []
    await teller.work()
    rows = await teller.rows("SELECT patient_id, facts FROM message WHERE kind = 'ahead' ORDER BY created_at")
    assert {(row["patient_id"], json.loads(row["facts"])["ahead"]) for row in rows} == {
        (patients[4], 1),
        (patients[5], 2),
    }
    await teller.desk("cancel", line[3])
    await teller.work(also_later=True)
    assert len(await teller.rows("SELECT FROM message WHERE kind = 'ahead'")) == 2


async def test_nobody_is_hurried_in_the_morning_for_the_afternoon(teller: Teller) -> None:
    patients = [await teller.patient(phone=number()) for _ in range(3)]
    line = await teller.line(*patients, apart=100)
    await teller.desk("check-in", line[0])
    await teller.desk("call-next", teller.clinic.doctors[0])
    await teller.work(also_later=True)
    assert [kind for kind, _, _ in await teller.messages()] == ["called"]
    # The second of those who are left is told an hour before their turn, not at a call that is far away.
    (later,) = await teller.waiting(AHEAD_JOB)
    assert 3600 < later["seconds"] <= 200 * 60 - 3600


async def test_the_waitlist_tells_what_it_does_and_asks_again_when_half_of_the_time_is_over(teller: Teller) -> None:
    waitlist, practice = Waitlist(teller.graph, teller.clinic), Practice(teller.graph.db, teller.clinic)
    await practice.regenerate(in_days(3), in_days(3))
    loop = Loop(teller.settings, teller.graph, practice, waitlist)
    entry = await waitlist.join(await teller.patient(phone=number()))
    await loop.offer(entry, (await loop.slots())[0], seconds=600)
    await teller.work()
    assert await teller.messages() == [
        ("waitlist_joined", "whatsapp", "sent"),
        ("waitlist_invited", "whatsapp", "sent"),
    ]
    (nudge,) = await teller.waiting(NOTIFY_JOB)
    assert 240 < nudge["seconds"] <= 300
    (invited,) = [letter for letter in teller.told(Channel.WHATSAPP) if letter.is_urgent]
    assert "/invite/" in invited.text
    assert invited.lifetime is not None
    assert invited.lifetime <= timedelta(seconds=600)

    await loop.answering.decline(await loop.token(entry))
    await teller.work(also_later=True)
    assert len(teller.everything) == 2

    # Whoever is given a time hears of it once, as who has come from the list, and is reminded of it.
    visits = Visits(teller.graph.directory, 15)
    slot = (await loop.slots())[1]

    async def promote(unit: Unit) -> tuple[object, int | None]:
        await give(unit, visits, WaitlistId(UUID(entry["id"])), slot)
        return None, None

    await teller.graph.writes.run(waitlist.desk, "promote-from-waitlist", promote)
    await teller.work()
    assert (await teller.messages())[2:] == [("waitlist_promoted", "whatsapp", "sent")]
    (reminder,) = await teller.waiting(NOTIFY_JOB)
    assert reminder["key"].startswith("reminder:")


async def test_an_offer_that_is_not_answered_is_told_a_second_time_and_never_a_third(teller: Teller) -> None:
    waitlist, practice = Waitlist(teller.graph, teller.clinic), Practice(teller.graph.db, teller.clinic)
    await practice.regenerate(in_days(3), in_days(3))
    loop = Loop(teller.settings, teller.graph, practice, waitlist)
    entry = await waitlist.join(await teller.patient(phone=number()))
    await loop.offer(entry, (await loop.slots())[0], seconds=600)
    for _ in range(3):
        await teller.work(also_later=True)
    kinds = [kind for kind, _, _ in await teller.messages()]
    assert kinds == ["waitlist_joined", "waitlist_invited", "waitlist_reminder"]
