"""Calendars outside: the file behind a link, addresses of feeds, who may make, open and withdraw them."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import icalendar
import pytest
import segno

from queue_server.application.calendar_feeds import service
from scheduling_core.permissions import Role
from tests.factories import NAMES
from tests.http.answers import problem
from tests.http.test_patient_accounts import signed_in
from tests.http.test_slots import book, tomorrow
from tests.http.world import World
from tests.interop.test_icalendar import check_lines

FEEDS = "/api/calendar-feeds"


def events(answer: httpx.Response) -> dict[str, Any]:
    """Return the events of a calendar by UID, after checking what all calendars have in common."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    check_lines(answer.content)
    calendar: Any = icalendar.Calendar.from_ical(answer.content)
    assert calendar.errors == []
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


async def file_of(world: World, token: str, **headers: str) -> httpx.Response:
    return await world.client.get(f"/api/appointments/track/{token}/calendar.ics", headers=headers)


async def booked(world: World, slot: int = 0, **body: Any) -> dict[str, Any]:
    """Book one of tomorrow's slots of the first doctor and return what was answered."""
    rows = (await world.send("GET", f"/api/doctors/{world.doctor}/slots?from={tomorrow()}")).json()["data"]
    answer = await book(world, rows[slot]["id"], body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


async def new_feed(world: World, body: Any = None, **more: Any) -> dict[str, Any]:
    answer = await world.send("POST", FEEDS, body or {}, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


async def opened(world: World, feed: dict[str, Any], **headers: str) -> httpx.Response:
    path = feed["url"].removeprefix(world.settings.public_url.rstrip("/"))
    return await world.client.get(path, headers=headers)


async def test_the_file_behind_a_link_says_when_where_and_with_whom(world: World) -> None:
    made = await booked(world)
    answer = await file_of(world, made["trackingToken"])
    assert answer.headers["content-disposition"] == 'attachment; filename="appointments.ics"'
    (event,) = events(answer).values()
    start = datetime.fromisoformat(f"{tomorrow()}T09:00:00+00:00")
    assert event["uid"] == made["appointment"]["id"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (start, start + timedelta(minutes=30))
    assert event["summary"] == "Appointment with Dr Rao"
    assert event["location"] == "Riverside Clinic, 1 River Street, Room 1"
    assert event["description"] == f"Ticket {made['appointment']['ticket']}"
    assert event["url"] == made["trackingUrl"]
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)


async def test_the_file_tells_no_more_of_its_patient_than_the_link(world: World) -> None:
    text = (await file_of(world, (await booked(world))["trackingToken"])).text
    for told in ("Mei", "Chen", "7946", "mailto", "ATTENDEE", "ORGANIZER"):
        assert told not in text


async def test_a_visit_by_video_is_at_no_place(world: World) -> None:
    made = await booked(world, mode="tele", patient={"name": "Ana Gil", "phone": "+34 600 000 000", "language": "es"})
    (event,) = events(await file_of(world, made["trackingToken"])).values()
    assert (event["summary"], event["location"]) == ("Cita con Dr Rao", "Por vídeo")


async def test_each_change_is_a_higher_sequence_of_the_same_uid_and_asking_again_is_none(world: World) -> None:
    made = await booked(world)
    appointment, token = made["appointment"]["id"], made["trackingToken"]
    seen = [events(await file_of(world, token))[appointment] for _ in range(2)]
    later = (await world.send("GET", f"/api/doctors/{world.doctor}/slots?from={tomorrow()}")).json()["data"][3]
    moved = await world.send(
        "POST",
        f"/api/appointments/{appointment}/reschedule",
        {"slotId": later["id"]},
        headers={"Idempotency-Key": uuid4().hex},
    )
    assert moved.status_code == 200, moved.text
    seen += [events(await file_of(world, token))[appointment] for _ in range(2)]
    cancelled = await world.send(
        "POST", f"/api/appointments/{appointment}/cancel", {}, headers={"Idempotency-Key": uuid4().hex}
    )
    assert cancelled.status_code == 200, cancelled.text
    seen += [events(await file_of(world, token))[appointment] for _ in range(2)]
    assert [event["sequence"] for event in seen] == [0, 0, 1, 1, 2, 2]
    assert [event["status"] for event in seen] == ["CONFIRMED"] * 4 + ["CANCELLED"] * 2
    assert [event["dtstart"].dt.strftime("%H:%M") for event in seen] == ["09:00", "09:00", *["10:30"] * 4]


async def test_another_language_of_the_patient_is_a_change_of_what_the_calendar_shows(world: World) -> None:
    made = await booked(world)
    appointment, token = made["appointment"]["id"], made["trackingToken"]
    seen = [events(await file_of(world, token))[appointment]]
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            "UPDATE patient SET language = 'es' WHERE patient_id ="
            " (SELECT patient_id FROM appointment WHERE appointment_id = $1)",
            UUID(appointment),
        )
    seen += [events(await file_of(world, token))[appointment] for _ in range(2)]
    assert [(event["summary"], event["sequence"]) for event in seen] == [
        ("Appointment with Dr Rao", 0),
        ("Cita con Dr Rao", 1),
        ("Cita con Dr Rao", 1),
    ]


async def test_of_more_than_a_feed_shows_those_that_are_long_over_are_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sooner, later = await booked(world, 0), await booked(world, 3)
    feed = await new_feed(world, {"doctorId": str(world.doctor)})
    both = {made["appointment"]["id"] for made in (sooner, later)}
    assert both <= set(events(await opened(world, feed)))
    monkeypatch.setattr(service, "MOST_VISITS", 1)
    assert set(events(await opened(world, feed))) == {later["appointment"]["id"]}


async def test_a_calendar_that_has_the_newest_is_told_so_and_nothing_else(world: World) -> None:
    made, feed = await booked(world), await new_feed(world, role=Role.DOCTOR)
    first = [await file_of(world, made["trackingToken"]), await opened(world, feed)]
    tags = [answer.headers["etag"] for answer in first]
    same = [
        await file_of(world, made["trackingToken"], **{"If-None-Match": tags[0]}),
        await opened(world, feed, **{"If-None-Match": tags[1]}),
    ]
    assert [(answer.status_code, answer.content) for answer in same] == [(304, b"")] * 2
    await booked(world, 1)
    other = await opened(world, feed, **{"If-None-Match": tags[1]})
    assert other.status_code == 200
    assert other.headers["etag"] != tags[1]


async def test_links_that_open_nothing_give_no_file_either(world: World, neighbour: World) -> None:
    made = await booked(world)
    token = made["trackingToken"]
    foreign = await file_of(world, token, **{"X-Tenant-Id": str(neighbour.clinic.tenant)})
    assert problem(foreign)["code"] == "invalid_tracking_token"
    assert problem(await file_of(world, token[:-3] + "abc"))["code"] == "invalid_tracking_token"
    await world.send("DELETE", f"/api/appointments/tracking-link/{made['appointment']['id']}")
    assert problem(await file_of(world, token))["code"] == "revoked_tracking_token"


async def test_a_doctors_feed_shows_their_patients_by_ticket_and_names_nobody(world: World) -> None:
    made = await booked(world)
    answer = await opened(world, await new_feed(world, role=Role.DOCTOR))
    found = events(answer)
    assert set(found) == {made["appointment"]["id"], *map(str, world.entries)}
    event = found[made["appointment"]["id"]]
    assert event["summary"] == f"{made['appointment']['ticket']} · consultation"
    assert "Dr Rao: appointments" in answer.text
    for name in ("Mei Chen", *NAMES[: len(world.entries)]):
        assert name.split()[0] not in answer.text.replace("Dr Rao", "")


async def test_an_address_is_drawn_for_phones_until_it_is_withdrawn(world: World) -> None:
    feed = await new_feed(world, role=Role.DOCTOR)
    token = feed["url"].rpartition("/")[2].removesuffix(".ics")
    drawn = await world.client.get(f"/calendar/{token}/qr.svg")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert drawn.headers["cache-control"] == "no-store"
    expected = io.BytesIO()
    code = segno.make(feed["url"].replace("http:", "webcal:"), error="m", micro=False)
    code.save(expected, kind="svg", border=4, light="#fff", svgclass=None, lineclass=None, omitsize=True)
    assert drawn.content == expected.getvalue()
    assert (await world.send("DELETE", f"{FEEDS}/{feed['id']}", role=Role.DOCTOR)).status_code == 204
    for gone in (token, "nonsense"):
        assert (await world.client.get(f"/calendar/{gone}/qr.svg")).status_code == 404


async def test_reception_makes_a_feed_of_a_doctor_and_the_doctor_may_withdraw_it(world: World) -> None:
    other = world.clinic.doctors[1]
    feed = await new_feed(world, {"doctorId": str(world.doctor)})
    foreign = await new_feed(world, {"doctorId": str(other)})
    assert set(events(await opened(world, feed))) == set(map(str, world.entries))
    assert events(await opened(world, foreign)) == {}
    listed = (await world.send("GET", FEEDS, role=Role.DOCTOR)).json()["data"]
    assert {one["id"]: one["isMine"] for one in listed} == {feed["id"]: False, str(world.ids["feedId"]): True}
    assert "url" not in listed[0]
    refused = await world.send("DELETE", f"{FEEDS}/{foreign['id']}", role=Role.DOCTOR)
    assert refused.status_code == 404
    assert (await world.send("DELETE", f"{FEEDS}/{feed['id']}", role=Role.DOCTOR)).status_code == 204
    assert (await opened(world, feed)).status_code == 404
    assert (await opened(world, foreign)).status_code == 200


async def test_patients_have_a_feed_of_their_own_appointments(world: World) -> None:
    access, _ = await signed_in(world)
    me: dict[str, Any] = {"headers": {"Authorization": f"Bearer {access}"}, "role": None}
    feed = await new_feed(world, **me)
    assert (feed["patientId"], feed["doctorId"]) == (str(world.patients[0]), None)
    assert set(events(await opened(world, feed))) == {str(world.entries[0])}
    wrong = await world.send("POST", FEEDS, {"doctorId": str(world.doctor)}, **me)
    assert wrong.status_code == 403
    assert (await world.send("DELETE", f"{FEEDS}/{world.ids['feedId']}", **me)).status_code == 404
    assert (await world.send("DELETE", f"{FEEDS}/{feed['id']}", **me)).status_code == 204
    assert (await opened(world, feed)).status_code == 404


@pytest.mark.parametrize(
    ("role", "named", "status"),
    [
        (Role.RECEPTIONIST, None, 422),
        (Role.RECEPTIONIST, "unknown", 404),
        (Role.DOCTOR, "other", 403),
        (Role.DISPLAY, "own", 403),
        (Role.DEPARTMENT_HEAD, "own", 403),
    ],
)
async def test_nobody_makes_a_feed_of_whom_they_do_not_see(
    world: World, role: Role, named: str | None, status: int
) -> None:
    doctors = {"own": world.doctor, "other": world.clinic.doctors[1], "unknown": uuid4(), None: None}
    body = {"doctorId": str(doctors[named])} if named else {}
    answer = await world.send("POST", FEEDS, body, role=role)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert problem(answer)["errors"][0]["field"] == "doctorId"


async def test_a_feed_ends_with_what_its_maker_may_see(world: World) -> None:
    feed = await new_feed(world, {"doctorId": str(world.doctor)})
    own = await new_feed(world, role=Role.DOCTOR)
    assert (await opened(world, feed)).status_code == 200
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run("UPDATE account SET clinic_ids = ARRAY[$2::uuid] WHERE tenant_id = $1", tx.tenant, uuid4())
    assert events(await opened(world, feed)) == {}
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run("UPDATE account SET disabled = true WHERE tenant_id = $1", tx.tenant)
    assert [(await opened(world, one)).status_code for one in (feed, own)] == [404, 404]


async def test_addresses_that_were_never_given_out_open_nothing(world: World) -> None:
    token = world.feed_token
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-4], "x", "%00", "a" * 5_000, token + "====", "é"]
    for one in wrong:
        answer = await world.client.get(f"/api/calendar/{one}.ics")
        assert (one, answer.status_code, problem(answer)["code"]) == (one, 404, "not_found")
    assert (await world.client.get(f"/api/calendar/{token}.ics")).status_code == 200


async def test_an_account_has_so_many_addresses_and_no_more(world: World) -> None:
    for _ in range(20):
        await new_feed(world, {"doctorId": str(world.doctor)})
    answer = await world.send("POST", FEEDS, {"doctorId": str(world.doctor)})
    assert (answer.status_code, problem(answer)["code"]) == (409, "conflict")


async def test_addresses_are_kept_as_digests_and_their_making_is_remembered(world: World) -> None:
    feed = await new_feed(world, {"doctorId": str(world.doctor)})
    token = feed["url"].rpartition("/")[2].removesuffix(".ics")
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        rows = await tx.rows("SELECT calendar_feed::text AS row FROM calendar_feed")
        made = await tx.rows("SELECT data::text FROM event_store WHERE type = 'calendar_feed_made'")
    assert rows
    assert not any(token in row["row"] for row in rows)
    assert any(feed["id"] in row["data"] and token not in row["data"] for row in made)
    assert datetime.fromisoformat(feed["createdAt"]) <= datetime.now(UTC)
