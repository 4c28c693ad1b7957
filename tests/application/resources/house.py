"""Rooms, equipment, departments and clinics on a real Postgres, and whether their rows are what history says."""

from typing import Any, TypeVar
from uuid import UUID

import msgspec

from queue_server.application.aggregates import Model, fold_history
from queue_server.application.answers import Answer
from queue_server.application.resources.bodies import NewEquipment, NewRoom
from queue_server.application.resources.days import ClinicDaysService
from queue_server.application.resources.departments import DepartmentService
from queue_server.application.resources.equipment import EquipmentService
from queue_server.application.resources.rooms import RoomService
from queue_server.application.resources.shown import texts_of
from queue_server.application.resources.views import EquipmentView, RoomView
from queue_server.store.projections.aggregate_rows import row as whole_row
from scheduling_core.permissions import Role
from tests.factories import Clinic
from tests.graph import Graph

V = TypeVar("V")


def decoded(answer: Answer, kind: type[V]) -> V:
    """Return what an answer shows."""
    return msgspec.json.decode(answer.body, type=kind)


class House:
    """The resources of one clinic."""

    def __init__(self, graph: Graph, clinic: Clinic) -> None:
        self.graph = graph
        self.clinic = clinic
        self.admin = clinic.actor(Role.ADMIN)
        self.rooms = RoomService(graph.db, graph.writes)
        self.equipment = EquipmentService(graph.db, graph.writes)
        self.departments = DepartmentService(graph.db, graph.writes)
        self.days = ClinicDaysService(graph.db, graph.writes)

    async def room(self, name: str = "Room 1", **given: Any) -> RoomView:
        """Add a room."""
        fields: dict[str, Any] = {"clinic_id": self.clinic.id, "name": name} | given
        body = NewRoom(**fields)
        return decoded(await self.rooms.create(self.admin, body), RoomView)

    async def device(self, name: str = "ECG 1", **given: Any) -> EquipmentView:
        """Add a piece of equipment."""
        fields: dict[str, Any] = {"clinic_id": self.clinic.id, "name": name} | given
        body = NewEquipment(**fields)
        return decoded(await self.equipment.create(self.admin, body), EquipmentView)

    async def change(self, query: str, *arguments: object) -> None:
        """Write into the tenant's rows past the application."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            await tx.run(query, *arguments)

    async def scalar(self, query: str, *arguments: object) -> Any:
        """Return the first value of a query."""
        async with self.graph.db.tenant(self.clinic.tenant) as tx:
            row = await tx.row(query, *arguments)
        assert row is not None
        return next(iter(row.values()))

    async def check_replays(self, model: Model[Any, Any], subject: UUID) -> None:
        """Check that folding all events again makes exactly the rows and the state that are kept."""
        tenant = self.clinic.tenant
        async with self.graph.db.tenant(tenant) as tx:
            stream = await tx.row(
                "SELECT state, last_event_id FROM stream WHERE tenant_id = $1 AND stream_id = $2",
                tenant,
                model.stream(tenant, subject),
            )
            state = await fold_history(tx, model, model.stream(tenant, subject))
            assert stream is not None
            assert model.aggregate.encode_state(state) == stream["state"]
            made = model.rows(state, await texts_of(tx, model, state)) if state is not None else {}
            for (table, key), columns in made.items():
                names = ", ".join(("tenant_id", *table.key, *table.columns))
                wanted = msgspec.to_builtins(whole_row(tenant, table, key, columns, stream["last_event_id"]))
                # Both sides as Postgres prints them: what is compared is what is kept, to the byte.
                found = await tx.row(
                    f"SELECT (SELECT row({names})::text FROM {table.name} AS kept WHERE"
                    f" {' AND '.join(f'kept.{one} = made.{one}' for one in table.key)}) AS kept,"
                    f" row({names})::text AS made FROM json_populate_record(NULL::{table.name}, $1::json) AS made",
                    msgspec.json.encode(wanted).decode(),
                )
                assert found is not None
                assert found["kept"] == found["made"], table.name
            for table in model.tables:
                column = f"{model.kind}_id"
                count = await tx.row(f"SELECT count(*) AS n FROM {table.name} WHERE {column} = $1", subject)
                assert count is not None
                assert count["n"] == sum(where == table for where, _ in made), table.name
