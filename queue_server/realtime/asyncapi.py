"""The AsyncAPI document of the sockets, made from the structs that are sent and read."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import UnionType
from typing import Any, get_args

import msgspec

from queue_server.application.desk_bodies import DESK_COMMANDS, DeskCommand
from queue_server.application.slots.views import SlotRangeView, SlotStateView, WatchingView
from queue_server.application.views.desk import StaffPatch, StaffQueue
from queue_server.application.views.display import DisplayPatch, DisplayQueue
from queue_server.application.views.sockets import (
    Acknowledgement,
    Connected,
    QueueBroadcast,
    QueueJoined,
    QueueStatus,
    QueueUpdate,
    QueueWatchers,
    SocketError,
)
from queue_server.application.views.tracking import NoticeView
from queue_server.application.waitlist.live_views import (
    OwnWaitlistUpdate,
    OwnWaitlistWatching,
    StaffWaitlistUpdate,
    WaitlistOrderUpdate,
    WaitlistSubscribed,
)
from queue_server.realtime import messages as msg
from queue_server.realtime import wire

_REF = "#/components/schemas/{name}"


class _Event(msgspec.Struct, frozen=True):
    """One event: who sends it, what it carries and what it is acknowledged with."""

    name: str
    payload: Any
    summary: str
    answers: tuple[Any, ...] = ()
    from_client: bool = False


def _sent(name: str, payload: Any, summary: str, *answers: Any) -> _Event:
    return _Event(name, payload, summary, answers, from_client=True)


_PATIENTS = (
    _sent("join-queue", msg.JoinQueue, "Follow the queue of a tracking link", QueueJoined, SocketError),
    _sent("leave-queue", msg.Nothing, "Follow no longer", msg.Left),
    _sent("get-queue-status", msg.GetQueueStatus, "One look at the queue of a link", QueueStatus, SocketError),
    _sent("watch-availability", msg.WatchAvailability, "Hear what happens to free times", WatchingView, SocketError),
    _sent("unwatch-availability", msg.UnwatchAvailability, "Hear of them no longer", WatchingView),
    _sent("watch-waitlist", msg.WatchWaitlist, "Hear of what somebody waits for", OwnWaitlistWatching, SocketError),
    _sent("unwatch-waitlist", msg.Nothing, "Hear of it no longer", OwnWaitlistWatching),
    _sent("heartbeat", msg.Nothing, "Ask whether the server is there", msg.HeartbeatAck),
    _Event("connected", Connected, "The connection stands"),
    _Event("queue-joined", QueueJoined, "The queue is followed from here on; also after a transfer to another one"),
    _Event("queue-status", QueueStatus, "What get-queue-status asked for"),
    _Event("queue-update", QueueUpdate, "This patient's own view has changed"),
    _Event("queue-broadcast", QueueBroadcast, "The queue has changed; the same for everybody who follows it"),
    _Event("emergency-notification", NoticeView, "A broadcast: at once, and on joining while it is in force"),
    _Event("availability-watched", SlotRangeView, "These times are watched from here on: look at what there is"),
    _Event(
        "slot_availability_changed",
        SlotStateView | SlotRangeView,
        "A watched slot was blocked, opened, changed or given back; without slotId: look at these dates again",
    ),
    _Event("hold_created", SlotStateView, "Somebody keeps a place of a watched slot"),
    _Event("hold_released", SlotStateView, "A place that was kept is free again"),
    _Event("slot_booked", SlotStateView, "A place of a watched slot was taken"),
    _Event("waitlist-watched", OwnWaitlistWatching, "These entries are followed from here on, and how they are"),
    _Event("waitlist-update", OwnWaitlistUpdate, "An entry that is followed has changed, or stands elsewhere now"),
    _Event("heartbeat-ack", msg.HeartbeatAck, "The server is there"),
    _Event("server-restarting", msg.Restarting, "The connection ends soon; connect again"),
    _Event("error", SocketError, "Something was refused; the connection stays"),
)
_STAFF = (
    _sent(
        "subscribe",
        msg.Subscribe,
        "Follow these queues and no others",
        msg.Subscribed,
        msg.DisplaySubscribed,
        Acknowledgement,
    ),
    _sent("unsubscribe", msg.Nothing, "Follow nothing", msg.StaffAck),
    _sent(
        "subscribe-waitlist",
        msg.SubscribeWaitlist,
        "Follow the waitlists of these clinics and no others; read them after this",
        WaitlistSubscribed,
        Acknowledgement,
    ),
    _sent("desk-focus", msg.DeskFocus, "Say which lane this desk works on", msg.StaffAck),
    _sent("authenticate", msg.StaffAuth, "Go on with a new access token", msg.StaffAck),
    _Event("connected", Connected, "The connection stands"),
    _Event("queue-state", StaffQueue | DisplayQueue, "A whole queue; for displays what they show"),
    _Event("queue-patch", StaffPatch | DisplayPatch, "What has changed since the version it starts from"),
    _Event("waitlist-update", StaffWaitlistUpdate, "Somebody joined, was offered a time, answered, left, or changed"),
    _Event("waitlist-order", WaitlistOrderUpdate, "Who stands where in a waitlist has changed"),
    _Event("desk-presence", msg.DeskPresence, "The other desks at a lane"),
    _Event("queue-watchers", QueueWatchers, "How many phones follow a queue, and which entries; never to displays"),
    _Event("server-restarting", msg.Restarting, "The connection ends soon; connect again"),
    _Event("error", SocketError, "Something was refused, or the access token has ended (token_expired)"),
)


class _Condition(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What any desk command may carry beside its body."""

    if_match: int | None = None
    idempotency_key: str | None = None


@cache
def document() -> bytes:
    """Return the document as JSON."""
    events = {"patients": _PATIENTS, "staff": (*_STAFF, *map(_command_event, DESK_COMMANDS.values()))}
    types = {
        t: None for all_events in events.values() for e in all_events for t in (*_alternatives(e.payload), *e.answers)
    }
    structs = [t for t in types if not isinstance(t, DeskCommand)]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    for command in DESK_COMMANDS.values():
        schemas |= _command_schemas(command)
    messages, operations, channels = {}, {}, {}
    for channel, all_events in events.items():
        for event in all_events:
            identity = f"{channel}.{event.name}"
            messages[identity] = _message(event)
            operations[identity] = _operation(channel, event)
        channels[channel] = {
            "address": wire.PATIENTS if channel == "patients" else wire.STAFF,
            "description": _DESCRIPTIONS[channel],
            "messages": {e.name: {"$ref": f"#/components/messages/{channel}.{e.name}"} for e in all_events},
        }
    found: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Clinic queue: sockets",
            "version": _version(),
            "description": "Socket.IO (protocol 5) at /socket.io/, over websocket or long-polling. Each message is an"
            " event with one argument; answers come as acknowledgements.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "this": {"host": "localhost", "pathname": "/socket.io/", "protocol": "socketio", "description": "here"}
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "schemas": schemas,
            "messages": messages,
            "securitySchemes": {
                "accessToken": {
                    "type": "userPassword",
                    "description": "The access token, as `auth: {token}` when the namespace is connected.",
                }
            },
        },
    }
    return msgspec.json.encode(found)


_DESCRIPTIONS = {
    "patients": "Patients who hold a tracking link, and whoever looks for a time. Nobody else's name is ever"
    " sent here.",
    "staff": "Staff and displays; connect with `auth: {token}`. Displays are sent tickets and no names.",
}


def _command_event(command: DeskCommand) -> _Event:
    return _sent(command.name, command, command.summary, Acknowledgement)


def _message(event: _Event) -> dict[str, Any]:
    message: dict[str, Any] = {"name": event.name, "summary": event.summary, "payload": _schema(event.payload)}
    if event.answers:
        schemas = [_schema(answer) for answer in event.answers]
        message["x-acknowledgement"] = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    return message


def _operation(channel: str, event: _Event) -> dict[str, Any]:
    # Seen from the server, as AsyncAPI 3 wants it of the application that is described.
    operation: dict[str, Any] = {
        "action": "receive" if event.from_client else "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": event.summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{event.name}"}],
    }
    if channel == "staff":
        operation["security"] = [{"$ref": "#/components/securitySchemes/accessToken"}]
    return operation


def _schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, DeskCommand):
        return {"$ref": _REF.format(name=_schema_name(kind))}
    schemas, _ = msgspec.json.schema_components(_alternatives(kind), ref_template=_REF)
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, which have to be described one by one; else `kind` itself."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _schema_name(command: DeskCommand) -> str:
    return "".join(part.capitalize() for part in command.name.split("-")) + "Command"


def _command_schemas(command: DeskCommand) -> dict[str, Any]:
    """The body of a command with its target and conditions in the same object, as sockets send it, and its parts."""
    _, components = msgspec.json.schema_components([command.body, _Condition], ref_template=_REF)
    body, conditions = components.pop(command.body.__name__), components.pop(_Condition.__name__)
    target = command.target.value
    components[_schema_name(command)] = {
        "title": _schema_name(command),
        "description": command.summary,
        "type": "object",
        "properties": {
            target: {"type": "string", "format": "uuid"},
            **{name: schema for name, schema in body["properties"].items() if name != target},
            **conditions["properties"],
        },
        "required": [target, *(name for name in body.get("required", ()) if name != target)],
        "additionalProperties": False,
    }
    return components


def _version() -> str:
    try:
        return version("clinic-queue-server")
    except PackageNotFoundError:
        return "0"
