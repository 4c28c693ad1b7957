"""Who is connected where, and who is in which room; sending to many is one walk over a list that stands ready."""

import asyncio
import inspect
import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from socketio import AsyncManager

from queue_server.broker import Broker
from queue_server.realtime import packet_text
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import Session, broadcast, send_each
from queue_server.realtime.pysocketio import packets
from queue_server.realtime.pysocketio.channels import Channels
from queue_server.realtime.pysocketio.client import Client
from queue_server.realtime.pysocketio.rooms import Namespace, Room, connecting_of, names, sessions_of

FIRST_WORD_SECONDS = 0.005
"""Between the answer to CONNECT and what handlers had sent before it."""
CHUNK = 500
"""Members that are sent to in one go, some 3 ms; then others have their turn."""


class DirectManager(AsyncManager):
    """Clients of one server process; takes the place of python-socketio's `AsyncManager`.

    With a broker, what is sent to a room or a namespace reaches its members on other servers too; a single client, by
    its sid, is reached on its own server only.
    """

    def __init__(self, broker: Broker | None = None) -> None:
        super().__init__()
        self._namespaces: dict[str, Namespace] = {}
        self._channels = Channels(broker, self._deliver) if broker is not None else None

    # ---- sending ----------------------------------------------------------------------------------------------------

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Callable[..., Any] | None = None,
        to: Any = None,
        **_options: Any,
    ) -> None:
        """Send an event to a client, a room, several rooms or a namespace.

        It has left this process for all who read when this returns. More than `CHUNK` members are sent to in chunks;
        what is sent later within the namespace waits for them, and comes after them to whoever hears both.
        """
        room = to or room
        content = [event, *_arguments(data)]
        if callback is not None:
            await self._ask(namespace, room, _names(skip_sid), content, callback)
            return
        message = packets.outgoing(packet_text.EVENT, namespace, content, dumps=self.json.dumps)
        await self.send_message(namespace, room, message, _names(skip_sid))

    async def send_message(
        self, namespace: str, room: Any, message: Message, skip: frozenset[str] = frozenset()
    ) -> None:
        """Send a packet made ready; see `emit`."""
        client = self._client(room, namespace) if isinstance(room, str) else None
        if client is not None:
            if client.sid not in skip:
                await self._send_to(client, message)
            return
        if self._channels is not None:
            for name in names(room):
                self._channels.publish(namespace, name, message, skip)
        sent = self._send_here(namespace, room, message, skip)
        if sent is not None:
            await sent

    async def _send_to(self, client: Client, message: Message) -> None:
        turns = self._namespaces[client.namespace].turns

        async def send() -> None:
            client.put(message)

        if turns.is_busy and client.is_ready:
            await turns.add(send)
        else:
            client.put(message)

    def _send_here(
        self, namespace: str, room: Any, message: Message, skip: frozenset[str]
    ) -> asyncio.Future[None] | None:
        """Send to members on this server: at once, or in turn, and then return what is done when it is."""
        found = self._namespaces.get(namespace)
        targets = found.targets(room) if found is not None else []
        if found is None or not targets:
            return None
        sessions = targets[0].ready if len(targets) == 1 and not skip else sessions_of(targets, skip)
        if any(one.connecting for one in targets):
            for client in connecting_of(targets, skip):
                client.put(message)
        if len(sessions) > CHUNK or found.turns.is_busy:
            return found.turns.add(lambda: _in_chunks(sessions, message))
        broadcast(sessions, message)
        return None

    def _deliver(self, namespace: str, room: Any, message: Message, skip: frozenset[str]) -> None:
        """Send what came from another server, in the order in which it came."""
        self._send_here(namespace, None if room is None else [room], message, skip)

    async def emit_each(self, event: str, payloads: Mapping[str, Any], namespace: str) -> None:
        """Send each client, by its sid, a payload of its own, which holds no bytes."""
        found = self._namespaces.get(namespace)
        if found is None:
            return
        if len(payloads) > CHUNK or found.turns.is_busy:
            await found.turns.add(lambda: _send_each(found, event, payloads, namespace))
        else:
            await _send_each(found, event, payloads, namespace)

    async def _ask(
        self, namespace: str, room: Any, skip: frozenset[str], content: list[Any], callback: Callable[..., Any]
    ) -> None:
        for sid, _ in list(self.get_participants(namespace, room)):
            client = self._client(sid, namespace)
            if client is not None and sid not in skip:
                number = self._generate_ack_id(sid, callback, client)
                message = packets.outgoing(packet_text.EVENT, namespace, content, number, dumps=self.json.dumps)
                await self._send_to(client, message)

    # ---- clients ----------------------------------------------------------------------------------------------------

    def get_namespaces(self) -> Iterable[str]:
        """Return the names of namespaces that somebody is in."""
        return self._namespaces.keys()

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """Yield the sid and Engine.IO sid of everybody in a room, in several, or in the namespace (None)."""
        found = self._namespaces.get(namespace)
        if found is None:
            return
        rooms = found.targets(room)
        seen = {sid: client.session.sid for one in rooms for sid, client in one.clients.items()}
        yield from seen.items()

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """Register a client that is being asked about; None if its session is in the namespace already, or gone."""
        session: Session | None = self.server.eio.engine.sessions.get(eio_sid)
        if session is None:
            return None
        own = session.owner.clients
        if own is None:
            own = session.owner.clients = {}
        if namespace in own:
            return None
        client = own[namespace] = Client(self.server.eio.generate_id(), namespace, session)
        if namespace not in self._namespaces:
            self._namespaces[namespace] = Namespace()
            if self._channels is not None:
                self._channels.opened(namespace, None)
        self._namespaces[namespace].all.add(client)
        return client.sid

    async def connect(self, sid: str, namespace: str) -> str:
        """The client is in."""
        client = self._client(sid, namespace)
        if client is not None:
            client.is_connected = True
            if client.waiting:
                # A client may begin to listen for events when it has read that it is connected; what came in the same
                # read would be lost to it.
                asyncio.get_running_loop().call_later(FIRST_WORD_SECONDS, self._release, client)
            else:
                self._release(client)
        return sid

    def _release(self, client: Client) -> None:
        client.release()
        if self._client(client.sid, client.namespace) is client:
            self._changed(client)

    def is_connected(self, sid: str | None, namespace: str) -> bool:
        """Return whether a client is in, and not about to go."""
        client = self._client(sid, namespace)
        return client is not None and client.is_connected

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        """Return the sid that a session has in a namespace."""
        session: Session | None = self.server.eio.session_of(eio_sid)
        client = (session.owner.clients or {}).get(namespace) if session is not None else None
        return client.sid if client is not None else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        """Return the session that a client belongs to."""
        client = self._client(sid, namespace)
        return client.session.sid if client is not None else None

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """The client is about to go; its handlers may still look at its rooms."""
        client = self._client(sid, namespace)
        if client is None:
            return None
        client.release()
        client.is_connected = False
        self._changed(client)
        return client.session.sid

    async def disconnect(self, sid: str, namespace: str, **_options: Any) -> None:
        """Forget a client."""
        found, client = self._namespaces.get(namespace), self._client(sid, namespace)
        if found is None or client is None:
            return
        for room in client.rooms:
            self._leave(found, client, room)
        found.all.remove(client)
        (client.session.owner.clients or {}).pop(namespace, None)
        if not found.all.clients:
            del self._namespaces[namespace]
            if self._channels is not None:
                self._channels.closed(namespace, None)

    def _client(self, sid: str | None, namespace: str) -> Client | None:
        found = self._namespaces.get(namespace)
        return found.all.clients.get(sid) if found is not None and sid is not None else None

    def _changed(self, client: Client) -> None:
        found = self._namespaces[client.namespace]
        found.all.changed(client)
        for room in client.rooms:
            found.rooms[room].changed(client)

    # ---- rooms ------------------------------------------------------------------------------------------------------

    async def enter_room(self, sid: str, namespace: str, room: Hashable, eio_sid: str | None = None) -> None:
        """Put a client into a room; raises `ValueError` if there is no such client, or the room is another's sid."""
        client = self._client(sid, namespace)
        if client is None:
            raise ValueError("sid is not connected to requested namespace")
        found = self._namespaces[namespace]
        if room is None or room == sid or room in client.rooms:
            return
        if room in found.all.clients:
            raise ValueError("cannot enter a sid room")
        if room not in found.rooms:
            found.rooms[room] = Room()
            if self._channels is not None:
                self._channels.opened(namespace, room)
        found.rooms[room].add(client)
        client.rooms += (room,)

    async def leave_room(self, sid: str, namespace: str, room: Hashable) -> None:
        """Take a client out of a room, if it is in it."""
        client = self._client(sid, namespace)
        if client is not None and room in client.rooms:
            self._leave(self._namespaces[namespace], client, room)

    async def close_room(self, room: Hashable, namespace: str) -> None:
        """Take everybody out of a room."""
        found = self._namespaces.get(namespace)
        if found is None or room not in found.rooms:
            return
        for client in list(found.rooms[room].clients.values()):
            self._leave(found, client, room)

    def get_rooms(self, sid: str, namespace: str) -> list[Hashable]:
        """Return the rooms of a client, its own among them."""
        client = self._client(sid, namespace)
        return [sid, *client.rooms] if client is not None else []

    def _leave(self, namespace: Namespace, client: Client, room: Hashable) -> None:
        client.rooms = tuple(one for one in client.rooms if one != room)
        found = namespace.rooms[room]
        found.remove(client)
        if not found.clients:
            del namespace.rooms[room]
            if self._channels is not None:
                self._channels.closed(client.namespace, room)

    # ---- acknowledgements -------------------------------------------------------------------------------------------

    def _generate_ack_id(self, sid: str, callback: Callable[..., Any], client: Client | None = None) -> int:
        assert client is not None
        return client.ask(callback)

    async def answered(self, client: Client, number: int, data: list[Any]) -> None:
        """Call back whoever waits for this acknowledgement; one that nobody waits for is passed over."""
        callback = client.answer(number)
        if callback is None:
            return
        result = callback(*data)
        if inspect.isawaitable(result):
            await result


async def _in_chunks(sessions: Sequence[Session], message: Message) -> None:
    for at in range(0, len(sessions), CHUNK):
        broadcast(sessions[at : at + CHUNK], message)
        await asyncio.sleep(0)


async def _send_each(found: Namespace, event: str, payloads: Mapping[str, Any], namespace: str) -> None:
    clients, encode = found.all.clients, packets.encode
    head = f"{packet_text.EVENT}{'' if namespace == '/' else namespace + ','}".encode()
    remaining = iter(payloads.items())
    while chunk := list(itertools.islice(remaining, CHUNK)):
        texts: list[tuple[Session, bytes]] = []
        for sid, payload in chunk:
            client = clients.get(sid)
            if client is None:
                continue
            text = head + encode((event, payload))
            if client.is_connected and client.waiting is None:
                texts.append((client.session, text))
            else:
                client.put(Message(text))
        send_each(texts)
        if len(chunk) == CHUNK:
            await asyncio.sleep(0)


def _arguments(data: Any) -> Iterable[Any]:
    if isinstance(data, tuple):
        return data
    return () if data is None else (data,)


def _names(skip: Any) -> frozenset[str]:
    if skip is None:
        return frozenset()
    return frozenset([skip] if isinstance(skip, str) else skip)
