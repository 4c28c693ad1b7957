"""The words that come with the product, for every kind of message, language and channel."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.fields import Draft, parsed
from queue_server.application.messages.templates.words import arabic, english, hindi, spanish
from queue_server.application.messages.templates.words.shape import Spoken, Words
from queue_server.application.phrases import DEFAULT, plural_form
from queue_server.store.messages import Channel

SPOKEN: Mapping[str, Spoken] = {
    "en": english.SPOKEN,
    "es": spanish.SPOKEN,
    "hi": hindi.SPOKEN,
    "ar": arabic.SPOKEN,
}


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says by default: subject (empty where the channel has none) and body, as templates."""

    subject: str
    body: str


def spoken(language: str) -> Spoken:
    """Return the words of a language, English for one that we do not speak."""
    return SPOKEN.get(language, SPOKEN[DEFAULT])


def text(kind: Kind, language: str, channel: Channel) -> Text:
    """Return the default text: a letter by e-mail, one line otherwise."""
    said = spoken(language)
    words = said.kinds[kind]
    match channel:
        case Channel.EMAIL:
            link = "\n\n{link}" if words.action else ""
            return Text(
                subject="{forWhom}" + words.subject,
                body=f"{said.hello}\n\n{{forWhom}}{words.told}{link}\n\n{{clinicName}}",
            )
        case Channel.PUSH:
            return Text(subject="{clinicName}", body="{forWhom}" + words.line)
        case Channel.SMS | Channel.WHATSAPP:
            link = " {link}" if words.action else ""
            return Text(subject="", body="{clinicName}: {forWhom}" + words.line + link)


@lru_cache(maxsize=512)
def draft(kind: Kind, language: str, channel: Channel) -> Draft:
    """Return the default text in its parts."""
    said = text(kind, language, channel)
    return parsed(kind, said.subject, said.body)


def minutes(language: str, n: int) -> str:
    """Return so many minutes in words, in the plural form of the language."""
    forms = spoken(language).minutes
    return forms.get(plural_form(language, n), forms["other"]).format(n=n)


__all__ = ["SPOKEN", "Spoken", "Text", "Words", "draft", "minutes", "spoken", "text"]
