"""Where events refer to words that are kept apart from them: found in the types of the events, however deep."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec

from queue_server.application.models import MODELS
from queue_server.application.unit import QUEUE_KIND
from scheduling_core.ids import TextId
from scheduling_core.live_queue import codec

Path = tuple[str, ...]
"""Names of fields from the event inwards; `EACH` stands for whatever a sequence or mapping holds."""

EACH = "*"


def paths_by_event() -> dict[tuple[str, str], tuple[Path, ...]]:
    """Return, by kind of stream and type of event, where texts are referred to; types without any are left out."""
    types = {(QUEUE_KIND, name): kind for name, kind in codec.EVENT_TYPES.items()}
    for model in MODELS:
        types |= {(model.kind, name): kind for name, kind in model.aggregate.event_types.items()}
    found = {key: tuple(_paths(kind, ())) for key, kind in types.items()}
    return {key: paths for key, paths in found.items() if paths}


def texts_at(data: object, path: Path) -> Iterator[UUID]:
    """Yield the ids of the texts that an event's decoded JSON names at a path."""
    if data is None:
        return
    if not path:
        # What is no id was written over: the event's hash tells.
        with suppress(ValueError):
            yield UUID(str(data))
    elif path[0] != EACH:
        if isinstance(data, dict):
            yield from texts_at(data.get(path[0]), path[1:])
    elif isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from texts_at(item, path[1:])


def _paths(kind: Any, outer: tuple[Any, ...]) -> Iterator[Path]:
    """Walk through a type; `outer` are the structs around it, so that one that holds itself is walked once."""
    if kind is TextId:
        yield ()
        return
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in outer:
            return
        hints = get_type_hints(kind)
        for field in msgspec.structs.fields(kind):
            for path in _paths(hints[field.name], (*outer, kind)):
                yield (field.encode_name, *path)
        return
    origin = getattr(kind, "__origin__", None)
    holds = origin in (tuple, list, set, frozenset, dict)
    for argument in get_args(kind):
        for path in _paths(argument, outer):
            yield (EACH, *path) if holds else path
