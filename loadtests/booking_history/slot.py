"""What a slot may do: the model that histories are held to.

It keeps who holds a place and which bookings stand. A hold ends by itself; when it does is a call of its own in the
history (`Expired`), made when its time was over. Who began to book before that may be seen to book after it, unless
somebody else was faster: until then the hold lingers, and counts for nobody but its holder. What a slot shows is exact
in what is booked; what is held it may show for longer than it is, never for shorter, because the first hold that is
over counts as gone and the others are noted by whoever locks next.
"""

from collections.abc import Iterator
from typing import assert_never

import msgspec

UNKNOWN = "unknown"
"""The answer that never came."""
DONE = "ok"
REFUSED = "slot_unavailable"
TOO_LATE = "hold_expired"


class Hold(msgspec.Struct, frozen=True):
    """Somebody asks to keep a place: who keeps one already gets that one. `hold` names it, once that is told."""

    who: str
    answer: str
    hold: str | None = None


class Expired(msgspec.Struct, frozen=True):
    """The time of one hold is over: of the one that was never named, without a name.

    Who has given that one up and holds again keeps the new one.
    """

    who: str
    hold: str | None = None


class Release(msgspec.Struct, frozen=True):
    """Somebody gives up what they hold, if they hold anything."""

    who: str
    answer: str


class Book(msgspec.Struct, frozen=True):
    """Somebody books, from a hold of theirs or (without `who`) directly; the same `key` books once.

    `in_time`: before the hold was over, at least by the time at which the call was made.
    """

    key: str
    who: str | None
    answer: str
    appointment: str | None = None
    in_time: bool = True
    hold: str | None = None


class Cancel(msgspec.Struct, frozen=True):
    """The booking of a key is cancelled; once it is, that may be said or refused."""

    key: str
    answer: str


class Read(msgspec.Struct, frozen=True):
    """Somebody looks: how many are booked, and how many more can be."""

    taken: int
    remaining: int


class Audit(msgspec.Struct, frozen=True):
    """What Postgres has in the end: the appointments that stand."""

    appointments: frozenset[str]


What = Hold | Expired | Release | Book | Cancel | Read | Audit


Held = tuple[str, str | None]
"""Who holds, and the name of the hold; None while nobody was told."""


class State(msgspec.Struct, frozen=True):
    """Who holds, which keys stand booked with which appointment (None: not told), and which were cancelled.

    `lingering`: holds that are over, while nobody has changed anything since.
    """

    places: int
    holds: frozenset[Held] = frozenset()
    booked: frozenset[tuple[str, str | None]] = frozenset()
    cancelled: frozenset[str] = frozenset()
    lingering: frozenset[Held] = frozenset()

    @property
    def free(self) -> int:
        """Return how many places nobody has or holds."""
        return self.places - len(self.holds) - len(self.booked)

    def of(self, who: str) -> frozenset[Held]:
        """Return what somebody holds: nothing, or one place."""
        return frozenset(held for held in self.holds if held[0] == who)

    def has_booked(self, key: str) -> bool:
        """Return whether the booking of this key stands."""
        return any(key == one for one, _ in self.booked)


def apply(state: State, what: What) -> Iterator[State]:
    """Yield the states that `what`, answered as it was, may leave."""
    match what:
        case Hold():
            yield from _hold(state, what)
        case Expired():
            over = state.holds & {(what.who, what.hold)}
            yield msgspec.structs.replace(state, holds=state.holds - over, lingering=state.lingering | over)
        case Release():
            lingering = frozenset(held for held in state.lingering if held[0] != what.who)
            yield msgspec.structs.replace(state, holds=state.holds - state.of(what.who), lingering=lingering)
        case Book():
            yield from _book(state, what)
        case Cancel():
            yield from _cancel(state, what)
        case Read():
            is_shown = what.remaining <= state.free if state.places > 1 else what.remaining == state.free
            if what.taken == len(state.booked) and is_shown:
                yield state
        case Audit():
            if _agrees(state, what.appointments):
                yield state
        case _:
            assert_never(what)


def _hold(state: State, what: Hold) -> Iterator[State]:
    mine, asked = state.of(what.who), (what.who, what.hold)
    if what.answer == REFUSED:
        if not mine and state.free <= 0:
            yield state
    elif what.answer not in (DONE, UNKNOWN):
        yield state  # refused for other reasons than the slot's: too many holds elsewhere
    elif not mine:
        if state.free > 0:
            yield _change(state, holds=state.holds | {asked})
    elif what.answer == UNKNOWN or asked in mine:
        yield state
    elif (what.who, None) in mine:
        # Made when nobody heard of it: now its name is told.
        yield msgspec.structs.replace(state, holds=state.holds - mine | {asked})


def _book(state: State, what: Book) -> Iterator[State]:
    is_known = state.has_booked(what.key)
    if what.answer in (DONE, UNKNOWN):
        if is_known or what.key in state.cancelled:
            yield from _again(state, what)
        elif what.who is None and state.free > 0:
            yield _change(state, booked=state.booked | {(what.key, what.appointment)})
        elif what.who is not None and _may_book(state, what, (what.who, what.hold)):
            booked = state.booked | {(what.key, what.appointment)}
            yield _change(state, holds=state.holds - {(what.who, what.hold)}, booked=booked)
    elif what.who is None:
        if not is_known and state.free <= 0:
            yield state
    elif (what.who, what.hold) not in state.holds:
        yield state


def _may_book(state: State, what: Book, held: Held) -> bool:
    return held in state.holds or (held in state.lingering and what.in_time and state.free > 0)


def _again(state: State, what: Book) -> Iterator[State]:
    """The same key once more: the same appointment, which may only now be told."""
    if what.appointment is None or what.key in state.cancelled or (what.key, what.appointment) in state.booked:
        yield state
    elif (what.key, None) in state.booked:
        told = state.booked - {(what.key, None)} | {(what.key, what.appointment)}
        yield msgspec.structs.replace(state, booked=told)


def _cancel(state: State, what: Cancel) -> Iterator[State]:
    stands = next((one for one in state.booked if one[0] == what.key), None)
    if what.answer in (DONE, UNKNOWN):
        if stands is not None:
            yield _change(state, booked=state.booked - {stands}, cancelled=state.cancelled | {what.key})
        elif what.key in state.cancelled:
            yield state
    elif stands is None:
        yield state


def _agrees(state: State, appointments: frozenset[str]) -> bool:
    told = {appointment for _, appointment in state.booked if appointment is not None}
    return len(state.booked) == len(appointments) and told <= appointments


def _change(
    state: State,
    *,
    holds: frozenset[Held] | None = None,
    booked: frozenset[tuple[str, str | None]] | None = None,
    cancelled: frozenset[str] | None = None,
) -> State:
    """Return the state after a change, which is also the end of all that lingered."""
    return State(
        state.places,
        state.holds if holds is None else holds,
        state.booked if booked is None else booked,
        state.cancelled if cancelled is None else cancelled,
    )
