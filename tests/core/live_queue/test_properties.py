"""Whatever the desks, the clock and the patients do in whatever order, the promises of the queue hold.

Two queues of one clinic, random policies, the days on which clocks change. The default run is short; for a deep one:
`QUEUE_EXAMPLES=5000 pytest tests/core/live_queue/test_properties.py`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from scheduling_core.errors import DomainError
from scheduling_core.ids import BroadcastId, DoctorId, EntryId
from scheduling_core.live_queue import codec, undo
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.decide import decide_all
from scheduling_core.live_queue.fold import fold_commit
from scheduling_core.live_queue.policy import LatePolicy, QueuePolicy
from scheduling_core.live_queue.state import Entry, EntryState, Mode, Pace, Priority, Queue
from scheduling_core.live_queue.timers import next_wake
from scheduling_core.live_queue.windows import day_bounds
from tests.core.live_queue.day import CLINIC, TENANT, TEXT, check
from tests.thorough import tries

EXAMPLES = tries(70, 200, name="QUEUE_EXAMPLES")
STEPS = 50
MOSTLY = 20
LANES = st.sampled_from([0, 0, 0, 0, 1, 1, 2])

DOCTORS = (DoctorId(UUID(int=3)), DoctorId(UUID(int=4)), DoctorId(UUID(int=5)))

DAYS = [
    ("Europe/Berlin", "2025-06-04"),
    ("Europe/Berlin", "2025-03-30"),
    ("Europe/Berlin", "2025-10-26"),
    ("America/New_York", "2025-03-09"),
    ("America/New_York", "2025-11-02"),
    ("Australia/Lord_Howe", "2025-04-06"),
    ("Australia/Lord_Howe", "2025-10-05"),
    ("Africa/Cairo", "2025-04-25"),
    ("Africa/Cairo", "2025-10-30"),
    ("America/Santiago", "2025-09-07"),
    ("America/Santiago", "2025-04-05"),
    ("Asia/Kathmandu", "2025-06-04"),
]

_E, _W, _C, _I = EntryState.EXPECTED, EntryState.WAITING, EntryState.CALLED, EntryState.IN_CONSULTATION
_D, _N, _X = EntryState.COMPLETED, EntryState.NO_SHOW, EntryState.CANCELLED
Step = tuple[EntryState | None, EntryState | None]

# The table of docs/queue-rules.md once more, on purpose not read from the code under test. None: not in this queue.
LEGAL: dict[type[cmd.Command], set[Step]] = {
    cmd.EnrolEntry: {(None, _E)},
    cmd.WalkIn: {(None, _W)},
    cmd.CheckInEntry: {(_E, _W), (_N, _W)},
    cmd.CallNext: {(_W, _C)},
    cmd.StartConsultation: {(_C, _I), (_I, _D)},
    cmd.CompleteConsultation: {(_C, _D), (_I, _D)},
    cmd.SkipEntry: {(_C, _W)},
    cmd.MarkNoShow: {(_E, _N), (_W, _N), (_C, _N)},
    cmd.TransferOut: {(_E, None), (_W, None), (_C, None)},
    cmd.TransferIn: {(None, _E), (None, _W)},
    cmd.TakeBack: {(_E, None), (_W, None)},
    cmd.RescheduleOut: {(_E, None), (_W, None)},
    cmd.RescheduleIn: {(None, _E), (None, _W)},
    cmd.CancelEntry: {(_E, _X), (_W, _X), (_C, _X)},
    cmd.CloseDay: {(_E, _N), (_W, _X), (_C, _X)},
    cmd.Tick: {(_E, _N), (_W, _N), (_C, _N), (_W, _X), (_C, _X)},
}
OF_THE_DAY = (
    cmd.CheckInEntry,
    cmd.CallNext,
    cmd.RecallEntry,
    cmd.StartConsultation,
    cmd.SkipEntry,
    cmd.MarkNoShow,
    cmd.PauseQueue,
    cmd.ResumeQueue,
    cmd.WalkIn,
)
"""What nobody can do before the day begins or after it has ended."""
PLACE: dict[str, Any] = {"overtakes": {}, "passed_over": 0, "prompted_at": None, "look_again_at": None}
"""What others' commands and the clock may change in an entry while an undo is possible."""


class Lane:
    """One doctor's queue with everything that ever happened in it."""

    def __init__(self, doctor: DoctorId) -> None:
        self.doctor = doctor
        self.state: Queue | None = None
        self.stored: list[tuple[int, datetime, str, bool, list[tuple[str, bytes]]]] = []
        self.before: dict[int, Queue | None] = {}
        self.overtaken: dict[int, tuple[tuple[EntryId, Any], ...]] = {}

    @property
    def queue(self) -> Queue:
        assert self.state is not None
        return self.state

    def commit(self, events: Sequence[ev.QueueEvent], now: datetime, command: str, *, by_system: bool) -> None:
        version = len(self.stored) + 1
        self.before[version] = self.state
        written = [(ev.type_of(event), codec.encode_event(event)) for event in events]
        self.stored.append((version, now, command, by_system, written))
        self.state = fold_commit(self.state, events, version=version, at=now, command=command, by_system=by_system)

    def replayed(self) -> Queue | None:
        state = None
        for version, at, command, by_system, written in self.stored:
            events = [codec.decode_event(name, ev.SCHEMA_VERSION, data) for name, data in written]
            state = fold_commit(state, events, version=version, at=at, command=command, by_system=by_system)
        return state


class QueueMachine(RuleBasedStateMachine):
    """The desks, the patients and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[Lane] = []
        self.ledger: dict[EntryId, Counter[Any]] = {}
        self.numbers = 0

    @initialize(
        day=st.sampled_from(DAYS),
        window=st.sampled_from([5, 15, 20, 45, 60, 120, 720]),
        late=st.sampled_from(LatePolicy),
        grace=st.sampled_from([0, 5, 15]),
        late_after=st.sampled_from([0, 10]),
        release_after=st.sampled_from([1, 20]),
        early=st.sampled_from([0, 30]),
        skip_behind=st.integers(1, 3),
        opened=st.sampled_from([-30, 0, 180, 480, 540, 600, 660, 1410]),
        first=st.lists(st.tuples(st.integers(-60, 30), st.sampled_from([1, 2, 4, 4, 4])), min_size=4, max_size=8),
    )
    def open(
        self,
        day: tuple[str, str],
        window: int,
        late: LatePolicy,
        grace: int,
        late_after: int,
        release_after: int,
        early: int,
        skip_behind: int,
        opened: int,
        first: list[tuple[int, int]],
    ) -> None:
        zone, date = day
        self.day_start, self.day_end = day_bounds(date, zone)
        self.now = self.day_start + timedelta(minutes=opened)
        self.policy = QueuePolicy(
            window_minutes=window,
            late_policy=late,
            grace_minutes=grace,
            late_after=late_after,
            release_after=release_after,
            early_max=early,
            skip_behind=skip_behind,
        )
        for number, doctor in enumerate(DOCTORS):
            lane = Lane(doctor)
            self.lanes.append(lane)
            # The second clinic room keeps other windows: a transfer crosses them.
            policy = replace(self.policy, window_minutes=30) if number == 1 else self.policy
            opening = cmd.OpenQueue(
                tenant=TENANT,
                doctor=doctor,
                clinic=CLINIC,
                date=date,
                timezone=zone,
                policy=policy,
                pace=Pace(12.0),
                ticket_prefix="ABC"[number],
            )
            self.attempt(lane, [opening], by_system=True)
        self.enrol(0, [(start, 60, None, triage) for start, triage in first])

    # ---- doing ----------------------------------------------------------------------------------------------------

    def attempt(
        self, lane: Lane, commands: list[cmd.Command], *, by_system: bool = False, name: str | None = None
    ) -> bool:
        """Commit the commands if the rules accept them; a refusal must leave the queue alone."""
        before, image = lane.state, None if lane.state is None else codec.encode_state(lane.state)
        try:
            events = decide_all(lane.state, commands, self.now)
        except DomainError:
            assert before is None or codec.encode_state(before) == image
            return False
        if events:
            is_the_day = self.day_start <= self.now < self.day_end
            assert is_the_day or not any(isinstance(command, OF_THE_DAY) for command in commands)
            lane.commit(events, self.now, name or type(commands[0]).__name__, by_system=by_system)
            self.count(lane, events)
            if before is not None:
                assert_legal(before, lane.queue, commands)
        return True

    def count(self, lane: Lane, events: Sequence[ev.QueueEvent]) -> None:
        """Keep a ledger of our own."""
        for event in events:
            match event:
                case ev.EntryCalled(overtaken=overtaken):
                    lane.overtaken[lane.queue.version] = overtaken
                    for entry, cause in overtaken:
                        self.ledger[entry][cause] += 1
                case ev.CommandUndone(undone=undone):
                    for entry, cause in lane.overtaken.get(undone, ()):
                        if entry in lane.queue.entries:
                            self.ledger[entry][cause] -= 1
                case _:
                    pass

    def pick(self, lane: Lane, number: int) -> EntryId:
        """Return somebody, mostly one who is still in line."""
        known = lane.queue.line if number < MOSTLY else tuple(lane.queue.entries)
        return known[number % len(known)] if known else EntryId(UUID(int=number))

    def next_id(self) -> EntryId:
        self.numbers += 1
        entry = EntryId(UUID(int=(self.numbers * 7919) % 100_003))
        self.ledger[entry] = Counter()
        return entry

    # ---- what may happen ------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 10, 31, 240, 600, 1800]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        lane=LANES,
        many=st.lists(
            st.tuples(
                st.integers(-60, 120),
                st.integers(0, 300),
                st.none() | st.integers(-200, 200),
                st.sampled_from([1, 2, 3, 4, 4, 4, 5]),
            ),
            min_size=1,
            max_size=5,
        ),
    )
    def enrol(self, lane: int, many: list[tuple[int, int, int | None, int]]) -> None:
        for start, booked, paid, triage in many:
            around = max(self.now, self.day_start)
            command = cmd.EnrolEntry(
                entry=self.next_id(),
                start=around + timedelta(minutes=start),
                booked_at=self.day_start - timedelta(minutes=booked),
                paid_at=None if paid is None else self.day_start - timedelta(minutes=paid),
                triage=triage,
            )
            self.attempt(self.lanes[lane], [command])

    @rule(lane=LANES, triage=st.integers(0, 6))
    def walk_in(self, lane: int, triage: int) -> None:
        self.attempt(self.lanes[lane], [cmd.WalkIn(entry=self.next_id(), triage=triage)])

    @rule(lane=LANES, numbers=st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def check_in(self, lane: int, numbers: list[int]) -> None:
        for number in numbers:
            self.attempt(self.lanes[lane], [cmd.CheckInEntry(entry=self.pick(self.lanes[lane], number))])

    @rule(lane=LANES, number=st.integers(0, 30), minutes=st.integers(-60, 60))
    def pay(self, lane: int, number: int, minutes: int) -> None:
        entry = self.pick(self.lanes[lane], number)
        paid = cmd.RecordPayment(entry=entry, paid_at=self.now + timedelta(minutes=minutes))
        self.attempt(self.lanes[lane], [paid], by_system=True)

    @rule(lane=LANES)
    def call_next(self, lane: int) -> None:
        self.attempt(self.lanes[lane], [cmd.CallNext()])

    @rule(lane=LANES, number=st.integers(0, 30))
    def pick_and_call(self, lane: int, number: int) -> None:
        waiting = [entry for entry in self.lanes[lane].queue.line if self.lanes[lane].queue.entries[entry].state is _W]
        if waiting:
            self.attempt(self.lanes[lane], [cmd.CallNext(entry=waiting[number % len(waiting)])])

    @rule(lane=LANES, steps=st.integers(1, 6), complete_current=st.booleans(), minutes=st.integers(0, 12))
    def doctor_works(self, lane: int, steps: int, complete_current: bool, minutes: int) -> None:
        """Call, start, complete, and again."""
        for _ in range(steps):
            queue = self.lanes[lane].queue
            called, seen = queue.in_state(_C), queue.in_state(_I)
            if called is not None:
                command: cmd.Command = cmd.StartConsultation(entry=called.id, complete_current=complete_current)
            elif seen is not None and not complete_current:
                command = cmd.CompleteConsultation(entry=seen.id)
            else:
                command = cmd.CallNext()
            if not self.attempt(self.lanes[lane], [command]):
                break
            self.now += timedelta(minutes=minutes)

    @rule(lane=LANES)
    def finish_and_call_next(self, lane: int) -> None:
        if (seen := self.lanes[lane].queue.in_state(_I)) is not None:
            self.attempt(self.lanes[lane], [cmd.CompleteConsultation(entry=seen.id), cmd.CallNext()])

    @rule(lane=LANES)
    def everybody_arrives(self, lane: int) -> None:
        for entry in self.lanes[lane].queue.line:
            self.attempt(self.lanes[lane], [cmd.CheckInEntry(entry=entry)])

    @rule(
        lane=LANES,
        number=st.integers(0, 30),
        make=st.sampled_from(
            [
                cmd.SkipEntry,
                cmd.CancelEntry,
                cmd.RecallEntry,
                cmd.StartConsultation,
                cmd.CompleteConsultation,
                cmd.CallNext,
                cmd.MarkNoShow,
            ]
        ),
    )
    def act_on_one(self, lane: int, number: int, make: Callable[..., cmd.Command]) -> None:
        self.attempt(self.lanes[lane], [make(entry=self.pick(self.lanes[lane], number))])

    @rule(lane=LANES)
    def skip_called(self, lane: int) -> None:
        if (called := self.lanes[lane].queue.in_state(_C)) is not None:
            self.attempt(self.lanes[lane], [cmd.SkipEntry(entry=called.id)])

    @rule(lane=LANES, number=st.integers(0, 30), grace=st.sampled_from([None, 0, 3, 60]))
    def no_show(self, lane: int, number: int, grace: int | None) -> None:
        self.attempt(self.lanes[lane], [cmd.MarkNoShow(entry=self.pick(self.lanes[lane], number), grace=grace)])

    @rule(lane=LANES, moves=st.lists(st.tuples(st.integers(0, 22), st.integers(0, 5)), min_size=1, max_size=2))
    def move(self, lane: int, moves: list[tuple[int, int]]) -> None:
        known = self.lanes[lane]
        self.attempt(known, [cmd.MoveEntry(entry=self.pick(known, number), to=to) for number, to in moves])

    @rule(lane=LANES, number=st.integers(0, 30), triage=st.integers(0, 6))
    def triage(self, lane: int, number: int, triage: int) -> None:
        self.attempt(self.lanes[lane], [cmd.TriageEntry(entry=self.pick(self.lanes[lane], number), triage=triage)])

    @rule(lane=LANES, number=st.integers(0, 30), to=st.integers(0, 2))
    def transfer(self, lane: int, number: int, to: int) -> None:
        self.hand_over(self.lanes[lane], [(self.pick(self.lanes[lane], number), self.lanes[to])])

    def hand_over(self, source: Lane, handed: list[tuple[EntryId, Lane]]) -> None:
        """Transfer as the server does: both sides in one transaction, or neither."""
        entries = [(source.queue.entries.get(entry), to) for entry, to in handed]
        out: list[cmd.Command] = [cmd.TransferOut(entry=entry, to_doctor=to.doctor) for entry, to in handed]
        into: list[tuple[Lane, list[cmd.Command]]] = [
            (
                to,
                [cmd.TransferIn(entry=entry, from_doctor=source.doctor) for entry, at in entries if entry and at is to],
            )
            for to in self.lanes
        ]
        try:
            decide_all(source.queue, out, self.now)
            for to, commands in into:
                decide_all(to.queue, commands, self.now)
        except DomainError:
            return
        assert self.attempt(source, out)
        for to, commands in into:
            assert self.attempt(to, commands)

    @rule(lane=LANES, number=st.integers(0, 30), to=st.integers(0, 2), start=st.integers(-60, 600), paid=st.booleans())
    def reschedule(self, lane: int, number: int, to: int, start: int, paid: bool) -> None:
        """Give somebody another time, in the same line or another one: both sides in one transaction, or neither."""
        source, target = self.lanes[lane], self.lanes[to]
        entry = self.pick(source, number)
        known, at = source.queue.entries.get(entry), max(self.now, self.day_start) + timedelta(minutes=start)
        if source is target:
            again = cmd.RescheduleEntry(entry=entry, start=at, duration=20, mode=Mode.TELE)
            self.attempt(source, [again], name="reschedule")
            return
        if known is None:
            return
        out = cmd.RescheduleOut(entry=entry, to_doctor=target.doctor, to_date=target.queue.date)
        into = cmd.RescheduleIn(
            entry=known,
            from_doctor=source.doctor,
            from_date=source.queue.date,
            start=at,
            duration=20,
            mode=Mode.TELE,
            booked_at=self.day_start - timedelta(hours=1),
            paid_at=self.now if paid else None,
        )
        try:
            decide_all(source.queue, [out], self.now)
            decide_all(target.queue, [into], self.now)
        except DomainError:
            return
        assert self.attempt(source, [out], name="reschedule")
        assert self.attempt(target, [into], name="reschedule")
        self.ledger[entry] = Counter()
        moved = target.queue.entries[entry]
        assert (moved.state, moved.start, moved.pinned, moved.late) == (known.state, at, False, False)

    @rule(lane=LANES, rare=st.sampled_from(["pause", "resume", "resume", "close", "absent", "policy", "policy"]))
    def something_rare(self, lane: int, rare: str) -> None:
        known = self.lanes[lane]
        match rare:
            case "pause":
                self.attempt(known, [cmd.PauseQueue()])
            case "resume":
                self.attempt(known, [cmd.ResumeQueue()])
            case "close" if self.numbers > 10:
                self.attempt(known, [cmd.CloseDay()])
            case "absent" if self.numbers > 10:
                others = [other for other in self.lanes if other is not known]
                self.hand_over(known, [(entry, others[i % 2]) for i, entry in enumerate(known.queue.line)])
            case _:
                policy = replace(self.policy, grace_minutes=7, window_minutes=15)
                self.attempt(known, [cmd.AdoptPolicy(policy=policy)], by_system=True)

    @rule(lane=LANES, delay=st.sampled_from([None, 0, 10, 60, 721]))
    def broadcast(self, lane: int, delay: int | None) -> None:
        self.numbers += 1
        broadcast = BroadcastId(UUID(int=self.numbers))
        command = cmd.IssueBroadcast(broadcast=broadcast, text=TEXT, priority=Priority.HIGH, estimated_delay=delay)
        self.attempt(self.lanes[lane], [command])

    @rule(lane=LANES)
    def tick(self, lane: int) -> None:
        known = self.lanes[lane]
        self.attempt(known, [cmd.Tick()], by_system=True)
        assert decide_all(known.queue, [cmd.Tick()], self.now) == [], "a second tick at the same moment did something"
        wake = next_wake(known.queue)
        assert (wake is None) == known.queue.closed
        assert wake is None or wake > self.now

    @rule(
        lane=LANES,
        number=st.integers(0, 22),
        what=st.sampled_from(["arrive", "call", "work", "finish", "skip", "no-show", "move", "triage", "hand over"]),
        between=st.sampled_from([None, "walk in", "call", "move", "reschedule"]),
        seconds=st.integers(0, 20),
    )
    def second_thoughts(self, lane: int, number: int, what: str, between: str | None, seconds: int) -> None:
        """Somebody does something, perhaps another desk something else, and the first is taken back."""
        known, version = self.lanes[lane], self.lanes[lane].queue.version
        {
            "arrive": lambda: self.check_in(lane, [number]),
            "call": lambda: self.pick_and_call(lane, number),
            "work": lambda: self.doctor_works(lane, 1, number % 2 == 0, 0),
            "finish": lambda: self.finish_and_call_next(lane),
            "skip": lambda: self.act_on_one(lane, number, cmd.SkipEntry),
            "no-show": lambda: self.no_show(lane, number, 0),
            "move": lambda: self.move(lane, [(number, number % 4), (number + 1, 1)]),
            "triage": lambda: self.triage(lane, number, 1 + number % 5),
            "hand over": lambda: self.transfer(lane, number, number % 3),
        }[what]()
        if known.queue.version == version:
            return
        self.now += timedelta(seconds=seconds)
        if between == "walk in":
            self.walk_in(lane, 1 + number % 5)
        elif between == "call":
            self.call_next(lane)
        elif between == "move":
            self.move(lane, [(number + 3, 2)])
        elif between == "reschedule":
            self.reschedule(lane, number, number % 3, 60, False)
        self.undo(lane, known.queue.version - version - 1)

    @rule(lane=LANES, back=st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 5]))
    def undo(self, lane: int, back: int) -> None:
        known = self.lanes[lane]
        version = known.queue.version - back
        now_before = known.queue
        offered = {u.version for u in undo.undoable_commits(now_before, self.now)}
        taken = undo.undone_transfers(now_before, version)
        others = [(other, taken[other.doctor]) for other in self.lanes if other.doctor in taken]
        try:
            event = undo.undone(now_before, version, self.now)
            for other, entries in others:
                decide_all(other.queue, [cmd.TakeBack(entry=entry) for entry in entries], self.now)
        except DomainError:
            self.attempt(known, [cmd.UndoCommand(version=version)]) if not others else None
            return
        assert version in offered
        for other, entries in others:
            assert self.attempt(other, [cmd.TakeBack(entry=entry) for entry in entries])
            for entry in entries:
                known_before = known.before[version]
                assert known_before is not None
                self.ledger[entry] = Counter(known_before.entries[entry].overtakes)
        assert self.attempt(known, [cmd.UndoCommand(version=version)])
        was = known.before[version]
        assert was is not None
        for restored in event.restored:
            entry = restored.entry.id
            assert replace(known.queue.entries[entry], **PLACE) == replace(was.entries[entry], **PLACE)
            assert known.queue.entries[entry].state is not EntryState.CALLED or known.queue.position_of(entry) == 0
        if back == 0:
            assert_given_back(was, known.queue, event.withdrawn, self.now)

    # ---- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def every_queue_is_sound(self) -> None:
        for lane in self.lanes:
            check(lane.queue)
            assert len({e.ticket for e in lane.queue.entries.values()}) == len(lane.queue.entries)

    @invariant()
    def everybody_is_in_exactly_one_queue(self) -> None:
        places = Counter(entry for lane in self.lanes for entry in lane.queue.entries)
        assert all(count == 1 for count in places.values())
        accepted = {
            decoded.entry.id
            for lane in self.lanes
            for _, _, command, _, written in lane.stored
            if command in ("EnrolEntry", "WalkIn")
            for name, data in written
            if isinstance(
                decoded := codec.decode_event(name, ev.SCHEMA_VERSION, data), ev.EntryEnrolled | ev.EntryWalkedIn
            )
        }
        assert accepted == set(places)

    @invariant()
    def the_ledger_counts_every_call_that_stands(self) -> None:
        for lane in self.lanes:
            for entry in lane.queue.entries.values():
                assert Counter(entry.overtakes) == +self.ledger[entry.id]

    def teardown(self) -> None:
        for lane in self.lanes:
            assert lane.replayed() == lane.state


def assert_legal(before: Queue, after: Queue, commands: Sequence[cmd.Command]) -> None:
    """Every change of state is one that the table allows to these commands."""
    if any(isinstance(command, cmd.UndoCommand) for command in commands):
        return
    legal = set().union(*(LEGAL.get(type(command), set()) for command in commands))
    for entry in {*before.entries, *after.entries}:
        step = (_state(before.entries.get(entry)), _state(after.entries.get(entry)))
        assert step[0] is step[1] or step in legal, f"{step} by {commands}"


def _state(entry: Entry | None) -> EntryState | None:
    return None if entry is None else entry.state


def assert_given_back(was: Queue, now: Queue, withdrawn: Sequence[EntryId], at: datetime) -> None:
    """An undo with nothing in between gives back exactly what was there."""
    assert now.line == was.line
    assert {e: known for e, known in now.entries.items() if e not in withdrawn} == was.entries
    assert (now.paused, now.closed, now.blocked_until) == (was.paused, was.closed, was.blocked_until)
    assert (now.last_called, now.pace) == (was.last_called, was.pace)
    assert set(now.notices) == {notice for notice in was.notices if notice.until > at}


QueueMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.timeout(0)
class TestQueue(QueueMachine.TestCase):  # type: ignore[valid-type,misc]
    """Runs the machine."""
