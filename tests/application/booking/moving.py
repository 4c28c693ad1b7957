"""Booking, moving and looking, in the words of tests."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Precondition
from queue_server.application.booking.bodies import CancelBody, RescheduleBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.rescheduling import Rescheduling
from queue_server.application.reading import QueueReading
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.tracking import Tracking
from queue_server.broker.in_process import InProcessBroker
from queue_server.settings import Settings
from queue_server.store import event_store
from queue_server.store.db import Row
from queue_server.store.idempotency import Idempotency
from queue_server.store.notifications import Notifications
from scheduling_core.estimates.waits import RecentMean
from scheduling_core.ids import AccountId, PatientId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from tests.application.slots.conftest import Practice
from tests.factories import at
from tests.graph import Graph

SOMEBODY = BookBody(patient=BookedPatient(name="Mei Chen", phone="+44 20 7946 0999"))


def once() -> Precondition:
    """Return a key that nobody has used."""
    return Precondition(idempotency=Idempotency(uuid4().hex, b"digest"))


def patient_of(practice: Practice, patient: UUID) -> Actor:
    """Return the account of a patient, who needs no row for it here."""
    return Actor(
        tenant=practice.clinic.tenant, account=AccountId(uuid4()), role=Role.PATIENT, patient=PatientId(patient)
    )


def tracking_of(graph: Graph, settings: Settings) -> Tracking:
    """Return tracking as a server does it that hears of nothing: what it shows it has read."""
    notifications = Notifications(settings.database_url, application="moving")
    snapshots = QueueSnapshots(graph.db, InProcessBroker(), notifications, ttl_seconds=60)
    reading = QueueReading(graph.db, graph.directory, graph.people, snapshots, RecentMean(), 15)
    return Tracking(graph.db, graph.links, graph.directory, snapshots, reading, RecentMean(), 60)


class Moving:
    """Books, moves and cancels at the desk unless somebody else is named."""

    def __init__(
        self, practice: Practice, booking: SlotBooking, rescheduling: Rescheduling, cancelling: Cancelling
    ) -> None:
        self.practice = practice
        self.desk = practice.clinic.receptionist
        self._booking = booking
        self._rescheduling = rescheduling
        self._cancelling = cancelling

    async def slot(self, day: date, hour: int, minute: int = 0, *, of: Practice | None = None) -> UUID:
        """Return a slot, generated if need be."""
        practice = of or self.practice
        await practice.regenerate(day, day)
        found: UUID = (await practice.slot(at(day, hour, minute)))["slot_id"]
        return found

    async def book(self, slot: UUID, mode: Mode = Mode.IN_PERSON, **more: Any) -> dict[str, Any]:
        """Book somebody new, or whoever the body names."""
        body = msgspec.structs.replace(SOMEBODY, mode=mode, **more)
        return _data((await self._booking.book(self.desk, slot, body, once())).body)

    async def move(
        self,
        booked: dict[str, Any],
        slot: UUID,
        *,
        by: Actor | None = None,
        key: Precondition | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Move what was booked."""
        appointment, body = UUID(booked["appointment"]["id"]), RescheduleBody(slot_id=slot, **more)
        return _data((await self._rescheduling.reschedule(by or self.desk, appointment, body, key or once())).body)

    async def move_by_link(self, token: str, slot: UUID, *, holder: Actor | None = None, **more: Any) -> dict[str, Any]:
        """Move with the tracking link."""
        body = RescheduleBody(slot_id=slot, **more)
        return _data((await self._rescheduling.by_link(token, body, once(), holder=holder)).body)

    async def cancel(
        self, booked: dict[str, Any], reason: str | None = None, *, by: Actor | None = None
    ) -> dict[str, Any]:
        """Cancel what was booked."""
        appointment, body = UUID(booked["appointment"]["id"]), CancelBody(reason=reason)
        return _data((await self._cancelling.cancel(by or self.desk, appointment, body, once())).body)

    async def cancel_by_link(self, token: str, reason: str | None = None) -> dict[str, Any]:
        """Cancel with the tracking link."""
        return _data((await self._cancelling.by_link(token, CancelBody(reason=reason), once())).body)

    async def appointment(self, booked: dict[str, Any]) -> Row:
        """Return the appointment's row with its place in the line."""
        (row,) = await self.practice.rows(
            "SELECT a.*, e.doctor_id AS line_doctor, e.date AS line_date, e.ticket, e.state, e.start AS line_start"
            " FROM appointment a JOIN queue_entry e ON e.entry_id = a.appointment_id WHERE a.appointment_id = $1",
            UUID(booked["appointment"]["id"]),
        )
        return row

    async def taken(self, *slots: UUID) -> list[int]:
        """Return how many places of the slots are taken."""
        rows = await self.practice.rows("SELECT slot_id, taken FROM slot WHERE slot_id = ANY ($1)", list(slots))
        by_slot = {row["slot_id"]: row["taken"] for row in rows}
        return [by_slot[slot] for slot in slots]

    async def line(self, day: date) -> list[str]:
        """Return the ids of those in the doctor's line of a day, in order."""
        tenant = self.practice.clinic.tenant
        async with self.practice.db.tenant(tenant) as tx:
            row = await event_store.read_stream(tx, queue_stream(tenant, self.practice.doctor, day.isoformat()))
        assert row is not None
        return [str(entry) for entry in codec.decode_state(row["state"]).line]

    async def everything(self) -> Sequence[Sequence[Row]]:
        """Return all that booking and moving change, to compare before with after."""
        queries = (
            "SELECT * FROM slot ORDER BY slot_id",
            "SELECT * FROM appointment ORDER BY appointment_id",
            "SELECT * FROM queue_entry ORDER BY entry_id",
            "SELECT * FROM queue ORDER BY stream_id",
            "SELECT * FROM room_reservation ORDER BY room_id, occasion_id",
            "SELECT stream_id, version FROM stream WHERE kind IN ('queue', 'slots') ORDER BY stream_id",
        )
        return [await self.practice.rows(query) for query in queries]


def _data(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(body)
    return found
