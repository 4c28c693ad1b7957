"""What event-sourced aggregates have in common: events with stable names and versions, and a state folded from them.

An event is written with the schema version of its aggregate beside it. When the shape of a type changes, the version
grows and `upcasters` gains one step that turns the older shape into the newer: history is read through the chain,
never rewritten. A state is only a fold of its events: one that no longer decodes is folded anew.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar, get_args

import msgspec

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=msgspec.Struct)

_raw_decoder = msgspec.json.Decoder(dict[str, Any])
_state_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


class Aggregate(Generic[S, E]):
    """A kind of aggregate: the types of its events, its state, and how an event leads to the next state.

    `events` is the union of its event types, each a struct with a tag (its stable name) under the field `type`.
    `fold` returns the state after an event that happened at an instant; the state before the first one is None.
    """

    def __init__(
        self,
        kind: str,
        *,
        events: Any,
        state: type[S],
        fold: Callable[[S | None, E, datetime], S],
        schema_version: int = 1,
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        self.kind = kind
        self.state = state
        self.schema_version = schema_version
        self.event_types: dict[str, type[E]] = {str(t.__struct_config__.tag): t for t in get_args(events) or (events,)}
        self._fold = fold
        self._upcasters = dict(upcasters or {})
        self._event_encoder = msgspec.json.Encoder()
        self._event_decoders = {name: msgspec.json.Decoder(kind) for name, kind in self.event_types.items()}
        self._state_decoder = msgspec.msgpack.Decoder(state)

    def fold(self, state: S | None, event: E, at: datetime) -> S:
        """Return the state after `event`, which happened at `at`."""
        return self._fold(state, event, at)

    def encode_event(self, event: E) -> tuple[str, bytes]:
        """Return the stable name of an event and its JSON: always the same bytes for the same event."""
        return str(event.__struct_config__.tag), self._event_encoder.encode(event)

    def decode_event(self, type: str, schema_version: int, data: bytes | str) -> E:
        """Return the event of `type` written as `data` in `schema_version`.

        Raises `msgspec.ValidationError` when the type is unknown, the version is newer than this code, or the data
        does not have its shape.
        """
        decoder = self._event_decoders.get(type)
        if decoder is None:
            raise msgspec.ValidationError(f"unknown type of event: {type}")
        if schema_version == self.schema_version:
            return decoder.decode(data)
        return msgspec.convert(self._upcast(type, schema_version, _raw_decoder.decode(data)), self.event_types[type])

    def encode_state(self, state: S) -> bytes:
        """Return the folded state as MessagePack, ids as their 16 bytes."""
        return _state_encoder.encode(state)

    def decode_state(self, data: bytes) -> S:
        """Return the state that `encode_state` wrote; raises `msgspec.DecodeError` when it has another shape."""
        return self._state_decoder.decode(data)

    def _upcast(self, type: str, schema_version: int, data: dict[str, Any]) -> dict[str, Any]:
        if not 1 <= schema_version <= self.schema_version:
            raise msgspec.ValidationError(
                f"{type} has schema version {schema_version}, this code knows {self.schema_version}"
            )
        for version in range(schema_version, self.schema_version):
            step = self._upcasters.get((type, version))
            data = step(data) if step is not None else data
        return data
