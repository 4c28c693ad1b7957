"""Arms timers of every kind, each as the product does: in the transaction of what it is about."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec

from loadtests.booking.practice import Slot
from loadtests.due_work.judging import Timer
from loadtests.due_work.recipients import BUSY, MAIL, NOTICE, NOTICED, REFUSED, REFUSED_PHONE, TEXT
from loadtests.house import Ground, enrol
from queue_server.application.actor import system
from queue_server.application.booking.keeping import keep_place
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.outbox import SEND_JOB, put
from queue_server.application.messages.telling import Notice, tell
from queue_server.application.patients.codes import Codes
from queue_server.application.payments.model import PAYMENT_MODEL, settle_later
from queue_server.application.people import add_patient
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import Unit
from queue_server.application.waitlist.model import WAITLIST_MODEL, happen
from queue_server.application.waitlist.offering import ANSWER_JOB, offer
from queue_server.store import job_store, sign_in
from queue_server.store import slots as slot_store
from queue_server.store import waitlist as waitlist_store
from queue_server.store.messages import Channel, NewMessage
from scheduling_core.booking.holds import Holder
from scheduling_core.ids import DoctorId, HoldId, PatientId, PaymentId, WaitlistId, aggregate_stream
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.events import PaymentRequested
from scheduling_core.slots.events import HolderKind
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.policy import WaitlistPolicy

TICK, HOLD, ANSWER, EXPIRY, SETTLE = "queue_tick", "hold_expiry", "waitlist_answer", "waitlist_expiry", "payment_settle"
SHARES = {TICK: 0.2, HOLD: 0.2, ANSWER: 0.12, EXPIRY: 0.1, SETTLE: 0.1, MAIL: 0.09, TEXT: 0.09, NOTICE: 0.1}
"""Which part of all timers is of which kind; with an offer its hold ends, too, which is a timer of its own."""
RELEASED_AFTER = timedelta(minutes=20)
"""How long after their time whoever did not come is released."""
AT_ONCE = 6
SOON = timedelta(seconds=1)
POLICY = WaitlistPolicy(max_queue_size=20_000, auto_invite=False)


class Armed(msgspec.Struct):
    """What is to happen, and what never can."""

    timers: list[Timer] = msgspec.field(default_factory=list)
    poisoned: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Kind and key of each job that can come to no good end."""


class Arming:
    """Arms timers on a house."""

    def __init__(self, at: Ground, slots: Sequence[Slot], ticking: Sequence[DoctorId]) -> None:
        self._at = at
        self._slots = iter(slots)
        self._ticking = ticking
        self._codes = Codes(at.house.settings.jwt_keys)
        self.armed = Armed()

    async def arm(
        self, counts: Mapping[str, int], poisoned: int, first: datetime, spread: timedelta, step: Callable[[int], None]
    ) -> Armed:
        """Arm so many timers of each kind, due one after the other from `first` on, and as many jobs that are poison as
        that of each sort; returns all of them."""
        await self._people_who_wait_for_nothing()
        ways = {HOLD: self._hold, ANSWER: self._offer, EXPIRY: self._entry, SETTLE: self._payment}
        ways |= {MAIL: self._mail, TEXT: self._text, NOTICE: self._notice}
        await self._ticks([*_spread(counts[TICK], first, spread)])
        step(counts[TICK])
        plan = sorted((due, kind) for kind in ways for due in _spread(counts[kind], first, spread))
        plans = iter(plan)

        async def lane() -> None:
            for due, kind in plans:
                await ways[kind](max(due, datetime.now(UTC) + SOON))
                step(1)

        await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
        for number in range(poisoned):
            await self._poison(number, first)
        return self.armed

    async def _people_who_wait_for_nothing(self) -> None:
        """Let the clinic's list ask nobody by itself: what is freed here is not to be had."""
        at = self._at
        async with at.services.db.tenant(at.clinic.tenant) as tx:
            await waitlist_store.set_policy(tx, at.clinic.id, POLICY, None)

    async def _ticks(self, releases: Sequence[datetime]) -> None:
        at = self._at
        for number, doctor in enumerate(self._ticking):
            whose = releases[number :: len(self._ticking)]
            entries = await enrol(at.services, at.clinic, doctor, (release - RELEASED_AFTER for release in whose))
            self.armed.timers += [
                Timer(TICK, str(entry), release) for entry, release in zip(entries, whose, strict=True)
            ]

    async def _hold(self, due: datetime) -> None:
        slot = next(self._slots)

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await slot_store.slot_to_book(unit.tx, slot.id)
            assert row is not None
            stream = await lock_slots(unit.tx, slot.doctor)
            holder = Holder(HolderKind.PATIENT, uuid4())
            hold, _ = await keep_place(unit, stream, row, holder, Mode.IN_PERSON, until=due)
            self.armed.timers.append(Timer(HOLD, str(hold), due))
            return None, None

        await self._do(work)

    async def _offer(self, due: datetime) -> None:
        slot, entry = next(self._slots), WaitlistId(uuid4())
        await self._do(lambda unit: self._join(unit, entry, None))

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await offer(unit, entry, slot.id, POLICY, respond_by=due, by_hand=True)
            assert locked.state.invite is not None
            self.armed.timers.append(Timer(ANSWER, str(locked.state.invite.id), due))
            self.armed.timers.append(Timer(HOLD, str(locked.state.invite.hold), due))
            return None, None

        await self._do(work)

    async def _entry(self, due: datetime) -> None:
        entry = WaitlistId(uuid4())
        await self._do(lambda unit: self._join(unit, entry, due))
        stream = aggregate_stream(self._at.clinic.tenant, "waitlist", entry)
        self.armed.timers.append(Timer(EXPIRY, str(stream), due))

    async def _join(self, unit: Unit, entry: WaitlistId, until: datetime | None) -> tuple[object, int | None]:
        patient = await self._patient(unit)
        locked = await unit.lock_aggregate(WAITLIST_MODEL, entry)
        wish = ev.Wish(window=ev.Window(end=until))
        happen(unit, locked, decide.join(entry, self._at.clinic.id, None, patient, wish, POLICY, locked.now))
        waitlist_store.count_in(unit.tx, self._at.clinic.id, POLICY.max_queue_size, locked.now)
        return None, None

    async def _payment(self, due: datetime) -> None:
        payment, clinic = PaymentId(uuid4()), self._at.clinic

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
            locked.add(
                PaymentRequested(
                    payment=payment,
                    clinic=clinic.id,
                    doctor=clinic.doctors[0],
                    payer_kind=HolderKind.PATIENT,
                    payer=uuid4(),
                    amount=4_500,
                    currency="EUR",
                    visit_type="consultation",
                    mode=Mode.IN_PERSON,
                    hold=HoldId(uuid4()),
                    provider="provider",
                    expires_at=due,
                )
            )
            await settle_later(unit.tx, payment, due)
            return None, None

        await self._do(work)
        stream = aggregate_stream(clinic.tenant, PAYMENT_MODEL.kind, payment)
        self.armed.timers.append(Timer(SETTLE, str(stream), due))

    async def _mail(self, due: datetime) -> None:
        address = f"patient-{uuid4().hex}@example.org"
        await self._message(Channel.EMAIL, address, due)
        self.armed.timers.append(Timer(MAIL, address, due))

    async def _text(self, due: datetime) -> None:
        number = f"+4479{uuid4().int % 10**10:010}"
        await self._message(Channel.SMS, number, due)
        self.armed.timers.append(Timer(TEXT, number, due))

    async def _notice(self, due: datetime) -> None:
        """Let somebody be told later that they wait; a notice becomes one message, whoever sees to it how often."""
        entry, clinic, address = WaitlistId(uuid4()), self._at.clinic, f"{NOTICED}-{uuid4().hex}@example.org"

        async def work(unit: Unit) -> tuple[object, int | None]:
            patient = await add_patient(unit.tx, PatientBody(name="Mei Chen", email=address))
            locked = await unit.lock_aggregate(WAITLIST_MODEL, entry, is_new=True)
            locked.add(*decide.join(entry, clinic.id, None, patient, ev.Wish(), POLICY, locked.now))
            waitlist_store.count_in(unit.tx, clinic.id, POLICY.max_queue_size, locked.now)
            kind, key = Kind.WAITLIST_JOINED, f"load-test:{entry}"
            await tell(unit.tx, Notice(kind=kind, key=key, patient=patient, entry=entry, clinic=clinic.id, due_at=due))
            return None, None

        await self._do(work)
        self.armed.timers.append(Timer(NOTICE, address, due))

    async def _message(self, channel: Channel, to: str, due: datetime) -> str:
        """Put a sign-in code into the outbox; returns the key of its job."""
        message, tenant, long = uuid4(), self._at.clinic.tenant, timedelta(hours=2)
        _, digest = self._codes.new(tenant, message)
        async with self._at.services.db.tenant(tenant) as tx:
            contact = self._codes.contact(tenant, to)
            await sign_in.issue(tx, contact, digest, message, lifetime=long, most=10, within=long)
            new = NewMessage(id=message, kind=Kind.SIGN_IN_CODE, channel=channel, recipient=to, language="en")
            await put(tx, new, due)
        return str(message)

    async def _poison(self, number: int, due: datetime) -> None:
        """Messages that nobody will ever take, and a job that makes no sense."""
        refused = await self._message(Channel.EMAIL, f"{REFUSED}-{number}@example.org", due)
        busy = await self._message(Channel.EMAIL, f"{BUSY}-{number}@example.org", due)
        unknown = await self._message(Channel.SMS, f"{REFUSED_PHONE}{number:06}", due)
        nonsense = f"poison-{number}"
        async with self._at.services.db.tenant(self._at.clinic.tenant) as tx:
            await job_store.enqueue(tx, ANSWER_JOB, nonsense, {"waitlistId": "nobody"}, due)
        self.armed.poisoned += [(SEND_JOB, refused), (SEND_JOB, busy), (SEND_JOB, unknown), (ANSWER_JOB, nonsense)]

    async def _patient(self, unit: Unit) -> PatientId:
        return await add_patient(unit.tx, PatientBody(name="Mei Chen"))

    async def _do(self, work: Callable[[Unit], Awaitable[tuple[object, int | None]]]) -> None:
        await self._at.services.writes.run(system(self._at.clinic.tenant), "load_test", work)


def _spread(count: int, first: datetime, over: timedelta) -> Iterator[datetime]:
    return (first + over * place / max(1, count) for place in range(count))


def counts_of(timers: int) -> dict[str, int]:
    """Return how many of each kind so many timers are: at least one of each."""
    return {kind: max(1, round(timers * share)) for kind, share in SHARES.items()}


def slots_for(counts: Mapping[str, int]) -> int:
    """Return how many free times that takes."""
    return counts[HOLD] + counts[ANSWER]
