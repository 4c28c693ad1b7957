"""One server for all attacks, and what holds after each of them."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from loadtests.attacks.figures import Attack, Outcome, measured
from loadtests.attacks.ground import Target, attacked
from tests.conftest import RunningServices

MEGABYTE = 1_000_000
NOISE = 6 * MEGABYTE
"""What the memory of a process grows by now and then, whatever is done to it."""
SLOWEST_MS = 10_000.0
"""Of an honest phone's updates: late on a machine that does much else, but never shut out. Figures: the benchmark."""

Played = Callable[[Attack], Awaitable[Outcome]]


@pytest.fixture(scope="package")
def target(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with honest clients on it."""
    folder: Path = tmp_path_factory.mktemp("attacked")
    keys = {"JWT_KEYS": "test:" + "0123456789abcdef" * 4, "AUDIT_SIGNING_KEY": "ab" * 32, "DATA_DIR": str(folder)}
    with attacked({**services.urls, **keys}, folder) as running:
        yield running


@pytest.fixture
def play(target: Target) -> Played:
    """Return a way to attack, which holds the server to what it promises whoever attacks it however."""

    async def playing(attack: Attack) -> Outcome:
        outcome = await measured(attack.__name__, attack, target, calm=0.1)
        print(outcome)
        assert outcome.still_open == 0
        assert outcome.memory_peak <= outcome.connections * MEGABYTE + NOISE
        assert outcome.memory_left <= NOISE + outcome.memory_peak // 2
        assert outcome.moves
        assert outcome.p99_during < SLOWEST_MS
        assert len(outcome.log) <= 1
        log = target.log.read_text()
        assert "Traceback" not in log
        assert not any(token in log for token in (target.staff, *target.links))
        return outcome

    return playing
