"""Who may follow which entries of the waitlist on a phone: by the link of one, by the tracking link of an appointment
of the same patient, or signed in."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from queue_server.application.access import AccessService
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens
from queue_server.application.tracking import Tracking
from queue_server.store import appointments, patients
from queue_server.store import waitlist as store
from queue_server.store.db import Database
from scheduling_core.errors import Forbidden, NotFound
from scheduling_core.ids import EntryId, PatientId, TenantId, WaitlistId
from scheduling_core.permissions import Role

MOST_RELATIVES = 50


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may follow, and for how long."""

    tenant: TenantId
    patients: frozenset[PatientId] = frozenset()
    """Whose entries, those to come included."""
    entry: WaitlistId | None = None
    """Or which one."""
    ends_at: datetime
    appointment: EntryId | None = None
    """Whose tracking link it is by, if it is."""

    @property
    def sees_words(self) -> bool:
        """Whether they are shown what was noted. The tracking link of a visit is passed around in families."""
        return self.appointment is None


class WaitlistFollowers:
    """Says who may follow what."""

    def __init__(
        self, db: Database, access: AccessService, tokens: Tokens, tracking: Tracking, links: TrackingLinks
    ) -> None:
        self._db = db
        self._access = access
        self._tokens = tokens
        self._tracking = tracking
        self._links = links

    async def of_link(self, token: str) -> Followed:
        """Return the entry of a waitlist link; raises `InvalidTrackingToken`, `NotFound` for one that was erased."""
        claims = self._tokens.verify_waitlist(token)
        async with self._db.tenant(claims.tenant) as tx:
            if not await store.entries(tx, [claims.entry]):
                raise NotFound("There is no such entry.")
        ends_at = datetime.fromtimestamp(claims.exp, UTC)
        return Followed(tenant=claims.tenant, entry=claims.entry, ends_at=ends_at)

    async def of_tracking(self, token: str) -> Followed:
        """Return the patient of a tracking link; raises `InvalidTrackingToken`, `RevokedTrackingToken`, `NotFound`."""
        tracked = await self._tracking.resolve(token)
        async with self._db.tenant(tracked.tenant) as tx:
            row = await appointments.appointment(tx, tracked.entry)
        if row is None:
            raise NotFound("There is no such appointment (any more).")
        return Followed(
            tenant=tracked.tenant,
            patients=frozenset({PatientId(row["patient_id"])}),
            ends_at=self._links.read(token).expires_at,
            appointment=tracked.entry,
        )

    async def of_account(self, token: str, tenant: UUID | None) -> Followed:
        """Return a patient who has signed in, and those for whom they act.

        Raises `Unauthenticated`, and `Forbidden` for who is no patient.
        """
        session = await self._access.session(token, tenant=tenant)
        actor = session.actor
        if actor.role is not Role.PATIENT or actor.patient is None:
            raise Forbidden("Only patients follow entries of their own.")
        async with self._db.tenant(actor.tenant) as tx:
            others = await patients.dependants(tx, actor.patient, MOST_RELATIVES)
        return Followed(
            tenant=actor.tenant,
            patients=frozenset({actor.patient, *(one.id for one in others)}),
            ends_at=session.expires_at,
        )
