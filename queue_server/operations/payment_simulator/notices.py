"""How the simulated provider tells of what has happened: again until it is heard, and as badly as its modes say."""

import asyncio
import random
import secrets
import time
from typing import Any

import httpx
import msgspec

from queue_server.operations.payment_simulator.ledger import Event
from queue_server.operations.payment_simulator.modes import Modes
from queue_server.payments import signature

ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a notice that was not heard is sent again; doubles each time."""


class Notices:
    """Sends notices to `url`, which may be set later, signed with `secret`."""

    def __init__(self, http: httpx.AsyncClient, *, url: str, secret: bytes, modes: Modes) -> None:
        self._http = http
        self._secret = secret
        self._sending: set[asyncio.Task[None]] = set()
        self.url = url
        self.modes = modes
        self._chances = modes.chances()
        self.heard: list[int] = []
        """The status of each answer."""

    def tell(self, event: Event) -> None:
        """Send word of an event, in the background."""
        body = _body(event)
        if self._chances.random() < self.modes.forged:
            self._send(_changed(body, id=f"evt_{secrets.token_hex(12)}"), secret=secrets.token_bytes(32))
        if self._chances.random() < self.modes.lying:
            self._send(_lie(body, self._chances), secret=self._secret)
        for _ in range(self.modes.copies):
            self._send(body, secret=self._secret)

    def behave(self, modes: Modes) -> None:
        """Behave like this from now on."""
        self.modes, self._chances = modes, modes.chances()

    def loses_answer(self) -> bool:
        """Return whether an answer is lost this time."""
        return self._chances.random() < self.modes.lost_answers

    async def settled(self, seconds: float = 30.0) -> None:
        """Wait until everything that was to be sent was heard or given up; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while self._sending:
                await asyncio.wait(set(self._sending))

    async def stop(self) -> None:
        """Send nothing any more."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def _send(self, body: dict[str, Any], *, secret: bytes) -> None:
        wait = self._chances.uniform(0, self.modes.late_seconds)
        task = asyncio.create_task(self._deliver(msgspec.json.encode(body), secret, wait), name="notice")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, body: bytes, secret: bytes, wait: float) -> None:
        await asyncio.sleep(wait)
        for attempt in range(ATTEMPTS):
            if not await self._is_away(body, secret):
                return
            await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))

    async def _is_away(self, body: bytes, secret: bytes) -> bool:
        header = {signature.FIELD: signature.sign(secret, body, int(time.time())), "Content-Type": "application/json"}
        try:
            answer = await self._http.post(self.url, content=body, headers=header)
        except httpx.HTTPError:
            return True
        self.heard.append(answer.status_code)
        return answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code == 429


def _body(event: Event) -> dict[str, Any]:
    intent = event.intent
    return {
        "id": event.id,
        "type": event.type,
        "occurredAt": event.occurred_at,
        "intent": {
            "id": intent.id,
            "reference": intent.reference,
            "amount": intent.amount,
            "currency": intent.currency,
        },
    }


def _lie(body: dict[str, Any], chances: random.Random) -> dict[str, Any]:
    intent = body["intent"]
    other = "CHF" if intent["currency"] != "CHF" else "EUR"
    change = chances.choice(
        ({"amount": intent["amount"] // 100}, {"amount": intent["amount"] + 1}, {"currency": other})
    )
    return _changed(body, id=f"evt_{secrets.token_hex(12)}", type="payment.succeeded", intent=intent | change)


def _changed(body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return body | fields
