"""What an administrator does: finds, onboards and changes doctors, and is told what is refused. axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin import Admin
from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic

pytestmark = pytest.mark.browser

OpenAdmin = Callable[..., Admin]


@pytest.fixture
def open_admin(api: Api, open_page: Open) -> OpenAdmin:
    """Opens the administration, signed in as an administrator or whoever is named."""

    def open_one(path: str = "/admin", *, role: str = "admin", **options: Any) -> Admin:
        kept = storage(api, {"clinic-queue.staff": session_of(api.sign_in(role))})
        page = open_page(path, **{"viewport": DESK, "storage_state": kept, **options})
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return Admin(page)

    return open_one


@pytest.fixture
def doctor(api: Api, clinic: Clinic) -> dict[str, Any]:
    """A doctor who has only been added, at a clinic of the test's own."""
    body = {"name": f"Dr Vale {uuid4().hex[:6]}", "specialties": ["dermatology"], "clinicIds": [clinic.id]}
    made: dict[str, Any] = api.call("POST", "/api/doctors", body, role="admin")
    return made


def test_signing_in_by_keyboard_alone(api: Api, open_page: Open) -> None:
    page = open_page("/admin", viewport=DESK, expect_errors=True)
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(api.staff["admin"]["email"])
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(api.staff["admin"]["password"])
    page.keyboard.press("Enter")
    admin = Admin(page)
    admin.expect_heading("Doctors")
    # The first thing the keyboard reaches leads past bar and navigation.
    page.locator("body").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_every_section_has_an_address_that_back_and_reload_keep(clinic: Clinic, open_admin: OpenAdmin) -> None:
    admin = open_admin()
    expect(admin.page).to_have_url(re.compile(r"/admin/doctors$"))
    admin.page.get_by_label("Clinic", exact=True).select_option(clinic.id)
    expect(admin.page.get_by_role("row")).to_have_count(1 + len(clinic.doctors))
    admin.section("Departments")
    expect(admin.page).to_have_url(re.compile(rf"/admin/departments\?clinic={clinic.id}$"))
    admin.page.reload()
    admin.expect_heading("Departments")
    expect(admin.page.get_by_label("Clinic", exact=True)).to_have_value(clinic.id)
    admin.page.go_back()
    admin.expect_heading("Doctors")
    expect(admin.page.get_by_role("row")).to_have_count(1 + len(clinic.doctors))


def test_a_search_narrows_the_list_and_says_when_nobody_fits(doctor: dict[str, Any], open_admin: OpenAdmin) -> None:
    admin = open_admin()
    admin.page.get_by_label("Name", exact=True).fill(doctor["name"].split()[-1])
    expect(admin.page.get_by_role("rowheader")).to_have_count(1)
    expect(admin.page).to_have_url(re.compile(r"\?q="))
    admin.page.get_by_label("Specialty").fill("Dermatology")
    admin.page.keyboard.press("Enter")
    expect(admin.page).to_have_url(re.compile(r"specialty=dermatology"))
    expect(admin.page.get_by_role("rowheader")).to_have_count(1)
    admin.page.get_by_label("Status").select_option("active")
    expect(admin.page.get_by_role("heading", name="Nobody fits these filters")).to_be_visible()
    admin.press("Show all doctors")
    expect(admin.page.get_by_role("rowheader").first).to_be_visible()
    expect(admin.page.get_by_label("Name", exact=True)).to_have_value("")


def test_long_lists_come_in_pages(clinic: Clinic, open_admin: OpenAdmin) -> None:
    def two_at_a_time(page: Page) -> None:
        page.route(
            re.compile(r"/api/doctors\?(?!.*cursor)"),
            lambda route: route.continue_(url=route.request.url.replace("limit=50", "limit=2")),
        )

    admin = open_admin(f"/admin/doctors?clinic={clinic.id}", prepare=two_at_a_time)
    expect(admin.page.get_by_role("rowheader")).to_have_count(2)
    expect(admin.page.get_by_text("2 doctors so far.")).to_be_visible()
    admin.press("Show more")
    expect(admin.page.get_by_role("rowheader")).to_have_count(len(clinic.doctors))
    expect(admin.page.get_by_role("button", name="Show more")).to_have_count(0)


def test_what_is_wrong_stands_at_its_field_which_gets_the_focus(open_admin: OpenAdmin) -> None:
    admin = open_admin("/admin/clinics/new", expect_errors=True)
    admin.press("Add clinic")
    admin.expect_error("Name", "A clinic needs a name.")
    expect(admin.field("Name")).to_be_focused()
    admin.fill("Name", "Nowhere Clinic")
    expect(admin.page.locator(".field-error")).to_have_count(0)
    # This only the server knows.
    admin.fill("Time zone", "Europe/Nowhere")
    admin.press("Add clinic")
    admin.expect_error("Time zone", "There is no such time zone")
    expect(admin.field("Time zone")).to_be_focused()


def test_fees_are_typed_in_major_units_and_kept_in_minor_ones(
    api: Api, doctor: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/doctors/{doctor['id']}/places")
    admin.field("Currency").select_option("EUR")
    admin.fill("Consultation", "45,5")
    admin.fill("Follow-up", "30.123")
    admin.press("Save fees")
    admin.expect_error("Follow-up", "EUR has 2 decimals at most.")
    admin.fill("Follow-up", "30")
    admin.press("Save fees")
    admin.expect_told("The fees of")
    fees = api.call("GET", f"/api/doctors/{doctor['id']}", role="admin")["fees"]
    assert fees == {"currency": "EUR", "consultation": 4550, "followUp": 3000, "tele": None}


def test_onboarding_names_its_blockers_and_completes_step_by_step(
    api: Api, doctor: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/doctors/{doctor['id']}/onboarding")
    rail = admin.page.get_by_role("navigation", name="Steps of onboarding")
    expect(rail.get_by_role("button")).to_have_count(10)
    expect(rail.get_by_role("button").first).to_contain_text("The profile lacks a description.")
    expect(admin.stage.get_by_role("button", name="Complete")).to_have_count(0)
    change = {"bio": "Knows skin.", "languages": ["en"]}
    api.call("PUT", f"/api/doctors/{doctor['id']}", change, role="admin")
    admin.page.reload()
    admin.complete("Profile")
    # Whoever uses the keyboard goes on where the next step begins.
    expect(admin.stage.get_by_role("heading", name="Credentials")).to_be_focused()
    expect(admin.page.get_by_text("1 of 10 steps done. Next: Credentials.")).to_be_visible()
    rail.get_by_role("button", name="Approval").click()
    expect(admin.stage.locator(".blockers")).to_contain_text("Earlier stages are open: Credentials")


def test_of_two_administrators_the_second_is_told_what_the_first_has_changed(
    api: Api, doctor: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/doctors/{doctor['id']}/profile", expect_errors=True)
    admin.fill("Beside the name", "Dermatologist")
    admin.fill("Description", "Mine.")
    api.call("PUT", f"/api/doctors/{doctor['id']}", {"bio": "Theirs."}, role="admin")
    admin.press("Save profile")
    alert = admin.page.locator("form .failure")
    expect(alert).to_contain_text("They changed: Description.")
    admin.press("Keep what I typed", within=alert)
    expect(admin.field("Description")).to_have_value("Mine.")
    admin.press("Save profile")
    admin.expect_told("is saved")
    now = api.call("GET", f"/api/doctors/{doctor['id']}", role="admin")
    assert (now["bio"], now["specialtyLabel"]) == ("Mine.", "Dermatologist")


def test_what_was_typed_is_not_lost_by_a_click_beside_it(doctor: dict[str, Any], open_admin: OpenAdmin) -> None:
    admin = open_admin()
    admin.page.goto(f"/admin/doctors/{doctor['id']}/profile")
    admin.tab("Bookability")
    admin.tab("Profile")
    admin.fill("Description", "Half a sentence")
    admin.tab("Onboarding")
    expect(admin.dialog).to_contain_text("Leave without saving?")
    admin.press("Stay", within=admin.dialog)
    expect(admin.field("Description")).to_have_value("Half a sentence")
    admin.page.go_back()
    admin.press("Stay", within=admin.dialog)
    expect(admin.page).to_have_url(re.compile("/profile$"))
    expect(admin.field("Description")).to_have_value("Half a sentence")
    admin.tab("Onboarding")
    admin.press("Leave", within=admin.dialog)
    expect(admin.page).to_have_url(re.compile("/onboarding$"))


def test_a_deactivated_doctor_comes_back(api: Api, clinic: Clinic, open_admin: OpenAdmin) -> None:
    one = clinic.doctors[2]
    admin = open_admin(f"/admin/doctors/{one.id}")
    admin.press("Deactivate…")
    admin.fill("Reason", "Sabbatical", within=admin.dialog)
    admin.press("Deactivate", within=admin.dialog)
    admin.expect_told("is not bookable any more")
    assert api.call("GET", f"/api/doctors/{one.id}", role="admin")["status"] == "inactive"
    admin.press("Activate")
    admin.expect_told("works here again")
    expect(admin.page.get_by_role("button", name="Deactivate…")).to_be_visible()


def test_reception_sees_neither_licences_nor_what_it_may_not_change(
    doctor: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/doctors/{doctor['id']}/profile", role="receptionist")
    admin.expect_heading(doctor["name"])
    expect(admin.field("Name")).to_be_disabled()
    for name in ("Licence", "Save profile", "Deactivate…"):
        expect(admin.page.get_by_text(name, exact=True)).to_have_count(0)


def test_a_page_that_is_not_there_says_so(open_admin: OpenAdmin) -> None:
    admin = open_admin(f"/admin/doctors/{uuid4()}", expect_errors=True)
    expect(admin.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_axe_finds_nothing_on_any_page(
    api: Api,
    clinic: Clinic,
    doctor: dict[str, Any],
    open_admin: OpenAdmin,
    check: Check,
) -> None:
    head = api.staff["admin"]["email"]
    department = {"name": f"Dermatology {head}"[:40], "clinicIds": [clinic.id]}
    api.call("POST", "/api/departments", department, role="admin")
    room = api.call("POST", "/api/rooms", {"clinicId": clinic.id, "name": "Room 4"}, role="admin")
    device = {"clinicId": clinic.id, "name": "Ultrasound", "type": "ultrasound", "roomId": room["id"]}
    equipment = api.call("POST", "/api/equipment", device, role="admin")
    api.call("POST", f"/api/rooms/{room['id']}/assignments", {"doctorId": doctor["id"]}, role="admin")
    one = f"doctors/{doctor['id']}"
    pages = {
        "doctors": "Doctors",
        "doctors?q=nobody-is-called-so": "Doctors",
        "doctors/new": "New doctor",
        **{f"{one}/{tab}": doctor["name"] for tab in ("profile", "places", "onboarding", "bookability")},
        "rooms": "Rooms & equipment",
        "rooms/equipment": "Rooms & equipment",
        f"rooms/{room['id']}": "Room 4",
        f"rooms/equipment/{equipment['id']}": "Ultrasound",
        "clinics": "Clinics",
        "clinics/new": "New clinic",
        f"clinics/{clinic.id}": clinic.name,
        "departments": "Departments",
        "nothing": None,
    }
    admin = open_admin()
    for path, heading in pages.items():
        admin.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        admin.page.goto(f"/admin/{path}")
        if heading is not None:
            admin.expect_heading(heading)
        expect(admin.page.locator("main .state[role=status]")).to_have_count(0)
        name = re.sub(r"[0-9a-f-]{36}", "one", path).replace("/", "-").split("?")[0]
        check(admin.page, f"admin-{name}")
        admin.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert violations(admin.page) == [], f"{path} on a phone"
        width = admin.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{path} is {width} px wide on a phone"


def test_axe_finds_nothing_in_the_dialogs(
    api: Api,
    clinic: Clinic,
    doctor: dict[str, Any],
    open_admin: OpenAdmin,
    check: Check,
) -> None:
    licence = {"licence": {"number": "X-1", "authority": "The board"}}
    api.call("PUT", f"/api/doctors/{doctor['id']}", licence, role="admin")
    room = api.call("POST", "/api/rooms", {"clinicId": clinic.id, "name": "Room 5"}, role="admin")
    admin = open_admin()
    for path, button in (
        (f"doctors/{doctor['id']}", "Deactivate…"),
        (f"doctors/{doctor['id']}/profile", "Record verification…"),
        ("departments", "New department"),
        ("rooms", "New room"),
        (f"rooms/{room['id']}", "Plan…"),
        (f"rooms/{room['id']}", "Assign…"),
        (f"rooms/{room['id']}", "Remove…"),
    ):
        admin.page.goto(f"/admin/{path}")
        admin.press(button)
        expect(admin.dialog).to_be_visible()
        check(admin.page, f"admin-dialog-{re.sub('[^a-z]+', '-', button.lower()).strip('-')}")
        admin.page.keyboard.press("Escape")
        expect(admin.dialog).to_have_count(0)
        # The browser gives the focus back to where it came from.
        expect(admin.page.get_by_role("button", name=button)).to_be_focused()
