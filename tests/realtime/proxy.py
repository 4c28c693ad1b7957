"""The proxy of `deploy/`, in front of servers of a test: its configuration as it is shipped, but for addresses."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from queue_server.embedded.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
SERVER = re.compile(r"^    server (\w+) [\w-]+:8000 cookie (\w+)$", re.MULTILINE)


def binary() -> str:
    """Return haproxy; skips the test where there is none."""
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("haproxy is not on PATH (install the package 'haproxy')")
    return found


def configuration(port: int, servers: Sequence[str]) -> str:
    """Return the shipped configuration with this port and these addresses in place of the container's."""
    text = CONFIGURATION.read_text()
    text, binds = re.subn(r"^    bind :8000$", f"    bind 127.0.0.1:{port}", text, flags=re.MULTILINE)
    assert binds == 1
    names = dict.fromkeys(SERVER.findall(text))
    assert len(names) == 2
    line = "    server {0} {1} cookie {0}"
    lines = [line.format(f"s{number}", urlsplit(url).netloc) for number, url in enumerate(servers, start=1)]
    # In each backend the first line of a server makes place for all of ours, the others go.
    text = re.sub(r"(?:^    server \w+ [\w-]+:8000 cookie \w+\n)+", "\n".join(lines) + "\n", text, flags=re.MULTILINE)
    assert not SERVER.search(text)
    return text


class Proxy:
    """A running haproxy. `url` has a name for a host: clients keep no cookies of bare addresses."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.url = f"http://localhost:{port}"
        self._process = process

    async def stop(self) -> None:
        """End it."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def proxied(servers: Sequence[str], folder: Path) -> AsyncIterator[Proxy]:
    """Run the proxy in front of `servers` until the block ends."""
    port = free_port()
    file = folder / "haproxy.cfg"
    file.write_text(configuration(port, servers))
    process = await asyncio.create_subprocess_exec(
        binary(), "-db", "-f", str(file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    proxy = Proxy(port, process)
    try:
        yield proxy
    finally:
        await proxy.stop()
