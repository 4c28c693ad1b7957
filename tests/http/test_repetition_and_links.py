"""Repeated requests, links and tenants, and the budget of pages."""

import asyncio
import hmac
from hashlib import sha256
from uuid import uuid4

import httpx
import msgspec

from queue_server.app import create_app
from queue_server.application import decoding
from queue_server.application.desk_bodies import DESK_COMMANDS
from queue_server.settings import Settings
from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World


async def test_one_key_in_parallel_is_one_act_and_one_answer(world: World) -> None:
    body = {"slug": "parallel", "name": "Parallel", "timezone": "UTC"}
    headers = {"Idempotency-Key": "same"}

    async def ask() -> httpx.Response:
        return await world.send("POST", "/api/clinics", body, role=Role.ADMIN, headers=headers)

    answers = await asyncio.gather(*(ask() for _ in range(4)))
    assert [a.status_code for a in answers] == [201] * 4
    assert len({a.text for a in answers}) == 1
    other = await world.send("POST", "/api/clinics", {**body, "name": "X"}, role=Role.ADMIN, headers=headers)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")


async def test_a_refusal_leaves_the_key_free(world: World) -> None:
    body = {"slug": "taken", "name": "Taken", "timezone": "UTC"}
    made = await world.send("POST", "/api/clinics", body, role=Role.ADMIN)
    headers = {"Idempotency-Key": "later"}
    refused = await world.send("POST", "/api/clinics", body, role=Role.ADMIN, headers=headers)
    assert refused.status_code == 409
    gone = await world.send("DELETE", f"/api/clinics/{made.json()['data']['id']}", role=Role.ADMIN)
    assert gone.status_code == 204
    assert (await world.send("POST", "/api/clinics", body, role=Role.ADMIN, headers=headers)).status_code == 201


async def test_no_digest_can_be_guessed_from_a_request(world: World) -> None:
    body = {"patient": {"name": "Asha Rao", "phone": "+44 20 7946 0000"}}
    done = await world.send(
        "POST", f"/api/appointments/queue/walk-in/{world.doctor}", body, headers={"Idempotency-Key": "k"}
    )
    assert done.status_code in (200, 201), done.text
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        row = await tx.row("SELECT request_digest FROM idempotent_answer WHERE key = 'k'")
    assert row is not None
    path = f"/api/appointments/queue/walk-in/{world.doctor}"
    decoded = msgspec.convert(body, DESK_COMMANDS["walk-in"].body)
    bare = decoding.idempotency("k", "POST", path, decoded, field="k")
    assert row["request_digest"] not in (bare.digest, sha256(bare.digest).digest())
    assert row["request_digest"] == hmac.digest(world.settings.jwt_keys[0].secret, bare.digest, "sha256")


async def test_a_link_is_for_its_own_tenant(world: World) -> None:
    token = await world.link()
    for path in (f"track/{token}", f"refresh-queue/{token}", f"track/{token}/changes"):
        url = f"/api/appointments/{path}"
        own = await world.send("GET", url, role=None, headers={"X-Tenant-Id": str(world.clinic.tenant)})
        assert own.status_code == 200
        for tenant in (str(uuid4()), "nonsense"):
            foreign = await world.send("GET", url, role=None, headers={"X-Tenant-Id": tenant})
            assert (foreign.status_code, problem(foreign)["code"]) == (400, "invalid_tracking_token")


async def test_pages_behind_a_link_draw_on_the_public_budget(
    settings: Settings,
) -> None:
    server = create_app(msgspec.structs.replace(settings, public_requests_per_minute=1))
    async with server.http.router.lifespan_context(server.http):
        transport = httpx.ASGITransport(server)
        async with httpx.AsyncClient(transport=transport, base_url="http://queue") as client:
            statuses = [
                (await client.get(path)).status_code
                for path in ("/t/nonsense", "/t/nonsense/qr.svg", "/api/appointments/track/nonsense") * 4
            ]
    assert 429 not in statuses[:10]
    assert statuses[10:] == [429, 429]
