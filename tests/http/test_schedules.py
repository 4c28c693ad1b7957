"""Schedules, exceptions and calendars over HTTP: answers, versions with what others changed, and senseless input."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from queue_server.http.calendar import DaysQuery
from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World

SITTING = {"weekday": 1, "start": "09:00", "end": "12:00", "slotMinutes": 30}


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def instant(days: int, hour: int) -> str:
    return f"{day(days)}T{hour:02}:00:00Z"


def weekly(**given: Any) -> list[dict[str, Any]]:
    return [SITTING | {"weekday": weekday} | given for weekday in range(1, 8)]


def new(world: World, **given: Any) -> dict[str, Any]:
    return {
        "clinicId": str(world.clinic.id),
        "effectiveFrom": day(2),
        "effectiveUntil": day(9),
        "sittings": weekly(),
    } | given


async def made(world: World, doctor: int = 1, **given: Any) -> dict[str, Any]:
    path = f"/api/doctors/{world.clinic.doctors[doctor]}/schedules"
    answer = await world.send("POST", path, new(world, **given), role=Role.ADMIN)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def test_a_schedule_is_made_changed_and_ended(world: World) -> None:
    schedule = await made(world)
    assert schedule["version"] == 1
    assert schedule["sittings"][0] == SITTING | {
        "bufferMinutes": 0,
        "endsNextDay": False,
        "inPerson": 1,
        "tele": 0,
        "total": 1,
        "roomId": None,
        "equipmentIds": [],
    }
    path = f"/api/schedules/{schedule['id']}"
    body = {"effectiveFrom": day(2), "effectiveUntil": day(9), "sittings": weekly(end="00:00", endsNextDay=True)}
    changed = await world.send("PUT", path, body, role=Role.ADMIN, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["data"]["sittings"][0]["endsNextDay"] is True
    same = await world.send("PUT", path, body | {"sittings": weekly(end="24:00")}, role=Role.ADMIN)
    assert same.headers["etag"] == '"2"', "24:00 is the same midnight"
    ended = await world.send("DELETE", f"{path}?lastDay={day(4)}", role=Role.ADMIN)
    assert (ended.json()["data"]["ended"], ended.json()["data"]["effectiveUntil"]) == (True, day(4))
    listed = await world.send("GET", f"/api/doctors/{world.clinic.doctors[1]}/schedules")
    assert listed.json()["data"] == [ended.json()["data"]]


async def test_a_dry_run_shows_what_would_be_and_keeps_nothing(world: World) -> None:
    doctor = world.clinic.doctors[1]
    path = f"/api/doctors/{doctor}/schedules"
    tried = await world.send("POST", f"{path}?dryRun=true", new(world), role=Role.ADMIN)
    assert tried.status_code == 200, tried.text
    preview = tried.json()["data"]["preview"]
    assert (preview["slotsAdded"], preview["slotsRemoved"], preview["patientsAffected"]) == (48, 0, [])
    assert (await world.send("GET", path)).json()["data"] == []
    schedule = await made(world)
    tries: list[tuple[str, str, object]] = [
        ("PUT", f"/api/schedules/{schedule['id']}", {"effectiveFrom": day(2), "sittings": weekly(end="10:00")}),
        ("DELETE", f"/api/schedules/{schedule['id']}", None),
        ("POST", f"/api/schedules/{schedule['id']}/overrides", {"date": day(3)}),
        (
            "POST",
            f"/api/schedules/{schedule['id']}/exceptions",
            {"kind": "holiday", "start": instant(3, 0), "end": instant(4, 0)},
        ),
    ]
    for method, where, body in tries:
        tried = await world.send(method, f"{where}?dryRun=true", body, role=Role.ADMIN)
        assert tried.status_code == 200, tried.text
        assert tried.json()["data"]["preview"]["slotsRemoved"] > 0
        assert (await world.send("GET", path)).json()["data"] == [schedule]


async def test_who_saves_second_is_told_what_changed(world: World) -> None:
    schedule = await made(world)
    path = f"/api/schedules/{schedule['id']}"
    body = {"effectiveFrom": day(2), "sittings": weekly(start="08:00")}
    assert (await world.send("PUT", path, body, role=Role.ADMIN)).status_code == 200
    for query in ("", "?dryRun=true"):
        late = await world.send("PUT", path + query, body, role=Role.ADMIN, headers={"If-Match": '"1"'})
        found = problem(late)
        assert (found["status"], found["code"]) == (412, "stale_version")
        assert [(c["field"], c["by"]["name"], c["version"]) for c in found["changes"]] == [
            ("effectiveUntil", "Test admin", 2),
            ("sittings", "Test admin", 2),
        ]
        assert "Test admin" in found["detail"]


async def test_overrides_and_exceptions_come_and_go(world: World) -> None:
    schedule = await made(world)
    path = f"/api/schedules/{schedule['id']}"
    hours = {"start": "14:00", "end": "15:00", "slotMinutes": 30}
    body = {"date": day(3), "sittings": [hours], "reason": "Training"}
    changed = await world.send("POST", f"{path}/overrides", body, role=Role.ADMIN)
    assert changed.status_code == 201, changed.text
    (override,) = changed.json()["data"]["overrides"]
    assert (override["date"], override["reason"], override["sittings"][0]["start"]) == (day(3), "Training", "14:00")
    removed = await world.send("DELETE", f"/api/overrides/{override['id']}", role=Role.ADMIN)
    assert removed.json()["data"] == {"id": override["id"], "preview": None}
    block = {"kind": "forced_block", "start": instant(3, 9), "end": instant(3, 10), "allClinics": True}
    closed = await world.send("POST", f"{path}/exceptions", block, role=Role.ADMIN)
    assert (closed.status_code, closed.json()["data"]["clinicId"]) == (201, None)
    exception = closed.json()["data"]["id"]
    assert (await world.send("DELETE", f"/api/exceptions/{exception}", role=Role.ADMIN)).status_code == 200
    assert (await world.send("DELETE", f"/api/exceptions/{exception}", role=Role.ADMIN)).status_code == 404


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("sittings[0].end", {"sittings": weekly(start="12:00", end="09:00")}),
        ("sittings[0].end", {"sittings": weekly(start="09:00", end="09:00")}),
        ("sittings[0].end", {"sittings": weekly(start="09:00", end="24:01")}),
        ("sittings[0].start", {"sittings": weekly(start="9:00")}),
        ("sittings[0].start", {"sittings": weekly(start="24:00")}),
        ("sittings[0].slotMinutes", {"sittings": weekly(slotMinutes=181)}),
        ("sittings[0].slotMinutes", {"sittings": weekly(slotMinutes=-1)}),
        ("sittings[0].slotMinutes", {"sittings": weekly(slotMinutes=2**40)}),
        ("sittings[0].bufferMinutes", {"sittings": weekly(bufferMinutes=-5)}),
        ("sittings[0].weekday", {"sittings": weekly(weekday=0)}),
        ("sittings[0].total", {"sittings": weekly(total=0)}),
        ("sittings[0].roomId", {"sittings": weekly(roomId=str(uuid4()))}),
        ("sittings[0].equipmentIds", {"sittings": weekly(equipmentIds=[str(uuid4())])}),
        ("sittings[0].equipmentIds", {"sittings": weekly(equipmentIds=[str(uuid4()) for _ in range(21)])}),
        ("sittings[0].equipmentIds[0]", {"sittings": weekly(equipmentIds=["ultrasound"])}),
        ("sittings[0].colour", {"sittings": weekly(colour="red")}),
        ("sittings[1].start", {"sittings": [SITTING, SITTING | {"start": "11:00", "end": "13:00"}]}),
        ("sittings", {"sittings": []}),
        ("sittings", {"sittings": None}),
        ("effectiveUntil", {"effectiveUntil": day(1)}),
        ("effectiveUntil", {"effectiveUntil": "9999-12-31"}),
        ("effectiveFrom", {"effectiveFrom": "0001-01-01"}),
        ("effectiveFrom", {"effectiveFrom": "2026-02-30"}),
        ("effectiveFrom", {"effectiveFrom": 5}),
        ("clinicId", {"clinicId": "here"}),
    ],
)
async def test_a_senseless_schedule_is_refused_by_field_and_nothing_changes(
    world: World, field: str, given: dict[str, Any]
) -> None:
    path = f"/api/doctors/{world.clinic.doctors[1]}/schedules"
    for query in ("", "?dryRun=true"):
        answer = await world.send("POST", path + query, new(world, **given), role=Role.ADMIN)
        found = problem(answer)
        assert (answer.status_code, [error["field"] for error in found["errors"]]) == (422, [field])
    assert (await world.send("GET", path)).json()["data"] == []


async def test_sittings_over_those_of_another_schedule_are_refused_by_field(world: World) -> None:
    await made(world)
    path = f"/api/doctors/{world.clinic.doctors[1]}/schedules"
    answer = await world.send("POST", path, new(world, sittings=[SITTING | {"start": "11:00"}]), role=Role.ADMIN)
    found = problem(answer)
    assert (answer.status_code, found["code"]) == (409, "overlapping_sittings")
    assert found["errors"][0]["field"] == "sittings[0].start"
    assert len((await world.send("GET", path)).json()["data"]) == 1


async def test_clinics_that_are_not_there_or_next_door_are_not_found_by_field(world: World, neighbour: World) -> None:
    path = f"/api/doctors/{world.clinic.doctors[1]}/schedules"
    for clinic in (uuid4(), neighbour.clinic.id):
        found = problem(await world.send("POST", path, new(world, clinicId=str(clinic)), role=Role.ADMIN))
        assert (found["status"], found["errors"][0]["field"]) == (404, "clinicId")


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("end", {"kind": "emergency", "start": instant(3, 10), "end": instant(3, 9)}),
        ("start", {"kind": "emergency", "start": instant(-5, 10), "end": instant(3, 9)}),
        ("start", {"kind": "emergency", "start": f"{day(3)}T10:00:00", "end": instant(3, 11)}),
        ("start", {"kind": "emergency", "start": "0001-01-01T00:00:00Z", "end": instant(3, 11)}),
        ("end", {"kind": "emergency", "start": instant(3, 10), "end": "9999-12-31T23:59:59Z"}),
        ("kind", {"kind": "party", "start": instant(3, 10), "end": instant(3, 11)}),
        ("reason", {"kind": "holiday", "start": instant(3, 10), "end": instant(3, 11), "reason": "a\nb"}),
        ("reason", {"kind": "holiday", "start": instant(3, 10), "end": instant(3, 11), "reason": "x" * 501}),
    ],
)
async def test_a_senseless_exception_is_refused_by_field(world: World, field: str, body: dict[str, Any]) -> None:
    schedule = await made(world)
    answer = await world.send("POST", f"/api/schedules/{schedule['id']}/exceptions", body, role=Role.ADMIN)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)
    shown = await world.send("GET", f"/api/doctors/{world.clinic.doctors[1]}/calendar?from={day(0)}&to={day(9)}")
    assert shown.json()["data"]["exceptions"] == []


@pytest.mark.parametrize("when", [-1, 0, 1, 10, 4000])
async def test_an_override_outside_the_schedule_is_refused_by_field(world: World, when: int) -> None:
    schedule = await made(world)
    body = {"date": day(when)}
    answer = await world.send("POST", f"/api/schedules/{schedule['id']}/overrides", body, role=Role.ADMIN)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, "date")


async def test_calendars_show_days_with_reasons(world: World) -> None:
    await made(world)
    path = f"/api/doctors/{world.clinic.doctors[1]}/calendar"
    shown = (await world.send("GET", f"{path}?from={day(2)}&to={day(3)}")).json()["data"]
    assert [one["date"] for one in shown["days"]] == [day(2), day(3)]
    assert [(s["open"], s["kind"]) for s in shown["days"][0]["segments"]] == [
        (False, "outside_hours"),
        (True, "base"),
        (False, "outside_hours"),
    ]
    free = {"free": 6, "freeInPerson": 6, "freeTele": 0}
    assert shown["days"][0]["slots"] == {"total": 6, "booked": 0, "blocked": 0, **free}
    query = f"clinicId={world.clinic.id}&from={day(2)}&to={day(2)}"
    many = (await world.send("GET", f"/api/calendar?{query}")).json()["data"]
    minutes = {row["doctorId"]: [one["openMinutes"] for one in row["days"]] for row in many["doctors"]}
    assert minutes[str(world.clinic.doctors[1])] == [180]
    week = (await world.send("GET", path)).json()["data"]["days"]
    assert {one["date"] for one in week} == {day(n) for n in range(7)}, "the week from today"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"from={day(3)}&to={day(2)}", "to"),
        (f"from={day(0)}&to={day(200)}", "to"),
        ("from=9999-12-31", "from"),
        ("from=0001-01-01", "from"),
        ("from=tomorrow", "from"),
        (f"from={day(0)}&from={day(0)}", "from"),
    ],
)
async def test_senseless_ranges_are_refused_by_field(world: World, query: str, field: str) -> None:
    for path in (f"/api/doctors/{world.doctor}/calendar?{query}", f"/api/calendar?clinicId={world.clinic.id}&{query}"):
        answer = await world.send("GET", path)
        assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)


async def test_conflicts_are_for_reception(world: World) -> None:
    assert (await world.send("GET", "/api/slot-conflicts")).json()["data"] == []
    for role in (Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY):
        assert (await world.send("GET", "/api/slot-conflicts", role=role)).status_code == 403
    assert (await world.send("GET", f"/api/slot-conflicts?clinicId={uuid4()}")).status_code == 404


def test_the_days_of_a_query_never_leave_the_calendar() -> None:
    assert DaysQuery(first=date.max).days()[1] <= date.max
