"""Patients wait for a day that is full: they join, are offered what somebody gives up, and accept, decline or say
nothing; on the page of the link, on the tracker of another visit, and in the account."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.booking import Public
from tests.e2e.conftest import Check, Open
from tests.e2e.demo import Api
from tests.e2e.waiting import Waiting

pytestmark = pytest.mark.browser

PATIENCE = 60
"""Seconds until a worker has done what is due."""
ANSWER_SECONDS = 8
"""How long an offer is open to who says nothing."""


@pytest.fixture
def public(api: Api) -> Iterator[Public]:
    asked = Public(api)
    yield asked
    asked.close()


@pytest.fixture(scope="module")
def used() -> set[str]:
    """The days that were filled."""
    return set()


@pytest.fixture
def waiting(api: Api, public: Public, used: set[str]) -> Iterator[Waiting]:
    made = Waiting(api, public, used)
    yield made
    made.close()


def awaited(found: Callable[[], Any]) -> Any:
    """Return what `found` finds as soon as it finds anything."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if (one := found()) is not None:
            return one
        time.sleep(0.2)
    raise AssertionError("it did not come")


def test_who_joins_where_a_day_is_full_is_offered_what_is_given_up_and_accepts_in_the_account(
    open_page: Open, public: Public, waiting: Waiting, check: Check
) -> None:
    full = waiting.full_day(public.doctor("Okonkwo"))
    contact = "eudoxia.vantongeren@example.org"
    # The refusal of joining twice is an error in the console.
    page = open_page(f"/book/doctors/{full.doctor}?day={full.day}", expect_errors=True)
    page.get_by_role("link", name="Join the waitlist").click()
    expect(page.get_by_role("heading", name="Join the waitlist")).to_be_focused()
    page.get_by_label("Phone or e-mail").fill(contact)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code").fill(public.awaited_code(contact, after=0))
    page.get_by_label("Your name, the first time").fill("Eudoxia Vantongeren")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("From")).to_have_value(full.day)
    page.get_by_label("Until").fill("2020-01-01")
    join = page.get_by_role("button", name="Join the waitlist")
    join.click()
    expect(page.get_by_label("Until")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Until").fill(full.day)
    page.get_by_label("Anything we should know?").fill("Not before ten, please.")
    check(page, "waitlist-join-en")
    join.press("Enter")
    expect(page.get_by_role("heading", name="You are on the waitlist")).to_be_focused()
    expect(page.locator(".place b")).to_have_text("1")
    page.get_by_text("Why this place?").click()
    expect(page.locator(".reasons")).to_contain_text("You have waited since")
    check(page, "waitlist-joined-en")

    # Joining again shows the entry there is.
    page.goto(f"/book/waitlist?doctorId={full.doctor}&clinicId={full.clinic}&lang=ar")
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("heading", name="أنت في قائمة الانتظار هذه من قبل")).to_be_visible()
    check(page, "waitlist-already-ar")

    page.goto("/account/waitlist")
    card = page.locator(".wish")
    expect(card).to_contain_text("Not before ten, please.")
    waiting.give_up(full)
    offer = card.get_by_role("region", name="A time has become free for you")
    expect(offer.get_by_role("timer")).to_have_text(re.compile(r"\d+:\d\d"))
    check(page, "waitlist-account-offer-en")
    offer.get_by_role("button", name="Yes, book it").press("Enter")
    expect(card).to_contain_text("Booked")
    card.get_by_text("What happened so far").click()
    expect(card.locator(".steps li")).to_contain_text(
        ["A visit was booked for you.", "was offered to you", "You joined the waitlist."]
    )
    page.get_by_role("link", name="Follow your place").click()
    expect(page.locator("header .chip")).not_to_have_text("")


def test_what_one_declines_the_next_one_takes_on_the_tracker_of_another_visit(
    api: Api, open_page: Open, public: Public, waiting: Waiting, check: Check
) -> None:
    doctor = public.doctor("Okonkwo")
    full = waiting.full_day(doctor)
    first, second = (
        public.patient(f"{name.split()[0].lower()}@example.org", name)
        for name in ("Thorgunna Bexley", "Ignatz Oyelowo-Park")
    )
    entry, later = waiting.join(full, first), waiting.join(full, second)
    other = public.slots(doctor, public.full_day(doctor))[-1]
    body = {"patient": {"id": later["patientId"]}, "mode": "in_person"}
    visit = api.call("POST", f"/api/slots/{other['id']}/book", body, key=uuid4().hex)
    phone = open_page(f"/t/{visit['trackingToken']}")
    expect(phone.locator("#card")).to_be_visible()
    expect(phone.locator(".offer")).to_have_count(0)

    waiting.give_up(full)
    token = awaited(lambda: waiting.offer(first, entry))["token"]
    page = open_page(f"/invite/{token}")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"\d+:\d\d"))
    check(page, "waitlist-invite-en")
    page.goto(f"/invite/{token}?lang=ar")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"\d+:\d\d"))
    check(page, "waitlist-invite-ar")
    page.locator(".answers form").nth(1).get_by_role("button").press("Enter")
    expect(page.get_by_role("heading", name="أعدتَ الموعد")).to_be_visible()
    check(page, "waitlist-declined-ar")

    card = phone.locator(".offer")
    expect(card.get_by_role("timer")).to_have_text(re.compile(r"\d+:\d\d"))
    check(phone, "waitlist-tracker-en")
    card.get_by_role("button", name="Yes, book it").click()
    expect(phone.get_by_role("heading", name="You are booked")).to_be_visible()
    check(phone, "waitlist-booked-en")
    phone.get_by_role("link", name="Follow your place in the line").click()
    expect(phone.locator("header .chip")).not_to_have_text("")
    assert waiting.ask(first, "GET", f"/api/waitlists/{entry['id']}")["status"] == "active"


def test_after_silence_the_next_one_accepts_without_scripts(
    api: Api, open_page: Open, public: Public, waiting: Waiting
) -> None:
    full = waiting.full_day(public.doctor("Okonkwo"))
    silent, next_one = (
        public.patient(f"{name.split()[0].lower()}@example.org", name)
        for name in ("Wendeline Achterberg", "Casimir Dlamini-Roux")
    )
    # Before anybody waits: what reception offers by hand is open for seconds.
    waiting.give_up(full)
    entry = waiting.join(full, silent)
    until = (datetime.now(UTC) + timedelta(seconds=ANSWER_SECONDS)).isoformat()
    api.call("POST", f"/api/waitlists/{entry['id']}/invite", {"slotId": full.slot, "respondBy": until})
    page = open_page(f"/invite/{awaited(lambda: waiting.offer(silent, entry))['token']}")
    later = waiting.join(full, next_one)
    # The page says itself that the time is over, and the next one is asked.
    expect(page.get_by_role("heading", name="The time to answer is over")).to_be_visible()

    def no_script(path: str) -> Page:
        return open_page(path, java_script_enabled=False)

    token = awaited(lambda: waiting.offer(next_one, later))["token"]
    plain = no_script(f"/invite/{token}")
    expect(plain.locator(".offer-until")).to_contain_text("Held for you until")
    plain.get_by_role("button", name="Yes, book it").click()
    expect(plain.get_by_role("heading", name="You are booked")).to_be_visible()
    plain.get_by_role("link", name="Follow your place in the line").click()
    expect(plain).to_have_url(re.compile("/t/"))
    expect(plain.locator("header .chip")).not_to_have_text("")
    # Whoever comes too late to the first link is told what there is to do.
    late = no_script(page.url)
    expect(late.get_by_role("link", name="See my place on the waitlist")).to_be_visible()
    assert waiting.ask(silent, "GET", f"/api/waitlists/{entry['id']}")["status"] == "active"
