"""What is told of changed slots: each as it is now, or between which dates to look again. Only what is public."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import UNSET

from queue_server.application.slots.news import DoctorNews, SlotNews, SlotNewsKind
from queue_server.application.slots.shown import NONE_LEFT, remaining, status
from queue_server.application.slots.views import SlotChangeView, SlotRangeView, SlotStateView, SlotStatus
from queue_server.store import slot_changes as store
from queue_server.store.db import Row, Transaction
from scheduling_core.ids import DoctorId, SlotId

MOST_SLOTS = 20
"""Of a doctor, told one by one in one go; of more, the dates between which they lie."""
MOST_READ = 400
"""Slots looked at in one go; beyond, nobody looks which days they are of."""
FARTHEST = timedelta(days=181)
"""As far ahead as any tenant has slots."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A message, and for whom: whoever watches this doctor (None: any doctor), on dates from `first` to `last`."""

    event: SlotNewsKind
    doctor: DoctorId | None
    first: date
    last: date
    view: SlotStateView | SlotRangeView


class Gathered:
    """What is known to have happened to one doctor's slots; of each slot, the last."""

    __slots__ = ("between", "slots")

    def __init__(self) -> None:
        self.slots: dict[SlotId, SlotNews] = {}
        self.between: tuple[date, date] | None = None

    def add(self, news: DoctorNews) -> None:
        """Take news that are newer than what is there."""
        for one in news.slots:
            self.slots[one.slot] = one
        self.stretch(news.between)

    def stretch(self, between: tuple[date, date] | None) -> None:
        """Let anything between these dates have changed, too."""
        if between is not None:
            known = self.between or between
            self.between = min(between[0], known[0]), max(between[1], known[1])

    def before(self, older: "Gathered") -> None:
        """Take what is older than what is there."""
        self.slots = {**older.slots, **self.slots}
        self.stretch(older.between)


async def messages(tx: Transaction, gathered: Mapping[DoctorId, Gathered]) -> list[Told]:
    """Return what to tell of all that happened in a tenant, each slot read once, as it is now."""
    asked = [slot for doctor in gathered.values() for slot in doctor.slots]
    is_too_much = len(asked) > MOST_READ
    rows: dict[DoctorId, list[Row]] = {}
    for row in () if is_too_much else await store.slots_now(tx, asked):
        rows.setdefault(DoctorId(row["doctor_id"]), []).append(row)
    ranges: dict[DoctorId, tuple[date, date]] = {}
    found: list[Told] = []
    for doctor, known in gathered.items():
        mine = rows.get(doctor, [])
        if len(mine) > MOST_SLOTS:
            days = [row["date"] for row in mine]
            known.stretch((min(days), max(days)))
        elif is_too_much and known.slots:
            known.stretch(_everything())
        else:
            found += [_of_slot(row, known.slots[SlotId(row["slot_id"])]) for row in mine if row["public"]]
        if known.between is not None:
            ranges[doctor] = known.between
    public = await store.public_doctors(tx, ranges)
    return found + [_of_range(doctor, between) for doctor, between in ranges.items() if doctor in public]


def look_again(doctor: DoctorId | None, first: date | None = None, last: date | None = None) -> Told:
    """Return the message that says that anything between two dates may have changed; anything at all without them."""
    everything = _everything()
    return _of_range(doctor, (first or everything[0], last or everything[1]))


def state_of(row: Row, expires_at: datetime | None = None) -> SlotStateView:
    """Return how a slot is now for the public: one that begins within the lead time is past."""
    now: datetime = row["now"]
    is_late = row["start"] <= now + timedelta(minutes=row["lead_minutes"])
    held_until = row["held_until"] if row["held"] and row["held_until"] > now else None
    return SlotStateView(
        slot_id=row["slot_id"],
        doctor_id=row["doctor_id"],
        clinic_id=row["clinic_id"],
        start=row["start"],
        date=row["date"].isoformat(),
        status=SlotStatus.PAST if is_late else status(row, now),
        remaining=NONE_LEFT if is_late else remaining(row, now),
        version=row["version"],
        expires_at=expires_at or held_until or UNSET,
    )


def changes_of(rows: Iterable[Row], news: Mapping[SlotId, SlotNews]) -> list[SlotChangeView]:
    """Return what happened to public slots, each as it is now."""
    found = []
    for row in rows:
        if row["public"]:
            one = news[SlotId(row["slot_id"])]
            state = msgspec.structs.asdict(state_of(row, one.expires_at))
            found.append(SlotChangeView(**state, event=one.kind.value))
    return found


def _everything() -> tuple[date, date]:
    today = datetime.now(UTC).date()
    return today - timedelta(days=1), today + FARTHEST


def _of_slot(row: Row, news: SlotNews) -> Told:
    doctor = DoctorId(row["doctor_id"])
    return Told(news.kind, doctor, row["date"], row["date"], state_of(row, news.expires_at))


def _of_range(doctor: DoctorId | None, between: tuple[date, date]) -> Told:
    # What "everything" is, is nobody's business to say with the year 1.
    earliest, latest = _everything()
    first, last = max(between[0], earliest), min(between[1], latest)
    view = SlotRangeView(doctor_id=doctor, from_=first.isoformat(), to=last.isoformat())
    return Told(SlotNewsKind.CHANGED, doctor, first, last, view)
