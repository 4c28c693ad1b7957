"""Logs: canary names, numbers and tokens never come out, whatever way they go in."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from queue_server import logs

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
CANARIES = (JWT, "Canary Quill", "+49 151 2345678", "canary@example.org", "s3cr3t-canary")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    out = io.StringIO()
    logs.configure("DEBUG", "json", out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_fields_nobody_allowed_are_replaced(stream: io.StringIO) -> None:
    structlog.stdlib.get_logger("t").info(
        "x", patient="Canary Quill", phone="+49 151 2345678", headers={"a": JWT}, count=3
    )
    (line,) = lines(stream)
    assert line["count"] == 3
    assert line["patient"] == line["phone"] == line["headers"] == logs.HIDDEN


@pytest.mark.parametrize(
    "text",
    [
        f"GET /t/{JWT} 200",
        "GET /track/s3cr3t-canary?x=1",
        "/api/appointments/refresh-queue/s3cr3t-canary",
        f"Authorization: Bearer {JWT}",
        "authorization: Basic s3cr3t-canary",
        "postgresql://queue_app:s3cr3t-canary@db/clinic_queue",
        "redis://:s3cr3t-canary@redis/0",
        "/?token=s3cr3t-canary&x=1",
        "mail to canary@example.org",
        "call +49 151 2345678 now",
    ],
)
def test_text_is_scrubbed_of_credentials_and_addresses(stream: io.StringIO, text: str) -> None:
    structlog.stdlib.get_logger("t").info(text, detail=text, path=text)
    logging.getLogger("a.library").warning("said %s", text)
    assert len(lines(stream)) == 2
    for canary in CANARIES:
        assert canary not in stream.getvalue()


def test_an_exception_shows_where_it_was_but_not_what_it_quoted(stream: io.StringIO) -> None:
    try:
        raise ValueError("Key (name)=(Canary Quill) already exists")
    except ValueError:
        structlog.stdlib.get_logger("t").exception("failed")
        logging.getLogger("a.library").exception("failed")
    for line in lines(stream):
        assert line["error_type"] == "ValueError"
        assert "test_logs.py" in str(line["exception"])
    assert "Canary" not in stream.getvalue()


def test_ids_instants_and_numbers_stay_readable(stream: io.StringIO) -> None:
    tenant = UUID("0190a1b2-0000-7000-8000-1234567890ab")
    structlog.stdlib.get_logger("t").info("2026-11-21T10:00:00+01:00", tenant_id=tenant, duration_ms=12.5, rows=[1, 2])
    (line,) = lines(stream)
    assert line["tenant_id"] == str(tenant)
    assert line["event"] == "2026-11-21T10:00:00+01:00"
    assert (line["duration_ms"], line["rows"]) == (12.5, [1, 2])


def test_uvicorns_access_log_is_off(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /x")
    assert stream.getvalue() == ""


METHODS = {"debug", "info", "warning", "error", "exception", "critical", "bind", "bound_contextvars"}
PACKAGES = ("queue_server", "scheduling_core", "jobs", "sql", "loadtests")


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in our packages, with its place."""
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for file in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                    whose = ast.unparse(node.func.value).split(".")[-1]
                    if whose in {"log", "_log", "logger", "contextvars"}:
                        yield f"{file.relative_to(root)}:{node.lineno}", node


def test_every_field_that_our_code_logs_is_allowed() -> None:
    found = list(log_calls())
    assert len(found) > 30
    hidden = {
        f"{place} {keyword.arg}"
        for place, call in found
        for keyword in call.keywords
        if keyword.arg not in logs.ALLOWED
    }
    assert hidden == set()
