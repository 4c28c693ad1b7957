"""What a replay reports: what was folded, and what is not kept as history says."""

from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

MOST_DIFFERENCES = 1_000
"""Listed at most; all are counted."""

Progress = Callable[[int], None]
"""Told how many events are folded."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something kept that is not what its events lead to. `model` is a table, or `state`; `key` names the row."""

    tenant: UUID
    model: str
    key: str
    detail: str


class RebuildReport(msgspec.Struct, kw_only=True):
    """What was folded and what was found. `epoch` is the new one after a repair, else None."""

    tenants: int = 0
    queues: int = 0
    aggregates: dict[str, int] = {}
    """How many of each kind."""
    events: int = 0
    rows: int = 0
    seconds: float = 0.0
    events_per_second: int = 0
    differing: int = 0
    repaired: int = 0
    epoch: int | None = None
    differences: list[Difference] = msgspec.field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether everything kept equals its events."""
        return self.differing == 0

    def add(self, tenant: UUID, model: str, key: object, detail: str) -> None:
        """Count a difference, and list it while there is room."""
        self.differing += 1
        if len(self.differences) < MOST_DIFFERENCES:
            named = " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
            self.differences.append(Difference(tenant=tenant, model=model, key=named, detail=detail))


def named(columns: Iterable[str]) -> str:
    """Return what to say about things that differ in these fields."""
    return f"differs in {', '.join(columns)}"
