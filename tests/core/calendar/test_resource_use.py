"""What a doctor's hours take is nobody else's meanwhile: whatever passes the check, nothing has two slots at once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scheduling_core.calendar import commands
from scheduling_core.calendar.commands import CalendarCommand, Sitting
from scheduling_core.calendar.decide import decide, local_date
from scheduling_core.calendar.fold import fold
from scheduling_core.calendar.resource_use import ResourceClash, first_resource_clash, new_uses
from scheduling_core.calendar.slots import SlotPlan, lay_out
from scheduling_core.calendar.sources import Hours, Override, Schedule
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.errors import DomainError
from scheduling_core.ids import DoctorId, EquipmentId, OverrideId, ResourceId, RoomId, ScheduleId
from tests.core.calendar.plans import CLINIC, days_near_changes, hours
from tests.thorough import tries

EXAMPLES = tries(25, 60, name="CALENDAR_EXAMPLES")
DOCTORS = tuple(DoctorId(UUID(int=100 + n)) for n in range(3))
ROOMS = tuple(RoomId(UUID(int=200 + n)) for n in range(2))
DEVICES = tuple(EquipmentId(UUID(int=300 + n)) for n in range(2))
RESOURCES: tuple[ResourceId, ...] = (*ROOMS, *DEVICES)
DAYS = 24
"""From today on: what wishes are about, and a little more is looked at."""


class House:
    """Doctors of one clinic who change their hours as the check lets them."""

    def __init__(self, zone: str, now: datetime) -> None:
        self.zones = {CLINIC: zone}
        self.now = now
        self.today = local_date(now, zone)
        self.calendars = {doctor: DoctorCalendar(doctor=doctor) for doctor in DOCTORS}
        self.refused = 0

    def wish(self, command: CalendarCommand) -> None:
        """Let a command happen unless it is refused; a refusal for a room must be one that was needed."""
        before = self.calendars[command.doctor]
        try:
            found = decide(before, command, self.now, self.zones)
        except DomainError:
            return
        after = before
        for event in found:
            after = fold(after, event, self.now)
        others = [calendar for doctor, calendar in self.calendars.items() if doctor != command.doctor]
        clash = first_resource_clash(new_uses(before, after), others, self.today)
        if clash is None:
            self.calendars[command.doctor] = after
        else:
            self.refused += 1
            self._check_needed(after, clash)

    def _check_needed(self, after: DoctorCalendar, clash: ResourceClash) -> None:
        mine = set(taken(after, clash.day, self.today))
        theirs = set(taken(self.calendars[clash.other], clash.other_day, self.today))
        assert (clash.resource, *span(clash.day, clash.hours)) in mine
        assert (clash.resource, *span(clash.other_day, clash.other_hours)) in theirs
        begun = max(span(clash.day, clash.hours)[0], span(clash.other_day, clash.other_hours)[0])
        ended = min(span(clash.day, clash.hours)[1], span(clash.other_day, clash.other_hours)[1])
        assert begun < ended
        assert ended > datetime.combine(self.today, time())

    def slots(self) -> dict[ResourceId, list[SlotPlan]]:
        """Return the slots that take each room and each device, by their start."""
        found: dict[ResourceId, list[SlotPlan]] = {resource: [] for resource in RESOURCES}
        last = self.today + timedelta(days=DAYS + 10)
        for calendar in self.calendars.values():
            for slot in lay_out(calendar.sources(zones=self.zones), CLINIC, self.today, last):
                for resource in slot.hours.resources:
                    found[resource].append(slot)
        return {resource: sorted(slots, key=lambda slot: slot.start) for resource, slots in found.items()}


def span(day: date, sitting: Hours) -> tuple[datetime, datetime]:
    """Return a sitting by the wall clock."""
    midnight = datetime.combine(day, time())
    return midnight + timedelta(minutes=sitting.start), midnight + timedelta(minutes=sitting.end)


def taken(calendar: DoctorCalendar, day: date, since: date) -> Iterator[tuple[ResourceId, datetime, datetime]]:
    """Yield the rooms and devices that hours which begin on a day take after `since` has begun, and when."""
    for kept in calendar.schedules:
        for sitting in calendar.hours_on(kept.schedule, day):
            start, end = span(day, sitting)
            if end > datetime.combine(since, time()):
                yield from ((resource, start, end) for resource in sitting.resources)


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 47)) * 30
    return Hours(
        start=start,
        end=start + draw(st.sampled_from((30, 60, 180, 600, 1440))),
        slot_minutes=30,
        room=draw(st.sampled_from((None, *ROOMS, *ROOMS))),
        equipment=draw(st.sampled_from(((), (), DEVICES[:1], DEVICES[1:], DEVICES))),
    )


def _wish(data: st.DataObject, house: House, number: int) -> CalendarCommand:
    doctor = data.draw(st.sampled_from(DOCTORS))
    calendar = house.calendars[doctor]
    near = st.integers(-2, DAYS).map(lambda n: house.today + timedelta(days=n))
    kinds = ["create"]
    if calendar.schedules:
        kinds += ["create", "update", "end", "override", "override", "override"]
    if calendar.overrides:
        kinds += ["remove", "remove"]
    kind = data.draw(st.sampled_from(kinds))
    if kind == "remove":
        return commands.RemoveOverride(
            doctor=doctor, override=data.draw(st.sampled_from([override.id for override in calendar.overrides]))
        )
    ids = [kept.schedule.id for kept in calendar.schedules]
    schedule = data.draw(st.sampled_from(ids)) if ids else None
    if kind == "create" or (kind == "update" and schedule is not None):
        sittings = st.lists(st.builds(Sitting, st.integers(1, 7), some_hours()), min_size=1, max_size=4).map(tuple)
        first, length = data.draw(near), data.draw(st.one_of(st.none(), st.integers(0, DAYS)))
        last = first + timedelta(days=length) if length is not None else None
        week = data.draw(sittings)
        if kind == "create" or schedule is None:
            id = ScheduleId(UUID(int=1000 + number))
            return commands.CreateSchedule(
                doctor=doctor, schedule=id, clinic=CLINIC, effective_from=first, effective_until=last, sittings=week
            )
        return commands.UpdateSchedule(
            doctor=doctor, schedule=schedule, effective_from=first, effective_until=last, sittings=week
        )
    assert schedule is not None
    if kind == "end":
        return commands.EndSchedule(doctor=doctor, schedule=schedule, last=data.draw(st.one_of(st.none(), near)))
    given_ = tuple(data.draw(st.lists(some_hours(), max_size=2)))
    override = OverrideId(UUID(int=2000 + number))
    return commands.AddOverride(doctor=doctor, override=override, schedule=schedule, date=data.draw(near), hours=given_)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(days_near_changes(), st.data())
def test_slots_of_a_room_or_a_device_never_overlap_and_nothing_is_refused_without_need(
    case: tuple[str, date], data: st.DataObject
) -> None:
    zone, day = case
    house = House(zone, datetime.combine(day - timedelta(days=4), time(12), UTC))
    for number in range(data.draw(st.integers(2, 12))):
        house.wish(_wish(data, house, number))
    for slots in house.slots().values():
        for one, following in pairwise(slots):
            assert one.end <= following.start


# ---- by hand --------------------------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 23)


def week(*sittings: tuple[int, Hours], room: RoomId = ROOMS[0], **given: date) -> Schedule:
    """Return a schedule whose sittings are in a room."""
    days: list[tuple[Hours, ...]] = [()] * 7
    for weekday, one in sittings:
        days[weekday - 1] += (replace(one, room=room),)
    plain = Schedule(id=ScheduleId(UUID(int=1)), clinic=CLINIC, effective_from=MONDAY, week=tuple(days))
    return replace(plain, **given)


def calendar(number: int, schedule: Schedule, *overrides: Override) -> DoctorCalendar:
    """Return a doctor's calendar with one schedule."""
    own = replace(schedule, id=ScheduleId(UUID(int=number + 1)))
    given = tuple(replace(override, schedule=own.id) for override in overrides)
    return DoctorCalendar(doctor=DOCTORS[number], schedules=(KeptSchedule(schedule=own),), overrides=given)


def override(day: date, *sittings: Hours) -> Override:
    """Return other hours of a date, in the first room."""
    given = tuple(replace(one, room=ROOMS[0]) for one in sittings)
    return Override(id=OverrideId(UUID(int=day.toordinal())), schedule=ScheduleId(UUID(int=0)), date=day, hours=given)


def clash_of(one: DoctorCalendar, other: DoctorCalendar, since: date = MONDAY) -> ResourceClash | None:
    """Return the first clash of a calendar that is new as a whole."""
    return first_resource_clash(new_uses(DoctorCalendar(doctor=one.doctor), one), [other], since)


MORNING, NOON, NIGHT = hours("09:00", "12:00"), hours("11:00", "13:00"), hours("22:00", "03:00")
EARLY = hours("02:00", "04:00")


@pytest.mark.parametrize(
    ("mine", "theirs", "day", "other_day"),
    [
        (week((1, MORNING)), week((1, NOON)), MONDAY, MONDAY),
        (week((1, MORNING)), week((2, NOON)), None, None),
        (week((1, MORNING)), week((1, hours("12:00", "13:00"))), None, None),
        (week((1, MORNING)), week((1, NOON), room=ROOMS[1]), None, None),
        # Past midnight, and from the last day of a week into the next.
        (week((1, NIGHT)), week((2, EARLY)), MONDAY, MONDAY + timedelta(days=1)),
        (week((2, EARLY)), week((1, NIGHT)), MONDAY + timedelta(days=1), MONDAY),
        (week((7, NIGHT)), week((1, EARLY)), MONDAY + timedelta(days=6), MONDAY + timedelta(days=7)),
        (week((1, EARLY)), week((7, NIGHT)), MONDAY + timedelta(days=7), MONDAY + timedelta(days=6)),
        # The last night of a schedule reaches into the first day of another.
        (week((1, NIGHT), effective_until=MONDAY), week((2, EARLY), effective_from=MONDAY + timedelta(days=1)),
         MONDAY, MONDAY + timedelta(days=1)),
        (week((1, NIGHT), effective_until=MONDAY), week((2, EARLY), effective_from=MONDAY + timedelta(days=2)),
         None, None),
        # Three weeks in which both are in effect, none of which has a Sunday.
        (week((7, MORNING), effective_until=MONDAY + timedelta(days=19)),
         week((7, MORNING), effective_from=MONDAY + timedelta(days=14)), None, None),
        (week((6, MORNING), effective_until=MONDAY + timedelta(days=19)),
         week((6, MORNING), effective_from=MONDAY + timedelta(days=14)),
         MONDAY + timedelta(days=19), MONDAY + timedelta(days=19)),
    ],
)  # fmt: skip
def test_two_weeks_clash_where_hours_in_one_room_overlap_on_a_date_both_have(
    mine: Schedule, theirs: Schedule, day: date | None, other_day: date | None
) -> None:
    found = clash_of(calendar(0, mine), calendar(1, theirs))
    assert (found and found.day, found and found.other_day) == (day, other_day)
    assert found is None or found.other == DOCTORS[1]


def test_an_override_stands_for_the_week_on_its_date_on_either_side() -> None:
    until = MONDAY + timedelta(days=7)
    mine, theirs = week((1, MORNING), effective_until=until), week((1, NOON), effective_until=until)
    freed = (override(MONDAY), override(until))
    assert clash_of(calendar(0, mine), calendar(1, theirs, *freed)) is None
    assert clash_of(calendar(0, mine, *freed), calendar(1, theirs)) is None
    assert clash_of(calendar(0, mine, freed[0]), calendar(1, theirs, freed[1])) is None
    found = clash_of(calendar(0, mine, freed[0]), calendar(1, theirs))
    assert found is not None
    assert found.day == until
    moved = override(MONDAY, hours("20:00", "21:00"))
    found = clash_of(calendar(0, week((1, hours("20:30", "22:00")))), calendar(1, theirs, moved))
    assert found is not None
    assert (found.day, found.other_hours.start) == (MONDAY, 20 * 60)


def test_an_override_on_the_day_before_reaches_past_midnight_where_its_schedule_is_in_effect() -> None:
    tuesday = MONDAY + timedelta(days=1)
    mine = calendar(0, week((2, EARLY)))
    found = clash_of(mine, calendar(1, week((5, MORNING)), override(MONDAY, NIGHT)))
    assert found is not None
    assert (found.day, found.other_day) == (tuesday, MONDAY)
    later = week((5, MORNING), effective_from=tuesday)
    assert clash_of(mine, calendar(1, later, override(MONDAY, NIGHT))) is None


def test_what_was_over_when_the_day_began_is_in_nobodys_way() -> None:
    yesterday = MONDAY - timedelta(days=1)

    def past(whose: int, sitting: Hours) -> DoctorCalendar:
        return calendar(whose, week((7, sitting), effective_from=yesterday, effective_until=yesterday))

    evening, night = past(0, hours("22:00", "00:00")), past(0, NIGHT)
    over_at_midnight, into_monday = past(1, hours("23:00", "00:00")), past(1, hours("23:00", "00:01"))
    assert clash_of(evening, into_monday) is None
    assert clash_of(night, over_at_midnight) is None
    assert clash_of(night, into_monday) is not None
    assert clash_of(night, into_monday, since=MONDAY + timedelta(days=1)) is None


def test_a_device_is_one_doctors_at_a_time_whatever_their_rooms() -> None:
    mine, theirs = (
        week((1, replace(MORNING, equipment=DEVICES))),
        week((1, replace(NOON, equipment=DEVICES[1:])), room=ROOMS[1]),
    )
    found = clash_of(calendar(0, mine), calendar(1, theirs))
    assert found is not None
    assert (found.day, found.resource, found.other) == (MONDAY, DEVICES[1], DOCTORS[1])
    assert clash_of(calendar(0, mine), calendar(1, week((1, replace(NOON, equipment=())), room=ROOMS[1]))) is None
    freed = override(MONDAY)
    assert clash_of(calendar(0, replace(mine, effective_until=MONDAY)), calendar(1, theirs, freed)) is None


def test_only_what_brings_hours_into_rooms_is_looked_at() -> None:
    house = House("Europe/Berlin", datetime(2026, 11, 23, 8, tzinfo=UTC))
    whole = calendar(0, week((1, MORNING), (2, MORNING)), override(MONDAY))
    schedule = whole.schedules[0].schedule
    assert new_uses(whole, whole) == []

    def added(command: CalendarCommand) -> list[tuple[int, int, int]]:
        after = whole
        for event in decide(whole, command, house.now, house.zones):
            after = fold(after, event, house.now)
        assert after != whole
        return [(use.hours.start, use.first, use.last) for use in new_uses(whole, after)]

    doctor, tuesday = whole.doctor, MONDAY + timedelta(days=1)
    sittings = tuple(Sitting(day, replace(MORNING, room=ROOMS[0])) for day in (1, 2))
    ended = commands.EndSchedule(doctor=doctor, schedule=schedule.id)
    shorter = commands.UpdateSchedule(
        doctor=doctor, schedule=schedule.id, effective_from=MONDAY, effective_until=tuesday, sittings=sittings
    )
    closed = commands.AddOverride(
        doctor=doctor, override=OverrideId(UUID(int=9)), schedule=schedule.id, date=tuesday, hours=()
    )
    assert added(ended) == added(shorter) == added(closed) == []
    freed = commands.RemoveOverride(doctor=doctor, override=whole.overrides[0].id)
    assert added(freed) == [(9 * 60, MONDAY.toordinal(), MONDAY.toordinal())]
    longer = replace(shorter, effective_from=MONDAY - timedelta(days=7))
    assert [first for _, first, _ in added(longer)] == [MONDAY.toordinal() - 7, MONDAY.toordinal() - 6]
    assert added(replace(closed, hours=(replace(NOON, room=ROOMS[1]),))) == [
        (11 * 60, tuesday.toordinal(), tuesday.toordinal())
    ]
