"""Pages of the audit, signed roots, and what verification says of every kind of tampering."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.audit import Audit, AuditEvent
from queue_server.application.audit_roots import RootSigner, public_key
from queue_server.application.audit_verify import Fault, VerifyReport, verify
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.store.db import Database
from queue_server.store.root_copies import RootCopies
from scheduling_core.errors import Forbidden, InvalidValue
from scheduling_core.ids import ClinicId, EntryId, PatientId, TenantId, queue_stream
from scheduling_core.permissions import Role
from tests.conftest import RunningServices
from tests.factories import Clinic, from_now, today
from tests.graph import Graph

SEED, OTHER_SEED = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def superuser(services: RunningServices) -> AsyncIterator[Any]:
    """A connection that no policy and no grant holds back: what an intruder may have at worst."""
    url = services.services.admin_url.rsplit("/", 1)[0] + "/clinic_queue"
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
def copies(tmp_path: Path) -> RootCopies:
    """A folder for copies of roots."""
    return RootCopies(tmp_path / "roots")


@pytest.fixture
def signer(database: Database, copies: RootCopies) -> RootSigner:
    """A signer with this test's key."""
    return RootSigner(database, SEED, copies)


class World:
    """A morning in one queue, and the ways to look at its audit."""

    def __init__(
        self,
        graph: Graph,
        clinic: Clinic,
        owner: Database,
        copies: RootCopies,
        signer: RootSigner,
        elsewhere: Path,
    ) -> None:
        self.graph, self.clinic, self.owner, self.copies, self.signer = graph, clinic, owner, copies, signer
        self.elsewhere = elsewhere
        self.tenant = clinic.tenant
        self.stream = queue_stream(clinic.tenant, clinic.doctors[0], today())
        self.entries: list[EntryId] = []

    async def enrol(self, count: int = 4) -> None:
        starts = from_now(count)
        visits = [
            Visit(
                id=EntryId(uuid4()),
                doctor=self.clinic.doctors[0],
                date=today(),
                start=start,
                patient_id=PatientId(uuid4()),
                patient=bodies.PatientBody(name="Asha Rao"),
                booked_at=starts[0] - timedelta(days=1, minutes=-index),
            )
            for index, start in enumerate(starts)
        ]
        await Enrolment(self.graph.writes, self.graph.directory, 15).enrol(self.clinic.receptionist, visits)
        self.entries += [visit.id for visit in visits]

    async def move(self, entry: int, to: int, reason: str | None = None) -> None:
        body = bodies.MoveBody(new_position=to, reason=reason)
        await self.graph.queue.run(self.clinic.receptionist, "move", self.entries[entry], body)

    async def verify(self) -> VerifyReport:
        """Verify everything and keep what is said of this test's tenant: others of the run have no copies here."""
        report = await verify(self.owner, self.copies, frozenset({public_key(SEED)}), only=self.tenant)
        mine = [finding for finding in report.findings if finding.tenant == self.tenant]
        notes = [note for note in report.notes if str(self.tenant) in note]
        return VerifyReport(events=report.events, faults=len(mine), findings=mine, notes=notes)

    async def faults(self) -> set[Fault]:
        return {finding.fault for finding in (await self.verify()).findings}


@pytest.fixture
async def world(
    graph: Graph, clinic: Clinic, owner: Database, copies: RootCopies, signer: RootSigner, tmp_path: Path
) -> World:
    """Four visits and two moves, the first with a reason; all covered by root 1."""
    made = World(graph, clinic, owner, copies, signer, tmp_path / "elsewhere")
    await made.enrol()
    await made.move(3, 1, "her mother waits outside")
    await made.move(2, 2)
    assert await signer.sign(clinic.tenant) == 1
    return made


# ---- pages ---------------------------------------------------------------------------------------------------------


async def test_pages_go_back_in_time_without_gaps_or_repetitions(graph: Graph, world: World) -> None:
    audit, admin = Audit(graph.db), world.clinic.actor(Role.ADMIN)
    cursor: str | None = None
    seen: list[AuditEvent] = []
    while True:
        page = await audit.page(admin, cursor=cursor, limit=3)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len({event.id for event in seen})
    assert [event.type for event in seen[:2]] == ["entry_moved", "entry_moved"]
    assert [event.occurred_at for event in seen] == sorted((event.occurred_at for event in seen), reverse=True)
    assert "her mother" not in str(seen)


async def test_a_page_tells_who_acted_and_can_be_narrowed(graph: Graph, world: World) -> None:
    audit, admin = Audit(graph.db), world.clinic.actor(Role.ADMIN)
    moves = (await audit.page(admin, type="entry_moved")).items
    assert len(moves) == 2
    acted = moves[0].actor
    assert acted is not None
    assert [e.id for e in (await audit.page(admin, account=acted.id)).items] == [moves[0].id]
    assert len((await audit.page(admin, stream=world.stream, type="entry_moved")).items) == 2
    assert (await audit.page(admin, stream=uuid4())).items == []
    assert (await audit.page(admin, end=datetime.now(UTC) - timedelta(hours=1))).items == []


async def test_an_admin_of_other_clinics_sees_none_of_it(graph: Graph, world: World) -> None:
    audit = Audit(graph.db)
    own = world.clinic.actor(Role.ADMIN, clinics=(world.clinic.id,))
    other = world.clinic.actor(Role.ADMIN, clinics=(ClinicId(uuid4()),))
    assert (await audit.page(own)).items
    assert (await audit.page(other)).items == []
    with pytest.raises(Forbidden):
        await audit.page(world.clinic.receptionist)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor": "x"},
        {"cursor": "AAAA"},
        {"type": "'; DROP"},
        {"limit": 0},
        {"limit": 201},
        {"start": datetime(2025, 1, 1)},  # noqa: DTZ001 – that is what is wrong with it
        {"start": datetime(2025, 1, 2, tzinfo=UTC), "end": datetime(2025, 1, 1, tzinfo=UTC)},
    ],
)
async def test_filters_that_make_no_sense_are_refused(graph: Graph, clinic: Clinic, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        await Audit(graph.db).page(clinic.actor(Role.ADMIN), **wrong)


# ---- what is sound -------------------------------------------------------------------------------------------------


async def test_what_nobody_touched_is_sound(world: World) -> None:
    progress: list[tuple[int, int]] = []
    report = await verify(world.owner, world.copies, frozenset({public_key(SEED)}), lambda *p: progress.append(p))
    assert [finding for finding in report.findings if finding.tenant == world.tenant] == []
    assert progress[-1] == (report.events, report.events)
    assert report.roots >= 1
    assert report.copies == 1
    assert report.texts >= 1


async def test_roots_chain_and_cover_only_what_moved(world: World, signer: RootSigner) -> None:
    assert await signer.sign(world.tenant) is None
    await world.move(0, 1)
    assert await signer.sign(world.tenant) == 2
    assert (await world.verify()).is_sound
    (file,) = world.copies.files()
    assert [copy.sequence for copy in world.copies.read(file.path)] == [1, 2]


async def test_two_signers_at_once_make_no_fork(world: World, database: Database, copies: RootCopies) -> None:
    await world.move(0, 1)
    other = RootSigner(database, SEED, copies)
    results = await asyncio.gather(world.signer.sign(world.tenant), other.sign(world.tenant), return_exceptions=True)
    assert 2 in results
    assert (await world.verify()).is_sound


async def test_events_after_the_last_root_are_sound_too(world: World) -> None:
    await world.move(0, 1)
    assert (await world.verify()).is_sound


async def test_an_erased_text_leaves_the_chain_whole(world: World, superuser: Any) -> None:
    await superuser.execute(
        "UPDATE free_text SET body = NULL, salt = NULL, erased_at = now() WHERE tenant_id = $1", world.tenant
    )
    assert (await world.verify()).is_sound


async def test_a_copy_cut_off_by_a_crash_is_written_again(world: World, signer: RootSigner) -> None:
    (file,) = world.copies.files()
    content = file.path.read_bytes()
    file.path.write_bytes(content[:-20])
    await signer.copy(world.tenant)
    assert file.path.read_bytes() == content


# ---- tampering -----------------------------------------------------------------------------------------------------

Tamper = Callable[[World, Any], Awaitable[None]]


async def _change_data(world: World, db: Any) -> None:
    await db.execute(
        "UPDATE event_store SET data = replace(data::text, '\"to\":1', '\"to\":2')::json"
        " WHERE stream_id = $1 AND version = 2",
        world.stream,
    )


async def _change_actor(world: World, db: Any) -> None:
    await db.execute("UPDATE event_store SET actor_id = $2 WHERE stream_id = $1 AND version = 2", world.stream, uuid4())


async def _change_time(world: World, db: Any) -> None:
    await db.execute(
        "UPDATE event_store SET occurred_at = occurred_at + interval '1 second' WHERE stream_id = $1 AND version = 2",
        world.stream,
    )


async def _cut_out_the_middle(world: World, db: Any) -> None:
    await db.execute("DELETE FROM event_store WHERE stream_id = $1 AND version = 2", world.stream)


async def _cut_tail(world: World, db: Any) -> None:
    """Delete the last commit and make the stream agree."""
    await db.execute("DELETE FROM event_store WHERE stream_id = $1 AND version = 3", world.stream)
    await db.execute(
        "UPDATE stream s SET version = 2, head_hash = e.hash FROM event_store e"
        " WHERE s.stream_id = $1 AND e.stream_id = $1 AND e.version = 2",
        world.stream,
    )


async def _cut_tail_and_forget_root(world: World, db: Any) -> None:
    await _cut_tail(world, db)
    await db.execute("DELETE FROM audit_root WHERE tenant_id = $1", world.tenant)
    await db.execute("DELETE FROM audit_head WHERE tenant_id = $1", world.tenant)


async def _delete_stream(world: World, db: Any) -> None:
    await db.execute("DELETE FROM event_store WHERE stream_id = $1", world.stream)
    await db.execute("DELETE FROM stream WHERE stream_id = $1", world.stream)


async def _delete_stream_row(world: World, db: Any) -> None:
    await db.execute("DELETE FROM stream WHERE stream_id = $1", world.stream)


async def _swap(world: World, db: Any) -> None:
    """Exchange two commits, times and all."""
    for old, new in ((2, 99), (3, 2), (99, 3)):
        await db.execute(
            "UPDATE event_store SET version = $3 WHERE stream_id = $1 AND version = $2", world.stream, old, new
        )


async def _add_event(world: World, db: Any) -> None:
    await db.execute(
        "INSERT INTO event_store SELECT tenant_id, stream_id, version, ordinal + 1, gen_random_uuid(), type,"
        " schema_version, data, command, actor_id, by_system, request_id, occurred_at, hash, hash"
        " FROM event_store WHERE stream_id = $1 AND version = 3",
        world.stream,
    )


async def _rewrite_history(world: World, db: Any) -> None:
    """Change an event and make every hash after it fit: only the signed root can tell."""
    from queue_server.store.audit import hash_of_row

    await _change_data(world, db)
    rows = await db.fetch("SELECT * FROM event_store WHERE stream_id = $1 ORDER BY version, ordinal", world.stream)
    head = b""
    for row in rows:
        changed = {**row, "previous_hash": head}
        head = hash_of_row(world.stream, changed)
        await db.execute(
            "UPDATE event_store SET previous_hash = $4, hash = $5"
            " WHERE stream_id = $1 AND version = $2 AND ordinal = $3",
            world.stream,
            row["version"],
            row["ordinal"],
            changed["previous_hash"],
            head,
        )
    await db.execute("UPDATE stream SET head_hash = $2 WHERE stream_id = $1", world.stream, head)


async def _rewrite_history_and_sign_anew(world: World, db: Any) -> None:
    """Worse: with a key of the intruder's own."""
    await _rewrite_history(world, db)
    await db.execute("DELETE FROM audit_root WHERE tenant_id = $1", world.tenant)
    await db.execute("DELETE FROM audit_head WHERE tenant_id = $1", world.tenant)
    await RootSigner(world.graph.db, OTHER_SEED, RootCopies(world.elsewhere)).sign(world.tenant)


async def _rewrite_history_and_sign_with_the_real_key(world: World, db: Any) -> None:
    """Worst: only the copies are left."""
    await _rewrite_history(world, db)
    await db.execute("DELETE FROM audit_root WHERE tenant_id = $1", world.tenant)
    await db.execute("DELETE FROM audit_head WHERE tenant_id = $1", world.tenant)
    await RootSigner(world.graph.db, SEED, RootCopies(world.elsewhere)).sign(world.tenant)


async def _change_statement(world: World, db: Any) -> None:
    await db.execute(
        "UPDATE audit_root SET statement = replace(statement, '\"version\"', '\"version \"') || ' '"
        " WHERE tenant_id = $1",
        world.tenant,
    )


async def _change_signature(world: World, db: Any) -> None:
    await db.execute("UPDATE audit_root SET signature = $2 WHERE tenant_id = $1", world.tenant, b"\0" * 64)


async def _delete_root(world: World, db: Any) -> None:
    await db.execute("DELETE FROM audit_root WHERE tenant_id = $1", world.tenant)


async def _change_text(world: World, db: Any) -> None:
    await db.execute("UPDATE free_text SET body = 'she asked for it' WHERE tenant_id = $1", world.tenant)


async def _delete_text(world: World, db: Any) -> None:
    await db.execute("DELETE FROM free_text WHERE tenant_id = $1", world.tenant)


async def _pretend_erasure(world: World, db: Any) -> None:
    await db.execute("UPDATE free_text SET body = NULL WHERE tenant_id = $1", world.tenant)


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (_change_data, {Fault.EVENT_CHANGED}),
        (_change_actor, {Fault.EVENT_CHANGED}),
        (_change_time, {Fault.EVENT_CHANGED}),
        (_cut_out_the_middle, {Fault.CHAIN_BROKEN, Fault.ORDER_BROKEN}),
        (_cut_tail, {Fault.TAIL_CUT}),
        (_cut_tail_and_forget_root, {Fault.TAIL_CUT, Fault.ROOT_MISSING}),
        (_delete_stream, {Fault.STREAM_MISSING}),
        (_delete_stream_row, {Fault.STREAM_MISSING}),
        (_swap, {Fault.EVENT_CHANGED, Fault.CHAIN_BROKEN, Fault.ORDER_BROKEN, Fault.HEAD_DIFFERS}),
        (_add_event, {Fault.EVENT_CHANGED}),
        (_rewrite_history, {Fault.HEAD_DIFFERS}),
        (_rewrite_history_and_sign_anew, {Fault.KEY_UNKNOWN, Fault.COPY_DIFFERS, Fault.HEAD_DIFFERS}),
        (_rewrite_history_and_sign_with_the_real_key, {Fault.COPY_DIFFERS, Fault.HEAD_DIFFERS}),
        (_change_statement, {Fault.ROOT_CHANGED, Fault.COPY_DIFFERS}),
        (_change_signature, {Fault.SIGNATURE_INVALID}),
        (_delete_root, {Fault.ROOT_MISSING}),
        (_change_text, {Fault.TEXT_CHANGED}),
        (_delete_text, {Fault.TEXT_MISSING}),
        (_pretend_erasure, {Fault.TEXT_CHANGED}),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
async def test_tampering_shows(world: World, superuser: Any, tamper: Tamper, expected: set[Fault]) -> None:
    await tamper(world, superuser)
    report = await world.verify()
    assert {finding.fault for finding in report.findings} == expected
    assert all(finding.detail for finding in report.findings)


async def test_a_copy_that_was_written_over_shows(world: World) -> None:
    (file,) = world.copies.files()
    file.path.write_bytes(file.path.read_bytes().replace(b'\\"sequence\\":1', b'\\"sequence\\":2'))
    assert Fault.COPY_DIFFERS in await world.faults()
    file.path.write_bytes(b"nonsense\n")
    assert Fault.COPY_DIFFERS in await world.faults()


async def test_a_tenant_that_vanished_shows(world: World) -> None:
    vanished = UUID(int=world.tenant.int ^ 1)
    (file,) = world.copies.files()
    file.path.with_name(f"{vanished}.1.jsonl").write_bytes(file.path.read_bytes())
    report = await verify(world.owner, world.copies, frozenset({public_key(SEED)}), only=TenantId(vanished))
    assert (Fault.TENANT_MISSING, vanished) in {(finding.fault, finding.tenant) for finding in report.findings}
