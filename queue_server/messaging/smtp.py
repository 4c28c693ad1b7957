"""E-mail over SMTP (RFC 5321), one connection a message, and text messages through a gateway that takes e-mail."""

import asyncio
import ipaddress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import localtime
from urllib.parse import unquote, urlsplit

import aiosmtplib

from queue_server.messaging import Letter, MessageDelayed, MessageRefused, RecipientBusy

ANSWER_SECONDS = 10.0
"""How long the server may take for one answer."""
WHOLE_SECONDS = 30.0
LONGEST_HEADER = 990


class SmtpTransport:
    """Sends letters through one mail server.

    `url` is `smtp://` (encrypted by STARTTLS where the server offers it) or `smtps://` (encrypted from the start), with
    user and password if the server wants them: then nothing is sent unencrypted, but to this machine. `sender` is the
    From header, one address: `Clinic <clinic@example.org>`.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._encrypted = parts.scheme == "smtps"
        self._sender = _address(sender)

    async def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server; raises `MessageRefused` or `MessageDelayed`."""
        try:
            message = self._message(letter)
        except ValueError:
            raise MessageRefused("the message cannot be written as mail") from None
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await aiosmtplib.send(
                    message,
                    hostname=self._host,
                    port=self._port,
                    username=self._user,
                    password=self._password,
                    use_tls=self._encrypted,
                    start_tls=self._start_tls(),
                    local_hostname=self._sender.domain,
                    timeout=ANSWER_SECONDS,
                )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _told(error) from error

    def _start_tls(self) -> bool | None:
        if self._encrypted:
            return False
        return True if self._user is not None and not _is_here(self._host) else None

    def _message(self, letter: Letter) -> EmailMessage:
        # Letters beyond ASCII before the @ need a server that takes them (RFC 6531); most addresses have none.
        message = EmailMessage(policy=SMTP if letter.to.isascii() else SMTPUTF8)
        message["Message-ID"] = f"<{letter.id}@{self._sender.domain}>"
        message["Date"] = localtime()
        message["From"] = self._sender
        message["To"] = _recipient(letter.to)
        message["Subject"] = letter.subject
        # No out-of-office replies, please (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe is not None:
            # For mail programs: what to show (RFC 2369), and that one POST without a page is enough (RFC 8058).
            message["List-Unsubscribe"] = _Unfolded("List-Unsubscribe", f"<{letter.unsubscribe}>")
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text, cte="quoted-printable")
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = letter.language
        return message


class _Unfolded(str):
    """A header in one line: an address that is longer than one must not be written as an encoded word, as the library
    would, for what reads it takes it as it stands. Lines may have 998 octets (RFC 5322, 2.1.1)."""

    name: str

    def __new__(cls, name: str, value: str) -> "_Unfolded":
        """Return the header; raises `ValueError` for what would be more than one."""
        if not value.isascii() or not value.isprintable() or len(name) + len(value) > LONGEST_HEADER:
            raise ValueError("not one line of a header")
        made = super().__new__(cls, value)
        made.name = name
        return made

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the whole header, as `email.policy` asks headers to."""
        return f"{self.name}: {self}{policy.linesep}"


class SmsByMail:
    """Sends the text of letters to phones, through a gateway that takes mail to `number@domain`."""

    def __init__(self, transport: SmtpTransport, domain: str) -> None:
        self._transport = transport
        self._domain = domain

    async def send(self, letter: Letter) -> None:
        """Hand the text to the gateway; raises `MessageRefused` or `MessageDelayed`."""
        await self._transport.send(
            Letter(
                id=letter.id,
                to=f"{letter.to.removeprefix('+')}@{self._domain}",
                language=letter.language,
                subject="",
                text=letter.text,
            )
        )


def _address(sender: str) -> Address:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    (found,) = message["From"].addresses
    assert isinstance(found, Address)
    return found


def _recipient(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    try:
        return Address(username=local, domain=domain if domain.isascii() else domain.encode("idna").decode())
    except (ValueError, IndexError):
        raise MessageRefused("the address cannot be written to") from None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _told(error: Exception) -> MessageRefused | MessageDelayed:
    """Return what an error means. A server's own words may name the recipient, so its number has to do."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        worst = max(codes, default=450)
        told = MessageRefused if worst >= 500 else RecipientBusy
        return told(f"the recipient was refused ({worst})")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        # Not the message's fault, and mended without it.
        return MessageDelayed(f"the mail server does not let us in ({error.code})")
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        # Neither is what our settings call us.
        return MessageDelayed(f"the sender was refused ({error.code})")
    if isinstance(error, aiosmtplib.SMTPResponseException) and not isinstance(error, aiosmtplib.SMTPConnectError):
        return _by_code(error.code, type(error).__name__)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return MessageRefused("the mail server cannot do what the message needs")
    return MessageDelayed(f"the mail server cannot be reached ({type(error).__name__})")


def _by_code(code: int, what: str) -> MessageRefused | MessageDelayed:
    return MessageRefused(f"{what} ({code})") if code >= 500 else MessageDelayed(f"{what} ({code})")
