"""The legal transitions of an entry, in one table."""

from scheduling_core.errors import IllegalTransition
from scheduling_core.live_queue.state import Entry, EntryState

_E, _W, _C = EntryState.EXPECTED, EntryState.WAITING, EntryState.CALLED
_IN, _NS = EntryState.IN_CONSULTATION, EntryState.NO_SHOW

ALLOWED_FROM: dict[str, frozenset[EntryState]] = {
    "check-in": frozenset({_E, _W, _NS}),
    "payment": frozenset({_E, _W}),
    "call-next": frozenset({_W}),
    "recall": frozenset({_C}),
    "start": frozenset({_C}),
    "complete": frozenset({_C, _IN}),
    "skip": frozenset({_W, _C}),
    "no-show": frozenset({_E, _W, _C}),
    "move": frozenset({_E, _W}),
    "triage": frozenset({_E, _W}),
    "transfer": frozenset({_E, _W, _C}),
    "reschedule": frozenset({_E, _W}),
    "cancel": frozenset({_E, _W, _C}),
}


def check(command: str, entry: Entry) -> None:
    """Raise `IllegalTransition` unless `command` is allowed in the entry's state."""
    if entry.state not in ALLOWED_FROM[command]:
        raise IllegalTransition(f"{entry.ticket} is {entry.state.replace('_', ' ')}: {command} is not possible.")
