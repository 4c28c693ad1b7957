"""How much later than its command a phone shows a version, where desk and phone are users of the same process."""

from collections import deque

MOST_VERSIONS = 4_096
"""Commands that are remembered: phones that show them later are not on the same queue any more."""
MOST_AT_ONCE = 64
"""Versions that one update may stand for and still be held against each."""
EARLY_SECONDS = 5.0
"""So much sooner than the desk its acknowledgement may phones have the update; all else was somebody else's command."""

Version = tuple[str, int]
"""A doctor and the version of the doctor's queue."""


class Lateness:
    """Commands and when phones showed them, in whichever order the two become known. Moments are of one clock."""

    def __init__(self) -> None:
        self._given: dict[Version, float] = {}
        self._early: dict[Version, list[float]] = {}
        self._arrivals: deque[tuple[float, Version]] = deque()

    def commanded(self, doctor: str, version: int, given: float) -> list[float]:
        """Note that a command given at that moment made the version; returns how late phones have shown it so far."""
        key = (doctor, version)
        if key in self._given:
            return []
        self._given[key] = given
        if len(self._given) > MOST_VERSIONS:
            del self._given[next(iter(self._given))]
        # What was shown before the command was given is a version of somebody else: the command changed nothing.
        return [shown - given for shown in self._early.pop(key, ()) if shown >= given]

    def shown(self, doctor: str, before: int, version: int, at: float) -> list[float]:
        """Note that a phone went from one version to another; returns how late it is for each command in between."""
        late = []
        for each in range(max(before, version - MOST_AT_ONCE) + 1, version + 1):
            given = self._given.get((doctor, each))
            if given is not None:
                late.append(at - given)
            else:
                self._keep((doctor, each), at)
        return late

    def _keep(self, key: Version, at: float) -> None:
        if key not in self._early:
            self._early[key] = []
            self._arrivals.append((at, key))
            while self._arrivals[0][0] < at - EARLY_SECONDS:
                self._early.pop(self._arrivals.popleft()[1], None)
        self._early[key].append(at)
