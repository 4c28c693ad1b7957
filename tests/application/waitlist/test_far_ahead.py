"""A time is offered however many free ones lie before it, which nobody waits for."""

import pytest

from queue_server.application.waitlist import matching
from queue_server.application.waitlist.bodies import WindowBody
from tests.application.waitlist.loop import Loop


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_SLOTS", 2)


async def late(loop: Loop, place: int) -> WindowBody:
    """Return a window that begins with the slot at that place."""
    return WindowBody(start=(await loop.practice.slots())[place]["start"])


async def test_a_time_far_ahead_is_found_behind_more_free_ones_than_are_looked_at(loop: Loop) -> None:
    entry = await loop.waitlist.join(requested_window=await late(loop, 4))
    slots = await loop.slots()
    for slot in slots:
        await loop.free(slot)
    await loop.match()
    assert {who: row["slot_id"] for who, row in (await loop.invited()).items()} == {entry["id"]: slots[4]}


async def test_who_would_come_at_any_time_does_not_keep_it_from_being_found(loop: Loop) -> None:
    anytime = await loop.waitlist.join()
    entry = await loop.waitlist.join(requested_window=await late(loop, 4))
    slots = await loop.slots()
    for slot in slots:
        await loop.free(slot)
    await loop.match()
    # The first run asks who would come at any time, and leaves a job for what lies behind.
    await loop.match()
    assert {who: row["slot_id"] for who, row in (await loop.invited()).items()} == {
        anytime["id"]: slots[0],
        entry["id"]: slots[4],
    }
