"""What people do not want to hear of is not sent, whoever reads it."""

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.telling import Notice
from queue_server.application.messages.unsubscribing import Unsubscribing
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder
from queue_server.store import event_store, preferences
from queue_server.store.messages import Channel
from scheduling_core.ids import PatientId
from tests.application.messages.teller import Teller, address, number


async def write_to(teller: Teller, patient: PatientId) -> None:
    """Let staff write to somebody, and send it."""
    words = event_store.free_text("A time may be free on Saturday.")
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await event_store.keep_free_text(tx, words, patient)
    notice = Notice(
        kind=Kind.MANUAL,
        key=f"manual:{words.id}",
        patient=patient,
        clinic=teller.clinic.id,
        facts={"textId": str(words.id)},
    )
    await teller.tell(notice)
    await teller.work()


async def test_a_guardian_who_wants_no_messages_about_a_child_hears_of_themselves(teller: Teller) -> None:
    guardian = await teller.patient("Ilse Novak", email=address())
    child = await teller.patient("Jan Novak", guardian_id=guardian)
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await preferences.put(tx, child, {(Kind.MANUAL, Channel.EMAIL): False})
    await write_to(teller, child)
    assert await teller.messages() == []
    await write_to(teller, guardian)
    assert [letter.text.startswith("Hello Ilse,") for letter in teller.told(Channel.EMAIL)] == [True]


async def test_after_one_click_what_is_told_goes_through_another_channel(teller: Teller) -> None:
    patient = await teller.patient("Petra Vlk", email=address(), phone=number())
    await write_to(teller, patient)
    (mail,) = teller.told(Channel.EMAIL)
    assert mail.unsubscribe is not None
    stopping = Unsubscribing(teller.graph.db, Tokens(teller.settings), Recorder())
    stopped = await stopping.stop(mail.unsubscribe.rpartition("/")[2])
    assert (stopped.kind, stopped.channel) == (Kind.MANUAL, Channel.EMAIL)
    await write_to(teller, patient)
    assert [channel for _, channel, _ in await teller.messages()] == ["email", "whatsapp"]
