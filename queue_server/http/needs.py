"""What the routes need of the server: the part of the object graph that handlers may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from queue_server.application.access import AccessService
    from queue_server.application.analytics.dashboard import Dashboard
    from queue_server.application.analytics.waitlist import WaitlistAnalytics
    from queue_server.application.audit import Audit
    from queue_server.application.booking.any_doctor import AnyDoctor
    from queue_server.application.booking.appointments import Appointments
    from queue_server.application.booking.booking import SlotBooking
    from queue_server.application.booking.cancelling import Cancelling
    from queue_server.application.booking.holding import Holding
    from queue_server.application.booking.renewing import Renewing
    from queue_server.application.booking.rescheduling import Rescheduling
    from queue_server.application.budgets import Budgets
    from queue_server.application.calendar_feeds.service import CalendarFeeds
    from queue_server.application.clinics import ClinicService
    from queue_server.application.directory import Directory
    from queue_server.application.doctors.reading import DoctorReading
    from queue_server.application.doctors.service import DoctorService
    from queue_server.application.issuers import IssuerService
    from queue_server.application.job_page import JobPage
    from queue_server.application.messages.dead import DeadLetters
    from queue_server.application.messages.delivery import Delivery
    from queue_server.application.messages.log import MessageLog
    from queue_server.application.messages.manual import Manual
    from queue_server.application.messages.preferences import Preferences
    from queue_server.application.messages.pushing import Pushing
    from queue_server.application.messages.templates.service import Templates
    from queue_server.application.messages.unsubscribing import Unsubscribing
    from queue_server.application.patients.erasure import Erasure
    from queue_server.application.patients.export import Export
    from queue_server.application.patients.own import OwnRecords
    from queue_server.application.patients.registry import PatientRegistry
    from queue_server.application.patients.signing_in import CodeSignIn
    from queue_server.application.payments.asking import Asking
    from queue_server.application.payments.hearing import Hearing
    from queue_server.application.payments.reading import PaymentReading
    from queue_server.application.payments.refunding import Refunding
    from queue_server.application.people import People
    from queue_server.application.queue import QueueService
    from queue_server.application.reading import QueueReading
    from queue_server.application.resources.days import ClinicDaysService
    from queue_server.application.resources.departments import DepartmentService
    from queue_server.application.resources.equipment import EquipmentService
    from queue_server.application.resources.rooms import RoomService
    from queue_server.application.schedules.calendars import Calendars
    from queue_server.application.schedules.conflicts import Conflicts
    from queue_server.application.schedules.leave import LeaveService
    from queue_server.application.schedules.service import ScheduleService
    from queue_server.application.search.providers import ProviderSearch
    from queue_server.application.search.storefront import Storefronts
    from queue_server.application.slots.availability import Availability
    from queue_server.application.slots.blocking import Blocking
    from queue_server.application.slots.capacity import SlotCapacities
    from queue_server.application.slots.catching_up import CatchingUp
    from queue_server.application.slots.days import FreeDays
    from queue_server.application.slots.demand import SlotGeneration
    from queue_server.application.staff import StaffService
    from queue_server.application.tenant_limits import TenantLimits
    from queue_server.application.tracking import Tracking
    from queue_server.application.waitlist.answering import Answering
    from queue_server.application.waitlist.candidates import Candidates
    from queue_server.application.waitlist.changing import Changing
    from queue_server.application.waitlist.joining import Joining
    from queue_server.application.waitlist.offers import Offers
    from queue_server.application.waitlist.policies import WaitlistPolicies
    from queue_server.application.waitlist.reading import WaitlistReading
    from queue_server.application.work_depths import WorkDepths
    from queue_server.broker import Broker
    from queue_server.metrics import Metrics
    from queue_server.rate_limits import Limiter
    from queue_server.settings import Settings
    from queue_server.store.db import Database


class Services(Protocol):
    """`request.app.state.services`, as wiring makes it."""

    settings: Settings
    metrics: Metrics
    db: Database
    broker: Broker
    access: AccessService
    staff: StaffService
    directory: Directory
    clinics: ClinicService
    clinic_days: ClinicDaysService
    departments: DepartmentService
    rooms: RoomService
    equipment: EquipmentService
    availability: Availability
    free_days: FreeDays
    catching_up: CatchingUp
    slot_blocking: Blocking
    slot_capacities: SlotCapacities
    holding: Holding
    renewing: Renewing
    payment_asking: Asking
    payment_reading: PaymentReading
    payment_hearing: Hearing
    refunding: Refunding
    slot_booking: SlotBooking
    any_doctor: AnyDoctor
    appointments: Appointments
    rescheduling: Rescheduling
    cancelling: Cancelling
    slot_generation: SlotGeneration
    waitlist_joining: Joining
    waitlist_reading: WaitlistReading
    waitlist_changing: Changing
    waitlist_answering: Answering
    waitlist_candidates: Candidates
    waitlist_offers: Offers
    waitlist_policies: WaitlistPolicies
    message_log: MessageLog
    dead_letters: DeadLetters
    manual_messages: Manual
    message_templates: Templates
    message_delivery: Delivery
    pushing: Pushing
    notification_preferences: Preferences
    unsubscribing: Unsubscribing
    issuers: IssuerService
    doctors: DoctorService
    doctor_reading: DoctorReading
    providers: ProviderSearch
    storefronts: Storefronts
    schedules: ScheduleService
    leave: LeaveService
    calendars: Calendars
    calendar_feeds: CalendarFeeds
    conflicts: Conflicts
    queue: QueueService
    reading: QueueReading
    tracking: Tracking
    people: People
    patients: PatientRegistry
    own_records: OwnRecords
    erasure: Erasure
    export: Export
    code_sign_in: CodeSignIn
    audit: Audit
    waitlist_analytics: WaitlistAnalytics
    dashboard: Dashboard
    job_page: JobPage
    work_depths: WorkDepths
    limiter: Limiter
    budgets: Budgets
    tenant_limits: TenantLimits

    def socket_stats(self) -> Mapping[str, Any]:
        """Return how many are connected and what passes."""
        ...

    @property
    def is_draining(self) -> bool:
        """Return whether this process is sending its clients to others."""
        ...

    def asyncapi(self) -> bytes:
        """Return the document that describes the sockets."""
        ...
