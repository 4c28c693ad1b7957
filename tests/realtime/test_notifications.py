"""Pointers from a real Postgres, with the connection that listens cut under it."""

from collections.abc import AsyncIterator

import pytest

from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.ids import DoctorId, EntryId, TenantId
from tests.factories import Clinic, today
from tests.graph import Graph
from tests.realtime.conftest import act, cut, until


class Listening:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.pointers: list[tuple[DoctorId, str, int, int]] = []
        self.revoked: list[EntryId] = []
        self.moved: list[EntryId] = []
        self.gaps = 0

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        self.pointers.append((doctor, date, epoch, version))

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        self.moved.append(entry)

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        self.revoked.append(entry)

    def on_gap(self) -> None:
        self.gaps += 1


@pytest.fixture
async def told(settings: Settings) -> AsyncIterator[Listening]:
    listener, notifications = Listening(), Notifications(settings.database_url, application="listen-test")
    notifications.add(listener)
    await notifications.start()
    await until(lambda: notifications.is_listening)
    yield listener
    await notifications.stop()


async def test_each_commit_is_told_once_with_its_version(told: Listening, graph: Graph, clinic: Clinic) -> None:
    doctor = clinic.doctors[0]
    for name in ("pause", "resume"):
        await act(graph, clinic, name, doctor)
    await until(lambda: len([p for p in told.pointers if p[0] == doctor]) == 2)
    pointers = [p for p in told.pointers if p[0] == doctor]
    epoch = pointers[0][2]  # other tests of the run may have raised it
    assert epoch >= 1
    assert pointers == [(doctor, today(), epoch, 1), (doctor, today(), epoch, 2)]


async def test_a_cut_connection_stands_again_and_says_that_something_may_be_missing(
    told: Listening, graph: Graph, clinic: Clinic, database: Database
) -> None:
    assert told.gaps == 1
    await cut(database, "listen-test")
    await until(lambda: told.gaps == 2)
    await act(graph, clinic, "pause", clinic.doctors[0])
    await until(lambda: [p for p in told.pointers if p[0] == clinic.doctors[0]])
