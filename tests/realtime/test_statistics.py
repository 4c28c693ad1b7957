"""What a server tells of its sockets: to an administrator, and to Prometheus."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from prometheus_client.parser import text_string_to_metric_families

from queue_server.realtime.durations import PROBE_SECONDS, Durations, LoopLag
from queue_server.settings import Settings
from scheduling_core.permissions import Role
from tests.http.world import World
from tests.realtime.conftest import Client, Node, act, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scraped(world: World) -> Samples:
    """Return every sample of the metrics page, by name and labels."""
    page = (await world.send("GET", "/metrics", role=None)).text
    families = text_string_to_metric_families(page)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


async def test_an_administrator_reads_the_figures_of_the_server_that_answers(
    world: World, node: Node, connect: Connect, desk: Connect, settings: Settings
) -> None:
    phone = await connect()
    await phone.call("join-queue", {"token": await world.link(0)})
    await phone.call("join-queue", {"token": "none of ours"})
    reception = await desk()
    await reception.call("subscribe", {"doctorIds": [str(world.doctor)]})
    told = (await world.send("GET", "/api/appointments/websocket/stats", role=Role.ADMIN)).json()["data"]
    assert {"connectedClients", "activeRooms", "messagesPerSecond", "uptimeSeconds", "errors"} <= set(told)
    assert (told["connectedClients"], told["activeRooms"], told["patients"], told["desks"]) == (2, 1, 1, 1)
    assert (told["handshakes"], told["slowClients"], told["messagesDropped"]) == (2, 0, 0)
    assert told["errors"] == sum(told["errorsByCode"].values()) == 1
    assert told["messagesPerSecond"] > 0
    async with serving(settings) as other:
        assert other.stats()["serverId"] != told["serverId"] == node.stats()["serverId"]


async def test_prometheus_is_told_of_connections_members_messages_and_reasons(
    world: World, connect: Connect, desk: Connect
) -> None:
    phone, reception = await connect(), await desk()
    await phone.call("join-queue", {"token": await world.link(0)})
    await phone.call("join-queue", {"token": "none of ours"})
    await reception.call("subscribe", {"doctorIds": [str(world.doctor)]})
    await act(world.graph, world.clinic, "pause", world.doctor)
    await phone.heard.next("queue-broadcast")
    await reception.heard.next("queue-patch")
    found = await scraped(world)
    assert found["socket_connections", ()] == 2
    assert found["socket_rooms", ()] == 1
    assert found["socket_members", (("kind", "patient"),)] == 1
    assert found["socket_members", (("kind", "desk"),)] == 1
    assert found["socket_handshakes_total", ()] == 2
    assert found["socket_messages_total", (("direction", "received"),)] >= 5
    assert found["socket_messages_total", (("direction", "sent"),)] >= 5
    assert sum(value for (name, _), value in found.items() if name == "socket_errors_total") == 1
    for namespace in ("/", "/staff"):
        assert found["socket_broadcast_seconds_count", (("namespace", namespace),)] == 1
    assert ("event_loop_lag_seconds_count", ()) in found
    assert found["notifications_listening", ()] == found["broker_connected", ()] == 1
    assert found["broker_dropped_total", ()] >= 0
    for name in ("socket_updates_conflated_total", "socket_updates_withheld_total", "socket_messages_dropped_total"):
        assert found[name, ()] >= 0


async def test_who_was_refused_and_who_was_ended_are_counted_by_reason(settings: Settings, connect: Connect) -> None:
    async with serving(with_settings(settings, socket_idle_seconds=1)) as strict:
        await connect(strict)
        await until(lambda: strict.stats()["endedByReason"] == {"idle": 1})
        collected = {family.name: family for family in strict.services.metrics.registry.collect()}
        (closed,) = collected["socket_closes"].samples
        assert (closed.labels, closed.value) == ({"reason": "idle"}, 1.0)


async def test_changes_that_are_told_together_are_counted(node: Node, world: World, connect: Connect) -> None:
    phone = await connect()
    await phone.call("join-queue", {"token": await world.link(0)})
    room = node.realtime._hub.rooms[0]
    for _ in range(5):
        node.realtime._hub._changed(room, room.state)
    assert node.stats()["updatesConflated"] == 4


async def test_a_loop_that_is_held_up_shows(node: Node) -> None:
    await asyncio.sleep(0)
    before = node.realtime._statistics.loop_lag.durations.count
    time.sleep(PROBE_SECONDS + 0.15)  # everything stands still, as when somebody forgets to await
    await until(lambda: node.realtime._statistics.loop_lag.durations.count > before)
    assert node.stats()["loopLagMs"] >= 100


def test_a_histogram_counts_cumulatively_up_to_each_bound() -> None:
    durations = Durations()
    for seconds in (0.0005, 0.001, 0.02, 60.0):
        durations.add(seconds)
    buckets = dict(durations.buckets())
    assert (buckets["0.001"], buckets["0.01"], buckets["0.025"], buckets["2.5"], buckets["+Inf"]) == (2, 2, 3, 3, 4)
    assert (durations.count, durations.longest) == (4, 60.0)


def test_the_worst_lag_is_forgotten_after_a_while() -> None:
    lag = LoopLag()
    lag.add(0.4)
    assert lag.recent == 0.4
    for _ in range(2):
        lag._window = (lag._window[0] - 11, lag._window[1])
        lag.add(0.01)
    assert lag.recent == 0.01
    assert lag.durations.longest == 0.4
