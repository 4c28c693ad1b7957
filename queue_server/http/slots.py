"""Slots: what can be booked, and what staff do with them."""

from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.application.slots.availability import Search
from queue_server.application.slots.bodies import (
    BlockBody,
    BookBody,
    Date,
    GenerateBody,
    SlotCapacityBody,
    SlotPolicyBody,
)
from queue_server.application.slots.catching_up import LONGEST_WAIT
from queue_server.application.slots.views import (
    FreeDayView,
    GenerationView,
    SlotBookingView,
    SlotChangesView,
    SlotPolicyView,
    SlotView,
    StaffSlotView,
)
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.holds import booker
from queue_server.http.lists import LongPageQuery, PageQuery
from queue_server.http.public import OfTenant, TenantQuery, public_tenant
from scheduling_core import errors
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission
from scheduling_core.slots.times import PartOfDay

BASE = "/api/slots"
BLOCK = f"{BASE}/{{slotId}}/block"
POLICY = "/api/tenants/{tenantId}/slot-policy"
TAG = "Slots"

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class AvailabilityQuery(PageQuery, frozen=True, kw_only=True):
    """What a patient looks for."""

    doctor_id: UUID | None = None
    specialty: Annotated[Code | None, msgspec.Meta(description="code of a specialty, like cardiology")] = None
    clinic_id: UUID | None = None
    mode: Mode | None = None
    language: Annotated[Code | None, msgspec.Meta(description="that the doctor speaks, like en")] = None
    from_: Date | None = msgspec.field(default=None, name="from")
    to: Date | None = None
    part_of_day: PartOfDay | None = None
    tenant_id: OfTenant = None


class DaysQuery(Body, frozen=True, kw_only=True):
    """What a patient looks for, and on which dates; six weeks from today if left out."""

    doctor_id: UUID | None = None
    specialty: Annotated[Code | None, msgspec.Meta(description="code of a specialty, like cardiology")] = None
    clinic_id: UUID | None = None
    mode: Mode | None = None
    language: Annotated[Code | None, msgspec.Meta(description="that the doctor speaks, like en")] = None
    from_: Date | None = msgspec.field(default=None, name="from")
    to: Date | None = None
    tenant_id: OfTenant = None


class ChangesQuery(Body, frozen=True, kw_only=True):
    """Whose slots, since when, and how long to wait for something to happen."""

    doctor_id: UUID
    since: Annotated[str, msgspec.Meta(max_length=40, description="the cursor of the answer before")] | None = None
    wait: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_WAIT, description="seconds")] = 20
    tenant_id: OfTenant = None


class RangeQuery(LongPageQuery, frozen=True, kw_only=True):
    """Which dates, by the clinics' clocks; a week from today if left out."""

    from_: Date | None = msgspec.field(default=None, name="from")
    to: Date | None = None


async def availability(call: Call[None, AvailabilityQuery]) -> Reply:
    """Return bookable slots, the soonest first."""
    query = call.query
    wanted = Search(
        doctor=query.doctor_id,
        specialty=query.specialty,
        clinic=query.clinic_id,
        mode=query.mode,
        language=query.language,
        part_of_day=query.part_of_day,
        first=query.from_,
        last=query.to,
    )
    tenant = await _tenant(call)
    found = await call.services.availability.search(tenant, wanted, limit=query.limit, cursor=query.cursor)
    return _tagged(found.items, next_cursor=found.next_cursor)


async def days(call: Call[None, DaysQuery]) -> Reply:
    """Return how many times can be booked on each day."""
    query = call.query
    wanted = Search(
        doctor=query.doctor_id,
        specialty=query.specialty,
        clinic=query.clinic_id,
        mode=query.mode,
        language=query.language,
        first=query.from_,
        last=query.to,
    )
    return _tagged(await call.services.free_days.of(await _tenant(call), wanted))


async def changes(call: Call[None, ChangesQuery]) -> Reply:
    """Return what has happened to a doctor's slots, as soon as something has."""
    query, tenant = call.query, await _tenant(call)
    return Reply(
        data=await call.services.catching_up.since(tenant, DoctorId(query.doctor_id), query.since, seconds=query.wait)
    )


async def slot(call: Call[None, TenantQuery]) -> Reply:
    """Return one slot."""
    tenant = call.caller.tenant if call.caller is not None else public_tenant(call, call.query.tenant_id)
    if tenant is None:
        raise errors.InvalidValue("Say whose slot this is.", field="tenantId")
    return _tagged(await call.services.availability.slot(tenant, call.id("slotId"), call.caller))


def _tagged(data: object, *, next_cursor: str | None = None) -> Reply:
    """Return the reply with a tag of its own, so that who asks again is sent it only when it is another."""
    encoded = msgspec.json.encode(data)
    return Reply(encoded=encoded, etag=f'"{blake2b(encoded, digest_size=12).hexdigest()}"', next_cursor=next_cursor)


async def _tenant(call: Call[None, Any]) -> TenantId:
    """Return whose slots are asked for: the caller's own, or those of the tenant or the doctor that is named."""
    if call.caller is not None:
        return call.caller.tenant
    tenant = public_tenant(call, call.query.tenant_id)
    if tenant is not None:
        return tenant
    if call.query.doctor_id is None:
        raise errors.InvalidValue("Say whose slots you ask for.", field="tenantId")
    return await call.services.directory.tenant_of(DoctorId(call.query.doctor_id))


async def of_doctor(call: Call[None, RangeQuery]) -> Reply:
    """Return a page of all slots of a doctor."""
    query, availability = call.query, call.services.availability
    found = await availability.of_doctor(
        call.actor, call.id("doctorId"), query.from_, query.to, limit=query.limit, cursor=query.cursor
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def block(call: Call[BlockBody, Nothing]) -> Reply:
    """Block a slot."""
    made = await call.services.slot_blocking.block(call.actor, call.id("slotId"), call.body, call.precondition)
    return Reply(encoded=made.body, version=made.version)


async def unblock(call: Call[None, Nothing]) -> Reply:
    """Give a slot free again."""
    made = await call.services.slot_blocking.unblock(call.actor, call.id("slotId"), call.precondition)
    return Reply(encoded=made.body, version=made.version)


async def capacity(call: Call[SlotCapacityBody, Nothing]) -> Reply:
    """Set how many a slot takes."""
    made = await call.services.slot_capacities.set(call.actor, call.id("slotId"), call.body, call.precondition)
    return Reply(encoded=made.body, version=made.version)


async def book(call: Call[BookBody, TenantQuery]) -> Reply:
    """Book a slot."""
    made = await call.services.slot_booking.book(booker(call), call.id("slotId"), call.body, call.precondition)
    return Reply(encoded=made.body)


async def generate(call: Call[GenerateBody, Nothing]) -> Reply:
    """Let slots be generated."""
    return Reply(data=await call.services.slot_generation.generate(call.actor, call.body))


async def policy(call: Call[None, Nothing]) -> Reply:
    """Return how far ahead slots are generated."""
    found, version = await call.services.slot_generation.policy(call.actor, call.id("tenantId"))
    return Reply(data=found, version=version)


async def set_policy(call: Call[SlotPolicyBody, Nothing]) -> Reply:
    """Set how far ahead slots are generated."""
    made, version = await call.services.slot_generation.set_policy(
        call.actor, call.id("tenantId"), call.body, if_match=call.precondition.if_match
    )
    return Reply(data=made, version=version)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/availability",
        handler=availability,
        summary="Slots that patients can book, the soonest first",
        description="Of doctors whom patients may book: not blocked, not full, not past, not within the lead time.",
        tag=TAG,
        answer=list[SlotView],
        door=Door.ANYBODY,
        query=AvailabilityQuery,
        paged=True,
        tagged=True,
        limit=Limit.READS,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/days",
        handler=days,
        summary="How many times can be booked on each day",
        description=(
            "Counted as `availability` finds them, up to 50 a day (`more`); 62 days at most. With a doctor it is always"
            " new, of many doctors up to two seconds old."
        ),
        tag=TAG,
        answer=list[FreeDayView],
        door=Door.ANYBODY,
        query=DaysQuery,
        tagged=True,
        limit=Limit.READS,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/changes",
        handler=changes,
        summary="What has happened to a doctor's slots: for browsers that no socket reaches",
        description=(
            "Ask without `since` first, then for what can be booked, then with the cursor of each answer: it comes as"
            " soon as something happens, after `wait` seconds at the latest. Sockets tell the same, see"
            " `watch-availability`."
        ),
        tag=TAG,
        answer=SlotChangesView,
        door=Door.ANYBODY,
        query=ChangesQuery,
        limit=Limit.READS,
    ),
    Endpoint(
        method="GET",
        path="/api/doctors/{doctorId}/slots",
        handler=of_doctor,
        summary="All slots of a doctor, whatever their state",
        description="Two months at a time.",
        tag=TAG,
        answer=list[StaffSlotView],
        door=Permission.READ_SLOTS,
        query=RangeQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/generate",
        handler=generate,
        summary="Generate slots up to the horizon, now",
        description="The answer comes before the slots: a worker makes them, one doctor after another.",
        tag=TAG,
        answer=GenerationView,
        door=Permission.GENERATE_SLOTS,
        body=GenerateBody,
        status=202,
        example={"doctorIds": ["018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"]},
    ),
    Endpoint(
        method="POST",
        path=BLOCK,
        handler=block,
        summary="Let nobody book a slot any more",
        description="Who has booked it comes all the same. It stays blocked when the schedule changes.",
        tag=TAG,
        answer=StaffSlotView,
        door=Permission.MANAGE_SLOTS,
        body=BlockBody,
        versioned=True,
        keeps=False,
        refusals=(errors.SlotPast,),
        example={"reason": "Phone calls"},
    ),
    Endpoint(
        method="DELETE",
        path=BLOCK,
        handler=unblock,
        summary="Let a blocked slot be booked again",
        description="One that the schedule does not offer any more goes, and is answered with status `withdrawn`.",
        tag=TAG,
        answer=StaffSlotView,
        door=Permission.MANAGE_SLOTS,
        versioned=True,
        keeps=False,
        refusals=(errors.SlotPast,),
    ),
    Endpoint(
        method="PUT",
        path=f"{BASE}/{{slotId}}/capacity",
        handler=capacity,
        summary="Set how many patients a slot takes",
        description="Never fewer than are booked. Later changes of the schedule leave it alone.",
        tag=TAG,
        answer=StaffSlotView,
        door=Permission.MANAGE_SLOTS,
        body=SlotCapacityBody,
        versioned=True,
        keeps=False,
        refusals=(errors.SlotPast, errors.PlacesTaken),
        example={"inPerson": 2, "tele": 0, "total": 2},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{slotId}}/book",
        handler=book,
        summary="Book a slot",
        description=(
            "Needs an Idempotency-Key. The appointment is in the queue of its day at once. Staff book for anybody, with"
            " or without a hold; patients and guests book what they hold."
        ),
        tag=TAG,
        answer=SlotBookingView,
        door=Door.ANYBODY,
        body=BookBody,
        query=TenantQuery,
        keeps=False,
        for_guests=True,
        limit=Limit.BOOKING,
        refusals=(
            errors.HoldExpired,
            errors.SlotUnavailable,
            errors.SlotPast,
            errors.SlotBlocked,
            errors.ModeNotOffered,
            errors.CapacityReached,
            errors.OtherTimeZone,
            errors.ResourceTaken,
            errors.QueueClosed,
        ),
        example={"patient": {"name": "Amal Haddad", "phone": "+962 79 000 0000"}, "mode": "in_person"},
    ),
    Endpoint(
        method="GET",
        path=POLICY,
        handler=policy,
        summary="How far ahead slots are generated",
        tag=TAG,
        answer=SlotPolicyView,
        door=Permission.READ_SLOTS,
    ),
    Endpoint(
        method="PUT",
        path=POLICY,
        handler=set_policy,
        summary="Set how far ahead slots are generated, and how late patients may book",
        tag=TAG,
        answer=SlotPolicyView,
        door=Permission.GENERATE_SLOTS,
        body=SlotPolicyBody,
        versioned=True,
        example={"horizonDays": 90, "leadMinutes": 60},
    ),
    # Behind those whose addresses look like an id in this place.
    Endpoint(
        method="GET",
        path=f"{BASE}/{{slotId}}",
        handler=slot,
        summary="One slot, whatever its state",
        description="For the public, of doctors whom patients may book.",
        tag=TAG,
        answer=SlotView,
        door=Door.ANYBODY,
        query=TenantQuery,
        tagged=True,
        limit=Limit.READS,
    ),
)
