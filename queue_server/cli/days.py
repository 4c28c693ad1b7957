"""Commands that bring a practice's days in: slots from schedules, a day list from a file."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from queue_server.cli.options import AsJson, OwnData, Tenant
from queue_server.cli.running import operate
from queue_server.settings import Settings

commands = typer.Typer()
PANEL = "Real input"


@commands.command("generate-slots", rich_help_panel=PANEL)
def generate_slots_command(
    tenant: Annotated[UUID | None, typer.Option(help="Id of the tenant; all of them if omitted.")] = None,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Generate the slots of all doctors up to the horizon; booked and blocked ones stay."""
    from queue_server.operations.generate_slots import generate_slots

    async def work(settings: Settings) -> None:
        report = await generate_slots(settings, tenant, quiet=as_json)
        if as_json:
            typer.echo(msgspec.json.encode(report).decode())
            return
        typer.echo(
            f"{report.added} slots added, {report.removed} removed, {report.kept} kept for {report.doctors} doctors of"
            f" {report.tenants} tenants in {report.seconds:.1f} s; {report.conflicts} appointments need another time."
        )

    operate(data_dir, work)


@commands.command("import-day", rich_help_panel=PANEL)
def import_day_command(
    file: Annotated[Path, typer.Argument(help="CSV with doctor, start, patient, phone, visit type, paid at, triage.")],
    date: Annotated[str | None, typer.Option(help="The day of times without a date; today if omitted.")] = None,
    tenant: Tenant = None,
    clinic: Annotated[str | None, typer.Option(help="Slug; needed when there are several clinics.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, keep nothing.")] = False,
    qr: Annotated[bool, typer.Option("--qr", help="Print each link as a QR code.")] = False,
    qr_dir: Annotated[Path | None, typer.Option(help="Write each link as a QR code (SVG) into this folder.")] = None,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Put a clinic's day list into its queues, whole or not at all, and print the tracking links."""
    from queue_server.operations.import_day import import_day
    from queue_server.operations.import_report import as_told, print_report, qr_folder, save_qrs

    pictures = qr_folder(qr_dir) if qr_dir is not None and not dry_run else None

    async def work(settings: Settings) -> None:
        report = await import_day(settings, file, day=date, tenant=tenant, clinic=clinic, dry_run=dry_run)
        if as_json:
            typer.echo(json.dumps(as_told(report, dry_run=dry_run)))
        else:
            print_report(report, dry_run=dry_run, qr=qr)
        if pictures is not None:
            save_qrs(report.rows, pictures)
        if report.errors:
            raise typer.Exit(1)

    operate(data_dir, work)
