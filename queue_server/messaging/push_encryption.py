"""Message encryption for web push (RFC 8291): only the browser that subscribed can read what is pushed to it.

Two key derivations and one AES-GCM record, by the cryptography that our tokens use already. The libraries for it
(`http-ece`, `pywebpush`) bring older drafts of the scheme, which no browser asks for any more, no types, and the second
one two HTTP clients that know nothing of the gates of `push_services`.
"""

import base64
import binascii

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1
SALT_BYTES, AUTH_BYTES, POINT_BYTES, TAG_BYTES = 16, 16, 65, 16
RECORD_BYTES = 4096
"""The size of the only record, which is also the most that every push service takes (RFC 8030, 7.2)."""
HEADER_BYTES = SALT_BYTES + 4 + 1 + POINT_BYTES
LARGEST_CONTENT = RECORD_BYTES - HEADER_BYTES - TAG_BYTES - 1
LAST_RECORD = b"\x02"


class Keys(msgspec.Struct, frozen=True):
    """What a browser gives with its subscription: its public key, and a secret that it shares with us alone."""

    public: ec.EllipticCurvePublicKey
    auth: bytes


def read_keys(p256dh: str, auth: str) -> Keys:
    """Return the keys of a subscription; raises `ValueError` for what is none."""
    secret = unbase64(auth)
    if len(secret) != AUTH_BYTES:
        raise ValueError("the secret of a subscription has 16 bytes")
    raw = unbase64(p256dh)
    if len(raw) != POINT_BYTES:
        raise ValueError("the key of a subscription is an uncompressed point")
    return Keys(ec.EllipticCurvePublicKey.from_encoded_point(CURVE(), raw), secret)


def encrypt(content: bytes, keys: Keys, *, sender: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the body of a push, `aes128gcm` (RFC 8188). `sender` and `salt` are new ones for each. Raises `ValueError`
    for content of more than `LARGEST_CONTENT` bytes."""
    if len(content) > LARGEST_CONTENT:
        raise ValueError("too much for one push")
    shared, public = sender.exchange(ec.ECDH(), keys.public), encoded(sender.public_key())
    key, nonce = content_keys(shared, keys.auth, receiver=encoded(keys.public), sender=public, salt=salt)
    sealed = AESGCM(key).encrypt(nonce, content + LAST_RECORD, None)
    return salt + RECORD_BYTES.to_bytes(4) + bytes([len(public)]) + public + sealed


def content_keys(shared: bytes, auth: bytes, *, receiver: bytes, sender: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Return key and nonce of the record (RFC 8291, 3.4), from the shared secret and both public keys."""
    secret = _derived(shared, auth, b"WebPush: info\0" + receiver + sender, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    return key, _derived(secret, salt, b"Content-Encoding: nonce\0", 12)


def encoded(public: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def base64url(raw: bytes) -> str:
    """Return bytes in base64url, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64(given: str) -> bytes:
    """Return the bytes of base64url with or without padding; raises `ValueError` for anything else."""
    bare = given.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
