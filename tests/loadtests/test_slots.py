"""The load test of slots still runs, and says what it promises to say."""

import pytest

from loadtests.slots.run import Sizes, run


@pytest.mark.slow
async def test_a_small_run_finds_every_figure_and_leaves_nothing_behind() -> None:
    figures = await run(Sizes(doctors=3, days=30, searched=20, searches=20))
    assert {"copy_ratio", "regenerate_ms", "search_p50_ms", "search_p99_ms", "slots"} <= set(figures)
    assert figures["slots"] > 3 * 22 * 20
    assert figures["slots_gone_by_leave"] >= 3 * 22 * 5
    assert figures["searched_slots"] > 20 * 22 * 20
    assert figures["searches_without_a_slot"] < figures["searches"]
