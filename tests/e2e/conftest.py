"""A whole demo clinic as one process tree, and a real browser in front of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from queue_server.embedded.ports import free_port

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}


class Demo:
    """A running demo without robots; speaks to its public API as any of its staff."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.url: str = told["url"]
        self.staff = {login["role"]: login for login in told["staff"]}
        self.doctors: list[dict[str, str]] = told["doctors"]
        self.trackers: list[dict[str, str]] = told["trackers"]
        self._http = httpx.Client(base_url=self.url, timeout=20, trust_env=False)
        self._tokens: dict[str, str] = {}

    def trackers_of(self, doctor: int) -> list[dict[str, str]]:
        """Return the links of one doctor's patients."""
        return [t for t in self.trackers if t["doctorId"] == self.doctors[doctor]["id"]]

    def api(self, method: str, path: str, body: object = None, *, role: str = "receptionist") -> Any:
        """Call the API and return `data`; anything but success fails the test."""
        if role not in self._tokens:
            login = {"email": self.staff[role]["email"], "password": self.staff[role]["password"]}
            answer = self._http.post("/api/auth/login", json=login)
            assert answer.status_code == 200, answer.text
            self._tokens[role] = answer.json()["data"]["accessToken"]
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["data"]

    def command(self, name: str, target: str, body: object = None) -> Any:
        """Do a desk command as the receptionist."""
        return self.api("POST", f"/api/appointments/queue/{name}/{target}", body or {})

    def queue(self, doctor: int) -> Any:
        """Return a doctor's whole queue."""
        return self.api("GET", f"/api/appointments/queue/state/{self.doctors[doctor]['id']}")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A demo clinic of this run, on a free port, with data of its own."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "queue_server.cli", "demo", "--speed", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--port", str(free_port()), "--data-dir", str(folder / "data")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the demo ended with {process.wait(10)} before it was ready"
    running = Demo(json.loads(line))
    yield running
    running.close()
    process.send_signal(signal.SIGTERM)
    process.wait(40)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    binary = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip("there is no Chromium on this machine: `make browser` installs it where it can")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=binary,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield launched
        launched.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(demo: Demo, browser: Browser) -> Iterator[Open]:
    """Opens a page in a context of its own; every console error of any of them fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(path: str, *, expect_errors: bool = False, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": PHONE, "base_url": demo.url, **options})
        contexts.append(context)
        page = context.new_page()
        if not expect_errors:
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def shots() -> Path:
    """Where screenshots of this run go; git ignores it."""
    folder = ROOT / "tests" / "e2e" / "shots"
    folder.mkdir(exist_ok=True)
    return folder
