"""Which refusal stands behind which constraint of the database."""

from scheduling_core.errors import Conflict, DomainError, InvalidValue, NotFound, ResourceTaken, WaitlistFull

_ERRORS: dict[str, DomainError] = {
    "room_is_reserved_once": ResourceTaken(field="roomId"),
    "equipment_is_reserved_once": ResourceTaken(field="equipmentIds"),
    "room_use_pkey": Conflict("This appointment has the room already.", field="roomId"),
    "equipment_use_pkey": Conflict("This appointment has the equipment already.", field="equipmentIds"),
    "clinic_slug_is_unique": Conflict("A clinic with this slug exists already.", field="slug"),
    "doctor_ticket_prefix_is_unique": Conflict("Another doctor of this clinic has these ticket letters."),
    "account_email_is_unique": Conflict("An account with this e-mail address exists already.", field="email"),
    "account_of_patient": Conflict("This patient has an account already."),
    "idempotent_answer_tenant_id_fkey": NotFound("There is no such organisation.", field="tenantId"),
    "sign_in_code_tenant_id_fkey": NotFound("There is no such organisation.", field="tenantId"),
    "patient_clinic": InvalidValue("There is no such clinic.", field="clinicId"),
    "patient_guardian": InvalidValue("There is no such patient.", field="guardianId"),
    "patient_is_not_their_own_guardian": InvalidValue("A guardian is somebody else.", field="guardianId"),
    "payment_of_appointment_is_one": Conflict("This visit is being paid already.", field="appointmentId"),
    "payment_of_hold_is_one": Conflict("This time is being paid already.", field="holdId"),
    "payment_intent_is_one": Conflict("The provider knows another payment by this name."),
    "appointment_pkey": Conflict("This appointment exists already."),
    "doctor_tenant_id_clinic_id_fkey": NotFound("There is no such clinic."),
    "appointment_tenant_id_clinic_id_fkey": NotFound("There is no such clinic."),
    "appointment_tenant_id_doctor_id_fkey": NotFound("There is no such doctor."),
    "appointment_tenant_id_patient_id_fkey": NotFound("There is no such patient."),
    "appointment_follows_up": NotFound("There is no such appointment.", field="followUpOf"),
    "waitlist_is_full": WaitlistFull("As many wait here as the clinic lets; please call it."),
    "waitlist_invite_of_doctor_is_one": Conflict(
        "Another time of this doctor is offered to this patient just now, or their answer is just being noted."
    ),
    "doctor_schedule_clinic": Conflict("Doctors' schedules refer to this clinic."),
}


def domain_error(constraint: str | None) -> DomainError:
    """Return the refusal that a violation of `constraint` means; a general conflict for one without a name here."""
    if constraint in _ERRORS:
        return _ERRORS[constraint]
    if constraint is not None and constraint.endswith("_check"):
        return InvalidValue("A value is outside of what is allowed.")
    return Conflict()
