"""What a request leaves behind: one log line, a time in the metrics, and never a credential."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from queue_server import logs
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.metrics import Metrics
from tests.http.conftest import Serve

TOKEN = "eyJhbGciOiJIUzI1NiJ9.canary.signature"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("DEBUG", "json", stream)
    yield stream
    logs.configure("WARNING", "json")


async def fine(_call: Call[None, Nothing]) -> Reply:
    return Reply(data=1)


async def broken(_call: Call[None, Nothing]) -> Reply:
    raise RuntimeError("canary of a patient's name")


def endpoint(path: str, handler: Any) -> Endpoint:
    return Endpoint(method="GET", path=path, handler=handler, summary="", tag="", answer=int)


async def test_a_request_is_one_line_with_route_and_id_and_without_token(serve: Serve, lines: io.StringIO) -> None:
    async with serve([endpoint("/track/{token}", fine)]) as client:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-Id": "abc"}
        await client.get(f"/track/{TOKEN}", headers=headers)
        await client.get(f"/trakc/{TOKEN}?token={TOKEN}")
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["route"] for line in written] == ["/track/…", "unmatched"]  # scrubbed, although a template is none
    assert (written[0]["method"], written[0]["status"], written[0]["request_id"]) == ("GET", 200, "abc")
    assert written[1]["request_id"] != "abc"
    assert "canary" not in lines.getvalue()


async def test_a_fault_is_logged_once_with_its_places_and_without_its_message(serve: Serve, lines: io.StringIO) -> None:
    async with serve([endpoint("/broken", broken)]) as client:
        assert (await client.get("/broken")).status_code == 500
    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    faults = [line for line in written if line["level"] == "error"]
    assert [fault["error_type"] for fault in faults] == ["RuntimeError"]
    assert "broken" in faults[0]["exception"]
    assert "canary" not in lines.getvalue()


async def test_requests_are_timed_by_route_and_status_not_by_path(serve: Serve) -> None:
    async with serve([endpoint("/track/{token}", fine)]) as client:
        for path in (f"/track/{TOKEN}", "/track/other", "/nothing", "/else"):
            await client.get(path)
        await client.request("BREW", "/track/other")
        metrics: Metrics = client.app.state.services.metrics  # type: ignore[attr-defined]
    page = metrics.page().decode()
    assert 'http_request_seconds_count{method="GET",route="/track/{token}",status="200"} 2.0' in page
    assert 'http_request_seconds_count{method="GET",route="unmatched",status="404"} 2.0' in page
    assert 'http_request_seconds_count{method="OTHER",route="/track/{token}",status="405"} 1.0' in page
    assert "canary" not in page


def test_readings_are_asked_at_each_scrape_and_a_broken_one_is_left_out() -> None:
    metrics = Metrics()
    sockets = {"connected": 1.0, "sent_total": 5.0}
    metrics.watch("socket", lambda: sockets, counters=("sent_total",))
    metrics.watch("broken", lambda: {"x": 1 / 0})
    assert "socket_connected 1.0" in metrics.page().decode()
    sockets["connected"] = 2.0
    page = metrics.page().decode()
    assert "socket_connected 2.0" in page
    assert "socket_sent_total 5.0" in page
    assert "broken_x" not in page


def test_commands_are_counted_by_outcome() -> None:
    metrics = Metrics()
    metrics.command("move", "ok")
    metrics.command("move", "stale_version")
    assert 'queue_commands_total{command="move",outcome="stale_version"} 1.0' in metrics.page().decode()
