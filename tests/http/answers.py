"""What tests expect of answers."""

from typing import Any

import httpx


def problem(response: httpx.Response) -> dict[str, Any]:
    """Return the problem document of a response, after checking what all of them have in common."""
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    assert found["code"]
    assert found["title"]
    assert found["type"].endswith(found["code"])
    return found
