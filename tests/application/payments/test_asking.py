"""Beginning a payment: one for each visit, written down before anybody is asked, and never made twice."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from queue_server.application.answers import NONE
from queue_server.application.desk_bodies import Empty
from queue_server.application.payments.bodies import NewPayment, PaymentMethod
from queue_server.application.payments.model import OPEN_JOB
from queue_server.payments import Intent
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.errors import (
    Conflict,
    Forbidden,
    HoldExpired,
    InvalidValue,
    NoOnlinePayment,
    NotFound,
    NothingToPay,
    PaymentRefused,
    Unavailable,
)
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.decide import NoticeKind
from scheduling_core.payments.state import PaymentStatus
from scheduling_core.slots.events import HolderKind
from tests.application.booking.moving import patient_of
from tests.application.payments.till import FEE, FOLLOW_UP_FEE, Till, once, soon
from tests.application.slots.conftest import Practice
from tests.factories import Clinic
from tests.graph import Graph


async def test_what_is_held_is_paid_on_a_page_and_the_time_is_kept_for_longer(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    # As if some minutes had gone by since.
    (before,) = await till.rows("SELECT held_until FROM slot WHERE slot_id = $1", slot)
    payment = await till.pays(me, hold=hold)
    assert (payment.status, payment.amount, payment.currency) == (PaymentStatus.PENDING, FEE, "EUR")
    assert payment.pay_url == f"https://pay.example.org/pay/{payment.id}"
    assert soon(payment.expires_at, 10)
    (after,) = await till.rows("SELECT held_until, held FROM slot WHERE slot_id = $1", slot)
    assert (after["held"], after["held_until"]) == (1, payment.expires_at)
    assert after["held_until"] > before["held_until"]
    (kept,) = await till.rows("SELECT expires_at, renewed FROM hold WHERE hold_id = $1", hold)
    assert (kept["expires_at"], kept["renewed"]) == (payment.expires_at, True)
    ends = await till.rows("SELECT due_at FROM job WHERE kind = 'hold_expiry' ORDER BY due_at")
    assert ends[-1]["due_at"] >= kept["expires_at"]


async def test_who_begins_again_gets_the_same_payment(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    first = await till.pays(me, hold=hold, key="k")
    assert [await till.pays(me, hold=hold, key=key) for key in ("k", "other")] == [first, first]
    many = await asyncio.gather(*(till.pays(me, hold=hold) for _ in range(8)))
    assert {one.id for one in many} == {first.id}
    assert len(till.provider.intents) == 1
    assert await till.types(first) == ["payment_requested", "payment_opened"]


async def test_of_many_who_begin_at_once_there_is_one_payment(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    many = await asyncio.gather(*(till.pays(me, hold=hold) for _ in range(8)))
    assert len({one.id for one in many}) == 1
    assert len(await till.rows("SELECT 1 FROM payment")) == 1
    assert len(till.provider.intents) == 1


async def test_while_the_provider_is_away_the_payment_waits_for_a_job(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    till.provider.fails = Unavailable("away")
    payment = await till.pays(me, hold=hold)
    assert (payment.status, payment.pay_url) == (PaymentStatus.PENDING, None)
    with pytest.raises(Unavailable):
        await till.works(OPEN_JOB)
    till.provider.fails = None
    assert await till.works(OPEN_JOB) == 1
    assert (await till.stands(payment)).pay_url is not None
    assert await till.works(OPEN_JOB) == 0


async def test_a_request_whose_answer_is_lost_is_made_again_with_the_same_key(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    till.provider.loses_answers = True
    payment = await till.pays(me, hold=hold)
    assert payment.pay_url is None
    till.provider.loses_answers = False
    await till.works(OPEN_JOB)
    assert (till.provider.asked, len(till.provider.intents)) == (2, 1)
    assert (await till.stands(payment)).pay_url == f"https://pay.example.org/pay/{payment.id}"


async def test_a_notice_may_come_before_the_answer_to_the_request(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    till.provider.loses_answers = True
    payment = await till.pays(me, hold=hold)
    await till.hears(payment)
    till.provider.loses_answers = False
    await till.works(OPEN_JOB)
    assert (await till.stands(payment)).status is PaymentStatus.PAID
    assert await till.types(payment) == ["payment_requested", "payment_opened", "payment_succeeded"]


async def test_what_the_provider_refuses_is_not_asked_for_ever(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    till.provider.fails = PaymentRefused("no")
    payment = await till.pays(me, hold=hold)
    assert payment.pay_url is None
    with pytest.raises(PaymentRefused):
        await till.works(OPEN_JOB)


async def test_a_name_that_the_provider_has_given_another_payment_is_not_believed(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = till.guest()
    first = await till.pays(me, hold=await till.holds(me, await till.slot()))

    async def the_same(**_asked: object) -> Intent:
        return Intent(id=f"pi_{first.id}", pay_url="https://pay.example.org/pay/same")

    monkeypatch.setattr(till.provider, "create_intent", the_same)
    second = await till.pays(me, hold=await till.holds(me, await till.slot(10)))
    assert second.pay_url is None
    with pytest.raises(Conflict, match="another payment"):
        await till.works(OPEN_JOB)


async def test_another_kind_of_visit_costs_something_else(till: Till) -> None:
    desk = till.desk
    hold = await till.holds(desk, await till.slot())
    first = await till.pays(desk, hold=hold)
    second = await till.pays(desk, hold=hold, visit_type="follow_up")
    assert (second.amount, second.status) == (FOLLOW_UP_FEE, PaymentStatus.PENDING)
    assert (await till.stands(first)).status is PaymentStatus.CANCELLED
    # What somebody pays all the same goes back.
    await till.hears(first)
    assert (await till.stands(first)).status is PaymentStatus.REFUND_PENDING


async def test_only_who_names_a_visit_that_took_place_pays_for_a_follow_up(till: Till) -> None:
    first = await till.books(till.desk, await till.slot())
    visit = UUID(first["appointment"]["id"])
    (row,) = await till.rows("SELECT patient_id FROM appointment")
    me, stranger = patient_of(till.practice, row["patient_id"]), till.guest()
    mine, theirs = await till.holds(me, await till.slot(10)), await till.holds(stranger, await till.slot(11))
    for actor, hold in ((me, mine), (stranger, theirs)):
        with pytest.raises(InvalidValue) as unnamed:
            await till.pays(actor, hold=hold, visit_type="follow_up")
        assert unnamed.value.field == "followUpOf"
    for of in (visit, uuid4()):
        with pytest.raises(NotFound):
            await till.pays(stranger, hold=theirs, follow_up_of=of)
    with pytest.raises(Conflict, match="still to come"):
        await till.pays(me, hold=mine, follow_up_of=visit)
    assert await till.rows("SELECT 1 FROM payment") == []
    await till.rows("UPDATE queue_entry SET state = 'completed' WHERE entry_id = $1 RETURNING 1", visit)
    assert (await till.pays(me, hold=mine, follow_up_of=visit)).amount == FOLLOW_UP_FEE


async def test_what_is_only_spelled_like_a_follow_up_costs_what_any_visit_does(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold, visit_type="follow-up")
    assert payment.amount == FEE
    await till.hears(payment)
    made = await till.books(me, slot, hold, visit_type="follow-up")
    assert (made["payment"]["status"], made["payment"]["amount"]) == ("paid", FEE)


async def test_without_a_fee_there_is_nothing_to_pay(graph: Graph, clinic: Clinic) -> None:
    till = Till(graph, Practice(graph.db, clinic), None)
    await till.opens(fee=None)
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    with pytest.raises(NothingToPay, match="no fees"):
        await till.pays(me, hold=hold)
    (row,) = await till.rows("SELECT renewed FROM hold")
    assert not row["renewed"]


async def test_without_a_provider_visits_are_paid_at_the_desk(graph: Graph, clinic: Clinic) -> None:
    till = Till(graph, Practice(graph.db, clinic), None)
    await till.opens()
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    with pytest.raises(NoOnlinePayment):
        await till.pays(me, hold=hold)
    (row,) = await till.rows("SELECT renewed FROM hold")
    assert not row["renewed"]
    assert await till.rows("SELECT 1 FROM payment") == []


async def test_a_hold_that_is_over_or_somebody_elses_is_not_paid_for(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = till.guest()
    with monkeypatch.context() as patched:
        patched.setitem(HELD_FOR, HolderKind.GUEST, timedelta(microseconds=1))
        over = await till.holds(me, await till.slot())
    with pytest.raises(HoldExpired):
        await till.pays(me, hold=over)
    hold = await till.holds(me, await till.slot(10))
    for thief in (till.guest(), till.desk):
        with pytest.raises(NotFound):
            await till.pays(thief, hold=hold)
    assert await till.rows("SELECT 1 FROM payment") == []


async def test_an_appointment_is_paid_by_whoever_booked_it_and_by_nobody_else(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    made = await till.books(me, slot, await till.holds(me, slot))
    appointment = UUID(made["appointment"]["id"])
    with pytest.raises(NotFound):
        await till.pays(till.guest(), appointment=appointment)
    payment = await till.pays(me, appointment=appointment)
    assert (payment.status, payment.appointment_id, payment.hold_id) == (PaymentStatus.PENDING, appointment, None)
    assert (await till.reading.one(me, payment.id)).id == payment.id
    with pytest.raises(NotFound):
        await till.reading.one(till.guest(), payment.id)
    await till.hears(payment)
    with pytest.raises(NothingToPay, match="paid"):
        await till.pays(me, appointment=appointment)


async def test_whoever_may_pay_for_a_visit_goes_on_with_the_payment_that_somebody_else_began(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    appointment = UUID((await till.books(me, slot, await till.holds(me, slot)))["appointment"]["id"])
    (row,) = await till.rows("SELECT patient_id FROM appointment")
    begun = await till.pays(till.desk, appointment=appointment)
    # Its guest, and its patient, who has signed in since.
    for payer in (me, patient_of(till.practice, row["patient_id"])):
        again = await till.pays(payer, appointment=appointment)
        assert (again.id, again.pay_url) == (begun.id, begun.pay_url)
        assert (await till.reading.one(payer, begun.id)).id == begun.id
    for stranger in (till.guest(), patient_of(till.practice, uuid4())):
        with pytest.raises(NotFound, match="no such payment"):
            await till.reading.one(stranger, begun.id)
    assert len(till.provider.intents) == 1


async def test_a_cancelled_appointment_is_not_paid(till: Till) -> None:
    made = await till.books(till.desk, await till.slot())
    appointment = UUID(made["appointment"]["id"])
    await till.graph.queue.run(till.desk, "cancel", appointment, Empty())
    with pytest.raises(Conflict, match="cancelled"):
        await till.pays(till.desk, appointment=appointment)


async def test_the_desk_takes_payments_which_are_paid_with_that(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    made = await till.books(me, slot, await till.holds(me, slot))
    appointment = UUID(made["appointment"]["id"])
    with pytest.raises(Forbidden):
        await till.pays(me, appointment=appointment, method=PaymentMethod.DESK)
    online = await till.pays(me, appointment=appointment)
    paid = await till.pays(till.desk, appointment=appointment, method=PaymentMethod.DESK)
    assert (paid.status, paid.provider, paid.amount) == (PaymentStatus.PAID, "desk", FEE)
    (row,) = await till.rows("SELECT paid_at FROM appointment")
    assert row["paid_at"] == paid.paid_at
    # Whoever pays on the page that is still open somewhere gets it back: nobody pays twice.
    assert (await till.stands(online)).status is PaymentStatus.CANCELLED
    await till.hears(online)
    assert (await till.stands(online)).status is PaymentStatus.REFUND_PENDING
    shown = await till.reading.of_appointment(till.desk, appointment)
    assert [one.id for one in shown] == [paid.id, online.id]
    for method in PaymentMethod:
        with pytest.raises(NothingToPay):
            await till.pays(till.desk, appointment=appointment, method=method)


async def test_a_payment_names_one_thing_and_has_a_key(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    for body in (NewPayment(), NewPayment(hold_id=hold, appointment_id=hold)):
        with pytest.raises(InvalidValue):
            await till.asking.begin(me, body, once())
    with pytest.raises(InvalidValue) as refused:
        await till.asking.begin(me, NewPayment(hold_id=hold), NONE)
    assert refused.value.field == "Idempotency-Key"


async def test_a_time_by_video_costs_its_own_fee_or_that_of_any_visit(till: Till) -> None:
    me = till.guest()
    await till.rows("UPDATE slot SET tele = 1, total = 2 RETURNING 1")
    await till.rows("UPDATE doctor_profile SET tele_fee = 2000 RETURNING 1")
    hold = await till.holds(me, await till.slot(), Mode.TELE)
    assert (await till.pays(me, hold=hold)).amount == 2_000


async def test_a_hold_is_renewed_while_it_is_paid_for_and_once(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    with pytest.raises(Conflict, match="while it is being paid"):
        await till.renewing.renew(me, slot)
    with pytest.raises(NotFound):
        await till.renewing.renew(till.guest(), slot)
    payment = await till.pays(me, hold=hold)
    with pytest.raises(Conflict, match="once"):
        await till.renewing.renew(me, slot)
    (row,) = await till.rows("SELECT expires_at FROM hold")
    assert row["expires_at"] == payment.expires_at


async def test_a_declined_attempt_leaves_the_page_open_for_another(till: Till) -> None:
    me = till.guest()
    hold = await till.holds(me, await till.slot())
    payment = await till.pays(me, hold=hold)
    await till.hears(payment, NoticeKind.FAILED)
    again = await till.pays(me, hold=hold)
    assert (again.id, again.status, again.pay_url) == (payment.id, PaymentStatus.FAILED, payment.pay_url)
    assert isinstance(again.created_at, datetime)
    await till.hears(payment)
    assert (await till.stands(payment)).status is PaymentStatus.PAID
