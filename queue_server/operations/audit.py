"""`queue-server verify-audit` and `replay`: proofs that history is whole, and that what is kept is what it leads to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from queue_server.application import rebuild
from queue_server.application.audit_roots import public_key
from queue_server.application.audit_verify import VerifyReport, verify
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.root_copies import RootCopies

Advance = Callable[[int, int | None], None]


async def verify_audit(settings: Settings, *, quiet: bool) -> VerifyReport:
    """Verify every chain, signed root and copy; shows a progress bar unless `quiet`."""
    owner = Database(settings.owner_url(), pool_size=2, application="queue-server verify-audit")
    await owner.open()
    try:
        keys = frozenset({public_key(settings.audit_signing_key)} if settings.audit_signing_key else ())
        with bar("Verifying events", quiet=quiet) as advance:
            return await verify(owner, RootCopies(settings.audit_roots_dir), keys, advance)
    finally:
        await owner.close()


async def replay(settings: Settings, *, repair: bool, quiet: bool) -> rebuild.RebuildReport:
    """Fold every event again and compare with what is kept; with `repair` write what differs anew."""
    owner = Database(settings.owner_url(), pool_size=2, application="queue-server replay")
    await owner.open()
    try:
        with bar("Folding events", quiet=quiet) as advance:
            return await rebuild.replay(owner, repair=repair, progress=lambda done: advance(done, None))
    finally:
        await owner.close()


@contextmanager
def bar(what: str, *, quiet: bool) -> Iterator[Advance]:
    """Show a progress bar on standard error, and yield what moves it: done so far, and of how many if that is known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def print_audit(report: VerifyReport) -> None:
    """Print what was verified, and each finding."""
    console = Console()
    for note in report.notes:
        console.print(f"Note: {note}")
    if report.findings:
        table = Table("Tenant", "Fault", "Where", title="The audit trail is damaged", title_style="bold red")
        for finding in report.findings:
            table.add_row(str(finding.tenant), finding.fault.value, finding.detail)
        console.print(table)
    console.print(
        f"{report.events} events in {report.streams} streams of {report.tenants} tenants, {report.roots} signed roots,"
        f" {report.copies} copies: {report.faults or 'no'} faults ({report.seconds:.1f} s)."
    )


def print_replay(report: rebuild.RebuildReport) -> None:
    """Print whether rebuilt equals live, and each difference."""
    console = Console()
    if report.differences:
        table = Table("Tenant", "What", "Key", "Difference", title="Rebuilt is not live", title_style="bold red")
        for difference in report.differences:
            table.add_row(str(difference.tenant), difference.model, difference.key, difference.detail)
        console.print(table)
    outcome = "rebuilt equals live" if report.is_equal else f"{report.differing} differ, {report.repaired} repaired"
    others = ", ".join(f"{count} {kind}" for kind, count in report.aggregates.items() if count)
    console.print(
        f"{report.events} events of {report.queues} queues{f' and of aggregates ({others})' if others else ''} folded,"
        f" {report.rows} rows compared: {outcome}"
        f" ({report.events_per_second} events/s)."
    )
