"""Keeps named children running: started in order, restarted when they die, stopped in reverse, none left behind.

A child that never became ready fails the start; one that did is restarted for as long as it takes. Only processes
started here, and still held, are ever signalled.
"""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from .errors import ChildFailed
from .processes import spawn
from .users import ServiceUser

log = structlog.stdlib.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before a restart; doubles each time
STEADY_AFTER = 30.0  # seconds after which a child counts as healthy and the pause starts small again
READY_POLL = 0.05

Ready = Callable[[], Awaitable[bool]]


async def ready_at_once() -> bool:
    """For children whose running is all that can be known."""
    return True


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """What to run and how to treat it. `argv[0]` is an absolute path; `env` is the child's whole environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Ready = ready_at_once
    ready_seconds: float = 30.0
    start_attempts: int = 1  # before the first start counts as failed
    before_start: Callable[[], Awaitable[None]] | None = None
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    stop_seconds: float = 20.0  # for each stop signal; then SIGKILL to the whole group
    death_signal: signal.Signals = signal.SIGTERM
    user: ServiceUser | None = None
    cwd: Path | None = None
    output: Path | None = None


class Supervisor:
    """Runs children. `await start()`, `await stop()`; or `await run_until_signal()` for both."""

    def __init__(self) -> None:
        self._children: list[_Watched] = []

    def add(self, child: Child) -> None:
        """Name a child to run; it starts with `start()`, after those added before it."""
        self._children.append(_Watched(child))

    async def start(self) -> None:
        """Start every child and wait until each is ready; on failure stop those that run and raise `ChildFailed`."""
        try:
            for child in self._children:
                await child.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the children, last first, each within its deadline. May be called twice, and while starting."""
        for child in reversed(self._children):
            await child.stop()

    async def __aenter__(self) -> "Supervisor":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def pid(self, name: str) -> int | None:
        """The process id of a running child; None while it is down. Raises `KeyError` for an unknown name."""
        for child in self._children:
            if child.child.name == name:
                return child.pid
        raise KeyError(name)

    async def run_until_signal(self) -> signal.Signals | None:
        """Start, wait for SIGINT or SIGTERM, stop; returns the signal. Raises `ChildFailed` as `start()` does."""
        return await run_until_signal(self._run())

    async def _run(self) -> None:
        async with self:
            await asyncio.Event().wait()


async def run_until_signal(work: Coroutine[Any, Any, None]) -> signal.Signals | None:
    """Run `work` until it ends or SIGINT or SIGTERM arrives, which cancels it; its own clean-up is waited for.

    Returns the signal, or None when the work ended by itself; raises what the work raised. A second signal changes
    nothing: everything that stops has a deadline already.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    received: list[signal.Signals] = []

    def note(number: signal.Signals) -> None:
        if not received:
            received.append(number)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, note, number)
    try:
        await task
    except asyncio.CancelledError:
        if not received:
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return received[0] if received else None


class _Watched:
    """One child, the process it is now, and the task that brings it back."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        for attempt in range(1, self.child.start_attempts + 1):
            if await self._launch():
                break
            ran_out_of_time = self.pid is not None
            await self._end()
            if ran_out_of_time or attempt == self.child.start_attempts:
                raise ChildFailed(f"{self.child.name} did not start. {_last_words(self.child.output)}".rstrip())
            await asyncio.sleep(FIRST_PAUSE * 2**attempt)
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.child.name}")

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
            self._watcher = None
        await self._end()

    async def _launch(self) -> bool:
        """Start the process and wait until it is ready. False when it ended or the time ran out."""
        child = self.child
        if child.before_start is not None:
            await child.before_start()
        self._process = await spawn(
            child.argv,
            env=child.env,
            cwd=child.cwd,
            user=child.user,
            output=child.output,
            death_signal=child.death_signal,
        )
        loop = asyncio.get_running_loop()
        deadline = loop.time() + child.ready_seconds
        while self._process.returncode is None and loop.time() < deadline:
            if await child.ready():
                log.info("child_ready", child=child.name, pid=self._process.pid)
                return self._process.returncode is None
            await asyncio.sleep(READY_POLL)
        return False

    async def _watch(self) -> None:
        """Bring the child back whenever it ends."""
        loop = asyncio.get_running_loop()
        pause, since = FIRST_PAUSE, loop.time()
        while self._process is not None:
            code = await self._process.wait()
            if loop.time() - since > STEADY_AFTER:
                pause = FIRST_PAUSE
            log.warning("child_died", child=self.child.name, how=_how(code), restart_in_seconds=pause)
            await asyncio.sleep(pause)
            pause, since = min(pause * 2, LONGEST_PAUSE), loop.time()
            await self._relaunch()

    async def _relaunch(self) -> None:
        try:
            if not await self._launch():
                await self._end()
        except Exception:
            # Out of memory or processes, a binary being replaced: what failed now may work after the pause.
            log.exception("child_restart_failed", child=self.child.name)

    async def _end(self) -> None:
        """End the process held, if any: its signals in turn, each with its deadline, then the whole group by force."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number in self.child.stop_signals:
            try:
                process.send_signal(number)
                await asyncio.wait_for(process.wait(), self.child.stop_seconds)
            except ProcessLookupError:
                await process.wait()
            except TimeoutError:
                log.warning("child_slow_to_stop", child=self.child.name, signal=number.name)
                continue
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its session is its group
        await process.wait()


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _last_words(output: Path | None) -> str:
    """The end of a child's log, for the message about its failure."""
    if output is None:
        return ""
    with output.open(errors="replace") as file:
        lines = deque((line.strip() for line in file if line.strip()), maxlen=3)
    return f"Its log {output} ends: {' / '.join(lines)}" if lines else ""
