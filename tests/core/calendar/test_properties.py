"""Whatever the sources say in whatever zone, days and slots are what a minute-by-minute model makes of them.

The default run is short; for a deep one: `CALENDAR_EXAMPLES=5000 pytest tests/core/calendar/test_properties.py`.
"""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scheduling_core.calendar.day import effective_day, effective_days
from scheduling_core.calendar.slots import lay_out, lay_out_all
from scheduling_core.calendar.sources import Sources
from scheduling_core.calendar.wall_time import day_span, moment
from tests.core.calendar import plans
from tests.core.calendar.minute_model import Walk, as_cuts, joined, told
from tests.core.calendar.plans import CLINIC, OTHER_CLINIC
from tests.thorough import tries

EXAMPLES = tries(15, 40, name="CALENDAR_EXAMPLES")

often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def cases(draw: st.DrawFn, most: int = 2) -> tuple[Sources, date]:
    zone, day = draw(plans.days_near_changes())
    return draw(plans.calendars(zone, day, most)), day


@often
@given(cases())
def test_a_day_is_what_the_model_says_of_each_of_its_minutes(case: tuple[Sources, date]) -> None:
    sources, day = case
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    model = Walk(sources, CLINIC, first, last).reasons()
    for date_, segments in effective_days(sources, CLINIC, first, last).items():
        assert told(segments) == joined(model[date_])


@often
@given(cases())
def test_slots_are_those_whose_every_minute_the_model_leaves_to_their_sitting(case: tuple[Sources, date]) -> None:
    sources, day = case
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    assert as_cuts(lay_out(sources, CLINIC, first, last)) == Walk(sources, CLINIC, first, last).slots()


@often
@given(cases())
def test_each_minute_of_a_date_has_exactly_one_reason(case: tuple[Sources, date]) -> None:
    sources, day = case
    segments = effective_day(sources, CLINIC, day)
    bounds = [moment(bound) for bound in day_span(sources.zones[CLINIC], day.toordinal())]
    assert [segments[0].start, segments[-1].end] == bounds
    for one, following in pairwise(segments):
        assert one.start < one.end == following.start
        assert one.reason != following.reason


@often
@given(cases(), st.integers(0, 4), st.integers(0, 4))
def test_laying_out_a_part_again_yields_the_same_slots(case: tuple[Sources, date], start: int, length: int) -> None:
    sources, day = case
    whole = lay_out_all(sources, day - timedelta(days=4), day + timedelta(days=8))
    first = day - timedelta(days=4) + timedelta(days=start)
    last = first + timedelta(days=length)
    assert lay_out_all(sources, first, last) == [slot for slot in whole if first <= slot.date <= last]


@often
@given(cases())
def test_the_order_in_which_sources_are_given_does_not_matter(case: tuple[Sources, date]) -> None:
    sources, day = case
    turned = replace(
        sources,
        schedules=sources.schedules[::-1],
        overrides=sources.overrides[::-1],
        closures=sources.closures[::-1],
        leaves=sources.leaves[::-1],
        clinic_days=sources.clinic_days[::-1],
        outages=sources.outages[::-1],
    )
    assert effective_day(turned, CLINIC, day) == effective_day(sources, CLINIC, day)
    assert lay_out_all(turned, day, day) == lay_out_all(sources, day, day)


@often
@given(cases(most=4))
def test_no_slot_of_a_doctor_overlaps_another_nor_falls_away_without_need(case: tuple[Sources, date]) -> None:
    sources, day = case
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    slots = lay_out_all(sources, first, last)
    assert slots == sorted(slots, key=lambda slot: slot.start)
    for one, following in pairwise(slots):
        assert one.end <= following.start
    near = timedelta(days=4)
    everywhere = [s for c in (CLINIC, OTHER_CLINIC) for s in lay_out(sources, c, first - near, last + near)]
    kept = {(slot.clinic, slot.start) for slot in slots}
    for slot in everywhere:
        if first <= slot.date <= last:
            is_in_the_way = any(
                other.clinic != slot.clinic
                and other.start < slot.end
                and slot.start < other.end
                and (other.start, other.clinic) < (slot.start, slot.clinic)
                for other in everywhere
            )
            assert ((slot.clinic, slot.start) in kept) is not is_in_the_way


@often
@given(cases())
def test_closed_time_and_slots_never_meet_and_slots_lie_in_open_time(case: tuple[Sources, date]) -> None:
    sources, day = case
    days = effective_days(sources, CLINIC, day, day + timedelta(days=1))
    segments = [segment for segments in days.values() for segment in segments]
    for slot in lay_out(sources, CLINIC, day, day):
        touched = [s for s in segments if s.start < slot.end and slot.start < s.end]
        assert all(segment.is_open for segment in touched)
