"""What schedulers have got wrong before: the classics, each with real transactions at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.booking.rescheduling import Rescheduling
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.store.db import Database
from scheduling_core.calendar.slots import lay_out
from scheduling_core.calendar.sources import Schedule, Sources
from scheduling_core.errors import DomainError, SlotUnavailable
from scheduling_core.ids import ClinicId, ScheduleId
from scheduling_core.live_queue.windows import day_bounds
from tests.application.booking.moving import Moving, once
from tests.application.slots.conftest import Practice, hours
from tests.factories import in_days, new_clinic
from tests.graph import Graph

DAY = 2
THEM = BookedPatient(name="Mei Chen", phone="+44 20 7946 0999")


async def outcome(work: Any) -> str:
    try:
        await work
    except DomainError as error:
        return error.code
    return "done"


async def test_two_people_confirm_one_slot_at_once(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    """Both had it on their screens as free; both go through hold and booking at the same moment."""
    await practice.takes_patients()
    slots = [await moving.slot(in_days(DAY), hour, minute) for hour in (9, 10, 11) for minute in (0, 30)]

    async def confirm(slot: UUID) -> None:
        somebody = guest(practice.clinic.tenant, new_token())
        kept = msgspec.json.decode((await holding.create(somebody, slot, HoldBody())).body)
        await booking.book(somebody, slot, BookBody(hold_id=UUID(kept["holdId"]), patient=THEM), once())

    for slot in slots:
        outcomes = Counter(await asyncio.gather(*(outcome(confirm(slot)) for _ in range(2))))
        assert outcomes == {"done": 1, "slot_unavailable": 1}
    assert await moving.taken(*slots) == [1] * len(slots)
    assert len(await practice.rows("SELECT 1 FROM appointment")) == len(slots)


async def test_one_hold_is_confirmed_twice_at_once(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    """A double click, or a second tab: the same hold with two keys is one appointment."""
    await practice.takes_patients()
    slot, somebody = await moving.slot(in_days(DAY), 9), guest(practice.clinic.tenant, new_token())
    kept = UUID(msgspec.json.decode((await holding.create(somebody, slot, HoldBody())).body)["holdId"])
    body = BookBody(hold_id=kept, patient=THEM)
    outcomes = await asyncio.gather(*(outcome(booking.book(somebody, slot, body, once())) for _ in range(4)))
    assert Counter(outcomes) == {"done": 1, "conflict": 3}
    assert await moving.taken(slot) == [1]


async def test_what_somebody_holds_staff_do_not_book_past_them(
    moving: Moving, practice: Practice, holding: Holding, booking: SlotBooking
) -> None:
    """Hold, then the desk books directly, again and again, while the holder confirms: the holder has it."""
    await practice.takes_patients()
    for minute in (0, 30):
        slot, somebody = await moving.slot(in_days(DAY), 9, minute), guest(practice.clinic.tenant, new_token())
        kept = UUID(msgspec.json.decode((await holding.create(somebody, slot, HoldBody())).body)["holdId"])
        body = BookBody(hold_id=kept, patient=THEM)
        desk = [outcome(moving.book(slot)) for _ in range(3)]
        mine, *others = await asyncio.gather(outcome(booking.book(somebody, slot, body, once())), *desk)
        assert (mine, set(others)) == ("done", {"slot_unavailable"})
        assert await moving.taken(slot) == [1]


async def test_a_hold_that_is_given_up_leaves_the_place_to_one_of_those_who_wait(
    moving: Moving, practice: Practice, holding: Holding
) -> None:
    await practice.takes_patients()
    slot, somebody = await moving.slot(in_days(DAY), 9), guest(practice.clinic.tenant, new_token())
    await holding.create(somebody, slot, HoldBody())
    assert await outcome(moving.book(slot)) == "slot_unavailable"
    _, *desk = await asyncio.gather(holding.release(somebody, slot), *(outcome(moving.book(slot)) for _ in range(3)))
    if "done" not in desk:
        # All of them came before the release: now it is free.
        desk = [await outcome(moving.book(slot))]
    assert Counter(desk)["done"] == 1
    assert await moving.taken(slot) == [1]


async def test_cancelled_and_booked_anew_at_the_same_moment(moving: Moving, practice: Practice) -> None:
    """The place is the next one's only when it is free: never two in it, never lost."""
    await practice.keeps_calendar()
    slot = await moving.slot(in_days(DAY), 9)
    booked = await moving.book(slot)
    for _ in range(8):
        cancelled, taken = await asyncio.gather(
            outcome(moving.cancel(booked)), moving.book(slot), return_exceptions=True
        )
        assert cancelled == "done"
        if isinstance(taken, SlotUnavailable):
            taken = await moving.book(slot)
        assert isinstance(taken, dict)
        assert await moving.taken(slot) == [1]
        booked = taken


async def test_moved_to_the_slot_where_it_is_while_others_want_it(moving: Moving) -> None:
    slot = await moving.slot(in_days(DAY), 9)
    booked = await moving.book(slot)
    mine, *others = await asyncio.gather(
        outcome(moving.move(booked, slot)), *(outcome(moving.book(slot)) for _ in range(4))
    )
    assert (mine, set(others)) == ("done", {"slot_unavailable"})
    assert await moving.taken(slot) == [1]


# ---- days on which clocks change -------------------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago")


def next_change(zone: str) -> date:
    """Return the next day of the zone that is longer or shorter than others, as far as slots reach."""
    for ahead in range(2, 178):
        day = in_days(ahead)
        start, end = day_bounds(day.isoformat(), zone)
        if end - start != timedelta(days=1):
            return day
    pytest.skip(f"{zone} changes no clocks before the longest horizon")


def nearest_zone() -> str:
    """Return one of the zones whose clocks change before the longest horizon: on any day of the year one does."""
    for ahead in range(2, 178):
        for zone in ZONES:
            start, end = day_bounds(in_days(ahead).isoformat(), zone)
            if end - start != timedelta(days=1):
                return zone
    raise AssertionError("no clocks change any more")


def at_wall(day: date, hour: int, zone: str) -> datetime:
    """Return the instant of an hour by the clock of that day; of one that comes twice the first."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def desk_of(graph: Graph, booking: SlotBooking) -> Callable[[Practice], Moving]:
    """The ways to book and move at the desk of any practice."""
    rescheduling = Rescheduling(graph.writes, graph.directory, graph.links, 15)
    cancelling = Cancelling(graph.writes, graph.directory, graph.links)
    return lambda practice: Moving(practice, booking, rescheduling, cancelling)


@pytest.mark.parametrize(
    ("day", "zone", "lasts", "local"),
    [
        # The last Sunday of October: the hour from two to three comes twice, both of it is worked.
        (date(2026, 10, 25), "Europe/Berlin", 25, ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]),
        # The last Sunday of March: there is no hour from two to three.
        (date(2027, 3, 28), "Europe/Berlin", 23, ["00:00", "01:00", "03:00", "04:00"]),
        (date(2026, 11, 1), "America/New_York", 25, ["00:00", "01:00", "01:00", "02:00", "03:00", "04:00"]),
        (date(2027, 3, 14), "America/New_York", 23, ["00:00", "01:00", "03:00", "04:00"]),
    ],
)
def test_a_night_of_sittings_follows_the_clock_of_that_night(
    day: date, zone: str, lasts: int, local: list[str]
) -> None:
    begin, end = day_bounds(day.isoformat(), zone)
    assert end - begin == timedelta(hours=lasts)
    clinic = ClinicId(uuid4())
    night = Schedule(
        id=ScheduleId(uuid4()),
        clinic=clinic,
        effective_from=date(2020, 1, 1),
        week=((hours(0, 5, slot_minutes=60),),) * 7,
    )
    slots = lay_out(Sources(schedules=(night,), zones={clinic: zone}), clinic, day, day)
    assert [slot.start.astimezone(ZoneInfo(zone)).strftime("%H:%M") for slot in slots] == local
    assert {slot.end - slot.start for slot in slots} == {timedelta(hours=1)}


@pytest.mark.parametrize("zone", ZONES)
async def test_every_slot_of_a_night_on_which_clocks_change_is_booked_once(
    database: Database, desk_of: Callable[[Practice], Moving], zone: str
) -> None:
    day, clinic = next_change(zone), await new_clinic(database, timezone=zone, doctors=1)
    practice = Practice(database, clinic)
    practice.sits(hours(0, 6, slot_minutes=60))
    await practice.rows(
        "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 180, 0) RETURNING 1",
        clinic.tenant,
    )
    await practice.regenerate(day, day)
    slots = [slot for slot in await practice.slots() if slot["date"] == day]
    # As many as there are whole hours from midnight to six by that night's clock.
    assert len(slots) == (at_wall(day, 6, zone) - at_wall(day, 0, zone)) // timedelta(hours=1)
    desk, ids = desk_of(practice), [slot["slot_id"] for slot in slots]
    done = await asyncio.gather(*(outcome(desk.book(slot)) for slot in ids for _ in range(2)))
    assert Counter(done) == {"done": len(ids), "slot_unavailable": len(ids)}
    assert await desk.taken(*ids) == [1] * len(ids)
    # All of them stand in the one line of that date, by their instants: an hour that comes twice is two hours.
    lines = await practice.rows("SELECT date, in_line FROM queue")
    assert [(line["date"], line["in_line"]) for line in lines] == [(day, len(ids))]
    entries = await practice.rows("SELECT start FROM queue_entry ORDER BY start")
    assert [row["start"] for row in entries] == [slot["start"] for slot in slots]


async def test_into_and_out_of_the_hour_that_comes_twice_or_never_an_appointment_is_moved(
    database: Database, desk_of: Callable[[Practice], Moving]
) -> None:
    zone = nearest_zone()
    day, clinic = next_change(zone), await new_clinic(database, timezone=zone, doctors=1)
    practice = Practice(database, clinic)
    practice.sits(hours(0, 6, slot_minutes=60))
    for one in (day - timedelta(days=1), day, day + timedelta(days=1)):
        await practice.rows(
            "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 180, 0)"
            " ON CONFLICT (tenant_id) DO UPDATE SET lead_minutes = 0 RETURNING 1",
            clinic.tenant,
        )
        await practice.regenerate(one, one)
    desk, slots = desk_of(practice), await practice.slots()
    booked = await desk.book(slots[0]["slot_id"])
    for slot in slots[1:]:
        await desk.move(booked, slot["slot_id"])
        row = await desk.appointment(booked)
        assert (row["start"], row["line_start"], row["line_date"]) == (slot["start"], slot["start"], slot["date"])
    assert await desk.taken(*(slot["slot_id"] for slot in slots)) == [0] * (len(slots) - 1) + [1]
