"""A doctor with two clinics has one line a day; each patient is sent to the clinic and room they were booked for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.reading import QueueReading
from queue_server.application.resources.reservations import reserve
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.tracking import Tracking
from queue_server.application.views.tracking import TrackedView
from queue_server.broker.in_process import InProcessBroker
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.errors import CapacityReached, NotFound, OtherTimeZone
from scheduling_core.estimates.waits import RecentMean
from scheduling_core.ids import ClinicId, EntryId, PatientId, RoomId
from scheduling_core.permissions import Role
from tests.application.test_enrolment import cap
from tests.factories import Clinic, new_clinic, today
from tests.graph import Graph

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
WALK_IN = bodies.WalkInBody(patient=PatientBody(name="Mei Chen"))


class Practice:
    """Two clinics of one tenant, and a doctor at home at the first who works at both."""

    def __init__(self, graph: Graph, settings: Settings, home: Clinic, away: Clinic) -> None:
        self.graph = graph
        self.home = home
        self.away = away
        self.doctor = home.doctors[0]
        notifications = Notifications(settings.database_url, application="two-clinics")
        snapshots = QueueSnapshots(graph.db, InProcessBroker(), notifications, ttl_seconds=60)
        self.reading = QueueReading(graph.db, graph.directory, graph.people, snapshots, RecentMean(), 15)
        self.tracking = Tracking(graph.db, graph.links, graph.directory, snapshots, self.reading, RecentMean(), 60)

    async def rows(self, query: str, *arguments: object) -> Sequence[Any]:
        """Return what a query finds in the tenant."""
        async with self.graph.db.tenant(self.home.tenant) as tx:
            return await tx.rows(query, *arguments)

    async def works_away(self, doctor: UUID) -> None:
        """Let a doctor work at the second clinic, too."""
        await self.rows(
            "INSERT INTO doctor_clinic (tenant_id, clinic_id, doctor_id, last_event_id) VALUES ($1, $2, $3, $2)"
            " RETURNING 1",
            self.home.tenant,
            self.away.id,
            doctor,
        )
        self.graph.directory.forget(self.home.tenant)

    async def books(self, *, away: bool, room: str | None = None) -> EntryId:
        """Put a visit of today at noon into the doctor's line, at either clinic, with a room reserved for it."""
        entry = EntryId(uuid4())
        visit = Visit(
            id=entry,
            doctor=self.doctor,
            date=today(),
            start=NOON,
            patient_id=PatientId(uuid4()),
            patient=PatientBody(name="Mei Chen"),
        )
        await Enrolment(self.graph.writes, self.graph.directory, 15).enrol(self.home.receptionist, [visit])
        clinic = self.away if away else self.home
        await self.rows("UPDATE appointment SET clinic_id = $1 WHERE appointment_id = $2 RETURNING 1", clinic.id, entry)
        if room is not None:
            await self._reserves(clinic.id, room, entry)
        self.graph.people.forget(self.home.tenant)
        return entry

    async def _reserves(self, clinic: ClinicId, name: str, entry: EntryId) -> None:
        room = RoomId(uuid4())
        await self.rows(
            "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
            " VALUES ($1, $2, $3, $4, 'consultation', true, 1, $2) RETURNING 1",
            self.home.tenant,
            room,
            clinic,
            name,
        )
        async with self.graph.db.tenant(self.home.tenant) as tx:
            await reserve(tx, room, NOON, NOON.replace(minute=30), entry)

    def desk(self, *clinics: Clinic) -> Any:
        """Return somebody at the desk who is limited to these clinics."""
        return self.home.actor(Role.RECEPTIONIST, clinics=tuple(clinic.id for clinic in clinics))

    async def run(self, actor: Any, name: str, target: UUID, body: bodies.Body | None = None) -> dict[str, Any]:
        """Do a command of the desk and return its answer."""
        answer = await self.graph.queue.run(actor, name, target, body or bodies.DESK_COMMANDS[name].body())
        found: dict[str, Any] = msgspec.json.decode(answer.body)
        return found

    async def tracked(self, entry: EntryId) -> TrackedView:
        """Return what the patient's page shows."""
        token, _ = self.graph.links.make(self.home.tenant, entry, self.doctor, generation=0)
        return (await self.tracking.track(token, fresh=True)).view

    async def clinic_of(self, entry: UUID) -> UUID:
        """Return the clinic of an appointment."""
        (row,) = await self.rows("SELECT clinic_id FROM appointment WHERE appointment_id = $1", entry)
        found: UUID = row["clinic_id"]
        return found


@pytest.fixture
async def practice(graph: Graph, settings: Settings, clinic: Clinic, database: Database) -> Practice:
    """A doctor who is at home at one clinic and works at a second one of another address, too."""
    away = await new_clinic(database, tenant=clinic.tenant)
    made = Practice(graph, settings, clinic, away)
    await made.rows(
        "UPDATE clinic SET name = 'Harbour Clinic', address = '2 Quay' WHERE clinic_id = $1 RETURNING 1", away.id
    )
    await made.works_away(made.doctor)
    return made


async def test_the_patients_page_shows_the_clinic_and_room_of_the_appointment(practice: Practice) -> None:
    entry = await practice.books(away=True, room="Room 9")
    await practice.run(practice.desk(), "check-in", entry)
    await practice.run(practice.desk(), "call-next", practice.doctor, bodies.CallNextBody(appointment_id=entry))
    shown = await practice.tracked(entry)
    assert (shown.appointment.clinic.id, shown.appointment.clinic.address) == (practice.away.id, "2 Quay")
    assert shown.appointment.room == "Room 9"
    assert "Room 9" in shown.queue.queue_status


async def test_elsewhere_nobody_is_sent_to_the_room_the_doctor_has_at_home(practice: Practice) -> None:
    entry = await practice.books(away=True)
    assert (await practice.tracked(entry)).appointment.room == ""
    assert (await practice.tracked(await practice.books(away=False))).appointment.room == "Room 1"


async def test_one_line_shows_of_each_patient_where_they_are_seen(practice: Practice) -> None:
    here, there = await practice.books(away=False), await practice.books(away=True, room="Room 9")
    shown = await practice.reading.state(practice.desk(), practice.doctor)
    places = {entry.id: (entry.clinic_id, entry.room) for entry in shown.entries}  # type: ignore[union-attr]
    assert places == {here: (practice.home.id, "Room 1"), there: (practice.away.id, "Room 9")}


async def test_a_display_calls_to_the_room_of_whoever_is_called(practice: Practice) -> None:
    await practice.books(away=False)
    there = await practice.books(away=True, room="Room 9")
    await practice.run(practice.desk(), "check-in", there)
    await practice.run(practice.desk(), "call-next", practice.doctor, bodies.CallNextBody(appointment_id=there))
    display = practice.home.actor(Role.DISPLAY)
    shown = await practice.reading.state(display, practice.doctor)
    assert [entry.room for entry in shown.entries] == ["Room 9"]
    assert (shown.header.clinic_name, shown.header.room) == ("Harbour Clinic", "Room 9")


async def test_a_desk_of_either_clinic_watches_and_works_the_doctors_line(practice: Practice) -> None:
    here, there = await practice.books(away=False), await practice.books(away=True)
    for clinic in (practice.home, practice.away):
        desk = practice.desk(clinic)
        await practice.reading.state(desk, practice.doctor)
        assert [lane.clinic_id for lane in await practice.reading.lanes(desk, None) if lane.id == practice.doctor] == [
            clinic.id
        ]
        await practice.graph.links.issue(desk, here)
    await practice.run(practice.desk(practice.away), "check-in", here)
    await practice.run(practice.desk(practice.home), "check-in", there)
    await practice.run(practice.desk(practice.away), "pause", practice.doctor)


async def test_a_desk_of_a_clinic_the_doctor_does_not_work_at_finds_nobody(practice: Practice) -> None:
    entry = await practice.books(away=True)
    third = await new_clinic(practice.graph.db, tenant=practice.home.tenant)
    desk = practice.desk(third)
    assert practice.doctor not in {lane.id for lane in await practice.reading.lanes(desk, None)}
    for attempt in (
        practice.reading.state(desk, practice.doctor),
        practice.reading.lanes(desk, practice.away.id),
        practice.run(desk, "check-in", entry),
        practice.run(desk, "pause", practice.doctor),
        practice.run(desk, "walk-in", practice.doctor, WALK_IN),
        practice.graph.links.issue(desk, entry),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_lanes_of_a_clinic_name_every_doctor_who_works_there(practice: Practice) -> None:
    lanes = await practice.reading.lanes(practice.desk(), practice.away.id)
    (lane,) = [lane for lane in lanes if lane.id == practice.doctor]
    assert (lane.clinic_id, lane.clinic_name, lane.room) == (practice.away.id, "Harbour Clinic", "")
    assert {lane.id for lane in lanes} == {practice.doctor, *practice.away.doctors}


async def test_caps_count_where_appointments_are_and_not_where_their_doctor_is_at_home(
    practice: Practice, database: Database
) -> None:
    await practice.books(away=True)
    await cap(database, practice.home, '{"per_day": 1}')
    practice.graph.directory.forget(practice.home.tenant)
    await practice.run(practice.desk(), "walk-in", practice.home.doctors[1], WALK_IN)
    with pytest.raises(CapacityReached):
        await practice.run(practice.desk(), "walk-in", practice.home.doctors[1], WALK_IN)
    await cap(database, practice.away, '{"per_day": 1}')
    practice.graph.directory.forget(practice.home.tenant)
    with pytest.raises(CapacityReached):
        await practice.run(practice.desk(), "walk-in", practice.away.doctors[0], WALK_IN)


async def test_who_is_handed_to_a_doctor_of_their_clinic_stays_there(practice: Practice, database: Database) -> None:
    entry = await practice.books(away=True, room="Room 9")
    await cap(database, practice.away, '{"per_day": 1}')
    other = practice.away.doctors[0]
    await practice.run(practice.desk(), "transfer", entry, bodies.TransferBody(doctor_id=other))
    shown = (await practice.tracked(entry)).appointment
    assert (shown.clinic.id, shown.doctor.id, shown.room) == (practice.away.id, other, "Room 1")


async def test_who_is_handed_to_a_doctor_who_does_not_work_there_goes_to_that_doctors_home(
    practice: Practice, database: Database
) -> None:
    entry = await practice.books(away=True, room="Room 9")
    other = practice.home.doctors[1]
    await cap(database, practice.home, '{"per_day": 1}')
    practice.graph.directory.forget(practice.home.tenant)
    await practice.run(practice.desk(), "transfer", entry, bodies.TransferBody(doctor_id=other))
    shown = (await practice.tracked(entry)).appointment
    assert (shown.clinic.id, shown.room) == (practice.home.id, "Room 2")
    # So it is there that a place is taken.
    with pytest.raises(CapacityReached):
        await practice.run(practice.desk(), "walk-in", practice.home.doctors[1], WALK_IN)


async def test_who_walks_in_is_seen_where_the_desk_is(practice: Practice) -> None:
    for clinic in (practice.away, practice.home):
        made = await practice.run(practice.desk(clinic), "walk-in", practice.doctor, WALK_IN)
        assert made["appointment"]["clinic"]["id"] == str(clinic.id)
        assert await practice.clinic_of(UUID(made["appointment"]["id"])) == clinic.id


async def test_who_walks_in_to_a_line_of_another_zone_is_refused(practice: Practice) -> None:
    await practice.books(away=False)
    await practice.rows("UPDATE clinic SET timezone = 'Etc/GMT+1' WHERE clinic_id = $1 RETURNING 1", practice.away.id)
    with pytest.raises(OtherTimeZone):
        await practice.run(practice.desk(practice.away), "walk-in", practice.doctor, WALK_IN)
