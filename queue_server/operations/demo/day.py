"""Makes the demo's day, and keeps it going."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from queue_server.application.directory import today
from queue_server.operations.demo.book import DOCTORS, Book, Tracker
from queue_server.operations.demo.practice import Practice
from queue_server.operations.demo.seed import TENANT, StaffLogin, doctor_id, seed, seed_staff
from queue_server.settings import Settings
from queue_server.wiring import open_services
from scheduling_core.errors import DomainError
from scheduling_core.ids import DoctorId

APPLICATION = "queue-server-demo"
BOOKING_SECONDS = 15.0
log = structlog.stdlib.get_logger(__name__)


class DemoDay(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo consists of today."""

    url: str
    zone: str
    date: str
    staff: tuple[StaffLogin, ...]
    doctors: tuple[tuple[DoctorId, str], ...]
    trackers: tuple[tuple[Tracker, str], ...]
    """Each with its token."""
    slots: int
    """How many times can be booked from now on."""

    def told(self) -> dict[str, Any]:
        """Return the demo as the one line of JSON tells it."""
        return {
            "url": self.url,
            "staff": [{"role": s.role, "email": s.email, "password": s.password} for s in self.staff],
            "doctors": [{"id": str(doctor), "name": name} for doctor, name in self.doctors],
            "trackers": [
                {"token": token, "appointmentId": str(one.appointment), "doctorId": str(one.doctor)}
                for one, token in self.trackers
            ],
            "slots": self.slots,
            "date": self.date,
            "tenantId": str(TENANT),
        }


async def make_day(settings: Settings) -> DemoDay:
    """Make or complete the demo on a migrated database and return what there is of it today."""
    async with open_services(settings, application=APPLICATION) as services:
        now = datetime.now(UTC)
        book = Book(services)
        zone = await book.choose_zone(now)
        await seed(services, zone)
        staff = await seed_staff(services, settings.data_dir)
        slots = await Practice(services, zone).complete()
        await book.begin(zone, now)
        trackers = []
        for one in await book.trackers(zone, now):
            token, _ = services.links.make(
                TENANT, one.appointment, one.doctor, generation=one.links_generation, start=one.start
            )
            trackers.append((one, token))
        return DemoDay(
            url=settings.public_url,
            zone=zone,
            date=today(zone, now),
            staff=staff,
            doctors=tuple((doctor_id(doctor), doctor.name) for doctor in DOCTORS),
            trackers=tuple(trackers),
            slots=slots,
        )


async def keep_booking(settings: Settings, zone: str) -> None:
    """Book more patients as lines become short and while the coming week has few, keep a waitlist moving, and begin the
    next day when midnight has passed, until cancelled."""
    async with open_services(settings, application=APPLICATION) as services:
        book = Book(services)
        while True:
            try:
                await book.begin(zone, datetime.now(UTC))
                await book.top_up(zone, datetime.now(UTC))
                await book.fill_ahead(zone, datetime.now(UTC))
                await book.keep_waiting(zone, datetime.now(UTC))
            except DomainError as error:
                # Postgres restarts, or somebody closed a day at this moment.
                log.debug("booking_waits", code=error.code)
            await asyncio.sleep(BOOKING_SECONDS)
