"""What a payment does to the visit it is for: the instant of paying orders the queue."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from queue_server.application.answers import Answer
from queue_server.application.unit import LockedQueue, QueueKey, Unit
from queue_server.store import payments as store
from queue_server.store import people
from queue_server.store.db import Row
from scheduling_core.errors import Unavailable
from scheduling_core.ids import DoctorId, EntryId
from scheduling_core.live_queue.commands import RecordPayment
from scheduling_core.live_queue.state import IN_LINE

ATTEMPTS = 3


class MovedMeanwhile(Unavailable):
    """The visit went to another line between looking and locking; to be begun again."""

    code, title = "moved_meanwhile", "This visit is just being moved"


async def patiently(run: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what `run` answers, begun again when the visit was moved meanwhile; the last time it may raise."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await run()
        except MovedMeanwhile:
            continue
    return await run()


async def lock_visit(unit: Unit, visit: Row) -> LockedQueue:
    """Lock the line that a visit is in; raises `MovedMeanwhile` when it has left it meanwhile."""
    (queue,) = await unit.lock(line_of(visit))
    again = await store.payable_visit(unit.tx, visit["appointment_id"])
    if again is None or line_of(again) != line_of(visit):
        raise MovedMeanwhile(retry_after=1)
    return queue


def line_of(visit: Row) -> QueueKey:
    """Return the line that a visit is in."""
    return QueueKey(DoctorId(visit["line_doctor_id"]), visit["line_date"].isoformat())


async def record_paid(unit: Unit, queue: LockedQueue, appointment: EntryId, paid_at: datetime) -> None:
    """Let the visit count as paid since `paid_at`: in its line, if it is still waiting there, and for the desk."""
    entry = queue.state.entries.get(appointment)
    if entry is not None and entry.state in IN_LINE and not queue.state.closed:
        unit.decide(queue, RecordPayment(entry=appointment, paid_at=paid_at))
    await people.set_paid(unit.tx, appointment, paid_at)
