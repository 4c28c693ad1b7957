"""Other hours on single dates, and stretches that are closed whatever the hours say."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from scheduling_core.calendar import commands, events
from scheduling_core.calendar.sources import ExceptionKind, Hours
from scheduling_core.errors import Conflict, InvalidValue, NotFound, OverlappingSittings
from scheduling_core.ids import ExceptionId, OverrideId
from tests.core.schedules.doctor import DOCTOR, HERE, NOW, THERE, TODAY, Doctor, hours, weekly

MONDAY = TODAY + timedelta(days=7)


def test_an_override_replaces_the_hours_of_its_date_alone_and_makes_a_new_version() -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(1, "09:00", "12:00"))
    doctor.override(id, MONDAY, hours("14:00", "16:00"), hours("10:00", "11:00"))
    kept = doctor.known.schedule(id)
    assert kept is not None
    assert kept.version == 2
    assert [h.start for h in doctor.known.hours_on(kept.schedule, MONDAY)] == [600, 840]
    assert [h.start for h in doctor.known.hours_on(kept.schedule, MONDAY + timedelta(days=7))] == [540]


@pytest.mark.parametrize(
    "day", [TODAY - timedelta(days=1), TODAY + timedelta(days=61), date.max, date.min, TODAY + timedelta(days=1)]
)
def test_an_override_on_a_day_that_is_over_or_outside_the_schedule_is_refused(day: date) -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(1, "09:00", "12:00"), first=TODAY + timedelta(days=2), last=TODAY + timedelta(days=60))
    with pytest.raises(InvalidValue) as error:
        doctor.override(id, day)
    assert error.value.field == "date"


def test_a_date_has_one_override() -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(1, "09:00", "12:00"))
    doctor.override(id, MONDAY)
    with pytest.raises(Conflict) as error:
        doctor.override(id, MONDAY, hours("14:00", "16:00"))
    assert error.value.field == "date"


def test_hours_of_an_override_make_sense_and_do_not_overlap_each_other() -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(1, "09:00", "12:00"))
    with pytest.raises(InvalidValue) as error:
        doctor.override(id, MONDAY, Hours(start=600, end=540, slot_minutes=20))
    assert error.value.field == "sittings[0].end"
    with pytest.raises(OverlappingSittings) as clash:
        doctor.override(id, MONDAY, hours("14:00", "16:00"), hours("15:00", "17:00"))
    assert clash.value.field == "sittings[1].start"


@pytest.mark.parametrize(
    ("day", "given"),
    [
        (MONDAY, hours("13:30", "14:30")),
        (MONDAY - timedelta(days=1), hours("22:00", "14:00")),
        (MONDAY + timedelta(days=1), hours("05:00", "06:00")),
    ],
)
def test_an_override_may_not_overlap_hours_elsewhere_on_that_or_a_neighbouring_day(day: date, given: Hours) -> None:
    doctor = Doctor()
    here = doctor.schedule(weekly(6, "09:00", "12:00"))
    doctor.schedule(weekly(1, "13:00", "15:00"), weekly(1, "20:00", "05:30"), clinic=THERE)
    with pytest.raises(OverlappingSittings) as error:
        doctor.override(here, day, given)
    assert error.value.field == "sittings[0].start"


def test_where_an_override_has_made_room_others_may_sit_and_then_it_stays() -> None:
    doctor = Doctor()
    here = doctor.schedule(weekly(1, "09:00", "12:00"))
    there = doctor.schedule(weekly(3, "09:00", "12:00"), clinic=THERE)
    closed = doctor.override(here, MONDAY)
    doctor.override(there, MONDAY, hours("09:00", "12:00"))
    with pytest.raises(OverlappingSittings):
        doctor.do(commands.RemoveOverride(doctor=DOCTOR, override=closed))


def test_an_override_is_taken_back_unless_it_is_over_or_unknown() -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(1, "09:00", "12:00"))
    override = doctor.override(id, TODAY)
    doctor.now += timedelta(days=1)
    with pytest.raises(Conflict):
        doctor.do(commands.RemoveOverride(doctor=DOCTOR, override=override))
    doctor.now -= timedelta(days=1)
    doctor.do(commands.RemoveOverride(doctor=DOCTOR, override=override))
    with pytest.raises(NotFound):
        doctor.do(commands.RemoveOverride(doctor=DOCTOR, override=OverrideId(uuid4())))
    kept = doctor.known.schedule(id)
    assert kept is not None
    assert (kept.version, doctor.known.overrides) == (3, ())


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (ExceptionKind.EMERGENCY, events.EmergencyAdded),
        (ExceptionKind.FORCED_BLOCK, events.ForcedBlockAdded),
        (ExceptionKind.HOLIDAY, events.HolidayAdded),
    ],
)
def test_each_kind_of_exception_has_its_event_and_can_be_taken_back(kind: ExceptionKind, event: type) -> None:
    doctor = Doctor()
    id = doctor.close(NOW, NOW + timedelta(hours=2), kind)
    assert type(doctor.events[-1]) is event
    (closure,) = doctor.known.closures
    assert (closure.kind, closure.clinic) == (kind, HERE)
    doctor.do(commands.RemoveException(doctor=DOCTOR, exception=id))
    assert doctor.known.closures == ()


@pytest.mark.parametrize(
    ("field", "start", "end"),
    [
        ("end", NOW, NOW),
        ("end", NOW + timedelta(hours=2), NOW + timedelta(hours=1)),
        ("start", NOW - timedelta(days=2), NOW + timedelta(hours=1)),
        ("end", NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
        ("end", NOW, NOW + timedelta(days=367)),
        ("start", datetime(9998, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        ("start", datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
    ],
)
def test_exceptions_reversed_past_or_endless_are_refused(field: str, start: datetime, end: datetime) -> None:
    doctor = Doctor()
    with pytest.raises(InvalidValue) as error:
        doctor.close(start, end)
    assert (error.value.field, doctor.calendar) == (field, None)


def test_an_emergency_may_be_entered_when_it_has_begun_already() -> None:
    Doctor().close(NOW - timedelta(hours=3), NOW + timedelta(hours=1))


def test_an_exception_that_is_over_or_unknown_is_not_taken_back() -> None:
    doctor = Doctor()
    id = doctor.close(NOW, NOW + timedelta(hours=2))
    doctor.now += timedelta(hours=3)
    with pytest.raises(Conflict):
        doctor.do(commands.RemoveException(doctor=DOCTOR, exception=id))
    with pytest.raises(NotFound):
        doctor.do(commands.RemoveException(doctor=DOCTOR, exception=ExceptionId(uuid4())))
