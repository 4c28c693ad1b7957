"""The cache in Redis: there and quick, or not used at all."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from queue_server.cache.redis import LARGEST_VALUE, RedisCache
from tests.own_redis import OwnRedis, until

UNHURRIED = 30.0
"""Seconds of patience where a busy machine must not take Redis for hung."""


@pytest.fixture
async def cache(redis: OwnRedis, request: pytest.FixtureRequest) -> RedisCache:
    """A connected cache, patient unless a test says how long it is; a test's own Redis ends with it."""
    patience = getattr(request, "param", UNHURRIED)
    made = RedisCache(redis.url, pool_size=3, patience_seconds=patience)
    await made.start()
    await until(lambda: made.is_connected)
    return made


async def test_what_is_put_is_there_for_other_processes(cache: RedisCache, redis: OwnRedis) -> None:
    other = RedisCache(redis.url, patience_seconds=UNHURRIED)
    await other.start()
    await until(lambda: other.is_connected)
    await cache.put("page", b"\x00what was found", 60)
    assert await other.get("page") == b"\x00what was found"
    await other.stop()
    await cache.stop()


async def test_a_value_is_gone_after_its_time(cache: RedisCache) -> None:
    await cache.put("page", b"short", 0.02)
    await until(lambda: _is_gone(cache, "page"))
    await cache.stop()


async def test_only_one_of_many_claims_a_key(cache: RedisCache) -> None:
    answers = await asyncio.gather(*(cache.claim("lease", 5) for _ in range(40)))
    assert answers.count(True) == 1
    assert answers.count(False) == 39
    await cache.release("lease")
    assert await cache.claim("lease", 5) is True
    await cache.stop()


async def test_a_value_of_another_type_is_nothing_and_no_fault_of_redis(cache: RedisCache, redis: OwnRedis) -> None:
    client: Any = Redis(unix_socket_path=str(redis.socket))
    await client.execute_command("LPUSH", "page", "not a string")
    await client.aclose()
    assert await cache.get("page") is None
    assert cache.is_connected
    await cache.stop()


async def test_what_is_too_large_is_not_carried_about(cache: RedisCache) -> None:
    await cache.put("page", b"x" * (LARGEST_VALUE + 1), 60)
    assert await cache.get("page") is None
    await cache.stop()


@pytest.mark.parametrize("cache", [0.5], indirect=True)
async def test_a_redis_that_hangs_costs_each_caller_little_and_is_used_again_when_it_answers(
    cache: RedisCache, redis: OwnRedis
) -> None:
    await cache.put("page", b"kept", 60)
    redis.freeze()
    async with asyncio.timeout(60):  # whoever waited for it would wait for ever
        answers = await asyncio.gather(*(cache.get("page") for _ in range(50)), cache.claim("lease", 1))
    assert answers == [None] * 51
    assert not cache.is_connected
    redis.thaw()
    await until(lambda: cache.is_connected)
    assert await cache.get("page") == b"kept"
    await cache.stop()


async def test_a_killed_redis_has_nothing_and_is_used_again_when_it_is_back(cache: RedisCache, redis: OwnRedis) -> None:
    await redis.kill()
    assert await cache.get("page") is None
    assert await cache.claim("lease", 1) is None
    await redis.start()
    await until(lambda: cache.is_connected)
    await cache.put("page", b"new", 60)
    assert await cache.get("page") == b"new"
    await cache.stop()


async def test_without_any_redis_nothing_is_asked(tmp_path: object) -> None:
    cache = RedisCache(f"unix://{tmp_path}/nobody.sock")
    await cache.start()
    await cache.put("page", b"x", 60)
    assert await cache.get("page") is None
    assert not cache.is_connected
    await cache.stop()


async def _is_gone(cache: RedisCache, key: str) -> bool:
    return await cache.get(key) is None
