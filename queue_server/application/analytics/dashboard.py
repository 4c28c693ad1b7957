"""Live tiles: how each clinic stands today, told whenever that changes, a second's changes together.

What somebody is told next is always the newest: of a clinic that changes faster than they read, what lies between is
left out. An event's id is a digest of all that its reader has been told by then: whoever comes back with it, at
whichever server, is told nothing if nothing has changed, and else everything.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from uuid import UUID

import msgspec
import structlog

from queue_server.application.access import Session
from queue_server.application.actor import Actor
from queue_server.application.analytics.reach import reached
from queue_server.application.analytics.views import ClinicMetrics
from queue_server.application.analytics.waitlist import per
from queue_server.application.waitlist.model import WAITLIST_MODEL
from queue_server.store import waitlist_days as store
from queue_server.store.db import Database, Row
from queue_server.store.notifications import Notifications
from queue_server.ticker import Ticker
from scheduling_core.errors import DomainError, TooManyRequests, Unavailable
from scheduling_core.ids import ClinicId, DoctorId, EntryId, TenantId

log = structlog.stdlib.get_logger("dashboard")

EVENT = "clinic-metrics"
EVERY_SECONDS = 1.0
"""A tenant's tiles are read at most so often."""
CLOCK_SECONDS = 30.0
"""And at least so often: people wait too long although nothing is done, and days end."""
BEAT_SECONDS = 15.0
"""Without anything to tell, a comment says that the stream is alive."""
LOOK_SECONDS = 1.0
STANDING_SECONDS = 30.0
"""How often it is asked whether an account may still look."""
MOST_OF_ACCOUNT, MOST_STREAMS = 5, 1_000
RETRY_MILLISECONDS = 3_000
KINDS = frozenset({WAITLIST_MODEL.kind, "clinic"})
"""Aggregates whose changes may show; queues are told of apart."""

Renew = Callable[[], Awaitable[Session]]


class Tiles:
    """What one reader is told; `next` gives it piece by piece, `close` in the end."""

    def __init__(self, board: "Dashboard", session: Session, renew: Renew, clinics: frozenset[ClinicId]) -> None:
        self.session = session
        self.clinics = clinics
        """Which ones; all of the tenant, if none is named."""
        self._board = board
        self._renew = renew
        self._checked_at = self._beat_at = monotonic()
        self._told: dict[UUID, bytes] = {}
        self._waiting: dict[UUID, bytes] = {}
        self._is_due = asyncio.Event()
        self._is_greeted = False

    @property
    def actor(self) -> Actor:
        """Who reads."""
        return self.session.actor

    def begin(self, found: Iterable[ClinicMetrics], last_id: str | None) -> None:
        """Begin with how things are; nothing of that is told to who knew all of it when they left (`last_id`)."""
        told = {one.clinic_id: msgspec.json.encode(one) for one in found if self.shows(one.clinic_id)}
        if last_id is not None and last_id == _digest(told):
            self._told = told
        else:
            self._waiting = told
            self._is_due.set()

    def shows(self, clinic: UUID) -> bool:
        """Whether this reader sees the clinic."""
        return not self.clinics or clinic in self.clinics

    def take(self, found: Iterable[ClinicMetrics]) -> None:
        """Take over how clinics are now; what is told already is not told again."""
        for one in found:
            if not self.shows(one.clinic_id):
                continue
            encoded = msgspec.json.encode(one)
            if self._told.get(one.clinic_id) == encoded:
                self._waiting.pop(one.clinic_id, None)
            else:
                self._waiting[one.clinic_id] = encoded
        if self._waiting:
            self._is_due.set()

    async def next(self) -> bytes | None:
        """Return the next piece of the stream within about a second, empty when there is nothing to say; None at its
        end: the token has ended, the account may not look any more, or the server goes."""
        if not self._is_greeted:
            self._is_greeted = True
            return f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_due.wait(), LOOK_SECONDS)
        if self._board.is_draining or datetime.now(UTC) >= self.session.expires_at or not await self._may_stay():
            return None
        self._is_due.clear()
        piece = self._events()
        if piece:
            self._beat_at = monotonic()
        elif monotonic() - self._beat_at >= BEAT_SECONDS:
            self._beat_at = monotonic()
            return b": still here\n\n"
        return piece

    def close(self) -> None:
        """Nobody reads any more."""
        self._board.leave(self)

    def _events(self) -> bytes:
        if not self._waiting:
            return b""
        self._told |= self._waiting
        pieces = [b"event: %b\ndata: %b\n\n" % (EVENT.encode(), told) for _, told in sorted(self._waiting.items())]
        self._waiting.clear()
        # The last of them says what is known by then: who loses the others asks with an older id.
        pieces[-1] = b"id: %b\n%b" % (_digest(self._told).encode(), pieces[-1])
        return b"".join(pieces)

    async def _may_stay(self) -> bool:
        if monotonic() - self._checked_at < STANDING_SECONDS:
            return True
        self._checked_at = monotonic()
        try:
            actor = (await self._renew()).actor
        except Unavailable:
            return True
        except DomainError:
            return False
        return (actor.role, actor.clinics) == (self.actor.role, self.actor.clinics)


class _Tenant:
    """The readers of one tenant."""

    def __init__(self, tenant: TenantId, db: Database) -> None:
        self._tenant = tenant
        self._db = db
        self.readers: set[Tiles] = set()
        self.read_at = monotonic()
        self.ticker = Ticker(self._tell, EVERY_SECONDS)

    async def read(self, clinics: frozenset[ClinicId]) -> list[ClinicMetrics]:
        """Return how clinics are now; all, if none is named."""
        async with self._db.tenant(self._tenant) as tx:
            return [metrics_of(row) for row in await store.todays(tx, sorted(clinics))]

    async def _tell(self) -> None:
        self.read_at = monotonic()
        named = [reader.clinics for reader in self.readers]
        wanted = frozenset[ClinicId]().union(*named) if all(named) else frozenset[ClinicId]()
        found = await self.read(wanted)
        for reader in tuple(self.readers):
            reader.take(found)


class Dashboard:
    """The tiles of all tenants that somebody looks at here."""

    def __init__(self, db: Database, notifications: Notifications, is_draining: Callable[[], bool]) -> None:
        self._db = db
        self._is_draining = is_draining
        self._tenants: dict[TenantId, _Tenant] = {}
        self._streams: Counter[UUID] = Counter()
        self._clock: asyncio.TimerHandle | None = None
        notifications.add(self)
        notifications.add_directory(self)

    @property
    def is_draining(self) -> bool:
        """Whether this server is about to stop."""
        return self._is_draining()

    async def now(self, actor: Actor, clinic: UUID | None) -> list[ClinicMetrics]:
        """Return how the clinics that the actor sees are now, or the one that is named; raises `NotFound`."""
        async with self._db.tenant(actor.tenant) as tx:
            known = await reached(tx, actor, clinic)
            return [metrics_of(row) for row in await store.todays(tx, [one.id for one in known])] if known else []

    async def open(self, session: Session, renew: Renew, clinic: UUID | None, last_id: str | None) -> Tiles:
        """Return a stream of tiles, to be closed in the end; of the clinics that the account sees, or the named one.

        Raises `NotFound`, and `TooManyRequests` for who has several open already; `Unavailable` when there are too
        many at this server.
        """
        actor = session.actor
        async with self._db.tenant(actor.tenant) as tx:
            await reached(tx, actor, clinic)
        if self._streams[actor.key] >= MOST_OF_ACCOUNT:
            raise TooManyRequests(f"At most {MOST_OF_ACCOUNT} streams are open for an account.", retry_after=5)
        if self._streams.total() >= MOST_STREAMS or self.is_draining:
            raise Unavailable(retry_after=5)
        clinics = frozenset(actor.clinics) if clinic is None else frozenset({ClinicId(clinic)})
        tiles = Tiles(self, session, renew, clinics)
        known = self._tenants.setdefault(actor.tenant, _Tenant(actor.tenant, self._db))
        # A reader before anything is read: what changes in between is told.
        known.readers.add(tiles)
        self._streams[actor.key] += 1
        try:
            tiles.begin(await known.read(clinics), last_id)
        except BaseException:
            self.leave(tiles)
            raise
        self._wind()
        return tiles

    def leave(self, tiles: Tiles) -> None:
        """Forget a reader."""
        tenant = tiles.actor.tenant
        known = self._tenants.get(tenant)
        if known is None or tiles not in known.readers:
            return
        known.readers.discard(tiles)
        self._streams[tiles.actor.key] -= 1
        if not self._streams[tiles.actor.key]:
            del self._streams[tiles.actor.key]
        if not known.readers:
            known.ticker.cancel()
            del self._tenants[tenant]

    def readings(self) -> dict[str, float]:
        """Return how many streams are open, for metrics."""
        return {"streams": float(self._streams.total())}

    def stop(self) -> None:
        """Read nothing any more."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        for known in self._tenants.values():
            known.ticker.cancel()

    # ---- what Postgres tells --------------------------------------------------------------------------------------

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        """A queue has changed."""
        self._poke(tenant)

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """An entry of a waitlist, or a clinic, has changed."""
        if kind in KINDS:
            self._poke(tenant)

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """Links show on no tile."""

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """The queues say so themselves."""

    def on_gap(self) -> None:
        """Commits may have been missed."""
        for known in self._tenants.values():
            known.ticker.poke()

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _poke(self, tenant: TenantId) -> None:
        if (known := self._tenants.get(tenant)) is not None:
            known.ticker.poke()

    def _wind(self) -> None:
        """Have tiles read now and then although nothing was done, for as long as somebody looks."""
        if self._clock is None and self._tenants:
            self._clock = asyncio.get_running_loop().call_later(CLOCK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._clock = None
        for known in self._tenants.values():
            if monotonic() - known.read_at > CLOCK_SECONDS / 2:
                known.ticker.poke()
        self._wind()


def metrics_of(row: Row) -> ClinicMetrics:
    """Return a clinic's figures as they are told."""
    promoted = row["accepted"] + row["promoted_by_hand"] + row["promoted_automatically"]
    return ClinicMetrics(
        clinic_id=row["clinic_id"],
        date=row["date"].isoformat(),
        queue_depth=row["depth"],
        avg_wait_minutes=per(row["wait_seconds"] / 60, promoted, digits=1),
        promotions_today=promoted,
        expired_count=row["expired"],
        conversion_rate=per(promoted, promoted + row["expired"] + row["cancelled"], digits=3),
        waiting=row["waiting"],
        in_consultation=row["in_consultation"],
        sla_breaches=row["sla_breaches"],
    )


def _digest(told: dict[UUID, bytes]) -> str:
    return sha256(b"\n".join(told[clinic] for clinic in sorted(told))).hexdigest()[:16]
