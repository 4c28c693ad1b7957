"""Erasing: nothing that says who somebody was is left anywhere, and what happened stands as it was."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.actor import Actor
from queue_server.application.answers import NONE
from queue_server.application.audit_roots import RootSigner, public_key
from queue_server.application.audit_verify import verify
from queue_server.application.booking.bodies import CancelBody
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.patients.bodies import ConsentsBody, NewPatientBody, NewRelative, OwnChange
from queue_server.application.patients.codes import MOST_ASKED
from queue_server.application.patients.erasure import ERASED_NAME
from queue_server.application.payments.bodies import PaymentMethod
from queue_server.application.people import People
from queue_server.application.rebuild import replay
from queue_server.application.text_references import paths_by_event
from queue_server.application.unit import QUEUE_KIND
from queue_server.store import calendar_feeds
from queue_server.store.db import Database
from queue_server.store.root_copies import RootCopies
from scheduling_core.errors import Forbidden, NotFound, StillExpected, TooManyRequests, Unauthenticated
from scheduling_core.ids import EntryId
from scheduling_core.live_queue import codec
from scheduling_core.permissions import Role
from tests.application.patients.house import House, address, phone
from tests.application.payments.till import Till, once
from tests.application.slots.conftest import Practice
from tests.conftest import RunningServices

SEED = b"\x07" * 32
CANARY = "canary-quetzal"


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


async def canary(house: House) -> tuple[Actor, EntryId]:
    """Return somebody whose every particular has a canary in it, after a visit that was written about."""
    contact = address()._replace(value=f"{CANARY}-{uuid4().hex[:8]}@example.org")
    actor = await house.actor(await house.enter(contact, name="Canary Quetzal"))
    change = OwnChange(birth_date=date(1913, 3, 13), consents=ConsentsBody(messages=True, reminders=True))
    await house.own.update(actor, change)
    assert actor.patient is not None
    await house.access.change(
        house.tenant, "UPDATE patient SET conditions = '{canary-fever}' WHERE patient_id = $1", actor.patient
    )
    await house.visit(await house.patient(name="Ravi Patel"))
    entry, desk = await house.visit(actor.patient), house.clinic.receptionist
    move = bodies.MoveBody(new_position=1, reason=f"{CANARY} feels faint")
    await house.graph.queue.run(desk, "move", entry, move)
    await house.graph.queue.run(desk, "cancel", entry, bodies.Empty())
    # What somebody else was told of them, and where their appointments are shown.
    await house.keeps_answer(desk, await house.own.get(actor))
    assert actor.account is not None
    async with house.graph.db.tenant(house.tenant) as tx:
        await calendar_feeds.add(tx, uuid4(), actor.account, doctor=None, patient=actor.patient, digest=b"digest")
    return actor, entry


async def everything(superuser_url: str, tenant: UUID) -> str:
    """Return all rows of the tenant in all tables, as text."""
    import asyncpg

    connection = await asyncpg.connect(superuser_url)
    try:
        tables = await connection.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        found = []
        for table in tables:
            rows = await connection.fetch(
                f"SELECT t::text AS whole FROM {table['relname']} t WHERE tenant_id = $1", tenant
            )
            found += [row["whole"] for row in rows]
        answers = await connection.fetch("SELECT answer FROM idempotent_answer WHERE tenant_id = $1", tenant)
        return "\n".join(found + [row["answer"].decode("utf-8", "replace") for row in answers])
    finally:
        await connection.close()


async def test_nothing_is_left_of_whoever_was_erased(house: House, services: RunningServices) -> None:
    actor, _ = await canary(house)
    url = services.services.admin_url.rsplit("/", 1)[0] + "/clinic_queue"
    before = (await everything(url, house.tenant)).casefold()
    for trace in (CANARY, "canary quetzal", "1913-03-13", "canary-fever", "feels faint"):
        assert trace in before, trace
    await house.erasure.erase_own(actor)
    after = (await everything(url, house.tenant)).casefold()
    for trace in ("canary", "quetzal", "1913-03-13", "faint"):
        assert trace not in after, trace
    assert await house.rows("SELECT FROM patient_consent") == []
    assert await house.rows("SELECT FROM message") == []
    assert await house.rows("SELECT FROM sign_in_contact") == []
    assert await house.rows("SELECT FROM calendar_feed") == []
    (kept,) = await house.rows("SELECT name, erased_at FROM patient WHERE patient_id = $1", actor.patient)
    assert (kept["name"], kept["erased_at"] is not None) == (ERASED_NAME, True)


async def test_events_are_untouched_the_chain_verifies_and_history_replays(
    house: House, owner: Database, tmp_path: Path
) -> None:
    actor, _ = await canary(house)
    copies = RootCopies(tmp_path / "roots")
    signer = RootSigner(house.graph.db, SEED, copies)
    await signer.sign(house.tenant)
    query = "SELECT event_id, hash, data::text AS data FROM event_store ORDER BY occurred_at, event_id"
    before = await house.rows(query)
    await house.erasure.erase_own(actor)
    after = await house.rows(query)
    assert after[: len(before)] == before
    report = await verify(owner, copies, frozenset({public_key(SEED)}), only=house.tenant)
    assert [finding for finding in report.findings if finding.tenant == house.tenant] == []
    assert report.texts >= 1
    replayed = await replay(owner, only=house.tenant)
    assert replayed.is_equal, replayed.differences
    assert replayed.events > 0


async def test_an_appointment_stays_of_nobody(house: House) -> None:
    actor, entry = await canary(house)
    token, _ = house.graph.links.make(house.tenant, entry, house.clinic.doctors[0], generation=0)
    claims = house.graph.links.read(token)
    await house.erasure.erase_own(actor)
    (row,) = await house.rows("SELECT patient_id, links_generation FROM appointment WHERE appointment_id = $1", entry)
    assert row["patient_id"] == actor.patient
    assert row["links_generation"] > claims.generation  # the link is withdrawn
    person = (await People(house.graph.db).of(house.tenant, [entry]))[entry]
    assert (person.name, person.phone) == (ERASED_NAME, None)


async def test_the_account_is_closed_at_once_and_the_contact_is_free_again(house: House) -> None:
    contact = address()
    entered = await house.enter(contact, name="Asha Rao")
    actor = await house.actor(entered)
    await house.erasure.erase_own(actor)
    with pytest.raises(Unauthenticated):
        await house.access.access.authenticate(entered.access_token)
    with pytest.raises(Unauthenticated):
        await house.access.access.refresh(entered.refresh_token)
    again = await house.enter(contact, name="Asha Rao")
    assert (again.user.id == actor.account, again.user.patient_id == actor.patient) == (False, False)


async def test_nobody_is_erased_while_they_are_still_expected(house: House) -> None:
    actor = await house.signed_in()
    assert actor.patient is not None
    entry = await house.visit(actor.patient)
    with pytest.raises(StillExpected):
        await house.erasure.erase_own(actor)
    with pytest.raises(StillExpected):
        await house.erasure.erase(house.admin, actor.patient)
    assert (await house.own.get(actor)).name == "Asha Rao"
    await house.graph.queue.run(house.clinic.receptionist, "cancel", entry, bodies.Empty())
    await house.erasure.erase(house.admin, actor.patient)
    with pytest.raises(NotFound):
        await house.registry.get(house.admin, actor.patient)
    with pytest.raises(NotFound):
        await house.erasure.erase(house.admin, actor.patient)


async def test_those_for_whom_somebody_acted_stay_without_a_guardian(house: House) -> None:
    actor = await house.signed_in()
    child = await house.own.add_relative(actor, NewRelative(name="Mira Rao"))
    await house.erasure.erase_own(actor)
    kept = await house.registry.get(house.admin, child.id)
    assert (kept.name, kept.guardian_id) == ("Mira Rao", None)


async def test_others_keep_theirs(house: House) -> None:
    gone, stays = await house.signed_in(name="Asha Rao"), await house.signed_in(name="Ravi Patel")
    await house.visit(await house.patient(name="Mei Chen"))
    assert stays.patient is not None
    entry = await house.visit(stays.patient)
    move = bodies.MoveBody(new_position=1, reason="her mother waits outside")
    await house.graph.queue.run(house.clinic.receptionist, "move", entry, move)
    await house.erasure.erase_own(gone)
    assert (await house.own.get(stays)).name == "Ravi Patel"
    (words,) = await house.rows("SELECT body, appointment_id FROM free_text")
    assert (words["body"], words["appointment_id"]) == ("her mother waits outside", entry)
    assert len(await house.rows("SELECT FROM message")) == 1
    assert len(await house.rows("SELECT FROM sign_in_contact")) == 1


async def test_a_contact_that_nobody_showed_to_be_theirs_gives_no_power_over_its_owner(house: House) -> None:
    """A guest writes what they like: here the number of somebody who signs in with it."""
    victim, mine = phone(), address()
    known = await house.enter(victim, name="Ravi Patel")
    await house.patient(email=mine.value, phone=victim.value)
    for _ in range(MOST_ASKED - 1):
        await house.sign_in.ask(house.tenant, victim, "en")
    code = await house.code(victim.value)
    actor = await house.actor(await house.enter(mine))
    assert {one.recipient for one in (await house.export.export_own(actor)).messages} == {mine.value}
    await house.erasure.erase_own(actor)
    assert len(await house.rows("SELECT FROM message WHERE recipient = $1", victim.value)) == MOST_ASKED
    assert await house.rows("SELECT FROM message WHERE recipient = $1", mine.value) == []
    with pytest.raises(TooManyRequests):
        await house.sign_in.ask(house.tenant, victim, "en")
    assert (await house.sign_in.verify(house.tenant, victim, code)).user.id == known.user.id


async def test_a_relative_is_erased_without_what_is_the_guardians(house: House) -> None:
    number = phone()
    mother = await house.actor(await house.enter(number, name="Asha Rao"))
    child = await house.patient(name="Mira Rao", phone=number.value, guardian_id=mother.patient)
    await house.erasure.erase_relative(mother, child)
    assert len(await house.rows("SELECT FROM message WHERE recipient = $1", number.value)) == 1


async def test_attempts_at_a_code_and_codes_asked_for_count_on_when_somebody_is_erased(house: House) -> None:
    contact = address()
    actor = await house.actor(await house.enter(contact))
    for _ in range(MOST_ASKED - 1):
        await house.sign_in.ask(house.tenant, contact, "en")
    await house.erasure.erase_own(actor)
    with pytest.raises(TooManyRequests):
        await house.sign_in.ask(house.tenant, contact, "en")


async def test_answers_kept_for_repetitions_name_nobody_who_was_erased(house: House) -> None:
    till = Till(house.graph, Practice(house.graph.db, house.clinic), None)
    await till.opens()
    mother = await house.signed_in()
    child = await house.own.add_relative(mother, NewRelative(name="Mei Rao"))
    await house.keeps_answer(mother, child)
    made = []
    for hour in (9, 10):
        guest, slot = till.guest(), await till.slot(hour)
        made.append(await till.books(guest, slot, await till.holds(guest, slot)))
    cancelling = Cancelling(house.graph.writes, house.graph.directory, house.graph.links)
    await cancelling.by_link(made[0]["trackingToken"], CancelBody(), once())

    async def naming() -> int:
        return sum(b"Mei" in row["answer"] for row in await house.rows("SELECT answer FROM idempotent_answer"))

    assert await naming() == 4
    (row,) = await house.rows(
        "SELECT patient_id FROM appointment WHERE appointment_id = $1", UUID(made[0]["appointment"]["id"])
    )
    await house.erasure.erase(house.admin, row["patient_id"])
    assert await naming() == 2
    await house.erasure.erase_relative(mother, child.id)
    assert await naming() == 1  # of somebody else


async def test_a_refund_note_loses_its_words_and_its_payment_replays(house: House, owner: Database) -> None:
    till = Till(house.graph, Practice(house.graph.db, house.clinic), None)
    await till.opens()
    made = await till.books(till.desk, await till.slot())
    visit = UUID(made["appointment"]["id"])
    payment = await till.pays(till.desk, appointment=visit, method=PaymentMethod.DESK)
    await till.refunding.refund(till.desk, payment.id, "Mei was ill", NONE)
    await house.graph.queue.run(till.desk, "cancel", visit, bodies.Empty())
    (row,) = await house.rows("SELECT patient_id FROM appointment")
    await house.erasure.erase(house.admin, row["patient_id"])
    (shown,) = await till.reading.of_appointment(till.desk, visit)
    assert shown.refund_note is None
    assert await house.rows("SELECT FROM free_text WHERE body IS NOT NULL") == []
    replayed = await replay(owner, only=house.tenant)
    # Of the doctor the till has written rows alone.
    assert [one for one in replayed.differences if one.model == "payment"] == []
    assert replayed.aggregates["payment"] == 1


async def test_only_admins_of_the_whole_organisation_erase_and_export(house: House) -> None:
    patient = await house.registry.create(house.admin, NewPatientBody(name="Asha Rao"))
    some = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    for actor in (house.clinic.receptionist, house.clinic.actor(Role.DOCTOR), some):
        with pytest.raises(Forbidden):
            await house.erasure.erase(actor, patient.id)
        with pytest.raises(Forbidden):
            await house.export.export(actor, patient.id)
    with pytest.raises(NotFound):
        await house.erasure.erase(house.admin, uuid4())


def test_whatever_is_written_about_an_appointment_is_found_when_its_patient_is_erased() -> None:
    """Texts are noted with the appointment by the fields `entry` and `reason`; so these are what such events have."""
    for (kind, name), paths in paths_by_event().items():
        if kind == QUEUE_KIND and "entry" in codec.EVENT_TYPES[name].__struct_fields__:
            assert paths == (("reason",),), name
