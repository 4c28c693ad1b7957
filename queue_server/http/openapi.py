"""The OpenAPI 3.1 document, made from the route table: what is served is what is described."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from types import UnionType
from typing import Any, get_args

import msgspec

from queue_server.application.problems import problem_of
from queue_server.application.views.problems import Problem
from queue_server.http.adapter import WRITES
from queue_server.http.endpoint import Door, Endpoint, Meta
from scheduling_core import errors
from scheduling_core.errors import DomainError
from scheduling_core.permissions import Permission

Json = dict[str, Any]
REF = "#/components/schemas/{name}"
PARAMETERS = re.compile(r"\{(\w+)\}")
SECURITY: Mapping[object, list[Json]] = {Door.PUBLIC: [], Door.ANYBODY: [{}, {"bearerAuth": []}]}
"""What opens doors that need no token, or not always."""

DESCRIPTION = """\
A live queue for each doctor and day. Staff change it with commands, patients follow it through a link.

Every route answers with and without the `/api` prefix. Successes are `{"data": …, "meta": …}`, refusals are problem
documents (RFC 9457) whose `code` is stable. Instants are RFC 3339 in UTC, durations minutes, dates those of the
clinic's zone. Unknown fields and parameters are errors. Integers are at most 32 bits wide. A malformed id is unknown
(404), like any other that we do not have.
"""

HEADER_PARAMETERS: Mapping[str, Json] = {
    "TenantId": {
        "name": "X-Tenant-Id",
        "in": "header",
        "description": "Narrows to a tenant. Another one than the token's, or none at all, is refused (403) except to"
        " platform admins; with a tracking link that is another tenant's it is 400 `invalid_tracking_token`.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": 'The version that was seen, like `"5"`; the command is refused when the queue has moved on.',
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,10}"|[0-9]{1,10})$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer at hand: 304 while it is still true.",
        "schema": {"type": "string"},
    },
    "SessionToken": {
        "name": "X-Session-Token",
        "in": "header",
        "description": "Who is a guest shows with the `sessionToken` of their first hold what is theirs. Who has signed"
        " in needs none.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Chosen by the client: a repetition gets the same answer and is not done again.",
        "schema": {"type": "string", "pattern": r"^[!-~]{1,200}$"},
    },
}

RESPONSE_HEADERS: Mapping[str, Json] = {
    "ETag": {"description": "The version of what is shown.", "schema": {"type": "string"}},
    "Link": {"description": 'The next page, as `rel="next"`.', "schema": {"type": "string"}},
    "RequestId": {"description": "Names the request in logs.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "RateLimitLimit": {
        "description": "Requests that may come at once, of the limit that is nearest to its end.",
        "schema": {"type": "integer"},
    },
    "RateLimitRemaining": {"description": "Requests of it that are left now.", "schema": {"type": "integer"}},
    "RateLimitReset": {"description": "Seconds until all of it is there again.", "schema": {"type": "integer"}},
    "RateLimitPolicy": {
        "description": 'Every limit that counts here: `"user-writes";q=2000;w=10` takes 2,000 requests at once, and'
        " has all of them again after 10 seconds.",
        "schema": {"type": "string"},
    },
}
RATE_LIMIT_HEADERS = {
    f"RateLimit-{name}": {"$ref": f"#/components/headers/RateLimit{name}"}
    for name in ("Limit", "Remaining", "Reset", "Policy")
}


def document(endpoints: Sequence[Endpoint]) -> Json:
    """Return the document that describes `endpoints`."""
    wanted = [one for e in endpoints for kind in (e.answer, e.body) if kind is not None for one in _alternatives(kind)]
    schemas, components = msgspec.json.schema_components([*wanted, Meta, Problem], ref_template=REF)
    # By position: types such as list[X] are not all hashable.
    described = iter(schemas)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        answer = _one_of(described, endpoint.answer) if endpoint.answer is not None else None
        body = next(described) if endpoint.body is not None else None
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, answer, body)
    refusals = {e.code: e for endpoint in endpoints for e in refusals_of(endpoint)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clinic queue server", "version": _version(), "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(e.tag for e in endpoints)],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": HEADER_PARAMETERS,
            "headers": RESPONSE_HEADERS,
            "examples": {code: _problem_example(kind) for code, kind in sorted(refusals.items())},
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of /api/auth/login, or of an issuer the tenant trusts.",
                }
            },
        },
    }


def refusals_of(endpoint: Endpoint) -> list[type[DomainError]]:
    """Return everything an endpoint may refuse with: its own list, and what follows from its shape."""
    found: dict[type[DomainError], None] = dict.fromkeys(endpoint.refusals)
    found[errors.InvalidValue] = None
    if endpoint.body is not None:
        found |= dict.fromkeys((errors.MalformedRequest, errors.PayloadTooLarge))
    if endpoint.door is not Door.PUBLIC:
        found |= dict.fromkeys((errors.Unauthenticated, errors.Forbidden, errors.NotFound))
    if any(name.endswith("Id") for name in PARAMETERS.findall(endpoint.path)):
        found[errors.NotFound] = None
    if endpoint.versioned:
        found[errors.StaleVersion] = None
    if endpoint.method in WRITES:
        found[errors.IdempotencyKeyReused] = None
    if endpoint.limit is not None or endpoint.door is not Door.PUBLIC:
        found[errors.TooManyRequests] = None
    found[errors.Unavailable] = None
    return list(found)


def _one_of(described: Iterator[Json], kind: Any) -> Json:
    """Return the schema of `kind`, taking as many of the schemas as it has alternatives."""
    schemas = [next(described) for _ in _alternatives(kind)]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union of structs, which have to be described one by one; else `kind` itself."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _operation(endpoint: Endpoint, answer: Json | None, body: Json | None) -> Json:
    operation: Json = {
        "operationId": operation_id(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": list(_parameters(endpoint)),
        "responses": _responses(endpoint, answer),
        "security": SECURITY.get(endpoint.door, [{"bearerAuth": []}]),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if isinstance(endpoint.door, Permission):
        operation["x-permission"] = str(endpoint.door)
    if body is not None and endpoint.body is not None:
        content: Json = {"schema": body}
        if endpoint.example is not None:
            content["example"] = endpoint.example
        required = any(field.required for field in msgspec.structs.fields(endpoint.body))
        operation["requestBody"] = {"required": required, "content": {"application/json": content}}
    return operation


def operation_id(endpoint: Endpoint) -> str:
    """Return a name for the operation: method and fixed parts of the path, and what it is about."""
    fixed = PARAMETERS.sub("", endpoint.path.removeprefix("/api"))
    parts = re.findall(r"[A-Za-z0-9]+", fixed)
    about = [f"by-{name}" for name in PARAMETERS.findall(endpoint.path)]
    return "_".join([endpoint.method.lower(), *parts, *about])


def _parameters(endpoint: Endpoint) -> Iterable[Json]:
    for name in PARAMETERS.findall(endpoint.path):
        schema: Json = {"type": "string"}
        if name.endswith("Id"):
            schema["format"] = "uuid"
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    yield from query_parameters(endpoint.query)
    if endpoint.tenant_header:
        yield {"$ref": "#/components/parameters/TenantId"}
    if endpoint.for_guests:
        yield {"$ref": "#/components/parameters/SessionToken"}
    if endpoint.versioned:
        yield {"$ref": "#/components/parameters/IfMatch"}
    if endpoint.tagged:
        yield {"$ref": "#/components/parameters/IfNoneMatch"}
    if endpoint.method in WRITES:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


def query_parameters(query: type[msgspec.Struct]) -> list[Json]:
    """Return the parameters that the fields of `query` stand for."""
    _, components = msgspec.json.schema_components([query], ref_template=REF)
    described = components[query.__name__]
    found = []
    for name, schema in described["properties"].items():
        # A query has no null: leaving a parameter out says the same.
        options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
        if options:
            rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
            schema = rest | (options[0] if len(options) == 1 else {"anyOf": options})
        parameter: Json = {"name": name, "in": "query", "schema": schema}
        if name in described.get("required", ()):
            parameter["required"] = True
        found.append(parameter)
    return found


def _responses(endpoint: Endpoint, answer: Json | None) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if endpoint.versioned or endpoint.tagged:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if endpoint.paged:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    if endpoint.limit is not None or (endpoint.door is not Door.PUBLIC and endpoint.method in WRITES):
        headers |= RATE_LIMIT_HEADERS
    success: Json = {"description": endpoint.summary, "headers": headers}
    if answer is not None:
        schema = answer if endpoint.bare else envelope(answer)
        # Without parameters: tools compare the plain type.
        success["content"] = {endpoint.media.partition(";")[0]: {"schema": schema}}
    responses: Json = {str(endpoint.status): success}
    if endpoint.status != 200 and "dryRun" in endpoint.query.__struct_encode_fields__:
        responses["200"] = success | {"description": "What would be: nothing was kept."}
    if endpoint.tagged:
        responses["304"] = {"description": "Still as the ETag says.", "headers": headers}
    by_status: dict[int, list[type[DomainError]]] = {}
    for kind in refusals_of(endpoint):
        by_status.setdefault(kind.status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        responses[str(status)] = _refusal(status, kinds)
    responses["500"] = _refusal(500, [])
    return responses


def _refusal(status: int, kinds: Sequence[type[DomainError]]) -> Json:
    content: Json = {"schema": {"$ref": REF.format(name="Problem")}}
    if kinds:
        content["examples"] = {k.code: {"$ref": f"#/components/examples/{k.code}"} for k in kinds}
    codes = ", ".join(f"`{k.code}`" for k in kinds)
    response: Json = {
        "description": f"{HTTPStatus(status).phrase}{': ' + codes if codes else ''}",
        "content": {"application/problem+json": content},
    }
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    if status == 429:
        response["headers"] |= RATE_LIMIT_HEADERS
    return response


def envelope(data: Json) -> Json:
    """Return the schema of a success that carries `data`."""
    return {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {"data": data, "meta": {"$ref": REF.format(name="Meta")}},
    }


def _problem_example(kind: type[DomainError]) -> Json:
    field = {"field": "field"} if issubclass(kind, errors.InvalidValue) else {}
    problem = problem_of(kind(None, **field))  # type: ignore[arg-type]
    meaning = " ".join((kind.__doc__ or kind.title).split())
    return {"summary": kind.title, "description": meaning, "value": msgspec.to_builtins(problem)}


@lru_cache(maxsize=1)
def _version() -> str:
    try:
        return version("clinic-queue-server")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0"
