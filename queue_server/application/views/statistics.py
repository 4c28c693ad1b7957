"""Figures of a queue."""

from queue_server.application.views import View


class PeakHour(View, frozen=True, kw_only=True):
    hour: str
    appointments: int


class StatisticsView(View, frozen=True, kw_only=True):
    """Figures of one queue; rates between 0 and 1, waits and durations in minutes (None before the first one)."""

    total_appointments: int
    completed: int
    waiting: int
    no_shows: int
    no_show_rate: float
    average_wait_time: float | None
    median_wait_time: float | None
    p90_wait_time: float | None
    peak_hours: tuple[PeakHour, ...]
    early_arrivals: int
    average_early_minutes: float | None
    late_arrivals: int
    overtakes: int
    average_consultation_time: float | None
