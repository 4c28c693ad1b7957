"""What the pages for patients show before anybody has asked for anything."""

from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.tracking import ClinicView


class SpecialtyView(View, frozen=True, kw_only=True):
    """A specialty that doctors can be searched by."""

    code: str
    label: str


class StorefrontView(View, frozen=True, kw_only=True):
    """Whose pages these are, and what can be chosen on them."""

    tenant_id: UUID
    name: str
    clinics: tuple[ClinicView, ...]
    specialties: tuple[SpecialtyView, ...]
    languages: tuple[str, ...]
