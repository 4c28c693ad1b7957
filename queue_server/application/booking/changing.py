"""Changing an appointment that was booked: whoever may, in the line that holds it now."""

from hashlib import sha256
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.booking.appointments import check_may_change
from queue_server.application.links import TrackingLinks, check_generation
from queue_server.application.tokens import TrackingClaims
from queue_server.application.unit import QueueKey, Unit
from queue_server.store import appointments as store
from queue_server.store.db import Row
from scheduling_core.errors import Conflict, InvalidTrackingToken, NotFound
from scheduling_core.ids import DoctorId, EntryId


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is to be changed, and by whom; `link` when all they show for it is the tracking link."""

    actor: Actor
    appointment: EntryId
    link: TrackingClaims | None = None
    holder: Actor | None = None
    """Who keeps the place that it is moved to, if that is not the actor."""


def of_account(actor: Actor, appointment: UUID) -> Change:
    """Return the change that an account asks for."""
    return Change(actor=actor, appointment=EntryId(appointment))


def by_link(links: TrackingLinks, token: str, *, holder: Actor | None = None, request_id: str | None = None) -> Change:
    """Return the change that whoever has this tracking link asks for.

    They act as nobody in particular, each link's holder for its own appointment. Raises `InvalidTrackingToken` for a
    token that is none, or when a `holder` comes from somewhere else.
    """
    claims = links.read(token)
    if holder is not None and holder.tenant != claims.tenant:
        raise InvalidTrackingToken("This link is for another organisation.")
    digest = sha256(b"link:" + claims.tenant.bytes + claims.appointment.bytes).digest()
    actor = Actor(tenant=claims.tenant, guest=UUID(bytes=digest[:16]), request_id=request_id)
    return Change(actor=actor, appointment=claims.appointment, link=claims, holder=holder)


async def found(unit: Unit, change: Change) -> Row:
    """Return the appointment, before anything is locked.

    Raises `NotFound`, `Forbidden`, `InvalidTrackingToken` or `RevokedTrackingToken` when it is not for this actor to
    change.
    """
    row = await store.appointment(unit.tx, change.appointment)
    if row is None:
        raise NotFound("There is no such appointment.")
    if change.link is None:
        await check_may_change(unit.tx, change.actor, row)
    else:
        check_generation(change.link, row["links_generation"])
    return row


async def under_lock(unit: Unit, row: Row) -> Row:
    """Return the appointment as it is now that its line is locked; raises `Conflict` if it has just left that line."""
    again = await store.appointment(unit.tx, row["appointment_id"])
    if again is None or line_of(again) != line_of(row):
        raise Conflict("This appointment has just been moved. Look again.")
    return again


def line_of(row: Row) -> QueueKey:
    """Return the line that holds the appointment of a row."""
    return QueueKey(DoctorId(row["doctor_id"]), row["date"].isoformat())
