"""News of slots on their way to whoever watches: read once a burst, kept while Postgres is away, only if public."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.slots.changes import SlotChanges
from queue_server.application.slots.news import DoctorNews, SlotNews, SlotNewsKind
from queue_server.application.slots.telling import MOST_SLOTS, Told
from queue_server.application.slots.views import SlotRangeView, SlotStateView
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import Unavailable
from scheduling_core.ids import DoctorId, SlotId, TenantId
from tests.application.slots.conftest import Practice, hours
from tests.factories import in_days
from tests.own_redis import until

DAY = in_days(3)


class Silent:
    """Stands for the connection that listens: the tests say what it hears."""

    is_listening = True

    def add_slots(self, listener: object) -> None:
        """Nothing comes from here."""

    def add_directory(self, listener: object) -> None:
        """Nor of directories."""


class Counted:
    """A database that counts what is opened on it, and may be away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.opened = 0
        self.is_away = False

    def tenant(self, tenant: TenantId, **how: Any) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction."""
        self.opened += 1
        if self.is_away:
            raise Unavailable
        return self._db.tenant(tenant, **how)


class Ears:
    """Somebody who watches."""

    def __init__(self) -> None:
        self.heard: list[Told] = []
        self.gaps = 0
        self.is_deaf = False

    async def tell(self, told: Sequence[Told]) -> None:
        """Remember it."""
        if self.is_deaf:
            raise RuntimeError("deaf")
        self.heard += told

    def may_have_missed(self) -> None:
        """Remember that, too."""
        self.gaps += 1


class House:
    """A doctor with slots, and what is told of them."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.db = Counted(practice.db)
        self.changes = SlotChanges(cast(Any, self.db), cast(Any, Silent()))
        self.slots: list[UUID] = []

    @property
    def tenant(self) -> TenantId:
        """Whose they are."""
        return self.practice.clinic.tenant

    def watches(self, doctor: DoctorId | None, tenant: TenantId | None = None) -> Ears:
        """Let somebody watch."""
        ears = Ears()
        self.changes.watch((tenant or self.tenant, doctor), ears)
        return ears

    def hear(self, *slots: UUID, kind: SlotNewsKind = SlotNewsKind.BOOKED, **more: Any) -> None:
        """Let the news of a commit come."""
        news = DoctorNews([SlotNews(kind, SlotId(slot)) for slot in slots], **more)
        self.changes.on_slots_changed(self.tenant, self.practice.doctor, msgspec.json.encode(news).decode())


@pytest.fixture
async def house(practice: Practice) -> House:
    """A doctor whom patients may book, with half hours from eight to twenty on one day."""
    practice.sits(hours(8, 20))
    await practice.regenerate(DAY, DAY)
    await practice.takes_patients()
    made = House(practice)
    made.slots = [slot["slot_id"] for slot in await practice.slots()]
    return made


async def test_a_burst_is_read_once_for_all_who_watch_and_each_slot_told_once(house: House) -> None:
    own, whole = house.watches(house.practice.doctor), house.watches(None)
    first, second, *_ = house.slots
    house.hear(first, kind=SlotNewsKind.HOLD_CREATED)
    house.hear(first)
    house.hear(second)
    await until(lambda: bool(own.heard and whole.heard))
    assert house.db.opened == 1
    assert {(one.event, cast(SlotStateView, one.view).slot_id) for one in own.heard} == {
        (SlotNewsKind.BOOKED, first),
        (SlotNewsKind.BOOKED, second),
    }
    assert whole.heard == own.heard


async def test_what_nobody_watches_is_not_read(house: House) -> None:
    house.watches(DoctorId(uuid4()))
    house.hear(house.slots[0])
    stranger = house.watches(None, TenantId(uuid4()))
    house.hear(house.slots[0])
    await asyncio.sleep(0.05)
    assert (house.db.opened, stranger.heard) == (0, [])


async def test_what_happens_while_postgres_is_away_is_told_when_it_is_back(house: House) -> None:
    ears = house.watches(house.practice.doctor)
    house.db.is_away = True
    house.hear(house.slots[0], kind=SlotNewsKind.HOLD_CREATED)
    house.hear(house.slots[1])
    await until(lambda: house.db.opened > 0)
    house.hear(house.slots[0])
    house.db.is_away = False
    await until(lambda: bool(ears.heard))
    assert {one.event for one in ears.heard} == {SlotNewsKind.BOOKED}
    assert len(ears.heard) == 2


async def test_many_slots_at_once_are_told_by_their_dates(house: House) -> None:
    ears = house.watches(house.practice.doctor)
    house.hear(*house.slots[: MOST_SLOTS + 1])
    await until(lambda: bool(ears.heard))
    (one,) = ears.heard
    assert isinstance(one.view, SlotRangeView)
    assert (one.view.from_, one.view.to) == (DAY.isoformat(), DAY.isoformat())
    house.hear(between=(DAY, DAY + timedelta(days=2)))
    await until(lambda: len(ears.heard) == 2)
    assert (ears.heard[1].first, ears.heard[1].last) == (DAY, DAY + timedelta(days=2))


async def test_of_a_doctor_whom_patients_may_not_book_nothing_is_told(house: House) -> None:
    ears = house.watches(house.practice.doctor)
    async with house.practice.db.tenant(house.tenant) as tx:
        await tx.run("UPDATE doctor_bookability SET can_patient_book = false")
    house.hear(house.slots[0])
    house.hear(between=(DAY, DAY))
    await until(lambda: house.db.opened > 0)
    await asyncio.sleep(0.05)
    assert ears.heard == []


async def test_of_a_clinic_that_is_not_open_nothing_is_told(house: House) -> None:
    ears = house.watches(house.practice.doctor)
    async with house.practice.db.tenant(house.tenant) as tx:
        await tx.run("UPDATE clinic SET active = false")
    house.hear(house.slots[0])
    await until(lambda: house.db.opened > 0)
    await asyncio.sleep(0.05)
    assert ears.heard == []


async def test_news_that_cannot_be_read_make_watchers_look_again(house: House) -> None:
    ears = house.watches(house.practice.doctor)
    house.changes.on_slots_changed(house.tenant, house.practice.doctor, '["of a later release"]')
    await until(lambda: bool(ears.heard))
    assert isinstance(ears.heard[0].view, SlotRangeView)


async def test_one_watchers_fault_is_not_the_others(house: House) -> None:
    deaf, ears = house.watches(house.practice.doctor), house.watches(house.practice.doctor)
    deaf.is_deaf = True
    house.hear(house.slots[0])
    await until(lambda: bool(ears.heard))


async def test_what_there_is_is_read_once_for_many_and_anew_after_anything_has_happened(house: House) -> None:
    watched = (house.tenant, house.practice.doctor)
    house.watches(house.practice.doctor)
    found = await asyncio.gather(*(house.changes.current(watched, DAY, DAY) for _ in range(20)))
    assert house.changes.reads == 1
    assert len(found[0].slots) == 24
    await house.changes.current(watched, DAY, DAY)
    assert house.changes.reads == 1
    house.hear(house.slots[0])
    await house.changes.current(watched, DAY, DAY)
    assert house.changes.reads == 2
    house.changes.on_gap()
    await house.changes.current(watched, DAY, DAY)
    assert house.changes.reads == 3


async def test_a_gap_is_told_to_everybody_at_once(house: House) -> None:
    own, whole = house.watches(house.practice.doctor), house.watches(None)
    house.changes.on_gap()
    assert (own.gaps, whole.gaps) == (1, 1)


async def test_whoever_watches_no_longer_hears_nothing(house: House) -> None:
    stays, goes = house.watches(house.practice.doctor), house.watches(house.practice.doctor)
    house.changes.unwatch((house.tenant, house.practice.doctor), goes)
    house.hear(house.slots[0])
    await until(lambda: bool(stays.heard))
    assert goes.heard == []
