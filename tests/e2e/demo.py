"""The demo under test: its processes, its public API, and clinics that each test has for itself."""

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import msgspec

from queue_server.application.actor import system
from queue_server.application.admin_bodies import NewClinic
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.doctors.adding import Doctors, NewDoctor
from queue_server.application.enrolment import Visit
from queue_server.operations.house import at_hand
from queue_server.store import accounts
from queue_server.wiring import Services, open_services
from scheduling_core.ids import ClinicId, EntryId, PatientId, TenantId

T = TypeVar("T")

DOCTORS = (("Dr Alder", "Room 2"), ("Dr Birch", "Room 4"), ("Dr Cedar", "Room 5"))
GIVEN = ("Ada", "Ben", "Chloe", "Dev", "Esme", "Farid", "Gita", "Hugo", "Ines", "Jonas", "Kemi", "Liv")
FAMILY = (
    "Abara", "Bekele", "Castro", "Dahl", "Ekwueme", "Falk", "Gupta", "Hansen", "Ibarra", "Jansen", "Kaur", "Larsen",
    "Mwangi", "Nyberg", "Osei", "Patil", "Quiroga", "Rossi", "Sato", "Tanaka", "Ueda", "Varga", "Walsh", "Xu",
)  # fmt: skip
KINDS = ("Clinic", "Practice", "Surgery", "Centre")
BOOKED_AHEAD = timedelta(minutes=15)


class Doctor(msgspec.Struct, frozen=True):
    """A doctor with a line of expected patients, first to last."""

    id: str
    name: str
    room: str
    line: list[str]


class Clinic(msgspec.Struct, frozen=True):
    """A clinic that belongs to one test."""

    id: str
    name: str
    doctors: tuple[Doctor, ...]


class Api:
    """The demo's public API, as any of its staff."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.url: str = told["url"]
        self.date: str = told["date"]
        self.mail: str = told["mail"]
        self.staff = {login["role"]: login for login in told["staff"]}
        self._http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)
        self._signed_in: dict[str, dict[str, Any]] = {}

    def sign_in(self, role: str) -> dict[str, Any]:
        """Return what signing in answers; done once for each role."""
        if role not in self._signed_in:
            login = {"email": self.staff[role]["email"], "password": self.staff[role]["password"]}
            answer = self._http.post("/api/auth/login", json=login)
            assert answer.status_code == 200, answer.text
            self._signed_in[role] = answer.json()["data"]
        return self._signed_in[role]

    def call(self, method: str, path: str, body: object = None, *, role: str = "receptionist", key: str = "") -> Any:
        """Call the API and return `data`; anything but success fails the test. `key` makes it happen once."""
        headers = {"Authorization": f"Bearer {self.sign_in(role)['accessToken']}"}
        if key:
            headers["Idempotency-Key"] = key
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()["data"] if answer.content else None

    def command(self, name: str, target: str, body: object = None) -> Any:
        """Do a desk command as the receptionist."""
        return self.call("POST", f"/api/appointments/queue/{name}/{target}", body or {})

    def queue(self, doctor: str) -> Any:
        """Return a doctor's whole queue."""
        return self.call("GET", f"/api/appointments/queue/state/{doctor}")

    def entry(self, doctor: str, entry: str) -> Any:
        """Return one entry of a doctor's queue."""
        return next(one for one in self.queue(doctor)["entries"] if one["id"] == entry)

    def walk_in(self, doctor: str, name: str, **facts: object) -> str:
        """Add somebody without an appointment and return the entry."""
        body = {"patient": {"name": name}, **facts}
        return str(self.command("walk-in", doctor, body)["appointment"]["id"])

    def token(self, entry: str) -> str:
        """Return a tracking token of an entry."""
        link = self.call("POST", f"/api/appointments/tracking-link/{entry}", {})
        return str(link["trackingToken"])

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


class Registry:
    """Books clinics, doctors and appointments beside the running demo, on an event loop of its own."""

    def __init__(self, data_dir: Path, tenant: str, api: Api) -> None:
        self._tenant = TenantId(msgspec.convert(tenant, TenantId, strict=False))
        self._api = api
        self._made = 0
        self._stack = AsyncExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._services = self._do(self._open(data_dir))
        self._zone: str = api.call("GET", "/api/clinics", role="admin")[0]["timezone"]

    def clinic(self, patients: int = 4, language: str = "en", zone: str | None = None) -> Clinic:
        """Return a new clinic of three doctors, each with a line of patients who have not come yet.

        It goes by the demo's clock, or by that of `zone`; then its patients are none, as its date may be another one.
        """
        self._made += 1
        return self._do(self._clinic(self._made, 0 if zone else patients, language, zone or self._zone))

    def short_token(self, role: str, seconds: float) -> str:
        """Return an access token of a member of staff that ends in so many seconds."""
        return self._do(self._short_token(self._api.staff[role]["email"], seconds))

    def close(self) -> None:
        """Close the database and stop the loop."""
        self._do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    async def _open(self, data_dir: Path) -> Services:
        settings = await self._stack.enter_async_context(at_hand(os.environ, data_dir))
        return await self._stack.enter_async_context(open_services(settings, application="browser-tests"))

    async def _clinic(self, number: int, patients: int, language: str, zone: str) -> Clinic:
        actor = system(self._tenant)
        family = FAMILY[number % len(FAMILY)]
        called = f"{family} {KINDS[number // len(FAMILY)]}"
        made = await self._services.clinics.create(
            actor,
            NewClinic(slug=f"clinic-{number}", name=called, timezone=zone, address=f"{number} Mill Lane"),
        )
        hire = Doctors(self._services.writes)
        ids = [
            (await hire.add(actor, NewDoctor(clinic=ClinicId(made.id), name=name, specialty="General", room=room))).id
            for name, room in DOCTORS
        ]
        # In one window or in order of windows, and asked for one after the other: the line is the order of booking.
        now = datetime.now(UTC).replace(microsecond=0)
        visits = [
            Visit(
                id=EntryId(uuid4()),
                doctor=doctor,
                date=self._api.date,
                start=now + BOOKED_AHEAD + timedelta(minutes=place),
                patient_id=PatientId(uuid4()),
                patient=PatientBody(
                    name=f"{GIVEN[(d * patients + place) % len(GIVEN)]} {family}",
                    phone="+1 555 0100",
                    language=language,
                ),
                booked_at=now - timedelta(days=2) + timedelta(minutes=place),
            )
            for d, doctor in enumerate(ids)
            for place in range(patients)
        ]
        if visits:
            await self._services.enrolment.enrol(actor, visits)
        lines = {doctor: [str(visit.id) for visit in visits if visit.doctor == doctor] for doctor in ids}
        doctors = (Doctor(str(i), name, room, lines[i]) for i, (name, room) in zip(ids, DOCTORS, strict=True))
        return Clinic(str(made.id), made.name, tuple(doctors))

    async def _short_token(self, email: str, seconds: float) -> str:
        async with self._services.db.tenant(self._tenant) as tx:
            account = await accounts.standing_by_email(tx, email)
        assert account is not None
        lifetime = timedelta(seconds=seconds)
        return self._services.tokens.issue_access(account, now=datetime.now(UTC), lifetime=lifetime)


def kill_server(demo_pid: int) -> int:
    """Kill the demo's server process with SIGKILL and return its process id."""
    for pid in _descendants(demo_pid):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"serve" in words:
            os.kill(pid, signal.SIGKILL)
            return pid
    raise AssertionError("the demo has no server process")


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found
