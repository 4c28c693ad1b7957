"""Leave of doctors: asked for by them or for them, decided by somebody else, with the appointments that it hits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.schedules.access import may_decide_for, reach_doctor
from queue_server.application.schedules.bodies import Approval, Decision, LeaveFilter, NewLeave
from queue_server.application.schedules.changes import Changes, Outcome, Request, Say, texts_of
from queue_server.application.schedules.leave_shown import LeaveShown, hit_by, span_of
from queue_server.application.schedules.service import said_reason
from queue_server.application.schedules.sources import load_calendar, load_calendars
from queue_server.application.schedules.suggestions import Displaced, suggest
from queue_server.application.schedules.views import AffectedPatient, LeaveView
from queue_server.application.schedules.wire import minutes
from queue_server.application.unit import WritePath
from queue_server.store import schedules as rows
from queue_server.store.db import Database, Transaction
from queue_server.store.schedules import Home, LeaveQuery
from scheduling_core.calendar import commands
from scheduling_core.calendar.sources import Leave
from scheduling_core.calendar.state import DoctorCalendar, leave_version
from scheduling_core.errors import ChangedMeanwhile, Forbidden, InvalidValue, MorePatientsHit, NotFound
from scheduling_core.ids import DoctorId, LeaveId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, Role

Make = Callable[[Home, Say], Awaitable[commands.CalendarCommand]]
Show = Callable[[Outcome], Awaitable[tuple[object, int | None]]]


class LeaveService:
    """Requests for leave and what becomes of them; an approval closes the doctor's slots in the same transaction."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._changes = Changes(db, writes)

    async def list(
        self, actor: Actor, wanted: LeaveFilter, *, limit: int = 50, cursor: str | None = None
    ) -> Page[LeaveView]:
        """Return the leave that the account may see, the newest request first.

        Receptionists and admins see that of their clinics, heads that of their departments, doctors their own.
        """
        actor.require(Permission.REQUEST_LEAVE)
        start, size = after(cursor), checked_limit(limit)
        query = LeaveQuery(
            status=wanted.status,
            doctor=wanted.doctor,
            department=wanted.department,
            within=actor.clinics,
            everybody=actor.is_system or actor.role not in (*OWN_DOCTOR_ONLY, Role.DEPARTMENT_HEAD),
            own=actor.doctor,
            account=actor.account if actor.role is Role.DEPARTMENT_HEAD else None,
        )
        async with self._db.tenant(actor.tenant) as tx:
            found = await rows.leaves(tx, query, after=start, limit=size + 1)
            views = await self._shown(tx, actor, found[:size])
        return Page(views, cursor_of(found[size - 1][0]) if len(found) > size else None)

    async def get(self, actor: Actor, leave: UUID) -> LeaveView:
        """Return a request for leave; raises `NotFound` for one the account may not see."""
        async with self._db.tenant(actor.tenant) as tx:
            doctor = await self._reach(tx, actor, LeaveId(leave))
            return (await self._shown(tx, actor, [(LeaveId(leave), doctor)]))[0]

    async def impact(self, actor: Actor, leave: UUID) -> Sequence[AffectedPatient]:
        """Return the patients whose appointments lie in the leave, each with the nearest other time there is."""
        async with self._db.tenant(actor.tenant) as tx:
            doctor = await self._reach(tx, actor, LeaveId(leave))
            found = _known(await load_calendar(tx, doctor), LeaveId(leave))
            hit = await hit_by(tx, doctor, found)
            now = datetime.now(UTC)
            displaced = [
                Displaced(appointment=one.id, doctor=doctor, clinic=one.clinic, start=one.start, mode=one.mode)
                for one in hit
            ]
            away = span_of(found, hit[0].zone) if hit else None
            others = await suggest(tx, displaced, now=now, away=away) if displaced else {}
        return [
            AffectedPatient(
                appointment_id=one.id,
                patient_name=one.patient_name,
                start=one.start,
                doctor_id=doctor,
                clinic_id=one.clinic,
                suggestion=others.get(one.id),
            )
            for one in hit
        ]

    async def request(
        self, actor: Actor, body: NewLeave, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Ask for leave and return the request (`LeaveView`); doctors ask for their own, others on somebody's behalf.

        Raises `OverlappingLeave`, `InvalidValue` by field, `NotFound` for a doctor out of reach.
        """
        actor.require(Permission.REQUEST_LEAVE)
        wanted = body.doctor_id if body.doctor_id is not None else actor.doctor
        if wanted is None:
            raise InvalidValue("Say whose leave it is.", field="doctorId")
        id, whose = LeaveId(uuid7()), wanted

        async def locate(tx: Transaction) -> Home:
            place = await reach_doctor(tx, actor, Permission.REQUEST_LEAVE, whose)
            if actor.role is Role.DEPARTMENT_HEAD and not await self._is_heads_business(tx, actor, place.id):
                raise Forbidden("You are not head of a department of this doctor.")
            return Home(place.id, None)

        async def command(home: Home, say: Say) -> commands.RequestLeave:
            return commands.RequestLeave(
                doctor=home.doctor,
                leave=id,
                kind=body.type,
                first=body.first,
                last=body.last,
                start=minutes(body.start) if body.start is not None else None,
                end=minutes(body.end) if body.end is not None else None,
                by=actor.account,
                reason=await said_reason(say, body.reason),
            )

        async def check(_tx: Transaction, _home: Home, _calendar: DoctorCalendar) -> None:
            """Nothing is there yet that could have changed."""

        request = Request(
            name="request_leave", locate=locate, command=command, show=self._shows(actor, id), check=check
        )
        return await self._changes.run(actor, request, precondition, dry_run=dry_run)

    async def approve(
        self, actor: Actor, leave: UUID, body: Approval, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Approve leave and return it; slots inside it go, appointments inside it become work for reception.

        Raises `OwnLeave`, `Conflict` for what was decided already, and `MorePatientsHit` when somebody was booked into
        it whom the approver has not seen.
        """
        id = LeaveId(leave)

        async def command(home: Home, say: Say) -> commands.ApproveLeave:
            reason = await said_reason(say, body.reason)
            return commands.ApproveLeave(
                doctor=home.doctor, leave=id, by=actor.account, as_doctor=actor.doctor, reason=reason
            )

        async def show(outcome: Outcome) -> tuple[object, int | None]:
            # The slots are held by now: whoever books comes before this look, or finds the slot gone.
            if body.seen is not None:
                hit = await hit_by(outcome.tx, outcome.after.doctor, _known(outcome.after, id))
                if unseen := sum(one.id not in body.seen for one in hit):
                    raise MorePatientsHit(f"{unseen} more of the doctor's patients lie in this leave: look again.")
            return await self._shows(actor, id)(outcome)

        return await self._decide(actor, id, "approve_leave", command, precondition, dry_run=dry_run, show=show)

    async def reject(
        self, actor: Actor, leave: UUID, body: Decision, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Reject leave and return it; raises `OwnLeave`, and `Conflict` for what was decided already."""
        id = LeaveId(leave)

        async def command(home: Home, say: Say) -> commands.RejectLeave:
            reason = await said_reason(say, body.reason)
            return commands.RejectLeave(
                doctor=home.doctor, leave=id, by=actor.account, as_doctor=actor.doctor, reason=reason
            )

        return await self._decide(actor, id, "reject_leave", command, precondition, dry_run=dry_run)

    async def cancel(
        self, actor: Actor, leave: UUID, body: Decision, precondition: Precondition = NONE, *, dry_run: bool = False
    ) -> Answer:
        """Take leave back and return it; what an approval had closed is open again."""
        actor.require(Permission.REQUEST_LEAVE)
        id = LeaveId(leave)

        async def locate(tx: Transaction) -> Home:
            return Home(await self._reach(tx, actor, id), None)

        async def command(home: Home, say: Say) -> commands.CancelLeave:
            reason = await said_reason(say, body.reason)
            return commands.CancelLeave(doctor=home.doctor, leave=id, by=actor.account, reason=reason)

        request = Request(
            name="cancel_leave",
            locate=locate,
            command=command,
            show=self._shows(actor, id),
            check=_expects(id, precondition.if_match),
        )
        return await self._changes.run(actor, request, precondition, dry_run=dry_run)

    async def _decide(
        self,
        actor: Actor,
        id: LeaveId,
        name: str,
        make: Make,
        precondition: Precondition,
        *,
        dry_run: bool,
        show: Show | None = None,
    ) -> Answer:
        actor.require(Permission.DECIDE_LEAVE)

        async def locate(tx: Transaction) -> Home:
            doctor = await self._reach(tx, actor, id)
            if not await may_decide_for(tx, actor, doctor):
                raise Forbidden("You are not head of a department of this doctor.")
            return Home(doctor, None)

        request = Request(
            name=name,
            locate=locate,
            command=make,
            show=show or self._shows(actor, id),
            check=_expects(id, precondition.if_match),
        )
        return await self._changes.run(actor, request, precondition, dry_run=dry_run)

    async def _reach(self, tx: Transaction, actor: Actor, leave: LeaveId) -> DoctorId:
        """Return whose leave it is; raises `NotFound` and, for a colleague's or another department's, `Forbidden`."""
        actor.require(Permission.REQUEST_LEAVE)
        home = await rows.leave_home(tx, leave)
        if home is None:
            raise NotFound("There is no such request for leave.")
        await reach_doctor(tx, actor, Permission.REQUEST_LEAVE, home.doctor)
        if actor.role is Role.DEPARTMENT_HEAD and not await self._is_heads_business(tx, actor, home.doctor):
            asked = _known(await load_calendar(tx, home.doctor), leave).requested_by
            if asked != actor.account:
                raise Forbidden("You are not head of a department of this doctor.")
        return home.doctor

    async def _is_heads_business(self, tx: Transaction, actor: Actor, doctor: DoctorId) -> bool:
        return doctor == actor.doctor or await may_decide_for(tx, actor, doctor)

    def _shows(self, actor: Actor, id: LeaveId) -> Show:
        async def show(outcome: Outcome) -> tuple[object, int | None]:
            leave = _known(outcome.after, id)
            shown = await LeaveShown.of(outcome.tx, actor, {outcome.after.doctor: [leave]}, outcome.texts)
            return shown.view(outcome.after.doctor, leave, outcome.preview), leave_version(leave)

        return show

    async def _shown(
        self, tx: Transaction, actor: Actor, found: Sequence[tuple[LeaveId, DoctorId]]
    ) -> Sequence[LeaveView]:
        calendars = await load_calendars(tx, {doctor for _, doctor in found})
        wanted: dict[DoctorId, list[Leave]] = {}
        for id, doctor in found:
            wanted.setdefault(doctor, []).append(_known(calendars[doctor], id))
        texts: Mapping[UUID, str] = {}
        for calendar in calendars.values():
            texts = {**texts, **await texts_of(tx, calendar)}
        shown = await LeaveShown.of(tx, actor, wanted, texts)
        return [shown.view(doctor, _known(calendars[doctor], id)) for id, doctor in found]


def _known(calendar: DoctorCalendar, id: LeaveId) -> Leave:
    leave = calendar.leave(id)
    if leave is None:
        raise NotFound("There is no such request for leave.")
    return leave


def _expects(id: LeaveId, seen: int | None) -> Callable[[Transaction, Home, DoctorCalendar], Awaitable[None]]:
    async def check(_tx: Transaction, _home: Home, calendar: DoctorCalendar) -> None:
        version = leave_version(_known(calendar, id))
        if seen is not None and seen != version:
            raise ChangedMeanwhile(f"You saw version {seen}, the request is at {version}.")

    return check
