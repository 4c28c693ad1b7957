"""Commands that set up an installation: schema, accounts, clinics, doctors."""

import os
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from queue_server.cli.options import AsJson, OwnData, Tenant
from queue_server.cli.running import emit, operate
from queue_server.settings import Settings

commands = typer.Typer()
PANEL = "Setting up"


@commands.command("migrate", rich_help_panel=PANEL)
def migrate_command(data_dir: OwnData = None) -> None:
    """Bring the schema up to date; needs DATABASE_OWNER_URL."""
    from queue_server.store.migrate import migrate

    async def work(settings: Settings) -> None:
        applied = await migrate(settings.owner_url(), report=lambda name: typer.echo(f"applied {name}"))
        typer.echo(f"{applied} migrations applied." if applied else "The schema is up to date.")

    operate(data_dir, work, may_be_new=True)


@commands.command("create-admin", rich_help_panel=PANEL)
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
        emit(told, as_json, f"{made.email} is {what} (tenant {made.tenant}).")

    operate(data_dir, work, may_be_new=True)


@commands.command(rich_help_panel=PANEL)
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

    operate(data_dir, work)


@commands.command("add-clinic", rich_help_panel=PANEL)
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
        emit({"clinicId": str(made.id), "slug": made.slug}, as_json, f"Added {made.name} ({made.slug}).")

    operate(data_dir, work)


@commands.command("add-doctor", rich_help_panel=PANEL)
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
        emit(told, as_json, f"Added {name}, tickets {added.letters}1, {added.letters}2 … (doctor {added.id}).")

    operate(data_dir, work)


@commands.command("adopt-doctors", rich_help_panel=PANEL)
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

    operate(data_dir, work)


@commands.command("vapid-key", rich_help_panel=PANEL)
def vapid_key_command() -> None:
    """Print a new VAPID_PRIVATE_KEY, or the public half of the one that is set; `up` and `demo` have their own."""
    from queue_server.embedded.secrets import new_vapid_key
    from queue_server.settings.environment import Reader
    from queue_server.settings.messages import push

    known = push(Reader(os.environ), "", None)
    if known is not None:
        typer.echo(f"VAPID_PRIVATE_KEY is set; its public key, as browsers take it, is {known.public_key}")
    else:
        typer.echo(f"VAPID_PRIVATE_KEY={new_vapid_key()}")
