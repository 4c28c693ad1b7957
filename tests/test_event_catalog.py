"""Every type of event that was asked for exists, and is told in the catalog as the code has it."""

from typing import Any, NewType, get_args, get_type_hints

import msgspec
import pytest

from queue_server import event_catalog

ASKED_FOR = {
    "doctor": [
        "doctor_created",
        "doctor_updated",
        "doctor_specialty_added",
        "doctor_specialty_removed",
        "doctor_qualification_added",
        "doctor_qualification_removed",
        "doctor_department_assigned",
        "doctor_department_unassigned",
        "doctor_clinic_assigned",
        "doctor_clinic_unassigned",
        "doctor_fees_updated",
        "doctor_status_changed",
        "doctor_verification_recorded",
        "doctor_activated",
        "doctor_onboarding_stage_completed",
    ],
    "calendar": [
        "schedule_created",
        "schedule_updated",
        "schedule_ended",
        "override_added",
        "override_removed",
        "leave_requested",
        "leave_approved",
        "leave_rejected",
        "leave_cancelled",
        "emergency_added",
        "forced_block_added",
        "holiday_added",
        "exception_removed",
    ],
    "slots": [
        "slots_generated",
        "slot_blocked",
        "slot_unblocked",
        "slot_capacity_changed",
        "hold_created",
        "hold_released",
        "hold_expired",
        "slot_booked",
    ],
    "room": [
        "room_created",
        "room_updated",
        "room_retired",
        "room_assigned",
        "maintenance_planned",
        "maintenance_finished",
    ],
    "equipment": [
        "equipment_created",
        "equipment_updated",
        "equipment_assigned",
        "maintenance_planned",
        "maintenance_finished",
    ],
    "department": ["department_created", "department_updated"],
    "clinic": ["clinic_created", "clinic_updated"],
}
SECTIONS = {section.kind: section for section in event_catalog.sections()}

CODES = {
    "jobKind": "what a job does; there was one of it",
    "algorithms": "names of signing algorithms",
    "end": "a time of day",
    "excludedVisitTypes": "codes",
    "notificationTemplateOverrides": "names of templates, by kinds of messages",
    "start": "a time of day",
    "channel": "how a message travels",
    "country": "ISO 3166",
    "currency": "ISO 4217",
    "date": "a date of a queue",
    "from_date": "a date of a queue",
    "intent": "what a payment provider calls a payment",
    "language": "BCP 47",
    "languages": "BCP 47",
    "last_called": "a ticket",
    "messageKind": "what a message is about, by its code",
    "messageKinds": "what messages are about, by their codes",
    "pay_url": "an address that a payment provider has made",
    "provider": "the name of a payment provider in the settings",
    "region": "a part of a country, as its holidays know it",
    "slug": "part of an address, of lower-case letters and digits",
    "specialties": "codes",
    "specialty": "a code",
    "templateName": "lower-case letters and digits",
    "ticket": "letters and a number",
    "ticketPrefix": "letters",
    "ticket_prefix": "letters",
    "timezone": "IANA",
    "to_date": "a date of a queue",
    "visit_type": "a code",
}
"""Fields of plain strings, and why no words of anybody come into them."""


def page() -> str:
    return event_catalog.TARGET.read_text(encoding="utf-8")


def test_the_page_is_what_the_code_says() -> None:
    assert page() == event_catalog.catalog(), "run `make events`"


@pytest.mark.parametrize("kind", ASKED_FOR)
def test_every_type_that_was_asked_for_exists_and_is_told(kind: str) -> None:
    missing = [name for name in ASKED_FOR[kind] if name not in SECTIONS[kind].types]
    assert missing == []
    assert all(f"| `{name}` | " in page() for name in ASKED_FOR[kind])


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_type_of_a_stream_is_told_with_its_fields(kind: str) -> None:
    lines = page().splitlines()
    for name, type in SECTIONS[kind].types.items():
        told = [line for line in lines if line.startswith(f"| `{name}` | ")]
        assert told, name
        fields = [field.encode_name for field in msgspec.structs.fields(type)]
        assert any(all(f"`{field}` " in line or f"`{field}?` " in line for field in fields) for line in told), name


def test_a_page_that_is_stale_fails_the_check(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "events.md"
    stale.write_text("# Events\n")
    monkeypatch.setattr(event_catalog, "TARGET", stale)
    assert event_catalog.main(["--check"]) == 1
    assert event_catalog.main([]) == 0
    assert event_catalog.main(["--check"]) == 0
    assert event_catalog.main(["--anything"]) == 2


def test_a_type_without_a_line_is_refused() -> None:
    class Silent(msgspec.Struct, tag="silent"):
        pass

    section = event_catalog.Section(kind="room", schema_version=1, types={"silent": Silent}, tables=())
    with pytest.raises(ValueError, match="silent"):
        event_catalog._section(section, {})


def strings(kind: Any, name: str, seen: tuple[Any, ...] = ()) -> set[str]:
    """Return the names of fields that hold plain strings, however deep a type has them."""
    if kind is str:
        return {name}
    if isinstance(kind, NewType) or kind in seen:
        return set()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        fields = msgspec.structs.fields(kind)
        return {found for field in fields for found in strings(hints[field.name], field.encode_name, (*seen, kind))}
    return {found for part in get_args(kind) for found in strings(part, name, seen)}


@pytest.mark.parametrize("kind", SECTIONS)
def test_plain_strings_in_events_are_codes_and_nobodys_words(kind: str) -> None:
    found = {field for type in SECTIONS[kind].types.values() for field in strings(type, "")}
    assert found <= CODES.keys()
