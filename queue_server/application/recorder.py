"""How administration is remembered: one event a change, in the transaction of the change."""

from collections.abc import Mapping
from typing import Protocol

from queue_server.application.actor import Actor
from queue_server.store.db import Transaction


class Recorder(Protocol):
    """Appends to the tenant's stream of administrative events."""

    async def record(self, tx: Transaction, actor: Actor, type: str, data: Mapping[str, object]) -> None:
        """Append an event. `data` holds ids, enums, numbers and instants only: no names, no addresses, no words."""
        ...
