"""Patients in their accounts: what they booked, for whom, what is known of them, and the end of it."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from queue_server.application.phrases.booking import WORDS
from tests.e2e.booking import Booking, Public
from tests.e2e.conftest import Check, Open
from tests.e2e.demo import Api

pytestmark = pytest.mark.browser

FREE = ".times .time[aria-disabled=false]"
SignIn = Callable[..., Page]


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


@pytest.fixture
def sign_in(open_page: Open, public: Public) -> SignIn:
    """Opens the account of whoever reads the mail to `contact`; `page` is one that is open already."""

    def open_one(contact: str, *, name: str = "", language: str = "en", page: Page | None = None) -> Page:
        address = f"/account?lang={language}"
        if page is None:
            page = open_page(address)
        else:
            page.goto(address)
        before = len(public.mails(contact))
        page.locator("input[name=contact]").fill(contact)
        page.locator("form button[type=submit]").click()
        page.locator("input[name=code]").fill(public.awaited_code(contact, after=before))
        page.locator("input[name=name]").fill(name)
        page.locator("form button[type=submit]").click()
        expect(page.locator("nav.tabs")).to_be_visible()
        return page

    return open_one


def book(open_page: Open, public: Public, doctor: str, contact: str, place: int) -> Page:
    """Book as a guest and return the page that confirms it."""
    id = public.doctor(doctor)
    booking = Booking(open_page(f"/book/doctors/{id}?day={public.full_day(id)}"))
    booking.page.locator(FREE).nth(place).click()
    booking.expect_details()
    booking.fill("Priya Nair", contact)
    booking.book_and_pay_at_the_clinic()
    return booking.page


def test_what_a_guest_booked_is_in_the_account_moved_and_cancelled(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    page = book(open_page, public, "Sørensen", "priya@example.org", 3)
    ticket = page.locator(".ticket").inner_text()
    sign_in("priya@example.org", page=page)
    card = page.locator(".appointment")
    expect(page.get_by_role("heading", name="Hello Priya Nair")).to_be_visible()
    expect(card).to_contain_text("You can cancel or move it until")
    old = card.locator(".visit-time").inner_text()
    card.get_by_role("button", name="Choose another time").click()
    card.locator(".day.tint-4").last.click()
    card.locator(".times .time").nth(5).click()
    page.get_by_role("button", name="Yes, move it").click()
    expect(page.locator(".well")).to_contain_text("The visit was moved to")
    expect(card.locator(".visit-time")).not_to_have_text(old)
    tracker = open_page(str(card.get_by_role("link", name="Follow your place").get_attribute("href")))
    expect(tracker.locator("header .chip")).not_to_have_text("")
    assert ticket
    card.get_by_role("button", name="Cancel the visit").click()
    page.get_by_role("button", name="No, keep it").click()
    expect(card).to_contain_text("Booked")
    card.get_by_role("button", name="Cancel the visit").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator(".well")).to_have_text("The visit was cancelled.")
    expect(page.get_by_role("heading", name="Past")).to_be_visible()
    expect(card).to_contain_text("Cancelled")


def test_somebody_new_says_a_name_adds_a_child_and_books_for_it(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    page = sign_in("deepa@example.org")
    page.get_by_role("link", name="Tell us your name").click()
    page.get_by_label("Name", exact=True).fill("Deepa Iyer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Hello Deepa Iyer")).to_be_visible()
    page.get_by_role("link", name="Family").click()
    page.get_by_role("button", name="Add somebody").click()
    page.get_by_label("Name", exact=True).fill("Mira Iyer")
    page.get_by_label("Date of birth").fill("2019-09-30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Mira Iyer")).to_be_visible()
    expect(page.locator("article")).to_contain_text("2019")
    doctor = public.doctor("Mehta")
    page.goto(f"/book/doctors/{doctor}?day={public.full_day(doctor)}")
    booking = Booking(page)
    page.locator(FREE).nth(4).click()
    booking.expect_details()
    page.get_by_label("Mira Iyer").check()
    booking.book_and_pay_at_the_clinic()
    page.goto("/account")
    expect(page.locator(".appointment")).to_contain_text("For Mira Iyer")


def test_a_wrong_code_says_so_and_lets_try_again(open_page: Open, public: Public) -> None:
    page = open_page("/account", expect_errors=True)
    page.get_by_role("button", name="Send the code").click()
    expect(page.locator(".mistake")).to_have_text("Give a phone number or an e-mail address.")
    page.get_by_label("Phone or e-mail").fill("wrong@example.org")
    page.get_by_role("button", name="Send the code").click()
    right = public.awaited_code("wrong@example.org", after=0)
    page.get_by_label("Code").fill("000000" if right != "000000" else "000001")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".mistake")).to_have_text("This code is not right.")
    page.get_by_label("Code").fill(right)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("nav.tabs")).to_be_visible()


def test_consents_are_kept_data_is_taken_along_and_everything_erased(sign_in: SignIn) -> None:
    page = sign_in("hana@example.org", name="Hana Sato")
    page.get_by_role("link", name="Privacy").click()
    page.get_by_label("Reminders before my visits").check()
    expect(page.locator("[role=status][aria-live]")).to_contain_text("Saved.")
    page.reload()
    expect(page.get_by_label("Reminders before my visits")).to_be_checked()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download my data").click()
    told = json.loads(started.value.path().read_text())
    assert told["patient"]["name"] == "Hana Sato"
    page.get_by_role("button", name="Delete my account").click()
    end = page.get_by_role("button", name="Delete for good")
    expect(end).to_be_disabled()
    page.get_by_label("This cannot be undone").fill("DELETE")
    end.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator(".well")).to_have_text("Your account was deleted.")


def test_whoever_has_visits_to_come_is_told_to_cancel_them_before_the_end(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    page = book(open_page, public, "Haddad", "omar@example.org", 4)
    other = open_page("/account/privacy", expect_errors=True)
    sign_in("omar@example.org", page=other)
    other.get_by_role("link", name="Privacy").click()
    other.get_by_role("button", name="Delete my account").click()
    other.get_by_label("This cannot be undone").fill("DELETE")
    other.get_by_role("button", name="Delete for good").click()
    expect(other.locator("dialog .wrong")).to_contain_text("Cancel them first.")
    assert page.url.endswith("/book/done")


def test_a_calendar_subscribes_to_an_address_that_is_shown_once_until_it_is_withdrawn(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    contact = "zephyrine@example.org"
    page = book(open_page, public, "Haddad", contact, 6)
    ticket = page.locator(".ticket").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(contact, page=page)
    page.get_by_role("link", name="Calendar", exact=True).click()
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_role("heading", name="Your new address")).to_be_focused()
    address = page.get_by_label("Address", exact=True).input_value()
    page.get_by_role("button", name="Copy the address").click()
    expect(page.locator("[role=status][aria-live]")).to_contain_text("The address is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
    subscribe = page.get_by_role("link", name="Subscribe on this device")
    expect(subscribe).to_have_attribute("href", address.replace("http:", "webcal:"))
    drawing = page.get_by_role("img", name="QR code of the address")
    assert drawing.evaluate("img => img.decode().then(() => img.naturalWidth > 0)")
    assert f"Ticket {ticket}" in page.request.get(address).text()

    # What was told once is told never again, and withdrawn it opens nothing.
    page.reload()
    withdraw = page.get_by_role("button", name="Withdraw")
    expect(withdraw).to_be_visible()
    expect(page.get_by_label("Address", exact=True)).to_have_count(0)
    withdraw.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").press("Enter")
    expect(page.locator(".well")).to_have_text("The address was withdrawn.")
    expect(page.get_by_role("heading", name="Your visits in your own calendar")).to_be_focused()
    expect(withdraw).to_have_count(0)
    assert page.request.get(address).status == 404


def test_what_was_paid_goes_back_with_the_visit_and_that_is_said(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    id = public.doctor("Okonkwo")
    booking = Booking(open_page(f"/book/doctors/{id}?day={public.full_day(id)}"))
    page = booking.page
    page.locator(FREE).nth(4).click()
    booking.expect_details()
    booking.fill("Wilhelmina Quartz", "wilhelmina@example.org")
    booking.submit.click()
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    sign_in("wilhelmina@example.org", page=page)
    card = page.locator(".appointment")
    expect(card).to_contain_text("Paid: €40.00")
    card.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("dialog")).to_contain_text("You have paid €40.00. It goes back to you the way you paid.")
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator(".well")).to_have_text("The visit was cancelled. On its way back to you: €40.00")
    expect(card).to_contain_text(re.compile("(On its way back to you|Paid back): €40.00"))
    expect(card).not_to_contain_text("Not paid")


def test_a_visit_that_is_not_paid_yet_is_paid_from_the_account(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    id = public.doctor("Okonkwo")
    booking = Booking(open_page(f"/book/doctors/{id}?day={public.full_day(id)}"))
    page = booking.page
    page.locator(FREE).nth(5).click()
    booking.expect_details()
    booking.fill("Araminta Fennimore", "araminta@example.org")
    booking.submit.click()
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("button", name="Pay", exact=True)).to_be_visible()
    page.goto("/book/pay")
    page.get_by_role("button", name="Book now, pay at the clinic").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    sign_in("araminta@example.org", page=page)
    expect(page.locator(".appointment")).to_contain_text("Not paid yet: €40.00")
    page.get_by_role("link", name="Open the payment page").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    # Where the provider leads back to nothing is held any more.
    page.locator("main").get_by_role("link", name="My account").click()
    expect(page.locator(".appointment")).to_contain_text("Paid: €40.00")
    expect(page.get_by_role("link", name="Open the payment page")).to_have_count(0)


def hold(api: Api, slot: str) -> None:
    """Take a time away, as reception does."""
    api.call("POST", f"/api/slots/{slot}/hold", {"mode": "in_person"})


def test_whoever_loses_the_race_for_another_time_is_offered_the_nearest(
    api: Api, open_page: Open, public: Public, sign_in: SignIn, check: Check
) -> None:
    id = public.doctor("Sørensen")
    day = public.full_day(id)
    booked = book(open_page, public, "Sørensen", "ottilie@example.org", 2)
    # News come by no socket, so that the page shows as free what somebody else has just taken.
    page = open_page(
        "/account",
        expect_errors=True,
        prepare=lambda page: page.route_web_socket(re.compile("/socket.io/"), lambda socket: socket.close()),
    )
    sign_in("ottilie@example.org", page=page)
    assert booked.url.endswith("/book/done")
    card = page.locator(".appointment")
    card.get_by_role("button", name="Choose another time").click()
    # It begins at the day of the visit.
    expect(card.locator(f".day[data-date='{day}']")).to_have_attribute("aria-pressed", "true")
    wanted = public.slots(id, day)[4]["id"]
    button = card.locator(f".time[data-slot='{wanted}']")
    expect(button).to_be_visible()
    hold(api, wanted)
    button.click()
    page.get_by_role("button", name="Yes, move it").click()
    lost = card.locator(".instead")
    expect(lost).to_contain_text("is not free any more. The nearest free time is")
    expect(lost).to_be_focused()
    check(page, "account-lost")
    lost.get_by_role("button", name=re.compile("^Take ")).click()
    page.get_by_role("button", name="Yes, move it").click()
    expect(page.locator(".well")).to_contain_text("The visit was moved to")
    expect(card.locator(".instead")).to_have_count(0)


def test_another_time_that_cannot_be_looked_up_can_be_tried_again(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    book(open_page, public, "Haddad", "perpetua@example.org", 7)
    page = sign_in("perpetua@example.org", page=open_page("/account", expect_errors=True))
    page.route("**/api/doctors/*", lambda route: route.abort())
    page.get_by_role("button", name="Choose another time").click()
    failure = page.locator(".move .wrong")
    expect(failure).to_contain_text("The server cannot be reached.")
    page.unroute_all()
    failure.get_by_role("button", name="Try again").click()
    expect(page.locator(".move .times .time").first).to_be_visible()
    expect(failure).to_have_count(0)


def test_without_a_network_the_visits_stay_and_nothing_can_be_done(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    book(open_page, public, "Haddad", "ignatius@example.org", 8)
    page = sign_in("ignatius@example.org", page=open_page("/account", expect_errors=True))
    cancel = page.get_by_role("button", name="Cancel the visit")
    expect(cancel).to_be_enabled()
    page.context.set_offline(True)
    expect(page.locator(".offline")).to_contain_text("No connection.")
    expect(cancel).to_be_disabled()
    expect(page.get_by_role("button", name="Choose another time")).to_be_disabled()
    expect(page.locator(".visit-time")).not_to_have_text("")
    page.context.set_offline(False)
    expect(page.locator(".offline")).to_have_count(0)
    expect(cancel).to_be_enabled()


SECTIONS = ("", "/waitlist", "/calendar", "/family", "/particulars", "/messages", "/privacy")


@pytest.mark.parametrize(("width", "name"), [(320, "Bartholomew Featherstonehaugh"), (390, "Ub Oz")])
def test_an_account_fits_a_phone_in_every_language(width: int, name: str, open_page: Open, sign_in: SignIn) -> None:
    page = open_page("/account", viewport={"width": width, "height": 844})
    sign_in(f"thessaly-{width}@example.org", name=name, page=page)
    for language in WORDS:
        for section in SECTIONS:
            page.goto(f"/account{section}?lang={language}")
            expect(page.locator("nav.tabs")).to_be_visible()
            expect(page.locator("main .card, main .form").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, section)


def test_names_in_latin_letters_stand_on_the_right_of_an_arabic_page(
    open_page: Open, public: Public, sign_in: SignIn
) -> None:
    book(open_page, public, "Haddad", "cosima@example.org", 9)
    page = sign_in("cosima@example.org", language="ar")
    name = page.locator(".visit-with")
    expect(name).to_contain_text("Haddad")
    gap = """element => {
      const text = document.createRange();
      text.selectNodeContents(element);
      return element.getBoundingClientRect().right - text.getBoundingClientRect().right;
    }"""
    assert abs(float(name.evaluate(gap))) < 2


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_in_an_account(
    language: str, open_page: Open, public: Public, sign_in: SignIn, check: Check
) -> None:
    contact = f"noor-{language}@example.org"
    book(open_page, public, "Nakamura", contact, 5)
    page = open_page(f"/account?lang={language}")
    check(page, f"account-sign-in-{language}")
    sign_in(contact, language=language, page=page)
    expect(page.locator(".appointment")).to_be_visible()
    check(page, f"account-appointments-{language}")
    page.locator(".appointment .danger").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    check(page, f"account-cancel-{language}")
    page.keyboard.press("Escape")
    for section in ("waitlist", "calendar", "family", "particulars", "messages", "privacy"):
        page.locator(f"nav.tabs a[href*='/account/{section}']").click()
        expect(page.locator("main .card").first).to_be_visible()
        if section in ("calendar", "family"):
            page.locator("main .primary").click()
        if section == "calendar":
            expect(page.locator(".feeds li")).to_have_count(1)
        check(page, f"account-{section}-{language}")
