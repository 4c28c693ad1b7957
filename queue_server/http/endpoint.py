"""What a route is: plain data that the adapter serves and the OpenAPI document is made from."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Precondition
from queue_server.application.desk_bodies import Body
from queue_server.application.views import View
from queue_server.http.needs import Services
from scheduling_core.errors import DomainError, InvalidValue, NotFound
from scheduling_core.permissions import Permission

B = TypeVar("B")
Q = TypeVar("Q")


class Nothing(Body, frozen=True, kw_only=True):
    """A query without parameters."""


class Door(StrEnum):
    """Who may pass where no single permission says so."""

    PUBLIC = "public"
    ANYBODY = "anybody"
    """The public, and whoever has signed in as who they are: with a bearer token that must be a good one."""
    SIGNED_IN = "signed-in"


class Limit(StrEnum):
    """Which budgets a route draws on, where that is not clear: writes of accounts always draw on those of writes."""

    READS = "reads"
    SIGN_IN = "sign-in"
    BOOKING = "booking"
    """What the public writes: bookings and what becomes of them."""
    HOLDS = "holds"
    """Times that the public keeps: nothing but its address bounds somebody who is a new guest each time."""
    SETTINGS = "settings"
    """A write that must stay possible whatever limits a tenant has set itself."""


class Call(msgspec.Struct, Generic[B, Q], frozen=True, kw_only=True):
    """One validated request, as a handler is given it."""

    request: Request
    services: Services
    path: Mapping[str, str]
    body: B
    query: Q
    precondition: Precondition = NONE
    caller: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Who calls; only for routes that are not public."""
        assert self.caller is not None, "a public route has no actor"
        return self.caller

    def id(self, name: str) -> UUID:
        """Return the id in the path; one that is no UUID is as unknown as any other (`NotFound`)."""
        return parse_id(self.path[name])

    @property
    def tenant_header(self) -> UUID | None:
        """The tenant that `X-Tenant-Id` names; raises `InvalidValue` when it is no UUID."""
        return tenant_header(self.request)


class Meta(View, frozen=True, kw_only=True):
    """What is said about the data: where a list goes on, how much there is, since when the data may be behind."""

    next_cursor: str | UnsetType = UNSET
    total: int | UnsetType = UNSET
    stale_since: datetime | UnsetType = UNSET


class Stream(Protocol):
    """An answer that goes on."""

    async def next(self) -> bytes | None:
        """Return the next piece within about a second, empty while there is none; None at the end."""
        ...

    def close(self) -> None:
        """Be told that nobody reads any more; always called once."""
        ...


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler answers; the adapter makes envelope, headers and status of it."""

    data: object = None
    encoded: bytes | None = None
    """The JSON of `data` where it exists already."""
    version: int | None = None
    """Becomes the ETag, and what a client sends back as If-Match."""
    etag: str | None = None
    """For answers whose freshness a version alone does not tell; compared with If-None-Match."""
    next_cursor: str | None = None
    total: int | None = None
    """How much there is where not all of it comes."""
    stale_since: datetime | None = None
    """Since when this may be behind, because what could tell is away."""
    headers: Mapping[str, str] = {}
    status: int | None = None
    stream: Stream | None = None
    """What goes on being told; closed when the client is gone."""


Handler = Callable[[Call[Any, Any]], Awaitable[Reply]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the route table."""

    method: str
    path: str
    """As documented, with `{parameters}`; what begins with `/api/` also answers without it, and the reverse."""
    handler: Handler
    summary: str
    tag: str
    answer: Any = None
    """The type of `data`; None where there is nothing to say (204)."""
    door: Permission | Door = Door.PUBLIC
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] = Nothing
    status: int = 200
    media: str = "application/json"
    bare: bool = False
    """Answered as it is, without the envelope."""
    streams: bool = False
    """Goes on being answered until the client leaves."""
    versioned: bool = False
    """Takes If-Match and answers ETag."""
    tagged: bool = False
    """Answers an ETag and honours If-None-Match."""
    paged: bool = False
    keeps: bool = True
    """Repetitions by Idempotency-Key are answered by the adapter; False where the use case does it, or nothing is
    written."""
    limit: Limit | None = None
    tenant_header: bool = True
    for_guests: bool = False
    """Takes the session token of somebody without an account (X-Session-Token)."""
    refusals: tuple[type[DomainError], ...] = ()
    """What the use case may refuse, beyond what every route may."""
    example: Mapping[str, Any] | None = None
    """A request body."""
    description: str = ""


def parse_id(given: str) -> UUID:
    """Return the UUID of its canonical text; anything else names nothing we know (`NotFound`)."""
    try:
        found = UUID(given)
    except ValueError:
        raise NotFound from None
    # uuid.UUID also takes braces, URN and no hyphens: a second spelling of the same resource helps nobody.
    if str(found) != given.lower():
        raise NotFound
    return found


def bearer(request: Request) -> str | None:
    """Return the bearer token of the Authorization header, None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def tenant_header(request: Request) -> UUID | None:
    """Return the tenant that `X-Tenant-Id` names, if any; raises `InvalidValue` when it is no UUID."""
    given = request.headers.get("x-tenant-id")
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise InvalidValue("This is not an id.", field="X-Tenant-Id") from None
