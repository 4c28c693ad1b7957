"""The jobs themselves on real queues: ticks, sweeps, pruning, recurring work for every tenant."""

from datetime import UTC, datetime, timedelta

from jobs import generate_slots, hold_expiry, prune, queue_tick, send_message, sweep
from jobs.house import House
from jobs.worker import lanes
from queue_server.application.due_work import DueWork
from queue_server.application.unit import WritePath
from queue_server.application.waitlist.matching import MATCH_JOB
from queue_server.application.waitlist.offering import ANSWER_JOB
from queue_server.store import job_store
from queue_server.store.db import Database
from scheduling_core.live_queue.state import EntryState
from tests.factories import Clinic
from tests.graph import Graph
from tests.jobs.conftest import missed_in, until


def house(graph: Graph, jobs: Database) -> House:
    return House(db=graph.db, jobs=jobs, writes=WritePath(graph.db, graph.published), signer=None)


async def run_due(work: DueWork) -> None:
    while await work.start_due():
        await work.drain(60)


async def test_a_timer_releases_who_did_not_come_on_time_once_and_publishes(
    graph: Graph, jobs_database: Database, clinic: Clinic
) -> None:
    entry, release = await missed_in(graph, clinic, 2)
    work = DueWork(graph.db, jobs_database, lanes(house(graph, jobs_database)))

    async def released() -> bool:
        await run_due(work)
        return (await graph.state(clinic)).entries[entry].state is EntryState.NO_SHOW

    await until(released)
    async with graph.db.tenant(clinic.tenant) as tx:
        events = await tx.rows("SELECT type, occurred_at FROM event_store WHERE command = 'queue_tick' ORDER BY 2")
        open_jobs = await tx.rows("SELECT due_at FROM job WHERE kind = 'queue_tick' AND state = 'ready'")
    assert [row["type"] for row in events] == ["arrival_prompted", "entry_marked_no_show"]
    assert events[-1]["occurred_at"] >= release
    assert graph.published.queues[-1].version == (await graph.state(clinic)).version
    # What is left is the end of the day.
    assert [row["due_at"] for row in open_jobs] == [(await graph.state(clinic)).day_end]


async def test_a_timer_that_went_missing_is_swept_up(graph: Graph, jobs_database: Database, clinic: Clinic) -> None:
    entry, _ = await missed_in(graph, clinic, -1)
    async with graph.db.tenant(clinic.tenant) as tx:
        await tx.run("DELETE FROM job")
    await job_store.enqueue_recurring(jobs_database, [sweep.KIND])
    async with graph.db.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE job SET due_at = now() - interval '1 s' WHERE kind = 'sweep'")
    work = DueWork(graph.db, jobs_database, lanes(house(graph, jobs_database)))

    async def released() -> bool:
        await run_due(work)
        return (await graph.state(clinic)).entries[entry].state is EntryState.NO_SHOW

    await until(released)
    async with graph.db.tenant(clinic.tenant) as tx:
        row = await tx.row("SELECT state, attempts, due_at - now() AS ahead FROM job WHERE kind = 'sweep'")
    assert row is not None
    assert (row["state"], row["attempts"]) == ("ready", 0)
    assert timedelta(seconds=10) < row["ahead"] <= timedelta(seconds=60)


async def test_every_tenant_gets_its_recurring_jobs_once_and_a_dead_one_comes_back(
    database: Database, jobs_database: Database, clinic: Clinic
) -> None:
    kinds = [sweep.KIND, prune.KIND]
    await job_store.enqueue_recurring(jobs_database, kinds)
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE job SET state = 'dead', attempts = 9 WHERE kind = 'prune'")
    await job_store.enqueue_recurring(jobs_database, kinds)
    async with database.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT kind, key, state, attempts FROM job ORDER BY kind")
    assert [tuple(row.values()) for row in rows] == [
        ("prune", "recurring", "ready", 0),
        ("sweep", "recurring", "ready", 0),
    ]


async def test_pruning_deletes_what_has_served_its_time_and_nothing_else(
    graph: Graph, jobs_database: Database, clinic: Clinic
) -> None:
    now = datetime.now(UTC)
    async with graph.db.tenant(clinic.tenant) as tx:
        for key, hours in (("old", 3), ("new", 1)):
            await tx.run(
                "INSERT INTO idempotent_answer (tenant_id, actor_id, key, request_digest, answer, created_at)"
                " VALUES ($1, $1, $2, '', '', $3)",
                clinic.tenant,
                key,
                now - timedelta(hours=hours),
            )
        for key, state, days in (("old", "done", 8), ("new", "done", 6), ("dead", "dead", 60)):
            await tx.run(
                "INSERT INTO job (tenant_id, kind, key, due_at, state, finished_at) VALUES ($1, 'x', $2, $3, $4, $3)",
                clinic.tenant,
                key,
                now - timedelta(days=days),
                state,
            )
        await tx.run(
            "INSERT INTO revoked_token (tenant_id, jti, expires_at) VALUES ($1, 'old', $2), ($1, 'new', $3)",
            clinic.tenant,
            now - timedelta(days=2),
            now + timedelta(days=1),
        )
        await job_store.enqueue(tx, prune.KIND, "recurring", {}, now - timedelta(seconds=1))
    await run_due(DueWork(graph.db, jobs_database, lanes(house(graph, jobs_database))))
    async with graph.db.tenant(clinic.tenant) as tx:
        answers = await tx.rows("SELECT key FROM idempotent_answer")
        jobs = await tx.rows("SELECT key FROM job WHERE kind = 'x' ORDER BY key")
        tokens = await tx.rows("SELECT jti FROM revoked_token")
    assert [row["key"] for row in answers] == ["new"]
    assert [row["key"] for row in jobs] == ["dead", "new"]
    assert [row["jti"] for row in tokens] == ["new"]


async def test_the_worker_makes_partitions_with_no_right_to_the_schema(jobs_database: Database) -> None:
    assert await job_store.keep_partitions(jobs_database) == 0


def test_timers_have_a_lane_of_their_own(graph: Graph, jobs_database: Database) -> None:
    timers, *others = lanes(house(graph, jobs_database))
    assert {queue_tick.KIND, hold_expiry.KIND, ANSWER_JOB} <= set(timers.handlers)
    # What waits for others' servers, or takes long, keeps nobody's time from ending.
    slow = {kind for lane in others for kind in lane.handlers}
    assert {send_message.KIND, MATCH_JOB, generate_slots.KIND, prune.KIND} <= slow
    assert not slow & set(timers.handlers)
    assert [lane.recurring for lane in (timers, *others)] == [False] * len(others) + [True]
