"""Watching the times of doctors: who hears of what, through whole servers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.booking.expiry import EXPIRY_JOB, expire
from queue_server.settings import Settings
from queue_server.store.job_store import Job
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.permissions import Role
from scheduling_core.slots.events import HolderKind
from tests.factories import in_days
from tests.http.world import World, add_slots, new_world
from tests.realtime.conftest import Client, Node, OwnRedis, cut, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]

TOLD = {"slotId", "doctorId", "clinicId", "start", "date", "status", "remaining", "version"}


async def takes_patients(world: World, doctor: int = 0, *, can: bool = True) -> None:
    """Let patients book a doctor, or no longer, and tell all servers as the job that finds out does."""
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
            " can_patient_book, can_receptionist_book, failing, checked_at)"
            " VALUES ($1, $2, 100, true, $3, $3, true, '{}', now())"
            " ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET can_patient_book = $3, can_show_in_search = $3",
            tx.tenant,
            world.clinic.doctors[doctor],
            can,
        )
        told = f"{tx.tenant}:bookability:{world.clinic.doctors[doctor]}"
        await tx.run("SELECT pg_notify('directory_changed', $1)", told)


def asked(world: World, days: int = 7, **more: Any) -> dict[str, Any]:
    """Return what a booking page asks for."""
    return {"doctorId": str(world.doctor), "from": in_days(0).isoformat(), "to": in_days(days).isoformat()} | more


async def watching(client: Client, world: World, **more: Any) -> dict[str, Any]:
    """Watch, and return the acknowledgement."""
    ack: dict[str, Any] = await client.call("watch-availability", asked(world, **more))
    assert ack.get("watching"), ack
    whole = asked(world, **more)
    assert client.heard.of("availability-watched")[-1] == {key: whole[key] for key in ("doctorId", "from", "to")}
    return ack


async def hold(world: World, slot: UUID | None = None) -> None:
    """Hold a slot as the desk does."""
    slot = slot or world.ids["slotId"]
    answer = await world.send("POST", f"/api/slots/{slot}/hold", {"mode": "in_person"})
    assert answer.status_code == 200, answer.text


async def release(world: World) -> None:
    """Give it up."""
    answer = await world.send("DELETE", f"/api/slots/{world.ids['slotId']}/hold")
    assert answer.status_code == 204, answer.text


async def book(world: World, slot: UUID) -> None:
    """Book a slot as the desk does."""
    patient = {"patient": {"name": "Mei Chen", "phone": "+44 20 7946 0999"}}
    headers = {"Idempotency-Key": uuid4().hex}
    answer = await world.send("POST", f"/api/slots/{slot}/book", patient, headers=headers)
    assert answer.status_code == 200, answer.text


async def block(world: World, slot: UUID) -> None:
    """Block a slot as the desk does."""
    answer = await world.send("POST", f"/api/slots/{slot}/block", {"reason": "Mei Chen asked for it"})
    assert answer.status_code == 200, answer.text


@pytest.fixture(params=["websocket", "polling"])
async def watcher(request: pytest.FixtureRequest, connect: Connect, world: World) -> Client:
    """A client without any account that watches the first doctor, over either transport."""
    await takes_patients(world)
    client = await connect(transports=[request.param])
    await watching(client, world)
    return client


async def test_a_guest_hears_of_holds_bookings_and_changes_and_how_the_slot_is_now(
    watcher: Client, world: World
) -> None:
    slot = world.ids["slotId"]
    await hold(world)
    held = await watcher.heard.next("hold_created")
    assert set(held) == TOLD | {"expiresAt"}
    assert (held["slotId"], held["doctorId"]) == (str(slot), str(world.doctor))
    assert held["remaining"] == {"inPerson": 0, "tele": 0}
    assert held["status"] == "held"
    ends = datetime.fromisoformat(held["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=28) < ends < timedelta(minutes=31)
    await release(world)
    free = await watcher.heard.next("hold_released")
    assert (free["status"], free["remaining"]) == ("free", {"inPerson": 1, "tele": 1})
    assert set(free) == TOLD
    await book(world, slot)
    booked = await watcher.heard.next("slot_booked")
    assert (booked["status"], booked["remaining"]) == ("full", {"inPerson": 0, "tele": 0})
    assert set(booked) == TOLD
    second = (await add_slots(world, days_ahead=2))[0]
    await block(world, second)

    def is_blocked() -> bool:
        changes = watcher.heard.of("slot_availability_changed")
        return any(c.get("slotId") == str(second) and c["status"] == "blocked" for c in changes)

    await until(is_blocked)
    assert held["version"] < free["version"] < booked["version"]


async def test_whoever_begins_to_watch_is_told_what_there_is(connect: Connect, world: World) -> None:
    await takes_patients(world)
    await hold(world)
    ack = await watching(await connect(), world)
    assert [slot["status"] for slot in ack["slots"]] == ["held", *["free"] * 5]
    assert set(ack["slots"][0]) == TOLD | {"expiresAt"}
    assert ack["more"] is False
    assert (await watching(await connect(), world, days=0))["slots"] == []


async def test_all_who_watch_are_sent_the_same_and_are_read_for_once(
    connect: Connect, world: World, node: Node
) -> None:
    await takes_patients(world)
    clients = [await connect() for _ in range(5)]
    await asyncio.gather(*(watching(client, world) for client in clients))
    assert node.services.slot_changes.reads == 1
    await hold(world)
    heard = [await client.heard.next("hold_created") for client in clients]
    assert all(one == heard[0] for one in heard)
    assert (node.stats()["watchers"], node.stats()["watchedRooms"]) == (5, 1)


async def test_watchers_hear_that_the_time_of_a_hold_is_over(
    watcher: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HELD_FOR, HolderKind.STAFF, timedelta(milliseconds=300))
    await hold(world)
    await watcher.heard.next("hold_created")

    async def due() -> Job | None:
        async with world.graph.db.tenant(world.clinic.tenant) as tx:
            row = await tx.row("SELECT * FROM job WHERE kind = $1 AND due_at < clock_timestamp()", EXPIRY_JOB)
        if row is None:
            return None
        return Job(
            tenant=world.clinic.tenant,
            kind=EXPIRY_JOB,
            key=row["key"],
            payload=msgspec.json.decode(row["payload"]),
            due_at=row["due_at"],
            attempts=row["attempts"],
        )

    await expire(world.graph.db, await until(due))
    free = await watcher.heard.next("hold_released")
    assert (free["slotId"], free["status"]) == (str(world.ids["slotId"]), "free")


async def test_nobody_hears_of_other_days_or_other_doctors(connect: Connect, world: World) -> None:
    await takes_patients(world)
    await takes_patients(world, 1)
    later, other, hears = await connect(), await connect(), await connect()
    await watching(later, world, **{"from": in_days(2).isoformat()})
    await watching(other, world, doctorId=str(world.clinic.doctors[1]))
    await watching(hears, world)
    await hold(world)
    await hears.heard.next("hold_created")
    await later.call("heartbeat")
    await other.call("heartbeat")
    assert later.heard.of("hold_created") == other.heard.of("hold_created") == []


async def test_without_a_doctor_all_of_a_tenants_are_watched(connect: Connect, world: World) -> None:
    await takes_patients(world)
    client = await connect()
    whole = asked(world, tenantId=str(world.clinic.tenant))
    del whole["doctorId"]
    assert await client.call("watch-availability", whole) == {"watching": True}
    await hold(world)
    assert (await client.heard.next("hold_created"))["slotId"] == str(world.ids["slotId"])


async def test_another_tenants_watchers_hear_nothing(
    connect: Connect, world: World, node: Node, settings: Settings
) -> None:
    await takes_patients(world)
    neighbour = await new_world(world.client, settings, world.graph.db, world.graph)
    await takes_patients(neighbour)
    stranger, own = await connect(), await connect()
    await watching(stranger, neighbour)
    whole = asked(neighbour, tenantId=str(neighbour.clinic.tenant))
    del whole["doctorId"]
    assert (await stranger.call("watch-availability", whole))["watching"]
    foreign = await stranger.call("watch-availability", asked(world, tenantId=str(neighbour.clinic.tenant)))
    assert foreign["code"] == "not_found"
    await watching(own, world)
    await hold(world)
    await book(world, (await add_slots(world, days_ahead=2))[0])
    await own.heard.next("slot_booked")
    await stranger.call("heartbeat")
    known = {"connected", "error", "heartbeat-ack", "availability-watched"}
    assert {name for name, _ in stranger.heard.events} <= known


async def test_of_doctors_whom_patients_may_not_book_nothing_is_told(connect: Connect, world: World) -> None:
    client, whole = await connect(), asked(world, tenantId=str(world.clinic.tenant))
    assert (await client.call("watch-availability", whole))["code"] == "not_found"
    del whole["doctorId"]
    assert (await client.call("watch-availability", whole))["watching"]
    await hold(world)
    await takes_patients(world, 1)  # told after the hold
    assert (await client.heard.next("slot_availability_changed"))["doctorId"] is None
    assert client.heard.of("hold_created") == []


async def test_whoever_watches_a_doctor_hears_when_nobody_can_book_them_any_more(watcher: Client, world: World) -> None:
    await takes_patients(world, can=False)
    told = await watcher.heard.next("slot_availability_changed")
    assert set(told) == {"doctorId", "from", "to"}
    assert told["doctorId"] == str(world.doctor)
    await hold(world)
    await takes_patients(world, can=False)  # told once more, after the hold
    await watcher.heard.next("slot_availability_changed", 2)
    assert watcher.heard.of("hold_created") == []


async def test_many_changes_at_once_become_one_message_that_says_where_to_look(watcher: Client, world: World) -> None:
    await add_slots(world, days_ahead=3)
    told = await watcher.heard.next("slot_availability_changed")
    day = in_days(3).isoformat()
    assert told == {"doctorId": str(world.doctor), "from": day, "to": day}


async def test_watchers_on_other_servers_hear_without_redis_and_while_it_is_dead(
    settings: Settings, redis: OwnRedis, world: World, connect: Connect
) -> None:
    await takes_patients(world)
    with_redis, without = with_settings(settings, redis_url=redis.url), with_settings(settings, redis_url=None)
    async with serving(with_redis) as near, serving(without) as far:
        clients = [await connect(near), await connect(far)]
        for client in clients:
            await watching(client, world)
        await hold(world)
        for client in clients:
            await client.heard.next("hold_created")
        await redis.kill()
        await release(world)
        for client in clients:
            await client.heard.next("hold_released")


async def test_what_is_missed_while_nobody_listens_makes_watchers_look_again(
    settings: Settings, world: World, connect: Connect
) -> None:
    await takes_patients(world)
    async with serving(with_settings(settings, redis_url=None)) as far:
        client = await connect(far)
        await watching(client, world)
        client.heard.events.clear()
        await cut(world.graph.db, "queue-server-listen")
        await hold(world)
        told = await client.heard.next("slot_availability_changed")
        assert told == {key: asked(world)[key] for key in ("doctorId", "from", "to")}


async def test_a_socket_that_leaves_or_hangs_up_watches_no_longer(connect: Connect, world: World, node: Node) -> None:
    await takes_patients(world)
    leaves, hangs_up = await connect(), await connect()
    await watching(leaves, world)
    await watching(hangs_up, world)
    assert await leaves.call("unwatch-availability", {"doctorId": str(uuid4())}) == {"watching": True}
    assert await leaves.call("unwatch-availability", {}) == {"watching": False}
    await hangs_up.socket.disconnect()
    await until(lambda: (node.stats()["watchers"], node.stats()["watchedRooms"]) == (0, 0))
    await hold(world)
    await leaves.call("heartbeat")
    assert leaves.heard.of("hold_created") == []


async def test_a_second_watch_of_a_doctor_takes_the_place_of_the_first(
    connect: Connect, world: World, node: Node
) -> None:
    await takes_patients(world)
    client = await connect()
    await watching(client, world)
    await watching(client, world, **{"from": in_days(2).isoformat()})
    hears = await connect()
    await watching(hears, world)
    await hold(world)
    await hears.heard.next("hold_created")
    await client.call("heartbeat")
    assert client.heard.of("hold_created") == []


async def test_what_a_socket_may_watch_is_bounded(connect: Connect, world: World, settings: Settings) -> None:
    client = await connect()
    await takes_patients(world)
    for _ in range(10):
        neighbour = await new_world(world.client, settings, world.graph.db, world.graph, entries=0)
        await takes_patients(neighbour)
        await watching(client, neighbour)
    assert (await client.call("watch-availability", asked(world)))["code"] == "conflict"
    await client.call("unwatch-availability", {})
    assert (await client.call("watch-availability", asked(world, days=61)))["watching"]
    assert (await client.call("watch-availability", asked(world, days=62)))["code"] == "validation_failed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": None}, "validation_failed"),
        ({"from": "2026-02-30"}, "validation_failed"),
        ({"to": "2000-01-01"}, "validation_failed"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "validation_failed"),
        ({"from": 5}, "validation_failed"),
        ({"doctorId": "somebody"}, "validation_failed"),
        ({"doctorId": None}, "validation_failed"),
        ({"tenantId": "x"}, "validation_failed"),
        ({"doctorId": str(UUID(int=5))}, "not_found"),
        ({"doctorId": None, "tenantId": str(UUID(int=5))}, "not_found"),
    ],
)
async def test_senseless_watches_are_refused_as_event_and_in_the_acknowledgement(
    connect: Connect, world: World, change: dict[str, Any], code: str, node: Node
) -> None:
    await takes_patients(world)
    client = await connect()
    ack = await client.call("watch-availability", asked(world) | change)
    assert ack["code"] == code
    assert ack == await client.heard.next("error")
    assert node.stats()["watchers"] == 0


async def test_staff_may_watch_there_as_well(connect: Connect, world: World) -> None:
    await takes_patients(world)
    client = await connect(auth={"token": world.bearer(Role.RECEPTIONIST)})
    await watching(client, world)
    await hold(world)
    assert (await client.heard.next("hold_created"))["status"] == "held"
