"""Patients book on their phones: from search to tracker, against each other, against the clock, and with nothing."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.booking import COUNT_TAPS, Booking, Public
from tests.e2e.conftest import Check, Open
from tests.e2e.demo import Api

pytestmark = pytest.mark.browser

MOST_TAPS = 4
"""A time, the details, how it is paid, the tracker."""


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


def shown(page: Page, slot: dict[str, Any], zone: str) -> str:
    """Return how the page writes when a slot begins."""
    told = page.evaluate(
        "([at, timeZone]) => new Intl.DateTimeFormat('en-u-nu-latn',"
        " {timeZone, hour: 'numeric', minute: '2-digit'}).format(new Date(at))",
        [slot["start"], zone],
    )
    return str(told)


@pytest.fixture
def zone(api: Api) -> str:
    return str(api.call("GET", "/api/clinics", role="admin")[0]["timezone"])


def open_day(open_page: Open, doctor: str, day: str, **options: Any) -> Booking:
    booking = Booking(open_page(f"/book/doctors/{doctor}?day={day}", **options))
    expect(booking.page.locator(".times .time").first).to_be_visible()
    return booking


def test_from_search_to_the_tracker_in_few_taps(open_page: Open) -> None:
    booking = Booking(open_page("/book", prepare=lambda page: page.add_init_script(COUNT_TAPS)))
    page = booking.page
    # The second: the first may begin while the test runs.
    page.locator(".doctor-card", has_text="Dr Ferreira").locator(".next-times .time").nth(1).click()
    booking.expect_details()
    booking.fill("Lena Fischer", "+1 555 0133")
    booking.book_and_pay_at_the_clinic()
    ticket = booking.ticket
    # It is drawn by the server: the page does not wait for it.
    assert page.locator("img[src$='/qr.svg']").evaluate("img => img.decode().then(() => img.naturalWidth > 0)")
    page.get_by_role("link", name="Follow your place").click()
    expect(page.locator("header .chip")).to_have_text(ticket)
    expect(page).to_have_url(re.compile(r"/t/"))
    assert booking.taps <= MOST_TAPS


def test_the_confirmation_gives_a_file_for_the_calendar(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Haddad")
    booking = open_day(open_page, doctor, public.full_day(doctor))
    booking.page.locator(".times .time").nth(1).click()
    booking.fill("Ravi Patel", "ravi@example.org")
    booking.book_and_pay_at_the_clinic()
    with booking.page.expect_download() as started:
        booking.page.get_by_role("link", name="Add to calendar").click()
    assert "BEGIN:VEVENT" in started.value.path().read_text()


def test_a_visit_is_paid_for_and_then_booked_by_itself(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Okonkwo")
    booking = open_day(open_page, doctor, public.full_day(doctor))
    page = booking.page
    page.locator(".times .time").nth(2).click()
    booking.fill("Grace Mbeki", "+1 555 0134")
    booking.submit.click()
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    expect(page.locator(".booked")).to_contain_text("Paid: €40.00")


def test_a_time_fades_while_somebody_holds_it_and_comes_back(open_page: Open, public: Public, zone: str) -> None:
    doctor = public.doctor("Nakamura")
    day = public.full_day(doctor)
    mine, other = (open_day(open_page, doctor, day).expect_live() for _ in range(2))
    start = shown(mine.page, public.slots(doctor, day)[3], zone)
    mine.time(start).click()
    mine.expect_details()
    expect(other.time(start)).to_have_attribute("aria-disabled", "true")
    expect(other.time(start)).to_contain_text("being booked")
    expect(other.page.locator("[role=status][aria-live]")).to_contain_text("has just been taken")
    mine.page.get_by_role("button", name="Give it up").click()
    expect(other.time(start)).to_have_attribute("aria-disabled", "false")
    expect(mine.bar).to_have_count(0)


def test_of_two_phones_one_gets_the_time_and_the_other_the_nearest(open_page: Open, public: Public, zone: str) -> None:
    doctor = public.doctor("Lindqvist")
    day = public.full_day(doctor)
    slots = public.slots(doctor, day)
    wanted, later = slots[4], slots[5]

    def deaf(page: Page) -> None:
        page.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
        page.route(re.compile("/api/slots/changes"), lambda route: route.abort())

    # The refusal of a race is an error in the console; without news neither phone knows of the other.
    phones = [open_day(open_page, doctor, day, prepare=deaf, expect_errors=True) for _ in range(2)]
    start = shown(phones[0].page, wanted, zone)
    for phone in phones:
        # At once, before either has been answered.
        phone.time(start).evaluate("button => void setTimeout(() => button.click(), 0)")
    won = [phone.page.wait_for_selector("h1:has-text('Your details'), .offer button.primary") for phone in phones]
    winner, loser = phones if "Your details" in (won[0].inner_text() if won[0] else "") else reversed(phones)
    winner.expect_details()
    expect(loser.offer).to_contain_text(f"{start} is not free any more.")
    nearest = shown(loser.page, later, zone)
    loser.offer.get_by_role("button", name=f"Take {nearest}").click()
    loser.expect_details()
    expect(loser.page.locator(".visit-time")).to_contain_text(nearest)
    winner.fill("Mei Chen", "+1 555 0135")
    loser.fill("Sara Lind", "+1 555 0136")
    winner.book_and_pay_at_the_clinic()
    loser.book_and_pay_at_the_clinic()
    assert winner.ticket != loser.ticket


def free_together(public: Public, clinic: str) -> tuple[str, list[str], int]:
    """Return a day weeks ahead, the times at which several doctors of the clinic are free, and how many they are."""
    first = datetime.now(UTC).date() + timedelta(days=15)
    days = public.ask("/api/slots/days", clinicId=clinic, **{"from": str(first), "to": str(first + timedelta(days=7))})
    day = max(days, key=lambda one: int(one["free"]))["date"]
    times = public.shared_times(clinic, day)
    many = {len(names) for names in times.values()}.pop()
    assert many >= 2
    return str(day), sorted(times), many


def open_any(open_page: Open, clinic: str, day: str, **options: Any) -> Booking:
    booking = Booking(open_page(f"/book/any?clinicId={clinic}&day={day}", **options))
    expect(booking.page.locator(".times .time").first).to_be_visible()
    return booking


def test_any_doctor_of_a_clinic_will_do_and_is_named_before_it_is_booked(open_page: Open, public: Public) -> None:
    clinic = public.clinic_of("Banerjee")
    booking = Booking(open_page(f"/book?clinicId={clinic}"))
    page = booking.page
    card = page.locator(".any-card")
    expect(card).to_contain_text("Riverside Clinic")
    card.locator(".next-times .time").nth(1).click()
    booking.expect_details()
    expect(page.locator(".visit h2")).to_have_text(re.compile(r"You will see Dr \w+\."))
    page.get_by_role("button", name="Give it up").click()
    # Others are chosen where this one was: with whoever is free.
    expect(page).to_have_url(re.compile(rf"/book/any\?clinicId={clinic}"))
    expect(page.locator("main")).to_contain_text("Dr Banerjee")
    page.locator(".times .time").nth(2).click()
    booking.expect_details()
    doctor = page.locator(".visit h2").inner_text().removeprefix("You will see ").rstrip(".")
    booking.fill("Zephyrine Quill", "+1 555 0141")
    booking.book_and_pay_at_the_clinic()
    expect(page.locator(".booked")).to_contain_text(doctor)


def test_a_time_with_any_doctor_fades_with_the_last_of_them(open_page: Open, public: Public, zone: str) -> None:
    clinic = public.clinic_of("Banerjee")
    day, times, many = free_together(public, clinic)
    booking = open_any(open_page, clinic, day).expect_live()
    time = booking.time(shown(booking.page, {"start": times[1]}, zone))
    expect(time).to_contain_text(f"places: {many}")
    for left in range(many - 1, 0, -1):
        public.hold_any(clinic, times[1])
        expect(time).to_have_attribute("aria-disabled", "false")
        if left > 1:
            expect(time).to_contain_text(f"places: {left}")
    public.hold_any(clinic, times[1])
    expect(time).to_have_attribute("aria-disabled", "true")
    expect(time).to_contain_text("being booked")
    expect(booking.page.locator("[role=status][aria-live]")).to_contain_text("has just been taken")


def test_of_two_who_want_any_doctor_one_gets_the_last_and_the_other_the_nearest(
    open_page: Open, public: Public, zone: str
) -> None:
    clinic = public.clinic_of("Banerjee")
    day, times, many = free_together(public, clinic)
    wanted = times[2]
    free = public.shared_times(clinic, day)[wanted]
    last = (free - {public.hold_any(clinic, wanted) for _ in range(many - 1)}).pop()

    def deaf(page: Page) -> None:
        page.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
        page.route(re.compile("/api/slots/changes"), lambda route: route.abort())

    phones = [open_any(open_page, clinic, day, prepare=deaf, expect_errors=True) for _ in range(2)]
    start = shown(phones[0].page, {"start": wanted}, zone)
    for phone in phones:
        phone.time(start).evaluate("button => void setTimeout(() => button.click(), 0)")
    won = [phone.page.wait_for_selector("h1:has-text('Your details'), .offer button.primary") for phone in phones]
    winner, loser = phones if "Your details" in (won[0].inner_text() if won[0] else "") else reversed(phones)
    winner.expect_details()
    expect(winner.page.locator(".visit h2")).to_have_text(f"You will see {last}.")
    expect(loser.offer).to_contain_text(f"{start} is not free any more.")
    expect(loser.offer.get_by_role("link", name="Choose another time")).to_have_attribute(
        "href", re.compile("^/book/any")
    )
    loser.offer.get_by_role("button", name=re.compile("^Take ")).click()
    loser.expect_details()
    winner.fill("Quenby Thistlewood", "+1 555 0142")
    loser.fill("Ottoline Vex", "+1 555 0143")
    winner.book_and_pay_at_the_clinic()
    loser.book_and_pay_at_the_clinic()
    assert winner.ticket != loser.ticket


def test_nobody_is_any_doctor_of_one(open_page: Open) -> None:
    page = open_page("/book?specialty=cardiology")
    expect(page.locator(".next-times .time").first).to_be_visible()
    expect(page.locator(".any-card")).to_have_count(0)


def test_a_hold_warns_ends_and_leaves_what_was_typed(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Banerjee")
    booking = open_day(
        open_page, doctor, public.full_day(doctor), prepare=lambda page: page.clock.install(), expect_errors=True
    )
    page = booking.page
    page.locator(".times .time").nth(1).click()
    booking.expect_details()
    booking.fill("Tomás Díaz", "tomas@example.org")
    expect(booking.bar).not_to_have_class(re.compile("short"))
    page.clock.fast_forward("08:10")
    expect(booking.bar).to_have_class(re.compile("short"))
    expect(page.locator("[role=status][aria-live]")).to_contain_text("two more minutes")
    page.clock.fast_forward("02:00")
    expect(booking.bar).to_have_count(0)
    expect(booking.offer).to_contain_text("What you have typed is kept.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Tomás Díaz")
    expect(booking.submit).to_be_disabled()
    booking.offer.get_by_role("button", name=re.compile("^Take ")).click()
    booking.expect_details()
    expect(page.get_by_label("Phone or e-mail")).to_have_value("tomas@example.org")
    booking.book_and_pay_at_the_clinic()


def test_what_is_missing_is_said_where_it_is_missing(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Ferreira")
    booking = open_day(open_page, doctor, public.full_day(doctor))
    booking.page.locator(".times .time").nth(1).click()
    booking.expect_details()
    booking.submit.click()
    name = booking.page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(booking.page.locator(".mistake")).to_have_text(
        ["Give your name.", "Give a phone number or an e-mail address."]
    )
    booking.fill("Ana Costa", "ana")
    expect(booking.page.locator(".mistake")).to_have_text(["This is neither a phone number nor an e-mail address."])


def test_a_doctor_who_cannot_be_read_can_be_tried_again(open_page: Open) -> None:
    page = open_page("/book", expect_errors=True)
    card = page.locator(".doctor-card", has_text="Dr Ferreira")
    expect(card.locator(".next-times .time").first).to_be_visible()
    page.route("**/api/doctors/*", lambda route: route.abort())
    card.get_by_role("link", name="Dr Ferreira").first.click()
    failure = page.locator(".wrong")
    expect(failure).to_contain_text("The server cannot be reached.")
    page.unroute_all()
    failure.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Dr Ferreira")).to_be_visible()
    expect(failure).to_have_count(0)


def test_days_are_reached_by_arrow_keys(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Mehta")
    day = public.full_day(doctor)
    booking = open_day(open_page, doctor, day)
    booking.day(day).focus()
    booking.page.keyboard.press("ArrowDown")
    booking.page.keyboard.press("Enter")
    expect(booking.day(day)).to_have_attribute("aria-pressed", "false")
    expect(booking.page.locator(".day[aria-pressed=true]")).to_be_focused()


def test_offline_keeps_the_page_and_books_nothing(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Ferreira")
    booking = open_day(open_page, doctor, public.full_day(doctor), expect_errors=True)
    booking.page.locator(".times .time").nth(2).click()
    booking.expect_details()
    booking.fill("Eva Novak", "+1 555 0137")
    booking.page.context.set_offline(True)
    expect(booking.page.locator(".offline")).to_contain_text("No connection.")
    expect(booking.submit).to_be_disabled()
    booking.page.context.set_offline(False)
    expect(booking.page.locator(".offline")).to_have_count(0)
    booking.book_and_pay_at_the_clinic()


def test_a_search_is_shown_again_at_once_with_its_age_when_the_server_is_slow(open_page: Open) -> None:
    page = open_page("/book?specialty=cardiology")
    expect(page.locator(".next-times .time").first).to_be_visible()
    page.route(re.compile("/api/slots/availability"), lambda route: None)
    page.reload()
    expect(page.locator(".next-times .time").first).to_be_visible()
    expect(page.locator(".found-head")).to_contain_text("looking again")


def test_a_search_without_results_says_what_to_do(open_page: Open) -> None:
    page = open_page("/book?q=nobodybythatname")
    expect(page.locator(".empty")).to_contain_text("No doctor fits these choices.")
    page.get_by_role("button", name="Show all doctors").click()
    expect(page.locator(".doctor-card").first).to_be_visible()


def test_doctors_can_be_read_without_scripts(api: Api, open_page: Open, public: Public) -> None:
    doctor = public.doctor("Banerjee")
    page = open_page(f"/book/doctors/{doctor}", java_script_enabled=False)
    expect(page.get_by_role("heading", name="Dr Banerjee")).to_be_visible()
    expect(page.locator("main")).to_contain_text("DM, cardiology")
    expect(page.locator("main")).to_contain_text("Riverside Clinic, 1 River Street")
    expect(page.locator("noscript .note")).to_be_visible()
    told = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert (told["@type"], told["name"], told["medicalSpecialty"]) == ("Physician", "Dr Banerjee", "Cardiology")
    canonical = page.locator("link[rel=canonical]").get_attribute("href")
    assert canonical == told["url"] == f"{api.url}/book/doctors/{doctor}"
    assert page.locator("meta[name=robots]").count() == 0
    sitemap = page.request.get("/sitemap.xml").text()
    assert f"<loc>{canonical}</loc>" in sitemap
    search = open_page("/book", java_script_enabled=False)
    expect(search.get_by_role("link", name="Dr Banerjee")).to_have_attribute("href", f"/book/doctors/{doctor}")


def test_a_doctor_that_there_is_not_is_said_on_a_page(open_page: Open) -> None:
    page = open_page("/book/doctors/018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02", expect_errors=True)
    expect(page.get_by_role("heading")).to_have_text("This doctor cannot be found")


@pytest.mark.parametrize(("language", "doctor"), [("en", "Sørensen"), ("ar", "Okonkwo")])
def test_axe_finds_nothing_on_any_step(
    language: str, doctor: str, open_page: Open, public: Public, check: Check
) -> None:
    id = public.doctor(doctor)
    day = public.full_day(id)
    page = open_page(f"/book?lang={language}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator(".next-times .time").first).to_be_visible()
    page.locator("summary").click()
    check(page, f"book-search-{language}")
    page.goto(f"/book/doctors/{id}?lang={language}&day={day}")
    booking = Booking(page).expect_live()
    expect(page.locator(".times .time").first).to_be_visible()
    other = open_day(open_page, id, day)
    other.page.locator(".times .time").nth(2).click()
    other.expect_details()
    expect(page.locator(".time-gone")).to_have_count(1)
    check(page, f"book-doctor-{language}")
    page.locator(".times .time:not(.time-gone)").nth(1).click()
    expect(booking.bar).to_be_visible()
    booking.submit.click()
    expect(page.locator(".mistake")).to_have_count(2)
    check(page, f"book-details-{language}")
    page.locator("input[name=name]").fill("Noor Aziz")
    page.locator("input[name=contact]").fill("+1 555 0138")
    booking.submit.click()
    expect(page).to_have_url(re.compile("/book/pay"))
    expect(page.locator(".visit")).to_be_visible()
    check(page, f"book-pay-{language}")
    page.locator("main .card button").nth(1).click()
    expect(page.locator(".ticket")).to_be_visible()
    check(page, f"book-done-{language}")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_where_any_doctor_will_do(
    language: str, open_page: Open, public: Public, check: Check
) -> None:
    clinic = public.clinic_of("Okonkwo")
    page = open_page(f"/book?lang={language}&specialty=general")
    expect(page.locator(".any-card .time")).to_have_count(3)
    check(page, f"book-any-search-{language}")
    page.goto(f"/book/any?lang={language}&clinicId={clinic}")
    booking = Booking(page).expect_live()
    expect(page.locator(".times .time").first).to_be_visible()
    check(page, f"book-any-{language}")
    page.locator(".times .time").nth(1).click()
    expect(booking.bar).to_be_visible()
    expect(page.locator(".visit h2")).to_be_visible()
    check(page, f"book-any-details-{language}")
