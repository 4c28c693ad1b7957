"""The requests of clients on long-polling: one that waits for packets, and short ones that bring some."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from queue_server.realtime.engine import refusals
from queue_server.realtime.engine.handshake import Headers
from queue_server.realtime.engine.packets import NOOP, SEPARATOR, MalformedPayload, Packet, read_payload
from queue_server.realtime.engine.session import Polling, Reason, Session

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


class Limits(Protocol):
    """What one request may bring."""

    max_payload: int
    max_packets: int


async def poll(session: Session, receive: Receive) -> bytes:
    """Return what waits for the client, or the first thing that comes.

    Raises `Refused` if a request waits already, if the client asks too often, or if it hangs up: all end the session.
    """
    polling = session.polling
    assert polling is not None
    if polling.poll is not None:
        session.close(Reason.TRANSPORT_ERROR)
        raise refusals.bad_request()
    _count(session, polling, 1)
    if polling.upgrade is not None:
        return NOOP
    if polling.packets:
        return polling.take()
    if session.is_closed:
        return NOOP
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    polling.poll = answer
    hanging_up = asyncio.ensure_future(_hang_up(receive))
    try:
        await asyncio.wait((answer, hanging_up), return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        session.close(Reason.TRANSPORT_CLOSE, abort=True)
        raise refusals.bad_request()
    finally:
        hanging_up.cancel()
        polling.poll = None


def _count(session: Session, polling: Polling, packets: int) -> None:
    if not polling.may_send(packets, session.engine.now(), session.engine.frame_rate):
        session.close(Reason.FLOOD)
        raise refusals.Refused("Too many packets", status=429)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def post(session: Session, receive: Receive, length: int = 0) -> bytes:
    """Take the packets of a request's body, which the client says is `length` bytes long, and return its answer.

    Raises `Refused` for anything else than packets, for more of them or more bytes than the engine allows, and for a
    second request at the same time; all of these end the session, and nothing of the body has been taken.
    """
    polling = session.polling
    assert polling is not None
    if polling.is_posting or session.is_closed:
        session.close(Reason.TRANSPORT_ERROR)
        raise refusals.bad_request()
    polling.is_posting = True
    try:
        async with asyncio.timeout(session.engine.body_timeout):
            packets = await _packets(receive, length, session.engine)
    except (MalformedPayload, TimeoutError):
        session.close(Reason.MALFORMED)
        raise refusals.bad_request() from None
    except refusals.Refused:
        session.close(Reason.TRANSPORT_ERROR)
        raise
    finally:
        polling.is_posting = False
    _count(session, polling, len(packets))
    for packet in packets:
        session.take(packet)
    return b"ok"


async def _packets(receive: Receive, length: int, limits: Limits) -> list[Packet]:
    if length > limits.max_payload:
        raise _too_large()
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise MalformedPayload
        body += event.get("body", b"")
        if len(body) > limits.max_payload:
            raise _too_large()
        if not event.get("more_body", False):
            return read_payload(bytes(body), limits.max_packets)


def _too_large() -> refusals.Refused:
    return refusals.Refused("Payload too large", status=413)


def joined(*payloads: bytes) -> bytes:
    """Return several payloads as one."""
    return SEPARATOR.join(payload for payload in payloads if payload)


async def respond(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Send a whole answer."""
    lines = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
