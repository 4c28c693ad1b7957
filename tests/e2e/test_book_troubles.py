"""Patients book while something is in the way: answers are lost, clocks wrong, times gone, pages too small."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from queue_server.application.phrases.booking import WORDS
from tests.e2e.booking import Booking, Public
from tests.e2e.conftest import Check, Open, session_of, storage
from tests.e2e.demo import Api

pytestmark = pytest.mark.browser

BOOK = re.compile(r"/api/slots/[^/]+/book$")
HOLD = re.compile(r"/api/slots/[^/]+/hold$")
DAYS = re.compile(r"/api/slots/days")
NARROW = {"width": 320, "height": 640}
TALL = {"width": 390, "height": 844}
MOST_TABS = 80


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


OpenDay = Callable[..., Booking]


@pytest.fixture
def open_day(open_page: Open, public: Public) -> OpenDay:
    """Opens a day of a doctor on which much is free."""

    def open_one(doctor: str, *, query: str = "", **options: Any) -> Booking:
        id = public.doctor(doctor)
        booking = Booking(open_page(f"/book/doctors/{id}?day={public.full_day(id)}{query}", **options))
        expect(booking.page.locator(".times .time").first).to_be_visible()
        return booking

    return open_one


def signed_in(api: Api, session: dict[str, Any]) -> dict[str, Any]:
    """Return a browser's storage in which a patient is signed in."""
    tenant = session["user"]["tenantId"]
    return storage(api, {f"clinic-queue.patient.{tenant}": session_of(session)})


def refused(code: str, status: int = 409) -> Callable[[Route], None]:
    """Return a server that refuses with this code, in English as it always does."""
    problem = {"code": code, "status": status, "title": "In English", "detail": "In English.", "errors": []}
    return lambda route: route.fulfill(status=status, json=problem)


def free_times(booking: Booking) -> Locator:
    return booking.page.locator(".times .time[aria-disabled=false]")


def test_the_child_that_was_chosen_is_booked_after_paying_online(api: Api, open_day: OpenDay, public: Public) -> None:
    session = public.patient("zubeida@example.org", "Zubeida Quill", ("Kasimir Quill",))
    booking = open_day("Okonkwo", storage_state=signed_in(api, session))
    page = booking.page
    free_times(booking).nth(4).click()
    booking.expect_details()
    page.get_by_label("Kasimir Quill").check()
    booking.submit.click()
    expect(page.locator(".visit")).to_contain_text("For Kasimir Quill")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    page.goto("/account")
    expect(page.locator(".appointment")).to_contain_text("For Kasimir Quill")


def has_been_seen(api: Api, doctor: str, name: str, email: str) -> str:
    """Let somebody walk in and be seen today; return which visit that was."""
    visit = api.walk_in(doctor, name, patient={"name": name, "email": email})
    api.command("call-next", doctor, {"appointmentId": visit})
    api.command("start", visit)
    api.command("complete", visit)
    return visit


def test_whoever_was_seen_before_books_and_pays_for_a_follow_up_of_that_visit(
    api: Api, open_day: OpenDay, public: Public
) -> None:
    contact = "wilhelmina.oyelaran@example.org"
    before = has_been_seen(api, public.doctor("Ferreira"), "Wilhelmina Oyelaran", contact)
    session = public.patient(contact, family=("Balthasar Oyelaran",))
    booking = open_day("Ferreira", storage_state=signed_in(api, session))
    page = booking.page
    free_times(booking).nth(3).click()
    booking.expect_details()
    follow_up = page.get_by_label(re.compile(r"^Follow-up of your visit on \w+ \d+, \d{4}$"))
    consultation = page.get_by_label("Consultation")
    expect(consultation).to_be_checked()
    follow_up.check()
    # Who was never seen follows up nothing; and what one person follows up is not another's choice.
    page.get_by_label("Balthasar Oyelaran").check()
    expect(page.get_by_text("Consultation")).to_have_count(0)
    page.get_by_label("Wilhelmina Oyelaran (me)").check()
    expect(consultation).to_be_checked()
    follow_up.check()
    expect(page.locator(".visit")).to_contain_text("€39.00")
    booking.submit.click()
    expect(page.get_by_role("button", name="Pay €39.00")).to_be_visible()
    page.reload()
    expect(page.locator(".visit")).to_contain_text("Follow-up of your visit on")
    page.get_by_role("button", name="Pay €39.00").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    expect(page.locator(".booked")).to_contain_text("Paid: €39.00")
    headers = {"Authorization": f"Bearer {session['accessToken']}"}
    booked = page.request.get("/api/me/appointments", headers=headers).json()["data"]
    assert {one["followUpOf"] for one in booked if one["appointment"]["id"] != before} == {before}


def test_a_guest_is_asked_for_no_kind_of_visit(open_day: OpenDay) -> None:
    booking = open_day("Ferreira")
    free_times(booking).nth(6).click()
    booking.expect_details()
    expect(booking.page.get_by_label("Name", exact=True)).to_be_visible()
    expect(booking.page.get_by_role("radio")).to_have_count(0)


def test_what_is_paid_is_booked_although_the_first_answer_was_lost(open_day: OpenDay) -> None:
    booking = open_day("Okonkwo", expect_errors=True)
    page = booking.page
    free_times(booking).nth(5).click()
    booking.expect_details()
    booking.fill("Paulina Lostwithiel", "+1 555 0177")
    booking.submit.click()
    page.route(BOOK, lambda route: route.abort())
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.locator("main .wrong")).to_contain_text("cannot be reached")
    expect(page.locator("main .well")).to_contain_text("Paid.")
    expect(page.get_by_role("button", name=re.compile("^Pay|pay at the clinic"))).to_have_count(0)
    page.unroute(BOOK)
    page.reload()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    expect(page.locator(".booked")).to_contain_text("Paid: €40.00")


def test_a_time_that_was_held_before_the_page_was_opened_comes_when_it_is_given_up(open_day: OpenDay) -> None:
    mine = open_day("Nakamura").expect_live()
    button = free_times(mine).nth(6)
    start = button.locator("b").inner_text()
    button.click()
    mine.expect_details()
    other = open_day("Nakamura").expect_live()
    expect(other.time(start)).to_have_count(0)
    mine.page.get_by_role("button", name="Give it up").click()
    expect(other.time(start)).to_be_visible()


def test_times_fade_where_no_socket_gets_through(open_day: OpenDay) -> None:
    def unplugged(page: Page) -> None:
        page.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close())
        page.route(re.compile("/socket.io/"), lambda route: route.abort())

    mine, other = open_day("Nakamura"), open_day("Nakamura", prepare=unplugged)
    with other.page.expect_request(re.compile("/api/slots/changes.*since=")):
        expect(other.page.locator(".freshness")).to_have_text("Refreshed every few seconds")
    button = free_times(mine.expect_live()).nth(7)
    start = button.locator("b").inner_text()
    button.click()
    mine.expect_details()
    expect(other.time(start)).to_have_attribute("aria-disabled", "true")


def test_a_phone_whose_clock_is_wrong_keeps_what_it_holds(open_day: OpenDay) -> None:
    wrong = datetime.now(UTC) + timedelta(hours=3)
    booking = open_day("Lindqvist", prepare=lambda page: page.clock.install(time=wrong))
    free_times(booking).nth(2).click()
    booking.expect_details()
    expect(booking.bar).to_contain_text(re.compile(r"(10:00|9:\d\d)"))
    booking.page.reload()
    booking.expect_details()
    expect(booking.bar).to_contain_text(re.compile(r"(10:00|9:\d\d)"))
    expect(booking.offer).to_have_count(0)


def test_what_is_held_and_typed_outlives_a_reload(open_day: OpenDay) -> None:
    booking = open_day("Lindqvist")
    free_times(booking).nth(3).click()
    booking.expect_details()
    booking.fill("Wilhelmina Oyelaran", "+1 555 0178")
    with booking.page.expect_response(HOLD) as answer:
        booking.page.reload()
    assert answer.value.ok
    booking.expect_details()
    expect(booking.page.get_by_label("Name", exact=True)).to_have_value("Wilhelmina Oyelaran")
    booking.book_and_pay_at_the_clinic()


def test_times_are_not_live_without_a_network(open_day: OpenDay) -> None:
    booking = open_day("Mehta", expect_errors=True).expect_live()
    booking.page.context.set_offline(True)
    expect(booking.page.locator(".freshness.live")).to_have_count(0)
    expect(booking.page.locator(".freshness")).to_contain_text("As of")
    booking.page.context.set_offline(False)
    booking.expect_live()


def test_the_focus_follows_whoever_lost_a_time(open_day: OpenDay) -> None:
    booking = open_day("Banerjee", expect_errors=True)
    page = booking.page
    page.route(HOLD, refused("slot_unavailable"), times=1)
    free_times(booking).nth(2).click()
    expect(booking.offer).to_be_focused()
    booking.offer.get_by_role("button", name=re.compile("^Take ")).click()
    expect(page.get_by_role("heading", name="Your details")).to_be_focused()
    page.route(BOOK, refused("slot_blocked"), times=1)
    booking.fill("Ottoline Fairweather", "+1 555 0179")
    booking.submit.click()
    page.get_by_role("button", name="Book now, pay at the clinic").click()
    expect(booking.offer).to_contain_text("This time cannot be booked any more.")
    expect(booking.bar).to_have_count(0)
    booking.offer.get_by_role("button", name=re.compile("^Take ")).click()
    booking.expect_details()
    expect(page.get_by_role("heading", name="Your details")).to_be_focused()
    booking.book_and_pay_at_the_clinic()


def test_what_is_offered_instead_is_said_only_where_it_was_lost(open_day: OpenDay, public: Public) -> None:
    booking = open_day("Banerjee", expect_errors=True)
    page = booking.page
    page.route(HOLD, refused("slot_unavailable"))
    free_times(booking).nth(2).click()
    expect(booking.offer).to_contain_text("Dr Banerjee")
    page.get_by_role("link", name="Find a doctor").click()
    expect(page.locator(".doctor-card").first).to_be_visible()
    expect(booking.offer).to_have_count(0)
    page.goto(f"/book/doctors/{public.doctor('Mehta')}")
    expect(page.locator(".times .time").first).to_be_visible()
    expect(booking.offer).to_have_count(0)
    free_times(booking).first.click()
    expect(booking.offer).to_contain_text("Dr Mehta")
    booking.offer.get_by_role("button", name="Close").click()
    expect(booking.offer).to_have_count(0)


@pytest.mark.parametrize("language", ["es", "hi", "ar"])
def test_what_the_server_refuses_is_said_in_the_readers_language(language: str, open_day: OpenDay) -> None:
    booking = open_day("Banerjee", query=f"&lang={language}", expect_errors=True)
    booking.page.route(HOLD, refused("forbidden", 403))
    free_times(booking).first.click()
    expect(booking.page.locator("main .wrong")).to_have_text(WORDS[language]["error_forbidden"])
    booking.page.unroute(HOLD)
    booking.page.route(HOLD, refused("something_new", 400))
    free_times(booking).first.click()
    expect(booking.page.locator("main .wrong")).to_have_text(WORDS[language]["trouble"])


def test_whoever_has_no_name_yet_says_it_with_the_booking(api: Api, open_day: OpenDay, public: Public) -> None:
    booking = open_day("Mehta", storage_state=signed_in(api, public.patient("nameless@example.org")))
    free_times(booking).nth(1).click()
    booking.expect_details()
    name = booking.page.get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    booking.submit.click()
    expect(booking.page.locator(".mistake")).to_have_text("Give your name.")
    name.fill("Theodora Vantongeren")
    booking.book_and_pay_at_the_clinic()
    booking.page.goto("/account")
    expect(booking.page.get_by_role("heading", name="Hello Theodora Vantongeren")).to_be_visible()


def test_whoever_is_signed_out_meanwhile_signs_in_and_goes_on(api: Api, open_day: OpenDay, public: Public) -> None:
    contact = "leocadia@example.org"
    session = signed_in(api, public.patient(contact, "Leocadia Zamoyska"))
    booking = open_day("Mehta", storage_state=session, expect_errors=True)
    page = booking.page
    free_times(booking).nth(2).click()
    booking.expect_details()
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator("main .wrong")).to_contain_text("Please sign in again.")
    page.get_by_role("link", name="Sign in").click()
    before = len(public.mails(contact))
    page.get_by_label("Phone or e-mail").fill(contact)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code").fill(public.awaited_code(contact, after=before))
    page.get_by_role("button", name="Sign in").click()
    # The way back is there before as well: who takes it now is not signed in yet.
    expect(page.locator("nav.tabs")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    booking.expect_details()
    expect(page.locator("form")).to_contain_text("Signed in as Leocadia Zamoyska")
    booking.book_and_pay_at_the_clinic()


def test_a_doctor_who_is_full_for_weeks_is_looked_at_further_ahead(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Haddad")
    today = datetime.now(UTC).date()

    def prepare(page: Page) -> None:
        # Of the weeks that begin soon nothing is free; those behind them are the server's.
        soon = re.compile(rf"/api/slots/days.*from=({'|'.join(str(today + timedelta(n)) for n in range(-8, 20))})")
        page.route(soon, lambda route: route.fulfill(json={"data": []}))

    page = open_page(f"/book/doctors/{doctor}", prepare=prepare)
    expect(page.locator(".day-full")).to_contain_text("Nothing is free in these weeks.")
    page.get_by_role("button", name="Look further ahead").click()
    expect(page.locator(".times .time").first).to_be_visible()
    shown = str(page.locator(".day[aria-pressed=true]").get_attribute("data-date"))
    assert shown > str(today + timedelta(days=20))
    expect(page.locator("[role=status][aria-live]")).to_contain_text("free:")


def test_whoever_turns_to_later_weeks_is_shown_a_day_of_them(open_day: OpenDay) -> None:
    booking = open_day("Haddad").expect_live()
    page = booking.page
    before = str(page.locator(".day[aria-pressed=true]").get_attribute("data-date"))
    page.get_by_role("button", name="Later", exact=True).click()
    expect(booking.day(before)).to_have_count(0)
    expect(page.locator(".day[aria-pressed=true]")).to_have_count(1)
    expect(free_times(booking).first).to_be_visible()
    booking.expect_live()


def test_a_doctor_without_any_free_time_says_what_else_can_be_done(open_page: Open, public: Public) -> None:
    page = open_page(
        f"/book/doctors/{public.doctor('Haddad')}",
        prepare=lambda page: page.route(DAYS, lambda route: route.fulfill(json={"data": []})),
    )
    page.get_by_role("button", name="Look further ahead").click()
    expect(page.locator(".day-full")).to_contain_text("Look for another doctor, or call the clinic.")


def test_whoever_goes_to_the_next_free_day_reads_on_there(open_page: Open, public: Public) -> None:
    doctor = public.doctor("Haddad")
    day = public.full_day(doctor)
    before = str(datetime.fromisoformat(day).date() - timedelta(days=1))

    def prepare(page: Page) -> None:
        page.route(
            re.compile(rf"/api/slots/availability.*from={before}"), lambda route: route.fulfill(json={"data": []})
        )

    page = open_page(f"/book/doctors/{doctor}?day={before}", prepare=prepare)
    page.get_by_role("button", name=re.compile("^Go to ")).click()
    expect(page.locator(".times .time").first).to_be_visible()
    expect(page.locator("#times-on")).to_be_focused()


@pytest.mark.parametrize("query", ["day=abc", "day=2026-02-31", "mode=nonsense", "day=2001-01-01"])
def test_an_address_that_makes_no_sense_shows_the_next_free_times(query: str, open_page: Open, public: Public) -> None:
    page = open_page(f"/book/doctors/{public.doctor('Haddad')}?{query}")
    expect(page.locator(".times .time[aria-disabled=false]").first).to_be_visible()


def test_whoever_wants_a_video_visit_of_a_doctor_without_any_comes_to_the_clinic(open_day: OpenDay) -> None:
    def without_video(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        assert '"modes":["in_person","tele"]' in text
        route.fulfill(response=answer, body=text.replace('"modes":["in_person","tele"]', '"modes":["in_person"]'))

    def prepare(page: Page) -> None:
        page.route(re.compile("/book/doctors/"), without_video)

    # A page that was handed on by the browser may open no socket.
    booking = open_day("Haddad", query="&mode=tele", prepare=prepare, expect_errors=True)
    free_times(booking).first.click()
    booking.expect_details()
    expect(booking.page.locator(".visit")).to_contain_text("Clinic")


def test_nothing_covers_what_leads_on(open_day: OpenDay) -> None:
    booking = open_day("Sørensen", viewport=TALL)
    free_times(booking).nth(1).click()
    booking.expect_details()
    # Wherever the page is scrolled to: what is seen of the button can be pressed.
    covered = booking.submit.evaluate(
        """button => {
          const covered = [];
          for (let top = 0; top <= document.body.scrollHeight - innerHeight; top += 10) {
            scrollTo(0, top);
            const box = button.getBoundingClientRect();
            const isFree = (y) => button.contains(document.elementFromPoint(box.x + box.width / 2, y));
            const seen = [4, box.height / 2, box.height - 4].map((y) => box.y + y).filter((y) => y < innerHeight);
            if (!seen.every(isFree)) covered.push(top);
          }
          return covered;
        }"""
    )
    assert covered == []


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what fits the selector."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


def test_a_visit_is_booked_by_the_keyboard_alone(open_page: Open) -> None:
    page = open_page("/book?q=ferreira")
    booking = Booking(page)
    expect(page.locator(".next-times .time").first).to_be_visible()
    tab_to(page, ".next-times li:last-child .time")
    page.keyboard.press("Enter")
    booking.expect_details()
    expect(page.get_by_role("heading", name="Your details")).to_be_focused()
    tab_to(page, "input[name=name]")
    page.keyboard.type("Cosima Ravensdale")
    tab_to(page, "input[name=contact]")
    page.keyboard.type("+1 555 0180")
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Payment")).to_be_focused()
    tab_to(page, "main .card button:not(.primary)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are booked")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_is_wider_than_a_small_phone(language: str, open_page: Open, public: Public) -> None:
    def fits() -> None:
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room, page.url

    page = open_page(f"/book?lang={language}", viewport=NARROW)
    booking = Booking(page)
    expect(page.locator(".next-times .time").first).to_be_visible()
    page.locator("summary").click()
    fits()
    doctor = public.doctor("Ferreira")
    page.goto(f"/book/doctors/{doctor}?lang={language}&day={public.full_day(doctor)}")
    expect(page.locator(".times .time").first).to_be_visible()
    fits()
    free_times(booking).nth(5).click()
    expect(booking.bar).to_be_visible()
    fits()
    page.locator("input[name=name]").fill("Anastasiya Featherstonehaugh-Mountbatten")
    # Whoever writes Arabic has these digits on the keyboard.
    long = "anastasiya.featherstonehaugh.mountbatten@example.org"
    page.locator("input[name=contact]").fill("+٩٦٢ ٧٩ ٠٠٠ ٠١٨٢" if language == "ar" else long)
    booking.submit.click()
    expect(page.locator(".visit")).to_be_visible()
    fits()
    page.locator("main .card button").nth(1).click()
    expect(page.locator(".ticket")).to_be_visible()
    fits()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_what_is_offered_instead(language: str, open_day: OpenDay, check: Check) -> None:
    booking = open_day("Banerjee", query=f"&lang={language}", expect_errors=True, viewport=TALL)
    booking.page.route(HOLD, refused("capacity_reached"))
    free_times(booking).nth(2).click()
    expect(booking.offer.locator("button.primary")).to_be_visible()
    check(booking.page, f"book-offer-{language}")


def test_what_was_paid_for_a_time_that_is_gone_comes_back(open_day: OpenDay) -> None:
    booking = open_day("Okonkwo", expect_errors=True)
    page = booking.page
    free_times(booking).nth(6).click()
    booking.expect_details()
    booking.fill("Ignatius Brandywine", "+1 555 0181")
    booking.submit.click()
    page.route(BOOK, refused("hold_expired"))
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(booking.offer).to_contain_text("What you have paid is given back.")
    told = page.evaluate("sessionStorage.getItem('booking.payment')")
    assert json.loads(told)["status"] == "paid"
