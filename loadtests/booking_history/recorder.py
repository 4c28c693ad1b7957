"""Clients that want one slot, and what each of them asked and was told, and when."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import time
from uuid import UUID, uuid4

from loadtests.booking.caller import Answer, Caller, NoAnswer, NotSent
from loadtests.booking.people import Desk, Guest
from loadtests.booking.practice import Slot, Standing
from loadtests.booking_history import slot as model
from loadtests.booking_history.linearizability import FOREVER, Call
from loadtests.house import Clinic

CLOCKS_DIFFER = 0.05
"""Seconds: a hold ends by Postgres' clock within so long of when it was said to."""
ANSWER_SECONDS = 6.0
READY_SECONDS = 20.0
OTHER_REASONS = frozenset({"hold_limit_reached"})
"""For which a hold is refused, and which say nothing of the slot."""
GONE = frozenset({"hold_expired", "not_found", "conflict"})
"""What is said to who books from a hold that is no more."""


class Recorder:
    """Everything that was asked of one slot. Callers name their own server; who gets no answer tries the next."""

    def __init__(self, clinic: Clinic, slot: Slot, urls: Sequence[str], hold_seconds: float) -> None:
        self.slot = slot
        self.calls: list[Call[model.What]] = []
        self.acknowledged: dict[str, str] = {}
        """Appointments by key."""
        self.cancelling: set[str] = set()
        self.strange: Counter[str] = Counter()
        self._clinic = clinic
        self._urls = urls
        self._hold_seconds = hold_seconds
        self._ends: dict[str, float] = {}
        self._turn = 0

    # ---- people ---------------------------------------------------------------------------------------------------

    async def guest(self, number: int, until: float, chance: random.Random) -> None:
        """Hold now and then, and book, give up or forget what is held; until then."""
        guest = Guest(self._clinic, self._caller(), number=number)
        guest.token = uuid4().hex
        while time() < until:
            held = await self._hold(guest)
            if held is not None:
                await asyncio.sleep(chance.choice((0, 0, 0.05, 0.5 * self._hold_seconds, self._hold_seconds)))
                if chance.random() < 0.6:
                    await self._book_held(guest, held)
                elif chance.random() < 0.6:
                    await self._release(guest)
            await asyncio.sleep(chance.uniform(0, 0.4))

    async def desk(self, number: int, until: float, chance: random.Random) -> None:
        """Book straight away, and cancel again now and then; until then."""
        desk = Desk(self._clinic, self._caller(), number=number)
        while time() < until:
            key = uuid4().hex
            appointment = await self._book(desk, key)
            if appointment is not None and chance.random() < 0.8:
                await asyncio.sleep(chance.uniform(0, 0.5))
                await self._cancel(desk, key, appointment)
            await asyncio.sleep(chance.uniform(0, 0.4))

    async def reader(self, until: float, chance: random.Random) -> None:
        """Look now and then; until then."""
        desk = Desk(self._clinic, self._caller())
        while time() < until:
            await self._read(desk)
            await asyncio.sleep(chance.uniform(0.05, 0.4))

    def audit(self, standing: Standing) -> None:
        """Add what Postgres has in the end."""
        now = time()
        self.calls.append(Call(model.Audit(standing.appointments), now, now + 1))

    # ---- calls ----------------------------------------------------------------------------------------------------

    async def _hold(self, guest: Guest) -> str | None:
        """Hold the slot; returns the hold's id, None when it was refused."""
        who = guest.token or ""

        def ends(made: float) -> None:
            # Whether it is held nobody knows; if it is, then until some moment after this.
            self.calls.append(Call(model.Expired(who), made + self._hold_seconds))

        def what(code: str, answer: Answer | None) -> model.What:
            return model.Hold(who, code, _hold(answer))

        answer = await self._known(guest.caller, lambda: guest.hold(self.slot.id), what, unknown=ends)
        if answer is None or answer.code != "ok":
            return None
        held = str(answer.data["holdId"])
        if held not in self._ends:
            end = datetime.fromisoformat(answer.data["expiresAt"]).timestamp()
            self._ends[held] = end
            self.calls.append(Call(model.Expired(who, held), end, end + CLOCKS_DIFFER))
        return held

    async def _release(self, guest: Guest) -> None:
        who = guest.token or ""
        await self._known(guest.caller, lambda: guest.release(self.slot.id), lambda code, _: model.Release(who, code))

    async def _book_held(self, guest: Guest, held: str) -> None:
        who, key = guest.token or "", uuid4().hex
        made, end = time(), self._ends[held] + CLOCKS_DIFFER

        def what(code: str, answer: Answer | None) -> model.What:
            return model.Book(key, who, code, _appointment(answer), in_time=made < end, hold=held)

        def ask() -> Awaitable[Answer]:
            nonlocal made
            made = time()
            return guest.book(self.slot.id, held, key=key)

        answer = await self._known(guest.caller, ask, what, fine=GONE)
        self._note(key, answer)

    async def _book(self, desk: Desk, key: str) -> str | None:
        def what(code: str, answer: Answer | None) -> model.What:
            return model.Book(key, None, code, _appointment(answer))

        answer = await self._known(desk.caller, lambda: desk.book(self.slot.id, key=key), what)
        return self._note(key, answer)

    async def _cancel(self, desk: Desk, key: str, appointment: str) -> None:
        self.cancelling.add(key)
        again = uuid4().hex
        await self._known(
            desk.caller,
            lambda: desk.cancel(appointment, key=again),
            lambda code, _: model.Cancel(key, code),
        )

    async def _read(self, desk: Desk) -> None:
        doctor, day = self.slot.doctor, self.slot.date.isoformat()
        made = time()
        try:
            answer = await desk.times(doctor, day)
        except NoAnswer:
            await self._next(desk.caller)
            return
        if answer.code == "ok":
            (seen,) = [one for one in answer.data if UUID(one["id"]) == self.slot.id]
            what = model.Read(seen["taken"]["total"], seen["remaining"]["inPerson"])
            self.calls.append(Call(what, made, time()))

    async def _known(
        self,
        caller: Caller,
        ask: Callable[[], Awaitable[Answer]],
        what: Callable[[str, Answer | None], model.What],
        *,
        unknown: Callable[[float], None] = lambda made: None,
        fine: frozenset[str] = frozenset(),
    ) -> Answer | None:
        """Ask until there is an answer, each time as a call of its own; returns None when there never is one."""
        for _ in range(20):
            made = time()
            try:
                answer = await ask()
            except NotSent:
                await self._next(caller)
                continue
            except NoAnswer:
                answer = None
            if answer is not None and answer.status < 500 and answer.status != 429:
                if answer.code not in {"ok", model.REFUSED} | OTHER_REASONS | fine:
                    self.strange[f"{answer.status} {answer.code}"] += 1
                self.calls.append(Call(what(answer.code, answer), made, time()))
                return answer
            if answer is not None and answer.status not in (429, 503):
                self.strange[str(answer.status)] += 1
            self.calls.append(Call(what(model.UNKNOWN, None), made, FOREVER))
            unknown(made)
            await self._next(caller)
        return None

    def _note(self, key: str, answer: Answer | None) -> str | None:
        if answer is None or answer.code != "ok":
            return None
        appointment = self.acknowledged[key] = _appointment(answer) or ""
        return appointment

    # ---- servers --------------------------------------------------------------------------------------------------

    def _caller(self) -> Caller:
        self._turn += 1
        return Caller(self._urls[self._turn % len(self._urls)])

    async def _next(self, caller: Caller) -> None:
        """Go to another server, once it says that it is ready."""
        until = time() + READY_SECONDS
        while time() < until:
            self._turn += 1
            caller.go_to(self._urls[self._turn % len(self._urls)])
            try:
                if (await caller.call("GET", "/health/ready", seconds=2)).status == 200:
                    return
            except NoAnswer:
                pass
            await asyncio.sleep(0.1)


def _hold(answer: Answer | None) -> str | None:
    return str(answer.data["holdId"]) if answer is not None and answer.code == "ok" else None


def _appointment(answer: Answer | None) -> str | None:
    return str(answer.data["appointment"]["id"]) if answer is not None and answer.code == "ok" else None
