"""What the desk, the phones and strangers may send wrong: status, problem document, and the queue as it was."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import msgspec
import pytest

from queue_server.application.desk_bodies import DESK_COMMANDS, Target
from queue_server.application.tokens import Tokens
from queue_server.settings import JwtKey
from scheduling_core.permissions import Permission, Role, may
from tests.http.answers import problem
from tests.http.world import World

ENTRY, DOCTOR = "{entry}", "{doctor}"
BODIES: Mapping[str, Any] = {
    "move": {"newPosition": 2},
    "triage": {"triage": 2},
    "transfer": {"doctorId": "{other_doctor}"},
    "walk-in": {"patient": {"name": "Asha Rao"}},
    "emergency": {"message": "Wait please.", "priority": "high", "estimatedDelay": 5},
    "undo": {"version": 1},
    "absent": {"doctorIds": ["{other_doctor}"]},
}


def body_of(world: World, name: str) -> Any:
    text = msgspec.json.encode(BODIES.get(name, {})).replace(b"{other_doctor}", str(world.clinic.doctors[1]).encode())
    return msgspec.json.decode(text)


def target_of(world: World, name: str) -> Any:
    return world.entries[0] if DESK_COMMANDS[name].target is Target.APPOINTMENT else world.doctor


COMMANDS = sorted(DESK_COMMANDS)


# ---- every command ---------------------------------------------------------------------------------------------------


async def test_no_command_takes_what_makes_no_sense_and_none_changes_anything(world: World) -> None:
    before = await world.queue()
    for name in COMMANDS:
        await check_refused(world, name)
        assert await world.queue() == before, name


async def check_refused(world: World, name: str) -> None:
    """Check what is answered to a command with anything in it that can be wrong."""
    target, body = target_of(world, name), body_of(world, name)
    cases: list[tuple[str, int, str, Any]] = [
        ("malformed JSON", 400, "malformed_request", {"content": b'{"x":'}),
        ("no UTF-8", 400, "malformed_request", {"content": b'{"\xff": 1}'}),
        ("an array", 422, "validation_failed", {"content": b"[]"}),
        ("an unknown field", 422, "validation_failed", {"content": msgspec.json.encode({**body, "colour": "red"})}),
        ("a huge body", 413, "payload_too_large", {"content": b" " * (world.settings.max_body_bytes + 1)}),
        ("a stale version", 412, "stale_version", {"body": body, "headers": {"If-Match": '"99"'}}),
        ("no version", 422, "validation_failed", {"body": body, "headers": {"If-Match": "newest"}}),
        ("a bad key", 422, "validation_failed", {"body": body, "headers": {"Idempotency-Key": "a b"}}),
        ("no credentials", 401, "unauthenticated", {"body": body, "role": None}),
        ("a display", 403, "forbidden", {"body": body, "role": Role.DISPLAY}),
        ("a department head", 403, "forbidden", {"body": body, "role": Role.DEPARTMENT_HEAD}),
        ("a foreign tenant", 403, "forbidden", {"body": body, "headers": {"X-Tenant-Id": str(uuid4())}}),
        ("no tenant", 403, "forbidden", {"body": body, "headers": {"X-Tenant-Id": "x"}}),
    ]
    for what, status, code, request in cases:
        answer = await world.command(name, target, **request)
        assert (name, what, answer.status_code, problem(answer)["code"]) == (name, what, status, code)
    for unknown in (uuid4(), "nonsense"):
        answer = await world.command(name, unknown, body)  # type: ignore[arg-type]
        assert (name, answer.status_code, problem(answer)["code"]) == (name, 404, "not_found")


async def test_a_foreign_queue_does_not_exist_for_any_role(world: World, neighbour: World) -> None:
    before = await neighbour.queue()
    for name in COMMANDS:
        for role in world.accounts:
            answer = await world.command(name, target_of(neighbour, name), body_of(neighbour, name), role=role)
            expected = {404} if role is Role.PLATFORM_ADMIN else {403, 404}
            assert answer.status_code in expected, (name, role, answer.text)
            problem(answer)
        assert await neighbour.queue() == before, name


async def test_a_doctor_does_nothing_in_a_colleagues_queue(world: World) -> None:
    first, theirs = await world.queue(), world.clinic.doctors[1]
    for name in (name for name in COMMANDS if DESK_COMMANDS[name].target is Target.DOCTOR):
        body = BODIES.get(name, {}) | ({"doctorIds": [str(world.doctor)]} if name == "absent" else {})
        answer = await world.command(name, theirs, body, role=Role.DOCTOR)
        assert answer.status_code == 403, (name, answer.text)
        assert await world.queue() == first, name


# ---- tokens ----------------------------------------------------------------------------------------------------------


def forged(world: World) -> dict[str, str]:
    account, now = world.accounts[Role.RECEPTIONIST], datetime.now(UTC)
    good = world.bearer(Role.RECEPTIONIST)
    claims = jwt.decode(good, options={"verify_signature": False})
    other_keys = msgspec.structs.replace(
        world.settings, jwt_keys=(JwtKey("test", b"another secret of good length, 32+"),)
    )
    other_kid = msgspec.structs.replace(
        world.settings, jwt_keys=(JwtKey("elsewhere", world.settings.jwt_keys[0].secret),)
    )
    secret = world.settings.jwt_keys[0].secret
    return {
        "expired": world.tokens.issue_access(account, now=now - timedelta(hours=2)),
        "signed by somebody else": Tokens(other_keys).issue_access(account, now=now),
        "of an unknown key": Tokens(other_kid).issue_access(account, now=now),
        "without a signature": jwt.encode(claims, "", algorithm="none", headers={"kid": "test"}),
        "with another algorithm": jwt.encode(claims, secret * 2, algorithm="HS512", headers={"kid": "test"}),
        "a tracking link": world.tokens.issue_tracking(
            tenant=world.clinic.tenant, appointment=world.entries[0], doctor=world.doctor, generation=0, now=now
        ),
        "with a changed claim": ".".join(
            (good.split(".")[0], jwt.encode({**claims, "role": "admin"}, "x" * 32).split(".")[1], good.split(".")[2])
        ),
        "of a gone account": world.tokens.issue_access(msgspec.structs.replace(account, id=uuid4()), now=now),
        "of a foreign tenant": world.tokens.issue_access(msgspec.structs.replace(account, tenant=uuid4()), now=now),
        "no token at all": "nonsense",
        "endless": "a" * 20_000,
    }


async def test_no_bad_access_token_opens_anything(world: World) -> None:
    before = await world.queue()
    for what, token in forged(world).items():
        for method, path in (("POST", f"call-next/{world.doctor}"), ("GET", f"state/{world.doctor}")):
            answer = await world.send(
                method, f"/api/appointments/queue/{path}", headers={"Authorization": f"Bearer {token}"}, content=b""
            )
            assert (what, answer.status_code) == (what, 401)
            assert str(world.doctor) not in answer.text
            problem(answer)
    assert await world.queue() == before


async def test_a_withdrawn_access_token_opens_nothing_any_more(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.bearer(Role.RECEPTIONIST)}"}
    assert (await world.send("GET", "/api/auth/me", headers=headers)).status_code == 200
    assert (await world.send("POST", "/api/auth/logout", headers=headers)).status_code == 204
    answer = await world.command("call-next", world.doctor, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (401, "unauthenticated")


async def test_a_role_that_was_taken_away_is_gone_whatever_the_token_says(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.bearer(Role.RECEPTIONIST)}"}
    account = world.accounts[Role.RECEPTIONIST]
    answer = await world.send("PUT", f"/api/staff/{account.id}", {"role": "display"}, role=Role.ADMIN)
    assert answer.status_code == 200, answer.text
    answer = await world.command("call-next", world.doctor, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


async def test_bad_tracking_links_tell_nothing(world: World, neighbour: World) -> None:
    now = datetime.now(UTC)
    ids: dict[str, Any] = {
        "tenant": world.clinic.tenant,
        "appointment": world.entries[0],
        "doctor": world.doctor,
        "generation": 0,
    }
    other = msgspec.structs.replace(world.settings, jwt_keys=(JwtKey("test", b"another secret of good length, 32+"),))
    cases = {
        "expired": (400, world.tokens.issue_tracking(**ids, now=now, expires_at=now - timedelta(minutes=1))),
        "forged": (400, Tokens(other).issue_tracking(**ids, now=now)),
        "an access token": (400, world.bearer(Role.ADMIN)),
        "of a later generation": (400, world.tokens.issue_tracking(**ids | {"generation": 5}, now=now)),
        "nonsense": (400, "nonsense"),
        "endless": (400, "a" * 5000),
        "gone": (404, world.tokens.issue_tracking(**ids | {"appointment": uuid4()}, now=now)),
        "foreign": (404, world.tokens.issue_tracking(**ids | {"appointment": neighbour.entries[0]}, now=now)),
    }
    for what, (status, token) in cases.items():
        for path in ("track/{}", "refresh-queue/{}", "track/{}/changes"):
            answer = await world.send("GET", "/api/appointments/" + path.format(token), role=None)
            assert (what, path, answer.status_code) == (what, path, status), answer.text
            assert "Riverside" not in answer.text
            problem(answer)


async def test_withdrawn_links_are_410_and_new_ones_work(world: World) -> None:
    entry, old = world.entries[0], await world.link()
    assert (await world.send("GET", f"/api/appointments/track/{old}", role=None)).status_code == 200
    assert (await world.send("DELETE", f"/api/appointments/tracking-link/{entry}")).status_code == 204
    for path in ("track", "refresh-queue"):
        answer = await world.send("GET", f"/api/appointments/{path}/{old}", role=None)
        assert (answer.status_code, problem(answer)["code"]) == (410, "revoked_tracking_token")
    new = (await world.send("POST", f"/api/appointments/tracking-link/{entry}")).json()["data"]["trackingToken"]
    assert (await world.send("GET", f"/api/appointments/track/{new}", role=None)).status_code == 200


# ---- the rules of the line -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [0, -1, 5, 10**9, 10**12])
async def test_there_is_no_position_outside_of_the_line(world: World, position: int) -> None:
    before = await world.queue()
    answer = await world.command("move", world.entries[0], {"newPosition": position})
    assert answer.status_code == 422
    found = problem(answer)
    assert found["code"] in ("position_out_of_range", "validation_failed")
    assert found["errors"][0]["field"] == "newPosition"
    assert await world.queue() == before


@pytest.mark.parametrize(
    "date", ["2026-02-31", "tomorrow", "", "2026-2-3", "20260203", "9999-12-31", "0001-01-01", 5, {}]
)
async def test_a_bad_date_is_422(world: World, date: object) -> None:
    before = await world.queue()
    written = await world.command("pause", world.doctor, {"date": date})
    assert (written.status_code, problem(written)["errors"][0]["field"]) == (422, "date")
    if isinstance(date, str):
        for read in ("state", "slot-based", "statistics", "suggest-slots"):
            answer = await world.client.get(
                f"/api/appointments/queue/{read}/{world.doctor}",
                params={"date": date},
                headers={"Authorization": f"Bearer {world.bearer(Role.RECEPTIONIST)}"},
            )
            assert (read, answer.status_code) == (read, 422), answer.text
            assert problem(answer)["errors"][0]["field"] == "date"
    assert await world.queue() == before


async def test_nobody_who_is_being_seen_fails_to_show(world: World) -> None:
    await world.done("check-in", world.entries[0])
    await world.done("call-next", world.doctor)
    await world.done("start", world.entries[0])
    before = await world.queue()
    answer = await world.command("no-show", world.entries[0])
    assert (answer.status_code, problem(answer)["code"]) == (409, "illegal_transition")
    assert await world.queue() == before


async def test_an_empty_queue_has_nobody_to_call(world: World) -> None:
    other = world.clinic.doctors[1]
    answer = await world.command("call-next", other)
    assert (answer.status_code, problem(answer)["code"]) == (409, "nobody_to_call")
    before = await world.queue()
    answer = await world.command("call-next", world.doctor)  # booked, but nobody is here
    assert (answer.status_code, problem(answer)["code"]) == (409, "nobody_to_call")
    assert await world.queue() == before


async def test_what_others_touched_since_cannot_be_undone(world: World) -> None:
    moved = await world.done("move", world.entries[2], {"newPosition": 1})
    await world.done("move", world.entries[2], {"newPosition": 4})
    before = await world.queue()
    answer = await world.command("undo", world.doctor, {"version": moved["version"]})
    assert (answer.status_code, problem(answer)["code"]) == (409, "undo_superseded")
    never = await world.command("undo", world.doctor, {"version": 77})
    assert (never.status_code, problem(never)["code"]) == (409, "nothing_to_undo")
    assert await world.queue() == before


async def test_a_stale_version_is_412_and_the_newest_passes(world: World) -> None:
    first = await world.command("check-in", world.entries[0])
    version = first.headers["etag"]
    assert version == f'"{first.json()["data"]["version"]}"'
    assert (await world.command("check-in", world.entries[1], headers={"If-Match": version})).status_code == 200
    before = await world.queue()
    stale = await world.command("check-in", world.entries[2], headers={"If-Match": version})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")
    assert await world.queue() == before


async def test_a_repeated_key_gets_the_same_answer_and_another_body_is_refused(world: World) -> None:
    key = {"Idempotency-Key": "desk-1/42"}
    first = await world.command("move", world.entries[2], {"newPosition": 1}, headers=key)
    after = await world.queue()
    again = await world.command("move", world.entries[2], {"newPosition": 1}, headers=key)
    spelled = await world.send(
        "POST",
        f"/appointments/queue/move/{world.entries[2]}",
        headers=key,
        content=b'{ "reason": null, "newPosition":1 }',
    )
    other = await world.command("move", world.entries[2], {"newPosition": 2}, headers=key)
    elsewhere = await world.command("move", world.entries[1], {"newPosition": 1}, headers=key)
    assert first.status_code == 200
    assert first.content == again.content == spelled.content
    assert first.headers["etag"] == again.headers["etag"]
    for refused in (other, elsewhere):
        assert (refused.status_code, problem(refused)["code"]) == (422, "idempotency_key_reused")
    assert await world.queue() == after


async def test_a_refused_request_does_not_use_its_key_up(world: World) -> None:
    key = {"Idempotency-Key": "k"}
    refused = await world.command("call-next", world.doctor, headers=key)
    assert refused.status_code == 409
    await world.done("check-in", world.entries[0])
    assert (await world.command("call-next", world.doctor, headers=key)).status_code == 200


async def test_walk_ins_with_senseless_particulars_are_422(world: World) -> None:
    before = await world.queue()
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "patient"),
        ({"patient": {}}, "patient.name"),
        ({"patient": {"name": ""}}, "patient.name"),
        ({"patient": {"name": "x" * 201}}, "patient.name"),
        ({"patient": {"name": "A\u0000B"}}, "patient.name"),
        ({"patient": {"name": "A", "phone": "call me"}}, "patient.phone"),
        ({"patient": {"name": "A", "email": "nobody"}}, "patient.email"),
        ({"patient": {"name": "A", "language": "English"}}, "patient.language"),
        ({"patient": {"name": "A", "language": "en\n"}}, "patient.language"),
        ({"patient": {"name": "A", "phone": "+123\n"}}, "patient.phone"),
        ({"patient": {"name": "A"}, "visitType": "abc\n"}, "visitType"),
        ({"patient": {"name": "A"}, "triage": 6}, "triage"),
        ({"patient": {"name": "A"}, "triage": 0}, "triage"),
        ({"patient": {"name": "A"}, "visitType": "Two words"}, "visitType"),
        ({"patient": {"name": "A"}, "paidAt": "2026-01-01T10:00:00"}, "paidAt"),
        ({"patient": {"name": "A"}, "paidAt": 12345}, "paidAt"),
    ]
    for body, field in cases:
        answer = await world.command("walk-in", world.doctor, body)
        assert (body, answer.status_code) == (body, 422)
        assert problem(answer)["errors"][0]["field"] == field
    assert await world.queue() == before


# ---- roles -----------------------------------------------------------------------------------------------------------

ROLES = [role for role in Role if role not in (Role.PATIENT, Role.PLATFORM_ADMIN)]


@pytest.mark.parametrize("role", ROLES)
async def test_the_permission_table_is_what_the_routes_go_by(world: World, role: Role) -> None:
    """Each command by each role: refused exactly where the table says no."""
    for name in COMMANDS:
        permission = {"early-arrival": Permission.CHECK_IN, "absent": Permission.TRANSFER}.get(name)
        allowed = may(role, permission or Permission(name))
        answer = await world.command(
            name, target_of(world, name), body_of(world, name), role=role, headers={"If-Match": '"99999"'}
        )
        # A version that is never right: who may, is told so; nothing changes, whoever asks.
        assert answer.status_code == (412 if allowed else 403), (name, answer.text)
