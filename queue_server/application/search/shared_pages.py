"""Answers that cost a search, kept for everybody who asks the same: in this process, and in Redis for all servers.

What is kept says what its reader saw of Postgres. Each process demands that this covers what Postgres saw when it was
last told of a change in the tenant's directory. So no counter has to be shared, whoever is told of a change refuses
what is older at once, and Redis may forget, come back with yesterday's values or be gone: it can only cost a search.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import blake2b
from hmac import compare_digest
from time import time
from typing import TypeVar
from uuid import UUID

import msgspec

from queue_server.background import SharedTasks
from queue_server.cache import Cache
from queue_server.store import horizon
from queue_server.store.db import Database, Transaction
from queue_server.store.horizon import Horizon
from queue_server.store.notifications import Notifications
from scheduling_core.errors import Unavailable
from scheduling_core.ids import TenantId

T = TypeVar("T")
Reader = Callable[[Transaction], Awaitable[bytes]]

KEPT_SECONDS = 60.0
"""Time changes answers as well: whether a doctor can be booked depends on the date."""
LEASE_SECONDS = 2.0
LOOKS, FIRST_PAUSE = 5, 0.01
"""Who finds another server at work on the same looks so often for what it found, 10, 20, 40 … milliseconds apart."""
MOST_TENANTS, MOST_PAGES = 1_000, 2_000
"""Remembered by a process; a page of fifty doctors has some thirty kilobytes."""
_SEAL_BYTES = 16
UNSEEN = frozenset({"slots", "calendar", "room", "equipment", "patient"})
"""Changes that no page shows: slots and hours come and go all day long. What they mean for whether a doctor can be
booked is told as a change of bookability."""


class SharedPage(msgspec.Struct, frozen=True):
    """What was asked for."""

    body: bytes
    stale_since: datetime | None = None
    """Since when Postgres has been away, while this is the last that was known."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is kept in Redis."""

    until: float
    seen: Horizon
    body: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


class _Era:
    """A tenant since the last change that this process was told of; what was found in it knows of that change."""

    def __init__(self) -> None:
        self.searches: dict[str, asyncio.Task[_Kept]] = {}
        self.asked: asyncio.Task[Horizon] | None = None


class SharedPages:
    """Gives pages by name. A name says all that a page depends on, but the tenant and the rows of its directory."""

    def __init__(self, db: Database, notifications: Notifications, cache: Cache | None, secret: bytes) -> None:
        self._db = db
        self._notifications = notifications
        self._cache = cache
        self._secret = blake2b(secret, person=b"shared-pages", digest_size=32).digest()
        self._eras: OrderedDict[TenantId, _Era] = OrderedDict()
        self._untold: dict[tuple[TenantId, str], _Era] = {}
        self._pages: OrderedDict[tuple[TenantId, str], tuple[_Era, _Kept]] = OrderedDict()
        self._tasks = SharedTasks()
        self._away_since: datetime | None = None
        self.hits = 0
        self.shared_hits = 0
        self.reads = 0
        notifications.add_directory(self)

    def readings(self) -> dict[str, float]:
        """Return how many pages came from this process, from Redis and from Postgres, and are searched; for metrics."""
        eras = (*self._eras.values(), *self._untold.values())
        under_way = sum(len(era.searches) for era in eras)
        return {"hits": self.hits, "shared_hits": self.shared_hits, "reads": self.reads, "under_way": under_way}

    async def get(self, tenant: TenantId, name: str, read: Reader) -> SharedPage:
        """Return the page `name` of a tenant; `read` makes it in a transaction when nobody has it.

        Raises what `read` raises, and `Unavailable` when Postgres is away and nothing is known.
        """
        era = self._era(tenant, name)
        found_in, kept = self._pages.get((tenant, name), (None, None))
        if kept is not None and found_in is era and kept.until > time():
            self.hits += 1
            self._pages.move_to_end((tenant, name))
            return SharedPage(kept.body)
        search = era.searches.get(name)
        if search is None or search.done():
            search = era.searches[name] = self._tasks.spawn(self._search(era, tenant, name, read))
        try:
            kept = await asyncio.shield(search)
        except Unavailable:
            self._away_since = self._away_since or datetime.now(UTC)
            if kept is None:
                raise
            return SharedPage(kept.body, self._away_since)
        self._away_since = None
        return SharedPage(kept.body)

    async def stop(self) -> None:
        """Drop what is under way."""
        await self._tasks.stop()

    # ---- what Postgres tells -----------------------------------------------------------------------------------

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """Trust nothing of this tenant that may not know of it."""
        if kind not in UNSEEN:
            self._eras.pop(tenant, None)

    def on_gap(self) -> None:
        """Anything may have changed."""
        self._eras.clear()

    # ---- inside -------------------------------------------------------------------------------------------------

    def _era(self, tenant: TenantId, name: str) -> _Era:
        if not self._notifications.is_listening:
            # Nobody would tell of a change: what is found counts for whoever waits for it, not for who comes later.
            return self._untold.setdefault((tenant, name), _Era())
        era = self._eras.get(tenant)
        if era is None:
            era = self._eras[tenant] = _Era()
            if len(self._eras) > MOST_TENANTS:
                self._eras.popitem(last=False)
        else:
            self._eras.move_to_end(tenant)
        return era

    async def _search(self, era: _Era, tenant: TenantId, name: str, read: Reader) -> _Kept:
        key = self._key(tenant, name)
        try:
            value = await self._value(key)
            kept = await self._good(era, key, value)
            if kept is None:
                kept = await self._made(era, key, value, tenant, read)
        finally:
            era.searches.pop(name, None)
            if self._untold.get((tenant, name)) is era:
                del self._untold[tenant, name]
        if self._eras.get(tenant, era) is era:
            self._pages[tenant, name] = era, kept
            self._pages.move_to_end((tenant, name))
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return kept

    async def _made(self, era: _Era, key: str, outdated: bytes | None, tenant: TenantId, read: Reader) -> _Kept:
        """Read the page, unless another server does so already and is soon done."""
        cache = self._cache
        if cache is None or not self._notifications.is_listening:
            return await self._read(tenant, read)
        lease = f"{key}:lease"
        claimed = await cache.claim(lease, LEASE_SECONDS)
        if claimed is False and (kept := await self._awaited(era, key, outdated)) is not None:
            return kept
        try:
            kept = await self._read(tenant, read)
            await cache.put(key, self._sealed(key, kept), KEPT_SECONDS)
        finally:
            if claimed:
                await cache.release(lease)
        return kept

    async def _read(self, tenant: TenantId, read: Reader) -> _Kept:
        self.reads += 1
        async with self._db.tenant(tenant) as tx:
            seen = await horizon.of_transaction(tx)
            return _Kept(time() + KEPT_SECONDS, seen, await read(tx))

    async def _awaited(self, era: _Era, key: str, outdated: bytes | None) -> _Kept | None:
        """Return what another server is about to find; None when that takes long, or is not new enough here."""
        pause = FIRST_PAUSE
        for _ in range(LOOKS):
            await asyncio.sleep(pause)
            value = await self._value(key)
            if value is not None and value != outdated:
                return await self._good(era, key, value)
            pause *= 2
        return None

    async def _value(self, key: str) -> bytes | None:
        """Return what lies in Redis; nothing while nobody would tell of a change."""
        if self._cache is None or not self._notifications.is_listening:
            return None
        return await self._cache.get(key)

    async def _good(self, era: _Era, key: str, value: bytes | None) -> _Kept | None:
        """Return what another process found, if that cannot have missed a change known here."""
        kept = self._opened(key, value) if value is not None else None
        if kept is None or kept.until <= time() or not kept.seen.covers(await self._demanded(era)):
            return None
        self.shared_hits += 1
        return kept

    async def _demanded(self, era: _Era) -> Horizon:
        """Return what must have been seen, asking Postgres once an era."""
        asked = era.asked
        if asked is None or (asked.done() and (asked.cancelled() or asked.exception() is not None)):
            asked = era.asked = self._tasks.spawn(horizon.newest(self._db))
        return await asyncio.shield(asked)

    # ---- what lies in Redis ---------------------------------------------------------------------------------------

    def _key(self, tenant: TenantId, name: str) -> str:
        """Keyed, so that who reads Redis learns neither tenant nor question."""
        digest = blake2b(f"{tenant}\0{name}".encode(), key=self._secret, digest_size=16)
        return f"pages:{digest.hexdigest()}"

    def _sealed(self, key: str, kept: _Kept) -> bytes:
        encoded = _encode(kept)
        return self._seal(key, encoded) + encoded

    def _opened(self, key: str, value: bytes) -> _Kept | None:
        """Return what was sealed for this key; None for anything else, another key's value included."""
        seal, encoded = value[:_SEAL_BYTES], value[_SEAL_BYTES:]
        if not compare_digest(seal, self._seal(key, encoded)):
            return None
        try:
            return _decode(encoded)
        except msgspec.MsgspecError:
            # Another release's shape.
            return None

    def _seal(self, key: str, encoded: bytes) -> bytes:
        return blake2b(key.encode() + b"\0" + encoded, key=self._secret, digest_size=_SEAL_BYTES).digest()
