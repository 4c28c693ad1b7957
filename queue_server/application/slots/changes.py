"""Whoever watches the times of a tenant's doctors, and how the news of commits come to them.

Postgres tells every server with each commit which slots are concerned (`news`). Of what somebody watches here they are
read once, however many watch them: news of the same burst, from any number of commits, together. The rest is dropped.
Redis has no part in it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from queue_server.application.slots.news import read as read_news
from queue_server.application.slots.telling import Gathered, Told, look_again, messages, state_of
from queue_server.application.slots.views import SlotStateView
from queue_server.background import SharedTasks
from queue_server.store import slot_changes as store
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from queue_server.ticker import Ticker
from scheduling_core.ids import DoctorId, TenantId

log = structlog.stdlib.get_logger("slots")

LONGEST_REST = 1.0
"""However much happens: as long as it took to tell a tenant's news, but so many seconds at most, they are only
gathered, while the server does everything else."""
KEPT_SECONDS = 2.0
"""How long what a doctor has free is given to whoever begins to watch; less when something happens to it."""
MOST_PAGES = 50
"""Ranges of dates of one doctor that are kept so."""
MOST_CURRENT = 300
"""Slots that whoever begins to watch a doctor is told of."""

Watched = tuple[TenantId, DoctorId | None]
"""A doctor of a tenant, or without one all of them."""


class Watcher(Protocol):
    """Somebody who watches."""

    async def tell(self, told: Sequence[Told]) -> None:
        """Hear what happened; until this is done, nothing else of the tenant is told."""
        ...

    def may_have_missed(self) -> None:
        """Something may have happened that nobody told of. Must neither block nor raise."""
        ...


class CurrentSlots(msgspec.Struct, frozen=True):
    """What a doctor has free between two dates, and what is held."""

    is_shown: bool
    """Whether the public may watch this doctor at all."""
    slots: tuple[SlotStateView, ...]
    more: bool


class _Page:
    """What is being read, or was a moment ago."""

    def __init__(self, task: "asyncio.Task[CurrentSlots]") -> None:
        self.task = task
        self._until = monotonic() + KEPT_SECONDS

    @property
    def is_good(self) -> bool:
        """Whether somebody else may be given it, too."""
        if not self.task.done():
            return True
        return monotonic() < self._until and not self.task.cancelled() and self.task.exception() is None


class _Tenant:
    """What is watched of one tenant, and what is to be told."""

    def __init__(self, tenant: TenantId, db: Database) -> None:
        self._tenant = tenant
        self._db = db
        self.watchers: dict[DoctorId | None, list[Watcher]] = {}
        self.pages: dict[DoctorId | None, dict[tuple[date, date], _Page]] = {}
        self._gathered: dict[DoctorId, Gathered] = {}
        self._direct: dict[DoctorId | None, Told] = {}
        self.ticker = Ticker(self._tell)

    def is_watched(self, doctor: DoctorId) -> bool:
        """Whether anybody would hear of this doctor."""
        return doctor in self.watchers or None in self.watchers

    def happened(self, doctor: DoctorId, news: str) -> None:
        """Something happened to slots of this doctor."""
        self.pages.pop(doctor, None)
        if self.is_watched(doctor):
            self._gathered.setdefault(doctor, Gathered()).add(read_news(news))
            self.ticker.poke()

    def look_again(self, doctor: DoctorId | None) -> None:
        """Anything may be different with this doctor, or without one with all of them."""
        # Of all doctors no name is told: who cannot be booked any more may be nobody the public knows.
        self.pages.clear()
        if doctor is None:
            self._direct = {one: look_again(one) for one in self.watchers}
        elif self.is_watched(doctor):
            self._direct |= {doctor: look_again(doctor), None: look_again(None)}
        else:
            return
        self.ticker.poke()

    def may_have_missed(self) -> None:
        """Nobody knows what has happened meanwhile."""
        self.pages.clear()
        self._gathered.clear()
        for watcher in [one for watchers in self.watchers.values() for one in watchers]:
            watcher.may_have_missed()

    async def _tell(self) -> None:
        gathered, self._gathered = self._gathered, {}
        direct, self._direct = self._direct, {}
        try:
            told = await self._messages(gathered)
        except BaseException:
            # Told with what happens next, or as soon as Postgres is back.
            for one, known in gathered.items():
                self._gathered.setdefault(one, Gathered()).before(known)
            self._direct = {**direct, **self._direct}
            raise
        started = monotonic()
        for doctor, watchers in list(self.watchers.items()):
            mine = [one for one in told if doctor in (None, one.doctor)]
            mine += [direct[doctor]] if doctor in direct else []
            for watcher in list(watchers) if mine else ():
                await self._tell_one(watcher, mine)
        await asyncio.sleep(min(monotonic() - started, LONGEST_REST))

    async def _messages(self, gathered: dict[DoctorId, Gathered]) -> list[Told]:
        watched = {doctor: known for doctor, known in gathered.items() if self.is_watched(doctor)}
        if not watched:
            return []
        async with self._db.tenant(self._tenant, generic_plans=True) as tx:
            return await messages(tx, watched)

    @staticmethod
    async def _tell_one(watcher: Watcher, told: Sequence[Told]) -> None:
        try:
            await watcher.tell(told)
        except Exception:
            log.exception("watcher_failed")  # one watcher's fault; the others still have to hear


class SlotChanges:
    """What happens to slots, for whoever watches them at this server."""

    def __init__(self, db: Database, notifications: Notifications) -> None:
        self._db = db
        self._notifications = notifications
        self._tenants: dict[TenantId, _Tenant] = {}
        self._awaited: dict[tuple[TenantId, DoctorId], set[asyncio.Event]] = {}
        self._tasks = SharedTasks()
        self.reads = 0
        """How often what a doctor has free was read for whoever began to watch."""
        notifications.add_slots(self)
        notifications.add_directory(self)

    def watch(self, watched: Watched, watcher: Watcher) -> None:
        """Tell `watcher` from now on."""
        tenant, doctor = watched
        known = self._tenants.get(tenant)
        if known is None:
            known = self._tenants[tenant] = _Tenant(tenant, self._db)
        known.watchers.setdefault(doctor, []).append(watcher)

    def unwatch(self, watched: Watched, watcher: Watcher) -> None:
        """Tell it no longer."""
        tenant, doctor = watched
        known = self._tenants[tenant]
        known.watchers[doctor].remove(watcher)
        if not known.watchers[doctor]:
            del known.watchers[doctor]
            known.pages.pop(doctor, None)
        if not known.watchers:
            known.ticker.cancel()
            del self._tenants[tenant]

    async def current(self, watched: Watched, first: date, last: date) -> CurrentSlots:
        """Return what there is at present, for somebody who watches it already; nothing for all of a tenant's doctors.

        Whatever happens after it was read is told. Raises `Unavailable` when Postgres is away.
        """
        tenant, doctor = watched
        pages = self._tenants[tenant].pages.setdefault(doctor, {})
        page = pages.get((first, last))
        if page is None or not page.is_good or not self._notifications.is_listening:
            if len(pages) >= MOST_PAGES:
                pages.clear()
            page = pages[first, last] = _Page(self._tasks.spawn(self._read(watched, first, last)))
        return await asyncio.shield(page.task)

    @contextmanager
    def awaited(self, tenant: TenantId, doctor: DoctorId) -> Iterator[asyncio.Event]:
        """Give an event that is set as soon as something happens to the doctor's slots, or may have."""
        event, events = asyncio.Event(), self._awaited.setdefault((tenant, doctor), set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events:
                del self._awaited[tenant, doctor]

    async def stop(self) -> None:
        """Drop what is under way."""
        for known in self._tenants.values():
            known.ticker.cancel()
        await self._tasks.stop()

    # ---- what Postgres tells --------------------------------------------------------------------------------------

    def on_slots_changed(self, tenant: TenantId, doctor: DoctorId, news: str) -> None:
        """Slots of a doctor were changed."""
        for event in self._awaited.get((tenant, doctor), ()):
            event.set()
        known = self._tenants.get(tenant)
        if known is None:
            return
        try:
            known.happened(doctor, news)
        except msgspec.MsgspecError:
            # Of a newer release that is being rolled out: that something happened is certain.
            log.warning("unreadable_slot_news")
            known.look_again(doctor)

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """Whether a doctor can be booked, or a clinic is open, decides about all of their slots."""
        known = self._tenants.get(tenant)
        if known is None:
            return
        if kind == "bookability":
            known.look_again(DoctorId(subject))
        elif kind == "clinic":
            known.look_again(None)

    def on_gap(self) -> None:
        """Commits may have been missed."""
        for known in self._tenants.values():
            known.may_have_missed()
        for events in self._awaited.values():
            for event in events:
                event.set()

    # ---- inside -----------------------------------------------------------------------------------------------------

    async def _read(self, watched: Watched, first: date, last: date) -> CurrentSlots:
        tenant, doctor = watched
        self.reads += 1
        async with self._db.tenant(tenant) as tx:
            if not await store.is_shown(tx, doctor):
                return CurrentSlots(is_shown=False, slots=(), more=False)
            if doctor is None:
                return CurrentSlots(is_shown=True, slots=(), more=False)
            # A clinic's day lies within a day before and two behind its date in UTC.
            since = datetime.combine(first, time(), UTC) - timedelta(days=1)
            until = datetime.combine(last, time(), UTC) + timedelta(days=2)
            rows = await store.current(tx, doctor, since, until, first, last, limit=MOST_CURRENT + 1)
        slots = tuple(state_of(row) for row in rows[:MOST_CURRENT])
        return CurrentSlots(is_shown=True, slots=slots, more=len(rows) > MOST_CURRENT)
