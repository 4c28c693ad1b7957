"""The document describes what is served."""

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from queue_server.http import docs_page, openapi
from queue_server.http.endpoint import Endpoint
from queue_server.http.routes import ENDPOINTS, http_routes


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(openapi.document(ENDPOINTS)))
    return found


def test_the_document_is_valid_by_the_metaschema_of_openapi_31(document: dict[str, Any]) -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    text = msgspec.json.encode(document).decode()
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', text)):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) == len(ENDPOINTS)


def test_every_route_answers_with_and_without_the_prefix() -> None:
    paths = {route.path for route in http_routes()}
    assert {"/api/appointments/track/{token}", "/appointments/track/{token}", "/health", "/api/health"} <= paths
    assert {p.removeprefix("/api") for p in paths} == {p for p in paths if not p.startswith("/api/")}


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.example is not None], ids=lambda e: e.path)
def test_examples_are_bodies_that_would_pass(endpoint: Endpoint) -> None:
    assert endpoint.body is not None
    msgspec.convert(endpoint.example, endpoint.body)


def test_the_page_shows_every_operation_and_takes_nothing_from_elsewhere(document: dict[str, Any]) -> None:
    page = docs_page.page(document).decode()
    seen = _Seen()
    seen.feed(page)
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert set(ids) <= seen.ids
    assert {f"problem-{code}" for code in document["components"]["examples"]} <= seen.ids
    assert len(seen.ids) == seen.count
    assert all(link.startswith(("/", "#")) for link in seen.links)
    assert "script" not in seen.tags


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.count = 0
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
                self.count += 1
            if name in ("href", "src") and value:
                self.links.append(value)
