"""The catalog of every type of event, made from the code.

`python -m queue_server.event_catalog` writes docs/events.md; with `--check` it only compares and exits 1 when the page
is stale. `make events` and `make check` do the one and the other.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType

from queue_server.application.models import MODELS
from queue_server.application.unit import ADMINISTRATION_KIND, QUEUE_KIND
from queue_server.store.rebuild import MODELS as QUEUE_MODELS
from scheduling_core import administration
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.events import SCHEMA_VERSION

TARGET = Path(__file__).parents[1] / "docs" / "events.md"

HEAD = """\
# Events

<!-- Made by `make events` from the code; `make check` compares. Do not edit: change the types and make it again. -->

Everything that happens is an event in the stream of what it happened to: a queue, a doctor, a room … Streams are
append-only and partitioned by month; each event is chained to the one before it by a hash (`queue-server
verify-audit`), and whatever is shown is folded from them and can be made again (`queue-server replay`).

An event holds ids, enums, numbers, dates and instants only. Names, reasons and other words are kept apart, so that they
can be erased: a `TextId` stands for them. Beside its data an event carries its stream, version and ordinal, the version
of its schema, the command it came of, who gave it (or that it was the system), the request, and when it happened.

When the shape of a type changes, its aggregate's schema version grows and gains an upcaster from the older shape:
history is read through the chain, never rewritten. A field with `?` may be missing: it then is what it is by default,
or stays what it was.
"""

ABOUT = {
    QUEUE_KIND: ("Queues", "One stream for each doctor and day."),
    "clinic": ("Clinics", "One stream for each clinic."),
    "department": ("Departments", "One stream for each department."),
    "room": ("Rooms", "One stream for each room."),
    "equipment": ("Equipment", "One stream for each piece of equipment."),
    "doctor": ("Doctors", "One stream for each doctor's profile."),
    "calendar": ("Calendars", "One stream for each doctor's schedules, overrides, exceptions and leave."),
    "slots": (
        "Slots",
        "One stream for each doctor's slots. The slots themselves are rows of `slot`, laid out from the calendar and"
        " changed in the transaction of these events; they are not folded from them.",
    ),
    "payment": ("Payments", "One stream for each payment."),
    "waitlist": ("Waitlist", "One stream for each entry: one wish of one patient, from joining to its end."),
    ADMINISTRATION_KIND: (
        "Administration",
        "One stream for each organisation. Nothing is folded from it."
        " Older installations hold `clinic_created`, `clinic_updated`, `clinic_deleted`, `queue_policy_changed` and"
        " `doctor_added` here, from before clinics and doctors had streams of their own.",
    ),
}
SCALARS: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    date: "date",
    datetime: "instant",
    UUID: "id",
}


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of stream."""

    kind: str
    schema_version: int
    types: Mapping[str, type[msgspec.Struct]]
    tables: Sequence[str]


def sections() -> list[Section]:
    """Return every kind of stream with its types of events."""
    queue = Section(kind=QUEUE_KIND, schema_version=SCHEMA_VERSION, types=codec.EVENT_TYPES, tables=tuple(QUEUE_MODELS))
    office = Section(
        kind=ADMINISTRATION_KIND, schema_version=SCHEMA_VERSION, types=administration.EVENT_TYPES, tables=()
    )
    others = [
        Section(
            kind=model.kind,
            schema_version=model.aggregate.schema_version,
            types=model.aggregate.event_types,
            tables=[table.name for table in model.tables],
        )
        for model in MODELS
    ]
    return [queue, *others, office]


def catalog() -> str:
    """Return the page; raises `ValueError` for a type of event without a line that says what happened."""
    named: dict[str, Any] = {}
    parts = [HEAD]
    parts += [_section(section, named) for section in sections()]
    parts.append("## Types\n\nWhat the fields above hold, apart from ids.\n\n| Type | Holds |\n| --- | --- |")
    described: list[tuple[str, str]] = []
    # Describing a type may name others.
    while waiting := [name for name in named if name not in {known for known, _ in described}]:
        described += [(name, _holds(named[name], named)) for name in waiting]
    rows = "\n".join(f"| `{name}` | {holds} |" for name, holds in sorted(described))
    return "\n".join(parts) + "\n" + rows + "\n"


def _section(section: Section, named: dict[str, Any]) -> str:
    title, about = ABOUT[section.kind]
    tables = ", ".join(f"`{table}`" for table in section.tables)
    shows = f" They are shown in {tables}." if tables else ""
    lines = [
        f"## {title}\n",
        f"{about}{shows} Kind `{section.kind}`, schema version {section.schema_version}.\n",
        "| Event | What happened | Fields |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{name}` | {_said(name, kind)} | {', '.join(_fields(kind, named)) or '–'} |"
        for name, kind in section.types.items()
    ]
    return "\n".join(lines) + "\n"


def _said(name: str, kind: type[msgspec.Struct]) -> str:
    text = " ".join((vars(kind).get("__doc__") or "").split())
    if not text:
        raise ValueError(f"{name} lacks a line that says what happened")
    return text.replace("|", "\\|")


def _fields(kind: type[msgspec.Struct], named: dict[str, Any]) -> Iterator[str]:
    hints = get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        may_miss = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
        default = "" if field.default in (NODEFAULT, None, UNSET, ()) or may_miss is False else _default(field.default)
        yield f"`{field.encode_name}{'?' if may_miss else ''}` {_type(hints[field.name], named)}{default}"


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f" = {str(value).lower()}"
    return f" = {value}" if isinstance(value, str | int) and value != "" else ""


def _type(kind: Any, named: dict[str, Any]) -> str:
    """Return how a type is called on the page; those of our own are remembered in `named`."""
    if isinstance(kind, NewType):
        return kind.__name__
    if kind in SCALARS:
        return SCALARS[kind]
    origin, given = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        options = [_type(option, named) for option in given if option not in (NoneType, UnsetType)]
        return " or ".join(options + (["null"] if NoneType in given else []))
    if origin is tuple and Ellipsis not in given:
        return f"[{', '.join(_type(item, named) for item in given)}]"
    if origin in (tuple, list, frozenset, set):
        return f"list of {_type(given[0], named)}"
    if origin is dict:
        return f"map of {_type(given[0], named)} to {_type(given[1], named)}"
    named[kind.__name__] = kind
    return str(kind.__name__)


def _holds(kind: Any, named: dict[str, Any]) -> str:
    if issubclass(kind, StrEnum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if issubclass(kind, msgspec.Struct):
        return ", ".join(_fields(kind, named))
    return ", ".join(f"`{member.value}`" for member in kind)


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is stale; returns the exit code."""
    fresh = catalog()
    if arguments == ["--check"]:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == fresh:
            return 0
        sys.stderr.write("docs/events.md is stale: run `make events` and commit the result.\n")
        return 1
    if arguments:
        sys.stderr.write("Usage: python -m queue_server.event_catalog [--check]\n")
        return 2
    TARGET.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
