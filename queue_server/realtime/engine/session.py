"""One Engine.IO session: what a client is sent, over long-polling first or over a websocket, and what it sends."""

import asyncio
import math
import os
from base64 import b64decode
from collections import deque
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from queue_server.realtime.engine.frames import CloseCode, binary_frame, prefixed_frame, text_frame
from queue_server.realtime.engine.packets import (
    CLOSE,
    MESSAGE,
    NOOP,
    SEPARATOR,
    MalformedPayload,
    Message,
    Packet,
    read_packet,
)
from queue_server.realtime.engine.websocket import MOST_BUFFERED, Rate, WebSocketProtocol

if TYPE_CHECKING:
    from queue_server.realtime.engine.engine import Engine

MOST_AT_ONCE = 16
"""Packets in one payload: python-engineio's client refuses more, and takes it for the end of the connection."""
UPGRADE_SECONDS = 10.0
"""So long a client may take to change its transport."""


class Reason(StrEnum):
    """Why a session ended, in the words that python-engineio has for it, and ours for what it does not know."""

    SERVER = "server disconnect"
    CLIENT = "client disconnect"
    PING_TIMEOUT = "ping timeout"
    TRANSPORT_CLOSE = "transport close"
    TRANSPORT_ERROR = "transport error"
    MALFORMED = "malformed packet"
    NOT_CONNECTED = "nothing connected"
    NOT_READING = "not reading"
    FLOOD = "too many frames"


CLOSE_CODES = {
    Reason.MALFORMED: CloseCode.POLICY,
    Reason.NOT_CONNECTED: CloseCode.POLICY,
    Reason.PING_TIMEOUT: CloseCode.GOING_AWAY,
}
"""What a websocket is closed with; NORMAL for all others."""
FAILURES = {CloseCode.TRY_AGAIN_LATER: Reason.NOT_READING, CloseCode.POLICY: Reason.FLOOD}
"""What a websocket tells of its end; all others are breaches of the protocol."""


class Polling:
    """Long-polling: what waits for the client's next request, or the request that waits for something."""

    __slots__ = ("_left", "_refilled", "is_posting", "offer", "packets", "poll", "size", "upgrade")

    def __init__(self) -> None:
        self.packets: deque[bytes] = deque()
        self.size = 0
        self.poll: asyncio.Future[bytes] | None = None
        self.is_posting = False
        self.offer: _Upgrade | None = None
        """The one websocket that may become the transport."""
        self.upgrade: _Upgrade | None = None
        """The same from its probe on: what waits from then on goes out over it."""
        self._left, self._refilled = math.inf, 0.0

    def may_send(self, packets: int, now: float, rate: Rate | None) -> bool:
        """Take so many packets, or one request, from what the client may send at `rate`; False when it is too much."""
        if rate is None:
            return True
        per_second, burst = rate
        self._left = min(burst, self._left + (now - self._refilled) * per_second) - packets
        self._refilled = now
        return self._left >= 0

    def add(self, packets: tuple[bytes, ...]) -> bool:
        """Queue packets; False, and nothing is queued, if too much waits already."""
        if self.size > MOST_BUFFERED:
            return False
        self.packets.extend(packets)
        self.size += sum(map(len, packets))
        self.release()
        return True

    def release(self) -> None:
        """Answer the waiting request with what there is."""
        if self.poll is not None and not self.poll.done() and self.packets and self.upgrade is None:
            self.poll.set_result(self.take())

    def take(self, most: int = MOST_AT_ONCE) -> bytes:
        """Return as one payload what waits, but not more than `most` packets."""
        packets = [self.packets.popleft() for _ in range(min(most, len(self.packets)))]
        self.size -= sum(map(len, packets))
        return SEPARATOR.join(packets)


class Session:
    """A client. Everything here happens at once and in order; nothing waits."""

    __slots__ = (
        "awaiting_pong",
        "engine",
        "is_closed",
        "is_joined",
        "owner",
        "ping_due",
        "polling",
        "sid",
        "websocket",
    )

    def __init__(self, sid: str, engine: "Engine") -> None:
        self.sid = sid
        self.engine = engine
        self.owner: Any = None
        """What the application keeps of this client."""
        self.websocket: WebSocketProtocol | None = None
        """Set while packets go out over a websocket."""
        self.polling: Polling | None = Polling()
        """Set until then."""
        self.is_closed = False
        self.is_joined = False
        """Set by the application when the client has become somebody, which must happen within the connect timeout."""
        self.ping_due = 0.0
        self.awaiting_pong = 0.0
        """When the ping went out that was not answered yet, on the loop's clock; else 0."""

    # ---- to the client ----------------------------------------------------------------------------------------------

    def put(self, message: Message) -> None:
        """Send a message that may be the same for many."""
        if self.websocket is not None:
            self.websocket.write(message.frames)
        elif self.polling is not None and not self.is_closed:
            self._poll_out(message.packets)

    def send(self, text: bytes) -> None:
        """Send a text message that is this client's alone."""
        if self.websocket is not None:
            self.websocket.write(prefixed_frame(MESSAGE, text))
        else:
            self.put_packet(MESSAGE + text)

    def put_packet(self, packet: bytes) -> None:
        """Send one text packet as it stands."""
        if self.websocket is not None:
            self.websocket.write(text_frame(packet))
        elif self.polling is not None and not self.is_closed:
            self._poll_out((packet,))

    def _poll_out(self, packets: tuple[bytes, ...]) -> None:
        assert self.polling is not None
        if not self.polling.add(packets):
            # Not from inside a send: whoever walks through many clients must not lose one on the way.
            asyncio.get_running_loop().call_soon(self.close, Reason.NOT_READING)

    @property
    def is_paused(self) -> bool:
        """Whether so much waits for the client that what can wait should."""
        if self.websocket is not None:
            return self in self.engine.slow
        return self.polling is not None and len(self.polling.packets) >= self.engine.most_polled

    @property
    def buffered(self) -> int:
        """Bytes that wait in this process for the client."""
        if self.websocket is not None:
            return self.websocket.buffered
        return self.polling.size if self.polling is not None else 0

    def close(self, reason: Reason = Reason.SERVER, *, code: int | None = None, abort: bool = False) -> None:
        """End the session; a websocket with `code` (that of the reason if None), or cut off with `abort`."""
        if self.is_closed:
            return
        self.is_closed = True
        websocket, self.websocket = self.websocket, None
        if websocket is not None:
            if abort:
                websocket.abort()
            else:
                websocket.close(CLOSE_CODES.get(reason, CloseCode.NORMAL) if code is None else code)
        elif self.polling is not None:
            self._close_polling(self.polling, reason, abort=abort)
        # Only a client that has done nothing wrong comes back for our last words.
        lingers = reason is Reason.SERVER and self.polling is not None and bool(self.polling.packets)
        self.engine.ended(self, reason, lingers=lingers)

    def _close_polling(self, polling: Polling, reason: Reason, *, abort: bool) -> None:
        offer, polling.offer, polling.upgrade = polling.offer, None, None
        if offer is not None:
            offer.websocket.close(CloseCode.NORMAL)
        if abort:
            polling.packets.clear()
        elif reason is not Reason.CLIENT:
            polling.packets.append(CLOSE)
            polling.size += len(CLOSE)
        if polling.poll is not None and not polling.poll.done():
            polling.poll.set_result(polling.take() or NOOP)

    def pause_reading(self) -> None:
        """Read no more of the client's websocket; on long-polling nothing can be held up."""
        if self.websocket is not None:
            self.websocket.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self.websocket is not None and not self.websocket.transport.is_closing():
            self.websocket.transport.resume_reading()

    # ---- from the client --------------------------------------------------------------------------------------------

    def received(self, data: str | bytes) -> None:
        """Take a message of the websocket."""
        try:
            packet = read_packet(data)
        except MalformedPayload:
            self.close(Reason.MALFORMED)
            return
        self.take(packet)

    def take(self, packet: Packet) -> None:
        """Take a packet, whichever way it came."""
        if self.is_closed:
            return
        kind, data = packet
        if kind == "4":
            self.engine.received(self, data)
        elif kind == "3":
            self.engine.heartbeats.pong(self)
        else:
            self.close(Reason.CLIENT)

    def lost(self, code: int) -> None:
        """The websocket is gone."""
        self.engine.slow.pop(self, None)
        self.websocket = None
        if not self.is_closed:
            self.is_closed = True
            self.engine.ended(self, Reason.TRANSPORT_CLOSE)

    def paused(self) -> None:
        """The websocket's client is slow."""
        self.engine.slow[self] = self.engine.now()

    def resumed(self) -> None:
        """It has caught up."""
        self.engine.slow.pop(self, None)

    def failed(self, code: CloseCode) -> None:
        """The websocket closes for what the client did."""
        if not self.is_closed:
            self.is_closed = True
            self.websocket = None
            self.engine.ended(self, FAILURES.get(code, Reason.MALFORMED))

    # ---- transports -------------------------------------------------------------------------------------------------

    def attach(self, websocket: WebSocketProtocol) -> None:
        """Send everything over `websocket` from now on, what waits first."""
        polling, self.polling = self.polling, None
        self.websocket = websocket
        if polling is not None and polling.packets:
            websocket.write(b"".join(map(_framed, polling.packets)))

    def probe(self, websocket: WebSocketProtocol) -> None:
        """Offer a websocket to a client on long-polling."""
        polling = self.polling
        upgrade = _Upgrade(self, websocket)
        if not websocket.accept(upgrade, limit=self.engine.max_payload, rate=self.engine.frame_rate):
            return
        if polling is None or polling.offer is not None or self.is_closed:
            websocket.close(CloseCode.NORMAL)
            return
        polling.offer = upgrade
        upgrade.begin()


class _Upgrade:
    """A websocket that may become a session's transport: probe, answer, confirmation. Then the session takes over."""

    def __init__(self, session: Session, websocket: WebSocketProtocol) -> None:
        self.session = session
        self.websocket = websocket
        self._timer: asyncio.TimerHandle | None = None
        self._is_probed = False

    def begin(self) -> None:
        """Give the client its time."""
        self._timer = asyncio.get_running_loop().call_later(UPGRADE_SECONDS, self._fail)

    def received(self, data: str | bytes) -> None:
        """Go on with what the client says; once upgraded, the session does."""
        polling = self.session.polling
        if data == "2probe" and not self._is_probed and polling is not None:
            self._is_probed = True
            polling.upgrade = self
            self.websocket.write(text_frame(b"3probe"))
            # What waits from here on goes out over the websocket; the open request only has to end.
            if polling.poll is not None and not polling.poll.done():
                polling.poll.set_result(NOOP)
        elif data == "5" and self._is_probed and not self.session.is_closed:
            self._cancel_timer()
            self.websocket.receiver = self.session
            self.session.attach(self.websocket)
        else:
            self._fail()

    def lost(self, code: int) -> None:
        """Back to long-polling."""
        self._give_up()

    def paused(self) -> None:
        """Nothing to do: all that goes out meanwhile is the answer to the probe."""

    def resumed(self) -> None:
        """Nothing to do."""

    def failed(self, code: CloseCode) -> None:
        """Back to long-polling."""
        self._give_up()

    def _fail(self) -> None:
        self.websocket.close(CloseCode.POLICY)
        self._give_up()

    def _give_up(self) -> None:
        self._cancel_timer()
        polling = self.session.polling
        if polling is not None and polling.offer is self:
            polling.offer = polling.upgrade = None
            polling.release()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _framed(packet: bytes) -> bytes:
    return binary_frame(b64decode(packet[1:])) if packet[:1] == b"b" else text_frame(packet)


def broadcast(sessions: Sequence[Session], message: Message) -> None:
    """Send the same message to many clients, as `Session.put` does to each."""
    # The loop that everything else here exists for: a system call takes some 4 µs, the rest of a turn a tenth of it.
    frames, size, write = message.frames, len(message.frames), os.write
    for session in sessions:
        websocket = session.websocket
        if websocket is None:
            session.put(message)
            continue
        fd = websocket.fd
        if fd < 0:
            websocket.write(frames)
            continue
        try:
            sent = write(fd, frames)
        except OSError:
            sent = 0
        if sent != size:
            websocket.buffer(frames[sent:])


def send_each(texts: Iterable[tuple[Session, bytes]]) -> None:
    """Send many clients a text message of their own each, as `Session.send` does."""
    write = os.write
    for session, text in texts:
        websocket = session.websocket
        if websocket is None:
            session.send(text)
            continue
        frame = prefixed_frame(MESSAGE, text)
        fd = websocket.fd
        if fd < 0:
            websocket.write(frame)
            continue
        try:
            sent = write(fd, frame)
        except OSError:
            sent = 0
        if sent != len(frame):
            websocket.buffer(frame[sent:])
