"""The port to whoever takes payments online, as the application needs it; one adapter speaks HTTP.

A provider is asked for an intent to pay, which has a page of its own for the payer, to close that page, and to give
money back. Each may be asked again with the same key without being done twice. What becomes of an intent it tells by
signed notices.
"""

from typing import Protocol

import msgspec


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as a provider knows it."""

    id: str
    pay_url: str


class PaymentProvider(Protocol):
    """Somebody who takes payments online and gives them back."""

    @property
    def name(self) -> str:
        """What it is called in the settings, in addresses and in the ledger."""
        ...

    async def create_intent(self, *, key: str, reference: str, amount: int, currency: str, return_url: str) -> Intent:
        """Ask for a payment of `amount` minor units of `currency`; the same `key` gets the same intent.

        `reference` comes back with each notice; the payer is led to `return_url` in the end. Raises `Unavailable` when
        no answer came – the intent may exist or not –, `PaymentRefused` when the provider refuses.
        """
        ...

    async def refund(self, *, key: str, intent: str) -> bool:
        """Ask for all of a payment to go back; with the same `key` it goes back once.

        Returns True when it has gone back, False while it is under way. Raises `Unavailable` when no answer came,
        `PaymentRefused` when the provider refuses.
        """
        ...

    async def cancel_intent(self, *, key: str, intent: str) -> None:
        """Ask that nobody can pay this any more; with the same `key` it is one request.

        Raises `Unavailable` when no answer came, `PaymentRefused` when it was paid already or the provider knows no
        such thing: then whatever is paid goes back.
        """
        ...
