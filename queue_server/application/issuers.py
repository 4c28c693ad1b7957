"""The external identity provider of a tenant."""

import ipaddress
from datetime import datetime
from uuid import UUID

import httpx

from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import IssuerBody
from queue_server.application.foreign_tokens import ForeignTokens
from queue_server.application.jwks import ASYMMETRIC
from queue_server.application.plain_text import one_line
from queue_server.application.recorder import Recorder
from queue_server.application.views.accounts import IssuerView
from queue_server.settings import Settings
from queue_server.store import issuers
from queue_server.store.db import Database
from queue_server.store.issuers import Issuer
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.permissions import Permission


class IssuerService:
    """Reads and sets whom a tenant trusts to say who its people are."""

    def __init__(self, *, settings: Settings, db: Database, foreign: ForeignTokens, recorder: Recorder) -> None:
        self._own_issuer = settings.jwt_issuer
        # A server that is itself only reachable on this machine is somebody trying it out.
        self._may_be_local = is_loopback(httpx.URL(settings.public_url).host)
        self._db = db
        self._foreign = foreign
        self._recorder = recorder

    async def get(self, actor: Actor, tenant: UUID) -> IssuerView:
        """Return the tenant's issuer; raises `NotFound` when it has none, or is not the actor's."""
        self._check(actor, tenant)
        async with self._db.tenant(actor.tenant) as tx:
            found = await issuers.of_tenant(tx)
        if found is None:
            raise NotFound("No external issuer is set.")
        return _view(*found)

    async def put(self, actor: Actor, tenant: UUID, body: IssuerBody) -> IssuerView:
        """Trust this issuer and no other. Raises `InvalidValue` for addresses and algorithms that are not safe."""
        self._check(actor, tenant)
        wanted = Issuer(
            tenant=actor.tenant,
            issuer=self._issuer(body.issuer),
            audience=one_line(body.audience, "audience", longest=256),
            jwks_uri=self._address(body.jwks_uri, "jwksUri"),
            algorithms=_algorithms(body.algorithms),
        )
        async with self._db.tenant(actor.tenant) as tx:
            await issuers.clear(tx)
            at = await issuers.insert(tx, wanted)
            await self._recorder.record(tx, actor, "issuer_changed", {"algorithms": wanted.algorithms})
        self._foreign.forget()
        return _view(wanted, at)

    async def delete(self, actor: Actor, tenant: UUID) -> None:
        """Trust no external issuer any more; raises `NotFound` when there was none."""
        self._check(actor, tenant)
        async with self._db.tenant(actor.tenant) as tx:
            if not await issuers.clear(tx):
                raise NotFound("No external issuer is set.")
            await self._recorder.record(tx, actor, "issuer_removed", {})
        self._foreign.forget()

    def _check(self, actor: Actor, tenant: UUID) -> None:
        actor.require(Permission.MANAGE_ISSUERS)
        if tenant != actor.tenant:
            raise NotFound("There is no such tenant.")
        if actor.clinics:
            raise Forbidden("Only an admin of the whole organisation may choose its identity provider.")

    def _issuer(self, given: str) -> str:
        if given == self._own_issuer:
            raise InvalidValue("This is the name we sign our own tokens with.", field="issuer")
        return self._address(given, "issuer")

    def _address(self, given: str, field: str) -> str:
        """An https address without a login; never of this machine, which would let a tenant probe our inside."""
        text = one_line(given, field, longest=1024)
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            raise InvalidValue("This is not a readable address.", field=field) from None
        if not text.isascii() or not url.host or url.userinfo or url.fragment:
            raise InvalidValue("Give a plain https address.", field=field)
        if is_loopback(url.host):
            if not self._may_be_local:
                raise InvalidValue("An address of the server itself is not taken.", field=field)
        elif url.scheme != "https":
            raise InvalidValue("Give an address that begins with https://.", field=field)
        if url.scheme not in ("http", "https"):
            raise InvalidValue("Give an address that begins with https://.", field=field)
        return text


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine, or no machine in particular."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any(one.is_loopback or one.is_unspecified or one.is_link_local for one in (address, mapped or address))


def _algorithms(given: tuple[str, ...]) -> tuple[str, ...]:
    algorithms = tuple(dict.fromkeys(given))
    if not set(algorithms) <= set(ASYMMETRIC):
        raise InvalidValue(f"Choose among {', '.join(ASYMMETRIC)}.", field="algorithms")
    return algorithms


def _view(issuer: Issuer, updated_at: datetime) -> IssuerView:
    return IssuerView(
        issuer=issuer.issuer,
        audience=issuer.audience,
        jwks_uri=issuer.jwks_uri,
        algorithms=issuer.algorithms,
        updated_at=updated_at,
    )
