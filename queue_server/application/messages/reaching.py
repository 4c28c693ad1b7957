"""How a reader is reached: their addresses, what they want, and when they are not to be woken."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from queue_server.application.messages.kinds import Kind, is_urgent, order
from queue_server.store import clinics, preferences
from queue_server.store import waitlist as policies
from queue_server.store.db import Transaction
from queue_server.store.messages import Channel
from queue_server.store.readers import Reader
from scheduling_core.ids import ClinicId
from scheduling_core.patients import ConsentKind
from scheduling_core.waitlist.policy import QuietHours, quiet_until


def address(reader: Reader, channel: Channel) -> str | None:
    """Return where a reader is reached by a channel, or None: what stands in their particulars, else what they have
    shown to be theirs. A push goes to all of their browsers, so it is addressed to them."""
    match channel:
        case Channel.PUSH:
            return str(reader.id) if reader.takes_pushes else None
        case Channel.EMAIL:
            return reader.email or next((one for one in reader.shown if "@" in one), None)
        case Channel.SMS | Channel.WHATSAPP:
            return reader.phone or next((one for one in reader.shown if "@" not in one), None)


async def channels(
    tx: Transaction, reader: Reader, patient: UUID, kind: Kind, configured: Collection[Channel]
) -> list[Channel]:
    """Return the channels that a message of this kind may go through, in the order in which they are tried: those that
    are set up, by which the reader is reached and wants to hear of it, of this patient. None for who wants no messages
    at all."""
    if ConsentKind.MESSAGES in reader.refused:
        return []
    if kind is Kind.REMINDER and ConsentKind.REMINDERS in reader.refused:
        return []
    said = await preferences.of_kind(tx, reader.id, kind)
    # Who acts for somebody may want to hear of themselves, and not of them.
    of_them = await preferences.of_kind(tx, patient, kind) if patient != reader.id else {}
    unwanted = {channel for channel in Channel if not (said.get(channel, True) and of_them.get(channel, True))}
    return [
        channel
        for channel in order(kind)
        if channel in configured and channel not in unwanted and address(reader, channel) is not None
    ]


async def may_go_at(
    tx: Transaction,
    reader: UUID,
    clinic: UUID | None,
    kind: Kind,
    channel: Channel,
    at: datetime,
    *,
    expires_at: datetime | None,
) -> datetime:
    """Return when a message may go: `at` itself, or the end of the quiet hours that it falls into.

    Their own hours hold for everything that can wait, by the clock of where they are; to be asked once more about an
    offer can wait, if the morning is not too late for the answer. Who has said nothing is woken by
    no phone in the quiet hours of the clinic's policy; mail wakes nobody. What would be of no use any more by the end
    of the night goes at once.
    """
    if is_urgent(kind) and kind is not Kind.WAITLIST_REMINDER:
        return at
    own = await preferences.hours(tx, reader)
    if own is not None:
        hours = QuietHours(start=own.start.strftime("%H:%M"), end=own.end.strftime("%H:%M"))
        zone = own.timezone or await _zone(tx, clinic)
    elif channel is Channel.EMAIL or clinic is None:
        return at
    else:
        hours = (await policies.policy(tx, ClinicId(clinic))).policy.quiet_hours
        zone = await _zone(tx, clinic)
    then = quiet_until(hours, at, ZoneInfo(zone))
    return at if expires_at is not None and then >= expires_at else then


async def _zone(tx: Transaction, clinic: UUID | None) -> str:
    found = await clinics.clinic(tx, ClinicId(clinic)) if clinic is not None else None
    return found.timezone if found is not None else "UTC"
