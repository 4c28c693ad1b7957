"""Budgets of requests: a bucket of tokens for each address."""

import pytest

from queue_server.http import limits
from queue_server.http.limits import Budget, TokenBuckets
from scheduling_core.errors import TooManyRequests


class Clock:
    """Time that stands until it is told to go."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again_with_time() -> None:
    clock = Clock()
    buckets = TokenBuckets(Budget(per_minute=60, burst=3), clock)
    assert [buckets.take("a").remaining for _ in range(3)] == [2, 1, 0]
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("a")
    assert refused.value.retry_after == 1
    clock.now += 1
    assert buckets.take("a").remaining == 0
    clock.now += 3600
    assert buckets.take("a").remaining == 2  # never more than a burst


def test_refused_requests_cost_nothing() -> None:
    clock = Clock()
    buckets = TokenBuckets(Budget(per_minute=6, burst=1), clock)
    buckets.take("a")
    for _ in range(5):
        clock.now += 1
        with pytest.raises(TooManyRequests):
            buckets.take("a")
    clock.now += 5
    buckets.take("a")


def test_addresses_do_not_share_and_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 2)
    buckets = TokenBuckets(Budget(per_minute=6, burst=1), Clock())
    for address in ("a", "b", "c"):
        buckets.take(address)
    with pytest.raises(TooManyRequests):
        buckets.take("c")
    buckets.take("a")  # forgotten, so it begins anew
