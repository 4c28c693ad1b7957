"""What a language has to say."""

from collections.abc import Mapping

import msgspec

from queue_server.application.messages.kinds import Kind


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of message: `named` as people choose it, the `subject` of a mail, the one `line` of a short message,
    what is `told` in a mail, and what its button says (`action`, empty where nothing is to be opened)."""

    named: str
    subject: str
    line: str
    told: str
    action: str = ""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A language."""

    hello: str
    any_doctor: str
    """With whom somebody has a time who waits for whoever has one."""
    for_whom: str
    """Before what is told to somebody about another: `{name}` is whom it is about."""
    minutes: Mapping[str, str]
    """By plural form."""
    why: str
    """At the foot of a mail: why it came, and how to have no more of its kind."""
    stop: str
    stop_title: str
    """On the page where messages are turned off."""
    stop_what: str
    stop_one: str
    stop_all: str
    stopped: str
    stopped_one: str
    stopped_all: str
    stopped_more: str
    channels: Mapping[str, str]
    kinds: Mapping[Kind, Words]
