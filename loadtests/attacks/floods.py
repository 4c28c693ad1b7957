"""More than anybody needs: connections, sessions, requests, packets, frames, rooms, namespaces."""

import asyncio
import json
import os
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable

from loadtests import wire
from loadtests.attacks.clients import PATH, Peer
from loadtests.attacks.figures import Attacker, Report

FLOOD = 6_000
"""Packets that one client sends if it is let."""
AT_ONCE = 100
CLIENTS = 5

Made = Callable[[int], tuple[str, str, bytes]]
"""Returns method, target and body of a request, by its number."""


async def connections(attacker: Attacker) -> Report:
    """Four hundred websockets from one address, held; then one from another."""
    peers: list[Peer] = []

    async def one() -> str:
        peer = await attacker.open()
        peers.append(peer)
        return str(await peer.websocket())

    report = await attacker.all_at_once(400, one)
    other = await Attacker(attacker.target).websocket()
    report.answers["another address: 101"] += 1
    for peer in (other, *peers):
        peer.cut()
    return report


async def sessions(attacker: Attacker) -> Report:
    """Polling sessions by the thousand, each left as soon as it is there."""
    return await _requests(attacker, 2_000, lambda number: ("GET", f"{PATH}polling", b""))


async def guessed_sids(attacker: Attacker) -> Report:
    """Polls, posts and upgrades with made-up session ids."""

    def made_up(number: int) -> tuple[str, str, bytes]:
        sid = urlsafe_b64encode(os.urandom(15)).decode()
        return ("GET", "POST")[number % 2], f"{PATH}polling&sid={sid}", b"3" if number % 2 else b""

    report = await _requests(attacker, 2_000, made_up)
    for _ in range(20):
        peer = await attacker.open()
        report.answers[f"websocket: {await peer.websocket(urlsafe_b64encode(os.urandom(15)).decode())}"] += 1
        peer.cut()
    return report


async def _requests(attacker: Attacker, number: int, made: Made) -> Report:
    answers: Counter[str] = Counter()
    numbers = iter(range(number))

    async def one() -> str:
        peer = await attacker.open()
        for given in numbers:
            status = (await peer.request(*made(given)))[0]
            answers[str(status or "cut")] += 1
            if not status:
                peer.cut()
                peer = await attacker.open()
        peer.cut()
        return ""

    await attacker.all_at_once(20, one)
    return Report(20, answers)


async def polled_pongs(attacker: Attacker) -> Report:
    """Bodies full of heartbeats nobody asked for, as many as a session may post."""
    answers: Counter[str] = Counter()

    async def one() -> str:
        peer = await attacker.open()
        _, body = await peer.request("GET", f"{PATH}polling")
        target = f"{PATH}polling&sid={json.loads(body[1:])['sid']}"
        for _ in range(400):
            status = (await peer.request("POST", target, b"\x1e".join([b"3"] * 250)))[0]
            answers[str(status or "cut")] += 1
            if status != 200:
                break
        peer.cut()
        return ""

    await attacker.all_at_once(CLIENTS, one)
    return Report(CLIENTS, answers)


# ---- over websockets that stand -------------------------------------------------------------------------------------


async def _flooded(attacker: Attacker, frames: bytes, *, first: bytes = b"", each: int = AT_ONCE) -> Report:
    """Send the same frames again and again, behind the first, until the server has had enough."""

    async def one() -> str:
        peer = await attacker.client()
        reading = asyncio.create_task(peer.ending())
        await peer.write(first)
        for _ in range(FLOOD // each):
            if reading.done() or not await peer.write(frames):
                break
            await asyncio.sleep(0)
        return await reading

    return await attacker.all_at_once(CLIENTS, one)


async def events(attacker: Attacker) -> Report:
    """Events that each want an answer."""
    return await _flooded(attacker, wire.frame(wire.TEXT, wire.event("heartbeat", {}, ack=1)) * AT_ONCE)


async def large_events(attacker: Attacker) -> Report:
    """Events as large as may be, of nothing but brackets."""
    packet = b'42["heartbeat",[' + b"[]," * 20_000 + b"[]]]"
    return await _flooded(attacker, wire.frame(wire.TEXT, packet) * 10, each=10)


async def pongs(attacker: Attacker) -> Report:
    """Heartbeats of Engine.IO that nobody asked for."""
    return await _flooded(attacker, wire.frame(wire.TEXT, b"3") * AT_ONCE)


async def pings(attacker: Attacker) -> Report:
    """Ping frames, each of which is to be answered."""
    return await _flooded(attacker, wire.frame(wire.PING, b"x" * 125) * AT_ONCE)


async def empty_frames(attacker: Attacker) -> Report:
    """Text frames without a text."""
    return await _flooded(attacker, wire.frame(wire.TEXT, b"") * AT_ONCE)


async def fragments(attacker: Attacker) -> Report:
    """A message in fragments of one byte, and never the last."""
    return await _flooded(attacker, _continued(b"x") * AT_ONCE, first=BEGUN)


async def empty_fragments(attacker: Attacker) -> Report:
    """A message in fragments without a byte, and never the last."""
    return await _flooded(attacker, _continued(b"") * AT_ONCE, first=BEGUN)


BEGUN = bytes((wire.TEXT, wire.MASKED | 1, 0, 0, 0, 0)) + b"4"
"""The first fragment of a message."""


def _continued(payload: bytes) -> bytes:
    return bytes((0, wire.MASKED | len(payload), 0, 0, 0, 0)) + payload


# ---- what the queue is asked ----------------------------------------------------------------------------------------


async def joins(attacker: Attacker) -> Report:
    """Joining and leaving with a genuine link."""
    join = wire.event("join-queue", {"token": attacker.target.links[-1]}, ack=1)
    pair = wire.frame(wire.TEXT, join) + wire.frame(wire.TEXT, wire.event("leave-queue", {}, ack=2))
    return await _flooded(attacker, pair * (AT_ONCE // 2))


async def lying_joins(attacker: Attacker) -> Report:
    """Joining with a genuine link and the claim to have seen a version that is not there yet."""
    claim = {"token": attacker.target.links[-1], "epoch": 2**40, "version": 2**40}
    return await _flooded(attacker, wire.frame(wire.TEXT, wire.event("join-queue", claim, ack=1)) * AT_ONCE)


async def forged_joins(attacker: Attacker) -> Report:
    """Joining with links that nobody made."""
    head, _, rest = attacker.target.links[-1].partition(".")
    forged = [f"{head}.{rest[:-6]}{number:06d}" for number in range(AT_ONCE)]
    frames = b"".join(wire.frame(wire.TEXT, wire.event("join-queue", {"token": token}, ack=1)) for token in forged)
    return await _flooded(attacker, frames)


async def forged_staff(attacker: Attacker) -> Report:
    """Connecting to the namespace of staff with tokens that nobody issued."""
    head, _, rest = attacker.target.staff.partition(".")
    forged = [f"{head}.{rest[:-6]}{number:06d}" for number in range(AT_ONCE)]
    frames = b"".join(wire.frame(wire.TEXT, wire.connect("/staff", {"token": token})) for token in forged)
    return await _flooded(attacker, frames)


async def namespaces(attacker: Attacker) -> Report:
    """Connecting to namespaces that are not there."""
    frames = b"".join(wire.frame(wire.TEXT, wire.connect(f"/room-{number}")) for number in range(AT_ONCE))
    return await _flooded(attacker, frames)
