"""Values to look at a template with: nobody's name, and a time that says how times are written."""

from collections.abc import Mapping
from datetime import UTC, datetime

from queue_server.application.messages.templates.engine import Facts
from queue_server.application.messages.templates.times import day_and_time
from queue_server.application.messages.templates.words import minutes
from queue_server.application.phrases import counted, phrase, time_of_day

_START, _UNTIL = datetime(2030, 3, 4, 9, 15, tzinfo=UTC), datetime(2030, 3, 1, 17, 30, tzinfo=UTC)
_AHEAD, _LATE = 2, 20
_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "patientName": "Robin Sample",
        "doctorName": "Dr. Ellis Example",
        "clinicName": "Park Lane",
        "clinicAddress": "1 Park Lane",
        "room": "Room 3",
        "message": "Please bring your papers.",
    },
    "es": {
        "patientName": "Inés Muestra",
        "doctorName": "Dra. Elena Ejemplo",
        "clinicName": "Centro Parque",
        "clinicAddress": "Calle del Parque 1",
        "room": "Sala 3",
        "message": "Traiga sus documentos, por favor.",
    },
    "hi": {
        "patientName": "नमूना शर्मा",
        "doctorName": "डॉ. उदाहरण सिंह",
        "clinicName": "पार्क क्लिनिक",
        "clinicAddress": "1 पार्क मार्ग",
        "room": "कमरा 3",
        "message": "कृपया अपने काग़ज़ साथ लाएँ।",
    },
    "ar": {
        "patientName": "ليان المثال",
        "doctorName": "د. سامر النموذج",
        "clinicName": "عيادة الحديقة",
        "clinicAddress": "شارع الحديقة 1",
        "room": "غرفة 3",
        "message": "يُرجى إحضار أوراقك.",
    },
}


def sample(language: str, organisation: str) -> Facts:
    """Return a value for every field there is, in the language."""
    named = dict(_NAMES[language])
    room = named.pop("room")
    return {
        **named,
        "readerName": named["patientName"].split()[0],
        "forWhom": "",
        "organisationName": " ".join(organisation.split()) or named["clinicName"],
        "start": day_and_time(language, _START, "UTC"),
        "respondBy": time_of_day(language, _UNTIL, "UTC"),
        "ticket": "A007",
        "whereTo": phrase(language, "go", room=room),
        "ahead": str(_AHEAD),
        "aheadOfYou": counted(language, "ahead", _AHEAD),
        "delayMinutes": str(_LATE),
        "delay": minutes(language, _LATE),
        "link": "https://clinic.example/t/sample",
    }
