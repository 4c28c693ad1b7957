"""Rate limits as clients meet them: who is counted with whom, what an organisation may set, what is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from redis.asyncio import Redis

from queue_server.app import create_app
from queue_server.application import tenant_limits
from queue_server.application.actor import system
from queue_server.application.budgets import Budgets, counted_as
from queue_server.application.tenant_limits import RateLimitsView, TenantLimits
from queue_server.application.unit import Recorder
from queue_server.http.endpoint import Limit, Nothing
from queue_server.http.limits import headers_of
from queue_server.rate_limits.gcra import Draw, Rate
from queue_server.rate_limits.in_process import InProcessLimiter
from queue_server.rate_limits.single import SingleServer
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.rate_limits import ChosenLimits
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Permission, Role
from tests.graph import Graph
from tests.http.answers import problem
from tests.http.conftest import Serve
from tests.http.test_adapter import endpoint
from tests.http.test_patient_accounts import signed_in
from tests.http.world import World, new_world
from tests.own_redis import until

AT_ONCE = 10
"""Of a limit of no more than sixty a minute."""
FEW = 1
"""A minute: so few that none comes back during a test, however slow the machine."""

Start = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Redis time to answer: on a busy machine servers would count by themselves after ten milliseconds."""
    defaults = SingleServer.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "patience_seconds", 10.0)


@pytest.fixture
def start(settings: Settings, database: Database, graph: Graph) -> Start:
    """Return a way to start a server with settings of its own, asked from the address of one's choice."""

    @asynccontextmanager
    async def starting(*, address: str = "192.0.2.1", **changes: Any) -> AsyncIterator[World]:
        given = msgspec.structs.replace(settings, **changes)
        server = create_app(given)
        async with server.http.router.lifespan_context(server.http):
            services: Any = server.http.state.services
            await until(lambda: getattr(services.limiter, "is_shared", True))
            transport = httpx.ASGITransport(server, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://queue") as client:
                client.server = server  # type: ignore[attr-defined]
                yield await new_world(client, given, database, graph)

    return starting


async def codes(world: World, method: str, path: str, times: int, body: object = None, **more: Any) -> list[int]:
    return [(await world.send(method, path, body, **more)).status_code for _ in range(times)]


def limits_path(world: World) -> str:
    return f"/api/tenants/{world.clinic.tenant}/rate-limits"


async def set_limits(world: World, role: Role = Role.ADMIN, **wanted: int) -> httpx.Response:
    return await world.send("PUT", limits_path(world), wanted, role=role)


def move(world: World) -> tuple[str, str, dict[str, Any]]:
    """A write that changes nothing: the first is moved to the first place."""
    return "POST", f"/api/appointments/queue/move/{world.entries[0]}", {"newPosition": 1}


async def writes(world: World, times: int, role: Role = Role.RECEPTIONIST) -> list[int]:
    method, path, body = move(world)
    return await codes(world, method, path, times, body, role=role)


# ---- who is counted with whom ----------------------------------------------------------------------------------------


async def test_an_account_that_floods_leaves_the_others_alone(start: Start) -> None:
    async with start(user_writes_per_minute=FEW) as world:
        assert await writes(world, AT_ONCE + 1) == [200] * AT_ONCE + [429]
        assert await writes(world, 1, Role.ADMIN) == [200]
        # Reads have a budget of their own: the desk still sees its queue.
        assert (await world.send("GET", f"/api/appointments/queue/state/{world.doctor}")).status_code == 200


async def test_reads_of_an_account_have_a_limit_and_leave_the_others_alone(start: Start) -> None:
    async with start(user_reads_per_minute=FEW) as world:
        path = f"/api/appointments/queue/state/{world.doctor}"
        assert await codes(world, "GET", path, AT_ONCE + 1) == [200] * AT_ONCE + [429]
        # Search is open to the public as well: a token is no way around what the account has used up.
        assert await codes(world, "GET", "/api/slots/availability", 1) == [429]
        assert await codes(world, "GET", path, 1, role=Role.ADMIN) == [200]
        assert await writes(world, 1) == [200]


async def test_one_address_keeps_no_more_times_whatever_guest_it_says_it_is(start: Start) -> None:
    async with start(guest_holds_per_minute=2) as world:
        path, tenant = f"/api/slots/{uuid4()}/hold", {"X-Tenant-Id": str(world.clinic.tenant)}
        anybody = "/api/slots/any/hold", {"clinicId": str(uuid4()), "start": "2030-06-04T09:00:00Z"}
        found = []
        for number in range(4):
            token = tenant | {"X-Session-Token": f"{number}" * 32}
            found += await codes(world, "POST", path, 2, {}, role=None, headers=token)
        for place, body in ((path, {}), anybody):
            found += await codes(world, "POST", place, 1, body, role=None, headers=tenant)
        assert found == [404] * (AT_ONCE - 1) + [409]
        for place, body in ((path, {}), anybody):
            assert await codes(world, "POST", place, 1, body, role=None, headers=tenant) == [429]
        # Whoever has an account is bounded by what the clinic lets each of them hold.
        assert await codes(world, "POST", path, 1, {}) == [404]
        assert await codes(world, "DELETE", path, 1, role=None, headers=tenant | {"X-Session-Token": "0" * 32}) == [204]


async def test_what_the_public_may_ask_costs_patients_their_address_and_staff_only_their_account(start: Start) -> None:
    async with start(public_requests_per_minute=FEW) as world:
        access, _ = await signed_in(world)
        patient = {"Authorization": f"Bearer {access}"}
        path = f"/api/doctors?tenantId={world.clinic.tenant}"
        assert await codes(world, "GET", path, AT_ONCE + 1, role=None, headers=patient) == [200] * AT_ONCE + [429]
        assert await codes(world, "GET", path, 1, role=None) == [429]
        assert await codes(world, "GET", path, 1) == [200]


async def test_an_organisation_sets_how_much_its_accounts_read(start: Start) -> None:
    async with start() as world:
        assert (await set_limits(world, userReadsPerMinute=FEW)).status_code == 200
        path = f"/api/appointments/queue/state/{world.doctor}"
        assert await codes(world, "GET", path, AT_ONCE + 1) == [200] * AT_ONCE + [429]


async def test_an_organisation_that_floods_leaves_the_others_alone(
    start: Start, settings: Settings, database: Database, graph: Graph
) -> None:
    async with start(tenant_writes_per_minute=FEW) as world:
        neighbour = await new_world(world.client, world.settings, database, graph)
        assert sorted(await writes(world, 6) + await writes(world, 5, Role.ADMIN)) == [200] * AT_ONCE + [429]
        assert await writes(neighbour, 1) == [200]


async def test_a_phone_that_floods_does_not_stop_the_desk_behind_the_same_address(start: Start) -> None:
    async with start(public_requests_per_minute=FEW) as world:
        path = f"/api/appointments/track/{await world.link()}"
        assert await codes(world, "GET", path, AT_ONCE + 1, role=None) == [200] * AT_ONCE + [429]
        assert await writes(world, 1) == [200]


async def test_garbage_uses_up_its_own_address_and_no_organisation(start: Start) -> None:
    async with start(public_requests_per_minute=FEW, tenant_reads_per_minute=FEW) as world:
        token = await world.link()
        forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
        for garbage in ("nonsense", forged):
            path = f"/api/appointments/track/{garbage}"
            assert await codes(world, "GET", path, AT_ONCE // 2, role=None) == [400] * (AT_ONCE // 2)
        assert (await world.send("GET", f"/api/appointments/track/{token}", role=None)).status_code == 429
    async with start(address="192.0.2.2", tenant_reads_per_minute=FEW) as elsewhere:
        path = f"/t/{await world.link()}"
        assert await codes(elsewhere, "GET", path, AT_ONCE, role=None) == [200] * AT_ONCE
        other = f"/api/appointments/refresh-queue/{await elsewhere.link()}"
        assert await codes(elsewhere, "GET", other, AT_ONCE + 1, role=None) == [200] * AT_ONCE + [429]


async def test_servers_count_together_and_pages_with_data(start: Start) -> None:
    async with start(public_requests_per_minute=FEW) as first, start(public_requests_per_minute=FEW) as second:
        link = await first.link()
        assert await codes(first, "GET", f"/api/appointments/track/{link}", 5, role=None) == [200] * 5
        answers = [await second.send("GET", f"/t/{link}", role=None) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].headers["ratelimit-remaining"] == "0"


async def test_without_redis_each_server_counts_by_itself(start: Start) -> None:
    async with start(redis_url=None, redis_pubsub_urls=(), user_writes_per_minute=FEW) as world:
        assert await writes(world, AT_ONCE + 1) == [200] * AT_ONCE + [429]


async def test_bad_credentials_are_limited_by_address(serve: Serve) -> None:
    guarded = endpoint("GET", door=Permission.MANAGE_STAFF)
    async with serve([guarded]) as client:
        answers = [await client.get("/things", headers={"Authorization": f"Bearer {n}"}) for n in range(11)]
    assert [a.status_code for a in answers] == [401] * 10 + [429]


async def test_every_answer_of_a_limited_route_says_what_is_left(serve: Serve) -> None:
    async with serve([endpoint("GET", limit=Limit.READS, query=Nothing)]) as client:
        fine, wrong = await client.get("/things"), await client.get("/things?x")
    assert [a.headers["ratelimit-remaining"] for a in (fine, wrong)] == ["9", "8"]


# ---- what an organisation may set ------------------------------------------------------------------------------------


async def test_an_organisation_sets_its_limits_and_they_hold_at_once(start: Start) -> None:
    async with start() as world:
        before = await world.send("GET", limits_path(world), role=Role.ADMIN)
        assert (before.status_code, before.headers["etag"]) == (200, '"0"')
        granted = msgspec.convert(before.json()["data"], RateLimitsView)
        assert granted.user_writes_per_minute == world.settings.user_writes_per_minute
        changed = await set_limits(world, userWritesPerMinute=FEW)
        assert (changed.status_code, changed.headers["etag"]) == (200, '"1"')
        assert changed.json()["data"] == {**before.json()["data"], "userWritesPerMinute": FEW}
        assert await writes(world, AT_ONCE + 1) == [200] * AT_ONCE + [429]
        # An admin who has no writes left can still set the limits.
        assert (await writes(world, AT_ONCE + 1, Role.ADMIN))[-1] == 429
        assert (await set_limits(world)).json()["data"] == before.json()["data"]
        assert await writes(world, 3) == [200] * 3


async def test_other_servers_follow_within_seconds(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_limits, "FRESH_SECONDS", 0.05)
    async with start() as first, start() as second:
        services: Any = second.client.server.http.state.services  # type: ignore[attr-defined]
        tenant = first.clinic.tenant
        assert services.tenant_limits.of(tenant).tenant_writes is None
        assert (await set_limits(first, tenantWritesPerMinute=45)).status_code == 200
        await until(lambda: services.tenant_limits.of(tenant).tenant_writes == 45)


async def test_a_lookup_under_way_does_not_bring_back_what_was_before(start: Start) -> None:
    async with start() as world:
        services: Any = world.client.server.http.state.services  # type: ignore[attr-defined]
        services.tenant_limits.of(world.clinic.tenant)
        assert (await set_limits(world, userWritesPerMinute=77)).status_code == 200
        assert services.tenant_limits.of(world.clinic.tenant).user_writes == 77


async def test_a_tenants_own_limit_of_addresses_counts_for_itself(
    start: Start, database: Database, graph: Graph
) -> None:
    async with start() as world:
        neighbour = await new_world(world.client, world.settings, database, graph)
        await set_limits(world, addressReadsPerMinute=FEW, addressWritesPerMinute=FEW)
        path = f"/api/appointments/track/{await world.link()}"
        assert await codes(world, "GET", path, AT_ONCE + 1, role=None) == [200] * AT_ONCE + [429]
        assert sorted(await writes(world, 6) + await writes(world, 5, Role.ADMIN)) == [200] * AT_ONCE + [429]
        other = f"/api/appointments/track/{await neighbour.link()}"
        assert await codes(world, "GET", other, 1, role=None) == [200]
        assert await writes(neighbour, 1) == [200]


async def test_limits_are_the_organisations_own_business(world: World, neighbour: World) -> None:
    for method, body in (("GET", None), ("PUT", {})):
        for path in (limits_path(neighbour), f"/api/tenants/{uuid4()}/rate-limits"):
            answer = await world.send(method, path, body, role=Role.ADMIN)
            assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
        assert (await world.send(method, limits_path(world), body, role=Role.RECEPTIONIST)).status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        {"userWritesPerMinute": 0},
        {"userWritesPerMinute": -1},
        {"userWritesPerMinute": 1.5},
        {"userWritesPerMinute": "60"},
        {"userWritesPerMinute": 10_000_001},
        {"somethingElse": 1},
        {"userWritesPerMinute": 12_001},
        {"addressReadsPerMinute": 12_001},
    ],
)
async def test_what_makes_no_sense_or_was_not_granted_is_refused(world: World, wanted: dict[str, Any]) -> None:
    answer = await world.send("PUT", limits_path(world), wanted, role=Role.ADMIN)
    assert (answer.status_code, problem(answer)["code"]) == (422, "validation_failed")
    after = await world.send("GET", limits_path(world), role=Role.ADMIN)
    assert after.headers["etag"] == '"0"'


async def test_only_a_platform_admin_grants_more_and_to_addresses_nobody(world: World) -> None:
    assert (await set_limits(world, Role.PLATFORM_ADMIN, userWritesPerMinute=20_000)).status_code == 200
    assert (await set_limits(world, Role.PLATFORM_ADMIN, addressReadsPerMinute=20_000)).status_code == 422


async def test_limits_take_a_version_and_changes_are_audited(world: World) -> None:
    stale = await world.send("PUT", limits_path(world), {}, role=Role.ADMIN, headers={"If-Match": '"7"'})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")
    await set_limits(world, userWritesPerMinute=600)
    await set_limits(world, userWritesPerMinute=600)  # nothing changes
    await set_limits(world)
    events = await world.send("GET", "/api/audit?type=rate_limits_changed", role=Role.ADMIN)
    found = events.json()["data"]
    assert [event["data"]["userWritesPerMinute"] for event in found] == [None, 600]
    assert all(str(world.accounts[Role.ADMIN].id) in str(event) for event in found)


async def test_limits_survive_postgres_being_away(settings: Settings) -> None:
    nowhere = TenantLimits(settings=settings, db=Database(settings.database_url), recorder=Recorder())
    tenant = TenantId(uuid4())
    assert nowhere.of(tenant).version == 0
    await until(lambda: not nowhere._looking)
    assert nowhere.of(tenant).version == 0
    assert not nowhere._looking  # not asked again at once
    await nowhere.stop()


# ---- what is told and kept -------------------------------------------------------------------------------------------


async def test_headers_are_of_the_limit_that_is_nearest_and_name_all() -> None:
    limiter = InProcessLimiter(lambda: 0)
    wide, narrow = Draw("wide", "g", "w", Rate(600, 100)), Draw("narrow", "g", "n", Rate(6, 2))
    assert headers_of(await limiter.take(wide, narrow)) == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "10",
        "RateLimit-Policy": '"wide";q=100;w=10, "narrow";q=2;w=20',
    }
    await limiter.take(wide, narrow)
    refused = await limiter.take(wide, narrow)
    assert refused.nearest is not None
    assert refused.nearest.retry_after == 10
    assert headers_of(refused)["RateLimit-Remaining"] == "0"
    assert headers_of(refused)["RateLimit-Reset"] == "20"


async def test_a_refusal_says_which_limit_and_when_to_come_back(start: Start) -> None:
    async with start(user_writes_per_minute=6) as world:
        method, path, body = move(world)
        answers = [await world.send(method, path, body) for _ in range(AT_ONCE + 1)]
        last = answers[-1]
        assert (last.status_code, problem(last)["code"]) == (429, "too_many_requests")
        assert "your account" in problem(last)["detail"]
        assert last.headers["content-type"] == "application/problem+json"
        assert 1 <= int(last.headers["retry-after"]) <= 10
        assert last.headers["ratelimit-limit"] == "10"
        assert '"user-writes";q=10;w=100' in last.headers["ratelimit-policy"]
        metrics = (await world.client.get("/metrics")).text
    assert 'rate_limit_refusals_total{limit="user-writes"} 1.0' in metrics
    assert "rate_limits_redis 1.0" in metrics


async def test_keys_in_redis_name_nobody_and_end_by_themselves(start: Start) -> None:
    async with start(address="2001:db8:1:2:3:4:5:6") as world:
        await world.send("GET", f"/api/appointments/track/{await world.link()}", role=None)
        await writes(world, 1)
        await set_limits(world, addressReadsPerMinute=FEW, addressWritesPerMinute=FEW)
        assert world.settings.redis_url is not None
        async with Redis.from_url(world.settings.redis_url) as client:
            await world.send("GET", f"/api/appointments/track/{await world.link()}", role=None)
            await writes(world, 5)
            keys = [key.decode() async for key in client.scan_iter("limit:*")]
            assert keys
            assert all([(await client.pttl(key)) != -1 for key in keys])
    told = " ".join(keys)
    ids = [world.clinic.tenant, *(account.id for account in world.accounts.values()), *world.entries]
    # Whole address prefixes, not a few letters of one: three hex digits stand in many a digest by chance.
    for secret in ("2001:db8", "20010db8", "192.0.2", *map(str, ids), *(one.hex for one in ids)):
        assert secret not in told


@pytest.mark.parametrize(
    ("address", "as_"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_address_counts_as_its_network(address: str, as_: str) -> None:
    assert counted_as(address) == as_


def test_all_keys_of_a_tenant_lie_in_one_slot_and_all_of_an_address_in_one(settings: Settings) -> None:
    tenants = TenantLimits(settings=settings, db=Database(settings.database_url), recorder=Recorder())
    tenant, account = TenantId(uuid4()), system(TenantId(uuid4())).tenant
    tenants._remember(tenant, ChosenLimits(address_reads=1, address_writes=1))
    budgets = Budgets(settings, tenants)
    draws = [
        *budgets.read("192.0.2.7", tenant),
        *budgets.write("192.0.2.7", tenant, account),
        *budgets.setting("192.0.2.7", tenant, account),
        *budgets.sign_in("192.0.2.7"),
        *budgets.holding("192.0.2.7"),
    ]
    assert all(f"{{{draw.group}}}" in draw.key for draw in draws)
    assert len({draw.group for draw in draws}) == 2
    assert len({draw.key for draw in draws}) == 10
