"""Tracking links: made, checked and withdrawn. A link holds ids only, no personal data."""

from collections import OrderedDict
from datetime import UTC, datetime
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.recorder import Recorder
from queue_server.application.tokens import Tokens, TrackingClaims
from queue_server.store import people as people_store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import NotFound, RevokedTrackingToken
from scheduling_core.ids import DoctorId, EntryId, TenantId
from scheduling_core.permissions import Permission

MOST_REMEMBERED = 10_000
"""Tokens, of some 1.5 kB with what they say."""


class TrackingLinks:
    """Makes links that patients open, and withdraws them."""

    def __init__(self, db: Database, tokens: Tokens, recorder: Recorder, public_url: str) -> None:
        self._db = db
        self._tokens = tokens
        self._recorder = recorder
        self._public_url = public_url.rstrip("/")
        self._genuine: OrderedDict[str, TrackingClaims] = OrderedDict()

    def make(
        self, tenant: TenantId, entry: EntryId, doctor: DoctorId, *, generation: int, start: datetime | None = None
    ) -> tuple[str, str]:
        """Return a new token and the link that carries it; `generation` is the appointment's count of withdrawals.

        The link lasts its days from the visit on, whose `start` is given for visits of another day than today.
        """
        now = datetime.now(UTC)
        token = self._tokens.issue_tracking(
            tenant=tenant,
            appointment=entry,
            doctor=doctor,
            generation=generation,
            now=now,
            expires_at=max(now, start or now) + self._tokens.tracking_lifetime,
        )
        return token, f"{self._public_url}/t/{token}"

    def read(self, token: str) -> TrackingClaims:
        """Return what a token claims; raises `InvalidTrackingToken` for what we have not signed or what is over.

        Tokens that were found genuine are remembered: phones ask again and again, and each request looks twice.
        """
        known = self._genuine.get(token)
        if known is not None and known.expires_at > datetime.now(UTC):
            return known
        claims = self._tokens.verify_tracking(token)
        self._genuine[token] = claims
        if len(self._genuine) > MOST_REMEMBERED:
            self._genuine.popitem(last=False)
        return claims

    async def issue(self, actor: Actor, entry: UUID) -> tuple[str, str]:
        """Return a new token and link for an appointment of the actor's clinics or of a doctor there."""
        actor.require(Permission.READ_PATIENTS)
        async with self._db.tenant(actor.tenant) as tx:
            row = await self._appointment(tx, actor, entry, Permission.READ_PATIENTS)
        return self.make(
            actor.tenant,
            EntryId(entry),
            DoctorId(row["doctor_id"]),
            generation=row["links_generation"],
            start=row["start"],
        )

    async def revoke(self, actor: Actor, entry: UUID) -> None:
        """Withdraw every link of an appointment; those who follow it are told at their next look."""
        actor.require(Permission.REVOKE_LINK)
        async with self._db.tenant(actor.tenant) as tx:
            await self._appointment(tx, actor, entry, Permission.REVOKE_LINK)
            await people_store.revoke_links(tx, entry)
            await self._recorder.record(tx, actor, "links_revoked", {"appointment": entry})

    @staticmethod
    async def _appointment(tx: Transaction, actor: Actor, entry: UUID, permission: Permission) -> Row:
        row = await people_store.links_generation(tx, entry)
        if row is None:
            raise NotFound("There is no such appointment.")
        actor.require_for_any(permission, clinics=row["clinics"])
        return row


def check_generation(claims: TrackingClaims, generation: int) -> None:
    """Raise `RevokedTrackingToken` when the links of the appointment were withdrawn since."""
    if claims.generation != generation:
        raise RevokedTrackingToken
