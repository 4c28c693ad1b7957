"""Changing and ending what somebody waits for: by themselves, or by staff."""

from uuid import UUID

import msgspec
from msgspec import UNSET

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition, check_version
from queue_server.application.unit import Unit, WritePath
from queue_server.application.waitlist.bodies import EntryPatch, Wanted
from queue_server.application.waitlist.joining import window_of
from queue_server.application.waitlist.model import LockedEntry, happen, lock_entry, row_of
from queue_server.application.waitlist.offering import read, release
from queue_server.application.waitlist.reach import reached
from queue_server.application.waitlist.views import own_view, staff_view
from queue_server.store import job_store
from queue_server.store import waitlist as store
from scheduling_core.errors import Conflict, Forbidden, InvalidValue
from scheduling_core.ids import WaitlistId
from scheduling_core.permissions import Permission, Role
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev

MOST_LOOKS = 5
"""How often a change begins anew because something else was offered meanwhile."""


class _OfferedMeanwhile(Conflict):
    """What is held for what is offered now is not in our hands."""


class Changing:
    """Changes entries."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def change(self, actor: Actor, entry: UUID, body: EntryPatch, precondition: Precondition) -> Answer:
        """Change an entry and return it as it then is; nothing changes when one part of it is refused.

        Raises `NotFound` for one out of reach, `Conflict` for one that has ended, `StaleVersion`, `InvalidValue` for
        what makes no sense, `Forbidden` for what is only for staff to say.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            before = await reached(unit.tx, actor, WaitlistId(entry), Permission.WORK_WAITLIST)
            is_patient = actor.role is Role.PATIENT
            if is_patient and (body.urgency is not UNSET or body.override is not UNSET):
                raise Forbidden("The clinic says who comes when.")
            ends_offer = body.status in (Wanted.DEFERRED, Wanted.CANCELLED)
            seen = await read(unit.tx, WaitlistId(entry)) if ends_offer else None
            if seen is not None:
                await release(unit, seen)
            locked = await lock_entry(unit, WaitlistId(entry))
            if seen is not None and locked.state.invite not in (None, seen.invite):
                raise _OfferedMeanwhile
            check_version(precondition.if_match, locked.locked.version, "This entry")
            await self._wish(unit, locked, body)
            await self._override(unit, locked, body)
            await self._status(unit, locked, body)
            await _look_for_times(unit, locked)
            policy = (await store.policy(unit.tx, before["clinic_id"])).policy
            view = own_view if is_patient else staff_view
            return view(actor.tenant, await row_of(unit, locked), policy, None), locked.version

        for _ in range(MOST_LOOKS):
            try:
                return await self._writes.run(actor, "change-waitlist-entry", work, precondition)
            except _OfferedMeanwhile:
                continue
        raise Conflict("What is offered to this patient has just changed. Look again.")

    async def _wish(self, unit: Unit, locked: LockedEntry, body: EntryPatch) -> None:
        given = {
            name: value
            for name in ("mode", "visit_type", "urgency", "short_notice")
            if (value := getattr(body, name)) is not UNSET
        }
        if body.requested_window is not UNSET:
            given["window"] = window_of(body.requested_window)
        if body.notes is not UNSET:
            given["notes"] = await unit.say(body.notes, locked.state.patient) if body.notes else None
        if given:
            wish = msgspec.structs.replace(locked.state.wish, **given)
            happen(unit, locked, decide.edit(locked.state, wish, locked.now))

    async def _override(self, unit: Unit, locked: LockedEntry, body: EntryPatch) -> None:
        if body.override is UNSET:
            return
        wanted = None
        if body.override is not None:
            reason = await unit.say(body.override.reason, locked.state.patient)
            wanted = ev.Override(position=body.override.position, reason=reason)
        happen(unit, locked, decide.override(locked.state, wanted))

    async def _status(self, unit: Unit, locked: LockedEntry, body: EntryPatch) -> None:
        if body.until is not UNSET and body.status is not Wanted.DEFERRED:
            raise InvalidValue("Say until when only of who is deferred.", field="until")
        if body.reason is not UNSET and body.status is not Wanted.CANCELLED:
            raise InvalidValue("A reason is given for a cancellation.", field="reason")
        match body.status:
            case Wanted.ACTIVE:
                happen(unit, locked, decide.resume(locked.state))
            case Wanted.DEFERRED:
                if body.until is UNSET:
                    raise InvalidValue("Say until when.", field="until")
                happen(unit, locked, decide.defer(locked.state, body.until, locked.now))
            case Wanted.CANCELLED:
                reason = await unit.say(body.reason, locked.state.patient) if body.reason is not UNSET else None
                happen(unit, locked, decide.cancel(locked.state, reason))


async def _look_for_times(unit: Unit, locked: LockedEntry) -> None:
    """Have the list look at what is free, for nothing may be given back meanwhile: now, or when a deferral ends."""
    state = locked.state
    if not locked.events or not state.is_waiting:
        return
    doctors = [state.doctor] if state.doctor is not None else await store.doctors_at(unit.tx, state.clinic)
    jobs = [
        job_store.NewJob(
            kind=store.MATCH_JOB,
            key=f"{doctor}:{state.id}:{locked.version}",
            payload={"doctorId": doctor},
            due_at=state.deferred_until,
        )
        for doctor in doctors
    ]
    await job_store.enqueue_all(unit.tx, jobs)
