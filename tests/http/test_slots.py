"""Slots over HTTP: who sees and changes what, bookings with their keys, and input that makes no sense."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World, add_slots
from tests.own_redis import until

DAY = timedelta(days=1)
PATIENT = {"patient": {"name": "Mei Chen", "phone": "+44 20 7946 0999"}}


def tomorrow() -> str:
    return (datetime.now(UTC) + DAY).date().isoformat()


async def bookable(world: World) -> None:
    """Let patients book the first doctor, as a complete profile would."""
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
            " can_patient_book, can_receptionist_book, failing, checked_at)"
            " VALUES ($1, $2, 100, true, true, true, true, '{}', now())",
            tx.tenant,
            world.doctor,
        )
        await tx.run(
            "INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label,"
            " specialties, qualifications, languages, modes, verification, verification_critical, department_ids,"
            " clinic_ids, room, public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)"
            " VALUES ($1, $2, 'active', 'Dr Rao', 'dr rao', '', '', '{}', '[]', '{}', '{}', 'verified', false, '{}',"
            " '{}', '', true, true, 100, $2)",
            tx.tenant,
            world.doctor,
        )
        for mode in ("in_person", "tele"):
            query = "INSERT INTO doctor_mode (tenant_id, mode, doctor_id, last_event_id) VALUES ($1, $2, $3, $3)"
            await tx.run(query, tx.tenant, mode, world.doctor)


async def search(world: World, **query: object) -> httpx.Response:
    return await world.client.get(
        "/api/slots/availability", params={"tenantId": str(world.clinic.tenant)} | {k: str(v) for k, v in query.items()}
    )


async def book(world: World, slot: UUID, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": more.pop("key", None) or uuid4().hex}
    return await world.send("POST", f"/api/slots/{slot}/book", PATIENT | (body or {}), headers=headers, **more)


async def test_the_public_finds_free_slots_in_the_order_of_time(world: World) -> None:
    await bookable(world)
    answer = await search(world)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    assert [slot["start"][11:16] for slot in found] == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    assert found[0] | {"version": 1} == {
        "id": str(world.ids["slotId"]),
        "doctorId": str(world.doctor),
        "doctorName": "Dr Rao",
        "clinicId": str(world.clinic.id),
        "start": f"{tomorrow()}T09:00:00Z",
        "end": f"{tomorrow()}T09:30:00Z",
        "date": tomorrow(),
        "partOfDay": "morning",
        "remaining": {"inPerson": 1, "tele": 1},
        "status": "free",
        "roomId": None,
        "version": 1,
    }


async def test_a_doctor_whom_patients_may_not_book_is_not_found(world: World) -> None:
    assert (await search(world)).json()["data"] == []


async def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    await bookable(world)
    await add_slots(world, days_ahead=2)
    whole = [slot["id"] for slot in (await search(world)).json()["data"]]
    found: list[str] = []
    answer = await search(world, limit=5)
    while True:
        found += [slot["id"] for slot in answer.json()["data"]]
        if "next" not in answer.links:
            break
        answer = await world.client.get(answer.links["next"]["url"])
    assert len(whole) == 12
    assert found == whole


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"partOfDay": "morning"}, 6),
        ({"partOfDay": "evening"}, 0),
        ({"mode": "tele"}, 6),
        ({"specialty": "cardiology"}, 0),
        ({"language": "xx"}, 0),
        ({"clinicId": uuid4()}, 0),
        ({"from": "2100-01-01"}, 0),
        ({"to": "2020-01-01"}, 0),
    ],
)
async def test_filters_narrow_what_is_found(world: World, query: dict[str, object], hits: int) -> None:
    await bookable(world)
    answer = await search(world, **query)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == hits


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-02-30"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2030-01-02", "to": "2030-01-01"}, "to"),
        ({"partOfDay": "noon"}, "partOfDay"),
        ({"mode": "carrier-pigeon"}, "mode"),
        ({"cursor": "not ours"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"doctorId": "somebody"}, "doctorId"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_senseless_searches_are_refused_at_their_field(
    world: World, query: dict[str, object], field: str
) -> None:
    answer = await search(world, **query)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field


async def test_the_public_says_whose_slots_it_wants(world: World) -> None:
    await bookable(world)
    nobody = await world.client.get("/api/slots/availability")
    assert problem(nobody)["errors"][0]["field"] == "tenantId"
    by_doctor = await world.client.get("/api/slots/availability", params={"doctorId": str(world.doctor)})
    assert len(by_doctor.json()["data"]) == 6
    by_header = await world.client.get("/api/slots/availability", headers={"X-Tenant-Id": str(world.clinic.tenant)})
    assert len(by_header.json()["data"]) == 6


async def test_a_booking_answers_with_ticket_and_link_and_is_in_the_queue_of_its_day(world: World) -> None:
    answer = await book(world, world.ids["slotId"], {"mode": "tele", "visitType": "follow-up"})
    assert answer.status_code == 200, answer.text
    made = answer.json()["data"]
    assert made["appointment"]["start"] == f"{tomorrow()}T09:00:00Z"
    assert (made["appointment"]["mode"], made["appointment"]["visitType"]) == ("tele", "follow-up")
    assert (made["slot"]["status"], made["slot"]["taken"]) == ("full", {"inPerson": 0, "tele": 1, "total": 1})
    queue = await world.send("GET", f"/api/appointments/queue/state/{world.doctor}?date={tomorrow()}")
    assert [entry["id"] for entry in queue.json()["data"]["entries"]] == [made["appointment"]["id"]]
    tracked = await world.client.get(f"/api/appointments/track/{made['trackingToken']}")
    assert tracked.json()["data"]["appointment"]["ticket"] == made["appointment"]["ticket"]


async def test_the_same_key_answers_the_same_booking_and_another_body_is_refused(world: World) -> None:
    first = await book(world, world.ids["slotId"], key="once")
    again = await book(world, world.ids["slotId"], key="once")
    assert (first.status_code, first.json()) == (200, again.json())
    other = await book(world, world.ids["slotId"], {"visitType": "other"}, key="once")
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")


async def test_a_booking_without_a_key_is_refused(world: World) -> None:
    answer = await world.send("POST", f"/api/slots/{world.ids['slotId']}/book", PATIENT)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_a_patient_who_is_known_is_booked_by_id(world: World) -> None:
    answer = await book(world, world.ids["slotId"], {"patient": {"id": str(world.patients[0])}})
    assert answer.status_code == 200, answer.text
    unknown = await book(world, world.ids["slotId"], {"patient": {"id": str(uuid4())}})
    assert unknown.status_code in (404, 409)


async def test_equipment_is_booked_with_a_slot_and_refused_at_its_field_to_whoever_comes_after(world: World) -> None:
    device = str(world.ids["equipmentId"])
    for wrong in ({"equipmentIds": [str(uuid4())]}, {"equipmentIds": [device], "mode": "tele"}):
        refused = await book(world, world.ids["slotId"], wrong)
        assert refused.status_code in (404, 422), refused.text
        assert problem(refused)["errors"][0]["field"] == "equipmentIds"
    made = await book(world, world.ids["slotId"], {"equipmentIds": [device]})
    assert (made.status_code, made.json()["data"]["slot"]["equipmentIds"]) == (200, [])
    retired = await world.send("DELETE", f"/api/equipment/{device}", role=Role.ADMIN)
    assert (retired.status_code, problem(retired)["code"]) == (409, "in_use")
    other = (await add_slots(world, doctor=world.clinic.doctors[1]))[0]
    taken = await book(world, other, {"equipmentIds": [device]})
    assert (taken.status_code, problem(taken)["code"]) == (409, "resource_taken"), taken.text
    assert problem(taken)["errors"][0]["field"] == "equipmentIds"
    assert (await book(world, other)).status_code == 200


@pytest.mark.parametrize(
    ("patient", "field"),
    [
        ({}, "patient.name"),
        ({"id": str(uuid4()), "name": "Mei Chen"}, "patient.id"),
        ({"name": ""}, "patient.name"),
        ({"name": "Mei\u0000Chen"}, "patient.name"),
        ({"name": "Mei Chen", "phone": "call me"}, "patient.phone"),
        ({"name": "Mei Chen", "email": "nowhere"}, "patient.email"),
        ({"name": "Mei Chen", "shoeSize": 38}, "patient.shoeSize"),
    ],
)
async def test_patients_who_make_no_sense_book_nothing(world: World, patient: dict[str, str], field: str) -> None:
    answer = await book(world, world.ids["slotId"], {"patient": patient})
    assert answer.status_code == 422, answer.text
    assert problem(answer)["errors"][0]["field"] == field
    slots = await world.send("GET", f"/api/doctors/{world.doctor}/slots?from={tomorrow()}")
    assert slots.json()["data"][0]["taken"]["total"] == 0


async def test_a_slot_is_blocked_with_a_reason_and_given_free(world: World) -> None:
    path = f"/api/slots/{world.ids['slotId']}/block"
    blocked = await world.send("POST", path, {"reason": "Phone calls"}, headers={"If-Match": '"1"'})
    assert blocked.status_code == 200, blocked.text
    shown = blocked.json()["data"]
    assert (shown["status"], shown["blockReason"], shown["remaining"]) == (
        "blocked",
        "Phone calls",
        {"inPerson": 0, "tele": 0},
    )
    assert blocked.headers["ETag"] == '"2"'
    refused = await book(world, world.ids["slotId"])
    assert (refused.status_code, problem(refused)["code"]) == (409, "slot_blocked")
    stale = await world.send("DELETE", path, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_capacity_is_checked_at_its_fields(world: World) -> None:
    path = f"/api/slots/{world.ids['slotId']}/capacity"
    for body, field in (
        ({"inPerson": 3, "tele": 0, "total": 2}, "inPerson"),
        ({"inPerson": 1, "tele": 0, "total": 2}, "total"),
        ({"inPerson": -1, "tele": 0, "total": 2}, "inPerson"),
        ({"inPerson": 1, "tele": 0, "total": 0}, "total"),
        ({"inPerson": 1, "tele": 0, "total": 99999}, "total"),
    ):
        answer = await world.send("PUT", path, body)
        assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field), answer.text
    assert (await book(world, world.ids["slotId"])).status_code == 200
    answer = await world.send("PUT", path, {"inPerson": 0, "tele": 1, "total": 1})
    assert (answer.status_code, problem(answer)["code"]) == (409, "places_taken")


async def test_staff_see_every_slot_of_a_doctor_two_months_at_a_time(world: World) -> None:
    path = f"/api/doctors/{world.doctor}/slots"
    assert len((await world.send("GET", path)).json()["data"]) == 6
    assert (await world.send("GET", f"{path}?from=2030-01-01&to=2030-12-31")).status_code == 422
    assert (await world.send("GET", f"{path}?from=9999-12-31")).status_code == 422
    assert (await world.send("GET", f"/api/doctors/{uuid4()}/slots")).status_code == 404


async def test_the_horizon_is_the_tenants_own(world: World) -> None:
    path = f"/api/tenants/{world.clinic.tenant}/slot-policy"
    first = await world.send("GET", path)
    assert first.json()["data"] == {"horizonDays": 90, "leadMinutes": 0, "version": 0}
    body = {"horizonDays": 30, "leadMinutes": 2880}
    made = await world.send("PUT", path, body, role=Role.ADMIN, headers={"If-Match": '"0"'})
    assert made.json()["data"] == body | {"version": 1}
    assert (await world.send("PUT", path, body, role=Role.ADMIN, headers={"If-Match": '"0"'})).status_code == 412
    await bookable(world)
    # Nobody books less than two days ahead now.
    assert (await search(world)).json()["data"] == []


async def test_generating_on_demand_asks_a_job_for_each_doctor_with_a_schedule(world: World) -> None:
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor_schedule (tenant_id, schedule_id, doctor_id, clinic_id, effective_from, ended, week,"
            " version, last_event_id) VALUES ($1, $2, $3, $4, current_date, false, '[]', 1, $2)",
            tx.tenant,
            uuid4(),
            world.doctor,
            world.clinic.id,
        )
    answer = await world.send("POST", "/api/slots/generate", {}, role=Role.ADMIN)
    assert (answer.status_code, answer.json()["data"]) == (202, {"doctors": 1})
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        (job,) = await tx.rows("SELECT payload FROM job WHERE kind = 'generate_slots'")
    assert str(world.doctor) in job["payload"]
    unknown = await world.send("POST", "/api/slots/generate", {"doctorIds": [str(uuid4())]}, role=Role.ADMIN)
    assert unknown.status_code == 404


async def test_a_clinic_that_closes_offers_nothing_and_all_of_it_when_it_is_open_again(world: World) -> None:
    await bookable(world)
    clinic, before = f"/api/clinics/{world.clinic.id}", (await search(world)).json()["data"]
    assert len(before) == 6

    async def offers(wanted: list[Any]) -> bool:
        return bool((await search(world)).json()["data"] == wanted)

    await world.send("PUT", clinic, {"active": False}, role=Role.ADMIN)
    await until(lambda: offers([]))
    assert (await book(world, world.ids["slotId"])).status_code == 409
    await world.send("PUT", clinic, {"active": True}, role=Role.ADMIN)
    await until(lambda: offers(before))
    assert (await book(world, world.ids["slotId"])).status_code == 200
