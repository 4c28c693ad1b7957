"""Plain HTTP/1.1 over one connection that is kept: for signing in, for setting up, and for phones that poll."""

import http.client
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from loadtests.locust_users.address import Address

TIMEOUT_SECONDS = 20.0
PATIENCE, LONGEST_WAIT_SECONDS = 30, 5.0
"""How often, and how long each time, `call` waits when the server's limits say so."""


class Refused(Exception):
    """The server's answer was no success; the message holds its status and code."""


class Answer(NamedTuple):
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Api:
    """The server's HTTP side, as one client."""

    def __init__(self, address: Address, source: str | None = None) -> None:
        made = http.client.HTTPSConnection if address.is_secure else http.client.HTTPConnection
        self._connection = made(
            address.host, address.port, timeout=TIMEOUT_SECONDS, source_address=(source, 0) if source else None
        )

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Return the answer, whatever it is; raises `OSError` or `HTTPException` when none comes."""
        content = msgspec.json.encode(body) if body is not None else None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for is_last in (False, True):
            try:
                self._connection.request(method, path, content, given)
                answer = self._connection.getresponse()
                return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
            except (http.client.HTTPException, OSError) as error:
                self._connection.close()
                # A connection that was kept too long ends at the moment it is used again; only then it is tried anew.
                if is_last or not isinstance(error, ConnectionError):
                    raise
        raise AssertionError("unreachable")

    def call(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Any:
        """Return `data` of a success, waiting when a limit says so; raises `Refused`, `OSError` or `HTTPException`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.request(method, path, body, **headers)
        for _ in range(PATIENCE):
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            time.sleep(min(float(answer.headers.get("retry-after", "1")), LONGEST_WAIT_SECONDS))
            answer = self.request(method, path, body, **headers)
        if answer.status >= 400:
            raise Refused(f"{method} {path.split('?')[0]}: {answer.status} {_code(answer.body)}")
        return msgspec.json.decode(answer.body)["data"] if answer.body else None

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Return what signing in answers: `accessToken`, `refreshToken`, `expiresIn` in seconds."""
        found: dict[str, Any] = self.call("POST", "/api/auth/login", {"email": email, "password": password})
        return found

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _code(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["code"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""
