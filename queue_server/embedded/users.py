"""Who runs the services: ourselves, or – Postgres refuses root – an unprivileged user that is already there."""

import os
import pwd
import stat
from pathlib import Path

import msgspec

from .errors import EmbeddedError

CANDIDATES = ("nobody", "daemon")


class ServiceUser(msgspec.Struct, frozen=True):
    """A user to drop to."""

    name: str
    uid: int
    gid: int


def service_user() -> ServiceUser | None:
    """The user that services run as, or None when that is simply us. Raises `EmbeddedError` if root finds nobody."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return ServiceUser(name=name, uid=found.pw_uid, gid=found.pw_gid)
    raise EmbeddedError("Postgres does not run as root and there is no user `nobody`; start this as an ordinary user.")


def can_reach(user: ServiceUser | None, path: Path) -> bool:
    """Whether the user may pass through every folder above `path`."""
    if user is None:
        return True
    return all(_may_enter(user, parent) for parent in path.resolve().parents)


def _may_enter(user: ServiceUser, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def make_private(folder: Path, user: ServiceUser | None) -> None:
    """Create `folder` for the user alone (0700). Raises `OSError` where the file system does not keep owners."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)
    status = folder.stat()
    if status.st_uid != (user.uid if user else os.geteuid()) or stat.S_IMODE(status.st_mode) != 0o700:
        # Shared folders of virtual machines accept chown and chmod, and do nothing.
        raise PermissionError(f"{folder} does not keep its owner and mode")
