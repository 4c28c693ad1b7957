"""What is paid for follows what is held and booked, and is not undone, moved or dropped behind the payer's back."""

from uuid import UUID

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.booking.bodies import RescheduleBody
from queue_server.application.desk_bodies import UndoBody
from queue_server.application.payments.bodies import PaymentMethod
from queue_server.application.payments.model import SETTLE_JOB
from scheduling_core.errors import Conflict, NothingToUndo
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.state import PaymentStatus
from tests.application.booking.moving import patient_of
from tests.application.payments.till import FakeProvider, Till, once
from tests.application.slots.conftest import Practice, hours
from tests.factories import Clinic, in_days
from tests.graph import Graph

BOTH_WAYS = hours(in_person=1, tele=1, total=1)
TELE_FEE = 3_000


@pytest.fixture
async def till(graph: Graph, clinic: Clinic) -> Till:
    """A doctor who asks for fees, less by video."""
    made = Till(graph, Practice(graph.db, clinic, BOTH_WAYS), FakeProvider())
    await made.opens()
    await made.practice.rows("UPDATE doctor_profile SET tele_fee = $1 RETURNING 1", TELE_FEE)
    return made


async def dearer(till: Till, fee: int) -> UUID:
    """Return the slot at ten of a colleague who asks for this much."""
    clinic = till.practice.clinic
    colleague = Till(
        till.graph,
        Practice(till.graph.db, msgspec.structs.replace(clinic, doctors=clinic.doctors[1:]), BOTH_WAYS),
        None,
    )
    await colleague.opens(fee=fee)
    return await colleague.slot(10)


async def paid_visit(till: Till) -> tuple[UUID, Actor]:
    """Let a guest pay for a visit at nine and book it; returns it, and the account of its patient."""
    somebody, slot = till.guest(), await till.slot()
    held = await till.holds(somebody, slot)
    payment = await till.pays(somebody, hold=held)
    await till.hears(payment)
    appointment = UUID((await till.books(somebody, slot, held))["appointment"]["id"])
    (row,) = await till.rows("SELECT patient_id FROM appointment WHERE appointment_id = $1", appointment)
    return appointment, patient_of(till.practice, row["patient_id"])


async def move(till: Till, by: Actor, appointment: UUID, slot: UUID, mode: Mode | None = None) -> None:
    await till.rescheduling.reschedule(by, appointment, RescheduleBody(slot_id=slot, mode=mode), once())


async def test_a_payment_at_the_desk_is_given_back_and_not_undone(till: Till) -> None:
    appointment = UUID((await till.books(till.desk, await till.slot()))["appointment"]["id"])
    await till.pays(till.desk, appointment=appointment, method=PaymentMethod.DESK)
    (queue,) = await till.rows("SELECT version FROM queue")
    newest = UndoBody(version=queue["version"], date=in_days(2).isoformat())
    with pytest.raises(NothingToUndo):
        await till.graph.queue.run(till.desk, "undo", till.practice.doctor, newest)


async def test_what_was_paid_for_a_place_that_is_kept_in_another_way_goes_back_at_once(till: Till) -> None:
    somebody, slot = till.guest(), await till.slot()
    payment = await till.pays(somebody, hold=await till.holds(somebody, slot))
    await till.holds(somebody, slot, Mode.TELE)
    due = [job for job in await till.jobs(SETTLE_JOB) if job.payload["paymentId"] == str(payment.id)]
    (row,) = await till.rows("SELECT clock_timestamp() AS now")
    assert min(job.due_at for job in due) <= row["now"]
    await till.works(SETTLE_JOB)
    assert (await till.stands(payment)).status is PaymentStatus.CANCELLED


async def test_a_paid_visit_is_moved_by_its_patient_to_what_costs_the_same_only(till: Till) -> None:
    appointment, patient = await paid_visit(till)
    other = await dearer(till, 9_000)
    for slot, mode in ((other, None), (await till.slot(), Mode.TELE), (await till.slot(11), Mode.TELE)):
        with pytest.raises(Conflict, match="costs something else"):
            await move(till, patient, appointment, slot, mode)
    await move(till, patient, appointment, await till.slot(11))
    # What is more or less is settled with the clinic.
    await move(till, till.desk, appointment, other)


async def test_a_paid_visit_is_moved_to_a_colleague_who_asks_for_the_same(till: Till) -> None:
    appointment, patient = await paid_visit(till)
    (row,) = await till.rows("SELECT amount FROM payment")
    await move(till, patient, appointment, await dearer(till, row["amount"]))


async def test_what_nobody_pays_for_yet_is_moved_to_where_it_costs_more(till: Till) -> None:
    appointment = UUID((await till.books(till.desk, await till.slot()))["appointment"]["id"])
    (row,) = await till.rows("SELECT patient_id FROM appointment")
    await move(till, patient_of(till.practice, row["patient_id"]), appointment, await dearer(till, 9_000))
