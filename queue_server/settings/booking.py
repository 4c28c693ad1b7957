"""Whose booking pages are shown at which host."""

from collections.abc import Mapping
from uuid import UUID

from queue_server.settings.environment import Reader, SettingsError

BookingTenants = Mapping[str, UUID]
"""Tenants by host, in small letters and without port; "" stands for all other hosts."""


def booking_tenants(read: Reader) -> BookingTenants:
    """Return BOOKING_TENANTS; raises `SettingsError` for what names no tenant, or two for one host."""
    found: dict[str, UUID] = {}
    for item in read.items("BOOKING_TENANTS"):
        host, _, tenant = item.rpartition("=")
        host = host.strip().lower()
        if host in found:
            raise SettingsError(f"BOOKING_TENANTS names two tenants for {host or 'all hosts'}; give one.")
        found[host] = _tenant(tenant.strip(), item)
    return found


def _tenant(given: str, item: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise SettingsError(
            f"BOOKING_TENANTS has {item!r}, which names no tenant; give host=tenant with the tenant's UUID."
        ) from None
