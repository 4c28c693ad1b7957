"""What an organisation's messages say: the words that come with the product, and its own instead of them."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import check_version
from queue_server.application.desk_bodies import Body
from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates import engine, words
from queue_server.application.messages.templates.fields import FIELDS, checked, parsed
from queue_server.application.messages.templates.mail import page as mail_page
from queue_server.application.messages.templates.samples import sample
from queue_server.application.messages.templates.text_parts import text_parts
from queue_server.application.paging import Page, part
from queue_server.application.phrases import CATALOG
from queue_server.application.recorder import Recorder
from queue_server.application.views import View
from queue_server.store import templates as store
from queue_server.store import tenants
from queue_server.store.db import Database, Row
from queue_server.store.messages import Channel
from queue_server.store.templates import DEFAULT_NAME, KeptText, TemplateKey
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.permissions import Permission

MOST_TEMPLATES = 2_000
"""Of a tenant: several names of each kind, language and channel."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

LongText = Annotated[str, msgspec.Meta(max_length=20_000)]


class TemplateBody(Body, frozen=True, kw_only=True):
    """What a message says; a subject where the channel has one (e-mail, push)."""

    subject: LongText = ""
    body: LongText


class PreviewBody(Body, frozen=True, kw_only=True):
    """A template that is to be looked at; without a body the one that is in use."""

    kind: Kind
    language: Annotated[str, msgspec.Meta(max_length=16)] = "en"
    channel: Channel
    name: Annotated[str, msgspec.Meta(max_length=64)] = DEFAULT_NAME
    subject: LongText | None = None
    body: LongText | None = None


class TemplateView(View, frozen=True, kw_only=True):
    """What a kind of message says in a language and channel."""

    kind: Kind
    language: str
    channel: Channel
    name: str
    subject: str
    body: str
    is_default: bool
    """Whether these are the words that come with the product."""
    fields: tuple[str, ...]
    """What may stand in it, in braces."""
    version: int
    """0 of what comes with the product."""
    updated_at: datetime | None


class PreviewView(View, frozen=True, kw_only=True):
    """A template with sample values in it."""

    subject: str
    text: str
    html: str | None
    """Of a mail."""
    characters: int
    text_parts: int | None
    """Of a text message: how many it is split into, which are what is paid for."""


class Templates:
    """Shows, words anew and previews what messages say."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def page(
        self,
        actor: Actor,
        *,
        kind: Kind | None = None,
        language: str | None = None,
        channel: Channel | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[TemplateView]:
        """Return a page of what messages say by kind, language and channel: the organisation's own words, and what
        comes with the product where it has none. Raises `InvalidValue` for a language that we do not speak."""
        actor.require(Permission.READ_MESSAGES)
        if language is not None:
            _check_language(language)
        async with self._db.tenant(actor.tenant) as tx:
            rows = await store.all_of(tx, kind=kind, language=language, channel=channel)
        own = [_view(row) for row in rows if row["kind"] in FIELDS and row["language"] in CATALOG]
        said = {(one.kind, one.language, one.channel) for one in own if one.name == DEFAULT_NAME}
        others = [
            _default(a_kind, a_language, a_channel)
            for a_kind in FIELDS
            for a_language in CATALOG
            for a_channel in Channel
            if kind in (None, a_kind) and language in (None, a_language) and channel in (None, a_channel)
            if (a_kind, a_language, a_channel) not in said
        ]
        return part([*own, *others], _place, limit=limit, cursor=cursor)

    async def get(self, actor: Actor, kind: str, language: str, channel: str, name: str) -> TemplateView:
        """Return a template; raises `NotFound`."""
        actor.require(Permission.READ_MESSAGES)
        key = _key(kind, language, channel, name)
        async with self._db.tenant(actor.tenant) as tx:
            rows = await store.all_of(tx, kind=kind, language=language, channel=key.channel)
        return _one(rows, key)

    async def put(
        self,
        actor: Actor,
        kind: str,
        language: str,
        channel: str,
        name: str,
        body: TemplateBody,
        *,
        if_match: int | None = None,
    ) -> TemplateView:
        """Let messages say this from now on. Raises `InvalidValue` for `subject` or `body` (what is no text with the
        fields of the kind), `NotFound` for a kind, language or channel that there is not, `StaleVersion`, `Conflict`
        when there are very many already."""
        _check_manages(actor)
        key = _key(kind, language, channel, name)
        subject, text = checked(Kind(key.kind), key.channel, body.subject, body.body)
        async with self._db.tenant(actor.tenant) as tx:
            known = await store.lock(tx, key)
            check_version(if_match, known, "The template")
            if not known and await store.count(tx) >= MOST_TEMPLATES:
                raise Conflict(f"There are {MOST_TEMPLATES} templates already; delete some first.")
            kept = KeptText(subject=subject, body=text)
            row = await store.put(tx, key, kept, actor.account, if_match)
            if row is None:
                raise StaleVersion("The template has changed since you looked.")
            await self._recorder.record(tx, actor, "message_template_changed", _recorded(key))
        return _view(row)

    async def delete(
        self, actor: Actor, kind: str, language: str, channel: str, name: str, *, if_match: int | None = None
    ) -> None:
        """Drop the organisation's own words. Raises `NotFound` where there are none, `StaleVersion`."""
        _check_manages(actor)
        key = _key(kind, language, channel, name)
        async with self._db.tenant(actor.tenant) as tx:
            known = await store.lock(tx, key)
            check_version(if_match, known, "The template")
            if not await store.delete(tx, key):
                raise NotFound("There is no such template of your own.")
            await self._recorder.record(tx, actor, "message_template_deleted", _recorded(key))

    async def preview(self, actor: Actor, body: PreviewBody) -> PreviewView:
        """Return what a template looks like with sample values, nothing is sent or kept; raises as `put` does."""
        actor.require(Permission.READ_MESSAGES)
        key = _key(body.kind, body.language, body.channel, body.name)
        async with self._db.tenant(actor.tenant) as tx:
            tenant = await tenants.tenant(tx)
            if body.body is None:
                rows = await store.all_of(tx, kind=key.kind, language=key.language, channel=key.channel)
                known = _one(rows, key)
                subject, text = known.subject, known.body
            else:
                subject, text = checked(body.kind, body.channel, body.subject or "", body.body)
        facts = sample(key.language, tenant.name if tenant is not None else "")
        draft = parsed(body.kind, subject, text)
        filled = engine.fill(draft.body, facts, key.language)
        title = " ".join(engine.fill(draft.subject, facts, key.language).split())
        html = None
        if body.channel is Channel.EMAIL:
            action = words.spoken(key.language).kinds[body.kind].action
            html = mail_page(key.language, title, engine.fill_html(draft.body, facts, action=action), None)
        return PreviewView(
            subject=title,
            text=filled,
            html=html,
            characters=len(filled),
            text_parts=text_parts(filled) if body.channel is Channel.SMS else None,
        )


def _check_manages(actor: Actor) -> None:
    actor.require(Permission.MANAGE_TEMPLATES)
    if actor.clinics:
        raise Forbidden("Only an administrator of all clinics may change what their messages say.")


def _check_language(language: str) -> None:
    if language not in CATALOG:
        raise InvalidValue(f"There are: {', '.join(sorted(CATALOG))}.", field="language")


def _key(kind: str, language: str, channel: str, name: str) -> TemplateKey:
    """Return which template is meant; raises `NotFound` for kinds, languages and channels that there are not."""
    if kind not in {one.value for one in FIELDS} or language not in CATALOG or channel not in set(Channel):
        raise NotFound("There is no such kind of message, language or channel.")
    if not _NAME.fullmatch(name):
        raise InvalidValue("Names are written like after-hours.", field="name")
    return TemplateKey(kind=kind, language=language, channel=Channel(channel), name=name)


def _one(rows: Sequence[Row], key: TemplateKey) -> TemplateView:
    """Return the template of that name, the default where nobody has worded it anew; raises `NotFound`."""
    row = next((row for row in rows if row["name"] == key.name), None)
    if row is not None:
        return _view(row)
    if key.name != DEFAULT_NAME:
        raise NotFound("There is no template of this name.")
    return _default(Kind(key.kind), key.language, key.channel)


def _recorded(key: TemplateKey) -> dict[str, str]:
    """Return which template it was, as the administration's events say it."""
    return {
        "messageKind": key.kind,
        "language": key.language,
        "channel": key.channel,
        "templateName": key.name,
    }


def _view(row: Row) -> TemplateView:
    kind = Kind(row["kind"])
    return TemplateView(
        kind=kind,
        language=row["language"],
        channel=Channel(row["channel"]),
        name=row["name"],
        subject=row["subject"],
        body=row["body"],
        is_default=False,
        fields=tuple(sorted(FIELDS[kind])),
        version=row["version"],
        updated_at=row["updated_at"],
    )


def _default(kind: Kind, language: str, channel: Channel) -> TemplateView:
    said = words.text(kind, language, channel)
    return TemplateView(
        kind=kind,
        language=language,
        channel=channel,
        name=DEFAULT_NAME,
        subject=said.subject,
        body=said.body,
        is_default=True,
        fields=tuple(sorted(FIELDS[kind])),
        version=0,
        updated_at=None,
    )


def _place(one: TemplateView) -> tuple[str, UUID]:
    """Where a template stands in the list: pages need a text that sorts, and an id."""
    text = f"{list(FIELDS).index(one.kind):02}:{one.language}:{one.channel}:{one.name}"
    return text, uuid.uuid5(uuid.NAMESPACE_URL, text)
