"""What patients' clients are told, through a whole server."""

from tests.http.world import World
from tests.realtime.conftest import Node


async def test_a_patient_joins_and_is_told_of_each_change_of_the_own_place(node: Node, world: World, connect) -> None:
    patient = await connect()
    greeting = await patient.heard.next("connected")
    assert greeting["clientId"]
    ack = await patient.call("join-queue", {"token": await world.link(2)})
    joined = await patient.heard.next("queue-joined")
    assert ack == joined
    assert joined["roomId"].startswith(f"queue:{world.clinic.tenant}:{world.doctor}:")
    assert joined["recovered"] is False
    assert joined["data"]["queue"]["position"] == 3
    await world.done("move", world.entries[2], {"newPosition": 1})
    update = await patient.heard.next("queue-update")
    assert update["data"]["queue"]["position"] == 1
    broadcast = await patient.heard.next("queue-broadcast")
    assert broadcast["reason"] == "move"
    assert broadcast["version"] == update["data"]["queue"]["version"]
