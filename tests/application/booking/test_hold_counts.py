"""What operators see of holds: how many are kept, and what became of those of the last hour."""

import math
from datetime import timedelta
from uuid import UUID

import pytest

from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.holding import Holding
from queue_server.application.work_depths import WorkDepths
from queue_server.metrics import Metrics
from queue_server.store import holds as store
from queue_server.store.db import Database
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.slots.events import HolderKind
from tests.application.booking.test_holding import book, hold, somebody
from tests.application.slots.conftest import Practice
from tests.factories import at, in_days


@pytest.fixture
async def slots(practice: Practice) -> list[UUID]:
    """Two days of slots of a doctor whom patients may book."""
    await practice.regenerate(in_days(2), in_days(3))
    await practice.takes_patients()
    return [row["slot_id"] for row in await practice.slots()]


async def test_holds_are_counted_by_how_they_stand_and_ended(
    database: Database,
    practice: Practice,
    slots: list[UUID],
    holding: Holding,
    booking: SlotBooking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await store.counts(database)
    await hold(holding, somebody(practice), slots[0])
    buyer, quitter = somebody(practice), somebody(practice)
    await book(booking, buyer, slots[1], (await hold(holding, buyer, slots[1]))["holdId"])
    await hold(holding, quitter, slots[2])
    await holding.release(quitter, slots[2])
    with monkeypatch.context() as patched:
        patched.setitem(HELD_FOR, HolderKind.GUEST, timedelta(microseconds=1))
        await hold(holding, somebody(practice), slots[3])
    after = await store.counts(database)
    # Other tenants of the same database are counted too.
    grown = {state: after[state] - before.get(state, 0) for state in ("live", "booked", "given_up", "overdue")}
    assert grown == {"live": 1, "booked": 1, "given_up": 1, "overdue": 1}
    assert (await practice.slot(at(in_days(2), 9)))["held"] == 1


async def test_metrics_say_what_share_of_holds_was_booked(database: Database) -> None:
    metrics = Metrics()
    metrics.hold_counts({"live": 4, "booked": 3, "expired": 1})
    page = metrics.page().decode()
    for line in (
        'holds{state="live"} 4.0',
        'holds{state="overdue"} 0.0',
        'holds_ended_last_hour{outcome="booked"} 3.0',
        'holds_ended_last_hour{outcome="expired"} 1.0',
        'holds_ended_last_hour{outcome="slot_closed"} 0.0',
        "hold_conversion_ratio 0.75",
    ):
        assert line in page.splitlines(), line
    metrics.hold_counts({})
    assert math.isnan(metrics.hold_conversion._value.get())


async def test_whoever_scrapes_gets_the_counts_of_now(
    database: Database, practice: Practice, slots: list[UUID], holding: Holding
) -> None:
    metrics = Metrics()
    await hold(holding, somebody(practice), slots[0])
    await WorkDepths(database, metrics).refresh()
    (line,) = [one for one in metrics.page().decode().splitlines() if one.startswith('holds{state="live"}')]
    assert float(line.rpartition(" ")[2]) >= 1
