"""What a simulated provider does instead of answering well."""

import asyncio
import random

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from queue_server.operations.message_simulator.modes import Modes

LARGEST_BODY = 64_000


class Faults:
    """Decides what goes wrong. `behave` changes its modes."""

    def __init__(self, modes: Modes) -> None:
        self.modes = modes
        self._chances: random.Random = modes.chances()
        self.requests = 0
        """How often it was asked for something."""

    def behave(self, modes: Modes) -> None:
        """Behave like this from now on."""
        self.modes, self._chances = modes, modes.chances()

    def forget(self) -> None:
        """Behave well, as if nobody had asked for anything."""
        self.behave(Modes())
        self.requests = 0

    def happens(self, share: float) -> bool:
        """Return whether something with this share happens now."""
        return self._chances.random() < share

    async def before(self) -> Response | None:
        """Return the answer to a request that is not even looked at, or None when it is."""
        self.requests += 1
        if self.modes.slow_seconds:
            await asyncio.sleep(self.modes.slow_seconds)
        if self.happens(self.modes.limited):
            wait = {"Retry-After": str(self.modes.retry_after_seconds)}
            return JSONResponse({"code": 20429, "message": "Too Many Requests", "status": 429}, 429, headers=wait)
        if self.happens(self.modes.failing):
            return JSONResponse({"code": 20500, "message": "Internal Server Error", "status": 500}, 500)
        return None

    def instead_of(self, answer: Response) -> Response:
        """Return what comes back for a message that was taken: its answer, another, or half of one."""
        if self.happens(self.modes.dropped):
            return HalfAnAnswer()
        if self.happens(self.modes.nonsense):
            return PlainTextResponse("<html>It works!</html>", 200, media_type="text/html")
        return answer


class HalfAnAnswer(Response):
    """Begins well, and ends with the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send less than was promised; the server hangs up then."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"sid": "SM', "more_body": True})


async def read_body(request: Request) -> bytes:
    """Return the body of a request, nothing for one that is too large."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST_BODY:
            return b""
    return raw
