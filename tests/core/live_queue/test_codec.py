"""Events and states survive being written; old events are read through the chain of upcasters."""

import msgspec
import pytest

from scheduling_core.live_queue import codec
from scheduling_core.live_queue import events as ev
from tests.core.live_queue.day import Day, example, id_of


def _busy_day() -> Day:
    day = example()
    day.check_in("C A E", "8:50")
    day.delay(10, "8:55")
    day.call("9:00")
    day.start("C", "9:01")
    day.no_show("B", "9:02")
    day.tick("9:15")
    day.move("D", 1, "9:16")
    day.undo(day.version, "9:16:05")
    day.walk_in("W", "9:16:10")
    return day


def test_every_event_comes_back_as_it_was() -> None:
    for _, _, events in _busy_day().commits:
        for event in events:
            written = codec.encode_event(event)
            assert codec.decode_event(ev.type_of(event), ev.SCHEMA_VERSION, written) == event
            assert codec.encode_event(codec.decode_event(ev.type_of(event), 1, written.decode())) == written


def test_every_type_of_event_is_known_by_its_name() -> None:
    assert set(codec.EVENT_TYPES.values()) == set(ev.Event.__subclasses__())
    assert codec.EVENT_TYPES["entry_moved"] is ev.EntryMoved


def test_the_state_comes_back_as_it_was() -> None:
    queue = _busy_day().queue
    assert codec.decode_state(codec.encode_state(queue)) == queue


def test_ids_take_sixteen_bytes_in_a_state() -> None:
    day = example()
    written = codec.encode_state(day.queue)
    assert id_of("A").bytes in written
    assert str(id_of("A")).encode() not in written


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ("entry_vanished", 1, b"{}"),
        ("entry_moved", 0, b"{}"),
        ("entry_moved", ev.SCHEMA_VERSION + 1, b"{}"),
        ("entry_moved", 1, b'{"type":"entry_moved"}'),
        ("entry_moved", 1, b'{"type":"entry_called","entry":"00000000-0000-0000-0000-000000000001"}'),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, version: int, written: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        codec.decode_event(name, version, written)


def test_an_older_event_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(codec.UPCASTERS, ("entry_moved", 1), lambda old: {**old, "was": old["from"]})
    monkeypatch.setitem(codec.UPCASTERS, ("entry_moved", 2), lambda old: {**old, "to": old["was"] + 1})
    written = msgspec.json.encode({"type": "entry_moved", "entry": id_of("A"), "from": 3})
    assert codec.decode_event("entry_moved", 1, written) == ev.EntryMoved(entry=id_of("A"), was=3, to=4)
    assert codec.upcast("entry_recalled", 1, {"entry": "x"}) == {"entry": "x"}
