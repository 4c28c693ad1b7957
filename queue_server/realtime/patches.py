"""From one view of a queue to the next: what changed, so that desks need not be sent the whole day each time."""

from datetime import timedelta
from typing import Any, overload

from msgspec.structs import replace

from queue_server.application.views.desk import StaffEntry, StaffPatch, StaffQueue
from queue_server.application.views.display import DisplayEntry, DisplayPatch, DisplayQueue

DRIFT = timedelta(seconds=30)
"""Estimated starts that move less than this have not moved: they are made anew, from the clock, each time."""


@overload
def patch(before: StaffQueue, after: StaffQueue) -> StaffPatch | None: ...
@overload
def patch(before: DisplayQueue, after: DisplayQueue) -> DisplayPatch | None: ...
@overload
def patch(before: StaffQueue | DisplayQueue, after: StaffQueue | DisplayQueue) -> StaffPatch | DisplayPatch | None: ...
def patch(before: StaffQueue | DisplayQueue, after: StaffQueue | DisplayQueue) -> StaffPatch | DisplayPatch | None:
    """Return what leads from `before` to `after`; None when they show the same and have the same version."""
    known: dict[Any, StaffEntry | DisplayEntry] = {entry.id: entry for entry in before.entries}
    changed: tuple[Any, ...] = tuple(entry for entry in after.entries if _differs(known.pop(entry.id, None), entry))
    is_same = (before.epoch, before.version) == (after.epoch, after.version)
    if is_same and not changed and not known and before.header == after.header and before.line == after.line:
        return None
    kind: Any = StaffPatch if isinstance(after, StaffQueue) else DisplayPatch
    found: StaffPatch | DisplayPatch = kind(
        doctor_id=after.doctor_id,
        date=after.date,
        epoch=after.epoch,
        from_version=before.version,
        version=after.version,
        header=after.header,
        line=after.line,
        changed=changed,
        removed=tuple(known),
    )
    return found


@overload
def apply(queue: StaffQueue, given: StaffPatch) -> StaffQueue: ...
@overload
def apply(queue: DisplayQueue, given: DisplayPatch) -> DisplayQueue: ...
def apply(queue: StaffQueue | DisplayQueue, given: StaffPatch | DisplayPatch) -> StaffQueue | DisplayQueue:
    """Return what a client makes of `queue` and a patch; the reference for clients, and for tests.

    Raises `ValueError` when the patch starts from another version.
    """
    if (given.epoch, given.from_version) != (queue.epoch, queue.version):
        raise ValueError("the patch starts from another version")
    entries: dict[Any, Any] = {entry.id: entry for entry in queue.entries if entry.id not in given.removed}
    entries |= {entry.id: entry for entry in given.changed}
    return replace(
        queue,
        epoch=given.epoch,
        version=given.version,
        header=given.header,
        line=given.line,
        entries=tuple(entries.values()),
    )


def _differs(before: StaffEntry | DisplayEntry | None, after: StaffEntry | DisplayEntry) -> bool:
    if before is None:
        return True
    was, now = before.estimated_start_at, after.estimated_start_at
    if was is not None and now is not None and abs(now - was) < DRIFT:
        before = replace(before, estimated_start_at=now)
    return before != after
