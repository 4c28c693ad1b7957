"""Weekly schedules: what makes one, what is refused, and that nobody sits in two places at once."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from scheduling_core.calendar import commands, events
from scheduling_core.calendar.commands import Sitting
from scheduling_core.calendar.sources import Hours
from scheduling_core.errors import Conflict, DomainError, InvalidValue, NotFound, OverlappingSittings
from scheduling_core.ids import ScheduleId
from tests.core.schedules.doctor import ABROAD, DOCTOR, HERE, THERE, TODAY, Doctor, hours, weekly

MORNING = weekly(1, "09:00", "12:00")


def refused(doctor: Doctor, *sittings: Sitting, **given: object) -> DomainError:
    """Return why a schedule is refused; nothing may have happened."""
    before = doctor.calendar
    with pytest.raises(DomainError) as error:
        doctor.schedule(*sittings, **given)  # type: ignore[arg-type]
    assert doctor.calendar is before
    return error.value


def test_a_schedule_holds_its_sittings_by_day_and_in_order() -> None:
    doctor = Doctor()
    id = doctor.schedule(weekly(3, "14:00", "18:00"), MORNING, weekly(3, "08:00", "10:00"))
    kept = doctor.known.schedule(id)
    assert kept is not None
    assert kept.version == 1
    assert [[h.start for h in day] for day in kept.schedule.week] == [[540], [], [480, 840], [], [], [], []]
    assert doctor.known.hours_on(kept.schedule, TODAY) == (MORNING.hours,)
    assert doctor.known.hours_on(kept.schedule, TODAY - timedelta(days=7)) == ()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("end", Hours(start=600, end=600, slot_minutes=20)),
        ("end", Hours(start=600, end=540, slot_minutes=20)),
        ("end", Hours(start=600, end=600 + 1441, slot_minutes=20)),
        ("start", Hours(start=1440, end=1500, slot_minutes=20)),
        ("slotMinutes", Hours(start=540, end=600, slot_minutes=61)),
        ("slotMinutes", Hours(start=540, end=600, slot_minutes=0)),
        ("slotMinutes", Hours(start=0, end=1440, slot_minutes=721)),
        ("bufferMinutes", Hours(start=540, end=600, slot_minutes=20, buffer_minutes=-1)),
        ("inPerson", Hours(start=540, end=600, slot_minutes=20, in_person=-1)),
        ("inPerson", Hours(start=540, end=600, slot_minutes=20, in_person=2, total=1)),
        ("tele", Hours(start=540, end=600, slot_minutes=20, tele=2, total=1)),
        ("total", Hours(start=540, end=600, slot_minutes=20, total=0)),
        ("total", Hours(start=540, end=600, slot_minutes=20, in_person=1, tele=1, total=3)),
    ],
)
def test_a_sitting_that_makes_no_sense_is_refused_by_its_place_and_field(field: str, wrong: Hours) -> None:
    found = refused(Doctor(), MORNING, Sitting(2, wrong))
    assert isinstance(found, InvalidValue)
    assert found.field == f"sittings[1].{field}"


@pytest.mark.parametrize(
    ("field", "first", "last"),
    [
        ("effectiveUntil", TODAY, TODAY - timedelta(days=1)),
        ("effectiveUntil", TODAY - timedelta(days=9), TODAY - timedelta(days=1)),
        ("effectiveUntil", TODAY, date.max),
        ("effectiveFrom", date(1999, 1, 1), None),
        ("effectiveFrom", date.max, None),
        ("effectiveFrom", date.min, date.max),
    ],
)
def test_dates_reversed_over_or_out_of_all_reason_are_refused(field: str, first: date, last: date | None) -> None:
    found = refused(Doctor(), MORNING, first=first, last=last)
    assert isinstance(found, InvalidValue)
    assert found.field == field


@pytest.mark.parametrize(
    "other",
    [
        weekly(1, "11:00", "13:00"),
        weekly(1, "09:00", "12:00"),
        weekly(1, "00:00", "24:00"),
        weekly(7, "23:00", "09:30"),
    ],
)
def test_sittings_of_one_week_may_not_overlap_not_even_round_its_end(other: Sitting) -> None:
    found = refused(Doctor(), MORNING, other)
    assert found.field == "sittings[1].start"


def test_sittings_that_touch_do_not_overlap() -> None:
    Doctor().schedule(MORNING, weekly(1, "12:00", "13:00"), weekly(7, "22:00", "09:00"))


@pytest.mark.parametrize("clinic", [HERE, THERE])
def test_another_schedule_in_effect_at_the_same_time_is_in_the_way_at_any_clinic(clinic: object) -> None:
    doctor = Doctor()
    doctor.schedule(MORNING)
    found = refused(doctor, weekly(5, "09:00", "10:00"), weekly(1, "11:30", "14:00"), clinic=clinic)
    assert isinstance(found, OverlappingSittings)
    assert found.field == "sittings[1].start"
    assert "Monday 09:00–12:00" in found.detail


def test_what_overlaps_on_no_date_that_both_are_in_effect_is_fine() -> None:
    doctor = Doctor()
    doctor.schedule(MORNING, last=TODAY + timedelta(days=20))
    doctor.schedule(MORNING, clinic=THERE, first=TODAY + timedelta(days=21))
    # Monday alone is in the way, and this one is in effect from Tuesday to Sunday.
    doctor.schedule(
        *(weekly(day, "07:00", "09:00") for day in range(1, 8)),
        clinic=THERE,
        first=TODAY + timedelta(days=1),
        last=TODAY + timedelta(days=6),
    )


def test_schedules_are_compared_from_the_day_both_are_in_effect_however_far_ahead() -> None:
    doctor = Doctor()
    doctor.schedule(MORNING, first=TODAY + timedelta(days=1200))
    found = refused(doctor, MORNING, clinic=THERE)
    assert isinstance(found, OverlappingSittings)


def test_clinics_in_other_zones_are_compared_by_instants() -> None:
    doctor = Doctor()
    doctor.schedule(MORNING)
    # 09:00 to 12:00 in Berlin is 13:30 to 16:30 in Kolkata in winter, 12:30 to 15:30 in summer.
    found = refused(doctor, weekly(1, "16:00", "17:00"), clinic=ABROAD)
    assert isinstance(found, OverlappingSittings)
    found = refused(doctor, weekly(1, "12:30", "13:30"), clinic=ABROAD)
    assert isinstance(found, OverlappingSittings), "in summer"
    doctor.schedule(weekly(1, "11:00", "12:30"), clinic=ABROAD)


def test_a_changed_schedule_is_a_new_version_and_the_same_again_is_none() -> None:
    doctor = Doctor()
    id = doctor.schedule(MORNING)
    assert len(doctor.change(id, weekly(2, "09:00", "12:00"))) == 1
    assert doctor.change(id, weekly(2, "09:00", "12:00")) == []
    kept = doctor.known.schedule(id)
    assert kept is not None
    assert (kept.version, kept.schedule.week[0], len(kept.schedule.week[1])) == (2, (), 1)


def test_a_change_may_overlap_what_it_replaces_but_no_other() -> None:
    doctor = Doctor()
    id = doctor.schedule(MORNING)
    doctor.schedule(weekly(1, "13:00", "15:00"), clinic=THERE)
    doctor.change(id, weekly(1, "10:00", "13:00"))
    with pytest.raises(OverlappingSittings) as error:
        doctor.change(id, weekly(1, "10:00", "13:01"))
    assert error.value.field == "sittings[0].start"


def test_a_schedule_ends_today_by_default_and_is_not_changed_any_more() -> None:
    doctor = Doctor()
    id = doctor.schedule(MORNING)
    doctor.do(commands.EndSchedule(doctor=DOCTOR, schedule=id))
    kept = doctor.known.schedule(id)
    assert kept is not None
    assert (kept.ended, kept.schedule.effective_until) == (True, TODAY - timedelta(days=1))
    assert doctor.known.hours_on(kept.schedule, TODAY) == ()
    with pytest.raises(Conflict):
        doctor.change(id, MORNING)
    with pytest.raises(Conflict):
        doctor.do(commands.EndSchedule(doctor=DOCTOR, schedule=id))
    doctor.schedule(MORNING)


@pytest.mark.parametrize("last", [TODAY - timedelta(days=2), TODAY + timedelta(days=30), date.max])
def test_an_end_that_is_over_or_changes_nothing_is_refused(last: date) -> None:
    doctor = Doctor()
    id = doctor.schedule(MORNING, last=TODAY + timedelta(days=30))
    with pytest.raises(InvalidValue) as error:
        doctor.do(commands.EndSchedule(doctor=DOCTOR, schedule=id, last=last))
    assert error.value.field == "lastDay"


def test_overrides_ahead_go_with_the_dates_of_their_schedule() -> None:
    doctor = Doctor()
    id = doctor.schedule(MORNING)
    near, far = TODAY + timedelta(days=7), TODAY + timedelta(days=28)
    kept, gone = doctor.override(id, near), doctor.override(id, far, hours("10:00", "11:00"))
    found = doctor.change(id, MORNING, last=TODAY + timedelta(days=14))
    assert [type(event) for event in found] == [events.ScheduleUpdated, events.OverrideRemoved]
    assert (doctor.known.override(kept) is not None, doctor.known.override(gone)) == (True, None)


def test_an_unknown_schedule_is_not_found() -> None:
    with pytest.raises(NotFound):
        Doctor().change(ScheduleId(uuid4()), MORNING)


def test_a_schedule_has_sittings_and_a_doctor_no_end_of_schedules() -> None:
    doctor = Doctor()
    assert refused(doctor).field == "sittings"
    for number in range(50):
        doctor.schedule(Sitting(1, Hours(start=number * 10, end=number * 10 + 10, slot_minutes=10)))
    assert isinstance(refused(doctor, weekly(2, "09:00", "10:00")), Conflict)
