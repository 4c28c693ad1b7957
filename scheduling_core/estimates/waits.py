"""How long each entry of a queue will wait.

The estimator in use is the doctor's recent mean: every consultation ahead takes the mean, its spread is that of a
lognormal service time. It stands behind `WaitEstimator`, so a better one replaces it without touching a caller.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sqrt
from typing import Protocol

import msgspec

from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import EntryState, Queue

VARIATION = 0.5
"""Standard deviation of a consultation's length over its mean, as seen in outpatient logs."""
Z90 = 1.2816
"""The 90 % quantile of the standard normal distribution."""
REMAINING_AT_LEAST = 0.2
"""A consultation that has outlasted the mean is expected to last this share of the mean longer."""


class Wait(msgspec.Struct, frozen=True):
    """Minutes from now until the consultation starts (p50, p90), and the instant that p50 stands for."""

    p50: int
    p90: int
    start_at: datetime


class WaitEstimator(Protocol):
    """Estimates the waits of everybody in line."""

    def estimate(self, queue: Queue, now: datetime) -> Mapping[EntryId, Wait]:
        """Return a wait for each entry of the line."""
        ...


class _Turn(msgspec.Struct):
    """When an entry may be called, in minutes from now: in its own right, and early because nobody else is here."""

    entry: EntryId
    opens: float
    opens_early: float


class RecentMean:
    """Waits from the doctor's recent mean length of a consultation.

    Plays the line forward as it would be called if everybody came in time: the first whose turn may come, else
    whoever came early enough, else the doctor waits.
    """

    def estimate(self, queue: Queue, now: datetime) -> Mapping[EntryId, Wait]:
        """Return a wait for each entry of the line; nobody's starts before it may be called or a delay ends."""
        mean = max(1.0, queue.pace.minutes)
        minutes, variance = self._until_free(queue, mean, now)
        if queue.blocked_until is not None and queue.blocked_until > now:
            minutes = max(minutes, (queue.blocked_until - now).total_seconds() / 60)
        waits: dict[EntryId, Wait] = {}
        turns = [self._turn(queue, entry, now) for entry in queue.line]
        while turns:
            turn = next((t for t in turns if t.opens <= minutes), None) or next(
                (t for t in turns if t.opens_early <= minutes), None
            )
            if turn is None:
                minutes = min(t.opens_early for t in turns)
                continue
            turns.remove(turn)
            waits[turn.entry] = self._wait(minutes, variance, now)
            minutes += mean
            variance += (VARIATION * mean) ** 2
        return waits

    @staticmethod
    def _wait(minutes: float, variance: float, now: datetime) -> Wait:
        p50 = round(minutes)
        return Wait(p50, max(p50, round(minutes + Z90 * sqrt(variance))), now + timedelta(minutes=minutes))

    @staticmethod
    def _turn(queue: Queue, entry_id: EntryId, now: datetime) -> _Turn:
        entry = queue.entries[entry_id]
        if entry.state is EntryState.EXPECTED:
            due = (queue.due(entry) - now).total_seconds() / 60
            return _Turn(entry_id, due, due)
        if queue.is_callable(entry, now):
            return _Turn(entry_id, 0.0, 0.0)
        opens = (entry.window - now).total_seconds() / 60
        return _Turn(entry_id, opens, opens - queue.policy.early_max)

    @staticmethod
    def _until_free(queue: Queue, mean: float, now: datetime) -> tuple[float, float]:
        minutes, variance = 0.0, 0.0
        for entry in queue.entries.values():
            if entry.state is EntryState.IN_CONSULTATION and entry.started_at is not None:
                elapsed = (now - entry.started_at).total_seconds() / 60
                minutes += max(mean - elapsed, REMAINING_AT_LEAST * mean)
                variance += (VARIATION * mean) ** 2 / 2
            elif entry.state is EntryState.CALLED:
                minutes += mean
                variance += (VARIATION * mean) ** 2
        return minutes, variance
