"""Sessions that are not one's own, no longer there, or used twice."""

from loadtests.attacks import sessions
from tests.realtime.attacks.conftest import Played


async def test_the_id_of_a_closed_session_opens_nothing(play: Played) -> None:
    assert (await play(sessions.closed_sids)).answers == {"400 400 400": sessions.CLIENTS}


async def test_an_upgraded_session_is_no_one_elses(play: Played) -> None:
    assert (await play(sessions.upgraded_sids)).answers == {"400 400 101 1000, stays": sessions.CLIENTS}


async def test_of_two_upgrades_one_is_made(play: Played) -> None:
    assert (await play(sessions.two_upgrades)).answers == {"closed, upgraded": sessions.CLIENTS}


async def test_connecting_twice_changes_nothing(play: Played) -> None:
    assert (await play(sessions.connecting_twice)).answers == {"0 more, answered": sessions.CLIENTS}
