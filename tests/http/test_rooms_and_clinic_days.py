"""Rooms, equipment, departments and clinic days as clients use them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World

ADMIN = Role.ADMIN
START = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
OUTAGE = {"start": START.isoformat(), "end": (START + timedelta(hours=2)).isoformat(), "reason": "Paint"}


async def made(world: World, path: str, **body: Any) -> dict[str, Any]:
    """Make something and return it."""
    answer = await world.send("POST", path, body, role=ADMIN)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    assert answer.headers["location"] == f"{path}/{found['id']}"
    assert answer.headers["etag"] == f'"{found["version"]}"'
    return found


async def room(world: World, name: str = "Room 7", **more: Any) -> dict[str, Any]:
    return await made(world, "/api/rooms", clinicId=str(world.clinic.id), name=name, **more)


async def test_a_rooms_life_over_http(world: World) -> None:
    found = await room(world, type="imaging")
    path = f"/api/rooms/{found['id']}"
    changed = await world.send("PUT", path, {"name": "Radiology"}, role=ADMIN, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = await world.send("PUT", path, {"name": "Mine"}, role=ADMIN, headers={"If-Match": '"1"'})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")
    planned = await world.send("POST", f"{path}/maintenance", OUTAGE, role=ADMIN)
    (outage,) = planned.json()["data"]["maintenance"]
    assert (outage["reason"], outage["finishedAt"]) == ("Paint", None)
    overlapping = await world.send("POST", f"{path}/maintenance", OUTAGE, role=ADMIN)
    assert (overlapping.status_code, problem(overlapping)["errors"][0]["field"]) == (409, "start")
    finished = await world.send("POST", f"{path}/maintenance/{outage['id']}/finish", role=ADMIN)
    assert finished.json()["data"]["maintenance"][0]["finishedAt"] is not None
    assigned = await world.send("POST", f"{path}/assignments", {"doctorId": str(world.doctor)}, role=ADMIN)
    (assignment,) = assigned.json()["data"]["assignments"]
    assert assignment | {"id": None} == {
        "id": None,
        "doctorId": str(world.doctor),
        "from": datetime.now(UTC).date().isoformat(),
        "until": None,
    }
    refused = await world.send("DELETE", path, role=ADMIN)
    assert (refused.status_code, problem(refused)["code"]) == (409, "in_use")
    assert [fault["field"] for fault in problem(refused)["errors"]] == ["assignments"]
    listed = await world.send("GET", f"{path}/assignments")
    assert listed.json()["data"] == [assignment]
    await world.send("DELETE", f"{path}/assignments/{assignment['id']}", role=ADMIN)
    assert (await world.send("DELETE", path, role=ADMIN)).status_code == 204
    shown = (await world.send("GET", path)).json()["data"]
    assert (shown["active"], shown["equipmentIds"], shown["version"]) == (False, [], 7)


async def test_a_repeated_request_is_answered_once(world: World) -> None:
    body = {"clinicId": str(world.clinic.id), "name": "Twice"}
    headers = {"Idempotency-Key": "room"}
    answers = [await world.send("POST", "/api/rooms", body, role=ADMIN, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    assert answers[0].headers["location"] == answers[1].headers["location"]
    other = await world.send("POST", "/api/rooms", body | {"name": "Other"}, role=ADMIN, headers=headers)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")


async def test_lists_are_pages_with_links_and_filters(world: World) -> None:
    names = [f"Room {number}" for number in range(10, 14)]
    for name in names:
        await room(world, name, type="laboratory")
    path, seen = f"/api/rooms?type=laboratory&active=true&clinicId={world.clinic.id}&limit=3", []
    for expected in (3, 1):
        answer = await world.send("GET", path)
        seen += [one["name"] for one in answer.json()["data"]]
        assert len(seen) % 3 == expected % 3
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert (seen, path) == (names, "")
    for filters in ("type=laboratory&active=false", "type=procedure"):
        assert (await world.send("GET", f"/api/rooms?{filters}")).json()["data"] == []
    assert (await world.send("GET", f"/api/rooms?clinicId={uuid4()}")).json()["data"] == []


async def test_equipment_stands_in_a_room(world: World) -> None:
    place = await room(world)
    device = await made(
        world, "/api/equipment", clinicId=str(world.clinic.id), name="Ultrasound", type="ultrasound", roomId=place["id"]
    )
    assert (device["roomId"], device["assignments"][0]["until"]) == (place["id"], None)
    inside = await world.send("GET", f"/api/equipment?roomId={place['id']}")
    assert [one["id"] for one in inside.json()["data"]] == [device["id"]]
    refused = await world.send("DELETE", f"/api/rooms/{place['id']}", role=ADMIN)
    assert problem(refused)["errors"] == [{"field": "equipment", "message": "Ultrasound"}]
    path = f"/api/equipment/{device['id']}"
    out = await world.send("POST", f"{path}/assignments", {"roomId": None}, role=ADMIN)
    assert out.json()["data"]["roomId"] is None
    history = (await world.send("GET", f"{path}/assignments")).json()["data"]
    assert [(one["roomId"], one["until"] is None) for one in history] == [(place["id"], False)]
    assert (await world.send("DELETE", f"/api/rooms/{place['id']}", role=ADMIN)).status_code == 204
    assert (await world.send("DELETE", path, role=ADMIN)).status_code == 204


async def test_a_department_and_its_head(world: World) -> None:
    head = str(world.accounts[Role.DEPARTMENT_HEAD].id)
    body = {"name": "Surgery", "clinicIds": [str(world.clinic.id)], "headAccountId": head}
    found = await made(world, "/api/departments", **body)
    assert found["headAccountId"] == head
    mine = await world.send("GET", f"/api/departments?headAccountId={head}", role=Role.DEPARTMENT_HEAD)
    # The head of the world has a department already; of both, in order of creation, and of no other's.
    assert {one["headAccountId"] for one in mine.json()["data"]} == {head}
    assert [one["id"] for one in mine.json()["data"]][1:] == [found["id"]]
    receptionist = str(world.accounts[Role.RECEPTIONIST].id)
    path = f"/api/departments/{found['id']}"
    refused = await world.send("PUT", path, {"headAccountId": receptionist}, role=ADMIN)
    assert (refused.status_code, problem(refused)["errors"][0]["field"]) == (422, "headAccountId")
    closed = await world.send("PUT", path, {"active": False}, role=ADMIN)
    assert closed.json()["data"]["active"] is False


async def test_a_clinic_decides_about_its_days(world: World) -> None:
    clinic = f"/api/clinics/{world.clinic.id}"
    change = {"holidays": {"country": "DE", "region": "BY"}}
    shown = await world.send("PUT", clinic, change, role=ADMIN)
    assert shown.json()["data"]["holidays"] == {"country": "DE", "region": "BY"}
    body = {"closed": [{"date": "2030-12-24", "name": "Party"}], "open": ["2030-12-26"]}
    headers = {"If-Match": shown.headers["etag"]}
    days = await world.send("PUT", f"{clinic}/days", body, role=ADMIN, headers=headers)
    assert days.json()["data"] == body | {"version": 3}
    assert (await world.send("GET", f"{clinic}/days", role=Role.DOCTOR)).json()["data"] == days.json()["data"]
    stale = await world.send("PUT", f"{clinic}/days", {}, role=ADMIN, headers=headers)
    assert stale.status_code == 412
    holidays = (await world.send("GET", f"{clinic}/holidays?year=2030")).json()["data"]
    assert {"date": "2030-12-26", "name": "Second Day of Christmas", "open": True} in holidays
    assert {"date": "2030-01-06", "name": "Epiphany", "open": False} in holidays
    cleared = await world.send("PUT", clinic, {"holidays": None}, role=ADMIN)
    assert cleared.json()["data"]["holidays"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/rooms", {"name": "No clinic"}, "clinicId"),
        ("POST", "/api/rooms", {"clinicId": "{clinic}", "name": ""}, "name"),
        ("POST", "/api/rooms", {"clinicId": "{clinic}", "name": "X", "type": "cave"}, "type"),
        ("PUT", "/api/rooms/{room}", {"active": False}, "active"),
        ("PUT", "/api/rooms/{room}", {"clinicId": "{clinic}"}, "clinicId"),
        ("POST", "/api/rooms/{room}/maintenance", OUTAGE | {"end": OUTAGE["start"]}, "end"),
        ("POST", "/api/rooms/{room}/maintenance", OUTAGE | {"start": "2030-01-01T00:00:00"}, "start"),
        ("POST", "/api/rooms/{room}/assignments", {"doctorId": "{doctor}", "from": "2030-02-30"}, "from"),
        ("POST", "/api/rooms/{room}/assignments", {"doctorId": "{doctor}", "until": "2020-01-01"}, "until"),
        ("POST", "/api/equipment", {"clinicId": "{clinic}", "name": "X", "type": "hammer"}, "type"),
        ("POST", "/api/equipment/{equipment}/assignments", {}, "roomId"),
        ("POST", "/api/departments", {"name": "X", "clinicIds": ["nonsense"]}, "clinicIds[0]"),
        ("PUT", "/api/clinics/{clinic}", {"timezone": "Europe/Nowhere"}, "timezone"),
        ("PUT", "/api/clinics/{clinic}", {"holidays": {"country": "Germany"}}, "holidays.country"),
        ("PUT", "/api/clinics/{clinic}", {"holidays": {"country": "QQ"}}, "holidays.country"),
        ("PUT", "/api/clinics/{clinic}", {"holidays": {"country": "DE", "region": "XX"}}, "holidays.region"),
        ("PUT", "/api/clinics/{clinic}/days", {"open": ["2030-02-30"]}, "open[0]"),
        ("PUT", "/api/clinics/{clinic}/days", {"closed": [{"date": "2030-01-01"}]}, "closed[0].name"),
        ("GET", "/api/clinics/{clinic}/holidays?year=1492", None, "year"),
        ("GET", "/api/rooms?type=cave", None, "type"),
        ("GET", "/api/equipment?cursor=nonsense", None, "cursor"),
    ],
)
async def test_bad_input_is_refused_by_field(world: World, method: str, path: str, body: Any, field: str) -> None:
    names = {
        "{clinic}": str(world.clinic.id),
        "{doctor}": str(world.doctor),
        "{room}": str(world.ids["roomId"]),
        "{equipment}": str(world.ids["equipmentId"]),
    }
    for name, value in names.items():
        path = path.replace(name, value)
    filled = {k: names.get(v, v) if isinstance(v, str) else v for k, v in body.items()} if body is not None else None
    answer = await world.send(method, path, filled, role=ADMIN)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field), answer.text
