"""Requests for leave as clients see them: with names, and how many appointments they hit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from queue_server.application.actor import Actor
from queue_server.application.schedules.access import may_decide_for
from queue_server.application.schedules.views import LeaveView, SlotPreview
from queue_server.application.schedules.wire import Texts, said, wall_time
from queue_server.application.views.accounts import PersonView
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from queue_server.store.schedules import Expected, Stretch
from scheduling_core.calendar.decide_leave import STANDING
from scheduling_core.calendar.sources import Leave, LeaveStatus
from scheduling_core.calendar.state import leave_version
from scheduling_core.calendar.wall_time import instant, moment
from scheduling_core.ids import AccountId, DoctorId, LeaveId

DAY = timedelta(days=1)


def span_of(leave: Leave, zone: str) -> tuple[datetime, datetime]:
    """Return from when to when leave lasts by the clock of `zone`."""
    begins = instant(zone, leave.first.toordinal(), leave.start or 0)
    if leave.end is not None:
        return moment(begins), moment(instant(zone, leave.last.toordinal(), leave.end))
    return moment(begins), moment(instant(zone, (leave.last + DAY).toordinal(), 0))


async def hit_by(tx: Transaction, doctor: DoctorId, leave: Leave) -> list[Expected]:
    """Return the appointments that lie in a leave, by their start."""
    return (await _all_hit(tx, [(doctor, leave)]))[0]


async def _all_hit(tx: Transaction, wanted: Sequence[tuple[DoctorId, Leave]]) -> list[list[Expected]]:
    # A date may begin earlier or later than the clinic's: what lies around it is looked at by the clock.
    stretches = [Stretch(doctor, leave.first - DAY, leave.last + DAY) for doctor, leave in wanted]
    found = await rows.expected(tx, stretches) if stretches else []
    return [[one for one in around if _meets(one, leave)] for (_, leave), around in zip(wanted, found, strict=True)]


def _meets(appointment: Expected, leave: Leave) -> bool:
    begins, ends = span_of(leave, appointment.zone)
    return appointment.start < ends and begins < appointment.start + timedelta(minutes=appointment.minutes)


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
    ) -> None:
        self._actor = actor
        self._texts = texts
        self._people = people
        self._doctors = doctors
        self._decides_for = decides_for
        self._hits = hits

    @classmethod
    async def of(
        cls, tx: Transaction, actor: Actor, wanted: Mapping[DoctorId, Sequence[Leave]], texts: Texts
    ) -> "LeaveShown":
        """Read what the views of these leaves need."""
        leaves = [(doctor, leave) for doctor, all in wanted.items() for leave in all]
        named = {by for _, leave in leaves for by in (leave.requested_by, leave.decided_by) if by is not None}
        standing = [(doctor, leave) for doctor, leave in leaves if leave.status in STANDING]
        hit = await _all_hit(tx, standing)
        return cls(
            actor,
            texts,
            await rows.account_names(tx, named) if named else {},
            await rows.doctor_names(tx, wanted),
            frozenset([doctor for doctor in wanted if await may_decide_for(tx, actor, doctor)]),
            {leave.id: len(found) for (_, leave), found in zip(standing, hit, strict=True)},
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
            version=leave_version(leave),
            preview=preview,
        )

    def _may_decide(self, doctor: DoctorId, leave: Leave) -> bool:
        is_own = doctor == self._actor.doctor or (
            leave.requested_by is not None and leave.requested_by == self._actor.account
        )
        return leave.status is LeaveStatus.REQUESTED and doctor in self._decides_for and not is_own

    def _person(self, account: AccountId | None) -> PersonView | None:
        return PersonView(id=account, name=self._people.get(account, "")) if account is not None else None
