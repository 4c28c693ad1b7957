"""Profiles as they are read: lists and single ones, onboarding, bookability; more for staff than for the public."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.aggregates import read_state
from queue_server.application.directory import Directory
from queue_server.application.doctors.access import check_reach, reads_licences
from queue_server.application.doctors.adoption import Adoption
from queue_server.application.doctors.bookability import look_around
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.doctors.showing import shown_bookability, shown_onboarding, shown_row
from queue_server.application.doctors.views import BookabilityView, DoctorDetail, OnboardingView
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.people import folded
from queue_server.store import doctors as store
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.doctors import Filters
from queue_server.store.event_ids import time_of
from scheduling_core.doctors.bookability import Bookability, assess, facts_of
from scheduling_core.doctors.profile import DoctorProfile
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.errors import NotFound
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission

MOST_WORDS = 8
"""Of what somebody types to find a doctor; more tell nobody apart."""


def words_of(text: str | None) -> Sequence[str]:
    """Return the words a doctor's name is searched by, folded as the names are."""
    return folded(text).split()[:MOST_WORDS] if text else ()


class DoctorReading:
    """Reads doctors; those that were there before profiles had a history are adopted on the way."""

    def __init__(self, db: Database, directory: Directory, adoption: Adoption) -> None:
        self._db = db
        self._directory = directory
        self._adoption = adoption

    async def list(
        self, actor: Actor, wanted: Filters, *, limit: int = 50, cursor: str | None = None
    ) -> Page[DoctorDetail]:
        """Return the doctors of the account's clinics in the order of their names; a doctor is shown themselves."""
        actor.require(Permission.READ_DOCTORS)
        await self._adoption.adopt_some(actor.tenant)
        own = actor.doctor if actor.role in OWN_DOCTOR_ONLY else None
        if actor.role in OWN_DOCTOR_ONLY and own is None:
            return Page([], None)
        within = msgspec.structs.replace(wanted, within=actor.clinics, doctor=own)
        async with self._db.tenant(actor.tenant) as tx:
            return await _page(tx, within, limit, cursor, licence=reads_licences(actor))

    async def get(self, actor: Actor, doctor: UUID) -> DoctorDetail:
        """Return a profile; raises `NotFound` for a doctor at none of the account's clinics."""
        actor.require(Permission.READ_DOCTORS)
        await self._adoption.adopt(actor.tenant, DoctorId(doctor))
        async with self._db.tenant(actor.tenant) as tx:
            row = await store.profile(tx, doctor)
            if row is None:
                raise NotFound("There is no such doctor.")
            check_reach(actor, DoctorId(doctor), row["clinic_ids"])
            return (await _shown(tx, [row], licence=reads_licences(actor)))[0]

    async def get_public(self, doctor: UUID, tenant: TenantId | None = None) -> DoctorDetail:
        """Return the profile of a doctor that search shows; raises `NotFound` for any other."""
        known = tenant or await self._directory.tenant_of(DoctorId(doctor))
        async with self._db.tenant(known) as tx:
            row = await store.profile(tx, doctor, only_shown=True)
            if row is None:
                raise NotFound("There is no such doctor.")
            return (await _shown(tx, [row], licence=False))[0]

    async def onboarding(self, actor: Actor, doctor: UUID) -> OnboardingView:
        """Return every stage of a doctor's onboarding with its checks as they are now."""
        profile, version, around = await self._looked_at(actor, doctor)
        return shown_onboarding(profile, around, _assessed(profile, around), version=version)

    async def bookability(self, actor: Actor, doctor: UUID) -> BookabilityView:
        """Return whether a doctor can be booked, by whom, and why not, as of now."""
        profile, _, around = await self._looked_at(actor, doctor)
        return shown_bookability(_assessed(profile, around))

    async def _looked_at(self, actor: Actor, doctor: UUID) -> tuple[DoctorProfile, int, Surroundings]:
        actor.require(Permission.READ_DOCTORS)
        await self._adoption.adopt(actor.tenant, DoctorId(doctor))
        async with self._db.tenant(actor.tenant) as tx:
            found = await read_state(tx, DOCTOR, doctor)
            if found is None:
                raise NotFound("There is no such doctor.")
            profile, version = found
            check_reach(actor, profile.id, profile.clinics)
            return profile, version, await look_around(tx, profile)


async def public_page(tx: Transaction, wanted: Filters, *, limit: int, cursor: str | None) -> Page[DoctorDetail]:
    """Return the doctors that search shows the public, in the order of their names; never a licence."""
    shown = msgspec.structs.replace(wanted, only_shown=True, within=(), doctor=None)
    return await _page(tx, shown, limit, cursor, licence=False)


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """A doctor whom search shows, and when the profile was changed last, if that is known."""

    id: UUID
    changed_at: datetime | None


async def public_changes(tx: Transaction, *, limit: int, cursor: str | None) -> Page[Shown]:
    """Return the doctors that search shows the public and when each was changed last, in the order of their names."""
    start, size = after(cursor), checked_limit(limit)
    rows = await store.profiles(tx, Filters(only_shown=True), after=start, limit=size + 1)
    items = [Shown(row["doctor_id"], time_of(row["last_event_id"])) for row in rows[:size]]
    return Page(items, cursor_of(items[-1].id) if len(rows) > size else None)


async def _page(
    tx: Transaction, wanted: Filters, limit: int, cursor: str | None, *, licence: bool
) -> Page[DoctorDetail]:
    start, size = after(cursor), checked_limit(limit)
    rows = await store.profiles(tx, wanted, after=start, limit=size + 1)
    items = await _shown(tx, rows[:size], licence=licence)
    return Page(items, cursor_of(items[-1].id) if len(rows) > size else None)


def _assessed(profile: DoctorProfile, around: Surroundings) -> Bookability:
    return assess(facts_of(profile, around))


async def _shown(tx: Transaction, rows: Sequence[Row], *, licence: bool) -> list[DoctorDetail]:
    streams = {row["doctor_id"]: DOCTOR.stream(tx.tenant, row["doctor_id"]) for row in rows}
    versions = await store.versions(tx, list(streams.values())) if streams else {}
    return [shown_row(row, version=versions[streams[row["doctor_id"]]], licence=licence) for row in rows]
