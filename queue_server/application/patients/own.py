"""What patients do for themselves and for those whose guardians they are."""

from uuid import UUID, uuid4

from msgspec import UNSET

from queue_server.application.actor import Actor
from queue_server.application.answers import check_version
from queue_server.application.booking.appointments import appointments_of
from queue_server.application.booking.views import BookedAppointmentView
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.patients.bodies import NewRelative, OwnChange, RelativeChange
from queue_server.application.patients.changing import Particulars, add, checked, given, write
from queue_server.application.patients.contacts import Contact
from queue_server.application.patients.shown import details, one
from queue_server.application.patients.signing_in import CodeSignIn
from queue_server.application.patients.views import PatientDetailsView
from queue_server.application.people import folded
from queue_server.application.recorder import Recorder
from queue_server.store import patients as store
from queue_server.store import sign_in
from queue_server.store.db import Database, Transaction
from queue_server.store.messages import Channel
from queue_server.store.patients import Patient
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound
from scheduling_core.ids import PatientId
from scheduling_core.permissions import Role

MOST_RELATIVES = 20


def own_id(actor: Actor) -> PatientId:
    """Return which patient the actor is; raises `Forbidden` for everybody else."""
    if actor.role is not Role.PATIENT or actor.patient is None:
        raise Forbidden("This is for patients.")
    return actor.patient


async def own(tx: Transaction, actor: Actor) -> Patient:
    """Lock and return the actor's own row; raises `Forbidden` for everybody but patients."""
    known = await store.lock(tx, own_id(actor))
    if known is None:
        raise NotFound("There is no such patient.")
    return known


async def relative(tx: Transaction, actor: Actor, patient: UUID) -> Patient:
    """Lock and return somebody for whom the actor acts; raises `NotFound` for everybody else."""
    guardian = own_id(actor)
    known = await store.lock(tx, patient)
    if known is None or known.guardian != guardian:
        raise NotFound("There is no such patient.")
    return known


class OwnRecords:
    """Shows patients what is known of them and of theirs, and lets them change it."""

    def __init__(
        self, db: Database, recorder: Recorder, sign_in: CodeSignIn, directory: Directory, links: TrackingLinks
    ) -> None:
        self._db = db
        self._recorder = recorder
        self._sign_in = sign_in
        self._directory = directory
        self._links = links

    async def get(self, actor: Actor) -> PatientDetailsView:
        """Return the actor's own particulars."""
        async with self._db.tenant(actor.tenant) as tx:
            return await one(tx, await own(tx, actor))

    async def update(self, actor: Actor, body: OwnChange, *, if_match: int | None = None) -> PatientDetailsView:
        """Change the actor's own particulars.

        A new e-mail address or phone number is taken with the code that was sent there, and opens the account from then
        on. Raises `StaleVersion`, `WrongCode`, `CodeExpired`, `InvalidValue` without a code, `Conflict` when nothing
        would be left to sign in with.
        """
        wanted = checked(
            name=body.name, phone=body.phone, email=body.email, language=body.language, birth_date=body.birth_date
        )
        async with self._db.tenant(actor.tenant) as tx:
            seen = await own(tx, actor)
            check_version(if_match, seen.version, "Your record")
        shown = _new_contact(seen, wanted)
        if shown is not None:
            if body.code is None:
                raise InvalidValue("Ask for a code to be sent there, and give it here.", field="code")
            await self._sign_in.prove(actor.tenant, shown, body.code)
        async with self._db.tenant(actor.tenant) as tx:
            was = await own(tx, actor)
            check_version(if_match, was.version, "Your record")
            now = wanted.of(was)
            if shown is None and _new_contact(was, wanted) is not None:
                raise Conflict("Your contacts were changed at the same moment; look again.")
            await self._follow_contacts(tx, actor, was, now)
            return await one(tx, await write(tx, actor, self._recorder, was, now, body.consents))

    async def appointments(self, actor: Actor) -> list[BookedAppointmentView]:
        """Return the appointments of the actor and of those for whom they act, the latest first."""
        async with self._db.tenant(actor.tenant) as tx:
            family = await store.dependants(tx, own_id(actor), MOST_RELATIVES)
            patients = [own_id(actor), *(one.id for one in family)]
            return await appointments_of(tx, patients, actor, self._directory, self._links)

    async def relatives(self, actor: Actor) -> list[PatientDetailsView]:
        """Return those for whom the actor acts."""
        async with self._db.tenant(actor.tenant) as tx:
            return await details(tx, await store.dependants(tx, own_id(actor), MOST_RELATIVES))

    async def add_relative(self, actor: Actor, body: NewRelative) -> PatientDetailsView:
        """Add somebody for whom the actor acts; raises `Conflict` when there are many already."""
        wanted = checked(name=body.name, birth_date=body.birth_date)
        assert isinstance(wanted.name, str)
        async with self._db.tenant(actor.tenant) as tx:
            guardian = await own(tx, actor)
            if guardian.guardian is not None:
                raise Conflict("Your guardian acts for your family.")
            if len(await store.dependants(tx, guardian.id, MOST_RELATIVES)) >= MOST_RELATIVES:
                raise Conflict(f"You can act for {MOST_RELATIVES} people; please ask the clinic.")
            new = store.NewPatient(
                id=PatientId(uuid4()),
                name=wanted.name,
                name_folded=folded(wanted.name),
                language=body.language,
                birth_date=given(wanted.birth_date, None),
                guardian=guardian.id,
            )
            return await one(tx, await add(tx, actor, self._recorder, new, body.consents))

    async def change_relative(
        self, actor: Actor, patient: UUID, body: RelativeChange, *, if_match: int | None = None
    ) -> PatientDetailsView:
        """Change somebody for whom the actor acts; raises `NotFound` for others, `StaleVersion`."""
        wanted = checked(name=body.name, language=body.language, birth_date=body.birth_date)
        async with self._db.tenant(actor.tenant) as tx:
            was = await relative(tx, actor, patient)
            check_version(if_match, was.version, "The record")
            return await one(tx, await write(tx, actor, self._recorder, was, wanted.of(was), body.consents))

    @staticmethod
    async def _follow_contacts(tx: Transaction, actor: Actor, was: Patient, now: Patient) -> None:
        """Let the account be opened by what opens it now."""
        assert actor.account is not None
        changes = [(old, new) for old, new in ((was.email, now.email), (was.phone, now.phone)) if old != new]
        for old, new in changes:
            if old is not None:
                await sign_in.drop_contact(tx, actor.account, old, new)
            if new is not None:
                await sign_in.give_contact(tx, new, actor.account)
        left = await sign_in.account_of_patient(tx, was.id) if changes else None
        if left is not None and left.email is None and not left.contacts:
            raise Conflict("Nothing would be left to sign in with; add another contact first.")


def _new_contact(was: Patient, wanted: Particulars) -> Contact | None:
    """Return the contact that the patient has to show to be theirs; raises `InvalidValue` for two at a time."""
    email = wanted.email if wanted.email is not UNSET and wanted.email not in (None, was.email) else None
    phone = wanted.phone if wanted.phone is not UNSET and wanted.phone not in (None, was.phone) else None
    if email and phone:
        raise InvalidValue("Change one of them at a time.", field="phone")
    if email:
        return Contact(Channel.EMAIL, email)
    return Contact(Channel.SMS, phone) if phone else None
