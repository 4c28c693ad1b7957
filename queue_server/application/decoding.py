"""From what clients sent to checked values, the same for every transport."""

import re
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import InvalidValue

S = TypeVar("S", bound=msgspec.Struct)

LARGEST_INTEGER = 2**31 - 1
"""Positions, versions and minutes are all kept in 32 bits."""
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_PLACE = re.compile(r" - at `(\$[^`]*)`$")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_UNKNOWN = re.compile(r"contains unknown field `(.*?)`")


def convert(given: Any, wanted: type[S]) -> S:
    """Return `given`, as a JSON decoder made it, as `wanted`; raises `InvalidValue` that names the field."""
    try:
        found = msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    except RecursionError:
        raise InvalidValue("This is nested too deeply.") from None
    check_sane(found)
    return found


def invalid(error: msgspec.ValidationError) -> InvalidValue:
    """Return the refusal that says what msgspec found, with the field that is to blame."""
    text = str(error)
    place = _PLACE.search(text)
    message = text[: place.start()] if place else text
    path = place[1].removeprefix("$").removeprefix(".") if place else ""
    # What went wrong with a key of the object: the field is the key, not the object.
    inner = _MISSING.search(message) or _UNKNOWN.search(message)
    if inner:
        path = f"{path}.{inner[1]}" if path else inner[1]
        message = "This field is required." if "missing" in message else "There is no such field."
    return InvalidValue(message[:300], field=path[:100])


def check_sane(value: object, path: str = "") -> None:
    """Refuse what passes the types but no database: NUL in texts, integers beyond 32 bits, years out of all reason."""
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidValue("This text holds a NUL character.", field=path)
    elif isinstance(value, datetime):
        if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
            raise InvalidValue("This is too far from today.", field=path)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise InvalidValue("This number is too large.", field=path)
    elif isinstance(value, msgspec.Struct):
        for name, shown in _fields(type(value)):
            check_sane(getattr(value, name), f"{path}.{shown}" if path else shown)
    elif isinstance(value, dict):
        for name, one in value.items():
            check_sane(name, path)
            check_sane(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            check_sane(one, f"{path}[{place}]")


@lru_cache(maxsize=512)
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """A struct's fields and what clients call them; msgspec resolves the annotations anew each time it is asked."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind))


def idempotency(key: str, method: str, path: str, body: msgspec.Struct | None, *, field: str) -> Idempotency:
    """Return a client's key with a digest of what was asked: method, path and the values of the body.

    A command over a socket gives the method and path of its route, so that it may be repeated over HTTP and the other
    way round. `field` is what the client calls the key; raises `InvalidValue` for one that is none.
    """
    if not _KEY.fullmatch(key):
        raise InvalidValue("Give 1 to 200 visible ASCII characters.", field=field)
    # Values and not bytes: a client that serialises the same body anew may order or space it differently.
    values = msgspec.json.encode(body, order="sorted")
    return Idempotency(key, sha256(b"\0".join((method.encode(), path.encode(), values))).digest())
