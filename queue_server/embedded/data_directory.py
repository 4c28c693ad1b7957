"""The folder that holds an installation's own data: one process at a time, and a home its services may enter.

lock            held (flock) by the process that runs the services; names its pid
secrets.env     keys that must outlive a restart
services/       what Postgres and Redis own; a link when they could not enter the folder itself
logs/           what they print
running.json    where they answer, for an operator's other commands
"""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType

from .errors import DataDirectoryInUse, EmbeddedError
from .processes import command_line
from .users import ServiceUser, can_reach, make_private

# Where root's services live when its own folders are closed to others (a clone below /root, say).
SYSTEM_STATE = Path("/var/lib/clinic-queue")
OURS = ("services", "secrets.env", "logs", "audit-roots", "running.json")


class DataDirectory:
    """A data directory this process holds; close it to let the next one in."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    @classmethod
    def acquire(cls, path: Path) -> "DataDirectory":
        """Create and lock the directory. Raises `DataDirectoryInUse` naming the holder, or `EmbeddedError`."""
        path = path.absolute()
        try:
            # Others may pass through root's folder (its services are others), but not list it.
            path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EmbeddedError(f"The data directory {path} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _pid_in(lock)
            os.close(lock)
            raise DataDirectoryInUse(_in_use(path, holder), holder) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return cls(path, lock)

    def close(self) -> None:
        """Let go of the directory. The lock file stays: removing it would race with whoever opens it now."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "DataDirectory":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def services(self, user: ServiceUser | None) -> Path:
        """The folder for the services' own files, which `user` can enter; stays the same from start to start."""
        link = self.path / "services"
        if link.is_symlink():
            home = link.readlink()
            home.mkdir(mode=0o711, parents=True, exist_ok=True)
            return home
        if can_reach(user, link):
            try:
                make_private(link / "probe", user)
                (link / "probe").rmdir()
            except OSError:
                shutil.rmtree(link, ignore_errors=True)
            else:
                link.chmod(0o711 if user else 0o700)
                return link
        if user is None:
            raise EmbeddedError(f"The data directory {self.path} does not keep owners and modes; choose another.")
        home = SYSTEM_STATE / f"data-{secrets.token_hex(6)}"
        home.mkdir(mode=0o711, parents=True)
        for folder in (SYSTEM_STATE, home):
            folder.chmod(0o711)  # the umask may have taken more than we want
        link.symlink_to(home)
        return home

    def log(self, name: str) -> Path:
        """The file a service writes to, started afresh when it has grown large."""
        folder = self.path / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{name}.log"
        if file.exists() and file.stat().st_size > 20_000_000:
            file.replace(file.with_suffix(".log.1"))
        return file

    def erase(self) -> None:
        """Remove everything of ours; files we did not make stay, and so does the folder around them."""
        link = self.path / "services"
        if link.is_symlink() and link.readlink().is_relative_to(SYSTEM_STATE):
            shutil.rmtree(link.readlink(), ignore_errors=True)
        for name in OURS:
            entry = self.path / name
            if entry.is_symlink() or entry.is_file():
                entry.unlink()
            elif entry.is_dir():
                shutil.rmtree(entry)


def _pid_in(lock: int) -> int | None:
    """The pid written in a lock file; None when it is empty or garbled."""
    text = os.pread(lock, 32, 0).strip()
    return int(text) if text.isdigit() else None


def _in_use(path: Path, holder: int | None) -> str:
    who = "another process"
    if holder is not None:
        name = " ".join(Path(part).name for part in command_line(holder)[:3])
        who = f"process {holder}" + (f" ({name})" if name else "")
    return f"The data directory {path} is in use by {who}; stop it or choose another directory."
