"""Payments over HTTP, against a provider that is late, says things twice, out of order, or not at all, and lies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from queue_server.application.payments.model import OPEN_JOB
from queue_server.operations.payment_simulator.ledger import IntentStatus
from queue_server.operations.payment_simulator.modes import Modes
from queue_server.payments import signature
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.paying import FEE, SECRET, Paying, Somebody, paying_world

AS_BAD_AS_CAN_BE = Modes(late_seconds=0.5, copies=3, forged=0.5, lying=0.5, lost_answers=0.4, seed=20_061)
ALIKE = {
    IntentStatus.PENDING: "pending",
    IntentStatus.FAILED: "failed",
    IntentStatus.PAID: "paid",
    IntentStatus.REFUNDED: "refunded",
    IntentStatus.CANCELLED: "cancelled",
}
"""What the ledger says of a payment that the provider has so."""


@pytest.fixture
async def paying(settings: Settings, database: Database) -> AsyncIterator[Paying]:
    async with paying_world(settings, database) as found:
        await found.takes_fees()
        yield found


async def presses(paying: Paying, url: str, choice: str) -> httpx.Response:
    """Press a button on the provider's page."""
    async with httpx.AsyncClient() as browser:
        shown = await browser.get(url)
        assert (shown.status_code, "45.00 EUR" in shown.text) == (200, True)
        return await browser.post(url, data={"choice": choice})


async def live(paying: Paying, slot: Any, chances: random.Random) -> Somebody:
    """Somebody holds a time, begins to pay, and does what people do: pays or not, books or not, thinks better of it."""
    who = Somebody(paying.world)
    await who.holds(slot)
    made = await who.begins()
    while made["payUrl"] is None:
        # The answer was lost: the page is there once a job has asked again.
        await paying.works(OPEN_JOB, rounds=1)
        made = await who.stands()
    books_first, pays, books = chances.random() < 0.5, chances.random() < 0.8, chances.random() < 0.8
    if books and books_first:
        await who.books()
    for _ in range(chances.randint(0, 2)):
        await presses(paying, made["payUrl"], "decline")
    if pays:
        await presses(paying, made["payUrl"], "pay")
    if books and not books_first:
        await who.books()
    if books and chances.random() < 0.3:
        await who.cancels()
    if not books:
        await who.sends("DELETE", f"/api/slots/{slot}/hold")
    return who


@pytest.mark.timeout(300)
async def test_the_ledger_equals_the_providers_however_badly_it_tells_of_it(paying: Paying) -> None:
    paying.provider.notices.behave(AS_BAD_AS_CAN_BE)
    chances, slots = random.Random(4), await paying.slots(3)
    everybody: list[Somebody] = []
    for first in range(0, len(slots), 6):
        lives = (live(paying, slot, random.Random(chances.random())) for slot in slots[first : first + 6])
        everybody += await asyncio.gather(*lives)
    # The provider itself gives something back that nobody has asked it to.
    generous = next(i for i in paying.provider.ledger.intents.values() if i.status is IntentStatus.PAID)
    paying.provider.refund(generous.id)
    await paying.provider.notices.settled()
    await paying.works()
    await paying.provider.notices.settled()

    intents = {intent.reference: intent for intent in paying.provider.ledger.intents.values()}
    payments = await paying.rows("SELECT * FROM payment WHERE provider = 'simulator'")
    assert len(payments) == len(intents) == len(everybody) == len(slots)
    for row in payments:
        intent = intents[f"{paying.world.clinic.tenant}:{row['payment_id']}"]
        assert row["status"] == ALIKE[intent.status], (row["status"], intent.status)
        assert (row["intent"], row["amount"], row["currency"]) == (intent.id, intent.amount, intent.currency)
        assert row["paid_at"] == intent.paid_at
    # It was worth the while: everything there is has happened.
    statuses = Counter(row["status"] for row in payments)
    assert {"paid", "refunded", "cancelled"} <= statuses.keys(), statuses
    answers = Counter(paying.provider.notices.heard)
    assert {200, 401, 409} == answers.keys(), answers
    assert paying.provider.ledger.refunds == statuses["refunded"]
    # Whoever comes and has paid counts as paid since then, also where it was given back, and nobody else does.
    booked = await paying.rows(
        "SELECT a.paid_at, p.paid_at AS ledger, p.status, e.state FROM payment p JOIN appointment a USING (tenant_id,"
        " appointment_id) JOIN queue_entry e ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id"
    )
    for row in booked:
        assert row["paid_at"] == (row["ledger"] if row["state"] == "expected" else None), dict(row)
        assert (row["status"] == "paid") <= (row["state"] == "expected")
    # Nothing is paid for that is not booked.
    assert not [r for r in payments if r["status"] == "paid" and r["appointment_id"] is None]


async def test_from_a_held_time_to_a_paid_visit(paying: Paying) -> None:
    who = Somebody(paying.world)
    await who.holds((await paying.slots(1))[0])
    made = await who.begins()
    assert (made["status"], made["amount"], made["currency"], made["holdId"]) == ("pending", FEE, "EUR", who.hold)
    back = await presses(paying, made["payUrl"], "pay")
    assert (back.status_code, back.headers["location"]) == (303, f"{paying.world.client.base_url}/book")
    await paying.provider.notices.settled()
    assert (await who.stands())["status"] == "paid"
    await who.books()
    assert who.booked["payment"]["status"] == "paid"
    appointment = who.booked["appointment"]["id"]
    listed = await paying.world.send("GET", f"/api/payments?appointmentId={appointment}")
    assert [one["id"] for one in listed.json()["data"]] == [who.payment]
    refunded = await paying.world.send("POST", f"/api/payments/{who.payment}/refund", {"reason": "Called away"})
    assert refunded.json()["data"]["status"] == "refund_pending"
    await paying.works()
    assert (await who.stands())["status"] == "refunded"
    assert "refundNote" not in await who.stands()
    again = await paying.world.send("POST", f"/api/payments/{who.payment}/refund", {})
    assert (again.status_code, problem(again)["code"]) == (409, "conflict")


async def test_the_desk_takes_a_payment(paying: Paying) -> None:
    who = Somebody(paying.world)
    await who.holds((await paying.slots(1))[0])
    await who.books()
    body = {"appointmentId": who.booked["appointment"]["id"], "method": "desk"}
    for role in (Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY):
        refused = await paying.world.send("POST", "/api/payments", body, role=role, headers={"Idempotency-Key": "k"})
        assert (refused.status_code, problem(refused)["code"]) == (403, "forbidden")
    assert (await who.sends("POST", "/api/payments", body)).status_code == 403
    without = await paying.world.send("POST", "/api/payments", body)
    assert (without.status_code, problem(without)["errors"][0]["field"]) == (422, "Idempotency-Key")
    first, second = [
        await paying.world.send("POST", "/api/payments", body, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert first.json()["data"]["status"] == "paid"
    assert first.json() == second.json()
    other = await paying.world.send(
        "POST", "/api/payments", body | {"method": "online"}, headers={"Idempotency-Key": "once"}
    )
    assert problem(other)["code"] == "idempotency_key_reused"
    anew = await paying.world.send("POST", "/api/payments", body, headers={"Idempotency-Key": "two"})
    assert problem(anew)["code"] == "nothing_to_pay"


async def test_a_hold_is_renewed_for_who_pays(paying: Paying) -> None:
    who, slots = Somebody(paying.world), await paying.slots(1)
    renewing = f"/api/slots/{slots[0]}/hold/renew"
    assert (await who.sends("POST", renewing)).status_code == 401
    await who.holds(slots[0])
    assert (await who.sends("POST", renewing)).status_code == 409
    made = await who.begins()
    held = await who.done("GET", f"/api/slots/{slots[0]}/hold")
    assert (held["expiresAt"], held["renewable"]) == (made["expiresAt"], False)


async def test_a_payment_is_its_payers(paying: Paying) -> None:
    who, thief, slots = Somebody(paying.world), Somebody(paying.world), await paying.slots(1)
    await who.holds(slots[0])
    await who.begins()
    await thief.holds(slots[1])
    for found in (
        await thief.sends("GET", f"/api/payments/{who.payment}"),
        await thief.sends("POST", "/api/payments", {"holdId": who.hold}),
        await thief.sends("GET", f"/api/payments/{uuid4()}"),
    ):
        assert (found.status_code, problem(found)["code"]) == (404, "not_found")
    assert (await thief.sends("POST", f"/api/payments/{who.payment}/refund", {})).status_code == 401


async def test_a_notice_that_is_not_signed_as_it_should_be_is_refused_counted_and_changes_nothing(
    paying: Paying,
) -> None:
    who = Somebody(paying.world)
    await who.holds((await paying.slots(1))[0])
    await who.begins()
    paying.provider.notices.behave(Modes(forged=1.0, lying=1.0, copies=2, seed=1))
    (intent,) = paying.provider.ledger.intents.values()
    paying.provider.attempt(intent.id, succeeds=True)
    await paying.provider.notices.settled()
    assert Counter(paying.provider.notices.heard) == {200: 2, 401: 1, 409: 1}
    assert (await who.stands())["status"] == "paid"

    body = msgspec.json.encode({"id": "evt_x"})
    address = "/api/payments/webhook/simulator"
    for header in ({}, {signature.FIELD: "t=1,v1=0"}, {signature.FIELD: signature.sign(SECRET, body, 1_000)}):
        answer = await paying.world.send("POST", address, role=None, content=body, headers=header)
        assert (answer.status_code, problem(answer)["code"]) == (401, "invalid_signature")
    elsewhere = await paying.world.send("POST", "/api/payments/webhook/other", role=None, content=body)
    assert elsewhere.status_code == 404
    large = await paying.world.send("POST", address, role=None, content=b" " * 100_000)
    assert large.status_code == 413
    metrics = (await paying.world.client.get("/metrics")).text
    assert 'payment_notices_total{outcome="invalid_signature"} 4.0' in metrics
    assert 'payment_notices_total{outcome="notice_disagrees"} 1.0' in metrics
    assert 'payment_notices_total{outcome="news"} 1.0' in metrics
    assert 'payment_notices_total{outcome="known"} 1.0' in metrics


async def test_while_the_provider_is_away_people_wait_and_nothing_is_lost(paying: Paying) -> None:
    who = Somebody(paying.world)
    paying.provider.notices.behave(Modes(lost_answers=1.0, seed=1))
    await who.holds((await paying.slots(1))[0])
    made = await who.begins()
    assert (made["status"], made["payUrl"]) == ("pending", None)
    paying.provider.notices.behave(Modes())
    await paying.works(OPEN_JOB)
    assert (await who.stands())["payUrl"] is not None
    assert len(paying.provider.ledger.intents) == 1
