"""Holding a place of a slot while somebody books it."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import FIELD, guest, new_token
from queue_server.application.booking.views import GuestHoldView, HoldView
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Reply
from queue_server.http.public import TenantQuery, public_tenant
from scheduling_core import errors

HOLD = "/api/slots/{slotId}/hold"
TAG = "Booking"


def booker(call: Call[Any, TenantQuery], *, token: str | None = None) -> Actor:
    """Return who books: the account that has signed in, or the guest who has a session token.

    Raises `Unauthenticated` without either, `InvalidValue` when a guest does not say where, or the token is none.
    """
    if call.caller is not None:
        return call.caller
    given = call.request.headers.get(FIELD, token)
    if given is None:
        raise errors.Unauthenticated("Sign in, or hold the time first.")
    tenant = public_tenant(call, call.query.tenant_id)
    if tenant is None:
        raise errors.InvalidValue("Say whose slot this is.", field="tenantId")
    return guest(tenant, given, request_id=call.request.scope.get("request_id"))


async def hold(call: Call[HoldBody, TenantQuery]) -> Reply:
    """Hold a place."""
    keep = call.services.holding.create
    return await held(call, lambda actor: keep(actor, call.id("slotId"), call.body, call.precondition))


async def held(call: Call[Any, TenantQuery], keep: Callable[[Actor], Awaitable[Answer]]) -> Reply:
    """Return the hold that `keep` makes for whoever books; a guest's first one with the session token for it."""
    is_new = call.caller is None and FIELD not in call.request.headers
    token = new_token() if is_new else None
    made = await keep(booker(call, token=token))
    if token is None:
        return Reply(encoded=made.body)
    known = msgspec.json.decode(made.body, type=HoldView)
    return Reply(data=GuestHoldView(**msgspec.structs.asdict(known), session_token=token))


async def mine(call: Call[None, TenantQuery]) -> Reply:
    """Return the caller's own hold."""
    return Reply(data=await call.services.holding.mine(booker(call), call.id("slotId")))


async def release(call: Call[None, TenantQuery]) -> Reply:
    """Give up a hold."""
    await call.services.holding.release(booker(call), call.id("slotId"))
    return Reply()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=HOLD,
        handler=hold,
        summary="Keep a place of a slot while it is being booked",
        description=(
            "For ten minutes, for staff for thirty. Somebody without an account is given a `sessionToken`, and sends it"
            " as `X-Session-Token` from then on. Who holds a place of the slot already gets that hold."
        ),
        tag=TAG,
        answer=GuestHoldView,
        door=Door.ANYBODY,
        body=HoldBody,
        query=TenantQuery,
        keeps=False,
        for_guests=True,
        limit=Limit.HOLDS,
        refusals=(
            errors.SlotUnavailable,
            errors.SlotPast,
            errors.SlotBlocked,
            errors.ModeNotOffered,
            errors.HoldLimitReached,
            errors.CapacityReached,
        ),
        example={"mode": "in_person"},
    ),
    Endpoint(
        method="GET",
        path=HOLD,
        handler=mine,
        summary="The place of a slot that the caller holds",
        description="404 when there is none, or its time is over: it may be asked for again after a reload.",
        tag=TAG,
        answer=HoldView,
        door=Door.ANYBODY,
        query=TenantQuery,
        for_guests=True,
        limit=Limit.READS,
    ),
    Endpoint(
        method="DELETE",
        path=HOLD,
        handler=release,
        summary="Give up a place that is held",
        tag=TAG,
        door=Door.ANYBODY,
        query=TenantQuery,
        status=204,
        keeps=False,
        for_guests=True,
        limit=Limit.BOOKING,
    ),
)
