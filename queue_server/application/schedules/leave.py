"""Leave of doctors: asked for by them or for them, decided by somebody else, with the appointments that it hits."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.paging import (
    LONGEST_PAGE,
    Page,
    after,
    after_instant,
    checked_limit,
    cursor_of,
    cursor_of_instant,
)
from queue_server.application.schedules.access import decides_for, reach_doctor
from queue_server.application.schedules.bodies import Approval, Decision, LeaveFilter, NewLeave
from queue_server.application.schedules.changes import Changes, Outcome, Request, Say
from queue_server.application.schedules.leave_shown import LeaveShown, count_hit, hit_by
from queue_server.application.schedules.service import said_reason
from queue_server.application.schedules.sources import load_calendar, load_calendars
from queue_server.application.schedules.suggestions import Displaced, suggest
from queue_server.application.schedules.views import AffectedPatient, LeaveView
from queue_server.application.schedules.wire import minutes
from queue_server.application.unit import WritePath
from queue_server.store import event_store
from queue_server.store import schedules as rows
from queue_server.store.db import Database, Transaction
from queue_server.store.schedules import Home, LeaveQuery
from scheduling_core.calendar import commands
from scheduling_core.calendar.leave_time import span_of
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

    async def impact(
        self, actor: Actor, leave: UUID, *, limit: int = LONGEST_PAGE, cursor: str | None = None
    ) -> Page[AffectedPatient]:
        """Return the patients whose appointments lie in the leave, by their start, each with the nearest other time
        there is; no place is suggested twice on a page."""
        start, size, now = after_instant(cursor), checked_limit(limit), datetime.now(UTC)
        async with self._db.tenant(actor.tenant, snapshot=True) as tx:
            doctor = await self._reach(tx, actor, LeaveId(leave))
            found = _known(await load_calendar(tx, doctor), LeaveId(leave))
            listed = await hit_by(tx, doctor, found, after=start, limit=size + 1)
            hit = listed[:size]
            displaced = [
                Displaced(appointment=one.id, doctor=doctor, clinic=one.clinic, start=one.start, mode=one.mode)
                for one in hit
            ]
            away = span_of(found, hit[0].zone) if hit else None
            others = await suggest(tx, displaced, now=now, away=away) if displaced else {}
        shown = [
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
        more = len(listed) > size
        return Page(shown, cursor_of_instant(hit[-1].start, hit[-1].id) if more else None)

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
                asked = (outcome.after.doctor, _known(outcome.after, id))
                (unseen,) = await count_hit(outcome.tx, [asked], besides=body.seen)
                if unseen:
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
        """Take leave back and return it; what an approval had closed is open again.

        Raises `Forbidden` for who may not, and `Conflict` for what is over or was taken back already.
        """
        actor.require(Permission.REQUEST_LEAVE)
        id = LeaveId(leave)
        deciding: set[DoctorId] = set()

        async def locate(tx: Transaction) -> Home:
            doctor = await self._reach(tx, actor, id)
            deciding.update(await decides_for(tx, actor, [doctor]))
            return Home(doctor, None)

        async def command(home: Home, say: Say) -> commands.CancelLeave:
            return commands.CancelLeave(
                doctor=home.doctor,
                leave=id,
                by=actor.account,
                as_doctor=actor.doctor,
                decides=home.doctor in deciding,
                reason=await said_reason(say, body.reason),
            )

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
            if doctor not in await decides_for(tx, actor, [doctor]):
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
        return doctor == actor.doctor or doctor in await decides_for(tx, actor, [doctor])

    def _shows(self, actor: Actor, id: LeaveId) -> Show:
        async def show(outcome: Outcome) -> tuple[object, int | None]:
            leave = _known(outcome.after, id)
            shown = await LeaveShown.of(outcome.tx, actor, [(outcome.after, [leave])], outcome.texts)
            return shown.view(outcome.after.doctor, leave, outcome.preview), leave_version(leave)

        return show

    async def _shown(
        self, tx: Transaction, actor: Actor, found: Sequence[tuple[LeaveId, DoctorId]]
    ) -> Sequence[LeaveView]:
        calendars = await load_calendars(tx, {doctor for _, doctor in found})
        wanted: dict[DoctorId, list[Leave]] = {}
        for id, doctor in found:
            wanted.setdefault(doctor, []).append(_known(calendars[doctor], id))
        quoted = [
            text
            for leaves in wanted.values()
            for leave in leaves
            for text in (leave.reason, leave.decision_reason)
            if text is not None
        ]
        texts = await event_store.free_texts(tx, quoted) if quoted else {}
        of = [(calendars[doctor], leaves) for doctor, leaves in wanted.items()]
        shown = await LeaveShown.of(tx, actor, of, texts)
        return [shown.view(doctor, _known(calendars[doctor], id)) for id, doctor in found]


def _known(calendar: DoctorCalendar, id: LeaveId) -> Leave:
    leave = calendar.leave(id)
    if leave is None:
        raise NotFound("There is no such request for leave.")
    return leave


def _expects(id: LeaveId, seen: int | None) -> Callable[[Transaction, Home, DoctorCalendar], Awaitable[None]]:
    async def check(_tx: Transaction, _home: Home, calendar: DoctorCalendar) -> None:
        version = leave_version(_known(calendar, id))
        check_version(seen, version, "The request", refusal=ChangedMeanwhile)

    return check
