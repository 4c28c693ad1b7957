"""What is no protocol at all, or a lie in it."""

import os
import random

from loadtests import wire
from loadtests.attacks.clients import Peer
from loadtests.attacks.figures import Attacker, Report

CLIENTS = 20


async def garbage_requests(attacker: Attacker) -> Report:
    """Bytes that are no HTTP."""

    async def one() -> str:
        peer = await attacker.open()
        await peer.write(os.urandom(2_000))
        status = (await peer.answer())[0]
        peer.cut()
        return str(status or "cut")

    return await attacker.all_at_once(100, one)


async def strange_upgrades(attacker: Attacker) -> Report:
    """Upgrades to protocols that are not spoken, and websockets with half of their headers."""

    async def one() -> str:
        peer = await attacker.open()
        head = peer.upgrade().replace(b"upgrade: websocket", random.choice((b"upgrade: h2c", b"upgrade: tls/1.0")))
        await peer.write(random.choice((head, peer.upgrade().replace(b"sec-websocket-key", b"sec-websocket-kee"))))
        status = (await peer.answer())[0]
        peer.cut()
        return str(status or "cut")

    return await attacker.all_at_once(100, one)


async def garbage_frames(attacker: Attacker) -> Report:
    """Bytes that are no frames."""

    async def one() -> str:
        peer = await attacker.client()
        # Unmasked, reserved or unknown, at the latest with the second.
        await peer.write(bytes((0xF3, 0x05)) + os.urandom(2_000))
        return await peer.ending()

    return await attacker.all_at_once(CLIENTS, one)


async def garbage_packets(attacker: Attacker) -> Report:
    """Frames that are no packets of Socket.IO."""
    chance = random.Random(7)
    packets = [b"4" + bytes(chance.choices(b'0123456789[]{}",:/-ab\\', k=40)) for _ in range(200)]

    async def one() -> str:
        peer = await attacker.client()
        await peer.say(*packets)
        return await peer.ending()

    return await attacker.all_at_once(CLIENTS, one)


async def deep_json(attacker: Attacker) -> Report:
    """JSON as deep as a packet may be long."""
    deep = b'42["join-queue",' + b"[" * 60_000, b'42["join-queue",' + b'{"a":' * 12_000 + b"1" + b"}" * 12_000 + b"]"

    async def one() -> str:
        peer = await attacker.client()
        for _ in range(60):
            if not await peer.say(*deep):
                break
        return await peer.ending()

    return await attacker.all_at_once(CLIENTS // 2, one)


async def attachments_announced(attacker: Attacker) -> Report:
    """Packets that announce a thousand million attachments, or sixteen that never come."""
    return await _lied(attacker, [b'451000000000-["x"]', b'4516-["x"]'] * 40, b"")


async def attachments_unannounced(attacker: Attacker) -> Report:
    """A thousand binary messages that belong to nothing."""
    return await _lied(attacker, [b'4516-["x"]'], wire.frame(wire.BINARY, bytes(1_000)) * 1_000)


async def _lied(attacker: Attacker, packets: list[bytes], more: bytes) -> Report:
    async def one() -> str:
        peer: Peer = await attacker.client()
        await peer.say(*packets)
        await peer.write(more)
        return await peer.ending()

    return await attacker.all_at_once(CLIENTS, one)
