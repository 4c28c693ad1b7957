"""What is done with the provider, outside of transactions, and by jobs until it is done.

Each request carries the payment's id as its key: done again after a crash it is the same request. What the provider
answers is written down in a transaction of its own, together with the end of the job.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from queue_server.application.actor import system
from queue_server.application.aggregates import read_state
from queue_server.application.payments.model import PAYMENT_MODEL, note, refund_key
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import Unit, WritePath
from queue_server.payments import PaymentProvider
from queue_server.payments.notices import reference
from queue_server.store import job_store
from queue_server.store.db import Database
from queue_server.store.job_store import Job
from scheduling_core.errors import PaymentRefused, Unavailable
from scheduling_core.ids import PaymentId, TenantId
from scheduling_core.payments import decide
from scheduling_core.payments.events import CancelReason
from scheduling_core.payments.state import OPEN, Payment, PaymentStatus

log = structlog.stdlib.get_logger(__name__)

ASK_AGAIN = timedelta(minutes=1)
"""After how long a refund that is under way is asked about again, in case its notice never comes."""
BEHIND = timedelta(milliseconds=20)
"""How long after the end of a hold it is seen whether it was booked, so that it is never a moment too early."""


class ProviderWork:
    """Opens and gives back payments with the provider; without one, nothing is to be done with it."""

    def __init__(self, db: Database, writes: WritePath, provider: PaymentProvider | None) -> None:
        self._db = db
        self._writes = writes
        self._provider = provider

    @property
    def provider_name(self) -> str | None:
        """What the provider is called, None when payments are taken at the desk only."""
        return self._provider.name if self._provider is not None else None

    async def open(self, tenant: TenantId, payment: PaymentId, return_url: str) -> None:
        """Get a page to pay on, unless there is one or none is needed any more.

        Raises `Unavailable`, also when the payment's provider is not set up here, or `PaymentRefused`.
        """
        state = await self._state(tenant, payment)
        if state is None or state.pay_url or state.status not in OPEN:
            return
        intent = await self._of(state).create_intent(
            key=str(payment),
            reference=reference(tenant, payment),
            amount=state.amount,
            currency=state.currency,
            return_url=return_url,
        )

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            await note(unit.tx, locked, decide.opened(locked.state, intent.id, intent.pay_url))
            return None, None

        await self._writes.run(system(tenant), "open-payment", work)

    async def open_lost(self, job: Job) -> None:
        """Open a payment whose request to the provider came to no end, and finish the job."""
        await self.open(job.tenant, _payment(job), str(job.payload["returnUrl"]))
        await self._finish(job)

    async def refund(self, job: Job) -> None:
        """Let the provider give a payment back, unless that was withdrawn; the job goes on until it is done.

        What was withdrawn and asked for again has a job of its own, which may have to wait: the desk may still undo it.
        """
        payment = _payment(job)
        state = await self._state(job.tenant, payment)
        is_due = state is not None and state.status is PaymentStatus.REFUND_PENDING and refund_key(state) == job.key
        if state is None or state.intent is None or not is_due:
            await self._finish(job)
            return
        if not await self._of(state).refund(key=f"{payment}:refund", intent=state.intent):
            async with self._db.tenant(job.tenant) as tx:
                await job_store.rearm(tx, job, ASK_AGAIN)
            return

        async def write(unit: Unit) -> bool:
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            await note(unit.tx, locked, decide.refunded(locked.state, locked.now))
            return True

        await self._writes.run_job(job, "refund-payment", write)

    async def cancel(self, job: Job) -> None:
        """Let nobody pay any more what is not owed. Where the provider cannot do that, what is paid goes back."""
        payment = _payment(job)
        state = await self._state(job.tenant, payment)
        if state is not None and state.intent is not None and state.status is PaymentStatus.CANCELLED:
            try:
                await self._of(state).cancel_intent(key=f"{payment}:cancel", intent=state.intent)
            except PaymentRefused as refused:
                log.info("payment_page_not_closed", detail=refused.detail)
        await self._finish(job)

    async def settle(self, job: Job) -> None:
        """See whether the hold that was paid for was booked; else nothing is owed, and what was paid goes back."""
        payment = _payment(job)
        state = await self._state(job.tenant, payment)
        if state is None or state.hold is None or state.appointment is not None:
            await self._finish(job)
            return

        async def look(unit: Unit) -> bool:
            # Whoever books does so with the doctor's slots locked: after this it is certain what became of the hold.
            stream = await lock_slots(unit.tx, state.doctor)
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            kept = stream.ledger.holds.get(state.hold) if state.hold is not None else None
            if locked.state.appointment is None and kept is not None and kept.is_live(stream.now):
                await job_store.rearm(unit.tx, job, kept.expires_at - stream.now + BEHIND)
                return False
            if locked.state.appointment is None:
                await note(unit.tx, locked, decide.cancel(locked.state, CancelReason.HOLD_OVER))
            return True

        await self._writes.run_job(job, "settle-payment", look)

    async def _finish(self, job: Job) -> None:
        async with self._db.tenant(job.tenant) as tx:
            await job_store.finish(tx, job)

    async def _state(self, tenant: TenantId, payment: PaymentId) -> Payment | None:
        async with self._db.tenant(tenant) as tx:
            known = await read_state(tx, PAYMENT_MODEL, payment)
        return known[0] if known is not None else None

    def _of(self, payment: Payment) -> PaymentProvider:
        if self._provider is None or self._provider.name != payment.provider:
            # A worker without the right settings: it is not the payment's fault, and mended without it.
            raise Unavailable("The provider of this payment is not set up here.")
        return self._provider


def _payment(job: Job) -> PaymentId:
    return PaymentId(UUID(job.payload["paymentId"]))
