"""A doctor who asks for fees, who books and pays, and a provider whose answers a test decides on."""

from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Precondition
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.cancelling import Cancelling
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.booking.renewing import Renewing
from queue_server.application.booking.rescheduling import Rescheduling
from queue_server.application.payments.asking import Asking
from queue_server.application.payments.bodies import NewPayment, PaymentMethod
from queue_server.application.payments.hearing import Heard, Hearing
from queue_server.application.payments.model import CANCEL_JOB, OPEN_JOB, PAYMENT_MODEL, REFUND_JOB, SETTLE_JOB
from queue_server.application.payments.reading import PaymentReading
from queue_server.application.payments.refunding import Refunding
from queue_server.application.payments.views import PaymentView
from queue_server.application.payments.work import ProviderWork
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.stream import lock_slots
from queue_server.payments import Intent, signature
from queue_server.payments.notices import reference
from queue_server.settings.payments import PaymentSettings
from queue_server.store.db import Row
from queue_server.store.idempotency import Idempotency
from queue_server.store.job_store import Job
from scheduling_core.errors import DomainError, Unavailable
from scheduling_core.ids import HoldId, PaymentId
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.decide import NoticeKind
from scheduling_core.slots.events import HoldRenewed
from tests.application.slots.conftest import Practice
from tests.factories import at, in_days
from tests.graph import Graph

SETTINGS = PaymentSettings(
    name="provider", url="https://pay.example.org", api_key="test-api-key", webhook_secret=b"s" * 32
)
ONE_SELF = BookedPatient(name="Mei Chen", phone="+44 20 7946 0999")
FEE, FOLLOW_UP_FEE = 4_500, 3_000


class FakeProvider:
    """Remembers what it was asked for, and answers as a test says."""

    name = "provider"

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        """By key."""
        self.refunded: dict[str, str] = {}
        """Intents by key."""
        self.cancelled: dict[str, str] = {}
        """Intents by key."""
        self.asked = 0
        self.fails: DomainError | None = None
        self.loses_answers = False
        self.takes_its_time = False

    async def create_intent(self, *, key: str, reference: str, amount: int, currency: str, return_url: str) -> Intent:
        """Make an intent, once for each key."""
        self._begin()
        known = self.intents.setdefault(key, Intent(id=f"pi_{key}", pay_url=f"https://pay.example.org/pay/{key}"))
        self._end()
        return known

    async def refund(self, *, key: str, intent: str) -> bool:
        """Give money back, once for each key."""
        self._begin()
        self.refunded[key] = intent
        self._end()
        return not self.takes_its_time

    async def cancel_intent(self, *, key: str, intent: str) -> None:
        """Let nobody pay an intent any more."""
        self._begin()
        self.cancelled[key] = intent
        self._end()

    def _begin(self) -> None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails

    def _end(self) -> None:
        if self.loses_answers:
            raise Unavailable("The answer was lost.")


class Till:
    """Everything that is done about payments, with a doctor who sits from nine to twelve the day after tomorrow."""

    def __init__(self, graph: Graph, practice: Practice, provider: FakeProvider | None) -> None:
        self.graph = graph
        self.practice = practice
        self.provider = provider or FakeProvider()
        self.holding = Holding(graph.db, graph.writes, graph.directory)
        self.booking = SlotBooking(graph.writes, graph.directory, graph.links, 15)
        self.renewing = Renewing(graph.writes)
        self.reading = PaymentReading(graph.db)
        self.work = ProviderWork(graph.db, graph.writes, provider)
        self.asking = Asking(graph.writes, self.reading, self.work, "https://clinic.example.org")
        self.hearing = Hearing(graph.writes, SETTINGS)
        self.refunding = Refunding(graph.writes)
        self.cancelling = Cancelling(graph.writes, graph.directory, graph.links)
        self.rescheduling = Rescheduling(graph.writes, graph.directory, graph.links, 15)

    @property
    def desk(self) -> Actor:
        """Somebody at the desk."""
        return self.practice.clinic.receptionist

    def guest(self) -> Actor:
        """Somebody nobody has seen."""
        return guest(self.practice.clinic.tenant, new_token())

    async def opens(self, *, fee: int | None = FEE) -> None:
        """Let the doctor sit, take patients, and ask for fees."""
        await self.practice.keeps_calendar()
        await self.practice.regenerate(in_days(2), in_days(2))
        await self.practice.takes_patients()
        async with self.graph.db.tenant(self.practice.clinic.tenant) as tx:
            await tx.run(
                "INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label,"
                " specialties, qualifications, languages, modes, currency, consultation_fee, follow_up_fee,"
                " verification, verification_critical, department_ids, clinic_ids, home_clinic_id, room,"
                " public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)"
                " VALUES ($1, $2, 'active', 'Dr Rao', 'dr rao', '', '', '{}', '[]', '{}', '{in_person}',"
                " CASE WHEN $3::integer IS NOT NULL THEN 'EUR' END, $3, $4, 'verified', false, '{}', '{}', $5, '',"
                " true, true, 100, $2)",
                tx.tenant,
                self.practice.doctor,
                fee,
                FOLLOW_UP_FEE if fee is not None else None,
                self.practice.clinic.id,
            )

    async def slot(self, hour: int = 9, minute: int = 0) -> UUID:
        """Return a slot of that day."""
        found: UUID = (await self.practice.slot(at(in_days(2), hour, minute)))["slot_id"]
        return found

    async def holds(self, actor: Actor, slot: UUID, mode: Mode = Mode.IN_PERSON) -> UUID:
        """Let somebody hold a time; returns the hold."""
        answer = await self.holding.create(actor, slot, HoldBody(mode=mode), NONE)
        return UUID(msgspec.json.decode(answer.body)["holdId"])

    async def lets_time_go_by(self, hold: UUID) -> None:
        """Let a hold be over, as if its time had gone by."""
        async with self.graph.db.tenant(self.practice.clinic.tenant) as tx:
            stream = await lock_slots(tx, self.practice.doctor)
            kept = stream.ledger.holds[HoldId(hold)]
            over = HoldRenewed(doctor=stream.doctor, hold=HoldId(hold), slot=kept.slot, expires_at=stream.now)
            await stream.append(over, command="test")

    async def books(
        self, actor: Actor, slot: UUID, hold: UUID | None = None, *, visit_type: str = "consultation"
    ) -> dict[str, Any]:
        """Let somebody book."""
        body = BookBody(hold_id=hold, patient=ONE_SELF, visit_type=visit_type)
        found: dict[str, Any] = msgspec.json.decode((await self.booking.book(actor, slot, body, once())).body)
        return found

    async def pays(
        self,
        actor: Actor,
        *,
        hold: UUID | None = None,
        appointment: UUID | None = None,
        method: PaymentMethod = PaymentMethod.ONLINE,
        visit_type: str = "consultation",
        follow_up_of: UUID | None = None,
        key: str = "",
    ) -> PaymentView:
        """Let somebody begin to pay."""
        body = NewPayment(
            hold_id=hold,
            appointment_id=appointment,
            method=method,
            visit_type=visit_type,
            follow_up_of=follow_up_of,
        )
        return await self.asking.begin(actor, body, once(key))

    async def hears(
        self, payment: PaymentView, kind: NoticeKind = NoticeKind.SUCCEEDED, *, told: str = "", **changed: Any
    ) -> Heard:
        """Let the provider tell of a payment."""
        body = self.notice(payment, kind, told=told, **changed)
        now = time()
        return await self.hearing.hear("provider", body, signature.sign(b"s" * 32, body, int(now)), now)

    def notice(self, payment: PaymentView, kind: NoticeKind, *, told: str = "", **changed: Any) -> bytes:
        """Return a notice as the provider writes it, by the name of `told`; of the intent, some may be changed."""
        tenant = self.practice.clinic.tenant
        intent = {
            "id": f"pi_{payment.id}",
            "reference": reference(tenant, PaymentId(payment.id)),
            "amount": payment.amount,
            "currency": payment.currency,
        }
        head = {"id": told or f"evt_{uuid4()}", "type": kind, "occurredAt": datetime.now(UTC)}
        return msgspec.json.encode(head | {"intent": intent | changed})

    async def stands(self, payment: PaymentView) -> PaymentView:
        """Return the payment as it is now, as the desk sees it."""
        return await self.reading.one(self.desk, payment.id)

    async def jobs(self, kind: str) -> list[Job]:
        """Return the jobs of a kind that wait, whether they are due or not."""
        rows = await self.practice.rows("SELECT * FROM job WHERE kind = $1 AND state = 'ready' ORDER BY due_at", kind)
        return [self._job(row) for row in rows]

    async def works(self, kind: str) -> int:
        """Do all jobs of a kind that wait, as a worker does when they are due; returns how many there were."""
        waiting = await self.jobs(kind)
        handler = {
            OPEN_JOB: self.work.open_lost,
            SETTLE_JOB: self.work.settle,
            REFUND_JOB: self.work.refund,
            CANCEL_JOB: self.work.cancel,
        }[kind]
        for job in waiting:
            await handler(job)
        return len(waiting)

    async def rows(self, query: str, *arguments: object) -> list[Row]:
        """Return what a query finds in the tenant."""
        return list(await self.practice.rows(query, *arguments))

    async def types(self, payment: PaymentView) -> list[str]:
        """Return what has happened to a payment, in order."""
        rows = await self.rows(
            "SELECT e.type FROM event_store e JOIN stream s USING (tenant_id, stream_id)"
            " WHERE s.kind = 'payment' AND e.stream_id = $1 ORDER BY e.version, e.ordinal",
            self._stream(payment),
        )
        return [row["type"] for row in rows]

    def _stream(self, payment: PaymentView) -> UUID:
        return PAYMENT_MODEL.stream(self.practice.clinic.tenant, payment.id)

    def _job(self, row: Row) -> Job:
        return Job(
            tenant=self.practice.clinic.tenant,
            kind=row["kind"],
            key=row["key"],
            payload=msgspec.json.decode(row["payload"]),
            due_at=row["due_at"],
            attempts=row["attempts"],
        )


def once(key: str = "") -> Precondition:
    """Return a key that was not used before, or the given one."""
    return Precondition(idempotency=Idempotency(key or uuid4().hex, b"digest"))


def soon(instant: datetime | None, minutes: float) -> bool:
    """Return whether an instant is about so many minutes from now."""
    return instant is not None and abs(instant - datetime.now(UTC) - timedelta(minutes=minutes)) < timedelta(minutes=1)
