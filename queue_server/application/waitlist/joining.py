"""Joining the waitlist: once for the same, and while there is a place in it."""

from uuid import uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking.patients import booked_patient, check_patient
from queue_server.application.directory import Directory
from queue_server.application.unit import Unit, WritePath
from queue_server.application.waitlist.bodies import JoinBody, WindowBody
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.application.waitlist.model import WAITLIST_MODEL, happen, row_of
from queue_server.application.waitlist.views import own_view, staff_view
from queue_server.store import waitlist as store
from queue_server.store.db import Transaction
from scheduling_core.errors import AlreadyWaiting, Conflict, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId, PatientId, WaitlistId
from scheduling_core.permissions import Permission, Role
from scheduling_core.slots.times import PARTS
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import WaitlistPolicy


class Joining:
    """Puts people on the waitlist."""

    def __init__(self, writes: WritePath, directory: Directory, links: WaitlistLinks) -> None:
        self._writes = writes
        self._directory = directory
        self._links = links

    async def join(self, actor: Actor, body: JoinBody, precondition: Precondition) -> Answer:
        """Put somebody on the waitlist of a clinic, for one doctor or for any, and return the entry with its link.

        Raises `AlreadyWaiting` with the entry by which they wait for the same, `WaitlistFull`, `NotFound` for a clinic,
        doctor or patient out of reach, `Conflict` where nobody is seen at present, `InvalidValue` for a wish that makes
        no sense.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            is_staff = _check_may_join(actor, body)
            clinic, policy = await self._place(unit.tx, actor, body)
            doctor = DoctorId(body.doctor_id) if body.doctor_id is not None else None
            # Locked with that: one wish of a patient is decided at a time.
            whose = await booked_patient(unit, body.patient)
            known = await store.same_wish(unit.tx, whose.id, clinic, doctor) if not whose.is_new else None
            if known is not None:
                raise AlreadyWaiting(known)
            entry = WaitlistId(uuid4())
            locked = await unit.lock_aggregate(WAITLIST_MODEL, entry, is_new=True)
            wish = await _wish(unit, body, whose.id)
            happen(unit, locked, decide.join(entry, clinic, doctor, whose.id, wish, policy, locked.now))
            store.count_in(unit.tx, clinic, policy.max_queue_size, locked.now)
            row = await row_of(unit, locked, whose)
            view = staff_view if is_staff else own_view
            _, link = self._links.make(actor.tenant, entry, locked.state.expires_at)
            return msgspec.structs.replace(view(actor.tenant, row, policy, None), link=link), locked.version

        return await self._writes.run(actor, "join-waitlist", work, precondition)

    async def _place(self, tx: Transaction, actor: Actor, body: JoinBody) -> tuple[ClinicId, WaitlistPolicy]:
        """Return where somebody waits, and by which policy; raises `NotFound`, and `Conflict` where nobody is seen at
        present."""
        clinic = ClinicId(body.clinic_id)
        if actor.role is not Role.PATIENT and actor.clinics and clinic not in actor.clinics:
            raise NotFound("There is no such clinic.", field="clinicId")
        if body.doctor_id is not None:
            await self._check_doctor(tx, clinic, DoctorId(body.doctor_id))
            return clinic, (await store.policy(tx, clinic)).policy
        found = await store.open_list(tx, clinic)
        if found is None:
            raise NotFound("There is no such clinic.", field="clinicId")
        if not found.is_open:
            raise Conflict("This clinic is not open.")
        return clinic, found.policy

    async def _check_doctor(self, tx: Transaction, clinic: ClinicId, doctor: DoctorId) -> None:
        try:
            known = await self._directory.fresh(tx, doctor)
        except NotFound:
            raise NotFound("There is no such doctor.", field="doctorId") from None
        if clinic not in known.clinics:
            raise NotFound("This doctor does not work at the clinic.", field="doctorId")
        (await self._directory.at(tx, known, clinic)).check_works()


def _check_may_join(actor: Actor, body: JoinBody) -> bool:
    """Return whether staff put somebody on the list; raises `Forbidden` for who may not, `InvalidValue` for what is
    not for patients to say."""
    if actor.guest is not None or (actor.role is Role.PATIENT and actor.patient is None):
        raise Forbidden("Sign in to wait for a time.")
    check_patient(actor, body.patient)
    if actor.role is Role.PATIENT:
        if body.urgency is not Urgency.ROUTINE:
            raise InvalidValue("The clinic says how urgent it is; tell it in the notes.", field="urgency")
        return False
    actor.require_for(Permission.ENTER_WAITLIST, clinic=ClinicId(body.clinic_id))
    return True


async def _wish(unit: Unit, body: JoinBody, patient: PatientId) -> ev.Wish:
    metadata = msgspec.json.encode(body.metadata).decode() if body.metadata else None
    return ev.Wish(
        window=window_of(body.requested_window),
        mode=body.mode,
        visit_type=body.visit_type,
        urgency=body.urgency,
        short_notice=body.short_notice,
        notes=await unit.say(body.notes, patient) if body.notes else None,
        metadata=await unit.say(metadata, patient) if metadata is not None else None,
    )


def window_of(given: WindowBody) -> ev.Window:
    """Return the window as events hold it: parts of the day each once, in the order of the day."""
    parts = tuple(part for part in PARTS if part in given.parts_of_day)
    return ev.Window(start=given.start, end=given.end, parts_of_day=parts)
