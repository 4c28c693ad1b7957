"""Notices of a provider as they come in: JSON that names the payment by the reference it was asked for with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from scheduling_core.errors import InvalidValue, MalformedRequest
from scheduling_core.ids import PaymentId, TenantId
from scheduling_core.payments.decide import Notice, NoticeKind

_Name = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}$(?!\n)")]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A notice, by what it is called, and which payment of whom it is about."""

    id: str
    tenant: TenantId
    payment: PaymentId
    notice: Notice


class _Intent(msgspec.Struct, frozen=True, kw_only=True):
    id: _Name
    reference: _Name
    amount: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)")]


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: _Name
    type: NoticeKind
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    intent: _Intent


_decoder = msgspec.json.Decoder(_Body)


def reference(tenant: TenantId, payment: PaymentId) -> str:
    """Return what a provider is to call a payment in its notices."""
    return f"{tenant}:{payment}"


def decode(body: bytes) -> Told | None:
    """Return what a notice says, None for one about something else than our payments.

    Raises `MalformedRequest` for what is no notice at all, `InvalidValue` for one that makes no sense.
    """
    try:
        found = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"This is not a notice that is understood here: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequest("The body is not JSON.") from None
    tenant, _, payment = found.intent.reference.partition(":")
    try:
        whose, which = TenantId(UUID(tenant)), PaymentId(UUID(payment))
    except ValueError:
        return None
    notice = Notice(
        kind=found.type,
        intent=found.intent.id,
        amount=found.intent.amount,
        currency=found.intent.currency,
        occurred_at=found.occurred_at,
    )
    return Told(id=found.id, tenant=whose, payment=which, notice=notice)
