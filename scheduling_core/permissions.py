"""Who may do what: the one permission table, read in one place (`may`)."""

from enum import StrEnum


class Role(StrEnum):
    """A role of an account, within one tenant."""

    PATIENT = "patient"
    RECEPTIONIST = "receptionist"
    DOCTOR = "doctor"
    DEPARTMENT_HEAD = "department_head"
    ADMIN = "admin"
    PLATFORM_ADMIN = "platform_admin"
    DISPLAY = "display"


class Permission(StrEnum):
    """Something that a role allows. Queue commands carry the names of their routes."""

    CHECK_IN = "check-in"
    WALK_IN = "walk-in"
    ENROL = "enrol"
    CALL_NEXT = "call-next"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    SKIP = "skip"
    NO_SHOW = "no-show"
    MOVE = "move"
    TRIAGE = "triage"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    UNDO = "undo"
    EMERGENCY = "emergency"
    READ_QUEUE = "read-queue"
    WATCH_DISPLAY = "watch-display"
    READ_PATIENTS = "read-patients"
    MANAGE_PATIENTS = "manage-patients"
    EXPORT_PATIENTS = "export-patients"
    ERASE_PATIENTS = "erase-patients"
    READ_STATISTICS = "read-statistics"
    MANAGE_STAFF = "manage-staff"
    READ_CLINICS = "read-clinics"
    MANAGE_CLINICS = "manage-clinics"
    MANAGE_POLICY = "manage-policy"
    MANAGE_ISSUERS = "manage-issuers"
    MANAGE_RATE_LIMITS = "manage-rate-limits"
    READ_AUDIT = "read-audit"
    REVOKE_LINK = "revoke-link"
    READ_SOCKET_STATS = "read-socket-stats"
    MANAGE_TENANTS = "manage-tenants"
    READ_DOCTORS = "read-doctors"
    CREATE_DOCTORS = "create-doctors"
    MANAGE_DOCTORS = "manage-doctors"
    VERIFY_DOCTORS = "verify-doctors"
    READ_LICENCES = "read-licences"
    READ_SCHEDULES = "read-schedules"
    MANAGE_SCHEDULES = "manage-schedules"
    REQUEST_LEAVE = "request-leave"
    DECIDE_LEAVE = "decide-leave"
    READ_SLOTS = "read-slots"
    MANAGE_SLOTS = "manage-slots"
    GENERATE_SLOTS = "generate-slots"
    BOOK = "book"
    TAKE_PAYMENT = "take-payment"
    REFUND = "refund"
    READ_PAYMENTS = "read-payments"
    READ_RESOURCES = "read-resources"
    MANAGE_RESOURCES = "manage-resources"
    ENTER_WAITLIST = "enter-waitlist"
    READ_WAITLIST = "read-waitlist"
    WORK_WAITLIST = "work-waitlist"
    READ_ANALYTICS = "read-analytics"
    MANAGE_JOBS = "manage-jobs"
    READ_MESSAGES = "read-messages"
    SEND_MESSAGES = "send-messages"
    MANAGE_TEMPLATES = "manage-templates"


_R, _D, _H, _A = Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.ADMIN
_STAFF = frozenset({_R, _D, _H, _A})

_TABLE: dict[Permission, frozenset[Role]] = {
    Permission.CHECK_IN: frozenset({_R}),
    Permission.WALK_IN: frozenset({_R}),
    Permission.ENROL: frozenset({_R, _A}),
    Permission.CALL_NEXT: frozenset({_R, _D}),
    Permission.RECALL: frozenset({_R, _D}),
    Permission.START: frozenset({_R, _D}),
    Permission.COMPLETE: frozenset({_R, _D}),
    Permission.SKIP: frozenset({_R, _D}),
    Permission.NO_SHOW: frozenset({_R}),
    Permission.MOVE: frozenset({_R, _A}),
    Permission.TRIAGE: frozenset({_R, _D}),
    Permission.TRANSFER: frozenset({_R, _A}),
    Permission.CANCEL: frozenset({_R}),
    Permission.PAUSE: frozenset({_R, _D}),
    Permission.RESUME: frozenset({_R, _D}),
    Permission.CLOSE: frozenset({_R, _D}),
    Permission.UNDO: frozenset({_R, _D}),
    Permission.EMERGENCY: frozenset({_R, _D, _A}),
    Permission.READ_QUEUE: _STAFF,
    Permission.WATCH_DISPLAY: _STAFF | {Role.DISPLAY},
    Permission.READ_PATIENTS: frozenset({_R, _A}),
    Permission.MANAGE_PATIENTS: frozenset({_R, _A}),
    Permission.EXPORT_PATIENTS: frozenset({_A}),
    Permission.ERASE_PATIENTS: frozenset({_A}),
    Permission.READ_STATISTICS: _STAFF,
    Permission.MANAGE_STAFF: frozenset({_A}),
    Permission.READ_CLINICS: _STAFF | {Role.DISPLAY},
    Permission.MANAGE_CLINICS: frozenset({_A}),
    Permission.MANAGE_POLICY: frozenset({_A}),
    Permission.MANAGE_ISSUERS: frozenset({_A}),
    Permission.MANAGE_RATE_LIMITS: frozenset({_A}),
    Permission.READ_AUDIT: frozenset({_A}),
    Permission.REVOKE_LINK: frozenset({_R, _A}),
    Permission.READ_SOCKET_STATS: frozenset({_A}),
    Permission.MANAGE_TENANTS: frozenset(),
    Permission.READ_DOCTORS: _STAFF,
    Permission.CREATE_DOCTORS: frozenset({_R, _A}),
    Permission.MANAGE_DOCTORS: frozenset({_A}),
    Permission.VERIFY_DOCTORS: frozenset({_A}),
    Permission.READ_LICENCES: frozenset({_A}),
    Permission.READ_SCHEDULES: _STAFF,
    Permission.MANAGE_SCHEDULES: frozenset({_A}),
    Permission.REQUEST_LEAVE: frozenset({_R, _D, _H, _A}),
    Permission.DECIDE_LEAVE: frozenset({_H, _A}),
    Permission.READ_SLOTS: _STAFF,
    Permission.MANAGE_SLOTS: frozenset({_R, _A}),
    Permission.GENERATE_SLOTS: frozenset({_A}),
    Permission.BOOK: frozenset({_R, _A}),
    Permission.TAKE_PAYMENT: frozenset({_R, _A}),
    Permission.REFUND: frozenset({_R, _A}),
    Permission.READ_PAYMENTS: frozenset({_R, _A}),
    Permission.READ_RESOURCES: _STAFF,
    Permission.MANAGE_RESOURCES: frozenset({_A}),
    Permission.ENTER_WAITLIST: frozenset({_R, _A}),
    Permission.READ_WAITLIST: frozenset({_R, _D, _A}),
    Permission.WORK_WAITLIST: frozenset({_R, _D, _A}),
    Permission.READ_ANALYTICS: frozenset({_A}),
    Permission.MANAGE_JOBS: frozenset({_A}),
    Permission.READ_MESSAGES: frozenset({_R, _A}),
    Permission.SEND_MESSAGES: frozenset({_R, _A}),
    Permission.MANAGE_TEMPLATES: frozenset({_A}),
}

OWN_DOCTOR_ONLY = frozenset({Role.DOCTOR})
"""Roles whose queue permissions reach only the queue of their own doctor."""


def may(role: Role, permission: Permission) -> bool:
    """Return whether `role` allows `permission`; a platform admin may do everything."""
    return role is Role.PLATFORM_ADMIN or role in _TABLE[permission]
