"""Every route, for every role, for strangers and for the tenant next door: the route table against the permissions."""

from itertools import product
from typing import Any

import httpx
import pytest

from queue_server.http.endpoint import Door, Endpoint
from queue_server.http.routes import ENDPOINTS
from scheduling_core.permissions import Permission, Role, may
from tests.http.answers import problem
from tests.http.world import World

GUARDED = [e for e in ENDPOINTS if isinstance(e.door, Permission)]
CLOSED = [e for e in ENDPOINTS if e.door not in (Door.PUBLIC, Door.ANYBODY)]
WITH_IDS = [e for e in GUARDED if "Id}" in e.path]
NEVER = {"If-Match": '"99999"'}
"""A version that is never right: who may do it is told so, and nothing changes."""


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def path_of(endpoint: Endpoint, world: World) -> str:
    return endpoint.path.format(
        appointmentId=world.entries[0],
        patientId=world.patients[0],
        doctorId=world.doctor,
        clinicId=world.clinic.id,
        tenantId=world.clinic.tenant,
        accountId=world.accounts[Role.DEPARTMENT_HEAD].id,
        stage="profile",
        feedToken=world.feed_token,
        provider="provider",
        kind="booked",
        language="en",
        channel="sms",
        templateName="default",
        **world.ids,
    )


def body_of(endpoint: Endpoint, world: World) -> Any:
    """An example that would pass, about doctors that exist."""
    example = dict(endpoint.example or {})
    other = str(world.clinic.doctors[1])
    return example | {k: v for k, v in {"doctorId": other, "doctorIds": [other]}.items() if k in example}


async def ask(endpoint: Endpoint, world: World, of: World, **more: Any) -> httpx.Response:
    path = path_of(endpoint, of) + ("?search=a" if (endpoint.method, endpoint.path) == ("GET", "/api/patients") else "")
    body = body_of(endpoint, of) if endpoint.body is not None else None
    return await world.send(endpoint.method, path, body, **more)


async def test_strangers_are_told_to_sign_in_at_every_closed_door(world: World) -> None:
    # One world for all of them: nobody gets in, so nothing changes.
    answers = {name(endpoint): await ask(endpoint, world, world, role=None) for endpoint in CLOSED}
    told = {which: (answer.status_code, problem(answer)["code"]) for which, answer in answers.items()}
    assert told == dict.fromkeys(map(name, CLOSED), (401, "unauthenticated"))


@pytest.mark.parametrize("endpoint", GUARDED, ids=name)
async def test_each_role_may_what_the_table_says(world: World, endpoint: Endpoint) -> None:
    assert isinstance(endpoint.door, Permission)
    for role in world.accounts:
        if endpoint.streams and may(role, endpoint.door):
            continue  # goes on for ever; see test_dashboard
        answer = await ask(endpoint, world, world, role=role, headers=NEVER if endpoint.versioned else {})
        if not may(role, endpoint.door):
            assert (role, answer.status_code) == (role, 403)
            assert problem(answer)["code"] == "forbidden"
        elif endpoint.versioned:
            assert (role, answer.status_code) == (role, 412), answer.text
        else:
            assert answer.status_code < 500, answer.text
            assert (role, answer.status_code) != (role, 403)


@pytest.mark.parametrize("method", sorted({endpoint.method for endpoint in WITH_IDS}))
async def test_the_tenant_next_door_does_not_exist(world: World, neighbour: World, method: str) -> None:
    before = await neighbour.queue()
    # One pair of worlds for all routes of a method: nobody reaches the other one, so nothing changes there.
    for endpoint, role in product([e for e in WITH_IDS if e.method == method], world.accounts):
        at = (name(endpoint), role)
        answer = await ask(endpoint, world, neighbour, role=role)
        assert answer.status_code in (403, 404), (at, answer.text)
        assert may(role, endpoint.door) == (answer.status_code == 404), (at, answer.text)  # type: ignore[arg-type]
        assert "Riverside" not in answer.text, at
        if role is not Role.PLATFORM_ADMIN:  # who may cross
            there = {"X-Tenant-Id": str(neighbour.clinic.tenant)} | NEVER
            crossing = await ask(endpoint, world, neighbour, role=role, headers=there)
            assert crossing.status_code == 403, at
    assert await neighbour.queue() == before
