"""Clinics, and their doctors as the desk lists them."""

from uuid import UUID

import msgspec

from queue_server.application.views import View
from scheduling_core.live_queue.policy import QueuePolicy


class Capacity(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Caps of a clinic; None means none."""

    per_day: int | None = None
    per_window: int | None = None


class Holidays(View, frozen=True, kw_only=True):
    """Whose public holidays a clinic keeps: a country (ISO 3166-1 alpha-2), and a part of it or all of it."""

    country: str
    region: str | None


class ClinicDetail(View, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    timezone: str
    address: str
    capacity: Capacity
    queue_policy: QueuePolicy
    holidays: Holidays | None = None
    active: bool
    version: int


class LaneDoctor(View, frozen=True, kw_only=True):
    """A doctor as the desk lists them."""

    id: UUID
    name: str
    specialty: str
    room: str
    clinic_id: UUID
    clinic_name: str
    ticket_prefix: str
