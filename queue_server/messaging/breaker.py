"""A circuit breaker for each provider: one that fails is left alone for a while, and then asked with one message.

    closed ── failures in a row ──▶ open ── time is over ──▶ half open ── a message is taken or refused ──▶ closed
                                     ▲                          │
                                     └──── it fails again ──────┘   for twice as long each time

Only what the provider itself is to blame for counts: a refusal is an answer, and a recipient who cannot take a message
now says nothing of others. Each process has breakers of its own.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from time import monotonic
from typing import Protocol

from queue_server.messaging import (
    Letter,
    MessageDelayed,
    MessageRefused,
    ProviderPaused,
    RecipientBusy,
    Transport,
)

FAILURES = 5
"""In a row, after which a provider is left alone."""
PAUSE, LONGEST_PAUSE = 15.0, 300.0
"""Seconds for which it is."""
PROBE_SECONDS = 5.0
"""After how long to ask whether the one message that it was tried with has come through."""


class BreakerState(StrEnum):
    """Whether a provider is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Paused(Exception):
    """The provider is not to be asked; `seconds` from now it may be."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class Breaker:
    """Decides whether a provider is asked. `clock` counts seconds and never goes back."""

    def __init__(
        self, clock: Callable[[], float] = monotonic, *, failures: int = FAILURES, pause: float = PAUSE
    ) -> None:
        self._clock = clock
        self._most_failures = failures
        self._first_pause = pause
        self._pause = pause
        self._failures = 0
        self._open_until = 0.0
        self._is_probed = False
        self._turn = 0
        self._state = BreakerState.CLOSED

    @property
    def state(self) -> BreakerState:
        """How it stands now."""
        if self._state is BreakerState.OPEN and self._clock() >= self._open_until:
            return BreakerState.HALF_OPEN
        return self._state

    def admit(self) -> int:
        """Let one message through and return the turn it belongs to; raises `Paused`."""
        if self._state is BreakerState.OPEN:
            if (left := self._open_until - self._clock()) > 0:
                raise Paused(left)
            self._become(BreakerState.HALF_OPEN)
        if self._state is BreakerState.HALF_OPEN:
            if self._is_probed:
                raise Paused(PROBE_SECONDS)
            self._is_probed = True
        return self._turn

    def succeeded(self, turn: int) -> None:
        """The provider has answered. What belongs to an earlier turn says nothing of this one, here and below."""
        if turn != self._turn:
            return
        self._failures = 0
        if self._state is BreakerState.HALF_OPEN:
            self._pause = self._first_pause
            self._become(BreakerState.CLOSED)

    def failed(self, turn: int, wait: timedelta | None = None) -> None:
        """The provider has failed; `wait` is how long it has asked to be left alone."""
        if turn != self._turn:
            return
        self._failures += 1
        if self._state is BreakerState.HALF_OPEN:
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
        elif self._failures < self._most_failures:
            return
        asked = wait.total_seconds() if wait is not None else 0.0
        self._open_until = self._clock() + max(self._pause, asked)
        self._become(BreakerState.OPEN)

    def abandoned(self, turn: int) -> None:
        """Nobody will hear what became of the message."""
        if turn == self._turn:
            self._is_probed = False

    def _become(self, state: BreakerState) -> None:
        self._state = state
        self._turn += 1
        self._failures = 0
        self._is_probed = False


class Outcomes(Protocol):
    """Whoever counts what becomes of messages."""

    def ended(self, provider: str, outcome: str, seconds: float) -> None:
        """An attempt has ended: `sent`, `refused`, `delayed` or `paused`."""
        ...

    def watch(self, provider: str, state: Callable[[], BreakerState]) -> None:
        """Ask `state` how a provider's breaker stands, whenever somebody wants to know."""
        ...


class GuardedTransport:
    """A channel whose providers are left alone when they fail; `provider` names the one that a letter goes through."""

    def __init__(
        self,
        transport: Transport,
        breakers: "Breakers",
        provider: Callable[[Letter], str],
    ) -> None:
        self._transport = transport
        self._breakers = breakers
        self._provider = provider

    async def send(self, letter: Letter) -> str | None:
        """Hand the letter to the provider, as the channel does; raises `ProviderPaused` when it is left alone."""
        name = self._provider(letter)
        breaker = self._breakers.of(name)
        try:
            turn = breaker.admit()
        except Paused as paused:
            self._breakers.outcomes.ended(name, "paused", 0.0)
            raise ProviderPaused(f"{name} is left alone for a while", timedelta(seconds=paused.seconds)) from None
        began = self._breakers.clock()
        outcome = "cancelled"
        try:
            reference = await self._transport.send(letter)
            breaker.succeeded(turn)
            outcome = "sent"
        except MessageRefused:
            breaker.succeeded(turn)
            outcome = "refused"
            raise
        except RecipientBusy:
            breaker.succeeded(turn)
            outcome = "delayed"
            raise
        except MessageDelayed as delayed:
            breaker.failed(turn, delayed.retry_after)
            outcome = "delayed"
            raise
        finally:
            breaker.abandoned(turn)
            self._breakers.outcomes.ended(name, outcome, self._breakers.clock() - began)
        return reference


class Breakers:
    """The breakers of a process, by the names of providers, of which there are few."""

    def __init__(self, outcomes: Outcomes, clock: Callable[[], float] = monotonic) -> None:
        self.outcomes = outcomes
        self.clock = clock
        self._known: dict[str, Breaker] = {}

    def of(self, provider: str) -> Breaker:
        """Return the breaker of a provider, the same each time."""
        found = self._known.get(provider)
        if found is None:
            found = self._known[provider] = Breaker(self.clock)
            self.outcomes.watch(provider, lambda breaker=found: breaker.state)  # type: ignore[misc]
        return found
