"""The waitlist over HTTP: as contracts name it, for whom it is, and with clear refusals."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling_core.ids import WaitlistId
from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World

BASE = "/api/waitlists"


def body(world: World, **more: Any) -> dict[str, Any]:
    return {"clinicId": str(world.clinic.id), "doctorId": str(world.clinic.doctors[1]), **more}


async def join(world: World, **more: Any) -> httpx.Response:
    return await world.send("POST", BASE, body(world, **{"patient": {"id": str(world.patients[1])}, **more}))


async def test_who_joins_is_told_their_entry_and_staff_find_it_in_the_list(world: World) -> None:
    answer = await join(world, requestedWindow={"partsOfDay": ["morning"]}, notes="Any Monday")
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert (made["status"], made["requestedWindow"]["partsOfDay"], made["notes"]) == (
        "active",
        ["morning"],
        "Any Monday",
    )
    listed = await world.send("GET", f"{BASE}?doctorId={world.clinic.doctors[1]}", role=Role.ADMIN)
    assert made["id"] in [entry["id"] for entry in listed.json()["data"]]
    one = (await world.send("GET", f"{BASE}/{made['id']}")).json()["data"]
    assert [(act["action"], act["createdBy"]["name"]) for act in one["audit"]] == [
        ("waitlist_joined", "Test receptionist")
    ]


async def test_joining_twice_is_refused_with_the_entry_that_there_is(world: World) -> None:
    first = (await join(world)).json()["data"]
    again = await join(world)
    assert again.status_code == 409
    assert (problem(again)["code"], problem(again)["entryId"]) == ("already_waiting", first["id"])


async def test_a_full_list_a_strange_window_and_unknown_fields_are_clear(world: World) -> None:
    path = f"/api/tenants/{world.clinic.tenant}/clinics/{world.clinic.id}/waitlist-policy"
    policy = await world.send("PUT", path, {"maxQueueSize": 1}, role=Role.ADMIN)
    assert policy.status_code == 200
    full = await join(world)  # the world has one who waits already
    assert (full.status_code, problem(full)["code"]) == (409, "waitlist_full")
    for wrong, field in (
        ({"requestedWindow": {"end": "2020-01-01T00:00:00Z"}}, "requestedWindow.end"),
        ({"requestedWindow": {"partsOfDay": ["noon"]}}, "requestedWindow.partsOfDay[0]"),
        ({"urgency": "yesterday"}, "urgency"),
        ({"doctorId": str(uuid4())}, "doctorId"),
    ):
        refused = await join(world, **wrong)
        assert refused.status_code in (404, 422), refused.text
        assert [error["field"] for error in problem(refused)["errors"]] == [field]


@pytest.mark.parametrize("weights", [{"membershipLevel": 5}, {"waitTime": 0}, {"unknown": 1}])
async def test_a_policy_that_makes_no_sense_is_refused(world: World, weights: dict[str, Any]) -> None:
    path = f"/api/tenants/{world.clinic.tenant}/waitlist-policy"
    refused = await world.send("PUT", path, {"priorityWeights": weights}, role=Role.ADMIN)
    assert refused.status_code == 422
    assert (await world.send("GET", path)).json()["data"]["priorityWeights"]["membershipLevel"] == 0.5


async def test_an_entry_is_changed_by_the_version_that_was_seen(world: World) -> None:
    made = (await join(world)).json()["data"]
    path = f"{BASE}/{made['id']}"
    changed = await world.send("PATCH", path, {"notes": "Tuesdays"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = await world.send("PATCH", path, {"notes": "Fridays"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    gone = await world.send("PATCH", path, {"status": "cancelled", "reason": "Well again"})
    assert gone.json()["data"]["status"] == "cancelled"
    again = await world.send("PATCH", path, {"status": "active"})
    assert (again.status_code, problem(again)["code"]) == (409, "conflict")


async def test_a_patient_sees_and_leaves_what_is_theirs_and_nobody_elses(world: World) -> None:
    assert world.patient is not None
    mine = await world.send("POST", BASE, body(world), role=Role.PATIENT)
    assert mine.status_code == 201, mine.text
    entry = mine.json()["data"]
    token = entry["link"].rpartition("/invite/")[2]
    assert (await world.send("GET", f"/api/invites/{token}", role=None)).json()["data"]["id"] == entry["id"]
    own = await world.send("GET", f"/api/patients/{world.patient.patient}/waitlists", role=Role.PATIENT)
    assert [one["id"] for one in own.json()["data"]] == [entry["id"]]
    assert "patientPhone" not in own.text
    others = (await join(world)).json()["data"]
    for method, path, sent in (
        ("GET", f"{BASE}/{others['id']}", None),
        ("PATCH", f"{BASE}/{others['id']}", {"status": "cancelled"}),
        ("GET", f"/api/patients/{world.patients[1]}/waitlists", None),
    ):
        assert (await world.send(method, path, sent, role=Role.PATIENT)).status_code == 404
    assert (await world.send("GET", BASE, role=Role.PATIENT)).status_code == 403
    left = await world.send("PATCH", f"{BASE}/{entry['id']}", {"status": "cancelled"}, role=Role.PATIENT)
    assert left.json()["data"]["status"] == "cancelled"


async def test_a_time_is_offered_and_accepted_by_the_link_alone(world: World) -> None:
    entry = (await join(world, doctorId=str(world.doctor))).json()["data"]
    offered = await world.send("POST", f"{BASE}/{entry['id']}/invite", {"slotId": str(world.ids["slotId"])})
    assert offered.status_code == 200, offered.text
    until = offered.json()["data"]["invite"]["respondBy"]
    assert until
    token = entry["link"].rpartition("/invite/")[2]
    shown = await world.send("GET", f"/api/invites/{token}", role=None)
    assert (shown.status_code, shown.json()["data"]["status"]) == (200, "invited")
    booked = await world.send("POST", f"/api/invites/{token}/accept", {}, role=None)
    assert booked.status_code == 200, booked.text
    assert booked.json()["data"]["slot"]["id"] == str(world.ids["slotId"])
    again = await world.send("POST", f"/api/invites/{token}/accept", {}, role=None)
    assert (again.status_code, problem(again)["code"]) == (409, "conflict")
    for nonsense in ("nonsense", token[:-2]):
        refused = await world.send("POST", f"/api/invites/{nonsense}/decline", {}, role=None)
        assert (refused.status_code, problem(refused)["code"]) == (400, "invalid_tracking_token")


async def test_of_many_promotions_of_one_entry_one_succeeds(world: World) -> None:
    entry = (await join(world, doctorId=str(world.doctor))).json()["data"]
    path = f"{BASE}/{entry['id']}/promote"
    first = await world.send("POST", path, {}, role=Role.ADMIN, headers={"Idempotency-Key": "one"})
    second = await world.send("POST", path, {}, role=Role.ADMIN, headers={"Idempotency-Key": "two"})
    repeated = await world.send("POST", path, {}, role=Role.ADMIN, headers={"Idempotency-Key": "one"})
    assert (first.status_code, second.status_code, repeated.status_code) == (200, 409, 200), second.text
    assert repeated.json() == first.json()
    bare = await world.send("POST", path, {}, role=Role.ADMIN)
    assert bare.status_code in (409, 422)


async def test_a_list_that_is_as_it_was_is_not_sent_again(world: World) -> None:
    entry = (await join(world)).json()["data"]
    link, _ = world.graph.waitlist_links.make(
        world.clinic.tenant, WaitlistId(UUID(entry["id"])), datetime.fromisoformat(entry["expiresAt"])
    )
    paths = {BASE: Role.ADMIN, f"/api/patients/{world.patients[1]}/waitlists": Role.ADMIN, f"/api/invites/{link}": None}
    tags = {}
    for path, role in paths.items():
        tags[path] = (await world.send("GET", path, role=role)).headers["ETag"]
        again = await world.send("GET", path, role=role, headers={"If-None-Match": tags[path]})
        assert again.status_code in (200, 304)  # the hour may just have ended
        assert (again.status_code == 304) == (again.headers["ETag"] == tags[path])
    await world.send("PATCH", f"{BASE}/{entry['id']}", {"notes": "Fridays"})
    for path, role in paths.items():
        assert (await world.send("GET", path, role=role, headers={"If-None-Match": tags[path]})).status_code == 200
