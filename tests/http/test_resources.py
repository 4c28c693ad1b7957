"""Every resource as its clients use it: what is answered when nothing is wrong."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.views.desk import QueueCommandResult
from queue_server.application.views.tracking import TrackedView
from queue_server.application.views.windows import SuggestionsView
from queue_server.http.queue import ENDPOINTS as QUEUE
from scheduling_core.permissions import Role
from tests.http.answers import check_display, problem
from tests.http.world import PASSWORD, World

QUEUE_PATH = "/api/appointments/queue"


async def data(world: World, method: str, path: str, body: object = None, **more: Any) -> Any:
    """Return the data of an answer that must be a success."""
    answer = await world.send(method, path, body, **more)
    assert answer.status_code in (200, 201), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"data", "meta"}
    return answer.json()["data"]


# ---- the desk's day --------------------------------------------------------------------------------------------------


async def test_a_day_at_the_desk(world: World) -> None:
    first, second, third, fourth = world.entries
    await world.done("check-in", first)
    await world.done("early-arrival", second)
    called = await world.done("call-next", world.doctor)
    assert called["queue"]["header"]["nowServing"] == "G1"
    await world.done("recall", first)
    await world.done("start", first)
    await world.done("complete", first)
    await world.done("move", third, {"newPosition": 1, "reason": "In pain"})
    await world.done("triage", fourth, {"triage": 1})
    await world.done("skip", second)
    graced = await world.done("no-show", third, {"gracePeriod": 5})
    assert graced["result"] == "grace_running"
    assert graced["deadline"] is not None
    walked = await world.done("walk-in", world.doctor, {"patient": {"name": "Priya Nair", "language": "de"}})
    assert walked["appointment"]["ticket"] == "G5"
    assert walked["trackingUrl"].endswith("/t/" + walked["trackingToken"])
    told = await world.done("emergency", world.doctor, {"message": "Please wait.", "priority": "high"})
    assert told["recipients"] == 4
    moved = await world.done("transfer", fourth, {"doctorId": str(world.clinic.doctors[1])})
    assert [e["id"] for e in moved["target"]["entries"]] == [str(fourth)]
    await world.done("cancel", second)
    paused = await world.done("pause", world.doctor)
    await world.done("undo", world.doctor, {"version": paused["version"]})
    await world.done("pause", world.doctor)
    await world.done("resume", world.doctor)
    away = await world.done("absent", world.doctor, {"doctorIds": [str(world.clinic.doctors[1])]})
    assert str(third) in away["moved"]
    closed = await world.done("close", world.doctor)
    assert closed["queue"]["header"]["closed"] is True
    msgspec.convert(closed, QueueCommandResult)


@pytest.mark.parametrize("prefix", ["/api", ""])
async def test_routes_answer_with_and_without_the_prefix(world: World, prefix: str) -> None:
    answer = await world.send("POST", f"{prefix}/appointments/queue/check-in/{world.entries[0]}", {})
    assert answer.status_code == 200


async def test_reads_of_the_desk(world: World) -> None:
    before = await data(world, "GET", f"{QUEUE_PATH}/state/{world.doctor}")
    await world.done("check-in", world.entries[0])
    await world.done("move", world.entries[3], {"newPosition": 1})
    state = await data(world, "GET", f"{QUEUE_PATH}/state/{world.doctor}?date={before['date']}")
    assert state["line"][0] == str(world.entries[3])
    assert state["entries"][0]["name"] == "Asha Rao"
    then = before["header"]["updatedAt"].replace("+", "%2B")
    past = await data(world, "GET", f"{QUEUE_PATH}/state/{world.doctor}?as_of={then}")
    assert (past["version"], past["line"]) == (before["version"], before["line"])
    windows = await data(world, "GET", f"{QUEUE_PATH}/slot-based/{world.doctor}")
    assert sum(len(w["appointments"]) for w in windows["windows"]) == 4
    assert windows["version"] == state["version"]
    window = windows["windows"][0]
    body = {"slotStartTime": window["start"], "slotEndTime": window["end"]}
    overlaps = await data(world, "POST", f"{QUEUE_PATH}/slot-overlaps/{world.doctor}", body)
    assert set(overlaps) == {"overlaps", "queue"}
    place = await data(world, "GET", f"{QUEUE_PATH}/slot-position/{world.entries[3]}")
    assert place["position"] == 1
    figures = await data(world, "GET", f"{QUEUE_PATH}/statistics/{world.doctor}")
    assert figures["totalAppointments"] == 4
    changes = await data(world, "GET", f"{QUEUE_PATH}/changes/{world.entries[3]}")
    assert (changes[-1]["was"], changes[-1]["now"]) == (4, 1)
    lanes = await data(world, "GET", f"/api/doctors/lanes?clinicId={world.clinic.id}")
    assert {lane["id"] for lane in lanes} == {str(d) for d in world.clinic.doctors}


async def test_a_display_sees_tickets_and_nobody(world: World) -> None:
    first, second, third = world.entries[:3]
    for entry in (first, second, third):
        await world.done("check-in", entry)
    await world.done("call-next", world.doctor, {"appointmentId": str(first)})
    await world.done("cancel", third)
    path = f"{QUEUE_PATH}/state/{world.doctor}"
    state = await data(world, "GET", path, role=Role.DISPLAY)
    check_display(state, world)
    # Expected ones are the desk's business, and so is who has left.
    assert {e["ticket"]: e["state"] for e in state["entries"]} == {"G1": "called", "G2": "waiting"}
    assert state["line"] == [e["id"] for e in state["entries"] if e["ticket"] == "G2"]
    then = state["header"]["updatedAt"].replace("+", "%2B")
    past = await data(world, "GET", f"{path}?as_of={then}", role=Role.DISPLAY)
    check_display(past, world)
    assert [e["id"] for e in past["entries"]] == [e["id"] for e in state["entries"]]
    staff = await data(world, "GET", path)
    assert {e["ticket"] for e in staff["entries"]} == {"G1", "G2", "G3", "G4"}
    refused = await world.send("GET", f"{QUEUE_PATH}/slot-based/{world.doctor}", role=Role.DISPLAY)
    assert refused.status_code == 403


async def test_anybody_may_ask_which_windows_suit_best(world: World) -> None:
    path = f"{QUEUE_PATH}/suggest-slots/{world.doctor}"
    for asked in (f"?tenantId={world.clinic.tenant}", "?preferredHour=10", ""):
        answer = await world.send("GET", path + asked, role=None)
        assert answer.status_code == 200, answer.text
        assert "Asha" not in answer.text
        assert int(answer.headers["ratelimit-remaining"]) > 0
        msgspec.convert(answer.json()["data"], SuggestionsView)
    assert (await world.send("GET", f"{path}?tenantId={uuid4()}", role=None)).status_code == 404
    assert (await world.send("GET", f"{QUEUE_PATH}/suggest-slots/{uuid4()}", role=None)).status_code == 404
    disagreeing = await world.send(
        "GET", f"{path}?tenantId={world.clinic.tenant}", role=None, headers={"X-Tenant-Id": str(uuid4())}
    )
    assert disagreeing.status_code == 422


# ---- a patient's phone -----------------------------------------------------------------------------------------------


async def test_a_phone_follows_its_link(world: World) -> None:
    path = f"/api/appointments/track/{await world.link(1)}"
    first = await world.send("GET", path, role=None)
    view = msgspec.convert(first.json()["data"], TrackedView)
    assert (view.appointment.ticket, view.queue.position, view.queue.total) == ("G2", 2, 4)
    assert view.appointment.greeting == "Imran"
    assert "Asha" not in first.text
    await world.done("move", world.entries[1], {"newPosition": 1})
    moved = await world.send("GET", path, role=None, headers={"If-None-Match": first.headers["etag"]})
    assert moved.status_code == 200
    assert moved.json()["data"]["queue"]["position"] == 1
    changes = await world.send("GET", f"{path}/changes", role=None)
    assert [(c["was"], c["now"]) for c in changes.json()["data"]][-1] == (2, 1)


async def test_a_phone_that_polls_gets_304_while_nothing_changes(world: World) -> None:
    path = f"/api/appointments/refresh-queue/{await world.link()}"
    first = await world.send("GET", path, role=None)
    again = await world.send("GET", path, role=None, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


# ---- accounts --------------------------------------------------------------------------------------------------------


async def test_signing_in_staying_in_and_out(world: World) -> None:
    account = world.accounts[Role.ADMIN]
    assert account.email is not None
    body = {"email": account.email.upper(), "password": PASSWORD}
    session = await data(world, "POST", "/api/auth/login", body, role=None)
    assert session["user"]["id"] == str(account.id)
    headers = {"Authorization": f"Bearer {session['accessToken']}"}
    me = await data(world, "GET", "/api/auth/me", headers=headers)
    assert me == session["user"]
    newer = await data(world, "POST", "/api/auth/refresh", {"refreshToken": session["refreshToken"]}, role=None)
    left = await world.send("POST", "/api/auth/logout", {"refreshToken": newer["refreshToken"]}, role=None)
    assert left.status_code == 204
    after = await world.send("POST", "/api/auth/refresh", {"refreshToken": newer["refreshToken"]}, role=None)
    assert (after.status_code, problem(after)["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("email", ["nobody@example.org", "", "x", "a" * 255, "a b@example.org"])
async def test_signing_in_tells_nothing_about_accounts(world: World, email: str) -> None:
    known = {"email": world.accounts[Role.ADMIN].email, "password": "wrong"}
    refused = await world.send("POST", "/api/auth/login", known, role=None)
    answer = await world.send("POST", "/api/auth/login", {**known, "email": email}, role=None)
    assert refused.status_code == 401
    assert answer.status_code in (401, 422)
    if answer.status_code == 401:
        assert answer.json() == refused.json()


async def test_attempts_to_sign_in_are_bounded_per_address(world: World) -> None:
    codes = []
    for _ in range(40):
        answer = await world.send("POST", "/api/auth/refresh", {"refreshToken": "nonsense"}, role=None)
        codes.append(answer.status_code)
    assert set(codes) == {401, 429}
    assert codes.index(429) >= 10


async def test_staff_accounts_are_made_changed_and_listed(world: World) -> None:
    body = {"email": "new@example.org", "password": "a good long passphrase", "name": "New", "role": "receptionist"}
    key = {"Idempotency-Key": "new-account"}
    made = await world.send("POST", "/api/staff", body, role=Role.ADMIN, headers=key)
    again = await world.send("POST", "/api/staff", body, role=Role.ADMIN, headers=key)
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.content == again.content
    other = await world.send("POST", "/api/staff", {**body, "name": "Else"}, role=Role.ADMIN, headers=key)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")
    taken = await world.send("POST", "/api/staff", body, role=Role.ADMIN)
    assert (taken.status_code, problem(taken)["code"]) == (409, "conflict")
    one = made.headers["location"]
    assert (await data(world, "GET", one, role=Role.ADMIN)) == made.json()["data"]
    stale = await world.send("PUT", one, {"name": "X"}, role=Role.ADMIN, headers={"If-Match": '"7"'})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")
    changed = await data(world, "PUT", one, {"disabled": True}, role=Role.ADMIN, headers={"If-Match": '"1"'})
    assert changed["disabled"] is True
    await data(world, "POST", f"{one}/reset", {"password": "another long passphrase"}, role=Role.ADMIN)


async def test_lists_are_walked_by_their_links(world: World) -> None:
    seen, path = [], "/api/staff?limit=2"
    while path:
        answer = await world.send("GET", path, role=Role.ADMIN)
        assert answer.status_code == 200, answer.text
        seen += [account["id"] for account in answer.json()["data"]]
        link = answer.headers.get("link", "")
        path = link[1 : link.index(">")] if link else ""
    assert sorted(seen) == sorted(str(account.id) for account in world.accounts.values())
    forged = await world.send("GET", "/api/staff?cursor=nonsense", role=Role.ADMIN)
    assert (forged.status_code, problem(forged)["errors"][0]["field"]) == (422, "cursor")


# ---- clinics and the rest --------------------------------------------------------------------------------------------


async def test_clinics_and_their_policy(world: World) -> None:
    made = await world.send(
        "POST", "/api/clinics", {"slug": "hill", "name": "Hill", "timezone": "Asia/Kolkata"}, role=Role.ADMIN
    )
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    assert len(await data(world, "GET", "/api/clinics")) == 2
    assert (await data(world, "PUT", one, {"address": "Hill 1"}, role=Role.ADMIN))["address"] == "Hill 1"
    policy = await data(world, "PUT", f"{one}/queue-policy", {"graceMinutes": 5}, role=Role.ADMIN)
    assert policy == await data(world, "GET", f"{one}/queue-policy", role=Role.ADMIN)
    assert (policy["graceMinutes"], policy["windowMinutes"]) == (5, 60)
    for body in ({"graceMinutes": -1}, {"windowMinutes": 0}, {"latePolicy": "never"}, {"grace": 1}):
        answer = await world.send("PUT", f"{one}/queue-policy", body, role=Role.ADMIN)
        assert (body, answer.status_code) == (body, 422)
    assert (await world.send("DELETE", one, role=Role.ADMIN)).status_code == 204
    assert (await world.send("GET", one, role=Role.ADMIN)).status_code == 404
    assert (await world.send("DELETE", f"/api/clinics/{world.clinic.id}", role=Role.ADMIN)).status_code == 409


async def test_the_identity_provider_of_a_tenant(world: World) -> None:
    path = f"/api/tenants/{world.clinic.tenant}/oidc-issuer"
    assert (await world.send("GET", path, role=Role.ADMIN)).status_code == 404
    body = {"issuer": "https://login.example.org/", "audience": "queue", "jwksUri": "https://login.example.org/keys"}
    assert (await data(world, "PUT", path, body, role=Role.ADMIN))["algorithms"] == ["RS256"]
    assert (await world.send("DELETE", path, role=Role.ADMIN)).status_code == 204
    foreign = await world.send("GET", f"/api/tenants/{uuid4()}/oidc-issuer", role=Role.ADMIN)
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("asha", ["Asha Rao"]),
        ("RAO", ["Asha Rao"]),
        ("+44 20 7946 0002", ["Lena Fischer"]),
        ("g2", ["Imran Khan"]),
        ("zzz", []),
        ("%", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_the_desk_finds_people(world: World, text: str, names: list[str]) -> None:
    found = await data(world, "GET", f"/api/patients?search={quote(text)}")
    assert [hit["patient"]["name"] for hit in found] == names
    assert all(hit["ticket"] for hit in found)


async def test_the_desk_pages_through_people_of_its_own_tenant(world: World, neighbour: World) -> None:
    hits: list[dict[str, Any]] = []
    page = await world.send("GET", "/api/patients?search=%20&limit=3")
    for _ in range(10):
        assert len(page.json()["data"]) <= 3
        hits += page.json()["data"]
        if "link" not in page.headers:
            break
        page = await world.send("GET", page.headers["link"].split(">")[0][1:])
    # Some of those who are known here have no appointment today.
    expected = {hit["appointmentId"] for hit in hits if hit["appointmentId"] is not None}
    assert expected == {str(entry) for entry in world.entries}
    patients = [hit["patient"]["id"] for hit in hits]
    assert len(patients) == len(set(patients)) > 3


async def test_what_was_done_can_be_looked_up(world: World) -> None:
    await world.done("move", world.entries[2], {"newPosition": 1, "reason": "Canary reason"})
    answer = await world.send("GET", "/api/audit?limit=200", role=Role.ADMIN)
    assert answer.status_code == 200, answer.text
    events = answer.json()["data"]
    moved = next(e for e in events if e["type"] == "entry_moved")
    assert moved["actor"]["id"] == str(world.accounts[Role.RECEPTIONIST].id)
    assert moved["requestId"]
    assert "Canary" not in answer.text
    mine = await data(world, "GET", f"/api/audit?actorId={moved['actor']['id']}&type=entry_moved", role=Role.ADMIN)
    assert [e["id"] for e in mine] == [moved["id"]]
    assert (await world.send("GET", "/api/audit")).status_code == 403


async def test_health_metrics_and_documents(world: World) -> None:
    assert await data(world, "GET", "/health", role=None) == {"status": "ok"}
    ready = await data(world, "GET", "/health/ready", role=None)
    assert (ready["status"], ready["database"], ready["redis"]) == ("ready", "ok", "ok")
    await world.command("call-next", world.doctor)
    metrics = await world.send("GET", "/metrics", role=None)
    assert 'queue_commands_total{command="call-next",outcome="nobody_to_call"} 1.0' in metrics.text
    assert "db_pool_connections" in metrics.text
    assert 'jobs{kind="queue_tick",state="ready"}' in metrics.text
    assert "snapshots_reads_total" in metrics.text
    assert (await world.send("GET", "/docs", role=None)).headers["content-type"] == "text/html; charset=utf-8"
    assert (await world.send("GET", "/openapi.json", role=None)).json()["openapi"] == "3.1.0"
    assert (await world.send("GET", "/asyncapi.json", role=None)).headers["content-type"] == "application/json"
    assert (await world.send("GET", "/api/appointments/websocket/stats")).status_code == 403
    await data(world, "GET", "/api/appointments/websocket/stats", role=Role.ADMIN)


def test_every_route_of_the_queue_names_a_permission_or_is_public_on_purpose() -> None:
    public = {e.path for e in QUEUE if str(e.door) == "public"}
    assert public == {f"{QUEUE_PATH}/suggest-slots/{{doctorId}}"}


async def test_while_postgres_is_away_writes_are_503_and_phones_see_what_was_last_known(world: World) -> None:
    path = f"/api/appointments/track/{await world.link()}"
    before = await world.send("GET", path, role=None)
    headers = {"Authorization": f"Bearer {world.bearer(Role.RECEPTIONIST)}"}
    assert (await world.send("GET", f"{QUEUE_PATH}/state/{world.doctor}", headers=headers)).status_code == 200
    server: Any = world.client.server  # type: ignore[attr-defined]
    await server.http.state.services.db.close()
    for method, asked in (
        ("POST", f"{QUEUE_PATH}/check-in/{world.entries[0]}"),
        ("GET", "/api/staff"),
        ("GET", "/health/ready"),
    ):
        answer = await world.send(method, asked, role=Role.ADMIN if asked == "/api/staff" else Role.RECEPTIONIST)
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    assert (await world.send("GET", "/health", role=None)).status_code == 200
    assert (await world.send("GET", "/metrics", role=None)).status_code == 200
    stale = await world.send("GET", path.replace("track", "refresh-queue"), role=None)
    cached = await world.send("GET", path, role=None)
    assert cached.json()["data"]["appointment"] == before.json()["data"]["appointment"]
    assert stale.status_code in (200, 503)
