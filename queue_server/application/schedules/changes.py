"""Changes of calendars on the one write path, and the same only tried.

A change locks the doctor's calendar, decides, and lets the doctor's slots follow in the same transaction, on the dates
that it touches. A try decides on what is there now and asks what the slots would do; it keeps nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.doctors import bookability
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.schedules.resource_use import check_resources_free
from queue_server.application.schedules.sources import BACK, load_calendar, sources_of
from queue_server.application.schedules.views import SlotPreview
from queue_server.application.schedules.wire import Texts
from queue_server.application.slots.generation import regenerate
from queue_server.application.slots.preview import preview
from queue_server.application.unit import Unit, WritePath
from queue_server.store import event_store
from queue_server.store import schedules as rows
from queue_server.store.db import Database, Transaction
from queue_server.store.schedules import Home
from scheduling_core.calendar.affected import affected_dates
from scheduling_core.calendar.commands import CalendarCommand
from scheduling_core.calendar.decide import decide
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId, DoctorId, TextId

Say = Callable[[str], Awaitable[TextId]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar after a change, or as it would be."""

    tx: Transaction
    after: DoctorCalendar
    texts: Texts
    preview: SlotPreview | None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants of a doctor's calendar.

    `locate` says whose it is and at which clinic, and refuses who may not; `check` looks at the calendar as it is under
    the lock; `clinics` are those that the command names beyond the calendar's own; `show` makes the answer and its
    version. With `holds_doctor` nobody changes the doctor's profile meanwhile.
    """

    name: str
    locate: Callable[[Transaction], Awaitable[Home]]
    command: Callable[[Home, Say], Awaitable[CalendarCommand]]
    show: Callable[[Outcome], Awaitable[tuple[object, int | None]]]
    check: Callable[[Transaction, Home, DoctorCalendar], Awaitable[None]]
    clinics: tuple[ClinicId, ...] = ()
    holds_doctor: bool = False


class Changes:
    """Runs changes of calendars."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def run(self, actor: Actor, request: Request, precondition: Precondition, *, dry_run: bool = False) -> Answer:
        """Do what is requested, or with `dry_run` say what it would do; raises what is refused, and then nothing has
        changed."""
        if dry_run:
            return await self._try(actor, request)
        return await self._writes.run(actor, request.name, lambda unit: self._work(unit, request), precondition)

    async def _work(self, unit: Unit, request: Request) -> tuple[object, int | None]:
        said: dict[UUID, str] = {}

        async def say(words: str) -> TextId:
            text = await unit.say(words)
            said[text] = words
            return text

        # Here and not before: a repetition gets its answer also when what it removed is gone.
        home = await request.locate(unit.tx)
        if request.holds_doctor:
            await event_store.lock(unit.tx, DOCTOR.stream(unit.tx.tenant, home.doctor), DOCTOR.kind, create=False)
        target = await unit.lock_aggregate(CALENDAR, home.doctor)
        before = target.known or DoctorCalendar(doctor=home.doctor)
        await request.check(unit.tx, home, before)
        zones = await zones_for(unit.tx, before, request.clinics)
        command = await request.command(home, say)
        target.add(*decide(target.known, command, target.now, zones))
        after = target.known or before
        await check_resources_free(unit.tx, unit.actor, command, before, after, target.now, zones, hold=True)
        if (dates := affected_dates(before, after, target.now.date())) is not None:
            sources = await sources_of(unit.tx, after, *_around(*dates))
            await regenerate(unit.tx, home.doctor, sources, *dates)
            # Judged when the rows of this change are written.
            unit.after_writing(lambda: refreshed(unit.tx, home.doctor))
        texts = said | await texts_of(unit.tx, after, besides=said)
        return await request.show(Outcome(tx=unit.tx, after=after, texts=texts, preview=None))

    async def _try(self, actor: Actor, request: Request) -> Answer:
        said: dict[UUID, str] = {}

        async def say(words: str) -> TextId:
            text = event_store.free_text(words)
            said[text.id] = words
            return TextId(text.id)

        async with self._db.tenant(actor.tenant, snapshot=True) as tx:
            now = datetime.now(UTC)
            home = await request.locate(tx)
            before = await load_calendar(tx, home.doctor)
            await request.check(tx, home, before)
            zones = await zones_for(tx, before, request.clinics)
            command, after = await request.command(home, say), before
            for event in decide(before, command, now, zones):
                after = CALENDAR.aggregate.fold(after, event, now)
            await check_resources_free(tx, actor, command, before, after, now, zones, hold=False)
            dates = affected_dates(before, after, now.date())
            if dates is None:
                seen = SlotPreview(slots_added=0, slots_removed=0, slots_kept=0, patients_affected=())
            else:
                sources = await sources_of(tx, after, *_around(*dates))
                seen = await preview(tx, home.doctor, sources, *dates)
            texts = said | await texts_of(tx, after, besides=said)
            result, version = await request.show(Outcome(tx=tx, after=after, texts=texts, preview=seen))
        return Answer(msgspec.json.encode(result), version)


async def refreshed(tx: Transaction, doctor: DoctorId) -> None:
    """Judge anew whether the doctor can be booked."""
    await bookability.refresh(tx, doctor)


async def zones_for(
    tx: Transaction, calendar: DoctorCalendar, clinics: Sequence[ClinicId] = ()
) -> Mapping[ClinicId, str]:
    """Return the zones of a calendar's clinics and of `clinics`; raises `NotFound` for one that does not exist."""
    wanted = {*calendar.clinics, *clinics}
    zones = await rows.zones(tx, wanted)
    if wanted - zones.keys():
        raise NotFound("There is no such clinic.")
    return zones


async def texts_of(tx: Transaction, calendar: DoctorCalendar, besides: Collection[UUID] = ()) -> dict[UUID, str]:
    """Return the words that a calendar refers to."""
    wanted = [text for text in CALENDAR.texts(calendar) if text not in besides]
    return await event_store.free_texts(tx, wanted) if wanted else {}


def _around(first: date, last: date) -> tuple[date, date]:
    """Slots near the ends of a range meet hours and days that lie beyond them."""
    return first - BACK, last + timedelta(days=3)
