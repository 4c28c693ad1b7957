"""Who plays in the demo. Everybody is made up."""

from typing import NamedTuple
from uuid import UUID, uuid5

from scheduling_core.ids import TenantId

DEMO = UUID("5b0c6f0e-6a4f-4f5e-9d7c-2b7a1c9f3d10")
"""Namespace of the demo's ids: the same on every machine, so that a second start finds what the first one made."""
TENANT = TenantId(uuid5(DEMO, "tenant"))


class DemoDoctor(NamedTuple):
    """A doctor of the demo and how many minutes they book a patient for; the fee in whole units of money."""

    name: str
    specialty: str
    room: str
    letter: str
    minutes: int
    degree: str
    languages: tuple[str, ...]
    fee: int


class DemoClinic(NamedTuple):
    """A clinic of the demo with its doctors."""

    slug: str
    name: str
    address: str
    doctors: tuple[DemoDoctor, ...]


TENANT_NAME = "Riverside Health (demo)"
MAIL_FROM = "Riverside Health <clinic@riverside.example>"

CLINICS = (
    DemoClinic(
        "riverside",
        "Riverside Clinic",
        "1 River Street",
        (
            DemoDoctor("Dr Mehta", "General", "Room 2", "G", 10, "MD, general medicine", ("en", "hi"), 40),
            DemoDoctor("Dr Sørensen", "Paediatrics", "Room 4", "P", 12, "MD, paediatrics", ("en", "da"), 55),
            DemoDoctor("Dr Banerjee", "Cardiology", "Room 5", "C", 15, "DM, cardiology", ("en", "hi", "bn"), 80),
        ),
    ),
    DemoClinic(
        "hillside",
        "Hillside Clinic",
        "20 Hill Road",
        (
            DemoDoctor("Dr Okonkwo", "General", "Room 1", "H", 10, "MBBS, family medicine", ("en", "ig"), 40),
            DemoDoctor("Dr Ferreira", "Dermatology", "Room 3", "D", 10, "MD, dermatology", ("en", "pt", "es"), 65),
            DemoDoctor("Dr Haddad", "Orthopaedics", "Room 6", "O", 12, "MD, orthopaedics", ("en", "ar", "fr"), 75),
        ),
    ),
    DemoClinic(
        "harbour",
        "Harbour Clinic",
        "7 Quay Lane",
        (
            DemoDoctor("Dr Nakamura", "General", "Room 1", "N", 10, "MD, internal medicine", ("en", "ja"), 45),
            DemoDoctor("Dr Lindqvist", "ENT", "Room 2", "E", 12, "MD, otorhinolaryngology", ("en", "sv"), 60),
        ),
    ),
)

DOCTORS = tuple(doctor for clinic in CLINICS for doctor in clinic.doctors)

NEWCOMER = DemoDoctor("Dr Alvarez", "Dermatology", "", "A", 10, "MD, dermatology", ("en", "es"), 60)
"""Is being taken on and sees nobody yet."""

STAFF = (
    ("admin", "admin"),
    ("receptionist", "desk"),
    ("doctor", "doctor"),
    ("department_head", "head"),
    ("display", "display"),
)
"""Role and the local part of its e-mail address."""

PATIENTS = (
    ("Asha Rao", "en"), ("Imran Khan", "en"), ("Lena Fischer", "en"), ("Tomás Díaz", "es"), ("Priya Nair", "hi"),
    ("Mei Chen", "en"), ("Sara Lind", "en"), ("Ravi Patel", "hi"), ("Ana Costa", "en"), ("Noor Aziz", "ar"),
    ("Eva Novak", "en"), ("Ben Cole", "en"), ("Fatima Ali", "ar"), ("Igor Petrov", "en"), ("Grace Mbeki", "en"),
    ("Lucía Romero", "es"), ("Kofi Annor", "en"), ("Hana Sato", "en"), ("Omar Farouk", "ar"), ("Julia Weber", "en"),
    ("Mateo Vargas", "es"), ("Deepa Iyer", "hi"), ("Nils Berg", "en"), ("Chloe Martin", "en"), ("Yusuf Demir", "en"),
    ("Ines Ferro", "en"), ("Arjun Singh", "hi"), ("Marta Kowal", "en"), ("Leila Haddou", "ar"), ("Tom Becker", "en"),
    ("Sofia Ortega", "es"), ("Daniel Roy", "en"), ("Aiko Tanaka", "en"), ("Peter Holm", "en"), ("Rosa Gil", "es"),
    ("Samuel Obi", "en"), ("Clara Jensen", "en"), ("Vikram Das", "hi"), ("Elif Kaya", "en"), ("John Okafor", "en"),
)  # fmt: skip

DEPARTMENTS = {
    "General": "General medicine",
    "Paediatrics": "Paediatrics",
    "Cardiology": "Cardiology",
}
"""By specialty; all others belong to specialist care."""
OTHER_DEPARTMENT = "Specialist care"

EQUIPMENT = (
    ("riverside", "ECG 1", "ecg", "Room 5"),
    ("riverside", "Ultrasound 1", "ultrasound", "Room 5"),
    ("riverside", "Monitor 1", "monitor", "Room 2"),
    ("hillside", "X-ray 1", "x_ray", "Room 6"),
    ("hillside", "Examination table 2", "examination_table", "Room 3"),
    ("harbour", "Endoscope monitor", "monitor", "Room 2"),
)
"""Clinic, name, type, and the room it stands in."""


class DemoLeave(NamedTuple):
    """Leave of a doctor: days from today, and who had booked inside it before it was asked for."""

    doctor: str
    type: str
    first: int
    days: int
    reason: str
    asked_by: str
    decided: str | None
    booked: int


LEAVES = (
    DemoLeave("Dr Ferreira", "annual", 14, 7, "Family holiday", "receptionist", "approved", 2),
    DemoLeave("Dr Banerjee", "conference", 23, 4, "Congress of cardiology", "receptionist", None, 3),
    DemoLeave("Dr Mehta", "study", 37, 2, "Course in ultrasound", "doctor", None, 1),
    DemoLeave("Dr Lindqvist", "parental", 49, 14, "", "receptionist", "approved", 0),
    DemoLeave("Dr Okonkwo", "annual", 60, 5, "", "receptionist", "rejected", 0),
)

BEST_HOUR = 10
HOLIDAYS: dict[str, tuple[str, str | None]] = {
    "Pacific/Auckland": ("NZ", "AUK"),
    "Pacific/Noumea": ("NC", None),
    "Australia/Brisbane": ("AU", "QLD"),
    "Asia/Tokyo": ("JP", None),
    "Asia/Singapore": ("SG", None),
    "Asia/Bangkok": ("TH", None),
    "Asia/Kolkata": ("IN", "WB"),
    "Asia/Tashkent": ("UZ", None),
    "Asia/Dubai": ("AE", None),
    "Africa/Nairobi": ("KE", None),
    "Africa/Cairo": ("EG", None),
    "Europe/Berlin": ("DE", "BE"),
    "Europe/London": ("GB", "ENG"),
    "Atlantic/Azores": ("PT", "20"),
    "America/Noronha": ("BR", "PE"),
    "America/Sao_Paulo": ("BR", "SP"),
    "America/Puerto_Rico": ("PR", None),
    "America/New_York": ("US", "NY"),
    "America/Chicago": ("US", "IL"),
    "America/Denver": ("US", "CO"),
    "America/Los_Angeles": ("US", "CA"),
    "America/Anchorage": ("US", "AK"),
    "Pacific/Honolulu": ("US", "HI"),
    "Pacific/Pago_Pago": ("AS", None),
}
"""Whose public holidays the clinics keep in each zone."""
ZONES = tuple(HOLIDAYS)
"""The demo plays in the forenoon whenever it is started: in the zone where it is nearest to ten o'clock."""
