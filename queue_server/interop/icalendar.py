"""iCalendar (RFC 5545): appointments for the calendars that people carry around.

Instants are written in UTC. A visit does not repeat, so no rule has to be followed through changes of clocks, and an
instant stays the right one even where a government changes its zone after the file was written.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from icalendar import Calendar, Event, vDuration, vText

MEDIA = "text/calendar; charset=utf-8"
PRODUCT = "-//clinic-queue-server//appointments//EN"


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as a calendar shows it."""

    id: UUID
    """Becomes the UID: the same wherever and whenever the appointment is shown, also when it was moved."""
    sequence: int
    """Grows with each change; calendars replace what they have by what has a higher one."""
    changed_at: datetime
    start: datetime
    end: datetime
    is_cancelled: bool
    summary: str
    location: str = ""
    description: str = ""
    url: str | None = None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """How a calendar that is subscribed to is called, and how often it should be asked for."""

    name: str
    refresh: timedelta


def encode(visits: Iterable[Visit], feed: Feed | None = None) -> bytes:
    """Return a calendar object with these visits, in the lines and with the escapes that RFC 5545 asks for.

    The same visits are always the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if feed is not None:
        # RFC 7986, and what calendars went by before it.
        calendar.add("name", vText(feed.name), encode=False)
        calendar.add("x-wr-calname", vText(feed.name), encode=False)
        calendar.add("refresh-interval", feed.refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(feed.refresh), encode=False)
    for visit in visits:
        calendar.add_component(_event(visit))
    encoded: bytes = calendar.to_ical()
    return encoded


def _event(visit: Visit) -> Event:
    event = Event()
    event.add("uid", str(visit.id))
    event.add("sequence", visit.sequence)
    # In something that is published both say when it was last changed.
    event.add("dtstamp", visit.changed_at.astimezone(UTC))
    event.add("last-modified", visit.changed_at.astimezone(UTC))
    event.add("dtstart", visit.start.astimezone(UTC))
    event.add("dtend", visit.end.astimezone(UTC))
    event.add("status", "CANCELLED" if visit.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if visit.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("summary", visit.summary)
    if visit.location:
        event.add("location", visit.location)
    if visit.description:
        event.add("description", visit.description)
    if visit.url is not None:
        event.add("url", visit.url)
    return event
