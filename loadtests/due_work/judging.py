"""What was to happen when, held to what has happened: nothing lost, nothing early, nothing twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from loadtests.house import quantile


class Timer(msgspec.Struct, frozen=True, order=True):
    """Something that is to happen at a moment. `subject` names it among those of its kind."""

    kind: str
    subject: str
    due_at: datetime


class Effect(msgspec.Struct, frozen=True):
    """Something that has happened."""

    kind: str
    subject: str
    at: datetime


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of timers."""

    armed: int
    lost: int
    early: int
    twice: int
    strays: int
    """Effects that nobody had armed a timer for."""
    late: tuple[float, ...]
    """Seconds from when each was due to when it first happened."""

    def figures(self) -> dict[str, Any]:
        """Return the counts, and how late all but the latest hundredth were."""
        return {
            "armed": self.armed,
            "lost": self.lost,
            "early": self.early,
            "twice": self.twice,
            "strays": self.strays,
            "lateness_p50_s": round(quantile(self.late, 0.5), 3),
            "lateness_p99_s": round(quantile(self.late, 0.99), 3),
            "lateness_max_s": round(max(self.late, default=0.0), 3),
        }


def judge(timers: Sequence[Timer], effects: Iterable[Effect]) -> Verdict:
    """Return what became of the timers. One that happened twice and early is counted as both."""
    happened: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for effect in effects:
        happened[effect.kind, effect.subject].append(effect.at)
    moments = [(timer, sorted(happened.pop((timer.kind, timer.subject), []))) for timer in timers]
    late = tuple((found[0] - timer.due_at).total_seconds() for timer, found in moments if found)
    return Verdict(
        armed=len(timers),
        lost=sum(not found for _, found in moments),
        early=sum(seconds < 0 for seconds in late),
        twice=sum(len(found) > 1 for _, found in moments),
        strays=sum(map(len, happened.values())),
        late=late,
    )


def by_kind(timers: Sequence[Timer], effects: Sequence[Effect]) -> dict[str, Verdict]:
    """Return what became of each kind of timers."""
    kinds = sorted({timer.kind for timer in timers})
    return {
        kind: judge([timer for timer in timers if timer.kind == kind], [one for one in effects if one.kind == kind])
        for kind in kinds
    }
