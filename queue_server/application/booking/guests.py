"""Guests: people without an account, who hold and book with a session token that only they know."""

import secrets
from hashlib import sha256
from uuid import UUID

from queue_server.application.actor import Actor
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import TenantId

FIELD = "X-Session-Token"
_BYTES = 24
_LENGTH = 32
"""Letters of a token: 24 bytes in URL-safe base64."""


def new_token() -> str:
    """Return a session token that nobody has seen."""
    return secrets.token_urlsafe(_BYTES)


def guest(tenant: TenantId, token: str, *, request_id: str | None = None) -> Actor:
    """Return whoever has this token as they act in `tenant`; raises `InvalidValue` for what is no token of ours.

    Only the digest is ever kept: who reads the database cannot act as a guest.
    """
    if len(token) != _LENGTH or not token.isascii() or not token.replace("-", "").replace("_", "").isalnum():
        raise InvalidValue("This is not a session token.", field=FIELD)
    digest = sha256(b"guest:" + tenant.bytes + token.encode()).digest()
    return Actor(tenant=tenant, guest=UUID(bytes=digest[:16]), request_id=request_id)
