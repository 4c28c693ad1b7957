"""Which of those who wait is offered which free time: time by time, each to the first in the list whom it is for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.ids import ClinicId, WaitlistId
from scheduling_core.waitlist import matching
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy, quiet_until
from scheduling_core.waitlist.score import Rank, Standing, ordered, rank, score
from scheduling_core.waitlist.state import Entry


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits and may be sent messages, with what is known of them."""

    entry: Entry
    standing: Standing
    """Without a fit: that is another for each time."""
    zone: ZoneInfo
    """By whose clock it is night for them."""
    position: int | None = None
    """Their place in the list, where staff have given them one."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A time, and who is to have it."""

    freed: Freed
    candidate: Candidate
    is_given: bool
    """It begins so soon that it is booked without asking, as they have agreed to."""


class Allotment(msgspec.Struct, frozen=True, kw_only=True):
    """Who is offered what."""

    choices: tuple[Choice, ...]
    told_at: datetime | None
    """When the first of those may be told who could have had a time, but for the night."""
    is_whole: bool
    """Whether every time was looked at."""

    def with_more(self, other: "Allotment") -> "Allotment":
        """Return both as one, the other being of people further back in the list."""
        told_at = min((at for at in (self.told_at, other.told_at) if at is not None), default=None)
        return Allotment(choices=self.choices + other.choices, told_at=told_at, is_whole=other.is_whole)


Order = Callable[[Standing, WaitlistPolicy, datetime], Rank]
"""What sorts those whom a time is for."""


def by_score(standing: Standing, policy: WaitlistPolicy, now: datetime) -> Rank:
    """Return the place that the clinic's policy gives somebody: the order of the list."""
    return rank(standing, score(standing, policy, now))


def allot(
    times: Iterable[Freed],
    waiting: Sequence[Candidate],
    policies: Mapping[ClinicId, WaitlistPolicy],
    now: datetime,
    *,
    most: int,
    order: Order = by_score,
) -> Allotment:
    """Return who is offered which of the times, at most so many; no patient two, by however many wishes they
    wait, and nothing where there is no policy."""
    # Asked once and not for each time: hundreds of people beside hundreds of times are looked at in one go.
    left, choices = [one for one in waiting if matching.not_now(one.entry, now) is None], list[Choice]()
    known: dict[tuple[WaitlistId, ClinicId, float], Rank] = {}
    told_at: datetime | None = None
    for freed in times:
        policy = policies.get(freed.clinic)
        if policy is None or not freed.modes:
            continue
        if len(choices) == most:
            return Allotment(choices=tuple(choices), told_at=told_at, is_whole=False)
        chosen, quiet = _first(left, freed, policy, now, _places(freed, policy, now, order, known))
        if quiet is not None:
            told_at = min(quiet, told_at or quiet)
        if chosen is None:
            continue
        left = [one for one in left if one.entry.patient != chosen.entry.patient]
        given = matching.is_given(chosen.entry, freed, policy, now)
        choices.append(Choice(freed=freed, candidate=chosen, is_given=given))
    return Allotment(choices=tuple(choices), told_at=told_at, is_whole=True)


def _places(
    freed: Freed,
    policy: WaitlistPolicy,
    now: datetime,
    order: Order,
    known: dict[tuple[WaitlistId, ClinicId, float], Rank],
) -> Callable[[Candidate], Rank]:
    """Return what places people for a time by how well it fits them; reckoned once for all that fit as well."""

    def place(one: Candidate) -> Rank:
        fit = matching.fit(one.entry, freed)
        key = (one.entry.id, freed.clinic, fit)
        found = known.get(key)
        if found is None:
            found = known[key] = order(msgspec.structs.replace(one.standing, fit=fit), policy, now)
        return found

    return place


def _first(
    waiting: Iterable[Candidate],
    freed: Freed,
    policy: WaitlistPolicy,
    now: datetime,
    place: Callable[[Candidate], Rank],
) -> tuple[Candidate | None, datetime | None]:
    """Return who is offered a time: the first in the order of the list, with how well it fits them, whom it is for and
    who may be told now; and when somebody before them may be told."""
    fitting = [one for one in waiting if matching.suits(one.entry, freed, policy, now)]
    quiet: datetime | None = None
    placed = ordered(fitting, key=place, position=lambda one: one.position)
    # What begins soon is for whoever need not be asked, if there is one.
    for one in sorted(placed, key=lambda one: not matching.is_given(one.entry, freed, policy, now)):
        tell_at = quiet_until(policy.quiet_hours, now, one.zone)
        if tell_at <= now:
            return one, quiet
        quiet = min(tell_at, quiet or tell_at)
    return None, quiet
