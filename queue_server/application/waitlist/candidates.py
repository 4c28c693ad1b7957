"""Whom the time of an appointment could be offered to: everybody who waits for it, in order, with why and why not."""

from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.aggregates import read_states
from queue_server.application.answers import Answer, Precondition
from queue_server.application.schedules.access import sees_clinic
from queue_server.application.unit import Unit, WritePath
from queue_server.application.views import View
from queue_server.application.waitlist.bodies import VacancyInviteBody
from queue_server.application.waitlist.model import WAITLIST_MODEL, row_of
from queue_server.application.waitlist.offering import freed_of, offer
from queue_server.application.waitlist.ranking import lines
from queue_server.application.waitlist.views import StaffEntryView, staff_view, standing_of
from queue_server.store import appointments, slots
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import Conflict, Forbidden, NotFound
from scheduling_core.ids import ClinicId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission
from scheduling_core.waitlist import matching
from scheduling_core.waitlist.matching import Freed, Unfit
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import Rank, ordered, rank, score
from scheduling_core.waitlist.state import Entry

MOST = 200


class CandidateView(View, frozen=True, kw_only=True):
    """Somebody who waits, beside a time: how well it fits them, or why the list does not offer it to them."""

    entry: StaffEntryView
    fit: float
    """From 0 to 1."""
    points: float
    """With what the fit is worth."""
    unfit: Unfit | None


class Candidates:
    """Ranks who waits for the time of an appointment, and offers it."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def of_appointment(self, actor: Actor, appointment: UUID) -> list[CandidateView]:
        """Return who waits for the appointment's doctor or for anybody there: first whom its time is for, in the order
        of the list, then all others with what speaks against it. Two hundred at most.

        Raises `NotFound` for an appointment out of reach, `Conflict` for one without a slot.
        """
        async with self._db.tenant(actor.tenant) as tx:
            slot = await _vacancy(tx, actor, appointment, Permission.READ_WAITLIST)
            return await self._ranked(tx, actor, slot)

    async def invite(
        self, actor: Actor, appointment: UUID, body: VacancyInviteBody, precondition: Precondition
    ) -> Answer:
        """Offer the time of an appointment that was given back to who is named, or to the first whom it is for.

        Raises `NotFound`, `SlotUnavailable` while the time is taken, `Conflict` when it is for nobody.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            slot = await _vacancy(unit.tx, actor, appointment, Permission.WORK_WAITLIST)
            policy = (await store.policy(unit.tx, slot["clinic_id"])).policy
            entry = body.waitlist_id
            if entry is None:
                found = await self._ranked(unit.tx, actor, slot)
                entry = next((one.entry.id for one in found if one.unfit is None), None)
            if entry is None:
                raise Conflict("Nobody who waits could have this time.")
            locked = await offer(
                unit, WaitlistId(entry), slot["slot_id"], policy, respond_by=body.respond_by, by_hand=True
            )
            return staff_view(actor.tenant, await row_of(unit, locked), policy, None), locked.version

        return await self._writes.run(actor, "invite-from-waitlist", work, precondition)

    async def _ranked(self, tx: Transaction, actor: Actor, slot: Row) -> list[CandidateView]:
        clinic = ClinicId(slot["clinic_id"])
        policy, now = (await store.policy(tx, clinic)).policy, slot["now"]
        line = (await lines(tx, {clinic: policy}, now))[clinic]
        whose = [(place, one) for place, one in enumerate(line, start=1) if one.doctor in (None, slot["doctor_id"])]
        places = {one.id: place for place, one in whose[:MOST]}
        rows = await store.entries(tx, list(places))
        freed = _as_if_free(slot)
        entries = await read_states(tx, WAITLIST_MODEL, places)
        views = [
            _view(actor, row, entries[row["waitlist_id"]], places[row["waitlist_id"]], freed, policy) for row in rows
        ]
        fitting = [view for view in views if view.unfit is None]
        standings = {row["waitlist_id"]: row for row in rows}

        def standing(view: CandidateView) -> Rank:
            made = standing_of(standings[view.entry.id], fit=view.fit)
            return rank(made, score(made, policy, now))

        placed = ordered(fitting, key=standing, position=lambda view: standings[view.entry.id]["position"])
        return [*placed, *(view for view in views if view.unfit is not None)]


def _view(actor: Actor, row: Row, entry: Entry, place: int, freed: Freed, policy: WaitlistPolicy) -> CandidateView:
    fit = matching.fit(entry, freed)
    return CandidateView(
        entry=staff_view(actor.tenant, row, policy, place),
        fit=round(fit, 3),
        points=round(score(standing_of(row, fit=fit), policy, row["now"]).points, 3),
        unfit=matching.unfit(entry, freed, policy, row["now"]),
    )


def _as_if_free(slot: Row) -> Freed:
    """Return the slot as the time that it would offer if nobody had it."""
    places = {Mode.IN_PERSON: slot["in_person"], Mode.TELE: slot["tele"]}
    modes = frozenset(mode for mode, count in places.items() if count)
    return msgspec.structs.replace(freed_of(slot, slot["now"]), modes=modes)


async def _vacancy(tx: Transaction, actor: Actor, appointment: UUID, permission: Permission) -> Row:
    actor.require(permission)
    row = await appointments.appointment(tx, appointment)
    if row is None or not any(sees_clinic(actor, ClinicId(clinic)) for clinic in row["clinics"]):
        raise NotFound("There is no such appointment.")
    if actor.role in OWN_DOCTOR_ONLY and row["booked_doctor_id"] != actor.doctor:
        raise Forbidden("A doctor does this only for their own appointments.")
    slot = await slots.slot_to_book(tx, row["slot_id"]) if row["slot_id"] is not None else None
    if slot is not None and not sees_clinic(actor, ClinicId(slot["clinic_id"])):
        # The doctor works here, too, but this list is another clinic's.
        raise NotFound("There is no such appointment.")
    if slot is None:
        raise Conflict("This appointment has no time of its own that could be offered.")
    return slot
