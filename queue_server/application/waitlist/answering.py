"""What becomes of a time for somebody who waits: offered, accepted, declined, or given by staff.

The order of locks is that of booking, with the entry at the end: the day's queue, the stream of the doctor's slots, the
slot, the clinic's caps, room, equipment, the patient, the entry. So of many who promote one entry, or answer one offer,
exactly one succeeds, and the others find what became of it.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking.placing import booking_view
from queue_server.application.booking.visits import Made, Visits, Wanted
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens, WaitlistClaims
from queue_server.application.unit import Unit, WritePath
from queue_server.application.waitlist.bodies import InviteBody, PromoteBody
from queue_server.application.waitlist.giving import give_seen, patient_of
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.application.waitlist.model import happen, lock_entry, row_of
from queue_server.application.waitlist.offering import freed_of, holder_for, offer, read, release
from queue_server.application.waitlist.ranking import lines
from queue_server.application.waitlist.reach import reached
from queue_server.application.waitlist.views import OwnEntryView, own_view, staff_view
from queue_server.store import slots as slot_store
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import (
    Conflict,
    Forbidden,
    HoldExpired,
    InvalidValue,
    InviteExpired,
    NotFound,
    SlotUnavailable,
)
from scheduling_core.ids import ClinicId, WaitlistId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission
from scheduling_core.waitlist import decide, matching
from scheduling_core.waitlist.state import Entry, Invite

LOOKED_AT = 100
"""Free times of a doctor among which one is chosen for whoever is promoted."""


class Answering:
    """Offers by hand, takes answers to offers, and gives times to who waits."""

    def __init__(
        self,
        db: Database,
        writes: WritePath,
        directory: Directory,
        links: TrackingLinks,
        tokens: Tokens,
        *,
        default_minutes: int,
        public_url: str,
    ) -> None:
        self._db = db
        self._writes = writes
        self._visits = Visits(directory, default_minutes)
        self._links = links
        self._tokens = tokens
        self._entry_links = WaitlistLinks(tokens, public_url)

    def link(self, actor: Actor, entry: Entry) -> tuple[str, str]:
        """Return a token and the link that carries it: for the entry's patient, to see and answer what is offered."""
        return self._entry_links.make(actor.tenant, entry.id, entry.expires_at)

    async def invite(self, actor: Actor, entry: UUID, body: InviteBody, precondition: Precondition) -> Answer:
        """Offer a time to somebody who waits, chosen by staff, and return the entry.

        Raises `NotFound` for what is out of reach, `SlotUnavailable` when there is no place, `Conflict` when the time
        is not for them or they do not wait, `InvalidValue` for an answer that is due too late.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await reached(unit.tx, actor, WaitlistId(entry), Permission.WORK_WAITLIST)
            _check_is_staff(actor)
            slot = await slot_store.slot(unit.tx, body.slot_id)
            if slot is not None and not _may_give(actor, slot["doctor_id"]):
                raise Forbidden("A doctor offers only their own times.")
            policy = (await store.policy(unit.tx, row["clinic_id"])).policy
            locked = await offer(
                unit, WaitlistId(entry), body.slot_id, policy, respond_by=body.respond_by, by_hand=True
            )
            return staff_view(actor.tenant, await row_of(unit, locked), policy, None), locked.version

        return await self._writes.run(actor, "invite-from-waitlist", work, precondition)

    async def promote(self, actor: Actor, entry: UUID, body: PromoteBody, precondition: Precondition) -> Answer:
        """Give somebody who waits an appointment, at the time that is named or else the first that is for them, and
        return the booking; what was offered to them is that time, or ends.

        Raises `Conflict` when they do not wait (any more): of several who promote them at once one does.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await reached(unit.tx, actor, WaitlistId(entry), Permission.WORK_WAITLIST)
            _check_is_staff(actor)
            if precondition.idempotency is None:
                raise InvalidValue("A booking needs a key, so that it is never made twice.", field="Idempotency-Key")
            seen = await read(unit.tx, WaitlistId(entry))
            assert seen is not None, "its row was found"
            decide.check_waits(seen)
            slot = await self._slot_for(unit.tx, actor, seen, body, row["now"])
            made = await give_seen(unit, self._visits, seen, slot, body.mode)
            return await self._booked(unit, made), None

        return await self._writes.run(actor, "promote-from-waitlist", work, precondition)

    async def of_link(self, token: str) -> OwnEntryView:
        """Return the entry behind a link; raises `InvalidTrackingToken`, `NotFound` for one that was erased."""
        claims = self._tokens.verify_waitlist(token)
        async with self._db.tenant(claims.tenant) as tx:
            rows = await store.entries(tx, [claims.entry])
            if not rows:
                raise NotFound("There is no such entry.")
            row, clinic = rows[0], ClinicId(rows[0]["clinic_id"])
            policy = (await store.policy(tx, clinic)).policy
            line = (await lines(tx, {clinic: policy}, row["now"]))[clinic] if row["ended_at"] is None else []
            place = next((place for place, one in enumerate(line, start=1) if one.id == claims.entry), None)
            return own_view(claims.tenant, row, policy, place)

    async def accept(
        self,
        token: str,
        precondition: Precondition,
        *,
        meant: datetime | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Book what is offered to whoever has the link, and return the booking; `meant` is by when the offer that they
        have seen had to be answered.

        Raises `InvalidTrackingToken`, `InviteExpired` when the time is over, the offer withdrawn or another one made
        since, `Conflict` when there is nothing to answer any more, and what booking may raise: then the offer stands
        as it did.
        """
        claims = self._tokens.verify_waitlist(token)

        async def work(unit: Unit) -> tuple[object, int | None]:
            seen = await _seen(unit.tx, claims)
            offered = _offered(seen, meant, await store.clock(unit.tx))
            slot = await slot_store.slot_to_book(unit.tx, offered.slot)
            if slot is None:
                raise SlotUnavailable("This time is not offered any more.")
            wanted = Wanted(
                mode=offered.mode, visit_type=seen.wish.visit_type, holder=holder_for(seen.id), hold=offered.hold
            )
            try:
                made = await self._visits.make(unit, slot, wanted, patient_of(seen))
            except (HoldExpired, NotFound):
                # Answered, withdrawn or over since we looked: the entry says which.
                latest = await _seen(unit.tx, claims)
                decide.answerable(latest, offered.id, await store.clock(unit.tx))
                raise InviteExpired from None
            locked = await lock_entry(unit, seen.id)
            decide.answerable(locked.state, offered.id, locked.now)
            happen(unit, locked, decide.promote(locked.state, made.entry, offered.id, freed_at=slot["freed_at"]))
            return await self._booked(unit, made), None

        return await self._writes.run(_link_holder(claims, request_id), "accept-invite", work, precondition)

    async def decline(self, token: str, *, meant: datetime | None = None, request_id: str | None = None) -> Answer:
        """Give back what is offered to whoever has the link, and return the entry; they wait on.

        Raises `InvalidTrackingToken`, `InviteExpired`, `Conflict` as `accept` does.
        """
        claims = self._tokens.verify_waitlist(token)

        async def work(unit: Unit) -> tuple[object, int | None]:
            seen = await _seen(unit.tx, claims)
            offered = _offered(seen, meant, await store.clock(unit.tx))
            await release(unit, seen)
            locked = await lock_entry(unit, seen.id)
            happen(unit, locked, decide.decline(locked.state, offered.id, locked.now))
            policy = (await store.policy(unit.tx, seen.clinic)).policy
            return own_view(claims.tenant, await row_of(unit, locked), policy, None), locked.version

        return await self._writes.run(_link_holder(claims, request_id), "decline-invite", work)

    async def _slot_for(self, tx: Transaction, actor: Actor, seen: Entry, body: PromoteBody, now: datetime) -> Row:
        """Return the slot that is named, or the first free one that is for them; raises `NotFound`, `SlotUnavailable`,
        `Conflict` for one of another clinic, `Forbidden` for a doctor and a colleague's."""
        named = body.slot_id or (seen.invite.slot if seen.invite is not None else None)
        if named is not None:
            slot = await slot_store.slot_to_book(tx, named)
            if slot is None:
                raise NotFound("There is no such slot.", field="slotId")
            if not _may_give(actor, slot["doctor_id"]):
                raise Forbidden("A doctor gives only their own times.")
            if ClinicId(slot["clinic_id"]) != seen.clinic:
                raise Conflict("This patient waits at another clinic.")
            return slot
        policy = (await store.policy(tx, seen.clinic)).policy
        whose = [seen.doctor] if seen.doctor is not None else await store.doctors_at(tx, seen.clinic)
        whose = [doctor for doctor in whose if _may_give(actor, doctor)]
        earliest = now + timedelta(minutes=policy.min_lead_minutes)
        free = await store.free_slots(tx, whose, seen.clinic, seen.wish.window, now, earliest=earliest, limit=LOOKED_AT)
        for row in free:
            # That nothing is offered to them for a while keeps staff from nothing, who may know better.
            if matching.suits(seen, freed_of(row, now), policy, now):
                found = await slot_store.slot_to_book(tx, row["slot_id"])
                if found is not None:
                    return found
        raise SlotUnavailable("No time is free that this patient could have.")

    async def _booked(self, unit: Unit, made: Made) -> object:
        return await booking_view(
            unit,
            self._links,
            made.queue,
            made.doctor,
            made.slot,
            made.entry,
            name=made.patient.name,
            language=made.patient.language,
        )


def _check_is_staff(actor: Actor) -> None:
    """Raise `Forbidden` for patients, who reach their own entries but do not give themselves times."""
    actor.require(Permission.WORK_WAITLIST)


def _may_give(actor: Actor, doctor: UUID) -> bool:
    """Return whether the actor may give away this doctor's times: doctors their own, other staff everybody's."""
    return actor.role not in OWN_DOCTOR_ONLY or doctor == actor.doctor


def _offered(seen: Entry, meant: datetime | None, now: datetime) -> Invite:
    """Return what is answered; raises as `decide.answerable` does, and `InviteExpired` for another than was `meant`."""
    offered = decide.answerable(seen, decide.current(seen), now)
    if meant is not None and meant != offered.respond_by:
        raise InviteExpired
    return offered


async def _seen(tx: Transaction, claims: WaitlistClaims) -> Entry:
    found = await read(tx, claims.entry)
    if found is None:
        raise NotFound("There is no such entry.")
    return found


def _link_holder(claims: WaitlistClaims, request_id: str | None) -> Actor:
    """Return whoever has the link as they act: as nobody in particular, each for their own entry."""
    digest = sha256(b"waitlist:" + claims.tenant.bytes + claims.entry.bytes).digest()
    return Actor(tenant=claims.tenant, guest=UUID(bytes=digest[:16]), request_id=request_id)
