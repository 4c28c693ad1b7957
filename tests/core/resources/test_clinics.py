"""Clinics: what changes of them, of their policy and of their days lead to."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, TextId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.resources.clinics import (
    AGGREGATE,
    MOST_DAYS,
    AdoptClinic,
    Caps,
    Clinic,
    ClinicCommand,
    ClinicCreated,
    ClinicDaysChanged,
    ClinicDeleted,
    ClinicUpdated,
    ClosedDay,
    CreateClinic,
    DeleteClinic,
    HolidayCalendar,
    QueuePolicyChanged,
    SetClinicDays,
    SetQueuePolicy,
    UpdateClinic,
    decide,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAME = TextId(uuid4())
EVE, FEAST = date(2026, 12, 24), date(2026, 12, 25)
BAVARIA = HolidayCalendar(country="DE", region="BY")


def new() -> CreateClinic:
    return CreateClinic(
        clinic=ClinicId(uuid4()),
        slug="riverside",
        name=NAME,
        timezone="Europe/Berlin",
        address=None,
        caps=Caps(),
        policy=QueuePolicy(),
        holidays=BAVARIA,
    )


def after(clinic: Clinic | None, *commands: ClinicCommand) -> Clinic:
    """Return the clinic after some commands."""
    for command in commands:
        for event in decide(clinic, command):
            clinic = AGGREGATE.fold(clinic, event, NOW)
    assert clinic is not None
    return clinic


def closed(*days: date) -> tuple[ClosedDay, ...]:
    return tuple(ClosedDay(date=day, name=NAME) for day in days)


def test_a_clinic_is_made_once() -> None:
    clinic = after(None, new())
    assert (clinic.version, clinic.holidays, clinic.active, clinic.updated_at) == (1, BAVARIA, True, NOW)
    with pytest.raises(Conflict):
        decide(clinic, new())


def test_one_that_is_older_than_its_events_keeps_its_version() -> None:
    created = ClinicCreated(
        clinic=ClinicId(uuid4()),
        slug="old",
        name=NAME,
        timezone="UTC",
        address=None,
        caps=Caps(),
        policy=QueuePolicy(),
        version=7,
        adopted=True,
    )
    assert after(None, AdoptClinic(created=created), UpdateClinic(slug="older")).version == 8


def test_only_what_is_new_is_an_event() -> None:
    clinic = after(None, new())
    assert decide(clinic, UpdateClinic(slug="riverside", timezone="Europe/Berlin", address=None, active=True)) == []
    (event,) = decide(clinic, UpdateClinic(slug="riverside", holidays=None))
    assert event == ClinicUpdated(holidays=None)
    assert AGGREGATE.fold(clinic, event, NOW).holidays is None
    assert decide(clinic, SetQueuePolicy(policy=QueuePolicy())) == []


def test_what_contradicts_itself_is_refused_by_field() -> None:
    clinic = after(None, new())
    for command, field in (
        (UpdateClinic(caps=Caps(per_day=5, per_window=6)), "capacity.perWindow"),
        (SetQueuePolicy(policy=QueuePolicy(late_after=30, release_after=29)), "releaseAfter"),
        (SetClinicDays(closed=closed(EVE, EVE), opened=()), "closed"),
        (SetClinicDays(closed=closed(EVE), opened=(EVE,)), "open"),
    ):
        with pytest.raises(InvalidValue) as refused:
            decide(clinic, command)
        assert refused.value.field == field


def test_days_are_kept_in_order_and_the_same_days_are_no_event() -> None:
    clinic = after(None, new(), SetClinicDays(closed=closed(FEAST, EVE), opened=(date(2026, 5, 1), date(2026, 1, 6))))
    assert [day.date for day in clinic.closed] == [EVE, FEAST]
    assert clinic.opened == (date(2026, 1, 6), date(2026, 5, 1))
    assert decide(clinic, SetClinicDays(closed=clinic.closed[::-1], opened=clinic.opened * 2)) == []


def test_days_are_bounded() -> None:
    many = tuple(EVE + timedelta(days=index) for index in range(MOST_DAYS + 1))
    with pytest.raises(InvalidValue):
        decide(after(None, new()), SetClinicDays(closed=(), opened=many))


def test_a_clinic_that_is_gone_takes_nothing() -> None:
    clinic = after(None, new(), DeleteClinic())
    for gone in (clinic, None):
        for command in (UpdateClinic(slug="x"), DeleteClinic(), SetClinicDays(closed=(), opened=())):
            with pytest.raises(NotFound):
                decide(gone, command)


def test_every_event_is_read_as_it_was_written() -> None:
    events = (
        *decide(None, new()),
        ClinicUpdated(caps=Caps(per_day=80), address=None),
        QueuePolicyChanged(policy=QueuePolicy(grace_minutes=5)),
        ClinicDaysChanged(closed=closed(EVE), opened=(FEAST,)),
        ClinicDeleted(),
    )
    assert {type(event) for event in events} == set(AGGREGATE.event_types.values())
    for event in events:
        name, data = AGGREGATE.encode_event(event)
        assert AGGREGATE.decode_event(name, 1, data) == event
