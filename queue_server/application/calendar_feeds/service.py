"""Calendar files and feeds: who may make one, what its address opens, and its end."""

import base64
import binascii
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.calendar_feeds import visits
from queue_server.application.calendar_feeds.bodies import CalendarFeedBody
from queue_server.application.calendar_feeds.views import CalendarFeedView, NewCalendarFeedView
from queue_server.application.calendar_feeds.words import DEFAULT, word
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks, check_generation
from queue_server.application.recorder import Recorder
from queue_server.application.schedules.access import reach_doctor
from queue_server.interop import icalendar
from queue_server.store import calendar_feeds as store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import Conflict, Forbidden, InvalidTrackingToken, InvalidValue, NotFound
from scheduling_core.ids import AccountId, DoctorId, PatientId, TenantId
from scheduling_core.permissions import Permission, Role

FEEDS_PER_ACCOUNT = 20
MOST_VISITS = 2_000
"""In one feed; a doctor sees some 1,500 patients in ninety days."""
DOCTOR_PAST, PATIENT_PAST = timedelta(days=30), timedelta(days=365)
REFRESH = timedelta(minutes=15)
_SECRET_BYTES = 20
_LETTERS = (16 + _SECRET_BYTES) * 4 // 3
"""Of an address' last part: the tenant's id and the secret in URL-safe base64, without padding."""


class CalendarFile(msgspec.Struct, frozen=True):
    """An iCalendar object, and a tag that changes whenever it does."""

    body: bytes
    etag: str


class CalendarFeeds:
    """Makes calendars of appointments."""

    def __init__(
        self, *, db: Database, directory: Directory, links: TrackingLinks, recorder: Recorder, public_url: str
    ) -> None:
        self._db = db
        self._directory = directory
        self._links = links
        self._recorder = recorder
        self._public_url = public_url.rstrip("/")

    async def of_link(self, token: str) -> CalendarFile:
        """Return the appointment behind a tracking link.

        Raises `InvalidTrackingToken`, `RevokedTrackingToken`, or `NotFound` when the appointment is gone.
        """
        claims = self._links.read(token)
        async with self._db.tenant(claims.tenant) as tx:
            row = await store.of_appointment(tx, claims.appointment)
            if row is None:
                raise NotFound("There is no such appointment (any more).")
            if claims.generation > row["links_generation"]:
                raise InvalidTrackingToken
            check_generation(claims, row["links_generation"])
            (one,) = await visits.shown(tx, self._directory, [row])
        url = f"{self._public_url}/t/{token}"
        return _file([visits.of_patient(one, language=row["language"], url=url)])

    async def address(self, token: str) -> str:
        """Return the address of a feed as calendars subscribe to it; raises `NotFound` for one that shows nothing."""
        tenant, digest = _read(token)
        async with self._db.tenant(tenant) as tx:
            if await store.opened(tx, digest) is None:
                raise NotFound("There is no such calendar (any more).")
        return self._url(token)

    def _url(self, token: str) -> str:
        return f"{self._public_url}/api/calendar/{token}.ics"

    async def of_feed(self, token: str) -> CalendarFile:
        """Return what the address of a feed shows.

        Raises `NotFound` for one that we never gave out, that was withdrawn, or whose maker may not see it any more.
        """
        tenant, digest = _read(token)
        today = datetime.now(UTC).date()
        async with self._db.tenant(tenant) as tx:
            feed = await store.opened(tx, digest)
            if feed is None:
                raise NotFound("There is no such calendar (any more).")
            if feed["doctor_id"] is not None:
                rows = await store.of_doctor(
                    tx, feed["doctor_id"], today - DOCTOR_PAST, MOST_VISITS, feed["clinic_ids"]
                )
                found = [visits.of_doctor(one, language=DEFAULT) for one in await self._shown(tx, rows)]
                name = word(DEFAULT, "doctors_name", doctor=feed["doctor_name"])
            else:
                rows = await store.of_patient(tx, feed["patient_id"], today - PATIENT_PAST, MOST_VISITS)
                language = feed["language"]
                found = [visits.of_patient(one, language=language) for one in await self._shown(tx, rows)]
                name = word(language, "name")
        return _file(found, icalendar.Feed(name=name, refresh=REFRESH))

    async def _shown(self, tx: Transaction, rows: Sequence[Row]) -> list[visits.Shown]:
        return await visits.shown(tx, self._directory, rows)

    async def create(self, actor: Actor, body: CalendarFeedBody) -> NewCalendarFeedView:
        """Make a feed: doctors and patients of their own appointments, reception and admins of a doctor's.

        Raises `InvalidValue` when it is not clear whose, `Forbidden`, `NotFound` for a doctor out of reach, `Conflict`
        for one feed too many.
        """
        account = _account(actor)
        doctor, patient = _subject(actor, body.doctor_id)
        secret = secrets.token_bytes(_SECRET_BYTES)
        async with self._db.tenant(actor.tenant) as tx:
            if doctor is not None:
                await reach_doctor(tx, actor, _permission(actor), doctor)
            await store.lock_maker(tx, account)
            if await store.made_by(tx, account) >= FEEDS_PER_ACCOUNT:
                raise Conflict(f"An account has at most {FEEDS_PER_ACCOUNT} calendar addresses; withdraw one first.")
            digest = _digest(secret)
            row = await store.add(tx, uuid7(), account, doctor=doctor, patient=patient, digest=digest)
            subject = {"feedId": row["feed_id"], "doctorId": doctor, "patientId": patient}
            await self._recorder.record(tx, actor, "calendar_feed_made", subject)
        token = base64.urlsafe_b64encode(actor.tenant.bytes + secret).decode()
        return NewCalendarFeedView(**msgspec.structs.asdict(_view(row, account)), url=self._url(token))

    async def list(self, actor: Actor, *, doctor: UUID | None = None) -> list[CalendarFeedView]:
        """Return the feeds the actor has made and those of their own appointments; with `doctor` all of that doctor's.

        Raises `Forbidden` or `NotFound` for a doctor out of reach.
        """
        account = _account(actor)
        async with self._db.tenant(actor.tenant) as tx:
            if doctor is not None:
                await reach_doctor(tx, actor, _permission(actor), doctor)
            rows = await store.feeds(
                tx,
                account,
                own_doctor=actor.doctor,
                own_patient=actor.patient,
                of_doctor=doctor,
                limit=MOST_VISITS,
            )
        return [_view(row, account) for row in rows]

    async def revoke(self, actor: Actor, feed: UUID) -> None:
        """Withdraw a feed: its address opens nothing from now on. Raises `NotFound` for one the actor has no say in."""
        account = _account(actor)
        async with self._db.tenant(actor.tenant) as tx:
            row = await store.feed(tx, feed)
            if row is None or not await _has_say(tx, actor, account, row):
                raise NotFound("There is no such calendar address.")
            await store.remove(tx, feed)
            subject = {"feedId": feed, "doctorId": row["doctor_id"], "patientId": row["patient_id"]}
            await self._recorder.record(tx, actor, "calendar_feed_revoked", subject)


def _account(actor: Actor) -> AccountId:
    """Return whose feeds these are; raises `Forbidden` for who has no account in this tenant."""
    if actor.account is None or actor.home not in (None, actor.tenant):
        raise Forbidden("A calendar address belongs to an account of this organisation.")
    return actor.account


def _subject(actor: Actor, doctor: UUID | None) -> tuple[DoctorId | None, PatientId | None]:
    """Return the doctor or the patient whose appointments the actor's feed shows."""
    if actor.role is Role.PATIENT:
        if doctor is not None:
            raise Forbidden("Patients have a calendar of their own appointments.")
        if actor.patient is None:
            raise NotFound("There is no such patient.")
        return None, actor.patient
    wanted = DoctorId(doctor) if doctor is not None else actor.doctor
    if wanted is None:
        raise InvalidValue("Say whose appointments the calendar shows.", field="doctorId")
    return wanted, None


def _permission(actor: Actor) -> Permission:
    """Return what has to be allowed to see all of a doctor's appointments: doctors see their own, who books all."""
    return Permission.READ_SLOTS if actor.role is Role.DOCTOR else Permission.BOOK


async def _has_say(tx: Transaction, actor: Actor, account: AccountId, feed: Row) -> bool:
    if feed["account_id"] == account:
        return True
    if feed["patient_id"] is not None:
        return bool(actor.patient == feed["patient_id"])
    if actor.doctor == feed["doctor_id"]:
        return True
    try:
        await reach_doctor(tx, actor, _permission(actor), feed["doctor_id"])
    except (Forbidden, NotFound):
        return False
    return True


def _view(row: Row, account: AccountId) -> CalendarFeedView:
    return CalendarFeedView(
        id=row["feed_id"],
        doctor_id=row["doctor_id"],
        patient_id=row["patient_id"],
        created_at=row["created_at"],
        is_mine=row["account_id"] == account,
    )


def _file(found: Iterable[icalendar.Visit], feed: icalendar.Feed | None = None) -> CalendarFile:
    body = icalendar.encode(found, feed)
    return CalendarFile(body, sha256(body).hexdigest()[:32])


def _read(token: str) -> tuple[TenantId, bytes]:
    """Return the tenant and the digest that the address of a feed stands for; raises `NotFound` for what is none.

    The tenant is part of the address, because nobody says it; what is kept can only be found, never opened with.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(token) != _LETTERS or len(raw) != 16 + _SECRET_BYTES:
        raise NotFound("There is no such calendar (any more).")
    return TenantId(UUID(bytes=raw[:16])), _digest(raw[16:])


def _digest(secret: bytes) -> bytes:
    return sha256(b"calendar-feed:" + secret).digest()
