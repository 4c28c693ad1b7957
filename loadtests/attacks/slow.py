"""Those who take their time: with their request, with what they send, with what they are sent."""

import asyncio
import json

from loadtests import wire
from loadtests.attacks.clients import LEFT_OPEN, PATH, Peer
from loadtests.attacks.figures import Attacker, Report

CLIENTS = 20
TINY = 2_048
"""Bytes of a receive buffer; the kernel gives little more."""
LONGEST = 14.0
HOARDED = 3.0
"""Seconds for which a hoarder reads nothing; then it looks how it was ended."""


async def silent(attacker: Attacker) -> Report:
    """TCP connections on which nothing is ever said."""

    async def one() -> str:
        return await (await attacker.open()).hung_up(LONGEST)

    return await attacker.all_at_once(CLIENTS, one)


async def unfinished_heads(attacker: Attacker) -> Report:
    """Requests for a websocket, a line every half second and never the last."""

    async def one() -> str:
        peer = await attacker.open()
        await peer.write(peer.upgrade()[:-2])
        return await _trickled(peer, b"x-more: x\r\n", seconds=LONGEST)

    return await attacker.all_at_once(CLIENTS, one)


async def endless_heads(attacker: Attacker) -> Report:
    """Requests whose head goes on for megabytes: headers, one header, the address."""
    kinds = iter((b"x: y\r\n" * 10_000, b"y" * 60_000, b"z" * 60_000) * CLIENTS)

    async def one() -> str:
        more = next(kinds)
        peer = await attacker.open()
        await peer.write(b"GET /socket.io/?" if more.startswith(b"z") else peer.upgrade()[:-2])
        if more.startswith(b"y"):
            await peer.write(b"x-long: ")
        for _ in range(100):
            if not await peer.write(more):
                break
        else:
            peer.cut()
            return LEFT_OPEN
        return await _status(peer)

    return await attacker.all_at_once(CLIENTS, one)


async def slow_bodies(attacker: Attacker) -> Report:
    """Bodies for a polling session at a byte every half second."""

    async def one() -> str:
        peer, target = await _polling(attacker)
        await peer.write(peer.head("POST", target, {"content_length": "60000"}) + b"4")
        return await _trickled(peer, b"x", seconds=LONGEST)

    return await attacker.all_at_once(CLIENTS, one)


async def slow_frames(attacker: Attacker) -> Report:
    """A frame of sixty thousand bytes, of which one comes every half second; and one that says it has a million."""
    sizes = iter((60_000, 1_000_000) * CLIENTS)

    async def one() -> str:
        peer = await attacker.client()
        size = next(sizes)
        await peer.write(bytes((0x81, 0xFF)) + size.to_bytes(8) + bytes(4))
        return await _dripped(peer)

    return await attacker.all_at_once(CLIENTS, one)


async def _dripped(peer: Peer) -> str:
    ending = asyncio.create_task(peer.ending(LONGEST))
    for _ in range(int(LONGEST * 2)):
        await asyncio.wait([ending], timeout=0.5)
        if ending.done() or not await peer.write(b"x"):
            break
    return await ending


async def strangers(attacker: Attacker) -> Report:
    """Websockets and polling sessions that connect to no namespace."""

    async def one() -> str:
        return await (await attacker.websocket()).ending(LONGEST)

    async def polling() -> str:
        peer, target = await _polling(attacker)
        status, body = 0, b""
        for _ in range(int(LONGEST)):
            status, body = await peer.request("GET", target)
            if status != 200 or body == b"1":
                break
        peer.cut()
        return f"polling: {status} {body[:1].decode()}"

    kinds = iter((one, polling) * CLIENTS)

    async def either() -> str:
        return await next(kinds)()

    return await attacker.all_at_once(CLIENTS, either)


async def deaf(attacker: Attacker) -> Report:
    """Phones that follow a queue that moves, and never read."""

    async def one() -> str:
        return await (await _full(attacker)).hung_up(LONGEST)

    return await attacker.all_at_once(CLIENTS, one)


async def sipping(attacker: Attacker) -> Report:
    """Phones that follow a queue that moves, and read a byte every half second."""

    async def one() -> str:
        peer = await _full(attacker)
        ending = asyncio.create_task(peer.hung_up(LONGEST))
        while not ending.done():
            await asyncio.wait([ending], timeout=0.5)
            if not ending.done():
                await peer.read(1)
        return await ending

    return await attacker.all_at_once(CLIENTS, one)


async def hoarders(attacker: Attacker) -> Report:
    """Clients that have the server answer more than it may keep, and do not read it."""
    large = wire.frame(wire.TEXT, b"40/" + b"n" * 60_000 + b",")
    join = wire.frame(wire.TEXT, wire.event("join-queue", {"token": attacker.target.links[-1]}, ack=1))

    async def one() -> str:
        peer = await attacker.client(receive_buffer=TINY)
        for _ in range(60):
            if not await peer.write(join + large):
                break
        await asyncio.sleep(HOARDED)
        return await peer.ending()

    return await attacker.all_at_once(CLIENTS, one)


async def polling_hoarders(attacker: Attacker) -> Report:
    """Polling sessions that ask for more than is kept for them, and never fetch it."""
    large = b"40/" + b"n" * 60_000 + b","
    join = wire.event("join-queue", {"token": attacker.target.links[-1]}, ack=1)

    async def one() -> str:
        peer, target = await _polling(attacker)
        status, _ = await peer.request("POST", target, b"40")
        for number in range(150):
            if status != 200:
                break
            status, _ = await peer.request("POST", target, (join, large)[number % 2])
        peer.cut()
        return str(status)

    return await attacker.all_at_once(CLIENTS, one)


async def unfinished_upgrades(attacker: Attacker) -> Report:
    """Sessions that probe a websocket and never take it."""

    async def one() -> str:
        peer, target = await _polling(attacker)
        await peer.request("POST", target, b"40")
        probing = await attacker.open()
        await probing.websocket(target.partition("sid=")[2])
        await probing.say(b"2probe")
        end = await probing.ending(LONGEST)
        peer.cut()
        return end

    return await attacker.all_at_once(CLIENTS, one)


async def _full(attacker: Attacker) -> Peer:
    """Return a phone whose buffers in the kernels are full, and whose queue moves."""
    peer = await attacker.client(receive_buffer=TINY)
    join = wire.event("join-queue", {"token": attacker.target.links[-1]}, ack=1)
    # What it is owed for these fills the kernels' buffers; what waits in the process is yet far from too much.
    await peer.say(*[join] * 50)
    await peer.write(wire.frame(wire.PING, b"x" * 125) * 1_200)
    return peer


async def _polling(attacker: Attacker) -> tuple[Peer, str]:
    peer = await attacker.open()
    status, body = await peer.request("GET", f"{PATH}polling")
    if status != 200:
        raise ConnectionRefusedError(status)
    return peer, f"{PATH}polling&sid={json.loads(body[1:])['sid']}"


async def _trickled(peer: Peer, more: bytes, *, seconds: float) -> str:
    status = asyncio.create_task(_status(peer, seconds))
    for _ in range(int(seconds * 2)):
        await asyncio.wait([status], timeout=0.5)
        if status.done() or not await peer.write(more):
            break
    return await status


async def _status(peer: Peer, seconds: float = LONGEST) -> str:
    """Return the status of what the server answers, `cut` when it hangs up without."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    status = (await peer.answer())[0]
                except TimeoutError:
                    continue
                return str(status or "cut")
    except TimeoutError:
        return LEFT_OPEN
    finally:
        peer.cut()
