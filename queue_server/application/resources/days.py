"""The days of a clinic: its country's public holidays, and the dates on which it differs from them."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import LONGEST_NAME, ClinicDaysBody
from queue_server.application.resources.clinic_writes import ClinicWrites, LockedClinic
from queue_server.application.resources.models import CLINIC
from queue_server.application.resources.public_holidays import FIRST_YEAR, LAST_YEAR, holidays_of
from queue_server.application.resources.shown import texts_of
from queue_server.application.resources.views import ClinicDaysView, ClosedDayView, HolidayView
from queue_server.application.unit import Unit, WritePath
from queue_server.store import clinics as rows
from queue_server.store.db import Database
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Permission
from scheduling_core.resources.clinics import ClosedDay, SetClinicDays, decide


class ClinicDaysService:
    """Reads and sets the dates on which clinics are closed or open against their holidays."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = ClinicWrites(db, writes)

    async def days(self, actor: Actor, clinic: UUID) -> ClinicDaysView:
        """Return a clinic's own closed and opened dates, with the clinic's version."""
        actor.require_for(Permission.READ_CLINICS, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            known = await rows.clinic(tx, clinic)
            if known is None:
                raise NotFound("There is no such clinic.")
            found = await rows.days(tx, clinic)
        return ClinicDaysView(
            closed=tuple(ClosedDayView(date=row["date"], name=row["name"]) for row in found if not row["opens"]),
            open=tuple(row["date"] for row in found if row["opens"]),
            version=known.version,
        )

    async def set_days(
        self, actor: Actor, clinic: UUID, body: ClinicDaysBody, precondition: Precondition = NONE
    ) -> Answer:
        """Replace a clinic's own dates; answers them. The slots of its doctors follow by a job that cannot be lost."""
        actor.require_for(Permission.MANAGE_CLINICS, clinic=ClinicId(clinic))
        wanted = _checked(body)

        async def work(unit: Unit, locked: LockedClinic) -> tuple[object, int | None]:
            texts = await texts_of(unit.tx, CLINIC, locked.state)
            known = {day.date: day.name for day in locked.state.closed}
            closed = []
            for day, name in wanted.items():
                # A date that keeps its name keeps its text: saving the same dates again changes nothing.
                kept = known.get(day)
                same = kept is not None and texts.get(kept) == name
                closed.append(ClosedDay(date=day, name=kept if same and kept is not None else await unit.say(name)))
            locked.add(*decide(locked.state, SetClinicDays(closed=tuple(closed), opened=body.open)))
            shown = tuple(ClosedDayView(date=day.date, name=wanted[day.date]) for day in locked.state.closed)
            version = locked.state.version
            return ClinicDaysView(closed=shown, open=locked.state.opened, version=version), version

        return await self._writes.change(actor, "set-clinic-days", clinic, work, precondition)

    async def holidays(self, actor: Actor, clinic: UUID, year: int | None = None) -> tuple[HolidayView, ...]:
        """Return the public holidays that a clinic's country and region have in a year, and which of them it opens.

        Without a year it is the present one in the clinic.
        """
        actor.require_for(Permission.READ_CLINICS, clinic=ClinicId(clinic))
        async with self._db.tenant(actor.tenant) as tx:
            known = await rows.clinic(tx, clinic)
            if known is None:
                raise NotFound("There is no such clinic.")
            opened = {row["date"] for row in await rows.days(tx, clinic) if row["opens"]}
        if known.holidays is None:
            return ()
        found = holidays_of(known.holidays, year or dt.datetime.now(ZoneInfo(known.timezone)).year)
        return tuple(HolidayView(date=day, name=name, open=day in opened) for day, name in found.items())


def _checked(body: ClinicDaysBody) -> dict[dt.date, str]:
    """Return the closed dates with their names; raises `InvalidValue` for what makes no sense."""
    closed: dict[dt.date, str] = {}
    for index, day in enumerate(body.closed):
        _check_year(day.date, f"closed[{index}].date")
        if day.date in closed:
            raise InvalidValue(f"{day.date} is named twice.", field=f"closed[{index}].date")
        closed[day.date] = one_line(day.name, f"closed[{index}].name", longest=LONGEST_NAME)
    for index, opened in enumerate(body.open):
        _check_year(opened, f"open[{index}]")
    return closed


def _check_year(day: dt.date, field: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidValue(f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.", field=field)
