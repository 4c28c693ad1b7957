"""Copies of signed roots outside Postgres: one append-only file a tenant and epoch, each line synced to disk."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec


class RootCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a file: what was signed, and the signature in hex."""

    sequence: int
    statement: str
    signature: str


class CopyFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of copies; after a restore a tenant has one more, because its history forked there."""

    tenant: UUID
    epoch: int
    path: Path


class RootCopies:
    """The folder of copies. Its methods block; call them from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last_sequence(self, tenant: UUID, epoch: int) -> int:
        """Return the sequence of the last copy, 0 when there is none."""
        path = self._path(tenant, epoch)
        return max((copy.sequence for copy in self.read(path)), default=0) if path.exists() else 0

    def append(self, tenant: UUID, epoch: int, copies: Iterable[RootCopy]) -> int:
        """Append those of `copies` that are newer than the file's last, and return how many.

        They are on disk when this returns. Several processes may share the folder.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path(tenant, epoch), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                # A line cut off by a crash was never reported as kept.
                file.truncate(len(whole))
            last = max((copy.sequence for copy in _lines(whole)), default=0)
            newer = [copy for copy in copies if copy.sequence > last]
            file.write(b"".join(msgspec.json.encode(copy) + b"\n" for copy in newer))
            file.flush()
            os.fsync(file.fileno())
        if last == 0:
            self._sync_folder()
        return len(newer)

    def files(self) -> list[CopyFile]:
        """Return every file of the folder, oldest epoch first."""
        found = []
        for path in self._folder.glob("*.jsonl") if self._folder.is_dir() else ():
            name, _, epoch = path.name.removesuffix(".jsonl").partition(".")
            try:
                found.append(CopyFile(tenant=UUID(name), epoch=int(epoch), path=path))
            except ValueError:
                continue
        return sorted(found, key=lambda file: (file.tenant, file.epoch))

    @staticmethod
    def read(path: Path) -> list[RootCopy]:
        """Return the copies of a file; raises `msgspec.DecodeError` for a line that is none."""
        return list(_lines(path.read_bytes()))

    def _path(self, tenant: UUID, epoch: int) -> Path:
        return self._folder / f"{tenant}.{epoch}.jsonl"

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lines(content: bytes) -> Iterator[RootCopy]:
    for line in content[: content.rfind(b"\n") + 1].splitlines():
        yield msgspec.json.decode(line, type=RootCopy)
