"""No cursor, whatever somebody makes of one, is more than a page or a refusal that names it."""

import base64
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from queue_server.application.search import slots
from queue_server.http.endpoint import Door, Endpoint
from queue_server.http.routes import ENDPOINTS
from scheduling_core.permissions import Permission, Role, may
from tests.http.answers import problem
from tests.http.test_roles import name, path_of
from tests.http.test_slots import bookable
from tests.http.world import World

LISTS = [endpoint for endpoint in ENDPOINTS if endpoint.paged]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(year: int, month: int, day: int) -> int:
    return (datetime(year, month, day, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


INSTANTS = [
    *(0, 1, -1, 2**31, 2**53, 2**62, 2**63 - 1, -(2**63)),
    *(micros(1, 1, 1), micros(1, 1, 1) - 1, micros(4, 2, 29), micros(1582, 10, 15), micros(2038, 1, 19)),
    *(micros(9998, 12, 31), micros(9999, 12, 30), micros(9999, 12, 31), LAST, LAST + 1, micros(2262, 4, 11)),
]
IDS = [UUID(int=0), UUID(int=1), UUID(int=2**128 - 1)]


def crafted() -> list[str]:
    """Return cursors that nobody was given: of every length, of every instant, of the wrong type, and no cursors."""
    random = Random(11)
    raw = [bytes([fill]) * length for length in (0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 40) for fill in (0, 0xFF)]
    raw += [random.randbytes(length) for length in (1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 32, 255)]
    raw += [at.to_bytes(8, "big", signed=True) + one.bytes for at in INSTANTS for one in IDS]
    raw += [one.bytes for one in IDS]
    raw += [b"null", b"0", b"-1", b"1e999", b"[]", b"{}", b'"x"', b"9" * 400, b"9999-12-31T23:59:59Z", b"\xc0\xff"]
    made = [base64.urlsafe_b64encode(one).decode() for one in raw]
    made += [one.rstrip("=") for one in made[::3] if one.endswith("=")]
    plain = [
        "",
        "=",
        "====",
        "A",
        "AAAA",
        "not ours",
        "-1",
        "0",
        "1" * 30,
        "9999-12-31",
        str(IDS[2]),
        "☃",
        "\x00",
        "%00",
    ]
    return [*made, *plain, "A" * 4000]


@pytest.mark.parametrize(
    ("endpoint", "by_time"),
    [
        *(pytest.param(one, False, id=name(one)) for one in LISTS),
        *(pytest.param(one, True, id=f"{name(one)} by time") for one in LISTS if one.path.endswith("/availability")),
    ],
)
async def test_a_crafted_cursor_finds_a_page_or_is_refused(
    world: World, endpoint: Endpoint, by_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_time:  # as if one doctor were too many to look at one by one
        monkeypatch.setattr(slots, "FEWEST", 0)
        monkeypatch.setattr(slots, "SLOT_COST", 0)
    if endpoint.path.endswith("/availability"):
        await bookable(world)
    query = {"limit": "2", "tenantId": str(world.clinic.tenant)} if endpoint.door is Door.ANYBODY else {"limit": "2"}
    if endpoint.path == "/api/patients":
        query["search"] = "a"

    async def ask(**more: str) -> Any:
        headers = {}
        if isinstance(endpoint.door, Permission):
            role = next(role for role in (Role.ADMIN, *world.accounts) if may(role, endpoint.door))
            headers["Authorization"] = f"Bearer {world.bearer(role)}"
        return await world.client.get(path_of(endpoint, world), params=query | more, headers=headers)

    assert (await ask()).status_code == 200, (await ask()).text
    seen = set()
    for cursor in crafted():
        answer = await ask(cursor=cursor)
        assert answer.status_code in (200, 422), (cursor, answer.text)
        if answer.status_code == 422:
            assert [fault["field"] for fault in problem(answer)["errors"]] == ["cursor"], cursor
        seen.add(answer.status_code)
    assert seen == {200, 422}
