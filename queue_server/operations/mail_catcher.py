"""A mail server that delivers to nobody: it keeps what it is given, and a page lists it with all else its log is given.

For the demo and for tests. It speaks as much of SMTP (RFC 5321) as our mail needs, on this machine only.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import parse_qs

import msgspec

from queue_server.operations.message_simulator.log import MessageLog, Sent
from queue_server.operations.message_simulator.page import HEADERS, page

HOST = "127.0.0.1"
MOST_KEPT = 200
LONGEST_LINE = 4_096
LARGEST_MAIL = 1_000_000
SILENCE_SECONDS = 60.0
MOST_COMMANDS = 1_000
"""In one conversation."""

_ANSWER = (
    "HTTP/1.1 {status}\r\nContent-Type: {media}; charset=utf-8\r\nContent-Length: {size}\r\nConnection: close\r\n"
    + "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    + "\r\n"
)

_ENDS = (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)
"""How a client that does not speak as it should, or no longer, shows."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that came in."""

    sender: str
    to: tuple[str, ...]
    """Whom the conversation named, whatever the headers say."""
    received_at: datetime
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        found = message_from_bytes(self.raw, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """What it says, as plain text."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""


Verdict = Callable[[str], str | None]
"""Given a recipient, the line that refuses them (`550 …`, `451 …`), or None to take the mail."""


class MailCatcher:
    """Keeps the latest mails; see `catching`."""

    def __init__(self, *, verdict: Verdict = lambda _: None, log: MessageLog | None = None) -> None:
        self.verdict = verdict
        self.log = log or MessageLog()
        self.mails: deque[Mail] = deque(maxlen=MOST_KEPT)
        self.smtp_port = 0
        self.page_port = 0
        self._arrived = asyncio.Condition()

    @property
    def smtp_url(self) -> str:
        """Where it takes mail."""
        return f"smtp://{HOST}:{self.smtp_port}"

    @property
    def page_url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.page_port}/"

    async def wait_for(self, count: int) -> list[Mail]:
        """Wait until so many mails have come in altogether, and return those that are kept."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.mails) >= count)
        return list(self.mails)

    # ---- SMTP -------------------------------------------------------------------------------------------------------

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation with a client."""
        with suppress(*_ENDS):
            await _say(writer, "220 demo mail catcher")
            sender, to = "", list[str]()
            for _ in range(MOST_COMMANDS):
                line = (await _line(reader)).decode("utf-8", "replace").strip()
                verb, rest = line[:4].upper(), line[4:].strip()
                match verb:
                    case "EHLO":
                        await _say(writer, "250-demo", "250-8BITMIME", "250-SMTPUTF8", f"250 SIZE {LARGEST_MAIL}")
                    case "MAIL":
                        sender, to = _address(rest), []
                        await _say(writer, "250 go on")
                    case "RCPT":
                        refused = self.verdict(_address(rest))
                        if refused is None:
                            to.append(_address(rest))
                        await _say(writer, refused or "250 go on")
                    case "DATA" if to:
                        await _say(writer, "354 end with a dot")
                        await self._keep(sender, to, await _content(reader))
                        await _say(writer, "250 kept")
                        sender, to = "", []
                    case "DATA":
                        await _say(writer, "503 to whom?")
                    case "HELO" | "RSET" | "NOOP":
                        await _say(writer, "250 well")
                    case "QUIT":
                        await _say(writer, "221 goodbye")
                        break
                    case _:
                        await _say(writer, "502 not here")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _keep(self, sender: str, to: list[str], raw: bytes) -> None:
        mail = Mail(sender=sender, to=tuple(to), received_at=datetime.now(UTC), raw=raw)
        async with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()
        await self.log.add(_told(mail))

    # ---- the page ---------------------------------------------------------------------------------------------------

    async def show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request of a browser: the page, or all mails as JSON at `/messages.json`."""
        with suppress(*_ENDS):
            method, target, *_ = [*(await _line(reader)).decode("latin-1").split(), "", ""]
            path, _, query = target.partition("?")
            if method != "GET" or path not in ("/", "/messages.json"):
                status, media, body = "404 Not Found", "text/plain", b"There is nothing here.\n"
            elif path == "/":
                shown = page(self.log.messages, channel=parse_qs(query).get("channel", [""])[0])
                status, media, body = "200 OK", "text/html", shown.encode()
            else:
                status, media, body = "200 OK", "application/json", self.log.as_json()
            writer.write(_ANSWER.format(status=status, media=media, size=len(body)).encode() + body)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def catching(
    *, page_port: int = 0, verdict: Verdict = lambda _: None, log: MessageLog | None = None
) -> AsyncIterator[MailCatcher]:
    """Run a catcher: on a free port for mail, and the page of its log on `page_port`, or on a free one if that is
    taken. Others may write to `log` as well."""
    catcher = MailCatcher(verdict=verdict, log=log)
    smtp = await asyncio.start_server(catcher.converse, HOST, 0, limit=LONGEST_LINE)
    page = await _served(catcher.show, page_port)
    catcher.smtp_port, catcher.page_port = (server.sockets[0].getsockname()[1] for server in (smtp, page))
    try:
        yield catcher
    finally:
        for server in (smtp, page):
            server.close()


async def _served(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], port: int
) -> asyncio.Server:
    try:
        return await asyncio.start_server(answer, HOST, port, limit=LONGEST_LINE)
    except (OSError, OverflowError):
        return await asyncio.start_server(answer, HOST, 0, limit=LONGEST_LINE)


async def _line(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(SILENCE_SECONDS):
        return await reader.readuntil(b"\n")


async def _content(reader: asyncio.StreamReader) -> bytes:
    """Read a mail up to the line that ends it; raises `ValueError` for one that is too large."""
    lines, size = [], 0
    while (line := await _line(reader)) != b".\r\n":
        size += len(line)
        if size > LARGEST_MAIL:
            raise ValueError("too large")
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())
    await writer.drain()


def _address(given: str) -> str:
    """Return what stands between angle brackets."""
    return given.partition("<")[2].partition(">")[0]


def _told(mail: Mail) -> Sent:
    message = mail.message
    return Sent(
        channel="email",
        to=", ".join(mail.to),
        sender=str(message["From"] or mail.sender),
        subject=str(message["Subject"] or ""),
        text=mail.text,
        language=str(message["Content-Language"] or "") or None,
        reference=str(message["Message-ID"] or ""),
        at=mail.received_at,
    )
