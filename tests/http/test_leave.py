"""Leave over HTTP: asked for, listed, decided by others, cancelled; and senseless input."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World, add_slots

PATH = "/api/leave-requests"


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def wanted(**given: Any) -> dict[str, Any]:
    return {"type": "annual", "first": day(20), "last": day(22)} | given


async def asked(world: World, role: Role = Role.DOCTOR, **given: Any) -> dict[str, Any]:
    answer = await world.send("POST", PATH, wanted(**given), role=role)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    assert answer.headers["location"] == f"{PATH}/{found['id']}"
    assert answer.headers["etag"] == '"1"'
    return found


async def test_a_doctor_asks_the_head_approves_and_the_doctor_cancels(world: World) -> None:
    leave = await asked(world, reason="Family")
    assert (leave["status"], leave["requestedBy"]["name"], leave["mayDecide"]) == ("requested", "Test doctor", False)
    seen = await world.send("GET", f"{PATH}/{leave['id']}", role=Role.DEPARTMENT_HEAD)
    assert seen.json()["data"]["mayDecide"] is True
    approved = await world.send(
        "POST", f"{PATH}/{leave['id']}/approve", {}, role=Role.DEPARTMENT_HEAD, headers={"If-Match": '"1"'}
    )
    assert (approved.status_code, approved.headers["etag"]) == (200, '"2"')
    assert approved.json()["data"]["decidedBy"]["name"] == "Test department_head"
    again = await world.send("POST", f"{PATH}/{leave['id']}/reject", {"reason": "No"}, role=Role.ADMIN)
    assert (again.status_code, problem(again)["code"]) == (409, "conflict")
    cancelled = await world.send("POST", f"{PATH}/{leave['id']}/cancel", {}, role=Role.DOCTOR)
    assert cancelled.json()["data"]["status"] == "cancelled"


async def test_nobody_decides_on_their_own_leave(world: World) -> None:
    leave = await asked(world, role=Role.ADMIN, doctorId=str(world.doctor))
    for decision in ("approve", "reject"):
        answer = await world.send("POST", f"{PATH}/{leave['id']}/{decision}", {}, role=Role.ADMIN)
        found = problem(answer)
        assert (answer.status_code, found["code"], found["errors"][0]["field"]) == (403, "own_leave", "requestedBy")
        answer = await world.send("POST", f"{PATH}/{leave['id']}/{decision}", {}, role=Role.DOCTOR)
        assert answer.status_code == 403
    kept = await world.send("GET", f"{PATH}/{leave['id']}", role=Role.ADMIN)
    assert (kept.json()["data"]["status"], kept.json()["data"]["version"]) == ("requested", 1)


async def test_leave_lists_whom_it_hits_and_a_dry_run_of_the_approval_says_the_same(world: World) -> None:
    slots = await add_slots(world, days_ahead=20)
    booked = await world.send(
        "POST",
        f"/api/slots/{slots[0]}/book",
        {"patient": {"name": "Mei Chen", "phone": "+1 555 0100"}},
        headers={"Idempotency-Key": "one"},
    )
    assert booked.status_code in (200, 201), booked.text
    leave = await asked(world)
    assert leave["hits"] == 1
    (hit,) = (await world.send("GET", f"{PATH}/{leave['id']}/impact", role=Role.ADMIN)).json()["data"]
    assert (hit["patientName"], hit["appointmentId"]) == ("Mei Chen", booked.json()["data"]["appointment"]["id"])
    assert hit["suggestion"]["start"].startswith(day(1)), "the only other slots there are"
    tried = await world.send("POST", f"{PATH}/{leave['id']}/approve?dryRun=true", {}, role=Role.ADMIN)
    assert tried.json()["data"]["preview"]["patientsAffected"][0]["appointmentId"] == hit["appointmentId"]
    await world.send("POST", f"{PATH}/{leave['id']}/approve", {}, role=Role.ADMIN)
    (conflict,) = (await world.send("GET", "/api/slot-conflicts")).json()["data"]
    assert conflict["cause"] == {
        "kind": "leave",
        "sourceId": leave["id"],
        "explanation": "closed: leave approved by Test admin",
    }
    # Reception has to call them, and the desk only wants to know how many there are.
    assert conflict["patientPhone"] == "+15550100"
    counted = (await world.send("GET", f"/api/slot-conflicts?clinicId={world.clinic.id}&limit=0")).json()
    assert (counted["data"], counted["meta"]) == ([], {"total": 1})


async def test_the_list_is_filtered_and_linked(world: World) -> None:
    for first in (30, 31, 32):
        await asked(world, first=day(first), last=day(first))
    page = await world.send("GET", f"{PATH}?status=requested&limit=2&doctorId={world.doctor}")
    assert [one["first"] for one in page.json()["data"]] == [day(32), day(31)]
    assert 'rel="next"' in page.headers["link"]
    assert (await world.send("GET", f"{PATH}?status=approved")).json()["data"] == []
    assert problem(await world.send("GET", f"{PATH}?status=maybe"))["errors"][0]["field"] == "status"
    assert problem(await world.send("GET", f"{PATH}?cursor=!"))["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("last", {"last": day(19)}),
        ("last", {"last": "9999-12-31"}),
        ("first", {"first": day(-40)}),
        ("first", {"first": "0001-01-01"}),
        ("first", {"first": "soon"}),
        ("type", {"type": "boredom"}),
        ("end", {"last": day(20), "start": "09:00"}),
        ("start", {"start": "09:00", "end": "12:00"}),
        ("end", {"last": day(20), "start": "12:00", "end": "09:00"}),
        ("end", {"last": day(20), "start": "12:00", "end": "25:00"}),
        ("reason", {"reason": ""}),
        ("reason", {"reason": "a\u2028b"}),
        ("days", {"days": 3}),
    ],
)
async def test_senseless_leave_is_refused_by_field_and_nothing_changes(
    world: World, field: str, given: dict[str, Any]
) -> None:
    before = (await world.send("GET", PATH)).json()["data"]
    answer = await world.send("POST", PATH, wanted(**given), role=Role.DOCTOR)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)
    assert (await world.send("GET", PATH)).json()["data"] == before


async def test_leave_over_leave_is_refused_by_field(world: World) -> None:
    await asked(world)
    answer = await world.send("POST", PATH, wanted(first=day(22), last=day(25)), role=Role.DOCTOR)
    found = problem(answer)
    assert (answer.status_code, found["code"], found["errors"][0]["field"]) == (409, "overlapping_leave", "first")


async def test_whose_leave_it_is_must_be_said_and_known(world: World, neighbour: World) -> None:
    answer = await world.send("POST", PATH, wanted())
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "doctorId")
    for doctor in (uuid4(), neighbour.doctor):
        assert (await world.send("POST", PATH, wanted(doctorId=str(doctor)))).status_code == 404
    colleague = str(world.clinic.doctors[1])
    assert (await world.send("POST", PATH, wanted(doctorId=colleague), role=Role.DOCTOR)).status_code == 403
    assert (await world.send("POST", PATH, wanted(doctorId=colleague), role=Role.DEPARTMENT_HEAD)).status_code == 403
    await asked(world, role=Role.RECEPTIONIST, doctorId=colleague)
