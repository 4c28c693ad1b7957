"""A whole server in this process, with a clinic, a line of patients and somebody of every role."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import msgspec
from argon2 import PasswordHasher

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer
from queue_server.application.calendar_feeds.bodies import CalendarFeedBody
from queue_server.application.calendar_feeds.service import CalendarFeeds
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.messages.kinds import Kind
from queue_server.application.payments.model import PAYMENT_MODEL
from queue_server.application.resources.bodies import (
    NewDepartment,
    NewEquipment,
    NewMaintenance,
    NewRoom,
    NewRoomAssignment,
)
from queue_server.application.resources.departments import DepartmentService
from queue_server.application.resources.equipment import EquipmentService
from queue_server.application.resources.rooms import RoomService
from queue_server.application.resources.views import DepartmentView, EquipmentView, RoomView
from queue_server.application.schedules.bodies import (
    NewException,
    NewLeave,
    NewOverride,
    NewSchedule,
    WeeklySitting,
)
from queue_server.application.schedules.leave import LeaveService
from queue_server.application.schedules.service import ScheduleService
from queue_server.application.schedules.views import ExceptionView, LeaveView, ScheduleView
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.slots.generation import regenerate
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder, Unit
from queue_server.application.waitlist.bodies import JoinBody
from queue_server.application.waitlist.joining import Joining
from queue_server.settings import Settings
from queue_server.store import accounts, messages, patients, push_subscriptions, sign_in
from queue_server.store.accounts import Account, NewAccount
from queue_server.store.db import Database
from queue_server.store.messages import Channel, NewMessage, State
from queue_server.store.patients import NewPatient
from queue_server.store.push_subscriptions import PushSubscription
from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType, Schedule, Sources
from scheduling_core.ids import AccountId, DoctorId, EntryId, PatientId, PaymentId, ScheduleId
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.events import DeskPaymentTaken
from scheduling_core.permissions import Role
from scheduling_core.slots.events import HolderKind
from tests.factories import NAMES, Clinic, from_now, new_clinic, today
from tests.graph import Graph

V = TypeVar("V")
PASSWORD = "a long enough passphrase"
# As weak as argon2 allows: what is tested is the door, not the lock.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class World:
    """Speaks to the server as any role, and looks at the queue past it."""

    def __init__(self, client: httpx.AsyncClient, settings: Settings, graph: Graph, clinic: Clinic) -> None:
        self.client = client
        self.settings = settings
        self.graph = graph
        self.clinic = clinic
        self.tokens = Tokens(settings)
        self.accounts: dict[Role, Account] = {}
        """Of the staff."""
        self.patient: Account | None = None
        """Of somebody who has signed in and acts for `relativeId`."""
        self.entries: list[EntryId] = []
        self.patients: list[PatientId] = []
        self.ids: dict[str, UUID] = {}
        """Of other things there are, by the names of path parameters."""
        self.feed_token = ""
        """Of a calendar that shows the first doctor's appointments."""

    @property
    def doctor(self) -> DoctorId:
        """The doctor whose line is filled."""
        return self.clinic.doctors[0]

    def bearer(self, role: Role) -> str:
        """Return a fresh access token of the role's account."""
        account = self.patient if role is Role.PATIENT else self.accounts[role]
        assert account is not None
        return self.tokens.issue_access(account, now=datetime.now(UTC))

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        role: Role | None = Role.RECEPTIONIST,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request as somebody of `role`, or as a stranger."""
        all_headers = dict(headers or {})
        if role is not None:
            all_headers.setdefault("Authorization", f"Bearer {self.bearer(role)}")
        if content is None and body is not None:
            content = msgspec.json.encode(body)
        return await self.client.request(method, path, content=content, headers=all_headers)

    async def command(self, name: str, target: UUID, body: object = None, **more: Any) -> httpx.Response:
        """Send a desk command."""
        return await self.send("POST", f"/api/appointments/queue/{name}/{target}", body, **more)

    async def done(self, name: str, target: UUID, body: object = None, **more: Any) -> dict[str, Any]:
        """Send a desk command that must succeed and return its data."""
        answer = await self.command(name, target, body, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def queue(self, doctor: int = 0) -> bytes:
        """Return the stored queue as bytes, to compare before with after."""
        return codec.encode_state(await self.graph.state(self.clinic, doctor))

    async def link(self, index: int = 0) -> str:
        """Return a tracking token of one of the line."""
        token, _ = self.graph.links.make(self.clinic.tenant, self.entries[index], self.doctor, generation=0)
        return token


async def new_world(
    client: httpx.AsyncClient, settings: Settings, db: Database, graph: Graph, *, entries: int = 4
) -> World:
    """Make a tenant with a clinic, accounts of every role and `entries` people in the first doctor's line."""
    world = World(client, settings, graph, await new_clinic(db))
    async with db.tenant(world.clinic.tenant) as tx:
        for role in Role:
            if role is Role.PATIENT:
                continue
            new = NewAccount(
                id=AccountId(uuid4()),
                email=f"{role}@{world.clinic.tenant.hex}.example.org",
                password_hash=_HASH,
                name=f"Test {role}",
                role=role,
                clinics=(),
                doctor=world.doctor if role is Role.DOCTOR else None,
            )
            world.accounts[role] = await accounts.insert(tx, new)
    world.entries = await fill(world, entries)
    world.ids |= await add_resources(world)
    world.ids["slotId"] = (await add_slots(world))[0]
    world.ids |= await add_calendar(world)
    world.ids["feedId"] = await add_feed(world)
    world.ids["paymentId"] = await add_payment(world)
    world.ids["waitlistId"] = await add_waitlist(world)
    world.ids["relativeId"] = await add_own_patient(world)
    world.ids |= await add_messages(world)
    return world


async def add_own_patient(world: World) -> UUID:
    """Add a patient who has an account and acts for somebody; returns the id of that one."""
    patient, relative = PatientId(uuid4()), PatientId(uuid4())
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await patients.insert(
            tx, NewPatient(id=patient, name="Noor Haddad", name_folded="noor haddad", email="noor@example.org")
        )
        await patients.insert(
            tx, NewPatient(id=relative, name="Sami Haddad", name_folded="sami haddad", guardian=patient)
        )
        new = NewAccount(
            id=AccountId(uuid4()),
            email=None,
            password_hash=None,
            name="Noor Haddad",
            role=Role.PATIENT,
            clinics=(),
            doctor=None,
            patient=patient,
        )
        world.patient = await accounts.insert(tx, new)
        await sign_in.give_contact(tx, "noor@example.org", new.id)
    return relative


async def add_messages(world: World) -> dict[str, UUID]:
    """Let a message about the first of the line be dead, and the patient who has signed in have a browser; returns
    their ids."""
    message, browser = uuid4(), uuid4()
    assert world.patient is not None
    assert world.patient.patient is not None
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        new = NewMessage(
            id=message,
            kind=Kind.BOOKED,
            channel=Channel.SMS,
            recipient="+442079460000",
            language="en",
            patient=world.patients[0] if world.patients else None,
            clinic=world.clinic.id,
        )
        await messages.add(tx, new)
        await messages.end(tx, message, State.DEAD, "the number is not in use (21211)")
        known = PushSubscription(
            id=browser, endpoint=f"https://fcm.googleapis.com/fcm/send/{browser}", p256dh="p256dh", auth="auth"
        )
        await push_subscriptions.add(tx, world.patient.patient, known, 10)
    return {"messageId": message, "subscriptionId": browser}


async def add_feed(world: World) -> UUID:
    """Let the first doctor have a calendar feed; returns its id."""
    graph, doctor = world.graph, world.accounts[Role.DOCTOR]
    feeds = CalendarFeeds(
        db=graph.db,
        directory=graph.directory,
        links=graph.links,
        recorder=Recorder(),
        public_url=world.settings.public_url,
    )
    actor = Actor(tenant=doctor.tenant, account=doctor.id, role=doctor.role, doctor=doctor.doctor)
    made = await feeds.create(actor, CalendarFeedBody())
    world.feed_token = made.url.rpartition("/")[2].removesuffix(".ics")
    return made.id


async def add_payment(world: World) -> UUID:
    """Let somebody have paid at the desk; returns the payment's id."""
    paid = PaymentId(uuid4())
    taken = DeskPaymentTaken(
        payment=paid,
        clinic=world.clinic.id,
        doctor=world.doctor,
        payer_kind=HolderKind.STAFF,
        payer=world.accounts[Role.RECEPTIONIST].id,
        amount=4_500,
        currency="EUR",
        visit_type="consultation",
        mode=Mode.IN_PERSON,
    )

    async def work(unit: Unit) -> tuple[object, int | None]:
        (await unit.lock_aggregate(PAYMENT_MODEL, paid)).add(taken)
        return None, None

    await world.graph.writes.run(world.clinic.receptionist, "begin-payment", work)
    return paid


async def add_calendar(world: World) -> dict[str, UUID]:
    """Give the first doctor a schedule with an override and an exception, and leave that the head of a department has
    to decide on; returns their ids. All of it lies beyond the horizon, so that it makes no slots."""
    admin, day = world.clinic.actor(Role.ADMIN), datetime.now(UTC).date() + timedelta(days=150)
    schedules = ScheduleService(world.graph.db, world.graph.writes)
    sittings = tuple(WeeklySitting(weekday=n, start="09:00", end="12:00", slot_minutes=30) for n in range(1, 8))
    new = NewSchedule(clinic_id=world.clinic.id, effective_from=day, sittings=sittings)
    schedule = _decoded(await schedules.create(admin, world.doctor, new), ScheduleView)
    schedule = _decoded(await schedules.add_override(admin, schedule.id, NewOverride(date=day)), ScheduleView)
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    closed = NewException(kind=ExceptionKind.EMERGENCY, start=start, end=start + timedelta(hours=1))
    exception = _decoded(await schedules.add_exception(admin, schedule.id, closed), ExceptionView)
    wanted = NewLeave(doctor_id=world.doctor, type=LeaveType.ANNUAL, first=day, last=day)
    leave = LeaveService(world.graph.db, world.graph.writes)
    asked = _decoded(await leave.request(world.clinic.receptionist, wanted), LeaveView)
    await add_head(world)
    return {
        "scheduleId": schedule.id,
        "overrideId": schedule.overrides[0].id,
        "exceptionId": exception.id,
        "leaveId": asked.id,
    }


async def add_head(world: World) -> None:
    """Let the department head be head of a department that the first doctor belongs to."""
    departments = DepartmentService(world.graph.db, world.graph.writes)
    new = NewDepartment(name="Surgery", head_account_id=world.accounts[Role.DEPARTMENT_HEAD].id)
    headed = _decoded(await departments.create(world.clinic.actor(Role.ADMIN), new), DepartmentView)
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor_department (tenant_id, department_id, doctor_id, last_event_id)"
            " VALUES ($1, $2, $3, gen_random_uuid())",
            tx.tenant,
            headed.id,
            world.doctor,
        )


async def add_slots(world: World, *, days_ahead: int = 1, doctor: DoctorId | None = None) -> list[UUID]:
    """Let a doctor, the first one, sit from nine to twelve on a day to come, and return the ids of the slots."""
    doctor = doctor or world.doctor
    day = datetime.now(UTC).date() + timedelta(days=days_ahead)
    hours = Hours(start=9 * 60, end=12 * 60, slot_minutes=30, in_person=1, tele=1)
    schedule = Schedule(
        id=ScheduleId(uuid4()),
        clinic=world.clinic.id,
        effective_from=day,
        effective_until=day,
        week=((hours,),) * 7,
    )
    sources = Sources(schedules=(schedule,), zones={world.clinic.id: world.clinic.timezone})
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await regenerate(tx, doctor, sources, day, day)
        rows = await tx.rows("SELECT slot_id FROM slot WHERE doctor_id = $1 AND date = $2 ORDER BY start", doctor, day)
    return [row["slot_id"] for row in rows]


async def add_resources(world: World) -> dict[str, UUID]:
    """Add a room with a maintenance and an assignment, a device and a department; returns their ids."""
    admin, writes, db = world.clinic.actor(Role.ADMIN), world.graph.writes, world.graph.db
    rooms, start = RoomService(db, writes), datetime.now(UTC) + timedelta(days=30)
    room = _decoded(await rooms.create(admin, NewRoom(clinic_id=world.clinic.id, name="Room 1")), RoomView)
    outage = NewMaintenance(start=start, end=start + timedelta(hours=2))
    await rooms.plan_maintenance(admin, room.id, outage)
    room = _decoded(await rooms.assign(admin, room.id, NewRoomAssignment(doctor_id=world.doctor)), RoomView)
    equipment = EquipmentService(db, writes)
    device = _decoded(
        await equipment.create(admin, NewEquipment(clinic_id=world.clinic.id, name="ECG 1")), EquipmentView
    )
    departments = DepartmentService(db, writes)
    department = _decoded(await departments.create(admin, NewDepartment(name="Cardiology")), DepartmentView)
    return {
        "roomId": room.id,
        "maintenanceId": room.maintenance[0].id,
        "assignmentId": room.assignments[0].id,
        "equipmentId": device.id,
        "departmentId": department.id,
    }


def _decoded(answer: Answer, kind: type[V]) -> V:
    return msgspec.json.decode(answer.body, type=kind)


async def add_waitlist(world: World) -> UUID:
    """Let somebody of the line wait for the first doctor, too, and return the entry."""
    patient = BookedPatient(id=world.patients[0]) if world.patients else BookedPatient(name="Mei Chen")
    body = JoinBody(clinic_id=world.clinic.id, doctor_id=world.doctor, patient=patient)
    joining = Joining(world.graph.writes, world.graph.directory, world.graph.waitlist_links)
    return UUID(msgspec.json.decode((await joining.join(world.clinic.receptionist, body, NONE)).body)["id"])


async def fill(world: World, count: int) -> list[EntryId]:
    """Book `count` people with the first doctor, a quarter of an hour apart from now on; less, late in the day."""
    starts = from_now(count)
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=world.doctor,
            date=today(),
            start=start,
            patient_id=PatientId(uuid4()),
            patient=PatientBody(name=NAMES[index % len(NAMES)], phone=f"+44 20 7946 00{index:02}"),
            booked_at=starts[0] - timedelta(days=1, minutes=-index),
        )
        for index, start in enumerate(starts)
    ]
    world.patients = [visit.patient_id for visit in visits]
    if visits:
        await Enrolment(world.graph.writes, world.graph.directory, 15).enrol(world.clinic.receptionist, visits)
    return [visit.id for visit in visits]
