"""What the events of a doctor's slots come to, also those whose commands are still to come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots import events as ev
from scheduling_core.slots.ledger import ENDED_FOR, MOST_GIVEN_UP, SLOTS, HoldOutcome, SlotLedger, fold

DOCTOR = DoctorId(UUID(int=3))
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SLOT, HOLD = SlotId(UUID(int=1)), HoldId(UUID(int=2))
CREATED = ev.HoldCreated(
    doctor=DOCTOR,
    hold=HOLD,
    slot=SLOT,
    clinic=ClinicId(UUID(int=4)),
    start=AT + timedelta(days=1),
    mode=Mode.TELE,
    holder_kind=ev.HolderKind.GUEST,
    holder=UUID(int=5),
    expires_at=AT + timedelta(minutes=10),
)
BOOKED = ev.SlotBooked(
    doctor=DOCTOR, slot=SLOT, appointment=EntryId(uuid4()), clinic=ClinicId(uuid4()), start=AT, mode=Mode.TELE
)
ONE_OF_EACH: tuple[ev.SlotEvent, ...] = (
    ev.SlotsGenerated(doctor=DOCTOR, first=date(2026, 3, 2), last=date(2026, 5, 30), added=7, removed=2, conflicts=1),
    ev.SlotBlocked(doctor=DOCTOR, slot=SLOT, start=AT),
    ev.SlotUnblocked(doctor=DOCTOR, slot=SLOT, start=AT),
    ev.SlotCapacityChanged(doctor=DOCTOR, slot=SLOT, start=AT, in_person=1, tele=0, total=1),
    CREATED,
    ev.HoldRenewed(doctor=DOCTOR, hold=HOLD, slot=SLOT, expires_at=AT + timedelta(minutes=20)),
    ev.HoldReleased(doctor=DOCTOR, hold=HOLD, slot=SLOT, why=ev.HoldEnd.SLOT_CLOSED),
    ev.HoldExpired(doctor=DOCTOR, hold=HOLD, slot=SLOT),
    BOOKED,
    ev.SlotGivenBack(doctor=DOCTOR, slot=SLOT, appointment=BOOKED.appointment, mode=Mode.TELE),
)


def folded(*events: ev.SlotEvent) -> SlotLedger:
    state: SlotLedger | None = None
    for event in events:
        state = fold(state, event, AT)
    assert state is not None
    return state


def test_generation_counts_and_never_forgets_how_far_it_went() -> None:
    near = ev.SlotsGenerated(doctor=DOCTOR, first=date(2026, 3, 3), last=date(2026, 3, 4), added=1, removed=4)
    state = folded(ONE_OF_EACH[0], near)
    assert (state.generated_until, state.last_range) == (date(2026, 5, 30), (date(2026, 3, 3), date(2026, 3, 4)))
    assert (state.added, state.removed, state.conflicts) == (8, 6, 0)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (ev.HoldReleased(doctor=DOCTOR, hold=HOLD, slot=SLOT), HoldOutcome.GIVEN_UP),
        (ev.HoldReleased(doctor=DOCTOR, hold=HOLD, slot=SLOT, why=ev.HoldEnd.SLOT_CLOSED), HoldOutcome.SLOT_CLOSED),
        (ev.HoldExpired(doctor=DOCTOR, hold=HOLD, slot=SLOT), HoldOutcome.EXPIRED),
    ],
    ids=lambda value: str(getattr(value, "value", "")),
)
def test_a_hold_keeps_a_place_until_it_ends(end: ev.SlotEvent, outcome: HoldOutcome) -> None:
    assert folded(CREATED).holds[HOLD].is_live(AT)
    ended = folded(CREATED, end).holds[HOLD]
    assert (ended.is_live(AT), ended.is_overdue(AT), ended.outcome) == (False, False, outcome)


def test_of_holds_that_were_given_up_only_the_last_are_remembered_and_of_others_all() -> None:
    ids = [HoldId(UUID(int=100 + number)) for number in range(3 * MOST_GIVEN_UP)]
    others: list[ev.SlotEvent] = [
        ev.HoldExpired(doctor=DOCTOR, hold=ids[0], slot=SLOT),
        ev.HoldReleased(doctor=DOCTOR, hold=ids[1], slot=SLOT, why=ev.HoldEnd.SLOT_CLOSED),
        msgspec.structs.replace(BOOKED, hold=ids[2]),
    ]
    ends = [*others, *(ev.HoldReleased(doctor=DOCTOR, hold=hold, slot=SLOT) for hold in ids[3:])]
    state: SlotLedger | None = None
    for number, (hold, end) in enumerate(zip(ids, ends, strict=True)):
        for event in (msgspec.structs.replace(CREATED, hold=hold), end):
            state = fold(state, event, AT + timedelta(seconds=number))
    assert state is not None
    state = fold(state, CREATED, AT + timedelta(minutes=5))
    assert set(state.holds) == {HOLD, *ids[:3], *ids[-MOST_GIVEN_UP:]}


def test_whether_a_hold_keeps_its_place_is_a_question_of_the_time_alone() -> None:
    hold = folded(CREATED).holds[HOLD]
    before, after = hold.expires_at - timedelta(microseconds=1), hold.expires_at
    assert (hold.is_live(before), hold.is_overdue(before)) == (True, False)
    assert (hold.is_live(after), hold.is_overdue(after)) == (False, True)


def test_a_renewed_hold_keeps_its_place_for_longer() -> None:
    longer = CREATED.expires_at + timedelta(minutes=10)
    hold = folded(CREATED, ev.HoldRenewed(doctor=DOCTOR, hold=HOLD, slot=SLOT, expires_at=longer)).holds[HOLD]
    assert (hold.expires_at, hold.renewed) == (longer, True)


def test_a_booking_ends_the_hold_it_came_from_and_no_other() -> None:
    other = msgspec.structs.replace(CREATED, hold=HoldId(UUID(int=9)))
    state = folded(CREATED, other, msgspec.structs.replace(BOOKED, hold=HOLD))
    assert state.booked == 1
    assert (state.holds[HOLD].outcome, state.holds[HOLD].appointment) == (HoldOutcome.BOOKED, BOOKED.appointment)
    assert state.holds[other.hold].is_live(AT)


def test_how_a_hold_ended_is_forgotten_after_an_hour_and_open_ones_never() -> None:
    ended = fold(folded(CREATED), ev.HoldReleased(doctor=DOCTOR, hold=HOLD, slot=SLOT), AT)
    later = msgspec.structs.replace(CREATED, hold=HoldId(UUID(int=9)))
    assert set(fold(ended, later, AT + ENDED_FOR - timedelta(seconds=1)).holds) == {HOLD, later.hold}
    assert set(fold(ended, later, AT + ENDED_FOR).holds) == {later.hold}


def test_blocked_slots_are_counted_as_they_are_now() -> None:
    assert folded(*ONE_OF_EACH[1:2] * 3, ONE_OF_EACH[2]).blocked == 2


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: str(type(event).__name__))
def test_every_event_survives_its_own_writing(event: ev.SlotEvent) -> None:
    name, data = SLOTS.encode_event(event)
    assert SLOTS.decode_event(name, SLOTS.schema_version, data) == event
    assert SLOTS.decode_state(SLOTS.encode_state(folded(event))) == folded(event)


def test_one_of_each_is_every_event_there_is() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(SLOTS.event_types.values())


def test_an_older_shape_is_read_through_an_upcaster() -> None:
    def renamed(data: dict[str, Any]) -> dict[str, Any]:
        return {"doctor": data["doctor"], "slot": data["slotId"], "start": data["start"]}

    newer: Aggregate[SlotLedger, ev.SlotEvent] = Aggregate(
        "slots",
        events=ev.SlotEvent,
        state=SlotLedger,
        fold=fold,
        schema_version=2,
        upcasters={("slot_blocked", 1): renamed},
    )
    older = b'{"type":"slot_blocked","doctor":"%b","slotId":"%b","start":"2026-03-02T09:00:00Z"}'
    older %= (str(DOCTOR).encode(), str(SLOT).encode())
    assert newer.decode_event("slot_blocked", 1, older) == ev.SlotBlocked(doctor=DOCTOR, slot=SLOT, start=AT)
