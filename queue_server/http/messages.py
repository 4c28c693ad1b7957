"""The log of messages, those that could not be sent, and what staff write themselves."""

from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Empty, Instant
from queue_server.application.messages.dead import ResentView
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.log import LogFilter, MessageView
from queue_server.application.messages.manual import ManualBody, ManualView
from queue_server.http import decoding
from queue_server.http.endpoint import Call, Endpoint, Limit, Nothing, Reply
from queue_server.http.lists import PageQuery
from queue_server.messaging.delivery_notices import FIELD
from queue_server.store.messages import Channel, State
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/messages"
DEAD = f"{BASE}/dead"
TAG = "Messages"
LARGEST_NOTICE = 16_000


class LogQuery(PageQuery, frozen=True, kw_only=True):
    """Which messages; the newest first."""

    kind: Kind | None = None
    state: State | None = None
    channel: Channel | None = None
    clinic_id: UUID | None = None
    patient_id: UUID | None = None
    start: Annotated[Instant | None, msgspec.Meta(description="not before")] = msgspec.field(default=None, name="from")
    end: Annotated[Instant | None, msgspec.Meta(description="before")] = msgspec.field(default=None, name="to")


async def page(call: Call[None, LogQuery]) -> Reply:
    """Return a page of the log."""
    query = call.query
    wanted = LogFilter(
        states=(query.state,) if query.state is not None else (),
        kinds=(query.kind,) if query.kind is not None else (),
        channel=query.channel,
        clinic=query.clinic_id,
        patient=query.patient_id,
        since=query.start,
        until=query.end,
    )
    found = await call.services.message_log.page(call.actor, wanted, cursor=query.cursor, limit=query.limit)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def dead(call: Call[None, PageQuery]) -> Reply:
    """Return a page of what no channel has taken."""
    query = call.query
    found = await call.services.message_log.dead(call.actor, cursor=query.cursor, limit=query.limit)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def send(call: Call[ManualBody, Nothing]) -> Reply:
    """Write to people who wait."""
    answer = await call.services.manual_messages.send(call.actor, call.body, call.precondition)
    return Reply(encoded=answer.body)


async def resend(call: Call[Empty, Nothing]) -> Reply:
    """Send a message again."""
    return Reply(data=await call.services.dead_letters.resend(call.actor, call.id("messageId")))


async def resend_all(call: Call[Empty, Nothing]) -> Reply:
    """Send all messages again that could not be sent."""
    return Reply(data=await call.services.dead_letters.resend_all(call.actor))


class DeliveryQuery(Body, frozen=True, kw_only=True):
    """Which message the provider tells of: in the address that it was given with the message."""

    tenant: UUID
    message: UUID


async def delivery(call: Call[None, DeliveryQuery]) -> Reply:
    """Take in what the provider tells of a message: a form, signed as it came."""
    body = await decoding.read_body(call.request, min(call.services.settings.max_body_bytes, LARGEST_NOTICE))
    hear, signature = call.services.message_delivery.hear, call.request.headers.get(FIELD)
    return Reply(data={"heard": await hear(call.query.tenant, call.query.message, body, signature)})


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="What was sent to whom, through what, and what became of it; the newest first, without what it said",
        tag=TAG,
        answer=list[MessageView],
        door=Permission.READ_MESSAGES,
        query=LogQuery,
        paged=True,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=send,
        summary="Write to people who wait, by their entries",
        description=(
            "Once to each patient, through the channels and at the hours that they want. Needs an Idempotency-Key. Who"
            " wrote to whom is in the audit; the words are kept apart and erased with their patient."
        ),
        tag=TAG,
        answer=ManualView,
        door=Permission.SEND_MESSAGES,
        body=ManualBody,
        keeps=False,
        refusals=(errors.NotFound,),
        example={
            "waitlistIds": ["018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01"],
            "message": "We have opened a clinic on Saturday. Call us if that would suit you.",
        },
    ),
    Endpoint(
        method="GET",
        path=DEAD,
        handler=dead,
        summary="Messages that no channel has taken, each with the reason",
        tag=TAG,
        answer=list[MessageView],
        door=Permission.READ_MESSAGES,
        query=PageQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=f"{DEAD}/resend",
        handler=resend_all,
        summary="Send again what no channel has taken, the oldest first, two hundred at a time",
        tag=TAG,
        answer=ResentView,
        door=Permission.SEND_MESSAGES,
        body=Empty,
        example={},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{messageId}}/resend",
        handler=resend,
        summary="Send a message again that no channel has taken, to where its reader is reached now",
        description="It keeps its id: a provider that took it after all does not send it twice.",
        tag=TAG,
        answer=MessageView,
        door=Permission.SEND_MESSAGES,
        body=Empty,
        refusals=(errors.Conflict, errors.NotFound),
        example={},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/delivery",
        handler=delivery,
        summary="What the provider of texts tells of a message that it took (StatusCallback)",
        description=(
            "A form, signed in `X-Twilio-Signature`. What could not be delivered goes on through the next channel of"
            " its reader; everything else changes nothing."
        ),
        tag=TAG,
        answer=dict[str, str],
        query=DeliveryQuery,
        limit=Limit.READS,
        tenant_header=False,
        refusals=(errors.InvalidSignature, errors.MalformedRequest, errors.PayloadTooLarge, errors.NotFound),
    ),
)
