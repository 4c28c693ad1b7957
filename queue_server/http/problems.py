"""Refusals as responses: status, problem document and the headers that go with it."""

from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from queue_server.application.problems import TYPE_PREFIX, internal_problem, problem_of
from queue_server.application.views.problems import Problem
from scheduling_core.errors import DomainError, TooManyRequests

MEDIA = "application/problem+json"


class MethodNotAllowed(DomainError):
    """The path exists, but not with this method; the Allow header lists those that do."""

    code, title, status = "method_not_allowed", "This method is not allowed here", 405


class OverLimit(TooManyRequests):
    """A rate limit is used up; `headers` say which and for how long."""

    def __init__(self, detail: str, *, retry_after: int, headers: Mapping[str, str]) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.headers = headers


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Return the response that carries `problem`."""
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA,
    )


def refusal(error: DomainError) -> Response:
    """Return the response to a refusal."""
    headers = dict(error.headers) if isinstance(error, OverLimit) else {}
    if error.status in (429, 503):
        headers["Retry-After"] = str(error.retry_after or 1)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem_response(problem_of(error), headers)


def internal_error() -> Response:
    """Return the response to a fault of ours; whoever calls this has logged it."""
    return problem_response(internal_problem())


async def on_domain_error(_request: Request, error: Exception) -> Response:
    """Starlette's handler of refusals by routes that do not go through the adapter."""
    assert isinstance(error, DomainError)
    return refusal(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Starlette's handler of its own refusals: unknown paths, methods that a page does not have."""
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed", 413: "payload_too_large"}.get(error.status_code, "refused")
    problem = Problem(
        type=TYPE_PREFIX + code,
        title=error.detail,
        status=error.status_code,
        detail="There is nothing at this address." if code == "not_found" else error.detail,
        code=code,
    )
    return problem_response(problem, dict(error.headers or {}))
