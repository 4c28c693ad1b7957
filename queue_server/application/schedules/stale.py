"""What others have changed of a schedule since somebody looked: which fields, by whom and when."""

from collections.abc import Iterator, Sequence

from queue_server.application.schedules.model import CALENDAR
from queue_server.store import event_store
from queue_server.store import schedules as rows
from queue_server.store.db import Row, Transaction
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.errors import Change, ChangedMeanwhile
from scheduling_core.ids import ScheduleId

FIELDS = {"effective_from": "effectiveFrom", "effective_until": "effectiveUntil", "week": "sittings"}


async def check_schedule_version(tx: Transaction, calendar: DoctorCalendar, id: ScheduleId, seen: int | None) -> None:
    """Raise `ChangedMeanwhile` when a client saw another version of the schedule than there is."""
    kept = calendar.schedule(id)
    if seen is None or kept is None or seen == kept.version:
        return
    events = await event_store.all_events(tx, CALENDAR.stream(tx.tenant, calendar.doctor))
    found = list(_changes(events, id, seen))
    names = await rows.account_names(tx, {event["actor_id"] for event, _, _ in found if event["actor_id"]})
    changes = [
        Change(field, event["actor_id"], names.get(event["actor_id"], ""), event["occurred_at"], version)
        for event, fields, version in found
        for field in fields
    ]
    raise ChangedMeanwhile(_sentence(changes, seen, kept.version), changes=changes)


def _changes(events: Sequence[Row], id: ScheduleId, seen: int) -> Iterator[tuple[Row, list[str], int]]:
    """Yield the events that made versions of the schedule after `seen`, with the fields each has changed."""
    calendar: DoctorCalendar | None = None
    for row in events:
        event = CALENDAR.aggregate.decode_event(row["type"], row["schema_version"], row["data"])
        before, calendar = calendar, CALENDAR.aggregate.fold(calendar, event, row["occurred_at"])
        old = before.schedule(id) if before is not None else None
        new = calendar.schedule(id)
        if old is not None and new is not None and new.version != old.version and new.version > seen:
            yield row, _fields(old, new), new.version


def _fields(old: KeptSchedule, new: KeptSchedule) -> list[str]:
    """A new version in which the schedule itself is as it was is one of its overrides."""
    found = [shown for name, shown in FIELDS.items() if getattr(old.schedule, name) != getattr(new.schedule, name)]
    if new.ended != old.ended:
        found.append("ended")
    return found or ["overrides"]


def _sentence(changes: list[Change], seen: int, version: int) -> str:
    if not changes:
        return f"You saw version {seen}, the schedule is at {version}."
    last = changes[-1]
    fields = ", ".join(dict.fromkeys(change.field for change in changes))
    by = last.name or ("somebody else" if last.by is not None else "the system")
    return f"Changed since you looked: {fields}; last by {by} at {last.at:%Y-%m-%d %H:%M} UTC."
