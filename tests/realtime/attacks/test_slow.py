"""Those who take their time."""

import pytest

from loadtests.attacks import slow
from loadtests.attacks.figures import Attack
from tests.realtime.attacks.conftest import Played

HALF = slow.CLIENTS // 2


async def test_who_connects_and_says_nothing_is_cut_off(play: Played) -> None:
    assert (await play(slow.silent)).answers == {"cut": slow.CLIENTS}


async def test_a_request_for_a_websocket_that_never_ends_is_cut_off(play: Played) -> None:
    assert (await play(slow.unfinished_heads)).answers == {"cut": slow.CLIENTS}


async def test_a_head_of_megabytes_is_refused(play: Played) -> None:
    outcome = await play(slow.endless_heads)
    # Where the client's own writing meets the end first, the answer may be lost with the reset.
    assert set(outcome.answers) <= {"431", "cut"}


async def test_a_body_that_comes_byte_by_byte_is_refused(play: Played) -> None:
    assert (await play(slow.slow_bodies)).answers == {"400": slow.CLIENTS}


async def test_frames_that_come_byte_by_byte_end_with_the_idle_and_too_large_ones_at_once(play: Played) -> None:
    assert (await play(slow.slow_frames)).answers == {"1008": HALF, "1009": HALF}


async def test_who_never_connects_to_a_namespace_is_closed(play: Played) -> None:
    assert (await play(slow.strangers)).answers == {"1008": HALF, "polling: 200 1": HALF}


@pytest.mark.parametrize("attack", [slow.deaf, slow.sipping])
async def test_who_does_not_read_is_cut_off(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == {"cut": slow.CLIENTS}


async def test_who_asks_for_more_than_may_wait_for_it_is_closed(play: Played) -> None:
    outcome = await play(slow.hoarders)
    assert set(outcome.answers) <= {"1008", "cut"}


async def test_a_polling_session_that_fetches_nothing_is_closed(play: Played) -> None:
    assert (await play(slow.polling_hoarders)).answers == {"400": slow.CLIENTS}


async def test_an_upgrade_that_is_never_completed_is_closed(play: Played) -> None:
    outcome = await play(slow.unfinished_upgrades)
    assert set(outcome.answers) <= {"1000", "1008"}
