"""A month of the waitlist, event by event: the production rules decide, people answer, times pass."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from heapq import heappop, heappush, nsmallest
from uuid import UUID

import msgspec

from loadtests.waitlist_month.people import FIRST, MONTH, POLICY, ZONE, Answer, Month, Opening, Person, by_id
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, InviteId, SlotId, WaitlistId
from scheduling_core.waitlist import decide, matching
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.choice import Candidate, Choice, Order, allot, by_score
from scheduling_core.waitlist.policy import quiet_until
from scheduling_core.waitlist.score import Standing, overdue_at, target
from scheduling_core.waitlist.state import WAITLIST, Entry, WaitlistStatus

MOST_CANDIDATES, MOST_OFFERS = 500, 50
"""As many as a run of the worker looks at, and offers."""


class What(IntEnum):
    """What happens at a moment; of things at the same one the first come first."""

    JOINS = 0
    FREED = 1
    ANSWERS = 2
    DUE = 3
    GIVES_UP = 4
    LOOK = 5
    """The list is looked at again: somebody may be told now."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A freed time that somebody has got."""

    person: WaitlistId
    after: timedelta
    waited: float
    """In units of the target."""


class Outcome(msgspec.Struct, kw_only=True):
    """What the month came to."""

    openings: int
    filled: list[Filled] = msgspec.field(default_factory=list)
    offers: int = 0
    given: int = 0
    """Booked without asking."""
    answers: dict[Answer, int] = msgspec.field(default_factory=lambda: dict.fromkeys(Answer, 0))
    waits: dict[WaitlistId, float] = msgspec.field(default_factory=dict)
    """How long everybody has waited when the month was over or they were out of the list, in units of their target."""
    ends: dict[WaitlistStatus, int] = msgspec.field(default_factory=lambda: defaultdict(int))
    passed_over: dict[WaitlistId, int] = msgspec.field(default_factory=lambda: defaultdict(int))
    """How often somebody who was overdue saw a time that was for them go to somebody who was not, by whom."""
    promoted: set[WaitlistId] = msgspec.field(default_factory=set)
    double: int = 0
    """Times that two have got, people who had two offers at once or two times: there is no such thing."""

    @property
    def starved(self) -> int:
        """How many were passed over so and had got nothing when they left, or when the month was over."""
        return len(self.passed_over.keys() - self.promoted)


class Simulation:
    """One month under one order."""

    def __init__(
        self, month: Month, order: Order = by_score, *, advance: Callable[[int], None] = lambda _: None
    ) -> None:
        self._month = month
        self._order = order
        self._advance = advance
        self._people = by_id(month.people)
        self._entries: dict[WaitlistId, Entry] = {}
        self._candidates: dict[WaitlistId, Candidate] = {}
        self._of_doctor: dict[DoctorId, set[WaitlistId]] = defaultdict(set)
        self._of_anybody: dict[ClinicId, set[WaitlistId]] = defaultdict(set)
        self._free: dict[DoctorId, dict[SlotId, Opening]] = defaultdict(dict)
        self._held: dict[SlotId, Opening] = {}
        self._says: dict[WaitlistId, Answer] = {}
        self._agenda: list[tuple[datetime, int, int, UUID]] = []
        self._sequence = 0
        self._invites = 0
        self.outcome = Outcome(openings=len(month.openings))

    def run(self) -> Outcome:
        """Let the month happen, and the days after it until every time is taken or over; returns what it came to."""
        openings = {opening.freed.slot: opening for opening in self._month.openings}
        for person in self._month.people:
            self._at(person.joins_at, What.JOINS, person.id)
        for opening in openings.values():
            self._at(opening.at, What.FREED, opening.freed.slot)
        happens: dict[int, Callable[[UUID, datetime], None]] = {
            What.JOINS: lambda id, now: self._joins(self._people[WaitlistId(id)], now),
            What.FREED: lambda id, now: self._freed(openings[SlotId(id)], now),
            What.ANSWERS: lambda id, now: self._answers(WaitlistId(id), now),
            What.DUE: lambda id, now: self._due(WaitlistId(id), now),
            What.GIVES_UP: lambda id, now: self._gives_up(WaitlistId(id), now),
            What.LOOK: lambda id, now: self._look(DoctorId(id), now),
        }
        is_over = False
        while self._agenda:
            now, what, _, subject = heappop(self._agenda)
            if not is_over and now >= FIRST + MONTH:
                is_over = True
                self._close(FIRST + MONTH)
            if is_over and not any(self._free.values()) and not self._held:
                break
            happens[what](subject, now)
        if not is_over:
            self._close(FIRST + MONTH)
        return self.outcome

    # ---- what happens ----------------------------------------------------------------------------------------------

    def _at(self, moment: datetime, what: What, subject: UUID) -> None:
        self._sequence += 1
        heappush(self._agenda, (moment, what, self._sequence, subject))

    def _joins(self, person: Person, now: datetime) -> None:
        self._happen(
            person.id,
            decide.join(person.id, person.clinic, person.doctor, person.patient, person.wish, POLICY, now),
            now,
        )
        self._places(person).add(person.id)
        self._at(person.gives_up_at, What.GIVES_UP, person.id)
        self._at(self._entries[person.id].expires_at, What.GIVES_UP, person.id)

    def _freed(self, opening: Opening, now: datetime) -> None:
        self._free[opening.freed.doctor][opening.freed.slot] = opening
        self._advance(1)
        self._look(opening.freed.doctor, now)

    def _look(self, doctor: DoctorId, now: datetime) -> None:
        """What the worker does whenever a place of a doctor is free."""
        free = self._free[doctor]
        for slot in [slot for slot, opening in free.items() if opening.freed.start <= now]:
            del free[slot]
        times = sorted((opening.freed for opening in free.values()), key=lambda freed: freed.start)
        if not times:
            return
        waiting = list(self._waiting(doctor))
        if len(waiting) > MOST_CANDIDATES:
            waiting = nsmallest(MOST_CANDIDATES, waiting, key=lambda one: self._order(one.standing, POLICY, now))
        policies = {self._month.clinics[doctor]: POLICY}
        found = allot(times, waiting, policies, now, most=MOST_OFFERS, order=self._order)
        offered: set[WaitlistId] = set()
        for choice in found.choices:
            self._note_passed_over(choice, waiting, offered, now)
            offered.add(choice.candidate.entry.id)
            self._offer(choice, now)
        if found.told_at is not None:
            self._at(found.told_at, What.LOOK, doctor)

    def _offer(self, choice: Choice, now: datetime) -> None:
        freed, person = choice.freed, self._people[choice.candidate.entry.id]
        opening = self._free[freed.doctor].pop(freed.slot)
        if choice.is_given:
            self.outcome.given += 1
            self._promote(person, opening, None, now)
            return
        self._due(person.id, now, looks=False)  # an earlier offer may end at this very moment
        self.outcome.offers += 1
        self._invites += 1
        entry = self._entries[person.id]
        self.outcome.double += entry.invite is not None or freed.slot in self._held
        until = matching.respond_by(freed, POLICY, now)
        mode = matching.mode_for(entry, freed)
        assert mode is not None, "it fits"
        invite, hold = InviteId(UUID(int=self._invites)), HoldId(UUID(int=self._invites))
        self._happen(person.id, decide.invite(entry, invite, hold, freed, mode, until, by_hand=False), now)
        self._held[freed.slot] = opening
        said, lag = self._month.answer(person.id, self._entries[person.id].invited, freed.start - now)
        self._says[person.id] = said
        if said is Answer.SILENCE or now + lag >= until:
            self._at(until, What.DUE, person.id)
        else:
            self._at(now + lag, What.ANSWERS, person.id)

    def _answers(self, id: WaitlistId, now: datetime) -> None:
        entry, person = self._entries[id], self._people[id]
        if entry.invite is None:
            return
        invite = decide.answerable(entry, entry.invite.id, now)
        opening = self._held.pop(invite.slot)
        said = self._says[id]
        self.outcome.answers[said] += 1
        if said is Answer.ACCEPT:
            self._promote(person, opening, invite.id, now)
            return
        self._happen(id, decide.decline(entry, invite.id, now), now)
        self._freed_again(opening, now)

    def _due(self, id: WaitlistId, now: datetime, *, looks: bool = True) -> None:
        entry = self._entries[id]
        if not (ended := decide.unanswered(entry, now)):
            return
        assert entry.invite is not None, "it has just ended"
        opening = self._held.pop(entry.invite.slot)
        self.outcome.answers[Answer.SILENCE] += 1
        self._happen(id, ended, now)
        if looks:
            self._freed_again(opening, now)
        else:
            self._free[opening.freed.doctor][opening.freed.slot] = opening
            self._at(now, What.LOOK, opening.freed.doctor)

    def _gives_up(self, id: WaitlistId, now: datetime) -> None:
        """Somebody waits no longer, by themselves or because their time in the list is over."""
        entry = self._entries[id]
        if not entry.is_waiting:
            return
        ended = decide.expire(entry, now) if now >= entry.expires_at else decide.cancel(entry)
        if not ended:
            assert entry.invite is not None, "only an offer keeps somebody in the list"
            self._at(entry.invite.respond_by, What.GIVES_UP, id)
            return
        opening = self._held.pop(entry.invite.slot) if entry.invite is not None else None
        self._happen(id, ended, now)
        if opening is not None:
            self._freed_again(opening, now)

    def _promote(self, person: Person, opening: Opening, invite: InviteId | None, now: datetime) -> None:
        self.outcome.double += person.id in self.outcome.promoted
        appointment = EntryId(opening.freed.slot)
        self._happen(person.id, decide.promote(self._entries[person.id], appointment, invite), now)
        self.outcome.promoted.add(person.id)
        self.outcome.filled.append(Filled(person=person.id, after=now - opening.at, waited=self._waited(person, now)))

    def _freed_again(self, opening: Opening, now: datetime) -> None:
        self._free[opening.freed.doctor][opening.freed.slot] = opening
        self._look(opening.freed.doctor, now)

    # ---- the list --------------------------------------------------------------------------------------------------

    def _happen(self, id: WaitlistId, events: list[ev.WaitlistEvent], now: datetime) -> None:
        entry = self._entries.get(id)
        for event in events:
            entry = WAITLIST.fold(entry, event, now)
        assert entry is not None
        self._entries[id] = entry
        person = self._people[id]
        if entry.is_waiting:
            self._candidates[id] = Candidate(entry=entry, standing=_standing(person, entry), zone=ZONE)
            return
        self._places(person).discard(id)
        self._candidates.pop(id, None)
        if now < FIRST + MONTH:
            self.outcome.ends[entry.status] += 1
            self.outcome.waits[id] = self._waited(person, now)

    def _places(self, person: Person) -> set[WaitlistId]:
        return self._of_doctor[person.doctor] if person.doctor is not None else self._of_anybody[person.clinic]

    def _waiting(self, doctor: DoctorId) -> Iterator[Candidate]:
        # In an order of their own: sets have none that is the same in every process.
        ids = self._of_doctor[doctor] | self._of_anybody[self._month.clinics[doctor]]
        return (self._candidates[id] for id in sorted(ids))

    def _waited(self, person: Person, now: datetime) -> float:
        return (now - person.joins_at) / target(person.wish.urgency, POLICY.target_days)

    def _close(self, now: datetime) -> None:
        """Note how long everybody has waited who still does when the month is over."""
        for id in self._candidates:
            self.outcome.waits[id] = self._waited(self._people[id], now)
            self.outcome.ends[WaitlistStatus.ACTIVE] += 1

    def _note_passed_over(
        self, choice: Choice, waiting: list[Candidate], offered: set[WaitlistId], now: datetime
    ) -> None:
        """Count against the order whoever is overdue and could have had a time that somebody gets who is not."""
        if choice.is_given or _is_overdue(choice.candidate.standing, now):
            return
        for one in waiting:
            if (
                _is_overdue(one.standing, now)
                and one.entry.id not in offered
                and matching.unfit(one.entry, choice.freed, POLICY, now) is None
                and quiet_until(POLICY.quiet_hours, now, one.zone) <= now
            ):
                self.outcome.passed_over[one.entry.id] += 1


def _standing(person: Person, entry: Entry) -> Standing:
    return Standing(
        joined_at=entry.joined_at, urgency=person.wish.urgency, is_chronic=person.is_chronic, tier=person.tier
    )


def _is_overdue(standing: Standing, now: datetime) -> bool:
    return overdue_at(standing, POLICY.target_days) < now
