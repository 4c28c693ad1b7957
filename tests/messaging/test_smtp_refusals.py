"""Mail to an independent SMTP server (aiosmtpd): each way in which it does not take a letter, and encryption."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from queue_server.messaging import Letter, MessageDelayed, MessageNotSent, MessageRefused, RecipientBusy
from queue_server.messaging.smtp import SmtpTransport

SENDER = "Riverside Clinic <clinic@riverside.example>"
RECIPIENT = "kept.away@example.org"
LETTER = Letter(
    id=UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e04"), to=RECIPIENT, language="en", subject="Your turn", text="Room 2"
)


class Postman:
    """Takes mail, or says the line that it is given instead: of a recipient, or of a letter that it has read."""

    def __init__(self, *, of_recipient: str = "250 OK", of_letter: str | None = "250 OK") -> None:
        self.of_recipient = of_recipient
        self.of_letter = of_letter
        self.letters: list[Envelope] = []

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any) -> str:
        """Answer a recipient."""
        if self.of_recipient.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.of_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer a letter, or hang up in the middle of it."""
        if self.of_letter is None:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(3600)
        if self.of_letter is not None and self.of_letter.startswith("250"):
            self.letters.append(envelope)
        return str(self.of_letter)


@asynccontextmanager
async def post_office(
    postman: Postman, *, encrypted: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[str]:
    """Run a mail server and yield where it is."""

    def made() -> SMTP:
        return SMTP(postman, hostname="post.example", **options)

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, ssl=encrypted)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("550 5.1.1 no kept.away@example.org here", MessageRefused),
        ("452 4.2.2 kept.away@example.org is full", RecipientBusy),
        ("451 4.7.1 greylisted, come back later", RecipientBusy),
    ],
)
async def test_what_is_said_of_a_recipient(said: str, means: type[MessageNotSent]) -> None:
    postman = Postman(of_recipient=said)
    async with post_office(postman) as where:
        with pytest.raises(means) as told:
            await SmtpTransport(f"smtp://{where}", SENDER).send(LETTER)
        assert type(told.value) is means
        assert "kept.away" not in told.value.reason
        postman.of_recipient = "250 OK"
        await SmtpTransport(f"smtp://{where}", SENDER).send(LETTER)
    assert [envelope.rcpt_tos for envelope in postman.letters] == [[RECIPIENT]]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("554 5.7.1 looks like spam", MessageRefused),
        ("451 4.3.0 our disk is full", MessageDelayed),
        (None, MessageDelayed),  # hangs up, so that nobody knows whether it was taken
    ],
)
async def test_what_is_said_of_a_letter(said: str | None, means: type[MessageNotSent]) -> None:
    async with post_office(Postman(of_letter=said)) as where:
        with pytest.raises(means) as told:
            await SmtpTransport(f"smtp://{where}", SENDER).send(LETTER)
    assert type(told.value) is means


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_a_user_that_the_server_does_not_know_is_no_letters_fault() -> None:
    def nobody(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    postman = Postman()
    async with post_office(postman, authenticator=nobody, auth_require_tls=False, auth_required=True) as where:
        with pytest.raises(MessageDelayed, match="does not let us in") as told:
            await SmtpTransport(f"smtp://clinic:s3cret-word@{where}", SENDER).send(LETTER)
        assert "s3cret" not in told.value.reason
        # Nor is it when the server wants a user and the settings name none.
        with pytest.raises(MessageDelayed):
            await SmtpTransport(f"smtp://{where}", SENDER).send(LETTER)
    assert postman.letters == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody else vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("post") / "post.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("how", ["smtp", "smtps"])
async def test_a_letter_is_encrypted_for_a_server_that_somebody_vouches_for_and_waits_for_any_other(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    postman = Postman()
    offered: dict[str, Any] = {"encrypted": context} if how == "smtps" else {"tls_context": context}
    async with post_office(postman, **offered) as where:
        send: Callable[[], Any] = lambda: SmtpTransport(f"{how}://{where}", SENDER).send(LETTER)  # noqa: E731
        with pytest.raises(MessageDelayed):
            await send()
        assert postman.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await send()
    assert len(postman.letters) == 1
