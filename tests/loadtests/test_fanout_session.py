"""The fan-out benchmark on servers of its own, with few members."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from loadtests.fanout import payload
from loadtests.fanout.crowd import Crowd
from loadtests.fanout.machine import cores
from loadtests.fanout.node_packages import FOLDER, Node, node_with_packages
from loadtests.fanout.process import Server, ServerFailed
from loadtests.fanout.servers.orders import Config
from loadtests.fanout.session import RowInvalid, Session

MEMBERS, ROOMS = 40, 4


def configuration(kind: str, *, event: str = payload.EVENT) -> Config:
    return Config(
        kind=kind,
        control="",
        event=event,
        rooms=[payload.ROOM.format(room) for room in range(ROOMS)],
        template=payload.TEMPLATE,
    )


@contextmanager
def session(config: Config) -> Iterator[tuple[Session, Server]]:
    with Server(config, core=cores().server, node=node() if config.kind == "node" else None) as server:
        crowd = Crowd(server.port, ROOMS)
        try:
            crowd.connect(MEMBERS)
            yield Session(server, crowd, ROOMS), server
        finally:
            crowd.close()


def node() -> Node:
    """Node.js with its packages, if somebody has installed them; tests fetch nothing."""
    if not (FOLDER / "node_modules" / ".installed").is_file():
        pytest.skip("Node's packages are installed by the first run of the benchmark.")
    return node_with_packages()


@pytest.mark.parametrize("kind", ["floor", "stock", "ours", "node"])
def test_every_member_gets_every_shared_personal_and_paced_message(kind: str) -> None:
    with session(configuration(kind)) as (measured, server):
        measured.check_members()
        shared = measured.throughput("shared", warm_seconds=0.02, seconds=0.05, leisurely_seconds=0.05)
        personal = measured.throughput("personal", warm_seconds=0.02, seconds=0.05, leisurely_seconds=0.05)
        latency = measured.latency(warm_seconds=0.1, seconds=0.2, per_second=50)
        assert server.resident_bytes() > 2**20
    assert min(shared.prompt.messages, personal.prompt.messages) > 0
    assert min(shared.figures["cpu_us_per_message"], personal.figures["no_wakeups_cpu_us_per_message"]) > 0
    assert latency["broadcasts"] == 10
    assert 0 < latency["first_p50_ms"] <= latency["last_p50_ms"] <= latency["last_p99_ms"]


def test_another_content_makes_a_row_invalid() -> None:
    other_name = payload.EVENT[::-1]
    with (
        session(configuration("floor", event=other_name)) as (measured, _),
        pytest.raises(RowInvalid, match=other_name),
    ):
        measured.throughput("shared", warm_seconds=0, seconds=0)


def test_a_message_too_many_makes_a_row_invalid() -> None:
    with session(configuration("floor")) as (measured, server):
        server.tell({"do": "shared", "first": payload.FIRST_SEQUENCE, "count": 1})
        with pytest.raises(RowInvalid, match="Member 0 got"):
            measured.throughput("shared", warm_seconds=0, seconds=0)


def test_a_server_that_does_not_start_fails_with_its_last_words() -> None:
    broken = msgspec.structs.replace(configuration("floor"), rooms=7)
    with pytest.raises(ServerFailed, match="Expected `array`"):
        Server(broken, core=cores().server, node=None).end()


def test_the_command_prints_one_line_of_json() -> None:
    command = [
        sys.executable,
        "-m",
        "loadtests.fanout",
        "--quick",
        "--json",
        "--servers",
        "floor",
        "--scenarios",
        "1000",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    (line,) = done.stdout.splitlines()
    report = json.loads(line)
    assert set(report["ratios"].values()) == {None}
    assert report["medians"]["shared_1000"]["floor"]["cpu_us_per_message"] > 0
