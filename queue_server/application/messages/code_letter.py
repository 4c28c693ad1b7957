"""The message that tells a sign-in code."""

from html import escape
from uuid import UUID

from queue_server.application.patients.codes import LIFETIME
from queue_server.application.phrases import RIGHT_TO_LEFT, choose_language, phrase
from queue_server.messaging import Letter
from queue_server.store.messages import Channel

_PAGE = """\
<!doctype html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body style="font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:24px auto;padding:0 16px">
<p>{told}</p>
<p dir="ltr" style="font-size:34px;font-weight:600;letter-spacing:.2em;margin:16px 0">{code}</p>
<p>{limits}</p>
<p style="font-size:15px;opacity:.75">{unasked}</p>
</body>
</html>
"""


def code_letter(message: UUID, channel: Channel, to: str, language: str, *, code: str, organisation: str) -> Letter:
    """Return the letter in the language, or in English if we do not speak it; for a phone a single line."""
    spoken, minutes = choose_language(language), int(LIFETIME.total_seconds() // 60)
    named = " ".join(organisation.split())
    subject = phrase(spoken, "code_subject", code=code, organisation=named)
    if channel is Channel.SMS:
        text = phrase(spoken, "code_text", code=code, organisation=named, n=minutes)
        return Letter(id=message, to=to, language=spoken, subject=subject, text=text)
    told = phrase(spoken, "code_told", organisation=named)
    limits, unasked = phrase(spoken, "code_limits", n=minutes), phrase(spoken, "code_unasked")
    return Letter(
        id=message,
        to=to,
        language=spoken,
        subject=subject,
        text=f"{told}\n\n    {code}\n\n{limits}\n\n{unasked}\n",
        html=_PAGE.format(
            language=spoken,
            direction="rtl" if spoken in RIGHT_TO_LEFT else "ltr",
            subject=escape(subject),
            told=escape(told),
            code=code,
            limits=escape(limits),
            unasked=escape(unasked),
        ),
    )
