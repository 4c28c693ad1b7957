"""Links by which somebody has no more messages of a kind, without signing in: one is under every mail that may stop."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.application.actor import system
from queue_server.application.messages.kinds import Kind
from queue_server.application.recorder import Recorder
from queue_server.application.tokens import Tokens
from queue_server.store import patients, preferences, tenants
from queue_server.store.db import Database, Transaction
from queue_server.store.messages import Channel
from scheduling_core.errors import NotFound
from scheduling_core.ids import TenantId

LIFETIME = timedelta(days=400)
"""Of a link: mails are kept for long, and whoever finds one may still want no more."""


class Stopping(msgspec.Struct, frozen=True, kw_only=True):
    """What a link turns off, with whom, and in which language they read."""

    kind: Kind
    channel: Channel
    organisation: str
    language: str


class UnsubscribeLinks:
    """Makes links that turn messages off."""

    def __init__(self, tokens: Tokens, public_url: str) -> None:
        self._tokens = tokens
        self._public_url = public_url.rstrip("/")

    def make(self, tenant: TenantId, patient: UUID, kind: Kind, channel: Channel) -> str:
        """Return the link by which a patient has no more messages of a kind through a channel."""
        expires_at = datetime.now(UTC) + LIFETIME
        token = self._tokens.issue_unsubscribe(
            tenant=tenant, patient=patient, kind=kind, channel=channel, expires_at=expires_at
        )
        return f"{self._public_url}/unsubscribe/{token}"


class Unsubscribing:
    """Turns messages off for whoever has such a link."""

    def __init__(self, db: Database, tokens: Tokens, recorder: Recorder) -> None:
        self._db = db
        self._tokens = tokens
        self._recorder = recorder

    async def look(self, token: str) -> Stopping:
        """Return what a link turns off; raises `InvalidTrackingToken`, `NotFound` for who was erased."""
        claims = self._tokens.verify_unsubscribe(token)
        async with self._db.tenant(claims.tenant) as tx:
            return await _stopping(tx, claims.patient, Kind(claims.kind), Channel(claims.channel))

    async def stop(self, token: str, *, everything: bool = False) -> Stopping:
        """Turn off what a link is for, or `everything` that comes through its channel, and return what the link is for;
        done again, it stays so. Raises as `look` does."""
        claims = self._tokens.verify_unsubscribe(token)
        kind, channel = Kind(claims.kind), Channel(claims.channel)
        off = [one for one in Kind if one is not Kind.SIGN_IN_CODE] if everything else [kind]
        async with self._db.tenant(claims.tenant) as tx:
            if await patients.lock(tx, claims.patient) is None:
                raise NotFound("There is no such patient.")
            changed = await preferences.put(tx, claims.patient, {(one, channel): False for one in off})
            if changed:
                said = {"patientId": claims.patient, "messageKinds": changed}
                await self._recorder.record(tx, system(claims.tenant), "notification_preferences_changed", said)
            return await _stopping(tx, claims.patient, kind, channel)


async def _stopping(tx: Transaction, patient: UUID, kind: Kind, channel: Channel) -> Stopping:
    known, tenant = await patients.patient(tx, patient), await tenants.tenant(tx)
    if known is None or tenant is None:
        raise NotFound("There is no such patient.")
    return Stopping(kind=kind, channel=channel, organisation=tenant.name, language=known.language)
