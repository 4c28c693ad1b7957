"""Times as people say them: by the clinic's clock, in the reader's language, in the digits the product uses."""

from datetime import datetime
from zoneinfo import ZoneInfo

from queue_server.application.phrases import DEFAULT, time_of_day

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "hi": ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "hi": (
        *("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून"),
        *("जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
    ),
    "ar": (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
}
_DAY = {
    "en": "{weekday} {day} {month}, {time}",
    "es": "{weekday} {day} de {month}, {time}",
    "hi": "{weekday} {day} {month}, {time}",
    "ar": "{weekday} {day} {month}، {time}",
}


def day_and_time(language: str, instant: datetime, timezone: str) -> str:
    """Return the day and the wall time: `Monday 3 March, 9:15 AM`."""
    spoken = language if language in _DAY else DEFAULT
    local = instant.astimezone(ZoneInfo(timezone))
    return _DAY[spoken].format(
        weekday=WEEKDAYS[spoken][local.weekday()],
        day=local.day,
        month=MONTHS[spoken][local.month - 1],
        time=time_of_day(spoken, instant, timezone),
    )


def deadline(language: str, instant: datetime, timezone: str, now: datetime) -> str:
    """Return the wall time alone if it is today's, else with its day."""
    if is_today(instant, timezone, now):
        return time_of_day(language, instant, timezone)
    return day_and_time(language, instant, timezone)


def is_today(instant: datetime, timezone: str, now: datetime) -> bool:
    """Return whether an instant is today by the clinic's clock."""
    zone = ZoneInfo(timezone)
    return instant.astimezone(zone).date() == now.astimezone(zone).date()
