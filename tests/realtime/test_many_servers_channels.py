"""What Redis itself says about who listens to what: one channel per room, only where somebody is in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from redis.asyncio import Redis

from queue_server.application.snapshots.state import RoomKey
from queue_server.broker.redis import responsible
from queue_server.settings import Settings
from scheduling_core.permissions import Role
from tests.factories import today
from tests.http.world import World
from tests.realtime.conftest import Client, Node, OwnRedis, act, own_redis, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]
Desk = Callable[..., Awaitable[Client]]


@asynccontextmanager
async def asking(*servers: OwnRedis) -> AsyncIterator[list[Redis]]:
    """Yield a client of each server."""
    async with AsyncExitStack() as stack:
        clients = [Redis(unix_socket_path=str(server.socket)) for server in servers]
        for client in clients:
            stack.push_async_callback(client.aclose)
        yield clients


async def rooms(client: Redis) -> dict[str, int]:
    """Return the rooms' channels that somebody is subscribed to, and how many are."""
    channels = await client.pubsub_channels("queue:*")
    found = await client.pubsub_numsub(*channels) if channels else []
    return {channel.decode(): count for channel, count in found}


async def stands(client: Redis, wanted: dict[str, int]) -> bool:
    return await rooms(client) == wanted


def key_of(world: World, doctor: int = 0) -> RoomKey:
    return RoomKey(world.clinic.tenant, world.clinic.doctors[doctor], today())


@pytest.fixture
async def servers(settings: Settings, redis: OwnRedis, world: World) -> AsyncIterator[tuple[Node, Node]]:
    """Two servers on one Redis that nobody else uses."""
    own = with_settings(settings, redis_url=redis.url)
    async with serving(own) as one, serving(own) as two:
        yield one, two


async def test_a_channel_is_subscribed_by_the_servers_that_hold_a_member_and_by_no_others(
    servers: tuple[Node, Node], redis: OwnRedis, world: World, connect: Connect
) -> None:
    channel = key_of(world).channel
    async with asking(redis) as (asked,):
        assert await rooms(asked) == {}
        first, second = await connect(servers[0]), await connect(servers[0])
        assert await rooms(asked) == {}  # connected, but in no room
        await first.call("join-queue", {"token": await world.link(0)})
        await until(partial(stands, asked, {channel: 1}))
        await second.call("join-queue", {"token": await world.link(1)})
        elsewhere = await connect(servers[1])
        await elsewhere.call("join-queue", {"token": await world.link(2)})
        await until(partial(stands, asked, {channel: 2}))
        await first.call("leave-queue", {})
        await elsewhere.call("leave-queue", {})
        await until(partial(stands, asked, {channel: 1}))
        await second.socket.disconnect()
        await until(partial(stands, asked, {}))


async def test_a_desk_has_the_channels_of_what_it_follows_and_gives_them_back(
    servers: tuple[Node, Node], redis: OwnRedis, world: World, desk: Desk
) -> None:
    both = {key_of(world, doctor).channel: 1 for doctor in (0, 1)}
    async with asking(redis) as (asked,):
        client = await desk(Role.RECEPTIONIST, to=servers[0])
        await client.call("subscribe", {"doctorIds": [str(doctor) for doctor in world.clinic.doctors]})
        await until(partial(stands, asked, both))
        await client.call("subscribe", {"doctorIds": [str(world.clinic.doctors[1])]})
        await until(partial(stands, asked, {key_of(world, 1).channel: 1}))
        await client.call("unsubscribe", {})
        await until(partial(stands, asked, {}))


async def test_subscriptions_stand_again_after_redis_was_killed_but_not_those_given_up_meanwhile(
    servers: tuple[Node, Node], redis: OwnRedis, world: World, connect: Connect
) -> None:
    staying, leaving = await connect(servers[0]), await connect(servers[1])
    for index, client in enumerate((staying, leaving)):
        await client.call("join-queue", {"token": await world.link(index)})
    async with asking(redis) as (asked,):
        await until(partial(stands, asked, {key_of(world).channel: 2}))
    await redis.kill()
    await until(lambda: not any(node.services.broker.is_connected for node in servers))
    await leaving.call("leave-queue", {})
    await redis.start()
    async with asking(redis) as (asked,):
        await until(partial(stands, asked, {key_of(world).channel: 1}))


async def test_each_room_is_on_one_of_several_redis_servers_and_moves_phones_from_there(
    settings: Settings, world: World, connect: Connect, desk: Desk
) -> None:
    async with own_redis() as a, own_redis() as b, own_redis() as c, asking(a, b, c) as asked:
        urls = (a.url, b.url, c.url)
        spread = with_settings(settings, redis_url=a.url, redis_pubsub_urls=urls)
        async with serving(spread) as near, serving(spread) as far:
            world.graph.writes._publisher = near.services.snapshots
            phone = await connect(far)
            await phone.call("join-queue", {"token": await world.link(0)})
            both = await desk(Role.RECEPTIONIST, to=far)
            await both.call("subscribe", {"doctorIds": [str(doctor) for doctor in world.clinic.doctors]})
            wanted: list[dict[str, int]] = [{}, {}, {}]
            for doctor in (0, 1):
                channel = key_of(world, doctor).channel
                wanted[responsible(channel, urls)][channel] = 1
            for client, there in zip(asked, wanted, strict=True):
                await until(partial(stands, client, there))
            reads = far.services.snapshots.reads
            for number in range(10):
                await act(world.graph, world.clinic, "resume" if number % 2 else "pause", world.doctor)
            versions = [b["version"] for b in phone.heard.of("queue-broadcast")]
            await until(lambda: far.services.snapshots.newest(key_of(world)).version == 11)  # type: ignore[union-attr]
            assert versions == sorted(set(versions))
            assert far.services.snapshots.reads == reads
