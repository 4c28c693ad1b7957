"""Slots that follow each other within a sitting, as one: there are a hundred thousand slots to a few thousand runs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec

from scheduling_core.calendar.slots import SlotPlan
from scheduling_core.calendar.sources import Hours
from scheduling_core.ids import ClinicId, DoctorId, ScheduleId
from scheduling_core.slots.naming import slot_ids


class Run(msgspec.Struct, kw_only=True, gc=False):
    """Slots of one sitting at equal distances, alike in all but their start."""

    clinic: ClinicId
    schedule: ScheduleId
    hours: Hours
    date: date
    part: int
    """Of the day, as its place in `PARTS`."""
    version: int
    start: datetime
    step: timedelta
    length: timedelta
    count: int = 1

    def ids(self, doctor: DoctorId) -> bytes:
        """Return the ids of the slots, 16 bytes each, in the order of time."""
        first, step = int(self.start.timestamp()), int(self.step.total_seconds())
        return slot_ids(doctor, self.clinic, range(first, first + self.count * step, step))


def runs_of(plans: Iterable[SlotPlan], parts: Sequence[int], versions: Sequence[int]) -> list[Run]:
    """Return the slots as runs; `plans` are in the order of time, `parts` and `versions` are those of each."""
    found: list[Run] = []
    run: Run | None = None
    following: datetime | None = None
    for plan, part, version in zip(plans, parts, versions, strict=True):
        if (
            run is not None
            and plan.start == following
            and plan.hours is run.hours
            and plan.date == run.date
            and part == run.part
            and version == run.version
            and plan.clinic == run.clinic
            and plan.schedule == run.schedule
        ):
            run.count += 1
        else:
            run = Run(
                clinic=plan.clinic,
                schedule=plan.schedule,
                hours=plan.hours,
                date=plan.date,
                part=part,
                version=version,
                start=plan.start,
                step=timedelta(minutes=plan.hours.slot_minutes + plan.hours.buffer_minutes),
                length=plan.end - plan.start,
            )
            found.append(run)
        following = plan.start + run.step
    return found
