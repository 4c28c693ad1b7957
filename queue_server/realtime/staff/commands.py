"""Commands as they come over a socket."""

from typing import Any
from uuid import UUID

from queue_server.application import decoding
from queue_server.application.answers import Precondition
from queue_server.application.desk_bodies import DeskCommand
from scheduling_core.errors import InvalidValue

ROUTE = "/api/appointments/queue"


def read_command(command: DeskCommand, given: dict[str, Any]) -> tuple[UUID, Any, Precondition]:
    """Return what a command is about, its body and its conditions; raises `InvalidValue` that names the field."""
    if_match, key = given.pop("ifMatch", None), given.pop("idempotencyKey", None)
    if if_match is not None and (not isinstance(if_match, int) or isinstance(if_match, bool) or if_match < 0):
        raise InvalidValue("Give the version that was seen, as a number.", field="ifMatch")
    if key is not None and not isinstance(key, str):
        raise InvalidValue("Give 1 to 200 visible ASCII characters.", field="idempotencyKey")
    field = command.target.value
    # `call-next` names a doctor and may choose an appointment; only what is no part of the body is the target.
    text = given.pop(field, None)
    if text is None:
        raise InvalidValue("This field is required.", field=field)
    target = _identity(text, field)
    body = decoding.convert(given, command.body)
    path = f"{ROUTE}/{command.name}/{target}"
    idempotency = decoding.idempotency(key, "POST", path, body, field="idempotencyKey") if key is not None else None
    return target, body, Precondition(if_match, idempotency)


def _identity(text: object, field: str) -> UUID:
    try:
        if isinstance(text, str) and str(found := UUID(text)) == text.lower():
            return found
    except ValueError:
        pass
    raise InvalidValue("This is not an id.", field=field)
