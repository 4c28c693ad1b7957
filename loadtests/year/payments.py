"""What is paid for visits: online, at the desk, not at all, and back again."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from loadtests.year.practice import Colleague, Practice
from queue_server.application.payments.model import PAYMENT_MODEL
from scheduling_core.ids import EntryId, HoldId, PaymentId, TextId
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments import decide
from scheduling_core.payments import events as ev
from scheduling_core.payments.decide import Notice, NoticeKind
from scheduling_core.payments.events import CancelReason
from scheduling_core.payments.state import Payment
from scheduling_core.slots.events import HolderKind

AMOUNT, CURRENCY = 4_500, "EUR"

Step = Callable[[Payment], list[ev.PaymentEvent]]


async def pay(at: Practice, one: Colleague) -> None:
    """Let one visit be paid online and given back, one at the desk, and one not be paid in the end."""
    online, intent = PaymentId(uuid4()), f"pi_{uuid4()}"
    async with at.unit("begin-payment") as unit:
        hold, until = HoldId(uuid4()), at.now
        begun = ev.PaymentRequested(**_owed(at, one, online), hold=hold, provider="provider", expires_at=until)
        (await unit.lock_aggregate(PAYMENT_MODEL, online)).add(begun)
    async with at.unit("say") as unit:
        note = await at.reason(unit)
    await _happens(at, online, lambda p: decide.opened(p, intent, f"https://pay.example.org/{intent}"))
    await _happens(at, online, lambda p: decide.attach(p, EntryId(uuid4())))
    await _told(at, online, intent, NoticeKind.FAILED)
    await _told(at, online, intent, NoticeKind.SUCCEEDED)
    await _happens(at, online, lambda p: decide.cancel(p, CancelReason.APPOINTMENT_CANCELLED))
    await _happens(at, online, decide.uncancel)
    await _gives_back(at, online, note)
    await _told(at, online, intent, NoticeKind.REFUNDED)
    async with at.unit("begin-payment") as unit:
        desk, unpaid = PaymentId(uuid4()), PaymentId(uuid4())
        taken = ev.DeskPaymentTaken(**_owed(at, one, desk), appointment=EntryId(uuid4()))
        (await unit.lock_aggregate(PAYMENT_MODEL, desk)).add(taken)
        asked = ev.PaymentRequested(**_owed(at, one, unpaid), provider="provider")
        (await unit.lock_aggregate(PAYMENT_MODEL, unpaid)).add(asked)
    await _happens(at, unpaid, lambda p: decide.cancel(p, CancelReason.HOLD_OVER))


def _owed(at: Practice, one: Colleague, payment: PaymentId) -> dict[str, Any]:
    return {
        "payment": payment,
        "clinic": at.clinics[0],
        "doctor": one.id,
        "payer_kind": HolderKind.STAFF,
        "payer": at.admin.account,
        "amount": AMOUNT,
        "currency": CURRENCY,
        "visit_type": "consultation",
        "mode": Mode.IN_PERSON,
    }


async def _happens(at: Practice, payment: PaymentId, step: Step) -> None:
    async with at.unit("payment") as unit:
        held = await unit.lock_aggregate(PAYMENT_MODEL, payment)
        held.add(*step(held.state))


async def _gives_back(at: Practice, payment: PaymentId, note: TextId) -> None:
    await _happens(at, payment, lambda p: decide.refund(p, at.now, note))


async def _told(at: Practice, payment: PaymentId, intent: str, kind: NoticeKind) -> None:
    notice = Notice(kind=kind, intent=intent, amount=AMOUNT, currency=CURRENCY, occurred_at=at.now)
    await _happens(at, payment, lambda p: decide.hear(p, notice, at.now))
