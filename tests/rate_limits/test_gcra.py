"""The arithmetic of budgets, alone and against the script in Redis."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.rate_limits.gcra import HIGHEST_RATE, Draw, Rate, decide, level_of
from queue_server.rate_limits.in_process import InProcessLimiter
from queue_server.rate_limits.script import SCRIPT
from tests.conftest import RunningServices

NOW = 1_800_000_000_000_000
"""Microseconds since 1970, as Redis will count them in 2027."""


class Clock:
    """Time that stands until it is told to go; in microseconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def draw(rate: Rate, key: str = "k") -> Draw:
    return Draw("test", "g", key, rate)


async def test_a_budget_empties_and_fills_again_with_time() -> None:
    clock = Clock()
    limiter, one = InProcessLimiter(clock), draw(Rate(60, 3))
    stands = [(await limiter.take(one)).allowances[0] for _ in range(3)]
    assert [a.remaining for a in stands] == [2, 1, 0]
    assert [a.full_after for a in stands] == [1, 2, 3]
    refused = await limiter.take(one)
    assert not refused.allowed
    assert refused.allowances[0].retry_after == 1
    clock.now += 1_000_000
    assert (await limiter.take(one)).allowances[0].remaining == 0
    clock.now += 3600_000_000
    assert (await limiter.take(one)).allowances[0].remaining == 2  # never more than a burst


async def test_refused_requests_cost_nothing() -> None:
    clock = Clock()
    limiter, one = InProcessLimiter(clock), draw(Rate(6, 1))
    assert (await limiter.take(one)).allowed
    for left in (9, 8, 7, 6, 5):
        clock.now += 1_000_000
        refused = await limiter.take(one)
        assert (refused.allowed, refused.allowances[0].retry_after) == (False, left)
    clock.now += 5_000_000
    assert (await limiter.take(one)).allowed


async def test_all_budgets_are_drawn_on_or_none() -> None:
    limiter = InProcessLimiter(Clock())
    wide, narrow = draw(Rate(60, 10), "wide"), draw(Rate(60, 1), "narrow")
    assert (await limiter.take(wide, narrow)).allowed
    refused = await limiter.take(wide, narrow)
    assert not refused.allowed
    assert [a.remaining for a in refused.allowances] == [9, 0]
    nearest = refused.nearest
    assert nearest is not None
    assert nearest.rate == narrow.rate


async def test_no_more_budgets_are_remembered_than_may_be_and_full_ones_not_for_long() -> None:
    clock = Clock()
    limiter = InProcessLimiter(clock, most=100)
    for number in range(1000):
        await limiter.take(draw(Rate(1, 1), f"flood-{number}"))
    assert len(limiter) == 100
    assert limiter.refused(draw(Rate(1, 1), "flood-999")) is not None
    clock.now += 3600_000_000
    for number in range(200):
        await limiter.take(draw(Rate(60_000, 1), f"calm-{number}"))
        clock.now += 10_000
    assert len(limiter) < 5


@given(rate=st.builds(Rate, st.integers(1, HIGHEST_RATE), st.integers(1, 50)), refusals=st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_who_comes_back_the_moment_they_may_gets_the_burst_and_the_rate_exactly(rate: Rate, refusals: int) -> None:
    now, level, passed = NOW, 0, 0
    while True:
        allowed, (after,) = decide([level], [rate])
        passed += allowed
        if allowed:
            level = after
            continue
        if refusals == 0:
            break
        refusals -= 1
        wait = level + rate.interval - rate.capacity
        assert decide([level_of(now + level, now + wait - 1, rate)], [rate])[0] is False
        level = level_of(now + level, now + wait, rate)
        now += wait
    assert passed == rate.burst + (now - NOW) // rate.interval


# ---- the same in Lua -------------------------------------------------------------------------------------------------

STEP = f"""
local given, at, stored = {{}}, #ARGV - 1, 3 * #KEYS
for i = 1, #KEYS do
    redis.call('DEL', KEYS[i])
    if ARGV[stored + i] ~= '' then redis.call('SET', KEYS[i], ARGV[stored + i]) end
end
local function step()
{SCRIPT.replace("redis.call('TIME')", "{ARGV[at], ARGV[at + 1]}")}
end
local answer = step()
for i = 1, #KEYS do answer[#answer + 1] = redis.call('GET', KEYS[i]) end
return answer
"""
"""The script at a moment, and with budgets, that the test chooses."""


@pytest.fixture(scope="module")
def client(services: RunningServices) -> Iterator[Any]:
    if "REDIS_URL" not in services.urls:
        pytest.skip("no Redis on this machine")
    found: Any = redis.Redis.from_url(services.urls["REDIS_URL"])
    yield found
    found.close()


BUDGETS = st.lists(
    st.tuples(
        st.builds(Rate, st.integers(1, HIGHEST_RATE), st.integers(1, 100_000)),
        # Full long ago, a moment ago, soon, much later (a clock that went back), never drawn on.
        st.one_of(st.none(), st.integers(0, 2 * NOW), st.integers(NOW - 10**9, NOW + 10**9)),
        st.one_of(st.just(0), st.integers(0, 10**9)),
    ),
    min_size=1,
    max_size=4,
)


@given(budgets=BUDGETS, now=st.integers(NOW - 10**8, NOW + 10**8))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lua_and_python_agree_to_the_microsecond(
    client: Any, budgets: list[tuple[Rate, int | None, int]], now: int
) -> None:
    rates = [rate for rate, _, _ in budgets]
    before = [level_of(full_at, now, rate, floor) for rate, full_at, floor in budgets]
    allowed, levels = decide(before, rates)
    keys = [f"test:{{gcra}}:{place}" for place in range(len(budgets))]
    numbers = [n for rate, _, floor in budgets for n in (rate.interval, rate.capacity, floor)]
    stored = ["" if full_at is None else full_at for _, full_at, _ in budgets]
    answer = client.eval(STEP, len(keys), *keys, *numbers, *stored, now // 10**6, now % 10**6)
    assert answer[: 1 + len(keys)] == [int(allowed), *levels]
    if allowed:
        assert [int(full_at) for full_at in answer[1 + len(keys) :]] == [now + level for level in levels]
        for key, level in zip(keys, levels, strict=True):
            assert 0 <= client.pttl(key) <= level // 1000 + 2 or not client.exists(key)


def test_the_test_really_chose_the_time() -> None:
    assert "redis.call('TIME')" in SCRIPT
    assert "redis.call('TIME')" not in STEP
