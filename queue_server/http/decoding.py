"""Bytes and strings of a request into checked values. Whatever is wrong ends in one of two errors: the request could
not be read (400, 413) or a field makes no sense (422, with the field's name)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from queue_server.application import decoding
from queue_server.application.decoding import check_sane, invalid
from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import InvalidValue, MalformedRequest, PayloadTooLarge, StaleVersion

S = TypeVar("S", bound=msgspec.Struct)


_INTEGER = re.compile(r"-?[0-9]{1,18}")
_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body, reading no more than `limit` bytes; raises `PayloadTooLarge`."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:19]) > limit:
        raise PayloadTooLarge(f"At most {limit} bytes are taken.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise PayloadTooLarge(f"At most {limit} bytes are taken.")
        parts.append(part)
    return b"".join(parts)


def decode_body(raw: bytes, wanted: type[S]) -> S:
    """Return the body as `wanted`; an empty one counts as `{}`. Raises `MalformedRequest` or `InvalidValue`."""
    try:
        found = _decoded(raw or b"{}", wanted)
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8.") from None
    except RecursionError:
        raise MalformedRequest("The body is nested too deeply.") from None
    except msgspec.DecodeError:
        raise MalformedRequest("The body is not JSON.") from None
    check_sane(found)
    return found


def _decoded(raw: bytes, wanted: type[S]) -> S:
    try:
        return msgspec.json.decode(raw, type=wanted)
    except msgspec.ValidationError as error:
        # msgspec stops at the first field that is wrong; what follows it may not even be JSON.
        msgspec.json.decode(raw)
        raise invalid(error) from None


def decode_query(pairs: Iterable[tuple[str, str]], wanted: type[S]) -> S:
    """Return the query as `wanted`; raises `InvalidValue` for unknown, repeated and senseless parameters."""
    kinds = _kinds(wanted)
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise InvalidValue("This parameter was given twice.", field=name[:100])
        given[name] = _typed(value, kinds.get(name, ""))
    try:
        found = msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        raise invalid(error) from None
    check_sane(found)
    return found


def if_match(request: Request) -> int | None:
    """Return the version that `If-Match` names (`"5"`, `W/"5"`, `5`), None without one or for `*`.

    Raises `StaleVersion` for an entity tag that no queue can have, `InvalidValue` for what is no entity tag.
    """
    given = request.headers.get("if-match", "*").strip()
    if given == "*":
        return None
    if given.isdecimal() and given.isascii():
        given = f'"{given}"'
    tag = _ETAG.fullmatch(given)
    if tag is None:
        raise InvalidValue('Give one version in quotes, like "5".', field="If-Match")
    if not re.fullmatch(r"[0-9]{1,10}", tag[1]):
        raise StaleVersion
    return int(tag[1])


def is_unchanged(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` holds `etag` (weak comparison, as RFC 9110 wants it here) or `*`."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    return given.strip() == "*" or etag.removeprefix("W/").strip('"') in {t[1] for t in _ETAG.finditer(given)}


def idempotency(request: Request, path: str, body: msgspec.Struct | None) -> Idempotency | None:
    """Return the client's key with a digest of what was asked: method, path and the values of the body."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    return decoding.idempotency(given, request.method, path, body, field="Idempotency-Key")


def _typed(value: str, kind: str) -> Any:
    """A parameter as JSON would have carried it, where its type says number or boolean."""
    if kind == "int" and _INTEGER.fullmatch(value):
        return int(value)
    if kind == "bool" and value in ("true", "false"):
        return value == "true"
    return value


@lru_cache(maxsize=256)
def _kinds(wanted: type[msgspec.Struct]) -> dict[str, str]:
    """Parameters of a query that are no strings, by name."""
    kinds = {}
    info = msgspec.inspect.type_info(wanted)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        for one in _alternatives(field.type):
            if isinstance(one, msgspec.inspect.IntType | msgspec.inspect.BoolType):
                kinds[field.encode_name] = "int" if isinstance(one, msgspec.inspect.IntType) else "bool"
    return kinds


def _alternatives(kind: msgspec.inspect.Type) -> Iterable[msgspec.inspect.Type]:
    """The types a value may have, without what is said about them."""
    if isinstance(kind, msgspec.inspect.Metadata):
        yield from _alternatives(kind.type)
    elif isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            yield from _alternatives(one)
    else:
        yield kind
