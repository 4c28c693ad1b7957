"""What the demo's doctors work with: profiles, departments, rooms, weekly schedules with their slots, leave."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from queue_server.application.actor import system
from queue_server.application.answers import Answer, Precondition
from queue_server.application.directory import today
from queue_server.application.doctors.adoption import specialty_code
from queue_server.application.doctors.bodies import (
    CompleteStageBody,
    DoctorChange,
    DraftDoctor,
    FeesBody,
    LicenceBody,
    QualificationBody,
    VerificationBody,
    VerificationResult,
)
from queue_server.application.people import folded
from queue_server.application.resources.bodies import (
    ClinicDaysBody,
    ClosedDayBody,
    NewDepartment,
    NewEquipment,
    NewMaintenance,
    NewRoom,
    NewRoomAssignment,
)
from queue_server.application.resources.views import RoomView
from queue_server.application.schedules.bodies import (
    Approval,
    Decision,
    LeaveFilter,
    NewLeave,
    NewSchedule,
    WeeklySitting,
)
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.views import StaffSlotView
from queue_server.operations.demo import cast
from queue_server.operations.demo.seed import TENANT, clinic_id, doctor_id, staff_actor
from queue_server.store import directory
from queue_server.store.doctors import Filters
from queue_server.store.idempotency import Idempotency
from queue_server.wiring import Services
from scheduling_core.calendar.sources import LeaveType
from scheduling_core.doctors.profile import OnboardingStage
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from scheduling_core.resources.equipment import EquipmentType

MORNING, AFTERNOON = ("08:00", "12:00"), ("13:00", "17:00")
BUFFER_MINUTES = 5
SHORTEST_SLOT = 15
TRAINING_IN_DAYS = 30
WORKED_SO_FAR = timedelta(days=28)


class Practice:
    """Gives the demo's doctors what is missing; what is there already stays."""

    def __init__(self, services: Services, zone: str) -> None:
        self._services = services
        self._today = date.fromisoformat(today(zone))
        self._admin = staff_actor(Role.ADMIN)

    async def complete(self) -> int:
        """Make what is missing and return how many bookable slots there are from now on."""
        departments = await self._departments()
        await asyncio.gather(*(self._clinic(clinic, departments) for clinic in cast.CLINICS))
        await self._newcomer()
        await self._leave()
        async with self._services.db.tenant(TENANT) as tx:
            return await directory.slots_ahead(tx)

    async def _clinic(self, clinic: cast.DemoClinic, departments: dict[str, UUID]) -> None:
        rooms = await self._rooms(clinic)
        for doctor in clinic.doctors:
            if not (await self._services.schedules.list(self._admin, doctor_id(doctor))).items:
                await self._doctor(clinic, doctor, departments[_department(doctor)], rooms[doctor.room])

    async def _departments(self) -> dict[str, UUID]:
        found = (await self._services.departments.list(self._admin, limit=200)).items
        known = {department.name: department.id for department in found}
        for name in (*cast.DEPARTMENTS.values(), cast.OTHER_DEPARTMENT):
            if name not in known:
                body = NewDepartment(name=name, head_account_id=staff_actor(Role.DEPARTMENT_HEAD).account)
                answer = await self._services.departments.create(self._admin, body)
                known[name] = _made(answer)
        return known

    async def _rooms(self, clinic: cast.DemoClinic) -> dict[str, UUID]:
        """Return the clinic's rooms by name; a clinic without any gets them, its equipment and a closed day."""
        found = (await self._services.rooms.list(self._admin, clinic=clinic_id(clinic), limit=200)).items
        known = {room.name: room.id for room in found}
        missing = [doctor.room for doctor in clinic.doctors if doctor.room not in known]
        for name in missing:
            body = NewRoom(clinic_id=clinic_id(clinic), name=name)
            known[name] = _made(await self._services.rooms.create(self._admin, body))
        if missing:
            await self._furnish(clinic, known)
        return known

    async def _furnish(self, clinic: cast.DemoClinic, rooms: dict[str, UUID]) -> None:
        for slug, name, kind, room in cast.EQUIPMENT:
            if slug == clinic.slug:
                device = NewEquipment(
                    clinic_id=clinic_id(clinic), name=name, type=EquipmentType(kind), room_id=rooms[room]
                )
                await self._services.equipment.create(self._admin, device)
        training = ClosedDayBody(date=self._today + timedelta(days=TRAINING_IN_DAYS), name="Staff training")
        await self._services.clinic_days.set_days(self._admin, clinic_id(clinic), ClinicDaysBody(closed=(training,)))
        if clinic is cast.CLINICS[0]:
            await self._spare_room(clinic)

    async def _spare_room(self, clinic: cast.DemoClinic) -> None:
        """A room that nobody has, with a maintenance ahead."""
        body = NewRoom(clinic_id=clinic_id(clinic), name="Treatment room")
        room = _made(await self._services.rooms.create(self._admin, body))
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=9)
        outage = NewMaintenance(start=start, end=start + timedelta(hours=6), reason="New floor")
        await self._services.rooms.plan_maintenance(self._admin, room, outage)

    async def _doctor(self, clinic: cast.DemoClinic, doctor: cast.DemoDoctor, department: UUID, room: UUID) -> None:
        """Fill in a doctor's profile, and end with the schedule: whoever has one is complete."""
        services, admin, id = self._services, self._admin, doctor_id(doctor)
        await services.doctors.update(admin, id, self._profile(clinic, doctor))
        fee = doctor.fee * 100
        fees = FeesBody(currency="EUR", consultation=fee, follow_up=fee * 3 // 5, tele=fee * 4 // 5)
        await services.doctors.set_fees(admin, id, fees)
        known = await services.doctor_reading.get(admin, id)
        if department not in known.department_ids:
            await services.doctors.assign_department(admin, id, department)
        verified = VerificationBody(result=VerificationResult.VERIFIED)
        await services.doctors.record_verification(admin, id, verified)
        place = await services.rooms.get(admin, room)
        if not place.assignments:
            await services.rooms.assign(admin, room, NewRoomAssignment(doctor_id=id))
        schedule = NewSchedule(
            clinic_id=clinic_id(clinic),
            # As if they had worked here for a while: the days of this week that are over are not closed.
            effective_from=self._today - WORKED_SO_FAR,
            sittings=tuple(_week(doctor, place)),
        )
        await services.schedules.create(admin, id, schedule)

    def _profile(self, clinic: cast.DemoClinic, doctor: cast.DemoDoctor) -> DoctorChange:
        return DoctorChange(
            bio=f"{doctor.name} has seen patients at {clinic.name} for many years and likes to explain.",
            qualifications=(QualificationBody(title=doctor.degree, institution="University Hospital", year=2009),),
            languages=doctor.languages,
            modes=(Mode.IN_PERSON, Mode.TELE),
            licence=LicenceBody(
                number=f"DEMO-{doctor.letter}-{clinic_id(clinic).hex[:6].upper()}",
                authority="Medical Council (demo)",
                valid_until=self._today + timedelta(days=900),
            ),
        )

    async def _newcomer(self) -> None:
        """Somebody who is being taken on: two stages are done, the next ones wait for somebody to decide."""
        services, admin, new = self._services, self._admin, cast.NEWCOMER
        if (await services.doctor_reading.list(admin, Filters(words=(folded(new.name.split()[-1]),)))).items:
            return
        draft = DraftDoctor(
            name=new.name,
            bio=f"{new.name} joins us from the university hospital.",
            specialty_label=new.specialty,
            specialties=(specialty_code(new.specialty),),
            qualifications=(QualificationBody(title=new.degree, institution="University Hospital", year=2018),),
            languages=new.languages,
            licence=LicenceBody(number=f"DEMO-{new.letter}", authority="Medical Council (demo)"),
        )
        doctor = _made(await services.doctors.create(admin, draft))
        for stage in (OnboardingStage.PROFILE, OnboardingStage.CREDENTIALS):
            await services.doctors.complete_stage(admin, doctor, stage, CompleteStageBody())

    async def _leave(self) -> None:
        by_name = {doctor.name: doctor for clinic in cast.CLINICS for doctor in clinic.doctors}
        if (await self._services.leave.list(system(TENANT), LeaveFilter(), limit=1)).items:
            return
        for leave in cast.LEAVES:
            await self._one_leave(leave, by_name[leave.doctor])

    async def _one_leave(self, wanted: cast.DemoLeave, doctor: cast.DemoDoctor) -> None:
        first = self._today + timedelta(days=wanted.first)
        last = first + timedelta(days=wanted.days - 1)
        await self._book(doctor, first, last, wanted.booked)
        body = NewLeave(
            doctor_id=doctor_id(doctor),
            type=LeaveType(wanted.type),
            first=first,
            last=last,
            reason=wanted.reason or None,
        )
        asked = await self._services.leave.request(staff_actor(Role(wanted.asked_by)), body)
        leave, head = _made(asked), staff_actor(Role.DEPARTMENT_HEAD)
        if wanted.decided == "approved":
            await self._services.leave.approve(head, leave, Approval())
        elif wanted.decided == "rejected":
            await self._services.leave.reject(head, leave, Decision(reason="Too many are away that week."))

    async def _book(self, doctor: cast.DemoDoctor, first: date, last: date, count: int) -> None:
        """Book some patients between two dates, a few slots apart."""
        if not count:
            return
        desk, id = staff_actor(Role.RECEPTIONIST), doctor_id(doctor)
        found = await self._services.availability.of_doctor(desk, id, first.isoformat(), last.isoformat())
        for number, slot in enumerate(_some(found.items, count)):
            name, language = cast.PATIENTS[(number * 7 + len(doctor.name)) % len(cast.PATIENTS)]
            patient = BookedPatient(name=name, phone=f"+1 555 02{number:04}", language=language)
            key = f"demo:{slot.id}"
            once = Precondition(idempotency=Idempotency(key, sha256(key.encode()).digest()))
            await self._services.slot_booking.book(desk, slot.id, BookBody(patient=patient), once)


def _some(slots: Sequence[StaffSlotView], count: int) -> list[StaffSlotView]:
    """Return up to `count` free slots for patients who come, spread over what there is."""
    free = [slot for slot in slots if slot.remaining.in_person]
    step = max(1, len(free) // (count + 1))
    return free[step::step][:count]


def _week(doctor: cast.DemoDoctor, room: RoomView) -> list[WeeklySitting]:
    """Mornings from Monday to Saturday, afternoons to Friday, with what stands in the room; in the afternoon patients
    may come by video."""
    length = max(SHORTEST_SLOT, doctor.minutes)
    mornings = [_sitting(weekday, MORNING, length, room, tele=0) for weekday in range(1, 7)]
    return mornings + [_sitting(weekday, AFTERNOON, length, room, tele=1) for weekday in range(1, 6)]


def _sitting(weekday: int, hours: tuple[str, str], length: int, room: RoomView, *, tele: int) -> WeeklySitting:
    start, end = hours
    return WeeklySitting(
        weekday=weekday,
        start=start,
        end=end,
        slot_minutes=length,
        buffer_minutes=BUFFER_MINUTES,
        tele=tele,
        room_id=room.id,
        equipment_ids=room.equipment_ids,
    )


def _department(doctor: cast.DemoDoctor) -> str:
    return cast.DEPARTMENTS.get(doctor.specialty, cast.OTHER_DEPARTMENT)


class _Made(msgspec.Struct):
    id: UUID


def _made(answer: Answer) -> UUID:
    """Return the id of what was made."""
    return msgspec.json.decode(answer.body, type=_Made).id
