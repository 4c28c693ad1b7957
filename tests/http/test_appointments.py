"""Appointments over HTTP: who moves, cancels and sees them, with which credentials, and input that makes no sense."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.test_patient_accounts import signed_in
from tests.http.test_slots import book, bookable
from tests.http.world import World, add_slots


async def booked(world: World, slot: UUID | None = None) -> dict[str, Any]:
    """Book a slot of tomorrow at the desk."""
    answer = await book(world, slot or world.ids["slotId"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def change(world: World, path: str, body: object = None, **more: Any) -> httpx.Response:
    """Move or cancel; `path` comes behind /api/appointments/."""
    headers = {"Idempotency-Key": uuid4().hex} | more.pop("headers", {})
    return await world.send("POST", f"/api/appointments/{path}", {} if body is None else body, headers=headers, **more)


async def slots_of(world: World) -> list[UUID]:
    return await add_slots(world, days_ahead=2)


async def test_the_desk_moves_and_cancels_by_id(world: World) -> None:
    made, slots = await booked(world), await slots_of(world)
    id = made["appointment"]["id"]
    for role, slot in ((Role.RECEPTIONIST, slots[0]), (Role.ADMIN, slots[1])):
        moved = await change(world, f"{id}/reschedule", {"slotId": str(slot)}, role=role)
        assert moved.status_code == 200, moved.text
        data = moved.json()["data"]
        assert (data["appointment"]["id"], data["slot"]["id"]) == (id, str(slot))
        # The link of the booking shows the new time, and so does the one that comes with the answer.
        for token in (made["trackingToken"], data["trackingToken"]):
            shown = await world.client.get(f"/api/appointments/refresh-queue/{token}")
            assert shown.json()["data"]["appointment"]["start"] == data["appointment"]["start"]
    cancelled = await change(world, f"{id}/cancel", {"reason": "The doctor is ill"})
    assert cancelled.json()["data"]["appointment"]["status"] == "cancelled"
    shown = (await world.send("GET", f"/api/appointments/{id}")).json()["data"]
    assert (shown["state"], shown["cancelReason"], shown["mayCancel"], shown["slotId"]) == (
        "cancelled",
        "The doctor is ill",
        False,
        None,
    )
    again = await change(world, f"{id}/cancel")
    assert (again.status_code, problem(again)["code"]) == (409, "illegal_transition")


@pytest.mark.parametrize("what", ["reschedule", "cancel"])
async def test_only_reception_and_admins_change_others_appointments(world: World, what: str) -> None:
    id, slots = (await booked(world))["appointment"]["id"], await slots_of(world)
    body = {"slotId": str(slots[0])} if what == "reschedule" else {}
    for role in (Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY):
        refused = await change(world, f"{id}/{what}", body, role=role)
        assert (role, refused.status_code) == (role, 403), refused.text
    nobody = await change(world, f"{id}/{what}", body, role=None)
    assert (nobody.status_code, problem(nobody)["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("what", ["reschedule", "cancel"])
async def test_the_tenant_next_door_knows_none_of_it(world: World, neighbour: World, what: str) -> None:
    theirs, mine = await booked(neighbour), await booked(world)
    slots, mine_slots = await slots_of(neighbour), await slots_of(world)
    body = {"slotId": str(slots[0])} if what == "reschedule" else {}
    by_id = await change(world, f"{theirs['appointment']['id']}/{what}", body)
    assert (by_id.status_code, problem(by_id)["code"]) == (404, "not_found")
    # A link is good in its own tenant only, whoever sends it.
    for headers in ({"X-Tenant-Id": str(world.clinic.tenant)}, {"X-Tenant-Id": "nonsense"}):
        by_link = await change(world, f"track/{theirs['trackingToken']}/{what}", body, role=None, headers=headers)
        assert by_link.status_code in (400, 422), by_link.text
    if what == "reschedule":
        for appointment, slot in ((mine, slots[0]), (theirs, mine_slots[0])):
            where = f"track/{appointment['trackingToken']}/reschedule"
            crossed = await change(world, where, {"slotId": str(slot)}, role=None)
            assert (crossed.status_code, problem(crossed)["code"]) == (404, "not_found")
        mixed = await change(world, f"{mine['appointment']['id']}/reschedule", body)
        assert mixed.status_code == 404
    seen = await world.send("GET", f"/api/appointments/{theirs['appointment']['id']}")
    assert seen.status_code == 404
    listed = await world.send("GET", f"/api/patients/{neighbour.patients[0]}/appointments")
    assert listed.status_code == 404


async def test_whoever_has_the_link_moves_and_cancels_without_an_account(world: World) -> None:
    await bookable(world)
    made, slots = await booked(world), await slots_of(world)
    link = f"track/{made['trackingToken']}"
    moved = await change(world, f"{link}/reschedule", {"slotId": str(slots[0])}, role=None)
    assert moved.status_code == 200, moved.text
    # As the public sees a slot: nothing of rooms' equipment or who set what.
    assert "equipmentIds" not in moved.json()["data"]["slot"]
    cancelled = await change(world, f"{link}/cancel", {"reason": "I am well again"}, role=None)
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["data"]["appointment"]["status"] == "cancelled"


async def test_a_link_tells_what_may_still_be_done_and_nothing_of_whom(world: World) -> None:
    await bookable(world)
    made = await booked(world)
    path = f"/api/appointments/track/{made['trackingToken']}/visit"
    seen = (await world.send("GET", path, role=None)).json()["data"]
    assert (seen["mayCancel"], seen["mayReschedule"], seen["state"]) == (True, True, "expected")
    assert seen["slotId"] == made["slot"]["id"]
    assert not {"patientId", "trackingUrl"} & set(seen)
    assert (await change(world, f"track/{made['trackingToken']}/cancel", role=None)).status_code == 200
    after = (await world.send("GET", path, role=None)).json()["data"]
    assert (after["mayCancel"], after["mayReschedule"], after["state"]) == (False, False, "cancelled")
    forged = await world.send("GET", "/api/appointments/track/nonsense/visit", role=None)
    assert (forged.status_code, problem(forged)["code"]) == (400, "invalid_tracking_token")
    abroad = {"X-Tenant-Id": str(uuid4())}
    assert (await world.send("GET", path, role=None, headers=abroad)).status_code == 400


async def test_a_guest_holds_the_new_time_first_and_moves_to_it_with_the_link(world: World) -> None:
    await bookable(world)
    made, slots = await booked(world), await slots_of(world)
    of_tenant = {"X-Tenant-Id": str(world.clinic.tenant)}
    held = await world.send("POST", f"/api/slots/{slots[0]}/hold", {}, role=None, headers=of_tenant)
    assert held.status_code == 200, held.text
    hold = held.json()["data"]
    body = {"slotId": str(slots[0]), "holdId": hold["holdId"]}
    where = f"track/{made['trackingToken']}/reschedule"
    stranger = await change(world, where, body, role=None)
    assert (stranger.status_code, problem(stranger)["code"]) == (404, "not_found")
    mine = await change(world, where, body, role=None, headers={"X-Session-Token": hold["sessionToken"]})
    assert mine.status_code == 200, mine.text


async def test_patients_see_move_and_cancel_their_own_and_nobody_elses(world: World) -> None:
    await bookable(world)
    access, _ = await signed_in(world)
    as_patient = {"Authorization": f"Bearer {access}"}
    slots = await slots_of(world)
    own = await book(world, slots[0], {"patient": {"id": str(world.patients[0])}})
    id, other = own.json()["data"]["appointment"]["id"], (await booked(world))["appointment"]["id"]
    seen = await world.send("GET", f"/api/appointments/{id}", role=None, headers=as_patient)
    data = seen.json()["data"]
    assert (data["mayCancel"], data["mayReschedule"], data["state"]) == (True, True, "expected")
    moved = await change(world, f"{id}/reschedule", {"slotId": str(slots[1])}, role=None, headers=as_patient)
    assert moved.status_code == 200, moved.text
    for path in (f"{other}/reschedule", f"{other}/cancel"):
        body = {"slotId": str(slots[2])} if path.endswith("reschedule") else {}
        refused = await change(world, path, body, role=None, headers=as_patient)
        assert (refused.status_code, problem(refused)["code"]) == (404, "not_found")
    assert (await world.send("GET", f"/api/appointments/{other}", role=None, headers=as_patient)).status_code == 404
    assert (await change(world, f"{id}/cancel", role=None, headers=as_patient)).status_code == 200


async def test_after_the_deadline_only_the_desk_can_change_it(world: World) -> None:
    await bookable(world)
    made, slots = await booked(world), await slots_of(world)
    policy = {"cancelDeadlineMinutes": 4320}
    path = f"/api/clinics/{world.clinic.id}/queue-policy"
    current = (await world.send("GET", path, role=Role.ADMIN)).json()["data"]
    answer = await world.send("PUT", path, current | policy, role=Role.ADMIN)
    assert answer.status_code == 200, answer.text
    told = await world.send("GET", f"/api/appointments/track/{made['trackingToken']}/visit", role=None)
    assert (told.json()["data"]["mayCancel"], told.json()["data"]["mayReschedule"]) == (False, False)
    for what, body in (("reschedule", {"slotId": str(slots[0])}), ("cancel", {})):
        late = await change(world, f"track/{made['trackingToken']}/{what}", body, role=None)
        assert (late.status_code, problem(late)["code"]) == (409, "too_late_to_cancel")
    assert (await change(world, f"{made['appointment']['id']}/cancel")).status_code == 200


async def test_the_same_key_gets_the_same_answer_and_another_request_none(world: World) -> None:
    made, slots = await booked(world), await slots_of(world)
    where, key = f"{made['appointment']['id']}/reschedule", {"Idempotency-Key": uuid4().hex}
    first = await change(world, where, {"slotId": str(slots[0])}, headers=key)
    again = await change(world, where, {"slotId": str(slots[0])}, headers=key)
    assert (first.status_code, again.json()["data"]) == (200, first.json()["data"])
    other = await change(world, where, {"slotId": str(slots[1])}, headers=key)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")
    for what, body in (("reschedule", {"slotId": str(slots[1])}), ("cancel", {})):
        unkeyed = await world.send("POST", f"/api/appointments/{made['appointment']['id']}/{what}", body)
        assert (unkeyed.status_code, problem(unkeyed)["code"]) == (422, "validation_failed")
        assert problem(unkeyed)["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "slotId"),
        ({"slotId": "nine"}, "slotId"),
        ({"slotId": str(uuid4()), "mode": "by_post"}, "mode"),
        ({"slotId": str(uuid4()), "holdId": 7}, "holdId"),
        ({"slotId": str(uuid4()), "force": True}, "force"),
    ],
)
async def test_a_move_that_makes_no_sense_names_the_field(world: World, body: dict[str, Any], field: str) -> None:
    for where in (f"{world.entries[0]}/reschedule", f"track/{await world.link()}/reschedule"):
        answer = await change(world, where, body)
        assert answer.status_code in (400, 422), answer.text
        assert field in answer.text


async def test_links_that_are_none_open_nothing(world: World) -> None:
    for token in ("nonsense", "a.b.c", (await world.link())[:-4] + "AAAA"):
        answer = await change(world, f"track/{token}/cancel", role=None)
        assert (answer.status_code, problem(answer)["code"]) == (400, "invalid_tracking_token")
    assert (await change(world, f"{uuid4()}/cancel")).status_code == 404
    assert (await change(world, "nine/cancel")).status_code == 404
    long = await change(world, f"{world.entries[0]}/cancel", {"reason": "x" * 501})
    assert long.status_code == 422


async def test_doctors_see_the_appointments_of_their_own_line_alone(world: World) -> None:
    own = await world.send("GET", f"/api/appointments/{world.entries[0]}", role=Role.DOCTOR)
    assert own.status_code == 200, own.text
    slot = (await add_slots(world, doctor=world.clinic.doctors[1]))[0]
    other = await booked(world, slot)
    refused = await world.send("GET", f"/api/appointments/{other['appointment']['id']}", role=Role.DOCTOR)
    assert refused.status_code == 403
    for role in (Role.DEPARTMENT_HEAD, Role.DISPLAY):
        assert (await world.send("GET", f"/api/appointments/{world.entries[0]}", role=role)).status_code == 403


async def test_the_desk_lists_a_patients_appointments(world: World) -> None:
    await book(world, world.ids["slotId"], {"patient": {"id": str(world.patients[0])}})
    answer = await world.send("GET", f"/api/patients/{world.patients[0]}/appointments")
    assert answer.status_code == 200, answer.text
    then, now = answer.json()["data"]
    assert (then["slotId"], now["slotId"]) == (str(world.ids["slotId"]), None)
    assert now["appointment"]["id"] == str(world.entries[0])
    assert set(then) >= {
        "appointment",
        "slotId",
        "state",
        "payment",
        "canCancelUntil",
        "mayCancel",
        "mayReschedule",
        "trackingUrl",
    }


async def test_the_public_holds_a_time_with_any_doctor_and_books_it(world: World) -> None:
    await bookable(world)
    (slot, *_), tenant = await slots_of(world), str(world.clinic.tenant)
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        row = await tx.row("SELECT start FROM slot WHERE slot_id = $1", slot)
    assert row is not None
    body = {"start": row["start"].isoformat(), "clinicId": str(world.clinic.id)}
    held = await world.send("POST", "/api/slots/any/hold", body, role=None, headers={"X-Tenant-Id": tenant})
    assert held.status_code == 200, held.text
    hold = held.json()["data"]
    assert (hold["slot"]["id"], hold["slot"]["doctorId"]) == (str(slot), str(world.doctor))
    session = {"X-Tenant-Id": tenant, "X-Session-Token": hold["sessionToken"]}
    other = await world.send("POST", "/api/slots/any/hold", body, role=None, headers={"X-Tenant-Id": tenant})
    assert (other.status_code, problem(other)["code"]) == (409, "slot_unavailable")
    again = await world.send("POST", "/api/slots/any/hold", body, role=None, headers=session)
    assert again.json()["data"]["holdId"] == hold["holdId"]
    headers = session | {"Idempotency-Key": uuid4().hex}
    patient = {"holdId": hold["holdId"], "patient": {"name": "Mei Chen", "phone": "+44 20 7946 0999"}}
    done = await world.send("POST", f"/api/slots/{slot}/book", patient, role=None, headers=headers)
    assert done.status_code == 200, done.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"start": "tomorrow", "clinicId": str(uuid4())},
        {"start": "2030-01-01T09:00:00", "clinicId": str(uuid4())},
        {"start": "2030-01-01T09:00:00Z"},
        {"start": "2030-01-01T09:00:00Z", "specialty": ""},
        {"start": "2030-01-01T09:00:00Z", "doctorIds": [str(uuid4())] * 51},
        {"start": "0001-01-01T00:00:00+14:00", "clinicId": str(uuid4())},
    ],
)
async def test_any_doctor_at_no_sensible_time_is_refused(world: World, body: dict[str, Any]) -> None:
    headers = {"X-Tenant-Id": str(world.clinic.tenant)}
    answer = await world.send("POST", "/api/slots/any/hold", body, role=None, headers=headers)
    assert answer.status_code in (400, 409, 422), answer.text
