"""Segments of days in words: what opens or closes them, with the names and texts that the sources refer to."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from queue_server.application.schedules.views import CalendarSegment
from queue_server.store import event_store
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from scheduling_core.calendar.explanations import Explanations, accounts_named, resources_named, texts_quoted
from scheduling_core.calendar.reasons import Segment
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import AccountId, DoctorId, TextId


async def explanations(tx: Transaction, sources: Mapping[DoctorId, Sources]) -> dict[DoctorId, Explanations]:
    """Return what explains the days of each doctor, with everything it quotes, in three round trips."""
    accounts = {account for one in sources.values() for account in accounts_named(one)}
    out = {resource for one in sources.values() for resource in resources_named(one)}
    quoted = {text for one in sources.values() for text in texts_quoted(one)}
    names: dict[AccountId, str] = await rows.account_names(tx, accounts) if accounts else {}
    words: dict[UUID, str] = await event_store.free_texts(tx, list(quoted)) if quoted else {}
    texts = {TextId(text): said for text, said in words.items()}
    resources = await rows.resource_names(tx, out) if out else {}
    return {doctor: Explanations(one, names, texts, resources) for doctor, one in sources.items()}


def segment_views(segments: Iterable[Segment], explained: Explanations) -> tuple[CalendarSegment, ...]:
    """Return segments as clients see them."""
    return tuple(
        CalendarSegment(
            start=segment.start,
            end=segment.end,
            open=segment.is_open,
            kind=segment.reason.kind,
            source_id=segment.reason.source,
            explanation=explained.explain(segment.reason),
        )
        for segment in segments
    )
