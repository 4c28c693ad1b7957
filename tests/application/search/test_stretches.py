"""Dates in stretches on which the same clinics offer nothing."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from queue_server.application.search.stretches import Stretch, stretches

FIRST = date(2026, 3, 2)
CLOSED, ONE, TWO = UUID(int=1), UUID(int=2), UUID(int=3)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_full_days_are_apart_and_those_of_the_same_clinics_together() -> None:
    full = {day(2): (ONE,), day(3): (ONE,), day(4): (ONE, TWO), day(6): (ONE,)}
    assert stretches(day(0), day(6), (CLOSED,), full) == [
        Stretch(day(0), day(1), (CLOSED,)),
        Stretch(day(2), day(3), (CLOSED, ONE)),
        Stretch(day(4), day(4), (CLOSED, ONE, TWO)),
        Stretch(day(5), day(5), (CLOSED,)),
        Stretch(day(6), day(6), (CLOSED, ONE)),
    ]


def test_whatever_is_full_each_date_is_in_one_stretch_in_order() -> None:
    random = Random(5)
    for _ in range(200):
        last = random.randrange(12)
        full = {
            day(n): (ONE,) if random.random() < 0.5 else (ONE, TWO) for n in range(last + 1) if random.random() < 0.5
        }
        found = stretches(day(0), day(last), (), full)
        assert (found[0].first, found[-1].last) == (day(0), day(last))
        for before, after in pairwise(found):
            assert after.first == before.last + timedelta(days=1)
            assert after.not_at != before.not_at
        for number in range(last + 1):
            (one,) = [stretch for stretch in found if stretch.first <= day(number) <= stretch.last]
            assert one.not_at == full.get(day(number), ())


def test_no_dates_are_no_stretch() -> None:
    assert stretches(day(1), day(0), (), {}) == []
