"""Everything that is said to patients, in their language.

A sentence is looked up by its key and filled in; counted things have one key per plural form (`ahead_one`,
`ahead_other`, …, the forms of the Unicode CLDR). The screens get the sentences of one language only.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from queue_server.application.phrases import arabic, english, hindi, spanish
from scheduling_core.live_queue.history import Reason
from scheduling_core.live_queue.state import EntryState

CATALOG: Mapping[str, Mapping[str, str]] = {
    "en": english.PHRASES,
    "es": spanish.PHRASES,
    "hi": hindi.PHRASES,
    "ar": arabic.PHRASES,
}
DEFAULT = "en"
RIGHT_TO_LEFT = frozenset({"ar"})


def choose_language(*wishes: str | None) -> str:
    """Return the first language of ours among `wishes`: tags (`es-MX`) or whole Accept-Language headers."""
    for wish in wishes:
        for tag in _by_quality(wish or ""):
            language = tag.split("-")[0].strip().lower()
            if language in CATALOG:
                return language
    return DEFAULT


def phrase(language: str, key: str, /, **filled: object) -> str:
    """Return one sentence; a language we do not speak falls back to English. Raises KeyError for unknown keys."""
    return CATALOG.get(language, CATALOG[DEFAULT])[key].format(**filled)


@lru_cache(maxsize=1_024)
def counted(language: str, key: str, n: int) -> str:
    """Return a sentence that counts, in the plural form its language wants for `n`."""
    spoken = CATALOG.get(language, CATALOG[DEFAULT])
    return spoken.get(f"{key}_{plural_form(language, n)}", spoken[f"{key}_other"]).format(n=n)


def plural_form(language: str, n: int) -> str:
    """Return the plural form of `n` as the Unicode CLDR defines it for our languages."""
    match language:
        case "ar":
            few, many = range(3, 11), range(11, 100)
            last = n % 100
            return {0: "zero", 1: "one", 2: "two"}.get(n) or (
                "few" if last in few else "many" if last in many else "other"
            )
        case "hi":
            return "one" if n in (0, 1) else "other"
        case _:
            return "one" if n == 1 else "other"


def time_of_day(language: str, instant: datetime, timezone: str) -> str:
    """Return a wall time in the clinic's zone: `9:15 AM` where people say so, else `09:15`."""
    local = instant.astimezone(ZoneInfo(timezone))
    half = phrase(language, "am" if local.hour < 12 else "pm")
    return f"{local.hour % 12 or 12}:{local.minute:02} {half}" if half else f"{local.hour:02}:{local.minute:02}"


def queue_status(
    language: str,
    *,
    state: EntryState,
    position: int | None,
    ahead: int | None,
    paused: bool,
    closed: bool,
    delay_minutes: int,
    room: str,
    doctor: str = "",
    prompted: bool = False,
) -> str:
    """Return how a patient stands, as one or two sentences (`queueStatus`)."""
    named = doctor or phrase(language, "the_doctor")
    match state:
        case EntryState.CALLED:
            return _sentence(language, phrase(language, "go", room=room) if room else phrase(language, "come_in"))
        case EntryState.IN_CONSULTATION:
            return _sentence(language, phrase(language, "seen", doctor=named))
        case EntryState.COMPLETED | EntryState.NO_SHOW | EntryState.CANCELLED:
            said = _sentence(language, phrase(language, state.value))
            return f"{said} {phrase(language, f'{state.value}_more')}"
    if closed:
        return phrase(language, "closed")
    said = _sentence(language, counted(language, "ahead", ahead) if ahead else phrase(language, "next"))
    if prompted:
        said = f"{said} {phrase(language, 'prompted')}"
    if paused:
        return f"{said} {phrase(language, 'paused')}"
    if delay_minutes:
        late = phrase(language, "late", doctor=named, n=delay_minutes)
        return f"{said} {late[:1].upper()}{late[1:]}"
    return said


def explain_change(language: str, reason: Reason) -> str:
    """Return the sentence for why a place changed. It names nobody."""
    return phrase(language, f"change_{reason}")


def _sentence(language: str, text: str) -> str:
    return text + ("।" if language == "hi" else ".")


def _by_quality(header: str) -> list[str]:
    """Split an Accept-Language header, the most wanted first; a plain tag is a header of one."""
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, parameter = part.partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            wanted.append((quality, tag.strip()))
    return [tag for _, tag in sorted(wanted, key=lambda pair: -pair[0])]
