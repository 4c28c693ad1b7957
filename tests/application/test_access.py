"""Signing in, going on, signing out, and what a bearer token opens, on a real Postgres."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from argon2 import PasswordHasher

from queue_server.application import refresh_tokens
from queue_server.application.actor import system
from queue_server.application.admin_bodies import StaffChange
from queue_server.application.passwords import Passwords
from queue_server.settings import JwtKey, Settings
from queue_server.store import accounts
from queue_server.store.db import Database
from scheduling_core.errors import (
    Forbidden,
    InvalidValue,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Role
from tests.access_graph import PASSWORD, AccessGraph
from tests.factories import Clinic, new_clinic

# ---- signing in -------------------------------------------------------------------------------------------------


async def test_a_password_opens_a_session_and_its_token_is_an_actor(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(
        clinic.tenant, Role.DOCTOR, clinic_ids=(clinic.id,), doctor_id=clinic.doctors[0], name="Dr Rao"
    )
    signed_in = await world.access.login(made.email.upper(), PASSWORD)
    assert signed_in.user == made
    assert signed_in.expires_in == 15 * 60
    session = await world.access.session(signed_in.access_token, request_id="r-1")
    actor = session.actor
    assert (actor.tenant, actor.account, actor.role, actor.name) == (clinic.tenant, made.id, Role.DOCTOR, "Dr Rao")
    assert (actor.clinics, actor.doctor, actor.request_id) == ((clinic.id,), clinic.doctors[0], "r-1")
    assert timedelta(minutes=14) < session.expires_at - datetime.now(UTC) <= timedelta(minutes=15)
    assert await world.access.me(actor) == made


@pytest.mark.parametrize(
    "email", ["nobody@example.org", "no address", "nul\0@example.org", "", "x" * 300, "\ud800@x.org"]
)
async def test_an_unknown_address_is_the_same_refusal_as_a_wrong_password(
    world: AccessGraph, clinic: Clinic, email: str
) -> None:
    made = await world.account(clinic.tenant)
    with pytest.raises(Unauthenticated) as unknown:
        await world.access.login(email, PASSWORD)
    with pytest.raises(Unauthenticated) as wrong:
        await world.access.login(made.email, "wrong horse battery")
    assert unknown.value.detail == wrong.value.detail


async def test_an_unknown_address_costs_a_comparison_too(
    world: AccessGraph, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str | None] = []
    verify = world.passwords.verify

    async def counting(password_hash: str | None, password: str) -> bool:
        compared.append(password_hash)
        return await verify(password_hash, password)

    monkeypatch.setattr(world.passwords, "verify", counting)
    with pytest.raises(Unauthenticated):
        await world.access.login("nobody@example.org", PASSWORD)
    with pytest.raises(Unauthenticated):
        await world.access.login((await world.account(clinic.tenant)).email, "wrong horse battery")
    assert compared[0] is None
    assert compared[1] is not None
    assert len(compared) == 2


async def test_one_address_in_two_tenants_is_told_apart_by_password_then_by_tenant(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    other = await new_clinic(database)
    email = f"{uuid4().hex}@example.org"
    here = await world.account(clinic.tenant, email=email)
    there = await world.account(other.tenant, email=email, password="another good password")
    assert (await world.access.login(email, PASSWORD)).user == here
    assert (await world.access.login(email, "another good password")).user == there
    await world.staff.reset(system(other.tenant), there.id, PASSWORD)
    with pytest.raises(InvalidValue) as ambiguous:
        await world.access.login(email, PASSWORD)
    assert ambiguous.value.field == "X-Tenant-Id"
    assert (await world.access.login(email, PASSWORD, other.tenant)).user.id == there.id
    with pytest.raises(Unauthenticated):
        await world.access.login(email, PASSWORD, TenantId(uuid4()))


async def test_a_hash_of_weaker_parameters_is_replaced_at_the_next_sign_in(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    world.access._passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    for _ in range(2):
        await world.access.login(made.email, PASSWORD)
    async with world.db.tenant(clinic.tenant) as tx:
        row = await tx.row(
            "SELECT password_hash FROM account WHERE tenant_id = $1 AND account_id = $2", clinic.tenant, made.id
        )
    assert row is not None
    assert "m=16,t=2" in row["password_hash"]


async def test_a_crowd_at_the_door_is_asked_to_come_again(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    results = await asyncio.gather(
        *(world.passwords.verify(None, made.email) for _ in range(100)), return_exceptions=True
    )
    assert sum(isinstance(result, TooManyRequests) for result in results) == 36
    assert await world.passwords.verify(None, PASSWORD) is False


# ---- going on -----------------------------------------------------------------------------------------------------


async def test_a_refresh_token_is_replaced_each_time(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    first = await world.access.login(made.email, PASSWORD)
    second = await world.access.refresh(first.refresh_token)
    third = await world.access.refresh(second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.user == made
    for signed_in in (first, second, third):
        assert (await world.access.authenticate(signed_in.access_token)).account == made.id


async def test_only_a_hash_of_a_refresh_token_is_kept(world: AccessGraph, clinic: Clinic) -> None:
    signed_in = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    secret = refresh_tokens.parse(signed_in.refresh_token).secret
    async with world.db.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT t::text AS row FROM refresh_token t")
    assert rows
    assert all(secret.hex() not in row["row"] for row in rows)


async def test_two_tabs_at_once_get_the_same_successor(world: AccessGraph, clinic: Clinic) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    answers = await asyncio.gather(*(world.access.refresh(first.refresh_token) for _ in range(5)))
    assert len({answer.refresh_token for answer in answers}) == 1
    await world.access.refresh(answers[0].refresh_token)


async def test_the_successor_is_the_same_although_the_signing_key_was_rotated_meanwhile(
    world: AccessGraph, settings: Settings, database: Database, clinic: Clinic
) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    second = await world.access.refresh(first.refresh_token)
    keys = (JwtKey("newer", b"another-secret-of-thirty-two-bytes!!"), *settings.jwt_keys)
    rotated = AccessGraph(msgspec.structs.replace(settings, jwt_keys=keys), database)
    assert (await rotated.access.refresh(first.refresh_token)).refresh_token == second.refresh_token
    await rotated.close()


async def test_reuse_after_the_grace_ends_the_whole_session_and_is_remembered(
    world: AccessGraph, clinic: Clinic
) -> None:
    made = await world.account(clinic.tenant)
    other = await world.access.login(made.email, PASSWORD)
    first = await world.access.login(made.email, PASSWORD)
    second = await world.access.refresh(first.refresh_token)
    await world.change(clinic.tenant, "UPDATE refresh_token SET used_at = used_at - interval '11 seconds'")
    with pytest.raises(Unauthenticated):
        await world.access.refresh(first.refresh_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(second.refresh_token)
    for stolen in (first.access_token, second.access_token):
        with pytest.raises(Unauthenticated):
            await world.access.authenticate(stolen)
    await world.access.refresh(other.refresh_token)  # another session of the same account goes on
    type, data = (await world.events(clinic.tenant))[-1]
    assert type == "refresh_token_reused"
    assert data["accountId"] == str(made.id)


async def test_reuse_is_noticed_within_the_grace_when_the_successor_was_used(
    world: AccessGraph, clinic: Clinic
) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    second = await world.access.refresh(first.refresh_token)
    third = await world.access.refresh(second.refresh_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(first.refresh_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(third.refresh_token)


async def test_a_guessed_secret_neither_opens_nor_ends_a_session(world: AccessGraph, clinic: Clinic) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    known = refresh_tokens.parse(first.refresh_token)
    guessed = msgspec.structs.replace(known, secret=bytes(32)).text()
    with pytest.raises(Unauthenticated):
        await world.access.refresh(guessed)
    await world.access.logout(guessed)
    await world.access.refresh(first.refresh_token)


async def test_a_refresh_token_of_another_tenant_is_unknown(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    other = await new_clinic(database)
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    moved = msgspec.structs.replace(refresh_tokens.parse(first.refresh_token), tenant=other.tenant)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(moved.text())


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b.c", "x" * 89, "\0", "ü.ü.ü", "\ud800", "A" * 10_000, base64.b64encode(bytes(64)).decode()],
)
async def test_what_is_no_refresh_token_is_refused(world: AccessGraph, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await world.access.refresh(text)
    await world.access.logout(text)


async def test_a_refresh_token_has_one_spelling(world: AccessGraph, clinic: Clinic) -> None:
    first = (await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)).refresh_token
    for other in (
        first + "=",
        first + "\n",
        " " + first,
        first[:-1] + chr(ord(first[-1]) ^ 1),
        first.replace(".", "=."),
    ):
        with pytest.raises(Unauthenticated):
            await world.access.refresh(other)
    await world.access.refresh(first)


async def test_an_expired_refresh_token_is_refused(world: AccessGraph, clinic: Clinic) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    await world.change(clinic.tenant, "UPDATE refresh_token SET expires_at = now()")
    with pytest.raises(Unauthenticated):
        await world.access.refresh(first.refresh_token)


async def test_pruning_leaves_living_sessions_alone(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    over = await world.access.login(made.email, PASSWORD)
    await world.access.logout(None, over.access_token)
    await world.change(clinic.tenant, "UPDATE refresh_token SET expires_at = now() - interval '2 days'")
    await world.change(clinic.tenant, "UPDATE revoked_token SET expires_at = now() - interval '2 days'")
    alive = await world.access.login(made.email, PASSWORD)
    await world.access.prune(clinic.tenant)
    async with world.db.tenant(clinic.tenant) as tx:
        row = await tx.row(
            "SELECT (SELECT count(*) FROM refresh_token) AS sessions, (SELECT count(*) FROM revoked_token) AS revoked"
        )
    assert row is not None
    assert (row["sessions"], row["revoked"]) == (1, 0)
    await world.access.refresh(alive.refresh_token)


# ---- signing out --------------------------------------------------------------------------------------------------


async def test_signing_out_ends_the_session_at_once(world: AccessGraph, clinic: Clinic) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    second = await world.access.refresh(first.refresh_token)
    await world.access.authenticate(second.access_token)
    await world.access.logout(second.refresh_token)
    for token in (first.access_token, second.access_token):
        with pytest.raises(Unauthenticated):
            await world.access.authenticate(token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(second.refresh_token)


async def test_signing_out_with_the_access_token_alone_ends_the_session_too(world: AccessGraph, clinic: Clinic) -> None:
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    await world.access.logout(None, first.access_token)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(first.access_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(first.refresh_token)
    await world.access.logout(first.refresh_token, first.access_token)


async def test_a_token_without_session_is_withdrawn_by_its_jti(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    async with world.db.tenant(clinic.tenant) as tx:
        row = await accounts.account(tx, made.id)
    assert row is not None
    one, other = (world.tokens.issue_access(row, now=datetime.now(UTC)) for _ in range(2))
    await world.access.authenticate(one)
    await world.access.logout(None, one)
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(one)
    await world.access.authenticate(other)


async def test_another_server_notices_a_withdrawn_session_within_seconds(
    world: AccessGraph, settings: Settings, database: Database, clinic: Clinic
) -> None:
    elsewhere = AccessGraph(settings, database)
    first = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    await elsewhere.access.authenticate(first.access_token)
    await world.access.logout(first.refresh_token)
    elsewhere.later(11)
    with pytest.raises(Unauthenticated):
        await elsewhere.access.authenticate(first.access_token)
    await elsewhere.close()


async def test_a_sign_out_during_refreshes_leaves_no_session_behind(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    for _ in range(10):
        first = await world.access.login(made.email, PASSWORD)
        refreshed, _ = await asyncio.gather(
            world.access.refresh(first.refresh_token), world.access.logout(first.refresh_token), return_exceptions=True
        )
        with pytest.raises(Unauthenticated):
            await world.access.refresh(first.refresh_token)
        if not isinstance(refreshed, BaseException):
            with pytest.raises(Unauthenticated):
                await world.access.refresh(refreshed.refresh_token)


# ---- what happens to accounts ---------------------------------------------------------------------------------------


async def test_a_disabled_account_is_out_at_once(world: AccessGraph, clinic: Clinic) -> None:
    await world.admin(clinic.tenant)
    made = await world.account(clinic.tenant)
    signed_in = await world.access.login(made.email, PASSWORD)
    await world.access.authenticate(signed_in.access_token)
    await world.staff.update(system(clinic.tenant), made.id, StaffChange(disabled=True))
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(signed_in.access_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(signed_in.refresh_token)
    with pytest.raises(Unauthenticated):
        await world.access.login(made.email, PASSWORD)


async def test_a_reset_password_ends_all_sessions(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    signed_in = await world.access.login(made.email, PASSWORD)
    await world.staff.reset(system(clinic.tenant), made.id, "quite another password")
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(signed_in.access_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(signed_in.refresh_token)
    with pytest.raises(Unauthenticated):
        await world.access.login(made.email, PASSWORD)
    await world.access.login(made.email, "quite another password")


async def test_a_reset_during_refreshes_leaves_no_session_behind(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    for turn in range(10):
        password = f"a password for turn {turn}"
        await world.staff.reset(system(clinic.tenant), made.id, password)
        first = await world.access.login(made.email, password)
        refreshed, _ = await asyncio.gather(
            world.access.refresh(first.refresh_token),
            world.staff.reset(system(clinic.tenant), made.id, "quite another password"),
            return_exceptions=True,
        )
        if not isinstance(refreshed, BaseException):
            with pytest.raises(Unauthenticated):
                await world.access.refresh(refreshed.refresh_token)


async def test_the_role_is_that_of_the_account_now_not_that_of_the_token(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant, Role.DEPARTMENT_HEAD)
    signed_in = await world.access.login(made.email, PASSWORD)
    await world.staff.update(system(clinic.tenant), made.id, StaffChange(role=Role.DISPLAY, clinic_ids=(clinic.id,)))
    actor = await world.access.authenticate(signed_in.access_token)
    assert (actor.role, actor.clinics) == (Role.DISPLAY, (clinic.id,))


async def test_a_token_of_an_account_that_never_was_opens_nothing(world: AccessGraph, clinic: Clinic) -> None:
    signed_in = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    await world.change(clinic.tenant, "DELETE FROM account")
    with pytest.raises(Unauthenticated):
        await world.access.authenticate(signed_in.access_token)
    with pytest.raises(Unauthenticated):
        await world.access.refresh(signed_in.refresh_token)


async def test_a_known_account_comes_in_while_postgres_is_away_but_not_for_long(
    world: AccessGraph, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = await world.access.login((await world.account(clinic.tenant)).email, PASSWORD)
    known = await world.access.authenticate(signed_in.access_token)

    async def away(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(world.standings, "_read", away)
    world.later(60)
    assert await world.access.authenticate(signed_in.access_token) == known
    world.later(15 * 60)
    with pytest.raises(Unavailable):
        await world.access.authenticate(signed_in.access_token)


# ---- tenants --------------------------------------------------------------------------------------------------------


async def test_the_tenant_header_narrows_and_never_widens(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    other = await new_clinic(database)
    admin = await world.account(clinic.tenant, Role.ADMIN)
    token = (await world.access.login(admin.email, PASSWORD)).access_token
    assert (await world.access.authenticate(token, tenant=str(clinic.tenant))).tenant == clinic.tenant
    for foreign in (other.tenant, str(other.tenant), uuid4(), "not an id", "", "\0"):
        with pytest.raises(Forbidden):
            await world.access.authenticate(token, tenant=foreign)


async def test_a_platform_admin_chooses_any_tenant_there_is(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    other = await new_clinic(database)
    made = await world.account(clinic.tenant, Role.PLATFORM_ADMIN)
    token = (await world.access.login(made.email, PASSWORD)).access_token
    actor = await world.access.authenticate(token, tenant=str(other.tenant))
    assert (actor.tenant, actor.home, actor.role) == (other.tenant, clinic.tenant, Role.PLATFORM_ADMIN)
    assert await world.access.me(actor) == made
    with pytest.raises(NotFound):
        await world.access.authenticate(token, tenant=uuid4())
