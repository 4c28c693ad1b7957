"""Events and states as bytes: JSON for events, which are kept for ever; MessagePack for states, which are not.

An event is written with `SCHEMA_VERSION` beside it. When the shape of a type changes, the version grows and
`UPCASTERS` gains one step that turns the older shape into the newer: history is read through the chain, never
rewritten. A state is only a fold of its events: one that no longer decodes is folded anew.
"""

from collections.abc import Callable
from typing import Any, cast, get_args

import msgspec

from scheduling_core.live_queue.events import SCHEMA_VERSION, Event, QueueEvent
from scheduling_core.live_queue.state import Queue

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

EVENT_TYPES: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in get_args(QueueEvent)}
"""Every type of event by its stable name."""

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""The step from the given schema version of a type to the next one; a type that did not change has none."""

_event_encoder = msgspec.json.Encoder()
_event_decoders = {name: msgspec.json.Decoder(kind) for name, kind in EVENT_TYPES.items()}
_raw_decoder = msgspec.json.Decoder(dict[str, Any])
_state_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_state_decoder = msgspec.msgpack.Decoder(Queue)


def encode_event(event: Event) -> bytes:
    """Return `event` as JSON, its type included under `type`; always the same bytes for the same event."""
    return _event_encoder.encode(event)


def decode_event(type: str, schema_version: int, data: bytes | str) -> QueueEvent:
    """Return the event of `type` written as `data` in `schema_version`.

    Raises `msgspec.ValidationError` when the type is unknown, the version is newer than this code, or the data
    does not have its shape.
    """
    decoder = _event_decoders.get(type)
    if decoder is None:
        raise msgspec.ValidationError(f"unknown type of event: {type}")
    if schema_version == SCHEMA_VERSION:
        return cast(QueueEvent, decoder.decode(data))
    raw = upcast(type, schema_version, _raw_decoder.decode(data))
    return cast(QueueEvent, msgspec.convert(raw, EVENT_TYPES[type]))


def upcast(type: str, schema_version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` of an event as today's schema version writes it.

    Raises `msgspec.ValidationError` when it was written by newer code.
    """
    if not 1 <= schema_version <= SCHEMA_VERSION:
        raise msgspec.ValidationError(f"{type} has schema version {schema_version}, this code knows {SCHEMA_VERSION}")
    for version in range(schema_version, SCHEMA_VERSION):
        step = UPCASTERS.get((type, version))
        data = step(data) if step is not None else data
    return data


def encode_state(queue: Queue) -> bytes:
    """Return the folded state as MessagePack, ids as their 16 bytes."""
    return _state_encoder.encode(queue)


def decode_state(data: bytes) -> Queue:
    """Return the state that `encode_state` wrote; raises `msgspec.DecodeError` when it has another shape."""
    return _state_decoder.decode(data)
