"""What clinics have decided about their waitlists, and what all of a tenant's begin with."""

from collections.abc import Sequence
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.messages.templates.fields import FIELDS
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.application.waitlist.views import standing_of
from queue_server.store import clinics, event_store, templates
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Permission
from scheduling_core.waitlist.policy import WaitlistPolicy, check
from scheduling_core.waitlist.score import ordered, rank, score

POLICY_KIND = "waitlist_policy"
"""What everybody is told has changed when a policy has, by the clinic or tenant it is for."""


class PreviewPlace(View, frozen=True, kw_only=True):
    """Where somebody stands, and where they would."""

    id: UUID
    patient_name: str
    now: int
    then: int
    points: float
    """By the new policy."""


class WaitlistPolicies:
    """Shows and changes policies."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def get(self, actor: Actor, tenant: UUID, clinic: UUID | None) -> tuple[WaitlistPolicy, int]:
        """Return the policy of a clinic, or without one what all clinics begin with, and its version (0: not chosen
        there yet). Raises `NotFound` for a clinic out of reach."""
        actor.require(Permission.READ_WAITLIST)
        async with self._db.tenant(actor.tenant) as tx:
            scope = await _scope(tx, actor, tenant, clinic)
            kept = await store.policy(tx, scope)
        return kept.policy, kept.version

    async def set(
        self, actor: Actor, tenant: UUID, clinic: UUID | None, policy: WaitlistPolicy, *, if_match: int | None = None
    ) -> tuple[WaitlistPolicy, int]:
        """Replace a policy and return it with its version; from now on lists run by it.

        Raises `InvalidValue` for what makes no sense together, `StaleVersion`, and `Forbidden` for who is limited to
        clinics and would change what counts for all.
        """
        actor.require(Permission.MANAGE_POLICY)
        check(policy)
        if clinic is None and actor.clinics:
            raise Forbidden("Only an administrator of all clinics may change what they begin with.")
        async with self._db.tenant(actor.tenant) as tx:
            scope = await _scope(tx, actor, tenant, clinic)
            await _check_templates(tx, policy)
            known, version = await store.lock_policy(tx, scope), None
            if if_match in (None, known):
                version = await store.set_policy(tx, scope, policy, if_match)
            if version is None:
                raise StaleVersion("The policy has changed since you looked.")
            said = {"clinicId": clinic, "policy": policy}
            await event_store.notify_changed(tx, POLICY_KIND, scope)
            await self._recorder.record(tx, actor, "waitlist_policy_changed", said)
        return policy, version

    async def preview(self, actor: Actor, tenant: UUID, clinic: UUID, policy: WaitlistPolicy) -> list[PreviewPlace]:
        """Return how today's list of a clinic would be reordered by a policy, in the order it would have."""
        actor.require(Permission.MANAGE_POLICY)
        check(policy)
        async with self._db.tenant(actor.tenant) as tx:
            scope = ClinicId(await _scope(tx, actor, tenant, clinic))
            today = (await store.policy(tx, scope)).policy
            now = await store.clock(tx)
            ranks = await store.ranks(tx, {scope: today}, now)
            rows = await store.entries(tx, [one.id for one in ranks])
        placed = {row["waitlist_id"]: row["position"] for row in rows}

        def line(by: WaitlistPolicy) -> Sequence[UUID]:
            found = {row["waitlist_id"]: rank(s := standing_of(row), score(s, by, now)) for row in rows}
            return ordered(found, key=found.__getitem__, position=placed.__getitem__)

        before = {id: place for place, id in enumerate(line(today), start=1)}
        by_id = {row["waitlist_id"]: row for row in rows}
        return [
            PreviewPlace(
                id=id,
                patient_name=by_id[id]["patient_name"],
                now=before[id],
                then=place,
                points=round(score(standing_of(by_id[id]), policy, now).points, 3),
            )
            for place, id in enumerate(line(policy), start=1)
        ]


async def _check_templates(tx: Transaction, policy: WaitlistPolicy) -> None:
    """Raise `InvalidValue` where a kind of message is to be worded by a template that nobody has written."""
    for kind, name in policy.notification_template_overrides.items():
        field = f"notificationTemplateOverrides.{kind}"[:100]
        if kind not in FIELDS:
            raise InvalidValue("There is no such kind of message.", field=field)
        if not await templates.is_known(tx, kind, name):
            raise InvalidValue("There is no template of this name.", field=field)


async def _scope(tx: Transaction, actor: Actor, tenant: UUID, clinic: UUID | None) -> UUID:
    if tenant != actor.tenant:
        raise NotFound
    if clinic is None:
        return tenant
    if (actor.clinics and clinic not in actor.clinics) or await clinics.clinic(tx, clinic) is None:
        raise NotFound("There is no such clinic.")
    return clinic
