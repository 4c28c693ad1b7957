"""What staff write themselves to people who wait: recorded, and sent as every other message is.

Their words are kept apart from the events, once for each patient, and erased with each.
"""

from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.desk_bodies import Body
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.telling import Notice
from queue_server.application.plain_text import prose
from queue_server.application.recorder import Recorder
from queue_server.application.unit import Unit, WritePath
from queue_server.application.views import View
from queue_server.store import waitlist
from queue_server.store.db import Row
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import PatientId
from scheduling_core.permissions import Permission

MOST_ENTRIES, LONGEST_TEXT = 100, 1_000


class ManualBody(Body, frozen=True, kw_only=True):
    """What is written to whom."""

    waitlist_ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST_ENTRIES)]
    message: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]


class ManualView(View, frozen=True, kw_only=True):
    """To how many people something was written; the log shows what becomes of each message."""

    recipients: int


class Manual:
    """Writes to people who wait."""

    def __init__(self, writes: WritePath, recorder: Recorder) -> None:
        self._writes = writes
        self._recorder = recorder

    async def send(self, actor: Actor, body: ManualBody, precondition: Precondition) -> Answer:
        """Write to whom these entries are of, once to each, and return to how many.

        Raises `NotFound` for an entry out of reach, `InvalidValue` for words that cannot be printed and without an
        idempotency key.
        """
        actor.require(Permission.SEND_MESSAGES)
        if precondition.idempotency is None:
            raise InvalidValue("A message needs a key, so that it is sent once.", field="Idempotency-Key")
        words = prose(body.message, "message", longest=LONGEST_TEXT)
        if not words:
            raise InvalidValue("This must not be empty.", field="message")

        async def work(unit: Unit) -> tuple[object, int | None]:
            rows = await _reached(unit, body.waitlist_ids)
            batch = uuid4()
            for row in rows:
                unit.tell(await _notice(unit, row, words, batch))
            named = {"entryIds": [row["waitlist_id"] for row in rows]}
            record = partial(self._recorder.record, unit.tx, unit.actor, "manual_message_sent", named)
            unit.after_writing(record)
            return ManualView(recipients=len(rows)), None

        return await self._writes.run(actor, "send-manual-message", work, precondition)


async def _reached(unit: Unit, wanted: tuple[UUID, ...]) -> list[Row]:
    """Return one entry of each patient who is written to."""
    rows = await waitlist.entries(unit.tx, list(dict.fromkeys(wanted)))
    if len(rows) < len(set(wanted)):
        raise NotFound("There is no such entry.", field="waitlistIds")
    clinics = unit.actor.clinics
    if clinics and any(row["clinic_id"] not in clinics for row in rows):
        raise NotFound("There is no such entry.", field="waitlistIds")
    return list({row["patient_id"]: row for row in rows}.values())


async def _notice(unit: Unit, row: Row, words: str, batch: UUID) -> Notice:
    text = await unit.say(words, PatientId(row["patient_id"]))
    facts = {"textId": str(text)}
    if unit.actor.account is not None:
        facts["sentBy"] = str(unit.actor.account)
    return Notice(
        kind=Kind.MANUAL,
        key=f"manual:{batch}:{row['waitlist_id']}",
        patient=row["patient_id"],
        entry=row["waitlist_id"],
        clinic=row["clinic_id"],
        facts=facts,
    )
