"""What leave takes from patients becomes work for reception, one press away from the desk."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Check, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import Week, book, schedule, week_ahead

pytestmark = pytest.mark.browser


@pytest.fixture
def week(api: Api) -> Week:
    """A week that lies ahead."""
    return week_ahead(api.date)


@pytest.fixture
def hit(api: Api, clinic: Clinic, week: Week) -> str:
    """Somebody whose doctor has got leave for the day that they booked."""
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1, 2)
    book(api, doctor, week.day(1), 0, "Mei Chen")
    body = {"doctorId": doctor, "type": "annual", "first": week.day(1), "last": week.day(1)}
    leave: Any = api.call("POST", "/api/leave-requests", body, role="receptionist")
    api.call("POST", f"/api/leave-requests/{leave['id']}/approve", {}, role="admin")
    return "Mei Chen"


def test_the_desk_counts_what_is_to_be_rebooked_and_leads_to_the_list(
    clinic: Clinic, hit: str, open_desk: OpenDesk, check: Check
) -> None:
    desk = open_desk(clinic)
    link = desk.page.get_by_role("link", name="To rebook 1")
    expect(link).to_be_visible()
    check(desk.page, "desk-to-rebook")
    link.focus()
    desk.page.keyboard.press("Enter")
    page = desk.page
    expect(page).to_have_url(re.compile(rf"/desk/rebook\?clinic={clinic.id}$"))
    # Whoever is signed in at the desk is not asked again.
    group = page.get_by_role("region", name="1 appointment hit by this leave")
    expect(group).to_contain_text(hit)
    expect(group.get_by_role("link", name="+15550100")).to_have_attribute("href", "tel:+15550100")
    expect(group.locator(".affected-new")).to_be_visible()
    expect(page.get_by_text("As of just now")).to_be_visible()
    check(page, "desk-rebook")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Desk", exact=True).click()
    expect(desk.live).to_be_visible()


def test_the_palette_leads_there_too(clinic: Clinic, open_desk: OpenDesk) -> None:
    desk = open_desk(clinic)
    desk.press("Control+k")
    desk.page.keyboard.type("rebook")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", name="Every booked appointment keeps its time")).to_be_visible()


def test_what_cannot_be_read_any_more_stays_with_its_age(api: Api, clinic: Clinic, hit: str, open_page: Open) -> None:
    kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in("receptionist"))})
    page = open_page(f"/desk/rebook?clinic={clinic.id}", viewport=DESK, storage_state=kept, expect_errors=True)
    expect(page.locator(".affected")).to_contain_text(hit)
    page.context.set_offline(True)
    page.get_by_role("button", name="Read again").click()
    failure = page.locator(".state[role=alert]")
    expect(failure).to_contain_text("Could not load the appointments")
    expect(page.locator(".affected")).to_contain_text(hit)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(failure).to_have_count(0)


def test_who_rebooks_nobody_is_not_led_there(api: Api, clinic: Clinic, hit: str, open_desk: OpenDesk) -> None:
    desk = open_desk(clinic, session=session_of(api.sign_in("department_head")))
    expect(desk.page.get_by_role("button", name="Lanes")).to_be_visible()
    expect(desk.page.get_by_role("link", name="To rebook")).to_have_count(0)
    desk.page.goto("/desk/rebook")
    expect(desk.page.get_by_text("Reception finds patients another time.")).to_be_visible()
