"""A doctor's queue as a desk holds it, and what a receptionist would do next. No I/O."""

from random import Random
from typing import Any, NamedTuple

import msgspec

from loadtests.locust_users.clinic import walk_in

UNDOES, MOVES = 0.06, 0.35
"""Shares of the commands that take the last one back, or move somebody; the others serve the line."""


class Received(msgspec.Struct, frozen=True, rename="camel"):
    """Base of what is read of the server's messages: the fields that matter here and no others."""


class Entry(Received, frozen=True):
    """Somebody in the queue."""

    id: str
    state: str
    callable: bool


class Undo(Received, frozen=True):
    """A command that may still be taken back."""

    version: int


class Header(Received, frozen=True):
    """The head of the lane."""

    paused: bool
    closed: bool
    undo: tuple[Undo, ...]


class Queue(Received, frozen=True):
    """`queue-state`."""

    doctor_id: str
    epoch: int
    version: int
    header: Header
    line: tuple[str, ...]
    entries: tuple[Entry, ...]


class Patch(Received, frozen=True):
    """`queue-patch`."""

    doctor_id: str
    epoch: int
    from_version: int
    version: int
    header: Header
    line: tuple[str, ...]
    changed: tuple[Entry, ...]
    removed: tuple[str, ...]


class Command(NamedTuple):
    """A desk command and what it is sent with."""

    name: str
    payload: dict[str, Any]


class Lane:
    """One queue, kept up to date by states and patches."""

    def __init__(self, queue: Queue) -> None:
        self.doctor = queue.doctor_id
        self.own: set[int] = set()
        """Versions that this desk has made."""
        self.load(queue)

    def load(self, queue: Queue) -> None:
        """Take a whole queue."""
        self.order = (queue.epoch, queue.version)
        self.header, self.line = queue.header, queue.line
        self.entries = {entry.id: entry for entry in queue.entries}

    def load_newer(self, queue: Queue) -> None:
        """Take a whole queue unless a newer one is held already."""
        if (queue.epoch, queue.version) > self.order:
            self.load(queue)

    def apply(self, patch: Patch) -> bool:
        """Take a patch; False when it does not follow what is held, so that the whole queue has to be asked for."""
        to = (patch.epoch, patch.version)
        if patch.epoch == self.order[0] and to < self.order:
            return True  # the acknowledgement of a command was quicker
        if (patch.epoch, patch.from_version) > self.order:
            return False
        self.order, self.header, self.line = to, patch.header, patch.line
        self.entries |= {entry.id: entry for entry in patch.changed}
        for entry in patch.removed:
            self.entries.pop(entry, None)
        return True

    def next_command(self, chance: Random, shortest: int) -> Command | None:
        """Return what to do next, None for nothing; a line shorter than `shortest` is filled up with walk-ins."""
        if self.header.closed:
            return None
        if len(self.line) < shortest:
            return self._walk_in(chance)
        roll = chance.random()
        if roll < UNDOES and self.header.undo and (last := self.header.undo[-1].version) in self.own:
            self.own.discard(last)
            return Command("undo", {"doctorId": self.doctor, "version": last})
        if roll < UNDOES + MOVES and len(self.line) > 1:
            return self._move(chance)
        return self._serve() or self._walk_in(chance)

    def _serve(self) -> Command | None:
        by_state: dict[str, Entry] = {}
        for entry in self.entries.values():
            if entry.state != "waiting" or entry.callable:
                by_state.setdefault(entry.state, entry)
        if "in_consultation" in by_state:
            return Command("complete", {"appointmentId": by_state["in_consultation"].id})
        if "called" in by_state:
            return Command("start", {"appointmentId": by_state["called"].id})
        if "waiting" in by_state and not self.header.paused:
            return Command("call-next", {"doctorId": self.doctor})
        return None

    def _move(self, chance: Random) -> Command:
        was = chance.randrange(len(self.line))
        to = (was + chance.randrange(1, len(self.line))) % len(self.line)
        return Command("move", {"appointmentId": self.line[was], "newPosition": to + 1, "reason": "Load test"})

    def _walk_in(self, chance: Random) -> Command:
        return Command("walk-in", {"doctorId": self.doctor, **walk_in(chance.randrange(10_000))})
