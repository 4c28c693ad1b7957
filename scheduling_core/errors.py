"""Everything the rules may refuse. Each error says its stable code, its title and its HTTP status.

One handler turns the tree into `application/problem+json`; one table in the store maps
constraint names of the database to members of this tree.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID


class DomainError(Exception):
    """Something was refused and nothing was changed."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"
    status: ClassVar[int] = 409

    def __init__(
        self,
        detail: str | None = None,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        faults: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.detail = detail or self.title
        self.field = field
        self.faults = faults
        """Several things that are to blame, each with what is wrong with it."""
        self.retry_after = retry_after
        """Seconds after which a retry makes sense, where one does."""
        super().__init__(self.detail)


class MalformedRequest(DomainError):
    """The request could not be read at all."""

    code, title, status = "malformed_request", "The request could not be read", 400


class PayloadTooLarge(DomainError):
    """The body is larger than the server takes."""

    code, title, status = "payload_too_large", "The request body is too large", 413


class InvalidValue(DomainError):
    """One field holds a value that makes no sense; `field` names it."""

    code, title, status = "validation_failed", "A value is not valid", 422


class PositionOutOfRange(InvalidValue):
    """The line has no such position."""

    code, title = "position_out_of_range", "There is no such position in the line"


class IdempotencyKeyReused(InvalidValue):
    """The key was used before with another request."""

    code, title = "idempotency_key_reused", "This idempotency key was used for another request"


class Unauthenticated(DomainError):
    """No credentials, or none that are valid."""

    code, title, status = "unauthenticated", "Please sign in", 401


class WrongCode(Unauthenticated):
    """This is not the code that was sent."""

    code, title = "wrong_code", "This code is not right"


class CodeExpired(Unauthenticated):
    """No code is good for this contact: none was sent, or it is too old, was used, or was guessed at too often."""

    code, title = "code_expired", "This code is not good any more"


class Forbidden(DomainError):
    """The role may not do this."""

    code, title, status = "forbidden", "Your role does not allow this", 403


class OwnLeave(Forbidden):
    """Leave is decided by somebody else than who takes it or asked for it."""

    code, title = "own_leave", "Nobody decides on their own leave"


class NotFound(DomainError):
    """Unknown to this tenant: never existed, or belongs to somebody else."""

    code, title, status = "not_found", "Not found", 404


class InvalidTrackingToken(DomainError):
    """The tracking link is forged, foreign, malformed or expired."""

    code, title, status = "invalid_tracking_token", "This tracking link is not valid", 400


class RevokedTrackingToken(DomainError):
    """The tracking link was withdrawn."""

    code, title, status = "revoked_tracking_token", "This tracking link was withdrawn", 410


class StaleVersion(DomainError):
    """`If-Match` named a version that is no longer the newest."""

    code, title, status = "stale_version", "This has changed since you looked", 412


class Change(NamedTuple):
    """A field that was changed, by whom (None: the system), when, and which version that made."""

    field: str
    by: UUID | None
    name: str
    at: datetime
    version: int


class ChangedMeanwhile(StaleVersion):
    """Somebody else saved first; `changes` says what, who and when, for those who have to start over."""

    title = "Somebody else has changed this since you looked"

    def __init__(self, detail: str | None = None, *, changes: Sequence[Change] = ()) -> None:
        self.changes = changes
        super().__init__(detail)


class TooManyRequests(DomainError):
    """A rate limit is used up."""

    code, title, status = "too_many_requests", "Too many requests", 429


class Unavailable(DomainError):
    """A dependency is away; nothing acknowledged is lost."""

    code, title, status = "unavailable", "The service is briefly unavailable", 503


class Conflict(DomainError):
    """The state of things forbids it (also: a unique name that is taken)."""

    code, title = "conflict", "This conflicts with what is already there"


class MorePatientsHit(Conflict):
    """Somebody was booked into the leave after its approver had looked."""

    code, title = "more_patients_hit", "Somebody else has been booked into this leave meanwhile"


class IllegalTransition(Conflict):
    """The entry's state does not allow the command."""

    code, title = "illegal_transition", "This cannot be done in the entry's present state"


class AlreadyCalling(Conflict):
    """Somebody is called and has not gone in yet."""

    code, title = "already_calling", "Somebody is being called already"


class DoctorBusy(Conflict):
    """A consultation is in progress."""

    code, title = "doctor_busy", "A consultation is in progress"


class NobodyToCall(Conflict):
    """Nobody who is here may be called yet."""

    code, title = "nobody_to_call", "There is nobody to call"


class SkipLimitReached(Conflict):
    """The entry was skipped as often as the policy allows."""

    code, title = "skip_limit_reached", "This patient was skipped as often as the policy allows"


class QueuePaused(Conflict):
    """The queue is paused: resume it first."""

    code, title = "queue_paused", "The queue is paused"


class QueueClosed(Conflict):
    """The day is closed."""

    code, title = "queue_closed", "The day is closed"


class NotThatDay(Conflict):
    """The command runs a day's queue, and it is not that day in the clinic."""

    code, title = "not_that_day", "This can be done only on the day of the queue"


class CapacityReached(Conflict):
    """The clinic's cap for the day or window is reached."""

    code, title = "capacity_reached", "The clinic has no capacity left"


class WaitlistFull(Conflict):
    """As many wait as the clinic lets."""

    code, title = "waitlist_full", "The waitlist is full"


class AlreadyWaiting(Conflict):
    """The patient waits for this already."""

    code, title = "already_waiting", "You are on this waitlist already"

    def __init__(self, entry: UUID) -> None:
        super().__init__()
        self.entry = entry


class InviteExpired(Conflict):
    """The time that was offered is not held any more."""

    code, title = "invite_expired", "This offer is over"


class OtherTimeZone(Conflict):
    """A doctor has one line a day, which runs by the clock of the clinic that opened it."""

    code, title = "other_time_zone", "The doctor's day runs in another time zone"


class SlotUnavailable(Conflict):
    """The slot cannot be booked any more: it is full, or it is not offered any longer."""

    code, title = "slot_unavailable", "This time cannot be booked any more"


class SlotBlocked(SlotUnavailable):
    """Staff have blocked the slot."""

    code, title = "slot_blocked", "This time is blocked"


class SlotPast(SlotUnavailable):
    """The slot has begun."""

    code, title = "slot_past", "This time is over"


class ModeNotOffered(SlotUnavailable):
    """The slot is not offered in this way: in person or by video."""

    code, title = "mode_not_offered", "This time is not offered in this way"


class HoldExpired(SlotUnavailable):
    """The time for which a place was held is over."""

    code, title = "hold_expired", "The time you had is over"


class HoldLimitReached(Conflict):
    """Somebody holds as many places as the clinic's policy allows."""

    code, title = "hold_limit_reached", "You are holding as many times as allowed"


class TooLateToCancel(Conflict):
    """The clinic's deadline for cancelling or moving an appointment is over."""

    code, title = "too_late_to_cancel", "It is too late to change this appointment here"


class NothingToPay(Conflict):
    """The doctor has no fee for such a visit, or it is paid already."""

    code, title = "nothing_to_pay", "There is nothing to pay for this visit"


class NoOnlinePayment(Conflict):
    """No payment provider is set up here."""

    code, title = "no_online_payment", "This clinic takes payments at the desk only"


class PaymentRefused(Conflict):
    """The payment provider has understood the request and does not do it."""

    code, title = "payment_refused", "The payment provider has refused this"


class InvalidSignature(DomainError):
    """A notice that the payment provider has not signed, or that it signed too long ago."""

    code, title, status = "invalid_signature", "This notice is not signed as it should be", 401


class NoticeDisagrees(Conflict):
    """A notice of a payment provider names another amount or currency than was asked for."""

    code, title = "notice_disagrees", "This notice does not agree with the payment"


class StillExpected(Conflict):
    """Appointments are still to come: they have to be cancelled before."""

    code, title = "still_expected", "There are appointments still to come"


class PlacesTaken(Conflict):
    """More patients are booked than the slot would take."""

    code, title = "places_taken", "More patients are booked than that"


class UndoSuperseded(Conflict):
    """A later command touched the same entry."""

    code, title = "undo_superseded", "Something newer happened to the same entry"


class UndoExpired(Conflict):
    """The time for an undo is over."""

    code, title = "undo_expired", "It is too late to undo this"


class NothingToUndo(Conflict):
    """No such command of reception, or it was undone already."""

    code, title = "nothing_to_undo", "There is nothing to undo at this version"


class OverlappingSittings(Conflict):
    """The doctor would sit in two places at once."""

    code, title = "overlapping_sittings", "These sittings overlap others of this doctor"


class OverlappingLeave(Conflict):
    """Leave is asked for or granted already for some of this time."""

    code, title = "overlapping_leave", "There is leave already for some of this time"


class ResourceTaken(Conflict):
    """A room or a piece of equipment is reserved or under maintenance at that time."""

    code, title = "resource_taken", "This room or equipment is taken at that time"


class InUse(Conflict):
    """It cannot be removed while something depends on it; `faults` names what."""

    code, title = "in_use", "This is still in use"
