"""Reading the waitlist: staff the whole list in its order, patients what is theirs."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.booking.patients import is_in_reach
from queue_server.application.paging import Page, after_instant, checked_limit, cursor_of_instant, part
from queue_server.application.patients.registry import reached as reached_patient
from queue_server.application.views.accounts import PersonView
from queue_server.application.waitlist.model import WAITLIST_MODEL
from queue_server.application.waitlist.ranking import lines
from queue_server.application.waitlist.reach import reached
from queue_server.application.waitlist.views import (
    AuditView,
    OwnEntryView,
    StaffEntryView,
    own_view,
    staff_view,
)
from queue_server.store import clinics, event_store, schedules
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Transaction
from queue_server.store.waitlist import Ranked
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.ids import AccountId, ClinicId, DoctorId, PatientId, WaitlistId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, Role
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import WAITING, WaitlistStatus


class WaitlistFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a list shows."""

    clinic: ClinicId | None = None
    doctor: DoctorId | None = None
    statuses: tuple[WaitlistStatus, ...] = ()
    """None named: who waits."""


class WaitlistReading:
    """Shows who waits."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(
        self, actor: Actor, wanted: WaitlistFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StaffEntryView]:
        """Return a page of who waits, clinic by clinic in the order of their lists; or of who does not any more, the
        latest first. Raises `InvalidValue` where both are asked for, `NotFound` for a clinic out of reach."""
        actor.require(Permission.READ_WAITLIST)
        size = checked_limit(limit)
        async with self._db.tenant(actor.tenant) as tx:
            wanted = await _within_reach(tx, actor, wanted)
            asked = frozenset(wanted.statuses) or WAITING
            if asked <= WAITING:
                return await self._waiting(tx, actor, wanted, asked, cursor, size)
            if asked & WAITING:
                raise InvalidValue("Ask either for who waits or for who does not any more.", field="status")
            return await self._ended(tx, actor, wanted, cursor, size)

    async def followed(self, actor: Actor, wanted: Sequence[UUID]) -> list[ClinicId]:
        """Return the clinics whose lists somebody may follow, each once; raises `NotFound` when one of them is out of
        reach, for doctors also where they do not work, `Forbidden` for who sees no waitlists."""
        actor.require(Permission.READ_WAITLIST)
        clinics_named = list(dict.fromkeys(ClinicId(one) for one in wanted))
        async with self._db.tenant(actor.tenant) as tx:
            for clinic in clinics_named:
                await _within_reach(tx, actor, WaitlistFilter(clinic=clinic))
            if actor.role in OWN_DOCTOR_ONLY and not set(clinics_named) <= set(await _clinics(tx, actor)):
                raise NotFound("There is no such clinic.", field="clinicIds")
        return clinics_named

    async def get(self, actor: Actor, entry: UUID) -> OwnEntryView:
        """Return an entry: to staff with what was done with it; raises `NotFound` for one out of reach."""
        async with self._db.tenant(actor.tenant) as tx:
            row = await reached(tx, actor, WaitlistId(entry), Permission.READ_WAITLIST)
            policy = (await store.policy(tx, row["clinic_id"])).policy
            places = await _places(tx, {row["clinic_id"]: policy})
            place = places.get(row["waitlist_id"])
            if actor.role is Role.PATIENT:
                return own_view(actor.tenant, row, policy, place)
            return staff_view(actor.tenant, row, policy, place, await _audit(tx, WaitlistId(entry)))

    async def of_patient(self, actor: Actor, patient: UUID) -> list[OwnEntryView]:
        """Return what a patient waits for, and what came of it within the year, the newest first: to staff at their
        clinics.

        Raises `NotFound` for a patient who is neither the actor nor in their care or reach.
        """
        async with self._db.tenant(actor.tenant) as tx:
            if actor.role is Role.PATIENT:
                if not await is_in_reach(tx, actor, patient):
                    raise NotFound("There is no such patient.")
            else:
                actor.require(Permission.READ_PATIENTS)
                await reached_patient(tx, actor, patient)
            rows = await store.entries(tx, await store.of_patients(tx, [PatientId(patient)]))
            # Who knows a patient by a visit sees nothing of what they wait for at other clinics.
            rows = [row for row in rows if not actor.clinics or row["clinic_id"] in actor.clinics]
            policies = await store.policies(tx, sorted({row["clinic_id"] for row in rows}))
            waiting = {row["clinic_id"] for row in rows if row["ended_at"] is None}
            places = await _places(tx, {clinic: policies[clinic] for clinic in sorted(waiting)})
            return [
                own_view(actor.tenant, row, policies[row["clinic_id"]], places.get(row["waitlist_id"])) for row in rows
            ]

    async def _waiting(
        self,
        tx: Transaction,
        actor: Actor,
        wanted: WaitlistFilter,
        asked: frozenset[WaitlistStatus],
        cursor: str | None,
        size: int,
    ) -> Page[StaffEntryView]:
        named = [wanted.clinic] if wanted.clinic is not None else await _clinics(tx, actor)
        policies = await store.policies(tx, named)
        now = await store.clock(tx)
        shown: list[tuple[int, Ranked]] = []
        for line in (await lines(tx, policies, now)).values():
            for place, one in enumerate(line, start=1):
                is_for = wanted.doctor is None or one.doctor in (None, wanted.doctor)
                if is_for and WaitlistStatus(one.status) in asked:
                    shown.append((place, one))
        # In the order of the lists: a page begins where the last one ended, whoever has left meanwhile.
        order = {one.id: f"{number:07}" for number, (_, one) in enumerate(shown)}
        page = part(shown, lambda placed: (order[placed[1].id], placed[1].id), limit=size, cursor=cursor)
        rows = {row["waitlist_id"]: row for row in await store.entries(tx, [one.id for _, one in page.items])}
        views = [
            staff_view(actor.tenant, rows[one.id], policies[one.clinic], place)
            for place, one in page.items
            if one.id in rows
        ]
        return Page(views, page.next_cursor)

    async def _ended(
        self, tx: Transaction, actor: Actor, wanted: WaitlistFilter, cursor: str | None, size: int
    ) -> Page[StaffEntryView]:
        found = await store.ended(
            tx,
            clinics=[wanted.clinic] if wanted.clinic is not None else actor.clinics,
            doctor=wanted.doctor,
            statuses=[status.value for status in wanted.statuses],
            after=after_instant(cursor),
            limit=size + 1,
        )
        rows = await store.entries(tx, [id for _, id in found[:size]])
        policies = await store.policies(tx, sorted({row["clinic_id"] for row in rows}))
        views = [staff_view(actor.tenant, row, policies[row["clinic_id"]], None) for row in rows]
        return Page(views, cursor_of_instant(*found[size - 1]) if len(found) > size else None)


async def _within_reach(tx: Transaction, actor: Actor, wanted: WaitlistFilter) -> WaitlistFilter:
    """Return what may be shown of what is wanted: doctors see who waits for them."""
    if wanted.clinic is not None:
        outside = bool(actor.clinics) and wanted.clinic not in actor.clinics
        if outside or await clinics.clinic(tx, wanted.clinic) is None:
            raise NotFound("There is no such clinic.", field="clinicId")
    if actor.role not in OWN_DOCTOR_ONLY:
        return wanted
    if actor.doctor is None or wanted.doctor not in (None, actor.doctor):
        raise Forbidden("A doctor sees only who waits for them.")
    return msgspec.structs.replace(wanted, doctor=actor.doctor)


async def _clinics(tx: Transaction, actor: Actor) -> Sequence[ClinicId]:
    if actor.role in OWN_DOCTOR_ONLY and actor.doctor is not None:
        place = await schedules.doctor_place(tx, actor.doctor)
        return place.clinics if place is not None else ()
    return actor.clinics or [one.id for one in await clinics.page(tx, after=None, limit=10_000, within=())]


async def _places(tx: Transaction, policies: dict[ClinicId, WaitlistPolicy]) -> dict[UUID, int]:
    """Return the place of everybody who waits at these clinics, each in their clinic's list."""
    found = await lines(tx, policies, await store.clock(tx))
    return {one.id: place for line in found.values() for place, one in enumerate(line, start=1)}


async def _audit(tx: Transaction, entry: WaitlistId) -> list[AuditView]:
    rows = await event_store.all_events(tx, WAITLIST_MODEL.stream(tx.tenant, entry))
    actors = {AccountId(row["actor_id"]) for row in rows if row["actor_id"] is not None}
    names = await schedules.account_names(tx, actors)
    events = [WAITLIST_MODEL.aggregate.decode_event(row["type"], row["schema_version"], row["data"]) for row in rows]
    texts = await event_store.free_texts(tx, [text for event in events if (text := _words(event)) is not None])
    return [
        AuditView(
            action=row["type"],
            created_by=PersonView(id=row["actor_id"], name=names.get(row["actor_id"], ""))
            if row["actor_id"] is not None
            else None,
            notes=texts.get(_words(event) or UUID(int=0), ""),
            timestamp=row["occurred_at"],
        )
        for row, event in zip(rows, events, strict=True)
    ]


def _words(event: object) -> UUID | None:
    """Which text an event came with: the reason of what was done, or what was noted."""
    for of in (event, getattr(event, "override", None), getattr(event, "wish", None)):
        for name in ("reason", "notes"):
            if isinstance(text := getattr(of, name, None), UUID):
                return text
    return None
