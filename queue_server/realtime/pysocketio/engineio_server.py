"""Our engine behind the interface of `engineio.AsyncServer`, for handlers and for python-socketio."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable
from typing import Any

import engineio

from queue_server.realtime.engine import refusals
from queue_server.realtime.engine.engine import Engine, Receive, Scope, Send
from queue_server.realtime.engine.handshake import Headers
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import Reason, Session
from queue_server.realtime.engine.websocket import Rate
from queue_server.realtime.pysocketio.environ import Environ
from queue_server.realtime.pysocketio.owner import Owner

Origins = str | Iterable[str] | Callable[..., bool] | None
AT_ONCE = 50
"""Messages of one client that are handled before others have their turn."""
log = logging.getLogger("engineio.server")


class EngineIOServer(engineio.AsyncServer):
    """Handlers for `connect`, `message` and `disconnect` on our engine.

    `async_handlers` is as in python-engineio: with it a client's messages are handled at the same time, without it
    each is handled when the one before is done. An empty `cors_allowed_origins` allows no other origin than our own.
    """

    def __init__(
        self,
        *,
        connect_timeout: float | None = None,
        cors_allowed_origins: Origins = None,
        ping_interval: float = 25.0,
        ping_timeout: float = 20.0,
        max_http_buffer_size: int = 1_000_000,
        frame_rate: Rate | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            async_mode="asgi",
            cors_allowed_origins=cors_allowed_origins or None,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            max_http_buffer_size=max_http_buffer_size,
            monitor_clients=False,
            **options,
        )
        self.engine = Engine(
            self,
            generate_id=self.generate_id,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            max_payload=max_http_buffer_size,
            frame_rate=frame_rate,
            connect_timeout=connect_timeout,
            cors_headers=self._headers_for,
        )
        self.sockets = self.engine.sessions
        self.may_stay: Callable[[], bool] = lambda: True
        """Whether clients may stay beyond the connect timeout that became nobody: Engine.IO knows no such thing."""
        self._ending: dict[str, Session] = {}
        """Sessions that have ended, while their handlers are told."""

    def session_of(self, sid: str) -> Session | None:
        """Return a session that is open, or whose handlers still hear of its end."""
        return self.engine.sessions.get(sid) or self._ending.get(sid)

    # ---- what python-socketio and handlers call ---------------------------------------------------------------------

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        await self.engine(scope, receive, send)

    async def send(self, sid: str, data: str | bytes | dict[str, Any] | list[Any]) -> None:
        """Send a message; one for a session that is gone goes nowhere."""
        session = self.engine.sessions.get(sid)
        if session is not None:
            session.put(_message(data))

    async def send_packet(self, sid: str, pkt: engineio.packet.Packet) -> None:
        """Send a MESSAGE packet of python-engineio's."""
        if pkt.packet_type != engineio.packet.MESSAGE:
            raise ValueError("Only messages are sent by hand; the engine sends all others.")
        await self.send(sid, pkt.data)

    async def disconnect(self, sid: str | None = None) -> None:
        """Close a session, or all."""
        chosen = [self.engine.sessions.get(sid)] if sid is not None else list(self.engine.sessions.values())
        for session in chosen:
            if session is not None:
                self.drop(session)
                session.close()

    def transport(self, sid: str) -> str:
        """Return `polling` or `websocket`, for an ended session what it had; raises `KeyError` for an unknown one."""
        return "websocket" if self._known(sid).polling is None else "polling"

    async def get_session(self, sid: str) -> dict[str, Any]:
        """Return what handlers keep of a client; raises `KeyError` for an unknown session."""
        owner: Owner = self._known(sid).owner
        if owner.user_session is None:
            owner.user_session = {}
        return owner.user_session

    async def save_session(self, sid: str, session: dict[str, Any]) -> None:
        """Keep `session` as what handlers keep of a client; raises `KeyError` for an unknown one."""
        self._known(sid).owner.user_session = session

    def _known(self, sid: str) -> Session:
        session = self.session_of(sid)
        if session is None:
            raise KeyError(sid)
        return session

    async def shutdown(self) -> None:
        """Close every session."""
        self.engine.stop()

    # ---- what the engine tells --------------------------------------------------------------------------------------

    async def admit(self, session: Session, scope: Scope) -> None:
        """Ask the handler of `connect`; raises `Refused` if it does not return None or True."""
        environ = Environ(scope)
        if any(name == b"origin" for name, _ in scope["headers"]) and not self._is_allowed(environ):
            raise refusals.Refused("Forbidden", code=4, status=403)
        session.owner = Owner(self.max_http_buffer_size)
        handler = self.handlers.get("connect")
        if handler is None:
            return
        answer = handler(session.sid, environ)
        if inspect.isawaitable(answer):
            answer = await answer
        if answer not in (None, True):
            raise refusals.Refused("Unauthorized" if answer is False else str(answer), code=4, status=401)

    def opened(self, session: Session) -> None:
        """Nothing to do: handlers were told before the client was."""

    def received(self, session: Session, data: str | bytes) -> None:
        """Have a message handled after those before it."""
        owner: Owner = session.owner
        owner.add(data)
        if owner.is_flooded:
            self.drop(session)
            session.close(Reason.FLOOD)
            return
        if owner.is_full:
            owner.is_held_up = True
            session.pause_reading()
        self._begin_work(session)

    def drop(self, session: Session) -> None:
        """Forget the messages of a session that no handler has seen yet, because it is to be closed."""
        owner: Owner = session.owner
        owner.drop()

    def closed(self, session: Session, reason: Reason) -> None:
        """Have the end handled after what came before it."""
        owner: Owner = session.owner
        self._ending[session.sid] = session
        owner.add(reason)
        owner.wake()
        self._begin_work(session)

    def is_joined(self, session: Session) -> bool:
        """Return whether a client may stay that never became anybody."""
        return self.may_stay()

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _begin_work(self, session: Session) -> None:
        owner: Owner = session.owner
        if owner.worker is None:
            owner.worker = asyncio.get_running_loop().create_task(self._work(session))

    async def _work(self, session: Session) -> None:
        owner: Owner = session.owner
        handled = 0
        try:
            while not owner.is_empty:
                data = owner.take()
                handled += 1
                if handled % AT_ONCE == 0:
                    await asyncio.sleep(0)
                if owner.is_held_up and owner.has_caught_up:
                    owner.is_held_up = False
                    session.resume_reading()
                if isinstance(data, Reason):
                    await self._trigger_event("disconnect", session.sid, str(data))
                    self._ending.pop(session.sid, None)
                else:
                    # Also of a client that has gone meanwhile: what it said before is heard.
                    await self._trigger_event("message", session.sid, data, run_async=self.async_handlers)
        finally:
            owner.worker = None

    def _is_allowed(self, environ: Environ) -> bool:
        origin = environ.get("HTTP_ORIGIN")
        if not origin:
            return True
        allowed = self._cors_allowed_origins(environ)
        return allowed is None or origin in allowed

    def _headers_for(self, scope: Scope) -> Headers:
        if not any(name in (b"origin", b"access-control-request-headers") for name, _ in scope["headers"]):
            return ()
        return [(name.encode(), value.encode("latin-1")) for name, value in self._cors_headers(Environ(scope))]


def _message(data: str | bytes | dict[str, Any] | list[Any]) -> Message:
    if isinstance(data, (bytes, bytearray)):
        return Message.binary(bytes(data))
    text = data if isinstance(data, str) else engineio.packet.Packet.json.dumps(data, separators=(",", ":"))
    return Message(text.encode())
