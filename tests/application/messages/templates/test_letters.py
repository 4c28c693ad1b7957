"""What messages say: read when they are sent, in the reader's language, in the organisation's words if it has any."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jobs import notices
from queue_server.application.answers import NONE
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.service import TemplateBody, Templates
from queue_server.application.messages.templates.times import day_and_time
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder
from queue_server.application.waitlist.bodies import JoinBody
from queue_server.application.waitlist.joining import Joining
from queue_server.messaging import Letter
from queue_server.messaging.smtp import SmtpTransport
from queue_server.operations.mail_catcher import catching
from queue_server.store import event_store
from queue_server.store.messages import Channel, Message
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.permissions import Role
from tests.application.messages.teller import Teller, address


async def visit(teller: Teller, patient: PatientId, start: datetime) -> EntryId:
    """Book somebody with the first doctor."""
    made = Visit(
        id=EntryId(uuid4()),
        doctor=teller.clinic.doctors[0],
        date=start.astimezone(ZoneInfo(teller.clinic.timezone)).date().isoformat(),
        start=start,
        patient_id=patient,
        patient=PatientBody(name="Is known"),
    )
    await Enrolment(teller.graph.writes, teller.graph.directory, 15).enrol(teller.clinic.receptionist, [made])
    return made.id


async def letter(teller: Teller, kind: Kind, channel: Channel = Channel.EMAIL, **more: Any) -> Letter | None:
    """Return what a message says now."""
    message = Message(
        id=uuid4(),
        kind=kind,
        channel=channel,
        recipient="reader@letters.example",
        attempts=1,
        is_over=False,
        **{"language": "en", "clinic": teller.clinic.id, **more},
    )
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        return await notices.letters(teller.graph.db, teller.settings).letter(tx, message)


async def booked(teller: Teller, patient: PatientId | None = None, **more: Any) -> Letter:
    """Return what is said of a visit in three days."""
    patient = patient or await teller.patient("Tarek <Qabbani>", email=address())
    appointment = await visit(teller, patient, datetime.now(UTC) + timedelta(days=3))
    about = {"patient": patient, "reader": patient, "facts": {"appointmentId": str(appointment)}}
    found = await letter(teller, Kind.BOOKED, **{**about, **more})
    assert found is not None
    return found


@pytest.fixture
def templates(teller: Teller) -> Templates:
    """The organisation's own words."""
    return Templates(teller.graph.db, Recorder())


async def test_an_arabic_mail_reads_from_the_right_and_names_the_time_of_the_clinic(teller: Teller) -> None:
    found = await booked(teller, language="ar-EG")
    (start,) = [row["start"] for row in await teller.rows("SELECT start FROM appointment")]
    assert found.html is not None
    assert found.subject == f"حُجز موعدك: {day_and_time('ar', start, teller.clinic.timezone)}"
    assert '<html lang="ar" dir="rtl">' in found.html
    assert "مرحبًا <bdi>Tarek</bdi>،" in found.html
    assert "مرحبًا \u2068Tarek\u2069،" in found.text
    (link,) = re.findall(r'class="button" href="([^"]+)">عرض موعدي<', found.html)
    assert teller.graph.links.read(link.rpartition("/")[2]).tenant == teller.clinic.tenant
    assert link in found.text.splitlines()


async def test_mails_about_another_day_can_be_stopped_and_say_so_to_mail_programs(teller: Teller) -> None:
    found = await booked(teller)
    assert found.unsubscribe is not None
    assert f"No more e-mails like this: {found.unsubscribe}" in found.text
    claims = Tokens(teller.settings).verify_unsubscribe(found.unsubscribe.rpartition("/")[2])
    assert (claims.kind, claims.channel) == ("booked", "email")
    async with catching() as catcher:
        await SmtpTransport(catcher.smtp_url, "Clinic <clinic@letters.example>").send(found)
        (mail,) = await catcher.wait_for(1)
    # As it stands on the wire: an encoded word would be no address.
    assert f"\r\nList-Unsubscribe: <{found.unsubscribe}>\r\n".encode() in mail.raw
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_who_comes_today_is_not_offered_to_miss_the_news(teller: Teller) -> None:
    patient = await teller.patient(email=address())
    (appointment,) = await teller.line(patient)
    facts = {"appointmentId": str(appointment), "ahead": 2}
    found = await letter(teller, Kind.AHEAD, patient=patient, reader=patient, facts=facts)
    assert found is not None
    assert found.unsubscribe is None
    assert "unsubscribe" not in (found.html or "")
    assert found.subject == "2 people ahead of you"


async def test_who_acts_for_somebody_is_greeted_and_told_about_whom_it_is(teller: Teller) -> None:
    guardian = await teller.patient("Leyla Aksoy", email=address())
    child = await teller.patient("Deniz Aksoy", guardian_id=guardian)
    found = await booked(teller, child, reader=guardian)
    assert found.subject.startswith("Deniz: Booked: ")
    assert found.text.startswith("Hello Leyla,\n\nDeniz: Your visit to")


async def test_the_template_that_the_clinic_has_chosen_is_used_else_the_default_else_our_words(
    teller: Teller, templates: Templates
) -> None:
    admin = teller.clinic.actor(Role.ADMIN)
    ours = (await booked(teller, channel=Channel.SMS)).text
    assert "Booked:" in ours
    await templates.put(admin, "booked", "en", "sms", "default", TemplateBody(body="Default {ticket} {link}"))
    await templates.put(admin, "booked", "en", "sms", "after-hours", TemplateBody(body="Chosen for {patientName}"))
    assert (await booked(teller, channel=Channel.SMS)).text.startswith("Default ")
    policy = {
        "quietHours": {"start": "00:00", "end": "00:00"},
        "notificationTemplateOverrides": {"booked": "after-hours"},
    }
    await teller.change("UPDATE waitlist_policy SET policy = $1::json", msgspec.json.encode(policy).decode())
    assert (await booked(teller, channel=Channel.SMS)).text == "Chosen for Tarek <Qabbani>"
    assert (await booked(teller, channel=Channel.SMS, language="es")).text.count("Cita reservada:") == 1  # its own
    # As a later version may find what an earlier one has kept.
    await teller.change("UPDATE message_template SET body = 'Gone: {colour}'")
    assert "Booked:" in (await booked(teller, channel=Channel.SMS)).text


async def test_an_offer_is_told_with_its_deadline_and_a_link_that_answers_it(teller: Teller) -> None:
    patient = await teller.patient(language="es")
    joining = Joining(teller.graph.writes, teller.graph.directory, teller.graph.waitlist_links)
    body = JoinBody(clinic_id=teller.clinic.id, patient=BookedPatient(id=patient))
    entry = msgspec.json.decode((await joining.join(teller.clinic.receptionist, body, NONE)).body)
    invite = uuid4()
    await teller.change(
        "UPDATE waitlist_entry SET status = 'invited', invite_id = $1, hold_id = $1, slot_id = $1, slot_mode = 'tele',"
        " slot_doctor_id = $2, slot_start = now() + interval '3 days', respond_by = now() + interval '2 days'",
        invite,
        teller.clinic.doctors[0],
    )
    about: dict[str, Any] = {"facts": {"entryId": entry["id"], "inviteId": str(invite)}, "patient": patient}
    found = await letter(teller, Kind.WAITLIST_INVITED, Channel.WHATSAPP, language="es", **about)
    assert found is not None
    (row,) = await teller.rows("SELECT slot_start, respond_by FROM waitlist_entry")
    for instant in (row["slot_start"], row["respond_by"]):
        assert day_and_time("es", instant, teller.clinic.timezone) in found.text
    token = found.text.rpartition("/invite/")[2]
    assert Tokens(teller.settings).verify_waitlist(token).entry == UUID(entry["id"])
    pushed = await letter(teller, Kind.WAITLIST_INVITED, Channel.PUSH, language="es", **about)
    assert pushed is not None
    assert pushed.link is not None
    assert pushed.link not in pushed.text
    await teller.change(
        "UPDATE waitlist_entry SET status = 'active', invite_id = NULL, hold_id = NULL, slot_start = NULL"
    )
    assert await letter(teller, Kind.WAITLIST_INVITED, Channel.SMS, **about) is None


async def test_words_that_were_erased_are_not_sent(teller: Teller) -> None:
    patient = await teller.patient(email=address())
    words = event_store.free_text("Please bring your <papers>.")
    async with teller.graph.db.tenant(teller.clinic.tenant) as tx:
        await event_store.keep_free_text(tx, words, patient)
    about: dict[str, Any] = {"patient": patient, "reader": patient, "facts": {"textId": str(words.id)}}
    found = await letter(teller, Kind.MANUAL, **about)
    assert found is not None
    assert "<bdi>Please bring your &lt;papers&gt;.</bdi>" in (found.html or "")
    await teller.change("UPDATE free_text SET body = NULL, salt = NULL, erased_at = now()")
    assert await letter(teller, Kind.MANUAL, **about) is None
