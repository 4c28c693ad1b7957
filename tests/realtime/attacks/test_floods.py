"""More than anybody needs."""

import pytest

from loadtests.attacks import floods
from loadtests.attacks.figures import Attack
from loadtests.attacks.ground import PER_ADDRESS
from tests.realtime.attacks.conftest import Played

POLICY = {"1008": floods.CLIENTS}
"""All were closed with the code that says not to come back like this."""


async def test_one_address_gets_so_many_websockets_and_others_get_in(play: Played) -> None:
    outcome = await play(floods.connections)
    assert outcome.answers == {"429": 300, "101": PER_ADDRESS, "another address: 101": 1}


async def test_polling_sessions_dropped_by_the_thousand_are_limited(play: Played) -> None:
    outcome = await play(floods.sessions)
    assert set(outcome.answers) == {"200", "429"}
    assert outcome.answers["200"] <= PER_ADDRESS


async def test_who_guesses_session_ids_is_refused_and_then_limited(play: Played) -> None:
    outcome = await play(floods.guessed_sids)
    assert set(outcome.answers) == {"400", "429", "websocket: 400"}
    assert outcome.answers["429"] > outcome.answers["400"]


async def test_a_polling_session_that_posts_packets_without_end_is_closed(play: Played) -> None:
    outcome = await play(floods.polled_pongs)
    assert outcome.answers["429"] == floods.CLIENTS
    assert outcome.answers["200"] <= 10 * floods.CLIENTS


@pytest.mark.parametrize("attack", [floods.events, floods.large_events, floods.pongs, floods.pings])
async def test_a_flood_of_messages_is_closed(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == POLICY


@pytest.mark.parametrize("attack", [floods.empty_frames, floods.fragments, floods.empty_fragments])
async def test_a_flood_of_frames_that_carry_nothing_is_closed(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == POLICY


@pytest.mark.parametrize("attack", [floods.joins, floods.lying_joins, floods.forged_joins])
async def test_a_flood_of_joins_is_closed(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == POLICY


@pytest.mark.parametrize("attack", [floods.forged_staff, floods.namespaces])
async def test_a_flood_of_connects_is_closed(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == POLICY
