"""Whatever is asked for: nobody sits twice at once, history leads to the same calendar, and no date is forgotten."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling_core.calendar import commands
from scheduling_core.calendar.affected import affected_dates
from scheduling_core.calendar.aggregate import CALENDAR
from scheduling_core.calendar.commands import Sitting
from scheduling_core.calendar.day import effective_day
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.sittings import Instants
from scheduling_core.calendar.sources import ExceptionKind, Hours
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.calendar.wall_time import instant
from scheduling_core.errors import DomainError, OverlappingSittings
from scheduling_core.ids import ClinicId
from tests.core.schedules.doctor import ABROAD, DOCTOR, HERE, NOW, THERE, TODAY, ZONES, Doctor
from tests.thorough import tries

DAYS = st.integers(0, 40).map(lambda offset: TODAY + timedelta(days=offset))
CLINICS = st.sampled_from([HERE, THERE, ABROAD])


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 47)) * 30
    return Hours(start=start, end=start + draw(st.sampled_from([30, 60, 180, 600])), slot_minutes=30)


SITTINGS = st.lists(st.builds(Sitting, st.integers(1, 7), some_hours()), min_size=1, max_size=3).map(tuple)


class Wish:
    """Does something to a doctor's calendar, or is refused."""

    def __init__(self, data: st.DataObject, doctor: Doctor) -> None:
        self._data = data
        self._doctor = doctor

    def come_true(self) -> None:
        """Draw a command and try it."""
        steps = [self._schedule, self._leave, self._closure]
        if self._doctor.calendar is not None and self._doctor.calendar.schedules:
            steps += [self._change, self._end, self._override, self._override]
        if self._doctor.calendar is not None and self._doctor.calendar.overrides:
            steps.append(self._remove_override)
        if self._doctor.calendar is not None and self._doctor.calendar.leaves:
            steps += [self._decide, self._cancel]
        self._data.draw(st.sampled_from(steps))()

    def _dates(self) -> tuple[date, date | None]:
        first = self._data.draw(DAYS)
        length = self._data.draw(st.none() | st.integers(0, 30))
        return first, None if length is None else first + timedelta(days=length)

    def _schedule(self) -> None:
        first, last = self._dates()
        self._doctor.schedule(*self._data.draw(SITTINGS), clinic=self._data.draw(CLINICS), first=first, last=last)

    def _change(self) -> None:
        first, last = self._dates()
        kept = self._data.draw(st.sampled_from(self._doctor.known.schedules))
        self._doctor.change(kept.schedule.id, *self._data.draw(SITTINGS), first=first, last=last)

    def _end(self) -> None:
        kept = self._data.draw(st.sampled_from(self._doctor.known.schedules))
        last = self._data.draw(st.none() | DAYS)
        self._doctor.do(commands.EndSchedule(doctor=DOCTOR, schedule=kept.schedule.id, last=last))

    def _override(self) -> None:
        kept = self._data.draw(st.sampled_from(self._doctor.known.schedules))
        given = self._data.draw(st.lists(some_hours(), max_size=2))
        self._doctor.override(kept.schedule.id, self._data.draw(DAYS), *given)

    def _remove_override(self) -> None:
        override = self._data.draw(st.sampled_from(self._doctor.known.overrides))
        self._doctor.do(commands.RemoveOverride(doctor=DOCTOR, override=override.id))

    def _closure(self) -> None:
        start = NOW + timedelta(minutes=self._data.draw(st.integers(0, 40 * 48)) * 30)
        kind = self._data.draw(st.sampled_from(ExceptionKind))
        length = timedelta(minutes=self._data.draw(st.integers(1, 3000)))
        self._doctor.close(start, start + length, kind, self._data.draw(CLINICS))

    def _leave(self) -> None:
        first = self._data.draw(DAYS)
        self._doctor.ask_leave(first, first + timedelta(days=self._data.draw(st.integers(0, 5))))

    def _decide(self) -> None:
        leave = self._data.draw(st.sampled_from(self._doctor.known.leaves))
        if self._data.draw(st.booleans()):
            self._doctor.do(commands.ApproveLeave(doctor=DOCTOR, leave=leave.id, by=None))
        else:
            self._doctor.do(commands.RejectLeave(doctor=DOCTOR, leave=leave.id, by=None))

    def _cancel(self) -> None:
        leave = self._data.draw(st.sampled_from(self._doctor.known.leaves))
        self._doctor.do(commands.CancelLeave(doctor=DOCTOR, leave=leave.id, by=None, decides=True))


def sittings_of(calendar: DoctorCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield when sittings begin and end, by the zone database alone; no clock changes in these weeks."""
    for kept in calendar.schedules:
        zone = ZoneInfo(ZONES[kept.schedule.clinic])
        for offset in range(-2, 90):
            day = TODAY + timedelta(days=offset)
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            for hours in calendar.hours_on(kept.schedule, day):
                begun = midnight + timedelta(minutes=hours.start)
                yield begun.astimezone(UTC), (midnight + timedelta(minutes=hours.end)).astimezone(UTC)


def overlap_somewhere(calendar: DoctorCalendar) -> bool:
    found = sorted(sittings_of(calendar))
    return any(before[1] > after[0] for before, after in pairwise(found))


@settings(max_examples=tries(60, 150), deadline=None)
@given(st.data())
def test_nobody_ever_sits_in_two_places_at_once(data: st.DataObject) -> None:
    doctor = Doctor()
    for _ in range(data.draw(st.integers(1, 7))):
        try:
            Wish(data, doctor).come_true()
        except DomainError:
            continue
        assert not overlap_somewhere(doctor.known)


@settings(max_examples=tries(60, 150), deadline=None)
@given(SITTINGS, SITTINGS, CLINICS, CLINICS)
def test_two_schedules_are_refused_only_when_they_overlap(
    one: tuple[Sitting, ...], other: tuple[Sitting, ...], here: ClinicId, there: ClinicId
) -> None:
    doctor, last = Doctor(), TODAY + timedelta(days=80)  # before the clocks change
    try:
        doctor.schedule(*one, clinic=here, last=last)
    except DomainError:
        return
    try:
        doctor.schedule(*other, clinic=there, last=last)
    except OverlappingSittings:
        apart = Doctor()
        apart.schedule(*other, clinic=there, last=last)
        both = [*sittings_of(doctor.known), *sittings_of(apart.known)]
        both.sort()
        assert any(before[1] > after[0] for before, after in pairwise(both))
    except DomainError:
        return


@settings(max_examples=tries(40, 100), deadline=None)
@given(st.data())
def test_history_read_again_leads_to_the_same_calendar(data: st.DataObject) -> None:
    doctor = Doctor()
    for _ in range(data.draw(st.integers(1, 10))):
        try:
            Wish(data, doctor).come_true()
        except DomainError:
            continue
    again: DoctorCalendar | None = None
    for event in doctor.events:
        again = CALENDAR.fold(again, reread(event), NOW)
    assert again == doctor.calendar
    if again is not None:
        assert CALENDAR.decode_state(CALENDAR.encode_state(again)) == again


def reread(event: CalendarEvent) -> CalendarEvent:
    """Return an event as the store gives it back."""
    kind, written = CALENDAR.encode_event(event)
    return CALENDAR.decode_event(kind, CALENDAR.schema_version, written)


@settings(max_examples=tries(40, 100), deadline=None)
@given(st.data())
def test_days_that_a_change_does_not_touch_stay_as_they_were(data: st.DataObject) -> None:
    doctor = Doctor()
    before = DoctorCalendar(doctor=DOCTOR)
    for _ in range(data.draw(st.integers(1, 4))):
        before = doctor.calendar or DoctorCalendar(doctor=DOCTOR)
        try:
            Wish(data, doctor).come_true()
        except DomainError:
            continue
    if doctor.calendar is None:
        return
    after = doctor.calendar
    span = affected_dates(before, after, TODAY)
    old, new = before.sources((), ZONES), after.sources((), ZONES)
    for clinic in ZONES:
        for offset in range(50):
            day = TODAY + timedelta(days=offset)
            if span is None or not span[0] <= day <= span[1]:
                assert effective_day(old, clinic, day) == effective_day(new, clinic, day)


@settings(max_examples=tries(80, 200), deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]),
    st.dates(date(2024, 1, 1), date(2036, 1, 1)),
    st.integers(0, 30),
    st.integers(0, 2880),
)
def test_instants_of_a_range_are_those_of_its_days(zone: str, first: date, after: int, minute: int) -> None:
    day = first + timedelta(days=after)
    found = Instants(zone, first, first + timedelta(days=30))(day.toordinal(), minute)
    assert found == instant(zone, day.toordinal(), minute)
