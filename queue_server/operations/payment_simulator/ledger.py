"""The simulated provider's own books."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum

import msgspec


class IntentStatus(StrEnum):
    """How an intent stands; a failed one may still be paid."""

    PENDING = "pending"
    FAILED = "failed"
    PAID = "paid"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class SimulatedIntent(msgspec.Struct, kw_only=True):
    """Something to be paid."""

    id: str
    reference: str
    amount: int
    currency: str
    return_url: str
    status: IntentStatus = IntentStatus.PENDING
    paid_at: datetime | None = None


class Refused(Exception):
    """What was asked for cannot be done."""


class Event(msgspec.Struct, frozen=True):
    """Something that has happened to an intent, of which the clinic is told."""

    id: str
    type: str
    intent: SimulatedIntent
    occurred_at: datetime


class Ledger:
    """All intents, by id and by the keys they were asked for with."""

    def __init__(self) -> None:
        self.intents: dict[str, SimulatedIntent] = {}
        self.refunds = 0
        """How often money went back."""
        self._by_key: dict[str, SimulatedIntent] = {}

    def create(self, key: str, *, reference: str, amount: int, currency: str, return_url: str) -> SimulatedIntent:
        """Return the intent of this key, made if it is new; raises `Refused` for a key of something else."""
        known = self._by_key.get(key)
        if known is not None and (known.reference, known.amount, known.currency) != (reference, amount, currency):
            raise Refused("This key was used for something else.")
        if known is None:
            known = SimulatedIntent(
                id=f"pi_{secrets.token_hex(12)}",
                reference=reference,
                amount=amount,
                currency=currency,
                return_url=return_url,
            )
            self.intents[known.id] = self._by_key[key] = known
        return known

    def attempt(self, intent: SimulatedIntent, *, succeeds: bool) -> Event | None:
        """Let somebody pay, or try in vain; returns what has happened, None when it is paid or cancelled already."""
        if intent.status not in (IntentStatus.PENDING, IntentStatus.FAILED):
            return None
        if succeeds:
            intent.status, intent.paid_at = IntentStatus.PAID, datetime.now(UTC)
            return _event("payment.succeeded", intent, intent.paid_at)
        intent.status = IntentStatus.FAILED
        return _event("payment.failed", intent)

    def cancel(self, intent: SimulatedIntent) -> None:
        """Let nobody pay any more; raises `Refused` when somebody has."""
        if intent.status in (IntentStatus.PAID, IntentStatus.REFUNDED):
            raise Refused("This was paid already.")
        intent.status = IntentStatus.CANCELLED

    def refund(self, intent: SimulatedIntent) -> Event | None:
        """Let the money go back; returns None when it did before. Raises `Refused` for what is not paid."""
        if intent.status is IntentStatus.REFUNDED:
            return None
        if intent.status is not IntentStatus.PAID:
            raise Refused("Nothing was paid.")
        intent.status = IntentStatus.REFUNDED
        self.refunds += 1
        return _event("payment.refunded", intent)


def _event(type: str, intent: SimulatedIntent, at: datetime | None = None) -> Event:
    return Event(f"evt_{secrets.token_hex(12)}", type, intent, at or datetime.now(UTC))
