"""The desk's commands: each authorises, locks its queue, decides, and answers with the queue as it then is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

from queue_server.application import desk_bodies as bodies
from queue_server.application import enrolment
from queue_server.application.actor import Actor, system
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.capacity import Caps
from queue_server.application.directory import Directory, DoctorEntry, check_zone, checked_day
from queue_server.application.links import TrackingLinks
from queue_server.application.people import People, add_patient
from queue_server.application.plain_text import one_line
from queue_server.application.staff_view import staff_queue
from queue_server.application.unit import LockedQueue, Opening, QueueKey, Unit, WritePath
from queue_server.application.views.desk import (
    AbsentResult,
    BroadcastResult,
    NoShowResult,
    QueueCommandResult,
    StaffQueue,
    TransferResult,
    WalkInResult,
)
from queue_server.application.views.tracking import AppointmentView
from queue_server.store import event_store, queue_reads
from queue_server.store import people as people_store
from queue_server.store.db import Database
from scheduling_core.errors import InvalidValue, NotFound, QueueClosed
from scheduling_core.estimates.waits import WaitEstimator
from scheduling_core.ids import BroadcastId, ClinicId, DoctorId, EntryId, TenantId, TextId
from scheduling_core.live_queue import codec
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import IN_LINE, EntryState, Mode, Queue
from scheduling_core.live_queue.undo import undone_transfers
from scheduling_core.permissions import Permission

Result = tuple[object, int | None]

_SIMPLE: dict[str, Callable[[EntryId, Any], cmd.Command]] = {
    "check-in": lambda entry, _: cmd.CheckInEntry(entry=entry),
    "recall": lambda entry, _: cmd.RecallEntry(entry=entry),
    "start": lambda entry, body: cmd.StartConsultation(entry=entry, complete_current=body.complete_current),
    "complete": lambda entry, _: cmd.CompleteConsultation(entry=entry),
    "skip": lambda entry, _: cmd.SkipEntry(entry=entry),
    "cancel": lambda entry, _: cmd.CancelEntry(entry=entry),
    "triage": lambda entry, body: cmd.TriageEntry(entry=entry, triage=body.triage),
}
"""Commands about one entry of one queue, which are nothing but the core's command."""

_WHOLE_QUEUE: dict[str, Callable[[], cmd.Command]] = {
    "pause": cmd.PauseQueue,
    "resume": cmd.ResumeQueue,
    "close": cmd.CloseDay,
}


class QueueService:
    """Every command of the desk."""

    def __init__(
        self,
        db: Database,
        writes: WritePath,
        directory: Directory,
        people: People,
        links: TrackingLinks,
        estimator: WaitEstimator,
        default_minutes: int,
    ) -> None:
        self._db = db
        self._writes = writes
        self._directory = directory
        self._people = people
        self._links = links
        self._estimator = estimator
        self._default_minutes = default_minutes

    async def run(
        self, actor: Actor, name: str, target: UUID, body: bodies.Body, precondition: Precondition = NONE
    ) -> Answer:
        """Do the desk command `name` about `target` and return its answer.

        Raises what authorisation or the rules refuse; nothing has changed then.
        """
        if name == "early-arrival":
            name = "check-in"
        actor.require(_PERMISSIONS[name])
        if name in _SIMPLE:
            return await self._about_entry(actor, name, EntryId(target), body, precondition)
        if name in _WHOLE_QUEUE:
            day = cast(bodies.DayBody, body).date
            return await self._about_queue(actor, name, DoctorId(target), day, precondition)
        return await getattr(self, "_" + name.replace("-", "_"))(actor, target, body, precondition)  # type: ignore[no-any-return]

    # ---- commands that fit one shape ---------------------------------------------------------------------------

    async def _about_entry(
        self, actor: Actor, name: str, entry: EntryId, body: bodies.Body, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            target, doctor = await self._lock_of_entry(unit, entry, precondition)
            unit.decide(target, _SIMPLE[name](entry, body))
            return await self._answer(unit, target, doctor)

        return await self._writes.run(actor, name, work, precondition)

    async def _about_queue(
        self, actor: Actor, name: str, doctor_id: DoctorId, day: str | None, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            target, doctor = await self._lock_of_doctor(unit, doctor_id, day, precondition)
            unit.decide(target, _WHOLE_QUEUE[name]())
            return await self._answer(unit, target, doctor)

        return await self._writes.run(actor, name, work, precondition)

    # ---- commands with a shape of their own --------------------------------------------------------------------

    async def _move(self, actor: Actor, entry: UUID, body: bodies.MoveBody, precondition: Precondition) -> Answer:
        async def work(unit: Unit) -> Result:
            target, doctor = await self._lock_of_entry(unit, EntryId(entry), precondition)
            reason = None if body.reason is None else _free_text(body.reason, "reason")
            moved = cmd.MoveEntry(
                entry=EntryId(entry), to=body.new_position, reason=None if reason is None else TextId(reason.id)
            )
            if unit.decide(target, moved) and reason is not None:
                # Only now: what no event names, nothing would ever find to show or to erase.
                await event_store.keep_free_text(unit.tx, reason)
            return await self._answer(unit, target, doctor)

        return await self._writes.run(actor, "move", work, precondition)

    async def _no_show(self, actor: Actor, entry: UUID, body: bodies.NoShowBody, precondition: Precondition) -> Answer:
        async def work(unit: Unit) -> Result:
            target, doctor = await self._lock_of_entry(unit, EntryId(entry), precondition)
            unit.decide(target, cmd.MarkNoShow(entry=EntryId(entry), grace=body.grace_period))
            view, version = await self._view(unit, target, doctor)
            deadline = target.state.entries[EntryId(entry)].grace_until
            result = "no_show" if deadline is None else "grace_running"
            return NoShowResult(result=result, deadline=deadline, queue=view, version=version), version

        return await self._writes.run(actor, "no-show", work, precondition)

    async def _call_next(
        self, actor: Actor, doctor_id: UUID, body: bodies.CallNextBody, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            target, doctor = await self._lock_of_doctor(unit, DoctorId(doctor_id), body.date, precondition)
            if body.clinic_id is not None and body.clinic_id not in {target.state.clinic, *doctor.clinics}:
                raise NotFound("This doctor has no queue at that clinic today.")
            chosen = EntryId(body.appointment_id) if body.appointment_id is not None else None
            unit.decide(target, cmd.CallNext(entry=chosen))
            return await self._answer(unit, target, doctor)

        return await self._writes.run(actor, "call-next", work, precondition)

    async def _transfer(
        self, actor: Actor, entry: UUID, body: bodies.TransferBody, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            source_key = await self._key_of_entry(unit, EntryId(entry))
            # Scope first, on both sides: who may not see a queue learns nothing from how the command is refused.
            self._in_scope(unit, await self._doctor(unit, source_key.doctor))
            other = await self._at_work(unit, DoctorId(body.doctor_id))
            target_key = QueueKey(other.id, source_key.date)
            if target_key == source_key:
                raise InvalidValue("The patient is in this doctor's queue already.", field="doctorId")
            opening = {target_key: self._opening(unit, other, source_key.date)}
            source, target = await unit.lock(source_key, target_key, opening=opening)
            doctor = await self._authorised(unit, source)
            check_version(precondition.if_match, source.state.version, "The queue")
            await self._hand_over(unit, (doctor, source), [(other, target)], [EntryId(entry)])
            left, version = await self._view(unit, source, doctor)
            taken, _ = await self._view(unit, target, other)
            return TransferResult(queue=left, target=taken, version=version), version

        return await self._writes.run(actor, "transfer", work, precondition)

    async def _absent(
        self, actor: Actor, doctor_id: UUID, body: bodies.AbsentBody, precondition: Precondition
    ) -> Answer:
        """Move everybody in line, and who is called, to the other doctors: in order, each to the shortest line."""

        async def work(unit: Unit) -> Result:
            absent = self._in_scope(unit, await self._doctor(unit, DoctorId(doctor_id)))
            day = checked_day(body.date, absent.timezone)
            source_key = QueueKey(absent.id, day)
            if absent.id in body.doctor_ids:
                raise InvalidValue("The absent doctor cannot take over.", field="doctorIds")
            others = [await self._at_work(unit, DoctorId(d)) for d in dict.fromkeys(body.doctor_ids)]
            keys = [QueueKey(o.id, day) for o in others]
            opening = {k: self._opening(unit, o, day) for k, o in zip(keys, others, strict=True)}
            source, *targets = await unit.lock(source_key, *keys, opening=opening)
            doctor = await self._authorised(unit, source)
            check_version(precondition.if_match, source.state.version, "The queue")
            called = source.state.in_state(EntryState.CALLED)
            moving = (*((called.id,) if called else ()), *source.state.line)
            await self._hand_over(unit, (doctor, source), list(zip(others, targets, strict=True)), moving)
            view, version = await self._view(unit, source, doctor)
            return AbsentResult(moved=moving, queue=view, version=version), version

        return await self._writes.run(actor, "absent", work, precondition)

    async def _walk_in(
        self, actor: Actor, doctor_id: UUID, body: bodies.WalkInBody, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            known = self._in_scope(unit, await self._directory.fresh(unit.tx, DoctorId(doctor_id)))
            key = QueueKey(known.id, checked_day(None, known.timezone))
            doctor = await self._directory.at(unit.tx, known, known.clinic_for(actor, known.clinic))
            (target,) = await unit.lock(key, opening={key: self._opening(unit, doctor, key.date)})
            check_version(precondition.if_match, target.state.version, "The queue")
            # They come where the doctor is today, unless this desk has nothing to do with that clinic.
            doctor = await self._directory.at(unit.tx, known, known.clinic_for(actor, target.state.clinic))
            doctor.check_works()
            check_zone(target.state, doctor)
            entry, minutes = EntryId(uuid4()), max(1, round(target.state.pace.minutes))
            decided = unit.decide(
                target,
                cmd.WalkIn(
                    entry=entry,
                    paid_at=body.paid_at,
                    duration=minutes,
                    visit_type=body.visit_type,
                    triage=body.triage,
                ),
            )
            assert decided
            await Caps(unit.tx).take(doctor, target.state, target.state.entries[entry].start)
            patient = await add_patient(unit.tx, body.patient)
            facts = target.state.entries[entry]
            row = enrolment.appointment_row(
                doctor, key.date, facts, patient, booked_at=unit.now, paid_at=body.paid_at, source="walk_in"
            )
            await people_store.add_appointments(unit.tx, [row])
            view, version = await self._view(unit, target, doctor)
            token, url = self._links.make(actor.tenant, entry, doctor.id, generation=0)
            appointment = AppointmentView(
                id=entry,
                ticket=facts.ticket,
                start=facts.start,
                duration_minutes=minutes,
                visit_type=body.visit_type,
                mode=Mode.IN_PERSON,
                status=facts.state,
                clinic=doctor.clinic_view(),
                doctor=doctor.view(),
                room=doctor.room,
                greeting=(body.patient.name.split() or [""])[0],
                language=body.patient.language,
            )
            result = WalkInResult(
                appointment=appointment, queue=view, version=version, tracking_token=token, tracking_url=url
            )
            return result, version

        return await self._writes.run(actor, "walk-in", work, precondition)

    async def _undo(self, actor: Actor, doctor_id: UUID, body: bodies.UndoBody, precondition: Precondition) -> Answer:
        async def work(unit: Unit) -> Result:
            doctor = self._in_scope(unit, await self._doctor(unit, DoctorId(doctor_id)))
            key = QueueKey(doctor.id, checked_day(body.date, doctor.timezone))
            source, *targets = await unit.lock(key, *await self._counterparts(unit, key, body.version))
            await self._authorised(unit, source)
            check_version(precondition.if_match, source.state.version, "The queue")
            handed = undone_transfers(source.state, body.version)
            unit.decide(source, cmd.UndoCommand(version=body.version))
            for other in targets:
                for entry in handed[other.state.doctor]:
                    unit.decide(other, cmd.TakeBack(entry=entry))
            return await self._answer(unit, source, doctor)

        return await self._writes.run(actor, "undo", work, precondition)

    async def _emergency(
        self, actor: Actor, doctor_id: UUID, body: bodies.EmergencyBody, precondition: Precondition
    ) -> Answer:
        async def work(unit: Unit) -> Result:
            target, _ = await self._lock_of_doctor(unit, DoctorId(doctor_id), body.date, precondition)
            text = _free_text(body.message, "message")
            await event_store.keep_free_text(unit.tx, text)
            broadcast = BroadcastId(uuid4())
            unit.decide(
                target,
                cmd.IssueBroadcast(
                    broadcast=broadcast,
                    text=TextId(text.id),
                    priority=body.priority,
                    estimated_delay=body.estimated_delay,
                ),
            )
            queue = unit.settle(target)
            still_here = sum(
                e.state in IN_LINE or e.state in (EntryState.CALLED, EntryState.IN_CONSULTATION)
                for e in queue.entries.values()
            )
            return BroadcastResult(broadcast_id=broadcast, recipients=still_here, version=queue.version), queue.version

        return await self._writes.run(actor, "emergency", work, precondition)

    # ---- not of the desk ----------------------------------------------------------------------------------------

    async def adopt_policy(self, tenant: TenantId, clinic: ClinicId, policy: QueuePolicy) -> None:
        """Let the clinic's open queues take over its new policy."""
        actor = system(tenant)
        async with self._db.tenant(tenant) as tx:
            keys = await queue_reads.open_queues_of_clinic(tx, clinic)
        for doctor, day in keys:
            await self._adopt(actor, QueueKey(doctor, day), policy)
        self._directory.forget(tenant)

    async def _adopt(self, actor: Actor, key: QueueKey, policy: QueuePolicy) -> None:
        async def work(unit: Unit) -> Result:
            (target,) = await unit.lock(key)
            unit.decide(target, cmd.AdoptPolicy(policy=policy))
            return None, None

        await self._writes.run(actor, "policy", work)

    # ---- shared steps -------------------------------------------------------------------------------------------

    async def _doctor(self, unit: Unit, doctor: DoctorId) -> DoctorEntry:
        return await self._directory.doctor(unit.actor.tenant, doctor, unit.tx)

    @staticmethod
    def _in_scope(unit: Unit, doctor: DoctorEntry) -> DoctorEntry:
        """Raise unless the actor may do this command with this doctor's queues."""
        return doctor.authorise(unit.actor, _PERMISSIONS[unit.command])

    async def _at_work(self, unit: Unit, doctor: DoctorId) -> DoctorEntry:
        """Return the doctor who is to take patients; raises unless the actor may, and the doctor works at present."""
        other = self._in_scope(unit, await self._directory.fresh(unit.tx, doctor))
        other.check_works()
        return other

    def _opening(self, unit: Unit, doctor: DoctorEntry, day: str) -> Opening:
        return partial(
            enrolment.opening_afresh, unit.tx, self._directory, doctor.id, day, self._default_minutes, doctor.clinic
        )

    async def _key_of_entry(self, unit: Unit, entry: EntryId) -> QueueKey:
        place = await queue_reads.place_of_entry(unit.tx, entry)
        if place is None:
            raise NotFound("There is no such appointment.")
        return QueueKey(*place)

    async def _authorised(self, unit: Unit, target: LockedQueue) -> DoctorEntry:
        """Raise unless the actor may do this command in the queue, and return its doctor."""
        permission = _PERMISSIONS.get(unit.command, Permission.READ_QUEUE)
        return (await self._doctor(unit, target.state.doctor)).authorise(unit.actor, permission)

    async def _lock_of_entry(
        self, unit: Unit, entry: EntryId, precondition: Precondition
    ) -> tuple[LockedQueue, DoctorEntry]:
        key = await self._key_of_entry(unit, entry)
        (target,) = await unit.lock(key)
        doctor = await self._authorised(unit, target)
        check_version(precondition.if_match, target.state.version, "The queue")
        return target, doctor

    async def _lock_of_doctor(
        self, unit: Unit, doctor_id: DoctorId, day: str | None, precondition: Precondition
    ) -> tuple[LockedQueue, DoctorEntry]:
        doctor = await self._doctor(unit, doctor_id)
        # Scope first: whether a queue exists is already more than a stranger to the clinic may learn.
        self._in_scope(unit, doctor)
        key = QueueKey(doctor.id, checked_day(day, doctor.timezone))
        (target,) = await unit.lock(key, opening={key: self._opening(unit, doctor, key.date)})
        check_version(precondition.if_match, target.state.version, "The queue")
        return target, doctor

    async def _counterparts(self, unit: Unit, key: QueueKey, version: int) -> list[QueueKey]:
        """Return the queues that the commit to be undone transferred into, read before anything is locked.

        A commit's transfers never change, so what is read without the lock still holds under it.
        """
        row = await event_store.read_stream(unit.tx, key.stream(unit.actor.tenant))
        if row is None or row["state"] is None:
            raise NotFound("There is no queue for this doctor and day.")
        return [QueueKey(doctor, key.date) for doctor in undone_transfers(codec.decode_state(row["state"]), version)]

    async def _hand_over(
        self,
        unit: Unit,
        source: tuple[DoctorEntry, LockedQueue],
        to: Sequence[tuple[DoctorEntry, LockedQueue]],
        entries: Sequence[EntryId],
    ) -> None:
        """Hand the entries over in order, each to the shortest of the lines they may go to."""
        doctor, left = source
        caps, booked = Caps(unit.tx), await people_store.booked_at(unit.tx, entries)
        for entry in entries:
            other, target = min(to, key=lambda pair: len(pair[1].state.line))
            if target.state.closed:
                raise QueueClosed("The other doctor's day is closed.")
            facts = left.state.entries.get(entry)
            unit.decide(left, cmd.TransferOut(entry=entry, to_doctor=other.id))
            assert facts is not None
            place = booked.get(entry, (doctor.id, doctor.clinic))
            if (clinic := other.clinic_of(*place)) != doctor.clinic_of(*place):
                # Within a clinic the place that is left is the place that is taken.
                await caps.take(await self._directory.at(unit.tx, other, clinic), target.state, facts.start)
            unit.decide(target, cmd.TransferIn(entry=facts, from_doctor=doctor.id))

    async def _answer(self, unit: Unit, target: LockedQueue, doctor: DoctorEntry) -> Result:
        view, version = await self._view(unit, target, doctor)
        return QueueCommandResult(queue=view, version=version), version

    async def _view(self, unit: Unit, target: LockedQueue, doctor: DoctorEntry) -> tuple[StaffQueue, int]:
        queue = unit.settle(target)
        people = await self._people.of(unit.actor.tenant, queue.entries, unit.tx)
        texts = await self._texts(unit, queue)
        now: datetime = unit.now
        view = staff_queue(
            queue,
            epoch=target.locked.epoch,
            doctor=doctor,
            people=people,
            texts=texts,
            estimator=self._estimator,
            now=now,
        )
        return view, queue.version

    @staticmethod
    async def _texts(unit: Unit, queue: Queue) -> dict[UUID, str]:
        wanted = [n.text for n in queue.notices]
        return await event_store.free_texts(unit.tx, wanted) if wanted else {}


_PERMISSIONS: dict[str, Permission] = {
    **{name: Permission(name) for name in bodies.DESK_COMMANDS if name not in ("early-arrival", "absent")},
    "absent": Permission.TRANSFER,
}


def _free_text(words: str, field: str) -> event_store.FreeText:
    return event_store.free_text(one_line(words, field, longest=500))
