"""Staff work the waitlist: the doctor beside the queue, reception where a time was given back, administrators over all
of it with its policy, messages and figures. Each journey has a clinic of its own."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.admin import Admin
from tests.e2e.conftest import DESK, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import schedule, slots, week_ahead

pytestmark = pytest.mark.browser

PASSWORD = "plenty of quiet words"
LIVE = 30_000
"""Milliseconds until what happens elsewhere is seen, on a machine that does much else."""


class Waitlist(NamedTuple):
    """A clinic where one doctor works mornings and people wait."""

    api: Api
    clinic: str
    doctor: str
    day: str

    def join(self, name: str, **wish: Any) -> Any:
        """Let somebody wait, with an address by their last name, and return the entry."""
        patient = {"name": name, "email": contact_of(name)}
        body = {"clinicId": self.clinic, "doctorId": self.doctor, "patient": patient, **wish}
        return self.api.call("POST", "/api/waitlists", body, key=uuid4().hex)

    def entry(self, entry: str) -> Any:
        """Return an entry as it is now."""
        return self.api.call("GET", f"/api/waitlists/{entry}")

    def slot(self, place: int) -> Any:
        """Return a time of the day that lies ahead."""
        return slots(self.api, self.doctor, self.day)[place]

    def book(self, place: int, name: str) -> str:
        """Book a time of that day and return the appointment."""
        body = {"patient": {"name": name}}
        booked = self.api.call("POST", f"/api/slots/{self.slot(place)['id']}/book", body, key=uuid4().hex)
        return str(booked["appointment"]["id"])


def contact_of(name: str) -> str:
    """Return where somebody is reached."""
    return f"{name.split()[-1].lower()}@example.org"


@pytest.fixture
def waitlist(api: Api, clinic: Clinic) -> Waitlist:
    """Nobody waits yet; times are offered by hand only, at any hour."""
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1, 2)
    tenant = api.sign_in("admin")["user"]["tenantId"]
    policy = {"autoInvite": False, "quietHours": {"start": "00:00", "end": "00:00"}}
    api.call("PUT", f"/api/tenants/{tenant}/clinics/{clinic.id}/waitlist-policy", policy, role="admin")
    return Waitlist(api, clinic.id, doctor, week_ahead(api.date).day(1))


OpenAs = Callable[..., Page]


@pytest.fixture
def open_as(api: Api, open_page: Open) -> OpenAs:
    """Opens a page of staff's as somebody who is signed in already."""

    def open_one(path: str, signed_in: dict[str, Any], *, store: str = "staff", **options: Any) -> Page:
        kept = storage(api, {f"clinic-queue.{store}": session_of(signed_in)})
        return open_page(path, **{"viewport": DESK, "storage_state": kept, **options})

    return open_one


@pytest.fixture
def doctor_account(api: Api, waitlist: Waitlist) -> dict[str, Any]:
    """An account of the doctor who works there, signed in."""
    email = f"dr.{uuid4().hex[:10]}@example.org"
    whose = {"role": "doctor", "doctorId": waitlist.doctor, "clinicIds": [waitlist.clinic]}
    api.call("POST", "/api/staff", {"email": email, "password": PASSWORD, "name": "Dr Alder", **whose}, role="admin")
    login = {"email": email, "password": PASSWORD}
    answer = httpx.post(f"{api.url}/api/auth/login", json=login, timeout=60, trust_env=False)
    signed_in: dict[str, Any] = answer.json()["data"]
    return signed_in


def accept(link: str) -> None:
    """Accept what is offered, as whoever has the link of an entry."""
    path, token = link.rsplit("/invite/", 1)
    answer = httpx.post(f"{path}/api/invites/{token}/accept", json={}, timeout=60, trust_env=False)
    assert answer.is_success, answer.text


def toggle(page: Page, name: str) -> Locator:
    """Return the line of somebody who waits."""
    return page.locator(".wait-toggle", has_text=name)


def expect_order(page: Page, *names: str) -> None:
    """Expect these people to wait, in this order, and nobody else."""
    expect(page.locator(".wait-name")).to_have_text(list(names), timeout=LIVE)


def test_a_doctor_works_the_list_by_key_and_sees_what_happens_elsewhere(
    api: Api, waitlist: Waitlist, doctor_account: dict[str, Any], open_as: OpenAs, check: Check
) -> None:
    waitlist.join("Balthasar Nightingale")
    invited = waitlist.join("Cosima Underhill", notes="Lives next door.")
    urgent = waitlist.join("Desdemona Fairweather", urgency="urgent")
    # Refusals are told by the console, too.
    page = open_as("/doctor", doctor_account, expect_errors=True)
    expect_order(page, "Desdemona Fairweather", "Balthasar Nightingale", "Cosima Underhill")
    expect(page.locator(".policy-line")).to_contain_text("Times are offered by hand only")
    toggle(page, "Desdemona").click()
    why = page.get_by_role("region", name="Why this rank: Desdemona Fairweather")
    expect(why).to_contain_text("Urgent: a head start")
    # A place for a reason, by key.
    toggle(page, "Cosima").press("o")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Place").fill("1")
    dialog.get_by_role("button", name="Give this place").click()
    expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Reason").fill("Leaves the country")
    dialog.get_by_role("button", name="Give this place").click()
    expect_order(page, "Cosima Underhill", "Desdemona Fairweather", "Balthasar Nightingale")
    toggle(page, "Cosima").click()
    expect(page.locator(".wait-open")).to_contain_text("Placed here by staff: Leaves the country")
    check(page, "doctor-waitlist")
    # Asked about a time; who accepts on their phone leaves the list here by itself.
    toggle(page, "Cosima").press("i")
    offer = dialog.get_by_role("button", name=re.compile("^Offer "))
    expect(offer).to_be_focused()
    check(page, "doctor-waitlist-invite")
    offer.press("Enter")
    expect(toggle(page, "Cosima")).to_contain_text(re.compile(r"Invited for .* left"))
    # Shown at once, and said when the server has it.
    expect(page.locator(".toast-done").last).to_contain_text("Cosima Underhill is asked about")
    accept(invited["link"])
    expect_order(page, "Desdemona Fairweather", "Balthasar Nightingale")
    assert waitlist.entry(invited["id"])["status"] == "promoted"
    # The time goes to somebody else while the doctor looks at it: all is as it was, and said.
    toggle(page, "Desdemona").press("p")
    book = dialog.get_by_role("button", name=re.compile("^Book "))
    expect(book).to_be_focused()
    taken = dialog.locator(".free-time[aria-pressed='true']").get_attribute("data-slot")
    api.call("POST", f"/api/slots/{taken}/book", {"patient": {"name": "Euphemia Longbottom"}}, key=uuid4().hex)
    book.click()
    expect(page.locator(".toast-refused").last).to_contain_text("choose another")
    expect_order(page, "Desdemona Fairweather", "Balthasar Nightingale")
    assert waitlist.entry(urgent["id"])["status"] == "active"


def test_reception_asks_who_waits_for_a_time_that_was_cancelled(
    api: Api, waitlist: Waitlist, open_as: OpenAs, check: Check
) -> None:
    booked = waitlist.book(2, "Fitzwilliam Greengrass")
    first = waitlist.join("Guinevere Hollowell", requestedWindow={"partsOfDay": ["morning"]})
    waitlist.join("Hieronymus Inkpen", requestedWindow={"partsOfDay": ["evening"]})
    asked = f"clinic={waitlist.clinic}&doctor={waitlist.doctor}&date={waitlist.day}"
    page = open_as(f"/desk/appointments?{asked}", api.sign_in("receptionist"), store="desk")
    page.get_by_role("row", name=re.compile("Fitzwilliam")).get_by_role("button", name="Cancel").click()
    page.locator("dialog[open]").get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("link", name="Who waits for this time?").click()
    expect(page).to_have_url(re.compile(rf"vacancy={booked}"))
    fitting = page.get_by_role("list", name="For whom the time is").get_by_role("listitem")
    expect(fitting).to_contain_text(["Guinevere Hollowell"])
    others = page.get_by_role("list", name="Not asked by the list")
    expect(others).to_contain_text("Hieronymus Inkpen")
    expect(others).to_contain_text("cannot come in that part of the day")
    check(page, "desk-waitlist")
    page.get_by_role("button", name="Ask the first: Guinevere Hollowell").click()
    expect(page.locator(".toast-done").last).to_contain_text("Guinevere Hollowell is asked now")
    expect(page.locator(".note")).to_contain_text("Guinevere Hollowell")
    assert waitlist.entry(first["id"])["invite"]["slotId"] == waitlist.slot(2)["id"]
    # Whoever rings is put on the list, which says at once what is missing.
    page.get_by_role("button", name="Add somebody").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Add to the list").click()
    expect(dialog.locator(".field-wrong")).to_contain_text("Choose a patient, or begin a new one.")
    dialog.get_by_role("combobox", name="Patient").fill("Isambard Jellicoe")
    dialog.get_by_role("option", name="New patient: Isambard Jellicoe").click()
    dialog.get_by_label("How urgent").select_option("soon")
    dialog.get_by_role("button", name="Add to the list").click()
    expect(toggle(page, "Isambard Jellicoe")).to_contain_text("Soon")


def test_an_administrator_sees_many_lists_decides_how_they_run_and_what_is_said(
    api: Api, waitlist: Waitlist, open_as: OpenAs, check: Check
) -> None:
    waitlist.join("Jocasta Kettlewell")
    waitlist.join("Leocadia Mudge", urgency="soon")
    chronic = {"name": "Kasimir Lovelace", "email": contact_of("Kasimir Lovelace"), "conditions": ["asthma"]}
    known = api.call("POST", "/api/patients", chronic, key=uuid4().hex)
    waitlist.join("Kasimir Lovelace", patient={"id": known["id"]})
    at = f"clinic={waitlist.clinic}"
    # What is refused on purpose below is told by the console, too.
    admin = Admin(open_as(f"/admin/waitlist?{at}", api.sign_in("admin"), expect_errors=True))
    page, dialog = admin.page, admin.dialog
    rows = page.locator(".waits-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Kasimir Lovelace")
    page.get_by_label("Name, phone or note").fill("mudge")
    expect(rows).to_have_count(1)
    page.get_by_label("Name, phone or note").fill("")
    page.get_by_role("checkbox", name="Select Kasimir Lovelace").check()
    page.get_by_role("button", name="Write to them").click()
    dialog.get_by_role("textbox", name="Message").fill("We are open on Saturday, too.")
    dialog.get_by_role("button", name="Send to 1 patient").click()
    admin.expect_told("Written to 1 patient")
    defer_all_but(page, "Kasimir Lovelace")
    check(page, "admin-waitlist")
    _policy(admin, check)
    _figures(admin, waitlist, check)
    _messages(admin, check)
    for section in ("Limits", "Jobs"):
        admin.section(section)
        admin.expect_heading(section)
        expect(page.locator("main .table, main form").first).to_be_visible()
        check(page, f"admin-{section.lower()}")
    expect(dialog).to_have_count(0)


def defer_all_but(page: Page, name: str) -> None:
    """Defer everybody who waits but one; what became of each stands in the row."""
    page.get_by_role("toolbar").get_by_role("checkbox").check()
    page.get_by_role("checkbox", name=f"Select {name}").uncheck()
    page.get_by_role("button", name="Defer 2 patients").click()
    page.locator("dialog[open]").get_by_role("button", name="Defer 2 patients").click()
    expect(page.locator(".bulk-tally")).to_have_text("2 done")
    deferred = page.locator(".waits-table tbody tr", has_text="Deferred until")
    expect(deferred).to_have_count(2)
    expect(deferred.first).to_contain_text("✓ Done")


def _policy(admin: Admin, check: Check) -> None:
    page = admin.page
    admin.tab("Policy")
    moved = page.locator(".preview-words")
    expect(moved).to_have_text("Nobody's place changes.")
    admin.fill("A gold membership", "2")
    expect(moved).to_contain_text("Mend the marked fields")
    admin.press("Save policy")
    admin.expect_error("A gold membership", "less than clinical need")
    admin.fill("A gold membership", "0,2")
    expect(page.locator(".field-wrong")).to_have_count(0)
    # Less than what being seen soon is ahead by: the two of them change places.
    admin.fill("A chronic condition", "0,5")
    admin.fill("Time to answer", "45")
    expect(moved).to_have_text("2 of 3 people move.")
    expect(page.locator(".preview-list li").first).to_contain_text(re.compile(r"Leocadia Mudge.*up 1"))
    check(page, "admin-waitlist-policy")
    admin.press("Save policy")
    admin.expect_told("is saved")
    expect(admin.field("Time to answer")).to_have_value("45")


def _figures(admin: Admin, waitlist: Waitlist, check: Check) -> None:
    page = admin.page
    admin.tab("Figures")
    expect(page.locator("figure.chart svg").first).to_be_visible()
    expect(page.get_by_role("table", name="Who waits now")).to_contain_text("Everybody")
    check(page, "admin-waitlist-figures")
    admin.section("Today")
    tile = page.locator(".tile", has_text="On the waitlist").locator(".tile-value")
    expect(tile).to_have_text("3", timeout=LIVE)
    expect(page.locator(".live:not(.live-lost)")).to_be_visible(timeout=LIVE)
    waitlist.join("Melisande Northcott")
    expect(tile).to_have_text("4", timeout=LIVE)
    check(page, "admin-today")


def _messages(admin: Admin, check: Check) -> None:
    page = admin.page
    admin.section("Messages")
    page.get_by_label("About").select_option("manual")
    row = page.get_by_role("row", name=re.compile("Kasimir Lovelace.*Written by staff"))
    for _ in range(30):
        if row.count():
            break
        page.get_by_role("button", name="Read again").click()
        page.wait_for_timeout(500)
    expect(row).to_be_visible()
    check(page, "admin-messages")
    admin.tab("Not sent")
    expect(page.get_by_text("Every message found its way").or_(page.get_by_role("table")).first).to_be_visible()
    admin.tab("Words")
    page.get_by_label("About").select_option("waitlist_cancelled")
    page.get_by_label("Language").select_option("ar")
    page.get_by_label("Through").select_option("push")
    letter = page.locator(".letter")
    expect(letter).to_have_attribute("dir", "rtl")
    check(page, "admin-messages-words")
    text = page.get_by_role("textbox", name="Text")
    before = text.input_value()
    text.fill("{patientName} {creditCard}")
    hint = page.locator(".template-preview").get_by_role("status")
    expect(hint).to_contain_text("Not possible yet")
    admin.press("Save words")
    expect(text).to_have_attribute("aria-invalid", "true")
    text.fill("{patientName}: ")
    page.get_by_role("button", name="{clinicName}").click()
    expect(text).to_have_value("{patientName}: {clinicName}")
    expect(letter).to_contain_text("عيادة الحديقة")
    admin.press("Save words")
    admin.expect_told("From now on messages say this.")
    admin.press("Drop own words")
    admin.dialog.get_by_role("button", name="Drop own words").click()
    expect(text).to_have_value(before)
