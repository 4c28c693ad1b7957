"""Sessions that are not one's own, no longer there, or used twice."""

import asyncio
import json

from loadtests.attacks.clients import PATH, Peer
from loadtests.attacks.figures import Attacker, Report

CLIENTS = 10


async def _polling(attacker: Attacker) -> tuple[Peer, str]:
    peer = await attacker.open()
    status, body = await peer.request("GET", f"{PATH}polling")
    if status != 200:
        raise ConnectionRefusedError(status)
    return peer, str(json.loads(body[1:])["sid"])


async def closed_sids(attacker: Attacker) -> Report:
    """Polls, posts and upgrades with the id of a session that has been closed."""

    async def one() -> str:
        peer, sid = await _polling(attacker)
        await peer.request("POST", f"{PATH}polling&sid={sid}", b"1")
        answers = [(await peer.request(method, f"{PATH}polling&sid={sid}"))[0] for method in ("GET", "POST")]
        upgrade = await attacker.open()
        answers.append(await upgrade.websocket(sid))
        for one in (peer, upgrade):
            one.cut()
        return " ".join(map(str, answers))

    return await attacker.all_at_once(CLIENTS, one)


async def upgraded_sids(attacker: Attacker) -> Report:
    """Polls, posts and another upgrade with the id of a session that is on a websocket by now."""

    async def one() -> str:
        peer, sid = await _polling(attacker)
        socket = await _upgraded(attacker, sid)
        answers = [(await peer.request(method, f"{PATH}polling&sid={sid}"))[0] for method in ("GET", "POST")]
        second = await attacker.open()
        status = await second.websocket(sid)
        end = await second.ending()
        # Whose session it is has not noticed.
        own = "stays" if (await socket.connected()).startswith(b"40") else "lost"
        for one in (peer, socket):
            one.cut()
        return f"{' '.join(map(str, answers))} {status} {end}, {own}"

    return await attacker.all_at_once(CLIENTS, one)


async def _upgraded(attacker: Attacker, sid: str) -> Peer:
    socket = await attacker.open()
    await socket.websocket(sid)
    await socket.say(b"2probe")
    await socket.packet()
    await socket.say(b"5")
    return socket


async def two_upgrades(attacker: Attacker) -> Report:
    """Two websockets for one session at the same moment, and the one that comes too late still confirms."""

    async def one() -> str:
        peer, sid = await _polling(attacker)
        pair = [await attacker.open() for _ in range(2)]
        await asyncio.gather(*(each.websocket(sid) for each in pair))
        await asyncio.gather(*(each.say(b"2probe", b"5") for each in pair))
        answers = await asyncio.gather(*(_connected(each) for each in pair))
        for each in (peer, *pair):
            each.cut()
        return ", ".join(sorted(answers))

    return await attacker.all_at_once(CLIENTS, one)


async def _connected(peer: Peer) -> str:
    await peer.say(b"40")
    while (said := await peer.packet()) and not said.startswith(b"40"):
        pass
    return "upgraded" if said else "closed"


async def connecting_twice(attacker: Attacker) -> Report:
    """CONNECT again and again on one socket."""

    async def one() -> str:
        peer = await attacker.client()
        await peer.say(*[b"40"] * 5, b'429["heartbeat",{}]')
        connects = 0
        while said := await peer.packet():
            connects += said.startswith(b"40")
            if said.startswith(b"439["):
                break
        peer.cut()
        return f"{connects} more, answered" if said else "closed"

    return await attacker.all_at_once(CLIENTS, one)
