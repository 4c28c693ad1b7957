"""What becomes of a waitlist, in figures: counted as it happens, the same when it is replayed, for whom it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest

from queue_server.application.analytics.dashboard import Dashboard
from queue_server.application.analytics.waitlist import WaitlistAnalytics
from queue_server.application.answers import NONE
from queue_server.application.desk_bodies import DESK_COMMANDS
from queue_server.application.rebuild import replay
from queue_server.application.waitlist.bodies import PromoteBody, Wanted
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.errors import Forbidden, InvalidValue, NotFound, WaitlistFull
from scheduling_core.ids import ClinicId
from scheduling_core.patients import Tier
from scheduling_core.permissions import Role
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import TargetDays
from tests.application.booking.test_booking import once
from tests.application.waitlist.loop import Loop
from tests.application.waitlist.people import Waitlist
from tests.conftest import RunningServices
from tests.factories import Clinic, new_clinic
from tests.jobs.conftest import until


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


async def happened(loop: Loop) -> None:
    """Let everything happen to a list once: of five who join, one waits on, who had declined and been silent."""
    stays, accepts, by_hand, cancels, expires = [await loop.waitlist.join() for _ in range(5)]
    await loop.practice.keeps_calendar()
    slots = await loop.slots()
    for slot in slots[:3]:
        await loop.free(slot)
    await loop.offer(stays, slots[0])
    await loop.answering.decline(await loop.token(stays))
    await loop.offer(stays, slots[1], seconds=2)
    await until(partial(loop.is_over, datetime.now(UTC) + timedelta(seconds=2)))
    for job in await loop.jobs("waitlist_answer"):
        await loop.matching.answer_is_due(job)
    await loop.offer(accepts, slots[0])
    booked = msgspec.json.decode((await loop.answering.accept(await loop.token(accepts), NONE)).body)
    # The time is given back, so whoever is given it next fills a gap.
    given_back = UUID(booked["appointment"]["id"])
    body = DESK_COMMANDS["cancel"].body()
    await loop.graph.queue.run(loop.waitlist.desk, "cancel", given_back, body)
    wanted = PromoteBody(slot_id=slots[0])
    await loop.answering.promote(loop.waitlist.desk, UUID(by_hand["id"]), wanted, once("metrics"))
    await loop.offer(cancels, slots[2])
    await loop.waitlist.change(cancels, status=Wanted.CANCELLED)
    await loop.practice.rows(
        "UPDATE waitlist_entry SET expires_at = now() - interval '1 hour' WHERE waitlist_id = $1 RETURNING 1",
        UUID(expires["id"]),
    )


COUNTS = {
    "depth": 2,
    "joined": 5,
    "invited": 4,
    "accepted": 1,
    "declined": 1,
    "unanswered": 1,
    "withdrawn": 1,
    "promoted": 2,
    "promoted_by_hand": 1,
    "promoted_automatically": 0,
    "expired": 0,
    "cancelled": 1,
    "offers_per_fill": 2.0,
    "conversion_rate": 0.667,
}


async def test_a_day_is_counted_as_it_happens_and_a_replay_adds_up_to_the_same(loop: Loop, owner: Database) -> None:
    await happened(loop)
    analytics, admin, clinic = WaitlistAnalytics(loop.graph.db), loop.waitlist.admin, loop.waitlist.clinic

    found = await analytics.metrics(admin, clinic.id)
    (day,) = found.days
    assert {name: getattr(day, name) for name in COUNTS} == COUNTS
    assert {name: getattr(found.total, name) for name in COUNTS} == COUNTS
    assert day.avg_wait_minutes is not None
    # Only the second appointment filled a time that somebody had given back.
    assert found.total.avg_minutes_to_fill is not None
    (row,) = await loop.practice.rows("SELECT refilled FROM waitlist_day")
    assert row["refilled"] == 1
    assert [one.clinic_id for one in (await analytics.metrics(admin, None)).clinics] == [clinic.id]
    with pytest.raises(InvalidValue):
        await analytics.metrics(admin, None, "2026-02-02", "2026-02-01")

    async def differing(**more: Any) -> list[str]:
        report = await replay(owner, only=clinic.tenant, **more)
        return [one.detail for one in report.differences if one.model == "waitlist_day"]

    assert await differing() == []
    await loop.practice.rows("UPDATE waitlist_day SET joined = joined + 3, wait_seconds = 7 RETURNING 1")
    assert await differing(repair=True) == ["differs in joined, wait_seconds"]
    assert await differing() == []
    assert (await analytics.metrics(admin, clinic.id)).days == (day,)


async def test_waits_are_measured_by_how_long_they_should_be(waitlist: Waitlist) -> None:
    await waitlist.runs_by(target_days=TargetDays(routine=20, soon=10, urgent=2))
    gold = await waitlist.join(await waitlist.somebody(tier="gold"))
    await waitlist.waited(gold, 10)
    await waitlist.waited(await waitlist.join(urgency=Urgency.URGENT), 6)

    found = await WaitlistAnalytics(waitlist.db).fairness(waitlist.admin, waitlist.clinic.id)

    assert found.promoted.overall.waits == 0
    longest = {one.tier: one.longest for one in found.waiting.by_tier}
    assert longest == {Tier.GOLD: pytest.approx(0.5, abs=0.01), Tier.STANDARD: pytest.approx(3, abs=0.01)}
    assert found.waiting.overall.inside_target == 0.5
    assert found.waiting.overall.jain == pytest.approx((3.5**2) / (2 * (0.25 + 9)), abs=0.01)


async def test_figures_are_for_administrators_each_of_their_own_clinics(waitlist: Waitlist, database: Database) -> None:
    await waitlist.join()
    there, analytics = await new_clinic(database), WaitlistAnalytics(database)
    board = Dashboard(database, Notifications("postgresql://nobody"), lambda: False)
    reads: list[Any] = [analytics.metrics, analytics.fairness, board.now]

    for read in reads:
        with pytest.raises(NotFound):
            await read(waitlist.admin, there.id)
        with pytest.raises(Forbidden):
            await read(waitlist.desk, waitlist.clinic.id)
        limited = waitlist.clinic.actor(Role.ADMIN, clinics=(ClinicId(UUID(int=7)),))
        with pytest.raises(NotFound):
            await read(limited, waitlist.clinic.id)
    assert (await analytics.metrics(there.actor(Role.ADMIN), None)).total.joined == 0
    (tile,) = await board.now(waitlist.admin, None)
    assert (tile.clinic_id, tile.queue_depth, tile.promotions_today) == (waitlist.clinic.id, 1, 0)


async def test_a_lower_cap_throws_nobody_out_and_lets_nobody_in(waitlist: Waitlist) -> None:
    waiting = [await waitlist.join() for _ in range(3)]
    await waitlist.runs_by(max_queue_size=2)

    with pytest.raises(WaitlistFull):
        await waitlist.join()
    assert len(await waitlist.line()) == 3
    for entry in waiting[:2]:
        await waitlist.change(entry, status=Wanted.CANCELLED)
    await waitlist.join()
    assert await waitlist.counted() == 2


async def test_a_count_that_is_wrong_is_put_right(loop: Loop, clinic: Clinic) -> None:
    await loop.waitlist.join()
    await loop.practice.rows("UPDATE waitlist_load SET waiting = 40 RETURNING 1")
    await loop.practice.rows(
        "INSERT INTO job (tenant_id, kind, key, due_at) VALUES ($1, 'waitlist_expiry', 'recurring', now()) RETURNING 1",
        clinic.tenant,
    )

    (job,) = await loop.jobs("waitlist_expiry")
    await loop.matching.expire(job)

    assert await loop.waitlist.counted() == 1
