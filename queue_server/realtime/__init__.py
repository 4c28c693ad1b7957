"""Sockets: rooms per doctor and day, what their members are sent, and the engine that carries it.

`engine/` is Engine.IO, `pysocketio/` puts python-socketio's server for custom handlers on it; the queue's own
namespaces stand beside them.
"""

from typing import TYPE_CHECKING

from queue_server.realtime.engine.websocket import WebSocketProtocol

if TYPE_CHECKING:
    from queue_server.realtime.pysocketio.server import create_socket_server

__all__ = ["WebSocketProtocol", "create_socket_server"]


def __getattr__(name: str) -> object:
    """Import `create_socket_server` when it is asked for: python-socketio with all its clients takes half a second,
    which the queue's own server, that has no use for it, does not wait for when it starts."""
    if name != "create_socket_server":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from queue_server.realtime.pysocketio.server import create_socket_server

    return create_socket_server
