"""Between wall times as clients write them and minutes since midnight, and from a calendar to what clients see."""

from collections.abc import Mapping
from uuid import UUID

from queue_server.application.schedules.bodies import OneDaysSitting, WeeklySitting
from queue_server.application.schedules.views import (
    ExceptionView,
    OverrideSittingView,
    OverrideView,
    ScheduleView,
    SittingView,
    SlotPreview,
)
from scheduling_core.calendar.commands import Sitting
from scheduling_core.calendar.sittings import clock
from scheduling_core.calendar.sources import DAY_MINUTES, Closure, Hours, Override
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.ids import DoctorId, EquipmentId, RoomId, TextId

Texts = Mapping[UUID, str]


def minutes(wall_time: str) -> int:
    """Return HH:MM as minutes since midnight."""
    hours, _, rest = wall_time.partition(":")
    return int(hours) * 60 + int(rest)


def wall_time(minute: int | None) -> str | None:
    """Return minutes since midnight as HH:MM; the midnight that ends the day is 24:00."""
    if minute is None:
        return None
    return "24:00" if minute == DAY_MINUTES else clock(minute)


def hours_of(sitting: OneDaysSitting) -> Hours:
    """Return a sitting as the rules know it."""
    return Hours(
        start=minutes(sitting.start),
        end=minutes(sitting.end) + (DAY_MINUTES if sitting.ends_next_day else 0),
        slot_minutes=sitting.slot_minutes,
        buffer_minutes=sitting.buffer_minutes,
        in_person=sitting.in_person,
        tele=sitting.tele,
        total=sitting.total,
        room=RoomId(sitting.room_id) if sitting.room_id is not None else None,
        equipment=tuple(EquipmentId(id) for id in sorted(set(sitting.equipment_ids))),
    )


def sitting_of(sitting: WeeklySitting) -> Sitting:
    """Return a sitting of every week as the rules know it."""
    return Sitting(sitting.weekday, hours_of(sitting))


def schedule_view(
    calendar: DoctorCalendar, kept: KeptSchedule, texts: Texts, preview: SlotPreview | None = None
) -> ScheduleView:
    """Return a schedule with its overrides, in the order of time."""
    schedule = kept.schedule
    overrides = sorted((o for o in calendar.overrides if o.schedule == schedule.id), key=lambda o: (o.date, o.id))
    return ScheduleView(
        id=schedule.id,
        doctor_id=calendar.doctor,
        clinic_id=schedule.clinic,
        effective_from=schedule.effective_from,
        effective_until=schedule.effective_until,
        ended=kept.ended,
        sittings=tuple(_weekly(day, hours) for day, all in enumerate(schedule.week, start=1) for hours in all),
        overrides=tuple(override_view(override, texts) for override in overrides),
        version=kept.version,
        preview=preview,
    )


def override_view(override: Override, texts: Texts) -> OverrideView:
    """Return an override as clients see it."""
    return OverrideView(
        id=override.id,
        schedule_id=override.schedule,
        date=override.date,
        sittings=tuple(_once(hours) for hours in override.hours),
        reason=said(override.reason, texts),
    )


def exception_view(
    doctor: DoctorId, closure: Closure, texts: Texts, preview: SlotPreview | None = None
) -> ExceptionView:
    """Return an exception as clients see it."""
    return ExceptionView(
        id=closure.id,
        doctor_id=doctor,
        clinic_id=closure.clinic,
        kind=closure.kind,
        start=closure.start,
        end=closure.end,
        reason=said(closure.reason, texts),
        preview=preview,
    )


def said(text: TextId | None, texts: Texts) -> str | None:
    """Return the words behind an id; None where nothing was said, or what was said is erased."""
    return texts.get(text) if text is not None else None


def _weekly(weekday: int, hours: Hours) -> SittingView:
    return SittingView(
        weekday=weekday,
        start=clock(hours.start),
        end=clock(hours.end),
        ends_next_day=hours.end >= DAY_MINUTES,
        slot_minutes=hours.slot_minutes,
        buffer_minutes=hours.buffer_minutes,
        in_person=hours.in_person,
        tele=hours.tele,
        total=hours.total,
        room_id=hours.room,
        equipment_ids=hours.equipment,
    )


def _once(hours: Hours) -> OverrideSittingView:
    return OverrideSittingView(
        start=clock(hours.start),
        end=clock(hours.end),
        ends_next_day=hours.end >= DAY_MINUTES,
        slot_minutes=hours.slot_minutes,
        buffer_minutes=hours.buffer_minutes,
        in_person=hours.in_person,
        tele=hours.tele,
        total=hours.total,
        room_id=hours.room,
        equipment_ids=hours.equipment,
    )
