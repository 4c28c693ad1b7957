"""What rooms and equipment have in common: read, changed, taken out of use for maintenance, removed when unused."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.actor import Actor
from queue_server.application.aggregates import Locked, Model
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.paging import LONGEST_PAGE, Page, after, checked_limit, cursor_of, part
from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import (
    LONGEST_NAME,
    EquipmentChange,
    NewEquipment,
    NewMaintenance,
    NewRoom,
    RoomChange,
)
from queue_server.application.resources.outages import date_at, maintenance_of, slots_follow
from queue_server.application.resources.shown import texts_of
from queue_server.application.resources.uses import check_unused
from queue_server.application.resources.views import (
    EquipmentAssignmentView,
    EquipmentView,
    RoomAssignmentView,
    RoomView,
)
from queue_server.application.unit import Unit, WritePath
from queue_server.store import clinics, schedules
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.reservations import Resource
from queue_server.store.resources import Filter
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId, MaintenanceId, TextId
from scheduling_core.permissions import Permission
from scheduling_core.resources.equipment import Equipment
from scheduling_core.resources.maintenance import FinishMaintenance, PlanMaintenance
from scheduling_core.resources.rooms import Room

S = TypeVar("S", bound=Room | Equipment)
E = TypeVar("E", bound=msgspec.Struct)
V = TypeVar("V", bound=RoomView | EquipmentView)


class ResourceService(ABC, Generic[S, E, V]):
    """Reads and changes what one doctor at a time can use; what differs between the kinds is theirs to say."""

    kind: ClassVar[Resource]
    model: Model[S, E]

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def get(self, actor: Actor, id: UUID) -> V:
        """Return one; raises `NotFound` for one outside of the account's clinics."""
        actor.require(Permission.READ_RESOURCES)
        async with self._db.tenant(actor.tenant) as tx:
            found = await self._row(tx, id)
            if found is None:
                raise NotFound(f"There is no such {self.kind}.")
            actor.require_for(Permission.READ_RESOURCES, clinic=found["clinic_id"])
            return (await self._views(tx, [found]))[0]

    async def assignments(
        self, actor: Actor, id: UUID, *, limit: int = LONGEST_PAGE, cursor: str | None = None
    ) -> tuple[Page[RoomAssignmentView | EquipmentAssignmentView], int]:
        """Return a page of whose it is and was, or where it stands and stood, by its first day, and its version."""
        found = await self.get(actor, id)
        return part(found.assignments, _place, limit=limit, cursor=cursor), found.version

    async def retire(self, actor: Actor, id: UUID, precondition: Precondition = NONE) -> Answer:
        """Remove it; raises `InUse`, naming what uses it, while something does."""

        async def work(unit: Unit, locked: Locked[S, E]) -> None:
            today = await date_at(unit, locked.state.clinic)
            await check_unused(unit, self.kind, locked.state.id, locked.state.clinic, today)
            locked.add(*self._retired(locked))

        return await self._change(actor, f"retire-{self.kind}", id, work, precondition)

    async def plan_maintenance(
        self, actor: Actor, id: UUID, body: NewMaintenance, precondition: Precondition = NONE
    ) -> Answer:
        """Take it out of use for a while; raises `InUse` when it is reserved then.

        The slots of doctors whose hours take it follow by a job that cannot be lost.
        """

        async def plan(unit: Unit, locked: Locked[S, E]) -> PlanMaintenance:
            return await maintenance_of(unit, self.kind, id, body, locked.now)

        return await self._maintain(actor, f"plan-{self.kind}-maintenance", id, plan, precondition)

    async def finish_maintenance(
        self, actor: Actor, id: UUID, maintenance: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Let it be used again before its maintenance was to end; slots come back as they went."""

        async def finish(_unit: Unit, _locked: Locked[S, E]) -> FinishMaintenance:
            return FinishMaintenance(maintenance=MaintenanceId(maintenance))

        return await self._maintain(actor, f"finish-{self.kind}-maintenance", id, finish, precondition)

    @abstractmethod
    async def _row(self, tx: Transaction, id: UUID) -> Row | None:
        """Return its row, None for one that the tenant does not have."""

    @abstractmethod
    async def _views(self, tx: Transaction, found: Sequence[Row]) -> list[V]:
        """Return rows with all that belongs to them, in a few queries for a page."""

    @abstractmethod
    async def _answer(self, unit: Unit, locked: Locked[S, E]) -> tuple[V, int]:
        """Return it as it will be when this is committed, and its version."""

    @abstractmethod
    def _retired(self, locked: Locked[S, E]) -> Sequence[E]:
        """Decide that it is removed."""

    @abstractmethod
    def _maintained(self, locked: Locked[S, E], command: PlanMaintenance | FinishMaintenance) -> Sequence[E]:
        """Decide about a maintenance."""

    async def _page(
        self, actor: Actor, wanted: Filter, find: Callable[[Transaction, Filter], Awaitable[Sequence[Row]]]
    ) -> Page[V]:
        """Return what `find` finds in the account's clinics; `wanted` asks for one more than the page has."""
        actor.require(Permission.READ_RESOURCES)
        if wanted.clinic is not None:
            actor.require_for(Permission.READ_RESOURCES, clinic=ClinicId(wanted.clinic))
        size = wanted.limit - 1
        async with self._db.tenant(actor.tenant) as tx:
            found = await find(tx, wanted)
            views = await self._views(tx, found[:size])
        return Page(views, cursor_of(views[-1].id) if len(found) > size else None)

    async def _create(
        self,
        actor: Actor,
        body: NewRoom | NewEquipment,
        work: Callable[[Unit, TextId], Awaitable[Locked[S, E]]],
        precondition: Precondition,
    ) -> Answer:
        """Let `work` make one with its name, in a clinic that is the actor's."""
        clinic = ClinicId(body.clinic_id)
        actor.require_for(Permission.MANAGE_RESOURCES, clinic=clinic)
        name = one_line(body.name, "name", longest=LONGEST_NAME)

        async def create(unit: Unit) -> tuple[object, int | None]:
            if await clinics.clinic(unit.tx, clinic) is None:
                raise NotFound("There is no such clinic.", field="clinicId")
            return await self._answer(unit, await work(unit, await unit.say(name)))

        return await self._writes.run(actor, f"create-{self.kind}", create, precondition)

    async def _update(
        self,
        actor: Actor,
        id: UUID,
        change: RoomChange | EquipmentChange,
        work: Callable[[Locked[S, E], TextId | UnsetType], None],
        precondition: Precondition,
    ) -> Answer:
        """Let `work` change it; the name is left out where it stays."""
        name = UNSET if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME)

        async def update(unit: Unit, locked: Locked[S, E]) -> None:
            known = (await texts_of(unit.tx, self.model, locked.state)).get(locked.state.name)
            work(locked, UNSET if name is UNSET or name == known else await unit.say(name))

        return await self._change(actor, f"update-{self.kind}", id, update, precondition)

    async def _maintain(
        self,
        actor: Actor,
        name: str,
        id: UUID,
        command: Callable[[Unit, Locked[S, E]], Awaitable[PlanMaintenance | FinishMaintenance]],
        precondition: Precondition,
    ) -> Answer:
        async def work(unit: Unit, locked: Locked[S, E]) -> None:
            await schedules.hold_resources(unit.tx, [locked.state.id])
            locked.add(*self._maintained(locked, await command(unit, locked)))
            await slots_follow(unit, self.kind, locked.before, locked.state)

        return await self._change(actor, name, id, work, precondition)

    async def _change(
        self,
        actor: Actor,
        command: str,
        id: UUID,
        work: Callable[[Unit, Locked[S, E]], Awaitable[None]],
        precondition: Precondition,
    ) -> Answer:
        actor.require(Permission.MANAGE_RESOURCES)

        async def change(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(self.model, id)
            if not locked.exists:
                raise NotFound(f"There is no such {self.kind}.")
            actor.require_for(Permission.MANAGE_RESOURCES, clinic=locked.state.clinic)
            check_version(precondition.if_match, locked.state.version, f"The {self.kind}")
            await work(unit, locked)
            return await self._answer(unit, locked)

        return await self._writes.run(actor, command, change, precondition)


def _place(assignment: RoomAssignmentView | EquipmentAssignmentView) -> tuple[str, UUID]:
    return assignment.from_.isoformat(), assignment.id


def page_of(actor: Actor, cursor: str | None, limit: int) -> Filter:
    """Return what a page in the account's clinics begins with; raises `InvalidValue` for a senseless one."""
    return Filter(after=after(cursor), limit=checked_limit(limit) + 1, within=actor.clinics)
