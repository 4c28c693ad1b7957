"""What calendars say, in the patient's language."""

from collections.abc import Mapping

DEFAULT = "en"
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "name": "My appointments",
        "doctors_name": "{doctor}: appointments",
        "visit": "Appointment with {doctor}",
        "video": "By video",
        "ticket": "Ticket {ticket}",
    },
    "es": {
        "name": "Mis citas",
        "doctors_name": "{doctor}: citas",
        "visit": "Cita con {doctor}",
        "video": "Por vídeo",
        "ticket": "Turno {ticket}",
    },
    "hi": {
        "name": "मेरी अपॉइंटमेंट",
        "doctors_name": "{doctor}: अपॉइंटमेंट",
        "visit": "{doctor} के साथ अपॉइंटमेंट",
        "video": "वीडियो से",
        "ticket": "टिकट {ticket}",
    },
    "ar": {
        "name": "مواعيدي",
        "doctors_name": "{doctor}: المواعيد",
        "visit": "موعد مع {doctor}",
        "video": "عبر الفيديو",
        "ticket": "التذكرة {ticket}",
    },
}


def word(language: str, key: str, /, **filled: object) -> str:
    """Return one expression; a language we do not speak falls back to English."""
    return WORDS.get(language.split("-")[0], WORDS[DEFAULT])[key].format(**filled)
