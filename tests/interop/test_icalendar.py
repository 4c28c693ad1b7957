"""Calendar objects: what RFC 5545 asks of lines, escapes and instants, read back by a parser."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import icalendar
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.interop.icalendar import Feed, Visit, encode

NINE = datetime(2026, 3, 29, 9, tzinfo=UTC)
VISIT = Visit(
    id=UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"),
    sequence=3,
    changed_at=NINE - timedelta(days=2),
    start=NINE,
    end=NINE + timedelta(minutes=20),
    is_cancelled=False,
    summary="Appointment with Dr Rao",
    location="Riverside Clinic, 1 River Street, Room 1",
    url="https://clinic.example.org/t/token",
)


def read(body: bytes) -> tuple[Any, list[Any]]:
    """Parse an object as a calendar would; returns it with its events."""
    calendar: Any = icalendar.Calendar.from_ical(body)
    assert calendar.errors == []
    return calendar, list(calendar.walk("VEVENT"))


def check_lines(body: bytes) -> None:
    """Check what RFC 5545, section 3.1, says about lines: CRLF alone, at most 75 octets, whole characters."""
    assert body.endswith(b"\r\n")
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        line.decode("utf-8")


def test_a_visit_is_read_back_as_it_was_written() -> None:
    calendar, (event,) = read(encode([VISIT]))
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert (event["uid"], event["sequence"], event["status"]) == (str(VISIT.id), 3, "CONFIRMED")
    assert (event["dtstart"].dt, event["dtend"].dt) == (VISIT.start, VISIT.end)
    assert (event["summary"], event["location"], event["url"]) == (VISIT.summary, VISIT.location, VISIT.url)


def test_instants_are_in_utc_whatever_zone_they_came_in() -> None:
    berlin = msgspec.structs.replace(VISIT, start=NINE.astimezone(timezone(timedelta(hours=2))))
    assert b"DTSTART:20260329T090000Z\r\n" in encode([berlin])
    assert encode([berlin]) == encode([VISIT])


def test_a_cancelled_visit_says_so_and_takes_no_time() -> None:
    _, (event,) = read(encode([msgspec.structs.replace(VISIT, is_cancelled=True)]))
    assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")


def test_a_feed_says_its_name_and_how_often_to_ask() -> None:
    body = encode([VISIT], Feed(name="Dr Rao, Riverside; all", refresh=timedelta(minutes=15)))
    calendar, _ = read(body)
    assert b"NAME:Dr Rao\\, Riverside\\; all\r\n" in body
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in body
    assert b"X-PUBLISHED-TTL:PT15M\r\n" in body
    assert calendar["method"] == "PUBLISH"


def test_a_feed_without_visits_is_a_calendar_too() -> None:
    _, events = read(encode([], Feed(name="Nothing", refresh=timedelta(minutes=15))))
    assert events == []


@pytest.mark.parametrize("field", ["summary", "location"])
@given(text=st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=300))
def test_no_text_breaks_a_line_or_leaves_its_field(field: str, text: str) -> None:
    body = encode([msgspec.structs.replace(VISIT, **{field: text})])
    check_lines(body)
    _, (event,) = read(body)
    assert (event[field], event["uid"], event["sequence"]) == (text, str(VISIT.id), 3)


def test_a_name_that_looks_like_a_property_stays_a_name() -> None:
    _, (event,) = read(encode([msgspec.structs.replace(VISIT, summary="x\nATTENDEE:mailto:a@example.org")]))
    assert "attendee" not in event
    assert event["summary"] == "x\nATTENDEE:mailto:a@example.org"
