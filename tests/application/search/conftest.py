"""Servers that share a Redis and a Postgres."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from queue_server.application.search.shared_pages import SharedPages
from queue_server.cache.redis import RedisCache
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.ids import TenantId
from tests.conftest import RunningServices
from tests.own_redis import PATIENCE, OwnRedis, own_redis, until

SECRET = b"of these tests only, thirty-two b"


class Server:
    """What a process has for sharing pages."""

    def __init__(self, url: str, redis_url: str | None, secret: bytes) -> None:
        self.db = Database(url, pool_size=5, application="pages")
        self.notifications = Notifications(url, application="pages-listen")
        self.cache = RedisCache(redis_url, patience_seconds=PATIENCE) if redis_url is not None else None
        self.pages = SharedPages(self.db, self.notifications, self.cache, secret)

    async def open(self, stack: AsyncExitStack) -> None:
        """Connect to everything, and close it at the end."""
        await self.db.open()
        stack.push_async_callback(self.db.close)
        await self.notifications.start()
        stack.push_async_callback(self.notifications.stop)
        if self.cache is not None:
            await self.cache.start()
            stack.push_async_callback(self.cache.stop)
            await until(lambda: self.cache is not None and self.cache.is_connected)
        stack.push_async_callback(self.pages.stop)
        await until(lambda: self.notifications.is_listening)


class Told(asyncio.Event):
    """Set by one change of a directory, after whoever listened before has heard of it."""

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """Remember that it came."""
        self.set()

    def on_gap(self) -> None:
        """Nothing is kept here."""


NewServer = Callable[..., Awaitable[Server]]


@pytest.fixture
async def redis() -> AsyncIterator[OwnRedis]:
    """A running Redis of this test's own."""
    async with own_redis() as own:
        yield own


@pytest.fixture
async def new_server(services: RunningServices, redis: OwnRedis) -> AsyncIterator[NewServer]:
    """Makes servers that listen and share the test's Redis."""
    async with AsyncExitStack() as stack:

        async def make(*, with_redis: bool = True, secret: bytes = SECRET) -> Server:
            server = Server(services.urls["DATABASE_URL"], redis.url if with_redis else None, secret)
            await server.open(stack)
            return server

        yield make
