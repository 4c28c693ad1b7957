"""Commands that prove and keep what happened: audit trail, replay, backup."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from queue_server.cli.options import AsJson, OwnData
from queue_server.cli.running import emit, operate
from queue_server.settings import Settings

commands = typer.Typer()
PANEL = "Proof and safety"


@commands.command("verify-audit", rich_help_panel=PANEL)
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

    operate(data_dir, work)


@commands.command(rich_help_panel=PANEL)
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

    operate(data_dir, work)


@commands.command(rich_help_panel=PANEL)
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
        emit(told, as_json, f"{report.bytes:,} bytes of {report.tenants} tenants in {report.file}.")

    operate(data_dir, work)


@commands.command(rich_help_panel=PANEL)
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

    operate(data_dir, work, may_be_new=True)
