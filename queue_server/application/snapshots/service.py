"""The cache of states and the source of changes: how a state comes here, and who is told."""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from queue_server.application.snapshots.room import KnownRoom, Watcher
from queue_server.application.snapshots.state import NOTHING, Order, RoomKey, RoomState, Snapshot, reason_of, state_of
from queue_server.broker import Broker
from queue_server.store import event_store
from queue_server.store.db import Database, Transaction
from queue_server.store.notifications import Notifications
from scheduling_core.errors import Unavailable
from scheduling_core.ids import DoctorId, EntryId, TenantId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Queue

log = structlog.stdlib.get_logger("snapshots")

PATIENCE = 0.05
"""Seconds that a pointer waits for its snapshot before it is read from Postgres."""
SHORT_PATIENCE = 0.01
"""The same while the broker is away: then only this process's own commit may still be on its way."""
RETRY_SECONDS = 0.5
REREADS_AT_ONCE = 4

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Snapshot).decode


class QueueSnapshots:
    """The newest `RoomState` per room; a cache for reads, a source of changes for whoever watches."""

    def __init__(
        self, db: Database, broker: Broker, notifications: Notifications, *, ttl_seconds: float, capacity: int = 2_000
    ) -> None:
        self._db = db
        self._broker = broker
        self._notifications = notifications
        self._ttl = ttl_seconds
        self._capacity = capacity
        self._rooms: OrderedDict[RoomKey, KnownRoom] = OrderedDict()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._rereading: asyncio.Task[None] | None = None
        self._reread_again = False
        self._gaps = 0
        self._away_since: datetime | None = None
        self._asked_in_vain = 0.0
        self.hits = 0
        self.reads = 0
        # Gaps of the broker are none here: pointers have told of everything meanwhile, and each led to a read.
        notifications.add(self)

    async def start(self) -> None:
        """Begin to hear of commits, in the background; without it every `get` reads Postgres."""
        await self._broker.start()
        await self._notifications.start()

    async def stop(self) -> None:
        """Stop hearing and drop what is under way."""
        await self._notifications.stop()
        await self._broker.stop()
        for room in self._rooms.values():
            if room.overdue is not None:
                room.overdue.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- commits ----------------------------------------------------------------------------------------------

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Take a commit of this process to its own watchers and to other servers; neither blocks nor raises."""
        key = RoomKey(tenant, queue.doctor, queue.date)
        self._take(key, state_of(key, epoch, queue, reason))
        self._broker.publish(key.channel, _encode(Snapshot(epoch, queue.version, reason, state)))

    # ---- reads ------------------------------------------------------------------------------------------------

    def newest(self, key: RoomKey) -> RoomState | None:
        """Return what is known of a room without asking anybody."""
        room = self._rooms.get(key)
        return room.state if room is not None else None

    async def get(
        self, tenant: TenantId, doctor: DoctorId, date: str, *, fresh: bool = False, at_least: Order | None = None
    ) -> RoomState | None:
        """Return the newest state of a queue, None when there is no such queue.

        From the cache where it surely is the newest, not older than `at_least`, and `fresh` is False; else read, once
        for all who ask at the same time. While Postgres is away the cached state comes back marked stale; raises
        `Unavailable` when there is none.
        """
        key = RoomKey(tenant, doctor, date)
        room = self._room(key)
        needed = max(room.expected, at_least or NOTHING)
        if room.state is not None and not fresh and room.order >= needed and self._is_good(room):
            self.hits += 1
            return room.state
        if room.state is not None and monotonic() < self._asked_in_vain:
            return replace(room.state, stale_since=self._away_since)
        try:
            under_way = room.fetch is not None
            state = await self._fetch(key, room)
            if under_way and (fresh or room.order < needed or room.proven != self._gaps):
                # That read may have begun before what the caller must see was committed.
                state = await self._fetch(key, room)
        except Unavailable:
            if room.state is None:
                raise
            return replace(room.state, stale_since=self._away_since or datetime.now(UTC))
        return state

    async def read_along(self, tx: Transaction, doctor: DoctorId, date: str) -> None:
        """Read a queue in a transaction that is open for another reason, unless what is known of it is good."""
        key = RoomKey(tx.tenant, doctor, date)
        room = self._room(key)
        is_known = room.state is not None and room.order >= room.expected and self._is_good(room)
        if room.fetch is None and not is_known:
            await self._read_in(tx, key, room)

    def _is_good(self, room: KnownRoom) -> bool:
        """Whether pointers would have told of anything newer than what is cached."""
        if not self._notifications.is_listening or self._away_since is not None or room.proven != self._gaps:
            return False
        return bool(room.watchers) or monotonic() < room.good_until

    # ---- watching ---------------------------------------------------------------------------------------------

    def watch(self, key: RoomKey, watcher: Watcher) -> None:
        """Call `watcher` with each newer state of the room from now on; it must neither block nor raise."""
        room = self._room(key)
        room.watchers.append(watcher)
        if len(room.watchers) == 1:
            self._broker.subscribe(key.channel, partial(self._received, key))
            if room.order < room.expected or (room.state is not None and room.proven != self._gaps):
                self._spawn(self._refetch(key))

    def unwatch(self, key: RoomKey, watcher: Watcher) -> None:
        """Stop calling `watcher`."""
        room = self._rooms.get(key)
        if room is None or watcher not in room.watchers:
            return
        room.watchers.remove(watcher)
        if not room.watchers:
            self._broker.unsubscribe(key.channel)

    @property
    def watched(self) -> int:
        """How many rooms are watched here."""
        return sum(1 for room in self._rooms.values() if room.watchers)

    # ---- what others tell --------------------------------------------------------------------------------------

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        """Postgres tells of a commit: whoever watches the room gets it, and what is cached is too old to answer."""
        key = RoomKey(tenant, doctor, date)
        room = self._rooms.get(key)
        if room is None or (epoch, version) <= room.expected:
            return
        room.expected = (epoch, version)
        if room.watchers and room.coming < room.expected and room.overdue is None:
            patience = PATIENCE if self._broker.carries(key.channel) else SHORT_PATIENCE
            room.overdue = asyncio.get_running_loop().call_later(patience, self._overdue, key, room)

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """An appointment was moved: the queues say so themselves."""

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """Nothing of a link is kept here."""

    def on_gap(self) -> None:
        """Pointers may have been missed: reread what is watched, trust nothing that was read before."""
        self._gaps += 1
        if self._rereading is not None:
            self._reread_again = True
            return
        self._rereading = self._spawn(self._reread())

    def _received(self, key: RoomKey, payload: bytes) -> None:
        room = self._rooms.get(key)
        try:
            told = _decode(payload)
            if room is None or (told.epoch, told.version) <= room.coming:
                return
            queue = codec.decode_state(told.state)
        except msgspec.MsgspecError:
            # Another release's shape, or rubbish: Postgres' pointer for it leads to a read.
            log.warning("unreadable_snapshot")
            return
        self._take(key, state_of(key, told.epoch, queue, told.reason))

    # ---- inside ------------------------------------------------------------------------------------------------

    def _room(self, key: RoomKey) -> KnownRoom:
        room = self._rooms.get(key)
        if room is None:
            self._evict()
            room = self._rooms[key] = KnownRoom()
        else:
            self._rooms.move_to_end(key)
        return room

    def _evict(self) -> None:
        spare = len(self._rooms) + 1 - self._capacity
        if spare <= 0:
            return
        idle = (key for key, room in self._rooms.items() if not room.watchers and room.fetch is None)
        # A few more than needed, so that one walk past watched rooms makes place for many newcomers.
        for key in list(islice(idle, spare + 16)):
            del self._rooms[key]

    def _take(self, key: RoomKey, state: RoomState) -> None:
        """Take a state that came without the words of its notices."""
        room = self._room(key)
        if state.order <= room.coming:
            return
        if any(notice.text not in room.texts for notice in state.queue.notices):
            is_loading = room.incoming is not None
            room.incoming = state
            if not is_loading:
                self._spawn(self._load_texts(key, room))
            return
        self._install(key, room, state)

    def _install(self, key: RoomKey, room: KnownRoom, state: RoomState) -> None:
        """Make `state` the newest, and tell whoever watches."""
        wanted = [notice.text for notice in state.queue.notices]
        if len(room.texts) > len(wanted):
            room.texts = {text: room.texts[text] for text in wanted if text in room.texts}
        room.state = state = replace(state, texts={t: room.texts[t] for t in wanted if t in room.texts})
        room.good_until = monotonic() + self._ttl
        if room.incoming is not None and room.incoming.order <= state.order:
            room.incoming = None
        if room.overdue is not None and state.order >= room.expected:
            room.overdue.cancel()
            room.overdue = None
        for watcher in tuple(room.watchers):
            try:
                watcher(state)
            except Exception:
                log.exception("watcher_failed")

    async def _load_texts(self, key: RoomKey, room: KnownRoom) -> None:
        """Load the words that `room.incoming` lacks; its state is held back shortly, for an alarm needs its words."""
        while (state := room.waiting()) is not None:
            wanted = [n.text for n in state.queue.notices if n.text not in room.texts]
            try:
                async with self._db.tenant(key.tenant) as tx:
                    found = await event_store.free_texts(tx, wanted)
            except Unavailable:
                # Positions must not wait for words. A state without some of them is replaced when they are there.
                newest = room.waiting() or state
                room.incoming = None
                self._install(key, room, newest)
                if room.watchers:
                    await asyncio.sleep(RETRY_SECONDS)
                    await self._refetch(key)
                return
            room.texts.update({text: found.get(text, "") for text in wanted})
            newer = room.waiting()
            if newer is not None and all(n.text in room.texts for n in newer.queue.notices):
                room.incoming = None
                if newer.order > room.order:
                    self._install(key, room, newer)

    def _overdue(self, key: RoomKey, room: KnownRoom) -> None:
        room.overdue = None
        if room.watchers and room.coming < room.expected:
            self._spawn(self._refetch(key))

    async def _refetch(self, key: RoomKey) -> None:
        """Read a watched room until what Postgres told of is there, and nothing can have been missed."""
        pause = SHORT_PATIENCE
        while True:
            room = self._rooms.get(key)
            if room is None or not room.watchers:
                return
            try:
                await self._fetch(key, room)
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                # What was read is too old when a commit, or the end of a gap, came while it was read. A version that
                # never comes (a restore has undone it) is asked for less and less often.
                if room.order >= room.expected and room.proven == self._gaps:
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_SECONDS)

    async def _reread(self) -> None:
        """Read every watched room, a few at a time."""
        limit = asyncio.Semaphore(REREADS_AT_ONCE)

        async def one(key: RoomKey) -> None:
            async with limit:
                try:
                    await self._refetch(key)
                except Exception:
                    # A state that cannot be read must not keep the other rooms, nor the next gap, from being read.
                    log.exception("reread_failed")

        try:
            while True:
                self._reread_again = False
                await asyncio.gather(*(one(key) for key, room in list(self._rooms.items()) if room.watchers))
                if not self._reread_again:
                    return
        finally:
            self._rereading = None

    async def _fetch(self, key: RoomKey, room: KnownRoom) -> RoomState | None:
        """Read a room, together with everybody who asks while the read is under way."""
        # A read that is done counts as none: to wait for it would not even let others have their turn.
        fetch = room.fetch
        if fetch is None or fetch.done():
            fetch = room.fetch = self._spawn(self._read(key, room))
            fetch.add_done_callback(partial(_fetched, room))
        return await asyncio.shield(fetch)

    async def _read(self, key: RoomKey, room: KnownRoom) -> RoomState | None:
        try:
            async with self._db.tenant(key.tenant) as tx:
                await self._read_in(tx, key, room)
        except Unavailable:
            self._away_since = self._away_since or datetime.now(UTC)
            self._asked_in_vain = monotonic() + RETRY_SECONDS
            raise
        return room.state

    async def _read_in(self, tx: Transaction, key: RoomKey, room: KnownRoom) -> None:
        self.reads += 1
        gaps = self._gaps
        row = await event_store.read_stream(tx, queue_stream(*key))
        if row is None or row["state"] is None:
            self._away_since = None
            room.proven = gaps
            return
        queue = codec.decode_state(row["state"])
        wanted = [n.text for n in queue.notices if n.text not in room.texts]
        found = await event_store.free_texts(tx, wanted) if wanted else {}
        self._away_since = None
        room.proven = gaps
        room.texts.update({text: found.get(text, "") for text in wanted})
        state = state_of(key, row["epoch"], queue, reason_of(queue))
        if state.order > room.order or (state.order == room.order and room.lacks_words):
            self._install(key, room, state)
        elif state.order == room.order:
            room.good_until = monotonic() + self._ttl

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Unavailable):
            log.error("snapshot_task_failed", exc_info=error)


def _fetched(room: KnownRoom, fetch: asyncio.Task[RoomState | None]) -> None:
    if room.fetch is fetch:
        room.fetch = None
