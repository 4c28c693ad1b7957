"""A python-socketio server for custom handlers that speaks the protocol to the letter."""

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

import socketio

from queue_server.broker import Broker
from queue_server.realtime import packet_text
from queue_server.realtime.engine.session import Reason, Session
from queue_server.realtime.engine.websocket import Rate
from queue_server.realtime.pysocketio import options as python_socketio
from queue_server.realtime.pysocketio import packets
from queue_server.realtime.pysocketio.client import Client
from queue_server.realtime.pysocketio.engineio_server import EngineIOServer, Origins
from queue_server.realtime.pysocketio.manager import DirectManager
from queue_server.realtime.pysocketio.owner import Owner

MOST_NAMESPACES = 100
"""Namespaces that one client may be in."""
REJECTED = {"message": "Connection rejected by server"}
"""python-socketio's words for a connection that the application refused and did not say why."""
log = logging.getLogger("socketio.server")


class SocketIOServer(socketio.AsyncServer):
    """`socketio.AsyncServer` on our engine: handlers, rooms, acknowledgements and sessions as its documentation says.

    What a client may not send ends its connection, instead of a trace in the log.
    """

    manager: DirectManager
    eio: EngineIOServer

    def __init__(self, *, max_payload: int, broker: Broker | None = None, **options: Any) -> None:
        self._most_attached = max_payload
        self._partial: dict[str, packets.Incoming] = {}
        """Packets whose attachments are still coming, by session."""
        super().__init__(
            client_manager=DirectManager(broker),
            max_http_buffer_size=max_payload,
            **options,
        )
        self.eio.may_stay = self._speaks_another_protocol

    def _engineio_server_class(self) -> type[EngineIOServer]:
        return EngineIOServer

    def _speaks_another_protocol(self) -> bool:
        # Whoever takes the engine's messages for itself has no CONNECT to wait for.
        return bool(self.eio.handlers.get("message") != self._handle_eio_message)

    async def emit_each(self, event: str, payloads: Mapping[str, Any], *, namespace: str | None = None) -> None:
        """Send each client, by its sid, a payload of its own, encoded by msgspec; payloads hold no bytes."""
        await self.manager.emit_each(event, payloads, namespace or "/")

    def instrument(self, *args: Any, **options: Any) -> NoReturn:
        """The admin page of python-socketio wraps parts of its server that this one does not have."""
        raise NotImplementedError("python-socketio's admin page does not work with this server.")

    # ---- what clients send ------------------------------------------------------------------------------------------

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        session = self.eio.session_of(eio_sid)
        if session is None:
            return
        try:
            packet = self._packet(session, data)
            if packet is not None:
                await self._dispatch(session, packet)
        except packet_text.MalformedPacket:
            self._partial.pop(eio_sid, None)
            self.eio.drop(session)
            session.close(Reason.MALFORMED)

    def _packet(self, session: Session, data: str | bytes) -> packets.Incoming | None:
        partial = self._partial.get(session.sid)
        if isinstance(data, bytes):
            if partial is None:
                raise packet_text.MalformedPacket
            partial.add(data)
            packet = partial
        elif partial is not None:
            raise packet_text.MalformedPacket
        else:
            packet = packets.Incoming(data, self._most_attached)
            if packet.kind != packet_text.CONNECT:
                self._client(session, packet)
        if packet.is_complete:
            self._partial.pop(session.sid, None)
            return packet
        self._partial[session.sid] = packet
        return None

    def _client(self, session: Session, packet: packets.Incoming) -> Client:
        client: Client | None = (session.owner.clients or {}).get(packet.namespace)
        if client is None or not client.is_connected:
            raise packet_text.MalformedPacket
        return client

    async def _dispatch(self, session: Session, packet: packets.Incoming) -> None:
        match packet.kind:
            case packet_text.CONNECT:
                await self._handle_connect(session.sid, packet.namespace, packet.data)
            case packet_text.DISCONNECT:
                await self._handle_disconnect(session.sid, packet.namespace, self.reason.CLIENT_DISCONNECT)
            case packet_text.EVENT | packets.BINARY_EVENT:
                await self._handle_event(session.sid, packet.namespace, packet.id, packet.data)
            case _:
                assert packet.id is not None
                await self.manager.answered(self._client(session, packet), packet.id, packet.data)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        is_known = namespace in self.handlers or namespace in self.namespace_handlers or self.namespaces == "*"
        if not is_known and namespace not in self.namespaces:
            await self._put(eio_sid, packets.CONNECT_ERROR, namespace, {"message": "Invalid namespace"})
            return
        session = self.eio.engine.sessions.get(eio_sid)
        if session is None:
            return
        own = session.owner.clients or {}
        if namespace in own:
            raise packet_text.MalformedPacket
        if len(own) >= MOST_NAMESPACES:
            await self._put(eio_sid, packets.CONNECT_ERROR, namespace, {"message": "Too many namespaces"})
            return
        try:
            await super()._handle_connect(eio_sid, namespace, data)
        except Exception as error:
            log.error("The handler of connect failed in the namespace %r: %r", namespace, error)
            log.debug("It failed here:", exc_info=error)
            await self._refuse(session, namespace)
        if namespace in (session.owner.clients or {}):
            session.is_joined = True

    async def _refuse(self, session: Session, namespace: str) -> None:
        client: Client | None = (session.owner.clients or {}).get(namespace)
        if client is None:
            return
        self.manager.pre_disconnect(client.sid, namespace)
        kind = packet_text.DISCONNECT if self.always_connect else packets.CONNECT_ERROR
        await self._put(session.sid, kind, namespace, None if self.always_connect else REJECTED)
        await self.manager.disconnect(client.sid, namespace)

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        session = self.eio.session_of(eio_sid)
        if session is None:
            return
        owner: Owner = session.owner
        while self.async_handlers and owner.is_busy:
            if session.is_closed:
                return  # nobody waits for the answer, and so many handlers are at it
            await owner.one_ends()
        await super()._handle_event(eio_sid, namespace, id, data)

    async def _handle_event_internal(
        self, server: Any, sid: str, eio_sid: str, data: list[Any], namespace: str, id: int | None
    ) -> None:
        session = self.eio.session_of(eio_sid)
        owner = session.owner if session is not None else Owner()
        owner.began()
        try:
            await super()._handle_event_internal(server, sid, eio_sid, data, namespace, id)
        finally:
            owner.ended()

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._partial.pop(eio_sid, None)
        session = self.eio.session_of(eio_sid)
        clients: dict[str, Client] = (session.owner.clients or {}) if session is not None else {}
        for namespace, client in list(clients.items()):
            try:
                await self._handle_disconnect(eio_sid, namespace, reason)
            except Exception:
                self.eio.logger.exception("disconnect handler error")
            # Whatever became of its handlers, and even if it never was connected.
            await self.manager.disconnect(client.sid, namespace)
        self.environ.pop(eio_sid, None)

    # ---- what clients are sent --------------------------------------------------------------------------------------

    async def _send_packet(self, eio_sid: str, pkt: socketio.packet.Packet) -> None:
        data = pkt.data
        if pkt.packet_type == packets.CONNECT_ERROR and not isinstance(data, dict):
            data = {"message": str(data)}
        await self._put(eio_sid, pkt.packet_type, pkt.namespace or "/", data, pkt.id)

    async def _put(self, eio_sid: str, kind: int, namespace: str, data: Any = None, number: int | None = None) -> None:
        session = self.eio.engine.sessions.get(eio_sid)
        if session is None:
            return
        kind = {packets.BINARY_EVENT: packet_text.EVENT, packets.BINARY_ACK: packet_text.ACK}.get(kind, kind)
        message = packets.outgoing(kind, namespace, data, number, dumps=self.manager.json.dumps)
        client: Client | None = (session.owner.clients or {}).get(namespace)
        if kind in (packet_text.EVENT, packet_text.ACK) and client is not None:
            client.put(message)  # behind the events that wait for the answer to CONNECT
        else:
            session.put(message)


def create_socket_server(
    *,
    ping_interval: float = 25.0,
    ping_timeout: float = 20.0,
    max_payload: int = 1_000_000,
    connect_timeout: float = 45.0,
    cors_allowed_origins: Origins = None,
    frame_rate: Rate | None = None,
    broker: Broker | None = None,
    **options: Any,
) -> SocketIOServer:
    """Return a `socketio.AsyncServer` for custom handlers; serve `socketio.ASGIApp` of it with uvicorn.

    uvicorn needs `ws=queue_server.realtime.WebSocketProtocol`. Times are in seconds, `max_payload` in bytes. A client
    that has connected to no namespace after `connect_timeout` is shown out. `cors_allowed_origins` is "*" for all,
    origins, or a function of the origin; if it is left out or empty, only pages of our own may connect. `frame_rate`
    is what one client may send, as frames per second and at most at once, `(100, 1_500)`; with more it is shown out,
    and None, the default, sets no limit. With a `broker`, which the caller starts and stops, rooms reach over all
    servers that share it.

    Of the options of `socketio.AsyncServer`, these are honoured: `always_connect`, `async_handlers`, `namespaces`,
    `logger`, `engineio_logger`, `cors_credentials`, and `async_mode` if it is "asgi" or None. All others raise
    `TypeError`, as does a pair for `ping_interval`; another `async_mode` raises `ValueError`.
    """
    return SocketIOServer(
        ping_interval=python_socketio.seconds(ping_interval),
        ping_timeout=ping_timeout,
        max_payload=max_payload,
        connect_timeout=connect_timeout,
        cors_allowed_origins=cors_allowed_origins,
        frame_rate=frame_rate,
        broker=broker,
        **python_socketio.checked(options),
    )
