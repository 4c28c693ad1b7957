"""Browsers that patients are pushed to: kept for who has signed in, and for nobody who merely has a link.

Whoever has the link to one visit may follow that visit; a push tells of all of them, and leads to each.
"""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import Body
from queue_server.application.patients.own import own, own_id
from queue_server.application.views import View
from queue_server.messaging import Subscription
from queue_server.messaging.push_services import LONGEST_ENDPOINT, BadSubscription, PushServices
from queue_server.settings.messages import PushSettings
from queue_server.store import push_subscriptions as store
from queue_server.store.db import Database
from queue_server.store.push_subscriptions import PushSubscription
from scheduling_core.errors import InvalidValue, NotFound

MOST_BROWSERS = 10
"""Of a patient; an eleventh takes the place of the oldest."""

Encoded = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="base64url")]


class PushKeys(Body, frozen=True, kw_only=True):
    """What only the browser can read a push with (RFC 8291)."""

    p256dh: Encoded
    auth: Encoded


class PushBody(Body, frozen=True, kw_only=True):
    """A subscription as browsers write it (`PushSubscription.toJSON()`)."""

    endpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ENDPOINT)]
    keys: PushKeys
    expiration_time: float | None = None


class PushKeyView(View, frozen=True, kw_only=True):
    """The key that browsers know us by (`applicationServerKey`, RFC 8292)."""

    public_key: str


class BrowserView(View, frozen=True, kw_only=True):
    """A browser that is pushed to."""

    id: UUID
    service: str
    """The host of its push service; the whole address is a key."""


class Pushing:
    """Keeps browsers."""

    def __init__(self, db: Database, settings: PushSettings | None) -> None:
        self._db = db
        self._settings = settings
        self._services = PushServices(settings) if settings is not None else None

    def key(self) -> PushKeyView:
        """Return the key to subscribe with; raises `NotFound` where nothing is pushed."""
        if self._settings is None:
            raise NotFound("Nothing is pushed here.")
        return PushKeyView(public_key=self._settings.public_key)

    async def mine(self, actor: Actor) -> list[BrowserView]:
        """Return the actor's browsers, the newest first; raises `Forbidden` for who is no patient."""
        async with self._db.tenant(actor.tenant) as tx:
            return [_view(one) for one in await store.of_patient(tx, own_id(actor))]

    async def subscribe(self, actor: Actor, body: PushBody) -> BrowserView:
        """Push to a browser of the actor from now on; one that is known keeps its id.

        Raises `InvalidValue` for `endpoint` or `keys` of what is no subscription of a push service that is spoken to,
        `NotFound` where nothing is pushed, `Forbidden` for who is no patient.
        """
        if self._services is None:
            raise NotFound("Nothing is pushed here.")
        new = PushSubscription(id=uuid4(), endpoint=body.endpoint, p256dh=body.keys.p256dh, auth=body.keys.auth)
        try:
            self._services.check(Subscription(endpoint=new.endpoint, p256dh=new.p256dh, auth=new.auth))
        except BadSubscription as error:
            raise InvalidValue(f"{error.reason[:1].upper()}{error.reason[1:]}.", field=error.field) from None
        async with self._db.tenant(actor.tenant) as tx:
            patient = await own(tx, actor)
            id = await store.add(tx, patient.id, new, MOST_BROWSERS)
        return _view(msgspec.structs.replace(new, id=id))

    async def unsubscribe(self, actor: Actor, subscription: UUID) -> None:
        """Push to a browser of the actor no longer; raises `NotFound` for others."""
        async with self._db.tenant(actor.tenant) as tx:
            if subscription not in {one.id for one in await store.of_patient(tx, own_id(actor))}:
                raise NotFound("There is no such browser.")
            await store.forget(tx, subscription)


def _view(one: PushSubscription) -> BrowserView:
    return BrowserView(id=one.id, service=urlsplit(one.endpoint).hostname or "")
