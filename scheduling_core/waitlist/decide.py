"""What may be done with an entry, and what follows. Pure."""

from datetime import datetime, timedelta

from scheduling_core.errors import (
    Conflict,
    InvalidValue,
    InviteExpired,
    NotFound,
)
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, InviteId, PatientId, TextId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import EndOfInvite
from scheduling_core.waitlist.matching import Freed
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import Entry, Invite, WaitlistStatus

Events = list[ev.WaitlistEvent]

LONGEST_DEFERRAL = timedelta(days=365)


def check_window(window: ev.Window, now: datetime) -> None:
    """Raise `InvalidValue` for a window that is over, or ends before it starts."""
    if window.start is not None and window.end is not None and window.end <= window.start:
        raise InvalidValue("The window ends before it starts.", field="requestedWindow.end")
    if window.end is not None and window.end <= now:
        raise InvalidValue("The window is over already.", field="requestedWindow.end")


def join(
    entry: WaitlistId,
    clinic: ClinicId,
    doctor: DoctorId | None,
    patient: PatientId,
    wish: ev.Wish,
    policy: WaitlistPolicy,
    now: datetime,
) -> Events:
    """Return what follows when somebody joins; that they do not wait already, and find a place, is asked before.

    Raises `InvalidValue` for a window that makes no sense, and for a kind of visit that nobody waits for.
    """
    check_window(wish.window, now)
    if wish.visit_type in policy.excluded_visit_types:
        raise InvalidValue("Nobody waits for this kind of visit here; please call the clinic.", field="visitType")
    expires_at = now + timedelta(hours=policy.auto_expiry_hours)
    if wish.window.end is not None:
        expires_at = min(expires_at, wish.window.end)
    return [
        ev.WaitlistJoined(entry=entry, clinic=clinic, doctor=doctor, patient=patient, wish=wish, expires_at=expires_at)
    ]


def edit(entry: Entry, wish: ev.Wish, now: datetime) -> Events:
    """Return what follows when somebody wishes for something else."""
    check_waits(entry)
    if wish == entry.wish:
        return []
    if wish.window != entry.wish.window:
        check_window(wish.window, now)
    return [ev.WaitlistEdited(wish=wish)]


def override(entry: Entry, given: ev.Override | None) -> Events:
    """Return what follows when staff give somebody a place in the list, or take it back."""
    check_waits(entry)
    return [] if given is None and entry.override is None else [ev.WaitlistOverridden(override=given)]


def defer(entry: Entry, until: datetime, now: datetime) -> Events:
    """Return what follows when nothing is to be offered to somebody for a while; an offer that is open ends."""
    check_waits(entry)
    if until <= now:
        raise InvalidValue("This moment is over.", field="until")
    if until > now + LONGEST_DEFERRAL or until >= entry.expires_at:
        raise InvalidValue("By then they would not be in the list any more.", field="until")
    return [*withdraw(entry), ev.WaitlistDeferred(until=until)]


def resume(entry: Entry) -> Events:
    """Return what follows when times are offered to somebody again; nothing, if they are."""
    check_waits(entry)
    return [ev.WaitlistResumed()] if entry.deferred_until is not None else []


def invite(
    entry: Entry, invite: InviteId, hold: HoldId, freed: Freed, mode: Mode, respond_by: datetime, *, by_hand: bool
) -> Events:
    """Return what follows when a time is offered to somebody; raises `Conflict` when one is already, or they do not
    wait. Whether the time is for them is asked before; a deferral ends, for staff may know better."""
    check_waits(entry)
    if entry.invite is not None:
        raise Conflict("Another time is offered to this patient just now.")
    return [
        ev.WaitlistInvited(
            invite=invite,
            hold=hold,
            slot=freed.slot,
            doctor=freed.doctor,
            start=freed.start,
            mode=mode,
            respond_by=respond_by,
            by_hand=by_hand,
        )
    ]


def current(entry: Entry) -> InviteId:
    """Return what is offered just now; raises as `answerable` does when nothing is."""
    if entry.invite is not None:
        return entry.invite.id
    check_waits(entry)
    raise InviteExpired if entry.invited else NotFound("Nothing is offered to you.")


def answerable(entry: Entry, invite: InviteId, now: datetime) -> Invite:
    """Return the invite if it can be answered.

    Raises `Conflict` when it was accepted or the entry has ended, `InviteExpired` when its time is over, `NotFound`
    for one that this entry never had.
    """
    check_waits(entry)
    if entry.invite is None or entry.invite.id != invite:
        raise InviteExpired if entry.invited else NotFound("There is no such invite.")
    if not entry.invite.is_live(now):
        raise InviteExpired
    return entry.invite


def decline(entry: Entry, invite: InviteId, now: datetime) -> Events:
    """Return what follows when somebody does not want the time; raises as `answerable`."""
    answerable(entry, invite, now)
    return [ev.WaitlistInviteEnded(invite=invite, why=EndOfInvite.DECLINED)]


def unanswered(entry: Entry, now: datetime) -> Events:
    """Return what follows when the time to answer is over; nothing while it is not."""
    if entry.invite is None or entry.invite.is_live(now):
        return []
    return [ev.WaitlistInviteEnded(invite=entry.invite.id, why=EndOfInvite.UNANSWERED)]


def withdraw(entry: Entry, why: EndOfInvite = EndOfInvite.WITHDRAWN) -> Events:
    """Return what follows when what is offered to somebody is not any more; nothing, if nothing is."""
    return [ev.WaitlistInviteEnded(invite=entry.invite.id, why=why)] if entry.invite is not None else []


def promote(
    entry: Entry, appointment: EntryId, invite: InviteId | None = None, *, freed_at: datetime | None = None
) -> Events:
    """Return what follows when somebody has got an appointment, at a time that was given back then, if anybody had it;
    an offer of another time ends.

    Raises `Conflict` when they do not wait (any more): of several who promote them at once, one does.
    """
    check_waits(entry)
    others = withdraw(entry) if entry.invite is not None and entry.invite.id != invite else []
    return [*others, ev.WaitlistPromoted(appointment=appointment, invite=invite, freed_at=freed_at)]


def expire(entry: Entry, now: datetime) -> Events:
    """Return what follows when somebody has waited long enough; nothing while they have not, or a time is offered."""
    if not entry.is_waiting or now < entry.expires_at:
        return []
    if entry.invite is not None and entry.invite.is_live(now):
        return []
    return [*unanswered(entry, now), ev.WaitlistExpired()]


def cancel(entry: Entry, reason: TextId | None = None) -> Events:
    """Return what follows when somebody waits no longer; raises `Conflict` when they do not wait."""
    check_waits(entry)
    return [*withdraw(entry), ev.WaitlistCancelled(reason=reason)]


def check_waits(entry: Entry) -> None:
    """Raise `Conflict` unless they wait."""
    if entry.ended is WaitlistStatus.PROMOTED:
        raise Conflict("There is an appointment already.")
    if entry.ended is not None:
        raise Conflict("Nobody waits by this entry any more.")
