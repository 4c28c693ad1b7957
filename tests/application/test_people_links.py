"""Who finds whom at the desk, and how long a tracking link lasts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.tokens import Tokens
from queue_server.settings import Settings
from scheduling_core.ids import ClinicId, DoctorId, EntryId, PatientId
from scheduling_core.permissions import Role
from tests.factories import Clinic, new_clinic
from tests.graph import Graph


async def booked(
    graph: Graph, clinic: Clinic, name: str, phone: str, *, days: int = 0, patient: PatientId | None = None
) -> EntryId:
    """Book somebody with the clinic's first doctor."""
    start = datetime.now(UTC) + timedelta(days=days)
    visit = Visit(
        id=EntryId(uuid4()),
        doctor=DoctorId(clinic.doctors[0]),
        date=start.date().isoformat(),
        start=start,
        patient_id=patient or PatientId(uuid4()),
        patient=PatientBody(name=name, phone=phone),
        booked_at=datetime.now(UTC) - timedelta(days=1),
    )
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, [visit])
    return visit.id


async def two_clinics(graph: Graph) -> tuple[Clinic, Clinic]:
    """Return two clinics of one tenant; Asha goes to the first, Bela to the second, Cleo to both."""
    here = await new_clinic(graph.db)
    there = await new_clinic(graph.db, tenant=here.tenant)
    cleo = PatientId(uuid4())
    await booked(graph, here, "Asha Rao", "+441")
    await booked(graph, there, "Bela Rao", "+442")
    await booked(graph, there, "Cleo Rao", "+443", patient=cleo)
    await booked(graph, here, "Cleo Rao", "+443", patient=cleo, days=7)
    return here, there


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (" ", ["Asha Rao", "Cleo Rao"]),
        ("asha", ["Asha Rao"]),
        ("bela", []),
        ("rao", ["Asha Rao"]),
        ("+442", []),
        ("g1", ["Asha Rao"]),
        ("cleo", ["Cleo Rao"]),
        ("+443", ["Cleo Rao"]),
    ],
)
async def test_an_account_of_one_clinic_finds_its_people_only(graph: Graph, text: str, names: list[str]) -> None:
    here, there = await two_clinics(graph)
    actor = here.actor(Role.RECEPTIONIST, clinics=(ClinicId(here.id),))
    found, _ = await graph.people.search(actor, text)
    assert sorted(hit.patient.name for hit in found) == names
    doctors = {hit.doctor_id for hit in found if hit.doctor_id is not None}
    assert doctors <= set(here.doctors)
    assert not doctors & set(there.doctors)


async def test_an_account_without_clinics_finds_everybody(graph: Graph) -> None:
    here, there = await two_clinics(graph)
    found, _ = await graph.people.search(here.receptionist, "rao")
    assert sorted(hit.patient.name for hit in found) == ["Asha Rao", "Bela Rao", "Cleo Rao"]
    assert {hit.doctor_id for hit in found} == {here.doctors[0], there.doctors[0]}


def expiry(token: str) -> datetime:
    """Return when a token ends."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return datetime.fromtimestamp(claims["exp"], UTC)


@pytest.mark.parametrize("days", [0, 45])
async def test_a_link_lasts_its_days_from_the_visit_on(graph: Graph, settings: Settings, days: int) -> None:
    clinic = await new_clinic(graph.db)
    entry = await booked(graph, clinic, "Asha Rao", "+441", days=days)
    token, _ = await graph.links.issue(clinic.receptionist, entry)
    lasts = expiry(token) - (datetime.now(UTC) + timedelta(days=days))
    lifetime = Tokens(settings).tracking_lifetime
    assert lifetime - timedelta(minutes=1) < lasts <= lifetime + timedelta(minutes=1)


async def test_a_link_of_a_visit_in_the_past_lasts_from_now_on(graph: Graph, settings: Settings) -> None:
    clinic = await new_clinic(graph.db)
    start = datetime.now(UTC) - timedelta(days=3)
    token, _ = graph.links.make(clinic.tenant, EntryId(uuid4()), clinic.doctors[0], generation=0, start=start)
    left = expiry(token) - datetime.now(UTC)
    assert left > Tokens(settings).tracking_lifetime - timedelta(minutes=1)
