"""Refresh tokens: `tenant.token.secret`, each part base64url; only a hash of the secret is kept.

A token is used once and then replaced (RFC 9700, 4.14.2). Its successor is computed from it with a key of the server,
so a client that repeats the request within a few seconds – the answer was lost, or two tabs woke at once – gets the
same successor again and not a second one: there is always one newest token in a family, and whoever comes with an older
one later shows that it was stolen.
"""

import base64
import binascii
import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from scheduling_core.errors import Unauthenticated
from scheduling_core.ids import TenantId

GRACE = timedelta(seconds=10)
SECRET_BYTES = 32


class RefreshToken(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token as its bearer holds it."""

    tenant: TenantId
    id: UUID
    secret: bytes

    def __repr__(self) -> str:
        return f"RefreshToken(tenant={self.tenant}, id={self.id}, secret=…)"

    @property
    def secret_hash(self) -> bytes:
        """What is kept. The secret is random, so a plain hash is enough."""
        return sha256(self.secret).digest()

    def matches(self, secret_hash: bytes) -> bool:
        """Return whether `secret_hash` is that of this token, in constant time."""
        return hmac.compare_digest(self.secret_hash, secret_hash)

    def text(self) -> str:
        """Return the token as it travels."""
        return ".".join(_encode(part) for part in (self.tenant.bytes, self.id.bytes, self.secret))

    def successor(self, key: bytes) -> "RefreshToken":
        """Return the token that replaces this one: always the same, and computable only with `key`."""
        message = self.tenant.bytes + self.id.bytes + self.secret
        identity = hmac.digest(key, b"refresh token: id of the successor" + message, "sha256")
        secret = hmac.digest(key, b"refresh token: secret of the successor" + message, "sha256")
        return RefreshToken(tenant=self.tenant, id=UUID(bytes=identity[:16], version=4), secret=secret)


def new(tenant: TenantId) -> RefreshToken:
    """Return the first token of a family."""
    random = UUID(bytes=secrets.token_bytes(16), version=4)
    return RefreshToken(tenant=tenant, id=random, secret=secrets.token_bytes(SECRET_BYTES))


def parse(text: str) -> RefreshToken:
    """Return the token that `text` spells; raises `Unauthenticated` when it spells none."""
    parts = text.split(".") if len(text) <= 256 else []
    try:
        tenant, identity, secret = (base64.b64decode(part + "=" * (-len(part) % 4), b"-_", True) for part in parts)
        token = RefreshToken(tenant=TenantId(UUID(bytes=tenant)), id=UUID(bytes=identity), secret=secret)
    except (binascii.Error, ValueError):
        raise Unauthenticated from None
    if len(secret) != SECRET_BYTES or token.text() != text:
        raise Unauthenticated
    return token


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
