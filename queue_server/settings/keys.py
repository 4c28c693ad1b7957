"""Keys that sign and verify."""

import base64
import binascii
import re

import msgspec

from queue_server.settings.environment import Reader, SettingsError

SHORTEST_JWT_SECRET = 32  # bytes; HS256 must not be keyed with less than its own output (RFC 7518, 3.2)
FEWEST_DISTINCT_CHARACTERS = 8  # refuses "aaaa…" and other placeholders that pass for length
ED25519_SEED_BYTES = 32


class JwtKey(msgspec.Struct, frozen=True):
    """A symmetric key that signs or verifies our own tokens, told apart by `kid`."""

    kid: str
    secret: bytes

    def __repr__(self) -> str:
        return f"JwtKey(kid={self.kid!r}, secret=…)"


def jwt_keys(read: Reader) -> tuple[JwtKey, ...]:
    """Return the keys of our own tokens in the order given; raises `SettingsError`."""
    entries = read.items("JWT_KEYS")
    if not entries:
        raise SettingsError(
            "JWT_KEYS is not set; give kid:secret with a secret of at least 32 characters (openssl rand -hex 32)."
        )
    keys = []
    for place, entry in enumerate(entries, start=1):
        kid, colon, secret = entry.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", kid):
            raise SettingsError(
                f"JWT_KEYS, entry {place}, is not kid:secret with a short kid like 2025a; fix that entry."
            )
        if len(secret.encode()) < SHORTEST_JWT_SECRET or len(set(secret)) < FEWEST_DISTINCT_CHARACTERS:
            raise SettingsError(
                f"JWT_KEYS, key {kid}, is too weak; give a random secret of at least 32 characters"
                " (openssl rand -hex 32)."
            )
        keys.append(JwtKey(kid=kid, secret=secret.encode()))
    if len({key.kid for key in keys}) < len(keys):
        raise SettingsError("JWT_KEYS names the same kid twice; give every key its own.")
    return tuple(keys)


def audit_signing_key(read: Reader) -> bytes | None:
    """Return the Ed25519 seed that signs audit roots, None without one; raises `SettingsError`."""
    given = read.optional("AUDIT_SIGNING_KEY")
    if given is None:
        return None
    try:
        key = (
            bytes.fromhex(given) if re.fullmatch(r"[0-9A-Fa-f]{64}", given) else base64.b64decode(given, validate=True)
        )
    except binascii.Error:
        key = b""
    if len(key) != ED25519_SEED_BYTES:
        raise SettingsError("AUDIT_SIGNING_KEY is not 32 bytes in hex or base64; make one with openssl rand -hex 32.")
    return key
