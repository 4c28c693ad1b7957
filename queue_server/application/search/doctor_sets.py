"""Which doctors have what a search asks for: one set for each thing asked, kept as long as nothing changes them."""

from collections import OrderedDict
from functools import partial
from uuid import UUID

from queue_server.application.search.shared_pages import SharedPages
from queue_server.store import slot_search as store
from queue_server.store.db import Transaction
from queue_server.store.slot_search import DoctorFilter
from scheduling_core.ids import TenantId

MOST_MEMBERS = 400_000
"""Of all sets that a process remembers decoded; a member takes some hundred bytes."""


class DoctorSets:
    """Gives sets of doctors; what they are made of comes from shared pages, so it is as fresh as those are."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages
        self._decoded: OrderedDict[tuple[TenantId, str], tuple[bytes, frozenset[UUID]]] = OrderedDict()
        self._members = 0

    async def bookable(self, tenant: TenantId, *, by_patients: bool) -> frozenset[UUID]:
        """Return the doctors whom patients, or else staff, may book."""
        return await self._having(tenant, "bookable" if by_patients else "bookable_by_staff", None)

    async def matching(self, tenant: TenantId, wanted: DoctorFilter) -> frozenset[UUID]:
        """Return the doctors who may be booked and have all that is wanted."""
        found = await self.bookable(tenant, by_patients=wanted.by_patients)
        if wanted.doctor is not None:
            found &= {wanted.doctor}
        asked = {
            "specialty": wanted.specialty,
            "clinic": wanted.clinic,
            "mode": wanted.mode,
            "language": wanted.language,
        }
        for what, value in asked.items():
            if value is not None and found:
                found &= await self._having(tenant, what, value)
        return found

    async def _having(self, tenant: TenantId, what: str, value: str | UUID | None) -> frozenset[UUID]:
        name = f"doctors-with:{what}:{value}"
        page = await self._pages.get(tenant, name, partial(_members, what=what, value=value))
        known = self._decoded.get((tenant, name))
        if known is None or known[0] is not page.body:
            known = self._keep((tenant, name), page.body)
        else:
            self._decoded.move_to_end((tenant, name))
        return known[1]

    def _keep(self, key: tuple[TenantId, str], body: bytes) -> tuple[bytes, frozenset[UUID]]:
        if (replaced := self._decoded.pop(key, None)) is not None:
            self._members -= len(replaced[1])
        kept = self._decoded[key] = body, store.doctor_ids(body)
        self._members += len(kept[1])
        while self._members > MOST_MEMBERS and len(self._decoded) > 1:
            _, (_, dropped) = self._decoded.popitem(last=False)
            self._members -= len(dropped)
        return kept


async def _members(tx: Transaction, what: str, value: str | UUID | None) -> bytes:
    return await store.members(tx, what, value)
