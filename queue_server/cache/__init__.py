"""Bytes that all servers share for a while. Only speed: whatever is not there is read from Postgres."""

from typing import Protocol


class Cache(Protocol):
    """Keeps values by key. Nothing here raises or waits for long; what cannot be asked has nothing."""

    @property
    def is_connected(self) -> bool:
        """Whether anything can be asked at present."""
        ...

    async def start(self) -> None:
        """Begin to connect, in the background."""
        ...

    async def stop(self) -> None:
        """Close the connections."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return what is kept under `key`, None when there is nothing, or no answer in time."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep `value` for so long, if that can be done soon."""
        ...

    async def claim(self, key: str, seconds: float) -> bool | None:
        """Take `key` for so long unless another holds it; True when taken, None when nobody can be asked."""
        ...

    async def release(self, key: str) -> None:
        """Let go of what was claimed."""
        ...
