"""What is no protocol at all, or a lie in it."""

import pytest

from loadtests.attacks import rubbish
from loadtests.attacks.figures import Attack
from tests.realtime.attacks.conftest import Played


@pytest.mark.parametrize("attack", [rubbish.garbage_requests, rubbish.strange_upgrades])
async def test_what_is_no_request_is_refused(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == {"400": 100}


async def test_what_is_no_frame_ends_the_connection(play: Played) -> None:
    assert (await play(rubbish.garbage_frames)).answers == {"1002": rubbish.CLIENTS}


async def test_packets_that_cannot_be_read_end_the_connection(play: Played) -> None:
    assert (await play(rubbish.garbage_packets)).answers == {"1008": rubbish.CLIENTS}


async def test_json_without_a_bottom_ends_the_connection(play: Played) -> None:
    outcome = await play(rubbish.deep_json)
    assert set(outcome.answers) <= {"1008", "1009"}


@pytest.mark.parametrize("attack", [rubbish.attachments_announced, rubbish.attachments_unannounced])
async def test_lies_about_attachments_end_the_connection(play: Played, attack: Attack) -> None:
    assert (await play(attack)).answers == {"1008": rubbish.CLIENTS}
