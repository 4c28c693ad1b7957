"""Payments: whatever order the news comes in, and however often, the ledger ends where the provider's does."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.doctors.profile import Fees
from scheduling_core.errors import Conflict, NotFound, NothingToPay, NoticeDisagrees
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, PaymentId
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments import decide
from scheduling_core.payments import events as ev
from scheduling_core.payments.decide import Notice, NoticeKind
from scheduling_core.payments.events import CancelReason, RefundReason
from scheduling_core.payments.fees import amount_due
from scheduling_core.payments.state import PAYMENT, Payment, PaymentStatus
from scheduling_core.slots.events import HolderKind

BEGAN = datetime(2030, 5, 6, 8, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=5)
VISIT = EntryId(UUID(int=9))


def owed(**more: object) -> dict[str, object]:
    return {
        "payment": PaymentId(UUID(int=1)),
        "clinic": ClinicId(UUID(int=2)),
        "doctor": DoctorId(UUID(int=3)),
        "payer_kind": HolderKind.GUEST,
        "payer": UUID(int=4),
        "amount": 4_500,
        "currency": "EUR",
        "visit_type": "consultation",
        "mode": Mode.IN_PERSON,
        "hold": HoldId(UUID(int=5)),
        **more,
    }


def after(payment: Payment | None, events: Sequence[ev.PaymentEvent], at: datetime = NOW) -> Payment:
    for event in events:
        payment = PAYMENT.fold(payment, event, at)
    assert payment is not None
    return payment


def online(*, intent: str | None = "pi_1") -> Payment:
    begun = after(None, [ev.PaymentRequested(**owed(), provider="simulator")], BEGAN)  # type: ignore[arg-type]
    return after(begun, decide.opened(begun, intent, "https://pay.example.org/1")) if intent else begun


def at_desk() -> Payment:
    return after(None, [ev.DeskPaymentTaken(**owed())], BEGAN)  # type: ignore[arg-type]


def notice(kind: NoticeKind, minutes: int = 1, **more: object) -> Notice:
    known = {"intent": "pi_1", "amount": 4_500, "currency": "EUR", "occurred_at": BEGAN + timedelta(minutes=minutes)}
    return Notice(kind=kind, **known | more)  # type: ignore[arg-type]


def hear(payment: Payment, *notices: Notice) -> Payment:
    for one in notices:
        payment = after(payment, decide.hear(payment, one, NOW))
    return payment


PAID, FAILED, REFUNDED = (notice(kind, n + 1) for n, kind in enumerate(NoticeKind))

Step = Callable[[Payment], Payment]


def cancelled(payment: Payment) -> Payment:
    return after(payment, decide.cancel(payment, CancelReason.APPOINTMENT_CANCELLED))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Notice], list[Step], bool]:
    """What happened at the provider, in order; and how we hear of it: any number of times, in any order, with the
    visit cancelled somewhere between, or not."""
    happened = [notice(NoticeKind.FAILED, n + 1) for n in range(draw(st.integers(0, 3)))]
    end = draw(st.sampled_from(("open", "paid", "refunded")))
    if end != "open":
        happened.append(notice(NoticeKind.SUCCEEDED, 10))
    if end == "refunded":
        happened.append(notice(NoticeKind.REFUNDED, 20))
    copies = [one for one in happened for _ in range(draw(st.integers(1, 3)))]
    steps: list[Step] = [lambda p, n=one: hear(p, n) for one in draw(st.permutations(copies))]  # type: ignore[misc]
    is_cancelled = draw(st.booleans())
    if is_cancelled:
        steps.insert(draw(st.integers(0, len(steps))), cancelled)
    return happened, steps, is_cancelled


def expected(happened: Sequence[Notice], is_cancelled: bool) -> PaymentStatus:
    kinds = {one.kind for one in happened}
    if NoticeKind.REFUNDED in kinds:
        return PaymentStatus.REFUNDED
    if NoticeKind.SUCCEEDED in kinds:
        return PaymentStatus.REFUND_PENDING if is_cancelled else PaymentStatus.PAID
    if is_cancelled:
        return PaymentStatus.CANCELLED
    return PaymentStatus.FAILED if NoticeKind.FAILED in kinds else PaymentStatus.PENDING


@given(histories(), st.booleans())
def test_the_ledger_ends_where_the_providers_does_whatever_order_the_news_comes_in(
    history: tuple[list[Notice], list[Step], bool], is_known: bool
) -> None:
    happened, steps, is_cancelled = history
    payment = online(intent="pi_1" if is_known else None)
    seen = [payment]
    for step in steps:
        payment = step(payment)
        seen.append(payment)
    assert payment.status is expected(happened, is_cancelled)
    times = {one.kind: one.occurred_at for one in happened}
    assert payment.paid_at == times.get(NoticeKind.SUCCEEDED)
    assert payment.refunded_at == times.get(NoticeKind.REFUNDED)
    # Once it is known to be paid it is never unpaid again.
    paid = [state.paid_at is not None or state.refunded_at is not None for state in seen]
    assert paid == sorted(paid)
    assert (payment.intent is not None) is (is_known or bool(happened))


@given(histories())
def test_news_that_was_heard_changes_nothing_when_it_comes_again(
    history: tuple[list[Notice], list[Step], bool],
) -> None:
    happened, steps, _ = history
    payment = online()
    for step in steps:
        payment = step(payment)
    for one in happened:
        assert decide.hear(payment, one, NOW) == []


def test_a_failed_attempt_may_be_followed_by_one_that_pays() -> None:
    assert hear(online(), FAILED).status is PaymentStatus.FAILED
    assert hear(online(), FAILED, PAID).status is PaymentStatus.PAID
    assert hear(online(), PAID, FAILED).status is PaymentStatus.PAID


def test_a_refund_that_is_heard_of_before_the_payment_is_remembered() -> None:
    payment = hear(online(), REFUNDED)
    assert payment.status is PaymentStatus.REFUNDED
    assert hear(payment, PAID).status is PaymentStatus.REFUNDED


def test_what_is_paid_when_nothing_is_owed_any_more_goes_back_by_itself() -> None:
    payment = after(online(), decide.cancel(online(), CancelReason.HOLD_OVER))
    assert payment.status is PaymentStatus.CANCELLED
    events = decide.hear(payment, PAID, NOW)
    assert events[-1] == ev.RefundRequested(why=RefundReason.PAID_TOO_LATE)
    assert after(payment, events).status is PaymentStatus.REFUND_PENDING


@pytest.mark.parametrize("lie", [{"amount": 4_499}, {"amount": 45}, {"currency": "USD"}])
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_another_amount_or_currency_is_refused(kind: NoticeKind, lie: dict[str, Any]) -> None:
    with pytest.raises(NoticeDisagrees):
        decide.hear(online(), notice(kind, **lie), NOW)


def test_another_intent_is_unknown() -> None:
    with pytest.raises(NotFound):
        decide.hear(online(), notice(NoticeKind.SUCCEEDED, intent="pi_2"), NOW)
    with pytest.raises(NotFound):
        decide.hear(at_desk(), PAID, NOW)


@pytest.mark.parametrize(("minutes", "counts"), [(-1_000, BEGAN), (10_000, NOW), (7, BEGAN + timedelta(minutes=7))])
def test_an_instant_that_cannot_be_is_brought_to_the_nearest_that_can(minutes: int, counts: datetime) -> None:
    assert hear(online(), notice(NoticeKind.SUCCEEDED, minutes)).paid_at == counts


def test_a_payment_goes_with_one_visit() -> None:
    payment = after(online(), decide.attach(online(), VISIT))
    assert (payment.appointment, payment.expires_at) == (VISIT, None)
    assert decide.attach(payment, VISIT) == []
    with pytest.raises(Conflict):
        decide.attach(payment, EntryId(UUID(int=10)))
    with pytest.raises(Conflict):
        decide.attach(cancelled(online()), VISIT)


def test_what_was_paid_at_the_desk_goes_back_at_the_desk() -> None:
    assert at_desk().status is PaymentStatus.PAID
    assert after(at_desk(), decide.refund(at_desk(), NOW)).status is PaymentStatus.REFUNDED
    waiting = cancelled(at_desk())
    assert waiting.status is PaymentStatus.REFUND_PENDING
    assert after(waiting, decide.refund(waiting, NOW)).status is PaymentStatus.REFUNDED


def test_money_goes_back_once() -> None:
    paid = hear(online(), PAID)
    asked = after(paid, decide.refund(paid, NOW))
    assert asked.status is PaymentStatus.REFUND_PENDING
    for state in (asked, hear(asked, REFUNDED), cancelled(online())):
        with pytest.raises(Conflict):
            decide.refund(state, NOW)
    assert decide.cancel(asked, CancelReason.APPOINTMENT_CANCELLED) == []


def test_who_gives_back_what_nobody_has_paid_yet_owes_it_no_more() -> None:
    assert decide.refund(online(), NOW) == [ev.PaymentCancelled(why=CancelReason.BY_STAFF)]


def test_a_cancellation_that_is_undone_in_time_leaves_the_visit_paid() -> None:
    paid = hear(online(), PAID)
    back = cancelled(paid)
    assert after(back, decide.uncancel(back)) == paid
    assert decide.uncancel(paid) == []
    by_staff = after(paid, decide.refund(paid, NOW))
    assert decide.uncancel(by_staff) == []
    # The money had gone back already: then it is so, whatever was withdrawn.
    assert hear(after(back, decide.uncancel(back)), REFUNDED).status is PaymentStatus.REFUNDED


def test_the_provider_calls_a_payment_by_one_name() -> None:
    nameless = online(intent=None)
    named = hear(nameless, PAID)
    assert (named.intent, named.pay_url) == ("pi_1", "")
    assert after(named, decide.opened(named, "pi_1", "https://pay.example.org/1")).pay_url
    assert decide.opened(online(), "pi_1", "https://pay.example.org/other") == []
    with pytest.raises(Conflict):
        decide.opened(online(), "pi_2", "https://pay.example.org/2")


FEES = Fees(currency="EUR", consultation=5_000, follow_up=3_000, tele=4_000)


@pytest.mark.parametrize(
    ("visit_type", "mode", "amount"),
    [
        ("consultation", Mode.IN_PERSON, 5_000),
        ("consultation", Mode.TELE, 4_000),
        ("follow_up", Mode.IN_PERSON, 3_000),
        ("follow_up", Mode.TELE, 3_000),
        ("procedure", Mode.IN_PERSON, 5_000),
        ("follow-up", Mode.IN_PERSON, 5_000),
    ],
)
def test_a_visit_costs_what_the_doctor_asks_for_its_kind(visit_type: str, mode: Mode, amount: int) -> None:
    assert amount_due(FEES, visit_type, mode) == amount
    plain = msgspec.structs.replace(FEES, follow_up=None, tele=None)
    assert amount_due(plain, visit_type, mode) == 5_000


def test_what_costs_nothing_is_not_paid() -> None:
    with pytest.raises(NothingToPay, match="no fees"):
        amount_due(None, "consultation", Mode.IN_PERSON)
    with pytest.raises(NothingToPay, match="free"):
        amount_due(msgspec.structs.replace(FEES, follow_up=0), "follow_up", Mode.IN_PERSON)
