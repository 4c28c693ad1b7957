"""What an import did, told to people, to programs, and as QR codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from queue_server.application.day_list import CellError
from queue_server.application.enrolment import Outcome
from queue_server.operations.import_day import Imported, Report
from queue_server.operations.qr import save_qr, terminal_qr
from scheduling_core.errors import InvalidValue

MOST_ERRORS = 50
"""Errors printed; whoever made that many has made one of them many times."""


def print_report(report: Report, *, dry_run: bool, qr: bool) -> None:
    """Print what was done, or what is wrong with the file by row and column."""
    # Names come from a file: nothing in them is markup, and no link may be broken by a narrow terminal.
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    if report.errors:
        _print_errors(console, report.errors)
        return
    for row in report.rows:
        visit = row.enrolled.visit
        start = _wall(visit.start, row.doctor.timezone)
        console.print(
            f"{row.enrolled.ticket:>5}  {start}  {row.doctor.name}  {visit.patient.name}  {_TOLD[row.enrolled.outcome]}"
        )
        if not dry_run:
            console.print(f"       {row.url}")
            if qr:
                console.print(terminal_qr(row.url))
    counts = f"{report.count(Outcome.ADDED)} added, {report.count(Outcome.PAID)} paid, "
    counts += f"{report.count(Outcome.UNCHANGED)} there already."
    console.print(f"Dry run, nothing was kept: {counts}" if dry_run else counts)


_TOLD = {Outcome.ADDED: "", Outcome.PAID: "(payment recorded)", Outcome.UNCHANGED: "(there already)"}


def _print_errors(console: Console, errors: Sequence[CellError]) -> None:
    table = Table("Row", "Column", "What is wrong", show_edge=False)
    for error in errors[:MOST_ERRORS]:
        table.add_row(str(error.row) if error.row else "–", error.column or "–", error.message)
    console.print("Nothing was imported.", style="bold red")
    console.print(table)
    if len(errors) > MOST_ERRORS:
        console.print(f"… and {len(errors) - MOST_ERRORS} more.")


def as_told(report: Report, *, dry_run: bool) -> dict[str, object]:
    """Return the report as JSON tells it; links only of what was kept."""
    return {
        "errors": [{"row": e.row, "column": e.column, "message": e.message} for e in report.errors],
        "added": report.count(Outcome.ADDED),
        "paid": report.count(Outcome.PAID),
        "unchanged": report.count(Outcome.UNCHANGED),
        "dryRun": dry_run,
        "appointments": [
            {
                "appointmentId": str(row.enrolled.visit.id),
                "doctorId": str(row.doctor.id),
                "ticket": row.enrolled.ticket,
                "outcome": row.enrolled.outcome.value,
                "trackingUrl": None if dry_run else row.url,
            }
            for row in report.rows
        ],
    }


def qr_folder(folder: Path) -> Path:
    """Make the folder for QR codes; raises `InvalidValue` when it cannot be written to. Ask before importing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InvalidValue(f"{folder} cannot be written to: {error.strerror}.") from error
    return folder


def save_qrs(rows: Iterable[Imported], folder: Path) -> None:
    """Write each tracking link as a QR code (SVG) into the folder, named by date, ticket and appointment."""
    for row in rows:
        visit = row.enrolled.visit
        save_qr(row.url, folder / f"{visit.date}-{row.enrolled.ticket}-{visit.id}.svg")


def _wall(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
