"""A whole demo clinic as one process tree, and a real browser in front of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from queue_server.embedded.ports import free_port
from tests.e2e.axe import COLOUR_RULES, violations
from tests.e2e.demo import Api, Clinic, Registry
from tests.e2e.desk import Desk

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NO_TOOLBARS = (
    "InitialWebUI",
    "OmniboxPopupWebUI",
    "PreloadTopChromeWebUI",
    "WebUILocationBar",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUIToolbar",
    "WebUIToolbarButton",
)
"""Toolbars that Chromium draws in a process of their own for each window, also where nobody sees them: a fifth of all
that browser tests cost."""
PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "RenderDocument",
    "ThirdPartyStoragePartitioning",
    "Translate",
)
"""What Playwright leaves out by itself, which the last list of a command line replaces."""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
SCREEN = {"width": 1920, "height": 1080}

PATIENCE_MS = 60_000
"""So long a page may take over anything: what is waited for usually comes in milliseconds, but not where several
browsers and servers share two cores that do much else."""
expect.set_options(timeout=PATIENCE_MS)


RERUNS = 1
"""A browser, a demo's five processes and two more test runs share two cores: what fails once is tried once more. That
is told as "rerun" at the end of a run, and a test that is told there often wants mending."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try browser tests once more, and no others."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=RERUNS))


class Demo(NamedTuple):
    """A running demo without robots."""

    api: Api
    registry: Registry
    pid: int


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A demo of this run, on a free port, with data of its own."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-"))
    folder.chmod(0o711)
    data_dir = folder / "data"
    command = [sys.executable, "-m", "queue_server.cli", "demo", "--speed", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--port", str(free_port()), "--data-dir", str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the demo ended with {process.wait(10)} before it was ready"
        told = json.loads(line)
        api = Api(told)
        registry = Registry(data_dir, told["tenantId"], api)
        yield Demo(api, registry, process.pid)
        registry.close()
        api.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def api(demo: Demo) -> Api:
    """The demo's API."""
    return demo.api


@pytest.fixture
def clinic(demo: Demo) -> Clinic:
    """A clinic that nobody else works in."""
    return demo.registry.clinic()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium."""
    binary = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip("there is no Chromium on this machine: `make browser` installs it where it can")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=binary,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                f"--disable-features={','.join((*NO_TOOLBARS, *PLAYWRIGHTS))}",
            ],
        )
        yield launched
        launched.close()


Open = Callable[..., Page]
OpenDesk = Callable[..., Desk]
Check = Callable[[Page, str], None]


@pytest.fixture
def open_page(api: Api, chromium: Browser) -> Iterator[Open]:
    """Opens a page in a context of its own; every console error of any of them fails the test.

    `prepare` is called with the page before it loads anything. With `expect_errors` the console may say what it likes:
    for tests that take network or server away.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(
        path: str, *, expect_errors: bool = False, prepare: Callable[[Page], None] | None = None, **options: Any
    ) -> Page:
        defaults = {"viewport": PHONE, "base_url": api.url, "locale": "en-GB", "reduced_motion": "reduce"}
        context = chromium.new_context(**{**defaults, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        if not expect_errors:
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda m: errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
        if prepare is not None:
            prepare(page)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def open_desk(api: Api, open_page: Open) -> OpenDesk:
    """Opens a desk that is signed in already and shows the lanes of a clinic's doctors, by default the first."""

    def open_one(clinic: Clinic, *lanes: int, session: dict[str, Any] | None = None, **options: Any) -> Desk:
        kept = session or session_of(api.sign_in("receptionist"))
        shown = [clinic.doctors[lane].id for lane in lanes or (0,)]
        chosen = {"clinicId": clinic.id, "lanes": shown}
        store = {"clinic-queue.desk": kept, f"queue-desk:{kept['user']['id']}": chosen}
        options = {"viewport": DESK, "storage_state": storage(api, store), **options}
        desk = Desk(open_page("/desk", **options))
        expect(desk.live).to_be_visible()
        for doctor in shown:
            expect(desk.lane(doctor)).to_be_visible()
        return desk

    return open_one


def session_of(signed_in: dict[str, Any]) -> dict[str, Any]:
    """Return what the screens keep of a sign-in."""
    kept = {key: signed_in[key] for key in ("accessToken", "refreshToken", "user")}
    return {**kept, "expiresAt": int((time.time() + signed_in["expiresIn"]) * 1000)}


def storage(api: Api, store: dict[str, Any]) -> dict[str, Any]:
    """Return a browser's storage that holds `store`."""
    items = [{"name": name, "value": json.dumps(value)} for name, value in store.items()]
    return {"cookies": [], "origins": [{"origin": api.url, "localStorage": items}]}


@pytest.fixture
def shots() -> Path:
    """Where screenshots of this run go; git ignores it."""
    folder = ROOT / "tests" / "e2e" / "shots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def check(shots: Path) -> Check:
    """Holds what a page shows to axe's rules, and its colours to them in both schemes.

    Where SHOTS is set it takes a picture of each.
    """

    def check_one(page: Page, name: str) -> None:
        schemes: tuple[tuple[Literal["light", "dark"], tuple[str, ...]], ...] = (("light", ()), ("dark", COLOUR_RULES))
        for scheme, rules in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if "SHOTS" in os.environ:
                page.screenshot(path=shots / f"{name}-{scheme}.png")
            assert violations(page, *rules) == [], f"{name}, {scheme}"

    return check_one
