"""`queue-server import-day FILE.csv`: a clinic's day list into its queues, whole or not at all."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Console
from rich.table import Table

from queue_server.application import actor
from queue_server.application.day_list import CellError, read_day_list
from queue_server.application.directory import Directory, DoctorEntry, checked_day
from queue_server.application.enrolment import Enrolled, Enrolment
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Publisher, Recorder, WritePath
from queue_server.operations.qr import save_qr, terminal_qr
from queue_server.settings import Settings
from queue_server.store import tenants
from queue_server.store.db import Database
from scheduling_core.errors import DomainError, InvalidValue
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Queue

LARGEST_FILE = 10_000_000


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row, with its tracking link."""

    enrolled: Enrolled
    doctor: DoctorEntry
    url: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; `errors` mean that it did nothing."""

    rows: tuple[Imported, ...] = ()
    errors: tuple[CellError, ...] = ()

    @property
    def added(self) -> int:
        """How many visits were new."""
        return sum(row.enrolled.is_new for row in self.rows)


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
        chosen = TenantId(tenant) if tenant is not None else await _only_tenant(settings)
        directory = Directory(db)
        doctors = await _doctors_of(directory, chosen, clinic)
        wanted = checked_day(day, doctors[0].timezone)
        listed = read_day_list(content, tenant=chosen, doctors=doctors, day=wanted, now=datetime.now(UTC))
        if listed.errors:
            return Report(errors=listed.errors)
        enrolment = Enrolment(WritePath(db, _Silent()), directory, settings.default_consultation_minutes)
        try:
            enrolled = await enrolment.enrol(actor.system(chosen), listed.visits, dry_run=dry_run)
        except DomainError as error:
            return Report(errors=(CellError(0, "", error.detail),))
        by_id = {doctor.id: doctor for doctor in doctors}
        links = TrackingLinks(db, Tokens(settings), Recorder(), settings.public_url)
        return Report(
            rows=tuple(
                Imported(
                    enrolled=one,
                    doctor=by_id[one.visit.doctor],
                    url=links.make(chosen, one.visit.id, one.visit.doctor, generation=one.links_generation)[1],
                )
                for one in enrolled
            )
        )
    finally:
        await db.close()


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise InvalidValue(f"{file.name} is larger than {LARGEST_FILE // 1_000_000} MB.")
        return file.read_bytes()
    except OSError as error:
        raise InvalidValue(f"{file} cannot be read: {error.strerror}.") from error


async def _only_tenant(settings: Settings) -> TenantId:
    """Return the installation's tenant when it has but one; listing them is the owner's right."""
    owner = Database(settings.owner_url(), pool_size=1, application="queue-server import-day")
    await owner.open()
    try:
        found = await tenants.all_tenants(owner)
    finally:
        await owner.close()
    if len(found) != 1:
        names = ", ".join(f"{t.name} ({t.id})" for t in found) or "there is none yet"
        raise InvalidValue(f"Say which tenant with --tenant ID: {names}.")
    return found[0].id


async def _doctors_of(directory: Directory, tenant: TenantId, clinic: str | None) -> Sequence[DoctorEntry]:
    doctors = await directory.doctors(tenant, None)
    clinics = {d.clinic_slug: d.clinic_name for d in doctors}
    if clinic is None and len(clinics) == 1:
        return doctors
    known = ", ".join(sorted(clinics)) or "no clinic has doctors yet"
    if clinic is None:
        raise InvalidValue(f"Say which clinic with --clinic SLUG: {known}.")
    if clinic not in clinics:
        raise InvalidValue(f"There is no clinic “{clinic}” with doctors: {known}.")
    return [d for d in doctors if d.clinic_slug == clinic]


def print_report(report: Report, *, dry_run: bool, qr: bool, qr_dir: Path | None) -> None:
    """Print what was done, or what is wrong with the file by row and column."""
    console = Console()
    if report.errors:
        table = Table("Row", "Column", "What is wrong", title="Nothing was imported", title_style="bold red")
        for error in report.errors:
            table.add_row(str(error.row) if error.row else "–", error.column or "–", error.message)
        console.print(table)
        return
    table = Table("Ticket", "Time", "Doctor", "Patient", "", "Tracking link")
    for row in report.rows:
        visit, zone = row.enrolled.visit, row.doctor.timezone
        state = "new" if row.enrolled.is_new else "there already"
        start = _wall(visit.start, zone)
        link = "–" if dry_run else row.url
        table.add_row(row.enrolled.ticket, start, row.doctor.name, visit.patient.name, state, link)
    console.print(table, soft_wrap=True)
    verb = "would be added" if dry_run else "added"
    console.print(f"{report.added} {verb}, {len(report.rows) - report.added} there already.")
    if dry_run:
        return
    for row in report.rows:
        if qr:
            console.print(f"\n{row.enrolled.ticket}  {row.enrolled.visit.patient.name}")
            console.print(terminal_qr(row.url), highlight=False, soft_wrap=True)
        if qr_dir is not None:
            qr_dir.mkdir(parents=True, exist_ok=True)
            save_qr(row.url, qr_dir / f"{row.enrolled.ticket}-{row.enrolled.visit.id}.svg")


def as_told(report: Report, *, dry_run: bool) -> dict[str, object]:
    """Return the report as JSON tells it; links only of what was kept."""
    return {
        "errors": [{"row": e.row, "column": e.column, "message": e.message} for e in report.errors],
        "added": report.added,
        "unchanged": len(report.rows) - report.added,
        "dryRun": dry_run,
        "appointments": [
            {
                "appointmentId": str(row.enrolled.visit.id),
                "doctorId": str(row.doctor.id),
                "ticket": row.enrolled.ticket,
                "isNew": row.enrolled.is_new,
                "trackingUrl": None if dry_run else row.url,
            }
            for row in report.rows
        ],
    }


def _wall(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
