"""What the tracker shows for a view, computed without a browser: the first paint, and the page without JavaScript.

web/src/tracker/face.ts says the same in TypeScript for the updates; tests/web holds both to the same cases.
"""

import msgspec

from queue_server.application.phrases import CATALOG, counted, phrase, time_of_day
from queue_server.application.views.tracking import QueueView, TrackedView, WaitRange
from scheduling_core.live_queue.state import EntryState

MAX_DOTS = 8
MINUTES_UP_TO = 100
"""Longer waits are told in hours."""

# What the script needs of the catalog; the rest never changes while the page is open.
SCRIPT_WORDS = [
    "am",
    "pm",
    "next",
    "go",
    "come_in",
    "seen",
    "seen_more",
    "completed",
    "completed_more",
    "no_show",
    "no_show_more",
    "cancelled",
    "cancelled_more",
    "closed",
    "here",
    "arrive",
    "grace",
    "prompted",
    "paused",
    "late",
    "important",
    "notice",
    "now",
    "minutes",
    "hours",
    "around",
    "live",
    "by_itself",
    "offline",
    "why_none",
    "why_failed",
]


class Face(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One state of the tracker's card. Empty strings are not shown."""

    look: str
    """`called` (solid card), `line`, or `still` (nothing to wait for)."""
    headline: str
    below: str
    urgent: bool
    """Whether what stands below the headline must not be overlooked."""
    amber: tuple[str, ...]
    wait: str
    around: str
    dots: int
    """How many stand before this patient in the picture; -1 shows none."""
    more: int
    """How many more than fit into the picture."""


def face(view: TrackedView, language: str) -> Face:
    """Return what to show; `language` is one of the catalog's."""
    queue, doctor, room = view.queue, view.appointment.doctor.name, view.appointment.room
    match queue.state:
        case EntryState.CALLED:
            headline = phrase(language, "go", room=room) if room else phrase(language, "come_in")
            return _still(headline, "", look="called", wait=phrase(language, "now"))
        case EntryState.IN_CONSULTATION:
            return _still(phrase(language, "seen", doctor=doctor), phrase(language, "seen_more"))
        case EntryState.COMPLETED | EntryState.NO_SHOW | EntryState.CANCELLED as ended:
            return _still(phrase(language, ended.value), phrase(language, f"{ended.value}_more"))
        case _:
            return _in_line(view, language)


def script_words(language: str) -> dict[str, str]:
    """Return the phrases that the page's script may need, in one language."""
    spoken = CATALOG[language]
    return {key: text for key, text in spoken.items() if key in SCRIPT_WORDS or key.startswith("ahead_")}


def _still(headline: str, below: str, *, look: str = "still", wait: str = "") -> Face:
    return Face(
        look=look, headline=headline, below=below, urgent=False, amber=(), wait=wait, around="", dots=-1, more=0
    )


def _in_line(view: TrackedView, language: str) -> Face:
    queue, zone = view.queue, view.appointment.clinic.timezone
    ahead = queue.ahead or 0
    below = ""
    if queue.grace_until:
        below = phrase(language, "grace", time=time_of_day(language, queue.grace_until, zone))
    elif queue.prompted:
        below = phrase(language, "prompted")
    elif queue.state is EntryState.WAITING:
        below = phrase(language, "here")
    elif queue.arrive_by:
        below = phrase(language, "arrive", time=time_of_day(language, queue.arrive_by, zone))
    return Face(
        look="line",
        headline=counted(language, "ahead", ahead) if ahead else phrase(language, "next"),
        below=below,
        urgent=queue.grace_until is not None or queue.prompted,
        amber=tuple(_amber(queue, view.appointment.doctor.name, language)),
        wait="" if queue.closed else _wait(queue.estimated_wait_range, language),
        around="" if queue.closed else _around(queue, language, zone),
        dots=min(ahead, MAX_DOTS),
        more=max(0, ahead - MAX_DOTS),
    )


def _amber(queue: QueueView, doctor: str, language: str) -> list[str]:
    said = []
    if queue.closed:
        said.append(phrase(language, "closed"))
    elif queue.paused:
        said.append(phrase(language, "paused"))
    if queue.delay_minutes:
        said.append(phrase(language, "late", doctor=doctor, n=queue.delay_minutes))
    return said


def _wait(wait: WaitRange | None, language: str) -> str:
    if wait is None:
        return ""
    if wait.p90 == 0:
        return phrase(language, "now")
    unit = "minutes" if wait.p90 < MINUTES_UP_TO else "hours"
    low, high = (_duration(minutes, unit) for minutes in (wait.p50, wait.p90))
    return phrase(language, unit, range=low if low == high else f"{low}–{high}")


def _duration(minutes: int, unit: str) -> str:
    return str(minutes) if unit == "minutes" else f"{minutes // 60}:{minutes % 60:02}"


def _around(queue: QueueView, language: str, zone: str) -> str:
    wait, start = queue.estimated_wait_range, queue.estimated_start_at
    if start is None or wait is None or wait.p90 == 0:
        return ""
    return phrase(language, "around", time=time_of_day(language, start, zone))
