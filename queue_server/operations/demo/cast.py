"""Who plays in the demo. Everybody is made up."""

from typing import NamedTuple


class DemoDoctor(NamedTuple):
    """A doctor of the demo and how many minutes they book a patient for."""

    name: str
    specialty: str
    room: str
    letter: str
    minutes: int


class DemoClinic(NamedTuple):
    """A clinic of the demo with its doctors."""

    slug: str
    name: str
    address: str
    doctors: tuple[DemoDoctor, ...]


TENANT_NAME = "Riverside Health (demo)"

CLINICS = (
    DemoClinic(
        "riverside",
        "Riverside Clinic",
        "1 River Street",
        (
            DemoDoctor("Dr Mehta", "General", "Room 2", "G", 10),
            DemoDoctor("Dr Sørensen", "Paediatrics", "Room 4", "P", 12),
            DemoDoctor("Dr Banerjee", "Cardiology", "Room 5", "C", 15),
        ),
    ),
    DemoClinic(
        "hillside",
        "Hillside Clinic",
        "20 Hill Road",
        (
            DemoDoctor("Dr Okonkwo", "General", "Room 1", "H", 10),
            DemoDoctor("Dr Ferreira", "Dermatology", "Room 3", "D", 10),
            DemoDoctor("Dr Haddad", "Orthopaedics", "Room 6", "O", 12),
        ),
    ),
    DemoClinic(
        "harbour",
        "Harbour Clinic",
        "7 Quay Lane",
        (
            DemoDoctor("Dr Nakamura", "General", "Room 1", "N", 10),
            DemoDoctor("Dr Lindqvist", "ENT", "Room 2", "E", 12),
        ),
    ),
)

STAFF = (("admin", "admin"), ("receptionist", "desk"), ("doctor", "doctor"), ("display", "display"))
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

BEST_HOUR = 10
ZONES = (
    "Pacific/Auckland", "Pacific/Noumea", "Australia/Brisbane", "Asia/Tokyo", "Asia/Singapore", "Asia/Bangkok",
    "Asia/Kolkata", "Asia/Tashkent", "Asia/Dubai", "Africa/Nairobi", "Africa/Cairo", "Europe/Berlin", "Europe/London",
    "Atlantic/Azores", "America/Noronha", "America/Sao_Paulo", "America/Puerto_Rico", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
    "Pacific/Pago_Pago",
)  # fmt: skip
"""The demo plays in the forenoon whenever it is started: in the zone where it is nearest to ten o'clock."""
