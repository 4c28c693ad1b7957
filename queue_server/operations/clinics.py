"""`queue-server add-clinic` and `add-doctor`: what must be there before a day list can be imported."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from queue_server.application.actor import system
from queue_server.application.admin_bodies import NewClinic
from queue_server.application.doctors.adding import AddedDoctor, Doctors, NewDoctor
from queue_server.application.views.clinics import ClinicDetail
from queue_server.operations.tenants import chosen_tenant
from queue_server.settings import Settings
from queue_server.wiring import open_services
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import ClinicId


async def add_clinic(settings: Settings, tenant: UUID | None, fields: Mapping[str, str]) -> ClinicDetail:
    """Make a clinic from slug, name, timezone and address; raises `InvalidValue` or `Conflict`."""
    actor = system(await chosen_tenant(settings, tenant))
    try:
        wanted = msgspec.convert(fields, NewClinic)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"{error}.") from None
    async with open_services(settings, application="queue-server add-clinic") as services:
        return await services.clinics.create(actor, wanted)


async def add_doctor(
    settings: Settings,
    tenant: UUID | None,
    *,
    clinic: str | None,
    name: str,
    specialty: str,
    room: str,
    letters: str | None,
) -> AddedDoctor:
    """Add a doctor to the clinic with the slug `clinic`, or to the only one; raises `InvalidValue` or `Conflict`."""
    actor = system(await chosen_tenant(settings, tenant))
    async with open_services(settings, application="queue-server add-doctor") as services:
        known = {c.slug: c.id for c in (await services.clinics.list(actor, limit=200)).items if c.active}
        if clinic is None and len(known) == 1:
            (clinic,) = known
        if clinic is None or clinic not in known:
            there_are = ", ".join(known) or "none yet (`queue-server add-clinic` makes one)"
            raise InvalidValue(f"Name a clinic with --clinic SLUG; there are: {there_are}.")
        new = NewDoctor(clinic=ClinicId(known[clinic]), name=name, specialty=specialty, room=room, letters=letters)
        return await Doctors(services.writes).add(actor, new)
