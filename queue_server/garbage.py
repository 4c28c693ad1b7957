"""Cyclic garbage, looked for without holding up those who wait.

CPython looks through every object there is each time the long-lived ones have grown by a quarter. With ten thousand
phones and the queues they follow that is half a million objects and a quarter of a second, every few seconds while a
desk is at work, to find nothing: what a command or a connection leaves behind goes when the last reference to it does.
So objects that have outlived one look are frozen (`gc.freeze`), which takes them out of all further ones; references
still free them. Only what a cycle kept alive past its freezing stays; it is looked for when twice as much is frozen as
after the last look at everything, which bounds it, and seldom happens.
"""

import asyncio
import gc
from time import perf_counter

import structlog

log = structlog.stdlib.get_logger("garbage")

YOUNG, MIDDLE, NEVER = 4_000, 5, 1_000_000
"""Thresholds: objects made and not freed before the young are looked at, such looks before the middle-aged are; the
old are left to `GarbageCollection`."""
LOOK_SECONDS = 1.0
UNFROZEN = 10_000
"""Old objects not frozen yet from which on it is worth a look: about five milliseconds."""
ROOM = 1_000_000
"""Objects to be frozen before those that are left of them are counted, which takes long itself; and how many there may
be beyond the double of those known to be alive before everything is looked through again."""


class GarbageCollection:
    """The collector's settings and its looks while a server runs; `stop` brings back what was before."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._alive = 0
        self._frozen = 0
        """Since they were counted last; most are freed soon."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Freeze what there is by now, and keep to short looks from here on."""
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        self.look_at_everything()
        self._task = asyncio.create_task(self._run(), name="garbage")

    def stop(self) -> None:
        """Leave the collector as it was found."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        gc.unfreeze()
        gc.set_threshold(*self._before)

    def look(self) -> None:
        """Look through what is old and not frozen, and freeze it, when there is enough of it."""
        old = len(gc.get_objects(generation=2))
        if old < UNFROZEN:
            return
        gc.collect()
        gc.freeze()
        self._frozen += old
        if self._frozen > ROOM:
            self._frozen = 0
            if gc.get_freeze_count() > 2 * self._alive + ROOM:
                self.look_at_everything()

    def look_at_everything(self) -> None:
        """Look through all objects, frozen ones included."""
        started = perf_counter()
        gc.unfreeze()
        found = gc.collect()
        gc.freeze()
        self._alive = gc.get_freeze_count()
        log.info(
            "garbage_collected", count=found, total=self._alive, duration_ms=round((perf_counter() - started) * 1000)
        )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()
