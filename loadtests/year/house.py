"""The house: clinics and departments, rooms and devices."""

from datetime import timedelta
from uuid import uuid4

from loadtests.year.practice import ZONE, Colleague, Practice
from queue_server.application.resources.models import CLINIC, DEPARTMENT, EQUIPMENT, ROOM
from scheduling_core.ids import AccountId, AssignmentId, ClinicId, MaintenanceId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.resources import clinics, departments, equipment, maintenance, rooms


async def open_house(at: Practice) -> None:
    """Open the clinics and departments, and close one clinic."""
    for number, id in enumerate((*at.clinics, ClinicId(uuid4()))):
        async with at.unit("create-clinic") as unit:
            place = await unit.lock_aggregate(CLINIC, id)
            words = [await unit.say(f"Clinic {number}"), await unit.say(f"{number} River Street")]
            made = clinics.CreateClinic(
                clinic=id,
                slug=f"clinic-{number}",
                name=words[0],
                timezone=ZONE,
                address=words[1],
                caps=clinics.Caps(per_day=400),
                policy=QueuePolicy(),
                holidays=clinics.HolidayCalendar(country="DE", region="BE"),
            )
            place.add(*clinics.decide(place.known, made))
        async with at.unit("change-clinic") as unit:
            place = await unit.lock_aggregate(CLINIC, id)
            closed = clinics.ClosedDay(date=at.first + timedelta(days=40), name=await unit.say("Founders' Day"))
            for change in (
                clinics.UpdateClinic(caps=clinics.Caps(per_day=500, per_window=60)),
                clinics.SetQueuePolicy(policy=QueuePolicy(grace_minutes=10)),
                clinics.SetClinicDays(closed=(closed,), opened=(at.first + timedelta(days=41),)),
                *((clinics.DeleteClinic(),) if id not in at.clinics else ()),
            ):
                place.add(*clinics.decide(place.known, change))
    for number, department in enumerate(at.departments):
        async with at.unit("create-department") as unit:
            held = await unit.lock_aggregate(DEPARTMENT, department)
            name = await unit.say(f"Department {number}")
            new = departments.CreateDepartment(department=department, name=name, clinics=at.clinics, head=None)
            held.add(*departments.decide(held.known, new))
            change_head = departments.UpdateDepartment(head=AccountId(uuid4()))
            held.add(*departments.decide(held.known, change_head))


async def furnish(at: Practice, one: Colleague) -> None:
    """A room and a device: planned, given away, out of order, and in the end some of them retired."""
    until = at.first + timedelta(days=at.days // 2)
    out = maintenance.PlanMaintenance(
        maintenance=MaintenanceId(uuid4()),
        start=at.now + timedelta(days=30),
        end=at.now + timedelta(days=31),
    )
    async with at.unit("furnish") as unit:
        names = [await unit.say(name) for name in ("Room", "Green room", "Ultrasound", "Ultrasound 2")]
        assignment = AssignmentId(uuid4())
        for command in (
            rooms.CreateRoom(room=one.room, clinic=at.clinics[0], name=names[0], kind=rooms.RoomType.CONSULTATION),
            rooms.UpdateRoom(name=names[1]),
            rooms.AssignRoom(assignment=assignment, doctor=one.id, first=at.first, last=None, today=at.first),
            out,
            maintenance.FinishMaintenance(maintenance=out.maintenance),
            rooms.EndRoomAssignment(assignment=assignment, today=until),
            rooms.AssignRoom(assignment=AssignmentId(uuid4()), doctor=one.id, first=until, last=None, today=until),
            *((rooms.RetireRoom(),) if one is at.doctors[-1] else ()),
        ):
            room = await unit.lock_aggregate(ROOM, one.room)
            room.add(*rooms.decide(room.known, command, at.now))
    async with at.unit("furnish") as unit:
        for device_command in (
            equipment.CreateEquipment(
                equipment=one.device,
                clinic=at.clinics[0],
                name=names[2],
                kind=equipment.EquipmentType.ULTRASOUND,
            ),
            equipment.UpdateEquipment(name=names[3]),
            equipment.AssignEquipment(assignment=AssignmentId(uuid4()), room=one.room),
            out,
            maintenance.FinishMaintenance(maintenance=out.maintenance),
            *((equipment.RetireEquipment(),) if one is at.doctors[-1] else ()),
        ):
            device = await unit.lock_aggregate(EQUIPMENT, one.device)
            device.add(*equipment.decide(device.known, device_command, at.now))
