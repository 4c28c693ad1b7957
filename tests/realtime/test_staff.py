"""What desks and displays are told and may do, through a whole server."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import socketio

from queue_server.application.staff_view import staff_queue
from queue_server.application.views.desk import StaffPatch, StaffQueue
from queue_server.application.views.display import DisplayPatch, DisplayQueue
from queue_server.realtime import patches
from queue_server.settings import Settings
from scheduling_core.live_queue.state import Queue
from scheduling_core.permissions import Role
from tests.factories import NAMES, new_clinic, today
from tests.http.answers import check_display
from tests.http.world import World, fill
from tests.realtime.conftest import Client, Node, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]


async def subscribed(desk: Client, world: World, *doctors: int) -> list[dict[str, Any]]:
    """Subscribe to doctors of the clinic and return their queues."""
    ids = [str(world.clinic.doctors[index]) for index in doctors or (0,)]
    ack = await desk.call("subscribe", {"doctorIds": ids})
    assert ack["ok"] is True, ack
    assert ack["date"] == today()
    queues: list[dict[str, Any]] = ack["queues"]
    return queues


class Screen:
    """Does with states and patches what a desk's screen does."""

    def __init__(self, client: Client, whole: Any = StaffQueue, patch: Any = StaffPatch) -> None:
        self._client = client
        self._whole, self._patch = whole, patch
        self._seen = 0
        self.queue: StaffQueue | None = None
        self.patched = 0

    def show(self) -> StaffQueue | None:
        """Take in everything heard so far and return the queue; raises when a patch does not fit."""
        for name, payload in self._client.heard.events[self._seen :]:
            if name == "queue-state":
                self.queue = msgspec.convert(payload, self._whole)
            elif name == "queue-patch":
                assert self.queue is not None
                self.queue = patches.apply(self.queue, msgspec.convert(payload, self._patch))
                self.patched += 1
        self._seen = len(self._client.heard.events)
        return self.queue

    async def at(self, version: int) -> StaffQueue:
        """Wait until this version is shown."""
        await until(lambda: (queue := self.show()) is not None and queue.version >= version)
        assert self.queue is not None
        return self.queue


async def test_a_desk_subscribes_and_sees_names_then_patches(desk: Connect, world: World) -> None:
    client = await desk()
    (queue,) = await subscribed(client, world)
    assert [e["name"] for e in queue["entries"]] == list(NAMES[:4])
    assert await client.heard.next("queue-state") == queue
    await world.done("check-in", world.entries[1])
    patch = await client.heard.next("queue-patch")
    assert patch["fromVersion"] == queue["version"]
    assert patch["version"] == queue["version"] + 1
    assert str(world.entries[1]) in {e["id"] for e in patch["changed"]}


async def test_old_state_and_patches_make_the_state_that_a_fresh_look_gives(desk: Connect, world: World) -> None:
    await fill(world, 6)
    client, rng = await desk(), random.Random(7)
    await subscribed(client, world)
    screen = Screen(client)
    version = 0
    for _ in range(60):
        entry = rng.choice(world.entries)
        name, body = rng.choice(
            [
                ("check-in", {}),
                ("triage", {"triage": rng.randint(2, 5)}),
                ("move", {"newPosition": rng.randint(1, 4)}),
                ("skip", {}),
                ("call-next", {}),
                ("start", {}),
                ("complete", {}),
                ("cancel", {}) if rng.random() < 0.1 else ("pause", {}),
                ("resume", {}),
                ("emergency", {"message": "Wait", "priority": "low", "estimatedDelay": rng.randint(1, 20)}),
            ]
        )
        target = world.doctor if name in ("call-next", "pause", "resume", "emergency") else entry
        answer = await world.command(name, target, body)
        if answer.status_code == 200:
            version = answer.json()["data"]["version"]
    assert version > 15
    shown = await screen.at(version)
    assert screen.patched >= 5
    answer = await world.send("GET", f"/api/appointments/queue/state/{world.doctor}")
    fresh = msgspec.convert(answer.json()["data"], StaffQueue)
    rest = patches.patch(shown, fresh)
    # Whatever still differs moves with the clock alone: estimates, and what may still be undone.
    if rest is not None:
        assert rest.removed == ()
        assert shown.line == fresh.line
        moving = {"estimated_wait_time", "estimated_wait_range", "estimated_start_at", "callable"}
        known = {e.id: msgspec.structs.asdict(e) for e in shown.entries}
        for entry_view in rest.changed:
            now = msgspec.structs.asdict(entry_view)
            assert {k for k in now if now[k] != known[entry_view.id][k]} <= moving


async def test_of_what_was_shown_only_what_patches_start_from_is_kept(desk: Connect, world: World, node: Node) -> None:
    client = await desk()
    await subscribed(client, world)
    for count, triage in enumerate((2, 3, 4), start=1):
        await world.done("triage", world.entries[1], {"triage": triage})
        newest = (await client.heard.next("queue-patch", count))["version"]
        (room,) = node.realtime._hub.rooms
        assert [version for _, version in room.staff_views[True]] == [newest]


async def test_a_queue_is_made_once_for_who_moved_it_and_all_others(
    desk: Connect, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await desk(), await desk(Role.ADMIN)
    for client in (one, other):
        await subscribed(client, world, 0, 1)
    colleague, made = str(world.clinic.doctors[1]), list[int]()

    def counting(queue: Queue, **given: Any) -> StaffQueue:
        made.append(queue.version)
        return staff_queue(queue, **given)

    async def patches_of(count: int) -> list[Any]:
        return [await client.heard.next("queue-patch", count) for client in (one, other)]

    # What the subscriptions have led to is over when a change of both queues has come; the second one is new.
    await one.call("transfer", {"appointmentId": str(world.entries[3]), "doctorId": colleague})
    await patches_of(1)
    for client in (one, other):
        await client.heard.next("queue-state", 3)
    monkeypatch.setattr("queue_server.realtime.staff.showing.CLOCK_SECONDS", 3_600.0)
    monkeypatch.setattr("queue_server.application.queue.staff_queue", counting)
    monkeypatch.setattr("queue_server.application.reading.staff_queue", counting)
    moved = await one.call("move", {"appointmentId": str(world.entries[2]), "newPosition": 1})
    for patch in await patches_of(2):
        assert (patch["version"], patch["line"]) == (moved["version"], moved["result"]["queue"]["line"])
    assert made == [moved["version"]]
    over = await one.call("transfer", {"appointmentId": str(world.entries[2]), "doctorId": colleague})
    await patches_of(4)
    assert sorted(made[1:]) == sorted(over["result"][queue]["version"] for queue in ("queue", "target"))


async def test_a_display_sees_tickets_and_never_a_name(desk: Connect, world: World) -> None:
    client = await desk(Role.DISPLAY)
    (queue,) = await subscribed(client, world)
    check_display(queue, world)
    assert queue["entries"] == []
    await world.done("check-in", world.entries[0])
    came = await client.heard.next("queue-patch")
    await world.done("call-next", world.doctor, {"appointmentId": str(world.entries[0])})
    called = await client.heard.next("queue-patch", 2)
    await world.done("start", world.entries[0])
    await client.heard.next("queue-patch", 3)
    await world.done("complete", world.entries[0])
    left = await client.heard.next("queue-patch", 4)
    for patch in client.heard.of("queue-patch"):
        check_display(patch, world)
    (arrived,) = came["changed"]
    assert (arrived["ticket"], arrived["state"], came["line"]) == ("G1", "waiting", [arrived["id"]])
    assert [(e["id"], e["state"]) for e in called["changed"]] == [(arrived["id"], "called")]
    assert (left["changed"], left["removed"], left["line"]) == ([], [arrived["id"]], [])
    # What the patches lead to is what a fresh look gives, over either way.
    screen = Screen(client, DisplayQueue, DisplayPatch)
    answer = await world.send("GET", f"/api/appointments/queue/state/{world.doctor}", role=Role.DISPLAY)
    shown: object = screen.show()
    assert shown == msgspec.convert(answer.json()["data"], DisplayQueue)
    text = msgspec.json.encode(client.heard.events).decode()
    for name in NAMES[:4]:
        assert name.split()[0] not in text
    assert "+44" not in text
    refused = await client.call("check-in", {"appointmentId": str(world.entries[1])})
    assert refused["problem"]["status"] == 403


async def test_commands_are_acknowledged_with_version_and_result(desk: Connect, world: World) -> None:
    client = await desk()
    (queue,) = await subscribed(client, world)
    ack = await client.call("check-in", {"appointmentId": str(world.entries[0])})
    assert ack["ok"] is True
    assert ack["version"] == queue["version"] + 1
    assert ack["result"]["queue"]["version"] == ack["version"]
    called = await client.call("call-next", {"doctorId": str(world.doctor), "appointmentId": str(world.entries[0])})
    assert called["ok"] is True
    walk_in = await client.call("walk-in", {"doctorId": str(world.doctor), "patient": {"name": "Zoe Young"}})
    assert walk_in["result"]["trackingToken"]
    screen = Screen(client)
    shown = await screen.at(walk_in["version"])
    assert "Zoe Young" in {e.name for e in shown.entries}


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("move", {"newPosition": 99}, 422, "position_out_of_range"),
        ("move", {"newPosition": 1, "unknown": 1}, 422, "validation_failed"),
        ("move", {}, 422, "validation_failed"),
        ("start", {}, 409, "illegal_transition"),
        ("check-in", {"appointmentId": str(uuid4())}, 404, "not_found"),
        ("check-in", {"appointmentId": "17"}, 422, "validation_failed"),
        ("check-in", {"appointmentId": None}, 422, "validation_failed"),
        ("check-in", {"ifMatch": "1"}, 422, "validation_failed"),
        ("check-in", {"ifMatch": 0}, 412, "stale_version"),
        ("check-in", {"idempotencyKey": "no spaces"}, 422, "validation_failed"),
        ("triage", {"triage": 6}, 422, "validation_failed"),
        ("unheard-of", {}, 404, "unknown_event"),
    ],
)
async def test_a_refused_command_says_why_and_changes_nothing(
    desk: Connect, world: World, name: str, body: dict[str, Any], status: int, code: str
) -> None:
    client, before = await desk(), await world.queue()
    ack = await client.call(name, {"appointmentId": str(world.entries[0]), **body})
    assert ack["ok"] is False
    assert (ack["problem"]["status"], ack["problem"]["code"]) == (status, code)
    assert await world.queue() == before


async def test_a_command_may_be_repeated_over_the_other_transport(desk: Connect, world: World) -> None:
    client, key = await desk(), str(uuid4())
    body = {"newPosition": 3}
    first = await client.call("move", {"appointmentId": str(world.entries[0]), **body, "idempotencyKey": key})
    again = await client.call("move", {"appointmentId": str(world.entries[0]), **body, "idempotencyKey": key})
    over_http = await world.command("move", world.entries[0], body, headers={"Idempotency-Key": key})
    assert first["version"] == again["version"] == over_http.json()["data"]["version"]
    other = await client.call("move", {"appointmentId": str(world.entries[0]), "newPosition": 2, "idempotencyKey": key})
    assert other["problem"]["code"] == "idempotency_key_reused"


async def test_of_two_desks_that_saw_the_same_version_one_wins(desk: Connect, world: World) -> None:
    one, other = await desk(), await desk()
    (queue,) = await subscribed(one, world)
    orders = [
        desk_.call("move", {"appointmentId": str(entry), "newPosition": 1, "ifMatch": queue["version"]})
        for desk_, entry in ((one, world.entries[2]), (other, world.entries[3]))
    ]
    acks = await asyncio.gather(*orders)
    assert sorted(ack["ok"] for ack in acks) == [False, True]
    assert next(a for a in acks if not a["ok"])["problem"]["code"] == "stale_version"


@pytest.mark.parametrize("auth", [None, {}, {"token": "forged"}, {"token": 7}, {"token": "a.b.c"}])
async def test_nobody_comes_in_without_a_good_token(connect: Connect, world: World, auth: Any) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(None, "/staff", auth=auth)


async def test_a_tracking_token_opens_no_desk(connect: Connect, world: World) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(None, "/staff", auth={"token": await world.link(0)})


async def test_foreign_and_unknown_doctors_are_not_found(desk: Connect, world: World) -> None:
    foreign = await new_clinic(world.graph.db)
    client = await desk()
    for doctor in (foreign.doctors[0], uuid4()):
        ack = await client.call("subscribe", {"doctorIds": [str(world.doctor), str(doctor)]})
        assert ack["problem"]["code"] == "not_found"
        assert (await client.call("pause", {"doctorId": str(doctor)}))["problem"]["code"] == "not_found"
    assert client.heard.of("queue-state") == []


async def test_a_doctor_follows_only_the_own_queue(desk: Connect, world: World) -> None:
    client = await desk(Role.DOCTOR)
    await subscribed(client, world, 0)
    ack = await client.call("subscribe", {"doctorIds": [str(world.clinic.doctors[1])]})
    assert ack["problem"]["status"] in (403, 404)


async def test_a_queue_that_nobody_is_in_yet_is_shown_when_somebody_comes(desk: Connect, world: World) -> None:
    client = await desk()
    (queue,) = await subscribed(client, world, 1)
    assert queue["version"] == 0
    assert queue["entries"] == []
    screen = Screen(client)
    ack = await client.call("walk-in", {"doctorId": str(world.clinic.doctors[1]), "patient": {"name": "Zoe Young"}})
    shown = await screen.at(ack["version"])
    assert [e.name for e in shown.entries] == ["Zoe Young"]


async def test_unsubscribed_and_replaced_queues_are_quiet(desk: Connect, world: World, node: Node) -> None:
    client = await desk()
    await subscribed(client, world, 0, 1)
    assert node.stats()["activeRooms"] == 2
    await subscribed(client, world, 1)
    assert node.stats()["activeRooms"] == 1
    client.heard.events.clear()
    await world.done("pause", world.doctor)
    await world.done("pause", world.clinic.doctors[1])
    await until(lambda: client.heard.of("queue-patch") or client.heard.of("queue-state"))
    told = client.heard.of("queue-patch") + client.heard.of("queue-state")
    assert {one["doctorId"] for one in told} == {str(world.clinic.doctors[1])}
    assert await client.call("unsubscribe", {}) == {"ok": True}
    assert node.stats()["activeRooms"] == 0


async def test_an_ended_token_is_told_and_a_new_one_goes_on(
    connect: Connect, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.accounts[Role.RECEPTIONIST]
    short = world.tokens.issue_access(account, now=datetime.now(UTC), lifetime=timedelta(seconds=4))
    client = await connect(None, "/staff", auth={"token": short})
    await subscribed(client, world)
    assert (await client.heard.next("error"))["code"] == "token_expired"
    refused = await client.call("pause", {"doctorId": str(world.doctor)})
    assert refused["problem"]["code"] == "token_expired"
    monkeypatch.setattr("queue_server.realtime.staff.desk.GRACE", timedelta())
    version = (await world.done("pause", world.doctor))["version"]
    await asyncio.sleep(0.2)
    assert client.heard.of("queue-patch") == []
    other = await client.call("authenticate", {"token": world.bearer(Role.ADMIN)})
    assert other["problem"]["status"] == 401
    assert (await client.call("authenticate", {"token": world.bearer(Role.RECEPTIONIST)})) == {"ok": True}
    await Screen(client).at(version)
    assert (await client.call("resume", {"doctorId": str(world.doctor)}))["ok"] is True


async def test_desks_see_who_else_works_on_a_lane_on_every_server(
    desk: Connect, world: World, settings: Settings
) -> None:
    async with serving(settings) as elsewhere:
        one, two = await desk(), await desk(Role.ADMIN, elsewhere)
        await subscribed(one, world)
        await subscribed(two, world)
        lane = {"doctorId": str(world.doctor)}
        assert await two.call("desk-focus", lane) == {"ok": True}
        await until(lambda: one.heard.of("desk-presence")[-1]["desks"] == [{"name": "Test admin"}])
        assert two.heard.of("desk-presence")[-1]["desks"] == []
        three = await desk(Role.DEPARTMENT_HEAD)
        await subscribed(three, world)
        await until(lambda: three.heard.of("desk-presence")[-1]["desks"] == [{"name": "Test admin"}])
        await two.socket.disconnect()
        await until(lambda: one.heard.of("desk-presence")[-1]["desks"] == [])
        refused = await one.call("desk-focus", {"doctorId": str(world.clinic.doctors[1])})
        assert refused["problem"]["code"] == "not_found"


async def test_a_disabled_account_may_do_nothing_more(
    desk: Connect, world: World, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.application.standing.FRESH_SECONDS", 0.0)
    monkeypatch.setattr("queue_server.realtime.staff.namespace.STANDING_SECONDS", 0.5)
    client = await desk()
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        await tx.run("UPDATE account SET disabled = true WHERE role = 'receptionist'")
    refused = await client.call("pause", {"doctorId": str(world.doctor)})
    assert refused["problem"]["status"] == 401
    await until(lambda: not client.socket.connected)


async def test_a_slow_answer_about_an_account_keeps_nobody_else(
    connect: Connect, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.realtime.staff.namespace.STANDING_SECONDS", 0.1)
    async with serving(with_settings(settings, socket_idle_seconds=2)) as node:
        desk = await connect(node, "/staff", auth={"token": world.bearer(Role.RECEPTIONIST)})
        await subscribed(desk, world)
        asked = asyncio.Event()

        async def hanging(*_: Any, **__: Any) -> None:
            asked.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(node.services.access, "session", hanging)
        async with asyncio.timeout(60):
            await asked.wait()
        idle = await connect(node)
        assert (await idle.heard.next("error"))["code"] == "idle"
        await until(lambda: not idle.socket.connected)
        assert desk.socket.connected


async def test_a_desk_on_another_server_is_shown_the_commit(desk: Connect, world: World, settings: Settings) -> None:
    async with serving(settings) as elsewhere:
        far = await desk(Role.RECEPTIONIST, elsewhere)
        await subscribed(far, world)
        version = (await world.done("check-in", world.entries[0]))["version"]
        shown = await Screen(far).at(version)
        assert shown.entries[0].state == "waiting"
