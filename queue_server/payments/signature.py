"""Signatures of notices: HMAC-SHA256 over the time of signing and the bytes that came.

`X-Signature: t=<unix seconds>,v1=<hex of hmac-sha256 over "t.body">`. There may be several `v1`, while a secret is
being changed. A notice that was signed more than five minutes from now is refused, so that one which was overheard is
of use only as long as its id is remembered anyway.
"""

import hmac
import re

from scheduling_core.errors import InvalidSignature

FIELD = "X-Signature"
TOLERANCE_SECONDS = 300
_SHAPE = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64}){1,4})", re.ASCII)


def sign(secret: bytes, body: bytes, at: int) -> str:
    """Return the header that signs `body` at `at` (Unix seconds)."""
    return f"t={at},v1={_digest(secret, body, at)}"


def check(secret: bytes, header: str | None, body: bytes, now: float) -> None:
    """Raise `InvalidSignature` unless the header signs exactly these bytes, within five minutes of `now`."""
    found = _SHAPE.fullmatch(header or "")
    if found is None:
        raise InvalidSignature(f"{FIELD} is missing or not of the form t=…,v1=….", field=FIELD)
    at = int(found[1])
    expected = _digest(secret, body, at)
    # Of all that are there, each compared in the same time: an answer must not tell how much of one was right.
    matches = [hmac.compare_digest(expected, one) for one in found[2].removeprefix(",v1=").split(",v1=")]
    if not any(matches):
        raise InvalidSignature(field=FIELD)
    if abs(now - at) > TOLERANCE_SECONDS:
        raise InvalidSignature("This notice was signed too long ago, or ahead of time.", field=FIELD)


def _digest(secret: bytes, body: bytes, at: int) -> str:
    return hmac.new(secret, b"%d." % at + body, "sha256").hexdigest()
