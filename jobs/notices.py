"""What people are told: notices become messages, and what concerns a whole line becomes notices."""

from collections.abc import Collection, Mapping

from jobs.house import House
from queue_server.application.directory import Directory
from queue_server.application.due_work import Handler
from queue_server.application.links import TrackingLinks
from queue_server.application.messages.delivery import UNDELIVERED_JOB
from queue_server.application.messages.lines import Lines
from queue_server.application.messages.notifying import Notifying
from queue_server.application.messages.telling import AHEAD_JOB, ANNOUNCE_JOB, NOTIFY_JOB
from queue_server.application.messages.templates.facts import Reading
from queue_server.application.messages.templates.letters import Letters
from queue_server.application.messages.unsubscribing import UnsubscribeLinks
from queue_server.application.tokens import Tokens
from queue_server.application.unit import Recorder
from queue_server.application.waitlist.links import WaitlistLinks
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.messages import Channel


def handlers(house: House) -> Mapping[str, Handler]:
    """Return what does each kind of job."""
    assert house.notifying is not None
    assert house.sending is not None
    lines = Lines(house.db)
    return {
        NOTIFY_JOB: house.notifying.run,
        ANNOUNCE_JOB: lines.announce,
        AHEAD_JOB: lines.ahead,
        UNDELIVERED_JOB: house.sending.undelivered,
    }


def notifying(db: Database, settings: Settings, configured: Collection[Channel]) -> Notifying:
    """Return what turns notices into messages of the channels that are set up, at the pace that the settings grant."""
    granted = {
        Channel.EMAIL: settings.email_messages_per_minute,
        Channel.SMS: settings.sms_messages_per_minute,
        Channel.WHATSAPP: settings.whatsapp_messages_per_minute,
        Channel.PUSH: settings.push_messages_per_minute,
    }
    return Notifying(db, configured, granted)


def letters(db: Database, settings: Settings) -> Letters:
    """Return what writes letters."""
    tokens = Tokens(settings)
    links = TrackingLinks(db, tokens, Recorder(), settings.public_url)
    reading = Reading(Directory(db), links, WaitlistLinks(tokens, settings.public_url), settings.public_url)
    return Letters(reading, UnsubscribeLinks(tokens, settings.public_url))
