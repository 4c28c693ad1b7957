"""Short versions of the benchmarks of booking, held to everything but how fast: one wins, each hold ends once, and no
history is impossible; a fault that was put in on purpose is found."""

import pytest

from loadtests import holds
from loadtests.booking_history.run import run as histories
from loadtests.booking_race.run import TINY
from loadtests.booking_race.run import run as races


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_of_everybody_who_wants_a_time_over_http_as_many_win_as_it_has_places() -> None:
    figures = await races(TINY)
    assert figures["faults"] == []
    assert (figures["double_bookings"], figures["wrong_winners"], figures["deadlocks"]) == (0, 0, 0)
    assert figures["all_guests"]["answers"] == {"ok": 1, "slot_unavailable": TINY.clients - 1}
    assert figures["all_desks"]["answers"] == {"ok": 1, "slot_unavailable": TINY.clients - 1}
    assert figures["three_places"]["answers"]["ok"] == 3 * TINY.rounds
    assert figures["crossings"]["answers"]["ok"] > 0


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_each_hold_ends_once_and_none_early_although_servers_and_worker_are_killed() -> None:
    figures = await holds.run(holds=120, seconds=3.0)
    assert figures["faults"] == []
    assert figures["kills"]
    assert figures["booked"] + figures["released"] + figures["expired"] == figures["holds"] >= 120
    assert min(figures["booked"], figures["released"], figures["expired"]) > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_histories_under_kills_are_possible_and_a_planted_fault_is_found() -> None:
    figures = await histories(minutes=0.2, planted_seconds=3)
    assert figures["faults"] == []
    assert (figures["violations"], figures["undecided"], figures["lost_bookings"]) == (0, 0, 0)
    assert figures["planted"]["caught"]
    assert figures["kills"]
