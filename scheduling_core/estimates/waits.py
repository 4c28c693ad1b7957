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


class Wait(msgspec.Struct, frozen=True, gc=False):
    """Minutes from now until the consultation starts (p50, p90), and the instant that p50 stands for."""

    p50: int
    p90: int
    start_at: datetime


class WaitEstimator(Protocol):
    """Estimates the waits of everybody in line."""

    def estimate(self, queue: Queue, now: datetime) -> Mapping[EntryId, Wait]:
        """Return a wait for each entry of the line."""
        ...


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
        spread = (VARIATION * mean) ** 2
        entries, opens, opens_early = self._turns(queue, now)
        while entries:
            turn = _first_open(opens, minutes)
            if turn is None:
                turn = _first_open(opens_early, minutes)
            if turn is None:
                minutes = min(opens_early)
                continue
            p50 = round(minutes)
            p90 = max(p50, round(minutes + Z90 * sqrt(variance)))
            waits[entries.pop(turn)] = Wait(p50, p90, now + timedelta(minutes=minutes))
            del opens[turn], opens_early[turn]
            minutes += mean
            variance += spread
        return waits

    @staticmethod
    def _turns(queue: Queue, now: datetime) -> tuple[list[EntryId], list[float], list[float]]:
        """Return everybody in line, and when each may be called, in minutes from now: in their own right, and early
        because nobody else is here."""
        opens, opens_early = [], []
        early = queue.policy.early_max
        for entry_id in queue.line:
            entry = queue.entries[entry_id]
            if entry.state is EntryState.EXPECTED:
                due = (queue.due(entry) - now).total_seconds() / 60
                opens.append(due)
                opens_early.append(due)
            elif queue.is_callable(entry, now):
                opens.append(0.0)
                opens_early.append(0.0)
            else:
                window = (entry.window - now).total_seconds() / 60
                opens.append(window)
                opens_early.append(window - early)
        return list(queue.line), opens, opens_early

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


def _first_open(opens: list[float], minutes: float) -> int | None:
    """Return the place of the first that may be called by then, None when nobody may."""
    for place, opening in enumerate(opens):
        if opening <= minutes:
            return place
    return None
