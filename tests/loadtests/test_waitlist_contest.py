"""The judge of promotions: one winner whom everybody is told of passes, everything else is found."""

import pytest

from loadtests.waitlist_churn.contest import Round
from loadtests.waitlist_churn.list import Standing

ENTRY, MADE, OTHER = "entry", "appointment", "another appointment"


def found(named: str | None, *made: str) -> Standing:
    return Standing(waiting=0, counted=0, appointments={ENTRY: (named, made)})


def played(*won: str, **told: int) -> Round:
    return Round(entry=ENTRY, won=won, told={"ok": len(won), **told}, seconds=0.1)


def test_one_who_wins_and_others_who_are_told_so_is_right() -> None:
    assert played(MADE, conflict=49).wrong(found(MADE, MADE)) == []


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (played(MADE, OTHER, conflict=48), found(MADE, MADE, OTHER)),
        (played(MADE, conflict=49), found(MADE, MADE, OTHER)),
        (played(MADE, conflict=49), found(OTHER, OTHER)),
        (played(conflict=50), found(MADE, MADE)),
        (played(MADE, conflict=48, internal_error=1), found(MADE, MADE)),
        (played(MADE, conflict=49), Standing(waiting=0, counted=0, appointments={})),
    ],
    ids=["two win", "a second appointment", "another than was told", "nobody is told", "a strange answer", "gone"],
)
def test_a_fault_that_was_put_in_is_found(one: Round, standing: Standing) -> None:
    assert one.wrong(standing) != []
