"""An Engine.IO server (protocol revision 4) as an ASGI application: sessions over long-polling and websockets."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import unquote_plus

import msgspec
import structlog

from queue_server.realtime.engine import polling, refusals
from queue_server.realtime.engine.frames import CloseCode, text_frame
from queue_server.realtime.engine.handshake import Headers
from queue_server.realtime.engine.heartbeats import Heartbeats
from queue_server.realtime.engine.packets import OPEN
from queue_server.realtime.engine.session import MOST_AT_ONCE, Reason, Session
from queue_server.realtime.engine.websocket import EXTENSION, Rate, WebSocketProtocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_PARAMETERS = 32
LINGER_SECONDS = 30.0
"""So long the last words for a polling client are kept for its next request."""
MOST_LINGERING, MOST_LAST_WORDS = 1_000, 16_000_000
"""Sessions whose last words are kept at the same time, and bytes of all of them."""
log = structlog.stdlib.get_logger("engine")


class Application(Protocol):
    """What sits on the engine. Everything is told at once and in order, and must neither block nor raise."""

    async def admit(self, session: Session, scope: Scope) -> None:
        """Let a client in before it is answered; raises `Refused`."""
        ...

    def opened(self, session: Session) -> None:
        """The client has been told of its session."""
        ...

    def received(self, session: Session, data: str | bytes) -> None:
        """The client sent a message."""
        ...

    def closed(self, session: Session, reason: Reason) -> None:
        """The session has ended; told once for each that was admitted."""
        ...

    def is_joined(self, session: Session) -> bool:
        """Return whether a session that was not marked as joined may stay beyond the connect timeout all the same."""
        ...


class Engine:
    """All sessions of an address. Times are in seconds, sizes in bytes."""

    most_polled = 64
    """Packets that may wait for a polling client before it counts as slow."""

    def __init__(
        self,
        application: Application,
        *,
        generate_id: Callable[[], str],
        ping_interval: float = 25.0,
        ping_timeout: float = 20.0,
        max_payload: int = 1_000_000,
        max_packets: int = 16_384,
        frame_rate: Rate | None = None,
        connect_timeout: float | None = None,
        stall_timeout: float = 20.0,
        body_timeout: float = 20.0,
        cors_headers: Callable[[Scope], Headers] = lambda scope: (),
    ) -> None:
        self.application = application
        self.max_payload = max_payload
        self.max_packets = max_packets
        """In one payload of a polling client."""
        self.frame_rate = frame_rate
        """What one client may send: frames of a websocket; on long-polling packets, and requests for them."""
        self.body_timeout = body_timeout
        """So long a client on long-polling may take to send a body."""
        self.sessions: dict[str, Session] = {}
        self.slow: dict[Session, float] = {}
        """Sessions that wait for their clients, and since when."""
        self.heartbeats = Heartbeats(
            self.slow,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            connect_timeout=connect_timeout,
            stall_timeout=stall_timeout,
        )
        self._generate_id = generate_id
        self._cors_headers = cors_headers
        self._leaving: dict[str, Session] = {}
        """Sessions that have ended but for their last words, which wait for a polling client's next request."""

    def now(self) -> float:
        """Return the time of the loop's clock."""
        return asyncio.get_running_loop().time()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take over a websocket."""
        is_websocket = scope["type"] == "websocket"
        headers = tuple(self._cors_headers(scope))
        try:
            if is_websocket:
                await self._websocket(scope)
                return
            answer = await self._request(scope, receive)
        except refusals.Refused as refusal:
            headers = (*headers, (b"content-type", b"application/json"))
            if is_websocket:
                _connection(scope).refuse(refusal.status, headers, refusal.body)
                return
            await polling.respond(send, refusal.status, refusal.body, headers)
        else:
            headers = (*headers, (b"content-type", b"text/plain; charset=UTF-8"), (b"cache-control", b"no-store"))
            await polling.respond(send, 200, answer, headers)

    # ---- sessions ---------------------------------------------------------------------------------------------------

    def ended(self, session: Session, reason: Reason, *, lingers: bool = False) -> None:
        """Forget a session that has closed; one that `lingers` is kept for the client's next request."""
        self.slow.pop(session, None)
        if self.sessions.pop(session.sid, None) is None:
            return
        if lingers and len(self._leaving) < MOST_LINGERING:
            self._leaving[session.sid] = session
            if sum(one.buffered for one in self._leaving.values()) > MOST_LAST_WORDS:
                del self._leaving[session.sid]
            else:
                asyncio.get_running_loop().call_later(LINGER_SECONDS, self._leaving.pop, session.sid, None)
        try:
            self.application.closed(session, reason)
        except Exception:
            log.exception("session_end_failed")  # one client's end must not stop the clock of all

    def received(self, session: Session, data: str | bytes) -> None:
        """Tell the application of a message; if it fails over it, the session ends."""
        try:
            self.application.received(session, data)
        except Exception:
            log.exception("session_message_failed")
            session.close(Reason.SERVER, code=CloseCode.INTERNAL_ERROR)

    def stop(self) -> None:
        """End every session."""
        for session in list(self.sessions.values()):
            session.close()
        self.heartbeats.stop()

    async def _open(self, scope: Scope) -> Session:
        session = Session(self._generate_id(), self)
        await self.application.admit(session, scope)
        return session

    def _greeting(self, session: Session, *, upgrades: bool) -> bytes:
        return OPEN + msgspec.json.encode(
            {
                "sid": session.sid,
                "upgrades": ["websocket"] if upgrades else [],
                "pingInterval": round(self.heartbeats.ping_interval * 1000),
                "pingTimeout": round(self.heartbeats.ping_timeout * 1000),
                "maxPayload": self.max_payload,
            }
        )

    # ---- websockets -------------------------------------------------------------------------------------------------

    async def _websocket(self, scope: Scope) -> None:
        query = _query(scope)
        connection = _connection(scope)
        if query.get("transport") != "websocket":
            raise refusals.unknown_transport()
        if query.get("EIO") != "4":
            raise refusals.unsupported_version()
        sid = query.get("sid")
        if sid is not None:
            session = self.sessions.get(sid)
            if session is None:
                raise refusals.unknown_session()
            session.probe(connection)
            return
        session = await self._open(scope)
        greeting = text_frame(self._greeting(session, upgrades=False))
        self.sessions[session.sid] = session
        if not connection.accept(session, limit=self.max_payload, rate=self.frame_rate, first=greeting):
            session.close(Reason.TRANSPORT_CLOSE)
            return
        session.attach(connection)
        self._begin(session)

    def _begin(self, session: Session) -> None:
        self.heartbeats.begin(session)
        self.application.opened(session)

    # ---- long-polling -----------------------------------------------------------------------------------------------

    async def _request(self, scope: Scope, receive: Receive) -> bytes:
        method, query = scope["method"], _query(scope)
        if method == "OPTIONS":
            return b""
        if query.get("transport") != "polling":
            raise refusals.unknown_transport()
        if query.get("EIO") != "4":
            raise refusals.unsupported_version()
        if "j" in query:
            raise refusals.bad_request()  # JSONP, for browsers that are long gone
        sid = query.get("sid")
        if sid is None:
            return await self._first_request(method, scope)
        session = self.sessions.get(sid)
        if session is not None:
            self.heartbeats.check(session)
        session = self.sessions.get(sid) or self._last_words(sid, method)
        if session is None:
            raise refusals.unknown_session()
        if session.polling is None:
            raise refusals.bad_request()
        if method == "GET":
            return await polling.poll(session, receive)
        if method == "POST":
            return await polling.post(session, receive, _declared_length(scope))
        raise refusals.bad_method()

    async def _first_request(self, method: str, scope: Scope) -> bytes:
        if method != "GET":
            raise refusals.bad_method()
        session = await self._open(scope)
        greeting = self._greeting(session, upgrades=True)
        self.sessions[session.sid] = session
        assert session.polling is not None
        self._begin(session)
        return polling.joined(greeting, session.polling.take(MOST_AT_ONCE - 1))

    def _last_words(self, sid: str, method: str) -> Session | None:
        session = self._leaving.get(sid) if method == "GET" else None
        if session is not None and session.polling is not None and len(session.polling.packets) <= MOST_AT_ONCE:
            del self._leaving[sid]
        return session


def _query(scope: Scope) -> dict[str, str]:
    """The parameters of a request; of repeated ones the first. Raises `Refused` for more than anybody sends."""
    parts = scope.get("query_string", b"").decode("latin-1").split("&", MOST_PARAMETERS)
    if len(parts) > MOST_PARAMETERS:
        raise refusals.bad_request()
    found: dict[str, str] = {}
    for part in parts:
        name, _, value = part.partition("=")
        found.setdefault(name, unquote_plus(value) if "%" in value or "+" in value else value)
    return found


def _declared_length(scope: Scope) -> int:
    """The length of the body in bytes, 0 if the client does not say; uvicorn has checked that it is a number."""
    return int(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))


def _connection(scope: Scope) -> WebSocketProtocol:
    connection = (scope.get("extensions") or {}).get(EXTENSION)
    if not isinstance(connection, WebSocketProtocol):
        raise RuntimeError("Websockets need uvicorn to be run with ws=queue_server.realtime.WebSocketProtocol.")
    return connection
