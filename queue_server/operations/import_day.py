"""`queue-server import-day FILE.csv`: a clinic's day list into its queues, whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from rich.console import Console
from rich.progress import Progress

from queue_server.application import actor
from queue_server.application.day_list import CellError, read_day_list, shown
from queue_server.application.directory import Directory, DoctorEntry, checked_day
from queue_server.application.enrolment import Enrolled, Enrolment, Outcome, VisitRefused
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Publisher, Recorder, WritePath
from queue_server.operations.tenants import chosen_tenant
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.live_queue.state import Queue

LARGEST_FILE = 10_000_000
LONG_FILE = 500
"""Rows from which on a progress bar is shown."""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row, with its tracking link."""

    enrolled: Enrolled
    doctor: DoctorEntry
    url: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; `errors` mean that it did nothing."""

    rows: tuple[Imported, ...] = ()
    errors: tuple[CellError, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many visits had this outcome."""
        return sum(row.enrolled.outcome is outcome for row in self.rows)


class _Silent(Publisher):
    """Servers hear of an import by the pointers in its commit; nothing else needs to be told."""

    def committed(self, tenant: TenantId, queue: Queue, epoch: int, state: bytes, reason: str) -> None:
        """Do nothing."""


async def import_day(
    settings: Settings,
    file: Path,
    *,
    day: str | None = None,
    tenant: UUID | None = None,
    clinic: str | None = None,
    dry_run: bool = False,
) -> Report:
    """Import the file's visits and report each with its tracking link; with `dry_run` everything is rolled back.

    Raises `InvalidValue` when the file cannot be read, or tenant or clinic are not clear.
    """
    content = _content(file)
    db = Database(settings.database_url, pool_size=2, application="queue-server import-day")
    await db.open()
    try:
        chosen = await chosen_tenant(settings, tenant)
        directory = Directory(db)
        doctors = await _doctors_of(directory, chosen, clinic)
        wanted = checked_day(day, doctors[0].timezone)
        listed = read_day_list(content, tenant=chosen, doctors=doctors, day=wanted, now=datetime.now(UTC))
        if listed.errors:
            return Report(errors=listed.errors)
        enrolment = Enrolment(WritePath(db, _Silent()), directory, settings.default_consultation_minutes)
        try:
            with _progress(len(listed.visits)) as progress:
                enrolled = await enrolment.enrol(
                    actor.system(chosen), listed.visits, dry_run=dry_run, progress=progress
                )
        except VisitRefused as refused:
            return Report(errors=(CellError(listed.rows[refused.index], "", refused.error.detail),))
        links = TrackingLinks(db, Tokens(settings), Recorder(), settings.public_url)
        everybody = {doctor.id: doctor for doctor in await directory.doctors(chosen, None)}
        return Report(rows=tuple(_imported(chosen, one, everybody, links) for one in enrolled))
    finally:
        await db.close()


def _imported(
    tenant: TenantId, one: Enrolled, doctors: Mapping[DoctorId, DoctorEntry], links: TrackingLinks
) -> Imported:
    _, url = links.make(tenant, one.visit.id, one.doctor, generation=one.links_generation, start=one.visit.start)
    # Transferred to a doctor who has left since: the one it was booked with is known in any case.
    return Imported(enrolled=one, doctor=doctors.get(one.doctor) or doctors[one.visit.doctor], url=url)


@contextmanager
def _progress(rows: int) -> Iterator[Callable[[int], None]]:
    """Show how far a long import is, where somebody looks."""
    console = Console(stderr=True)
    if rows < LONG_FILE or not console.is_terminal:
        yield lambda done: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Importing", total=rows)
        yield lambda done: bar.update(task, completed=done)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InvalidValue(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise InvalidValue(f"{file.name} is larger than {LARGEST_FILE // 1_000_000} MB.")
    return content


async def _doctors_of(directory: Directory, tenant: TenantId, clinic: str | None) -> Sequence[DoctorEntry]:
    doctors = await directory.doctors(tenant, None)
    clinics = sorted({d.clinic_slug for d in doctors})
    if not clinics:
        raise InvalidValue("No clinic of this tenant has doctors yet: add them with `queue-server add-doctor`.")
    if clinic is None and len(clinics) > 1:
        raise InvalidValue(f"Say which clinic with --clinic SLUG: {', '.join(clinics)}.")
    if clinic is not None and clinic not in clinics:
        raise InvalidValue(f"There is no clinic “{shown(clinic)}” with doctors; there is {', '.join(clinics)}.")
    return [d for d in doctors if clinic in (None, d.clinic_slug)]
