"""Who waits, what becomes free, and how people answer: made from a seed, the same for every order that is compared."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, PatientId, SlotId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.patients import Tier
from scheduling_core.slots.times import PARTS, part_of_day
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import target

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday; the clocks change within the month."""
ZONE = ZoneInfo("Europe/Madrid")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MONTH = 30 * DAY
BEFORE = 1.6
"""How many targets before the month the first of those have joined who wait when it begins."""
STANDING = 0.3
"""Which part of all entries waits already when the month begins."""
DOCTORS_OF_CLINIC = 8
ENTRIES_OF_DOCTOR = 312
PATIENCE = 0.8
"""After how many targets people give up, on average: they are seen elsewhere, the sooner the more urgent, or better."""
URGENCIES = ((Urgency.URGENT, 0.12), (Urgency.SOON, 0.28), (Urgency.ROUTINE, 0.6))
POLICY = WaitlistPolicy(max_queue_size=20_000, auto_expiry_hours=24 * 90)
"""The default, but for its size, and with time to become overdue: by default whoever is in no hurry leaves the list
after 30 days, before the rule against starving (42 days) could ever do anything for them."""


class Answer(StrEnum):
    """What somebody does with an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    SILENCE = "silence"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who joins the list."""

    id: WaitlistId
    patient: PatientId
    clinic: ClinicId
    doctor: DoctorId | None
    wish: ev.Wish
    tier: Tier
    is_chronic: bool
    joins_at: datetime
    gives_up_at: datetime


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A time that becomes free."""

    freed: Freed
    at: datetime


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What happens whatever the order of the list is."""

    people: tuple[Person, ...]
    openings: tuple[Opening, ...]
    clinics: dict[DoctorId, ClinicId]
    seed: int

    def answer(self, person: WaitlistId, offer: int, notice: timedelta) -> tuple[Answer, timedelta]:
        """Return what somebody says to their `offer`-th offer of a time that is `notice` ahead, and after how long.

        The same person says the same to the same offer in every run: common random numbers.
        """
        chance = Random(f"{self.seed}:{person.int}:{offer}")
        luck, lag = chance.random(), timedelta(minutes=max(0.2, chance.lognormvariate(1.8, 1.1)))
        accepts = 0.4 if notice < DAY else 0.58
        if luck < accepts:
            return Answer.ACCEPT, lag
        return (Answer.DECLINE if luck < accepts + 0.22 else Answer.SILENCE), lag


def month(*, entries: int, openings: int, seed: int) -> Month:
    """Return a month of so many entries and freed times, over as many doctors as have lists of usual size."""
    chance = Random(seed)
    count = max(2, entries // ENTRIES_OF_DOCTOR)
    doctors = [DoctorId(UUID(int=10_000_000 + number)) for number in range(count)]
    clinics = {
        doctor: ClinicId(UUID(int=20_000_000 + number // DOCTORS_OF_CLINIC)) for number, doctor in enumerate(doctors)
    }
    return Month(
        people=tuple(_person(number, entries, clinics, chance) for number in range(entries)),
        openings=tuple(
            sorted((_opening(number, clinics, chance) for number in range(openings)), key=lambda one: one.at)
        ),
        clinics=clinics,
        seed=seed,
    )


def _person(number: int, entries: int, clinics: dict[DoctorId, ClinicId], chance: Random) -> Person:
    stands = number < entries * STANDING
    urgency = chance.choices([one for one, _ in URGENCIES], [share for _, share in URGENCIES])[0]
    aim = target(urgency, POLICY.target_days)
    joins_at = FIRST - BEFORE * aim * chance.random() if stands else FIRST + MONTH * chance.random()
    # Whoever waits when the month begins has not given up yet.
    patience = PATIENCE * aim * chance.expovariate(1)
    doctor = chance.choice(list(clinics))
    return Person(
        id=WaitlistId(UUID(int=number + 1)),
        patient=PatientId(UUID(int=30_000_000 + number)),
        clinic=clinics[doctor],
        doctor=doctor if chance.random() < 0.7 else None,
        wish=_wish(urgency, joins_at, chance),
        tier=chance.choices(tuple(Tier), (0.8, 0.14, 0.06))[0],
        is_chronic=chance.random() < 0.25,
        joins_at=joins_at,
        gives_up_at=max(joins_at, FIRST) + patience,
    )


def _wish(urgency: Urgency, joins_at: datetime, chance: Random) -> ev.Wish:
    window = ev.Window()
    if chance.random() < 0.35:
        window = ev.Window(parts_of_day=tuple(sorted(chance.sample(PARTS[:2], 1))))
    if chance.random() < 0.15:
        end = max(joins_at, FIRST) + timedelta(days=chance.uniform(5, 30))
        window = ev.Window(end=end, parts_of_day=window.parts_of_day)
    return ev.Wish(
        window=window,
        urgency=urgency,
        short_notice=chance.random() < 0.15,
    )


def _opening(number: int, clinics: dict[DoctorId, ClinicId], chance: Random) -> Opening:
    """A place that somebody gives back: mostly by day, and now and then too late for anybody."""
    at = FIRST + chance.randrange(30) * DAY
    at += (chance.uniform(7, 20) if chance.random() < 0.85 else chance.uniform(0, 24)) * HOUR
    ahead = chance.choices((chance.uniform(1, 8) / 24, chance.uniform(0.4, 3), chance.uniform(3, 10)), (25, 45, 30))[0]
    doctor = chance.choice(list(clinics))
    start = _in_hours(at + ahead * DAY, chance)
    freed = Freed(
        slot=SlotId(UUID(int=40_000_000 + number)),
        clinic=clinics[doctor],
        doctor=doctor,
        start=start,
        part_of_day=PARTS[part_of_day(start.astimezone(ZONE))],
        modes=frozenset({Mode.IN_PERSON}),
    )
    return Opening(freed=freed, at=min(at, start - HOUR))


def _in_hours(moment: datetime, chance: Random) -> datetime:
    """Return a moment at which doctors sit: between eight and six of that day or the next one."""
    local = moment.astimezone(ZONE)
    if not 8 <= local.hour < 18:
        local = (local + (DAY if local.hour >= 18 else timedelta())).replace(hour=chance.randrange(8, 17))
    return local.replace(minute=chance.choice((0, 20, 40)), second=0, microsecond=0).astimezone(UTC)


def by_id(people: Sequence[Person]) -> dict[WaitlistId, Person]:
    """Return people by their entries."""
    return {person.id: person for person in people}
