"""Telling people: a note in the transaction of what is told, and nothing else on the way there.

Whoever changes something says whom it concerns (a `Notice`). One job a notice is written with the change, all of them
in one statement; who reads it, in which language, through which channel and when is decided by that job.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.messages.kinds import Kind
from queue_server.store import job_store
from queue_server.store.db import Transaction
from queue_server.store.job_store import NewJob

NOTIFY_JOB = "notify"
ANNOUNCE_JOB = "announce"
AHEAD_JOB = "ahead"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should hear of. Ids and numbers only: names and words are read when it is sent.

    `key` names the occasion within the tenant: told once, however often it is asked for. Without a `patient` it is for
    whoever has the appointment.
    """

    kind: Kind
    key: str
    patient: UUID | None = None
    appointment: UUID | None = None
    entry: UUID | None = None
    """Of the waitlist."""
    invite: UUID | None = None
    clinic: UUID | None = None
    facts: Mapping[str, Any] = {}
    """What has to hold still when it is sent, and what the words are made of: see `truth.holds`."""
    due_at: datetime | None = None
    """None: at once."""
    expires_at: datetime | None = None
    """From when on it is of no use to anybody."""


class Told(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A notice as its job holds it."""

    kind: Kind
    patient_id: UUID | None = None
    clinic_id: UUID | None = None
    facts: Mapping[str, Any] = {}
    expires_at: datetime | None = None


def job_of(notice: Notice) -> NewJob:
    """Return the job that sees to a notice."""
    named = {"appointmentId": notice.appointment, "entryId": notice.entry, "inviteId": notice.invite}
    told = Told(
        kind=notice.kind,
        patient_id=notice.patient,
        clinic_id=notice.clinic,
        facts={**{name: id for name, id in named.items() if id is not None}, **notice.facts},
        expires_at=notice.expires_at,
    )
    return NewJob(kind=NOTIFY_JOB, key=notice.key, payload=msgspec.to_builtins(told), due_at=notice.due_at)


async def tell(tx: Transaction, *notices: Notice) -> None:
    """Let people hear of these when the transaction commits; one statement, whatever their number."""
    await job_store.enqueue_all(tx, [job_of(notice) for notice in notices])
