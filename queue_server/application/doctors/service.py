"""Everything that is done to a doctor's profile: each command authorises, locks the profile, decides, and judges the
doctor's bookability anew in the same transaction."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.aggregates import Locked
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.doctors import bodies
from queue_server.application.doctors.access import (
    check_clinic,
    check_department,
    check_licence,
    check_reach,
    reads_licences,
)
from queue_server.application.doctors.adoption import Adoption
from queue_server.application.doctors.bookability import judge, look_around
from queue_server.application.doctors.changing import change_of, checked_name, fees_of, update_of
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.doctors.showing import shown_onboarding, shown_profile
from queue_server.application.doctors.tickets import choose_prefix
from queue_server.application.doctors.wording import Wording
from queue_server.application.plain_text import one_line
from queue_server.application.unit import Unit, WritePath
from queue_server.store import doctors as store
from queue_server.store.db import Transaction
from scheduling_core.doctors import commands as cmd
from scheduling_core.doctors.decide import decide
from scheduling_core.doctors.events import DoctorEvent
from scheduling_core.doctors.profile import DoctorProfile, OnboardingStage
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DepartmentId, DoctorId, TenantId
from scheduling_core.permissions import Permission

Profile = Locked[DoctorProfile, DoctorEvent]
Decide = Callable[[Unit, Profile, Wording], Awaitable[cmd.DoctorCommand]]
"""Makes the command once the profile is locked."""

LONGEST_NOTE = 500


class DoctorService:
    """Changes doctors; `forget` is told of a tenant whose directory has changed."""

    def __init__(self, writes: WritePath, adoption: Adoption, forget: Callable[[TenantId], None]) -> None:
        self._writes = writes
        self._adoption = adoption
        self._forget = forget

    async def create(self, actor: Actor, draft: bodies.DraftDoctor, precondition: Precondition = NONE) -> Answer:
        """Begin a profile as a draft, and answer with it.

        Raises `NotFound` for a clinic or department that is not the tenant's or out of the account's scope,
        `Forbidden` for a licence from somebody who may not read it.
        """
        actor.require(Permission.CREATE_DOCTORS)
        if draft.licence is not None:
            check_licence(actor)
        clinics = [ClinicId(clinic) for clinic in dict.fromkeys(draft.clinic_ids)]
        if actor.clinics and not clinics:
            raise InvalidValue("Say at which of your clinics the doctor is to work.", field="clinicIds")
        name, doctor = checked_name(draft.name), DoctorId(uuid7())

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(DOCTOR, doctor)
            words = Wording(unit, {})
            _do(locked, cmd.CreateDoctor(doctor=doctor, name=await words.say(name), by=actor.account))
            for clinic in clinics:
                await _check_clinic(unit.tx, actor, clinic, field="clinicIds")
                _do(locked, await _assignment(unit.tx, locked.state, clinic, wanted=draft.ticket_prefix, name=name))
            if draft.ticket_prefix is not None and not clinics:
                raise InvalidValue("Tickets belong to a clinic: say which.", field="ticketPrefix")
            for department in dict.fromkeys(draft.department_ids):
                await _check_open_department(unit.tx, actor, department, field="departmentIds")
                _do(locked, cmd.AssignDepartment(department=DepartmentId(department)))
            _do(locked, await update_of(locked.state, change_of(draft), words))
            if draft.fees is not None:
                _do(locked, cmd.SetFees(fees=fees_of(draft.fees)), within="fees")
            return await self._answer(unit, locked, words)

        return await self._writes.run(actor, "create-doctor", work, precondition)

    async def update(
        self, actor: Actor, doctor: UUID, change: bodies.DoctorChange, precondition: Precondition = NONE
    ) -> Answer:
        """Change a profile; what is left out stays. Raises `Conflict` for ticket letters that are taken."""
        if change.licence is not msgspec.UNSET:
            check_licence(actor)

        async def command(unit: Unit, locked: Profile, words: Wording) -> cmd.DoctorCommand:
            prefix, home = change.ticket_prefix, locked.state.home
            if prefix is not msgspec.UNSET and home is not None and prefix != locked.state.ticket_prefix:
                await choose_prefix(unit.tx, home, locked.state.id, wanted=prefix, name="")
            return await update_of(locked.state, change, words)

        return await self._change(actor, "update-doctor", doctor, command, precondition)

    async def set_fees(
        self, actor: Actor, doctor: UUID, body: bodies.FeesBody, precondition: Precondition = NONE
    ) -> Answer:
        """Set what a visit costs; raises `InvalidValue` for a currency that there is not."""

        async def command(_unit: Unit, _locked: Profile, _words: Wording) -> cmd.DoctorCommand:
            return cmd.SetFees(fees=fees_of(body))

        return await self._change(actor, "set-doctor-fees", doctor, command, precondition)

    async def assign_department(
        self, actor: Actor, doctor: UUID, department: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Let the doctor belong to a department.

        Raises `NotFound` for one that is not the tenant's or of other clinics than the account's, `Conflict` for one
        that is closed.
        """

        async def command(unit: Unit, _locked: Profile, _words: Wording) -> cmd.DoctorCommand:
            await _check_open_department(unit.tx, actor, department, field="departmentId")
            return cmd.AssignDepartment(department=DepartmentId(department))

        return await self._change(actor, "assign-department", doctor, command, precondition)

    async def unassign_department(
        self, actor: Actor, doctor: UUID, department: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Take the doctor out of a department; raises `NotFound` for one the doctor is not in."""

        async def command(unit: Unit, _locked: Profile, _words: Wording) -> cmd.DoctorCommand:
            known = await store.held_department(unit.tx, department)
            check_department(actor, known.clinics if known else (), field="departmentId")
            return cmd.UnassignDepartment(department=DepartmentId(department))

        return await self._change(actor, "unassign-department", doctor, command, precondition)

    async def assign_clinic(
        self, actor: Actor, doctor: UUID, clinic: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Let the doctor work at a clinic; the first one becomes the home clinic, in whose queue patients stand."""

        async def command(unit: Unit, locked: Profile, words: Wording) -> cmd.DoctorCommand:
            await _check_clinic(unit.tx, actor, ClinicId(clinic), field="clinicId")
            name = words.texts.get(locked.state.name, "")
            return await _assignment(unit.tx, locked.state, ClinicId(clinic), wanted=None, name=name)

        return await self._change(actor, "assign-clinic", doctor, command, precondition)

    async def unassign_clinic(
        self, actor: Actor, doctor: UUID, clinic: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Take the doctor away from a clinic; raises `Conflict` while a schedule or appointments are there."""

        async def command(unit: Unit, locked: Profile, words: Wording) -> cmd.DoctorCommand:
            check_clinic(actor, ClinicId(clinic), field="clinicId")
            bound = await store.commitments(unit.tx, locked.state.id, clinic)
            others = [other for other in locked.state.clinics if other != clinic]
            prefix = None
            if clinic == locked.state.home and others:
                name = words.texts.get(locked.state.name, "")
                prefix = await choose_prefix(unit.tx, others[0], locked.state.id, wanted=None, name=name)
            return cmd.UnassignClinic(
                clinic=ClinicId(clinic),
                ticket_prefix=prefix,
                has_schedule=bound.schedule,
                has_appointments=bound.appointments,
            )

        return await self._change(actor, "unassign-clinic", doctor, command, precondition)

    async def record_verification(
        self, actor: Actor, doctor: UUID, body: bodies.VerificationBody, precondition: Precondition = NONE
    ) -> Answer:
        """Record what came out of looking the licence up; raises `Conflict` without a licence."""

        async def command(_unit: Unit, _locked: Profile, words: Wording) -> cmd.DoctorCommand:
            return cmd.RecordVerification(
                is_verified=body.result is bodies.VerificationResult.VERIFIED,
                is_critical=body.critical,
                note=await words.optional(_note(body.note, "note")),
            )

        permission = Permission.VERIFY_DOCTORS
        return await self._change(actor, "record-verification", doctor, command, precondition, permission=permission)

    async def activate(self, actor: Actor, doctor: UUID, precondition: Precondition = NONE) -> Answer:
        """Let the doctor work: the end of onboarding, or back from inactivity; refused with what stands in the way."""

        async def command(unit: Unit, locked: Profile, _words: Wording) -> cmd.DoctorCommand:
            return cmd.ActivateDoctor(by=actor.account, around=await look_around(unit.tx, locked.state))

        return await self._change(actor, "activate-doctor", doctor, command, precondition)

    async def deactivate(
        self, actor: Actor, doctor: UUID, body: bodies.DeactivateBody, precondition: Precondition = NONE
    ) -> Answer:
        """Let the doctor not work any more, until activated again."""

        async def command(_unit: Unit, _locked: Profile, words: Wording) -> cmd.DoctorCommand:
            return cmd.DeactivateDoctor(reason=await words.optional(_note(body.reason, "reason")))

        return await self._change(actor, "deactivate-doctor", doctor, command, precondition)

    async def complete_stage(
        self, actor: Actor, doctor: UUID, stage: str, body: bodies.CompleteStageBody, precondition: Precondition = NONE
    ) -> Answer:
        """Complete a stage of onboarding and answer with all of them; who did it is kept, approvals too.

        Raises `NotFound` for what is no stage, `StageBlocked` with each check that fails and each earlier stage that
        is open.
        """
        if stage not in set(OnboardingStage):
            raise NotFound("There is no such stage.")

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await self._lock(unit, actor, doctor, Permission.MANAGE_DOCTORS, precondition)
            words = await Wording.of(unit, locked.state)
            around = await look_around(unit.tx, locked.state)
            note = await words.optional(_note(body.note, "note"))
            _do(
                locked,
                cmd.CompleteStage(stage=OnboardingStage(stage), by=actor.account, around=around, note=note),
            )
            judged = await judge(unit.tx, locked.state)
            return shown_onboarding(locked.state, around, judged, version=locked.version), locked.version

        return await self._run(actor, "complete-stage", doctor, work, precondition)

    # ---- the way of every change -----------------------------------------------------------------------------------

    async def _change(
        self,
        actor: Actor,
        name: str,
        doctor: UUID,
        command: Decide,
        precondition: Precondition,
        *,
        permission: Permission = Permission.MANAGE_DOCTORS,
    ) -> Answer:
        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await self._lock(unit, actor, doctor, permission, precondition)
            words = await Wording.of(unit, locked.state)
            _do(locked, await command(unit, locked, words))
            return await self._answer(unit, locked, words)

        return await self._run(actor, name, doctor, work, precondition)

    async def _run(
        self,
        actor: Actor,
        name: str,
        doctor: UUID,
        work: Callable[[Unit], Awaitable[tuple[object, int | None]]],
        precondition: Precondition,
    ) -> Answer:
        await self._adoption.adopt(actor.tenant, DoctorId(doctor))
        answer = await self._writes.run(actor, name, work, precondition)
        # Others hear of it from Postgres; here nobody is to read what was a moment ago.
        self._forget(actor.tenant)
        return answer

    async def _lock(
        self, unit: Unit, actor: Actor, doctor: UUID, permission: Permission, precondition: Precondition
    ) -> Profile:
        actor.require(permission)
        locked = await unit.lock_aggregate(DOCTOR, doctor)
        if not locked.exists:
            raise NotFound("There is no such doctor.")
        check_reach(actor, DoctorId(doctor), locked.state.clinics)
        check_version(precondition.if_match, locked.version, "The doctor")
        return locked

    async def _answer(self, unit: Unit, locked: Profile, words: Wording) -> tuple[object, int | None]:
        judged = await judge(unit.tx, locked.state)
        licence = reads_licences(unit.actor)
        shown = shown_profile(locked.state, words.texts, judged, version=locked.version, licence=licence)
        return shown, locked.version


def _do(locked: Profile, command: cmd.DoctorCommand, *, within: str = "") -> None:
    """Let happen what the command leads to; a refusal's field is said to be `within` another."""
    try:
        locked.add(*decide(locked.known, command))
    except InvalidValue as error:
        if within and error.field is not None:
            error.field = f"{within}.{error.field}"
        raise


def _note(given: str | None, field: str) -> str:
    return one_line(given, field, longest=LONGEST_NOTE, may_be_empty=True) if given is not None else ""


async def _assignment(
    tx: Transaction, profile: DoctorProfile, clinic: ClinicId, *, wanted: str | None, name: str
) -> cmd.AssignClinic:
    """The command that assigns a clinic; only the home clinic's tickets need letters, and its own come back with it."""
    if profile.clinics:
        return cmd.AssignClinic(clinic=clinic, ticket_prefix="")
    if wanted is None and clinic == profile.home:
        wanted = profile.ticket_prefix
    prefix = await choose_prefix(tx, clinic, profile.id, wanted=wanted, name=name)
    return cmd.AssignClinic(clinic=clinic, ticket_prefix=prefix)


async def _check_clinic(tx: Transaction, actor: Actor, clinic: ClinicId, *, field: str) -> None:
    check_clinic(actor, clinic, field=field)
    is_active = await store.clinic_is_active(tx, clinic)
    if is_active is None:
        raise NotFound("There is no such clinic.", field=field)
    if not is_active:
        raise Conflict("This clinic is not open at present.", field=field)


async def _check_open_department(tx: Transaction, actor: Actor, department: UUID, *, field: str) -> None:
    known = await store.held_department(tx, department)
    if known is None:
        raise NotFound("There is no such department.", field=field)
    check_department(actor, known.clinics, field=field)
    if not known.active:
        raise Conflict("This department is closed.", field=field)
