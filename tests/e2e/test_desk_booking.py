"""Reception books, moves and cancels: by keyboard, in a race, after an absence."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Check, Demo, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import Week, book, schedule, slots, week_ahead

pytestmark = pytest.mark.browser

MOST_TABS = 60


@pytest.fixture
def week(api: Api) -> Week:
    """A week that lies ahead."""
    return week_ahead(api.date)


@pytest.fixture
def by_day(demo: Demo) -> tuple[Clinic, str]:
    """A clinic where it is morning now, whenever the test runs, and its date: the day has times to come."""
    behind = min(12, datetime.now(UTC).hour - 9)
    zone = f"Etc/GMT{behind:+d}"
    clinic = demo.registry.clinic(zone=zone)
    return clinic, str(datetime.now(ZoneInfo(zone)).date())


class Reception:
    """The pages about times to come, as whoever sits there sees them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.times = page.locator(".times")
        self.bar = page.get_by_role("region", name="Held time")
        self.patient = page.get_by_role("combobox", name="Patient")
        self.options = page.locator(".patient-list [role=option]")
        self.book = page.get_by_role("button", name="Book", exact=True)
        self.dialog = page.locator("dialog[open]")
        self.done = page.get_by_role("region", name="Just done")

    def time(self, clock: str) -> Locator:
        """Return the button of a time."""
        return self.times.get_by_role("button").filter(has=self.page.get_by_text(clock, exact=True))

    def row(self, name: str) -> Locator:
        """Return the row of somebody who is booked."""
        return self.page.get_by_role("row").filter(has_text=name)

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until the focus is there; fails when it never comes there."""
        expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("the Tab key does not lead there")


OpenReception = Callable[..., Reception]


@pytest.fixture
def reception(api: Api, open_page: Open) -> OpenReception:
    """Opens a page of reception's as one of its roles."""

    def open_one(path: str, role: str = "receptionist", **options: Any) -> Reception:
        kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in(role))})
        return Reception(open_page(path, **{"viewport": DESK, "storage_state": kept, **options}))

    return open_one


def test_a_booking_by_keyboard_alone_appears_in_the_line_at_the_desk(
    api: Api, by_day: tuple[Clinic, str], open_desk: OpenDesk, check: Check
) -> None:
    clinic, _ = by_day
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, *range(1, 8), start="06:00", end="22:00")
    desk = open_desk(clinic)
    here = Reception(desk.page.context.new_page())
    here.page.goto("/desk")
    expect(here.page.locator(".connection-live")).to_be_visible()
    here.page.keyboard.press("b")
    expect(here.page).to_have_url(re.compile(r"/desk/book\?"))
    free = here.times.locator(".time-free").last
    expect(free).to_be_visible()
    here.tab_to(here.times.get_by_role("button").first)
    here.page.keyboard.press("End")
    expect(free).to_be_focused()
    here.page.keyboard.press("ArrowLeft")
    here.page.keyboard.press("Enter")
    expect(here.bar).to_contain_text(re.compile(r"Held for you (29|30):\d\d"))
    # What comes next has the focus already.
    expect(here.patient).to_be_focused()
    here.page.keyboard.type("Xochitl Quispe")
    expect(here.options.filter(has_text="New patient: Xochitl Quispe")).to_be_visible()
    check(here.page, "book-held")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_label("Name")).to_be_focused()
    here.page.keyboard.press("Tab")
    here.page.keyboard.type("+1 555 0142")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("heading", name="Booked")).to_be_focused()
    check(here.page, "book-booked")
    card = desk.lane(doctor.id).locator("[data-entry]").filter(has_text="Xochitl Quispe")
    expect(card).to_be_visible()
    assert [one["phone"] for one in api.queue(doctor.id)["entries"]] == ["+15550142"]


def test_a_known_patient_is_found_by_phone(api: Api, clinic: Clinic, week: Week, reception: OpenReception) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    # A name of her own: the demo clinic and other tests have patients too, and all of them can be found.
    book(api, doctor.id, week.day(1), 0, "Noor Quillfeather")
    here = reception(f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(2)}")
    here.time("09:30").click()
    expect(here.patient).to_be_focused()
    here.page.keyboard.type("Noor Q")
    here.options.filter(has_text="+1").click()
    expect(here.page.locator(".who")).to_contain_text("Noor Quillfeather")
    here.book.click()
    expect(here.page.get_by_role("heading", name="Booked")).to_be_visible()
    (taken,) = [slot for slot in slots(api, doctor.id, week.day(2)) if slot["taken"]["total"]]
    assert taken["status"] == "full"
    # The way back.
    here.page.get_by_role("button", name="Undo the booking").click()
    expect(here.page.get_by_role("heading", name="Taken back")).to_be_visible()
    assert not [slot for slot in slots(api, doctor.id, week.day(2)) if slot["taken"]["total"]]


def test_of_two_receptionists_one_gets_the_time_and_the_other_what_is_nearest(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    path = f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}"
    one, other = reception(path), reception(path, "admin", expect_errors=True)
    expect(other.time("10:00")).to_contain_text("free")
    # The other page has not heard of it yet, as it may happen: the server decides.
    stale = other.page.request.get(
        f"/api/doctors/{doctor.id}/slots?from={week.day(1)}&to={week.day(1)}&limit=200",
        headers={"Authorization": f"Bearer {api.sign_in('admin')['accessToken']}"},
    ).body()
    other.page.route(
        "**/api/doctors/*/slots?*", lambda route: route.fulfill(body=stale, content_type="application/json")
    )
    one.time("10:00").click()
    expect(one.bar).to_contain_text("10:00")
    other.time("10:00").click()
    refusal = other.page.locator(".not-held")
    expect(refusal).to_contain_text("Somebody is just booking this time.")
    near = refusal.get_by_role("list", name="Nearest free times").get_by_role("button")
    expect(near).to_have_count(3)
    check(other.page, "book-lost")
    other.page.unroute_all()
    expect(other.time("10:00")).to_contain_text("being booked")
    near.first.click()
    expect(other.bar).to_contain_text("10:30")
    # What is given up is free for the other one, without a word.
    one.bar.get_by_role("button", name="Give up").click()
    expect(other.time("10:00")).to_contain_text("free")


def test_a_page_that_is_left_keeps_no_time(api: Api, clinic: Clinic, week: Week, reception: OpenReception) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    path = f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}"
    here, other = reception(path), reception(path, "admin")
    here.time("09:00").click()
    expect(other.time("09:00")).to_contain_text("being booked")
    here.page.get_by_role("link", name="Desk", exact=True).click()
    expect(here.page).to_have_url(re.compile("/desk$"))
    expect(other.time("09:00")).to_contain_text("free")


def test_a_hold_that_ends_keeps_the_form_and_can_be_had_again(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    here = reception(
        f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}",
        prepare=lambda page: page.clock.install(),
    )
    here.time("11:00").click()
    expect(here.patient).to_be_focused()
    here.page.keyboard.type("Liv Dahl")
    here.options.filter(has_text="New patient").click()
    here.page.clock.fast_forward(29 * 60_000)
    expect(here.bar).to_have_class(re.compile("hold-ending"))
    check(here.page, "book-ending")
    here.page.clock.fast_forward(2 * 60_000)
    expect(here.bar).to_contain_text("11:00 is not held any more.")
    expect(here.time("11:00")).not_to_contain_text("yours")
    expect(here.page.get_by_label("Name")).to_have_value("Liv Dahl")
    check(here.page, "book-over")
    here.bar.get_by_role("button", name="Hold it again").click()
    expect(here.bar).to_contain_text("Held for you")
    here.book.click()
    expect(here.page.get_by_role("heading", name="Booked")).to_be_visible()


def test_what_is_missing_is_told_at_its_field(api: Api, clinic: Clinic, week: Week, reception: OpenReception) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    here = reception(f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}")
    here.book.click()
    expect(here.patient).to_be_focused()
    expect(here.patient).to_have_attribute("aria-invalid", "true")
    here.page.keyboard.type("+1 555 01")
    here.options.filter(has_text="New patient").click()
    here.book.click()
    expect(here.page.get_by_text("Give the patient's name.")).to_be_visible()
    here.page.get_by_label("Name").fill("Ana Rossi")
    here.book.click()
    expect(here.page.get_by_text("No time is held. Choose one first; what you typed is kept.")).to_be_visible()
    assert violations(here.page) == []


def test_equipment_that_is_taken_is_said_so_and_the_fee_is_taken_at_the_desk_and_given_back(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    doctor, colleague = clinic.doctors[:2]
    for one in (doctor, colleague):
        schedule(api, clinic.id, one.id, 1, 2)
    fees = {"currency": "EUR", "consultation": 4500}
    api.call("PUT", f"/api/doctors/{doctor.id}/fees", fees, role="admin")
    scanner = {"clinicId": clinic.id, "name": "Scanner", "type": "ultrasound"}
    device = api.call("POST", "/api/equipment", scanner, role="admin")["id"]
    taken = {"patient": {"name": "Ines Falk"}, "equipmentIds": [device]}
    slot = slots(api, colleague.id, week.day(1))[0]["id"]
    api.call("POST", f"/api/slots/{slot}/book", taken, key=slot)
    path = f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}"
    here = reception(path, expect_errors=True)
    here.time("09:00").click()
    expect(here.patient).to_be_focused()
    here.page.keyboard.type("Uma Walsh")
    here.options.filter(has_text="New patient").click()
    here.page.get_by_label("Scanner").check()
    here.book.click()
    expect(here.page.locator(".failure")).to_contain_text("Leave the equipment out, or choose another time.")
    check(here.page, "book-equipment")
    # Nothing is lost: another time is chosen, and the same form is sent.
    here.time("09:30").click()
    expect(here.bar).to_contain_text("09:30")
    here.book.click()
    expect(here.page.get_by_role("heading", name="Booked")).to_be_visible()
    paid = here.page.locator(".booked-payment")
    expect(paid).to_contain_text("To pay: €45.00")
    paid.get_by_role("button", name="Paid at the desk").click()
    expect(paid).to_contain_text("Paid: €45.00")
    check(here.page, "book-paid")
    paid.get_by_role("button", name="Give it back").click()
    expect(paid).to_contain_text("Given back: €45.00")


def test_a_time_with_any_doctor_names_the_doctor(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    for doctor in clinic.doctors[:2]:
        schedule(api, clinic.id, doctor.id, 1, 2, end="10:00")
    here = reception(f"/desk/book?clinic={clinic.id}&date={week.day(1)}")
    expect(here.times.get_by_role("button")).to_have_count(4)
    here.time("09:00").filter(has_text="Dr Birch").click()
    expect(here.bar).to_contain_text("with Dr Birch")
    check(here.page, "book-any")


def test_several_patients_are_moved_to_another_doctor_and_one_back_again(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    away, here_instead = clinic.doctors[:2]
    for doctor in (away, here_instead):
        schedule(api, clinic.id, doctor.id, 1, 2)
    for place, name in enumerate(("Ada Osei", "Ben Kaur", "Dev Sato")):
        book(api, away.id, week.day(1), place, name)
    book(api, here_instead.id, week.day(1), 1, "Gita Ueda")
    page = reception(f"/desk/appointments?clinic={clinic.id}&doctor={away.id}&date={week.day(1)}")
    expect(page.row("Ada Osei")).to_contain_text("09:00")
    check(page.page, "appointments")
    page.page.get_by_label("All 3").check()
    page.page.get_by_role("button", name="Move 3 patients").click()
    page.dialog.get_by_label("To").select_option(here_instead.id)
    choice = page.dialog.get_by_label("New time for Ben Kaur").locator("option:checked")
    expect(page.dialog.get_by_label("New time for Ada Osei").locator("option:checked")).to_contain_text("09:00")
    # His own hour is taken there.
    expect(choice).not_to_contain_text("09:30")
    check(page.page, "move-several")
    page.dialog.get_by_role("button", name="Move 3 patients").click()
    expect(page.dialog).to_have_count(0)
    expect(page.done.get_by_role("listitem")).to_have_count(3)
    expect(page.page.get_by_text("Nobody is booked on")).to_be_visible()
    assert sum(slot["taken"]["total"] for slot in slots(api, here_instead.id, week.day(1))) == 4
    check(page.page, "moved-several")
    page.done.get_by_role("button", name="Undo for Ada Osei").click()
    expect(page.row("Ada Osei")).to_contain_text("09:00")
    assert [slot["taken"]["total"] for slot in slots(api, away.id, week.day(1))] == [1, 0, 0, 0, 0, 0]


def test_who_finds_no_time_there_is_put_into_the_line_or_stays(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception
) -> None:
    away, full = clinic.doctors[:2]
    schedule(api, clinic.id, away.id, 1, 2)
    book(api, away.id, week.day(1), 0, "Ada Osei")
    book(api, away.id, week.day(1), 1, "Ben Kaur")
    schedule(api, clinic.id, full.id, 1, 2, end="09:30")
    page = reception(f"/desk/appointments?clinic={clinic.id}&doctor={away.id}&date={week.day(1)}")
    page.page.get_by_label("All 2").check()
    page.page.get_by_role("button", name="Move 2 patients").click()
    page.dialog.get_by_label("To").select_option(full.id)
    expect(page.dialog).to_contain_text("For 1 patient no time is free here.")
    page.dialog.get_by_label("New time for Ben Kaur").select_option(label="Into the line of Dr Birch, without a time")
    page.dialog.get_by_role("button", name="Move 2 patients").click()
    expect(page.done).to_contain_text("Ben Kaur is in the line of Dr Birch now.")
    names = [
        one["name"] for one in api.call("GET", f"/api/appointments/queue/state/{full.id}?date={week.day(1)}")["entries"]
    ]
    assert sorted(names) == ["Ada Osei", "Ben Kaur"]


def test_one_appointment_gets_another_time_and_is_cancelled_and_both_are_undone(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, check: Check
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    # A name that neither the demo clinic nor another test has.
    book(api, doctor.id, week.day(1), 0, "Kemi Underbough")
    page = reception(f"/desk/appointments?clinic={clinic.id}&date={week.day(1)}")
    page.page.get_by_label("Find a patient").fill("Kemi Under")
    page.options.filter(has_text="Kemi Underbough").click()
    expect(page.page.get_by_role("heading", name="Kemi Underbough")).to_be_visible()
    page.page.get_by_role("button", name="Other time").click()
    page.dialog.get_by_role("button", name=re.compile("^Tue")).first.click()
    page.time("10:30").click()
    check(page.page, "move-one")
    page.dialog.get_by_role("button", name=re.compile("^Move to Tue .* 10:30 with Dr Alder$")).click()
    expect(page.done).to_contain_text("Kemi Underbough comes on Tue")
    check(page.page, "of-patient")
    page.done.get_by_role("button", name="Undo").click()
    expect(page.done).to_contain_text("Kemi Underbough is back at Mon")
    # The list is read again after that.
    expect(page.row("09:00")).to_contain_text("Mon")
    page.page.get_by_role("button", name=re.compile("^Cancel")).click()
    page.dialog.get_by_label("Reason").fill("Is well again")
    check(page.page, "cancel-one")
    page.dialog.get_by_role("button", name="Cancel the appointment").click()
    expect(page.done).to_contain_text("Kemi Underbough is cancelled for Mon")
    assert slots(api, doctor.id, week.day(1))[0]["taken"]["total"] == 0
    page.done.get_by_role("button", name="Undo").click()
    expect(page.done).to_contain_text("Kemi Underbough is back at Mon")
    assert slots(api, doctor.id, week.day(1))[0]["taken"]["total"] == 1


@pytest.mark.parametrize("path", ["/desk/book", "/desk/appointments"])
def test_it_fits_a_phone(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception, path: str, shots: Path
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    book(api, doctor.id, week.day(1), 0, "Kemi Larsen")
    page = reception(f"{path}?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}", viewport=PHONE)
    if path == "/desk/book":
        page.time("09:30").click()
        expect(page.bar).to_be_visible()
    else:
        expect(page.row("Kemi Larsen")).to_be_visible()
    page.page.screenshot(path=shots / f"phone{path.replace('/', '-')}.png", full_page=True)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page.page) == []


def test_days_are_counted_by_the_way_of_meeting(api: Api, clinic: Clinic, week: Week, reception: OpenReception) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    sitting = {"start": "14:00", "end": "15:00", "inPerson": 0, "tele": 1}
    schedule(api, clinic.id, clinic.doctors[1].id, 1, **sitting)
    path = f"/desk/book?clinic={clinic.id}&date={week.day(1)}"
    here = reception(path)
    day = here.page.get_by_role("group", name="Day").locator("[aria-pressed=true]")
    expect(day).to_contain_text("6 free")
    here.page.get_by_label("How").select_option("tele")
    expect(day).to_contain_text("2 free")
    expect(here.times.get_by_role("button")).to_have_count(2)


def test_an_address_with_a_doctor_alone_shows_the_doctors_own_clinic(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    here = reception(f"/desk/book?doctor={doctor.id}&date={week.day(1)}")
    expect(here.page.get_by_label("Clinic")).to_have_value(clinic.id)
    expect(here.time("09:00")).to_contain_text("free")
    expect(here.page).to_have_url(re.compile(f"clinic={clinic.id}"))


def test_a_patient_without_appointments_is_booked_without_being_looked_for_again(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    new = {"name": "Oswin Plumtree", "phone": "+1 555 0188", "clinicId": clinic.id}
    api.call("POST", "/api/patients", new, key=f"oswin-{clinic.id}")
    here = reception(f"/desk/appointments?clinic={clinic.id}&date={week.day(1)}")
    here.page.get_by_label("Find a patient").fill("Oswin Plum")
    here.options.filter(has_text="Oswin Plumtree").click()
    here.page.get_by_role("link", name="Book one").click()
    expect(here.page.get_by_label("Clinic")).to_have_value(clinic.id)
    expect(here.page.locator(".who")).to_contain_text("Oswin Plumtree")
    here.page.locator("input[type=date]").fill(week.day(1))
    here.page.get_by_label("Doctor").select_option(doctor.id)
    here.time("09:30").click()
    expect(here.bar).to_contain_text("Held for you")
    here.book.click()
    expect(here.page.get_by_role("heading", name="Booked")).to_be_visible()
    # The next one is somebody else.
    here.page.get_by_role("button", name="Book another").click()
    expect(here.patient).to_be_visible()


def test_who_books_for_nobody_is_told_so(api: Api, clinic: Clinic, reception: OpenReception) -> None:
    page = reception(f"/desk/book?clinic={clinic.id}", "department_head")
    expect(page.page.get_by_text("Reception books for patients.")).to_be_visible()
    expect(page.times).to_have_count(0)


def test_a_time_fades_as_soon_as_somebody_holds_it(
    api: Api, clinic: Clinic, week: Week, reception: OpenReception
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    heard: list[str] = []

    def listen(page: Page) -> None:
        page.on("websocket", lambda wire: wire.on("framereceived", lambda frame: heard.append(str(frame))))

    path = f"/desk/book?clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}"
    here = reception(path, prepare=listen)
    expect(here.time("09:00")).to_contain_text("free")
    slot = slots(api, doctor.id, week.day(1))[0]["id"]
    for _ in range(20):  # until the page has begun to listen: then it is told of each
        api.call("POST", f"/api/slots/{slot}/hold", {"mode": "in_person"}, role="admin")
        here.page.wait_for_timeout(250)
        if any("hold_created" in frame for frame in heard):
            break
        api.call("DELETE", f"/api/slots/{slot}/hold", role="admin")
    # While it is told, it reads by itself every half minute only.
    expect(here.time("09:00")).to_contain_text("being booked", timeout=20_000)
