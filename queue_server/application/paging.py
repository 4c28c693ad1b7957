"""Pages of lists, told apart by opaque cursors."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from scheduling_core.errors import InvalidValue

T = TypeVar("T")
LONGEST_PAGE = 200


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next_cursor` leads to what follows and is None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def after(cursor: str | None) -> UUID | None:
    """Return the id that `cursor` stands behind; raises `InvalidValue` for one that is not ours."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor.encode() + b"==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise InvalidValue("This cursor is not one of ours.", field="cursor") from None


def cursor_of(identity: UUID) -> str:
    """Return the cursor that stands behind `identity`."""
    return base64.urlsafe_b64encode(identity.bytes).rstrip(b"=").decode()


def checked_limit(limit: int) -> int:
    """Return `limit`; raises `InvalidValue` unless it is from 1 to 200."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidValue(f"Give a number from 1 to {LONGEST_PAGE}.", field="limit")
    return limit
