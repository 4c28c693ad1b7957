"""Whom the list offers a time to, and until when."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist import decide, matching
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.matching import Freed, Unfit
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import Entry
from tests.core.waitlist.entries import DOCTOR, NOW, POLICY, after, freed, invited, waits

DAY = timedelta(days=1)
TIME = NOW + 2 * DAY
OTHER = UUID(int=99)


@pytest.mark.parametrize(
    ("entry", "time", "why"),
    [
        (waits(), freed(), None),
        (waits(doctor=None), freed(doctor=DoctorId(OTHER)), None),
        (waits(), freed(doctor=DoctorId(OTHER)), Unfit.OTHER_DOCTOR),
        (waits(), freed(clinic=ClinicId(OTHER)), Unfit.OTHER_CLINIC),
        (waits(mode=Mode.TELE), freed(), Unfit.OTHER_MODE),
        (waits(window=ev.Window(start=TIME + timedelta(seconds=1))), freed(), Unfit.OUTSIDE_WINDOW),
        (waits(window=ev.Window(start=TIME)), freed(), None),
        (waits(window=ev.Window(end=TIME)), freed(), Unfit.OUTSIDE_WINDOW),
        (waits(window=ev.Window(parts_of_day=(PartOfDay.EVENING,))), freed(), Unfit.OTHER_PART_OF_DAY),
        (waits(window=ev.Window(parts_of_day=(PartOfDay.EVENING, PartOfDay.MORNING))), freed(), None),
        (waits(), freed(NOW + timedelta(minutes=119)), Unfit.TOO_SHORT_NOTICE),
        (waits(), freed(NOW + timedelta(minutes=120)), None),
        (invited(waits())[0], freed(), Unfit.INVITED),
        (invited(waits(), NOW - timedelta(hours=1))[0], freed(), None),
    ],
)
def test_a_time_is_for_whom_it_fits(entry: Entry, time: Freed, why: Unfit | None) -> None:
    assert matching.unfit(entry, time, POLICY, NOW) == why


def test_who_waits_no_longer_is_offered_nothing() -> None:
    entry = waits()
    assert matching.unfit(after(entry, decide.cancel(entry)), freed(), POLICY, NOW) is Unfit.NOT_WAITING
    assert matching.unfit(entry, freed(NOW + 40 * DAY), POLICY, NOW + 30 * DAY) is Unfit.NOT_WAITING


def test_who_is_deferred_is_offered_nothing_until_then() -> None:
    entry = waits()
    deferred = after(entry, decide.defer(entry, NOW + DAY, NOW))
    assert matching.unfit(deferred, freed(), POLICY, NOW) is Unfit.DEFERRED
    assert matching.unfit(deferred, freed(), POLICY, NOW + DAY) is None


def test_an_excluded_kind_of_visit_is_left_to_reception() -> None:
    policy = WaitlistPolicy(excluded_visit_types=("surgery",))
    assert matching.unfit(waits(visit_type="surgery"), freed(), policy, NOW) is Unfit.EXCLUDED_VISIT_TYPE


def test_what_was_declined_is_not_offered_again_but_other_times_are() -> None:
    time = freed()
    entry, invite = invited(waits(), time=time)
    declined = after(entry, decide.decline(entry, invite, NOW))
    assert matching.unfit(declined, time, POLICY, NOW) is Unfit.NOT_WANTED
    assert matching.unfit(declined, freed(), POLICY, NOW) is None


def test_in_person_is_meant_where_both_will_do() -> None:
    both = freed(modes=frozenset(Mode))
    assert matching.mode_for(waits(), both) is Mode.IN_PERSON
    assert matching.mode_for(waits(mode=Mode.TELE), both) is Mode.TELE


def test_who_has_said_more_exactly_when_they_can_come_fits_better() -> None:
    narrow = waits(window=ev.Window(end=NOW + 9 * DAY, parts_of_day=(PartOfDay.MORNING,)))
    assert matching.fit(narrow, freed()) == 1
    assert 0 == matching.fit(waits(doctor=None), freed()) < matching.fit(waits(doctor=DOCTOR), freed()) < 1


@pytest.mark.parametrize(
    ("start", "minutes"), [(NOW + 2 * DAY, 30), (NOW + timedelta(minutes=60), 30), (NOW + timedelta(minutes=40), 20)]
)
def test_an_offer_never_eats_up_more_than_half_of_the_time_that_is_left(start: datetime, minutes: int) -> None:
    assert matching.respond_by(freed(start), POLICY, NOW) == NOW + timedelta(minutes=minutes)


def test_a_time_that_begins_soon_is_given_to_who_has_agreed_to_that() -> None:
    soon, later = freed(NOW + timedelta(minutes=179)), freed(NOW + timedelta(minutes=180))
    assert matching.is_given(waits(short_notice=True), soon, POLICY, NOW)
    assert not matching.is_given(waits(short_notice=True), later, POLICY, NOW)
    assert not matching.is_given(waits(), soon, POLICY, NOW)
