"""One-time codes: six digits that are kept nowhere.

A code is worked out from the message that tells it, with a key of the servers: the database holds digests only, and
whoever reads it can neither sign in nor find out who has asked for a code.
"""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from queue_server.settings import JwtKey
from scheduling_core.ids import TenantId

DIGITS = 6
LIFETIME = timedelta(minutes=10)
MOST_ATTEMPTS = 5
MOST_ASKED = 5
"""Codes for one contact within `ASKED_WITHIN`: with five attempts each that is 25 guesses of a million an hour."""
ASKED_WITHIN = timedelta(hours=1)
"""Also the time within which the text messages of an organisation are counted."""


class Codes:
    """Works out codes and digests. New ones are made with the first of the keys, each of them may verify."""

    def __init__(self, keys: Sequence[JwtKey]) -> None:
        self._keys = [key.secret for key in keys]

    def contact(self, tenant: TenantId, contact: str) -> bytes:
        """Return what stands for a contact: one thing for all ways of writing it that lead to one phone."""
        # Gateways are sent the bare number, so with and without + it is one phone that is written to.
        told = contact if "@" in contact else contact.removeprefix("+")
        return _digest(self._keys[0], b"contact of a code", tenant, told.encode())

    def new(self, tenant: TenantId, message: UUID) -> tuple[str, bytes]:
        """Return the code that a message tells, and its digest."""
        code = _code(self._keys[0], tenant, message)
        return code, _digest(self._keys[0], b"digest of a code", tenant, message.bytes, code.encode())

    def fits(self, tenant: TenantId, message: UUID, code: str, digest: bytes) -> bool:
        """Return whether a digest is that of the code; takes as long for a wrong one."""
        found = [
            hmac.compare_digest(_digest(key, b"digest of a code", tenant, message.bytes, code.encode()), digest)
            for key in self._keys
        ]
        return any(found)

    def told(self, tenant: TenantId, message: UUID, digest: bytes) -> str | None:
        """Return the code that a message is to tell; None when it was made with a key that is not known any more."""
        for key in self._keys:
            code = _code(key, tenant, message)
            if self.fits(tenant, message, code, digest):
                return code
        return None


def _code(key: bytes, tenant: TenantId, message: UUID) -> str:
    # The remainder prefers some codes by less than one in a billion billion.
    number = int.from_bytes(_digest(key, b"a code itself", tenant, message.bytes)[:16], "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _digest(key: bytes, purpose: bytes, tenant: TenantId, *parts: bytes) -> bytes:
    return hmac.digest(key, b"\0".join((b"sign-in", purpose, tenant.bytes, *parts)), "sha256")
