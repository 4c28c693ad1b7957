"""Another time for patients who lose theirs: the nearest free slot of the same doctor, else of a colleague.

A place is suggested to one patient only, so that what is suggested to all of them can be done for all of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.application.schedules.views import SlotSuggestion
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from queue_server.store.schedules import FreeSlot
from scheduling_core.ids import ClinicId, DoctorId

MOST_COLLEAGUES = 20
MOST_DISPLACED = 500
"""For more than this nobody looks at suggestions one by one."""
SPARE = 8
"""How many slots more than there are patients are looked at on either side of each."""


class Displaced(msgspec.Struct, frozen=True, kw_only=True):
    """A patient whose time is gone."""

    appointment: UUID
    doctor: DoctorId
    clinic: ClinicId
    start: datetime
    mode: str


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
    doctor is `away`. Who was to come first chooses first.
    """
    found: dict[UUID, FreeSlot] = {}
    places = _Places(tx, now, list(gone), away, len(displaced))
    for patient in sorted(displaced, key=lambda d: (d.start, d.appointment))[:MOST_DISPLACED]:
        slot = await places.take(patient)
        if slot is not None:
            found[patient.appointment] = slot
    names = await rows.doctor_names(tx, {slot.doctor for slot in found.values()}) if found else {}
    return {
        appointment: SlotSuggestion(
            slot_id=slot.id, doctor_id=slot.doctor, doctor_name=names.get(slot.doctor, ""), start=slot.start
        )
        for appointment, slot in found.items()
    }


class _Places:
    """What is free, less what was suggested already."""

    def __init__(
        self,
        tx: Transaction,
        now: datetime,
        gone: Sequence[UUID],
        away: tuple[datetime, datetime] | None,
        patients: int,
    ) -> None:
        self._tx = tx
        self._now = now
        self._gone = gone
        self._away = away
        self._each_way = min(patients, 50) + SPARE
        self._taken: dict[UUID, dict[str, int]] = {}
        self._colleagues: dict[tuple[DoctorId, ClinicId], list[DoctorId]] = {}

    async def take(self, patient: Displaced) -> FreeSlot | None:
        """Return the nearest slot for a patient and count it as taken; None when there is none."""
        slot = self._nearest(patient, await self._free([patient.doctor], patient, self._away))
        if slot is None and (colleagues := await self._others(patient)):
            slot = self._nearest(patient, await self._free(colleagues, patient))
        if slot is not None:
            taken = self._taken.setdefault(slot.id, {"in_person": 0, "tele": 0})
            taken[patient.mode] += 1
        return slot

    async def _free(
        self, doctors: Sequence[DoctorId], patient: Displaced, away: tuple[datetime, datetime] | None = None
    ) -> list[FreeSlot]:
        return await rows.free_slots(
            self._tx,
            doctors,
            patient.clinic,
            patient.start,
            since=self._now,
            each_way=self._each_way,
            gone=self._gone,
            away=away,
        )

    async def _others(self, patient: Displaced) -> list[DoctorId]:
        key = (patient.doctor, patient.clinic)
        if key not in self._colleagues:
            self._colleagues[key] = await rows.colleagues(self._tx, *key, limit=MOST_COLLEAGUES)
        return self._colleagues[key]

    def _nearest(self, patient: Displaced, free: Sequence[FreeSlot]) -> FreeSlot | None:
        fitting = [slot for slot in free if self._fits(slot, patient.mode)]
        return min(fitting, key=lambda s: (abs(s.start - patient.start), s.start, s.id), default=None)

    def _fits(self, slot: FreeSlot, mode: str) -> bool:
        taken = self._taken.get(slot.id, {"in_person": 0, "tele": 0})
        of_mode = slot.in_person if mode == "in_person" else slot.tele
        return min(slot.total - sum(taken.values()), of_mode - taken[mode]) > 0
