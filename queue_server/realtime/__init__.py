"""Sockets: rooms per doctor and day, what their members are sent, and the engine that carries it.

`engine/` is Engine.IO, `pysocketio/` puts python-socketio's server for custom handlers on it; the queue's own
namespaces stand beside them.
"""

from queue_server.realtime.engine.websocket import WebSocketProtocol
from queue_server.realtime.pysocketio.server import create_socket_server

__all__ = ["WebSocketProtocol", "create_socket_server"]
