"""Pointers that Postgres sends with each commit, over one connection that does nothing but listen."""

import asyncio
import random
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import structlog

from queue_server.background import BackgroundTask
from queue_server.store.db import AWAY
from scheduling_core.ids import DoctorId, EntryId, TenantId

log = structlog.stdlib.get_logger("notifications")

QUEUE_CHANGED = "queue_changed"
"""Payload `{tenant}:{doctor}:{date}:{epoch}:{version}`."""
LINKS_REVOKED = "links_revoked"
"""Payload `{tenant}:{appointment}`."""
APPOINTMENT_MOVED = "appointment_moved"
"""Payload `{tenant}:{appointment}`."""
DIRECTORY_CHANGED = "directory_changed"
"""Payload `{tenant}:{kind}:{subject}`: an aggregate other than a queue."""
SLOTS_CHANGED = "slots_changed"
"""Payload `{tenant}:{doctor}:{news}`: what happened to which slots of a doctor, as JSON."""

CHECK_SECONDS = 3.0
ANSWER_SECONDS = 3.0
"""A server that answers nothing for so long hangs, or the way to it is cut."""
FIRST_BACKOFF, LONGEST_BACKOFF = 0.05, 1.0


class Listener(Protocol):
    """Hears of commits. Nothing here may block or raise."""

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        """A queue was committed at this version."""
        ...

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """The links of an appointment were withdrawn."""
        ...

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """An appointment was given another time: what is known of it is of before."""
        ...

    def on_gap(self) -> None:
        """The connection stands again: pointers may have been missed until now."""
        ...


class DirectoryListener(Protocol):
    """Hears of commits of doctors, calendars, resources and clinics. Nothing here may block or raise."""

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """An aggregate of this kind was committed."""
        ...

    def on_gap(self) -> None:
        """The connection stands again: commits may have been missed until now."""
        ...


class SlotListener(Protocol):
    """Hears of commits that changed slots. Nothing here may block or raise."""

    def on_slots_changed(self, tenant: TenantId, doctor: DoctorId, news: str) -> None:
        """Slots of a doctor were changed; `news` says which, as whoever committed wrote it."""
        ...

    def on_gap(self) -> None:
        """The connection stands again: commits may have been missed until now."""
        ...


class Notifications:
    """Keeps one connection listening, through every fault of Postgres. PgBouncer must not stand in its way."""

    def __init__(self, url: str, *, application: str = "queue-server-listen") -> None:
        self._url = url
        self._application = application
        self._listeners: list[Listener] = []
        self._directory_listeners: list[DirectoryListener] = []
        self._slot_listeners: list[SlotListener] = []
        self._task = BackgroundTask("notifications", self._run)
        self._lost = asyncio.Event()
        self._is_listening = False

    @property
    def is_listening(self) -> bool:
        """Whether pointers arrive; until they do nothing that was read before may be trusted."""
        return self._is_listening

    def add(self, listener: Listener) -> None:
        """Tell `listener` from now on."""
        self._listeners.append(listener)

    def add_directory(self, listener: DirectoryListener) -> None:
        """Tell `listener` of the directory's changes from now on."""
        self._directory_listeners.append(listener)

    def add_slots(self, listener: SlotListener) -> None:
        """Tell `listener` of changed slots from now on."""
        self._slot_listeners.append(listener)

    async def start(self) -> None:
        """Begin to connect, in the background."""
        self._task.start()

    async def stop(self) -> None:
        """Close the connection."""
        await self._task.stop()

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF
        while True:
            try:
                await self._listen()
            except AWAY as error:
                if self._is_listening:
                    log.warning("listening_lost", error_type=type(error).__name__)
                    backoff = FIRST_BACKOFF
            except asyncpg.PostgresError as error:
                # Refused (a wrong password, a database being restored): nothing to gain by asking often.
                log.error("listening_refused", error_type=type(error).__name__)
                backoff = LONGEST_BACKOFF
            except Exception:
                # Whatever it is: a server that stopped listening for good would show old queues until it is restarted.
                log.exception("listening_failed")
                backoff = LONGEST_BACKOFF
            finally:
                self._is_listening = False
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 – spreads servers, hides nothing
            backoff = min(2 * backoff, LONGEST_BACKOFF)

    async def _listen(self) -> None:
        """Listen until the connection is lost, and raise that."""
        connection: Any = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=ANSWER_SECONDS,
            server_settings={"application_name": self._application},
        )
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            await connection.add_listener(QUEUE_CHANGED, self._queue_changed)
            await connection.add_listener(LINKS_REVOKED, self._links_revoked)
            await connection.add_listener(APPOINTMENT_MOVED, self._appointment_moved)
            await connection.add_listener(DIRECTORY_CHANGED, self._directory_changed)
            await connection.add_listener(SLOTS_CHANGED, self._slots_changed)
            self._is_listening = True
            for listener in self._listeners:
                listener.on_gap()
            for directory_listener in self._directory_listeners:
                directory_listener.on_gap()
            for slot_listener in self._slot_listeners:
                slot_listener.on_gap()
            while True:
                try:
                    async with asyncio.timeout(CHECK_SECONDS):
                        await self._lost.wait()
                except TimeoutError:
                    await connection.execute("SELECT")
                else:
                    raise ConnectionResetError
        finally:
            self._is_listening = False
            # Politely if it answers; a connection that hangs is cut.
            with suppress(*AWAY, asyncpg.PostgresError):
                await connection.close(timeout=1)

    def _queue_changed(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        try:
            tenant, doctor, date, epoch, version = payload.split(":")
            told = (TenantId(UUID(tenant)), DoctorId(UUID(doctor)), date, int(epoch), int(version))
        except ValueError:
            log.error("bad_notification")
            return
        for listener in self._listeners:
            listener.on_pointer(*told)

    def _links_revoked(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        if (told := _appointment(payload)) is not None:
            for listener in self._listeners:
                listener.on_revoked(*told)

    def _appointment_moved(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        if (told := _appointment(payload)) is not None:
            for listener in self._listeners:
                listener.on_moved(*told)

    def _directory_changed(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        try:
            tenant, kind, subject = payload.split(":")
            told = (TenantId(UUID(tenant)), kind, UUID(subject))
        except ValueError:
            log.error("bad_notification")
            return
        for listener in self._directory_listeners:
            listener.on_directory_changed(*told)

    def _slots_changed(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        tenant, _, rest = payload.partition(":")
        doctor, _, news = rest.partition(":")
        try:
            told = (TenantId(UUID(tenant)), DoctorId(UUID(doctor)), news)
        except ValueError:
            log.error("bad_notification")
            return
        for listener in self._slot_listeners:
            listener.on_slots_changed(*told)


def _appointment(payload: str) -> tuple[TenantId, EntryId] | None:
    try:
        tenant, entry = payload.split(":")
        return TenantId(UUID(tenant)), EntryId(UUID(entry))
    except ValueError:
        log.error("bad_notification")
        return None
