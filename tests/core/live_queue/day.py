"""A doctor's day in short: names for ids, wall times for instants, and every invariant checked after every commit."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling_core.ids import BroadcastId, ClinicId, DoctorId, EntryId, TenantId, TextId
from scheduling_core.live_queue import codec, order
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.decide import decide_all
from scheduling_core.live_queue.fold import fold_commit
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import Entry, EntryState, Mode, Pace, Priority, Queue

TENANT = TenantId(UUID(int=1))
CLINIC = ClinicId(UUID(int=2))
DOCTOR = DoctorId(UUID(int=3))
OTHER_DOCTOR = DoctorId(UUID(int=4))
TEXT = TextId(UUID(int=5))
DATE = "2025-06-04"
ZONE = "Europe/Berlin"


def id_of(name: str) -> EntryId:
    """Return the id that stands for `name`; ids sort as the names do."""
    return EntryId(UUID(bytes=name.encode().rjust(16, b"\0")))


def name_of(entry: EntryId) -> str:
    """Return the name whose id `entry` is."""
    return entry.bytes.lstrip(b"\0").decode()


class Day:
    """A queue, its commits so far, and commands in the words of the desk."""

    def __init__(
        self, policy: QueuePolicy | None = None, *, zone: str = ZONE, date: str = DATE, doctor: DoctorId = DOCTOR
    ) -> None:
        self.zone, self.date, self.doctor = zone, date, doctor
        self.commits: list[tuple[int, datetime, tuple[ev.QueueEvent, ...]]] = []
        self.state: Queue | None = None
        opened = cmd.OpenQueue(
            tenant=TENANT,
            doctor=doctor,
            clinic=CLINIC,
            date=date,
            timezone=zone,
            policy=policy or QueuePolicy(),
            pace=Pace(15.0),
        )
        self.do(opened, self.yesterday("20:00"), by_system=True)

    @property
    def queue(self) -> Queue:
        assert self.state is not None
        return self.state

    def at(self, wall: str) -> datetime:
        """Return the instant of a wall time ("9:15", "9:15:30") of the day."""
        hour, minute, *second = (int(part) for part in wall.split(":"))
        day = datetime.fromisoformat(self.date)
        return day.replace(hour=hour, minute=minute, second=sum(second), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def yesterday(self, wall: str) -> datetime:
        """Return the instant of a wall time of the day before."""
        return self.at(wall) - timedelta(days=1)

    def do(
        self,
        commands: cmd.Command | Sequence[cmd.Command],
        at: str | datetime,
        *,
        by_system: bool = False,
        name: str | None = None,
    ) -> list[ev.QueueEvent]:
        """Commit the commands as one, check all invariants, return the events (none: nothing was committed)."""
        now = self.at(at) if isinstance(at, str) else at
        todo = [commands] if isinstance(commands, cmd.Command) else list(commands)
        events = decide_all(self.state, todo, now)
        if not events:
            return []
        version = len(self.commits) + 1
        self.commits.append((version, now, tuple(events)))
        self.state = fold_commit(
            self.state, events, version=version, at=now, command=name or type(todo[0]).__name__, by_system=by_system
        )
        check(self.queue)
        return events

    def __getitem__(self, name: str) -> Entry:
        return self.queue.entries[id_of(name)]

    @property
    def line(self) -> str:
        return " ".join(name_of(entry) for entry in self.queue.line)

    @property
    def version(self) -> int:
        return self.queue.version

    def state_of(self, name: str) -> EntryState:
        return self[name].state

    def overtakes(self, name: str) -> dict[str, int]:
        return {cause.value: count for cause, count in self[name].overtakes.items()}

    # ---- what the desk does ---------------------------------------------------------------------------------

    def enrol(
        self,
        name: str,
        start: str,
        *,
        paid: str | None = None,
        booked: str = "6:00",
        at: str | None = None,
        **facts: Any,
    ) -> None:
        """Enrol `name` for `start`; it was booked, and perhaps paid, at these times of the day before."""
        command = cmd.EnrolEntry(
            entry=id_of(name),
            start=self.at(start),
            booked_at=self.yesterday(booked),
            paid_at=None if paid is None else self.yesterday(paid),
            **facts,
        )
        self.do(command, self.yesterday("20:00") if at is None else at)

    def check_in(self, names: str, at: str) -> None:
        for name in names.split():
            self.do(cmd.CheckInEntry(entry=id_of(name)), at)

    def walk_in(self, name: str, at: str, triage: int = 4) -> None:
        self.do(cmd.WalkIn(entry=id_of(name), triage=triage), at)

    def call(self, at: str, name: str | None = None) -> str:
        """Call the next, or the one named; return who was called."""
        self.do(cmd.CallNext(entry=None if name is None else id_of(name)), at)
        called = self.queue.in_state(EntryState.CALLED)
        assert called is not None
        return name_of(called.id)

    def recall(self, name: str, at: str) -> None:
        self.do(cmd.RecallEntry(entry=id_of(name)), at)

    def start(self, name: str, at: str, *, complete_current: bool = False) -> None:
        self.do(cmd.StartConsultation(entry=id_of(name), complete_current=complete_current), at)

    def complete(self, name: str, at: str) -> None:
        self.do(cmd.CompleteConsultation(entry=id_of(name)), at)

    def serve(self, name: str, at: str, until: str) -> None:
        """Call, see and complete `name`."""
        self.call(at, name)
        self.start(name, at)
        self.complete(name, until)

    def skip(self, name: str, at: str) -> None:
        self.do(cmd.SkipEntry(entry=id_of(name)), at)

    def no_show(self, name: str, at: str, grace: int | None = None) -> None:
        self.do(cmd.MarkNoShow(entry=id_of(name), grace=grace), at)

    def move(self, name: str, to: int, at: str) -> None:
        self.do(cmd.MoveEntry(entry=id_of(name), to=to), at)

    def triage(self, name: str, triage: int, at: str) -> None:
        self.do(cmd.TriageEntry(entry=id_of(name), triage=triage), at)

    def cancel(self, name: str, at: str) -> None:
        self.do(cmd.CancelEntry(entry=id_of(name)), at)

    def transfer(self, name: str, to: "Day", at: str) -> None:
        """Transfer as the server does: out of this queue, into the other."""
        entry = self[name]
        self.do(cmd.TransferOut(entry=entry.id, to_doctor=to.doctor), at)
        to.do(cmd.TransferIn(entry=entry, from_doctor=self.doctor), at)

    def reschedule(self, name: str, start: str, at: str, *, to: "Day | None" = None, duration: int = 15) -> None:
        """Give `name` another time as the server does: here, or out of this queue and into the other."""
        entry, mode = id_of(name), Mode.IN_PERSON
        if to is None:
            again = cmd.RescheduleEntry(entry=entry, start=self.at(start), duration=duration, mode=mode)
            self.do(again, at, name="reschedule")
            return
        known, now = self[name], self.at(at)
        out = cmd.RescheduleOut(entry=entry, to_doctor=to.doctor, to_date=to.date)
        self.do(out, now, name="reschedule")
        into = cmd.RescheduleIn(
            entry=known,
            from_doctor=self.doctor,
            from_date=self.date,
            start=to.at(start),
            duration=duration,
            mode=mode,
            booked_at=known.seniority,
        )
        to.do(into, now, name="reschedule")

    def delay(self, minutes: int | None, at: str, *, number: int = 1) -> None:
        self.do(
            cmd.IssueBroadcast(
                broadcast=BroadcastId(UUID(int=number)), text=TEXT, priority=Priority.HIGH, estimated_delay=minutes
            ),
            at,
        )

    def pause(self, at: str) -> None:
        self.do(cmd.PauseQueue(), at)

    def resume(self, at: str) -> None:
        self.do(cmd.ResumeQueue(), at)

    def close(self, at: str) -> None:
        self.do(cmd.CloseDay(), at)

    def undo(self, version: int, at: str) -> None:
        self.do(cmd.UndoCommand(version=version), at)

    def tick(self, at: str | datetime) -> list[ev.QueueEvent]:
        return self.do(cmd.Tick(), at, by_system=True)


def check(queue: Queue) -> None:
    """Assert what holds of every queue at every moment."""
    in_line = {e.id for e in queue.entries.values() if e.state in (EntryState.EXPECTED, EntryState.WAITING)}
    assert len(queue.line) == len(set(queue.line)), "somebody stands in the line twice"
    assert set(queue.line) == in_line, "somebody is lost, or stands in the line who should not"
    assert [queue.position_of(entry) for entry in queue.line] == list(range(1, len(queue.line) + 1))
    keys = [order.key(queue.entries[entry]) for entry in queue.line if not queue.entries[entry].pinned]
    assert keys == sorted(keys), "the unpinned entries are not sorted by key"
    for seat in (EntryState.CALLED, EntryState.IN_CONSULTATION):
        assert sum(e.state is seat for e in queue.entries.values()) <= 1, f"more than one {seat}"
    for entry in queue.entries.values():
        assert entry.grace_until is None or entry.state in (
            EntryState.EXPECTED,
            EntryState.WAITING,
            EntryState.CALLED,
        ), "grace runs for somebody who left"
        assert all(count > 0 for count in entry.overtakes.values())
    assert codec.decode_state(codec.encode_state(queue)) == queue


def example(window_minutes: int = 60, **policy: Any) -> Day:
    """Return the day of the worked examples: A to E, enrolled yesterday."""
    day = Day(QueuePolicy(window_minutes=window_minutes, **policy))
    day.enrol("A", "9:15", paid="10:00")
    day.enrol("B", "9:00", paid="12:00")
    day.enrol("C", "9:30", paid="15:00", triage=2)
    day.enrol("D", "10:00", paid="8:00")
    day.enrol("E", "9:45", paid="11:00")
    return day
