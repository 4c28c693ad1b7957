"""The supervisor: whatever dies comes back, whatever is stopped stays gone."""

import asyncio
import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from queue_server.embedded import Child, ChildFailed, Supervisor

from .conftest import alive, processes_naming, until

SLEEP = "import time; time.sleep(60)"
DEAF = "import signal,time; signal.signal(15, signal.SIG_IGN); open({ready!r}, 'w').close(); time.sleep(60)"


def child(name: str, code: str = SLEEP, **options: Any) -> Child:
    return Child(name=name, argv=[sys.executable, "-c", code], env=dict(os.environ), **options)


async def test_a_killed_child_is_back() -> None:
    supervisor = Supervisor()
    supervisor.add(child("one"))
    async with supervisor:
        first = supervisor.pid("one")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pid("one") not in (None, first))
        second = supervisor.pid("one")
    assert second is not None
    assert not alive(second)


async def test_a_child_that_keeps_dying_is_tried_again_with_growing_pauses() -> None:
    supervisor = Supervisor()
    starts: list[float] = []

    async def note() -> None:
        starts.append(asyncio.get_running_loop().time())

    supervisor.add(child("short", "import time; time.sleep(0.05)", before_start=note))
    async with supervisor:
        await until(lambda: len(starts) == 4)
    pauses = [after - before for before, after in itertools.pairwise(starts)]
    # Each is at least twice the one before; a machine that does much else makes any of them longer.
    assert pauses[-1] >= 0.4


async def test_a_child_that_never_starts_fails_the_start_with_its_last_words(folder: Path) -> None:
    supervisor = Supervisor()
    supervisor.add(child("good"))
    supervisor.add(child("bad", "raise SystemExit('no such luck')", output=folder / "bad.log", ready=never))
    with pytest.raises(ChildFailed, match=r"bad did not start.*no such luck"):
        await supervisor.start()
    assert supervisor.pid("good") is None


async def never() -> bool:
    return False


async def test_a_child_that_is_not_ready_in_time_fails_the_start() -> None:
    supervisor = Supervisor()
    supervisor.add(child("slow", ready=never, ready_seconds=0.2))
    with pytest.raises(ChildFailed, match="slow did not start"):
        await supervisor.start()
    assert supervisor.pid("slow") is None


async def test_a_child_that_ignores_its_signal_is_killed_with_its_whole_group(folder: Path) -> None:
    ready = folder / "ready"
    code = f"import subprocess; subprocess.Popen(['sleep', '61.5']); {DEAF.format(ready=str(ready))}"
    supervisor = Supervisor()
    supervisor.add(child("deaf", code, stop_seconds=0.2))
    await supervisor.start()
    pid = supervisor.pid("deaf")
    assert pid is not None
    await until(ready.exists)
    grandchild = next(other for other in processes_naming("61.5") if os.getpgid(other) == pid)
    await supervisor.stop()
    assert not alive(pid)
    await until(lambda: not alive(grandchild))


async def test_children_stop_in_reverse_order(folder: Path) -> None:
    order = folder / "order"
    code = "import signal,sys,time\nsignal.signal(15, lambda *_: (open({0!r}, 'a').write({1!r}), sys.exit()))\n"
    code += "open({2!r}, 'w').close()\ntime.sleep(60)"
    supervisor = Supervisor()
    for name in "abc":
        supervisor.add(child(name, code.format(str(order), name, str(folder / f"{name}.ready"))))
    async with supervisor:
        await until(lambda: all((folder / f"{name}.ready").exists() for name in "abc"))
    assert order.read_text() == "cba"


async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    supervisor = Supervisor()
    supervisor.add(child("first"))
    supervisor.add(child("never ready", ready=never))
    starting = asyncio.create_task(supervisor.start())
    await until(lambda: supervisor.pid("never ready"))
    pids = [supervisor.pid("first"), supervisor.pid("never ready")]
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert all(pid is not None and not alive(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_everything_in_time(hold: Any, number: signal.Signals) -> None:
    holder = await hold("children", f"marker-{os.getpid()}-{number}")
    assert await holder.end(number) == 0
    assert not any(alive(pid) for pid in holder.pids)


async def test_children_die_with_a_supervisor_that_is_killed(hold: Any) -> None:
    holder = await hold("children", f"marker-{os.getpid()}-killed")
    await holder.end(signal.SIGKILL)
    await until(lambda: not any(alive(pid) for pid in holder.pids))
