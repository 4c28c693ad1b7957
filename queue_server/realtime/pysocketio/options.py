"""Which of python-socketio's options this server honours; one that it does not is refused, and never ignored."""

from collections.abc import Mapping
from typing import Any

HONOURED = frozenset(
    {"always_connect", "async_handlers", "cors_credentials", "engineio_logger", "logger", "namespaces"}
)
INSTEAD = {
    "client_manager": "clients are kept by a manager of our own; to reach clients of other servers give a broker",
    "max_http_buffer_size": "say max_payload",
    "transports": "long-polling and websockets are both served",
    "allow_upgrades": "clients may always change from long-polling to a websocket",
    "cookie": "no cookie is set",
    "http_compression": "nothing is compressed; let the proxy do it",
    "compression_threshold": "nothing is compressed; let the proxy do it",
    "serializer": "packets are JSON",
    "json": "JSON is read and written by msgspec",
    "monitor_clients": "heartbeats are always watched",
}


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `socketio.AsyncServer` to pass on; raises `TypeError` for one that is not honoured.

    `async_mode` may be "asgi" or None, which are the same here; raises `ValueError` for another.
    """
    for name in options:
        if name in INSTEAD:
            raise TypeError(f"The option {name} is not supported: {INSTEAD[name]}.")
        if name not in HONOURED and name != "async_mode":
            raise TypeError(f"There is no option {name}.")
    if options.get("async_mode") not in (None, "asgi"):
        raise ValueError('The only async_mode is "asgi".')
    return {name: value for name, value in options.items() if name != "async_mode"}


def seconds(ping_interval: Any) -> float:
    """Return the interval between pings; raises `TypeError` for python-socketio's pair with a grace period."""
    if isinstance(ping_interval, bool) or not isinstance(ping_interval, int | float):
        raise TypeError("ping_interval is a number of seconds; instead of a grace period give a longer ping_timeout.")
    return ping_interval
