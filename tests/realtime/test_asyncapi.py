"""The document of the sockets holds together and names everything that is spoken."""

import json
import re

from queue_server.application.desk_bodies import DESK_COMMANDS
from queue_server.realtime.asyncapi import document
from tests.http.world import World


def test_every_reference_leads_somewhere() -> None:
    found = json.loads(document())
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', document().decode())):
        place = found
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]


def test_every_command_and_event_is_described() -> None:
    found = json.loads(document())
    assert found["asyncapi"] == "3.0.0"
    assert set(DESK_COMMANDS) <= set(found["channels"]["staff"]["messages"])
    assert {"join-queue", "queue-update", "queue-broadcast", "emergency-notification", "error"} <= set(
        found["channels"]["patients"]["messages"]
    )
    assert {"watch-availability", "hold_created", "hold_released", "slot_booked", "slot_availability_changed"} <= set(
        found["channels"]["patients"]["messages"]
    )
    move = found["components"]["schemas"]["MoveCommand"]
    assert {"appointmentId", "newPosition", "reason", "ifMatch", "idempotencyKey"} == set(move["properties"])
    assert move["required"] == ["appointmentId", "newPosition"]


async def test_the_document_is_served(world: World) -> None:
    answer = await world.send("GET", "/asyncapi.json", role=None)
    assert answer.json() == json.loads(document())
