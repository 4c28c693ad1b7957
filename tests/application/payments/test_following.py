"""What a payment does to the visit, and the visit to the payment: paid orders the queue, cancelled gives back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import rebuild
from queue_server.application.answers import NONE
from queue_server.application.booking.bodies import CancelBody, RescheduleBody
from queue_server.application.desk_bodies import Empty, UndoBody
from queue_server.application.payments.bodies import PaymentMethod
from queue_server.application.payments.hearing import Heard
from queue_server.application.payments.model import CANCEL_JOB, REFUND_JOB, SETTLE_JOB
from queue_server.application.payments.work import ProviderWork
from queue_server.payments import Intent, signature
from queue_server.store.db import Database
from scheduling_core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidSignature,
    InvalidValue,
    MalformedRequest,
    NotFound,
    NothingToPay,
    NoticeDisagrees,
    PaymentRefused,
    Unavailable,
)
from scheduling_core.ids import EntryId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Entry
from scheduling_core.payments.decide import NoticeKind
from scheduling_core.payments.state import PaymentStatus
from scheduling_core.permissions import Role
from tests.application.payments.till import FOLLOW_UP_FEE, Till, once
from tests.conftest import RunningServices
from tests.factories import at, in_days

PAID, REFUND_PENDING, REFUNDED = PaymentStatus.PAID, PaymentStatus.REFUND_PENDING, PaymentStatus.REFUNDED


async def entry_of(till: Till, appointment: UUID, *, day: int = 2) -> Entry:
    clinic = till.practice.clinic
    stream = queue_stream(clinic.tenant, till.practice.doctor, in_days(day).isoformat())
    (row,) = await till.rows("SELECT state FROM stream WHERE stream_id = $1", stream)
    return codec.decode_state(row["state"]).entries[EntryId(appointment)]


async def paid_at(till: Till, appointment: UUID) -> datetime | None:
    (row,) = await till.rows("SELECT paid_at FROM appointment WHERE appointment_id = $1", appointment)
    found: datetime | None = row["paid_at"]
    return found


def appointment_of(made: dict[str, Any]) -> UUID:
    return UUID(made["appointment"]["id"])


async def test_what_is_paid_before_it_is_booked_orders_the_queue_from_the_booking_on(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold)
    await till.hears(payment)
    paid = await till.stands(payment)
    made = await till.books(me, slot, hold)
    visit = appointment_of(made)
    assert (made["payment"]["id"], made["payment"]["status"]) == (str(payment.id), "paid")
    assert made["payment"]["appointmentId"] == str(visit)
    assert await paid_at(till, visit) == paid.paid_at == (await entry_of(till, visit)).seniority
    # Its hold is over by being booked: nothing goes back.
    await till.works(SETTLE_JOB)
    assert (await till.stands(payment)).status is PAID


async def test_what_is_paid_after_it_was_booked_orders_the_queue_from_then_on(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold)
    visit = appointment_of(made := await till.books(me, slot, hold))
    assert made["payment"]["status"] == "pending"
    assert (await entry_of(till, visit)).seniority != await paid_at(till, visit)
    published = len(till.graph.published.queues)
    assert await till.hears(payment) is Heard.NEWS
    assert await paid_at(till, visit) == (await entry_of(till, visit)).seniority
    assert len(till.graph.published.queues) == published + 1


async def test_a_visit_that_is_booked_as_a_dearer_kind_than_paid_for_is_refused(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    cheap = await till.pays(me, hold=hold, visit_type="procedure")
    await till.rows("UPDATE doctor_profile SET consultation_fee = 9900 RETURNING 1")
    with pytest.raises(Conflict, match="something else"):
        await till.books(me, slot, hold)
    assert (await till.rows("SELECT taken, held FROM slot WHERE slot_id = $1", slot))[0]["held"] == 1
    # As what it was paid for it is booked at the price of then.
    await till.books(me, slot, hold, visit_type="procedure")
    assert (await till.stands(cheap)).amount != FOLLOW_UP_FEE


async def test_what_is_paid_but_never_booked_goes_back_when_the_hold_is_over(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold)
    await till.hears(payment)
    # While it is held it may still be booked.
    await till.works(SETTLE_JOB)
    assert (await till.stands(payment)).status is PAID
    assert payment.expires_at is not None
    assert all(job.due_at > payment.expires_at for job in await till.jobs(SETTLE_JOB))
    await till.lets_time_go_by(hold)
    await till.works(SETTLE_JOB)
    assert (await till.stands(payment)).status is REFUND_PENDING
    assert await till.jobs(SETTLE_JOB) == []
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED
    assert till.provider.refunded == {f"{payment.id}:refund": f"pi_{payment.id}"}


async def test_what_is_paid_after_the_hold_was_given_up_goes_back(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    payment = await till.pays(me, hold=await till.holds(me, slot))
    await till.holding.release(me, slot)
    # Nobody waits for the end that the hold would have had.
    assert (await till.jobs(SETTLE_JOB))[0].due_at <= datetime.now(UTC)
    await till.works(SETTLE_JOB)
    assert (await till.stands(payment)).status is PaymentStatus.CANCELLED
    await till.hears(payment)
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_what_is_cancelled_at_the_desk_goes_back_unless_that_is_undone(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    when = await paid_at(till, visit)
    cancelled = await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    assert (await till.stands(payment)).status is REFUND_PENDING
    assert await paid_at(till, visit) is None
    (job,) = await till.jobs(REFUND_JOB)
    assert job.due_at > datetime.now(UTC) + timedelta(seconds=25)
    assert cancelled.version is not None
    queue = till.practice.doctor
    await till.graph.queue.run(till.desk, "undo", queue, UndoBody(version=cancelled.version, date=str(in_days(2))))
    assert ((await till.stands(payment)).status, await paid_at(till, visit)) == (PAID, when)
    # The job finds nothing to do any more.
    await till.works(REFUND_JOB)
    assert till.provider.refunded == {}
    await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_what_is_cancelled_undone_and_cancelled_again_waits_until_that_cannot_be_undone(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    cancelled = await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    assert cancelled.version is not None
    undo = UndoBody(version=cancelled.version, date=str(in_days(2)))
    await till.graph.queue.run(till.desk, "undo", till.practice.doctor, undo)
    await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    first, second = await till.jobs(REFUND_JOB)
    await till.work.refund(first)
    assert (await till.stands(payment)).status is REFUND_PENDING
    assert (await till.jobs(REFUND_JOB), till.provider.refunded) == ([second], {})
    await till.work.refund(second)
    assert (await till.stands(payment)).status is REFUNDED


async def test_nobody_pays_any_more_what_is_not_owed(till: Till) -> None:
    visits = [appointment_of(await till.books(till.desk, await till.slot(hour))) for hour in (9, 10, 11)]
    cancelled, taken, paid = [await till.pays(till.desk, appointment=visit) for visit in visits]
    await till.graph.queue.run(till.desk, "cancel", visits[0], Empty())
    await till.pays(till.desk, appointment=visits[1], method=PaymentMethod.DESK)
    await till.hears(paid)
    till.provider.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await till.works(CANCEL_JOB)
    till.provider.fails = None
    assert await till.works(CANCEL_JOB) == 2
    assert till.provider.cancelled == {f"{one.id}:cancel": f"pi_{one.id}" for one in (cancelled, taken)}
    assert await till.jobs(CANCEL_JOB) == []


async def test_a_page_that_opens_when_nothing_is_owed_any_more_is_closed(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    answers = till.provider.create_intent

    async def too_late(**asked: Any) -> Intent:
        await till.graph.queue.run(till.desk, "cancel", visit, Empty())
        return await answers(**asked)

    monkeypatch.setattr(till.provider, "create_intent", too_late)
    payment = await till.pays(till.desk, appointment=visit)
    assert (payment.status, payment.pay_url) == (PaymentStatus.CANCELLED, None)
    await till.works(CANCEL_JOB)
    assert list(till.provider.cancelled.values()) == [f"pi_{payment.id}"]


async def test_a_page_that_the_provider_does_not_close_is_left_to_refunds(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    till.provider.fails = PaymentRefused("It was paid just now.")
    assert await till.works(CANCEL_JOB) == 1
    assert await till.jobs(CANCEL_JOB) == []
    till.provider.fails = None
    await till.hears(payment)
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_a_worker_without_the_provider_leaves_refunds_to_be_tried_again(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    (job,) = await till.jobs(REFUND_JOB)
    with pytest.raises(Unavailable):  # which is never held against the job
        await ProviderWork(till.graph.db, till.graph.writes, None).refund(job)
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_what_its_patient_cancels_goes_back_at_once(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold)
    await till.hears(payment)
    token = (await till.books(me, slot, hold))["trackingToken"]
    answer = await till.cancelling.by_link(token, CancelBody(), once())
    assert msgspec.json.decode(answer.body)["payment"]["status"] == "refund_pending"
    (job,) = await till.jobs(REFUND_JOB)
    assert job.due_at <= datetime.now(UTC)
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_what_nobody_has_paid_yet_is_not_owed_when_the_visit_is_cancelled(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    assert (await till.stands(payment)).status is PaymentStatus.CANCELLED
    await till.hears(payment)
    assert await paid_at(till, visit) is None
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED


async def test_staff_give_back_what_was_paid_once(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    for role in (Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.PATIENT, Role.DISPLAY):
        with pytest.raises((Forbidden, NotFound)):
            await till.refunding.refund(till.practice.clinic.actor(role), payment.id, None, NONE)
    elsewhere = till.practice.clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await till.refunding.refund(elsewhere, payment.id, None, NONE)
    await till.refunding.refund(till.desk, payment.id, "The doctor was called away", NONE)
    shown = await till.reading.of_appointment(till.desk, visit)
    assert (shown[0].status, shown[0].refund_note) == (REFUND_PENDING, "The doctor was called away")
    with pytest.raises(Conflict):
        await till.refunding.refund(till.desk, payment.id, None, NONE)
    till.provider.fails = Unavailable("away")
    with pytest.raises(Unavailable):
        await till.works(REFUND_JOB)
    till.provider.fails, till.provider.loses_answers = None, True
    with pytest.raises(Unavailable):
        await till.works(REFUND_JOB)
    till.provider.loses_answers = False
    await till.works(REFUND_JOB)
    assert (await till.stands(payment)).status is REFUNDED
    assert len(till.provider.refunded) == 1
    words = await till.rows("SELECT data::text FROM event_store WHERE data::text LIKE '%called away%'")
    assert words == []
    # It is known whom it is about, so that it is erased with them.
    (kept,) = await till.rows("SELECT appointment_id FROM free_text WHERE body LIKE '%called away%'")
    assert kept["appointment_id"] == visit


async def test_a_refund_moves_nobody_neither_then_nor_with_a_later_move(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    since = await paid_at(till, visit)
    assert (await entry_of(till, visit)).seniority == since
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    await till.works(REFUND_JOB)
    await till.hears(payment, NoticeKind.REFUNDED)
    assert (await till.stands(payment)).status is REFUNDED
    assert ((await entry_of(till, visit)).seniority, await paid_at(till, visit)) == (since, since)
    await till.practice.regenerate(in_days(3), in_days(3))
    slot = (await till.practice.slot(at(in_days(3), 9)))["slot_id"]
    await till.rescheduling.reschedule(till.desk, visit, RescheduleBody(slot_id=slot), once())
    assert ((await entry_of(till, visit, day=3)).seniority, await paid_at(till, visit)) == (since, since)


async def test_what_was_given_back_may_be_paid_anew_and_counts_from_then(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit, method=PaymentMethod.DESK)
    with pytest.raises(NothingToPay):
        await till.pays(till.desk, appointment=visit)
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    # Begun online twice, then paid at the desk all the same.
    online = [await till.pays(till.desk, appointment=visit) for _ in range(2)]
    assert online[0].id == online[1].id != payment.id
    again = await till.pays(till.desk, appointment=visit, method=PaymentMethod.DESK)
    assert (again.id == payment.id, again.status) == (False, PAID)
    assert (await entry_of(till, visit)).seniority == await paid_at(till, visit) == again.paid_at
    with pytest.raises(NothingToPay):
        await till.pays(till.desk, appointment=visit)


async def test_a_reason_for_a_refund_is_about_a_visit(till: Till) -> None:
    """What is written about nobody would be erased with nobody."""
    me = till.guest()
    payment = await till.pays(me, hold=await till.holds(me, await till.slot()))
    with pytest.raises(InvalidValue) as refused:
        await till.refunding.refund(till.desk, payment.id, "Mei called", NONE)
    assert refused.value.field == "reason"
    assert await till.rows("SELECT 1 FROM free_text") == []
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    assert (await till.stands(payment)).status is PaymentStatus.CANCELLED


async def test_a_refund_that_is_under_way_is_asked_about_until_it_is_done(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit)
    await till.hears(payment)
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    till.provider.takes_its_time = True
    await till.works(REFUND_JOB)
    (job,) = await till.jobs(REFUND_JOB)
    assert job.due_at > datetime.now(UTC) + timedelta(seconds=30)
    # Its notice may come first.
    await till.hears(payment, NoticeKind.REFUNDED)
    assert (await till.stands(payment)).status is REFUNDED
    await till.works(REFUND_JOB)
    assert await till.jobs(REFUND_JOB) == []


async def test_what_was_paid_at_the_desk_waits_there_until_it_was_given_back(till: Till) -> None:
    visit = appointment_of(await till.books(till.desk, await till.slot()))
    payment = await till.pays(till.desk, appointment=visit, method=PaymentMethod.DESK)
    await till.graph.queue.run(till.desk, "cancel", visit, Empty())
    assert (await till.stands(payment)).status is REFUND_PENDING
    assert await till.jobs(REFUND_JOB) == []
    await till.refunding.refund(till.desk, payment.id, None, NONE)
    assert (await till.stands(payment)).status is REFUNDED


async def test_a_notice_counts_once_however_often_it_comes(till: Till) -> None:
    me, slot = till.guest(), await till.slot()
    hold = await till.holds(me, slot)
    payment = await till.pays(me, hold=hold)
    await till.books(me, slot, hold)
    heard = await asyncio.gather(*(till.hears(payment, told="evt_1") for _ in range(10)))
    assert sorted(heard) == [Heard.KNOWN] * 9 + [Heard.NEWS]
    # Told of again under another name, it is no news either.
    await till.hears(payment)
    assert (await till.types(payment)).count("payment_succeeded") == 1
    assert len(await till.rows("SELECT 1 FROM event_store WHERE type = 'payment_recorded'")) == 1


THEN = 1_900_000_000
Wrong = Callable[[Till, Any], Awaitable[Heard]]


def _sent(body: bytes, secret: bytes = b"s" * 32, provider: str = "provider", late: float = 0) -> Wrong:
    async def send(till: Till, _payment: Any) -> Heard:
        return await till.hearing.hear(
            provider, body, signature.sign(secret, body, 1_900_000_000), 1_900_000_000 + late
        )

    return send


def _of(**changed: Any) -> Wrong:
    async def send(till: Till, payment: Any) -> Heard:
        return await till.hears(payment, **changed)

    return send


def _signed(**how: Any) -> Wrong:
    async def send(till: Till, payment: Any) -> Heard:
        return await _sent(till.notice(payment, NoticeKind.SUCCEEDED), **how)(till, payment)

    return send


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (_signed(secret=b"x" * 32), InvalidSignature),
        (_signed(late=301), InvalidSignature),
        (_signed(late=-301), InvalidSignature),
        (_signed(provider="other"), NotFound),
        (_of(amount=1), NoticeDisagrees),
        (_of(currency="USD"), NoticeDisagrees),
        (_of(amount=-1), InvalidValue),
        (_of(amount="4500"), InvalidValue),
        (_of(id="pi_other"), NotFound),
        (_of(reference="nobody"), NotFound),
        (_of(reference=f"{uuid4()}:{uuid4()}"), NotFound),
        (_sent(b"{"), MalformedRequest),
        (_sent(b"\xff"), MalformedRequest),
        (_sent(b'{"x":' + b"[" * 100_000), MalformedRequest),
        (_sent(b'{"id": "evt_1"}'), InvalidValue),
        (_sent(b"null"), InvalidValue),
    ],
)
async def test_a_notice_that_is_not_as_it_should_be_is_refused_and_changes_nothing(
    till: Till, wrong: Wrong, refusal: type[DomainError]
) -> None:
    me, slot = till.guest(), await till.slot()
    payment = await till.pays(me, hold=await till.holds(me, slot))
    before = await till.rows("SELECT * FROM payment")
    with pytest.raises(refusal):
        await wrong(till, payment)
    assert await till.rows("SELECT * FROM payment") == before
    assert await till.rows("SELECT 1 FROM payment_notice") == []


async def test_notices_and_bookings_at_the_same_moment_end_with_the_visit_paid(till: Till) -> None:
    slots = [row["slot_id"] for row in await till.practice.slots()]
    for slot in slots[:6]:
        me = till.guest()
        hold = await till.holds(me, slot)
        payment = await till.pays(me, hold=hold)
        booking = asyncio.create_task(till.books(me, slot, hold))
        await asyncio.gather(*(till.hears(payment, told=str(slot)) for _ in range(3)), till.works(SETTLE_JOB))
        made = await booking
        visit = appointment_of(made)
        stands = await till.stands(payment)
        assert (stands.status, stands.appointment_id) == (PAID, visit)
        assert await paid_at(till, visit) == stands.paid_at == (await entry_of(till, visit)).seniority


async def test_what_is_paid_as_the_hold_ends_goes_back_whichever_comes_first(till: Till) -> None:
    for row in await till.practice.slots():
        me = till.guest()
        hold = await till.holds(me, row["slot_id"])
        payment = await till.pays(me, hold=hold)
        await till.lets_time_go_by(hold)
        # The job that looks after its end, twice, and the provider's word that it was paid just in time.
        await asyncio.gather(till.works(SETTLE_JOB), till.hears(payment), till.works(SETTLE_JOB))
        await till.works(SETTLE_JOB)
        assert (await till.stands(payment)).status is REFUND_PENDING
        assert len(await till.jobs(REFUND_JOB)) == 1
        await till.works(REFUND_JOB)
        assert (await till.stands(payment)).status is REFUNDED


async def test_payments_and_cancellations_at_the_same_moment_end_with_the_money_back(till: Till) -> None:
    slots = [row["slot_id"] for row in await till.practice.slots()]
    for slot in slots[:6]:
        visit = appointment_of(await till.books(till.desk, slot))
        payment = await till.pays(till.desk, appointment=visit)
        await asyncio.gather(
            till.graph.queue.run(till.desk, "cancel", visit, Empty()), *(till.hears(payment) for _ in range(3))
        )
        assert (await till.stands(payment)).status is REFUND_PENDING
        assert await paid_at(till, visit) is None
        await till.works(REFUND_JOB)
        assert (await till.stands(payment)).status is REFUNDED


async def test_refunds_and_cancellations_at_the_same_moment_do_not_wait_for_each_other(till: Till) -> None:
    for row in await till.practice.slots():
        visit = appointment_of(await till.books(till.desk, row["slot_id"]))
        payment = await till.pays(till.desk, appointment=visit)
        await till.hears(payment)
        cancelled, refunded = await asyncio.gather(
            till.cancelling.cancel(till.desk, visit, CancelBody(reason="Called away"), once()),
            till.refunding.refund(till.desk, payment.id, "Called away", NONE),
            return_exceptions=True,
        )
        assert not isinstance(cancelled, BaseException), cancelled
        # Whoever comes second finds it given back.
        assert not isinstance(refunded, BaseException) or isinstance(refunded, Conflict), refunded
        assert (await till.stands(payment)).status is REFUND_PENDING


async def test_payments_can_be_made_again_from_their_events(till: Till, services: RunningServices) -> None:
    chances = random.Random(7)
    for row in await till.practice.slots():
        me = till.guest()
        hold = await till.holds(me, row["slot_id"])
        payment = await till.pays(me, hold=hold)
        for kind in chances.sample(list(NoticeKind), chances.randint(0, 3)):
            await till.hears(payment, kind)
        if chances.random() < 0.5 and (await till.stands(payment)).status is not REFUNDED:
            await till.books(me, row["slot_id"], hold)
        stands = await till.stands(payment)
        if chances.random() < 0.5 and stands.status is PAID:
            words = "Said so" if stands.appointment_id is not None else None
            await till.refunding.refund(till.desk, payment.id, words, NONE)
    owner = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await owner.open()
    try:
        report = await rebuild.replay(owner, only=till.practice.clinic.tenant)
    finally:
        await owner.close()
    assert [one for one in report.differences if one.model == "payment"] == []
    assert report.aggregates["payment"] == 6
