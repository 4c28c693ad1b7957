"""Calendars for tests: in short, and at random."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduling_core.calendar.sources import (
    ClinicDay,
    Closure,
    ExceptionKind,
    Hours,
    Leave,
    LeaveStatus,
    LeaveType,
    Outage,
    Override,
    Schedule,
    Sources,
)
from scheduling_core.ids import (
    ClinicId,
    EquipmentId,
    ExceptionId,
    LeaveId,
    MaintenanceId,
    OverrideId,
    ResourceId,
    RoomId,
    ScheduleId,
)

CLINIC = ClinicId(UUID(int=1))
OTHER_CLINIC = ClinicId(UUID(int=2))
SCHEDULE = ScheduleId(UUID(int=10))
ROOM, OTHER_ROOM = RoomId(UUID(int=3)), RoomId(UUID(int=4))
DEVICE, OTHER_DEVICE = EquipmentId(UUID(int=5)), EquipmentId(UUID(int=6))

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Cairo",  # no midnight in spring, two in autumn
    "America/Santiago",  # the same the other way round
    "Asia/Beirut",
    "America/Havana",  # midnight comes twice on the same date
    "Asia/Kathmandu",  # never changes, but not by whole hours
)


def hours(start: str, end: str, slot: int = 30, buffer: int = 0) -> Hours:
    """Return a sitting; an end that is not after the start lies on the next day."""
    begin, stop = _minute(start), _minute(end)
    return Hours(start=begin, end=stop if stop > begin else stop + 1440, slot_minutes=slot, buffer_minutes=buffer)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def daily(*sittings: Hours, clinic: ClinicId = CLINIC, id: ScheduleId = SCHEDULE) -> Schedule:
    """Return a schedule that is the same every day."""
    return Schedule(id=id, clinic=clinic, effective_from=date(2000, 1, 1), week=(sittings,) * 7)


def leave(first: date, last: date, start: int | None = None, end: int | None = None, id: int = 30) -> Leave:
    """Return an approved leave."""
    return Leave(
        id=LeaveId(UUID(int=id)),
        type=LeaveType.ANNUAL,
        first=first,
        last=last,
        start=start,
        end=end,
        status=LeaveStatus.APPROVED,
        requested_by=None,
        requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def closure(
    kind: ExceptionKind, start: datetime, end: datetime, clinic: ClinicId | None = CLINIC, id: int = 20
) -> Closure:
    """Return an exception."""
    return Closure(id=ExceptionId(UUID(int=id)), kind=kind, clinic=clinic, start=start, end=end)


def outage(start: datetime, end: datetime, resource: ResourceId = ROOM, id: int = 40) -> Outage:
    """Return a maintenance of a room or a piece of equipment."""
    return Outage(id=MaintenanceId(UUID(int=id)), resource=resource, start=start, end=end)


def changes_of_clocks(zone: str, first: date, last: date) -> list[date]:
    """Return the dates in UTC on which a zone's offset changes."""
    tz, found = ZoneInfo(zone), []
    day = first
    while day <= last:
        at = datetime.combine(day, time(), UTC)
        if at.astimezone(tz).utcoffset() != (at + timedelta(days=1)).astimezone(tz).utcoffset():
            found.append(day)
        day += timedelta(days=1)
    return found


CHANGES = [(zone, day) for zone in ZONES for day in changes_of_clocks(zone, date(2026, 1, 1), date(2036, 12, 31))]


@st.composite
def sittings(draw: st.DrawFn) -> Hours:
    """A sitting of any kind, past midnight and as long as a day, too."""
    start = draw(st.integers(0, 287)) * 5
    length = draw(st.one_of(st.integers(1, 24).map(lambda n: n * 15), st.integers(1, 1440)))
    return Hours(
        start=start,
        end=start + length,
        slot_minutes=draw(st.integers(1, 24)) * 5,
        buffer_minutes=draw(st.sampled_from((0, 0, 5, 10))),
        in_person=draw(st.sampled_from((1, 1, 0))),
        tele=1,
        room=draw(st.sampled_from((None, ROOM, ROOM, OTHER_ROOM))),
        equipment=draw(st.sampled_from(((), (), (DEVICE,), (DEVICE, OTHER_DEVICE)))),
    )


def _ids(first: int) -> st.SearchStrategy[UUID]:
    return st.integers(first, first + 9).map(lambda n: UUID(int=n))


@st.composite
def days_near_changes(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a day, mostly one near which clocks change."""
    zone, day = draw(st.sampled_from(CHANGES))
    return zone, day + timedelta(days=draw(st.sampled_from((0, 0, 0, -1, 1, 60))))


@st.composite
def calendars(draw: st.DrawFn, zone: str, day: date, most: int = 2) -> Sources:
    """Whatever may decide about a day and its neighbours at two clinics, hours over hours included."""
    near = st.integers(-2, 2).map(lambda n: day + timedelta(days=n))
    instants = st.integers(-2 * 86_400, 3 * 86_400).map(
        lambda n: datetime.combine(day, time(), UTC) + timedelta(seconds=n)
    )
    resources: st.SearchStrategy[ResourceId] = st.sampled_from((ROOM, OTHER_ROOM, DEVICE))
    clinics = st.sampled_from((CLINIC, CLINIC, OTHER_CLINIC))
    schedules = []
    for number in range(draw(st.integers(0, most))):
        week = tuple(tuple(draw(st.lists(sittings(), max_size=2))) for _ in range(7))
        since = draw(st.one_of(st.just(date(2020, 1, 1)), near))
        until = draw(st.one_of(st.none(), near))
        id = ScheduleId(UUID(int=10 + number))
        schedules.append(Schedule(id=id, clinic=draw(clinics), effective_from=since, effective_until=until, week=week))
    overrides = []
    planned = st.tuples(st.sampled_from([s.id for s in schedules] or [SCHEDULE]), near)
    for number, (schedule, date_) in enumerate(draw(st.lists(planned, max_size=2, unique=True))):
        given = tuple(draw(st.lists(sittings(), max_size=2)))
        overrides.append(Override(id=OverrideId(UUID(int=50 + number)), schedule=schedule, date=date_, hours=given))
    closures = tuple(
        Closure(
            id=ExceptionId(id),
            kind=draw(st.sampled_from(ExceptionKind)),
            clinic=draw(st.sampled_from((None, CLINIC, OTHER_CLINIC))),
            start=(start := draw(instants)),
            end=start + timedelta(seconds=draw(st.integers(0, 100_000))),
        )
        for id in draw(st.lists(_ids(20), max_size=3, unique=True))
    )
    leaves = tuple(draw(_leaves(LeaveId(id), near)) for id in draw(st.lists(_ids(30), max_size=2, unique=True)))
    clinic_days = tuple(
        ClinicDay(clinic=draw(clinics), date=draw(near), name=name)
        for name in draw(st.lists(st.sampled_from(("Founders' Day", "New Year")), max_size=1))
    )
    outages = tuple(
        outage(
            start := draw(instants), start + timedelta(seconds=draw(st.integers(0, 100_000))), draw(resources), id.int
        )
        for id in draw(st.lists(_ids(40), max_size=3, unique=True))
    )
    return Sources(
        schedules=tuple(schedules),
        overrides=tuple(overrides),
        closures=closures,
        leaves=leaves,
        clinic_days=clinic_days,
        outages=outages,
        zones={CLINIC: zone, OTHER_CLINIC: draw(st.sampled_from((zone, *ZONES)))},
    )


@st.composite
def _leaves(draw: st.DrawFn, id: LeaveId, near: st.SearchStrategy[date]) -> Leave:
    first, second = sorted((draw(near), draw(near)))
    part = draw(st.booleans())
    start = draw(st.integers(0, 1438)) if part else None
    end = draw(st.integers(start + 1, 1440)) if start is not None else None
    return Leave(
        id=id,
        type=LeaveType.SICK,
        first=first,
        last=first if part else second,
        start=start,
        end=end,
        status=draw(st.sampled_from((LeaveStatus.APPROVED, LeaveStatus.APPROVED, *LeaveStatus))),
        requested_by=None,
        requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
