"""The whole route table, and its way into Starlette."""

from functools import lru_cache
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ExceptionHandler

from queue_server.http import (
    analytics,
    appointments,
    audit,
    auth,
    calendar,
    calendar_feeds,
    clinics,
    departments,
    docs_page,
    doctors,
    equipment,
    holds,
    jobs,
    leave,
    me,
    message_templates,
    messages,
    notification_preferences,
    openapi,
    patients,
    payments,
    queue,
    rooms,
    schedules,
    slots,
    staff,
    system,
    tenants,
    tracking,
    waitlist,
)
from queue_server.http.adapter import PathApp
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.pages import with_message_page
from queue_server.http.problems import on_domain_error, on_http_exception
from scheduling_core.errors import DomainError

PREFIX = "/api"


async def openapi_json(_call: Call[None, Nothing]) -> Reply:
    """Return the OpenAPI document."""
    return Reply(encoded=_document())


async def docs(_call: Call[None, Nothing]) -> Reply:
    """Return the OpenAPI document as a page."""
    return Reply(encoded=_docs(), headers={"Content-Security-Policy": docs_page.POLICY})


ENDPOINTS: tuple[Endpoint, ...] = (
    *tracking.ENDPOINTS,  # first, because patients' phones ask for nothing else
    *queue.ENDPOINTS,
    *patients.ENDPOINTS,
    *me.ENDPOINTS,
    *auth.ENDPOINTS,
    *staff.ENDPOINTS,
    *clinics.ENDPOINTS,
    *appointments.ENDPOINTS,
    *appointments.ANY_DOCTOR,
    *holds.ENDPOINTS,
    *payments.ENDPOINTS,
    *doctors.ENDPOINTS,
    *departments.ENDPOINTS,
    *rooms.ENDPOINTS,
    *equipment.ENDPOINTS,
    *slots.ENDPOINTS,
    *waitlist.ENDPOINTS,
    *message_templates.ENDPOINTS,
    *messages.ENDPOINTS,
    *notification_preferences.ENDPOINTS,
    *schedules.ENDPOINTS,
    *leave.ENDPOINTS,
    *calendar.ENDPOINTS,
    *calendar_feeds.ENDPOINTS,
    *tenants.ENDPOINTS,
    *audit.ENDPOINTS,
    *analytics.ENDPOINTS,
    *jobs.ENDPOINTS,
    *system.ENDPOINTS,
    Endpoint(
        method="GET",
        path="/openapi.json",
        handler=openapi_json,
        summary="This document",
        tag=system.TAG,
        answer=dict[str, Any],
        bare=True,
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path="/docs",
        handler=docs,
        summary="This document, for people",
        tag=system.TAG,
        answer=str,
        media="text/html",
        bare=True,
        tenant_header=False,
    ),
)


def http_routes() -> list[Route]:
    """Return the routes of every endpoint, with and without the `/api` prefix."""
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, []).append(endpoint)
    routes = []
    for path, endpoints in by_path.items():
        app = PathApp(path, endpoints)
        routes += [Route(spelling, app, name=path) for spelling in (path, _other_spelling(path))]
    return routes


def exception_handlers() -> dict[type[Exception], ExceptionHandler]:
    """Return Starlette's handlers for what is refused outside of the endpoints."""
    return {DomainError: on_domain_error, HTTPException: with_message_page(on_http_exception)}


def _other_spelling(path: str) -> str:
    return path.removeprefix(PREFIX) if path.startswith(PREFIX + "/") else PREFIX + path


@lru_cache(maxsize=1)
def _document() -> bytes:
    return msgspec.json.encode(openapi.document(ENDPOINTS))


@lru_cache(maxsize=1)
def _docs() -> bytes:
    return docs_page.page(openapi.document(ENDPOINTS))
