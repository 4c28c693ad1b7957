"""What a run measures on: the application, and the owner's connections beside it."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from queue_server.wiring import Services

Advance = Callable[[int], None]


class Ground:
    """The application and, beside it, the owner's connections."""

    def __init__(self, services: Services, owners: Sequence[Any], owner_url: str, pids: Sequence[int]) -> None:
        self.services = services
        self.owners = owners
        self.owner_url = owner_url
        self._pids = pids

    def sessions(self) -> list[int]:
        """Return this process and those of Postgres that are there now."""
        return [os.getpid(), *self._pids, *children(self._pids)]


def children(pids: Iterable[int]) -> list[int]:
    """Return the processes that these have started: Postgres' sessions."""
    listed = []
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            listed += [int(child) for child in (thread / "children").read_text().split()]
    return listed
