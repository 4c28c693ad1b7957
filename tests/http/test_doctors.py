"""Doctors as their clients use them: what is answered, to whom, and what is refused by which field."""

from typing import Any
from uuid import uuid4

import pytest

from queue_server.application.doctors.bookability import refresh
from queue_server.store.db import Database
from scheduling_core.doctors.onboarding import STAGES
from scheduling_core.ids import DoctorId
from scheduling_core.permissions import Role
from tests.application.doctors.house import House
from tests.factories import new_clinic
from tests.http.answers import problem
from tests.http.world import World

BASE = "/api/doctors"
WHOLE: dict[str, Any] = {
    "name": "Dr Asha Rao",
    "bio": "Looks after hearts.\nLarge and small.",
    "specialties": ["cardiology"],
    "qualifications": [{"title": "MD", "institution": "University of Leeds", "year": 2004}],
    "languages": ["en", "hi"],
    "modes": ["in_person", "tele"],
    "licence": {"number": "GMC 7301852", "authority": "General Medical Council", "validUntil": "2100-01-01"},
    "fees": {"currency": "EUR", "consultation": 8000, "followUp": 5000},
}


async def data(
    world: World, method: str, path: str, body: object = None, *, role: Role | None = Role.ADMIN, **more: Any
) -> Any:
    """Return the data of an answer that must be a success."""
    answer = await world.send(method, path, body, role=role, **more)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["data"]


async def onboarded(world: World, database: Database) -> dict[str, Any]:
    """Take a doctor from nothing to bookable over HTTP; calendar and slots alone are written past it."""
    house = House(database, world.graph, world.clinic)
    made = await data(world, "POST", BASE, WHOLE | {"clinicIds": [str(world.clinic.id)]})
    one = f"{BASE}/{made['id']}"
    await house.add_schedule(made["id"])
    department = world.ids["departmentId"]
    await data(world, "POST", f"{one}/departments", {"departmentId": str(department)})
    await house.add_room(world.clinic.id, doctor=made["id"])
    await data(world, "POST", f"{one}/verification", {"result": "verified", "note": "Register looked up"})
    for stage in STAGES:
        await data(world, "POST", f"{one}/onboarding/{stage}/complete", {})
    await house.add_slot(made["id"])
    async with database.tenant(world.clinic.tenant) as tx:
        await refresh(tx, DoctorId(made["id"]))
    found: dict[str, Any] = await data(world, "GET", one)
    return found


async def test_from_a_draft_to_a_bookable_doctor(world: World, database: Database) -> None:
    active = await onboarded(world, database)
    assert (active["status"], active["onboardingProgress"], active["score"], active["isBookable"]) == (
        "active",
        100,
        100,
        True,
    )
    assert active["licence"] == {
        "number": "GMC 7301852",
        "authority": "General Medical Council",
        "validUntil": "2100-01-01",
        "verification": "verified",
        "critical": False,
    }
    assert active["fees"] == {"currency": "EUR", "consultation": 8000, "followUp": 5000, "tele": None}
    found = await data(world, "GET", f"{BASE}/{active['id']}/bookability")
    assert len(found["checks"]) == 10
    assert all(check["ok"] for check in found["checks"])
    assert (found["canShowInSearch"], found["canPatientBook"], found["canReceptionistBook"]) == (True, True, True)
    stages = (await data(world, "GET", f"{BASE}/{active['id']}/onboarding"))["stages"]
    assert [stage["name"] for stage in stages] == [stage.value for stage in STAGES]
    assert {stage["completedBy"] for stage in stages} == {str(world.accounts[Role.ADMIN].id)}


async def test_a_made_doctor_is_where_the_answer_says(world: World) -> None:
    answer = await world.send("POST", BASE, {"name": "Dr Mei Chen"}, role=Role.RECEPTIONIST)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    found = await world.send("GET", answer.headers["location"])
    assert found.json()["data"] == answer.json()["data"]
    assert found.headers["etag"] == '"1"'


async def test_the_same_request_makes_one_doctor(world: World) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = await world.send("POST", BASE, {"name": "Dr Mei Chen"}, headers=headers)
    again = await world.send("POST", BASE, {"name": "Dr Mei Chen"}, headers=headers)
    assert again.headers["location"] == first.headers["location"]
    other = await world.send("POST", BASE, {"name": "Dr Mei Lin"}, headers=headers)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")


# ---- who sees what ------------------------------------------------------------------------------------------------


async def test_the_public_sees_who_can_be_booked_and_no_licence(world: World, database: Database) -> None:
    active = await onboarded(world, database)
    tenant = {"X-Tenant-Id": str(world.clinic.tenant)}
    for asked, headers in ((f"?tenantId={world.clinic.tenant}", {}), ("", tenant), ("?specialty=cardiology", tenant)):
        answer = await world.send("GET", BASE + asked, role=None, headers=headers)
        assert answer.status_code == 200, answer.text
        assert [doctor["id"] for doctor in answer.json()["data"]] == [active["id"]]
        assert "licence" not in answer.json()["data"][0]
        assert "7301852" not in answer.text
        assert int(answer.headers["ratelimit-remaining"]) > 0
    one = await world.send("GET", f"{BASE}/{active['id']}", role=None)
    assert one.json()["data"]["name"] == "Dr Asha Rao"
    assert "licence" not in one.json()["data"]
    await data(world, "PUT", f"{BASE}/{active['id']}", {"publicProfileVisible": False})
    assert (await world.send("GET", f"{BASE}/{active['id']}", role=None)).status_code == 404
    assert (await world.send("GET", BASE, role=None, headers=tenant)).json()["data"] == []


async def test_the_public_must_say_whose_doctors_it_asks_for(world: World) -> None:
    answer = await world.send("GET", BASE, role=None)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "tenantId")
    disagreeing = await world.send(
        "GET", f"{BASE}?tenantId={world.clinic.tenant}", role=None, headers={"X-Tenant-Id": str(uuid4())}
    )
    assert (disagreeing.status_code, problem(disagreeing)["errors"][0]["field"]) == (422, "tenantId")
    nobody = await world.send("GET", f"{BASE}?tenantId={uuid4()}", role=None)
    assert nobody.json()["data"] == []


async def test_a_bad_token_is_no_stranger(world: World) -> None:
    answer = await world.send(
        "GET",
        f"{BASE}?tenantId={world.clinic.tenant}",
        role=None,
        headers={"Authorization": "Bearer nonsense"},
    )
    assert answer.status_code == 401


async def test_a_display_is_the_public(world: World) -> None:
    answer = await world.send("GET", BASE, role=Role.DISPLAY)
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert (await world.send("GET", f"{BASE}/{world.doctor}", role=Role.DISPLAY)).status_code == 404


async def test_licences_are_for_admins(world: World) -> None:
    made = await data(world, "POST", BASE, WHOLE | {"clinicIds": [str(world.clinic.id)]})
    for role in (Role.RECEPTIONIST, Role.DEPARTMENT_HEAD):
        for path in (BASE, f"{BASE}/{made['id']}"):
            answer = await world.send("GET", path, role=role)
            assert answer.status_code == 200
            assert "7301852" not in answer.text
            assert '"licence":' not in answer.text
    for role in (Role.ADMIN, Role.PLATFORM_ADMIN):
        found = await data(world, "GET", f"{BASE}/{made['id']}", role=role)
        assert found["licence"]["number"] == "GMC 7301852"
    refused = await world.send("POST", BASE, WHOLE, role=Role.RECEPTIONIST)
    assert (refused.status_code, problem(refused)["errors"][0]["field"]) == (403, "licence")


async def test_a_doctor_reads_themselves_and_changes_nothing(world: World) -> None:
    assert [one["id"] for one in await data(world, "GET", BASE, role=Role.DOCTOR)] == [str(world.doctor)]
    own, other = f"{BASE}/{world.doctor}", f"{BASE}/{world.clinic.doctors[1]}"
    for path in (own, f"{own}/onboarding", f"{own}/bookability"):
        await data(world, "GET", path, role=Role.DOCTOR)
    for path in (other, f"{other}/onboarding", f"{other}/bookability"):
        assert (await world.send("GET", path, role=Role.DOCTOR)).status_code == 403
    assert (await world.send("PUT", own, {"bio": "Mine."}, role=Role.DOCTOR)).status_code == 403


async def test_a_list_comes_in_pages(world: World) -> None:
    first = await world.send("GET", f"{BASE}?limit=1&status=active")
    assert len(first.json()["data"]) == 1
    link = first.headers["link"].split(">")[0].lstrip("<")
    second = await world.send("GET", link)
    assert "status=active" in link
    assert "link" not in second.headers
    assert {one["id"] for one in first.json()["data"] + second.json()["data"]} == {str(d) for d in world.clinic.doctors}


async def test_lists_are_narrowed_and_unknown_filters_refused(world: World) -> None:
    names = {
        one["name"] for one in await data(world, "GET", f"{BASE}?q=khan&clinicId={world.clinic.id}&mode=in_person")
    }
    assert names == {"Dr Khan"}
    for asked, field in (
        ("color=red", "color"),
        ("status=asleep", "status"),
        ("language=EN", "language"),
        ("limit=0", "limit"),
    ):
        answer = await world.send("GET", f"{BASE}?{asked}")
        assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)


# ---- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "", {}, "name"),
        ("POST", "", {"name": ""}, "name"),
        ("POST", "", {"name": "Dr\u202e Evil\u0007"}, "name"),
        ("POST", "", {"name": "x" * 201}, "name"),
        ("POST", "", {"name": "A", "specialties": ["Heart Surgery"]}, "specialties[0]"),
        ("POST", "", {"name": "A", "languages": ["english"]}, "languages[0]"),
        ("POST", "", {"name": "A", "modes": []}, "modes"),
        ("POST", "", {"name": "A", "modes": ["fax"]}, "modes[0]"),
        ("POST", "", {"name": "A", "fees": {"consultation": 5}}, "fees.currency"),
        ("POST", "", {"name": "A", "fees": {"currency": "EUR", "consultation": -5}}, "fees.consultation"),
        ("POST", "", {"name": "A", "fees": {"currency": "ABC", "consultation": 5}}, "fees.currency"),
        ("POST", "", {"name": "A", "licence": {"number": "1"}}, "licence.authority"),
        ("POST", "", {"name": "A", "ticketPrefix": "A1"}, "ticketPrefix"),
        ("POST", "", {"name": "A", "ticketPrefix": "A"}, "ticketPrefix"),
        ("POST", "", {"name": "A", "status": "active"}, "status"),
        ("PUT", "", {"version": 3}, "version"),
        ("PUT", "", {"qualifications": [{"title": "\u0000"}]}, "qualifications[0].title"),
        ("PUT", "", {"licence": {"number": "1", "authority": "G", "validUntil": "9999-12-31"}}, "licence.validUntil"),
        ("PUT", "/fees", {"consultation": 5}, "currency"),
        ("PUT", "/fees", {"currency": "EUR"}, "consultation"),
        ("PUT", "/fees", {"currency": "eur", "consultation": 5}, "currency"),
        ("PUT", "/fees", {"currency": "QQQ", "consultation": 5}, "currency"),
        ("PUT", "/fees", {"currency": "EUR", "consultation": 5, "followUp": -1}, "followUp"),
        ("PUT", "/fees", {"currency": "EUR", "consultation": 5.5}, "consultation"),
        ("POST", "/verification", {"result": "maybe"}, "result"),
        ("POST", "/departments", {}, "departmentId"),
        ("POST", "/locations", {"clinicId": 7}, "clinicId"),
        ("POST", "/deactivate", {"reason": ""}, "reason"),
    ],
)
async def test_bad_input_is_refused_by_field_and_changes_nothing(
    world: World, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    one = f"{BASE}/{world.doctor}"
    before = await data(world, "GET", BASE)
    answer = await world.send(method, BASE if method == "POST" and not path else one + path, body, role=Role.ADMIN)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field
    assert await data(world, "GET", BASE) == before


async def test_a_stage_that_is_blocked_names_each_check_and_each_stage_before(world: World) -> None:
    made = await data(world, "POST", BASE, {"name": "Dr Mei Chen"})
    one = f"{BASE}/{made['id']}"
    answer = await world.send("POST", f"{one}/onboarding/credentials/complete", {}, role=Role.ADMIN)
    found = problem(answer)
    assert (answer.status_code, found["code"]) == (409, "stage_blocked")
    assert {fault["field"] for fault in found["errors"]} == {"qualification", "licence", "profile"}
    activated = await world.send("POST", f"{one}/activate", {}, role=Role.ADMIN)
    assert (activated.status_code, problem(activated)["code"]) == (409, "stage_blocked")
    assert (await world.send("POST", f"{one}/onboarding/lunch/complete", {}, role=Role.ADMIN)).status_code == 404


async def test_of_two_admins_the_second_hears_that_the_doctor_has_changed(world: World) -> None:
    one = f"{BASE}/{world.doctor}"
    seen = (await world.send("GET", one)).headers["etag"]
    first = await world.send("PUT", one, {"bio": "First."}, role=Role.ADMIN, headers={"If-Match": seen})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = await world.send("PUT", one, {"bio": "Second."}, role=Role.ADMIN, headers={"If-Match": seen})
    assert (second.status_code, problem(second)["code"]) == (412, "stale_version")
    assert (await data(world, "GET", one))["bio"] == "First."


async def test_foreign_and_unknown_ids_are_unknown(world: World, neighbour: World) -> None:
    one = f"{BASE}/{world.doctor}"
    for path, body in (
        (f"{one}/locations", {"clinicId": str(neighbour.clinic.id)}),
        (f"{one}/departments", {"departmentId": str(neighbour.ids["departmentId"])}),
        (f"{one}/departments", {"departmentId": str(uuid4())}),
        (BASE, {"name": "A", "clinicIds": [str(neighbour.clinic.id)]}),
        (BASE, {"name": "A", "departmentIds": [str(uuid4())]}),
    ):
        assert (await world.send("POST", path, body, role=Role.ADMIN)).status_code == 404
    for path in (f"{BASE}/{neighbour.doctor}", f"{BASE}/{uuid4()}", f"{BASE}/none"):
        assert (await world.send("GET", path, role=Role.ADMIN)).status_code == 404
        assert (await world.send("PUT", path, {"bio": "x"}, role=Role.ADMIN)).status_code == 404
    crossing = await world.send("GET", f"{BASE}/{neighbour.doctor}?tenantId={neighbour.clinic.tenant}", role=Role.ADMIN)
    assert crossing.status_code == 404


async def test_the_desk_sees_a_new_name_at_once(world: World) -> None:
    await data(world, "PUT", f"{BASE}/{world.doctor}", {"name": "Dr Rao-Lind", "room": "Room 9"})
    state = await data(world, "GET", f"/api/appointments/queue/state/{world.doctor}", role=Role.RECEPTIONIST)
    assert (state["header"]["doctor"]["name"], state["header"]["room"]) == ("Dr Rao-Lind", "Room 9")


async def test_clinics_come_and_go(world: World, database: Database) -> None:
    other = await new_clinic(database, doctors=0, tenant=world.clinic.tenant)
    one = f"{BASE}/{world.clinic.doctors[1]}"
    both = await data(world, "POST", f"{one}/locations", {"clinicId": str(other.id)})
    assert both["clinicIds"] == [str(world.clinic.id), str(other.id)]
    left = await data(world, "DELETE", f"{one}/locations/{other.id}")
    assert left["clinicIds"] == [str(world.clinic.id)]
    busy = await world.send("DELETE", f"{BASE}/{world.doctor}/locations/{world.clinic.id}", role=Role.ADMIN)
    assert (busy.status_code, problem(busy)["errors"][0]["field"]) == (409, "clinicId")
