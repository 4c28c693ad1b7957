"""Tokens that were found genuine are remembered, and no longer than they are good."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from queue_server.application import links
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens, TrackingClaims
from queue_server.application.unit import Recorder
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.errors import InvalidTrackingToken
from scheduling_core.ids import DoctorId, EntryId, TenantId


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings)


@pytest.fixture
def reader(settings: Settings, tokens: Tokens) -> TrackingLinks:
    return TrackingLinks(Database(settings.database_url), tokens, Recorder(), settings.public_url)


def token(tokens: Tokens, lasts: timedelta = timedelta(days=1)) -> str:
    now = datetime.now(UTC)
    return tokens.issue_tracking(
        tenant=TenantId(uuid4()),
        appointment=EntryId(uuid4()),
        doctor=DoctorId(uuid4()),
        generation=0,
        now=now,
        expires_at=now + lasts,
    )


def test_a_remembered_token_ends_when_it_says(
    reader: TrackingLinks, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = token(tokens, timedelta(seconds=60))
    assert reader.read(link) is reader.read(link)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(seconds=61)

    monkeypatch.setattr(links, "datetime", Later)
    again: list[str] = []
    verify = tokens.verify_tracking

    def counted(text: str) -> TrackingClaims:
        again.append(text)
        return verify(text)

    monkeypatch.setattr(tokens, "verify_tracking", counted)
    reader.read(link)
    assert again == [link]  # verified anew, which knows the real time


def test_what_is_not_genuine_is_never_remembered(reader: TrackingLinks, tokens: Tokens) -> None:
    link = token(tokens)
    reader.read(link)
    for forged in (link[:-4] + "AAAA", link + "A", "nonsense", token(tokens, timedelta(seconds=-1))):
        for _ in range(2):
            with pytest.raises(InvalidTrackingToken):
                reader.read(forged)
    assert list(reader._genuine) == [link]


def test_only_so_many_are_remembered(reader: TrackingLinks, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_REMEMBERED", 3)
    for _ in range(10):
        reader.read(token(tokens))
    assert len(reader._genuine) == 3
