"""What an organisation's messages say."""

from collections.abc import Mapping

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.service import PreviewBody, PreviewView, TemplateBody, TemplateView
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import PageQuery
from queue_server.store.messages import Channel
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/message-templates"
ONE = f"{BASE}/{{kind}}/{{language}}/{{channel}}/{{templateName}}"
TAG = "Messages"
FIELDS_SAID = (
    "Fields stand in braces, like `{patientName}`; which there are depends on the kind (`fields`). Anything else in"
    " braces is refused at `subject` or `body`: a template is text and runs nothing."
)


class TemplatesQuery(PageQuery, frozen=True, kw_only=True):
    """Which templates."""

    kind: Kind | None = None
    language: str | None = None
    channel: Channel | None = None


async def page(call: Call[None, TemplatesQuery]) -> Reply:
    """Return what messages say."""
    query = call.query
    found = await call.services.message_templates.page(
        call.actor,
        kind=query.kind,
        language=query.language,
        channel=query.channel,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a template."""
    found = await call.services.message_templates.get(call.actor, *_which(call.path))
    return Reply(data=found, version=found.version)


async def put(call: Call[TemplateBody, Nothing]) -> Reply:
    """Word a kind of message anew."""
    expected = call.precondition.if_match
    made = await call.services.message_templates.put(call.actor, *_which(call.path), call.body, if_match=expected)
    return Reply(data=made, version=made.version)


async def delete(call: Call[None, Nothing]) -> Reply:
    """Drop the organisation's own words."""
    expected = call.precondition.if_match
    await call.services.message_templates.delete(call.actor, *_which(call.path), if_match=expected)
    return Reply()


async def preview(call: Call[PreviewBody, Nothing]) -> Reply:
    """Return a template with sample values."""
    return Reply(data=await call.services.message_templates.preview(call.actor, call.body))


def _which(path: Mapping[str, str]) -> tuple[str, str, str, str]:
    return path["kind"], path["language"], path["channel"], path["templateName"]


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="What messages say, by kind, language and channel: own words, and those that come with the product",
        tag=TAG,
        answer=list[TemplateView],
        door=Permission.READ_MESSAGES,
        query=TemplatesQuery,
        paged=True,
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="What a kind of message says in a language and channel",
        description="`default` is the name of what is said where a clinic has chosen no other.",
        tag=TAG,
        answer=TemplateView,
        door=Permission.READ_MESSAGES,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=put,
        summary="Word a kind of message anew",
        description=(
            f"{FIELDS_SAID} Under another name than `default` it is used where a clinic's waitlist policy names it"
            " (`notificationTemplateOverrides`)."
        ),
        tag=TAG,
        answer=TemplateView,
        door=Permission.MANAGE_TEMPLATES,
        body=TemplateBody,
        versioned=True,
        refusals=(errors.Conflict, errors.Forbidden, errors.NotFound, errors.StaleVersion),
        example={"body": "{clinicName}: {start} with {doctorName}, ticket {ticket}. {link}"},
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=delete,
        summary="Drop own words, so that what comes with the product is said again",
        tag=TAG,
        status=204,
        door=Permission.MANAGE_TEMPLATES,
        versioned=True,
        refusals=(errors.Forbidden, errors.NotFound, errors.StaleVersion),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/preview",
        handler=preview,
        summary="What a template looks like with sample values; nothing is kept or sent",
        description=f"Without a `body` it is the one in use. {FIELDS_SAID}",
        tag=TAG,
        answer=PreviewView,
        door=Permission.READ_MESSAGES,
        body=PreviewBody,
        keeps=False,
        refusals=(errors.NotFound,),
        example={
            "kind": "booked",
            "language": "es",
            "channel": "sms",
            "body": "{clinicName}: {start} con {doctorName}. {link}",
        },
    ),
)
