"""Changes of clocks in eight zones, by every rule that there is for them, and the odd ones of the past."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from scheduling_core.calendar.day import effective_day, effective_days
from scheduling_core.calendar.slots import lay_out
from scheduling_core.calendar.sources import ClinicDay, Sources
from scheduling_core.calendar.wall_time import day_span, instant, moment
from scheduling_core.ids import ScheduleId
from tests.core.calendar.minute_model import Walk, as_cuts, joined, told
from tests.core.calendar.plans import CHANGES, CLINIC, ZONES, daily, hours, leave
from tests.thorough import tries

MOST_CHANGES = tries(4, 100)
NIGHTS = ScheduleId(UUID(int=11))


def around_the_clock(zone: str, day: date) -> Sources:
    """A doctor who works day and night, whose clinic closes on a day near `day` and who is away for part of another."""
    return Sources(
        schedules=(
            daily(hours("04:00", "21:30", slot=25, buffer=5)),
            daily(hours("21:40", "03:50", slot=20), id=NIGHTS),
        ),
        leaves=(leave(day, day, 30, 150),),
        clinic_days=(ClinicDay(clinic=CLINIC, date=day + timedelta(days=1), name="Founders' Day"),),
        zones={CLINIC: zone},
    )


def test_the_zones_change_their_clocks_about_twice_a_year() -> None:
    assert len(CHANGES) >= 100
    assert len({zone for zone, _ in CHANGES}) >= 6


@pytest.mark.parametrize("zone", [zone for zone in ZONES if any(zone == changing for changing, _ in CHANGES)])
def test_changes_of_clocks_are_what_a_walk_along_the_clock_says(zone: str) -> None:
    """Of two years, which sees each rule with both plans; of ten years in a thorough run."""
    changes = [day for changing, day in CHANGES if changing == zone][:MOST_CHANGES]
    for turn, day in enumerate(changes):
        first, last = day - timedelta(days=1), day + timedelta(days=1)
        sources = around_the_clock(zone, day - timedelta(days=turn // 2 % 2))
        walk = Walk(sources, CLINIC, first, last)
        assert as_cuts(lay_out(sources, CLINIC, first, last)) == walk.slots()
        model = walk.reasons()
        for date_, segments in effective_days(sources, CLINIC, first, last).items():
            assert told(segments) == joined(model[date_])


@pytest.mark.parametrize("zone", ZONES)
def test_the_dates_of_ten_years_lie_end_to_end(zone: str) -> None:
    first = date(2026, 1, 1).toordinal()
    spans = [day_span(zone, first + offset) for offset in range(3_653)]
    assert all(one[1] == following[0] for one, following in pairwise(spans))
    assert {(end - start) // 60 for start, end in spans} <= {1380, 1410, 1440, 1470, 1500}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        ("Europe/Berlin", "2027-03-28", "01:59", "2027-03-28T01:59+01:00"),
        ("Europe/Berlin", "2027-03-28", "02:00", "2027-03-28T03:00+02:00"),
        ("Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T03:00+02:00"),
        ("Europe/Berlin", "2027-03-28", "03:00", "2027-03-28T03:00+02:00"),
        ("Europe/Berlin", "2027-10-31", "02:30", "2027-10-31T02:30+02:00"),
        ("Europe/Berlin", "2027-10-31", "03:00", "2027-10-31T03:00+01:00"),
        ("Australia/Lord_Howe", "2027-10-03", "02:15", "2027-10-03T02:30+11:00"),
        ("Africa/Cairo", "2027-04-30", "00:00", "2027-04-30T01:00+03:00"),
        ("America/Santiago", "2027-04-04", "00:00", "2027-04-04T00:00-04:00"),
        ("America/Havana", "2027-11-07", "00:00", "2027-11-07T00:00-04:00"),
    ],
)
def test_a_wall_time_is_the_first_instant_at_which_the_clock_shows_it_or_later(
    zone: str, day: str, clock: str, expected: str
) -> None:
    hour, minute = clock.split(":")
    found = instant(zone, date.fromisoformat(day).toordinal(), int(hour) * 60 + int(minute))
    assert moment(found) == at(expected)


def test_a_sitting_that_a_change_skips_altogether_has_no_slots() -> None:
    sources = Sources(schedules=(daily(hours("02:10", "02:50", slot=10)),), zones={CLINIC: "Europe/Berlin"})
    day = date(2027, 3, 28)
    assert lay_out(sources, CLINIC, day, day) == []
    assert len(lay_out(sources, CLINIC, day, day + timedelta(days=1))) == 4


def test_a_night_is_as_long_as_the_clocks_make_it() -> None:
    sources = Sources(schedules=(daily(hours("22:00", "06:00", slot=60)),), zones={CLINIC: "Europe/Berlin"})

    def of_the_night(day: date) -> int:
        return sum(1 for s in lay_out(sources, CLINIC, day, day + timedelta(days=1)) if _night(s.start) == day)

    assert of_the_night(date(2027, 3, 26)) == 8
    assert of_the_night(date(2027, 3, 27)) == 7
    assert of_the_night(date(2027, 10, 30)) == 9


def _night(start: datetime) -> date:
    """Return the date (in Central Europe) on which a night began."""
    return (start - timedelta(hours=12)).date()


def test_a_date_that_a_zone_skipped_has_no_minutes() -> None:
    sources = Sources(schedules=(daily(hours("09:00", "17:00")),), zones={CLINIC: "Pacific/Apia"})
    skipped = date(2011, 12, 30)
    assert effective_day(sources, CLINIC, skipped) == ()
    assert lay_out(sources, CLINIC, skipped, skipped) == []
    assert len(lay_out(sources, CLINIC, skipped - timedelta(days=1), skipped + timedelta(days=1))) == 2 * 16


def test_a_zone_that_changes_its_offset_for_good_is_followed() -> None:
    sources = Sources(schedules=(daily(hours("09:00", "10:00")),), zones={CLINIC: "Europe/Volgograd"})
    starts = [s.start for s in lay_out(sources, CLINIC, date(2020, 12, 26), date(2020, 12, 27)) if s.start.minute == 0]
    assert starts == [at("2020-12-26T09:00+04:00"), at("2020-12-27T09:00+03:00")]


def test_slots_follow_a_clinic_whose_zone_is_corrected() -> None:
    plan = (daily(hours("09:00", "10:00", slot=60)),)
    day = date(2027, 1, 11)
    for zone, expected in (("Europe/Berlin", "2027-01-11T08:00Z"), ("Europe/Lisbon", "2027-01-11T09:00Z")):
        (slot,) = lay_out(Sources(schedules=plan, zones={CLINIC: zone}), CLINIC, day, day)
        assert slot.start == at(expected)
