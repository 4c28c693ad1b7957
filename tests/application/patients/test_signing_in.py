"""Signing in by code: who is let in, as whom, and what nobody learns."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.admin_bodies import PatientAccount
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.patients.bodies import NewRelative, PatientChange
from queue_server.application.patients.codes import Codes
from queue_server.application.patients.contacts import contact_of
from queue_server.application.people import add_patient
from queue_server.settings import JwtKey, Settings
from queue_server.store.db import Transaction
from scheduling_core.errors import (
    CodeExpired,
    Conflict,
    InvalidValue,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    WrongCode,
)
from scheduling_core.ids import TenantId
from scheduling_core.permissions import Role
from tests.application.patients.house import House, address, phone
from tests.factories import Clinic, new_clinic
from tests.graph import Graph


def other_than(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


async def test_whoever_is_new_becomes_a_patient_and_is_themselves_the_next_time(house: House) -> None:
    contact = address()
    first = await house.enter(contact, name="  Mei   Chen ".strip(), language="es")
    again = await house.enter(contact, name="Somebody Else")
    assert first.user.role is Role.PATIENT
    assert (first.user.id, first.user.patient_id) == (again.user.id, again.user.patient_id)
    actor = await house.actor(again)
    assert actor.patient == first.user.patient_id
    rows = await house.rows("SELECT name, email, phone, language FROM patient")
    assert [tuple(row.values()) for row in rows] == [("Mei   Chen", contact.value, None, "es")]
    assert (await house.access.access.refresh(first.refresh_token)).user.id == first.user.id


@pytest.mark.parametrize("make", [address, phone])
async def test_the_one_patient_with_the_contact_is_who_signs_in(house: House, make: object) -> None:
    contact = make()  # type: ignore[operator]
    known = await house.patient(**{"email" if "@" in contact.value else "phone": contact.value})
    await house.patient(email="other@example.org")
    entered = await house.enter(contact)
    assert (entered.user.patient_id, entered.user.name) == (known, "Asha Rao")


async def test_of_two_patients_with_a_contact_neither_is_guessed(house: House) -> None:
    shared = phone()
    known = {await house.patient(phone=shared.value), await house.patient(phone=shared.value)}
    first, again = await house.enter(shared), await house.enter(shared)
    assert first.user.patient_id not in known
    assert first.user.patient_id == again.user.patient_id


async def test_an_account_stays_its_own_when_others_give_the_same_contact_later(house: House) -> None:
    contact = address()
    first = await house.enter(contact)
    await house.patient(email=contact.value)
    assert (await house.enter(contact)).user.id == first.user.id


async def test_a_contact_that_somebody_wrote_beside_their_own_lets_nobody_into_their_account(house: House) -> None:
    own, victim = phone(), address()
    await house.patient(phone=own.value, email=victim.value)  # a guest writes what they like
    attacker = await house.enter(own)
    entered = await house.enter(victim)
    assert entered.user.id != attacker.user.id
    assert entered.user.patient_id != attacker.user.patient_id


async def test_whoever_has_a_guardian_or_is_erased_is_nobody_to_sign_in_as(house: House) -> None:
    contact = address()
    guardian = await house.patient()
    child = await house.patient(email=contact.value, guardian_id=guardian)
    gone = await house.patient(phone="+15550100")
    await house.erasure.erase(house.admin, gone)
    assert (await house.enter(contact)).user.patient_id not in (child, guardian)
    assert (await house.enter(contact_of(None, "+15550100"))).user.patient_id != gone


async def test_who_is_given_a_guardian_is_signed_out_and_comes_in_by_nothing_they_had(house: House) -> None:
    contact, patient = address(), await house.patient()
    body = PatientAccount(email=contact.value, password="correct horse battery")
    made = await house.access.staff.create_for_patient(house.admin, patient, body)
    entered = await house.enter(contact)
    assert entered.user.id == made.id
    await house.actor(entered)  # which this server remembers for a while
    mother = await house.patient(name="Mother Rao")
    await house.registry.update(house.admin, patient, PatientChange(guardian_id=mother))
    with pytest.raises(Unauthenticated):
        await house.access.access.authenticate(entered.access_token)
    with pytest.raises(Unauthenticated):
        await house.access.access.refresh(entered.refresh_token)
    with pytest.raises(Unauthenticated):
        await house.access.access.login(contact.value, "correct horse battery")
    assert (await house.enter(contact)).user.patient_id != patient
    # Neither does what the desk writes down or makes for them let them in.
    other = address()
    await house.registry.update(house.admin, patient, PatientChange(email=other.value))
    assert await house.rows("SELECT FROM sign_in_contact WHERE account_id = $1", made.id) == []
    assert (await house.enter(other)).user.patient_id != patient
    with pytest.raises(Conflict):
        await house.access.staff.create_for_patient(house.admin, patient, body)


async def test_who_signs_in_while_the_desk_gives_them_a_guardian_is_nobody_the_desk_knows(house: House) -> None:
    """As it stands between the two: the guardian is there, the contact still opens the account."""
    contact, mother = address(), await house.patient(name="Mother Rao")
    before = (await house.enter(contact)).user
    await house.access.change(
        house.tenant, "UPDATE patient SET guardian_id = $1 WHERE patient_id = $2", mother, before.patient_id
    )
    after = (await house.enter(contact)).user
    assert (after.id == before.id, after.patient_id in (before.patient_id, mother)) == (False, False)


async def test_no_account_is_made_for_somebody_who_has_a_guardian(house: House) -> None:
    mother = await house.signed_in()
    child = await house.own.add_relative(mother, NewRelative(name="Mira Rao"))
    body = PatientAccount(email=address().value, password="correct horse battery")
    with pytest.raises(Conflict, match="acts for"):
        await house.access.staff.create_for_patient(house.admin, child.id, body)


async def test_who_has_a_guardian_no_longer_signs_in_to_the_account_they_had(house: House) -> None:
    contact, mother = address(), await house.patient(name="Mother Rao")
    before = (await house.enter(contact, name="Mira Rao")).user
    assert before.patient_id is not None
    for guardian in (mother, None):
        await house.registry.update(house.admin, before.patient_id, PatientChange(guardian_id=guardian))
    after = (await house.enter(contact)).user
    assert (after.id, after.patient_id) == (before.id, before.patient_id)


async def test_a_code_opens_no_account_of_the_staff(house: House) -> None:
    staff = await house.access.account(house.tenant)
    entered = await house.enter(contact_of(staff.email, None))
    assert (entered.user.id == staff.id, entered.user.role) == (False, Role.PATIENT)
    # Their password still opens theirs.
    opened = await house.access.access.login(staff.email, "correct horse battery")
    assert opened.user.id == staff.id


async def test_the_account_that_the_desk_made_is_opened_by_its_address(house: House) -> None:
    contact, patient = address(), await house.patient()
    body = PatientAccount(email=contact.value, password="correct horse battery")
    made = await house.access.staff.create_for_patient(house.admin, patient, body)
    assert (await house.enter(contact)).user.id == made.id


async def test_a_wrong_code_is_counted_and_five_of_them_end_it(house: House) -> None:
    contact = address()
    code = await house.sent(contact)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await house.sign_in.verify(house.tenant, contact, other_than(code))
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(house.tenant, contact, code)
    assert (await house.enter(contact)).user.role is Role.PATIENT  # a new one is good


async def test_attempts_at_the_same_moment_are_all_counted(house: House) -> None:
    contact = address()
    code = await house.sent(contact)
    wrong = [f"{(int(code) + n) % 10**6:06}" for n in range(1, 31)]
    tried = await asyncio.gather(
        *(house.sign_in.verify(house.tenant, contact, one) for one in wrong), return_exceptions=True
    )
    assert [type(one) for one in tried].count(WrongCode) == 5
    assert [type(one) for one in tried].count(CodeExpired) == 25
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(house.tenant, contact, code)


async def test_a_code_lets_in_once_however_many_try_it_at_the_same_moment(house: House) -> None:
    contact = address()
    code = await house.sent(contact)
    tried = await asyncio.gather(
        *(house.sign_in.verify(house.tenant, contact, code) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in tried) == 1
    assert [type(one) for one in tried].count(CodeExpired) == 7
    assert len(await house.rows("SELECT FROM patient")) == 1


async def test_a_newer_code_takes_the_place_of_the_one_before(house: House) -> None:
    contact = address()
    before, code = await house.sent(contact), await house.sent(contact)
    if before != code:
        with pytest.raises(WrongCode):
            await house.sign_in.verify(house.tenant, contact, before)
    assert (await house.sign_in.verify(house.tenant, contact, code)).user.role is Role.PATIENT


async def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    contact = address()
    code = await house.sent(contact)
    (row,) = await house.rows("SELECT expires_at - asked_since AS good FROM sign_in_code")
    assert abs(row["good"] - timedelta(minutes=10)) < timedelta(seconds=1)
    await house.access.change(house.tenant, "UPDATE sign_in_code SET expires_at = now() - interval '1 ms'")
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(house.tenant, contact, code)


async def test_a_code_of_one_contact_opens_no_other_and_none_elsewhere(house: House, graph: Graph) -> None:
    mine, other = address(), address()
    code = await house.sent(mine)
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(house.tenant, other, code)
    elsewhere = await new_clinic(graph.db)
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(elsewhere.tenant, mine, code)


async def test_five_codes_an_hour_are_sent_to_a_contact_known_or_not(house: House) -> None:
    known, unknown = address(), address()
    await house.patient(email=known.value)
    for contact in (known, unknown):
        for _ in range(5):
            await house.sign_in.ask(house.tenant, contact, "en")
        with pytest.raises(TooManyRequests) as refused:
            await house.sign_in.ask(house.tenant, contact, "en")
        assert 3500 < (refused.value.retry_after or 0) <= 3600
    assert len(await house.rows("SELECT FROM message")) == 10
    await house.access.change(house.tenant, "UPDATE sign_in_code SET asked_since = now() - interval '61 min'")
    await house.sign_in.ask(house.tenant, known, "en")


async def test_a_phone_is_one_with_and_without_its_plus(house: House) -> None:
    """Both are written to at one address, so they draw on one budget, and a code is of both."""
    plus = phone()
    bare = contact_of(None, plus.value.removeprefix("+"))
    for contact in (plus, bare, plus, bare, plus):
        await house.sign_in.ask(house.tenant, contact, "en")
    for contact in (plus, bare):
        with pytest.raises(TooManyRequests):
            await house.sign_in.ask(house.tenant, contact, "en")


async def test_an_organisation_pays_for_so_many_texts_an_hour_and_mails_go_on(house: House) -> None:
    house.sign_in._texts_per_hour = 3
    for _ in range(3):
        await house.sign_in.ask(house.tenant, phone(), "en")
        await house.sign_in.ask(house.tenant, address(), "en")
    with pytest.raises(TooManyRequests) as refused:
        await house.sign_in.ask(house.tenant, phone(), "en")
    assert 3500 < (refused.value.retry_after or 0) <= 3600
    await house.sign_in.ask(house.tenant, address(), "en")
    await house.access.change(
        house.tenant, "UPDATE message SET created_at = now() - interval '61 min' WHERE channel = 'sms'"
    )
    await house.sign_in.ask(house.tenant, phone(), "en")


async def test_asking_looks_at_nobody(house: House, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements in the same order, whoever it is: what cannot differ cannot tell."""
    known, unknown = address(), address()
    await house.enter(known)
    asked: list[str] = []
    for method in ("row", "rows", "run"):
        original = getattr(Transaction, method)

        async def watched(self: Transaction, query: str, *arguments: object, original: object = original) -> object:
            asked.append(query)
            return await original(self, query, *arguments)  # type: ignore[operator]

        monkeypatch.setattr(Transaction, method, watched)
    said = []
    statements = []
    for contact in (known, unknown):
        asked.clear()
        said.append(await house.sign_in.ask(house.tenant, contact, "en"))
        statements.append(list(asked))
    assert said[0] == said[1]
    assert statements[0] == statements[1] != []
    read = " ".join(statements[0])
    assert not any(f"FROM {table}" in read for table in ("patient", "account", "sign_in_contact"))


async def test_neither_codes_nor_who_asked_for_them_can_be_read_in_the_table_of_codes(house: House) -> None:
    contact = address()
    code = await house.sent(contact)
    (row,) = await house.rows("SELECT c::text AS whole FROM sign_in_code c")
    assert code not in row["whole"]
    assert contact.value not in row["whole"]
    (message,) = await house.rows("SELECT m::text AS whole FROM message m")
    (job,) = await house.rows("SELECT j::text AS whole FROM job j WHERE kind = 'send_message'")
    assert code not in message["whole"]
    assert contact.value not in job["whole"]


async def test_a_code_survives_that_the_keys_are_rotated(house: House, settings: Settings) -> None:
    older = Codes(settings.jwt_keys)
    message = uuid4()
    code, digest = older.new(house.tenant, message)
    newer = Codes([JwtKey("new", b"0123456789abcdef0123456789abcdef"), *settings.jwt_keys])
    assert newer.told(house.tenant, message, digest) == code
    assert newer.fits(house.tenant, message, code, digest)
    assert not newer.fits(TenantId(uuid4()), message, code, digest)
    assert Codes([JwtKey("new", b"0123456789abcdef0123456789abcdef")]).told(house.tenant, message, digest) is None


async def test_codes_are_spread_over_all_there_are(house: House) -> None:
    codes = [house.codes.new(house.tenant, uuid4())[0] for _ in range(2_000)]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 1_950
    assert {code[0] for code in codes} == set("0123456789")


async def test_whose_account_is_disabled_is_told_so_and_the_code_stays_good(house: House) -> None:
    contact = address()
    await house.enter(contact)
    await house.access.change(house.tenant, "UPDATE account SET disabled = true")
    code = await house.sent(contact)
    with pytest.raises(Unauthenticated, match="closed"):
        await house.sign_in.verify(house.tenant, contact, code)


async def test_an_unknown_organisation_sends_nothing(house: House) -> None:
    with pytest.raises(NotFound):
        await house.sign_in.ask(TenantId(uuid4()), address(), "en")
    with pytest.raises(CodeExpired):
        await house.sign_in.verify(TenantId(uuid4()), address(), "123456")


@pytest.mark.parametrize(
    ("email", "number", "field"),
    [
        (None, None, "email"),
        ("a@example.org", "+15550100", "phone"),
        ("nobody", None, "email"),
        (None, "12-3", "phone"),
    ],
)
def test_what_is_no_contact_is_refused(email: str | None, number: str | None, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        contact_of(email, number)
    assert refused.value.field == field


def test_a_contact_is_one_however_it_is_written() -> None:
    assert contact_of("ASHA@Example.org", None) == contact_of("asha@example.org ", None)
    assert contact_of(None, "+44 (20) 7946-0123") == contact_of(None, "+442079460123")


async def test_no_code_is_sent_to_a_phone_where_nobody_sends_texts(house: House) -> None:
    house.sign_in._texts_per_hour = None
    with pytest.raises(InvalidValue) as refused:
        await house.sign_in.ask(house.tenant, phone(), "en")
    assert refused.value.field == "phone"
    assert await house.rows("SELECT FROM message") == []


async def test_that_an_account_was_made_is_remembered_without_a_word_of_whose(house: House, clinic: Clinic) -> None:
    contact = address()
    entered = await house.enter(contact, name="Canary Quetzal")
    ((by, data),) = await house.events("patient_account_created")
    assert by == entered.user.id
    assert {data["accountId"], data["patientId"]} == {str(entered.user.id), str(entered.user.patient_id)}
    assert b"Canary" not in msgspec.json.encode(data)


async def test_two_contacts_of_one_patient_at_the_same_moment_make_one_account(house: House, graph: Graph) -> None:
    """Whoever comes second finds an account that nobody has shown to be theirs, and is a patient of their own."""
    for _ in range(5):
        email, number = address(), phone()
        async with graph.db.tenant(house.tenant) as tx:
            known = await add_patient(tx, PatientBody(name="Asha Rao", email=email.value, phone=number.value))
        codes = [await house.sent(contact) for contact in (email, number)]
        entered = await asyncio.gather(
            *(house.sign_in.verify(house.tenant, c, code) for c, code in zip((email, number), codes, strict=True))
        )
        assert [one.user.patient_id for one in entered].count(known) == 1
