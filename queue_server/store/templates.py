"""What tenants say in their messages in words of their own."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from queue_server.store.messages import Channel
from sql import loader

_Q = loader.queries("templates")

DEFAULT_NAME = "default"
"""Of the template that is used where a clinic has chosen no other."""


class TemplateKey(msgspec.Struct, frozen=True, kw_only=True):
    """Which template: of what kind of message, in which language, for which channel, by which name."""

    kind: str
    language: str
    channel: Channel
    name: str = DEFAULT_NAME


class KeptText(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a template; without a subject where the channel has none."""

    subject: str
    body: str


async def all_of(
    tx: Transaction, *, kind: str | None = None, language: str | None = None, channel: Channel | None = None
) -> Sequence[Row]:
    """Return the tenant's templates: `kind language channel name subject body version updated_at updated_by`."""
    return await tx.rows(_Q["templates"], tx.tenant, kind, language, channel)


async def chosen(tx: Transaction, key: TemplateKey, names: Sequence[str]) -> KeptText | None:
    """Return the template of the first of these names that there is, None where the tenant has none of them."""
    row = await tx.row(_Q["chosen_template"], tx.tenant, key.kind, key.language, key.channel, list(names))
    return KeptText(subject=row["subject"], body=row["body"]) if row is not None else None


async def is_known(tx: Transaction, kind: str, name: str) -> bool:
    """Return whether a kind of message has a template of this name, in whatever language and channel."""
    return name == DEFAULT_NAME or await tx.row(_Q["template_is_known"], tx.tenant, kind, name) is not None


async def lock(tx: Transaction, key: TemplateKey) -> int:
    """Lock a template until the commit and return its version, 0 while there is none."""
    row = await tx.row(_Q["lock_template"], tx.tenant, key.kind, key.language, key.channel, key.name)
    return int(row["version"]) if row is not None else 0


async def count(tx: Transaction) -> int:
    """Return how many templates the tenant has."""
    row = await tx.row(_Q["count_templates"], tx.tenant)
    return int(row["number"]) if row is not None else 0


async def put(tx: Transaction, key: TemplateKey, text: KeptText, by: UUID | None, expected: int | None) -> Row | None:
    """Keep a template and return its row; None when its version is not the expected one any more."""
    return await tx.row(
        _Q["put_template"],
        tx.tenant,
        key.kind,
        key.language,
        key.channel,
        key.name,
        text.subject,
        text.body,
        by,
        expected,
    )


async def delete(tx: Transaction, key: TemplateKey) -> bool:
    """Forget a template; returns whether there was one."""
    return await tx.row(_Q["delete_template"], tx.tenant, key.kind, key.language, key.channel, key.name) is not None
