"""Run by the tests as a process of its own: starts something supervised, tells the pids, waits for a signal."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from queue_server import logs
from queue_server.embedded import Child, EmbeddedServices, Supervisor, run_until_signal


def tell(pids: dict[str, int | None], urls: dict[str, str] | None = None) -> None:
    print(json.dumps({"pids": pids, "urls": urls or {}}), flush=True)


async def services(data_dir: str) -> None:
    running = await EmbeddedServices.start(Path(data_dir))
    try:
        names = ["postgres", *(["redis"] if "REDIS_URL" in running.urls else [])]
        tell({name: running.pid(name) for name in names}, running.urls)
        await asyncio.Event().wait()
    finally:
        await running.stop()


async def children(marker: str) -> None:
    """Two children, one of which ignores what it is asked."""
    supervisor = Supervisor()
    deaf = "import signal,time; [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]; time.sleep(60)"
    for name, code in (("obedient", "import time; time.sleep(60)"), ("deaf", deaf)):
        supervisor.add(
            Child(
                name=name,
                argv=[sys.executable, "-c", code, marker],
                env=dict(os.environ),
                stop_seconds=0.3,
                death_signal=signal.SIGKILL,
            )
        )
    async with supervisor:
        tell({name: supervisor.pid(name) for name in ("obedient", "deaf")})
        await asyncio.Event().wait()


if __name__ == "__main__":
    logs.configure()  # to standard error; standard output is for the pids
    work = {"services": services, "children": children}[sys.argv[1]]
    asyncio.run(run_until_signal(work(sys.argv[2])))
