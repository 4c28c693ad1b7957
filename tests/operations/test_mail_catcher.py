"""The demo's mail: kept, listed on a page, delivered to nobody."""

import asyncio

import httpx

from queue_server.operations.mail_catcher import LONGEST_LINE, MailCatcher, catching


async def speak(catcher: MailCatcher, *lines: bytes) -> bytes:
    """Say something to the mail server, and return all that it answers until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", catcher.smtp_port)
    writer.write(b"\r\n".join(lines) + b"\r\n")
    writer.write_eof()
    said = await reader.read()
    writer.close()
    return said


async def test_what_is_sent_is_on_the_page_and_nothing_of_it_is_markup() -> None:
    async with (
        catching() as catcher,
        httpx.AsyncClient(base_url=catcher.page_url, trust_env=False, timeout=60) as browser,
    ):
        assert "Nothing yet" in (await browser.get("/")).text
        said = await speak(
            catcher,
            b"EHLO me",
            b"MAIL FROM:<a@example.org>",
            b"RCPT TO:<b@example.org>",
            b"DATA",
            b"Subject: <script>alert(1)</script>",
            b"",
            b"Hello",
            b"..and a dot",
            b".",
            b"QUIT",
        )
        assert said.endswith(b"250 kept\r\n221 goodbye\r\n")
        page = await browser.get("/")
        assert "&lt;script&gt;" in page.text
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        (mail,) = (await browser.get("/messages.json")).json()
        assert (mail["to"], mail["text"].split()) == ("b@example.org", ["Hello", ".and", "a", "dot"])
        assert (await browser.get("/other")).status_code == 404
        assert (await browser.post("/")).status_code == 404


async def test_whoever_does_not_speak_as_they_should_disturbs_nobody() -> None:
    async with catching() as catcher:
        for words in (b"x" * (2 * LONGEST_LINE), b"DATA", b"\xff\xfe", b"MAIL FROM:<a@b.c>", b""):
            await speak(catcher, words)
        assert b"221" in await speak(catcher, b"NOOP", b"QUIT")
        assert list(catcher.mails) == []


async def test_its_page_goes_elsewhere_when_the_port_is_taken() -> None:
    async with catching() as first, catching(page_port=first.page_port) as second:
        assert first.page_port != second.page_port
        async with httpx.AsyncClient(trust_env=False) as browser:
            assert (await browser.get(second.page_url)).status_code == 200
