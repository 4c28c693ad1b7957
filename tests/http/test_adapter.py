"""Everything between a request's bytes and a handler, and back."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest

from queue_server.application.desk_bodies import Body, Instant
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from scheduling_core.errors import StaleVersion, Unavailable
from scheduling_core.permissions import Permission
from tests.http.answers import problem
from tests.http.conftest import Serve

ID = "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"


class Person(Body, frozen=True, kw_only=True):
    full_name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


class Thing(Body, frozen=True, kw_only=True):
    new_position: int
    person: Person | None = None
    at: Instant | None = None
    tags: tuple[str, ...] = ()


class Easy(Body, frozen=True, kw_only=True):
    grace_period: int | None = None


class Search(Body, frozen=True, kw_only=True):
    text: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    since: Instant | None = None
    all: bool = False
    hour: Annotated[int, msgspec.Meta(ge=0, description="of the day")] | None = None


async def echo(call: Call[Any, Any]) -> Reply:
    return Reply(
        data={
            "body": msgspec.to_builtins(call.body),
            "query": msgspec.to_builtins(call.query),
            "ifMatch": call.precondition.if_match,
            "key": call.precondition.idempotency.key if call.precondition.idempotency else None,
            "digest": call.precondition.idempotency.digest.hex() if call.precondition.idempotency else None,
            "role": call.caller.role if call.caller else None,
        },
        version=5,
    )


def endpoint(method: str = "POST", path: str = "/things", **more: Any) -> Endpoint:
    fields: dict[str, Any] = {"handler": echo, "summary": "", "tag": "", "answer": dict}
    return Endpoint(method=method, path=path, **fields | more)


THING = endpoint(body=Thing)
EASY = endpoint(body=Easy)


# ---- bodies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8", "application/xml", None])
async def test_a_body_is_read_the_same_whatever_its_content_type_says(serve: Serve, kind: str | None) -> None:
    async with serve([THING]) as client:
        headers = {"Content-Type": kind} if kind else {}
        good = await client.post("/things", content=b'{"newPosition": 2}', headers=headers)
        bad = await client.post("/things", content=b'{"newPosition": "2"}', headers=headers)
    assert good.json()["data"]["body"] == {"newPosition": 2, "person": None, "at": None, "tags": []}
    assert good.json()["meta"] == {}
    assert problem(bad)["errors"] == [{"field": "newPosition", "message": "Expected `int`, got `str`"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "newPosition"),
        (b"", "newPosition"),
        (b'{"newPosition": 1.5}', "newPosition"),
        (b'{"newPosition": true}', "newPosition"),
        (b'{"newPosition": null}', "newPosition"),
        (b'{"newPosition": %b}' % (b"9" * 30), "newPosition"),
        (b'{"newPosition": 2147483648}', "newPosition"),
        (b'{"newPosition": 1, "colour": 1}', "colour"),
        (b'{"newPosition": 1, "person": {}}', "person.fullName"),
        (b'{"newPosition": 1, "person": {"fullName": ""}}', "person.fullName"),
        (b'{"newPosition": 1, "person": {"fullName": "a", "age": 3}}', "person.age"),
        (b'{"newPosition": 1, "person": {"fullName": "a\\u0000"}}', "person.fullName"),
        (b'{"newPosition": 1, "tags": ["a", 1]}', "tags[1]"),
        (b'{"newPosition": 1, "tags": ["a", "\\u0000"]}', "tags[1]"),
        (b'{"newPosition": 1, "at": "2026-01-01T00:00:00"}', "at"),
        (b'{"newPosition": 1, "at": "0001-01-01T00:00:00+14:00"}', "at"),
        (b"[]", ""),
        (b"null", ""),
        (b'"x"', ""),
    ],
)
async def test_what_is_json_but_senseless_is_422_and_names_the_field(serve: Serve, body: bytes, field: str) -> None:
    async with serve([THING]) as client:
        answer = await client.post("/things", content=body)
    assert answer.status_code == 422
    found = problem(answer)
    assert found["code"] == "validation_failed"
    assert [e["field"] for e in found["errors"]] == [field]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"newPosition": NaN}',
        b'{"newPosition": "x", "person": ',
        b'{"colour": NaN}',
        b'{"newPosition": 1e999}',
        b'{"a":' * 400,
        b'{"newPosition": Infinity}',
        b'{"newPosition": 1}{}',
        b"\x00",
        b'\xef\xbb\xbf{"newPosition": 1}',
        b'{"newPosition": 1, "person": {"fullName": "\xff"}}',
        b'{"newPosition": 1, "person": {"fullName": "\\ud800"}}',
    ],
)
async def test_what_is_no_json_is_400(serve: Serve, body: bytes) -> None:
    async with serve([THING]) as client:
        answer = await client.post("/things", content=body)
    assert answer.status_code == 400
    assert problem(answer)["code"] == "malformed_request"


async def test_a_body_nested_deeply_is_400(serve: Serve) -> None:
    class Deep(Body, frozen=True, kw_only=True):
        anything: Any = None

    async with serve([endpoint(body=Deep)]) as client:
        answer = await client.post("/things", content=b'{"anything":' + b"[" * 2000)
    assert answer.status_code == 400
    assert problem(answer)["detail"] == "The body is nested too deeply."


async def test_of_repeated_keys_the_last_one_counts(serve: Serve) -> None:
    async with serve([THING]) as client:
        answer = await client.post("/things", content=b'{"newPosition": 1, "newPosition": 2}')
    assert answer.json()["data"]["body"]["newPosition"] == 2


@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_a_body_may_be_left_out_where_all_of_it_is_optional(serve: Serve, body: bytes) -> None:
    async with serve([EASY]) as client:
        answer = await client.post("/things", content=body)
    assert answer.json()["data"]["body"] == {"gracePeriod": None}


async def test_a_body_that_is_announced_as_too_large_is_not_read(serve: Serve) -> None:
    read: list[bool] = []

    async def never() -> AsyncIterator[bytes]:
        read.append(True)
        yield b""

    async with serve([THING]) as client:
        answer = await client.post("/things", content=never(), headers={"Content-Length": "2049"})
    assert answer.status_code == 413
    assert problem(answer)["code"] == "payload_too_large"
    assert not read


async def test_an_endless_body_is_read_no_further_than_the_limit(serve: Serve) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024
            yield b" " * 1024

    async with serve([THING]) as client:
        answer = await client.post("/things", content=endless())
    assert answer.status_code == 413
    assert sent <= 4096


# ---- queries --------------------------------------------------------------------------------------------------------


async def test_a_query_is_typed(serve: Serve) -> None:
    async with serve([endpoint("GET", query=Search)]) as client:
        answer = await client.get("/things?text=12&limit=5&all=true&hour=7&since=2026-01-01T00:00:00%2B02:00")
    found = answer.json()["data"]["query"]
    assert found["text"] == "12"
    assert found["limit"] == 5
    assert found["all"] is True
    assert found["hour"] == 7
    assert datetime.fromisoformat(found["since"]) == datetime.fromisoformat("2025-12-31T22:00:00Z")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=five", "limit"),
        ("limit=", "limit"),
        ("limit=1_0", "limit"),
        ("limit=١", "limit"),
        ("all=yes", "all"),
        ("since=5", "since"),
        ("since=yesterday", "since"),
        ("text=a%00b", "text"),
        ("text=a&text=b", "text"),
        ("colour=red", "colour"),
    ],
)
async def test_a_senseless_query_is_422_and_names_the_parameter(serve: Serve, query: str, field: str) -> None:
    async with serve([endpoint("GET", query=Search)]) as client:
        answer = await client.get(f"/things?{query}")
    assert answer.status_code == 422
    assert [e["field"] for e in problem(answer)["errors"]] == [field]


async def test_a_route_without_parameters_takes_none(serve: Serve) -> None:
    async with serve([endpoint("GET")]) as client:
        assert (await client.get("/things?verbose=1")).status_code == 422


# ---- ids, versions, keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["42", "null", "{" + ID + "}", ID.replace("-", ""), ID + "0", "%00", "..%2f"])
async def test_a_malformed_id_is_as_unknown_as_any_other(serve: Serve, given: str) -> None:
    async with serve([endpoint("GET", "/things/{thingId}")]) as client:
        answer = await client.get(f"/things/{given}")
        known = await client.get(f"/things/{ID.upper()}")
    assert answer.status_code == 404
    assert problem(answer)["code"] == "not_found"
    assert known.status_code == 200


@pytest.mark.parametrize(("given", "version"), [('"5"', 5), ('W/"5"', 5), ("5", 5), ("*", None), (' "7" ', 7)])
async def test_if_match_names_a_version(serve: Serve, given: str, version: int | None) -> None:
    async with serve([endpoint(versioned=True)]) as client:
        answer = await client.post("/things", headers={"If-Match": given})
    assert answer.json()["data"]["ifMatch"] == version
    assert answer.headers["etag"] == '"5"'


@pytest.mark.parametrize(
    ("given", "status"), [("", 422), ('"abc"', 412), ('""', 412), ("abc", 422), ('"5", "6"', 422), ("-1", 422)]
)
async def test_if_match_that_names_no_version_is_refused(serve: Serve, given: str, status: int) -> None:
    async with serve([endpoint(versioned=True)]) as client:
        answer = await client.post("/things", headers={"If-Match": given})
    assert answer.status_code == status
    problem(answer)


async def test_the_same_values_have_the_same_digest_and_others_another(serve: Serve) -> None:
    async with serve([THING, endpoint(path="/others", body=Thing)]) as client:

        async def digest(path: str, body: bytes) -> str:
            answer = await client.post(path, content=body, headers={"Idempotency-Key": "a-b_c~1"})
            assert answer.json()["data"]["key"] == "a-b_c~1"
            found: str = answer.json()["data"]["digest"]
            return found

        first = await digest("/things", b'{"newPosition": 1, "tags": []}')
        assert await digest("/things", b'{ "tags":[],"newPosition":1}') == first
        assert await digest("/things", b'{"newPosition": 2}') != first
        assert await digest("/others", b'{"newPosition": 1}') != first


@pytest.mark.parametrize("key", ["", " ", "a b", "é".encode(), "k" * 201])
async def test_an_idempotency_key_is_visible_ascii(serve: Serve, key: str | bytes) -> None:
    async with serve([EASY]) as client:
        raw = key.encode() if isinstance(key, str) else key
        answer = await client.post("/things", headers={b"Idempotency-Key": raw})
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("given", ['"a"', 'W/"a"', '"x", "a"', "*"])
async def test_what_the_client_holds_is_304(serve: Serve, given: str) -> None:
    async def tagged(_call: Call[None, Nothing]) -> Reply:
        return Reply(data=1, etag='"a"')

    async with serve([endpoint("GET", handler=tagged, tagged=True)]) as client:
        answer = await client.get("/things", headers={"If-None-Match": given})
        other = await client.get("/things", headers={"If-None-Match": '"b"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"a"')
    assert other.status_code == 200


# ---- who calls ------------------------------------------------------------------------------------------------------

GUARDED = endpoint("GET", door=Permission.READ_AUDIT)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "admin"])
async def test_without_good_credentials_it_is_401(serve: Serve, header: str | None) -> None:
    async with serve([GUARDED]) as client:
        answer = await client.get("/things", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    problem(answer)


async def test_the_wrong_role_is_403_and_the_right_one_passes(serve: Serve) -> None:
    async with serve([GUARDED, endpoint("GET", "/mine", door=Door.SIGNED_IN)]) as client:
        wrong = await client.get("/things", headers={"Authorization": "Bearer receptionist"})
        right = await client.get("/things", headers={"authorization": "bearer admin"})
        anybody = await client.get("/mine", headers={"authorization": "Bearer receptionist"})
    assert (wrong.status_code, right.status_code, anybody.status_code) == (403, 200, 200)
    assert problem(wrong)["code"] == "forbidden"


async def test_a_stranger_learns_nothing_before_signing_in(serve: Serve) -> None:
    async with serve([endpoint(path="/things/{thingId}", door=Permission.MOVE, body=Thing)]) as client:
        answer = await client.post("/things/nonsense?x=1", content=b"{")
    assert answer.status_code == 401


async def test_the_tenant_header_must_be_an_id_and_fit(serve: Serve) -> None:
    async with serve([GUARDED]) as client:
        headers = {"Authorization": "Bearer admin"}
        malformed = await client.get("/things", headers={**headers, "X-Tenant-Id": "nonsense"})
        foreign = await client.get("/things", headers={**headers, "X-Tenant-Id": str(UUID(int=1))})
    assert (malformed.status_code, foreign.status_code) == (403, 403)
    assert problem(malformed)["code"] == problem(foreign)["code"] == "forbidden"


# ---- methods, faults ------------------------------------------------------------------------------------------------


async def test_other_methods_are_405_with_allow_and_options_says_the_same(serve: Serve) -> None:
    async with serve([endpoint("GET"), THING]) as client:
        refused = await client.delete("/things")
        asked = await client.options("/things")
        strange = await client.request("BREW", "/things")
    assert (refused.status_code, asked.status_code, strange.status_code) == (405, 204, 405)
    assert refused.headers["allow"] == asked.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert problem(refused)["code"] == "method_not_allowed"


async def test_head_says_what_get_would_without_saying_it(serve: Serve) -> None:
    async with serve([endpoint("GET")]) as client:
        got, headed = await client.get("/things"), await client.head("/things")
    assert headed.content == b""
    assert headed.headers["content-length"] == got.headers["content-length"] == str(len(got.content))


async def test_an_unknown_path_is_a_problem_document(serve: Serve) -> None:
    async with serve([THING]) as client:
        answer = await client.get("/nothing/here")
    assert answer.status_code == 404
    assert problem(answer)["code"] == "not_found"


async def test_a_fault_of_ours_is_500_without_a_word_on_it(serve: Serve) -> None:
    async def broken(_call: Call[None, Nothing]) -> Reply:
        raise RuntimeError("SELECT secret FROM patient")

    async with serve([endpoint("GET", handler=broken)]) as client:
        answer = await client.get("/things")
    assert answer.status_code == 500
    assert problem(answer)["code"] == "internal_error"
    assert "secret" not in answer.text


async def test_a_dependency_away_is_503_and_says_when_to_retry(serve: Serve) -> None:
    async def away(_call: Call[None, Nothing]) -> Reply:
        raise Unavailable(retry_after=3)

    async with serve([endpoint("GET", handler=away)]) as client:
        answer = await client.get("/things")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert problem(answer)["code"] == "unavailable"


async def test_a_stale_version_is_412(serve: Serve) -> None:
    async def stale(_call: Call[None, Nothing]) -> Reply:
        raise StaleVersion

    async with serve([endpoint(handler=stale)]) as client:
        answer = await client.post("/things")
    assert (answer.status_code, problem(answer)["code"]) == (412, "stale_version")


# ---- lists, limits, headers -----------------------------------------------------------------------------------------


async def test_a_list_links_to_its_next_page_with_the_same_filters(serve: Serve) -> None:
    async def page(_call: Call[None, Search]) -> Reply:
        return Reply(data=[], next_cursor="abc")

    async with serve([endpoint("GET", handler=page, query=Search)]) as client:
        answer = await client.get("/things?text=a+b&limit=5")
    assert answer.headers["link"] == '</things?text=a+b&limit=5&cursor=abc>; rel="next"'
    assert answer.json() == {"data": [], "meta": {"nextCursor": "abc"}}


async def test_a_flood_from_one_address_is_429(serve: Serve) -> None:
    async with serve([endpoint("GET", limit=Limit.READS)]) as client:
        answers = [await client.get("/things") for _ in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert [a.headers["ratelimit-remaining"] for a in answers[:10]] == [str(n) for n in range(9, -1, -1)]
    assert int(answers[10].headers["retry-after"]) >= 1
    assert problem(answers[10])["code"] == "too_many_requests"


async def test_every_answer_carries_a_request_id_and_cautious_headers(serve: Serve) -> None:
    async with serve([THING]) as client:
        own = await client.post("/things", content=b"{", headers={"X-Request-Id": "desk-1.a"})
        forged = await client.post("/things", content=b"{", headers={"X-Request-Id": 'a" onload="'})
    assert own.headers["x-request-id"] == "desk-1.a"
    assert UUID(forged.headers["x-request-id"]).version == 4
    for name, value in {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }.items():
        assert own.headers[name] == value


async def test_only_listed_origins_may_call_from_a_browser(serve: Serve) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,if-match"}
    async with serve([THING]) as client:
        ours = await client.options("/things", headers={"Origin": "https://desk.example.org", **preflight})
        theirs = await client.options("/things", headers={"Origin": "https://evil.example.org", **preflight})
        call = await client.post("/things", content=b"{", headers={"Origin": "https://desk.example.org"})
    assert ours.headers["access-control-allow-origin"] == "https://desk.example.org"
    assert "access-control-allow-origin" not in theirs.headers
    assert "etag" in call.headers["access-control-expose-headers"].lower()
