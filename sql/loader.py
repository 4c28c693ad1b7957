"""Reads migrations and named queries from the .sql files beside this module."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_NAME = re.compile(r"^-- name: ([\w<>]+)(?: \(kind: ([\w, ]+)\))?\s*$", re.MULTILINE)


class Migration(NamedTuple):
    """One forward step of the schema."""

    version: int
    name: str
    text: str


@cache
def queries(module: str) -> dict[str, str]:
    """Return the queries of `queries/<module>.sql` by name; each follows a line `-- name: its_name`.

    What follows `-- name: lock_<kind> (kind: room, equipment)` are two queries, `lock_room` and `lock_equipment`, with
    the kind wherever `<kind>` stands.
    """
    text = (files("sql") / "queries" / f"{module}.sql").read_text()
    parts = _NAME.split(text)[1:]
    found: dict[str, str] = {}
    for name, kinds, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        query = body.strip().removesuffix(";")
        for kind in (kinds or "").split(", "):
            found[name.replace("<kind>", kind)] = query.replace("<kind>", kind)
    return found


def all_query_modules() -> list[str]:
    """Return the names of all modules of queries, so that a test can PREPARE each of them."""
    return sorted(f.name.removesuffix(".sql") for f in (files("sql") / "queries").iterdir() if f.name.endswith(".sql"))


def migrations() -> list[Migration]:
    """Return all migrations in order."""
    found = []
    for file in (files("sql") / "migrations").iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, file.read_text()))
    return sorted(found)


def roles() -> str:
    """Return the script that makes the cluster's roles; for a superuser, repeatable."""
    return (files("sql") / "roles.sql").read_text()
