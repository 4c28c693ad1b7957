"""The hours of a day that suit best, where times are chosen: by patients, and at the desk."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.booking import Public
from tests.e2e.conftest import DESK, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import book, schedule, week_ahead

pytestmark = pytest.mark.browser


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


def quieter(page: Page, heading: str) -> Locator:
    return page.get_by_role("region", name=heading).get_by_role("button")


def test_patients_see_which_hours_are_quiet_and_why_and_are_led_there(
    open_page: Open, public: Public, check: Check
) -> None:
    doctor = public.doctor("Lindqvist")
    page = open_page(f"/book/doctors/{doctor}?day={public.full_day(doctor)}")
    hours = quieter(page, "Quieter times")
    why = re.compile("free.* · (No wait expected|About .* min of waiting)")
    expect(hours.first).to_have_accessible_description(why)
    hours.first.scroll_into_view_if_needed()
    check(page, "quieter-patients")
    begins = hours.first.inner_text().split(" to ")[0]
    hours.first.press("Enter")
    focused = page.locator(".times .time:focus")
    expect(focused).to_have_count(1)
    hour, half = re.split(r":\d\d", begins)
    assert re.fullmatch(rf"{hour}:\d\d{half}", focused.locator("b").inner_text())


@pytest.mark.parametrize(("language", "heading"), [("es", "Horas más tranquilas"), ("ar", "أوقات أهدأ")])
def test_the_reasons_are_in_the_readers_language(
    language: str, heading: str, open_page: Open, public: Public, check: Check
) -> None:
    doctor = public.doctor("Lindqvist")
    page = open_page(f"/book/doctors/{doctor}?day={public.full_day(doctor)}&lang={language}")
    hours = quieter(page, heading)
    expect(hours.first).to_be_visible()
    hours.first.scroll_into_view_if_needed()
    assert not re.search("wait|free|place", page.get_by_role("region", name=heading).inner_text())
    check(page, f"quieter-{language}")


def test_the_desk_sees_that_an_empty_hour_is_quieter_than_a_booked_one(
    api: Api, clinic: Clinic, open_page: Open, check: Check
) -> None:
    doctor, day = clinic.doctors[0], week_ahead(api.date).day(1)
    schedule(api, clinic.id, doctor.id, 1, 2)
    book(api, doctor.id, day, 0, "Xanthe Oddworth")
    kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in("receptionist"))})
    path = f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={day}"
    page = open_page(path, viewport=DESK, storage_state=kept)
    hours = quieter(page, "Quieter hours")
    expect(hours).to_have_count(3)
    assert [one.split("\n")[0] for one in hours.all_inner_texts()] == ["10:00–11:00", "11:00–12:00", "09:00–10:00"]
    expect(hours.first).to_contain_text("All places are free")
    expect(hours.last).to_contain_text("1 of 2 places are free")
    check(page, "quieter-desk")
    hours.last.click()
    expect(page.locator(".times .time:focus")).to_contain_text("09:30")
