"""The days of clinics: public holidays, closed and opened dates, and the slots that follow from them."""

from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.admin_bodies import CapacityBody, ClinicChange, HolidaysBody, NewClinic
from queue_server.application.answers import Precondition
from queue_server.application.resources.bodies import ClinicDaysBody, ClosedDayBody
from queue_server.application.resources.clinic_days import clinic_days
from queue_server.application.resources.models import CLINIC
from queue_server.application.resources.views import ClinicDaysView
from scheduling_core.errors import DomainError, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.application.resources.house import House, decoded
from tests.factories import new_clinic

FIRST, LAST = date(2026, 12, 20), date(2027, 1, 7)


def body(closed: dict[date, str] | None = None, *opened: date) -> ClinicDaysBody:
    days = tuple(ClosedDayBody(date=day, name=name) for day, name in (closed or {}).items())
    return ClinicDaysBody(closed=days, open=opened)


async def closed_dates(house: House, clinic: ClinicId | None = None) -> dict[date, str]:
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        found = await clinic_days(tx, [clinic or house.clinic.id], FIRST, LAST)
    assert {day.clinic for day in found} <= {clinic or house.clinic.id}
    return {day.date: day.name for day in found}


async def jobs(house: House) -> list[dict[str, Any]]:
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        rows = await tx.rows("SELECT payload FROM job WHERE kind = 'generate_slots' ORDER BY created_at, key")
    return [msgspec.json.decode(row["payload"]) for row in rows]


async def test_holidays_are_those_of_country_and_region(house: House, world: AccessGraph) -> None:
    assert await closed_dates(house) == {}
    bavaria = HolidaysBody(country="DE", region="BY")
    shown = await world.clinics.update(house.admin, house.clinic.id, ClinicChange(holidays=bavaria))
    assert shown.holidays is not None
    assert (shown.holidays.country, shown.holidays.region) == ("DE", "BY")
    assert await closed_dates(house) == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Second Day of Christmas",
        date(2027, 1, 1): "New Year's Day",
        date(2027, 1, 6): "Epiphany",
    }
    await world.clinics.update(house.admin, house.clinic.id, ClinicChange(holidays=HolidaysBody(country="DE")))
    assert date(2027, 1, 6) not in await closed_dates(house)
    await world.clinics.update(house.admin, house.clinic.id, ClinicChange(holidays=None))
    assert await closed_dates(house) == {}


async def test_a_clinic_opens_holidays_and_closes_days_of_its_own(house: House, world: AccessGraph) -> None:
    change = ClinicChange(holidays=HolidaysBody(country="DE"))
    await world.clinics.update(house.admin, house.clinic.id, change)
    wanted = body({date(2026, 12, 24): "Staff party", date(2027, 1, 1): "We sleep"}, date(2026, 12, 26))
    set_to = decoded(await house.days.set_days(house.admin, house.clinic.id, wanted), ClinicDaysView)
    assert await house.days.days(house.admin, house.clinic.id) == set_to
    assert await closed_dates(house) == {
        date(2026, 12, 24): "Staff party",
        date(2026, 12, 25): "Christmas Day",
        date(2027, 1, 1): "We sleep",
    }
    holidays = {day.date: day.open for day in await house.days.holidays(house.admin, house.clinic.id, 2026)}
    assert (holidays[date(2026, 12, 25)], holidays[date(2026, 12, 26)]) == (False, True)
    assert len(await house.days.holidays(house.admin, house.clinic.id)) == 9
    await house.check_replays(CLINIC, house.clinic.id)


async def test_days_of_many_clinics_are_told_apart(house: House, world: AccessGraph) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    await house.days.set_days(house.admin, house.clinic.id, body({date(2026, 12, 24): "Here"}))
    await house.days.set_days(house.admin, sibling.id, body({date(2026, 12, 24): "There"}))
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        found = await clinic_days(tx, [house.clinic.id, sibling.id], FIRST, LAST)
        assert await clinic_days(tx, [], FIRST, LAST) == ()
    assert {(day.clinic, day.name) for day in found} == {(house.clinic.id, "Here"), (sibling.id, "There")}


async def test_the_same_days_again_change_nothing(house: House) -> None:
    wanted = body({date(2026, 12, 24): "Party"}, date(2026, 12, 26))
    first = await house.days.set_days(house.admin, house.clinic.id, wanted)
    texts = "SELECT count(*) FROM free_text"
    said = await house.scalar(texts)
    assert await house.days.set_days(house.admin, house.clinic.id, wanted) == first
    assert await house.scalar(texts) == said
    with pytest.raises(StaleVersion):
        await house.days.set_days(house.admin, house.clinic.id, body(), Precondition(if_match=1))


@pytest.mark.parametrize(
    ("change", "asks"),
    [
        (ClinicChange(timezone="Europe/Berlin"), True),
        (ClinicChange(holidays=HolidaysBody(country="DE")), True),
        (ClinicChange(name="Renamed"), False),
        (ClinicChange(capacity=CapacityBody(per_day=9)), False),
        (ClinicChange(timezone="UTC", holidays=None), False),
    ],
)
async def test_every_doctors_slots_follow_what_decides_about_them(
    house: House, world: AccessGraph, change: ClinicChange, asks: bool
) -> None:
    await world.clinics.update(house.admin, house.clinic.id, change)
    asked = {job["doctorId"] for job in await jobs(house)}
    assert asked == ({str(doctor) for doctor in house.clinic.doctors} if asks else set())


async def test_each_change_of_days_asks_anew(house: House) -> None:
    for count in (1, 2):
        await house.days.set_days(house.admin, house.clinic.id, body({date(2026, 12, 23 + count): "Party"}))
        assert len(await jobs(house)) == 2 * count
    await house.days.set_days(house.admin, house.clinic.id, body({date(2026, 12, 25): "Party"}))
    assert len(await jobs(house)) == 4


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (HolidaysBody(country="QQ"), "holidays.country"),
        (HolidaysBody(country="DE", region="XX"), "holidays.region"),
        (HolidaysBody(country="DE", region="by"), "holidays.region"),
    ],
)
async def test_unknown_calendars_are_refused_by_field(
    house: House, world: AccessGraph, given: HolidaysBody, field: str
) -> None:
    for attempt in (
        world.clinics.update(house.admin, house.clinic.id, ClinicChange(holidays=given)),
        world.clinics.create(house.admin, NewClinic(slug="x", name="X", timezone="UTC", holidays=given)),
    ):
        with pytest.raises(InvalidValue) as refused:
            await attempt
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (body({date(1800, 1, 1): "Old"}), "closed[0].date"),
        (body({date(2026, 1, 1): "a\nb"}), "closed[0].name"),
        (body({}, date(9999, 1, 1)), "open[0]"),
        (body({date(2026, 1, 1): "New"}, date(2026, 1, 1)), "open"),
        (ClinicDaysBody(closed=(ClosedDayBody(date=FIRST, name="A"),) * 2), "closed[1].date"),
    ],
)
async def test_days_that_make_no_sense_are_refused_by_field(house: House, wanted: ClinicDaysBody, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        await house.days.set_days(house.admin, house.clinic.id, wanted)
    assert refused.value.field == field


async def test_scope_tenant_and_role_are_minded(house: House) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    stranger = await new_clinic(house.graph.db)
    scoped = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    cases: list[tuple[Any, Any, type[DomainError]]] = [
        (scoped, sibling.id, NotFound),
        (house.admin, stranger.id, NotFound),
        (house.admin, uuid4(), NotFound),
        (house.clinic.receptionist, house.clinic.id, Forbidden),
    ]
    for actor, clinic, refusal in cases:
        with pytest.raises(refusal):
            await house.days.set_days(actor, clinic, body())
        if refusal is NotFound:
            with pytest.raises(refusal):
                await house.days.days(actor, clinic)
            with pytest.raises(refusal):
                await house.days.holidays(actor, clinic, 2026)
    assert (await house.days.days(house.clinic.receptionist, house.clinic.id)).closed == ()


async def test_a_clinics_whole_history_replays(house: House, world: AccessGraph) -> None:
    made = await world.clinics.create(
        house.admin, NewClinic(slug="quay", name="Quay", timezone="UTC", address="1 Quay")
    )
    await world.clinics.update(house.admin, made.id, ClinicChange(address="", capacity=CapacityBody(per_day=80)))
    await house.days.set_days(house.admin, made.id, body({date(2026, 12, 24): "Party"}, date(2026, 12, 26)))
    await house.check_replays(CLINIC, made.id)
    await world.clinics.delete(house.admin, made.id)
    await house.check_replays(CLINIC, made.id)
