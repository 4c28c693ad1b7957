"""Staff accounts: who works here, as what, and in which clinics."""

from uuid import UUID

import msgspec
from msgspec import UNSET
from uuid_utils.compat import uuid7

from queue_server.application.account_view import account_view
from queue_server.application.actor import Actor
from queue_server.application.admin_bodies import NewStaff, PatientAccount, StaffChange
from queue_server.application.answers import check_version
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.passwords import Passwords, check_new
from queue_server.application.plain_text import email_address, one_line
from queue_server.application.recorder import Recorder
from queue_server.application.staff_rules import (
    check_grant,
    check_oneself,
    check_reach,
    doctor_for,
    is_full_admin,
    is_within,
)
from queue_server.application.standing import Standings
from queue_server.application.views.accounts import AccountView
from queue_server.store import accounts, sessions
from queue_server.store.accounts import Account, NewAccount
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AccountId, ClinicId, DoctorId, PatientId
from scheduling_core.permissions import Permission, Role

LONGEST_NAME = 200


class StaffService:
    """Makes and changes staff accounts. What is taken away is gone at once here, within seconds on other servers."""

    def __init__(self, *, db: Database, passwords: Passwords, standings: Standings, recorder: Recorder) -> None:
        self._db = db
        self._passwords = passwords
        self._standings = standings
        self._recorder = recorder

    async def list(
        self, actor: Actor, *, limit: int = 50, cursor: str | None = None, role: Role | None = None
    ) -> Page[AccountView]:
        """Return staff accounts in order of creation; an admin of some clinics sees those limited to them."""
        actor.require(Permission.MANAGE_STAFF)
        start, size = after(cursor), checked_limit(limit)
        async with self._db.tenant(actor.tenant) as tx:
            found = await accounts.page(tx, after=start, limit=size + 1, role=role, within=actor.clinics)
        shown = found[:size]
        return Page([account_view(a) for a in shown], cursor_of(shown[-1].id) if len(found) > size else None)

    async def get(self, actor: Actor, account: UUID) -> AccountView:
        """Return a staff account; raises `NotFound` for one the actor cannot reach."""
        actor.require(Permission.MANAGE_STAFF)
        async with self._db.tenant(actor.tenant) as tx:
            found = await accounts.account(tx, account)
        outside = found is not None and actor.clinics and not is_within(found.clinics, actor.clinics)
        if found is None or found.role is Role.PATIENT or outside:
            raise NotFound("There is no such account.")
        return account_view(found)

    async def create(self, actor: Actor, body: NewStaff) -> AccountView:
        """Make a staff account; raises `Conflict` when the tenant has one with this e-mail address."""
        actor.require(Permission.MANAGE_STAFF)
        clinics = _clinic_ids(body.clinic_ids)
        check_grant(actor, body.role, clinics)
        email = email_address(body.email)
        name = one_line(body.name, "name", longest=LONGEST_NAME)
        doctor = doctor_for(body.role, DoctorId(body.doctor_id) if body.doctor_id else None, is_new=True)
        # Hashed before a connection is taken: it is slow on purpose.
        password_hash = await self._passwords.hash(check_new(body.password, email=email))
        async with self._db.tenant(actor.tenant) as tx:
            await self._lock(tx)
            await _check_places(tx, clinics, doctor)
            new = NewAccount(
                id=AccountId(uuid7()),
                email=email,
                password_hash=password_hash,
                name=name,
                role=body.role,
                clinics=clinics,
                doctor=doctor,
            )
            made = await accounts.insert(tx, new)
            await self._recorder.record(tx, actor, "staff_created", {"accountId": made.id, **_rights(made)})
        self._standings.forget(made.tenant, made.id)
        return account_view(made)

    async def create_for_patient(self, actor: Actor, patient: UUID, body: PatientAccount) -> AccountView:
        """Make the account of a patient, which opens nothing of the desk.

        Raises `NotFound` for a patient out of the actor's reach, `Conflict` when they have an account or a guardian, or
        the tenant has an account with this e-mail address.
        """
        actor.require(Permission.READ_PATIENTS)
        email = email_address(body.email)
        password_hash = await self._passwords.hash(check_new(body.password, email=email))
        async with self._db.tenant(actor.tenant) as tx:
            known = await accounts.patient(tx, patient, actor.clinics)
            if known is None:
                raise NotFound("There is no such patient.")
            if known.has_account:
                raise Conflict("This patient has an account already.")
            if known.has_guardian:
                raise Conflict("Somebody acts for this patient, who does not sign in themselves.")
            new = NewAccount(
                id=AccountId(uuid7()),
                email=email,
                password_hash=password_hash,
                name=known.name,
                role=Role.PATIENT,
                clinics=(),
                doctor=None,
                patient=PatientId(patient),
            )
            made = await accounts.insert(tx, new)
            await self._recorder.record(
                tx, actor, "patient_account_created", {"accountId": made.id, "patientId": patient}
            )
        return account_view(made)

    async def update(
        self, actor: Actor, account: UUID, change: StaffChange, *, if_match: int | None = None
    ) -> AccountView:
        """Change a staff account; what `change` leaves out stays.

        Raises `StaleVersion`, `Forbidden` for one's own rights and for anything above the actor, and `Conflict` when
        the tenant would be left without an admin. Disabling ends all sessions.
        """
        actor.require(Permission.MANAGE_STAFF)
        async with self._db.tenant(actor.tenant) as tx:
            await self._lock(tx)
            was = await self._reach(tx, actor, account)
            check_version(if_match, was.version, "The account")
            wanted = _changed(was, change)
            if wanted == was:
                return account_view(was)
            check_oneself(actor, was, wanted)
            check_grant(actor, wanted.role, wanted.clinics)
            await _check_places(tx, wanted.clinics, wanted.doctor)
            if is_full_admin(was) and not is_full_admin(wanted) and not await accounts.other_full_admins(tx, was.id):
                raise Conflict("This is the last admin: make another one first.")
            made = await accounts.update(tx, wanted)
            if made.disabled:
                await sessions.revoke_all(tx, made.id)
            for type, data in _events(was, made):
                await self._recorder.record(tx, actor, type, {"accountId": made.id, **data})
        self._standings.forget(made.tenant, made.id)
        return account_view(made)

    async def reset(self, actor: Actor, account: UUID, password: str) -> AccountView:
        """Give an account a new password and end all of its sessions."""
        actor.require(Permission.MANAGE_STAFF)
        async with self._db.tenant(actor.tenant) as tx:
            known = await accounts.account(tx, account)
        if known is None:
            raise NotFound("There is no such account.")
        check_reach(actor, known)
        password_hash = await self._passwords.hash(check_new(password, email=known.email or ""))
        async with self._db.tenant(actor.tenant) as tx:
            await self._lock(tx)
            was = await self._reach(tx, actor, account)
            made = await accounts.set_password(tx, was.id, password_hash)
            await sessions.revoke_all(tx, was.id)
            await self._recorder.record(tx, actor, "staff_password_reset", {"accountId": was.id})
        self._standings.forget(made.tenant, made.id)
        return account_view(made)

    async def _lock(self, tx: Transaction) -> None:
        if not await accounts.lock_staff(tx):
            raise NotFound("There is no such tenant.")

    async def _reach(self, tx: Transaction, actor: Actor, account: UUID) -> Account:
        locked = await accounts.lock(tx, account)
        if locked is None:
            raise NotFound("There is no such account.")
        check_reach(actor, locked[0])
        return locked[0]


def _changed(was: Account, change: StaffChange) -> Account:
    role = was.role if change.role is UNSET else change.role
    if change.doctor_id is UNSET:
        doctor = doctor_for(role, was.doctor, is_new=False)
    else:
        doctor = doctor_for(role, DoctorId(change.doctor_id) if change.doctor_id else None, is_new=True)
    return msgspec.structs.replace(
        was,
        name=was.name if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME),
        role=role,
        clinics=was.clinics if change.clinic_ids is UNSET else _clinic_ids(change.clinic_ids),
        doctor=doctor,
        disabled=was.disabled if change.disabled is UNSET else change.disabled,
    )


def _clinic_ids(given: tuple[UUID, ...]) -> tuple[ClinicId, ...]:
    return tuple(ClinicId(clinic) for clinic in dict.fromkeys(given))


async def _check_places(tx: Transaction, clinics: tuple[ClinicId, ...], doctor: DoctorId | None) -> None:
    """Raise `InvalidValue` unless clinics and doctor exist and the doctor works at one of the clinics."""
    if clinics and await accounts.existing_clinics(tx, clinics) != set(clinics):
        raise InvalidValue("There is no such clinic.", field="clinicIds")
    if doctor is None:
        return
    places = await accounts.clinics_of_doctor(tx, doctor)
    if places is None:
        raise InvalidValue("There is no such doctor.", field="doctorId")
    if clinics and places.isdisjoint(clinics):
        raise InvalidValue("This doctor works at another clinic than the account is limited to.", field="doctorId")


def _rights(account: Account) -> dict[str, object]:
    return {"role": account.role, "clinicIds": account.clinics, "doctorId": account.doctor}


def _events(was: Account, now: Account) -> list[tuple[str, dict[str, object]]]:
    """What happened, one event for each kind of change; never the name itself."""
    events: list[tuple[str, dict[str, object]]] = []
    if was.name != now.name:
        events.append(("staff_renamed", {}))
    if was.role is not now.role:
        events.append(("staff_role_changed", {"was": was.role, "now": now.role}))
    if was.clinics != now.clinics:
        events.append(("staff_clinics_changed", {"was": was.clinics, "now": now.clinics}))
    if was.doctor != now.doctor:
        events.append(("staff_doctor_changed", {"was": was.doctor, "now": now.doctor}))
    if was.disabled != now.disabled:
        events.append(("staff_disabled" if now.disabled else "staff_enabled", {}))
    return events
