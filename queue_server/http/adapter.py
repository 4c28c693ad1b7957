"""Serves endpoints: everything between the bytes of a request and a handler, and back, in one place.

The order is fixed: who calls, rate limits, may they, path, query, headers, body, handler. So a stranger learns nothing
about what exists, and no byte of a body is read for somebody who may not send it.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.repetition import Repetition
from queue_server.http import decoding, limits
from queue_server.http.endpoint import Call, Door, Endpoint, Meta, Reply, bearer, parse_id
from queue_server.http.needs import Services
from queue_server.http.problems import MethodNotAllowed, refusal
from queue_server.http.streams import EventStream
from scheduling_core.errors import DomainError, Unauthenticated
from scheduling_core.permissions import Permission

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""What a browser may do with an answer of the API that somebody opens as a page: nothing."""


class PathApp:
    """The endpoints of one path as an ASGI application."""

    def __init__(self, path: str, endpoints: Sequence[Endpoint]) -> None:
        self.path = path
        self._by_method = {endpoint.method: endpoint for endpoint in endpoints}
        if "GET" in self._by_method:
            self._by_method.setdefault("HEAD", self._by_method["GET"])
        self._allow = ", ".join(sorted({*self._by_method, "OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # For logs and metrics, which must hold neither tokens nor one series per id.
        scope["route_template"] = self.path
        request = Request(scope, receive)
        left: dict[str, str] = {}  # of the rate limits; whatever the answer is, it says so
        try:
            response = await self._answer(request, left)
        except DomainError as error:
            response = refusal(error)
        except ClientDisconnect:
            return
        for name, value in left.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", API_POLICY)
        if request.method == "HEAD":
            response.body = b""  # Content-Length stays what GET would have said.
        await response(scope, receive, send)

    async def _answer(self, request: Request, left: dict[str, str]) -> Response:
        endpoint = self._by_method.get(request.method)
        if endpoint is None:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": self._allow})
            response = refusal(MethodNotAllowed(f"This address takes {self._allow}."))
            response.headers["Allow"] = self._allow
            return response
        reply = await _once(endpoint, await self._call(endpoint, request, left))
        return respond(endpoint, request, reply)

    async def _call(self, endpoint: Endpoint, request: Request, left: dict[str, str]) -> Call[Any, Any]:
        services: Services = request.app.state.services
        caller = await _admit(endpoint, request, services, left)
        for name, value in request.path_params.items():
            if name.endswith("Id"):
                parse_id(value)
        query = decoding.decode_query(request.query_params.multi_items(), endpoint.query)
        expected = decoding.if_match(request) if endpoint.versioned else None
        body = None
        if endpoint.body is not None:
            raw = await decoding.read_body(request, services.settings.max_body_bytes)
            body = decoding.decode_body(raw, endpoint.body)
        key = decoding.idempotency(request, self._asked(request), body) if endpoint.method in WRITES else None
        return Call(
            request=request,
            services=services,
            path=request.path_params,
            body=body,
            query=query,
            precondition=Precondition(expected, key),
            caller=caller,
        )

    def _asked(self, request: Request) -> str:
        """The path in one spelling, for it may be asked for with `/api` or without."""
        return self.path.format(**{name: value.lower() for name, value in request.path_params.items()})


async def _once(endpoint: Endpoint, call: Call[Any, Any]) -> Reply:
    """Let the handler answer, unless the same request was answered before."""
    key = call.precondition.idempotency
    if key is None or call.caller is None or not endpoint.keeps:
        return await endpoint.handler(call)
    first: list[Reply] = []

    async def work() -> Answer:
        reply = await endpoint.handler(call)
        first.append(reply)
        body = b"" if endpoint.answer is None else reply.encoded or msgspec.json.encode(reply.data)
        return Answer(body, reply.version)

    answer = await Repetition(call.services.db, call.services.settings).once(call.caller, key, work)
    return first[0] if first else Reply(encoded=answer.body or None, version=answer.version)


def respond(endpoint: Endpoint, request: Request, reply: Reply) -> Response:
    """Return the response that carries `reply`."""
    headers = {"Cache-Control": "no-store", **reply.headers}
    etag = reply.etag or (f'"{reply.version}"' if reply.version is not None else None)
    if etag is not None:
        headers["ETag"] = etag
    if endpoint.tagged and etag is not None and decoding.is_unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    if reply.next_cursor is not None:
        following = request.url.include_query_params(cursor=reply.next_cursor)
        # Relative to the server: behind a proxy we may not know by which name we are called.
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    status = reply.status or endpoint.status
    if endpoint.answer is None and reply.encoded is None:
        return Response(status_code=status, headers=headers)
    if reply.stream is not None:
        return EventStream(reply.stream, headers=headers, media_type=endpoint.media)
    if endpoint.bare:
        assert reply.encoded is not None
        return Response(reply.encoded, status_code=status, headers=headers, media_type=endpoint.media)
    return Response(_envelope(reply), status_code=status, headers=headers, media_type="application/json")


def _envelope(reply: Reply) -> bytes:
    data = reply.encoded if reply.encoded is not None else msgspec.json.encode(reply.data)
    meta = Meta(
        next_cursor=reply.next_cursor or UNSET,
        total=reply.total if reply.total is not None else UNSET,
        stale_since=reply.stale_since or UNSET,
    )
    return b'{"data":%b,"meta":%b}' % (data, msgspec.json.encode(meta))


async def _admit(endpoint: Endpoint, request: Request, services: Services, left: dict[str, str]) -> Actor | None:
    """Let in who may do this now, and return who it is; None for the public."""
    if endpoint.door is Door.PUBLIC or (endpoint.door is Door.ANYBODY and bearer(request) is None):
        if endpoint.limit is not None:
            await limits.public(request, endpoint.limit, left)
        return None
    try:
        actor = await _caller(request, services)
    except Unauthenticated:
        await limits.bad_credential(request)
        raise
    if endpoint.method in WRITES:
        await limits.write(request, actor, left, limit=endpoint.limit)
    else:
        await limits.read(request, actor, left, is_public=endpoint.door is Door.ANYBODY)
    if isinstance(endpoint.door, Permission):
        actor.require(endpoint.door)
    return actor


async def _caller(request: Request, services: Services) -> Actor:
    token = bearer(request)
    if token is None:
        raise Unauthenticated
    return await services.access.authenticate(
        # As it came: what is no id at all is another tenant than the token's, too.
        token,
        tenant=request.headers.get("x-tenant-id"),
        request_id=request.scope.get("request_id"),
    )
