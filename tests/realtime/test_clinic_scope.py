"""An account of one clinic against everything of another clinic of the same tenant, over HTTP and over sockets."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from queue_server.application.desk_bodies import DESK_COMMANDS, DeskCommand, Target
from queue_server.http.queue import ENDPOINTS as QUEUE
from queue_server.http.routes import ENDPOINTS
from queue_server.store import accounts
from queue_server.store.accounts import Account, NewAccount
from scheduling_core.ids import AccountId
from scheduling_core.permissions import Permission, Role, may
from tests.factories import NAMES, Clinic, new_clinic
from tests.http.answers import problem
from tests.http.world import World
from tests.realtime.conftest import Client

Connect = Callable[..., Awaitable[Client]]

ROLES = (Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.ADMIN, Role.DISPLAY)
ABOUT_QUEUES = [e for e in ENDPOINTS if "{appointmentId}" in e.path or "{doctorId}" in e.path]
GUARDED = [e for e in ABOUT_QUEUES if isinstance(e.door, Permission)]
OF_A_CLINIC = [e for e in ENDPOINTS if "{clinicId}" in e.path and isinstance(e.door, Permission)]
EXAMPLES = {e.path.split("/")[4]: dict(e.example or {}) for e in QUEUE if e.body is not None}


class Limited:
    """Accounts of every role that are limited to a clinic of their own, with the world's clinic next to it."""

    def __init__(self, world: World, own: Clinic) -> None:
        self.world = world
        self.own = own
        self.accounts: dict[Role, Account] = {}

    def token(self, role: Role) -> str:
        """Return a fresh access token."""
        return self.world.tokens.issue_access(self.accounts[role], now=datetime.now(UTC))

    async def send(self, role: Role, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request as somebody of the role."""
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        return await self.world.send(method, path, body, role=None, headers=headers)

    async def stored(self) -> tuple[bytes, list[Any]]:
        """Return everything of the world's clinic that a command could change."""
        async with self.world.graph.db.tenant(self.world.clinic.tenant) as tx:
            clinic = await tx.rows("SELECT * FROM clinic WHERE clinic_id = $1", self.world.clinic.id)
            links = await tx.rows(
                "SELECT appointment_id, doctor_id, links_generation FROM appointment WHERE clinic_id = $1 ORDER BY 1",
                self.world.clinic.id,
            )
        return await self.world.queue(), [dict(row) for row in (*clinic, *links)]


@pytest.fixture
async def limited(world: World) -> Limited:
    """Accounts of a second clinic of the world's tenant."""
    found = Limited(world, await new_clinic(world.graph.db, tenant=world.clinic.tenant))
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        for role in ROLES:
            new = NewAccount(
                id=AccountId(uuid4()),
                email=f"{role}@{found.own.id.hex}.example.org",
                password_hash="$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$c29tZWhhc2g",
                name=f"Limited {role}",
                role=role,
                clinics=(found.own.id,),
                doctor=found.own.doctors[0] if role is Role.DOCTOR else None,
            )
            found.accounts[role] = await accounts.insert(tx, new)
    return found


def target_of(command: DeskCommand, world: World) -> UUID:
    return world.entries[0] if command.target is Target.APPOINTMENT else world.doctor


def body_of(example: dict[str, Any], doctor: UUID) -> dict[str, Any]:
    """Return an example that would pass, about a doctor that exists."""
    named = {"doctorId": str(doctor), "doctorIds": [str(doctor)]}
    return example | {field: value for field, value in named.items() if field in example}


def check_refused(answer: httpx.Response, role: Role, permission: Any) -> None:
    """Check that nothing is told apart from that there is nothing, or that the role may not."""
    asked = f"{answer.request.method} {answer.request.url.path} as {role}"
    assert answer.status_code == (404 if may(role, permission) else 403), (asked, answer.text)
    problem(answer)
    assert "Riverside" not in answer.text, asked
    assert not any(name in answer.text for name in NAMES), asked


async def test_another_clinics_appointments_and_doctors_do_not_exist_over_http(limited: Limited) -> None:
    world, before = limited.world, await limited.stored()
    ids = {**world.ids, "clinicId": world.clinic.id, "stage": "profile"}
    for endpoint in GUARDED:
        path = endpoint.path.format_map({**ids, "appointmentId": world.entries[0], "doctorId": world.doctor})
        for doctor in (world.clinic.doctors[1], limited.own.doctors[1]):
            body = body_of(dict(endpoint.example or {}), doctor) if endpoint.body is not None else None
            for role in ROLES:
                check_refused(await limited.send(role, endpoint.method, path, body), role, endpoint.door)
        assert await limited.stored() == before, f"{endpoint.method} {endpoint.path}"


async def test_another_clinic_does_not_exist(limited: Limited) -> None:
    before = await limited.stored()
    clinic = limited.world.clinic
    for endpoint in OF_A_CLINIC:
        path = endpoint.path.format(tenantId=clinic.tenant, clinicId=clinic.id, doctorId=limited.world.doctor)
        for role in ROLES:
            body = dict(endpoint.example or {}) if endpoint.body is not None else None
            check_refused(await limited.send(role, endpoint.method, path, body), role, endpoint.door)
        assert await limited.stored() == before, f"{endpoint.method} {endpoint.path}"


@pytest.mark.parametrize("role", ROLES)
async def test_another_clinics_queue_takes_no_command_over_sockets(
    limited: Limited, connect: Connect, role: Role
) -> None:
    before = await limited.stored()
    desk = await connect(None, "/staff", auth={"token": limited.token(role)})
    for command in DESK_COMMANDS.values():
        body = body_of(EXAMPLES.get(command.name, {}), limited.world.clinic.doctors[1])
        given = body | {command.target.value: str(target_of(command, limited.world))}
        ack = await desk.call(command.name, given)
        assert ack["ok"] is False, command.name
        assert ack["problem"]["status"] in (403, 404), (command.name, ack)
        assert not any(name in msgspec.json.encode(ack).decode() for name in NAMES), command.name
    assert await limited.stored() == before


@pytest.mark.parametrize("role", ROLES)
async def test_another_clinics_queue_is_not_followed(limited: Limited, connect: Connect, role: Role) -> None:
    world = limited.world
    desk = await connect(None, "/staff", auth={"token": limited.token(role)})
    own, foreign = str(limited.own.doctors[0]), str(world.doctor)
    for ids in ([foreign], [own, foreign]):
        ack = await desk.call("subscribe", {"doctorIds": ids})
        assert (ack["ok"], ack["problem"]["status"]) == (False, 404)
    refused = await desk.call("desk-focus", {"doctorId": foreign})
    assert refused["problem"]["status"] == 404
    assert (await desk.call("subscribe", {"doctorIds": [own]}))["ok"] is True
    await world.done("check-in", world.entries[0])
    await desk.call("heartbeat", {})
    told = desk.heard.of("queue-state") + desk.heard.of("queue-patch")
    assert {one["doctorId"] for one in told} == {own}


async def test_nobody_is_handed_to_or_taken_from_another_clinic(limited: Limited) -> None:
    world, before = limited.world, await limited.stored()
    walked = await limited.send(
        Role.RECEPTIONIST,
        "POST",
        f"/api/appointments/queue/walk-in/{limited.own.doctors[0]}",
        {"patient": {"name": "Mei Chen"}},
    )
    assert walked.status_code == 200, walked.text
    own = walked.json()["data"]["appointment"]["id"]
    foreign = str(world.doctor)
    for name, target, body in (
        ("transfer", own, {"doctorId": foreign}),
        ("absent", limited.own.doctors[0], {"doctorIds": [foreign]}),
        ("call-next", limited.own.doctors[0], {"appointmentId": str(world.entries[0])}),
    ):
        answer = await limited.send(Role.RECEPTIONIST, "POST", f"/api/appointments/queue/{name}/{target}", body)
        assert answer.status_code in (403, 404), (name, answer.text)
    assert await limited.stored() == before


@pytest.mark.parametrize("role", ROLES)
async def test_lists_hold_the_own_clinic_only(limited: Limited, role: Role) -> None:
    lanes = await limited.send(role, "GET", "/api/doctors/lanes")
    expected = limited.own.doctors[:1] if role is Role.DOCTOR else limited.own.doctors
    assert {lane["id"] for lane in lanes.json()["data"]} == {str(doctor) for doctor in expected}
    clinics = await limited.send(role, "GET", "/api/clinics")
    assert [clinic["id"] for clinic in clinics.json()["data"]] == [str(limited.own.id)]
    if may(role, Permission.READ_PATIENTS):
        for text in ("asha", "g1", "%2B442079460000", "+"):
            found = await limited.send(role, "GET", f"/api/patients?search={text}")
            assert (found.status_code, found.json()["data"]) == (200, [])
