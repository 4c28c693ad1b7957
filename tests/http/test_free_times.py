"""Free times over HTTP beside the search: the strip of a month, one slot, and what has happened since."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling_core.permissions import Role
from tests.factories import in_days
from tests.http.answers import problem
from tests.http.test_slots import PATIENT, bookable
from tests.http.world import World, add_slots
from tests.own_redis import until


@pytest.fixture
async def shop(world: World) -> World:
    """A clinic whose first doctor patients may book."""
    await bookable(world)
    return world


async def get(world: World, path: str, *, headers: Any = None, **query: Any) -> httpx.Response:
    """Ask as a stranger."""
    asked = {"tenantId": str(world.clinic.tenant)} | {key: str(value) for key, value in query.items()}
    return await world.client.get(f"/api/slots/{path}", params=asked, headers=headers)


async def free(world: World, **query: Any) -> dict[str, int]:
    """Return how many times can be booked on each day that has any."""
    answer = await get(world, "days", **query)
    assert answer.status_code == 200, answer.text
    return {day["date"]: day["free"] for day in answer.json()["data"] if day["free"]}


async def hold(world: World, slot: UUID, mode: str = "in_person") -> None:
    answer = await world.send("POST", f"/api/slots/{slot}/hold", {"mode": mode})
    assert answer.status_code == 200, answer.text


async def release(world: World, slot: UUID) -> None:
    answer = await world.send("DELETE", f"/api/slots/{slot}/hold")
    assert answer.status_code == 204, answer.text


async def changes(world: World, since: str | None = None, wait: int = 0) -> dict[str, Any]:
    query = {"doctorId": world.doctor, "wait": wait} | ({"since": since} if since is not None else {})
    answer = await get(world, "changes", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


# ---- the strip of a month -------------------------------------------------------------------------------------------


async def test_each_day_says_how_many_times_can_be_booked(shop: World) -> None:
    await add_slots(shop, days_ahead=3)
    answer = await get(shop, "days", doctorId=shop.doctor, **{"from": in_days(0), "to": in_days(4)})
    assert [(day["date"], day["free"], day["more"]) for day in answer.json()["data"]] == [
        (in_days(number).isoformat(), count, False) for number, count in enumerate((0, 6, 0, 6, 0))
    ]


async def test_without_dates_six_weeks_come(shop: World) -> None:
    days = (await get(shop, "days", doctorId=shop.doctor)).json()["data"]
    assert (len(days), days[0]["date"], days[-1]["date"]) == (42, in_days(0).isoformat(), in_days(41).isoformat())


async def test_what_is_held_booked_or_blocked_is_not_counted(shop: World) -> None:
    slots, day = await add_slots(shop, days_ahead=1), in_days(1).isoformat()
    await hold(shop, slots[0])
    assert await free(shop, doctorId=shop.doctor) == {day: 5}
    assert await free(shop, doctorId=shop.doctor, mode="in_person") == {day: 5}
    blocked = await shop.send("POST", f"/api/slots/{slots[1]}/block", {})
    assert blocked.status_code == 200, blocked.text
    assert await free(shop, doctorId=shop.doctor) == {day: 4}
    await release(shop, slots[0])
    assert await free(shop, doctorId=shop.doctor) == {day: 5}


async def test_a_hold_that_is_over_leaves_the_time_free(shop: World) -> None:
    slot = shop.ids["slotId"]
    await hold(shop, slot)
    async with shop.graph.db.tenant(shop.clinic.tenant) as tx:
        await tx.run("UPDATE slot SET held_until = now() - interval '1 second' WHERE slot_id = $1", slot)
    assert await free(shop, doctorId=shop.doctor) == {in_days(1).isoformat(): 6}


async def test_filters_choose_whose_times_are_counted(shop: World) -> None:
    day = in_days(1).isoformat()
    assert await free(shop) == {day: 6}
    assert await free(shop, mode="tele") == {day: 6}
    assert await free(shop, clinicId=shop.clinic.id) == {}  # the profile names no clinic
    assert await free(shop, specialty="cardiology") == {}
    assert await free(shop, doctorId=shop.clinic.doctors[1]) == {}


async def test_what_begins_within_the_lead_time_is_not_counted(shop: World) -> None:
    path = f"/api/tenants/{shop.clinic.tenant}/slot-policy"
    body = {"horizonDays": 90, "leadMinutes": 3 * 24 * 60}
    assert (await shop.send("PUT", path, body, role=Role.ADMIN)).status_code == 200
    assert await free(shop, doctorId=shop.doctor) == {}
    seen = (await get(shop, str(shop.ids["slotId"]))).json()["data"]
    assert (seen["status"], seen["remaining"]) == ("past", {"inPerson": 0, "tele": 0})


async def test_on_a_day_on_which_the_clinic_takes_nobody_more_nothing_is_offered(shop: World) -> None:
    await add_slots(shop, days_ahead=2)
    async with shop.graph.db.tenant(shop.clinic.tenant) as tx:
        await tx.run("""UPDATE clinic SET capacity = '{"per_day": 1}'""")
    slot, headers = shop.ids["slotId"], {"Idempotency-Key": uuid4().hex}
    suggested = f"/api/appointments/queue/suggest-slots/{shop.doctor}?date={in_days(1)}"
    for booked in (False, True):
        if booked:
            answer = await shop.send("POST", f"/api/slots/{slot}/book", PATIENT, headers=headers)
            assert answer.status_code == 200, answer.text
        offered = {in_days(2).isoformat()} if booked else {day.isoformat() for day in (in_days(1), in_days(2))}
        assert set(await free(shop, doctorId=shop.doctor)) == offered
        found = (await get(shop, "availability", doctorId=shop.doctor, limit=50)).json()["data"]
        assert {one["date"] for one in found} == offered
        assert bool((await shop.send("GET", suggested)).json()["data"]["suggestions"]) is not booked


async def test_who_asks_again_is_sent_days_and_searches_only_when_they_are_others(shop: World) -> None:
    for path in ("days", "availability"):
        first = await get(shop, path, doctorId=shop.doctor)
        tag = {"If-None-Match": first.headers["ETag"]}
        again = await get(shop, path, doctorId=shop.doctor, headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        await hold(shop, shop.ids["slotId"])
        assert (await get(shop, path, doctorId=shop.doctor, headers=tag)).status_code == 200
        await release(shop, shop.ids["slotId"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-02-30"}, "from"),
        ({"from": "2030-01-02", "to": "2030-01-01"}, "to"),
        ({"from": "2030-01-01", "to": "2030-03-04"}, "to"),
        ({"mode": "pigeon"}, "mode"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_senseless_days_are_refused_at_their_field(shop: World, query: dict[str, object], field: str) -> None:
    answer = await get(shop, "days", **query)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field


async def test_days_far_away_are_empty(shop: World) -> None:
    days = (await get(shop, "days", **{"from": "2190-01-01", "to": "2190-01-03"})).json()["data"]
    assert [day["free"] for day in days] == [0, 0, 0]


# ---- one slot -------------------------------------------------------------------------------------------------------


async def test_the_public_sees_one_slot_whatever_its_state(shop: World) -> None:
    slot = shop.ids["slotId"]
    seen = await get(shop, str(slot))
    assert seen.json()["data"]["status"] == "free"
    tag = {"If-None-Match": seen.headers["ETag"]}
    assert (await get(shop, str(slot), headers=tag)).status_code == 304
    await hold(shop, slot)
    held = await get(shop, str(slot), headers=tag)
    assert (held.status_code, held.json()["data"]["status"]) == (200, "held")
    assert "holder" not in held.text.lower()


async def test_a_slot_of_a_doctor_whom_patients_may_not_book_is_seen_by_staff_only(
    world: World, neighbour: World
) -> None:
    slot = world.ids["slotId"]
    assert (await get(world, str(slot))).status_code == 404
    assert (await world.send("GET", f"/api/slots/{slot}")).status_code == 200
    assert (await neighbour.send("GET", f"/api/slots/{slot}")).status_code == 404
    assert (await get(neighbour, str(slot))).status_code == 404
    assert (await get(world, str(uuid4()))).status_code == 404
    nobody = await world.client.get(f"/api/slots/{slot}")
    assert problem(nobody)["errors"][0]["field"] == "tenantId"


async def test_a_slot_of_a_clinic_that_is_closed_is_seen_by_staff_only(shop: World) -> None:
    slot = shop.ids["slotId"]
    async with shop.graph.db.tenant(shop.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET active = false")
    assert (await get(shop, str(slot))).status_code == 404
    assert (await shop.send("GET", f"/api/slots/{slot}")).status_code == 200


# ---- what has happened since ----------------------------------------------------------------------------------------


async def test_changes_come_once_behind_the_cursor_each_slot_as_it_is_now(shop: World) -> None:
    slot = shop.ids["slotId"]
    begin = await changes(shop)
    assert (begin["changes"], begin["lookAgain"]) == ([], False)
    assert await changes(shop, begin["cursor"]) == begin
    await hold(shop, slot)
    told = await changes(shop, begin["cursor"])
    (change,) = told["changes"]
    assert (change["event"], change["slotId"], change["status"]) == ("hold_created", str(slot), "held")
    assert datetime.fromisoformat(change["expiresAt"]) > datetime.now(UTC) + timedelta(minutes=20)
    await release(shop, slot)
    last = await changes(shop, told["cursor"])
    assert [(one["event"], one["status"]) for one in last["changes"]] == [("hold_released", "free")]
    assert len((await changes(shop, begin["cursor"]))["changes"]) == 1
    assert (await changes(shop, last["cursor"]))["changes"] == []


async def test_whoever_waits_is_answered_as_soon_as_something_happens(shop: World) -> None:
    begin = await changes(shop)
    waits = asyncio.create_task(changes(shop, begin["cursor"], wait=20))
    server: Any = shop.client.server  # type: ignore[attr-defined]
    await until(lambda: server.http.state.services.catching_up.is_awaited)
    await hold(shop, shop.ids["slotId"])
    async with asyncio.timeout(60):
        told = await waits
    assert [one["event"] for one in told["changes"]] == ["hold_created"]


async def test_more_than_can_be_told_one_by_one_is_to_be_looked_at_again(shop: World) -> None:
    begin = await changes(shop)
    await add_slots(shop, days_ahead=4)
    again = await changes(shop, begin["cursor"])
    assert (again["lookAgain"], again["changes"]) == (True, [])
    assert (await changes(shop, "1.999999999"))["lookAgain"]
    await hold(shop, shop.ids["slotId"])
    assert (await changes(shop, again["cursor"]))["lookAgain"] is False
    epoch, _, version = again["cursor"].partition(".")
    restored = await changes(shop, f"{int(epoch) + 1}.{version}")
    assert (restored["lookAgain"], restored["changes"]) == (True, [])


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", "-1.2", "1.2.3", "²." + "1", "9" * 39])
async def test_a_cursor_that_is_none_is_refused(shop: World, cursor: str) -> None:
    answer = await get(shop, "changes", doctorId=shop.doctor, since=cursor)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == "since"


async def test_changes_of_a_doctor_whom_the_public_does_not_know_are_not_told(world: World, neighbour: World) -> None:
    assert (await get(world, "changes", doctorId=world.doctor)).status_code == 404
    await bookable(world)
    assert (await get(world, "changes", doctorId=world.doctor)).status_code == 200
    assert (await get(neighbour, "changes", doctorId=world.doctor)).status_code == 404


# ---- which window suits ---------------------------------------------------------------------------------------------


async def test_suggested_windows_have_free_slots_and_say_why_they_suit(shop: World) -> None:
    async def suggested() -> dict[str, Any]:
        path = f"/api/appointments/queue/suggest-slots/{shop.doctor}"
        answer = await shop.client.get(path, params={"date": in_days(1).isoformat(), "preferredHour": "10"})
        assert answer.status_code == 200, answer.text
        return {one["timeSlot"]: one for one in answer.json()["data"]["suggestions"]}

    found = await suggested()
    assert list(found) == ["10:00–11:00", "09:00–10:00", "11:00–12:00"]
    best = found["10:00–11:00"]
    assert (best["freeSlots"], best["overlaps"], best["estimatedWaitRange"]) == (2, 0, {"p50": 0, "p90": 0})
    assert best["priorityScore"] == sum(one["points"] for one in best["points"]) == 100
    assert best["reasons"] == [one["reason"] for one in best["points"] if one["reason"]]
    slots = await add_slots(shop, days_ahead=1)
    await hold(shop, slots[2])
    await hold(shop, slots[4])
    await hold(shop, slots[5])
    held = await suggested()
    assert set(held) == {"10:00–11:00", "09:00–10:00"}
    assert held["10:00–11:00"]["freeSlots"] == 1
    assert held["10:00–11:00"]["priorityScore"] < 100
