"""`queue-server demo`: one line when it is ready, a day that lives, and that is still there at the second start."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from queue_server.operations.demo import cast
from queue_server.operations.demo.book import forenoon_zone
from tests.cli.conftest import Running, until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path below which an unprivileged user may work."""
    path = Path(mkdtemp(prefix="cqs-"))
    path.chmod(0o711)
    yield path
    rmtree(path, ignore_errors=True)


class Desk:
    """Somebody at the demo's reception."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.doctors = [doctor["id"] for doctor in told["doctors"]]
        self._http = httpx.Client(base_url=told["url"], trust_env=False, timeout=60)
        login = next(s for s in told["staff"] if s["role"] == "receptionist")
        sign_in = {"email": login["email"], "password": login["password"]}
        token = self._http.post("/api/auth/login", json=sign_in).json()["data"]["accessToken"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def queues(self) -> list[dict[str, Any]]:
        return [self._http.get(f"/api/appointments/queue/state/{d}").json()["data"] for d in self.doctors]

    def post(self, path: str) -> int:
        return self._http.post(f"/api/appointments/queue/{path}", json={}).status_code

    def follows(self, tracker: dict[str, Any]) -> bool:
        answer = self._http.get(f"/api/appointments/track/{tracker['token']}", headers={"Accept": "application/json"})
        return bool(
            answer.status_code == 200 and answer.json()["data"]["appointment"]["id"] == tracker["appointmentId"]
        )


def start(folder: Path, port: int, *options: str) -> tuple[Running, dict[str, Any]]:
    running = Running("demo", "--json", "--data-dir", str(folder / "data"), "--port", str(port), *options)
    told: dict[str, Any] = json.loads(running.first_line)
    return running, told


def present(queue: dict[str, Any]) -> dict[str, str]:
    """Everybody who is here or was, with their state; not who is expected, for whom timers run."""
    return {e["id"]: e["state"] for e in queue["entries"] if e["state"] not in ("expected", "no_show")}


def states(queue: dict[str, Any]) -> set[str]:
    return {entry["state"] for entry in queue["entries"]}


def test_the_demo_lives_through_a_killed_server_and_is_as_it_was_at_the_second_start(folder: Path, port: int) -> None:
    running, told = start(folder, port, "--speed", "120")
    assert set(told) == {"url", "staff", "doctors", "trackers", "slots", "date", "tenantId", "mail", "messageProvider"}
    assert told["slots"] > 4000
    assert told["url"] == f"http://127.0.0.1:{port}"
    assert {s["role"] for s in told["staff"]} >= {"admin", "receptionist", "doctor", "department_head", "display"}
    assert len(told["doctors"]) >= 6
    assert len(told["trackers"]) >= 60
    desk = Desk(told)
    assert all(desk.follows(tracker) for tracker in told["trackers"][::9])
    assert desk.post(f"pause/{desk.doctors[0]}") == 200
    until(lambda: all("completed" in states(queue) for queue in desk.queues()[1:]), seconds=150)
    os.kill(running.child("serve"), signal.SIGKILL)
    before = {queue["doctorId"]: queue["version"] for queue in eventually(desk)}
    until(lambda: all(q["version"] > before[q["doctorId"]] for q in desk.queues()[1:]), seconds=150)
    assert all(len(queue["line"]) < 20 for queue in desk.queues())
    assert running.stop() == 0
    assert running.process.stdout is not None

    again, told_again = start(folder, port, "--speed", "0")
    desk = Desk(told_again)
    assert {key: told_again[key] for key in ("url", "staff", "doctors", "date", "tenantId")} == {
        key: told[key] for key in ("url", "staff", "doctors", "date", "tenantId")
    }
    assert all(desk.follows(tracker) for tracker in [*told["trackers"][::9], *told_again["trackers"][::9]])
    queues = desk.queues()
    assert queues[0]["header"]["paused"], "what a person has decided stays"
    assert {e for q in queues for e in q["line"]} <= {t["appointmentId"] for t in told_again["trackers"]}
    time.sleep(2)
    assert list(map(present, desk.queues())) == list(map(present, queues)), "without robots nobody comes or goes"
    assert again.stop() == 0


def eventually(desk: Desk) -> list[dict[str, Any]]:
    """The queues, as soon as there is a server again."""
    found: list[list[dict[str, Any]]] = []

    def answered() -> bool:
        try:
            found.append(desk.queues())
        except httpx.HTTPError:
            return False
        return True

    until(answered, seconds=150)
    return found[0]


@pytest.mark.parametrize("hour", range(24))
def test_whenever_it_is_started_it_is_forenoon_somewhere(hour: int) -> None:
    now = datetime(2030, 6, 15, hour, 20, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(forenoon_zone(now)))
    assert 9 <= local.hour <= 11
    assert len(cast.ZONES) == len(set(cast.ZONES))
