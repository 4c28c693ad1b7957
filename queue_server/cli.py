"""`queue-server`: everything an operator does from the command line."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import msgspec
import typer

from queue_server import logs
from queue_server.embedded.errors import EmbeddedError
from queue_server.operations.postgres_tools import ToolFailed
from queue_server.settings import Settings, SettingsError, load
from scheduling_core.errors import DomainError

app = typer.Typer(
    name="queue-server",
    help="Live queues for clinics: patients follow their place, reception moves the line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where the embedded services keep their data; else DATA_DIR.", show_default=".queue-data"
    ),
]
OwnData = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The installation of `up` or `demo` that is meant; without it, DATABASE_URL."),
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Overrides PORT.", show_default="8000")]
Tenant = Annotated[UUID | None, typer.Option(help="Id of the tenant; needed when there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
SERVERS, SETUP, INPUT, PROOF = "Running", "Setting up", "Real input", "Proof and safety"


def main() -> None:
    """Run the command line; what cannot be done is said in one sentence, with exit code 1."""
    try:
        app()
    except (SettingsError, EmbeddedError, ToolFailed) as error:
        _fail(str(error))
    except DomainError as error:
        _fail(error.detail)


def _fail(sentence: str) -> NoReturn:
    typer.secho(sentence, fg="red", err=True)
    sys.exit(1)


def _settings() -> Settings:
    settings = load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run until it ends, or until SIGINT or SIGTERM, which let it clean up."""
    from queue_server.embedded.supervisor import run_until_signal

    asyncio.run(run_until_signal(work()))


# ---- servers ---------------------------------------------------------------------------------------------------------


@app.command(rich_help_panel=SERVERS)
def demo(
    data_dir: DataDir = None,
    port: Port = None,
    speed: Annotated[float, typer.Option(min=0, max=600, help="How fast the day goes by; 0 without robots.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Start a living demo: three clinics, a day in progress, and links to look at it."""
    from queue_server.operations.demo import run_demo

    environment = _house_environment(data_dir, port)
    _run(lambda: run_demo(environment, speed=speed, as_json=as_json))


@app.command(rich_help_panel=SERVERS)
def up(
    data_dir: DataDir = None,
    port: Port = None,
    servers: Annotated[int, typer.Option(min=1, max=16, help="Server processes, on ports from PORT upwards.")] = 1,
    redis: Annotated[bool, typer.Option(help="Start an embedded Redis if there is a binary.")] = True,
) -> None:
    """Start everything on this machine: Postgres and Redis (unless DATABASE_URL is set), servers, a worker."""
    from queue_server.operations.house import running_house

    environment = _house_environment(data_dir, port)

    async def work() -> None:
        async with running_house(environment, servers=servers, redis=redis) as house:
            typer.secho(f"Running at {', '.join(house.urls)} – Ctrl-C stops everything.", bold=True)
            await asyncio.Event().wait()

    _run(work)


@app.command(rich_help_panel=SERVERS)
def serve(
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Overrides HOST.", show_default="127.0.0.1")] = None,
) -> None:
    """Run one server on the services that the environment names."""
    if port is not None:
        os.environ["PORT"] = str(port)
    if host is not None:
        os.environ["HOST"] = host
    settings = _settings()
    from queue_server.operations.ports import check_ports

    check_ports(settings.host, (settings.port,))
    from queue_server.app import run

    run(settings)


@app.command(rich_help_panel=SERVERS)
def worker() -> None:
    """Run one worker: timers and everything else that is due."""
    settings = _settings()
    # It waits for Postgres as long as that takes, but not for what is never going to come.
    settings.jobs_url()
    settings.signing_key()
    from jobs.worker import run

    run(settings)


def _house_environment(data_dir: Path | None, port: int | None) -> dict[str, str]:
    environment = {"LOG_FORMAT": "console", "LOG_LEVEL": "WARNING", **os.environ}
    if data_dir is not None:
        environment["DATA_DIR"] = str(data_dir)
    if port is not None:
        environment["PORT"] = str(port)
    logs.configure("WARNING", "console")
    return environment


# ---- schema and accounts ---------------------------------------------------------------------------------------------


@app.command("migrate", rich_help_panel=SETUP)
def migrate_command(data_dir: OwnData = None) -> None:
    """Bring the schema up to date; needs DATABASE_OWNER_URL."""
    from queue_server.store.migrate import migrate

    async def work(settings: Settings) -> None:
        applied = await migrate(settings.owner_url(), report=lambda name: typer.echo(f"applied {name}"))
        typer.echo(f"{applied} migrations applied." if applied else "The schema is up to date.")

    _operate(data_dir, work, may_be_new=True)


@app.command("create-admin", rich_help_panel=SETUP)
def create_admin_command(
    email: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    name: Annotated[str, typer.Option(help="Shown to colleagues.")] = "Administrator",
    tenant: Annotated[UUID | None, typer.Option(help="Id of an existing tenant.")] = None,
    tenant_name: Annotated[str, typer.Option(help="Name of the tenant to make when --tenant is not given.")] = "Clinic",
    platform: Annotated[
        bool, typer.Option("--platform", help="One who may do everything in every tenant; needs DATABASE_OWNER_URL.")
    ] = False,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Make the first admin of a tenant, and the tenant unless it exists; or an admin of the platform."""
    from queue_server.operations.accounts import create_admin

    async def work(settings: Settings) -> None:
        made = await create_admin(
            settings,
            email=email,
            password=password,
            name=name,
            tenant=tenant,
            tenant_name=tenant_name,
            platform=platform,
        )
        told = {"tenantId": str(made.tenant), "accountId": str(made.account), "email": made.email, "role": made.role}
        what = f"platform admin, at home in {made.tenant_name}" if platform else f"admin of {made.tenant_name}"
        _emit(told, as_json, f"{made.email} is {what} (tenant {made.tenant}).")

    _operate(data_dir, work, may_be_new=True)


@app.command(rich_help_panel=SETUP)
def token(
    email: Annotated[str, typer.Argument(help="Of the account the token stands for.")],
    tenant: Tenant = None,
    minutes: Annotated[int, typer.Option(min=1, max=60 * 24 * 31)] = 60,
    data_dir: OwnData = None,
) -> None:
    """Print an access token for an account, for scripts and load tests."""
    from queue_server.operations.accounts import issue_token

    async def work(settings: Settings) -> None:
        typer.echo(await issue_token(settings, email=email, tenant=tenant, minutes=minutes))

    _operate(data_dir, work)


@app.command("add-clinic", rich_help_panel=SETUP)
def add_clinic_command(
    slug: Annotated[str, typer.Argument(help="Its name in links and commands, like riverside.")],
    name: Annotated[str, typer.Argument(help="Its name on screens.")],
    timezone: Annotated[str, typer.Option(prompt=True, help="Of the IANA database, like Europe/Berlin.")],
    address: Annotated[str, typer.Option(help="Shown to patients.")] = "",
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Add a clinic with the default queue policy."""
    from queue_server.operations.clinics import add_clinic

    async def work(settings: Settings) -> None:
        fields = {"slug": slug, "name": name, "timezone": timezone, "address": address}
        made = await add_clinic(settings, tenant, fields)
        _emit({"clinicId": str(made.id), "slug": made.slug}, as_json, f"Added {made.name} ({made.slug}).")

    _operate(data_dir, work)


@app.command("add-doctor", rich_help_panel=SETUP)
def add_doctor_command(
    name: Annotated[str, typer.Argument(help="As patients and day lists name the doctor.")],
    clinic: Annotated[str | None, typer.Option(help="Slug; needed when there are several clinics.")] = None,
    specialty: Annotated[str, typer.Option()] = "",
    room: Annotated[str, typer.Option(help="Where called patients go.")] = "",
    letters: Annotated[str | None, typer.Option(help="What tickets begin with; else a free letter.")] = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Add a doctor to a clinic."""
    from queue_server.operations.clinics import add_doctor

    async def work(settings: Settings) -> None:
        added = await add_doctor(
            settings, tenant, clinic=clinic, name=name, specialty=specialty, room=room, letters=letters
        )
        told = {"doctorId": str(added.id), "letters": added.letters}
        _emit(told, as_json, f"Added {name}, tickets {added.letters}1, {added.letters}2 … (doctor {added.id}).")

    _operate(data_dir, work)


@app.command("adopt-doctors", rich_help_panel=SETUP)
def adopt_doctors_command(
    tenant: Annotated[UUID | None, typer.Option(help="Id of the tenant; all of them if omitted.")] = None,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Give doctors from before profiles had a history one; who has one is left alone."""
    from queue_server.operations.adopt_doctors import adopt_doctors

    async def work(settings: Settings) -> None:
        report = await adopt_doctors(settings, tenant, quiet=as_json)
        if as_json:
            typer.echo(msgspec.json.encode(report).decode())
            return
        typer.echo(f"{report.doctors} doctors of {report.tenants} tenants adopted in {report.seconds:.1f} s.")

    _operate(data_dir, work)


@app.command("generate-slots", rich_help_panel=INPUT)
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

    _operate(data_dir, work)


@app.command("import-day", rich_help_panel=INPUT)
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

    _operate(data_dir, work)


@app.command("verify-audit", rich_help_panel=PROOF)
def verify_audit_command(as_json: AsJson = False, data_dir: OwnData = None) -> None:
    """Verify that no event was changed, cut off or removed: chains of hashes, signed roots, their copies."""
    from queue_server.operations.audit import print_audit, verify_audit

    async def work(settings: Settings) -> None:
        report = await verify_audit(settings, quiet=as_json)
        if as_json:
            typer.echo(msgspec.json.encode(report).decode())
        else:
            print_audit(report)
        if not report.is_sound:
            raise typer.Exit(1)

    _operate(data_dir, work)


@app.command(rich_help_panel=PROOF)
def replay(
    repair: Annotated[bool, typer.Option("--repair", help="Write what differs anew and raise the epoch.")] = False,
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Fold every event again and prove that what is kept equals it."""
    from queue_server.operations.audit import print_replay
    from queue_server.operations.audit import replay as fold_again

    async def work(settings: Settings) -> None:
        report = await fold_again(settings, repair=repair, quiet=as_json)
        if as_json:
            typer.echo(msgspec.json.encode(report).decode())
        else:
            print_replay(report)
        if not report.is_equal and not repair:
            raise typer.Exit(1)

    _operate(data_dir, work)


@app.command(rich_help_panel=PROOF)
def backup(
    file: Annotated[Path, typer.Argument(help="Where the backup goes; a file that is there is replaced.")],
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Write the whole database into one file, as of one moment; clinics may work meanwhile."""
    from queue_server.operations.backup import backup as write_backup
    from queue_server.operations.backup import backup_url

    async def work(settings: Settings) -> None:
        report = await write_backup(backup_url(settings), file)
        told = {"file": str(report.file), "bytes": report.bytes, "tenants": report.tenants, "seconds": report.seconds}
        _emit(told, as_json, f"{report.bytes:,} bytes of {report.tenants} tenants in {report.file}.")

    _operate(data_dir, work)


@app.command(rich_help_panel=PROOF)
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `queue-server backup`.")],
    as_json: AsJson = False,
    data_dir: OwnData = None,
) -> None:
    """Bring a backup back into a database without data, raise the epoch and verify its audit trail."""
    from queue_server.operations.audit import bar, print_audit
    from queue_server.operations.backup import backup_url
    from queue_server.operations.backup import restore as bring_back

    async def work(settings: Settings) -> None:
        with bar("Verifying events", quiet=as_json) as advance:
            report = await bring_back(backup_url(settings), file, settings, advance)
        if as_json:
            typer.echo(msgspec.json.encode(report).decode())
        else:
            typer.echo(f"Restored in {report.seconds:.1f} s; clients go on with epoch {report.epoch}.")
            print_audit(report.audit)
        if not report.audit.is_sound:
            raise typer.Exit(1)

    _operate(data_dir, work, may_be_new=True)


def _operate(
    data_dir: Path | None, work: Callable[[Settings], Coroutine[Any, Any, None]], *, may_be_new: bool = False
) -> None:
    """Run an operator's command on the services that the environment names, or on an installation's embedded ones.

    Embedded services that run already (`up`, `demo`) are used as they are, else they run for as long as the command.
    """
    from queue_server.operations.house import at_hand

    logs.configure("WARNING", "console")

    async def whole() -> None:
        async with at_hand(os.environ, data_dir, may_be_new=may_be_new) as settings:
            await work(settings)

    _run(whole)


def _emit(result: object, as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(result) if as_json else sentence)


if __name__ == "__main__":
    main()
