"""Folds every event again and compares: states and read models must be exactly what history says.

Slots are not compared: they are laid out from calendars (and appointments hold on to them), not folded from events.
"""

from time import monotonic

from queue_server.application.rebuild.aggregates import AggregatesReplay
from queue_server.application.rebuild.queues import QueuesReplay
from queue_server.application.rebuild.report import Difference, Progress, RebuildReport
from queue_server.application.rebuild.waitlist_days import WaitlistDaysReplay
from queue_server.store import rebuild as store
from queue_server.store import tenants
from queue_server.store.db import Database
from scheduling_core.ids import TenantId

__all__ = ["Difference", "RebuildReport", "replay"]


async def replay(
    owner: Database,
    *,
    repair: bool = False,
    only: TenantId | None = None,
    progress: Progress = lambda done: None,
) -> RebuildReport:
    """Fold all events (of all tenants, or `only` one) and compare with what is kept; with `repair` write that anew.

    `owner` is a database opened as the owner. Each tenant is one snapshot, so it may run while clinics work; a repair
    holds a tenant's streams while it writes, and raises `Unavailable` when one moved in just that moment: run it again.
    """
    report, started = RebuildReport(), monotonic()
    for tenant in await tenants.all_tenants(owner):
        if only not in (None, tenant.id):
            continue
        async with owner.tenant(tenant.id, snapshot=True) as tx:
            if repair:
                await store.lock_streams(tx)
            queues = QueuesReplay(tx, tenant.id, report, repair, progress)
            await queues.run()
            aggregates = AggregatesReplay(tx, report, repair, progress)
            await aggregates.run()
            await WaitlistDaysReplay(tx, report, repair, progress).run()
            if queues.has_mended or aggregates.has_mended:
                # Everybody drops what they know; then each is pointed at what changed.
                report.epoch = await store.raise_epoch(tx)
                await queues.announce(report.epoch)
                await aggregates.announce()
        report.tenants += 1
    report.seconds = round(monotonic() - started, 3)
    report.events_per_second = round(report.events / report.seconds) if report.seconds else 0
    progress(report.events)
    return report
