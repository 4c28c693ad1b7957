"""Searches, each as the public asks: for slots and for doctors."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from loadtests.slots.figures import freeze, milliseconds, seconds_waited
from loadtests.slots.ground import Advance, Ground
from loadtests.slots.rows import LANGUAGES, SPECIALTIES
from queue_server.application.slots.availability import Search
from queue_server.store.doctors import Filters
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PARTS

WARM_UP = 100


async def search_slots(at: Ground, tenant: TenantId, searches: int, days: int, advance: Advance) -> dict[str, Any]:
    """Search slots as patients do, each time something else; returns the figures."""
    random = Random(7)
    async with at.services.db.tenant(tenant) as tx:
        clinics = [row["clinic_id"] for row in await tx.rows("SELECT clinic_id FROM clinic ORDER BY slug")]
    seconds, unhindered, empty, sessions = list[float](), list[float](), 0, list[int]()
    freeze()
    for number in range(WARM_UP + searches):
        wanted = _any_search(random, clinics, days)
        sessions = sessions if number % WARM_UP else at.sessions()
        waited = seconds_waited(sessions)
        started = perf_counter()
        page = await at.services.availability.search(tenant, wanted, limit=50)
        took = perf_counter() - started
        if number >= WARM_UP:
            seconds.append(took)
            unhindered.append(max(0.0, took - (seconds_waited(sessions) - waited)))
            empty += not page.items
        advance(1)
    return {
        "search_p50_ms": milliseconds(seconds, 0.5),
        "search_p90_ms": milliseconds(seconds, 0.9),
        "search_p99_ms": milliseconds(seconds, 0.99),
        "search_max_ms": milliseconds(seconds, 1),
        "searches": len(seconds),
        "searches_without_a_slot": empty,
        "search_unhindered_p50_ms": milliseconds(unhindered, 0.5),
        "search_unhindered_p99_ms": milliseconds(unhindered, 0.99),
    }


def _any_search(random: Random, clinics: Sequence[UUID], days: int) -> Search:
    """Return what somebody may look for: mostly a specialty or a clinic, often more, sometimes nothing."""
    ahead = random.choice([None, None, None, 1, 7, 30, days - 20])
    first = datetime.now(UTC).date() + timedelta(days=ahead) if ahead is not None else None
    return Search(
        specialty=random.choice([None, f"specialty-{int(SPECIALTIES * 1.25 * random.random() ** 1.4)}"]),
        clinic=random.choice([None, None, random.choice(clinics)]),
        mode=random.choice([None, None, Mode.IN_PERSON, Mode.TELE]),
        language=random.choice([None, None, "en", f"l{1 + random.randrange(LANGUAGES)}"]),
        part_of_day=random.choice([None, None, *PARTS]),
        first=first.isoformat() if first is not None else None,
        last=(first + timedelta(days=random.choice([3, 30]))).isoformat() if first and random.random() < 0.3 else None,
    )


async def search_doctors(at: Ground, tenant: TenantId, searches: int, advance: Advance) -> dict[str, Any]:
    """Search doctors as the public does: found by nobody yet, by another server, by this one; returns the figures."""
    services, random = at.services, Random(8)
    asked = [
        Filters(
            specialty=random.choice([None, f"specialty-{random.randrange(SPECIALTIES)}"]),
            mode=random.choice([None, "tele"]),
            language=random.choice([None, "en", "l2"]),
            words=random.choice([(), ("doctor",), (str(random.randrange(100)),)]),
        )
        for _ in range(searches)
    ]
    redis = Redis.from_url(services.settings.redis_url) if services.settings.redis_url is not None else None

    async def timed(before: Callable[[], Awaitable[object]]) -> list[float]:
        seconds = []
        for wanted in asked:
            await before()
            started = perf_counter()
            await services.providers.list(tenant, wanted)
            seconds.append(perf_counter() - started)
            advance(1)
        return seconds

    async def forget_everything() -> None:
        services.pages.on_gap()
        if redis is not None:
            await redis.flushdb()

    async def forget_here() -> None:
        services.pages.on_gap()

    async def forget_nothing() -> None:
        """Leave it."""

    figures: dict[str, Any] = {}
    for name, before in (("cold", forget_everything), ("", forget_nothing), ("cached", forget_nothing)):
        seconds = await timed(before)
        if name:
            figures |= {
                f"provider_{name}_p50_ms": milliseconds(seconds, 0.5),
                f"provider_{name}_p99_ms": milliseconds(seconds, 0.99),
            }
    if redis is not None:
        seconds = await timed(forget_here)
        figures |= {
            "provider_redis_p50_ms": milliseconds(seconds, 0.5),
            "provider_redis_p99_ms": milliseconds(seconds, 0.99),
        }
        await redis.aclose()
    return figures
