"""Garbage is found, and long-lived objects are looked at once."""

import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from queue_server import garbage
from queue_server.garbage import GarbageCollection


class Node:
    """Part of a cycle."""

    def __init__(self) -> None:
        self.other: Node | None = None


def cycle() -> weakref.ref[Node]:
    """Make two objects that hold each other, and nobody else does."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture
async def collection() -> AsyncIterator[GarbageCollection]:
    """A collection that runs."""
    running = GarbageCollection()
    running.start()
    yield running
    running.stop()


async def test_what_there_was_at_the_start_is_looked_at_no_more(collection: GarbageCollection) -> None:
    assert gc.get_freeze_count() > 1_000
    assert len(gc.get_objects(generation=2)) < garbage.UNFROZEN


async def test_a_cycle_is_found_once_there_is_enough_to_look_at(
    collection: GarbageCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = cycle()
    collection.look()
    gc.collect(1)  # old now, but not worth a look
    monkeypatch.setattr(garbage, "UNFROZEN", 0)
    lost_later = cycle()
    collection.look()
    assert lost() is None
    assert lost_later() is None


async def test_a_cycle_that_was_frozen_is_found_when_too_much_is_frozen(
    collection: GarbageCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Node(), Node()
    one.other, two.other = two, one
    lost = weakref.ref(one)
    monkeypatch.setattr(garbage, "UNFROZEN", 0)
    collection.look()
    del one, two
    collection.look()
    assert lost() is not None
    monkeypatch.setattr(garbage, "ROOM", -2 * gc.get_freeze_count())
    collection.look()
    assert lost() is None


async def test_what_is_frozen_goes_with_its_last_reference(collection: GarbageCollection) -> None:
    held = Node()
    collection.look_at_everything()
    gone = weakref.ref(held)
    del held
    assert gone() is None


async def test_stopping_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    running = GarbageCollection()
    running.start()
    assert gc.get_threshold() != before
    running.stop()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
