"""TypeScript types of everything on the wire, made from the structs of `application/views.py`.

`python -m queue_server.contract_types` writes queue_server/web/src/generated/contract.ts; with `--check` it only
compares and exits 1 when the file is stale. The file is committed, so that the screens build without Python.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from queue_server.application import views

TARGET = Path(__file__).parent / "web" / "src" / "generated" / "contract.ts"
WIDTH = 100
REF = "#/$defs/"
HEAD = """\
// Made by `python -m queue_server.contract_types` from queue_server/application/views.py.
// Do not edit: change the structs and run it again.
"""
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def contract() -> str:
    """Return the TypeScript source of all views: enums as unions, optional values as `| null`."""
    wire = [
        kind
        for kind in vars(views).values()
        if isinstance(kind, type) and issubclass(kind, views.View) and kind is not views.View
    ]
    _, components = msgspec.json.schema_components(wire, ref_template=REF + "{name}")
    return "\n".join([HEAD, *(_declaration(name, components[name]) for name in sorted(components))])


def _declaration(name: str, schema: Schema) -> str:
    lines = list(_comment(schema))
    if "enum" in schema:
        lines.extend(_union(f"export type {name}", [f'"{member}"' for member in schema["enum"]]))
    else:
        lines.append(f"export interface {name} {{")
        # The server sends every field, those with a default too, so none is optional here.
        lines.extend(f"  {field}: {_type(of)};" for field, of in schema.get("properties", {}).items())
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
