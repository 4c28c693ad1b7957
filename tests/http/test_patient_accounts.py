"""Patients with an account of their own: they may sign in, and that is all."""

from uuid import uuid4

import pytest

from queue_server.http.routes import ENDPOINTS
from scheduling_core.permissions import Permission, Role
from tests.http.answers import problem
from tests.http.test_roles import ask, name
from tests.http.world import PASSWORD, World

GUARDED = [e for e in ENDPOINTS if isinstance(e.door, Permission)]


async def signed_in(world: World) -> tuple[str, str]:
    """Make an account for the first patient and return its access and refresh tokens."""
    email = f"{uuid4().hex}@example.org"
    body = {"email": email, "password": PASSWORD}
    path = f"/api/patients/{world.patients[0]}/account"
    made = await world.send("POST", path, body)
    assert made.status_code == 201, made.text
    again = await world.send("POST", path, {**body, "email": "other@example.org"})
    assert (again.status_code, problem(again)["code"]) == (409, "conflict")
    answer = await world.send("POST", "/api/auth/login", body, role=None)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    return found["accessToken"], found["refreshToken"]


async def test_a_patient_signs_in_stays_and_is_who_they_are(world: World) -> None:
    _, refresh = await signed_in(world)
    answer = await world.send("POST", "/api/auth/refresh", {"refreshToken": refresh}, role=None)
    assert answer.status_code == 200
    access = answer.json()["data"]["accessToken"]
    assert world.tokens.verify_access(access).patient == world.patients[0]
    me = await world.send("GET", "/api/auth/me", role=None, headers={"Authorization": f"Bearer {access}"})
    data = me.json()["data"]
    assert (me.status_code, data["role"], data["patientId"]) == (200, Role.PATIENT, str(world.patients[0]))
    listed = await world.send("GET", "/api/staff", role=Role.ADMIN)
    assert data["id"] not in {one["id"] for one in listed.json()["data"]}


async def test_nothing_of_the_desk_opens_for_a_patient(world: World) -> None:
    access, _ = await signed_in(world)
    before = await world.queue()
    for endpoint in GUARDED:
        answer = await ask(endpoint, world, world, role=None, headers={"Authorization": f"Bearer {access}"})
        assert (name(endpoint), answer.status_code) == (name(endpoint), 403)
    assert await world.queue() == before


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.DISPLAY])
async def test_only_reception_and_admins_make_them(world: World, neighbour: World, role: Role) -> None:
    body = {"email": "p@example.org", "password": PASSWORD}
    path = f"/api/patients/{world.patients[0]}/account"
    assert (await world.send("POST", path, body, role=role)).status_code == 403
    foreign = f"/api/patients/{neighbour.patients[0]}/account"
    assert (await world.send("POST", foreign, body)).status_code == 404
