"""Another time for patients who lose theirs: the nearest free slot of the same doctor, else of a colleague.

A place is suggested to one patient only, so that what is suggested to all of them can be done for all of them. However
many they are, the same number of queries is asked: for the doctors' own slots, for colleagues, for theirs, for names.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.application.schedules.views import SlotSuggestion
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from queue_server.store.schedules import FreeSlot, Wish
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.live_queue.state import Mode

MOST_COLLEAGUES = 20
MOST_DISPLACED = 500
"""For more than this nobody looks at suggestions one by one."""
MOST_EACH_WAY = 50
SPARE = 8
"""How many slots more than there are patients are looked at on either side of each."""

Place = tuple[DoctorId, ClinicId]


class Displaced(msgspec.Struct, frozen=True, kw_only=True):
    """A patient whose time is gone."""

    appointment: UUID
    doctor: DoctorId
    clinic: ClinicId
    start: datetime
    mode: str

    @property
    def place(self) -> Place:
        """Whom the patient was to see, and where."""
        return self.doctor, self.clinic


async def suggest(
    tx: Transaction,
    displaced: Sequence[Displaced],
    *,
    now: datetime,
    gone: Collection[UUID] = (),
    away: tuple[datetime, datetime] | None = None,
) -> dict[UUID, SlotSuggestion]:
    """Return another slot for each appointment that there is one for, at the same clinic and in the same mode.

    `gone` are slots that must not be suggested, because they are about to go; nor is one of the same doctor while that
    doctor is `away`. Who was to come first chooses first; a colleague's slots come after those patients have chosen
    who were to see that colleague.
    """
    waiting = sorted(displaced, key=lambda d: (d.start, d.appointment))[:MOST_DISPLACED]
    places = _Places()
    wishes = _wishes(waiting, lambda place: [place[0]])
    places.offer(await rows.free_slots(tx, wishes, since=now, gone=list(gone), away=away))
    found = {one.appointment: slot for one in waiting if (slot := places.take(one, [one.doctor])) is not None}
    if unmet := [one for one in waiting if one.appointment not in found]:
        others = await rows.colleagues(tx, sorted({one.place for one in unmet}), limit=MOST_COLLEAGUES)
        wishes = _wishes(unmet, others.__getitem__)
        places.offer(await rows.free_slots(tx, wishes, since=now, gone=list(gone)) if wishes else ())
        for one in unmet:
            if (slot := places.take(one, others[one.place])) is not None:
                found[one.appointment] = slot
    names = await rows.doctor_names(tx, {slot.doctor for slot in found.values()}) if found else {}
    return {
        appointment: SlotSuggestion(
            slot_id=slot.id, doctor_id=slot.doctor, doctor_name=names.get(slot.doctor, ""), start=slot.start
        )
        for appointment, slot in found.items()
    }


def _wishes(patients: Sequence[Displaced], doctors_for: Callable[[Place], Sequence[DoctorId]]) -> list[Wish]:
    """Return what is looked for: near each patient's time as many slots as there are patients at the same place, from
    the doctors who may see them together."""
    at_place: dict[Place, int] = {}
    for one in patients:
        at_place[one.place] = at_place.get(one.place, 0) + 1
    asked = {(one.place, one.start, one.mode == Mode.TELE) for one in patients}
    wishes = []
    for place, near, tele in sorted(asked):
        doctors = doctors_for(place)
        for doctor in doctors:
            each_way = -(-min(at_place[place], MOST_EACH_WAY) // len(doctors)) + SPARE
            wishes.append(Wish(doctor=doctor, clinic=place[1], near=near, tele=tele, each_way=each_way))
    return wishes


class _Places:
    """What is free, less what was suggested already."""

    def __init__(self) -> None:
        self._free: dict[Place, dict[UUID, FreeSlot]] = {}
        self._taken: dict[UUID, dict[str, int]] = {}

    def offer(self, slots: Iterable[FreeSlot]) -> None:
        """Take slots into account, those of patients' own doctors before colleagues'."""
        for slot in slots:
            self._free.setdefault((slot.doctor, slot.clinic), {}).setdefault(slot.id, slot)

    def take(self, patient: Displaced, doctors: Sequence[DoctorId]) -> FreeSlot | None:
        """Return the nearest slot of these doctors for a patient and count it as taken; None when there is none."""
        known: list[Mapping[UUID, FreeSlot]] = [self._free.get((doctor, patient.clinic), {}) for doctor in doctors]
        fitting = (slot for slots in known for slot in slots.values() if self._fits(slot, patient.mode))
        nearest = min(fitting, key=lambda s: (abs(s.start - patient.start), s.start, s.id), default=None)
        if nearest is not None:
            taken = self._taken.setdefault(nearest.id, {"in_person": 0, "tele": 0})
            taken[patient.mode] += 1
        return nearest

    def _fits(self, slot: FreeSlot, mode: str) -> bool:
        taken = self._taken.get(slot.id, {"in_person": 0, "tele": 0})
        of_mode = slot.in_person if mode == "in_person" else slot.tele
        return min(slot.total - sum(taken.values()), of_mode - taken[mode]) > 0
