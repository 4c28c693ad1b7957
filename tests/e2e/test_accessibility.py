"""axe finds nothing on any screen, light and dark; the tracker fits its budget."""

import gzip
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, ROOT, Demo, Open
from tests.e2e.desk import Desk

pytestmark = pytest.mark.browser

AXE = ROOT / "queue_server/web/node_modules/axe-core/axe.min.js"
Scheme = Literal["light", "dark"]
BUDGET = 8 * 1024


def violations(page: Page) -> list[str]:
    """Return what axe finds, rule and place."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{v['id']}: {node['target']}" for v in found["violations"] for node in v["nodes"]]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    """Both colour schemes."""
    chosen: Scheme = request.param
    return chosen


def test_tracker(demo: Demo, open_page: Open, scheme: Scheme, shots: Path) -> None:
    tracker = demo.trackers_of(0)[-1]
    page = open_page(f"/t/{tracker['token']}", color_scheme=scheme, viewport=PHONE)
    expect(page.locator("#card")).to_be_visible()
    page.screenshot(path=shots / f"tracker-{scheme}.png")
    assert violations(page) == []


def test_desk(demo: Demo, open_page: Open, scheme: Scheme, shots: Path) -> None:
    page = open_page("/desk", color_scheme=scheme, viewport=DESK)
    expect(page.locator("input[name=email]")).to_be_visible()
    assert violations(page) == []
    doctors = ["Dr Mehta", "Dr Sørensen", "Dr Banerjee"]
    desk = Desk(page).sign_in(demo, clinic="Riverside Clinic", doctors=doctors)
    page.locator("[data-entry] .card-main").first.click()
    page.screenshot(path=shots / f"desk-{scheme}.png")
    assert violations(page) == []
    for key in ("e", "w", "?", "Control+k"):
        desk.page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        assert violations(page) == [], key
        desk.page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_display(demo: Demo, open_page: Open, scheme: Scheme, shots: Path) -> None:
    page = open_page("/display", color_scheme=scheme, viewport={"width": 1920, "height": 1080})
    assert violations(page) == []
    page.locator("input[type=email]").fill(demo.staff["display"]["email"])
    page.locator("input[type=password]").fill(demo.staff["display"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dr Mehta").first).to_be_visible()
    page.screenshot(path=shots / f"display-{scheme}.png")
    assert violations(page) == []


def test_the_documentation_page(demo: Demo, open_page: Open, scheme: Scheme) -> None:
    page = open_page("/docs", color_scheme=scheme, viewport=DESK)
    assert violations(page) == []


def test_the_whole_tracker_is_eight_kilobytes(demo: Demo) -> None:
    for tracker in demo.trackers[::9]:
        page = httpx.get(f"{demo.url}/t/{tracker['token']}", trust_env=False)
        assert len(gzip.compress(page.content, 9)) <= BUDGET
