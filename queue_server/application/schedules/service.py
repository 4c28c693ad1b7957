"""Weekly schedules, overrides and exceptions of doctors."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.paging import LONGEST_PAGE, Page, part
from queue_server.application.plain_text import one_line
from queue_server.application.schedules.access import reach_doctor, sees_clinic
from queue_server.application.schedules.bodies import NewException, NewOverride, NewSchedule, ScheduleChange
from queue_server.application.schedules.changes import Changes, Outcome, Request, Say, texts_of
from queue_server.application.schedules.sources import load_calendar
from queue_server.application.schedules.stale import check_schedule_version
from queue_server.application.schedules.views import Removed, ScheduleView
from queue_server.application.schedules.wire import exception_view, hours_of, schedule_view, sitting_of
from queue_server.application.unit import WritePath
from queue_server.store import schedules as rows
from queue_server.store.db import Database, Transaction
from queue_server.store.doctors import clinic_is_active
from queue_server.store.schedules import Home, ResourcePlace
from scheduling_core.calendar import commands
from scheduling_core.calendar.commands import CalendarCommand
from scheduling_core.calendar.sources import Hours
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId, ExceptionId, OverrideId, ScheduleId, TextId
from scheduling_core.permissions import Permission

LONGEST_REASON = 500

Shown = tuple[object, int | None]
"""An answer and its version."""

I = TypeVar("I", ScheduleId, OverrideId, ExceptionId)  # noqa: E741


class ScheduleService:
    """Changes what opens and closes a doctor's time, leave apart; slots follow in the same transaction."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._changes = Changes(db, writes)

    async def list(
        self, actor: Actor, doctor: UUID, *, limit: int = LONGEST_PAGE, cursor: str | None = None
    ) -> Page[ScheduleView]:
        """Return the doctor's schedules at the clinics the account may see, those that were ended last."""
        async with self._db.tenant(actor.tenant) as tx:
            place = await reach_doctor(tx, actor, Permission.READ_SCHEDULES, doctor)
            calendar = await load_calendar(tx, place.id)
            texts = await texts_of(tx, calendar)
        shown = [kept for kept in calendar.schedules if sees_clinic(actor, kept.schedule.clinic)]
        found = part(shown, _place, limit=limit, cursor=cursor)
        return Page([schedule_view(calendar, kept, texts) for kept in found.items], found.next_cursor)

    async def create(
        self,
        actor: Actor,
        doctor: UUID,
        body: NewSchedule,
        precondition: Precondition = NONE,
        *,
        dry_run: bool = False,
    ) -> Answer:
        """Make a schedule and return it (`ScheduleView`); raises what `decide` refuses, by field."""
        clinic, id = ClinicId(body.clinic_id), ScheduleId(uuid7())
        sittings = tuple(sitting_of(sitting) for sitting in body.sittings)

        async def locate(tx: Transaction) -> Home:
            place = await reach_doctor(tx, actor, Permission.MANAGE_SCHEDULES, doctor)
            return Home(place.id, clinic)

        async def command(home: Home, _say: Say) -> commands.CreateSchedule:
            return commands.CreateSchedule(
                doctor=home.doctor,
                schedule=id,
                clinic=clinic,
                effective_from=body.effective_from,
                effective_until=body.effective_until,
                sittings=sittings,
            )

        async def check(tx: Transaction, home: Home, _calendar: DoctorCalendar) -> None:
            await _check_works_at(tx, actor, home.doctor, clinic)
            await check_resources(tx, clinic, [sitting.hours for sitting in sittings])

        request = Request(
            name="create_schedule",
            locate=locate,
            command=command,
            show=_shows(id),
            check=check,
            clinics=(clinic,),
            # So that the clinic is not taken from the doctor at the same moment.
            holds_doctor=True,
        )
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def update(
        self,
        actor: Actor,
        schedule: UUID,
        body: ScheduleChange,
        precondition: Precondition = NONE,
        *,
        dry_run: bool = False,
    ) -> Answer:
        """Replace a schedule and return it; raises `ChangedMeanwhile`, and what `decide` refuses, by field."""
        id = ScheduleId(schedule)
        sittings = tuple(sitting_of(sitting) for sitting in body.sittings)

        async def command(home: Home, _say: Say) -> commands.UpdateSchedule:
            return commands.UpdateSchedule(
                doctor=home.doctor,
                schedule=id,
                effective_from=body.effective_from,
                effective_until=body.effective_until,
                sittings=sittings,
            )

        hours = [sitting.hours for sitting in sittings]
        request = _of_schedule(actor, id, "update_schedule", command, precondition, hours)
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def end(
        self,
        actor: Actor,
        schedule: UUID,
        last: date | None,
        precondition: Precondition = NONE,
        *,
        dry_run: bool = False,
    ) -> Answer:
        """End a schedule after `last` (None: after yesterday) and return it."""
        id = ScheduleId(schedule)

        async def command(home: Home, _say: Say) -> commands.EndSchedule:
            return commands.EndSchedule(doctor=home.doctor, schedule=id, last=last)

        request = _of_schedule(actor, id, "end_schedule", command, precondition)
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def add_override(
        self,
        actor: Actor,
        schedule: UUID,
        body: NewOverride,
        precondition: Precondition = NONE,
        *,
        dry_run: bool = False,
    ) -> Answer:
        """Give a date other hours and return the schedule, which has one override more."""
        id, override = ScheduleId(schedule), OverrideId(uuid7())
        hours = tuple(hours_of(sitting) for sitting in body.sittings)

        async def command(home: Home, say: Say) -> commands.AddOverride:
            return commands.AddOverride(
                doctor=home.doctor,
                override=override,
                schedule=id,
                date=body.date,
                hours=hours,
                reason=await said_reason(say, body.reason),
            )

        request = _of_schedule(actor, id, "add_override", command, precondition, hours)
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def remove_override(
        self, actor: Actor, override: UUID, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Let the schedule hold again on a date; the version that was seen is the schedule's."""
        id = OverrideId(override)

        async def command(home: Home, _say: Say) -> commands.RemoveOverride:
            return commands.RemoveOverride(doctor=home.doctor, override=id)

        async def check(tx: Transaction, _home: Home, calendar: DoctorCalendar) -> None:
            standing = calendar.override(id)
            if standing is not None:
                await check_schedule_version(tx, calendar, standing.schedule, precondition.if_match)

        locate = _finds(actor, id, rows.override_home)
        request = Request(name="remove_override", locate=locate, command=command, show=_shows_removed(id), check=check)
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def add_exception(
        self,
        actor: Actor,
        schedule: UUID,
        body: NewException,
        precondition: Precondition = NONE,
        *,
        dry_run: bool = False,
    ) -> Answer:
        """Close a stretch of time, at the schedule's clinic or at all, and return the exception."""
        id, of = ExceptionId(uuid7()), ScheduleId(schedule)

        async def command(home: Home, say: Say) -> commands.AddException:
            return commands.AddException(
                doctor=home.doctor,
                exception=id,
                kind=body.kind,
                clinic=None if body.all_clinics else home.clinic,
                start=body.start,
                end=body.end,
                reason=await said_reason(say, body.reason),
            )

        async def show(outcome: Outcome) -> Shown:
            closure = outcome.after.closure(id)
            assert closure is not None
            return exception_view(outcome.after.doctor, closure, outcome.texts, outcome.preview), None

        request = _of_schedule(
            actor, of, "add_exception", command, precondition, show=show, everywhere=body.all_clinics
        )
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def remove_exception(
        self, actor: Actor, exception: UUID, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Take an exception back."""
        id = ExceptionId(exception)

        async def command(home: Home, _say: Say) -> commands.RemoveException:
            return commands.RemoveException(doctor=home.doctor, exception=id)

        async def check(_tx: Transaction, home: Home, calendar: DoctorCalendar) -> None:
            if home.clinic is None:
                _check_all_clinics(actor, calendar)

        locate = _finds(actor, id, rows.exception_home)
        request = Request(name="remove_exception", locate=locate, command=command, show=_shows_removed(id), check=check)
        return await self._run(actor, request, precondition, dry_run=dry_run)

    async def _run(self, actor: Actor, request: Request, precondition: Precondition, *, dry_run: bool) -> Answer:
        actor.require(Permission.MANAGE_SCHEDULES)
        return await self._changes.run(actor, request, precondition, dry_run=dry_run)


def _of_schedule(
    actor: Actor,
    id: ScheduleId,
    name: str,
    command: Callable[[Home, Say], Awaitable[CalendarCommand]],
    precondition: Precondition,
    hours: Sequence[Hours] = (),
    *,
    show: Callable[[Outcome], Awaitable[Shown]] | None = None,
    everywhere: bool = False,
) -> Request:
    """Return the request for a change of one schedule, which must be as the client saw it.

    What `hours` name must be there for them; what holds `everywhere` needs all of the doctor's clinics. Unless told
    otherwise the schedule is what is shown.
    """

    async def check(tx: Transaction, home: Home, calendar: DoctorCalendar) -> None:
        await check_schedule_version(tx, calendar, id, precondition.if_match)
        await check_resources(tx, home.clinic, hours)
        if everywhere:
            _check_all_clinics(actor, calendar)

    locate = _finds(actor, id, rows.schedule_home)
    return Request(name=name, locate=locate, command=command, show=show or _shows(id), check=check)


def _finds(
    actor: Actor, id: I, find: Callable[[Transaction, I], Awaitable[Home | None]]
) -> Callable[[Transaction], Awaitable[Home]]:
    """Return what says whose calendar something is in; it raises `NotFound` outside of the account's clinics."""

    async def locate(tx: Transaction) -> Home:
        home = await find(tx, id)
        if home is None or (home.clinic is not None and not sees_clinic(actor, home.clinic)):
            raise NotFound
        await reach_doctor(tx, actor, Permission.MANAGE_SCHEDULES, home.doctor)
        return home

    return locate


def _check_all_clinics(actor: Actor, calendar: DoctorCalendar) -> None:
    """Who is limited to some clinics closes nobody's time at others."""
    if actor.clinics and not calendar.clinics <= set(actor.clinics):
        raise Forbidden("The doctor also works at clinics that are not yours.")


async def said_reason(say: Say, reason: str | None) -> TextId | None:
    """Keep a reason, if one was given, and return its id; raises `InvalidValue` for what cannot be shown."""
    return await say(one_line(reason, "reason", longest=LONGEST_REASON)) if reason is not None else None


async def check_resources(tx: Transaction, clinic: ClinicId | None, given: Sequence[Hours]) -> None:
    """Raise `InvalidValue`, naming the sitting, for a room or equipment that is unknown, not used or at another clinic.

    None of them is removed before the end of the transaction.
    """
    rooms = {hours.room for hours in given if hours.room is not None}
    equipment = {one for hours in given for one in hours.equipment}
    known = await rows.places(tx, rooms, equipment)
    for index, hours in enumerate(given):
        if hours.room is not None:
            _check_place(known.get(hours.room), clinic, "room", f"sittings[{index}].roomId")
        for one in hours.equipment:
            _check_place(known.get(one), clinic, "equipment", f"sittings[{index}].equipmentIds")


def _check_place(found: ResourcePlace | None, clinic: ClinicId | None, what: str, field: str) -> None:
    if found is None or found.clinic != clinic:
        raise InvalidValue(f"There is no such {what} at this clinic.", field=field)
    if not found.active:
        raise InvalidValue(f"This {what} is not in use any more.", field=field)


async def _check_works_at(tx: Transaction, actor: Actor, doctor: DoctorId, clinic: ClinicId) -> None:
    place = await rows.doctor_place(tx, doctor)
    if not sees_clinic(actor, clinic) or clinic not in await rows.zones(tx, [clinic]):
        raise NotFound("There is no such clinic.", field="clinicId")
    if place is None or clinic not in place.clinics:
        raise InvalidValue("The doctor does not work at this clinic; add the location first.", field="clinicId")
    if not await clinic_is_active(tx, clinic):
        raise Conflict("This clinic is not open at present.", field="clinicId")


def _shows(id: ScheduleId) -> Callable[[Outcome], Awaitable[Shown]]:
    async def show(outcome: Outcome) -> Shown:
        kept = outcome.after.schedule(id)
        assert kept is not None, "schedules are ended, never removed"
        return schedule_view(outcome.after, kept, outcome.texts, outcome.preview), kept.version

    return show


def _shows_removed(id: UUID) -> Callable[[Outcome], Awaitable[Shown]]:
    async def show(outcome: Outcome) -> Shown:
        return Removed(id=id, preview=outcome.preview), None

    return show


def _place(kept: KeptSchedule) -> tuple[str, UUID]:
    """Where a schedule stands in the list: the ended ones last, by their first day."""
    return f"{int(kept.ended)} {kept.schedule.effective_from}", kept.schedule.id
