"""Mail over real SMTP conversations: what arrives, and what each refusal of a server means."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from queue_server.messaging import Letter, MessageDelayed, MessageNotSent, MessageRefused
from queue_server.messaging.smtp import SmsByMail, SmtpTransport
from queue_server.operations.mail_catcher import MailCatcher, catching

SENDER = "Riverside Clinic <clinic@riverside.example>"
ID = UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01")


def letter(to: str = "asha@example.org", **more: Any) -> Letter:
    fields: dict[str, Any] = {
        "language": "ar",
        "subject": "042917 هو رمزك",
        "text": "رمزك\n.\n..042917\n",
        "html": "<p>رمزك</p>",
        **more,
    }
    return Letter(id=ID, to=to, **fields)


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    """A mail server that keeps what it is given."""
    async with catching() as running:
        yield running


async def test_a_letter_arrives_in_both_forms_under_its_own_id(catcher: MailCatcher) -> None:
    await SmtpTransport(catcher.smtp_url, SENDER).send(letter())
    (mail,) = await catcher.wait_for(1)
    message = mail.message
    assert (mail.sender, mail.to) == ("clinic@riverside.example", ("asha@example.org",))
    assert message["Message-ID"] == f"<{ID}@riverside.example>"
    assert (message["From"], message["To"]) == (SENDER, "asha@example.org")
    assert (message["Subject"], message["Content-Language"]) == ("042917 هو رمزك", "ar")
    assert message["Auto-Submitted"] == "auto-generated"
    assert mail.text.splitlines() == ["رمزك", ".", "..042917"]
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>رمزك</p>"


async def test_sent_again_it_is_the_same_message(catcher: MailCatcher) -> None:
    transport = SmtpTransport(catcher.smtp_url, SENDER)
    await transport.send(letter())
    await transport.send(letter())
    first, again = await catcher.wait_for(2)
    assert first.message["Message-ID"] == again.message["Message-ID"]


@pytest.mark.parametrize(
    ("address", "arrives"),
    [("josé@example.org", "josé@example.org"), ("asha@bücher.example", "asha@xn--bcher-kva.example")],
)
async def test_letters_beyond_ascii_arrive(catcher: MailCatcher, address: str, arrives: str) -> None:
    await SmtpTransport(catcher.smtp_url, SENDER).send(letter(address))
    (mail,) = await catcher.wait_for(1)
    assert mail.to == (arrives,)


async def test_a_text_goes_to_the_gateway_as_text_alone(catcher: MailCatcher) -> None:
    gateway = SmsByMail(SmtpTransport(catcher.smtp_url, SENDER), "sms.example.org")
    await gateway.send(letter("+442079460123"))
    (mail,) = await catcher.wait_for(1)
    assert mail.to == ("442079460123@sms.example.org",)
    assert not mail.message.is_multipart()
    assert "042917" in mail.text


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("550 no such person asha@example.org", MessageRefused),
        ("553 not here", MessageRefused),
        ("450 try later asha@example.org", MessageDelayed),
        ("452 full", MessageDelayed),
    ],
)
async def test_what_a_server_says_of_a_recipient(said: str, means: type[MessageNotSent]) -> None:
    async with catching(verdict=lambda _: said) as catcher:
        with pytest.raises(means) as told:
            await SmtpTransport(catcher.smtp_url, SENDER).send(letter())
        assert "asha" not in told.value.reason
        assert said[:3] in told.value.reason
        assert list(catcher.mails) == []


async def _scripted(lines: list[str]) -> tuple[asyncio.Server, str]:
    """Return a server that answers one line after the other, whatever is said, and then hangs up."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    return server, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "lines",
    [[], ["554 no service"], ["421 busy"], ["220 hello", "250 well"], ["220 hello", "nonsense"]],
)
async def test_a_server_that_is_not_well_is_asked_again(lines: list[str]) -> None:
    server, where = await _scripted(lines)
    with pytest.raises(MessageDelayed):
        await SmtpTransport(f"smtp://{where}", SENDER).send(letter())
    server.close()


async def test_whoever_is_not_let_in_tries_again_later() -> None:
    greeting = ["220 hello", "250-demo\r\n250 AUTH PLAIN LOGIN", "535 wrong", "535 wrong", "535 wrong"]
    server, where = await _scripted(greeting)
    with pytest.raises(MessageDelayed) as told:
        await SmtpTransport(f"smtp://user:p%40ss@{where}", SENDER).send(letter())
    assert "p@ss" not in told.value.reason
    server.close()


async def test_a_sender_that_the_server_does_not_take_is_not_the_messages_fault() -> None:
    server, where = await _scripted(["220 hello", "250 well", "553 no such sender", "250 forgotten"])
    with pytest.raises(MessageDelayed, match="sender was refused"):
        await SmtpTransport(f"smtp://{where}", SENDER).send(letter())
    server.close()


async def test_nobody_is_at_home() -> None:
    server, where = await _scripted([])
    server.close()
    await server.wait_closed()
    with pytest.raises(MessageDelayed):
        await SmtpTransport(f"smtp://{where}", SENDER).send(letter())


async def test_a_password_is_never_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def send(*_: object, **options: object) -> None:
        asked.append((options["use_tls"], options["start_tls"]))

    monkeypatch.setattr("aiosmtplib.send", send)
    for url in (
        "smtp://u:p@mail.example.org",
        "smtp://mail.example.org",
        "smtps://u:p@mail.example.org",
        "smtp://u:p@127.0.0.1:2525",
    ):
        await SmtpTransport(url, SENDER).send(letter())
    assert asked == [(False, True), (False, None), (True, False), (False, None)]


async def test_no_line_of_a_letter_becomes_a_header(catcher: MailCatcher) -> None:
    with pytest.raises(MessageRefused):
        await SmtpTransport(catcher.smtp_url, SENDER).send(letter(subject="a\r\nBcc: all@example.org"))
    assert list(catcher.mails) == []
