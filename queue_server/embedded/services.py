"""Postgres and – where there is one – Redis, for the demo, for development and for tests."""

from pathlib import Path

import structlog

from .data_directory import DataDirectory
from .postgres import EmbeddedPostgres
from .redis import EmbeddedRedis, redis_binary
from .supervisor import Supervisor
from .users import service_user

log = structlog.stdlib.get_logger(__name__)


class EmbeddedServices:
    """Running services; killed ones come back at the same address. Make them with `start()`, end them with `stop()`."""

    def __init__(
        self, data: DataDirectory, postgres: EmbeddedPostgres, redis: EmbeddedRedis | None, supervisor: Supervisor
    ) -> None:
        self._data = data
        self._postgres = postgres
        self._redis = redis
        self._supervisor = supervisor
        self.urls: dict[str, str] = postgres.urls | ({"REDIS_URL": redis.url} if redis else {})
        self.admin_url: str = postgres.admin_url

    @classmethod
    async def start(cls, data_dir: Path, *, redis: bool = True) -> "EmbeddedServices":
        """Start what there is and wait until it answers. Cancelled or failed, it leaves nothing running.

        `urls` then has `DATABASE_URL`, `DATABASE_OWNER_URL`, `DATABASE_JOBS_URL` and, with Redis, `REDIS_URL`.
        Raises `DataDirectoryInUse` when another process holds the directory, `EmbeddedError` for all else.
        """
        data = DataDirectory.acquire(data_dir)
        try:
            user = service_user()
            postgres = EmbeddedPostgres(data, user)
            await postgres.prepare()
            supervisor = Supervisor()
            supervisor.add(postgres.child())
            binary = redis_binary(user) if redis else None
            cache = EmbeddedRedis(binary, data, user) if binary else None
            if cache:
                supervisor.add(cache.child())
            elif redis:
                log.warning("no_redis", detail="no redis-server found; running with one process's own memory instead")
            services = cls(data, postgres, cache, supervisor)
            await supervisor.start()
        except BaseException:
            data.close()
            raise
        try:
            await postgres.bootstrap()
        except BaseException:
            await services.stop()
            raise
        return services

    def pid(self, name: str) -> int | None:
        """The process id of `postgres` or `redis`; None while it is down. Raises `KeyError` for any other name."""
        return self._supervisor.pid(name)

    async def stop(self, *, erase: bool = False) -> None:
        """Stop everything, last started first, and let go of the data directory; with `erase`, empty it first."""
        try:
            await self._supervisor.stop()
            if erase:
                self._data.erase()
        finally:
            if self._redis:
                self._redis.clean_up()
            self._data.close()
