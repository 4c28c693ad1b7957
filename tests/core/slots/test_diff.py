"""What leads from the slots there are to those of the calendar, whatever both look like."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling_core.calendar.slots import SlotPlan, lay_out_all
from scheduling_core.calendar.sources import Hours, Schedule, Sources
from scheduling_core.ids import ClinicId, DoctorId, ScheduleId, slot_id
from scheduling_core.slots.diff import KeptSlot, SlotDiff, compare
from scheduling_core.slots.naming import slot_ids
from scheduling_core.slots.runs import runs_of
from scheduling_core.slots.times import part_of_day
from tests.thorough import tries

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
CLINICS = (ClinicId(UUID(int=1)), ClinicId(UUID(int=2)))
DOCTOR = DoctorId(UUID(int=3))
SCHEDULE = ScheduleId(UUID(int=4))
LAST = DAY + timedelta(days=2)
ZONES = dict.fromkeys(CLINICS, "UTC")


@st.composite
def plans(draw: st.DrawFn) -> list[SlotPlan]:
    """Slots of one or two sittings on a few days, as a calendar yields them."""
    sittings, begins = [], 0
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(begins, 1380))
        length = draw(st.sampled_from((10, 15, 20, 30, 45)))
        end = draw(st.integers(start + length, start + 400))
        capacity = draw(st.integers(1, 3))
        sittings.append(
            Hours(
                start=start,
                end=min(end, start + 1440),
                slot_minutes=length,
                buffer_minutes=draw(st.sampled_from((0, 5))),
                in_person=capacity,
                total=capacity,
            )
        )
        begins = end
        if begins >= 1380:
            break
    clinic = draw(st.sampled_from(CLINICS))
    schedule = Schedule(id=SCHEDULE, clinic=clinic, effective_from=DAY - timedelta(days=9), week=(tuple(sittings),) * 7)
    sources = Sources(schedules=(schedule,), zones=dict.fromkeys(CLINICS, draw(st.sampled_from(("UTC", "Asia/Tokyo")))))
    return lay_out_all(sources, DAY, DAY + timedelta(days=2))


@st.composite
def kept(draw: st.DrawFn, planned: list[SlotPlan]) -> list[KeptSlot]:
    """Slots that were made of a plan, some of them taken or blocked since."""
    slots = []
    for plan in planned:
        taken = draw(st.sampled_from((0, 0, 0, 1, plan.hours.total)))
        slots.append(
            KeptSlot(
                id=uuid4(),
                clinic=plan.clinic,
                schedule=plan.schedule,
                room=None,
                equipment=(),
                start=plan.start,
                end=plan.end,
                date=plan.date,
                part=draw(st.integers(0, 3)),
                in_person=plan.hours.in_person,
                tele=0,
                total=plan.hours.total,
                taken=taken,
                in_person_taken=taken,
                tele_taken=0,
                held=0,
                in_person_held=0,
                tele_held=0,
                blocked=draw(st.sampled_from((False, False, False, True))),
                by_hand=draw(st.sampled_from((False, False, True))),
                withdrawn=draw(st.sampled_from((False, False, True))),
                version=draw(st.integers(1, 4)),
            )
        )
    return slots


def after(existing: list[KeptSlot], diff: SlotDiff) -> list[tuple[datetime, datetime]]:
    """Return the times of the slots that there are in the end."""
    gone = {slot.id for slot in diff.removed}
    times = [(slot.start, slot.end) for slot in existing if slot.id not in gone]
    return sorted(times + [(plan.start, plan.end) for plan in diff.added])


@given(st.data())
@settings(max_examples=tries(70, 200), deadline=None)
def test_slots_never_overlap_and_nothing_taken_or_blocked_moves(data: st.DataObject) -> None:
    was, planned = data.draw(plans()), data.draw(plans())
    existing = data.draw(kept(was))
    diff = compare(planned, existing, DAY, LAST, NOW, ZONES)
    times = after(existing, diff)
    assert all(first[1] <= second[0] for first, second in pairwise(times))
    assert all(slot.is_movable for slot in diff.removed)
    assert all(slot.start > NOW for slot in diff.removed)
    assert all(plan.start > NOW for plan in diff.added)
    for change in diff.changed:
        assert change.in_person >= change.was.in_person_taken
        assert change.total >= change.was.taken


@given(st.data())
@settings(max_examples=tries(40, 100), deadline=None)
def test_without_anything_taken_or_blocked_the_plan_is_what_there_is(data: st.DataObject) -> None:
    was, planned = data.draw(plans()), data.draw(plans())
    existing = [slot for slot in data.draw(kept(was)) if slot.is_movable and slot.start > NOW]
    diff = compare(planned, existing, DAY, LAST, NOW, ZONES)
    assert after(existing, diff) == [(plan.start, plan.end) for plan in planned if plan.start > NOW]
    assert diff.kept + len(diff.added) == len([plan for plan in planned if plan.start > NOW])


def carried_out(existing: list[KeptSlot], diff: SlotDiff, zone: str) -> list[KeptSlot]:
    """Return the slots that there are once all that a diff names is done."""
    gone, hidden = {slot.id for slot in diff.removed}, {slot.id for slot in diff.withdrawn}
    changes = {change.was.id: change for change in diff.changed}
    slots = [made(plan, zone) for plan in diff.added]
    for slot in existing:
        change = changes.get(slot.id)
        if change is not None:
            slot = msgspec.structs.replace(
                slot,
                schedule=change.plan.schedule,
                room=change.plan.hours.room,
                equipment=change.plan.hours.equipment,
                date=change.plan.date,
                part=change.part,
                in_person=change.in_person,
                tele=change.tele,
                total=change.total,
                withdrawn=False,
                version=slot.version + 1,
            )
        if slot.id in hidden:
            slot = msgspec.structs.replace(slot, withdrawn=True, version=slot.version + 1)
        if slot.id not in gone:
            slots.append(slot)
    return sorted(slots, key=lambda slot: slot.start)


def made(plan: SlotPlan, zone: str = "UTC") -> KeptSlot:
    """Return the slot that a plan becomes where there is none."""
    hours = plan.hours
    return KeptSlot(
        id=uuid4(),
        clinic=plan.clinic,
        schedule=plan.schedule,
        room=hours.room,
        equipment=hours.equipment,
        start=plan.start,
        end=plan.end,
        date=plan.date,
        part=part_of_day(plan.start.astimezone(ZoneInfo(zone))),
        in_person=hours.in_person,
        tele=hours.tele,
        total=hours.total,
        taken=0,
        in_person_taken=0,
        tele_taken=0,
        held=0,
        in_person_held=0,
        tele_held=0,
        blocked=False,
        by_hand=False,
        withdrawn=False,
        version=1,
    )


@given(st.data())
@settings(max_examples=tries(70, 200), deadline=None)
def test_what_can_be_booked_in_the_end_is_what_is_planned_and_a_second_look_finds_nothing_to_do(
    data: st.DataObject,
) -> None:
    was, planned = data.draw(plans()), data.draw(plans())
    zone = data.draw(st.sampled_from(("UTC", "Asia/Tokyo")))
    zones = dict.fromkeys(CLINICS, zone)
    existing = data.draw(kept(was))
    slots = carried_out(existing, compare(planned, existing, DAY, LAST, NOW, zones), zone)
    ours = [slot for slot in slots if slot.start > NOW and DAY <= slot.date <= LAST]
    by_place = {(slot.clinic, slot.start, slot.end): slot for slot in ours}
    coming = [plan for plan in planned if plan.start > NOW]
    offered = {place for place, slot in by_place.items() if not slot.withdrawn}
    assert offered <= {(plan.clinic, plan.start, plan.end) for plan in coming}
    for plan in coming:
        slot = by_place.get((plan.clinic, plan.start, plan.end))
        if slot is None:
            assert any(other.start < plan.end and plan.start < other.end for other in slots)
            continue
        assert not slot.withdrawn
        assert slot.part == part_of_day(plan.start.astimezone(ZoneInfo(zone)))
        assert slot.by_hand or slot.total == max(plan.hours.total, slot.taken)
    assert all(slot.withdrawn for slot in ours if (slot.clinic, slot.start, slot.end) not in offered)
    again = compare(planned, slots, DAY, LAST, NOW, zones)
    assert (again.added, again.removed, again.changed, again.withdrawn) == ([], [], [], [])


def one_plan(total: int = 2) -> SlotPlan:
    """A slot at nine of the second day, for two."""
    hours = Hours(start=540, end=570, slot_minutes=30, in_person=total, total=total)
    week = ((hours,),) * 7
    schedule = Schedule(id=SCHEDULE, clinic=CLINICS[0], effective_from=DAY, week=week)
    day = DAY + timedelta(days=1)
    (plan,) = lay_out_all(Sources(schedules=(schedule,), zones=ZONES), day, day)
    return plan


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_slot_that_is_not_planned_any_more_keeps_whom_it_has_and_takes_nobody_else_until_it_is_again(
    by_hand: bool,
) -> None:
    plan = one_plan()
    slot = msgspec.structs.replace(made(plan), taken=1, in_person_taken=1, by_hand=by_hand, total=2 + by_hand)
    diff = compare([], [slot], DAY, LAST, NOW, ZONES)
    assert (diff.withdrawn, diff.removed, diff.kept) == ([slot], [], 1)
    (hidden,) = carried_out([slot], diff, "UTC")
    assert compare([], [hidden], DAY, LAST, NOW, ZONES).withdrawn == []
    diff = compare([plan], [hidden], DAY, LAST, NOW, ZONES)
    (shown,) = carried_out([hidden], diff, "UTC")
    assert (diff.added, shown.withdrawn, shown.total, shown.taken) == ([], False, 2 + by_hand, 1)


def test_a_slot_whose_clinic_has_another_clock_now_lies_in_another_part_of_the_day() -> None:
    plan = one_plan()
    slot = made(plan)
    assert compare([plan], [slot], DAY, LAST, NOW, ZONES).changed == []
    (change,) = compare([plan], [slot], DAY, LAST, NOW, dict.fromkeys(CLINICS, "Asia/Tokyo")).changed
    assert (slot.part, change.part) == (0, 2)


@given(plans())
@settings(max_examples=tries(20, 50), deadline=None)
def test_runs_name_every_slot_as_it_is_named_alone(planned: list[SlotPlan]) -> None:
    parts = [plan.start.hour // 6 for plan in planned]
    runs = runs_of(planned, parts, [1] * len(planned))
    names = b"".join(run.ids(DOCTOR) for run in runs)
    assert [names[at : at + 16] for at in range(0, len(names), 16)] == [
        slot_id(DOCTOR, plan.clinic, plan.start).bytes for plan in planned
    ]
    times = [(r.start + i * r.step, r.start + i * r.step + r.length, r.part) for r in runs for i in range(r.count)]
    assert times == [(plan.start, plan.end, part) for plan, part in zip(planned, parts, strict=True)]


def test_slots_before_1970_would_be_named_too() -> None:
    start = datetime(1969, 12, 31, tzinfo=UTC)
    assert slot_ids(DOCTOR, CLINICS[0], [-86_400]) == slot_id(DOCTOR, CLINICS[0], start).bytes
