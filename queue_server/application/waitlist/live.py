"""Whoever follows a waitlist, or an entry of one, and how the news of commits come to them.

Postgres tells every server with each commit which entry has changed. Of a tenant of which somebody follows something
here, the entries of a burst are read together, and each list they are in once: positions and points of everybody come
of that one read, however many follow. Redis has no part in it, so nothing is lost when it is away; when commits may
have been missed, followers are told or read again.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from time import monotonic
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec
import structlog

from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.application.waitlist.live_views import OwnWaitlistEntry
from queue_server.application.waitlist.model import WAITLIST_MODEL
from queue_server.application.waitlist.policies import POLICY_KIND
from queue_server.application.waitlist.ranking import lines
from queue_server.application.waitlist.views import StaffEntryView, own_view, staff_view
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.notifications import Notifications
from queue_server.store.waitlist import Ranked
from queue_server.ticker import Ticker
from scheduling_core.ids import ClinicId, PatientId, TenantId, WaitlistId
from scheduling_core.waitlist.policy import WaitlistPolicy

log = structlog.stdlib.get_logger("waitlist")

TELL_SECONDS = 0.1
"""A burst of changes is told together."""
LONGEST_REST = 1.0
"""After a tick nothing is read for as long as it took, but so many seconds at most."""
MOST_ENTRIES = 200
"""Changed entries that are told one by one; of more, only that lists are to be read again."""
AT_ONCE = 200
"""Followers who are told in one go; others get their turn in between."""
ANY = UUID(int=0)
K = TypeVar("K")
N = TypeVar("N")


class ListNews(msgspec.Struct, frozen=True):
    """What is new in a clinic's list: its order now, and the entries that have changed."""

    clinic: ClinicId
    line: Sequence[Ranked]
    entries: Sequence[StaffEntryView]
    is_whole: bool
    """Nothing else can have changed."""


class ListWatcher(Protocol):
    """Follows the list of a clinic."""

    def tell(self, news: ListNews) -> None:
        """Hear what is new. Must neither block nor raise."""
        ...


class OwnWatcher(Protocol):
    """Follows entries of a patient, or one entry."""

    @property
    def patients(self) -> Collection[PatientId]:
        """Whose entries, those to come included."""
        ...

    @property
    def entry(self) -> WaitlistId | None:
        """Or which one."""
        ...

    def tell(self, told: OwnWaitlistEntry) -> None:
        """Hear how an entry is now. Must neither block nor raise."""
        ...

    def moved(self, places: Mapping[UUID, int]) -> None:
        """Hear of everybody's place in a list; who is not in it is not told of. Must neither block nor raise."""
        ...

    def may_have_missed(self) -> None:
        """Something may have happened that nobody told of. Must neither block nor raise."""
        ...


class _Tenant:
    """What is followed of one tenant, and what is to be told."""

    def __init__(self, tenant: TenantId, db: Database, links: WaitlistLinks) -> None:
        self._tenant = tenant
        self._db = db
        self._links = links
        self.lists: dict[ClinicId, list[ListWatcher]] = {}
        self.own: set[OwnWatcher] = set()
        self.by_patient: dict[PatientId, set[OwnWatcher]] = {}
        self.by_entry: dict[WaitlistId, set[OwnWatcher]] = {}
        self.clinics: dict[ClinicId, set[OwnWatcher]] = {}
        """At which clinics whoever follows entries of their own has seen one."""
        self._entries: set[WaitlistId] = set()
        self._dirty: set[ClinicId] = set()
        self._is_whole = True
        self.ticker = Ticker(self._tell, TELL_SECONDS)

    @property
    def is_empty(self) -> bool:
        """Whether nobody follows anything."""
        return not self.lists and not self.own

    def happened(self, entry: WaitlistId) -> None:
        """An entry has changed."""
        if len(self._entries) < MOST_ENTRIES:
            self._entries.add(entry)
            self.ticker.poke()
        else:
            self.may_have_missed()

    def reorder(self, clinic: ClinicId | None = None) -> None:
        """Everybody at a clinic, or at all of them, may have another place."""
        known = {*self.lists, *self.clinics}
        self._dirty |= known if clinic is None else known & {clinic}
        if self._dirty:
            self.ticker.poke()

    def may_have_missed(self) -> None:
        """Nobody knows what has happened meanwhile."""
        self._entries.clear()
        self._is_whole = False
        for watcher in tuple(self.own):
            watcher.may_have_missed()
        self.reorder()

    async def _tell(self) -> None:
        entries, self._entries = self._entries, set()
        dirty, self._dirty = self._dirty, set()
        is_whole, self._is_whole = self._is_whole, True
        started = monotonic()
        try:
            async with self._db.tenant(self._tenant) as tx:
                rows = await store.entries(tx, sorted(entries)) if entries else []
                touched = dirty | {ClinicId(row["clinic_id"]) for row in rows}
                policies = await store.policies(tx, sorted(touched))
                now_in = await lines(tx, policies, await store.clock(tx)) if policies else {}
        except BaseException:
            # Told with what happens next, or as soon as Postgres is back.
            self._entries |= entries
            self._dirty |= dirty
            self._is_whole = self._is_whole and is_whole
            raise
        for clinic, line in now_in.items():
            mine = [row for row in rows if row["clinic_id"] == clinic]
            await self._tell_clinic(clinic, line, mine, policies[clinic], is_whole=is_whole)
        await asyncio.sleep(min(monotonic() - started, LONGEST_REST))

    async def _tell_clinic(
        self, clinic: ClinicId, line: Sequence[Ranked], rows: Sequence[Row], policy: WaitlistPolicy, *, is_whole: bool
    ) -> None:
        places: dict[UUID, int] = {one.id: place for place, one in enumerate(line, start=1)}
        if clinic in self.lists:
            views = [staff_view(self._tenant, row, policy, places.get(row["waitlist_id"])) for row in rows]
            news = ListNews(clinic, line, views, is_whole)
            for watcher in tuple(self.lists[clinic]):
                _tell_one(watcher.tell, news)
        for row in rows:
            following = self.by_patient.get(row["patient_id"], set()) | self.by_entry.get(row["waitlist_id"], set())
            if following:
                told = own_entry(self._tenant, row, policy, places.get(row["waitlist_id"]), self._links)
                self.clinics.setdefault(clinic, set()).update(following)
                for one in tuple(following):
                    _tell_one(one.tell, told)
        for count, one in enumerate(tuple(self.clinics.get(clinic, ())), start=1):
            _tell_one(one.moved, places)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)


class WaitlistChanges:
    """What happens to waitlists, for whoever follows them at this server."""

    def __init__(self, db: Database, notifications: Notifications, links: WaitlistLinks) -> None:
        self._db = db
        self._links = links
        self._tenants: dict[TenantId, _Tenant] = {}
        notifications.add_directory(self)

    # ---- following ------------------------------------------------------------------------------------------------

    def watch_list(self, tenant: TenantId, clinic: ClinicId, watcher: ListWatcher) -> None:
        """Tell `watcher` of a clinic's list from now on."""
        self._of(tenant).lists.setdefault(clinic, []).append(watcher)

    def unwatch_list(self, tenant: TenantId, clinic: ClinicId, watcher: ListWatcher) -> None:
        """Tell it no longer."""
        known = self._tenants[tenant]
        known.lists[clinic].remove(watcher)
        if not known.lists[clinic]:
            del known.lists[clinic]
        self._forget(tenant, known)

    def watch_own(self, tenant: TenantId, watcher: OwnWatcher) -> None:
        """Tell `watcher` from now on of its entries. Follow with `own`, which says how they are."""
        known = self._of(tenant)
        known.own.add(watcher)
        for patient in watcher.patients:
            known.by_patient.setdefault(patient, set()).add(watcher)
        if watcher.entry is not None:
            known.by_entry.setdefault(watcher.entry, set()).add(watcher)

    def unwatch_own(self, tenant: TenantId, watcher: OwnWatcher) -> None:
        """Tell it no longer."""
        known = self._tenants.get(tenant)
        if known is None or watcher not in known.own:
            return
        known.own.discard(watcher)
        for patient in watcher.patients:
            _drop(known.by_patient, patient, watcher)
        if watcher.entry is not None:
            _drop(known.by_entry, watcher.entry, watcher)
        for clinic in list(known.clinics):
            _drop(known.clinics, clinic, watcher)
        self._forget(tenant, known)

    async def order(self, tenant: TenantId, clinics: Collection[ClinicId]) -> dict[ClinicId, list[Ranked]]:
        """Return clinics' lists in their order, as they are now."""
        async with self._db.tenant(tenant) as tx:
            policies = await store.policies(tx, sorted(clinics))
            return await lines(tx, policies, await store.clock(tx))

    async def own(self, tenant: TenantId, watcher: OwnWatcher) -> list[OwnWaitlistEntry]:
        """Return how all entries are that somebody follows, the newest first; those of the last year, too, that have
        ended. Whatever happens after they were read is told."""
        async with self._db.tenant(tenant) as tx:
            ids = [watcher.entry] if watcher.entry is not None else await store.of_patients(tx, [*watcher.patients])
            found = await own_entries(tx, ids, self._links)
        known = self._tenants.get(tenant)
        if known is not None and watcher in known.own:
            for told in found:
                known.clinics.setdefault(ClinicId(told.entry.clinic_id), set()).add(watcher)
        return found

    def reorder(self) -> None:
        """Have every list that is followed read again, as time moves: everybody gains points, not all as fast."""
        for known in self._tenants.values():
            known.reorder()

    def stop(self) -> None:
        """Tell nobody anything any more."""
        for known in self._tenants.values():
            known.ticker.cancel()

    # ---- what Postgres tells --------------------------------------------------------------------------------------

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        """An entry, or by what a list is ordered, has changed."""
        known = self._tenants.get(tenant)
        if known is None:
            return
        if kind == POLICY_KIND:
            known.reorder(None if subject == tenant else ClinicId(subject))
        elif kind == WAITLIST_MODEL.kind and subject == ANY:
            known.may_have_missed()
        elif kind == WAITLIST_MODEL.kind:
            known.happened(WaitlistId(subject))

    def on_gap(self) -> None:
        """Commits may have been missed."""
        for known in self._tenants.values():
            known.may_have_missed()

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _of(self, tenant: TenantId) -> _Tenant:
        known = self._tenants.get(tenant)
        if known is None:
            known = self._tenants[tenant] = _Tenant(tenant, self._db, self._links)
        return known

    def _forget(self, tenant: TenantId, known: _Tenant) -> None:
        if known.is_empty:
            known.ticker.cancel()
            self._tenants.pop(tenant, None)


async def own_entries(tx: Transaction, ids: Sequence[UUID], links: WaitlistLinks) -> list[OwnWaitlistEntry]:
    """Return entries as their patient sees them, in the order asked for; without those that there are not."""
    rows = await store.entries(tx, ids)
    policies = await store.policies(tx, sorted({ClinicId(row["clinic_id"]) for row in rows}))
    waiting = {row["clinic_id"] for row in rows if row["ended_at"] is None}
    ranked = {clinic: policies[clinic] for clinic in sorted(waiting)}
    now_in = await lines(tx, ranked, await store.clock(tx)) if ranked else {}
    places = {one.id: place for line in now_in.values() for place, one in enumerate(line, start=1)}
    return [
        own_entry(tx.tenant, row, policies[row["clinic_id"]], places.get(row["waitlist_id"]), links) for row in rows
    ]


def own_entry(
    tenant: TenantId, row: Row, policy: WaitlistPolicy, place: int | None, links: WaitlistLinks
) -> OwnWaitlistEntry:
    """Return an entry's row as its patient sees it, with the link that answers what is offered, if anything is."""
    view = own_view(tenant, row, policy, place)
    url = links.make(tenant, WaitlistId(view.id), view.expires_at)[1] if view.invite is not None else None
    return OwnWaitlistEntry(entry=view, invite_url=url)


def _tell_one(tell: Callable[[N], None], news: N) -> None:
    try:
        tell(news)
    except Exception:
        log.exception("watcher_failed")  # one follower's fault; the others still have to hear


def _drop(index: dict[K, set[OwnWatcher]], key: K, watcher: OwnWatcher) -> None:
    if key in index:
        index[key].discard(watcher)
        if not index[key]:
            del index[key]
