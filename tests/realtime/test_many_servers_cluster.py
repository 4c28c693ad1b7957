"""REDIS_CLUSTER_MODE on a real cluster of three nodes: rooms on its nodes, keys on the nodes of their slots."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import pytest
from redis.asyncio import Redis

from queue_server.broker.redis import RedisBroker, responsible
from queue_server.rate_limits.cluster import Cluster
from queue_server.rate_limits.gcra import Draw, Rate
from queue_server.rate_limits.shared import SharedLimiter
from queue_server.settings import Settings
from tests.http.world import World
from tests.realtime.conftest import Client, act, serving, until, with_settings
from tests.realtime.redis_cluster import ClusterNode, redis_cluster

Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def cluster() -> AsyncIterator[list[ClusterNode]]:
    """Three nodes that share all slots."""
    async with redis_cluster() as nodes:
        yield nodes


async def test_channels_are_spread_over_the_nodes_and_each_message_is_heard_once(cluster: list[ClusterNode]) -> None:
    urls = [node.url for node in cluster]
    channels = [next(f"c{n}" for n in range(100) if responsible(f"c{n}", urls) == node) for node in range(len(urls))]
    speaker, listener = RedisBroker(urls), RedisBroker(urls)
    heard: dict[str, list[bytes]] = {channel: [] for channel in channels}
    async with AsyncExitStack() as stack:
        for broker in (speaker, listener):
            await broker.start()
            stack.push_async_callback(broker.stop)
        await until(lambda: speaker.is_connected and listener.is_connected)
        for node, channel in zip(cluster, channels, strict=True):
            listener.subscribe(channel, heard[channel].append)
            async with Redis(port=node.port) as asked:

                async def is_there(asked: Redis = asked, channel: str = channel) -> bool:
                    return channel.encode() in await asked.pubsub_channels()

                await until(is_there)
        for number in range(50):
            for channel in channels:
                speaker.publish(channel, b"%d" % number)
        await until(lambda: all(found[-1:] == [b"49"] for found in heard.values()))
        assert all(found == [b"%d" % number for number in range(50)] for found in heard.values())


async def test_budgets_lie_on_every_node_and_hold_for_all_processes_together(cluster: list[ClusterNode]) -> None:
    # Two processes that know nothing of each other but the cluster; a budget of five for each of sixty clients.
    limiters = [SharedLimiter(Cluster(node.url, patience_seconds=30), slotted=True) for node in cluster[:2]]
    async with AsyncExitStack() as stack:
        for limiter in limiters:
            await limiter.start()
            stack.push_async_callback(limiter.stop)
        await until(lambda: all(limiter.is_shared for limiter in limiters))
        draws = [Draw("test", f"g{n}", f"limit:{{g{n}}}:k", Rate(1, 5)) for n in range(60)]
        for draw in draws:
            taken = [(await limiters[number % 2].take(draw)).allowed for number in range(8)]
            assert taken == [True] * 5 + [False] * 3
        assert all(limiter.is_shared for limiter in limiters)
        for node in cluster:
            async with Redis(port=node.port) as asked:
                assert await asked.dbsize() > 0


@pytest.mark.slow
async def test_servers_in_cluster_mode_move_phones_while_a_node_is_killed_and_comes_back(
    settings: Settings, cluster: list[ClusterNode], world: World, connect: Connect
) -> None:
    urls = tuple(node.url for node in cluster)
    clustered = with_settings(settings, redis_url=urls[0], redis_cluster_mode=True, redis_pubsub_urls=urls)
    async with serving(clustered) as near, serving(clustered) as far:
        world.graph.writes._publisher = near.services.snapshots
        phone = await connect(far)
        joined = await phone.call("join-queue", {"token": await world.link(0)})
        node = cluster[responsible(joined["roomId"], urls)]

        async def moves(count: int) -> None:
            for number in range(count):
                command = "resume" if number % 2 else "pause"
                version = await act(world.graph, world.clinic, command, world.doctor)
                await until(partial(is_shown, version))

        def is_shown(version: int) -> bool:
            return [told["version"] for told in phone.heard.of("queue-broadcast")][-1:] == [version]

        await moves(4)
        await node.kill()
        await until(lambda: not far.services.broker.carries(joined["roomId"]))
        await moves(4)
        await node.start()
        await until(lambda: near.services.broker.is_connected and far.services.broker.is_connected)
        await moves(4)
        versions = [told["version"] for told in phone.heard.of("queue-broadcast")]
        assert versions == sorted(set(versions))
