"""What a message says when it is sent: the tenant's template or the words that come with the product, filled in."""

import structlog

from queue_server.application.messages.kinds import Kind, is_urgent
from queue_server.application.messages.templates import engine, words
from queue_server.application.messages.templates.facts import Reading, Told
from queue_server.application.messages.templates.fields import Draft, parsed
from queue_server.application.messages.templates.mail import Foot, page
from queue_server.application.messages.unsubscribing import UnsubscribeLinks
from queue_server.application.phrases import choose_language
from queue_server.messaging import Letter
from queue_server.store import templates as store
from queue_server.store import waitlist as waitlist_store
from queue_server.store.db import Transaction
from queue_server.store.messages import Channel, Message
from scheduling_core.errors import InvalidValue

log = structlog.stdlib.get_logger(__name__)

LONGEST_PUSHED = 500
"""Characters of a push: nobody is shown more, and services take four kilobytes."""
ABOUT_NOW = frozenset({Kind.CALLED, Kind.AHEAD, Kind.DELAY, Kind.EMERGENCY})
"""Kinds that are about a visit of the very day, whatever their facts say."""


class Letters:
    """Writes letters."""

    def __init__(self, reading: Reading, unsubscribing: UnsubscribeLinks) -> None:
        self._reading = reading
        self._unsubscribing = unsubscribing

    async def letter(self, tx: Transaction, message: Message) -> Letter | None:
        """Return what a message says now; None when there is nothing to be said any more."""
        language = choose_language(message.language)
        told = await self._reading.told(tx, message, language)
        if told is None:
            return None
        kind = Kind(message.kind)
        draft = await self._draft(tx, message, kind, language)
        subject = " ".join(engine.fill(draft.subject, told.facts, language).split())
        text = engine.fill(draft.body, told.facts, language)
        if message.channel is Channel.EMAIL:
            return self._mail(tx, message, told, draft, language, subject, text)
        if message.channel is Channel.PUSH and len(text) > LONGEST_PUSHED:
            text = text[: LONGEST_PUSHED - 1] + "…"
        return Letter(
            id=message.id,
            to=message.recipient,
            language=language,
            subject=subject,
            text=text,
            link=told.facts.get(engine.LINK) or None,
            is_urgent=is_urgent(kind),
        )

    def _mail(
        self, tx: Transaction, message: Message, told: Told, draft: Draft, language: str, subject: str, text: str
    ) -> Letter:
        said, kind = words.spoken(language), Kind(message.kind)
        whose = message.reader or message.patient
        foot = None
        # Whoever is on the way to a visit hears of it; everything else they may have no more of.
        if whose is not None and kind not in ABOUT_NOW and not told.is_of_today:
            link = self._unsubscribing.make(tx.tenant, whose, kind, Channel.EMAIL)
            foot = Foot(why=said.why.format(organisation=told.facts["organisationName"]), stop=said.stop, link=link)
        paragraphs = engine.fill_html(draft.body, told.facts, action=said.kinds[kind].action)
        below = f"\n\n-- \n{foot.why}\n{foot.stop}: {foot.link}" if foot is not None else ""
        return Letter(
            id=message.id,
            to=message.recipient,
            language=language,
            subject=subject,
            text=f"{text}{below}\n",
            html=page(language, subject, paragraphs, foot),
            is_urgent=is_urgent(kind),
            unsubscribe=foot.link if foot is not None else None,
        )

    async def _draft(self, tx: Transaction, message: Message, kind: Kind, language: str) -> Draft:
        """Return the tenant's own template, the one that the clinic has chosen before all others, else the default."""
        names = [store.DEFAULT_NAME]
        if message.clinic is not None:
            policy = (await waitlist_store.policy(tx, message.clinic)).policy
            if (named := policy.notification_template_overrides.get(kind)) is not None:
                names.insert(0, named)
        key = store.TemplateKey(kind=kind, language=language, channel=message.channel)
        kept = await store.chosen(tx, key, names)
        if kept is not None:
            try:
                return parsed(kind, kept.subject, kept.body)
            except InvalidValue:
                # Kept by a version that had other fields: the message still has to go out.
                log.warning("template_not_usable", kind=kind, language=language, channel=message.channel)
        return words.draft(kind, language, message.channel)
