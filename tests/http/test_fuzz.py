"""Whatever fits the OpenAPI document, and much that does not: no answer is a fault, every answer is as described.

Ten requests for each operation, thirty in a thorough run (tests/thorough.py), or as many as FUZZ_EXAMPLES says.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from queue_server.app import uvicorn_config
from queue_server.http.openapi import document
from queue_server.http.routes import ENDPOINTS
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.permissions import Role
from tests.graph import Graph
from tests.http.world import World, new_world
from tests.thorough import tries

T = TypeVar("T")
EXAMPLES = tries(10, 30, name="FUZZ_EXAMPLES")

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

LAST = (
    "close",
    "cancel",
    "absent",
    "transfer",
    "complete",
    "no-show",
    "delete",
    "tracking-link",
    "logout",
    "rate-limits",
)
"""What leaves little for others to do comes last."""


class Running:
    """A server on a free port, in a thread with a loop of its own, and a world to fuzz."""

    def __init__(self, given: Settings) -> None:
        # Budgets have tests of their own; here one address sends everything.
        self.settings = msgspec.structs.replace(
            given,
            public_requests_per_minute=10**6,
            sign_ins_per_minute=10**6,
            address_writes_per_minute=10**6,
            guest_holds_per_minute=10**6,
            user_writes_per_minute=10**6,
            user_reads_per_minute=10**6,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fuzzed-server", daemon=True)
        self._thread.start()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn_config(self.settings))
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve([self._socket]), self._loop)
        self.world = self.call(self._world())

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    async def _world(self) -> World:
        while not self._server.started:
            await asyncio.sleep(0.05)
            assert not self._serving.done(), "the server did not start"
        self._db = Database(self.settings.database_url, pool_size=2, application="fuzz")
        await self._db.open()
        client = httpx.AsyncClient(base_url=self.url, timeout=60)
        return await new_world(client, self.settings, self._db, Graph(self.settings, self._db), entries=40)

    def stop(self) -> None:
        """Stop the server and its loop."""
        self._server.should_exit = True
        self._serving.result(timeout=30)
        self.call(self.world.client.aclose())
        self.call(self._db.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)


@pytest.fixture(scope="module")
def running(services: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from queue_server.settings import load

    environment = {
        **services.urls,
        "JWT_KEYS": "test:" + "0123456789abcdef" * 4,
        "ACCESS_TOKEN_MINUTES": "600",
        "DATA_DIR": str(tmp_path_factory.mktemp("fuzz")),
        "LOG_LEVEL": "ERROR",
        # Nobody answers there: what is paid online waits for ever.
        "PAYMENT_PROVIDER_URL": "http://127.0.0.1:9",
        "PAYMENT_API_KEY": "test-api-key",
        "PAYMENT_WEBHOOK_SECRET": "0123456789abcdef" * 4,
    }
    server = Running(load(environment))
    yield server
    server.stop()


def operations() -> list[APIOperation[Any, Any, Any, Any]]:
    ending = [endpoint for endpoint in ENDPOINTS if not endpoint.streams]
    schema = schemathesis.openapi.from_dict(msgspec.json.decode(msgspec.json.encode(document(ending))))
    results: list[Any] = list(schema.get_all_operations())
    found = [result.ok() for result in results]
    return sorted(found, key=lambda o: (any(word in o.path or word == o.method for word in LAST), o.path))


OPERATIONS = operations()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_no_request_makes_the_server_fail_or_say_what_is_not_described(
    running: Running, operation: APIOperation[Any, Any, Any, Any]
) -> None:
    world, names = running.world, [p.name for p in operation.path_parameters]
    public = operation.definition.raw["security"] == []
    # What is one's own is a patient's, everything else may be a platform admin's.
    account = world.patient if operation.path.startswith("/api/me") else world.accounts[Role.PLATFORM_ADMIN]
    assert account is not None
    token = world.tokens.issue_access(account, now=datetime.now(UTC), lifetime=timedelta(hours=5))
    auth = {} if public else {"Authorization": f"Bearer {token}"}
    good = [_real(world, names, index) for index in range(6)] if names else [None]
    headers = {"X-Tenant-Id": str(world.clinic.tenant)}
    wild = [operation.as_strategy(mode) for mode in GenerationMode]
    real = [
        operation.as_strategy(mode, path_parameters=ids, headers=headers)
        for ids in good
        for mode in GenerationMode
        if _can_be(operation, mode, ids)
    ]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*real, *wild))
    def fuzz(case: Case[Any]) -> None:
        case.call_and_validate(base_url=running.url, headers=auth, checks=CHECKS, timeout=60)

    fuzz()


def _can_be(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, ids: object) -> bool:
    """Whether there is anything left to make wrong once ids and tenant are right."""
    return mode is GenerationMode.POSITIVE or bool(operation.body) or bool(operation.query) or ids is None


def _real(world: World, names: list[str], index: int) -> dict[str, str]:
    """Ids that exist, so that not every request ends at the first look-up."""
    entry = world.entries[index]
    token, _ = world.graph.links.make(world.clinic.tenant, entry, world.doctor, generation=0)
    known = {
        "appointmentId": str(entry),
        "patientId": str(world.patients[index]),
        "doctorId": str(world.clinic.doctors[index % 2]),
        "clinicId": str(world.clinic.id),
        "tenantId": str(world.clinic.tenant),
        "accountId": str(world.accounts[Role.RECEPTIONIST].id),
        "token": token,
        "stage": "profile",
        "provider": "provider",
        "feedToken": world.feed_token,
        "kind": "booked",
        "language": "en",
        "channel": "sms",
        "templateName": "default",
    } | {name: str(one) for name, one in world.ids.items()}
    return {name: known[name] for name in names}
