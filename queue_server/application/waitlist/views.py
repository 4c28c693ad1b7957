"""What is told of the waitlist."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.views import View
from queue_server.application.views.accounts import PersonView
from queue_server.store.db import Row
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.patients import Tier
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.score import ReasonCode, Score, Standing, score
from scheduling_core.waitlist.state import WaitlistStatus


class RequestedWindowView(View, frozen=True, kw_only=True):
    """When somebody would like to come."""

    start: datetime | None
    end: datetime | None
    parts_of_day: tuple[PartOfDay, ...]


class ScoreReasonView(View, frozen=True, kw_only=True):
    """One part of a score."""

    code: ReasonCode
    points: float
    days: float | None


class InviteView(View, frozen=True, kw_only=True):
    """A time that is offered and held until it has to be answered."""

    slot_id: UUID
    doctor_id: UUID
    start: datetime
    mode: Mode
    respond_by: datetime


class AuditView(View, frozen=True, kw_only=True):
    """What was done with an entry, and by whom; nobody stands for the system."""

    action: str
    created_by: PersonView | None
    notes: str
    timestamp: datetime


class OwnEntryView(View, frozen=True, kw_only=True):
    """An entry as its patient sees it."""

    id: UUID
    tenant_id: UUID
    clinic_id: UUID
    doctor_id: UUID | None
    patient_id: UUID
    status: WaitlistStatus
    position: int | None
    """In the list; None for who does not wait (any more)."""
    priority_score: float
    score_reasons: tuple[ScoreReasonView, ...]
    requested_window: RequestedWindowView
    mode: Mode | None
    visit_type: str
    urgency: Urgency
    short_notice: bool
    notes: str
    metadata: Mapping[str, str]
    expires_at: datetime
    deferred_until: datetime | None
    invite: InviteView | None
    promoted_appointment_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int
    link: str | UnsetType = UNSET
    """Where whoever has it sees how the entry stands and answers what is offered; told to who joins."""


class StaffEntryView(OwnEntryView, frozen=True, kw_only=True):
    """An entry as staff see it."""

    patient_name: str
    patient_phone: str | None
    tier: Tier
    is_chronic: bool
    is_overdue: bool
    override_reason: str | None
    """Why somebody has a place that is not by rank; None for all others."""
    audit: tuple[AuditView, ...] = ()
    """Told of a single entry only."""


def standing_of(row: Row, *, fit: float = 0.0) -> Standing:
    """Return what the score of an entry's row is made from."""
    return Standing(
        joined_at=row["joined_at"],
        urgency=Urgency(row["urgency"]),
        is_chronic=row["is_chronic"],
        tier=Tier(row["tier"]),
        fit=fit,
    )


def own_view(tenant: TenantId, row: Row, policy: WaitlistPolicy, position: int | None) -> OwnEntryView:
    """Return an entry's row as its patient sees it."""
    return OwnEntryView(**_shared(tenant, row, score(standing_of(row), policy, _seen_at(row)), position))


def staff_view(
    tenant: TenantId, row: Row, policy: WaitlistPolicy, position: int | None, audit: Sequence[AuditView] = ()
) -> StaffEntryView:
    """Return an entry's row as staff see it."""
    found = score(standing_of(row), policy, _seen_at(row))
    return StaffEntryView(
        **_shared(tenant, row, found, position),
        patient_name=row["patient_name"],
        patient_phone=row["patient_phone"],
        tier=Tier(row["tier"]),
        is_chronic=row["is_chronic"],
        is_overdue=found.is_overdue,
        override_reason=(row["position_reason"] or "") if row["position"] is not None else None,
        audit=tuple(audit),
    )


def _seen_at(row: Row) -> datetime:
    """When the score counts: now, or when they ceased to wait."""
    at: datetime = row["ended_at"] or row["now"]
    return at


def _shared(tenant: TenantId, row: Row, found: Score, position: int | None) -> dict[str, Any]:
    invite = None
    if row["invite_id"] is not None and row["respond_by"] > row["now"]:
        invite = InviteView(
            slot_id=row["slot_id"],
            doctor_id=row["slot_doctor_id"],
            start=row["slot_start"],
            mode=Mode(row["slot_mode"]),
            respond_by=row["respond_by"],
        )
    return {
        "id": row["waitlist_id"],
        "tenant_id": tenant,
        "clinic_id": row["clinic_id"],
        "doctor_id": row["doctor_id"],
        "patient_id": row["patient_id"],
        "status": _status(row),
        "position": position,
        "priority_score": round(found.points, 3),
        "score_reasons": tuple(
            ScoreReasonView(code=reason.code, points=round(reason.points, 3), days=reason.days)
            for reason in found.reasons
        ),
        "requested_window": RequestedWindowView(
            start=row["window_start"],
            end=row["window_end"],
            parts_of_day=tuple(PartOfDay(part) for part in row["parts_of_day"]),
        ),
        "mode": Mode(row["mode"]) if row["mode"] is not None else None,
        "visit_type": row["visit_type"],
        "urgency": Urgency(row["urgency"]),
        "short_notice": row["short_notice"],
        "notes": row["notes"] or "",
        "metadata": msgspec.json.decode(row["metadata"]) if row["metadata"] else {},
        "expires_at": row["expires_at"],
        "deferred_until": row["deferred_until"],
        "invite": invite,
        "promoted_appointment_id": row["appointment_id"],
        "created_at": row["joined_at"],
        "updated_at": row["updated_at"],
        "version": row["version"],
    }


def _status(row: Row) -> WaitlistStatus:
    """How it stands at this moment, also where nobody has noted yet that a time is over."""
    status, now = WaitlistStatus(row["status"]), row["now"]
    if status is WaitlistStatus.INVITED and row["respond_by"] <= now:
        status = WaitlistStatus.ACTIVE
    if status is WaitlistStatus.DEFERRED and row["deferred_until"] <= now:
        status = WaitlistStatus.ACTIVE
    if status is WaitlistStatus.ACTIVE and row["expires_at"] <= now:
        return WaitlistStatus.EXPIRED
    return status
