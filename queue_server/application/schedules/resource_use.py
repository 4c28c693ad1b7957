"""No room and no equipment is planned for two doctors at once: hours that would be are refused at their field.

Whoever adds hours that take some takes its turn at each of them before it looks at others' hours, and keeps it until
the commit: after the doctor's calendar, before slots. The turn is none of the row of the room or the equipment, which
bookings lock after their slot.
"""

from datetime import datetime, timedelta

from queue_server.application.actor import Actor
from queue_server.application.schedules.sources import load_calendars
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from scheduling_core.calendar import commands
from scheduling_core.calendar.commands import CalendarCommand
from scheduling_core.calendar.decide import local_date
from scheduling_core.calendar.resource_use import ResourceClash, first_resource_clash, new_uses
from scheduling_core.calendar.sittings import WEEKDAYS, Zones, clock
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.errors import ResourceTaken
from scheduling_core.permissions import Permission, may


async def check_resources_free(
    tx: Transaction,
    actor: Actor,
    command: CalendarCommand,
    before: DoctorCalendar,
    after: DoctorCalendar,
    now: datetime,
    zones: Zones,
    *,
    hold: bool,
) -> None:
    """Raise `ResourceTaken`, naming the sitting, when `command` adds hours in a room, or with equipment, that another
    doctor's take then.

    With `hold` nobody else adds hours that take these before the end of the transaction. Nothing is read for a change
    that adds none.
    """
    wanted = new_uses(before, after)
    if not wanted:
        return
    clinics = sorted({use.clinic for use in wanted})
    resources = sorted({use.resource for use in wanted})
    if hold:
        await rows.hold_resources(tx, resources)
    since = min(local_date(now, zones[clinic]) for clinic in clinics)
    # Hours of the day before may reach into it.
    others = await rows.doctors_using(tx, clinics, resources, since - timedelta(days=1), besides=after.doctor)
    if not others:
        return
    clash = first_resource_clash(wanted, (await load_calendars(tx, others)).values(), since)
    if clash is not None:
        raise ResourceTaken(await _told(tx, actor, clash), field=_field(command, clash))


async def _told(tx: Transaction, actor: Actor, clash: ResourceClash) -> str:
    name = ""
    if actor.is_system or (actor.role is not None and may(actor.role, Permission.READ_DOCTORS)):
        name = (await rows.doctor_names(tx, [clash.other])).get(clash.other, "")
    hours = f"{clock(clash.other_hours.start)}–{clock(clash.other_hours.end)}"
    day = f"{WEEKDAYS[clash.other_day.weekday()]}, {clash.other_day}"
    what = "this room" if _is_room(clash) else (await rows.resource_names(tx, [clash.resource]))[clash.resource]
    return f"{name or 'Another doctor'} has {what} on {day}, {hours}."


def _is_room(clash: ResourceClash) -> bool:
    return clash.resource == clash.hours.room


def _field(command: CalendarCommand, clash: ResourceClash) -> str | None:
    """Return the field of the sitting, as clients count them; None where the command gives no sittings."""
    match command:
        case commands.CreateSchedule(sittings=sittings) | commands.UpdateSchedule(sittings=sittings):
            weekday = clash.day.isoweekday()
            same = [i for i, s in enumerate(sittings) if s.weekday == weekday and s.hours == clash.hours]
        case commands.AddOverride(hours=given):
            same = [i for i, hours in enumerate(given) if hours == clash.hours]
        case _:
            return None
    return f"sittings[{same[0]}].{'roomId' if _is_room(clash) else 'equipmentIds'}" if same else "sittings"
