"""What is kept of doctors, calendars, rooms and clinics equals their events; what does not is named and repaired."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from loadtests.year.play import play
from loadtests.year.practice import Practice
from queue_server.application import rebuild
from queue_server.application.actor import system
from queue_server.application.audit_verify import Fault, verify
from queue_server.application.models import BY_KIND, MODELS
from queue_server.application.rebuild import RebuildReport
from queue_server.application.text_references import paths_by_event
from queue_server.application.unit import Unit
from queue_server.store.db import Database
from queue_server.store.root_copies import RootCopies
from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import TenantId
from tests.conftest import RunningServices
from tests.graph import Graph


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def tenant(graph: Graph) -> TenantId:
    """A tenant in which two doctors have lived through three weeks."""
    year = Practice(graph.db, doctors=2, days=21)
    await play(year)
    return year.tenant


@pytest.fixture(scope="module")
def kept_tenant(services: RunningServices) -> TenantId:
    """The same, for all tests that leave it as it was, or repair what they have changed."""

    async def lived() -> TenantId:
        db = Database(services.urls["DATABASE_URL"], pool_size=2, application="tests")
        await db.open()
        year = Practice(db, doctors=2, days=21)
        await play(year)
        await db.close()
        return year.tenant

    return asyncio.run(lived())


async def rebuilt(owner: Database, tenant: TenantId, *, repair: bool = False) -> RebuildReport:
    return await rebuild.replay(owner, only=tenant, repair=repair)


async def as_owner(owner: Database, tenant: TenantId, query: str) -> None:
    async with owner.tenant(tenant) as tx:
        await tx.run(query)


async def test_rebuilt_equals_live_after_three_months_of_two_doctors(owner: Database, graph: Graph) -> None:
    year = Practice(graph.db, doctors=2, days=90)
    await play(year)
    report = await rebuilt(owner, year.tenant)
    assert report.differences == []
    assert report.aggregates == {
        "clinic": 3,
        "department": 2,
        "room": 2,
        "equipment": 2,
        "doctor": 2,
        "calendar": 2,
        "slots": 2,
        "payment": 6,
        "waitlist": 8,
    }
    assert report.events > 1_500
    assert report.rows > 40


async def test_every_type_of_event_is_replayed(owner: Database, kept_tenant: TenantId) -> None:
    tenant = kept_tenant
    async with owner.tenant(tenant) as tx:
        rows = await tx.rows(
            "SELECT DISTINCT s.kind, e.type FROM event_store e JOIN stream s USING (tenant_id, stream_id)"
            " WHERE tenant_id = $1",
            tenant,
        )
    known = {(model.kind, name) for model in MODELS for name in model.aggregate.event_types}
    assert known == {(row["kind"], row["type"]) for row in rows}
    assert (await rebuilt(owner, tenant)).is_equal


async def test_a_row_of_each_table_that_was_tampered_with_is_named_and_repaired(
    owner: Database, kept_tenant: TenantId
) -> None:
    tenant = kept_tenant
    tables = [table.name for model in MODELS for table in model.tables]
    for table in tables:
        await as_owner(
            owner,
            tenant,
            f"UPDATE {table} SET last_event_id = 'ffffffff-ffff-7fff-bfff-ffffffffffff'"
            f" WHERE ctid = (SELECT ctid FROM {table} LIMIT 1)",
        )
    found = await rebuilt(owner, tenant)
    assert [(d.model, d.detail) for d in found.differences] == [(table, "differs in last_event_id") for table in tables]
    repaired = await rebuilt(owner, tenant, repair=True)
    assert repaired.differing == repaired.repaired == len(tables) > 15
    assert repaired.epoch is not None
    assert (await rebuilt(owner, tenant)).is_equal


@pytest.mark.parametrize(
    ("tamper", "model", "detail"),
    [
        ("UPDATE doctor_profile SET name = 'Dr Nobody'", "doctor_profile", "differs in name"),
        ("UPDATE doctor SET active = NOT active", "doctor", "differs in active"),
        ("DELETE FROM doctor_word WHERE word = 'dr'", "doctor_word", "the row is missing"),
        ("UPDATE leave_request SET reason = NULL", "leave_request", "differs in reason"),
        ("UPDATE doctor_schedule SET week = (week::jsonb)::json", "doctor_schedule", "differs in week"),
        ("UPDATE clinic SET capacity = '{}'", "clinic", "differs in capacity"),
        (
            "INSERT INTO department SELECT tenant_id, gen_random_uuid(), name, clinic_ids, head_account_id, active,"
            " version, last_event_id FROM department LIMIT 1",
            "department",
            "there should be no such row",
        ),
        ("UPDATE stream SET state = '\\x01' WHERE kind = 'calendar'", "state", "cannot be read"),
        ("UPDATE stream SET state = NULL WHERE kind = 'slots'", "state", "there is no state"),
        (
            "UPDATE stream s SET state = o.state FROM stream o WHERE s.kind = 'room' AND o.kind = 'room'"
            " AND s.stream_id < o.stream_id",
            "state",
            "differs in id",
        ),
    ],
)
async def test_what_differs_is_named_and_repaired(
    owner: Database, kept_tenant: TenantId, tamper: str, model: str, detail: str
) -> None:
    tenant = kept_tenant
    assert (await rebuilt(owner, tenant)).is_equal
    await as_owner(owner, tenant, tamper)
    found = await rebuilt(owner, tenant)
    assert found.differences
    assert {difference.model for difference in found.differences} == {model}
    assert all(detail in difference.detail for difference in found.differences)
    repaired = await rebuilt(owner, tenant, repair=True)
    assert repaired.repaired == repaired.differing == found.differing
    assert (await rebuilt(owner, tenant)).is_equal


async def test_a_repair_that_finds_nothing_changes_nothing(owner: Database, kept_tenant: TenantId) -> None:
    first = await rebuilt(owner, kept_tenant, repair=True)
    assert (first.repaired, first.epoch) == (0, None)


async def test_a_repair_tells_the_servers_which_kinds_have_changed(
    services: RunningServices, owner: Database, tenant: TenantId
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening: Any = await asyncpg.connect(services.urls["DATABASE_URL"])
    try:
        await listening.add_listener("directory_changed", lambda *told: heard.put_nowait(told[3]))
        await as_owner(owner, tenant, "UPDATE doctor_profile SET name = 'Dr Nobody'")
        await rebuilt(owner, tenant, repair=True)
        async with asyncio.timeout(60):
            assert (await heard.get()).startswith(f"{tenant}:doctor:")
    finally:
        await listening.close()


async def test_a_history_that_is_gone_is_said_and_left_alone(owner: Database, tenant: TenantId) -> None:
    await as_owner(
        owner,
        tenant,
        "DELETE FROM event_store e USING stream s WHERE s.stream_id = e.stream_id AND s.kind = 'room'",
    )
    found = await rebuilt(owner, tenant)
    assert ("state", "its history is gone") in {(d.model, d.detail) for d in found.differences}


async def test_streams_of_a_kind_that_nothing_folds_are_said(owner: Database, tenant: TenantId) -> None:
    await as_owner(owner, tenant, "UPDATE stream SET kind = 'rooms' WHERE kind = 'room'")
    found = await rebuilt(owner, tenant)
    assert ("rooms", "streams of a kind that nothing folds") in {(d.key, d.detail) for d in found.differences}


async def test_rows_that_are_older_than_events_are_left_alone(owner: Database, graph: Graph, clinic: Any) -> None:
    """Clinics and doctors of an installation from before: rows, but no history yet."""
    assert (await rebuilt(owner, clinic.tenant)).differences == []


async def test_a_word_that_was_erased_is_missing_in_the_rebuilt_rows_as_well(
    owner: Database, graph: Graph, tenant: TenantId
) -> None:
    erase = "UPDATE free_text SET body = NULL, salt = NULL, erased_at = now() WHERE body = 'Sees patients.'"
    await as_owner(owner, tenant, erase)
    assert {d.detail for d in (await rebuilt(owner, tenant)).differences} == {"differs in bio"}
    await as_owner(owner, tenant, "UPDATE doctor_profile SET bio = ''")
    assert (await rebuilt(owner, tenant)).differences == []


async def test_it_may_run_while_doctors_work(owner: Database, graph: Graph) -> None:
    year = Practice(graph.db, doctors=1, days=40)
    work = asyncio.create_task(play(year))
    reports = []
    while not work.done():
        reports.append(await rebuilt(owner, year.tenant))
    await work
    assert all(report.is_equal for report in reports)
    assert len(reports) > 1


# ---- the audit ------------------------------------------------------------------------------------------------------


async def test_the_audit_covers_what_doctors_and_calendars_are_made_of(
    owner: Database, tenant: TenantId, tmp_path: Any
) -> None:
    async def findings() -> set[Fault]:
        report = await verify(owner, RootCopies(tmp_path), frozenset(), only=tenant)
        return {finding.fault for finding in report.findings if finding.tenant == tenant}

    assert await findings() == set()
    for tamper in (
        "UPDATE free_text SET body = 'PhD' WHERE body = 'MD'",  # within a qualification
        "DELETE FROM free_text WHERE body = 'Founders'' Day'",  # in a list of closed days
        "UPDATE event_store SET data = replace(data::text, 'EUR', 'USD')::json WHERE type = 'doctor_fees_updated'",
        "DELETE FROM event_store WHERE type = 'leave_requested'",
    ):
        await as_owner(owner, tenant, tamper)
    assert await findings() >= {Fault.TEXT_CHANGED, Fault.TEXT_MISSING, Fault.EVENT_CHANGED, Fault.CHAIN_BROKEN}


def test_texts_are_found_however_deep_an_event_holds_them() -> None:
    found = paths_by_event()
    assert found["doctor", "doctor_qualification_added"] == (
        ("qualification", "title"),
        ("qualification", "institution"),
    )
    assert ("licence", "number") in found["doctor", "doctor_updated"]
    assert found["clinic", "clinic_days_changed"] == (("closed", "*", "name"),)
    assert found["queue", "broadcast_issued"] == (("text",),)
    assert ("slots", "slot_booked") not in found


# ---- older shapes of events -----------------------------------------------------------------------------------------


def with_older_shape(aggregate: Aggregate[Any, Any], type: str, field: str) -> Aggregate[Any, Any]:
    """Return the aggregate as a later release would have it, in which `field` of a type had another name before."""

    def upcast(data: dict[str, Any]) -> dict[str, Any]:
        return {(field if name == "formerly" else name): value for name, value in data.items()}

    newer = Aggregate[Any, Any](
        aggregate.kind,
        events=next(iter(aggregate.event_types.values())),
        state=aggregate.state,
        fold=aggregate.fold,
        schema_version=aggregate.schema_version + 1,
        upcasters={(type, aggregate.schema_version): upcast},
    )
    newer.event_types = aggregate.event_types
    newer._event_decoders = aggregate._event_decoders
    return newer


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
async def test_history_in_an_older_shape_is_read_through_the_upcasters(
    graph: Graph, kept_tenant: TenantId, model: Any
) -> None:
    async with graph.db.tenant(kept_tenant) as tx:
        rows = await tx.rows(
            "SELECT e.type, e.schema_version, e.data FROM event_store e JOIN stream s USING (tenant_id, stream_id)"
            " WHERE s.kind = $1 ORDER BY e.event_id",
            model.kind,
        )
    tried = set()
    for row in rows:
        plain = model.aggregate.decode_event(row["type"], row["schema_version"], row["data"])
        data = msgspec.json.decode(row["data"])
        for field in data.keys() - {"type"}:
            older = {("formerly" if name == field else name): value for name, value in data.items()}
            newer = with_older_shape(model.aggregate, row["type"], field)
            assert newer.decode_event(row["type"], row["schema_version"], msgspec.json.encode(older)) == plain
            tried.add((row["type"], field))
    assert tried


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.kind)
def test_events_of_newer_code_are_refused(model: Any) -> None:
    name = next(iter(model.aggregate.event_types))
    with pytest.raises(msgspec.ValidationError, match="schema version"):
        model.aggregate.decode_event(name, model.aggregate.schema_version + 1, b"{}")
    with pytest.raises(msgspec.ValidationError, match="unknown type"):
        model.aggregate.decode_event("never_heard_of", model.aggregate.schema_version, b"{}")


async def test_a_state_in_the_shape_of_older_code_is_folded_anew_when_it_is_needed(
    owner: Database, graph: Graph, tenant: TenantId
) -> None:
    await as_owner(owner, tenant, "UPDATE stream SET state = '\\x80' WHERE kind = 'calendar'")
    async with graph.db.tenant(tenant) as tx:
        row = await tx.row("SELECT doctor_id FROM doctor_schedule WHERE tenant_id = $1 LIMIT 1", tenant)
        assert row is not None
        doctor: UUID = row["doctor_id"]
        held = await Unit(tx, system(tenant), "look").lock_aggregate(BY_KIND["calendar"], doctor)
        assert held.state.doctor == doctor
        assert len(held.state.schedules) == 2


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len(BY_KIND) == len(MODELS)
