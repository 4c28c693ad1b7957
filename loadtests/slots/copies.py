"""A bare COPY of the same rows, which generation is held against."""

import asyncio
from io import BytesIO
from time import perf_counter
from typing import Any

import asyncpg


async def make_twin(owner: Any) -> None:
    """Make a table of the same shape, with the same partitions, keys and indexes; no policy and no trigger."""
    await owner.execute("CREATE TABLE slot_twin (LIKE slot INCLUDING ALL) PARTITION BY RANGE (start)")
    parts = await owner.fetch(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'slot'::regclass"
    )
    for part in parts:
        await owner.execute(f"CREATE TABLE twin_{part['relname']} PARTITION OF slot_twin {part['bounds']}")


ROWS = "SELECT * FROM slot ORDER BY doctor_id, start"


def copy_again(url: str, tenant: str) -> tuple[float, float]:
    """Copy the tenant's slots into the twin, from values and from bytes; returns the seconds that each took."""

    async def copied() -> tuple[float, float]:
        owner = await asyncpg.connect(url, server_settings={"app.tenant_id": tenant, "jit": "off"})
        try:
            return await _copy_values(owner), await _copy_bytes(owner)
        finally:
            await owner.close()

    return asyncio.run(copied())


async def _copy_values(owner: Any) -> float:
    """Copy the tenant's slots into the twin from values, as a program has them; returns the seconds that took."""
    rows = [tuple(row) for row in await owner.fetch(ROWS)]
    started = perf_counter()
    await owner.copy_records_to_table("slot_twin", records=rows)
    took = perf_counter() - started
    await owner.execute("TRUNCATE slot_twin")
    return took


async def _copy_bytes(owner: Any) -> float:
    """The same from bytes in the format of COPY, in which no program has them; what Postgres alone needs."""
    rows = BytesIO()
    await owner.copy_from_query(ROWS, output=rows, format="binary")
    rows.seek(0)
    started = perf_counter()
    await owner.copy_to_table("slot_twin", source=rows, format="binary")
    took = perf_counter() - started
    await owner.execute("TRUNCATE slot_twin")
    return took
