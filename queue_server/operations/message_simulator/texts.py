"""Texts and WhatsApp messages, taken as Twilio takes them: by form, once for each idempotency token."""

import base64
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from queue_server.messaging.http_provider import IDEMPOTENCY, WHATSAPP
from queue_server.operations.message_simulator.faults import Faults, read_body
from queue_server.operations.message_simulator.log import MessageLog, Sent

MOST_TOKENS = 10_000
LONGEST_TEXT = 1_600
NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
"""What is said of numbers that exist for this alone, at the real provider, too."""


class Texts:
    """The provider's interface for one account."""

    def __init__(self, log: MessageLog, faults: Faults, *, account: str, token: str) -> None:
        self._log = log
        self._faults = faults
        self._account = account
        self._expected = b"Basic " + base64.b64encode(f"{account}:{token}".encode())
        self._by_token: dict[str, str] = {}
        self.numbers = dict(NUMBERS)
        """Codes that messages to a number are refused with."""
        self.is_on_whatsapp: Callable[[str], bool] = lambda _: True
        """Whether a number takes WhatsApp messages."""
        self.copies = 0
        """How many messages came in again, and went nowhere."""

    def forget(self) -> None:
        """Know no token."""
        self._by_token.clear()
        self.copies = 0

    async def create(self, request: Request) -> Response:
        """Answer a request that sends a message."""
        if (failed := await self._faults.before()) is not None:
            return failed
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
            return _refusal(401, 20003, "Authenticate")
        if request.path_params["account"] != self._account:
            return _refusal(404, 20404, "The requested resource was not found")
        form = {
            name: values[0] for name, values in parse_qs((await read_body(request)).decode("utf-8", "replace")).items()
        }
        times = 2 if self._faults.happens(self._faults.modes.repeated) else 1
        answers = [await self._take(form, request.headers.get(IDEMPOTENCY)) for _ in range(times)]
        return answers[-1] if answers[-1].status_code != 201 else self._faults.instead_of(answers[-1])

    async def _take(self, form: dict[str, str], token: str | None) -> Response:
        to, text = form.get("To", ""), form.get("Body", "")
        channel = "whatsapp" if to.startswith(WHATSAPP) else "sms"
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        if not sender or sender.startswith(WHATSAPP) != (channel == "whatsapp"):
            return _refusal(400, 21603, "A 'From' of the same channel is required")
        number = to.removeprefix(WHATSAPP)
        if not number.startswith("+") or not number[1:].isdecimal():
            return _refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if not text or len(text) > LONGEST_TEXT:
            return _refusal(400, 21617 if text else 21602, "The message body is missing or too long")
        code = self.numbers.get(number)
        if channel == "whatsapp" and not self.is_on_whatsapp(number):
            code = 63003
        if code is None and self._faults.happens(self._faults.modes.refused):
            code = 21610
        if code is not None:
            return _refusal(400, code, f"Nothing can be sent to {to}")
        if token is not None and (known := self._by_token.get(token)) is not None:
            self.copies += 1
            return _taken(known)
        reference = f"SM{secrets.token_hex(16)}"
        if token is not None:
            self._by_token[token] = reference
            if len(self._by_token) > MOST_TOKENS:
                del self._by_token[next(iter(self._by_token))]
        await self._log.add(Sent(channel=channel, to=number, sender=sender, text=text, reference=reference))
        return _taken(reference)


def _taken(reference: str) -> Response:
    return JSONResponse({"sid": reference, "status": "queued", "error_code": None}, 201)


def _refusal(status: int, code: int, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "status": status}, status)
