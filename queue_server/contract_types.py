"""TypeScript types of everything on the wire, made from the views of the application.

`python -m queue_server.contract_types` writes queue_server/web/src/generated/contract.ts; with `--check` it only
compares and exits 1 when the file is stale. The file is committed, so that the screens build without Python.
"""

import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from queue_server.application import tenant_limits
from queue_server.application.analytics import views as analytics_views
from queue_server.application.booking import views as booking_views
from queue_server.application.calendar_feeds import views as calendar_feed_views
from queue_server.application.doctors import views as doctor_views
from queue_server.application.messages import dead as dead_letters
from queue_server.application.messages import log as message_log
from queue_server.application.messages import manual as manual_messages
from queue_server.application.messages import preferences as message_preferences
from queue_server.application.messages import pushing as message_pushing
from queue_server.application.messages.templates import service as message_templates
from queue_server.application.patients import views as patient_views
from queue_server.application.resources import views as resource_views
from queue_server.application.schedules import views as schedule_views
from queue_server.application.search import views as search_views
from queue_server.application.slots import views as slot_views
from queue_server.application.views import (
    View,
    accounts,
    clinics,
    desk,
    display,
    jobs,
    patients,
    problems,
    sockets,
    statistics,
    tracking,
    windows,
)
from queue_server.application.waitlist import candidates as waitlist_candidates
from queue_server.application.waitlist import live_views as waitlist_live_views
from queue_server.application.waitlist import offers as waitlist_offers
from queue_server.application.waitlist import policies as waitlist_policies
from queue_server.application.waitlist import views as waitlist_views
from scheduling_core.waitlist.policy import WaitlistPolicy

MODULES = (
    *(accounts, clinics, desk, display, patients, problems, sockets, statistics, tracking, windows),
    *(booking_views, calendar_feed_views, doctor_views, patient_views, resource_views, schedule_views),
    *(dead_letters, manual_messages, message_log, message_preferences, message_pushing, message_templates),
    *(search_views, slot_views, tenant_limits, waitlist_candidates, waitlist_offers, waitlist_policies),
    *(analytics_views, jobs, waitlist_live_views, waitlist_views),
)
"""Where the views are; the package of each context has its own."""
AS_THEY_ARE: tuple[type[msgspec.Struct], ...] = (WaitlistPolicy,)
"""What goes over the wire without a view of its own."""
TARGET = Path(__file__).parent / "web" / "src" / "generated" / "contract.ts"
WIDTH = 100
REF = "#/$defs/"
HEAD = """\
// Made by `python -m queue_server.contract_types` from the views in queue_server/application.
// Do not edit: change the structs and run it again.
"""
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def contract() -> str:
    """Return the TypeScript source of all views: enums as unions, optional values as `| null`."""
    wire = dict.fromkeys(
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, View) and kind is not View
    ) | dict.fromkeys(AS_THEY_ARE)
    _, components = msgspec.json.schema_components(wire, ref_template=REF + "{name}")
    unset = {kind.__name__: _unset(kind) for kind in wire}
    return "\n".join(
        [HEAD, *(_declaration(name, components[name], unset.get(name, ())) for name in sorted(components))]
    )


def _unset(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that may be left out: of all others the server sends each, those with a default too."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind) if field.default is msgspec.UNSET)


def _declaration(name: str, schema: Schema, unset: Container[str]) -> str:
    lines = list(_comment(schema))
    if "enum" in schema:
        lines.extend(_union(f"export type {name}", [f'"{member}"' for member in schema["enum"]]))
    else:
        lines.append(f"export interface {name} {{")
        properties = schema.get("properties", {}).items()
        lines.extend(f"  {field}{'?' if field in unset else ''}: {_type(of)};" for field, of in properties)
        lines.append("}")
    return "\n".join(lines) + "\n"


def _comment(schema: Schema) -> Iterator[str]:
    text = " ".join(schema.get("description", "").split())
    if not text:
        return
    if len(text) + 7 <= WIDTH:
        yield f"/** {text} */"
        return
    yield "/**"
    line = " *"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = " *"
        line += f" {word}"
    yield line
    yield " */"


def _union(head: str, members: list[str]) -> list[str]:
    single = f"{head} = {' | '.join(members)};"
    if len(single) <= WIDTH:
        return [single]
    return [f"{head} =", *(f"  | {member}" for member in members[:-1]), f"  | {members[-1]};"]


def _type(schema: Schema) -> str:
    match schema:
        case {"$ref": str(ref)}:
            return ref.removeprefix(REF)
        case {"anyOf": list(options)}:
            return " | ".join(_type(option) for option in options)
        case {"enum": list(members)}:
            return " | ".join(f'"{member}"' for member in members)
        case {"type": "array", "items": item}:
            inner = _type(item)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case {"type": "object", "additionalProperties": dict(of)}:
            return f"Record<string, {_type(of)}>"
        case {"type": str(kind)} if kind in SCALARS:
            return SCALARS[kind]
        case _:
            return "unknown"


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` say whether it is stale; returns the exit code."""
    fresh = contract()
    if arguments == ["--check"]:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == fresh:
            return 0
        sys.stderr.write("contract.ts is stale: run `python -m queue_server.contract_types` and commit the result.\n")
        return 1
    if arguments:
        sys.stderr.write("Usage: python -m queue_server.contract_types [--check]\n")
        return 2
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
