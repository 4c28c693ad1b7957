"""What each desk command takes: one struct a command, shared by HTTP routes and socket events."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from scheduling_core.live_queue.state import Priority

Triage = Annotated[int, msgspec.Meta(ge=1, le=5, description="1 is most urgent")]
# "$(?!\n)", because in Python "$" alone also matches before a last newline.
Day = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$(?!\n)", description="in the clinic's zone; today if omitted")
]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
VisitType = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}$(?!\n)")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of request bodies: camelCase, unknown fields refused."""


class Empty(Body, frozen=True, kw_only=True):
    """Nothing but the target."""


class DayBody(Body, frozen=True, kw_only=True):
    """A command for a whole queue."""

    date: Day | None = None


class MoveBody(Body, frozen=True, kw_only=True):
    new_position: Annotated[int, msgspec.Meta(description="1 is first")]
    reason: Line | None = None


class NoShowBody(Body, frozen=True, kw_only=True):
    grace_period: Annotated[int, msgspec.Meta(ge=0, le=240, description="minutes")] | None = None


class StartBody(Body, frozen=True, kw_only=True):
    complete_current: bool = False


class TriageBody(Body, frozen=True, kw_only=True):
    triage: Triage


class TransferBody(Body, frozen=True, kw_only=True):
    doctor_id: UUID


class CallNextBody(Body, frozen=True, kw_only=True):
    appointment_id: UUID | None = None
    clinic_id: UUID | None = None
    date: Day | None = None


class PatientBody(Body, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    phone: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9 ()./-]{3,32}$(?!\n)")] | None = None
    email: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$(?!\n)", max_length=254)] | None = None
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$(?!\n)")] = "en"


class WalkInBody(Body, frozen=True, kw_only=True):
    patient: PatientBody
    visit_type: VisitType = "consultation"
    triage: Triage = 4
    paid_at: Instant | None = None


class EmergencyBody(Body, frozen=True, kw_only=True):
    message: Line
    priority: Priority
    estimated_delay: (
        Annotated[int, msgspec.Meta(ge=0, le=720, description="minutes; replaces an earlier delay")] | None
    ) = None
    date: Day | None = None


class UndoBody(Body, frozen=True, kw_only=True):
    version: Annotated[int, msgspec.Meta(ge=1)]
    date: Day | None = None


class AbsentBody(Body, frozen=True, kw_only=True):
    doctor_ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=50)]
    date: Day | None = None


class Target(StrEnum):
    """What a command is about."""

    APPOINTMENT = "appointmentId"
    DOCTOR = "doctorId"


class DeskCommand(msgspec.Struct, frozen=True):
    """A desk command's name on every transport, what it is about and what it takes."""

    name: str
    target: Target
    body: type[Body]
    summary: str


DESK_COMMANDS: dict[str, DeskCommand] = {
    command.name: command
    for command in (
        DeskCommand("check-in", Target.APPOINTMENT, Empty, "The patient is here"),
        DeskCommand("early-arrival", Target.APPOINTMENT, Empty, "The patient is here early (the same as check-in)"),
        DeskCommand("recall", Target.APPOINTMENT, Empty, "Call the called patient again"),
        DeskCommand("start", Target.APPOINTMENT, StartBody, "The called patient goes in"),
        DeskCommand("complete", Target.APPOINTMENT, Empty, "The patient is done"),
        DeskCommand("skip", Target.APPOINTMENT, Empty, "Put the patient a few places back"),
        DeskCommand("cancel", Target.APPOINTMENT, Empty, "The appointment will not take place"),
        DeskCommand("triage", Target.APPOINTMENT, TriageBody, "Set the urgency"),
        DeskCommand("move", Target.APPOINTMENT, MoveBody, "Put the patient at a position of the line"),
        DeskCommand("no-show", Target.APPOINTMENT, NoShowBody, "Start the grace time, or mark as not shown after it"),
        DeskCommand("transfer", Target.APPOINTMENT, TransferBody, "Hand the patient to another doctor"),
        DeskCommand("call-next", Target.DOCTOR, CallNextBody, "Call the next patient, or a chosen one who waits"),
        DeskCommand("walk-in", Target.DOCTOR, WalkInBody, "Add somebody who came without an appointment"),
        DeskCommand("pause", Target.DOCTOR, DayBody, "Stop calling for a while"),
        DeskCommand("resume", Target.DOCTOR, DayBody, "Go on calling"),
        DeskCommand("close", Target.DOCTOR, DayBody, "End the day"),
        DeskCommand("undo", Target.DOCTOR, UndoBody, "Take back a command of the last 30 seconds"),
        DeskCommand("emergency", Target.DOCTOR, EmergencyBody, "Tell everybody in the queue something"),
        DeskCommand("absent", Target.DOCTOR, AbsentBody, "The doctor is absent: move everybody to other doctors"),
    )
}
