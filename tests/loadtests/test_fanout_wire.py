"""The fan-out benchmark's frames and its way of counting them."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from loadtests.fanout import payload
from loadtests.fanout.crowd import Arrivals, Crowd, CrowdFailed
from loadtests.fanout.handshake import HandshakeFailed, server_texts
from loadtests.fanout.websocket import PONG, accept_key, masked, unmasked

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
ENGINE_IO_PING = b"\x81\x012"
WEBSOCKET_PING = b"\x89\x04abcd"


def frame(sequence: int) -> bytes:
    return payload.frame(payload.packet(payload.shared(sequence)))


@contextmanager
def one_member() -> Iterator[tuple[Crowd, socket.socket]]:
    """A crowd of one, and the server's end of its connection."""
    client, server = socket.socketpair()
    client.setblocking(False)
    crowd = Crowd(port=0, rooms=1)
    crowd.admit(client)
    try:
        with server:
            yield crowd, server
    finally:
        crowd.close()


def test_a_payload_is_400_bytes_of_json_whatever_its_numbers() -> None:
    sizes = {
        len(payload.compact(told))
        for sequence in (payload.FIRST_SEQUENCE, payload.FIRST_SEQUENCE + 123_456)
        for told in (payload.shared(sequence), payload.personal(sequence, 0), payload.personal(sequence, 9_999))
    }
    assert sizes == {payload.PAYLOAD_BYTES}


def test_a_frame_carries_the_event_and_its_sequence_number_where_the_client_looks_for_it() -> None:
    whole = frame(payload.FIRST_SEQUENCE + 7)
    name, told = json.loads(whole[4:].removeprefix(b"42"))
    start = payload.SEQUENCE_OFFSET
    assert (name, told) == (payload.EVENT, payload.shared(payload.FIRST_SEQUENCE + 7))
    assert int(whole[start : start + payload.SEQUENCE_DIGITS]) == payload.FIRST_SEQUENCE + 7


def test_each_member_gets_its_own_place_and_another_one_each_time() -> None:
    places = {payload.personal(sequence, member)["position"] for sequence in range(3) for member in (0, 100, 200)}
    assert len(places) == 9


def test_masking_is_undone_by_the_other_side() -> None:
    assert unmasked(masked(b'40{"room":"room-0001"}')) == b'40{"room":"room-0001"}'


def test_the_accept_key_is_that_of_the_example_in_rfc_6455() -> None:
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_only_whole_frames_after_the_upgrade_are_taken() -> None:
    assert server_texts(ANSWER + b"\x81\x020{\x81\x03") == [b"0{"]


def test_a_refused_upgrade_is_told_by_its_status() -> None:
    with pytest.raises(HandshakeFailed, match="503 Service Unavailable"):
        server_texts(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")


def test_messages_are_counted_however_they_are_cut() -> None:
    with one_member() as (crowd, server):
        stream = frame(payload.FIRST_SEQUENCE) + frame(payload.FIRST_SEQUENCE + 1)
        for part in (stream[:100], stream[100:700], stream[700:]):
            server.sendall(part)
            crowd.receive(1)
        assert crowd.messages(0) == 2


@pytest.mark.parametrize("ping", [ENGINE_IO_PING, WEBSOCKET_PING])
def test_a_ping_between_two_messages_is_answered_and_not_counted(ping: bytes) -> None:
    with one_member() as (crowd, server):
        one = frame(payload.FIRST_SEQUENCE)
        server.sendall(one[:50])
        crowd.receive(1)
        server.sendall(one[50:] + ping + one)
        crowd.receive(1)
        assert (crowd.messages(0), crowd.pings) == (2, 1)
        answer = server.recv(100)
        assert (answer[0], unmasked(answer)) in {(0x81, b"3"), (PONG, b"abcd")}


def test_an_unexpected_frame_ends_the_run() -> None:
    with one_member() as (crowd, server):
        server.sendall(b"\x88\x02\x03\xe8")
        with pytest.raises(CrowdFailed, match="opcode 8"):
            crowd.receive(1)


def test_a_lost_connection_ends_the_run() -> None:
    with one_member() as (crowd, server):
        server.shutdown(socket.SHUT_RDWR)
        with pytest.raises(CrowdFailed, match="disconnected"):
            crowd.receive(1)


def test_arrivals_are_noted_under_the_number_of_each_broadcast() -> None:
    arrivals: dict[int, Arrivals] = {}
    with one_member() as (crowd, server):
        for sequence in (payload.FIRST_SEQUENCE, payload.FIRST_SEQUENCE + 1):
            server.sendall(frame(sequence))
        crowd.receive_timed(1, arrivals)
    assert {sequence: arrival.members for sequence, arrival in arrivals.items()} == {
        payload.FIRST_SEQUENCE: 1,
        payload.FIRST_SEQUENCE + 1: 1,
    }
