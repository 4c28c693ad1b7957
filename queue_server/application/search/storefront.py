"""What a tenant shows to everybody who comes to book: its name, open clinics, specialties and languages."""

import msgspec

from queue_server.application.search.shared_pages import SharedPages
from queue_server.application.search.views import SpecialtyView, StorefrontView
from queue_server.application.views.tracking import ClinicView
from queue_server.store import storefront as store
from queue_server.store import tenants
from queue_server.store.db import Transaction
from scheduling_core.errors import NotFound
from scheduling_core.ids import TenantId

_decode = msgspec.json.Decoder(StorefrontView).decode


class Storefronts:
    """Tells what the pages for patients are made of; asked for with each of them, so it is kept as searches are."""

    def __init__(self, pages: SharedPages) -> None:
        self._pages = pages

    async def of(self, tenant: TenantId) -> StorefrontView:
        """Return what a tenant shows; raises `NotFound` for one that does not exist, `Unavailable` without Postgres."""
        return _decode((await self._pages.get(tenant, "storefront", _read)).body)


async def _read(tx: Transaction) -> bytes:
    known = await tenants.tenant(tx)
    if known is None:
        raise NotFound("There is nothing to book here.")
    return msgspec.json.encode(
        StorefrontView(
            tenant_id=known.id,
            name=known.name,
            clinics=tuple(
                ClinicView(id=row["clinic_id"], name=row["name"], timezone=row["timezone"], address=row["address"])
                for row in await store.open_clinics(tx)
            ),
            specialties=tuple(
                SpecialtyView(code=row["code"], label=row["label"] or row["code"].replace("-", " ").capitalize())
                for row in await store.specialties_shown(tx)
            ),
            languages=tuple(await store.languages_shown(tx)),
        )
    )
