"""What patients' clients are told, through a whole server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from queue_server.settings import Settings
from scheduling_core.permissions import Role
from tests.factories import NAMES
from tests.http.world import World, add_slots, fill
from tests.realtime.conftest import Client, Node, act, serving, until

Connect = Callable[..., Awaitable[Client]]


@pytest.fixture(params=["websocket", "polling"])
async def patient(request: pytest.FixtureRequest, connect: Connect) -> Client:
    """A connected client, over either transport."""
    return await connect(transports=[request.param])


async def joined(client: Client, world: World, index: int, **claim: int) -> dict[str, Any]:
    """Join and return the acknowledgement, which must be the event as well."""
    ack: dict[str, Any] = await client.call("join-queue", {"token": await world.link(index), **claim})
    assert ack == (client.heard.of("queue-joined") or [None])[-1]
    return ack


async def test_a_patient_is_greeted_joins_and_is_told_of_changes_of_the_own_place(
    patient: Client, world: World
) -> None:
    assert (await patient.heard.next("connected"))["clientId"]
    ack = await joined(patient, world, 2)
    assert ack["roomId"].startswith(f"queue:{world.clinic.tenant}:{world.doctor}:")
    assert ack["recovered"] is False
    assert ack["data"]["queue"]["position"] == 3
    assert ack["data"]["appointment"]["id"] == str(world.entries[2])
    await world.done("move", world.entries[2], {"newPosition": 1})
    update = await patient.heard.next("queue-update")
    assert update["data"]["queue"]["position"] == 1
    broadcast = await patient.heard.next("queue-broadcast")
    assert broadcast["reason"] == "move"
    assert broadcast["doctorId"] == str(world.doctor)
    assert broadcast["version"] == update["data"]["queue"]["version"] == ack["data"]["queue"]["version"] + 1


async def test_everybody_hears_of_a_change_but_only_those_it_concerns_get_a_new_view(
    connect: Connect, world: World
) -> None:
    first, last = await connect(), await connect()
    await joined(first, world, 0)
    await joined(last, world, 3)
    await world.done("triage", world.entries[3], {"triage": 3})  # past everybody of the same window, or none
    await first.heard.next("queue-broadcast")
    await last.heard.next("queue-broadcast")
    place = await place_of(world, 0)
    assert bool(first.heard.of("queue-update")) == (place != 1)


async def place_of(world: World, index: int) -> int | None:
    answer = await world.send("GET", f"/api/appointments/track/{await world.link(index)}", role=None)
    place: int | None = answer.json()["data"]["queue"]["position"]
    return place


async def test_a_recall_concerns_nobody_else(connect: Connect, world: World) -> None:
    called, waiting = await connect(), await connect()
    await world.done("check-in", world.entries[0])
    await world.done("call-next", world.doctor, {"appointmentId": str(world.entries[0])})
    await joined(called, world, 0)
    await joined(waiting, world, 2)
    await world.done("recall", world.entries[0])
    await waiting.heard.next("queue-broadcast")
    await called.heard.next("queue-broadcast")
    assert waiting.heard.of("queue-update") == []


async def test_an_alarm_reaches_everybody_at_once_and_whoever_joins_while_it_is_in_force(
    connect: Connect, world: World
) -> None:
    here = await connect()
    await joined(here, world, 0)
    alarm = {"message": "Doctor delayed", "priority": "high", "estimatedDelay": 30}
    sent = await world.done("emergency", world.doctor, alarm)
    told = await here.heard.next("emergency-notification")
    assert told["message"] == "Doctor delayed"
    assert told["priority"] == "high"
    assert told["estimatedDelay"] == 30
    assert told["broadcastId"] == sent["broadcastId"]
    late = await connect()
    await joined(late, world, 1)
    assert (await late.heard.next("emergency-notification"))["broadcastId"] == sent["broadcastId"]
    await world.done("triage", world.entries[1], {"triage": 2})
    await here.heard.next("queue-broadcast", 2)
    assert len(here.heard.of("emergency-notification")) == 1


async def test_a_member_is_moved_with_a_transferred_entry_and_told(connect: Connect, world: World) -> None:
    moved, stays = await connect(), await connect()
    before = await joined(moved, world, 0)
    await joined(stays, world, 1)
    other = world.clinic.doctors[1]
    await world.done("transfer", world.entries[0], {"doctorId": str(other)})
    after = await moved.heard.next("queue-joined", 2)
    assert after["roomId"] != before["roomId"]
    assert str(other) in after["roomId"]
    assert after["data"]["appointment"]["doctor"]["id"] == str(other)
    assert (await moved.heard.next("queue-update"))["data"]["queue"]["position"] == 1
    moved.heard.events.clear()
    await world.done("pause", other)
    assert (await moved.heard.next("queue-update"))["data"]["queue"]["paused"] is True
    assert len(stays.heard.of("queue-joined")) == 1


async def rescheduled(world: World, appointment: object, slot: object) -> None:
    path, key = f"/api/appointments/{appointment}/reschedule", {"Idempotency-Key": uuid4().hex}
    answer = await world.send("POST", path, {"slotId": str(slot)}, headers=key)
    assert answer.status_code == 200, answer.text


async def test_a_member_is_moved_with_an_appointment_that_goes_to_another_day_and_told(
    connect: Connect, world: World
) -> None:
    moved, stays = await connect(), await connect()
    before = await joined(moved, world, 0)
    await joined(stays, world, 1)
    await rescheduled(world, world.entries[0], world.ids["slotId"])
    after = await moved.heard.next("queue-joined", 2)
    assert after["roomId"] != before["roomId"]
    assert after["data"]["appointment"]["start"][11:16] == "09:00"
    assert after["data"]["appointment"]["id"] == str(world.entries[0])
    assert (await moved.heard.next("queue-update"))["data"]["queue"]["position"] == 1
    assert (await stays.heard.next("queue-update"))["data"]["queue"]["position"] == 1
    assert len(stays.heard.of("queue-joined")) == 1


async def test_who_is_given_another_time_of_the_same_day_is_shown_it_at_once(connect: Connect, world: World) -> None:
    client, slots = await connect(), await add_slots(world, days_ahead=2)
    await rescheduled(world, world.entries[0], slots[0])
    joining = await joined(client, world, 0)
    assert joining["data"]["appointment"]["start"][11:16] == "09:00"
    await rescheduled(world, world.entries[0], slots[4])
    shown = await client.heard.next("queue-joined", 2)
    assert shown["data"]["appointment"]["start"][11:16] == "11:00"
    assert shown["roomId"] == joining["roomId"]


async def test_a_withdrawn_link_ends_the_membership_but_not_the_socket(
    connect: Connect, world: World, node: Node
) -> None:
    client = await connect()
    await joined(client, world, 0)
    # Withdrawn by another process: this one hears of it from Postgres.
    await world.graph.links.revoke(world.clinic.actor(Role.ADMIN), world.entries[0])
    told = await client.heard.next("error")
    assert told["code"] == "revoked_tracking_token"
    assert told["retryable"] is False
    assert node.stats()["patients"] == 0
    assert (await client.call("heartbeat"))["serverTime"]
    assert (await client.call("join-queue", {"token": await world.link(0)}))["code"] == "revoked_tracking_token"


async def test_resuming_says_whether_anything_was_missed(connect: Connect, world: World) -> None:
    client = await connect()
    queue = (await joined(client, world, 0))["data"]["queue"]
    claim = {"epoch": queue["epoch"], "version": queue["version"]}
    assert (await joined(client, world, 0, **claim))["recovered"] is True
    await world.done("pause", world.doctor)
    missed = await joined(client, world, 0, **claim)
    assert missed["recovered"] is False
    assert missed["data"]["queue"]["paused"] is True
    ahead = await joined(client, world, 0, epoch=queue["epoch"], version=queue["version"] + 100)
    assert ahead["recovered"] is False


async def test_a_second_join_takes_the_place_of_the_first(connect: Connect, world: World, node: Node) -> None:
    client = await connect()
    await joined(client, world, 0)
    await joined(client, world, 2)
    assert node.stats()["patients"] == 1
    await world.done("move", world.entries[2], {"newPosition": 1})
    assert (await client.heard.next("queue-update"))["data"]["queue"]["position"] == 1
    await asyncio.sleep(0.05)
    assert len(client.heard.of("queue-update")) == 1


async def test_leaving_and_hanging_up_empty_the_room(connect: Connect, world: World, node: Node) -> None:
    client, other = await connect(), await connect()
    await joined(client, world, 0)
    await joined(other, world, 1)
    assert node.stats()["activeRooms"] == 1
    assert await client.call("leave-queue", {}) == {"left": True}
    await other.socket.disconnect()
    await until(lambda: node.stats()["activeRooms"] == 0)
    await world.done("pause", world.doctor)
    await asyncio.sleep(0.05)
    assert client.heard.of("queue-broadcast") == []


async def test_status_is_one_look_without_following(connect: Connect, world: World, node: Node) -> None:
    client = await connect()
    ack = await client.call("get-queue-status", {"token": await world.link(1)})
    assert ack == await client.heard.next("queue-status")
    assert ack["data"]["queue"]["position"] == 2
    assert node.stats()["patients"] == 0


async def test_heartbeats_are_answered(connect: Connect) -> None:
    client = await connect()
    await client.emit("heartbeat")
    assert (await client.heard.next("heartbeat-ack"))["serverTime"]


@pytest.mark.parametrize(
    ("event", "payload", "code"),
    [
        ("join-queue", {"token": "forged"}, "invalid_tracking_token"),
        ("join-queue", {}, "validation_failed"),
        ("join-queue", None, "validation_failed"),
        ("join-queue", {"token": 5}, "validation_failed"),
        ("join-queue", {"token": "x" * 5000}, "validation_failed"),
        ("join-queue", {"token": "a.b.c", "version": -1}, "validation_failed"),
        ("join-queue", ["a.b.c"], "malformed_request"),
        ("join-queue", "a.b.c", "malformed_request"),
        ("get-queue-status", {"token": "a.b.c"}, "invalid_tracking_token"),
        ("no-such-event", {}, "unknown_event"),
    ],
)
async def test_what_cannot_be_done_is_told_as_event_and_in_the_acknowledgement(
    connect: Connect, world: World, event: str, payload: Any, code: str
) -> None:
    client = await connect()
    ack = await client.call(event, payload)
    assert ack["code"] == code
    assert ack == await client.heard.next("error")
    assert (await client.call("heartbeat"))["serverTime"]


async def test_nobody_elses_name_is_ever_sent_to_a_patient(connect: Connect, world: World) -> None:
    clients = [await connect() for _ in range(4)]
    for index, client in enumerate(clients):
        await joined(client, world, index)
    for entry in world.entries[:2]:
        await world.done("check-in", entry)
    await world.done("call-next", world.doctor, {"appointmentId": str(world.entries[0])})
    await world.done("start", world.entries[0])
    await world.done("move", world.entries[3], {"newPosition": 1})
    await until(lambda: all(len(c.heard.of("queue-broadcast")) >= 3 for c in clients))
    for index, client in enumerate(clients):
        text = msgspec.json.encode(client.heard.events).decode()
        for other, name in enumerate(NAMES[:4]):
            first, last = name.split()
            assert last not in text.replace(f"Dr {last}", "")
            assert other == index or first not in text


async def test_a_burst_becomes_few_updates_and_the_last_one_is_the_newest(connect: Connect, world: World) -> None:
    client = await connect()
    await joined(client, world, 3)
    for _ in range(15):
        await act(world.graph, world.clinic, "pause", world.doctor)
        version = await act(world.graph, world.clinic, "resume", world.doctor)

    def versions() -> list[int]:
        return [broadcast["version"] for broadcast in client.heard.of("queue-broadcast")]

    await until(lambda: versions()[-1:] == [version])
    assert versions() == sorted(set(versions()))
    assert len(versions()) <= 30  # how few depends on how fast they are committed; see test_statistics
    # Ticks that all met the resumed queue have left nothing to tell.
    assert [u["data"]["queue"]["paused"] for u in client.heard.of("queue-update")][-1:] in ([], [False])


async def test_old_view_and_updates_make_the_view_that_a_fresh_look_gives(connect: Connect, world: World) -> None:
    await fill(world, 2)
    client = await connect()
    view = (await joined(client, world, 2))["data"]["queue"]
    await world.done("check-in", world.entries[0])
    await world.done("check-in", world.entries[2])
    await world.done("move", world.entries[1], {"newPosition": 4})
    await world.done("call-next", world.doctor, {"appointmentId": str(world.entries[0])})
    await world.done("emergency", world.doctor, {"message": "Late", "priority": "low", "estimatedDelay": 10})
    await until(lambda: len(client.heard.of("queue-broadcast")) >= 1)
    fresh = (await client.call("get-queue-status", {"token": await world.link(2)}))["data"]["queue"]

    def caught_up() -> bool:
        broadcasts = client.heard.of("queue-broadcast")
        return bool(broadcasts) and broadcasts[-1]["version"] == fresh["version"]

    await until(caught_up)
    for update in client.heard.of("queue-update"):
        view = update["data"]["queue"]
    moving = {"version", "updatedAt", "estimatedStartAt"}
    assert {k: v for k, v in view.items() if k not in moving} == {k: v for k, v in fresh.items() if k not in moving}


class Later(datetime):
    """A clock that is three hours ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return what it shows."""
        return datetime.now(tz) + timedelta(hours=3)


async def test_phones_are_told_when_time_alone_ends_a_delay(
    connect: Connect, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.realtime.server.CLOCK_SECONDS", 0.1)
    async with serving(settings) as node:
        client = await connect(node)
        await joined(client, world, 3)
        await world.done("emergency", world.doctor, {"message": "Late", "priority": "low", "estimatedDelay": 30})
        delayed = (await client.heard.next("queue-update"))["data"]["queue"]
        (notice,) = delayed["notices"]
        assert (delayed["delayMinutes"], notice["message"]) == (30, "Late")
        assert notice["until"] > notice["issuedAt"]
        await asyncio.sleep(0.5)
        # Shown anew a few times, and nothing to tell.
        assert len(client.heard.of("queue-update")) == 1
        broadcasts = len(client.heard.of("queue-broadcast"))
        monkeypatch.setattr("queue_server.application.tracking.datetime", Later)
        over = (await client.heard.next("queue-update", 2))["data"]["queue"]
        assert (over["delayMinutes"], over["notices"], over["version"]) == (0, [], delayed["version"])
        await asyncio.sleep(0.3)
        assert len(client.heard.of("queue-update")) == 2
        assert len(client.heard.of("queue-broadcast")) == broadcasts
