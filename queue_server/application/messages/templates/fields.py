"""Which fields the template of each kind of message may hold, and how long it may be in each channel."""

from collections.abc import Mapping

import msgspec

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates import engine
from queue_server.application.plain_text import one_line, prose
from queue_server.store.messages import Channel
from scheduling_core.errors import InvalidValue

_ALWAYS = frozenset({"patientName", "readerName", "forWhom", "clinicName", "organisationName", "link"})
_WAITING = _ALWAYS | {"doctorName"}
_OFFER = _WAITING | {"start", "respondBy", "clinicAddress"}
_VISIT = _WAITING | {"start", "ticket", "clinicAddress"}

FIELDS: Mapping[Kind, frozenset[str]] = {
    Kind.WAITLIST_JOINED: _WAITING,
    Kind.WAITLIST_INVITED: _OFFER,
    Kind.WAITLIST_REMINDER: _OFFER,
    Kind.WAITLIST_PROMOTED: _VISIT,
    Kind.WAITLIST_EXPIRED: _WAITING,
    Kind.WAITLIST_CANCELLED: _WAITING,
    Kind.BOOKED: _VISIT,
    Kind.REMINDER: _VISIT,
    Kind.CALLED: _VISIT | {"whereTo"},
    Kind.AHEAD: _VISIT | {"ahead", "aheadOfYou"},
    Kind.DELAY: _VISIT | {"delay", "delayMinutes", "message"},
    Kind.EMERGENCY: _VISIT | {"delay", "delayMinutes", "message"},
    Kind.CANCELLED: _VISIT,
    Kind.MANUAL: _WAITING | {"message"},
}
"""Of every kind that organisations may word themselves: all but sign-in codes, which have to be recognised as such."""

NEED_LINK = frozenset({Kind.WAITLIST_INVITED, Kind.WAITLIST_REMINDER})
"""Kinds that cannot be answered without their link."""
NEED_MESSAGE = frozenset({Kind.MANUAL, Kind.EMERGENCY})
"""Kinds that are about what somebody has written."""

LONGEST_BODY: Mapping[Channel, int] = {
    Channel.EMAIL: 10_000,
    Channel.WHATSAPP: 1_000,
    Channel.SMS: 480,
    Channel.PUSH: 240,
}
LONGEST_SUBJECT: Mapping[Channel, int] = {Channel.EMAIL: 150, Channel.PUSH: 80}
"""Of the channels that have one."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a message of some kind says in some channel, checked and in its parts."""

    subject: engine.Template
    body: engine.Template


def checked(kind: Kind, channel: Channel, subject: str, body: str) -> tuple[str, str]:
    """Return subject and body in the form in which they are kept; raises `InvalidValue` for `subject` or `body`."""
    longest = LONGEST_SUBJECT.get(channel)
    if longest is None and subject:
        raise InvalidValue("Messages of this channel have no subject.", field="subject")
    kept_subject = one_line(subject, "subject", longest=longest) if longest is not None else ""
    kept_body = prose(body, "body", longest=LONGEST_BODY[channel])
    if not kept_body:
        raise InvalidValue("This must not be empty.", field="body")
    draft = parsed(kind, kept_subject, kept_body)
    named = {piece.field for piece in draft.body}
    if kind in NEED_LINK and channel is not Channel.PUSH and engine.LINK not in named:
        raise InvalidValue("Without {link} nobody can answer this.", field="body")
    if kind in NEED_MESSAGE and "message" not in named:
        raise InvalidValue("Without {message} this does not say what it is about.", field="body")
    return kept_subject, kept_body


def parsed(kind: Kind, subject: str, body: str) -> Draft:
    """Return subject and body in their parts; raises `InvalidValue` for what is no template of this kind."""
    fields = FIELDS[kind]
    # A link makes no sense in a line that nobody can tap.
    return Draft(
        subject=engine.parse(subject, fields - {engine.LINK}, "subject"), body=engine.parse(body, fields, "body")
    )
