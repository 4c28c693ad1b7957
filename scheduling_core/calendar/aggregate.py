"""The calendar of a doctor as an aggregate: its stream is named after the doctor."""

from scheduling_core.aggregates import Aggregate
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.fold import fold
from scheduling_core.calendar.state import DoctorCalendar

CALENDAR: Aggregate[DoctorCalendar, CalendarEvent] = Aggregate(
    "calendar", events=CalendarEvent, state=DoctorCalendar, fold=fold
)
