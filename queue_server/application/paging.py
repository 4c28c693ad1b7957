"""Pages of lists, told apart by opaque cursors."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from scheduling_core.errors import InvalidValue

T = TypeVar("T")
LONGEST_PAGE = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ID_BYTES = 16


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next_cursor` leads to what follows and is None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def after(cursor: str | None) -> UUID | None:
    """Return the id that `cursor` stands behind; raises `InvalidValue` for one that is not ours."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=_decoded(cursor))
    except ValueError:
        raise _not_ours() from None


def cursor_of(identity: UUID) -> str:
    """Return the cursor that stands behind `identity`."""
    return _encoded(identity.bytes)


def after_instant(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the instant and the id that `cursor` stands behind; raises `InvalidValue` for one that is not ours."""
    if cursor is None:
        return None
    try:
        raw = _decoded(cursor)
        return _EPOCH + int.from_bytes(raw[:8], "big", signed=True) * _MICROSECOND, UUID(bytes=raw[8:])
    except (ValueError, OverflowError):
        raise _not_ours() from None


def cursor_of_instant(instant: datetime, identity: UUID) -> str:
    """Return the cursor that stands behind `identity` in a list that is sorted by instants and, at one, by ids."""
    return _encoded(((instant - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True) + identity.bytes)


def part(
    items: Iterable[T], place: Callable[[T], tuple[str, UUID]], *, limit: int, cursor: str | None = None
) -> Page[T]:
    """Return a page of a list that is read whole, in the order of its places: texts that sort as they are to, and ids.

    Raises `InvalidValue` for a limit or cursor that makes no sense.
    """
    size, since = checked_limit(limit), _after_place(cursor)
    rest = sorted((one for one in items if since is None or place(one) > since), key=place)
    shown = rest[:size]
    return Page(shown, _cursor_of_place(*place(shown[-1])) if len(rest) > size else None)


def checked_limit(limit: int) -> int:
    """Return `limit`; raises `InvalidValue` unless it is from 1 to 200."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidValue(f"Give a number from 1 to {LONGEST_PAGE}.", field="limit")
    return limit


def _after_place(cursor: str | None) -> tuple[str, UUID] | None:
    if cursor is None:
        return None
    try:
        raw = _decoded(cursor)
        return raw[_ID_BYTES:].decode(), UUID(bytes=raw[:_ID_BYTES])
    except ValueError:
        raise _not_ours() from None


def _cursor_of_place(text: str, identity: UUID) -> str:
    return _encoded(identity.bytes + text.encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(cursor: str) -> bytes:
    """The bytes of a cursor; raises `ValueError` for what is none."""
    padding = b"=" * (-len(cursor) % 4)
    try:
        return base64.b64decode(cursor.encode() + padding, altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError(cursor) from None


def _not_ours() -> InvalidValue:
    return InvalidValue("This cursor is not one of ours.", field="cursor")
