"""The one write path: lock first, decide, append events with their projections, jobs and pointer, commit, publish.

A use case says what it wants in a function over a `Unit`; `WritePath.run` gives it a tenant transaction and does the
rest. Everything a commit leads to is in that one transaction, so nothing is half done whatever is killed.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

import msgspec

from queue_server.application.actor import Actor, system
from queue_server.application.aggregates import Locked, Model, decoded
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.messages import occasions
from queue_server.application.messages.telling import Notice, job_of
from queue_server.application.payments import following
from queue_server.application.slots import giving_back
from queue_server.application.turns import LONGEST_WAIT, Held, TakeTurns, Turns
from queue_server.store import event_store, idempotency, job_store, patients
from queue_server.store.db import Database, Transaction
from queue_server.store.projections import aggregate_rows
from queue_server.store.projections import queue as projection
from scheduling_core import administration
from scheduling_core.errors import NotFound
from scheduling_core.ids import DoctorId, PatientId, StreamId, TenantId, TextId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.commands import Command, OpenQueue, Tick
from scheduling_core.live_queue.decide import decide_all
from scheduling_core.live_queue.events import SCHEMA_VERSION, QueueEvent, type_of
from scheduling_core.live_queue.fold import apply, fold_commit
from scheduling_core.live_queue.state import Queue
from scheduling_core.live_queue.timers import next_wake

S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=msgspec.Struct)

QUEUE_KIND = "queue"
ADMINISTRATION_KIND = "administration"
TICK_JOB = "queue_tick"
LIST_COMMAND = "enrol"
"""Takes over lists that others have made."""


Opening = Callable[[], Awaitable[OpenQueue]]
"""Makes the command that opens a queue; asked only when the queue does not exist yet."""


class Publisher(Protocol):
    """Hears of each committed queue; must neither block nor raise."""

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Take the newest state of a queue to whoever watches it."""
        ...


class QueueKey(msgspec.Struct, frozen=True, order=True):
    """Names a queue within a tenant."""

    doctor: DoctorId
    date: str

    def stream(self, tenant: TenantId) -> StreamId:
        """Return the id of the queue's stream."""
        return queue_stream(tenant, self.doctor, self.date)


class LockedQueue:
    """A queue whose stream this unit holds, and what it has decided about it so far."""

    def __init__(self, locked: event_store.LockedStream, before: Queue | None) -> None:
        self.locked = locked
        self.before = before
        self.queue = before
        self.events: list[QueueEvent] = []

    @property
    def state(self) -> Queue:
        """The queue as decided so far; raises `NotFound` while there is none."""
        if self.queue is None:
            raise NotFound("There is no queue for this doctor and day.")
        return self.queue


class Unit:
    """One transaction of one actor: locks, decisions, and what is done when it commits."""

    def __init__(self, tx: Transaction, actor: Actor, command: str, *, turns: Held | None = None) -> None:
        self.tx = tx
        self._turns = turns
        self.actor = actor
        self.command = command
        self._queues: dict[QueueKey, LockedQueue] = {}
        self._aggregates: dict[StreamId, Locked[Any, Any]] = {}
        self._texts: dict[UUID, str] = {}
        self._afterwards: list[Callable[[], Awaitable[None]]] = []
        self._notices: list[Notice] = []
        self._committed: list[tuple[Queue, int, bytes]] = []
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """Postgres' clock as read after the last lock; the same for everything this unit decides."""
        assert self._now is not None, "lock something first"
        return self._now

    async def lock(self, *keys: QueueKey, opening: Mapping[QueueKey, Opening] | None = None) -> list[LockedQueue]:
        """Lock the queues in the order of their streams and return them in the order asked for.

        A queue that does not exist is opened with the command that `opening` gives for it; without one: `NotFound`.
        """
        tenant = self.actor.tenant
        if self._turns is not None:
            await self._turns.enter_all_or_leave({key.stream(tenant) for key in keys})
        for key in sorted(set(keys), key=lambda k: k.stream(tenant)):
            may_open = opening is not None and key in opening
            locked = await event_store.lock(self.tx, key.stream(tenant), QUEUE_KIND, create=may_open)
            if locked is None:
                raise NotFound("There is no queue for this doctor and day.")
            self._now = locked.now if self._now is None else max(self._now, locked.now)
            before = codec.decode_state(locked.state) if locked.state else None
            self._queues[key] = LockedQueue(locked, before)
        for key in keys:
            if self._queues[key].queue is None and opening and key in opening:
                self.decide(self._queues[key], await opening[key]())
        return [self._queues[key] for key in keys]

    async def lock_aggregate(self, model: Model[S, E], subject: UUID, *, is_new: bool = False) -> Locked[S, E]:
        """Lock an aggregate's stream and return it; one to which nothing ever happened does not `exist`.

        Whoever locks several does so in the order of their streams' ids, and queues before them. Say of a subject whose
        id was just made up that it `is_new`: that saves looking for it.
        """
        stream = model.stream(self.actor.tenant, subject)
        if (held := self._aggregates.get(stream)) is not None:
            return held
        locked = await event_store.lock(self.tx, stream, model.kind, create=True, is_new=is_new)
        assert locked is not None
        self._now = locked.now if self._now is None else max(self._now, locked.now)
        before = await decoded(self.tx, model, stream, locked.state) if locked.state else None
        target = self._aggregates[stream] = Locked(model, subject, locked, before, self._now)
        return target

    async def say(self, words: str, about: PatientId | None = None) -> TextId:
        """Keep free text apart from the events, and return the id that an event may hold; words `about` a patient are
        erased with them."""
        text = event_store.free_text(words)
        await event_store.keep_free_text(self.tx, text, about)
        self._texts[text.id] = words
        return TextId(text.id)

    def after_writing(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` in this transaction when all rows are written: for what is made from rows of several aggregates."""
        self._afterwards.append(work)

    def tell(self, *notices: Notice) -> None:
        """Let people hear of these when this unit commits."""
        self._notices += notices

    def decide(self, target: LockedQueue, *commands: Command) -> list[QueueEvent]:
        """Decide the commands on `target` as one and return their events; raises what the rules refuse."""
        events = decide_all(target.queue, commands, self.now)
        for event in events:
            target.queue = apply(target.queue, event, self.now)
        target.events += events
        return events

    def settle(self, target: LockedQueue) -> Queue:
        """Return the queue as it will be committed, with its new version; decide nothing after this."""
        if not target.events:
            return target.state
        target.queue = fold_commit(
            target.before,
            target.events,
            version=target.locked.version + 1,
            at=self.now,
            command=self.command,
            by_system=self.actor.is_system,
        )
        return target.queue

    async def flush(self) -> None:
        """Write events, projections, timers and pointers of every queue that changed."""
        for key, target in self._queues.items():
            if target.events:
                await self._write(key, target, self.settle(target))
        for target in self._queues.values():
            if target.events:
                await giving_back.follow(self.tx, target.before, target.state, target.events, self.actor, self.command)
        for target in self._queues.values():
            if target.events:
                await following.follow(self, target.before, target.state, target.events)
        for aggregate in self._aggregates.values():
            if aggregate.events:
                await self._write_aggregate(aggregate)
        await self._tell()
        for work in self._afterwards:
            await work()

    async def _tell(self) -> None:
        """Note whom all of this concerns, in one statement."""
        undoable_for = following.undoable_for(self.actor, self.command)
        notices, jobs = list(self._notices), list[job_store.NewJob]()
        for target in self._queues.values():
            queue = target.state if target.events else None
            if queue is None:
                continue
            notices += occasions.of_queue(
                queue, target.events, now=self.now, undoable_for=undoable_for, is_list=self.command == LIST_COMMAND
            )
            jobs += occasions.jobs_of_queue(
                queue, target.events, stream=target.locked.stream, now=self.now, undoable_for=undoable_for
            )
        await job_store.enqueue_all(self.tx, [*jobs, *map(job_of, occasions.said_once(notices))])

    async def _write(self, key: QueueKey, target: LockedQueue, after: Queue) -> None:
        state = codec.encode_state(after)
        tenant, epoch = self.actor.tenant, target.locked.epoch
        version, last_event = await event_store.append(
            self.tx,
            target.locked,
            event_store.Append(
                events=[event_store.NewEvent(type_of(e), codec.encode_event(e)) for e in target.events],
                schema_version=SCHEMA_VERSION,
                command=self.command,
                actor=self.actor.account,
                by_system=self.actor.is_system,
                request_id=self.actor.request_id,
                at=self.now,
                state=state,
                pointer=f"{tenant}:{key.doctor}:{key.date}:{epoch}:{after.version}",
            ),
        )
        await projection.project(self.tx, target.locked.stream, target.before, after, target.events, last_event)
        if about := _written_about(target.events):
            await patients.attach_words(self.tx, about)
        wake = next_wake(after)
        if wake is not None and (target.before is None or wake != next_wake(target.before) or self.command == TICK_JOB):
            # Keyed by the version that armed it: a timer that moves away and back is a new row.
            payload = {"doctorId": key.doctor, "date": key.date}
            await job_store.enqueue(self.tx, TICK_JOB, f"{target.locked.stream}:{version}", payload, wake)
        self._committed.append((after, epoch, state))

    async def _write_aggregate(self, target: Locked[Any, Any]) -> None:
        model, state = target.model, target.state
        _, last_event = await event_store.append(
            self.tx,
            target.locked,
            event_store.Append(
                events=[event_store.NewEvent(*model.aggregate.encode_event(event)) for event in target.events],
                schema_version=model.aggregate.schema_version,
                command=self.command,
                actor=self.actor.account,
                by_system=self.actor.is_system,
                request_id=self.actor.request_id,
                at=target.now,
                state=model.aggregate.encode_state(state),
                pointer=None,
                news=[event_store.changed(self.tx.tenant, model.kind, target.subject)],
            ),
        )
        wanted = {*model.texts(state), *(model.texts(target.before) if target.before is not None else ())}
        if missing := [text for text in wanted if text not in self._texts]:
            self._texts |= await event_store.free_texts(self.tx, missing)
        before = model.rows(target.before, self._texts) if target.before is not None else {}
        await aggregate_rows.write(self.tx, aggregate_rows.changes(before, model.rows(state, self._texts)), last_event)

    def publish(self, publisher: Publisher) -> None:
        """Hand every committed queue to `publisher`."""
        for queue, epoch, state in self._committed:
            publisher.committed(self.actor.tenant, queue, epoch, state, self.command)


def _written_about(events: Sequence[QueueEvent]) -> dict[UUID, UUID]:
    """Return the texts that events refer to, with the appointment that each is about; not what is said to everybody."""
    named = ((getattr(event, "reason", None), getattr(event, "entry", None)) for event in events)
    return {reason: entry for reason, entry in named if isinstance(reason, UUID) and isinstance(entry, UUID)}


class WritePath:
    """Runs use cases as units."""

    def __init__(self, db: Database, publisher: Publisher, secret: bytes = b"") -> None:
        """Take a `secret` where clients' requests come in: digests of them are kept under it."""
        self._secret = secret
        self._db = db
        self._publisher = publisher
        self._turns = Turns()

    async def run(
        self,
        actor: Actor,
        command: str,
        work: Callable[[Unit], Awaitable[tuple[object, int | None]]],
        precondition: Precondition = NONE,
    ) -> Answer:
        """Do `work` in one transaction and return its answer; the same key and request get the kept answer instead.

        `work` returns what is answered and the version it shows; it must not have done anything outside of the
        transaction before it has locked its queues, for it may be begun again then. Raises what `work` refuses (then
        nothing has changed), `IdempotencyKeyReused`, and `Unavailable` when Postgres is away or the queue is held.
        """
        who, request = actor.key, precondition.idempotency
        # A repetition waits in Postgres for the first one, so it takes its turn, too.
        taken: Collection[object] = frozenset([("key", actor.tenant, who, request.key)] if request else ())
        until = get_running_loop().time() + LONGEST_WAIT
        while True:
            try:
                async with self._turns.waited_for(taken, until) as held:
                    return await self._run(actor, command, work, precondition, held)
            except TakeTurns as full:
                # Nothing has happened yet: the work begins anew once there is a place for it.
                taken = full.places

    async def _run(
        self,
        actor: Actor,
        command: str,
        work: Callable[[Unit], Awaitable[tuple[object, int | None]]],
        precondition: Precondition,
        held: Held,
    ) -> Answer:
        async with self._db.tenant(actor.tenant) as tx:
            who, request = actor.key, precondition.idempotency
            if request is not None:
                request = idempotency.keyed(request, self._secret)
            if request is not None and (kept := await idempotency.claim(tx, who, request)) is not None:
                return Answer(kept.body, kept.version)
            unit = Unit(tx, actor, command, turns=held)
            result, version = await work(unit)
            answer = Answer(msgspec.json.encode(result), version, result)
            await unit.flush()
            if request is not None:
                await idempotency.keep(tx, who, request, idempotency.KeptAnswer(answer.body, answer.version))
        unit.publish(self._publisher)
        return answer

    async def tick(self, job: job_store.Job, key: QueueKey, actor: Actor) -> bool:
        """Tick the queue of a due job and finish the job in the same transaction.

        Returns False when another worker holds the job by now: then nothing was done.
        """
        async with self._db.tenant(actor.tenant) as tx:
            if not await job_store.fence(tx, job):
                return False
            unit = Unit(tx, actor, TICK_JOB)
            (queue,) = await unit.lock(key)
            unit.decide(queue, Tick())
            await unit.flush()
            await job_store.finish(tx, job)
        unit.publish(self._publisher)
        return True

    async def run_job(self, job: job_store.Job, command: str, work: Callable[[Unit], Awaitable[bool]]) -> None:
        """Do what a due job is for, as the system, and finish it in the same transaction.

        Nothing is done when another worker holds the job by now. `work` returns False when it has armed the job anew.
        """
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            unit = Unit(tx, system(job.tenant), command)
            is_done = await work(unit)
            await unit.flush()
            if is_done:
                await job_store.finish(tx, job)
        unit.publish(self._publisher)


async def record(tx: Transaction, actor: Actor, type: str, data: Mapping[str, object]) -> None:
    """Append one event about the tenant's administration, which has a stream of its own.

    `data` is what the type of that name in `scheduling_core.administration` holds. The stream is locked, so call this
    last in a transaction.
    """
    administration.check(type, data)
    stream = StreamId(uuid5(actor.tenant, ADMINISTRATION_KIND))
    locked = await event_store.lock(tx, stream, ADMINISTRATION_KIND, create=True)
    assert locked is not None
    encoded = msgspec.json.encode({"type": type, **data}, order="sorted")
    await event_store.append(
        tx,
        locked,
        event_store.Append(
            events=[event_store.NewEvent(type, encoded)],
            schema_version=SCHEMA_VERSION,
            command=type,
            actor=actor.account,
            by_system=actor.is_system,
            request_id=actor.request_id,
            at=locked.now,
            state=None,
            pointer=None,
        ),
    )


class Recorder:
    """Records acts of administration; the shape that the access services are given."""

    async def record(self, tx: Transaction, actor: Actor, type: str, data: Mapping[str, object]) -> None:
        """Append one event to the tenant's administration stream."""
        await record(tx, actor, type, data)


def tick_key(payload: Mapping[str, str]) -> QueueKey:
    """Return the queue that a tick job is about."""
    return QueueKey(DoctorId(UUID(payload["doctorId"])), payload["date"])
