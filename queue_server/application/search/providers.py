"""The public's search for doctors: what many ask again and again, answered from shared pages."""

from datetime import datetime

import msgspec

from queue_server.application.doctors.reading import Shown, public_changes, public_page
from queue_server.application.paging import after, checked_limit
from queue_server.application.search.shared_pages import SharedPages
from queue_server.store.db import Transaction
from queue_server.store.doctors import Filters
from scheduling_core.ids import TenantId


class FoundDoctors(msgspec.Struct, frozen=True):
    """A page of doctors, its items as JSON already."""

    items: bytes
    next_cursor: str | None
    stale_since: datetime | None = None
    """Since when Postgres has been away, while these are the last that were known."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A page as it is shared."""

    items: bytes
    next_cursor: str | None


class ChangedDoctors(msgspec.Struct, frozen=True, array_like=True):
    """A page of the doctors that search shows, with when each was changed last."""

    items: list[Shown]
    next_cursor: str | None


_encode_name = msgspec.json.Encoder().encode
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode
_decode_changed = msgspec.msgpack.Decoder(ChangedDoctors).decode


class ProviderSearch:
    """Finds doctors for the public."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages

    async def list(
        self, tenant: TenantId, wanted: Filters, *, limit: int = 50, cursor: str | None = None
    ) -> FoundDoctors:
        """Return a page of the doctors that search shows, in the order of their names.

        Raises `InvalidValue` for a limit or cursor that makes no sense, `Unavailable` when Postgres is away and nothing
        is known.
        """
        checked_limit(limit)
        after(cursor)

        async def read(tx: Transaction) -> bytes:
            page = await public_page(tx, wanted, limit=limit, cursor=cursor)
            return _encode(_Kept(msgspec.json.encode(page.items), page.next_cursor))

        # Words in one order and once each: who types the same in another order is shown the same.
        asked = msgspec.structs.replace(wanted, words=sorted(set(wanted.words)))
        name = "doctors:" + _encode_name((asked, limit, cursor)).decode()
        page = await self._pages.get(tenant, name, read)
        kept = _decode(page.body)
        return FoundDoctors(kept.items, kept.next_cursor, page.stale_since)

    async def changed(self, tenant: TenantId, *, limit: int = 200, cursor: str | None = None) -> ChangedDoctors:
        """Return a page of the doctors that search shows, with when each was changed last, in the order of their names.

        Raises what `list` raises.
        """
        checked_limit(limit)
        after(cursor)

        async def read(tx: Transaction) -> bytes:
            page = await public_changes(tx, limit=limit, cursor=cursor)
            return _encode(ChangedDoctors(list(page.items), page.next_cursor))

        name = "changed doctors:" + _encode_name((limit, cursor)).decode()
        return _decode_changed((await self._pages.get(tenant, name, read)).body)
