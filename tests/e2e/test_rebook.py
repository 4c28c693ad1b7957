"""What leave takes from patients becomes work for reception, one press away from the desk."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Check, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import Week, book, schedule, slots, week_ahead

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


def test_one_press_takes_the_suggested_time(
    api: Api, clinic: Clinic, hit: str, week: Week, open_page: Open, check: Check
) -> None:
    kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in("receptionist"))})
    page = open_page(f"/desk/rebook?clinic={clinic.id}", viewport=DESK, storage_state=kept)
    suggested = page.locator(".affected-new").inner_text().removeprefix("suggested").strip()
    page.get_by_role("button", name=f"Take this time for {hit}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Every booked appointment keeps its time")).to_be_visible()
    done = page.get_by_role("region", name="Just done")
    # Whoever has to be called stands there with the number, and has the focus.
    expect(done.get_by_role("link", name="+15550100")).to_be_visible()
    expect(done).to_contain_text(re.compile(r"comes on \w+ \d+ \w+, \d\d:\d\d to Dr Alder now"))
    assert suggested.split(",")[0] in done.inner_text()
    # Closed times are not taken again: another one is chosen instead.
    expect(done.get_by_role("button", name="Undo")).to_have_count(0)
    check(page, "desk-rebooked")
    done.get_by_role("button", name=f"Other time for {hit}").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name=re.compile("^Tue")).first.click()
    dialog.locator(".times").get_by_role("button").filter(has_text="11:30").click()
    dialog.get_by_role("button", name=re.compile("^Move to Tue .*, 11:30 with Dr Alder$")).click()
    expect(done).to_contain_text("11:30 to Dr Alder now")
    assert slots(api, clinic.doctors[0].id, week.day(2))[-1]["taken"]["total"] == 1


def test_all_suggested_times_of_a_leave_are_taken_at_once(
    api: Api, clinic: Clinic, week: Week, open_page: Open, check: Check
) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1, 2)
    for place, name in enumerate(("Mei Chen", "Noor Haddad", "Ola Nyberg")):
        book(api, doctor, week.day(1), place, name)
    body = {"doctorId": doctor, "type": "sick", "first": week.day(1), "last": week.day(1)}
    leave: Any = api.call("POST", "/api/leave-requests", body, role="receptionist")
    api.call("POST", f"/api/leave-requests/{leave['id']}/approve", {}, role="admin")
    kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in("receptionist"))})
    page = open_page(f"/desk/rebook?clinic={clinic.id}", viewport=DESK, storage_state=kept)
    check(page, "desk-rebook-several")
    page.get_by_role("button", name="Take all 3 suggested times").click()
    page.get_by_role("button", name="Move 3", exact=True).click()
    expect(page.get_by_role("heading", name="Every booked appointment keeps its time")).to_be_visible()
    expect(page.get_by_role("region", name="Just done").get_by_role("listitem")).to_have_count(3)
