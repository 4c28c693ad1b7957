"""The whole way of a call to a phone, over real HTTP to a push service and a provider of messages that behave badly."""

from uuid import uuid4

import msgspec

from jobs.send_message import channels
from queue_server.application.messages.telling import NOTIFY_JOB
from queue_server.embedded.secrets import new_vapid_key
from queue_server.operations.message_simulator.modes import Modes
from queue_server.operations.message_simulator.run import MessageProvider, running_messages
from queue_server.operations.message_simulator.subscriber import Subscriber
from queue_server.settings import Settings
from queue_server.settings.environment import Reader
from queue_server.settings.messages import push, texts
from queue_server.store import push_subscriptions
from queue_server.store.push_subscriptions import PushSubscription
from scheduling_core.ids import PatientId
from tests.application.messages.teller import Teller, number


def through(provider: MessageProvider, settings: Settings) -> Settings:
    """Return the settings with this provider as the only one."""
    read = Reader(provider.environment() | {"VAPID_PRIVATE_KEY": new_vapid_key()})
    known = {"texts": texts(read), "push": push(read, settings.public_url, None)}
    return msgspec.structs.replace(settings, smtp_url=None, sms_mail_domain=None, **known)


async def subscribed(teller: Teller, patient: PatientId, provider: MessageProvider) -> Subscriber:
    """Let a browser of a patient take pushes."""
    subscriber = provider.pushes.subscribe()
    given = subscriber.subscription
    kept = PushSubscription(id=uuid4(), endpoint=given.endpoint, p256dh=given.p256dh, auth=given.auth)
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await push_subscriptions.add(tx, patient, kept, 5)
    return subscriber


async def test_a_call_is_heard_once_when_the_browser_is_gone_and_the_providers_answer_is_lost(teller: Teller) -> None:
    async with running_messages() as provider:
        made = channels(through(provider, teller.settings))
        sending, phone = teller.with_channels(made.transports), number()
        patient = await teller.patient(phone=phone)
        browser = await subscribed(teller, patient, provider)
        (visit,) = await teller.line(patient)
        await teller.desk("check-in", visit)
        await teller.desk("call-next", teller.clinic.doctors[0])
        for job in await teller.jobs(NOTIFY_JOB):
            await teller.notifying.run(job)

        browser.is_over = True
        await teller.send(sending=sending)
        provider.faults.behave(Modes(dropped=1))
        await teller.send(sending=sending)
        assert await teller.messages() == [("called", "push", "passed_on"), ("called", "whatsapp", "queued")]
        provider.faults.behave(Modes())
        await teller.send(sending=sending, also_later=True)
        await made.aclose()

        (heard,) = provider.log.messages
        assert (heard.channel, heard.to) == ("whatsapp", phone)
        assert await teller.messages() == [("called", "push", "passed_on"), ("called", "whatsapp", "sent")]
        (sent,) = await teller.rows("SELECT provider_ref FROM message WHERE state = 'sent'")
        assert sent["provider_ref"] == heard.reference
        async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
            assert await push_subscriptions.of_patient(tx, patient) == []


async def test_a_call_is_pushed_to_a_browser_that_opens_the_place_in_the_line(teller: Teller) -> None:
    async with running_messages() as provider:
        made = channels(through(provider, teller.settings))
        patient = await teller.patient(phone=number())
        await subscribed(teller, patient, provider)
        (visit,) = await teller.line(patient)
        await teller.desk("check-in", visit)
        await teller.desk("call-next", teller.clinic.doctors[0])
        for job in await teller.jobs(NOTIFY_JOB):
            await teller.notifying.run(job)
        await teller.send(sending=teller.with_channels(made.transports))
        await made.aclose()
        (heard,) = provider.log.messages
        assert heard.channel == "push"
        assert heard.link is not None
        assert heard.link.startswith(f"{teller.settings.public_url}/t/")
        assert await teller.messages() == [("called", "push", "sent")]
