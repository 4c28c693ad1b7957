"""What tracking links ask of Postgres: once for everybody of a queue, never past a withdrawal."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.tracking import TrackedAppointment, Tracking
from queue_server.broker.in_process import InProcessBroker
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.errors import NotFound, RevokedTrackingToken
from scheduling_core.estimates.waits import RecentMean, Wait
from scheduling_core.ids import DoctorId, EntryId, PatientId
from scheduling_core.live_queue.state import Queue
from tests.factories import Clinic, from_now, new_clinic, today
from tests.graph import Graph
from tests.realtime.conftest import until

PATIENTS = 6


class Counting(RecentMean):
    """Counts how often it is asked."""

    count = 0

    def estimate(self, queue: Queue, now: datetime) -> Mapping[EntryId, Wait]:
        """Count and estimate."""
        self.count += 1
        return super().estimate(queue, now)


class Phones:
    """Tracking as one server does it, with the links of two doctors' patients."""

    def __init__(self, graph: Graph, settings: Settings, clinic: Clinic, db: Database) -> None:
        self.clinic = clinic
        self.db = db
        self.notifications = Notifications(settings.database_url, application=f"tracking-{id(self)}")
        self.snapshots = QueueSnapshots(db, InProcessBroker(), self.notifications, ttl_seconds=60)
        self.estimator = Counting()
        self.tracking = Tracking(
            db,
            graph.links,
            graph.directory,
            self.snapshots,
            None,  # type: ignore[arg-type]  # reads of the desk are not asked here
            self.estimator,
            60,
        )
        self.notifications.add(self.tracking)
        self.graph = graph
        self.entries: list[EntryId] = []

    async def enrol(self, doctor: int) -> list[str]:
        """Enrol some patients with a doctor and return their links' tokens."""
        starts, key = from_now(PATIENTS, minutes=5), self.clinic.doctors[doctor]
        visits = [
            Visit(
                id=EntryId(uuid4()),
                doctor=key,
                date=today(),
                start=start,
                patient_id=PatientId(uuid4()),
                patient=PatientBody(name="Asha Rao"),
                booked_at=starts[0] - timedelta(days=1),
            )
            for start in starts
        ]
        await Enrolment(self.graph.writes, self.graph.directory, 15).enrol(self.clinic.receptionist, visits)
        self.entries = [visit.id for visit in visits]
        return [self.token(visit.id, key) for visit in visits]

    def token(self, entry: EntryId, doctor: DoctorId) -> str:
        """Return the token of a link."""
        return self.graph.links.make(self.clinic.tenant, entry, doctor, generation=0)[0]

    async def locate(self, tokens: list[str]) -> list[TrackedAppointment]:
        """Follow all links at the same time."""
        return [appointment for appointment, _ in await asyncio.gather(*map(self.tracking.locate, tokens))]

    @property
    def transactions(self) -> float:
        """How many there were so far."""
        return self.db.readings()["transactions"]


@pytest.fixture
async def phones(graph: Graph, settings: Settings) -> AsyncIterator[Phones]:
    """A clinic's phones on a server that has just been started."""
    db = Database(settings.database_url, pool_size=3, application="tracking-reads")
    await db.open()
    made = Phones(graph, settings, await new_clinic(graph.db), db)
    await made.snapshots.start()
    await until(lambda: made.notifications.is_listening)
    yield made
    await made.snapshots.stop()
    await db.close()


async def test_everybody_of_a_queue_is_read_with_its_state_in_one_transaction(phones: Phones) -> None:
    tokens = await phones.enrol(0)
    before = phones.transactions
    found = await phones.locate(tokens)
    assert [one.entry for one in found] == phones.entries
    assert phones.transactions - before == 1
    assert phones.snapshots.reads == 1


async def test_each_queue_is_read_for_itself(phones: Phones) -> None:
    tokens = [*await phones.enrol(0), *await phones.enrol(1)]
    before = phones.transactions
    await phones.locate(tokens)
    assert phones.transactions - before == 2


async def test_the_others_links_need_no_read_afterwards(phones: Phones) -> None:
    first, *others = await phones.enrol(0)
    await phones.locate([first])
    before = phones.transactions
    assert len(await phones.locate(others)) == PATIENTS - 1
    assert phones.transactions == before


async def test_what_was_read_while_a_link_was_withdrawn_is_not_kept(phones: Phones) -> None:
    first, *_ = await phones.enrol(0)
    await phones.locate([first])
    phones.tracking.on_gap()
    reading = asyncio.create_task(phones.tracking.resolve(first))
    await asyncio.sleep(0)  # it asks for the room
    await asyncio.sleep(0)  # whose read begins
    assert phones.tracking._reads
    phones.tracking.forget(phones.clinic.tenant, phones.entries[0])
    await reading
    # Only the link's own read, which began afterwards, is kept; the room's counts for nothing.
    assert set(phones.tracking._known) == {(phones.clinic.tenant, phones.entries[0])}


async def test_a_withdrawn_link_is_refused_though_a_neighbours_read_knows_of_it(phones: Phones) -> None:
    withdrawn, neighbour, *_ = await phones.enrol(0)
    await phones.graph.links.revoke(phones.clinic.receptionist, phones.entries[0])
    await phones.locate([neighbour])
    with pytest.raises(RevokedTrackingToken):
        await phones.tracking.resolve(withdrawn)


async def test_an_appointment_that_is_gone_is_not_found(phones: Phones) -> None:
    gone = phones.token(EntryId(uuid4()), phones.clinic.doctors[0])
    with pytest.raises(NotFound):
        await phones.tracking.resolve(gone)


async def test_a_transferred_patient_is_found_by_a_link_that_names_the_doctor_before(phones: Phones) -> None:
    tokens = await phones.enrol(1)
    moved = phones.token(phones.entries[0], phones.clinic.doctors[0])
    found = await phones.locate([moved, *tokens])
    assert {one.doctor.id for one in found} == {phones.clinic.doctors[1]}


async def test_patients_who_come_together_share_one_estimate_until_the_queue_moves(phones: Phones) -> None:
    tokens = await phones.enrol(0)
    for appointment, state in [await phones.tracking.locate(token) for token in tokens]:
        phones.tracking.queue_view(appointment, state)
    assert phones.estimator.count == 1
    moved = replace(state, version=state.version + 1)
    phones.tracking.queue_view(appointment, moved)
    assert phones.estimator.count == 2
