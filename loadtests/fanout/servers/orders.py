"""What a server is told to do, one JSON object a line, over a Unix socket to which the server connects.

| order | meaning |
|---|---|
| `shared`, first, count | emit broadcasts first … first+count-1, each to room `sequence % rooms` |
| `personal`, first, count | the same, every member its own payload, made and encoded now |
| `paced`, first, room | note the time, then emit one broadcast to that room |
| `sent` | answer `{"sent": [nanoseconds, …]}`, the times noted since last asked (CLOCK_MONOTONIC) |
| `members` | answer `{"members": n}`, how many clients the application has seen connect |

Before the first order the server says `{"port": …, "versions": {…}}`.
"""

import json
import sys
from typing import Any, Literal

import msgspec


class Config(msgspec.Struct, frozen=True):
    """What a server is started with, as JSON in its first argument."""

    kind: str
    control: str
    """Path of the Unix socket."""
    event: str
    rooms: list[str]
    template: dict[str, Any]
    redis: str | None = None


class Order(msgspec.Struct, frozen=True):
    """One line of the control channel."""

    do: Literal["shared", "personal", "paced", "sent", "members"]
    first: int = 0
    count: int = 0
    room: int = 0


read_order = msgspec.json.Decoder(Order).decode


def config_from_arguments() -> Config:
    """Return the configuration this process was started with."""
    return msgspec.json.decode(sys.argv[1], type=Config)


def line(value: object) -> bytes:
    """Return one line of the control channel."""
    return json.dumps(value).encode() + b"\n"
