"""Budgets shared by all processes through Redis, and kept here while there is no Redis, or none that is quick."""

from collections.abc import Iterable, Sequence

from queue_server.rate_limits import Readings
from queue_server.rate_limits.gcra import MICROSECONDS, Allowance, Draw, Verdict, verdict
from queue_server.rate_limits.in_process import InProcessLimiter
from queue_server.rate_limits.script import ScriptLink


class SharedLimiter:
    """Asks Redis, and remembers what it said.

    So when Redis goes nobody begins anew, when it comes back empty it is told, and whoever floods is refused from
    memory. What is remembered is never more than what Redis has, for time is taken before asking.
    """

    def __init__(self, link: ScriptLink, own: InProcessLimiter | None = None, *, slotted: bool = False) -> None:
        self._link = link
        self._own = own or InProcessLimiter()
        self._slotted = slotted
        # An answer is at most so old: told any less back to Redis, the same draw would count twice, bit by bit.
        self._slack = int(2 * link.patience_seconds * MICROSECONDS)

    @property
    def readings(self) -> Readings:
        """What was counted where."""
        return self._own.readings

    @property
    def is_shared(self) -> bool:
        """Whether Redis is asked at present."""
        return self._link.is_connected

    async def start(self) -> None:
        """Begin to connect, in the background."""
        self._link.start()

    async def stop(self) -> None:
        """Close the connections."""
        await self._link.stop()

    def refused(self, *draws: Draw) -> Verdict | None:
        """Return the refusal that Redis would give as well, as far as this process knows; else None."""
        return self._own.refused(*draws)

    async def take(self, *draws: Draw) -> Verdict:
        """Draw once on every budget, or on none when one of them is used up.

        In a cluster budgets of different groups lie on different nodes and are asked one group after another, in the
        order given: one that refuses leaves those before it drawn on, and those after it untouched.
        """
        known = self._own.refused(*draws)
        if known is not None:
            self.readings.known += 1
            return known
        allowances: list[Allowance] = []
        for group in self._groups(draws):
            found = await self._take(group)
            allowances.extend(found.allowances)
            if not found.allowed:
                return Verdict(False, tuple(allowances))
        return Verdict(True, tuple(allowances))

    def _groups(self, draws: Sequence[Draw]) -> Iterable[Sequence[Draw]]:
        if not self._slotted:
            return [draws]
        return [[d for d in draws if d.group == group] for group in dict.fromkeys(d.group for d in draws)]

    async def _take(self, draws: Sequence[Draw]) -> Verdict:
        if not self._link.is_connected:
            return self._own.draw(draws)
        asked_at = self._own.clock()
        arguments: list[int] = []
        for draw, level in zip(draws, self._own.levels(draws, asked_at), strict=True):
            arguments += (draw.rate.interval, draw.rate.capacity, max(0, level - self._slack))
        answer = await self._link.ask([draw.key for draw in draws], arguments)
        if answer is None:
            return self._own.draw(draws)
        self.readings.shared += 1
        allowed, *levels = answer
        self._own.learn(draws, levels, asked_at)
        return verdict(draws, bool(allowed), levels)
