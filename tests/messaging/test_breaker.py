"""The circuit breaker: when a provider is left alone, how it is tried again, and what does not count against it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from queue_server.messaging import (
    Letter,
    MessageDelayed,
    MessageNotSent,
    MessageRefused,
    ProviderPaused,
    RecipientBusy,
)
from queue_server.messaging.breaker import (
    FAILURES,
    LONGEST_PAUSE,
    PAUSE,
    PROBE_SECONDS,
    Breakers,
    BreakerState,
    GuardedTransport,
)

LETTER = Letter(id=uuid4(), to="+442079460992", language="en", subject="", text="Hello")
AWAY, NOBODY, BUSY = MessageDelayed("away"), MessageRefused("nobody"), RecipientBusy("greylisted")


class Street:
    """A provider behind its breaker, whose next answers are `says`; time goes by when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.says: list[MessageNotSent | None] = []
        self.asked = 0
        self.outcomes: list[str] = []
        self.states: dict[str, Callable[[], BreakerState]] = {}
        self.gate: asyncio.Event | None = None
        self.guarded = GuardedTransport(
            self, Breakers(self, lambda: self.now), lambda letter: f"texts {letter.language}"
        )

    async def send(self, letter: Letter) -> str:
        """Be the provider."""
        self.asked += 1
        said = self.says.pop(0) if self.says else None
        if self.gate is not None:
            await self.gate.wait()
        if said is not None:
            raise said
        return "SM1"

    def ended(self, provider: str, outcome: str, seconds: float) -> None:
        """Take note."""
        self.outcomes.append(outcome)

    def watch(self, provider: str, state: Callable[[], BreakerState]) -> None:
        """Take note."""
        self.states[provider] = state

    def state(self) -> BreakerState:
        """Return how the breaker stands."""
        return self.states["texts en"]()

    async def attempt(self, *says: MessageNotSent | None) -> list[str]:
        """Send a letter for each answer and return what became of them."""
        self.says = list(says)
        seen = len(self.outcomes)
        for _ in says:
            try:
                await self.guarded.send(LETTER)
            except MessageNotSent:
                continue
        return self.outcomes[seen:]


@pytest.fixture
def street() -> Street:
    return Street()


async def test_failures_in_a_row_open_it_and_then_nobody_is_asked(street: Street) -> None:
    assert await street.attempt(*[AWAY] * (FAILURES - 1), None) == ["delayed"] * (FAILURES - 1) + ["sent"]
    await street.attempt(*[AWAY] * FAILURES)
    assert street.state() is BreakerState.OPEN
    asked, street.now = street.asked, street.now + PAUSE - 1
    with pytest.raises(ProviderPaused) as told:
        await street.guarded.send(LETTER)
    assert told.value.retry_after == timedelta(seconds=1)
    assert isinstance(told.value, MessageDelayed)
    assert (street.asked, street.outcomes[-1]) == (asked, "paused")


async def test_refusals_and_recipients_who_are_busy_are_answers(street: Street) -> None:
    await street.attempt(*[NOBODY, BUSY] * FAILURES, *[AWAY] * (FAILURES - 1), BUSY, AWAY)
    assert street.state() is BreakerState.CLOSED


async def test_a_provider_that_names_a_time_is_left_alone_for_that_long(street: Street) -> None:
    await street.attempt(*[MessageDelayed("busy", timedelta(minutes=3))] * FAILURES)
    street.now += 179
    assert street.state() is BreakerState.OPEN
    street.now += 1
    assert street.state() is BreakerState.HALF_OPEN


async def test_one_message_tries_it_again_and_the_others_wait_for_that(street: Street) -> None:
    await street.attempt(*[AWAY] * FAILURES)
    street.now += PAUSE
    street.gate = asyncio.Event()
    probe = asyncio.create_task(street.guarded.send(LETTER))
    asked = street.asked
    while street.asked == asked:
        await asyncio.sleep(0)
    with pytest.raises(ProviderPaused) as told:
        await street.guarded.send(LETTER)
    assert told.value.retry_after == timedelta(seconds=PROBE_SECONDS)
    street.gate.set()
    assert await probe == "SM1"
    assert street.state() is BreakerState.CLOSED


async def test_each_failed_trial_doubles_the_pause_up_to_a_bound_and_success_forgets_it(street: Street) -> None:
    await street.attempt(*[AWAY] * FAILURES)
    pause = PAUSE
    for _ in range(8):
        street.now += pause
        assert await street.attempt(AWAY) == ["delayed"]
        pause = min(LONGEST_PAUSE, 2 * pause)
        street.now += pause - 1
        assert await street.attempt(None) == ["paused"]
        street.now -= pause - 1
    street.now += pause
    assert await street.attempt(None) == ["sent"]
    await street.attempt(*[AWAY] * FAILURES)
    street.now += PAUSE
    assert street.state() is BreakerState.HALF_OPEN


async def test_a_trial_that_nobody_hears_of_makes_room_for_another(street: Street) -> None:
    await street.attempt(*[AWAY] * FAILURES)
    street.now += PAUSE
    street.gate = asyncio.Event()
    probe = asyncio.create_task(street.guarded.send(LETTER))
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    street.gate = None
    assert await street.attempt(None) == ["sent"]


async def test_what_was_asked_before_it_opened_says_nothing_afterwards(street: Street) -> None:
    street.gate = asyncio.Event()
    late = asyncio.create_task(street.guarded.send(LETTER))
    await asyncio.sleep(0)
    street.gate = None
    await street.attempt(*[AWAY] * FAILURES)
    assert street.state() is BreakerState.OPEN
    assert not late.done()
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert street.state() is BreakerState.OPEN


async def test_each_provider_has_a_breaker_of_its_own(street: Street) -> None:
    await street.attempt(*[AWAY] * FAILURES)
    other = Letter(id=uuid4(), to="+442079460993", language="hi", subject="", text="Hello")
    assert await street.guarded.send(other) == "SM1"
    assert {name: state() for name, state in street.states.items()} == {
        "texts en": BreakerState.OPEN,
        "texts hi": BreakerState.CLOSED,
    }
