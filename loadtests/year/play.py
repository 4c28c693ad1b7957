"""The year from its first day to its last."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from loadtests.year.careers import join, leave_off
from loadtests.year.days import live_day
from loadtests.year.house import furnish, open_house
from loadtests.year.payments import pay
from loadtests.year.practice import Practice
from loadtests.year.waitlist import wait

Step = Callable[[], None]


async def play(at: Practice, step: Step = lambda: None) -> None:
    """Let the year happen; `step` is called after each day of a doctor."""
    async with at.db.tenant(at.tenant) as tx:
        await tx.run("INSERT INTO tenant (tenant_id, name) VALUES ($1, 'A year')", at.tenant)
    await open_house(at)
    for one in at.doctors:
        await join(at, one)
        await furnish(at, one)
    for day in range(at.days):
        at.now = datetime.combine(at.first + timedelta(days=day), time(8), UTC)
        for one in at.doctors:
            await live_day(at, one)
            step()
    for one in at.doctors:
        await pay(at, one)
        await wait(at, one)
        await leave_off(at, one)
