"""Texts and WhatsApp messages through a provider that speaks as Twilio does.

    POST {url}/2010-04-01/Accounts/{account}/Messages.json    To, From (or MessagingServiceSid), Body … as a form
    Authorization: Basic account:token                        I-Twilio-Idempotency-Token: see `token`

Sent again under the same token a message is the same message, so whatever leaves open whether it was taken – no answer,
half of one, one that makes no sense – is tried again. A refusal is final unless it says something of our account, our
sender or the moment: those are no message's fault, and mended without it.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid5

import httpx
import msgspec

from queue_server.messaging import Letter, MessageDelayed, MessageNotSent, MessageRefused
from queue_server.messaging.answers import read_bounded, retry_after
from queue_server.messaging.delivery_notices import address
from queue_server.settings.messages import TextSettings

ANSWER_SECONDS = 10.0
WHOLE_SECONDS = 25.0
IDEMPOTENCY = "I-Twilio-Idempotency-Token"
WHATSAPP = "whatsapp:"
SHORTEST_VALIDITY, LONGEST_VALIDITY = 1, 36_000
"""Seconds that a text may be told to be good for."""

_PASSING = frozenset({401, 403, 404, 408, 425, 429})
"""Statuses that are no message's fault: our key, our account, our address of it, their load."""
_FINAL_CODES = {
    21211: "there is no such number",
    21217: "there is no such number",
    21265: "the number is a short code",
    21268: "the number is a premium number",
    21408: "nothing may be sent to that country",
    21610: "the recipient has opted out",
    21612: "the number cannot be reached from ours",
    21614: "the number takes no texts",
    21617: "the text is too long",
    21635: "the number is a landline",
    60410: "the number is blocked",
    63003: "the recipient is not on the channel",
    63016: "only templates may be sent to this recipient now",
    63024: "there is no such recipient",
    63033: "the recipient has blocked us",
}
"""What the provider says of a recipient or a text, whatever the status."""
_PASSING_CODES = frozenset(
    {
        14107, 20003, 20005, 20429, 21212, 21603, 21606, 21611, 21659, 21660, 21703,
        30001, 30002, 30022, 63018, 63038,
    }
)  # fmt: skip
"""What it says of our account, our sender, or how much there is to do."""
_FAILED = frozenset({"failed", "undelivered", "canceled"})
_REFERENCE = re.compile(r"[!-~]{1,200}")


class _Answer(msgspec.Struct, frozen=True):
    """Of an accepted message its name and how it stands; of a refusal a code."""

    sid: str | None = None
    status: str | int | None = None
    error_code: int | None = None
    code: int | None = None


def text_client() -> httpx.AsyncClient:
    """Return a client fit for a provider: short deadlines, few connections, no redirects, no proxy."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=3.0),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=4),
        follow_redirects=False,
        trust_env=False,
    )


class HttpTransport:
    """Sends the text of letters to phones; with `prefix` to whatever else of theirs the provider reaches."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: TextSettings,
        sender: str,
        *,
        prefix: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._http = http
        self._url = f"{settings.url}/2010-04-01/Accounts/{quote(settings.account, safe='')}/Messages.json"
        self._auth = httpx.BasicAuth(settings.account, settings.token)
        self._callback = settings.callback
        self._sender = sender
        self._prefix = prefix
        self._now = now

    async def send(self, letter: Letter) -> str:
        """Hand the text to the provider and return its name for it; raises `MessageRefused` or `MessageDelayed`."""
        # Uncompressed, or little that comes in could be much that comes out.
        headers = {IDEMPOTENCY: token(letter), "Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(WHOLE_SECONDS),
                self._http.stream(
                    "POST", self._url, data=self._form(letter), headers=headers, auth=self._auth
                ) as answer,
            ):
                raw = await read_bounded(answer.aiter_raw())
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # Not chained: what it was about has the number in it.
            raise MessageDelayed(f"the provider does not answer ({type(error).__name__})") from None
        return self._told(answer, raw)

    def _form(self, letter: Letter) -> dict[str, str]:
        form = {"To": self._prefix + letter.to, "Body": letter.text}
        form["MessagingServiceSid" if self._sender.startswith("MG") else "From"] = self._prefix + self._sender
        if self._callback is not None:
            whose = letter.tenant
            form["StatusCallback"] = address(self._callback, whose, letter.id) if whose is not None else self._callback
        if letter.lifetime is not None and not self._prefix:
            seconds = int(letter.lifetime / timedelta(seconds=1))
            form["ValidityPeriod"] = str(min(LONGEST_VALIDITY, max(SHORTEST_VALIDITY, seconds)))
        return form

    def _told(self, answer: httpx.Response, raw: bytes) -> str:
        """Return the provider's name for the message, or raise what its answer means. Its own words may name the
        recipient, so numbers have to do."""
        status, wait = answer.status_code, retry_after(answer.headers.get("Retry-After"), self._now())
        try:
            said = msgspec.json.decode(raw, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = _Answer()
        if not httpx.codes.is_success(status):
            raise _refusal(status, said.code, wait)
        if said.status in _FAILED:
            raise _refusal(400, said.error_code, wait)
        if said.sid is None or not _REFERENCE.fullmatch(said.sid):
            raise MessageDelayed(f"the provider's answer makes no sense ({status})", wait)
        return said.sid


def token(letter: Letter) -> str:
    """Return what a letter is the same message under: its id, and another one when the provider took it before and
    could not deliver it; under its own nothing would be sent."""
    return str(letter.id if letter.undelivered is None else uuid5(letter.id, letter.undelivered))


def _refusal(status: int, code: int | None, wait: timedelta | None) -> MessageNotSent:
    if code is not None and (final := _FINAL_CODES.get(code)) is not None:
        return MessageRefused(f"{final} ({code})")
    number = status if code is None else code
    if code in _PASSING_CODES or status in _PASSING or not httpx.codes.is_client_error(status):
        return MessageDelayed(f"the provider does not take it now ({number})", wait)
    return MessageRefused(f"the provider has refused it ({number})")
