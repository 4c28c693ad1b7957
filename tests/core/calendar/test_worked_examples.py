"""Days that can be checked by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from msgspec.structs import replace

from scheduling_core.calendar.day import Segment, effective_day
from scheduling_core.calendar.explanations import Explanations, accounts_named, resources_named, texts_quoted
from scheduling_core.calendar.slots import lay_out, lay_out_all
from scheduling_core.calendar.sources import ClinicDay, ExceptionKind, LeaveStatus, Override, Sources
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import AccountId, OverrideId, ScheduleId, TextId
from tests.core.calendar.plans import (
    CLINIC,
    DEVICE,
    OTHER_CLINIC,
    OTHER_DEVICE,
    OTHER_ROOM,
    ROOM,
    SCHEDULE,
    closure,
    daily,
    hours,
    leave,
    outage,
)

ZONE = ZoneInfo("Europe/Berlin")
DAY = date(2027, 1, 12)
HEAD = AccountId(UUID(int=70))
TEXT = TextId(UUID(int=80))

PLAIN = Sources(
    schedules=(daily(hours("09:00", "12:00"), hours("13:00", "17:00")),),
    zones={CLINIC: "Europe/Berlin", OTHER_CLINIC: "Europe/Berlin"},
)
BLOCK, EMERGENCY, HOLIDAY = ExceptionKind.FORCED_BLOCK, ExceptionKind.EMERGENCY, ExceptionKind.HOLIDAY


def at(clock: str, day: date = DAY) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)


def painted(segments: Sequence[Segment]) -> list[str]:
    """Return segments as `09:00 base`, by their starts."""
    return [f"{s.start.astimezone(ZONE):%H:%M} {s.reason.kind}" for s in segments]


def starts(sources: Sources, day: date = DAY) -> list[str]:
    return [f"{slot.start.astimezone(ZONE):%H:%M}" for slot in lay_out(sources, CLINIC, day, day)]


def test_a_plain_day_is_its_hours_and_what_lies_outside_them() -> None:
    assert painted(effective_day(PLAIN, CLINIC, DAY)) == [
        "00:00 outside_hours",
        "09:00 base",
        "12:00 outside_hours",
        "13:00 base",
        "17:00 outside_hours",
    ]


def test_without_a_schedule_in_effect_there_is_none() -> None:
    ended = replace(PLAIN, schedules=(replace(PLAIN.schedules[0], effective_until=DAY - timedelta(days=1)),))
    assert painted(effective_day(ended, CLINIC, DAY)) == ["00:00 no_schedule"]
    assert painted(effective_day(PLAIN, OTHER_CLINIC, DAY)) == ["00:00 no_schedule"]


def test_the_highest_priority_wins_and_the_next_goes_on_where_it_ends() -> None:
    busy = replace(
        PLAIN,
        closures=(
            closure(BLOCK, at("10:00"), at("11:00"), id=21),
            closure(EMERGENCY, at("09:30"), at("12:30"), id=22),
            closure(HOLIDAY, at("08:00"), at("18:00"), id=23),
        ),
        leaves=(leave(DAY, DAY, 9 * 60, 15 * 60),),
        clinic_days=(ClinicDay(clinic=CLINIC, date=DAY, name="Founders' Day"),),
    )
    segments = effective_day(busy, CLINIC, DAY)
    assert painted(segments) == [
        "00:00 holiday",  # the clinic's own day
        "08:00 holiday",  # the exception
        "09:00 leave",
        "09:30 emergency",
        "10:00 forced_block",
        "11:00 emergency",
        "12:30 leave",
        "15:00 holiday",
        "18:00 holiday",
    ]
    assert [s.reason.name for s in segments if s.reason.kind == "holiday"] == [
        "Founders' Day",
        None,
        None,
        "Founders' Day",
    ]
    assert lay_out(busy, CLINIC, DAY, DAY) == []


def test_a_slot_that_is_closed_in_part_falls_away_and_the_others_stay_where_they_were() -> None:
    blocked = replace(PLAIN, closures=(closure(BLOCK, at("10:10"), at("10:40")),))
    assert starts(blocked)[:4] == ["09:00", "09:30", "11:00", "11:30"]


def test_what_closes_part_of_a_minute_closes_all_of_it() -> None:
    second = timedelta(seconds=1)
    blocked = replace(PLAIN, closures=(closure(BLOCK, at("10:00") - second, at("10:00") + second),))
    assert painted(effective_day(blocked, CLINIC, DAY))[1:4] == ["09:00 base", "09:59 forced_block", "10:01 base"]


def test_a_buffer_is_kept_free_after_each_slot_and_the_last_needs_none() -> None:
    assert starts(replace(PLAIN, schedules=(daily(hours("09:00", "10:15", slot=20, buffer=5)),))) == [
        "09:00",
        "09:25",
        "09:50",
    ]
    assert starts(replace(PLAIN, schedules=(daily(hours("09:00", "10:10", slot=20, buffer=5)),))) == [
        "09:00",
        "09:25",
        "09:50",
    ]
    assert len(starts(replace(PLAIN, schedules=(daily(hours("09:00", "10:09", slot=20, buffer=5)),)))) == 2


def override(*given: tuple[str, str], reason: TextId | None = None) -> Override:
    return Override(
        id=OverrideId(UUID(int=50)),
        schedule=SCHEDULE,
        date=DAY,
        hours=tuple(hours(*sitting) for sitting in given),
        reason=reason,
    )


def test_an_override_stands_instead_of_the_week_on_its_date_only() -> None:
    changed = replace(PLAIN, overrides=(override(("11:00", "14:00")),))
    assert painted(effective_day(changed, CLINIC, DAY)) == [
        "00:00 outside_hours",
        "09:00 override_closed",
        "11:00 override",
        "14:00 override_closed",
        "17:00 outside_hours",
    ]
    assert starts(changed) == ["11:00", "11:30", "12:00", "12:30", "13:00", "13:30"]
    assert starts(changed, DAY + timedelta(days=1)) == starts(PLAIN)


def test_an_override_without_hours_closes_those_of_the_week() -> None:
    closed = replace(PLAIN, overrides=(override(),))
    assert starts(closed) == []
    assert "09:00 override_closed" in painted(effective_day(closed, CLINIC, DAY))


def test_a_holiday_is_over_at_midnight_in_the_middle_of_a_night() -> None:
    nights = replace(
        PLAIN,
        schedules=(daily(hours("22:00", "02:00")),),
        clinic_days=(ClinicDay(clinic=CLINIC, date=DAY, name="Founders' Day"),),
    )
    assert starts(nights, DAY - timedelta(days=1)) == [
        "00:00",
        "00:30",
        "01:00",
        "01:30",
        "22:00",
        "22:30",
        "23:00",
        "23:30",
    ]
    assert starts(nights) == []
    assert starts(nights, DAY + timedelta(days=1))[:5] == ["00:00", "00:30", "01:00", "01:30", "22:00"]


def test_a_night_goes_on_after_the_last_day_of_its_schedule() -> None:
    nights = replace(PLAIN, schedules=(replace(daily(hours("22:00", "02:00")), effective_until=DAY),))
    assert starts(nights, DAY + timedelta(days=1)) == ["00:00", "00:30", "01:00", "01:30"]
    assert painted(effective_day(nights, CLINIC, DAY + timedelta(days=1))) == ["00:00 base", "02:00 no_schedule"]


def test_a_slot_past_midnight_belongs_to_the_date_it_starts_on() -> None:
    nights = replace(PLAIN, schedules=(daily(hours("23:00", "00:45", slot=45, buffer=0)),))
    assert starts(nights) == ["23:00", "23:45"]


@pytest.mark.parametrize("status", [LeaveStatus.REQUESTED, LeaveStatus.REJECTED, LeaveStatus.CANCELLED])
def test_only_leave_that_was_approved_closes(status: LeaveStatus) -> None:
    asked = replace(PLAIN, leaves=(replace(leave(DAY, DAY), status=status),))
    assert starts(asked) == starts(PLAIN)


def test_leave_closes_everywhere_and_an_exception_where_it_says() -> None:
    there = daily(hours("11:00", "12:00"), clinic=OTHER_CLINIC, id=ScheduleId(UUID(int=11)))
    both = replace(PLAIN, schedules=(daily(hours("09:00", "10:00")), there))
    assert len(lay_out_all(both, DAY, DAY)) == 4
    assert lay_out_all(replace(both, leaves=(leave(DAY, DAY),)), DAY, DAY) == []
    one = replace(both, closures=(closure(EMERGENCY, at("00:00"), at("23:00"), clinic=OTHER_CLINIC),))
    assert {slot.clinic for slot in lay_out_all(one, DAY, DAY)} == {CLINIC}
    everywhere = replace(both, closures=(closure(EMERGENCY, at("00:00"), at("23:00"), clinic=None),))
    assert lay_out_all(everywhere, DAY, DAY) == []


def test_of_two_clinics_at_the_same_time_the_earlier_slot_counts() -> None:
    torn = replace(
        PLAIN,
        schedules=(
            daily(hours("09:10", "10:10")),
            daily(hours("09:00", "09:30"), clinic=OTHER_CLINIC, id=ScheduleId(UUID(int=11))),
        ),
    )
    found = [(slot.clinic, f"{slot.start.astimezone(ZONE):%H:%M}") for slot in lay_out_all(torn, DAY, DAY)]
    assert found == [(OTHER_CLINIC, "09:00"), (CLINIC, "09:40")]


def test_clinics_on_both_sides_of_the_date_line_are_compared_by_instants() -> None:
    east, west = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart
    other = daily(hours("23:00", "00:00", slot=60), clinic=OTHER_CLINIC, id=ScheduleId(UUID(int=11)))
    schedules = (daily(hours("00:30", "01:30", slot=60)), other)
    slots = lay_out_all(Sources(schedules=schedules, zones={CLINIC: east, OTHER_CLINIC: west}), DAY, DAY)
    assert [(slot.clinic, slot.date) for slot in slots] == [(OTHER_CLINIC, DAY)]


def test_hours_of_the_next_date_take_the_end_of_a_night_whatever_range_is_asked_for() -> None:
    changed = replace(
        PLAIN,
        schedules=(daily(hours("20:00", "02:00", slot=180)),),
        overrides=(replace(override(("01:00", "02:00")), date=DAY + timedelta(days=1)),),
    )
    assert starts(changed) == ["20:00"]
    assert starts(replace(changed, overrides=())) == ["20:00", "23:00"]


def test_of_two_leaves_at_once_the_one_that_began_first_is_the_reason() -> None:
    long, short = leave(DAY - timedelta(days=3), DAY, id=39), leave(DAY, DAY, id=31)
    (segment,) = effective_day(replace(PLAIN, leaves=(short, long)), CLINIC, DAY)
    assert segment.reason.source == long.id


def test_a_clinic_without_a_known_zone_is_refused() -> None:
    with pytest.raises(InvalidValue, match="zone"):
        lay_out(replace(PLAIN, zones={}), CLINIC, DAY, DAY)
    with pytest.raises(ZoneInfoNotFoundError):
        lay_out(replace(PLAIN, zones={CLINIC: "Europe/Nowhere"}), CLINIC, DAY, DAY)


@pytest.mark.parametrize(("first", "last", "field"), [(date.min, DAY, "from"), (DAY, date.max, "to")])
def test_days_beyond_all_reckoning_are_refused(first: date, last: date, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        lay_out_all(PLAIN, first, last)
    assert refusal.value.field == field


def test_maintenance_of_a_room_closes_the_hours_that_name_it_and_no_others() -> None:
    out = outage(at("10:00"), at("14:00"))
    rooms = (replace(hours("09:00", "12:00"), room=ROOM), replace(hours("13:00", "17:00"), room=OTHER_ROOM))
    sources = replace(PLAIN, schedules=(daily(*rooms),), outages=(out,))
    segments = effective_day(sources, CLINIC, DAY)
    assert painted(segments) == [
        "00:00 outside_hours",
        "09:00 base",
        "10:00 maintenance",
        "12:00 outside_hours",
        "13:00 base",
        "17:00 outside_hours",
    ]
    assert (segments[2].reason.source, segments[2].reason.hours, segments[2].is_open) == (out.id, rooms[0], False)
    assert starts(sources)[:4] == ["09:00", "09:30", "13:00", "13:30"]


def test_hours_by_video_alone_need_no_room() -> None:
    by_video = replace(hours("09:00", "12:00"), room=ROOM, in_person=0, tele=1)
    both = replace(hours("13:00", "17:00"), room=ROOM, tele=1)
    out = (outage(at("08:00"), at("18:00")),)
    assert starts(replace(PLAIN, schedules=(daily(by_video, both),), outages=out))[-1] == "11:30"


def test_maintenance_closes_only_what_nothing_else_has_closed() -> None:
    sources = replace(
        PLAIN,
        schedules=(daily(replace(hours("09:00", "12:00"), room=ROOM)),),
        overrides=(override(("10:00", "12:00")),),
        clinic_days=(ClinicDay(clinic=CLINIC, date=DAY + timedelta(days=1), name="Founders' Day"),),
        outages=(outage(at("08:00"), at("18:00", DAY + timedelta(days=2))),),
    )
    # Hours of the date that name no room go on; what they leave out stays left out.
    assert painted(effective_day(sources, CLINIC, DAY))[1:3] == ["09:00 override_closed", "10:00 override"]
    assert painted(effective_day(sources, CLINIC, DAY + timedelta(days=1))) == ["00:00 holiday"]
    assert painted(effective_day(sources, CLINIC, DAY + timedelta(days=2)))[1] == "09:00 maintenance"


def test_maintenance_is_explained_by_the_room_and_until_when_on_the_clinics_clock() -> None:
    sources = replace(
        PLAIN,
        schedules=(daily(replace(hours("09:00", "12:00"), room=ROOM)),),
        outages=(outage(at("10:00"), at("15:00")),),
    )
    reason = effective_day(sources, CLINIC, DAY)[2].reason
    assert list(resources_named(sources)) == [ROOM]
    told = Explanations(sources, resources={ROOM: "Room 2"}).explain(reason)
    assert told == "closed: Room 2 is under maintenance until 12 January 2027, 15:00"
    unnamed = Explanations(sources).explain(reason)
    assert unnamed == "closed: the room is under maintenance until 12 January 2027, 15:00"


def test_every_reason_is_explained() -> None:
    away = replace(leave(DAY, DAY, 540, 570), decided_by=HEAD)
    sources = replace(
        PLAIN,
        closures=(
            replace(closure(BLOCK, at("09:30"), at("10:00"), id=21), reason=TEXT),
            closure(EMERGENCY, at("10:00"), at("10:30"), id=22),
            closure(HOLIDAY, at("10:30"), at("11:00"), id=23),
        ),
        leaves=(away,),
        overrides=(override(("09:00", "12:00"), reason=TEXT),),
    )
    words = Explanations(sources, {HEAD: "Ada Byron"}, {TEXT: "burst pipe"})
    assert [words.explain(s.reason) for s in effective_day(sources, CLINIC, DAY)] == [
        "closed: outside the schedule's hours",
        "closed: leave approved by Ada Byron",
        "closed: blocked – burst pipe",
        "closed: emergency",
        "closed: holiday",
        "open: other hours on this date, 09:00–12:00 – burst pipe",
        "closed: outside the schedule's hours",
        "closed: other hours on this date instead of 13:00–17:00 – burst pipe",
        "closed: outside the schedule's hours",
    ]
    closed = replace(PLAIN, clinic_days=(ClinicDay(clinic=CLINIC, date=DAY, name="Founders' Day"),))
    (whole,) = effective_day(closed, CLINIC, DAY)
    assert Explanations(closed).explain(whole.reason) == "closed: the clinic is closed (Founders' Day)"
    assert Explanations(PLAIN).explain(effective_day(PLAIN, CLINIC, DAY)[1].reason) == "open: weekly hours, 09:00–12:00"
    (nothing,) = effective_day(PLAIN, OTHER_CLINIC, DAY)
    assert Explanations(PLAIN).explain(nothing.reason) == "closed: no schedule is in effect"


def test_who_and_what_an_explanation_needs_is_known_beforehand() -> None:
    away = replace(leave(DAY, DAY), decided_by=HEAD, reason=TextId(UUID(int=81)))
    blocked = replace(closure(BLOCK, at("09:30"), at("10:00")), reason=TEXT)
    sources = replace(PLAIN, leaves=(away,), closures=(blocked,), overrides=(override(),))
    assert list(accounts_named(sources)) == [HEAD]
    # The doctor's own reason for leave is not for everybody who reads a calendar.
    assert list(texts_quoted(sources)) == [TEXT]


def test_an_explanation_whose_words_were_erased_goes_without_them() -> None:
    away = replace(leave(DAY, DAY), decided_by=HEAD)
    sources = replace(PLAIN, leaves=(away,))
    (segment,) = effective_day(sources, CLINIC, DAY)
    assert Explanations(sources).explain(segment.reason) == "closed: leave"


def test_maintenance_of_equipment_closes_the_hours_that_name_it_and_is_explained_by_it() -> None:
    both = replace(hours("09:00", "12:00"), room=ROOM, equipment=(DEVICE, OTHER_DEVICE))
    other = replace(hours("13:00", "17:00"), room=ROOM, equipment=(DEVICE,))
    out = outage(at("10:00"), at("14:00"), OTHER_DEVICE)
    sources = replace(PLAIN, schedules=(daily(both, other),), outages=(out,))
    segments = effective_day(sources, CLINIC, DAY)
    assert painted(segments)[1:4] == ["09:00 base", "10:00 maintenance", "12:00 outside_hours"]
    assert starts(sources)[:3] == ["09:00", "09:30", "13:00"]
    assert list(resources_named(sources)) == [OTHER_DEVICE]
    reason = segments[2].reason
    told = Explanations(sources, resources={OTHER_DEVICE: "Ultrasound"}).explain(reason)
    assert told == "closed: Ultrasound is under maintenance until 12 January 2027, 14:00"
    assert Explanations(sources).explain(reason).startswith("closed: the equipment is under maintenance")


def test_where_the_room_and_the_equipment_are_out_the_hours_stay_closed_until_both_are_back() -> None:
    both = replace(hours("09:00", "12:00"), room=ROOM, equipment=(DEVICE,))
    out = (outage(at("09:00"), at("10:00")), outage(at("09:30"), at("11:00"), DEVICE, 41))
    assert starts(replace(PLAIN, schedules=(daily(both),), outages=out)) == ["11:00", "11:30"]
