"""What has happened to a doctor's slots since somebody looked last, for browsers that no socket reaches.

The cursor is the place in the stream of the doctor's slots, so any server can go on where another one ended.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import msgspec

from queue_server.application.slots import news
from queue_server.application.slots.changes import SlotChanges
from queue_server.application.slots.stream import SLOTS_MODEL
from queue_server.application.slots.telling import changes_of
from queue_server.application.slots.views import SlotChangesView
from queue_server.store import slot_changes as store
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import DoctorId, SlotId, TenantId
from scheduling_core.slots.ledger import SLOTS

LONGEST_WAIT = 25
"""Seconds; proxies cut what says nothing for half a minute or so."""
LOOK_SECONDS = 1.0
"""How often who waits looks whether the server is about to stop."""
MOST_WAITING = 2_000
"""Requests that wait at a server; who comes on top is answered at once, and asked to pause."""
PAUSE_SECONDS = 10
MOST_EVENTS = 200
"""Told one by one; of more, that there is something to see."""

Cursor = tuple[int, int]
"""The epoch of the deployment and the version of the stream."""

_CURSOR = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")


class CatchingUp:
    """Answers those who poll."""

    def __init__(self, db: Database, changes: SlotChanges, is_stopping: Callable[[], bool]) -> None:
        self._db = db
        self._changes = changes
        self._is_stopping = is_stopping
        self._asking = 0
        self._waiting = 0

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for something to happen."""
        return self._waiting > 0

    async def since(self, tenant: TenantId, doctor: DoctorId, cursor: str | None, *, seconds: int) -> SlotChangesView:
        """Return what has happened to the doctor's slots behind `cursor`; as soon as something has, after `seconds`
        at the latest. Without a cursor at once, with the one to begin from.

        Raises `NotFound` for a doctor whom the public does not know, `InvalidValue` for a cursor that is none.
        """
        place = _read(cursor) if cursor is not None else None
        until = monotonic() + min(seconds, LONGEST_WAIT)
        is_full = self._asking >= MOST_WAITING
        self._asking += 1
        try:
            with self._changes.awaited(tenant, doctor) as happened:
                while True:
                    happened.clear()
                    found = await self._found(tenant, doctor, place)
                    left = until - monotonic()
                    if place is None or found.changes or found.look_again:
                        return found
                    if is_full:
                        return msgspec.structs.replace(found, pause_seconds=PAUSE_SECONDS)
                    if left <= 0 or self._is_stopping():
                        return found
                    await self._wait(happened, until)
        finally:
            self._asking -= 1

    async def _wait(self, happened: asyncio.Event, until: float) -> None:
        """Wait until something happens, or there is no more time, or the server is about to stop."""
        self._waiting += 1
        try:
            while not happened.is_set() and not self._is_stopping() and (left := until - monotonic()) > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, LOOK_SECONDS)):
                        await happened.wait()
        finally:
            self._waiting -= 1

    async def _found(self, tenant: TenantId, doctor: DoctorId, place: Cursor | None) -> SlotChangesView:
        stream = SLOTS_MODEL.stream(tenant, doctor)
        async with self._db.tenant(tenant) as tx:
            if not await store.is_shown(tx, doctor):
                raise NotFound("There is no such doctor.")
            now = await store.position(tx, stream)
            if place is None or place == now:
                return _answer(now)
            is_followed = place[0] == now[0] and 0 <= now[1] - place[1] <= MOST_EVENTS
            events = await store.events_after(tx, stream, place[1], limit=MOST_EVENTS + 1) if is_followed else []
            if not is_followed or len(events) > MOST_EVENTS:
                return _answer(now, look_again=True)
            # What was committed since `now` was read is among them.
            return await self._told(tx, (now[0], events[-1]["version"] if events else now[1]), events)

    @staticmethod
    async def _told(tx: Transaction, now: Cursor, events: Any) -> SlotChangesView:
        known = [SLOTS.decode_event(row["type"], row["schema_version"], row["data"]) for row in events]
        happened = news.read(news.news_of(known))
        if happened.between is not None:
            return _answer(now, look_again=True)
        latest = {SlotId(one.slot): one for one in happened.slots}
        rows = await store.slots_now(tx, latest)
        return msgspec.structs.replace(_answer(now), changes=tuple(changes_of(rows, latest)))


def _answer(now: Cursor, *, look_again: bool = False) -> SlotChangesView:
    return SlotChangesView(cursor=f"{now[0]}.{now[1]}", changes=(), look_again=look_again, pause_seconds=0)


def _read(cursor: str) -> Cursor:
    given = _CURSOR.fullmatch(cursor)
    if given is None:
        raise InvalidValue("This cursor is not one of ours.", field="since")
    return int(given[1]), int(given[2])
