"""Patients over HTTP: signing in by code, one's own record, and that no way leads to anybody else's."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.patients.codes import Codes
from queue_server.http.endpoint import Door
from queue_server.http.routes import ENDPOINTS
from scheduling_core.ids import EntryId
from scheduling_core.permissions import Permission, Role
from tests.factories import from_now, today
from tests.http.answers import problem
from tests.http.test_roles import body_of, name, path_of
from tests.http.world import World

CLOSED = [e for e in ENDPOINTS if e.door is not Door.PUBLIC and "oken}" not in e.path]
"""Without those that a link opens to whoever has it."""
THEIRS = ("{patientId}", "{relativeId}", "{appointmentId}")
"""What stands in a path for something of one patient."""


async def code_of(world: World, contact: str) -> str:
    """Return the code that was sent to a contact."""
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        row = await tx.row(
            "SELECT m.message_id, c.digest FROM message m JOIN sign_in_code c USING (tenant_id, message_id)"
            " WHERE m.recipient = $1",
            contact,
        )
    assert row is not None
    code = Codes(world.settings.jwt_keys).told(world.clinic.tenant, row["message_id"], row["digest"])
    assert code is not None
    return code


async def enter(world: World, email: str, **more: Any) -> dict[str, Any]:
    """Sign in by code from beginning to end and return the answer."""
    who = {"tenantId": str(world.clinic.tenant), "email": email}
    asked = await world.send("POST", "/api/auth/code", who, role=None)
    assert asked.status_code == 202, asked.text
    body = {**who, "code": await code_of(world, email), **more}
    entered = await world.send("POST", "/api/auth/code/verify", body, role=None)
    assert entered.status_code == 200, entered.text
    found: dict[str, Any] = entered.json()["data"]
    return found


def bearing(entered: dict[str, Any]) -> dict[str, str]:
    """Return the header that shows who has signed in."""
    return {"Authorization": f"Bearer {entered['accessToken']}"}


async def own_visit(world: World) -> EntryId:
    """Let the world's patient have an appointment today, which is also the one of its paths."""
    assert world.patient is not None
    assert world.patient.patient is not None
    (start,) = from_now(1)
    visit = Visit(
        id=EntryId(uuid4()),
        doctor=world.doctor,
        date=today(),
        start=start,
        patient_id=world.patient.patient,
        patient=PatientBody(name="Noor Haddad"),
    )
    await Enrolment(world.graph.writes, world.graph.directory, 15).enrol(world.clinic.receptionist, [visit])
    return visit.id


async def test_everybody_who_asks_for_a_code_is_told_the_same(world: World) -> None:
    assert world.patient is not None
    answers = [
        await world.send("POST", "/api/auth/code", {"tenantId": str(world.clinic.tenant), "email": email}, role=None)
        for email in ("noor@example.org", "nobody@example.org", world.accounts[Role.ADMIN].email)
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert {answer.content for answer in answers} == {b'{"data":{"expiresIn":600,"digits":6},"meta":{}}'}
    assert len({frozenset(answer.headers.keys()) for answer in answers}) == 1


async def test_a_code_signs_in_and_goes_on_as_any_session(world: World) -> None:
    entered = await enter(world, "mei@example.org", name="Mei Chen")
    assert entered["user"]["role"] == "patient"
    me = await world.send("GET", "/api/me", role=None, headers=bearing(entered))
    assert (me.status_code, me.json()["data"]["name"], me.headers["etag"]) == (200, "Mei Chen", '"1"')
    body = {"refreshToken": entered["refreshToken"]}
    assert (await world.send("POST", "/api/auth/refresh", body, role=None)).status_code == 200
    assert (await world.send("POST", "/api/auth/logout", {}, role=None, headers=bearing(entered))).status_code == 204
    assert (await world.send("GET", "/api/me", role=None, headers=bearing(entered))).status_code == 401


async def test_wrong_used_and_missing_codes_are_told_apart(world: World) -> None:
    who = {"tenantId": str(world.clinic.tenant), "email": "mei@example.org"}
    none = await world.send("POST", "/api/auth/code/verify", {**who, "code": "123456"}, role=None)
    assert (none.status_code, problem(none)["code"]) == (401, "code_expired")
    await world.send("POST", "/api/auth/code", who, role=None)
    code = await code_of(world, who["email"])
    other = f"{(int(code) + 1) % 10**6:06}"
    wrong = await world.send("POST", "/api/auth/code/verify", {**who, "code": other}, role=None)
    assert (wrong.status_code, problem(wrong)["code"]) == (401, "wrong_code")
    assert (await world.send("POST", "/api/auth/code/verify", {**who, "code": code}, role=None)).status_code == 200
    used = await world.send("POST", "/api/auth/code/verify", {**who, "code": code}, role=None)
    assert (used.status_code, problem(used)["code"]) == (401, "code_expired")


async def test_a_contact_is_sent_five_codes_an_hour(world: World) -> None:
    who = {"tenantId": str(world.clinic.tenant), "email": "mei@example.org"}
    answers = [await world.send("POST", "/api/auth/code", who, role=None) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "a@example.org", "phone": "+15550100"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"phone": "+15550100"}, "phone"),  # nobody sends text messages here
        ({"email": "a@example.org", "code": "1"}, "code"),
    ],
)
async def test_what_is_no_contact_is_refused(world: World, body: dict[str, str], field: str) -> None:
    answer = await world.send("POST", "/api/auth/code", {"tenantId": str(world.clinic.tenant), **body}, role=None)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)


async def test_an_unknown_organisation_is_not_found(world: World) -> None:
    body = {"tenantId": str(uuid4()), "email": "a@example.org"}
    answer = await world.send("POST", "/api/auth/code", body, role=None)
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


async def test_a_patient_keeps_record_and_family(world: World) -> None:
    headers = bearing(await enter(world, "mei@example.org", name="Mei Chen"))

    async def ask(method: str, path: str, body: object = None, **more: str) -> httpx.Response:
        return await world.send(method, path, body, role=None, headers=headers | more)

    change = {"birthDate": "1990-04-02", "language": "es", "consents": {"reminders": True}}
    changed = await ask("PUT", "/api/me", change, **{"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    data = changed.json()["data"]
    assert (data["birthDate"], data["consents"]["reminders"], data["consentRecords"][0]["kind"]) == (
        "1990-04-02",
        True,
        "reminders",
    )
    stale = await ask("PUT", "/api/me", change, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    made = await ask("POST", "/api/me/family", {"name": "Li Chen", "birthDate": "2019-09-30"})
    assert made.status_code == 201
    one = made.json()["data"]
    assert made.headers["location"] == f"/api/me/family/{one['id']}"
    assert one["guardianId"] == data["id"]
    assert (await ask("PUT", f"/api/me/family/{one['id']}", {"name": "Li"})).json()["data"]["name"] == "Li"
    assert [r["name"] for r in (await ask("GET", "/api/me/family")).json()["data"]] == ["Li"]
    export = await ask("GET", "/api/me/export")
    assert "attachment" in export.headers["content-disposition"]
    assert export.json()["data"]["family"][0]["name"] == "Li"
    assert (await ask("DELETE", f"/api/me/family/{one['id']}")).status_code == 204
    assert (await ask("DELETE", f"/api/me/family/{one['id']}")).status_code == 404
    assert (await ask("DELETE", "/api/me")).status_code == 204
    assert (await ask("GET", "/api/me")).status_code == 401


async def test_another_patient_reaches_nothing_by_any_route(world: World) -> None:
    """Every route that wants an account, with all ids of the world's patient, by somebody else of the same tenant."""
    assert world.patient is not None
    victim, entry = world.patient, await own_visit(world)
    world.entries[0] = entry
    assert victim.patient is not None
    world.patients[0] = victim.patient
    feed = await world.send("POST", "/api/calendar-feeds", {}, role=Role.PATIENT)
    if feed.status_code == 201:
        world.ids["feedId"] = UUID(feed.json()["data"]["id"])
    before = await seen(world)
    attacker = bearing(await enter(world, "mallory@example.org", name="Mallory"))
    canaries = ("Noor", "Sami", "noor@example.org", str(world.ids["relativeId"]), str(victim.id))
    for endpoint in CLOSED:
        body = body_of(endpoint, world) if endpoint.body is not None else None
        if isinstance(body, dict) and "patient" in body:
            body = body | {"patient": {"id": str(victim.patient)}}
        if (endpoint.method, endpoint.path) in (("DELETE", "/api/me"), ("POST", "/api/auth/logout")):
            continue  # their own session is theirs to end
        headers = attacker | {"Idempotency-Key": uuid4().hex}
        answer = await world.send(endpoint.method, path_of(endpoint, world), body, role=None, headers=headers)
        assert answer.status_code < 500, name(endpoint)
        if isinstance(endpoint.door, Permission):
            assert (name(endpoint), answer.status_code) == (name(endpoint), 403)
        elif any(one in endpoint.path for one in THEIRS):
            assert answer.status_code in (403, 404, 422), (name(endpoint), answer.text)
        for canary in canaries:
            assert canary not in answer.text, name(endpoint)
    assert await seen(world) == before


async def seen(world: World) -> list[Any]:
    """Return what the world's patient sees of their own."""
    found = []
    for path in ("", "/family", "/appointments"):
        answer = await world.send("GET", f"/api/me{path}", role=Role.PATIENT)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        for one in data if isinstance(data, list) else ():
            one.pop("trackingUrl", None)  # signed anew each time
        found.append(data)
    return found


async def test_the_desk_takes_down_changes_exports_and_erases(world: World) -> None:
    body = {"name": "Asha Rao", "phone": "+44 20 7946 0777", "tier": "gold", "conditions": ["diabetes"]}
    made = await world.send("POST", "/api/patients", body)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert (await world.send("GET", path)).json()["data"] == made.json()["data"]
    changed = await world.send("PUT", path, {"tier": "silver"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await world.send("GET", f"{path}/export")).status_code == 403
    export = await world.send("GET", f"{path}/export", role=Role.ADMIN)
    assert export.json()["data"]["patient"]["conditions"] == ["diabetes"]
    assert (await world.send("DELETE", path)).status_code == 403
    assert (await world.send("DELETE", path, role=Role.ADMIN)).status_code == 204
    assert (await world.send("GET", path, role=Role.ADMIN)).status_code == 404
    found = await world.send("GET", "/api/patients?search=asha")
    assert made.json()["data"]["id"] not in {one["patient"]["id"] for one in found.json()["data"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A", "birthDate": "2999-01-01"}, "birthDate"),
        ({"name": "A", "birthDate": "yesterday"}, "birthDate"),
        ({"name": "A", "tier": "platinum"}, "tier"),
        ({"name": "A", "conditions": ["not a code"]}, "conditions[0]"),
        ({"name": "A", "guardianId": str(UUID(int=1))}, "guardianId"),
        ({"name": "A", "clinicId": str(UUID(int=1))}, "clinicId"),
        ({"name": "A", "phone": "---"}, "phone"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_field(world: World, body: dict[str, Any], field: str) -> None:
    answer = await world.send("POST", "/api/patients", body)
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (422, field)
