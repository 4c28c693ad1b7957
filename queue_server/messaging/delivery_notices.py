"""What a provider of texts tells later of a message it took, signed as Twilio signs: HMAC-SHA1 under our token over the
address that it was told to call, followed by names and values of the form in the order of the names.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

import msgspec

from scheduling_core.errors import InvalidSignature

FIELD = "X-Twilio-Signature"
_FAILED = frozenset({"failed", "undelivered"})
_CODE = re.compile(r"[0-9]{1,6}", re.ASCII)

Form = Sequence[tuple[str, str]]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: what the provider calls it, whether nobody got it, and its code for why."""

    reference: str
    is_undelivered: bool
    code: str


def address(callback: str, tenant: UUID, message: UUID) -> str:
    """Return where the provider tells of one message: our address, and which message it is."""
    parts = urlsplit(callback)
    return urlunsplit(parts._replace(query=urlencode({"tenant": str(tenant), "message": str(message)})))


def check(token: str, header: str | None, called: str, form: Form) -> None:
    """Raise `InvalidSignature` unless the header signs this form, sent to this address."""
    if header is None or not header.isascii() or not hmac.compare_digest(sign(token, called, form), header):
        raise InvalidSignature("This is not signed with the token that we share with the provider.", field=FIELD)


def sign(token: str, called: str, form: Form) -> str:
    """Return the signature of a form that is sent to an address."""
    signed = called + "".join(f"{name}{value}" for name, value in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def read(form: Form) -> Told:
    """Return what a form tells; codes that are none are left out."""
    said = dict(form)
    code = said.get("ErrorCode", "")
    return Told(
        reference=said.get("MessageSid", ""),
        is_undelivered=said.get("MessageStatus", "") in _FAILED,
        code=code if _CODE.fullmatch(code) else "",
    )
