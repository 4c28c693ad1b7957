"""Visits changed with nothing but their link: from the confirmation, and from the tracker."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.booking import Booking, Public
from tests.e2e.conftest import Check, Open
from tests.e2e.demo import Api

pytestmark = pytest.mark.browser


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


def booked(open_page: Open, public: Public, name: str, place: int) -> Page:
    """Book as a guest and return the page that confirms it."""
    id = public.doctor("Mehta")
    booking = Booking(open_page(f"/book/doctors/{id}?day={public.full_day(id)}"))
    booking.page.locator(".times .time").nth(place).click()
    booking.expect_details()
    booking.fill(name, "+1 555 0177")
    booking.book_and_pay_at_the_clinic()
    return booking.page


def test_a_guest_moves_the_visit_from_the_confirmation_and_cancels_it_from_the_tracker(
    open_page: Open, public: Public, check: Check
) -> None:
    page = booked(open_page, public, "Euphemia Vantongeren", 3)
    page.get_by_role("link", name="Move or cancel the visit").click()
    expect(page.get_by_role("heading", name="Your visit")).to_be_visible()
    link = page.url
    card = page.locator(".appointment")
    old = card.locator(".visit-time").inner_text()
    card.get_by_role("button", name="Choose another time").click()
    expect(card.locator(".times .time").first).to_be_visible()
    check(page, "linked-visit-move")
    # The nearest of the day: neither taken nor the visit's own.
    card.locator(".times .time[aria-disabled=false]").nth(5).click()
    page.get_by_role("button", name="Yes, move it").click()
    expect(page.locator(".well")).to_contain_text("The visit was moved to")
    expect(card.locator(".visit-time")).not_to_have_text(old)
    # The link that is good for as long as the new visit stands.
    expect(page).to_have_url(re.compile(r"/t/[^/]+/change"))
    assert page.url != link
    card.get_by_role("link", name="Follow your place").click()
    page.get_by_role("link", name="Move or cancel the visit").click()
    card.get_by_role("button", name="Cancel the visit").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator(".well")).to_contain_text("The visit was cancelled.")
    expect(card).to_contain_text("Cancelled")
    expect(card.get_by_role("button")).to_have_count(0)
    check(page, "linked-visit-cancelled")
    page.goto(link.replace("/change", ""))
    expect(page.get_by_role("heading", name="Your visit is cancelled")).to_be_visible()
    expect(page.get_by_role("link", name="Move or cancel the visit")).to_have_count(0)


def test_a_visit_that_is_cancelled_meanwhile_hides_the_way_to_change_it_on_the_open_tracker(
    open_page: Open, public: Public
) -> None:
    page = booked(open_page, public, "Philippa Underhill-Voss", 6)
    link = page.get_by_role("link", name="Move or cancel the visit")
    token = re.sub(r".*/t/([^/]+)/change.*", r"\1", str(link.get_attribute("href")))
    tracker = open_page(f"/t/{token}")
    expect(tracker.locator("#foot.live")).to_be_visible()
    expect(tracker.get_by_role("link", name="Move or cancel the visit")).to_be_visible()
    headers = {"Idempotency-Key": "philippa"}
    answer = page.request.post(f"/api/appointments/track/{token}/cancel", data={}, headers=headers)
    assert answer.ok
    expect(tracker.get_by_role("heading", name="Your visit is cancelled")).to_be_visible()
    expect(tracker.get_by_role("link", name="Move or cancel the visit")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_of_a_visit_fits_a_phone(language: str, open_page: Open, public: Public, check: Check) -> None:
    done = booked(open_page, public, "Leocadia Brandywine", 8)
    address = str(done.get_by_role("link", name="Move or cancel the visit").get_attribute("href"))
    page = open_page(address.split("?")[0] + f"?lang={language}", viewport={"width": 320, "height": 740})
    expect(page.locator(".appointment")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    check(page, f"linked-visit-{language}")
