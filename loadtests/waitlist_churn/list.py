"""One clinic with a list that takes everybody, the desk that joins people, and the administrators who promote them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from loadtests.booking.caller import Answer, Caller
from loadtests.booking.practice import Slot
from loadtests.booking.scene import Scene
from loadtests.house import Ground
from queue_server.application.actor import Actor
from queue_server.store import accounts
from scheduling_core.ids import AccountId
from scheduling_core.permissions import Role
from scheduling_core.waitlist.policy import WaitlistPolicy

MOST = 20_000
"""As many as a policy may let wait."""


class Line(msgspec.Struct, frozen=True):
    """What is asked of the list, by whom."""

    at: Ground
    desk: dict[str, str]
    """What a receptionist's calls carry."""
    admins: tuple[dict[str, str], ...]

    async def join(self, caller: Caller, number: int) -> Answer:
        """Put somebody new on the list; raises `NoAnswer`."""
        body = {
            "clinicId": str(self.at.clinic.id),
            "patient": {"name": f"Mei Chen {number}", "phone": f"+44 20 7946 {number % 10_000:04}"},
            "requestedWindow": {"partsOfDay": ["morning"]} if number % 3 == 0 else {},
        }
        return await caller.call("POST", "/api/waitlists", body, self.desk)

    async def promote(
        self, caller: Caller, entry: str, slot: Slot | None, *, admin: int = 0, key: str | None = None
    ) -> Answer:
        """Give somebody who waits a time, the first that is for them if none is named; raises `NoAnswer`."""
        headers = {**self.admins[admin % len(self.admins)], "Idempotency-Key": key or uuid4().hex}
        body = {"slotId": str(slot.id)} if slot is not None else {}
        return await caller.call("POST", f"/api/waitlists/{entry}/promote", body, headers)


class Standing(msgspec.Struct, frozen=True):
    """The list as Postgres has it."""

    waiting: int
    counted: int
    """What the row says that is asked when somebody joins."""
    appointments: dict[str, tuple[str | None, tuple[str, ...]]]
    """By entry: the appointment that it names, and those that its patient has."""


async def opened(scene: Scene, admins: int) -> Line:
    """Let the clinic's list take everybody and ask nobody by itself, and make so many administrators."""
    services, clinic = scene.at.services, scene.at.clinic
    made: list[accounts.Account] = []
    async with services.db.tenant(clinic.tenant) as tx:
        for number in range(admins):
            new = accounts.NewAccount(
                id=AccountId(uuid4()),
                email=f"admin-{number}-{clinic.tenant.hex[:8]}@example.org",
                password_hash=None,
                name=f"Admin {number}",
                role=Role.ADMIN,
                clinics=(),
                doctor=None,
            )
            made.append(await accounts.insert(tx, new))
    first = Actor(tenant=clinic.tenant, account=made[0].id, role=Role.ADMIN, name="Admin 0")
    policy = WaitlistPolicy(max_queue_size=MOST, auto_invite=False)
    await services.waitlist_policies.set(first, clinic.tenant, clinic.id, policy)
    now, day = datetime.now(UTC), timedelta(hours=12)
    tokens = [services.tokens.issue_access(account, now=now, lifetime=day) for account in made]
    return Line(scene.at, _bearer(clinic.token), tuple(_bearer(token) for token in tokens))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def standing(at: Ground, entries: Sequence[str]) -> Standing:
    """Return how the list stands, and what became of these entries."""
    async with at.services.db.tenant(at.clinic.tenant) as tx:
        counts = await tx.row(
            "SELECT (SELECT count(*) FROM waitlist_entry WHERE tenant_id = $1 AND ended_at IS NULL)::integer"
            " AS waiting,"
            " coalesce((SELECT sum(waiting) FROM waitlist_load WHERE tenant_id = $1), 0)::integer AS counted",
            tx.tenant,
        )
        rows = await tx.rows(
            "SELECT w.waitlist_id, w.appointment_id::text AS named, coalesce((SELECT array_agg(a.appointment_id::text)"
            " FROM appointment a WHERE a.tenant_id = w.tenant_id AND a.patient_id = w.patient_id), '{}') AS made"
            " FROM waitlist_entry w WHERE w.tenant_id = $1 AND w.waitlist_id = ANY ($2::uuid[])",
            tx.tenant,
            [UUID(entry) for entry in entries],
        )
    assert counts is not None
    return Standing(
        waiting=counts["waiting"],
        counted=counts["counted"],
        appointments={str(row["waitlist_id"]): (row["named"], tuple(row["made"])) for row in rows},
    )
