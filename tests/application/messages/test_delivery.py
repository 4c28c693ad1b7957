"""A provider that takes a message and cannot deliver it: what it tells later sends the message another way, once."""

from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from queue_server.application.messages.delivery import UNDELIVERED_JOB, Delivery
from queue_server.messaging.delivery_notices import address, sign
from queue_server.settings.messages import TextSettings
from queue_server.store.messages import Channel
from scheduling_core.errors import InvalidSignature, MalformedRequest, NotFound
from tests.application.messages.teller import Teller, number
from tests.application.messages.teller import address as mail_address
from tests.application.messages.test_preferences import write_to

CALLBACK, TOKEN = "https://clinic.example/api/messages/delivery", "the-token-of-this-test"
TEXTS = TextSettings(
    url="https://sms.example",
    account="ACtest",
    token=TOKEN,
    sms_from="+15005550006",
    whatsapp_from=None,
    callback=CALLBACK,
)


async def told(
    teller: Teller, message: UUID, status: str, *, tenant: UUID | None = None, reference: str | None = None
) -> str:
    """Let the provider tell of a message, signed as it does."""
    whose = tenant or teller.clinic.tenant
    form = {"MessageSid": reference or f"ref-{message}", "MessageStatus": status, "ErrorCode": "30005"}
    signature = sign(TOKEN, address(CALLBACK, whose, message), list(form.items()))
    return await Delivery(teller.graph.db, TEXTS).hear(whose, message, urlencode(form).encode(), signature)


async def work(teller: Teller) -> None:
    """Do what was told, and what that leaves."""
    for job in await teller.jobs(UNDELIVERED_JOB):
        await teller.sending.undelivered(job)
    await teller.send()


async def test_what_could_not_be_delivered_goes_on_through_the_next_channel_once(teller: Teller) -> None:
    patient = await teller.patient("Bruno Sá", phone=number())
    await write_to(teller, patient)
    (letter,) = teller.told(Channel.WHATSAPP)
    assert letter.tenant == teller.clinic.tenant
    assert await told(teller, letter.id, "delivered") == "ignored"
    for _ in range(2):
        assert await told(teller, letter.id, "undelivered") == "noted"
        await work(teller)
    assert [(channel, state) for _, channel, state in await teller.messages()] == [
        ("whatsapp", "passed_on"),
        ("sms", "sent"),
    ]
    (text,) = teller.told(Channel.SMS)
    assert await told(teller, text.id, "failed") == "noted"
    await work(teller)
    (row,) = await teller.rows("SELECT state, last_error FROM message WHERE channel = 'sms'")
    assert (row["state"], row["last_error"]) == ("dead", "the provider could not deliver it (30005)")


async def test_what_is_told_of_another_message_or_by_nobody_changes_nothing(teller: Teller) -> None:
    patient = await teller.patient("Ana Sá", phone=number(), email=mail_address())
    await write_to(teller, patient)
    (mail,) = teller.told(Channel.EMAIL)
    # The right message under a name that the provider never gave it.
    assert await told(teller, mail.id, "failed", reference="ref-of-another") == "noted"
    await work(teller)
    assert [state for _, _, state in await teller.messages()] == ["sent"]
    for message, tenant in ((uuid4(), None), (mail.id, uuid4())):
        with pytest.raises(NotFound):
            await told(teller, message, "failed", tenant=tenant)
    hear = Delivery(teller.graph.db, TEXTS).hear
    with pytest.raises(InvalidSignature):
        await hear(teller.clinic.tenant, mail.id, b"MessageStatus=failed", "c2lnbmF0dXJl")
    for body in (b"\xff\xfe", b"&".join([b"a=b"] * 200)):
        with pytest.raises(MalformedRequest):
            await hear(teller.clinic.tenant, mail.id, body, None)
    with pytest.raises(NotFound):
        await Delivery(teller.graph.db, None).hear(teller.clinic.tenant, mail.id, b"", None)
