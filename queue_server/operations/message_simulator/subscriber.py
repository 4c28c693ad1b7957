"""A browser that has subscribed to pushes: it makes its keys, and only it can read what comes."""

import secrets
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queue_server.messaging import Subscription
from queue_server.messaging.push_encryption import (
    AUTH_BYTES,
    CURVE,
    HEADER_BYTES,
    POINT_BYTES,
    SALT_BYTES,
    base64url,
    content_keys,
    encoded,
)


class Subscriber:
    """The browser's side of a subscription."""

    def __init__(
        self, endpoint: str, *, key: ec.EllipticCurvePrivateKey | None = None, auth: bytes | None = None
    ) -> None:
        self._key = key or ec.generate_private_key(CURVE())
        self._auth = auth or secrets.token_bytes(AUTH_BYTES)
        self.is_over = False
        """Whether nobody reads here any more."""
        self.subscription = Subscription(
            endpoint=endpoint, p256dh=base64url(encoded(self._key.public_key())), auth=base64url(self._auth)
        )

    def decrypt(self, body: bytes) -> bytes:
        """Return the content of a push (RFC 8188, one record); raises `ValueError` for what is not for this browser."""
        if len(body) <= HEADER_BYTES or body[SALT_BYTES + 4] != POINT_BYTES:
            raise ValueError("no push")
        salt, sender = body[:SALT_BYTES], body[HEADER_BYTES - POINT_BYTES : HEADER_BYTES]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE(), sender))
        receiver = encoded(self._key.public_key())
        key, nonce = content_keys(shared, self._auth, receiver=receiver, sender=sender, salt=salt)
        try:
            padded = AESGCM(key).decrypt(nonce, body[HEADER_BYTES:], None).rstrip(b"\0")
        except InvalidTag:
            raise ValueError("not for this browser") from None
        if padded[-1:] != b"\x02":
            raise ValueError("not the last record")
        return padded[:-1]

    def read(self, body: bytes) -> dict[str, Any]:
        """Return the notification of a push; raises `ValueError`."""
        found: dict[str, Any] = msgspec.json.decode(self.decrypt(body))["notification"]
        return found
