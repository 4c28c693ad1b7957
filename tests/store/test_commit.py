"""What comes last in a transaction: done in the round trip of the commit, or nothing of the transaction is."""

from datetime import UTC, datetime

import pytest

from queue_server.store import waitlist
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import WaitlistFull
from scheduling_core.ids import ClinicId
from tests.factories import Clinic

LATE = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
COUNT = "SELECT waiting FROM waitlist_load WHERE tenant_id = $1 AND clinic_id = $2"


async def counted(tx: Transaction, clinic: Clinic) -> int | None:
    row = await tx.row(COUNT, tx.tenant, clinic.id)
    return row["waiting"] if row is not None else None


async def test_what_comes_last_is_done_with_the_commit_in_the_order_in_which_it_was_asked_for(
    database: Database, clinic: Clinic
) -> None:
    where = ClinicId(clinic.id)
    async with database.tenant(clinic.tenant) as tx:
        waitlist.count_in(tx, where, 5, LATE)
        waitlist.count_in(tx, where, 5, LATE)
        waitlist.count_out(tx, where)
        assert await counted(tx, clinic) is None, "not yet"
    async with database.tenant(clinic.tenant) as tx:
        assert await counted(tx, clinic) == 1
        day: Row | None = await tx.row("SELECT date, joined FROM waitlist_day WHERE tenant_id = $1", tx.tenant)
    assert day is not None
    assert (day["date"].isoformat(), day["joined"]) == ("2026-03-02", 2)


async def test_nothing_of_a_transaction_remains_that_what_comes_last_puts_an_end_to(
    database: Database, clinic: Clinic
) -> None:
    async def two_for_one_place() -> None:
        async with database.tenant(clinic.tenant) as tx:
            await tx.run("UPDATE clinic SET name = 'Hillside' WHERE tenant_id = $1", tx.tenant)
            for _ in range(2):
                waitlist.count_in(tx, ClinicId(clinic.id), 1, LATE)

    with pytest.raises(WaitlistFull):
        await two_for_one_place()
    for _ in range(3):  # whichever connection of the pool it was: it goes on as if nothing had been
        async with database.tenant(clinic.tenant) as tx:
            assert await counted(tx, clinic) is None
            row = await tx.row("SELECT name FROM clinic WHERE tenant_id = $1", tx.tenant)
            assert row is not None
            assert row["name"] != "Hillside"
