"""Answers that go on until somebody leaves: server-sent events."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from queue_server.http.endpoint import Stream

SEND_SECONDS = 20.0
"""A client that has not read for so long is not there any more."""


class EventStream(Response):
    """Sends a stream piece by piece, and closes it whatever happens."""

    def __init__(self, stream: Stream, *, headers: Mapping[str, str], media_type: str) -> None:
        # Proxies that gather what they pass on would hold events back.
        super().__init__(headers={**headers, "X-Accel-Buffering": "no"}, media_type=media_type)
        del self.headers["content-length"]
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the stream ends or the client is gone."""
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while not gone.done() and (piece := await self._stream.next()) is not None:
                if piece:
                    await _send(send, piece, more=True)
            await _send(send, b"", more=False)
        except TimeoutError:
            return
        finally:
            gone.cancel()
            self._stream.close()


async def _send(send: Send, piece: bytes, *, more: bool) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": piece, "more_body": more})


async def _gone(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
