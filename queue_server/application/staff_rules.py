"""Whom an administrator may reach, and what they may hand out. Nobody hands out more than they have."""

from collections.abc import Collection

from queue_server.application.actor import Actor
from queue_server.store.accounts import Account
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Role

MAY_BE_DOCTORS = frozenset({Role.DOCTOR, Role.DEPARTMENT_HEAD})


def check_reach(actor: Actor, account: Account) -> None:
    """Raise `NotFound` for an account outside of the actor's clinics, `Forbidden` for one that stands above."""
    if account.role is Role.PATIENT or (actor.clinics and not is_within(account.clinics, actor.clinics)):
        raise NotFound("There is no such account.")
    if account.role is Role.PLATFORM_ADMIN and not stands_above(actor):
        raise Forbidden("Only a platform admin may change a platform admin.")


def check_grant(actor: Actor, role: Role, clinics: Collection[ClinicId]) -> None:
    """Raise unless the actor may give somebody this role in these clinics (none means all)."""
    if role is Role.PATIENT:
        raise InvalidValue("A patient's account is not a staff account.", field="role")
    if role is Role.PLATFORM_ADMIN and not stands_above(actor):
        raise Forbidden("Only a platform admin may make a platform admin.")
    if actor.clinics and not is_within(clinics, actor.clinics):
        raise Forbidden("You may give access to your own clinics only.")


def check_oneself(actor: Actor, was: Account, wanted: Account) -> None:
    """Raise `Forbidden` when somebody would change their own rights or lock themselves out."""
    if actor.account != was.id:
        return
    if wanted.disabled or (was.role, was.clinics, was.doctor) != (wanted.role, wanted.clinics, wanted.doctor):
        raise Forbidden("You cannot change your own rights; ask another admin.")


def doctor_for(role: Role, doctor: DoctorId | None, *, is_new: bool) -> DoctorId | None:
    """Return the doctor that an account of `role` stands for: one left over from another role is dropped.

    Raises `InvalidValue` when a doctor's account names none, or another's names one anew.
    """
    if role is Role.DOCTOR and doctor is None:
        raise InvalidValue("A doctor's account says which doctor it is for.", field="doctorId")
    if role not in MAY_BE_DOCTORS and doctor is not None:
        if is_new:
            raise InvalidValue("Only doctors and department heads stand for a doctor.", field="doctorId")
        return None
    return doctor


def is_full_admin(account: Account) -> bool:
    """Return whether the account is an enabled admin of the whole tenant."""
    return account.role is Role.ADMIN and not account.disabled and not account.clinics


def is_within(clinics: Collection[ClinicId], scope: Collection[ClinicId]) -> bool:
    """Return whether `clinics` limit to some of `scope`; no clinics at all would mean every one."""
    return bool(clinics) and set(clinics) <= set(scope)


def stands_above(actor: Actor) -> bool:
    """Return whether the actor is above tenants: a platform admin or the system."""
    return actor.is_system or actor.role is Role.PLATFORM_ADMIN
