"""The floor: one `send` per member in a bare loop, on plain sockets, with just enough of a handshake.

    python -m loadtests.fanout.servers.floor '{"kind": "floor", …}'

No ping, no close, no slow reader, no protocol: what a Python server could at best come down to.
"""

import select
import socket
import time
from typing import Any

import msgspec

from loadtests.fanout.payload import frame
from loadtests.fanout.servers.orders import Config, Order, config_from_arguments, line, read_order
from loadtests.fanout.websocket import TEXT, accept_key, unmasked

OPEN = '0{{"sid":"{}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}'
CONNECTED = '40{{"sid":"{}"}}'
encode = msgspec.json.encode


class Floor:
    """Accepts, answers the handshake, and sends."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._rooms: dict[str, list[tuple[socket.socket, int]]] = {name: [] for name in config.rooms}
        self._lists = list(self._rooms.values())
        self._start = b'42["' + config.event.encode() + b'",'
        self._greeted: dict[int, socket.socket] = {}
        self._members = 0
        self._sent: list[int] = []
        self._rest = b""
        self._epoll = select.epoll()

    def serve(self) -> None:
        """Serve and obey until the control channel closes."""
        listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        control = socket.socket(socket.AF_UNIX)
        control.connect(self._config.control)
        control.sendall(line({"port": listening.getsockname()[1], "versions": {}}))
        self._epoll.register(listening, select.EPOLLIN)
        self._epoll.register(control, select.EPOLLIN)
        while True:
            for fd, _ in self._epoll.poll():
                if fd == listening.fileno():
                    self._accept(listening)
                elif fd != control.fileno():
                    self._greet(fd)
                elif not self._take_orders(control):
                    return

    def _accept(self, listening: socket.socket) -> None:
        # Blocking sockets: `send` then takes all of a frame, and no slow reader is provided for.
        client, _ = listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._greeted[client.fileno()] = client
        self._epoll.register(client, select.EPOLLIN)

    def _greet(self, fd: int) -> None:
        client = self._greeted[fd]
        received = client.recv(4096)
        if received.startswith(b"GET"):
            key = received.split(b"Sec-WebSocket-Key: ", 1)[1].split(b"\r\n", 1)[0]
            upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            client.send(upgrade + b"Sec-WebSocket-Accept: " + accept_key(key) + b"\r\n\r\n" + _short(OPEN.format(fd)))
        elif received and (text := unmasked(received)).startswith(b"40"):
            auth = msgspec.json.decode(text[2:])
            self._rooms[auth["room"]].append((client, auth["member"]))
            self._members += 1
            client.send(_short(CONNECTED.format(fd)))
        elif not received:
            self._epoll.unregister(client)

    def _take_orders(self, control: socket.socket) -> bool:
        received = control.recv(65_536)
        *lines, self._rest = (self._rest + received).split(b"\n")
        for text in lines:
            answer = self._obey(read_order(text))
            if answer is not None:
                control.sendall(line(answer))
        return bool(received)

    def _obey(self, order: Order) -> dict[str, Any] | None:
        match order.do:
            case "shared":
                for sequence in range(order.first, order.first + order.count):
                    self._shared(self._lists[sequence % len(self._lists)], sequence)
            case "personal":
                for sequence in range(order.first, order.first + order.count):
                    self._personal(self._lists[sequence % len(self._lists)], sequence)
            case "paced":
                self._sent.append(time.monotonic_ns())
                self._shared(self._lists[order.room], order.first)
            case "sent":
                sent, self._sent = self._sent, []
                return {"sent": sent}
            case "members":
                return {"members": self._members}
        return None

    def _shared(self, room: list[tuple[socket.socket, int]], sequence: int) -> None:
        whole = frame(self._start + encode({**self._config.template, "sequence": sequence}) + b"]")
        for client, _ in room:
            client.send(whole)

    def _personal(self, room: list[tuple[socket.socket, int]], sequence: int) -> None:
        template = {**self._config.template, "sequence": sequence}
        for client, member in room:
            payload = {**template, "position": 1000 + (member + sequence) % 9000}
            client.send(frame(self._start + encode(payload) + b"]"))


def _short(text: str) -> bytes:
    return bytes([TEXT, len(text)]) + text.encode()


if __name__ == "__main__":
    Floor(config_from_arguments()).serve()
