"""The page of what was sent: all channels together, readable, and nothing of it is markup."""

from uuid import uuid4

import httpx

from queue_server.messaging import Letter
from queue_server.messaging.smtp import SmtpTransport
from queue_server.operations.mail_catcher import catching
from queue_server.operations.message_simulator.log import MessageLog, Sent
from queue_server.operations.message_simulator.page import page
from queue_server.operations.message_simulator.run import running_messages

EVIL = "</p><script>alert(1)</script>"


async def test_mail_texts_and_pushes_are_in_one_list_on_both_pages() -> None:
    log = MessageLog()
    async with (
        catching(log=log) as catcher,
        running_messages(log=log) as provider,
        httpx.AsyncClient(trust_env=False, timeout=60) as browser,
    ):
        letter = Letter(id=uuid4(), to="b@example.org", language="ar", subject="رمزك", text="رمزك")
        await SmtpTransport(catcher.smtp_url, "clinic@riverside.example").send(letter)
        form = {"To": "whatsapp:+442079460995", "From": "whatsapp:+15005550007", "Body": "You are next"}
        address = f"{provider.url}/2010-04-01/Accounts/{provider.account}/Messages.json"
        sent = await browser.post(address, data=form, auth=(provider.account, provider.token))
        assert sent.status_code == 201
        subscribed = (await browser.post(f"{provider.url}/push")).json()
        assert subscribed["endpoint"].startswith(f"{provider.url}/push/")
        assert {"p256dh", "auth"} == set(subscribed["keys"])
        told = (await browser.get(f"{catcher.page_url}messages.json")).json()
        assert [(one["channel"], one["to"]) for one in told] == [
            ("email", "b@example.org"),
            ("whatsapp", "+442079460995"),
        ]
        assert told == (await browser.get(f"{provider.url}/messages.json")).json()
        shown = (await browser.get(f"{catcher.page_url}?channel=whatsapp")).text
        assert shown == (await browser.get(f"{provider.url}/?channel=whatsapp")).text
        assert "You are next" in shown
        assert "b@example.org" not in shown
        assert 'aria-current="page">WhatsApp' in shown


def test_nothing_that_was_sent_is_markup_and_addresses_can_be_followed() -> None:
    sent = Sent(
        channel="push",
        to=EVIL,
        subject=EVIL,
        text=f'{EVIL} see https://queue.example/invite/t?a=1&b="x", or not.',
        link="javascript:alert(1)",
        language=f'"{EVIL}',
    )
    shown = page([sent])
    assert "<script" not in shown
    assert '<a dir="ltr" href="https://queue.example/invite/t?a=1&amp;b=" target="_blank"' in shown
    assert 'href="javascript' not in shown
    assert "Nothing yet" in page([sent], channel="sms")
    assert "see https" not in page([sent], channel="sms")
