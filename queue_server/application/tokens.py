"""Our own signed tokens: access tokens of accounts and tracking links of appointments.

Both are JWTs (HS256, RFC 8725 applied): the algorithm is fixed, the key is chosen by a `kid` of the settings, each type
has its own audience, and every claim that is used is required. Neither carries personal data.
"""

import base64
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import jwt
import msgspec

from queue_server.settings import Settings
from queue_server.store.accounts import Account
from scheduling_core.errors import InvalidTrackingToken, Unauthenticated
from scheduling_core.ids import AccountId, ClinicId, DoctorId, EntryId, PatientId, TenantId, WaitlistId
from scheduling_core.permissions import Role

ALGORITHM = "HS256"
STAFF_AUDIENCE = "staff"
TRACKING_AUDIENCE = "track"
WAITLIST_AUDIENCE = "waitlist"
UNSUBSCRIBE_AUDIENCE = "unsubscribe"
LONGEST_TRACKING_TOKEN = 4096
LONGEST_ACCESS_TOKEN = 8192

UNREADABLE = (jwt.PyJWTError, msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)
"""What reading a hostile token may raise."""

T = TypeVar("T")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Generation = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Expiry = Annotated[int, msgspec.Meta(ge=0, le=2**33)]


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an access token says. Names on the wire: `sub tenantId role clinicIds doctorId patientId sid jti exp`."""

    account: AccountId = msgspec.field(name="sub")
    tenant: TenantId = msgspec.field(name="tenantId")
    role: Role
    clinics: tuple[ClinicId, ...] = msgspec.field(name="clinicIds", default=())
    doctor: DoctorId | None = msgspec.field(name="doctorId", default=None)
    patient: PatientId | None = msgspec.field(name="patientId", default=None)
    session: UUID | None = msgspec.field(name="sid", default=None)
    """The family of refresh tokens it came with; None for one that an operator made."""
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    exp: Expiry

    @property
    def expires_at(self) -> datetime:
        """When the token ends."""
        return datetime.fromtimestamp(self.exp, UTC)


class WaitlistClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a waitlist link says. Names on the wire: `waitlistId hospitalId jti exp`."""

    entry: WaitlistId = msgspec.field(name="waitlistId")
    tenant: TenantId = msgspec.field(name="hospitalId")
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    exp: Expiry


class UnsubscribeClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a link says that turns messages off. Names on the wire: `patientId hospitalId kind channel jti exp`."""

    patient: PatientId = msgspec.field(name="patientId")
    tenant: TenantId = msgspec.field(name="hospitalId")
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    exp: Expiry


class TrackingClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a tracking link says. Names on the wire: `appointmentId hospitalId doctorId gen jti exp`."""

    appointment: EntryId = msgspec.field(name="appointmentId")
    tenant: TenantId = msgspec.field(name="hospitalId")
    doctor: DoctorId = msgspec.field(name="doctorId")
    """The doctor at the time of signing; after a transfer the appointment says who it is now."""
    generation: Generation = msgspec.field(name="gen")
    """Links of an older generation than the appointment's `links_generation` are withdrawn."""
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    exp: Expiry

    @property
    def expires_at(self) -> datetime:
        """When the link ends."""
        return datetime.fromtimestamp(self.exp, UTC)


class TokenHeader(msgspec.Struct, frozen=True):
    """What a token says of itself before anything is verified: enough to choose who verifies it."""

    issuer: str
    kid: str
    algorithm: str


class Tokens:
    """Signs with the first key of the settings, verifies with any of them."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.jwt_issuer
        self.access_lifetime = timedelta(minutes=settings.access_token_minutes)
        self.tracking_lifetime = timedelta(days=settings.tracking_token_days)
        self._keys = {key.kid: key.secret for key in settings.jwt_keys}
        self._first = settings.jwt_keys[0].kid

    def issue_access(
        self, account: Account, *, session: UUID | None = None, now: datetime, lifetime: timedelta | None = None
    ) -> str:
        """Return an access token for `account`, good for `lifetime` (by default the settings')."""
        claims: dict[str, Any] = {
            "sub": str(account.id),
            "tenantId": str(account.tenant),
            "role": account.role.value,
            "clinicIds": [str(clinic) for clinic in account.clinics],
            "jti": secrets.token_urlsafe(12),
        }
        for name, value in (("doctorId", account.doctor), ("patientId", account.patient), ("sid", session)):
            if value is not None:
                claims[name] = str(value)
        return self._sign(claims, STAFF_AUDIENCE, now + (lifetime or self.access_lifetime))

    def verify_access(self, token: str) -> AccessClaims:
        """Return what a genuine, current access token says; raises `Unauthenticated` for every other string."""
        try:
            claims = self._verify(token, STAFF_AUDIENCE, LONGEST_ACCESS_TOKEN)
            return msgspec.convert(claims, AccessClaims)
        except UNREADABLE:
            raise Unauthenticated from None

    def issue_tracking(
        self,
        *,
        tenant: TenantId,
        appointment: EntryId,
        doctor: DoctorId,
        generation: int,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> str:
        """Return the token of a tracking link, good until `expires_at` (by default the settings' days from `now`)."""
        claims = {
            "appointmentId": str(appointment),
            "hospitalId": str(tenant),
            "doctorId": str(doctor),
            "gen": generation,
            "jti": secrets.token_urlsafe(6),
        }
        return self._sign(claims, TRACKING_AUDIENCE, expires_at or now + self.tracking_lifetime)

    def verify_tracking(self, token: str) -> TrackingClaims:
        """Return what a genuine, current tracking token says; raises `InvalidTrackingToken` for every other string.

        Whether the link was withdrawn is for the caller to see: compare `generation` with the appointment's.
        """
        try:
            claims = self._verify(token, TRACKING_AUDIENCE, LONGEST_TRACKING_TOKEN)
            return msgspec.convert(claims, TrackingClaims)
        except UNREADABLE:
            raise InvalidTrackingToken from None

    def issue_waitlist(self, *, tenant: TenantId, entry: WaitlistId, expires_at: datetime) -> str:
        """Return the token of a waitlist link: whoever has it sees the entry, and answers what is offered to it."""
        claims = {"waitlistId": str(entry), "hospitalId": str(tenant), "jti": secrets.token_urlsafe(6)}
        return self._sign(claims, WAITLIST_AUDIENCE, expires_at)

    def verify_waitlist(self, token: str) -> WaitlistClaims:
        """Return what a genuine, current waitlist token says; raises `InvalidTrackingToken` for every other string."""
        try:
            return msgspec.convert(self._verify(token, WAITLIST_AUDIENCE, LONGEST_TRACKING_TOKEN), WaitlistClaims)
        except UNREADABLE:
            raise InvalidTrackingToken from None

    def issue_unsubscribe(
        self, *, tenant: TenantId, patient: UUID, kind: str, channel: str, expires_at: datetime
    ) -> str:
        """Return the token of a link that turns off messages of a kind through a channel; it opens nothing else."""
        claims = {
            "patientId": str(patient),
            "hospitalId": str(tenant),
            "kind": str(kind),
            "channel": str(channel),
            "jti": secrets.token_urlsafe(6),
        }
        return self._sign(claims, UNSUBSCRIBE_AUDIENCE, expires_at)

    def verify_unsubscribe(self, token: str) -> UnsubscribeClaims:
        """Return what a genuine, current token of such a link says; raises `InvalidTrackingToken` for every other
        string."""
        try:
            claims = self._verify(token, UNSUBSCRIBE_AUDIENCE, LONGEST_TRACKING_TOKEN)
            return msgspec.convert(claims, UnsubscribeClaims)
        except UNREADABLE:
            raise InvalidTrackingToken from None

    def _sign(self, claims: dict[str, Any], audience: str, expires_at: datetime) -> str:
        full = claims | {"aud": audience, "iss": self.issuer, "exp": int(expires_at.timestamp())}
        # Without "typ", because tracking tokens travel in text messages.
        headers = {"kid": self._first, "typ": ""}
        return jwt.encode(full, self._keys[self._first], algorithm=ALGORITHM, headers=headers)

    def _verify(self, token: str, audience: str, longest: int) -> dict[str, Any]:
        header = read_header(token, longest)
        if header.algorithm != ALGORITHM or header.kid not in self._keys:
            raise ValueError("not one of our keys")
        return jwt.decode(
            token,
            self._keys[header.kid],
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=self.issuer,
            options={
                "require": ["exp", "iss", "aud", "jti"],
                "strict_aud": True,
                "enforce_minimum_key_length": True,
            },
        )


def read_header(token: str, longest: int = LONGEST_ACCESS_TOKEN) -> TokenHeader:
    """Return what `token` says of itself, unverified; raises one of `UNREADABLE` when it says nothing sensible.

    Nothing here may be believed: it only chooses a verifier, which then insists on its own issuer, keys and algorithms.
    """
    # Stricter than the library, which lets padding pass: a token has one spelling.
    if len(token) > longest or not _COMPACT.fullmatch(token):
        raise ValueError("not a compact token of a sensible size")
    header, claims, _ = token.split(".")
    said, issued = _segment(header, _Header), _segment(claims, _Issued)
    return TokenHeader(issuer=issued.iss, kid=said.kid, algorithm=said.alg)


class _Header(msgspec.Struct, frozen=True):
    kid: str
    alg: str


class _Issued(msgspec.Struct, frozen=True):
    iss: str


def _segment(text: str, type: type[T]) -> T:
    return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=type)
