"""The worker process: arq runs the pump each second while Redis is there; without Redis the process runs it itself.

arq loses deferred jobs, and its worker ends when Redis does. So arq is told nothing but "pump now": what is due, who
has it and what became of it stands in Postgres, and the same pump works in this process whenever arq's does not come.
"""

import asyncio
import contextlib
import logging
import signal
from functools import partial
from time import monotonic
from typing import Any, ClassVar

import msgspec
import structlog
from arq import cron
from arq.connections import ArqRedis
from arq.cron import CronJob
from arq.worker import Worker as ArqWorker
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from jobs import (
    audit_root,
    bookability,
    generate_slots,
    hold_expiry,
    notices,
    partitions,
    payments,
    prune,
    queue_tick,
    send_message,
    sweep,
    waitlist,
)
from jobs.house import House
from jobs.message_metrics import MessageMetrics
from jobs.publishing import open_publisher
from jobs.pump import PUMP_SECONDS, Pump
from queue_server.application.audit_roots import RootSigner
from queue_server.application.due_work import DueWork, Lane
from queue_server.application.messages.notifying import Notifying
from queue_server.application.messages.sending import Sending
from queue_server.application.patients.codes import Codes
from queue_server.application.payments.work import ProviderWork
from queue_server.application.unit import WritePath
from queue_server.payments.http_provider import HttpProvider, provider_client
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.root_copies import RootCopies
from scheduling_core.errors import Unavailable

log = structlog.stdlib.get_logger(__name__)

QUEUE_NAME = "clinic-queue:pump"
TIMER_SLOTS, UPKEEP_SLOTS = 6, 2
PAYMENT_SLOTS = 4
"""Providers may take their time over each request."""
NOTICE_SLOTS = 3
"""Each decides whom something concerns: never before a timer, and never behind a mail server."""
MESSAGE_SLOTS, URGENT_MESSAGE_SLOTS = 4, 3
"""A mail server that is slow keeps messages waiting, and nothing else."""
GENERATION_SLOTS = 2
"""Slots of many doctors may be generated for minutes: never before a timer, and never more than Postgres likes."""
MATCHING_SLOTS = 2
"""One run offers up to fifty times, each in a transaction of its own: never before a timer."""
HOUSEKEEPING_SECONDS = 60.0
ATTACH_SECONDS = 5.0
"""Between attempts to reach a Redis that is away."""
FAREWELL_SECONDS = 5.0
FAREWELLS = 20
"""How often arq is told to end within that time: each may be lost with an answer that comes in the same moment."""
SILENCE_SECONDS = PUMP_SECONDS + 0.3
"""After how long without arq the process pumps itself."""


async def pump(ctx: dict[str, Any]) -> None:
    """Run what is due for about a second; what arq executes."""
    await ctx["worker"].pump_for_arq()


class WorkerSettings:
    """What arq is given. The pump has no job id: two workers must both pump, a lost run is made up by the next one."""

    queue_name: ClassVar[str] = QUEUE_NAME
    cron_jobs: ClassVar[list[CronJob]] = [cron(pump, name="pump", second=set(range(60)), unique=False, timeout=30)]
    functions: ClassVar[list[Any]] = []
    poll_delay: ClassVar[float] = 0.1
    max_jobs: ClassVar[int] = 4
    keep_result: ClassVar[int] = 0
    max_tries: ClassVar[int] = 1
    handle_signals: ClassVar[bool] = False
    log_results: ClassVar[bool] = False
    expires_extra_ms: ClassVar[int] = 10_000
    # arq pickles by default: whoever could write to Redis could then run code here.
    job_serializer: ClassVar[Any] = staticmethod(msgspec.msgpack.encode)
    job_deserializer: ClassVar[Any] = staticmethod(msgspec.msgpack.decode)


class Worker:
    """One worker. `await start()`, then `await work()` until `stop()` is called; `await close()` in the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._db = Database(
            settings.database_url,
            pool_size=TIMER_SLOTS
            + UPKEEP_SLOTS
            + GENERATION_SLOTS
            + PAYMENT_SLOTS
            + NOTICE_SLOTS
            + MESSAGE_SLOTS
            + URGENT_MESSAGE_SLOTS
            + MATCHING_SLOTS
            + 2,
            application="queue-worker",
            serves=True,
            parameters=settings.for_connections(),
        )
        self._jobs = Database(settings.jobs_url(), pool_size=2, application="queue-worker-jobs")
        self._stopping = asyncio.Event()
        self._house: House | None = None
        self.due: DueWork | None = None
        self._pump: Pump | None = None
        self._publisher = open_publisher(settings)
        self._provider_http = provider_client()
        self.message_metrics = MessageMetrics()
        self._channels = send_message.channels(settings, self.message_metrics)
        self.pumped_by_arq = 0
        self.pumped_by_itself = 0

    async def start(self) -> None:
        """Connect, waiting for a Postgres that is away."""
        while not self._stopping.is_set():
            try:
                await self._db.open()
                await self._jobs.open()
                break
            except Unavailable:
                log.warning("postgres_away", detail="the worker waits for it")
                await self._pause(1.0)
        await self._publisher.start()
        if self._settings.worker_metrics_port:
            self.message_metrics.serve(self._settings.host, self._settings.worker_metrics_port)
        writes = WritePath(self._db, self._publisher)
        known = self._settings.payments
        provider = HttpProvider(self._provider_http, known) if known is not None else None
        notifying = notices.notifying(self._db, self._settings, self._channels.transports)
        house = House(
            db=self._db,
            jobs=self._jobs,
            writes=writes,
            signer=self._signer(),
            payments=ProviderWork(self._db, writes, provider),
            sending=self._sending(notifying),
            notifying=notifying,
            default_minutes=self._settings.default_consultation_minutes,
        )
        self._house = house
        self.due = DueWork(self._db, self._jobs, lanes(house))
        self._pump = Pump(self.due)

    async def work(self) -> None:
        """Work until `stop()` is called; afterwards finish what runs, for as long as the settings allow."""
        assert self.due is not None
        assert self._pump is not None
        helpers = [asyncio.create_task(self._housekeeping(), name="housekeeping")]
        if self._settings.redis_url is not None and not self._settings.redis_cluster_mode:
            helpers.append(asyncio.create_task(self._arq(self._settings.redis_url), name="arq"))
        try:
            while not self._stopping.is_set():
                if monotonic() - self._pump.last_run > SILENCE_SECONDS:
                    self.pumped_by_itself += 1
                    await self._pump.second(self._stopping)
                else:
                    await self._pause(0.1)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self.due.drain(self._settings.shutdown_seconds)

    async def pump_for_arq(self) -> None:
        """Run what is due for about a second, because arq says so."""
        assert self._pump is not None
        self.pumped_by_arq += 1
        await self._pump.second(self._stopping)

    def stop(self) -> None:
        """Let `work()` come to its end."""
        self._stopping.set()

    async def close(self) -> None:
        """Close connections."""
        await self._publisher.stop()
        await self._provider_http.aclose()
        await self._channels.aclose()
        self.message_metrics.close()
        await self._jobs.close()
        await self._db.close()

    def _signer(self) -> RootSigner | None:
        seed = self._settings.audit_signing_key
        if seed is None:
            log.warning("no_audit_roots", detail="AUDIT_SIGNING_KEY is not set, so no roots are signed")
            return None
        return RootSigner(self._db, seed, RootCopies(self._settings.audit_roots_dir))

    def _sending(self, notifying: Notifying) -> Sending:
        channels = self._channels.transports
        if not channels:
            log.warning("no_mail", detail="SMTP_URL is not set, so nobody is sent a message")
        letters = notices.letters(self._db, self._settings)
        return Sending(self._db, channels, Codes(self._settings.jwt_keys), letters=letters, notifying=notifying)

    async def _housekeeping(self) -> None:
        """What concerns all tenants: recurring jobs for new ones, partitions of coming months."""
        assert self.due is not None
        assert self._house is not None
        partitions_at = 0.0
        while True:
            try:
                await self.due.enqueue_recurring()
                if monotonic() >= partitions_at:
                    await partitions.run(self._house)
                    partitions_at = monotonic() + partitions.EVERY_SECONDS
            except Unavailable:
                await asyncio.sleep(1)
                continue
            except Exception:
                log.exception("housekeeping_failed")
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _arq(self, url: str) -> None:
        """Run arq's worker, and again whenever it ended because Redis was away."""
        logging.getLogger("arq").setLevel(logging.ERROR)  # it would log two lines a second
        is_attached = True
        while True:
            # With timeouts, so that a Redis that hangs is told from one that is quiet.
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=self._settings.redis_pool_size,
                timeout=3,
                socket_connect_timeout=2,
                socket_timeout=3,
            )
            redis = ArqRedis(
                pool,
                job_serializer=WorkerSettings.job_serializer,
                job_deserializer=WorkerSettings.job_deserializer,
                default_queue_name=QUEUE_NAME,
                expires_extra_ms=WorkerSettings.expires_extra_ms,
            )
            try:
                await redis.ping()
                log.info("arq_attached")
                is_attached = True
                await self._run_arq(redis)
            except (RedisError, OSError, TimeoutError) as error:
                if is_attached:
                    log.warning(
                        "arq_detached", error_type=type(error).__name__, detail="the process pumps itself meanwhile"
                    )
                is_attached = False
            except Exception:
                log.exception("arq_failed")
            finally:
                with contextlib.suppress(RedisError, OSError, TimeoutError):
                    await redis.aclose(close_connection_pool=True)
            await asyncio.sleep(ATTACH_SECONDS)

    async def _run_arq(self, redis: ArqRedis) -> None:
        # getattr, not vars(): it unwraps the static methods.
        options = {name: getattr(WorkerSettings, name) for name in vars(WorkerSettings) if not name.startswith("_")}
        worker = ArqWorker(**options, redis_pool=redis, ctx={"worker": self})
        running = asyncio.create_task(worker.async_run(), name="arq's own")
        try:
            # At arm's length: who awaited arq itself could only be cancelled through it, and in the moment in which
            # Redis answers it takes no notice of that. The process then never came to its end.
            await asyncio.wait([running])
            running.result()
        finally:
            # Handlers are tasks of the pump, not arq's: what ends here only waits, claims, or tells Redis of its end.
            await _ended(running, worker)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _ended(running: asyncio.Task[None], worker: ArqWorker) -> None:
    """Bring arq to its end, however often it has to be told. What runs in it may say its last words for a while."""
    tasks = {task for task in (running, worker.main_task, *worker.tasks.values()) if task is not None}
    for task in tasks:
        task.add_done_callback(_heard)
    left = tasks
    # arq shields its last words to Redis: let them fail by themselves, or nobody would hear of it.
    for _ in range(FAREWELLS):
        (worker.main_task or running).cancel()
        _, left = await asyncio.wait(left, timeout=FAREWELL_SECONDS / FAREWELLS)
        if not left:
            return
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=FAREWELL_SECONDS)


def _heard(ended: asyncio.Task[Any]) -> None:
    """Take note of how a task of arq's ended, even when this process stops before: that Redis is away is known."""
    if not ended.cancelled():
        ended.exception()


def lanes(house: House) -> list[Lane]:
    """Return every kind of job with what does it."""
    upkeep: dict[str, Any] = {
        generate_slots.EXTEND_KIND: partial(generate_slots.extend, house),
        sweep.KIND: partial(sweep.run, house),
        bookability.KIND: partial(bookability.run, house),
        prune.KIND: partial(prune.run, house),
        **waitlist.recurring(house),
    }
    if house.signer is not None:
        upkeep[audit_root.KIND] = partial(audit_root.run, house)
    return [
        Lane(
            handlers={
                queue_tick.KIND: partial(queue_tick.run, house),
                hold_expiry.KIND: partial(hold_expiry.run, house),
                **payments.by_ourselves(house),
                **waitlist.timers(house),
            },
            slots=TIMER_SLOTS,
        ),
        Lane(handlers=payments.with_provider(house), slots=PAYMENT_SLOTS),
        *([Lane(handlers=notices.handlers(house), slots=NOTICE_SLOTS)] if house.notifying is not None else []),
        Lane(handlers={send_message.KIND: partial(send_message.run, house)}, slots=MESSAGE_SLOTS),
        Lane(handlers={send_message.URGENT_KIND: partial(send_message.run, house)}, slots=URGENT_MESSAGE_SLOTS),
        Lane(handlers=waitlist.matching(house), slots=MATCHING_SLOTS),
        Lane(handlers={generate_slots.KIND: partial(generate_slots.run, house)}, slots=GENERATION_SLOTS),
        Lane(handlers=upkeep, slots=UPKEEP_SLOTS, recurring=True),
    ]


async def work(settings: Settings) -> None:
    """Run a worker until SIGTERM or SIGINT (or until cancelled), then finish what runs."""
    worker = Worker(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    try:
        await worker.start()
        log.info("worker_started")
        if worker.due is not None:
            await worker.work()
        log.info("worker_stopped")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        await worker.close()


def run(settings: Settings) -> None:
    """Run one worker process."""
    asyncio.run(work(settings))
