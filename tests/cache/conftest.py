"""A Redis that a test may hurt."""

from collections.abc import AsyncIterator

import pytest

from tests.own_redis import OwnRedis, own_redis


@pytest.fixture
async def redis() -> AsyncIterator[OwnRedis]:
    """A running Redis of this test's own."""
    async with own_redis() as own:
        yield own
