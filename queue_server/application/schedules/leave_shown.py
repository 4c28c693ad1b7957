"""Requests for leave as clients see them: with names, and how many appointments they hit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.schedules.access import decides_for
from queue_server.application.schedules.views import LeaveView, SlotPreview
from queue_server.application.schedules.wire import Texts, said, wall_time
from queue_server.application.views.accounts import PersonView
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from queue_server.store.schedules import Expected, Span, Stretch
from scheduling_core.calendar.decide_leave import STANDING, is_over, may_cancel
from scheduling_core.calendar.leave_time import span_of
from scheduling_core.calendar.sources import Leave, LeaveStatus
from scheduling_core.calendar.state import DoctorCalendar, leave_version
from scheduling_core.ids import AccountId, DoctorId, LeaveId

DAY = timedelta(days=1)


async def hit_by(
    tx: Transaction, doctor: DoctorId, leave: Leave, *, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[Expected]:
    """Return the next appointments that lie in a leave, by their start and id; those behind `after`."""
    return await rows.expected(tx, _stretch(doctor, leave, await rows.zones_in_use(tx)), after=after, limit=limit)


async def count_hit(
    tx: Transaction, wanted: Sequence[tuple[DoctorId, Leave]], *, besides: Collection[UUID] = ()
) -> list[int]:
    """Return how many appointments lie in each leave, those of `besides` apart; in two round trips, however many
    there are."""
    if not wanted:
        return []
    zones = await rows.zones_in_use(tx)
    return await rows.count_expected(tx, [_stretch(*one, zones) for one in wanted], besides=besides)


def _stretch(doctor: DoctorId, leave: Leave, zones: Iterable[str]) -> Stretch:
    # A date may begin earlier or later than the clinic's: what lies around it is looked at by the clock.
    spans = tuple(Span(zone, *span_of(leave, zone)) for zone in zones)
    return Stretch(doctor=doctor, first=leave.first - DAY, last=leave.last + DAY, spans=spans)


class LeaveShown:
    """Everything that views of some leave are made of, read at once."""

    def __init__(
        self,
        actor: Actor,
        texts: Texts,
        people: Mapping[AccountId, str],
        doctors: Mapping[DoctorId, str],
        decides_for: frozenset[DoctorId],
        hits: Mapping[LeaveId, int],
        own_zones: Collection[str],
    ) -> None:
        self._actor = actor
        self._texts = texts
        self._people = people
        self._doctors = doctors
        self._decides_for = decides_for
        self._hits = hits
        self._own_zones = own_zones
        self._now = datetime.now(UTC)

    @classmethod
    async def of(
        cls, tx: Transaction, actor: Actor, wanted: Sequence[tuple[DoctorCalendar, Sequence[Leave]]], texts: Texts
    ) -> "LeaveShown":
        """Read what the views of these leaves need, in six round trips however many there are."""
        leaves = [(calendar.doctor, leave) for calendar, all in wanted for leave in all]
        doctors = [calendar.doctor for calendar, _ in wanted]
        own = {clinic for calendar, _ in wanted if calendar.doctor == actor.doctor for clinic in calendar.clinics}
        named = {by for _, leave in leaves for by in (leave.requested_by, leave.decided_by) if by is not None}
        standing = [(doctor, leave) for doctor, leave in leaves if leave.status in STANDING]
        hits = await count_hit(tx, standing)
        return cls(
            actor,
            texts,
            await rows.account_names(tx, named) if named else {},
            await rows.doctor_names(tx, doctors),
            await decides_for(tx, actor, doctors),
            {leave.id: count for (_, leave), count in zip(standing, hits, strict=True)},
            (await rows.zones(tx, own)).values() if own else (),
        )

    def view(self, doctor: DoctorId, leave: Leave, preview: SlotPreview | None = None) -> LeaveView:
        """Return a request for leave as clients see it."""
        return LeaveView(
            id=leave.id,
            doctor_id=doctor,
            doctor_name=self._doctors.get(doctor, ""),
            type=leave.type,
            first=leave.first,
            last=leave.last,
            start=wall_time(leave.start),
            end=wall_time(leave.end),
            status=leave.status,
            reason=said(leave.reason, self._texts),
            requested_by=self._person(leave.requested_by),
            requested_at=leave.requested_at,
            decided_by=self._person(leave.decided_by),
            decided_at=leave.decided_at,
            decision_reason=said(leave.decision_reason, self._texts),
            hits=self._hits.get(leave.id, 0),
            may_decide=self._may_decide(doctor, leave),
            may_cancel=self._may_cancel(doctor, leave),
            version=leave_version(leave),
            preview=preview,
        )

    def _may_decide(self, doctor: DoctorId, leave: Leave) -> bool:
        is_theirs = self._is_own(doctor) or self._has_asked(leave)
        return leave.status is LeaveStatus.REQUESTED and doctor in self._decides_for and not is_theirs

    def _may_cancel(self, doctor: DoctorId, leave: Leave) -> bool:
        is_left = leave.status in STANDING and not is_over(leave, self._now)
        return is_left and may_cancel(
            leave,
            is_own=self._is_own(doctor),
            has_asked=self._has_asked(leave),
            decides=doctor in self._decides_for,
            now=self._now,
            zones=self._own_zones,
        )

    def _is_own(self, doctor: DoctorId) -> bool:
        return doctor == self._actor.doctor

    def _has_asked(self, leave: Leave) -> bool:
        return leave.requested_by is not None and leave.requested_by == self._actor.account

    def _person(self, account: AccountId | None) -> PersonView | None:
        return PersonView(id=account, name=self._people.get(account, "")) if account is not None else None
