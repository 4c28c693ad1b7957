"""What providers tell: each notice counts once, whenever and in whatever order it comes."""

from enum import StrEnum

import msgspec
import structlog

from queue_server.application.actor import system
from queue_server.application.payments.model import PAYMENT_MODEL, note, settle_later
from queue_server.application.payments.visits import MovedMeanwhile, lock_visit, patiently, record_paid
from queue_server.application.unit import LockedQueue, Unit, WritePath
from queue_server.payments import signature
from queue_server.payments.notices import Told, decode
from queue_server.settings.payments import PaymentSettings
from queue_server.store import payments as store
from scheduling_core.errors import DomainError, NotFound, Unavailable
from scheduling_core.payments import decide
from scheduling_core.payments.events import PaymentEvent, PaymentSucceeded
from scheduling_core.payments.state import Payment, PaymentStatus

log = structlog.stdlib.get_logger(__name__)


class Heard(StrEnum):
    """What a notice was."""

    NEWS = "news"
    KNOWN = "known"
    """It has come before."""


class Hearing:
    """Takes in notices of the provider that is set up."""

    def __init__(self, writes: WritePath, settings: PaymentSettings | None) -> None:
        self._writes = writes
        self._settings = settings

    async def hear(self, provider: str, body: bytes, signed: str | None, now: float) -> Heard:
        """Write down what a notice says, once; `signed` is the header of its signature, `now` in Unix seconds.

        Raises `InvalidSignature`, `MalformedRequest` or `InvalidValue` for what is no notice of the provider's,
        `NotFound` for another provider or an intent that is not ours, `NoticeDisagrees` for an amount or currency that
        was never asked for: then nothing has changed.
        """
        if self._settings is None or self._settings.name != provider:
            raise NotFound("There is no such payment provider.")
        try:
            signature.check(self._settings.webhook_secret, signed, body, now)
            told = decode(body)
            if told is None:
                raise NotFound("There is no such payment.")
            return await self._write(provider, told)
        except Unavailable:
            raise
        except DomainError as error:
            log.warning("payment_notice_refused", code=error.code, detail=error.detail)
            raise

    async def _write(self, provider: str, told: Told) -> Heard:
        async def work(unit: Unit) -> tuple[object, int | None]:
            return await self._noted(unit, provider, told), None

        answer = await patiently(lambda: self._writes.run(system(told.tenant), "payment-notice", work))
        return msgspec.json.decode(answer.body, type=Heard)

    @staticmethod
    async def _noted(unit: Unit, provider: str, told: Told) -> Heard:
        row = await store.payment(unit.tx, told.payment)
        if row is None or row["provider"] != provider:
            raise NotFound("There is no such payment.")
        queue = None
        if row["appointment_id"] is not None:
            visit = await store.payable_visit(unit.tx, row["appointment_id"])
            queue = await lock_visit(unit, visit) if visit is not None else None
        locked = await unit.lock_aggregate(PAYMENT_MODEL, told.payment)
        if locked.state.appointment != row["appointment_id"]:
            # It was booked between looking and locking, and the line is locked before the payment.
            raise MovedMeanwhile(retry_after=1)
        found = decide.hear(locked.state, told.notice, locked.now)
        if not await store.keep_notice(unit.tx, provider, told.id, told.payment, told.notice.kind):
            return Heard.KNOWN
        await note(unit.tx, locked, found)
        await _follow(unit, queue, locked.state, found)
        return Heard.NEWS


async def _follow(unit: Unit, queue: LockedQueue | None, payment: Payment, found: list[PaymentEvent]) -> None:
    """Let the visit count as paid; what is paid for a hold is seen to when that ends.

    That money went back moves nobody: the rank of a visit is since when it was paid.
    """
    is_paid_now = any(isinstance(event, PaymentSucceeded) for event in found)
    if payment.appointment is None:
        if is_paid_now and payment.status is PaymentStatus.PAID:
            await settle_later(unit.tx, payment.id, unit.now)
        return
    if is_paid_now and payment.status is PaymentStatus.PAID and queue is not None and payment.paid_at is not None:
        await record_paid(unit, queue, payment.appointment, payment.paid_at)
