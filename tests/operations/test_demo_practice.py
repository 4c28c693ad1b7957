"""What the demo's doctors work with: bookable at once, with schedules, rooms, leave and ninety days of slots."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from queue_server.application.directory import today
from queue_server.application.resources.public_holidays import check_calendar, holidays_of
from queue_server.application.schedules.bodies import LeaveFilter
from queue_server.operations.demo import cast
from queue_server.operations.demo.book import DOCTORS, forenoon_zone
from queue_server.operations.demo.practice import Practice
from queue_server.operations.demo.seed import TENANT, clinic_id, doctor_id, seed, seed_staff, staff_actor
from queue_server.settings import Settings
from queue_server.store import accounts
from queue_server.store.doctors import Filters
from queue_server.wiring import Services, open_services
from scheduling_core.calendar.sources import LeaveStatus
from scheduling_core.permissions import Role
from scheduling_core.resources.clinics import HolidayCalendar
from tests.operations.test_demo_book import TABLES


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """The application without a demo in it."""
    async with open_services(settings) as opened:
        async with opened.db.tenant(TENANT) as tx:
            for table in (*TABLES[:-2], "refresh_token", "account", *TABLES[-2:]):
                await tx.run(f"DELETE FROM {table}")
        yield opened


@pytest.mark.parametrize("zone", cast.ZONES)
def test_there_are_holidays_wherever_the_demo_plays(zone: str) -> None:
    country, region = cast.HOLIDAYS[zone]
    calendar = check_calendar(HolidayCalendar(country=country, region=region))
    assert len(holidays_of(calendar, 2026)) >= 6


async def test_every_doctor_can_be_booked_for_ninety_days(services: Services, settings: Settings) -> None:
    zone = forenoon_zone(datetime.now(UTC))
    await seed(services, zone)
    await seed_staff(services, settings.data_dir)
    slots = await Practice(services, zone).complete()
    assert slots > 500 * len(DOCTORS)
    admin = staff_actor(Role.ADMIN)
    async with services.db.tenant(TENANT) as tx:
        assert admin.account is not None
        assert await accounts.account(tx, admin.account) is not None, "the demo acts as accounts that there are"
    for doctor in DOCTORS:
        judged = await services.doctor_reading.bookability(admin, doctor_id(doctor))
        assert judged.is_bookable, [check for check in judged.checks if not check.ok]
    first = date.fromisoformat(today(zone))
    near, far = (first + timedelta(days=days) for days in (80, 88))
    found = await services.availability.of_doctor(admin, doctor_id(DOCTORS[0]), near.isoformat(), far.isoformat())
    ahead = found.items
    assert len(ahead) > 50, "as far as ninety days"
    rooms = (await services.rooms.list(admin, clinic=clinic_id(cast.CLINICS[0]))).items
    assert {slot.room_id for slot in ahead} <= {room.id for room in rooms}

    (newcomer,) = (await services.doctor_reading.list(admin, Filters(status="pending_verification"))).items
    assert (newcomer.name, newcomer.onboarding_progress) == (cast.NEWCOMER.name, 20)

    leave = (await services.leave.list(admin, LeaveFilter())).items
    assert {one.status for one in leave} == {LeaveStatus.REQUESTED, LeaveStatus.APPROVED, LeaveStatus.REJECTED}
    waiting = [one for one in leave if one.status is LeaveStatus.REQUESTED]
    hit = [(await services.leave.impact(admin, one.id)).items for one in waiting]
    assert any(hit), "somebody is booked inside of it"

    assert await Practice(services, zone).complete() <= slots, "what is there already stays"
    assert len((await services.leave.list(admin, LeaveFilter())).items) == len(leave)
    assert len((await services.doctor_reading.list(admin, Filters())).items) == len(DOCTORS) + 1
    assert len((await services.rooms.list(admin, limit=200)).items) == len(DOCTORS) + 1
