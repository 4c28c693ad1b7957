"""A doctor whose calendar tests change: clinics, a clock, and short ways to say what is wanted."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from msgspec.structs import replace

from scheduling_core.calendar import commands
from scheduling_core.calendar.commands import CalendarCommand, Sitting
from scheduling_core.calendar.decide import decide
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.fold import fold
from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.ids import AccountId, ClinicId, DoctorId, ExceptionId, LeaveId, OverrideId, ScheduleId

DOCTOR = DoctorId(UUID(int=1))
HERE, THERE, ABROAD = ClinicId(UUID(int=11)), ClinicId(UUID(int=12)), ClinicId(UUID(int=13))
ZONES = {HERE: "Europe/Berlin", THERE: "Europe/Berlin", ABROAD: "Asia/Kolkata"}
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday."""
TODAY = date(2026, 11, 23)


def hours(start: str, end: str, **given: int) -> Hours:
    """Return a sitting; an end that is no later than the start is on the next day."""
    begun, ended = _minutes(start), _minutes(end)
    usual = Hours(start=begun, end=ended if ended > begun else ended + 1440, slot_minutes=20)
    return replace(usual, **given)


def weekly(weekday: int, start: str, end: str, **given: int) -> Sitting:
    """Return a sitting of every week."""
    return Sitting(weekday, hours(start, end, **given))


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


class Doctor:
    """A calendar and what is done to it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.calendar: DoctorCalendar | None = None
        self.events: list[CalendarEvent] = []

    @property
    def known(self) -> DoctorCalendar:
        """The calendar, of which something is known already."""
        assert self.calendar is not None
        return self.calendar

    def do(self, command: CalendarCommand) -> list[CalendarEvent]:
        """Decide a command and let its events happen; returns them."""
        events = decide(self.calendar, command, self.now, ZONES)
        for event in events:
            self.calendar = fold(self.calendar, event, self.now)
        self.events += events
        return events

    def schedule(
        self,
        *sittings: Sitting,
        clinic: ClinicId = HERE,
        first: date = TODAY,
        last: date | None = None,
    ) -> ScheduleId:
        """Make a schedule."""
        id = ScheduleId(uuid4())
        self.do(
            commands.CreateSchedule(
                doctor=DOCTOR,
                schedule=id,
                clinic=clinic,
                effective_from=first,
                effective_until=last,
                sittings=sittings,
            )
        )
        return id

    def change(
        self, schedule: ScheduleId, *sittings: Sitting, first: date = TODAY, last: date | None = None
    ) -> list[CalendarEvent]:
        """Replace a schedule."""
        return self.do(
            commands.UpdateSchedule(
                doctor=DOCTOR, schedule=schedule, effective_from=first, effective_until=last, sittings=sittings
            )
        )

    def override(self, schedule: ScheduleId, day: date, *given: Hours) -> OverrideId:
        """Give a date other hours."""
        id = OverrideId(uuid4())
        self.do(commands.AddOverride(doctor=DOCTOR, override=id, schedule=schedule, date=day, hours=given))
        return id

    def close(
        self, start: datetime, end: datetime, kind: ExceptionKind = ExceptionKind.EMERGENCY, clinic: ClinicId = HERE
    ) -> ExceptionId:
        """Close a stretch of time."""
        id = ExceptionId(uuid4())
        self.do(commands.AddException(doctor=DOCTOR, exception=id, kind=kind, clinic=clinic, start=start, end=end))
        return id

    def ask_leave(
        self,
        first: date,
        last: date | None = None,
        *,
        start: int | None = None,
        end: int | None = None,
        by: AccountId | None = None,
    ) -> LeaveId:
        """Ask for leave."""
        id = LeaveId(uuid4())
        self.do(
            commands.RequestLeave(
                doctor=DOCTOR,
                leave=id,
                kind=LeaveType.ANNUAL,
                first=first,
                last=last or first,
                start=start,
                end=end,
                by=by,
            )
        )
        return id
