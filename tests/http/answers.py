"""What tests expect of answers."""

from typing import Any

import httpx
import msgspec

from tests.http.world import World


def problem(response: httpx.Response) -> dict[str, Any]:
    """Return the problem document of a response, after checking what all of them have in common."""
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    assert found["code"]
    assert found["title"]
    assert found["type"].endswith(found["code"])
    return found


ENTRY = {
    "id", "ticket", "state", "position", "room", "calledAt", "startedAt", "recalls",
    "estimatedWaitTime", "estimatedWaitRange", "estimatedStartAt",
}  # fmt: skip
HEADER = {
    "doctor", "room", "clinicName", "timezone", "date", "paused", "closed", "delayMinutes", "notices", "nowServing",
    "lastCalled", "updatedAt",
}  # fmt: skip
WHOLE = {"doctorId", "date", "epoch", "version", "header", "line", "entries"}
PATCH = {"doctorId", "date", "epoch", "fromVersion", "version", "header", "line", "changed", "removed"}


def check_display(shown: dict[str, Any], world: World) -> None:
    """Check, field by field, that a queue or a patch holds what a waiting room may read and nothing else."""
    assert set(shown) == (WHOLE if "entries" in shown else PATCH)
    assert set(shown["header"]) == HEADER
    entries = shown["entries"] if "entries" in shown else shown["changed"]
    for entry in entries:
        assert set(entry) == ENTRY
        assert entry["state"] in ("waiting", "called", "in_consultation")
        assert entry["state"] != "waiting" or (entry["calledAt"], entry["recalls"]) == (None, 0)
    text = msgspec.json.encode(shown).decode()
    for appointment in world.entries:
        assert str(appointment) not in text
