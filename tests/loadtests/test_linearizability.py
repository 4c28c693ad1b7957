"""The checker of histories: what one clerk with one book could have said passes, everything else does not."""

from itertools import permutations
from random import Random

import pytest

from loadtests.booking_history.linearizability import FOREVER, Call, Verdict, check
from loadtests.booking_history.slot import (
    DONE,
    REFUSED,
    TOO_LATE,
    UNKNOWN,
    Audit,
    Book,
    Cancel,
    Expired,
    Hold,
    Read,
    Release,
    State,
    What,
    apply,
)

Timed = tuple[float, float, What]


def verdict(*calls: Timed, places: int = 1) -> Verdict:
    """Return what is found of calls, each with when it was made and answered."""
    return check([Call(what, made, answered) for made, answered, what in calls], State(places), apply).verdict


def passes(*calls: Timed, places: int = 1) -> bool:
    return verdict(*calls, places=places) is Verdict.LINEARIZABLE


def booked(key: str, who: str | None = None) -> Book:
    return Book(key, who, DONE, f"appointment of {key}")


def booked_from(hold: str) -> Book:
    return Book("a", "me", DONE, "appointment of a", hold=hold)


def test_of_two_who_book_at_once_one_may_win() -> None:
    assert passes((0, 2, booked("a")), (1, 3, Book("b", None, REFUSED)))
    assert not passes((0, 2, booked("a")), (1, 3, booked("b")))
    assert passes((0, 2, booked("a")), (1, 3, booked("b")), places=2)


def test_nobody_may_be_refused_before_anybody_has_booked() -> None:
    assert not passes((0, 1, Book("b", None, REFUSED)), (2, 3, booked("a")))
    assert passes((0, 2.5, Book("b", None, REFUSED)), (2, 3, booked("a")))


def test_who_looks_sees_what_was_answered_before() -> None:
    assert passes((0, 1, booked("a")), (2, 3, Read(taken=1, remaining=0)))
    assert not passes((0, 1, booked("a")), (2, 3, Read(taken=0, remaining=1)))
    assert passes((0, 2, booked("a")), (1, 3, Read(taken=0, remaining=1)))


def test_what_somebody_holds_is_nobody_elses_until_it_ends() -> None:
    held = (0.0, 1.0, Hold("me", DONE))
    assert not passes(held, (2, 3, booked("a")), (4, 5, booked("b", "me")))
    assert passes(held, (2, 3, Book("a", None, REFUSED)), (4, 5, booked("b", "me")))
    assert passes(held, (2, 3, Release("me", DONE)), (4, 5, booked("a")))
    assert passes(held, (2, 2.1, Expired("me")), (3, 4, booked("a")), (5, 6, Book("b", "me", TOO_LATE)))
    assert not passes(held, (3, 3.1, Expired("me")), (1.5, 2, booked("a")))


def test_the_end_of_a_hold_that_was_given_up_ends_no_later_one_of_the_same_person() -> None:
    """Who holds, gives up and holds again keeps the second place past the end that the first one would have had."""
    again: list[Timed] = [
        (0, 1, Hold("me", DONE, "first")),
        (2, 3, Release("me", DONE)),
        (4, 5, Hold("me", DONE, "second")),
        (6, 6.1, Expired("me", "first")),
    ]
    refused, late = (7.0, 8.0, Book("a", None, REFUSED)), (7.0, 8.0, booked("a"))
    assert passes(*again, refused)
    assert not passes(*again, late)
    assert passes(*again, (6.5, 6.6, Expired("me", "second")), late)
    assert not passes(*again, (6.5, 6.6, Expired("me", "second")), refused)


def test_a_hold_that_nobody_heard_of_is_named_when_it_is_asked_for_again() -> None:
    unheard, named = (0.0, FOREVER, Hold("me", UNKNOWN)), (2.0, 3.0, Hold("me", DONE, "mine"))
    assert passes(unheard, (1, 1.5, Read(taken=0, remaining=0)), named, (4, 5, booked_from("mine")))
    assert passes(unheard, named, (4, 4.1, Expired("me", "mine")), (5, 6, booked("b")))
    assert not passes(unheard, named, (3.5, FOREVER, Expired("me")), (5, 6, booked("b")))
    assert not passes(named, (4, 5, Hold("me", DONE, "another")))


def test_nobody_books_from_a_hold_that_was_given_up() -> None:
    again: list[Timed] = [
        (0, 1, Hold("me", DONE, "first")),
        (2, 3, Release("me", DONE)),
        (4, 5, Hold("me", DONE, "second")),
    ]
    assert passes(*again, (6, 7, booked_from("second")))
    assert not passes(*again, (6, 7, booked_from("first")))
    assert passes(*again, (6, 7, Book("a", "me", TOO_LATE, hold="first")))


def test_a_hold_that_is_over_cannot_be_booked() -> None:
    late = Book("a", "me", DONE, "appointment of a", in_time=False)
    assert not passes((0, 1, Hold("me", DONE)), (2, 2.1, Expired("me")), (3, 4, late))
    assert passes((0, 1, Hold("me", DONE)), (2, 2.1, Expired("me")), (1.5, 4, booked("a", "me")))


def test_a_hold_that_lives_cannot_be_called_over() -> None:
    assert not passes((0, 1, Hold("me", DONE)), (2, 3, Book("a", "me", TOO_LATE)))


def test_who_began_to_book_before_the_end_may_be_seen_to_book_after_it_unless_somebody_else_was_faster() -> None:
    over: list[Timed] = [(0, 1, Hold("me", DONE)), (2, 2.1, Expired("me"))]
    free = Read(taken=0, remaining=1)
    assert passes(*over, (1.5, 5, booked("a", "me")), (3, 4, free))
    assert not passes(*over, (1.5, 5, Book("a", "me", DONE, "appointment of a", in_time=False)), (3, 4, free))
    assert not passes(
        *over, (1.5, 8, booked("a", "me")), (3, 4, free), (5, 6, booked("b")), (7, 7.5, Cancel("b", DONE))
    )


def test_what_nobody_answered_may_have_been_done_or_not() -> None:
    unknown: Timed = (0, FOREVER, Book("a", None, UNKNOWN))
    assert passes(unknown, (1, 2, booked("b")))
    assert passes(unknown, (1, 2, Book("b", None, REFUSED)))
    assert passes(unknown, (1, 2, Read(taken=0, remaining=1)), (3, 4, Read(taken=1, remaining=0)))
    assert not passes(unknown, (1, 2, Read(taken=1, remaining=0)), (3, 4, Read(taken=0, remaining=1)))


def test_the_same_key_books_once() -> None:
    unknown: Timed = (0, FOREVER, Book("a", None, UNKNOWN))
    assert passes(unknown, (1, 2, booked("a")), (3, 4, booked("a")), (5, 6, Read(taken=1, remaining=0)))
    other = Book("a", None, DONE, "another appointment")
    assert not passes((0, 1, booked("a")), (2, 3, other), places=2)
    assert not passes((0, 1, booked("a")), (2, 3, booked("a")), (4, 5, Read(taken=2, remaining=0)), places=2)


def test_a_cancelled_booking_gives_its_place_back_once() -> None:
    cancelled: list[Timed] = [(0, 1, booked("a")), (2, 3, Cancel("a", DONE))]
    assert passes(*cancelled, (4, 5, booked("b")), (6, 7, Cancel("a", DONE)))
    assert not passes(*cancelled, (4, 5, booked("b")), (6, 7, booked("c")))
    assert not passes((0, 1, booked("a")), (2, 3, Cancel("a", "conflict")))


def test_a_booking_that_was_acknowledged_must_be_there_in_the_end() -> None:
    there, empty = Audit(frozenset({"appointment of a"})), Audit(frozenset())
    assert passes((0, 1, booked("a")), (2, 3, there))
    assert not passes((0, 1, booked("a")), (2, 3, empty))
    assert not passes((0, 1, booked("a")), (2, 3, Audit(frozenset({"appointment of b"}))))
    assert passes((0, FOREVER, Book("a", None, UNKNOWN)), (2, 3, empty))
    assert passes((0, FOREVER, Book("a", None, UNKNOWN)), (2, 3, there))


def test_a_slot_for_several_may_show_less_than_is_free_never_more() -> None:
    held = (0.0, 1.0, Hold("me", DONE))
    assert passes(held, (2, 3, Read(taken=0, remaining=2)), places=3)
    assert passes(held, (2, 3, Read(taken=0, remaining=1)), places=3)
    assert not passes(held, (2, 3, Read(taken=0, remaining=3)), places=3)


def test_a_search_that_would_take_too_long_decides_nothing() -> None:
    calls = [Call[What](Book(str(n), None, UNKNOWN), 0.0) for n in range(12)]
    calls.append(Call(Read(taken=3, remaining=7), 1.0, 2.0))
    assert check(calls, State(6), apply, most_steps=50).verdict is Verdict.UNDECIDED


def test_what_was_stuck_is_named() -> None:
    result = check([Call[What](Read(taken=1, remaining=0), 0.0, 1.0)], State(1), apply)
    assert result.stuck == (Read(taken=1, remaining=0),)


@pytest.mark.parametrize("seed", range(30))
def test_the_search_agrees_with_trying_every_order(seed: int) -> None:
    chance = Random(seed)
    calls = [Call[What](_any(chance), made := chance.uniform(0, 3), made + chance.uniform(0.1, 2)) for _ in range(6)]
    assert (check(calls, State(1), apply).verdict is Verdict.LINEARIZABLE) == _by_trying(calls)


def _any(chance: Random) -> What:
    key = chance.choice("ab")
    return chance.choice(
        (
            booked(key),
            Book(key, None, REFUSED),
            Cancel(key, DONE),
            Hold("me", DONE),
            Hold("you", REFUSED),
            booked("h", "me"),
            Release("me", DONE),
            Read(taken=1, remaining=0),
            Read(taken=0, remaining=chance.choice((0, 1))),
        )
    )


def _by_trying(calls: list[Call[What]]) -> bool:
    for order in permutations(calls):
        in_time = all(later.answered >= sooner.made for n, sooner in enumerate(order) for later in order[n + 1 :])
        if in_time and _follows(order):
            return True
    return False


def _follows(order: tuple[Call[What], ...]) -> bool:
    states = {State(1)}
    for call in order:
        states = {after for state in states for after in apply(state, call.what)}
    return bool(states)
