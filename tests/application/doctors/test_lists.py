"""Lists of doctors: their order, their pages, what they can be narrowed to."""

from uuid import uuid4

import msgspec
import pytest

from queue_server.application.doctors import bodies
from queue_server.application.doctors.reading import words_of
from queue_server.store.doctors import Filters
from scheduling_core.errors import InvalidValue
from tests.application.doctors.house import WHOLE, House
from tests.factories import new_clinic

NAMES = ("Dr Zoë Ångström", "Dr Asha Rao", "Prof. Tomás Díaz", "Dr Rao Asante", "Dr asha rao")


@pytest.fixture
async def five(house: House) -> House:
    """A tenant with five doctors, none of them adopted."""
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM doctor")
    for name in NAMES:
        await house.create(msgspec.structs.replace(WHOLE, name=name, clinic_ids=(house.clinic.id,)))
    return house


async def named(house: House, wanted: Filters) -> list[str]:
    """Return the names a list shows."""
    return [item.name for item in (await house.reading.list(house.admin, wanted)).items]


async def test_pages_follow_each_other_in_the_order_of_names(five: House) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(5):
        page = await five.reading.list(five.admin, Filters(), limit=2, cursor=cursor)
        seen += [item.name for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["Dr Asha Rao", "Dr asha rao", "Dr Rao Asante", "Dr Zoë Ångström", "Prof. Tomás Díaz"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("rao", 3),
        ("ASHA r", 2),
        ("as", 3),
        ("angstrom", 1),
        ("tomás", 1),
        ("o", 0),
        ("%", 0),
        ("", 5),
    ],
)
async def test_names_are_found_by_the_beginnings_of_their_words(five: House, typed: str, found: int) -> None:
    assert len(await named(five, Filters(words=words_of(typed)))) == found


async def test_lists_are_narrowed(five: House) -> None:
    other = await new_clinic(five.db, doctors=0, tenant=five.clinic.tenant)
    department = await five.add_department()
    made = await five.create(
        bodies.DraftDoctor(
            name="Dr Mei Chen",
            specialties=("oncology",),
            languages=("zh",),
            modes=("tele",),  # type: ignore[arg-type]
            clinic_ids=(other.id,),
            department_ids=(department,),
        )
    )
    for wanted in (
        Filters(specialty="oncology"),
        Filters(language="zh"),
        Filters(mode="tele"),
        Filters(clinic=other.id),
        Filters(department=department),
        Filters(words=("chen",), status="draft"),
    ):
        assert await named(five, wanted) == [made.name]
    assert await named(five, Filters(specialty="oncology", language="en")) == []
    assert await named(five, Filters(clinic=uuid4())) == []
    assert await named(five, Filters(status="active")) == []


async def test_a_page_has_a_size_that_makes_sense(five: House) -> None:
    for limit in (0, 201):
        with pytest.raises(InvalidValue) as refused:
            await five.reading.list(five.admin, Filters(), limit=limit)
        assert refused.value.field == "limit"
    with pytest.raises(InvalidValue):
        await five.reading.list(five.admin, Filters(), cursor="!")
