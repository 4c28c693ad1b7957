"""Answers of use cases that keep their own repetitions: their JSON is made already."""

from uuid import UUID

import msgspec

from queue_server.application.answers import Answer
from queue_server.http.endpoint import Reply


class _Named(msgspec.Struct):
    id: UUID


_decoder = msgspec.json.Decoder(_Named)


def changed(answer: Answer) -> Reply:
    """Return the reply that shows what was changed, with its version."""
    return Reply(encoded=answer.body, version=answer.version)


def made(answer: Answer, base: str) -> Reply:
    """Return the reply that shows what was made, with where it is found; a repetition names the same."""
    location = f"{base}/{_decoder.decode(answer.body).id}"
    return Reply(encoded=answer.body, version=answer.version, headers={"Location": location})


def tried_or_made(answer: Answer, *, dry_run: bool) -> Reply:
    """Return the reply that shows what was made, or without anything being made (200) what would be."""
    return Reply(encoded=answer.body, version=answer.version, status=200 if dry_run else None)
