"""The environment of a connection as handlers of python-socketio expect it, made when somebody looks."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from queue_server.realtime.engine.engine import Scope


class Environ(MutableMapping[str, Any]):
    """A WSGI-like view of an ASGI scope. `REMOTE_ADDR` is the client's address, as the proxy headers told uvicorn."""

    __slots__ = ("_made", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._made: dict[str, Any] | None = None

    def __getitem__(self, key: str) -> Any:
        if key == "asgi.scope" and self._made is None:
            return self._scope
        return self._all()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._all()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        if self._made is None:
            self._made = _environ(self._scope)
        return self._made


def _environ(scope: Scope) -> dict[str, Any]:
    client, server = scope.get("client"), scope.get("server")
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "PATH_INFO": scope.get("path", ""),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": client[0] if client else "",
        "REMOTE_PORT": str(client[1]) if client else "",
        "SERVER_NAME": server[0] if server else "",
        "SERVER_PORT": str(server[1]) if server else "",
        "wsgi.url_scheme": {"ws": "http", "wss": "https"}.get(scope.get("scheme", ""), scope.get("scheme", "http")),
        "asgi.scope": scope,
    }
    for name, value in scope["headers"]:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        made[key] = f"{made[key]},{text}" if key in made else text
    return made
