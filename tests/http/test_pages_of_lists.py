"""Lists around schedules go on until their end: each thing once, none left out, whatever is made of limit and Link."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World, add_slots

TODAY = datetime.now(UTC).date()
NEXT = re.compile(r'<([^>]+)>; rel="next"')


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def schedules(world: World) -> str:
    """Three that begin on the same day, one that was ended, and one that begins later."""
    doctor = world.clinic.doctors[1]
    path = f"/api/doctors/{doctor}/schedules"
    for number, first in enumerate((2, 2, 2, 2, 9)):
        sitting = {"weekday": 1, "start": f"{8 + number:02}:00", "end": f"{9 + number:02}:00", "slotMinutes": 30}
        body = {"clinicId": str(world.clinic.id), "effectiveFrom": day(first), "sittings": [sitting]}
        made = await world.send("POST", path, body, role=Role.ADMIN)
        assert made.status_code == 201, made.text
    found = (await world.send("GET", path, role=Role.ADMIN)).json()["data"]
    await world.send("DELETE", f"/api/schedules/{found[1]['id']}", role=Role.ADMIN)
    return path


async def _room(world: World) -> str:
    body = {"clinicId": str(world.clinic.id), "name": f"Room {uuid4().hex[:6]}", "type": "consultation"}
    return str((await world.send("POST", "/api/rooms", body, role=Role.ADMIN)).json()["data"]["id"])


async def rooms(world: World) -> str:
    """A room that was two doctors' by turns."""
    path = f"/api/rooms/{await _room(world)}/assignments"
    for number in range(5):
        span = {"from": day(10 * number + 1), "until": day(10 * number + 5)}
        body = {"doctorId": str(world.clinic.doctors[number % 2])} | span
        made = await world.send("POST", path, body, role=Role.ADMIN)
        assert made.status_code == 200, made.text
    return path


async def equipment(world: World) -> str:
    """A device that was moved about."""
    body = {"clinicId": str(world.clinic.id), "name": "Ultrasound", "type": "ultrasound"}
    made = await world.send("POST", "/api/equipment", body, role=Role.ADMIN)
    path = f"/api/equipment/{made.json()['data']['id']}/assignments"
    for room in [await _room(world) for _ in range(5)]:
        moved = await world.send("POST", path, {"roomId": room}, role=Role.ADMIN)
        assert moved.status_code == 200, moved.text
    return path


async def slots(world: World) -> str:
    """A day's slots."""
    await add_slots(world, days_ahead=20)
    return f"/api/doctors/{world.doctor}/slots?from={day(20)}&to={day(21)}"


async def impact(world: World) -> str:
    """Leave that hits five patients."""
    for slot in (await add_slots(world, days_ahead=20))[:5]:
        booked = await world.send(
            "POST", f"/api/slots/{slot}/book", {"patient": {"name": "Mei Chen"}}, headers={"Idempotency-Key": str(slot)}
        )
        assert booked.status_code in (200, 201), booked.text
    wanted = {"type": "annual", "first": day(20), "last": day(20), "doctorId": str(world.doctor)}
    leave = (await world.send("POST", "/api/leave-requests", wanted, role=Role.RECEPTIONIST)).json()["data"]
    return f"/api/leave-requests/{leave['id']}/impact"


async def conflicts(world: World) -> str:
    """The same leave, approved."""
    path = (await impact(world)).removesuffix("/impact")
    approved = await world.send("POST", f"{path}/approve", {}, role=Role.ADMIN)
    assert approved.status_code == 200, approved.text
    return "/api/slot-conflicts"


async def leave(world: World) -> str:
    """Five requests."""
    for number in range(5):
        wanted = {"type": "annual", "first": day(20 + number), "last": day(20 + number), "doctorId": str(world.doctor)}
        assert (await world.send("POST", "/api/leave-requests", wanted)).status_code == 201
    return "/api/leave-requests"


def key(one: dict[str, Any]) -> str:
    return str(one.get("id") or one["appointmentId"])


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("list_of", [schedules, rooms, equipment, slots, impact, conflicts, leave])
async def test_a_list_is_walked_to_its_end_without_gap_or_double(
    world: World, list_of: Callable[[World], Awaitable[str]], limit: int
) -> None:
    path = await list_of(world)
    whole = await world.send("GET", path, role=Role.ADMIN)
    assert "link" not in whole.headers
    found, following = list[str](), f"{path}{'&' if '?' in path else '?'}limit={limit}"
    for _ in range(7):
        page = await world.send("GET", following, role=Role.ADMIN)
        assert page.status_code == 200, page.text
        assert 0 < len(page.json()["data"]) <= limit
        found += [key(one) for one in page.json()["data"]]
        link = NEXT.search(page.headers.get("link", ""))
        if link is None:
            break
        following = link[1]
    assert found == [key(one) for one in whole.json()["data"]]
    assert len(set(found)) == len(found) >= 5


@pytest.mark.parametrize("list_of", [schedules, rooms, equipment, slots, impact, conflicts, leave])
async def test_a_cursor_that_is_not_ours_is_refused_by_name(
    world: World, list_of: Callable[[World], Awaitable[str]]
) -> None:
    path = await list_of(world)
    for cursor in ("!", "AAAA", "_" * 43):
        answer = await world.send("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}", role=Role.ADMIN)
        assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "cursor")
