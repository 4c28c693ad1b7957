"""Beginning a payment: online for what is held or booked, at the desk for both.

What is owed is written down first; then the provider is asked, outside of any transaction, with the payment's id as
key. If the answer is lost, or this process is, a job asks again and gets the same intent.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import structlog

from queue_server.application.actor import Actor
from queue_server.application.answers import Precondition
from queue_server.application.booking import follow_up
from queue_server.application.booking.holders import holder_of
from queue_server.application.booking.renewing import renew
from queue_server.application.payments.access import check_visit
from queue_server.application.payments.bodies import NewPayment, PaymentMethod
from queue_server.application.payments.model import PAYMENT_MODEL, LockedPayment, note, open_later, settle_later
from queue_server.application.payments.reading import PaymentReading
from queue_server.application.payments.views import PaymentView
from queue_server.application.payments.visits import lock_visit, patiently, record_paid
from queue_server.application.payments.work import ProviderWork
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import LockedQueue, Unit, WritePath
from queue_server.store import holds as hold_store
from queue_server.store import payments as store
from queue_server.store.db import Row
from scheduling_core.booking import holds
from scheduling_core.errors import Conflict, DomainError, InvalidValue, NoOnlinePayment, NotFound, NothingToPay
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, PaymentId, SlotId
from scheduling_core.live_queue.state import EntryState, Mode
from scheduling_core.payments import decide
from scheduling_core.payments.events import CancelReason, DeskPaymentTaken, PaymentRequested
from scheduling_core.payments.fees import amount_due
from scheduling_core.payments.state import COUNTING, GIVEN_BACK, OPEN, Payment, PaymentStatus
from scheduling_core.permissions import Permission
from scheduling_core.slots.ledger import Hold

log = structlog.stdlib.get_logger(__name__)

LOST_AFTER = timedelta(seconds=20)
"""After how long a request to the provider that came to no end is made again by a job."""


class _Begun(msgspec.Struct, frozen=True):
    """The answer that is kept with the key: which payment it is. How it stands is read anew each time."""

    id: UUID


class Asking:
    """Begins payments."""

    def __init__(self, writes: WritePath, reading: PaymentReading, work: ProviderWork, public_url: str) -> None:
        self._writes = writes
        self._reading = reading
        self._work = work
        self._public_url = public_url

    async def begin(self, actor: Actor, body: NewPayment, precondition: Precondition) -> PaymentView:
        """Begin a payment and return it; who has begun one already gets that one.

        A payment at the desk is paid with that. Online it has a page to pay on, unless the provider is away: then it
        has one later. A hold that is paid for online is renewed, once. Raises `NothingToPay` when the visit is free or
        paid, `NoOnlinePayment`, `HoldExpired`, `NotFound` for a hold or appointment that is not the actor's,
        `Conflict` for one that is cancelled, `InvalidValue` without an idempotency key.
        """
        if (body.hold_id is None) == (body.appointment_id is None):
            raise InvalidValue("Name either a hold or an appointment.", field="appointmentId")
        if precondition.idempotency is None:
            raise InvalidValue("A payment needs a key, so that it is never made twice.", field="Idempotency-Key")
        if body.method is PaymentMethod.DESK:
            actor.require(Permission.TAKE_PAYMENT)

        async def work(unit: Unit) -> tuple[object, int | None]:
            if body.hold_id is not None:
                found = await self._for_hold(unit, HoldId(body.hold_id), body)
            else:
                assert body.appointment_id is not None
                found = await self._for_visit(unit, body.appointment_id, body)
            return _Begun(found), None

        answer = await patiently(lambda: self._writes.run(actor, "begin-payment", work, precondition))
        begun = PaymentId(msgspec.json.decode(answer.body, type=_Begun).id)
        if body.method is PaymentMethod.ONLINE:
            try:
                await self._work.open(actor.tenant, begun, self._return_url(body))
            except DomainError as error:
                # The job goes on with it; whoever waits asks how the payment stands.
                log.warning("payment_not_opened", code=error.code)
        return await self._reading.one(actor, begun)

    def _return_url(self, body: NewPayment) -> str:
        return self._public_url + body.return_path

    async def _for_hold(self, unit: Unit, hold: HoldId, body: NewPayment) -> PaymentId:
        row = await hold_store.hold(unit.tx, hold)
        if row is None:
            raise NotFound("There is no such hold.", field="holdId")
        stream = await lock_slots(unit.tx, DoctorId(row["doctor_id"]))
        slot, holder = SlotId(row["slot_id"]), holder_of(unit.actor)
        kept = holds.usable(stream.ledger, hold, slot, holder, Mode(row["mode"]), stream.now)
        visit_type = follow_up.type_of(unit.actor, body.visit_type, body.follow_up_of)
        if body.follow_up_of is not None:
            await follow_up.earlier_visit(unit.tx, unit.actor, body.follow_up_of)
        amount, currency = await _price(unit, stream.doctor, visit_type, kept.mode)
        counting = await self._counting(unit, await store.counting_of_hold(unit.tx, hold))
        if counting is not None and await _stays(unit, counting, body, amount, currency):
            return PaymentId(counting.subject)
        if body.method is PaymentMethod.ONLINE and not kept.renewed:
            kept = await renew(unit, stream, hold)
        new = _Owed(
            clinic=kept.clinic,
            doctor=stream.doctor,
            amount=amount,
            currency=currency,
            mode=kept.mode,
            hold=hold,
            slot=slot,
        )
        made = await self._write(unit, new, body, visit_type, kept)
        await settle_later(unit.tx, made, kept.expires_at)
        return made

    async def _for_visit(self, unit: Unit, appointment: UUID, body: NewPayment) -> PaymentId:
        visit = await store.payable_visit(unit.tx, appointment)
        if visit is None:
            raise NotFound("There is no such appointment.", field="appointmentId")
        await check_visit(unit.tx, unit.actor, visit)
        queue = await lock_visit(unit, visit)
        known = await store.of_appointment(unit.tx, appointment)
        _check_owed(queue, visit, known)
        amount, currency = await _price(unit, DoctorId(visit["doctor_id"]), visit["visit_type"], Mode(visit["mode"]))
        counts = next((row["payment_id"] for row in known if row["status"] in COUNTING), None)
        counting = await self._counting(unit, PaymentId(counts) if counts is not None else None)
        if counting is not None and await _stays(unit, counting, body, amount, currency):
            return PaymentId(counting.subject)
        new = _Owed(
            clinic=ClinicId(visit["clinic_id"]),
            doctor=DoctorId(visit["doctor_id"]),
            amount=amount,
            currency=currency,
            mode=Mode(visit["mode"]),
            appointment=EntryId(appointment),
        )
        made = await self._write(unit, new, body, visit["visit_type"])
        if body.method is PaymentMethod.DESK:
            await record_paid(unit, queue, EntryId(appointment), unit.now)
        return made

    @staticmethod
    async def _counting(unit: Unit, payment: PaymentId | None) -> LockedPayment | None:
        return await unit.lock_aggregate(PAYMENT_MODEL, payment) if payment is not None else None

    async def _write(
        self, unit: Unit, owed: "_Owed", body: NewPayment, visit_type: str, hold: Hold | None = None
    ) -> PaymentId:
        payment, payer = PaymentId(uuid4()), holder_of(unit.actor)
        locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
        common = {
            **msgspec.structs.asdict(owed),
            "payment": payment,
            "payer_kind": payer.kind,
            "payer": payer.id,
            "visit_type": visit_type,
        }
        if body.method is PaymentMethod.DESK:
            await note(unit.tx, locked, [DeskPaymentTaken(**common)])
            return payment
        if (provider := self._work.provider_name) is None:
            raise NoOnlinePayment
        until = hold.expires_at if hold is not None else None
        await note(unit.tx, locked, [PaymentRequested(**common, provider=provider, expires_at=until)])
        await open_later(unit.tx, payment, locked.now + LOST_AFTER, self._return_url(body))
        return payment


class _Owed(msgspec.Struct, frozen=True, kw_only=True):
    clinic: ClinicId
    doctor: DoctorId
    amount: int
    currency: str
    mode: Mode
    hold: HoldId | None = None
    slot: SlotId | None = None
    appointment: EntryId | None = None


async def _price(unit: Unit, doctor: DoctorId, visit_type: str, mode: Mode) -> tuple[int, str]:
    """Return what such a visit costs, in minor units of which currency; raises `NothingToPay` when nothing."""
    fees = await store.fees(unit.tx, doctor)
    amount = amount_due(fees, visit_type, mode)
    assert fees is not None
    return amount, fees.currency


async def _stays(unit: Unit, counting: LockedPayment, body: NewPayment, amount: int, currency: str) -> bool:
    """Return whether the payment there is stays the one; else nothing is owed by it any more.

    Raises `NothingToPay` when it is paid.
    """
    state: Payment = counting.state
    if state.status is PaymentStatus.PAID:
        raise NothingToPay("This visit is paid already.")
    if state.status not in OPEN:
        return False
    is_same = (state.amount, state.currency) == (amount, currency)
    if body.method is PaymentMethod.ONLINE and is_same:
        return True
    why = CancelReason.PAID_AT_DESK if body.method is PaymentMethod.DESK else CancelReason.REPLACED
    await note(unit.tx, counting, decide.cancel(state, why))
    return False


def _check_owed(queue: LockedQueue, visit: Row, known: Sequence[Row]) -> None:
    entry = queue.state.entries.get(EntryId(visit["appointment_id"]))
    if entry is None or entry.state is EntryState.CANCELLED:
        raise Conflict("This appointment was cancelled.", field="appointmentId")
    # What was given back may be paid anew, although the visit keeps since when it was paid. Else it was paid with one
    # of these payments, or said to be when it came from elsewhere.
    is_given_back = any(row["status"] in GIVEN_BACK for row in known)
    if visit["paid_at"] is not None and not is_given_back:
        raise NothingToPay("This visit is paid already.")
