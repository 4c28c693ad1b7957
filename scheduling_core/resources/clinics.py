"""Clinics: where they are, how many they take, how their queues run, and on which days they are closed."""

from datetime import date, datetime
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.aggregates import Aggregate
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, TextId
from scheduling_core.live_queue.policy import QueuePolicy

MOST_DAYS = 1_000
"""Dates of its own that a clinic may keep."""


class Caps(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many patients a clinic takes; None means no cap."""

    per_day: int | None = None
    per_window: int | None = None


class HolidayCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """Whose public holidays a clinic keeps: ISO 3166-1 alpha-2, and the code of a part of the country."""

    country: str
    region: str | None = None


class ClosedDay(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A date on which a clinic is closed of its own, and what to call it."""

    date: date
    name: TextId


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic as its events leave it; `version` counts them."""

    id: ClinicId
    slug: str
    name: TextId
    timezone: str
    address: TextId | None
    caps: Caps
    policy: QueuePolicy
    active: bool
    holidays: HolidayCalendar | None = None
    closed: tuple[ClosedDay, ...] = ()
    """In order of their dates."""
    opened: tuple[date, ...] = ()
    """Dates on which it is open although there is a public holiday."""
    deleted: bool = False
    version: int = 1
    updated_at: datetime


# ---- events ---------------------------------------------------------------------------------------------------------


class ClinicCreated(msgspec.Struct, frozen=True, kw_only=True, tag="clinic_created"):
    """There is a new clinic. One that is older than its events comes with the version it had (`adopted`)."""

    clinic: ClinicId
    slug: str
    name: TextId
    timezone: str
    address: TextId | None
    caps: Caps
    policy: QueuePolicy
    active: bool = True
    holidays: HolidayCalendar | None = None
    version: int = 1
    adopted: bool = False


class ClinicUpdated(msgspec.Struct, frozen=True, kw_only=True, tag="clinic_updated"):
    """A clinic has changed; what is left out stays."""

    slug: str | UnsetType = UNSET
    name: TextId | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    address: TextId | UnsetType | None = UNSET
    caps: Caps | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    holidays: HolidayCalendar | UnsetType | None = UNSET


class QueuePolicyChanged(msgspec.Struct, frozen=True, kw_only=True, tag="queue_policy_changed"):
    """The queues of a clinic run by another policy."""

    policy: QueuePolicy


class ClinicDaysChanged(msgspec.Struct, frozen=True, kw_only=True, tag="clinic_days_changed"):
    """A clinic has other closed and opened dates: all of them, not what is new."""

    closed: tuple[ClosedDay, ...]
    opened: tuple[date, ...]


class ClinicDeleted(msgspec.Struct, frozen=True, kw_only=True, tag="clinic_deleted"):
    """A clinic that nothing referred to is gone."""


ClinicEvent = ClinicCreated | ClinicUpdated | QueuePolicyChanged | ClinicDaysChanged | ClinicDeleted


# ---- commands -------------------------------------------------------------------------------------------------------


class CreateClinic(msgspec.Struct, frozen=True, kw_only=True):
    """Add a clinic."""

    clinic: ClinicId
    slug: str
    name: TextId
    timezone: str
    address: TextId | None
    caps: Caps
    policy: QueuePolicy
    holidays: HolidayCalendar | None = None


class AdoptClinic(msgspec.Struct, frozen=True, kw_only=True):
    """Give a clinic that was there before clinics had events a history that begins with what it is."""

    created: ClinicCreated


class UpdateClinic(msgspec.Struct, frozen=True, kw_only=True):
    """Change a clinic; what is left out stays."""

    slug: str | UnsetType = UNSET
    name: TextId | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    address: TextId | UnsetType | None = UNSET
    caps: Caps | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    holidays: HolidayCalendar | UnsetType | None = UNSET


class SetQueuePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the policy of a clinic's queues."""

    policy: QueuePolicy


class SetClinicDays(msgspec.Struct, frozen=True, kw_only=True):
    """Replace a clinic's closed and opened dates. A closed date that was there before comes with its old name's id."""

    closed: tuple[ClosedDay, ...]
    opened: tuple[date, ...]


class DeleteClinic(msgspec.Struct, frozen=True, kw_only=True):
    """Remove a clinic that nothing refers to."""


ClinicCommand = CreateClinic | AdoptClinic | UpdateClinic | SetQueuePolicy | SetClinicDays | DeleteClinic


def decide(clinic: Clinic | None, command: ClinicCommand) -> list[ClinicEvent]:
    """Return what a command leads to; nothing when it changes nothing.

    Raises `NotFound` for a clinic that does not exist (any more), `InvalidValue` with the field for what makes no
    sense, `Conflict` when a clinic is made twice.
    """
    if isinstance(command, CreateClinic | AdoptClinic):
        if clinic is not None:
            raise Conflict("This clinic exists already.")
        return [command.created if isinstance(command, AdoptClinic) else _created(command)]
    if clinic is None or clinic.deleted:
        raise NotFound("There is no such clinic.")
    match command:
        case UpdateClinic():
            return _update(clinic, command)
        case SetQueuePolicy():
            check_policy(command.policy)
            return [] if command.policy == clinic.policy else [QueuePolicyChanged(policy=command.policy)]
        case SetClinicDays():
            return _set_days(clinic, command)
        case DeleteClinic():
            return [ClinicDeleted()]
        case _:
            assert_never(command)


def check_policy(policy: QueuePolicy) -> None:
    """Raise `InvalidValue` when the durations of a policy contradict each other."""
    if policy.release_after < policy.late_after:
        raise InvalidValue(
            "A place cannot be released before its patient counts as late: releaseAfter is less than lateAfter.",
            field="releaseAfter",
        )


def check_caps(caps: Caps) -> None:
    """Raise `InvalidValue` when a window would take more than the day."""
    if caps.per_day is not None and caps.per_window is not None and caps.per_window > caps.per_day:
        raise InvalidValue("A window cannot take more than the day.", field="capacity.perWindow")


def _created(command: CreateClinic) -> ClinicCreated:
    check_caps(command.caps)
    check_policy(command.policy)
    return ClinicCreated(**msgspec.structs.asdict(command))


def _update(clinic: Clinic, command: UpdateClinic) -> list[ClinicEvent]:
    if command.caps is not UNSET:
        check_caps(command.caps)
    wanted = msgspec.structs.asdict(command)
    event = ClinicUpdated(**{k: UNSET if v == getattr(clinic, k) else v for k, v in wanted.items()})
    return [] if event == ClinicUpdated() else [event]


def _set_days(clinic: Clinic, command: SetClinicDays) -> list[ClinicEvent]:
    closed, opened = tuple(sorted(command.closed)), tuple(sorted(set(command.opened)))
    dates = [day.date for day in closed]
    if len(dates) + len(opened) > MOST_DAYS:
        raise InvalidValue(f"At most {MOST_DAYS} dates are kept.", field="closed")
    if twice := sorted({day for day in dates if dates.count(day) > 1}):
        raise InvalidValue(f"{twice[0]} is named twice.", field="closed")
    if both := sorted({*dates} & {*opened}):
        raise InvalidValue(f"{both[0]} cannot be closed and open.", field="open")
    if (closed, opened) == (clinic.closed, clinic.opened):
        return []
    return [ClinicDaysChanged(closed=closed, opened=opened)]


def fold(clinic: Clinic | None, event: ClinicEvent, at: datetime) -> Clinic:
    """Return the clinic after an event that happened at an instant."""
    if isinstance(event, ClinicCreated):
        given = msgspec.structs.asdict(event)
        del given["adopted"]
        return Clinic(id=given.pop("clinic"), updated_at=at, **given)
    assert clinic is not None, "the first event of a clinic is its creation"
    match event:
        case ClinicUpdated():
            changed = {k: v for k, v in msgspec.structs.asdict(event).items() if v is not UNSET}
        case QueuePolicyChanged():
            changed = {"policy": event.policy}
        case ClinicDaysChanged():
            changed = {"closed": event.closed, "opened": event.opened}
        case ClinicDeleted():
            changed = {"deleted": True}
        case _:
            assert_never(event)
    return msgspec.structs.replace(clinic, **changed, version=clinic.version + 1, updated_at=at)


AGGREGATE: Aggregate[Clinic, ClinicEvent] = Aggregate("clinic", events=ClinicEvent, state=Clinic, fold=fold)
