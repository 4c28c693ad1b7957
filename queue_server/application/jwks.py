"""Public keys of external identity providers: fetched, checked, cached, and kept over short outages."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from scheduling_core.errors import Unauthenticated, Unavailable

log = structlog.stdlib.get_logger(__name__)

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Algorithms an issuer may be pinned to. A symmetric one would make the published key a secret for forging."""

FRESH_SECONDS = 600.0
REFETCH_SECONDS = 30.0
STALE_SECONDS = 24 * 3600.0
FETCH_SECONDS = 5.0
LARGEST_DOCUMENT = 256_000
MOST_KEYS = 64
MOST_DOCUMENTS = 256
SHORTEST_RSA_BITS = 2048

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def jwks_client() -> httpx.AsyncClient:
    """Return a client fit for fetching keys: short deadlines, few connections, no redirects, no proxy."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(FETCH_SECONDS, connect=3.0),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=2),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/jwk-set+json, application/json"},
    )


class _Document:
    """The key set of one address and when it was fetched and tried."""

    def __init__(self) -> None:
        self.keys: Mapping[str, dict[str, Any]] = {}
        self.fetched_at: float | None = None
        self.tried_at: float | None = None
        self.lock = asyncio.Lock()


class JwksCache:
    """Key sets by address. A set is fetched again after 10 minutes, or – at most every 30 s – for an unknown `kid`."""

    def __init__(self, http: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._documents: OrderedDict[str, _Document] = OrderedDict()

    async def key(self, uri: str, kid: str, algorithm: str) -> jwt.PyJWK:
        """Return the key `kid` of the set at `uri`, bound to `algorithm`.

        Raises `Unauthenticated` when the set has no such key for this algorithm, `Unavailable` when it could not be
        fetched and nothing usable is remembered.
        """
        document = self._document(uri)
        # Whoever needs a new key waits for the one fetch under way; a known key is good meanwhile.
        is_waiting_needed = kid not in document.keys or not self._is_known(document) or not document.lock.locked()
        if is_waiting_needed and self._wants_fetch(document, kid):
            async with document.lock:
                if self._wants_fetch(document, kid):  # nobody else fetched it while we waited
                    await self._fetch(uri, document)
        if not self._is_known(document):
            raise Unavailable("The identity provider cannot be reached.", retry_after=int(REFETCH_SECONDS))
        entry = document.keys.get(kid)
        if entry is None:
            raise Unauthenticated
        return _usable(entry, algorithm)

    def _document(self, uri: str) -> _Document:
        document = self._documents.setdefault(uri, _Document())
        self._documents.move_to_end(uri)
        if len(self._documents) > MOST_DOCUMENTS:
            self._documents.popitem(last=False)
        return document

    def _wants_fetch(self, document: _Document, kid: str) -> bool:
        now = self._clock()
        if document.tried_at is not None and now - document.tried_at < REFETCH_SECONDS:
            return False
        is_fresh = document.fetched_at is not None and now - document.fetched_at < FRESH_SECONDS
        return not is_fresh or kid not in document.keys

    def _is_known(self, document: _Document) -> bool:
        return document.fetched_at is not None and self._clock() - document.fetched_at < STALE_SECONDS

    async def _fetch(self, uri: str, document: _Document) -> None:
        """Replace the document's keys; on any failure leave what was known."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                body = await self._read(uri)
            document.keys = _parse(body)
            document.fetched_at = self._clock()
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            TimeoutError,
            msgspec.MsgspecError,
            ValueError,
            RecursionError,
        ) as error:
            log.warning("jwks_not_fetched", url=uri, error_type=type(error).__name__)
        finally:
            document.tried_at = self._clock()

    async def _read(self, uri: str) -> bytes:
        async with self._http.stream("GET", uri) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError("no key set")
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_DOCUMENT:
                    raise ValueError("too large for a key set")
            return body


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _parse(body: bytes) -> dict[str, dict[str, Any]]:
    """Return the public signing keys of a set by `kid`; keys of other kinds and doubled ids are left out."""
    keys = msgspec.json.decode(body, type=_KeySet).keys[:MOST_KEYS]
    found: dict[str, dict[str, Any]] = {}
    doubled: set[str] = set()
    for key in keys:
        kid = key.get("kid")
        if not isinstance(kid, str) or key.get("kty") not in ("RSA", "EC", "OKP") or "d" in key:
            continue
        if key.get("use", "sig") != "sig":
            continue
        if kid in found:
            doubled.add(kid)
        found[kid] = key
    return {kid: key for kid, key in found.items() if kid not in doubled}


def _usable(entry: dict[str, Any], algorithm: str) -> jwt.PyJWK:
    if entry["kty"] != _KEY_TYPES[algorithm[:2]] or entry.get("alg", algorithm) != algorithm:
        raise Unauthenticated
    try:
        key = jwt.PyJWK(entry, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise Unauthenticated from None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < SHORTEST_RSA_BITS:
        raise Unauthenticated
    return key
