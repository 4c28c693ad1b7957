"""Holds over HTTP: who keeps what for how long, and that whatever goes wrong changes nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.permissions import Role
from scheduling_core.slots.events import HolderKind
from tests.http.answers import problem
from tests.http.test_patient_accounts import signed_in
from tests.http.test_slots import PATIENT, bookable, tomorrow
from tests.http.world import World, add_slots

TABLES = ("slot", "hold", "appointment", "queue_entry", "patient", "room_reservation", "job", "stream")


async def rows(world: World) -> dict[str, list[str]]:
    """Return everything that a hold or a booking may change, to compare before with after."""
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        found = {}
        for table in TABLES:
            listed = await tx.rows(f"SELECT t::text AS row FROM {table} t WHERE tenant_id = $1 ORDER BY 1", tx.tenant)
            found[table] = [row["row"] for row in listed]
        return found


async def ask(
    world: World,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    key: str | None = None,
    **headers: str,
) -> httpx.Response:
    """Send a request as a guest of the world's organisation, who has a session token or not."""
    given = {"X-Tenant-Id": str(world.clinic.tenant)} | headers
    given |= {"X-Session-Token": token} if token is not None else {}
    given |= {"Idempotency-Key": key} if key is not None else {}
    return await world.send(method, path, body, role=None, headers=given)


async def hold(world: World, slot: UUID | str, body: Any = None, **more: Any) -> httpx.Response:
    return await ask(world, "POST", f"/api/slots/{slot}/hold", body or {}, **more)


async def held(world: World, slot: UUID | str, **more: Any) -> dict[str, Any]:
    """Hold a place that must be free and return the hold."""
    answer = await hold(world, slot, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def book(world: World, slot: UUID | str, body: Any, **more: Any) -> httpx.Response:
    return await ask(world, "POST", f"/api/slots/{slot}/book", PATIENT | body, **({"key": uuid4().hex} | more))


async def mine(world: World, slot: UUID | str, **more: Any) -> httpx.Response:
    return await ask(world, "GET", f"/api/slots/{slot}/hold", **more)


@pytest.fixture
async def slot(world: World) -> UUID:
    """Tomorrow's slot at nine, of a doctor whom patients may book."""
    await bookable(world)
    return world.ids["slotId"]


async def test_a_guest_holds_asks_again_books_and_follows_the_appointment(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    token = made["sessionToken"]
    assert (made["mode"], made["renewable"], made["slot"]["remaining"]) == (
        "in_person",
        True,
        {"inPerson": 0, "tele": 0},
    )
    again = await mine(world, slot, token=token)
    assert again.json()["data"] == {name: value for name, value in made.items() if name != "sessionToken"}
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=token)
    assert answer.status_code == 200, answer.text
    booked = answer.json()["data"]
    assert "taken" not in booked["slot"]
    tracked = await world.client.get(f"/api/appointments/track/{booked['trackingToken']}")
    assert tracked.json()["data"]["appointment"]["ticket"] == booked["appointment"]["ticket"]
    queue = await world.send("GET", f"/api/appointments/queue/state/{world.doctor}?date={tomorrow()}")
    assert [entry["id"] for entry in queue.json()["data"]["entries"]] == [booked["appointment"]["id"]]
    assert (await mine(world, slot, token=token)).status_code == 404


async def test_a_hold_belongs_to_whoever_has_the_token_and_is_nobody_elses(world: World, slot: UUID) -> None:
    token = (await held(world, slot))["sessionToken"]
    stranger = (await held(world, (await add_slots(world, days_ahead=2))[0]))["sessionToken"]
    assert (await mine(world, slot, token=token)).status_code == 200
    for answer in (await mine(world, slot, token=stranger), await world.send("GET", f"/api/slots/{slot}/hold")):
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    before = await rows(world)
    assert (await ask(world, "DELETE", f"/api/slots/{slot}/hold", token=stranger)).status_code == 204
    assert await rows(world) == before
    assert (await ask(world, "DELETE", f"/api/slots/{slot}/hold", token=token)).status_code == 204
    assert (await mine(world, slot, token=token)).status_code == 404


async def test_a_session_token_is_told_once_and_kept_nowhere(world: World, slot: UUID) -> None:
    token = (await held(world, slot))["sessionToken"]
    assert "sessionToken" not in await held(world, slot, token=token)
    kept = "".join(row for table in (await rows(world)).values() for row in table)
    assert token not in kept


async def test_staff_and_signed_in_patients_hold_without_a_session_token(world: World, slot: UUID) -> None:
    access, _ = await signed_in(world)
    bearers = [{"Authorization": f"Bearer {access}"}, {"Authorization": f"Bearer {world.bearer(Role.RECEPTIONIST)}"}]
    for headers in bearers:
        answer = await world.send("POST", f"/api/slots/{slot}/hold", {}, role=None, headers=headers)
        assert answer.status_code == 200, answer.text
        assert "sessionToken" not in answer.json()["data"]
        shown = await world.send("GET", f"/api/slots/{slot}/hold", role=None, headers=headers)
        assert shown.json()["data"]["holdId"] == answer.json()["data"]["holdId"]
        released = await world.send("DELETE", f"/api/slots/{slot}/hold", role=None, headers=headers)
        assert released.status_code == 204


async def test_a_patient_who_has_signed_in_books_for_themselves_without_saying_who(world: World, slot: UUID) -> None:
    access, _ = await signed_in(world)
    headers = {"Authorization": f"Bearer {access}"}
    made = (await world.send("POST", f"/api/slots/{slot}/hold", {}, role=None, headers=headers)).json()["data"]
    body = {"holdId": made["holdId"]}
    answer = await world.send(
        "POST", f"/api/slots/{slot}/book", body, role=None, headers=headers | {"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 200, answer.text
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        appointment = UUID(answer.json()["data"]["appointment"]["id"])
        row = await tx.row("SELECT patient_id FROM appointment WHERE appointment_id = $1", appointment)
    assert row is not None
    assert row["patient_id"] == world.patients[0]


# ---- bad input -------------------------------------------------------------------------------------------------------


async def change(world: World, slot: UUID, what: str) -> None:
    """Change a slot past all rules."""
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(f"UPDATE slot SET {what} WHERE tenant_id = $1 AND slot_id = $2", tx.tenant, slot)


@pytest.mark.parametrize(
    ("what", "body", "status", "code", "field"),
    [
        ("blocked = true", {}, 409, "slot_blocked", None),
        ("withdrawn = true", {}, 409, "slot_unavailable", None),
        ("taken = 1, in_person_taken = 1", {}, 409, "slot_unavailable", None),
        ("in_person = 0", {"mode": "in_person"}, 409, "mode_not_offered", "mode"),
        ("tele = 0", {"mode": "tele"}, 409, "mode_not_offered", "mode"),
    ],
)
async def test_a_slot_that_cannot_be_had_says_why_and_stays_as_it_was(
    world: World, slot: UUID, what: str, body: dict[str, str], status: int, code: str, field: str | None
) -> None:
    await change(world, slot, what)
    before = await rows(world)
    answer = await hold(world, slot, body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code), answer.text
    assert [fault["field"] for fault in problem(answer).get("errors") or []] == ([field] if field else [])
    assert await rows(world) == before


async def test_a_slot_that_has_begun_is_held_by_nobody(world: World, slot: UUID) -> None:
    begun = uuid4()
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            'INSERT INTO slot (tenant_id, slot_id, doctor_id, clinic_id, schedule_id, start, "end", date, part_of_day,'
            " in_person, tele, total) SELECT tenant_id, $2, doctor_id, clinic_id, schedule_id, now(),"
            " now() + interval '30 minutes', current_date, 0, 1, 0, 1 FROM slot WHERE tenant_id = $1 AND slot_id = $3",
            tx.tenant,
            begun,
            slot,
        )
    before = await rows(world)
    answer = await hold(world, begun)
    assert (answer.status_code, problem(answer)["code"]) == (409, "slot_past"), answer.text
    assert await rows(world) == before


async def test_unknown_and_foreign_slots_are_not_there(world: World, neighbour: World, slot: UUID) -> None:
    await bookable(neighbour)
    before, theirs = await rows(world), await rows(neighbour)
    for path in (f"/api/slots/{uuid4()}/hold", f"/api/slots/{neighbour.ids['slotId']}/hold", "/api/slots/nine/hold"):
        for method in ("POST", "GET"):
            token = None if method == "POST" else "A" * 32
            answer = await ask(world, method, path, {} if method == "POST" else None, token=token)
            assert (path, method, answer.status_code) == (path, method, 404), answer.text
    for role in (Role.RECEPTIONIST, Role.ADMIN):
        answer = await world.send("POST", f"/api/slots/{neighbour.ids['slotId']}/hold", {}, role=role)
        assert answer.status_code == 404
    assert (await rows(world), await rows(neighbour)) == (before, theirs)


async def test_a_token_is_worth_nothing_at_another_organisation(world: World, neighbour: World, slot: UUID) -> None:
    made = await held(world, slot)
    there = {"X-Tenant-Id": str(neighbour.clinic.tenant)}
    body = PATIENT | {"holdId": made["holdId"]}
    before = await rows(world)
    for method, path, sent in (
        ("GET", f"/api/slots/{slot}/hold", None),
        ("POST", f"/api/slots/{slot}/book", body),
    ):
        headers = there | {"X-Session-Token": made["sessionToken"], "Idempotency-Key": uuid4().hex}
        answer = await world.send(method, path, sent, role=None, headers=headers)
        assert answer.status_code == 404, answer.text
    assert await rows(world) == before


async def test_roles_that_book_nothing_hold_nothing(world: World, slot: UUID) -> None:
    before = await rows(world)
    for role in (Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY):
        answer = await world.send("POST", f"/api/slots/{slot}/hold", {}, role=role)
        assert (role, answer.status_code) == (role, 403)
    assert await rows(world) == before


@pytest.mark.parametrize(
    ("headers", "status", "field"),
    [
        ({}, 422, "tenantId"),
        ({"X-Tenant-Id": "here"}, 422, "X-Tenant-Id"),
        ({"X-Tenant-Id": str(uuid4())}, 404, None),
        ({"X-Tenant-Id": str(uuid4()), "Idempotency-Key": uuid4().hex}, 404, "tenantId"),
    ],
)
async def test_a_guest_says_whose_slot_it_is(
    world: World, slot: UUID, headers: dict[str, str], status: int, field: str | None
) -> None:
    before = await rows(world)
    answer = await world.send("POST", f"/api/slots/{slot}/hold", {}, role=None, headers=headers)
    assert answer.status_code == status, answer.text
    assert [fault["field"] for fault in problem(answer).get("errors") or []] == ([field] if field else [])
    assert await rows(world) == before


async def test_a_guest_who_made_the_token_asks_again_for_an_answer_that_was_lost(world: World, slot: UUID) -> None:
    token = uuid4().hex
    lost, again = [(await hold(world, slot, token=token)).json()["data"] for _ in range(2)]
    assert again == lost
    assert "sessionToken" not in again
    assert (await book(world, slot, {"holdId": again["holdId"]}, token=token)).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 31, "A" * 33, "A" * 31 + "!", "A" * 31 + "/", " " * 32])
async def test_what_is_no_session_token_is_refused_at_its_header(world: World, slot: UUID, token: str) -> None:
    made = await held(world, slot)
    before = await rows(world)
    answers = [
        await hold(world, slot, token=token),
        await mine(world, slot, token=token),
        await ask(world, "DELETE", f"/api/slots/{slot}/hold", token=token),
        await book(world, slot, {"holdId": made["holdId"]}, token=token),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert problem(answer)["errors"][0]["field"] == "X-Session-Token"
    assert await rows(world) == before


async def test_without_a_session_there_is_nothing_to_show_to_give_up_or_to_book(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    before = await rows(world)
    for answer in (
        await mine(world, slot),
        await ask(world, "DELETE", f"/api/slots/{slot}/hold"),
        await book(world, slot, {"holdId": made["holdId"]}),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (401, "unauthenticated")
    assert await rows(world) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [({"mode": "by post"}, "mode"), ({"mode": None}, "mode"), ({"modes": "tele"}, "modes"), ([], "")],
)
async def test_bodies_that_make_no_sense_hold_nothing(world: World, slot: UUID, body: Any, field: str) -> None:
    before = await rows(world)
    answer = await ask(world, "POST", f"/api/slots/{slot}/hold", body)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field
    assert await rows(world) == before


async def test_no_more_is_held_than_the_policy_allows(world: World, slot: UUID) -> None:
    slots = await add_slots(world, days_ahead=3)
    token = (await held(world, slot))["sessionToken"]
    await held(world, slots[0], token=token)
    before = await rows(world)
    answer = await hold(world, slots[1], token=token)
    assert (answer.status_code, problem(answer)["code"]) == (409, "hold_limit_reached")
    assert await rows(world) == before


# ---- booking what is not one's own, or not any more ------------------------------------------------------------------


async def test_another_guests_hold_is_not_there(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    stranger = (await held(world, (await add_slots(world, days_ahead=2))[0]))["sessionToken"]
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=stranger)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (404, "holdId")
    by_staff = await world.send(
        "POST",
        f"/api/slots/{slot}/book",
        PATIENT | {"holdId": made["holdId"]},
        headers={"Idempotency-Key": uuid4().hex},
    )
    assert (by_staff.status_code, problem(by_staff)["errors"][0]["field"]) == (404, "holdId")
    assert await rows(world) == before


async def test_a_hold_books_the_slot_it_is_of_and_no_other(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    other = (await add_slots(world, days_ahead=2))[0]
    before = await rows(world)
    answer = await book(world, other, {"holdId": made["holdId"]}, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (404, "holdId")
    assert await rows(world) == before


async def test_a_hold_whose_time_is_over_books_nothing(
    world: World, slot: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(HELD_FOR, HolderKind.GUEST, timedelta(microseconds=1))
        made = await held(world, slot)
    assert (await mine(world, slot, token=made["sessionToken"])).status_code == 404
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["code"]) == (409, "hold_expired")
    after = await rows(world)
    assert after["appointment"]
    assert not any(str(slot) in row for row in after["appointment"])
    assert not any("Mei Chen" in row for row in after["patient"])
    assert (await hold(world, slot)).status_code == 200


async def test_who_gave_up_a_hold_books_nothing_with_it(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    await ask(world, "DELETE", f"/api/slots/{slot}/hold", token=made["sessionToken"])
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["code"]) == (409, "conflict")
    assert await rows(world) == before


async def test_a_place_by_video_is_not_booked_with_a_hold_in_person(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"], "mode": "tele"}, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (409, "mode")
    assert await rows(world) == before


async def test_guests_do_not_book_past_the_holds(world: World, slot: UUID) -> None:
    token = (await held(world, slot))["sessionToken"]
    before = await rows(world)
    answer = await book(world, slot, {}, token=token)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "holdId")
    assert await rows(world) == before


async def test_a_repeated_booking_is_the_same_and_its_key_is_good_for_nothing_else(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    body, token = {"holdId": made["holdId"]}, made["sessionToken"]
    first = await book(world, slot, body, token=token, key="once")
    before = await rows(world)
    again = await book(world, slot, body, token=token, key="once")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    other = await book(world, slot, body | {"visitType": "other"}, token=token, key="once")
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")
    twice = await book(world, slot, body, token=token, key="twice")
    assert (twice.status_code, problem(twice)["code"]) == (409, "conflict")
    assert await rows(world) == before


async def test_a_booking_without_a_key_is_refused_and_the_hold_stays(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=made["sessionToken"], key=None)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert await rows(world) == before
    assert (await mine(world, slot, token=made["sessionToken"])).status_code == 200


async def test_a_clinic_that_is_full_keeps_the_hold_and_books_nobody(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET capacity = '{\"per_day\": 0}' WHERE tenant_id = $1", tx.tenant)
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"]}, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["code"]) == (409, "capacity_reached"), answer.text
    assert await rows(world) == before


@pytest.mark.parametrize(
    ("patient", "field"),
    [
        ({"name": "Mei Chen"}, "patient.phone"),
        ({"phone": "+44 20 7946 0999"}, "patient.name"),
        ({"id": str(uuid4())}, "patient.id"),
        ({"name": "Mei\u0000Chen", "phone": "+44 20 7946 0999"}, "patient.name"),
        (None, "patient"),
    ],
)
async def test_guests_say_who_comes_and_how_to_reach_them(
    world: World, slot: UUID, patient: dict[str, str] | None, field: str
) -> None:
    made = await held(world, slot)
    before = await rows(world)
    answer = await book(world, slot, {"holdId": made["holdId"], "patient": patient}, token=made["sessionToken"])
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field
    assert await rows(world) == before


async def test_guests_choose_no_equipment(world: World, slot: UUID) -> None:
    made = await held(world, slot)
    before = await rows(world)
    body = {"holdId": made["holdId"], "equipmentIds": [str(world.ids["equipmentId"])]}
    answer = await book(world, slot, body, token=made["sessionToken"])
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "equipmentIds")
    assert await rows(world) == before
