"""What the migrated database must look like, whatever a migration forgets: isolation, keys, rights, and every query."""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from sql import loader
from tests.conftest import RunningServices
from tests.factories import Clinic

WITHOUT_TENANT = {"deployment", "migration"}
"""Tables that hold nothing of any tenant."""

DEFINERS = {"find_sign_in", "find_issuers", "find_tenant_of_doctor", "job_depths", "hold_counts"}
"""Functions that see over tenants: to sign in, to answer the public about a doctor, to count jobs and holds."""

OWNERS_DEFINERS = {"keep_event_partitions", "keep_slot_partitions"}
"""Functions that act as the owner: no arguments, nothing returned but a number."""

ROLE_OF_QUERY = {
    ("jobs", "claim"): "jobs",
    ("jobs", "next_due"): "jobs",
    ("jobs", "enqueue_recurring"): "jobs",
    ("jobs", "keep_partitions"): "jobs",
    ("jobs", "keep_slot_partitions"): "jobs",
}
"""Queries that another role than the app's runs; those of module `rebuild` are the owner's."""

CHANGEABLE_OF_A_SLOT = {
    *("schedule_id", "room_id", "block_reason", "date", "version", "part_of_day", "blocked", "by_hand"),
    *("in_person", "tele", "total", "taken", "in_person_taken", "tele_taken", "equipment_ids", "withdrawn"),
    *("held", "in_person_held", "tele_held", "held_until", "freed_at"),
}

FITTING = {
    ("clinic", "slug"): "riverside",
    ("doctor", "ticket_prefix"): "A",
    ("appointment", "visit_type"): "consultation",
    ("appointment", "source"): "import",
    ("account", "role"): "admin",
    ("job", "state"): "ready",
    ("room_reservation", "ends_at"): "tomorrow",
    ("equipment_reservation", "ends_at"): "tomorrow",
    ("slot", "end"): "tomorrow",
    ("slot", "tele_taken"): "0",
    ("slot", "held"): "0",
    ("slot", "in_person_held"): "0",
    ("slot", "tele_held"): "0",
    ("calendar_feed", "patient_id"): "NULL",
    ("slot", "held_until"): "NULL",
    ("hold", "holder_kind"): "guest",
    ("hold", "ended_at"): "NULL",
    ("hold", "outcome"): "NULL",
    ("patient", "tier"): "standard",
    ("patient_consent", "kind"): "messages",
    ("message", "channel"): "email",
    ("payment", "currency"): "EUR",
    ("payment", "payer_kind"): "guest",
    ("payment", "status"): "paid",
    ("message", "state"): "queued",
    **{(table, "channel"): "push" for table in ("message_template", "notification_preference", "message_pace")},
    ("waitlist_entry", "status"): "invited",
    ("waitlist_entry", "urgency"): "soon",
    ("waitlist_entry", "mode"): "tele",
    ("waitlist_entry", "ended_at"): "NULL",
    ("waitlist_entry", "appointment_id"): "NULL",
}
"""Values for columns whose constraints refuse a made-up one."""

MADE_UP = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "integer": "1",
    "smallint": "1",
    "bigint": "1",
    "boolean": "false",
    "double precision": "1",
    "json": "'{}'",
    "bytea": "'x'",
    "date": "current_date",
    "time without time zone": "'22:00'",
    "timestamp with time zone": "now()",
    "uuid[]": "'{}'",
    "text[]": "'{}'",
}


@pytest.fixture
async def superuser(services: RunningServices) -> AsyncIterator[Any]:
    """A connection that sees everything."""
    url = services.services.admin_url.rsplit("/", 1)[0] + "/clinic_queue"
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def app(services: RunningServices) -> AsyncIterator[Any]:
    """A connection as the app's role."""
    connection = await asyncpg.connect(services.urls["DATABASE_URL"])
    yield connection
    await connection.close()


@pytest.fixture
async def jobs(services: RunningServices) -> AsyncIterator[Any]:
    """A connection as the jobs role."""
    connection = await asyncpg.connect(services.urls["DATABASE_JOBS_URL"])
    yield connection
    await connection.close()


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Any]:
    """A connection as the owner."""
    connection = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"])
    yield connection
    await connection.close()


async def tables(connection: Any, kinds: str = "rp") -> dict[str, dict[str, Any]]:
    """Return every table and partition of ours, by name."""
    rows = await connection.fetch(
        "SELECT c.oid, c.relname, c.relkind::text AS kind, c.relispartition AS is_partition,"
        " c.relrowsecurity AS secured, c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner,"
        " EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS has_tenant,"
        " ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid) AS policies"
        " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind::text = ANY ($1)",
        list(kinds),
    )
    return {row["relname"]: dict(row) for row in rows}


# ---- what the catalog says -----------------------------------------------------------------------------------------


async def test_every_tenant_table_and_partition_has_forced_row_level_security(superuser: Any) -> None:
    found = await tables(superuser)
    assert {name for name, table in found.items() if not table["has_tenant"]} == WITHOUT_TENANT
    assert sum(table["is_partition"] for table in found.values()) >= 4
    for name, table in found.items():
        if table["has_tenant"]:
            assert (table["secured"], table["forced"]) == (True, True), name
            assert "own_tenant" in table["policies"], name


async def test_policies_that_show_more_than_the_own_tenant_are_these(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT polname::text AS name, polrelid::regclass::text AS relation, polcmd::text AS command,"
        " ARRAY(SELECT pg_get_userbyid(r) FROM unnest(polroles) r)::text[] AS roles FROM pg_policy"
        " WHERE polname <> 'own_tenant' ORDER BY 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("login_reads", "account", "r", ["queue_login"]),
        ("login_reads", "doctor", "r", ["queue_login"]),
        ("login_reads", "oidc_issuer", "r", ["queue_login"]),
        ("metrics_read", "hold", "r", ["queue_login"]),
        ("metrics_read", "job", "r", ["queue_login"]),
        ("operator_lists", "tenant", "*", ["queue_owner"]),
        ("worker_claims", "job", "*", ["queue_jobs"]),
        ("worker_lists", "tenant", "r", ["queue_jobs"]),
    ]


async def test_the_own_tenant_policy_is_the_same_everywhere(superuser: Any) -> None:
    expressions = await superuser.fetch(
        "SELECT DISTINCT pg_get_expr(polqual, polrelid) AS reads, pg_get_expr(polwithcheck, polrelid) AS writes,"
        " polpermissive, polcmd::text, polroles::text FROM pg_policy WHERE polname = 'own_tenant'"
    )
    own = "(tenant_id = current_tenant())"
    assert [tuple(row.values()) for row in expressions] == [(own, own, True, "*", "{0}")]


async def test_every_unique_key_begins_with_the_tenant(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid, 1, true) AS first FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace"
        " WHERE (i.indisunique OR i.indisexclusion) AND i.indrelid::regclass::text <> ALL ($1)",
        list(WITHOUT_TENANT),
    )
    assert len(rows) > 20
    # An exclusion constraint knows ranges only: one of the tenant alone stands for it.
    first = ("tenant_id", "uuidrange(tenant_id, tenant_id, '[]'::text)")
    assert {row["name"]: row["first"] for row in rows if row["first"] not in first} == {}


async def test_foreign_keys_stay_within_the_tenant(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT c.conname, a.attname AS first, b.attname AS refers FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] WHERE c.contype = 'f'"
    )
    assert rows
    assert {row["conname"] for row in rows if (row["first"], row["refers"]) != ("tenant_id", "tenant_id")} == set()


async def test_the_roles_can_do_nothing_beyond_their_grants(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname LIKE 'queue%'"
    )
    assert {row["rolname"] for row in rows} == {"queue_owner", "queue_app", "queue_jobs", "queue_login"}
    assert not any(any(list(row.values())[1:]) for row in rows)
    members = await superuser.fetch(
        "SELECT pg_get_userbyid(roleid) AS role, pg_get_userbyid(member) AS member, inherit_option"
        " FROM pg_auth_members"
        " WHERE pg_get_userbyid(member) LIKE 'queue%'"
    )
    assert [tuple(row.values()) for row in members] == [("queue_login", "queue_owner", False)]


async def test_the_app_owns_nothing_and_nobody_owns_a_view(superuser: Any) -> None:
    found = await tables(superuser, "rpvmSf")
    assert {table["owner"] for table in found.values()} == {"queue_owner"}
    assert [name for name, table in found.items() if table["kind"] in "vm"] == []


async def test_grants_are_no_more_than_what_is_listed(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT c.relname, c.relispartition AS is_partition, g.privilege_type AS may,"
        " pg_get_userbyid(g.grantee) AS role FROM pg_class c, aclexplode(c.relacl) g"
        " WHERE c.relnamespace = 'public'::regnamespace AND g.grantee <> c.relowner"
    )
    assert [row["relname"] for row in rows if row["is_partition"]] == []
    granted: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        granted.setdefault((row["role"], row["relname"]), set()).add(row["may"])
    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    # What is history is only ever added to.
    assert granted["queue_app", "event_store"] == {"SELECT", "INSERT"}
    assert granted["queue_app", "audit_root"] == {"SELECT", "INSERT"}
    assert granted["queue_app", "free_text"] == {"SELECT", "INSERT", "UPDATE"}
    assert granted["queue_app", "tenant"] == {"SELECT", "INSERT", "UPDATE"}
    assert {name: may for (role, name), may in granted.items() if role == "queue_jobs"} == {
        "job": everything,
        "deployment": {"SELECT"},
    }
    assert {name: may for (role, name), may in granted.items() if role == "queue_login"} == {
        name: {"SELECT"} for name in ("account", "oidc_issuer", "job")
    }
    assert {role for role, _ in granted} == {"queue_app", "queue_jobs", "queue_login"}
    columns = await superuser.fetch(
        "SELECT a.attrelid::regclass::text, a.attname, pg_get_userbyid(g.grantee), g.privilege_type"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g"
        " WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
    )
    assert [tuple(row.values()) for row in columns] == [
        ("doctor", "active", "queue_login", "SELECT"),
        ("doctor", "doctor_id", "queue_login", "SELECT"),
        ("doctor", "tenant_id", "queue_login", "SELECT"),
        *(("hold", column, "queue_login", "SELECT") for column in ("ended_at", "expires_at", "outcome", "tenant_id")),
        # All of a slot but whose it is, where and when.
        *(("slot", column, "queue_app", "UPDATE") for column in sorted(CHANGEABLE_OF_A_SLOT)),
        ("tenant", "tenant_id", "queue_jobs", "SELECT"),
    ]


async def test_the_jobs_role_sees_no_more_of_a_tenant_than_its_id(jobs: Any, clinic: Clinic) -> None:
    assert clinic.tenant in {row["tenant_id"] for row in await jobs.fetch("SELECT tenant_id FROM tenant")}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await jobs.fetch("SELECT name FROM tenant")


async def test_functions_that_act_as_another_role_are_these(superuser: Any) -> None:
    rows = await superuser.fetch(
        "SELECT proname, pg_get_userbyid(proowner) AS owner, proconfig::text AS config, proacl::text AS grants"
        " FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert {row["proname"]: row["owner"] for row in rows} == {
        **dict.fromkeys(DEFINERS, "queue_login"),
        **dict.fromkeys(OWNERS_DEFINERS, "queue_owner"),
    }
    for row in rows:
        assert row["config"] == '{"search_path=public, pg_temp"}', row["proname"]
        assert not re.search(r"[{,]=", row["grants"]), f"{row['proname']} is granted to everybody"


async def test_they_answer_the_app_without_a_tenant(app: Any, clinic: Clinic) -> None:
    assert await app.fetchval("SELECT find_tenant_of_doctor($1)", clinic.doctors[0]) == clinic.tenant
    assert await app.fetch("SELECT * FROM find_sign_in('nobody@example.org')") == []
    assert await app.fetch("SELECT * FROM find_issuers('https://nobody.example.org')") == []
    await app.fetch("SELECT * FROM job_depths()")


async def test_nobody_but_the_owner_may_make_anything_in_the_schema(superuser: Any) -> None:
    for role in ("queue_app", "queue_jobs", "queue_login"):
        assert not await superuser.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role), role


# ---- two tenants ---------------------------------------------------------------------------------------------------


async def columns_of(superuser: Any, table: str) -> list[tuple[str, str]]:
    """Return a value in SQL for every column of a table, `$1` standing for the tenant."""
    rows = await superuser.fetch(
        "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    found = []
    for row in rows:
        column = row["attname"]
        fitting = FITTING.get((table, column))
        value = (fitting if fitting == "NULL" else f"'{fitting}'") if fitting else MADE_UP[row["type"]]
        found.append((f'"{column}"', "$1::uuid" if column == "tenant_id" else value))
    return found


def insert_into(table: str, columns: Sequence[tuple[str, str]]) -> str:
    names, values = zip(*columns, strict=True)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})"


@pytest.fixture
async def filled(superuser: Any) -> AsyncIterator[tuple[UUID, dict[str, list[tuple[str, str]]]]]:
    """A tenant with one row in every table, and how such a row is made."""
    tenant = uuid4()
    found = await tables(superuser)
    made = {
        name: await columns_of(superuser, name)
        for name, table in found.items()
        if table["has_tenant"] and not table["is_partition"]
    }
    # Keys of other tables are not what this is about: let them not be checked.
    await superuser.execute("SET session_replication_role = replica")
    for name, columns in made.items():
        await superuser.execute(insert_into(name, columns), tenant)
    yield tenant, made
    for name in made:
        await superuser.execute(f"DELETE FROM {name} WHERE tenant_id = $1", tenant)


async def in_tenant(connection: Any, tenant: UUID | None, statement: str, *arguments: object) -> str:
    """Run a statement as that tenant and return its command tag, or `denied`; nothing stays."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"SELECT set_config('app.tenant_id', '{tenant or ''}', true)")
        tag: str = await connection.execute(statement, *arguments)
        return tag
    except asyncpg.InsufficientPrivilegeError:
        return "denied"
    finally:
        await transaction.rollback()


async def test_a_second_tenant_reads_and_writes_nothing(
    superuser: Any, app: Any, filled: tuple[UUID, dict[str, list[tuple[str, str]]]]
) -> None:
    first, made = filled
    second = uuid4()
    assert len(made) >= 19
    for name, columns in made.items():
        assert await in_tenant(app, first, f"SELECT FROM {name}") in ("SELECT 1", "denied"), name
        for stranger in (second, None):
            assert await in_tenant(app, stranger, f"SELECT FROM {name}") in ("SELECT 0", "denied"), name
            update = f"UPDATE {name} SET tenant_id = tenant_id"
            assert await in_tenant(app, stranger, update) in ("UPDATE 0", "denied"), name
            assert await in_tenant(app, stranger, f"DELETE FROM {name}") in ("DELETE 0", "denied"), name
            assert await in_tenant(app, stranger, insert_into(name, columns), first) == "denied", name
        # A row of one's own cannot be handed over to another tenant either.
        hand_over = f"UPDATE {name} SET tenant_id = '{second}'"
        assert await in_tenant(app, first, hand_over) == "denied", name


async def test_keys_tell_nothing_of_another_tenants_rows(
    app: Any, superuser: Any, filled: tuple[UUID, dict[str, list[tuple[str, str]]]]
) -> None:
    """The same ids and names may exist in two tenants: no refusal says that somebody else has them."""
    first, made = filled
    second = uuid4()
    for name, columns in made.items():
        names = ", ".join(column for column, _ in columns)
        theirs = ", ".join("$2::uuid" if column == '"tenant_id"' else column for column, _ in columns)
        await superuser.execute(
            f"INSERT INTO {name} ({names}) SELECT {theirs} FROM {name} WHERE tenant_id = $1", first, second
        )
        await superuser.execute(f"DELETE FROM {name} WHERE tenant_id = $1", second)


async def test_partitions_cannot_be_reached_past_their_parent(superuser: Any, app: Any, jobs: Any) -> None:
    for name, table in (await tables(superuser)).items():
        if table["is_partition"]:
            assert await in_tenant(app, uuid4(), f"SELECT FROM {name}") == "denied"
            assert await in_tenant(jobs, uuid4(), f"SELECT FROM {name}") == "denied"


async def test_the_owner_too_sees_one_tenant_at_a_time(
    owner: Any, filled: tuple[UUID, dict[str, list[tuple[str, str]]]]
) -> None:
    first, made = filled
    for name in set(made) - {"tenant"}:  # of which the owner may see the list
        assert await in_tenant(owner, first, f"SELECT FROM {name}") == "SELECT 1", name
        assert await in_tenant(owner, uuid4(), f"SELECT FROM {name}") == "SELECT 0", name


async def test_the_jobs_role_reaches_jobs_alone(
    jobs: Any, filled: tuple[UUID, dict[str, list[tuple[str, str]]]]
) -> None:
    first, made = filled
    for name in set(made) - {"job", "tenant"}:
        assert await in_tenant(jobs, first, f"SELECT FROM {name}") == "denied", name
    assert await in_tenant(jobs, None, "SELECT FROM job WHERE tenant_id = $1", first) == "SELECT 1"


async def test_a_tenant_ends_with_its_transaction(app: Any, clinic: Clinic) -> None:
    """Connections are pooled: the next transaction must not see what the last one was set to."""
    async with app.transaction():
        await app.execute(f"SELECT set_config('app.tenant_id', '{clinic.tenant}', true)")
        assert await app.fetchval("SELECT count(*) FROM doctor") == 2
    assert await app.fetchval("SELECT count(*) FROM doctor") == 0


# ---- every query ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", loader.all_query_modules())
async def test_every_query_fits_the_schema_and_the_rights_of_who_runs_it(
    app: Any, jobs: Any, owner: Any, module: str
) -> None:
    for name, query in loader.queries(module).items():
        role = "owner" if module == "rebuild" else ROLE_OF_QUERY.get((module, name), "app")
        connection = {"app": app, "jobs": jobs, "owner": owner}[role]
        try:
            # Unlike PREPARE, this also checks the rights; it runs nothing.
            await connection.execute(f"EXPLAIN (GENERIC_PLAN) {query}")
        except asyncpg.PostgresError as error:
            pytest.fail(f"{module}.{name}: {error}")


@pytest.mark.parametrize("module", loader.all_query_modules())
def test_every_query_is_used(module: str) -> None:
    store = Path(__file__).parents[2] / "queue_server" / "store"
    sources = [path.read_text() for path in store.rglob("*.py")]
    users = [source for source in sources if f'loader.queries("{module}")' in source]
    for name in loader.queries(module):
        assert any(f'"{name}"' in source for source in users), f"{module}.{name} is used nowhere"
