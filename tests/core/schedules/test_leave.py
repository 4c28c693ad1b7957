"""Leave: asked for, decided by somebody else, cancelled; never twice for the same time."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from scheduling_core.calendar import commands
from scheduling_core.calendar.sources import LeaveStatus
from scheduling_core.calendar.state import leave_version
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, OverlappingLeave, OwnLeave
from scheduling_core.ids import AccountId, ClinicId, DoctorId, LeaveId
from tests.core.schedules.doctor import ABROAD, DOCTOR, HERE, TODAY, Doctor, weekly

DESK, HEAD, OWN, OTHER = (AccountId(UUID(int=21 + n)) for n in range(4))
WEEK = TODAY + timedelta(days=14)


def status(doctor: Doctor, id: LeaveId) -> LeaveStatus:
    leave = doctor.known.leave(id)
    assert leave is not None
    return leave.status


def approve(doctor: Doctor, id: LeaveId, by: AccountId = HEAD, as_doctor: DoctorId | None = None) -> None:
    doctor.do(commands.ApproveLeave(doctor=DOCTOR, leave=id, by=by, as_doctor=as_doctor))


def test_leave_is_asked_for_approved_and_cancelled() -> None:
    doctor = Doctor()
    id = doctor.ask_leave(WEEK, WEEK + timedelta(days=4), by=DESK)
    assert status(doctor, id) is LeaveStatus.REQUESTED
    approve(doctor, id)
    leave = doctor.known.leave(id)
    assert leave is not None
    assert (leave.status, leave.requested_by, leave.decided_by) == (LeaveStatus.APPROVED, DESK, HEAD)
    assert (leave.decided_at, leave_version(leave)) == (doctor.now, 2)
    doctor.do(commands.CancelLeave(doctor=DOCTOR, leave=id, by=OWN, as_doctor=DOCTOR))
    assert status(doctor, id) is LeaveStatus.CANCELLED
    doctor.ask_leave(WEEK, by=DESK)


@pytest.mark.parametrize("decision", [commands.ApproveLeave, commands.RejectLeave])
@pytest.mark.parametrize(
    ("by", "as_doctor", "field"), [(DESK, None, "requestedBy"), (HEAD, DOCTOR, "doctorId"), (DESK, DOCTOR, "doctorId")]
)
def test_nobody_decides_on_their_own_leave(
    decision: type[commands.ApproveLeave | commands.RejectLeave],
    by: AccountId,
    as_doctor: DoctorId | None,
    field: str,
) -> None:
    doctor = Doctor()
    id = doctor.ask_leave(WEEK, by=DESK)
    with pytest.raises(OwnLeave) as error:
        doctor.do(decision(doctor=DOCTOR, leave=id, by=by, as_doctor=as_doctor))
    assert (error.value.field, error.value.status) == (field, 403)
    assert status(doctor, id) is LeaveStatus.REQUESTED


def test_another_doctor_who_heads_the_department_may_decide() -> None:
    doctor = Doctor()
    id = doctor.ask_leave(WEEK, by=DESK)
    approve(doctor, id, as_doctor=DoctorId(UUID(int=99)))
    assert status(doctor, id) is LeaveStatus.APPROVED


@pytest.mark.parametrize("first", [commands.ApproveLeave, commands.RejectLeave])
@pytest.mark.parametrize("second", [commands.ApproveLeave, commands.RejectLeave])
def test_leave_is_decided_once(
    first: type[commands.ApproveLeave | commands.RejectLeave],
    second: type[commands.ApproveLeave | commands.RejectLeave],
) -> None:
    doctor = Doctor()
    id = doctor.ask_leave(WEEK)
    doctor.do(first(doctor=DOCTOR, leave=id, by=HEAD))
    with pytest.raises(Conflict):
        doctor.do(second(doctor=DOCTOR, leave=id, by=DESK))


@pytest.mark.parametrize(
    ("first", "last"),
    [(WEEK, WEEK + timedelta(days=4)), (WEEK - timedelta(days=3), WEEK), (WEEK + timedelta(days=4), None)],
)
@pytest.mark.parametrize("is_approved", [False, True])
def test_leave_over_leave_is_refused(first: date, last: date | None, is_approved: bool) -> None:
    doctor = Doctor()
    id = doctor.ask_leave(WEEK, WEEK + timedelta(days=4))
    if is_approved:
        approve(doctor, id)
    with pytest.raises(OverlappingLeave) as error:
        doctor.ask_leave(first, last)
    assert error.value.field == "first"
    assert len(doctor.known.leaves) == 1


def test_parts_of_one_day_that_only_touch_are_two_leaves() -> None:
    doctor = Doctor()
    doctor.ask_leave(WEEK, start=9 * 60, end=12 * 60)
    doctor.ask_leave(WEEK, start=12 * 60, end=24 * 60)
    for start, end in ((8 * 60, 9 * 60 + 1), (None, None)):
        with pytest.raises(OverlappingLeave):
            doctor.ask_leave(WEEK, start=start, end=end)


def test_rejected_and_cancelled_leave_is_in_nobodys_way() -> None:
    doctor = Doctor()
    rejected = doctor.ask_leave(WEEK)
    doctor.do(commands.RejectLeave(doctor=DOCTOR, leave=rejected, by=HEAD))
    cancelled = doctor.ask_leave(WEEK, by=DESK)
    doctor.do(commands.CancelLeave(doctor=DOCTOR, leave=cancelled, by=DESK))
    doctor.ask_leave(WEEK)
    for over in (rejected, cancelled):
        with pytest.raises(Conflict):
            doctor.do(commands.CancelLeave(doctor=DOCTOR, leave=over, by=DESK))


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("last", {"first": WEEK, "last": WEEK - timedelta(days=1)}),
        ("last", {"first": WEEK, "last": WEEK + timedelta(days=366)}),
        ("first", {"first": TODAY - timedelta(days=32)}),
        ("first", {"first": TODAY + timedelta(days=800)}),
        ("first", {"first": date.max}),
        ("first", {"first": date.min, "last": date.max}),
        ("end", {"first": WEEK, "start": 540}),
        ("start", {"first": WEEK, "end": 540}),
        ("start", {"first": WEEK, "last": WEEK + timedelta(days=1), "start": 540, "end": 600}),
        ("end", {"first": WEEK, "start": 600, "end": 600}),
        ("end", {"first": WEEK, "start": 600, "end": 1441}),
        ("start", {"first": WEEK, "start": 1440, "end": 1500}),
    ],
)
def test_leave_that_makes_no_sense_is_refused_by_field(field: str, given: dict[str, object]) -> None:
    doctor = Doctor()
    with pytest.raises(InvalidValue) as error:
        doctor.ask_leave(**given)  # type: ignore[arg-type]
    assert (error.value.field, doctor.calendar) == (field, None)


@pytest.mark.parametrize(
    ("who", "waiting", "approved", "begun"),
    [
        ("doctor", True, True, False),
        ("desk that asked", True, False, False),
        ("another desk", False, False, False),
        ("head", True, True, True),
        ("head, who is the doctor", True, True, False),
    ],
)
def test_leave_is_cancelled_by_whose_it_is_until_it_begins_and_by_who_decides(
    who: str, waiting: bool, approved: bool, begun: bool
) -> None:
    """Reception passes requests on: what was decided is not reception's to undo, even where it has asked."""
    for state, may in (("waiting", waiting), ("approved", approved), ("begun", begun)):
        doctor = Doctor()
        doctor.schedule(weekly(1, "09:00", "12:00"))
        id = doctor.ask_leave(TODAY if state == "begun" else WEEK, WEEK, by=DESK)
        if state != "waiting":
            approve(doctor, id)
        cancel = commands.CancelLeave(
            doctor=DOCTOR,
            leave=id,
            by={"desk that asked": DESK, "another desk": OTHER}.get(who, OWN),
            as_doctor=DOCTOR if "doctor" in who else None,
            decides=who.startswith("head"),
        )
        before = status(doctor, id)
        if may:
            doctor.do(cancel)
        else:
            with pytest.raises(Forbidden):
                doctor.do(cancel)
        assert status(doctor, id) is (LeaveStatus.CANCELLED if may else before), state


@pytest.mark.parametrize(
    ("clinic", "start", "begun"),
    [
        (HERE, None, True),
        (HERE, 9 * 60, True),
        (HERE, 9 * 60 + 1, False),
        (ABROAD, 13 * 60 + 30, True),
        (ABROAD, 13 * 60 + 31, False),
    ],
)
def test_leave_begins_by_the_clock_of_the_clinic(clinic: ClinicId, start: int | None, begun: bool) -> None:
    """It is nine in Berlin and half past one in Kolkata."""
    doctor = Doctor()
    doctor.schedule(weekly(1, "09:00", "12:00"), clinic=clinic)
    id = doctor.ask_leave(TODAY, start=start, end=None if start is None else 24 * 60)
    approve(doctor, id)
    cancel = commands.CancelLeave(doctor=DOCTOR, leave=id, by=OWN, as_doctor=DOCTOR)
    if begun:
        with pytest.raises(Forbidden, match="begun"):
            doctor.do(cancel)
    else:
        doctor.do(cancel)


def test_leave_that_was_taken_stays_taken_and_unknown_leave_is_not_found() -> None:
    doctor = Doctor()
    id = doctor.ask_leave(TODAY - timedelta(days=3))
    approve(doctor, id)
    with pytest.raises(Conflict):
        doctor.do(commands.CancelLeave(doctor=DOCTOR, leave=id, by=DESK))
    with pytest.raises(NotFound):
        approve(doctor, LeaveId(uuid4()))
