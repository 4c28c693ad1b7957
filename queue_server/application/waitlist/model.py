"""An entry of the waitlist on the write path, and the row it shows."""

from collections.abc import Sequence

from queue_server.application.aggregates import Locked, Model, Texts
from queue_server.application.booking.patients import Booked
from queue_server.application.messages import occasions
from queue_server.application.unit import Unit
from queue_server.store import event_store, patients, waitlist_days
from queue_server.store import waitlist as store
from queue_server.store.db import Row
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.errors import NotFound
from scheduling_core.ids import WaitlistId
from scheduling_core.patients import Tier
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.metrics import counted
from scheduling_core.waitlist.state import WAITLIST, Entry

TABLE = Table(
    "waitlist_entry",
    ("waitlist_id",),
    (
        "clinic_id",
        "doctor_id",
        "patient_id",
        "status",
        "urgency",
        "visit_type",
        "mode",
        "short_notice",
        "window_start",
        "window_end",
        "parts_of_day",
        "notes",
        "metadata",
        "position",
        "position_reason",
        "joined_at",
        "expires_at",
        "deferred_until",
        "invite_id",
        "hold_id",
        "slot_id",
        "slot_doctor_id",
        "slot_start",
        "slot_mode",
        "respond_by",
        "invited",
        "refused",
        "appointment_id",
        "ended_at",
        "version",
        "updated_at",
    ),
)


def _rows(entry: Entry, _texts: Texts) -> Rows:
    wish, window, invite = entry.wish, entry.wish.window, entry.invite
    return {
        (TABLE, (entry.id,)): {
            "clinic_id": entry.clinic,
            "doctor_id": entry.doctor,
            "patient_id": entry.patient,
            "status": entry.status,
            "urgency": wish.urgency,
            "visit_type": wish.visit_type,
            "mode": wish.mode,
            "short_notice": wish.short_notice,
            "window_start": window.start,
            "window_end": window.end,
            "parts_of_day": window.parts_of_day,
            "notes": wish.notes,
            "metadata": wish.metadata,
            "position": entry.override.position if entry.override is not None else None,
            "position_reason": entry.override.reason if entry.override is not None else None,
            "joined_at": entry.joined_at,
            "expires_at": entry.expires_at,
            "deferred_until": entry.deferred_until,
            "invite_id": invite.id if invite is not None else None,
            "hold_id": invite.hold if invite is not None else None,
            "slot_id": invite.slot if invite is not None else None,
            "slot_doctor_id": invite.doctor if invite is not None else None,
            "slot_start": invite.start if invite is not None else None,
            "slot_mode": invite.mode if invite is not None else None,
            "respond_by": invite.respond_by if invite is not None else None,
            "invited": entry.invited,
            "refused": entry.refused,
            "appointment_id": entry.appointment,
            "ended_at": entry.ended_at,
            "version": entry.version,
            "updated_at": entry.updated_at,
        }
    }


WAITLIST_MODEL: Model[Entry, ev.WaitlistEvent] = Model(WAITLIST, tables=(TABLE,), rows=_rows)

LockedEntry = Locked[Entry, ev.WaitlistEvent]


async def row_of(unit: Unit, locked: LockedEntry, whose: Booked | None = None) -> Row:
    """Return what the row of an entry will be with the commit, and what `store.entries` finds beside it; `whose` it is
    need not be looked up by whoever knows."""
    state = locked.state
    ((_, columns),) = _rows(state, {}).items()
    patient = whose or _booked(await patients.patient(unit.tx, state.patient))
    ids = [id for id in (columns["notes"], columns["metadata"], columns["position_reason"]) if id is not None]
    texts = await event_store.free_texts(unit.tx, ids) if ids else {}
    told = {name: texts.get(columns[name]) for name in ("notes", "metadata", "position_reason")}
    return {
        **columns,
        **told,
        "waitlist_id": state.id,
        "patient_name": patient.name if patient is not None else "",
        "patient_phone": patient.phone if patient is not None else None,
        "language": patient.language if patient is not None else "en",
        "tier": patient.tier if patient is not None else Tier.STANDARD,
        "is_chronic": patient is not None and patient.is_chronic,
        "now": locked.now,
    }


def _booked(patient: patients.Patient | None) -> Booked | None:
    if patient is None:
        return None
    return Booked(
        id=patient.id,
        name=patient.name,
        language=patient.language,
        phone=patient.phone,
        tier=patient.tier,
        is_chronic=bool(patient.conditions),
    )


async def lock_entry(unit: Unit, entry: WaitlistId) -> LockedEntry:
    """Lock an entry and return it; raises `NotFound` for one that there is not. Queues and slots are locked before."""
    locked = await unit.lock_aggregate(WAITLIST_MODEL, entry)
    if not locked.exists:
        raise NotFound("There is no such entry.")
    return locked


def happen(unit: Unit, locked: LockedEntry, events: Sequence[ev.WaitlistEvent]) -> None:
    """Let these happen to an entry, and its patient hear of them; whoever waits no longer by that is counted out with
    the commit, and then it is counted what has become of the list."""
    before = locked.known
    locked.add(*events)
    if events:
        unit.tell(*occasions.of_waitlist(locked.state, events, locked.now))
    if before is not None and before.is_waiting and not locked.state.is_waiting:
        store.count_out(unit.tx, locked.state.clinic)
    counts = counted(events, locked.state.joined_at, locked.now, by_system=unit.actor.is_system)
    # Who joins is counted with their place in the list: see `count_in`.
    if counts is not None and before is not None:
        waitlist_days.note(unit.tx, locked.state.clinic, locked.now, counts)
