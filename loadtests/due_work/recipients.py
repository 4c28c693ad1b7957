"""Those who take messages: a mail server and a provider of texts, on this machine, who note what they are given when.

Both are as bad as real ones: now and then they take nothing for once, take a message and hang up without a word, and
there are addresses that they refuse for good or for ever put off.
"""

import asyncio
import base64
import binascii
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from random import Random
from urllib.parse import parse_qs

import msgspec

from loadtests.due_work.judging import Effect
from queue_server.messaging.http_provider import IDEMPOTENCY
from queue_server.operations.mail_catcher import MailCatcher, catching

MAIL, TEXT, NOTICE = "mail", "text", "notice"
NOTICED = "noticed"
"""How addresses begin of those who are told what happened to them: a notice first, which becomes a message."""
REFUSED, BUSY = "refused", "busy"
"""How addresses begin that never take anything: said so at once, or put off each time."""
REFUSED_PHONE = "+4420000"
"""How numbers begin of which there are none."""
FLAKY = 0.05
SLOW = 0.2
"""Seconds that the provider takes at most between taking a message and saying so: whoever asked may be dead by then."""
ACCOUNT, TOKEN, SENDER = "loadtest", "0123456789abcdef", "+15005550006"


class Received(msgspec.Struct, frozen=True):
    """A message that was handed over."""

    kind: str
    id: str
    """By which a provider knows a message that comes again."""
    to: str
    at: datetime


class Recipients:
    """What was handed over to whom, in the order in which it came."""

    def __init__(self, catcher: MailCatcher, received: list[Received], url: str) -> None:
        self._catcher = catcher
        self._received = received
        self._url = url

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings by which a house sends through these."""
        return {
            "SMTP_URL": self._catcher.smtp_url,
            "MAIL_FROM": "Riverside Clinic <clinic@riverside.example>",
            "SMS_PROVIDER_URL": self._url,
            "SMS_PROVIDER_ACCOUNT": ACCOUNT,
            "SMS_PROVIDER_TOKEN": TOKEN,
            "SMS_PROVIDER_FROM": SENDER,
            "EMAIL_MESSAGES_PER_MINUTE": "1000000",
            "SMS_MESSAGES_PER_MINUTE": "1000000",
        }

    @property
    def received(self) -> list[Received]:
        """Return everything that was handed over."""
        mails = [
            Received(
                NOTICE if mail.to[0].startswith(NOTICED) else MAIL,
                str(mail.message["Message-ID"]),
                mail.to[0],
                mail.received_at,
            )
            for mail in self._catcher.mails
        ]
        return [*mails, *self._received]


def deliveries(received: list[Received]) -> tuple[list[Effect], int]:
    """Return what people were told, and how many messages came again: a provider tells nobody twice of one message."""
    first: dict[tuple[str, str], Received] = {}
    for one in sorted(received, key=lambda one: one.at):
        first.setdefault((one.kind, one.id), one)
    return [Effect(one.kind, one.to, one.at) for one in first.values()], len(received) - len(first)


@asynccontextmanager
async def recipients(seed: int) -> AsyncIterator[Recipients]:
    """Run both until the block ends."""
    chance, tried = Random(seed), set[str]()

    def is_bad(who: str) -> bool:
        """Whether something goes wrong for once: each recipient's first time only."""
        first = who not in tried
        tried.add(who)
        return first and chance.random() < FLAKY

    def verdict(address: str) -> str | None:
        if address.startswith(REFUSED):
            return "550 no such person"
        return "450 later" if address.startswith(BUSY) or is_bad(address) else None

    received: list[Received] = []
    async with catching(verdict=verdict) as catcher:
        catcher.mails = deque()  # all of them: it is in nobody's way here
        provider = await asyncio.start_server(_Provider(received, is_bad, chance).converse, "127.0.0.1", 0)
        port = provider.sockets[0].getsockname()[1]
        try:
            yield Recipients(catcher, received, f"http://127.0.0.1:{port}")
        finally:
            provider.close()


class _Provider:
    """As much of an HTTP server as one client needs."""

    def __init__(self, received: list[Received], is_bad: Callable[[str], bool], chance: Random) -> None:
        self._received = received
        self._is_bad = is_bad
        self._chance = chance

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            while (answer := await self._answer(reader)) is not None:
                status, body = answer
                head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
        """Return the answer to the next request, None to hang up."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        form = parse_qs((await reader.readexactly(int(fields.get("content-length", 0)))).decode())
        if not _is_let_in(fields.get("authorization", "")):
            return "401 Unauthorized", b'{"code":20003}'
        to, token = form["To"][0], fields[IDEMPOTENCY.lower()]
        if to.startswith(REFUSED_PHONE):
            return "400 Bad Request", b'{"code":21211,"status":400}'
        self._received.append(Received(TEXT, token, to, datetime.now(UTC)))
        if self._is_bad(to):
            return None  # taken, and nobody knows
        await asyncio.sleep(self._chance.uniform(0, SLOW))
        return "201 Created", msgspec.json.encode({"sid": f"SM{token.replace('-', '')}", "status": "queued"})


def _is_let_in(given: str) -> bool:
    with suppress(binascii.Error):
        return base64.b64decode(given.removeprefix("Basic ")) == f"{ACCOUNT}:{TOKEN}".encode()
    return False
