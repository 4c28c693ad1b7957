"""The object graph of a server or worker process, built once."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
import msgspec

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
from queue_server.application.doctors.adoption import Adoption
from queue_server.application.doctors.reading import DoctorReading
from queue_server.application.doctors.service import DoctorService
from queue_server.application.enrolment import Enrolment
from queue_server.application.foreign_tokens import ForeignTokens
from queue_server.application.issuers import IssuerService
from queue_server.application.job_page import JobPage
from queue_server.application.jwks import JwksCache, jwks_client
from queue_server.application.links import TrackingLinks
from queue_server.application.messages.dead import DeadLetters
from queue_server.application.messages.delivery import Delivery
from queue_server.application.messages.log import MessageLog
from queue_server.application.messages.manual import Manual
from queue_server.application.messages.preferences import Preferences
from queue_server.application.messages.pushing import Pushing
from queue_server.application.messages.templates.service import Templates
from queue_server.application.messages.unsubscribing import Unsubscribing
from queue_server.application.passwords import Passwords
from queue_server.application.patients.codes import Codes
from queue_server.application.patients.erasure import Erasure
from queue_server.application.patients.export import Export
from queue_server.application.patients.own import OwnRecords
from queue_server.application.patients.registry import PatientRegistry
from queue_server.application.patients.signing_in import CodeSignIn
from queue_server.application.payments.asking import Asking
from queue_server.application.payments.hearing import Hearing
from queue_server.application.payments.reading import PaymentReading
from queue_server.application.payments.refunding import Refunding
from queue_server.application.payments.work import ProviderWork
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
from queue_server.application.search.shared_pages import SharedPages
from queue_server.application.search.slots import SlotSearch
from queue_server.application.search.storefront import Storefronts
from queue_server.application.slots.availability import Availability
from queue_server.application.slots.blocking import Blocking
from queue_server.application.slots.capacity import SlotCapacities
from queue_server.application.slots.catching_up import CatchingUp
from queue_server.application.slots.changes import SlotChanges
from queue_server.application.slots.days import FreeDays
from queue_server.application.slots.demand import SlotGeneration
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.staff import StaffService
from queue_server.application.standing import Standings
from queue_server.application.tenant_limits import TenantLimits
from queue_server.application.tokens import Tokens
from queue_server.application.tracking import Tracking
from queue_server.application.unit import Recorder, WritePath
from queue_server.application.waitlist.answering import Answering
from queue_server.application.waitlist.candidates import Candidates
from queue_server.application.waitlist.changing import Changing
from queue_server.application.waitlist.followers import WaitlistFollowers
from queue_server.application.waitlist.joining import Joining
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.application.waitlist.live import WaitlistChanges
from queue_server.application.waitlist.offers import Offers
from queue_server.application.waitlist.policies import WaitlistPolicies
from queue_server.application.waitlist.reading import WaitlistReading
from queue_server.application.work_depths import WorkDepths
from queue_server.broker import Broker
from queue_server.broker.in_process import InProcessBroker
from queue_server.broker.redis import RedisBroker
from queue_server.cache import Cache
from queue_server.cache.redis import RedisCache
from queue_server.metrics import Metrics
from queue_server.payments.http_provider import HttpProvider, provider_client
from queue_server.rate_limits.cluster import Cluster
from queue_server.rate_limits.in_process import InProcessLimiter
from queue_server.rate_limits.shared import SharedLimiter
from queue_server.rate_limits.single import SingleServer
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.estimates.waits import RecentMean


class Sockets(Protocol):
    """What others may ask of the realtime layer, which they do not import."""

    def stats(self) -> Mapping[str, Any]:
        """Return what `websocket/stats` answers."""
        ...

    @property
    def is_draining(self) -> bool:
        """Return whether clients are being sent to other servers."""
        ...

    def asyncapi(self) -> bytes:
        """Return the AsyncAPI document."""
        ...


class Services:
    """Everything a process is made of; attributes are the use cases and what they stand on."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient, *, application: str = "queue-server") -> None:
        self.settings = settings
        minutes = settings.default_consultation_minutes
        estimator = RecentMean()
        self.metrics = Metrics()
        self.db = Database(
            settings.database_url,
            pool_size=settings.database_pool_size,
            application=application,
            serves=True,
            parameters=settings.for_connections(),
        )
        self.broker: Broker = _broker(settings)
        self.notifications = Notifications(settings.database_url, application=f"{application}-listen")
        self.snapshots = QueueSnapshots(
            self.db, self.broker, self.notifications, ttl_seconds=settings.position_ttl_seconds
        )
        self.writes = WritePath(self.db, self.snapshots, settings.jwt_keys[0].secret)
        self.cache = _cache(settings)
        self.pages = SharedPages(self.db, self.notifications, self.cache, settings.jwt_keys[0].secret)
        recorder = Recorder()
        self.tokens = Tokens(settings)
        self.passwords = Passwords()
        standings = Standings(self.db)
        foreign = ForeignTokens(self.db, JwksCache(http))
        self.access = AccessService(
            settings=settings,
            db=self.db,
            tokens=self.tokens,
            passwords=self.passwords,
            standings=standings,
            foreign=foreign,
            recorder=recorder,
        )
        self.directory = Directory(self.db)
        self.notifications.add_directory(self.directory)
        self.adoption = Adoption(self.db, self.writes)
        self.doctors = DoctorService(self.writes, self.adoption, self.directory.forget)
        self.doctor_reading = DoctorReading(self.db, self.directory, self.adoption)
        self.people = People(self.db)
        self.notifications.add_directory(self.people)
        self.links = TrackingLinks(self.db, self.tokens, recorder, settings.public_url)
        codes = Codes(settings.jwt_keys)
        self.code_sign_in = CodeSignIn(
            db=self.db,
            access=self.access,
            recorder=recorder,
            codes=codes,
            texts_per_hour=settings.text_codes_per_hour if settings.sends_texts else None,
        )
        self.patients = PatientRegistry(self.db, recorder, standings)
        self.own_records = OwnRecords(self.db, recorder, self.code_sign_in, self.directory, self.links)
        self.erasure = Erasure(self.db, recorder, standings)
        self.export = Export(self.db, recorder)
        self.enrolment = Enrolment(self.writes, self.directory, minutes)
        self.queue = QueueService(self.db, self.writes, self.directory, self.people, self.links, estimator, minutes)
        self.reading = QueueReading(self.db, self.directory, self.people, self.snapshots, estimator, minutes)
        self.tracking = Tracking(
            self.db,
            self.links,
            self.directory,
            self.snapshots,
            self.reading,
            estimator,
            settings.tracking_ttl_seconds,
        )
        self.notifications.add(self.tracking)
        self.clinics = ClinicService(
            db=self.db,
            writes=self.writes,
            recorder=recorder,
            adopt_policy=self.queue.adopt_policy,
            forget=self.directory.forget,
            early_max=settings.max_early_arrival_minutes,
        )
        self.clinic_days = ClinicDaysService(self.db, self.writes)
        self.departments = DepartmentService(self.db, self.writes)
        self.rooms = RoomService(self.db, self.writes)
        self.equipment = EquipmentService(self.db, self.writes)
        self.providers = ProviderSearch(self.pages)
        self.storefronts = Storefronts(self.pages)
        slot_search = SlotSearch(self.pages)
        self.availability = Availability(self.db, slot_search)
        self.free_days = FreeDays(self.db, slot_search)
        self.slot_changes = SlotChanges(self.db, self.notifications)
        self.catching_up = CatchingUp(self.db, self.slot_changes, lambda: self.is_draining)
        self.slot_blocking = Blocking(self.writes)
        self.slot_capacities = SlotCapacities(self.writes)
        self.holding = Holding(self.db, self.writes, self.directory)
        self.slot_booking = SlotBooking(self.writes, self.directory, self.links, minutes)
        self.any_doctor = AnyDoctor(self.db, self.holding)
        self.appointments = Appointments(self.db, self.directory, self.links)
        self.rescheduling = Rescheduling(self.writes, self.directory, self.links, minutes)
        self.cancelling = Cancelling(self.writes, self.directory, self.links)
        self.renewing = Renewing(self.writes)
        self.provider_http = provider_client()
        provider = HttpProvider(self.provider_http, settings.payments) if settings.payments is not None else None
        self.payment_reading = PaymentReading(self.db)
        provider_work = ProviderWork(self.db, self.writes, provider)
        self.payment_asking = Asking(self.writes, self.payment_reading, provider_work, settings.public_url)
        self.payment_hearing = Hearing(self.writes, settings.payments)
        self.refunding = Refunding(self.writes)
        self.slot_generation = SlotGeneration(self.db, recorder)
        waitlist_links = WaitlistLinks(self.tokens, settings.public_url)
        self.waitlist_joining = Joining(self.writes, self.directory, waitlist_links)
        self.waitlist_reading = WaitlistReading(self.db)
        waitlist_links = WaitlistLinks(self.tokens, settings.public_url)
        self.waitlist_changes = WaitlistChanges(self.db, self.notifications, waitlist_links)
        self.waitlist_followers = WaitlistFollowers(self.db, self.access, self.tokens, self.tracking, self.links)
        self.waitlist_changing = Changing(self.writes)
        self.waitlist_answering = Answering(
            self.db,
            self.writes,
            self.directory,
            self.links,
            self.tokens,
            default_minutes=minutes,
            public_url=settings.public_url,
        )
        self.waitlist_offers = Offers(self.db, self.directory, self.links, self.tokens)
        self.waitlist_candidates = Candidates(self.db, self.writes)
        self.waitlist_policies = WaitlistPolicies(self.db, recorder)
        self.schedules = ScheduleService(self.db, self.writes)
        self.leave = LeaveService(self.db, self.writes)
        self.calendars = Calendars(self.db)
        self.conflicts = Conflicts(self.db)
        self.calendar_feeds = CalendarFeeds(
            db=self.db,
            directory=self.directory,
            links=self.links,
            recorder=recorder,
            public_url=settings.public_url,
        )
        self.message_log = MessageLog(self.db)
        self.dead_letters = DeadLetters(self.db, recorder)
        self.manual_messages = Manual(self.writes, recorder)
        self.message_templates = Templates(self.db, recorder)
        self.message_delivery = Delivery(self.db, settings.texts)
        self.pushing = Pushing(self.db, settings.push)
        self.notification_preferences = Preferences(self.db, recorder)
        self.unsubscribing = Unsubscribing(self.db, self.tokens, recorder)
        self.staff = StaffService(db=self.db, passwords=self.passwords, standings=standings, recorder=recorder)
        self.issuers = IssuerService(settings=settings, db=self.db, foreign=foreign, recorder=recorder)
        self.audit = Audit(self.db)
        self.waitlist_analytics = WaitlistAnalytics(self.db)
        self.dashboard = Dashboard(self.db, self.notifications, lambda: self.is_draining)
        self.job_page = JobPage(self.db, recorder)
        self.limiter = _limiter(settings)
        self.tenant_limits = TenantLimits(settings=settings, db=self.db, recorder=recorder)
        self.budgets = Budgets(settings, self.tenant_limits)
        self._sockets: Sockets | None = None
        self.work_depths = WorkDepths(self.db, self.metrics)
        self.metrics.watch("db_pool", self.db.readings, counters=("transactions",))
        self.metrics.watch("snapshots", self._snapshot_readings, counters=("hits", "reads"))
        self.metrics.watch("shared_pages", self.pages.readings, counters=("hits", "shared_hits", "reads"))
        self.metrics.watch("dashboard", self.dashboard.readings)
        self.metrics.watch("rate_limits", self._limiter_readings, counters=("shared", "in_process", "known"))

    def attach_realtime(self, sockets: Sockets) -> None:
        """Let routes ask the realtime layer for its figures and its document."""
        self._sockets = sockets

    def socket_stats(self) -> Mapping[str, Any]:
        """Return the figures of the sockets of this process."""
        return self._sockets.stats() if self._sockets is not None else {}

    @property
    def is_draining(self) -> bool:
        """Whether this process is sending its clients to others."""
        return self._sockets is not None and self._sockets.is_draining

    def _snapshot_readings(self) -> Mapping[str, float]:
        return {"hits": self.snapshots.hits, "reads": self.snapshots.reads, "watched": self.snapshots.watched}

    def _limiter_readings(self) -> Mapping[str, float]:
        """What was counted where, and whether Redis is asked at present."""
        is_shared = isinstance(self.limiter, SharedLimiter) and self.limiter.is_shared
        return {**msgspec.structs.asdict(self.limiter.readings), "redis": float(is_shared)}

    def asyncapi(self) -> bytes:
        """Return the document that describes the sockets."""
        return self._sockets.asyncapi() if self._sockets is not None else b"{}"


@asynccontextmanager
async def open_services(settings: Settings, *, application: str = "queue-server") -> AsyncIterator[Services]:
    """Build the graph, open what must be open, and close it again.

    Raises `Unavailable` when Postgres cannot be reached at the start.
    """
    async with jwks_client() as http:
        services = Services(settings, http, application=application)
        await services.db.open()
        try:
            await services.snapshots.start()
            await services.limiter.start()
            if services.cache is not None:
                await services.cache.start()
            yield services
        finally:
            services.dashboard.stop()
            services.waitlist_changes.stop()
            await services.slot_changes.stop()
            await services.pages.stop()
            if services.cache is not None:
                await services.cache.stop()
            await services.limiter.stop()
            await services.tenant_limits.stop()
            await services.snapshots.stop()
            await services.provider_http.aclose()
            await services.db.close()


def _limiter(settings: Settings) -> SharedLimiter | InProcessLimiter:
    if settings.redis_url is None:
        return InProcessLimiter()
    if settings.redis_cluster_mode:
        return SharedLimiter(Cluster(settings.redis_url), slotted=True)
    return SharedLimiter(SingleServer(settings.redis_url))


def _broker(settings: Settings) -> Broker:
    urls = settings.redis_pubsub_urls or ((settings.redis_url,) if settings.redis_url else ())
    return RedisBroker(urls, pool_size=settings.redis_pool_size) if urls else InProcessBroker()


def _cache(settings: Settings) -> Cache | None:
    if settings.redis_url is None:
        return None
    cluster, size = settings.redis_cluster_mode, settings.redis_pool_size
    return RedisCache(settings.redis_url, cluster=cluster, pool_size=size)
