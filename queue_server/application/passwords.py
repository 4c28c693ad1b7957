"""Passwords: what is accepted as one, and argon2 kept off the event loop."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from queue_server.application.plain_text import is_printable
from scheduling_core.errors import InvalidValue, TooManyRequests

T = TypeVar("T")
SHORTEST = 12
LONGEST = 256
FEWEST_DISTINCT = 5
_AT_ONCE = 2
_WAITING = 64


def check_new(password: str, *, email: str) -> str:
    """Return a new password in the form that is hashed.

    Raises `InvalidValue` when it is shorter than 12 or longer than 256 characters, repeats a few characters, or is the
    e-mail address. Nothing else is demanded (NIST SP 800-63B, 3.1.1.2: no composition rules).
    """
    wanted = _normal(password)
    if len(wanted) < SHORTEST:
        raise InvalidValue(f"Choose a password of at least {SHORTEST} characters.", field="password")
    if len(wanted) > LONGEST:
        raise InvalidValue(f"Choose a password of at most {LONGEST} characters.", field="password")
    if not is_printable(wanted):
        raise InvalidValue("This password holds characters that cannot be typed.", field="password")
    folded = wanted.casefold()
    if len(set(folded)) < FEWEST_DISTINCT or folded == email or folded in (part * 2 for part in email.split("@")):
        raise InvalidValue("This password is too easy to guess.", field="password")
    return wanted


class Passwords:
    """Hashes and verifies, a few at a time: argon2id as OWASP asks at least, 19 MiB and some 50 ms of a core each."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of `password`, with its parameters and salt."""
        return await self._in_turn(self._hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether `password` is the one hashed; with None (nobody's account) it takes as long and is False.

        Raises `TooManyRequests` when many others wait already.
        """
        return await self._in_turn(self._verify, password_hash, password)

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return False

    async def _in_turn(self, work: Callable[..., T], *arguments: str | None) -> T:
        if self._waiting >= _WAITING:
            raise TooManyRequests("Too many people are signing in at this moment.", retry_after=2)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_bytes(password))

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_bytes(32))
        try:
            self._hasher.verify(password_hash or self._nobodys, _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
        return password_hash is not None


def _normal(password: str) -> str:
    # The same key presses give different code points on different systems (RFC 8265, 4.2.2).
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    if len(password) > 4 * LONGEST:  # longer than any that was accepted, however it is decomposed
        return b""
    return _normal(password).encode("utf-8", "replace")
