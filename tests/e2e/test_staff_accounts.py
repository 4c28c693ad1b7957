"""What an administrator does with accounts: makes, changes, resets and deactivates them, by mouse and by keyboard."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.admin import Admin
from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic

pytestmark = pytest.mark.browser

OpenAdmin = Callable[..., Admin]
PASSWORD = "four words long enough"


@pytest.fixture
def open_admin(api: Api, open_page: Open) -> OpenAdmin:
    """Opens the administration, signed in as an administrator or whoever is named."""

    def open_one(path: str = "/admin/staff", *, role: str = "admin", **options: Any) -> Admin:
        kept = storage(api, {"clinic-queue.staff": session_of(api.sign_in(role))})
        page = open_page(path, **{"viewport": DESK, "storage_state": kept, **options})
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return Admin(page)

    return open_one


@pytest.fixture
def account(api: Api, clinic: Clinic) -> dict[str, Any]:
    """A receptionist's account of the test's own, limited to a clinic of its own."""
    tag = uuid4().hex[:8]
    body = {
        "email": f"{tag}@example.org",
        "password": PASSWORD,
        "name": f"Reception {tag}",
        "role": "receptionist",
        "clinicIds": [clinic.id],
    }
    made: dict[str, Any] = api.call("POST", "/api/staff", body, role="admin")
    return made


def sign_in_status(api: Api, email: str, password: str) -> int:
    """Return how a server answers somebody who signs in."""
    return httpx.post(
        f"{api.url}/api/auth/login", json={"email": email, "password": password}, timeout=60, trust_env=False
    ).status_code


def test_an_account_for_a_doctor_is_made_with_the_keyboard_alone(
    api: Api, clinic: Clinic, open_admin: OpenAdmin
) -> None:
    tag = uuid4().hex[:8]
    admin = open_admin(f"/admin/staff?clinic={clinic.id}")
    page, keyboard = admin.page, admin.page.keyboard
    page.get_by_role("link", name="New account").focus()
    keyboard.press("Enter")
    admin.expect_heading("New account")
    admin.field("Name").focus()
    keyboard.type(f"Dr {tag}")
    keyboard.press("Tab")
    keyboard.type(f"{tag}@example.org")
    keyboard.press("Tab")
    keyboard.type("Doctor")
    keyboard.press("Tab")
    expect(admin.field("Doctor")).to_be_focused()
    expect(admin.field("Doctor").get_by_role("option", name=clinic.doctors[1].name)).to_have_count(1)
    keyboard.type(clinic.doctors[1].name)
    page.get_by_role("button", name="Make one up").focus()
    keyboard.press("Enter")
    expect(admin.field("Password")).to_have_attribute("type", "text")
    password = admin.field("Password").input_value()
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    page.get_by_role("button", name="Add account").focus()
    keyboard.press("Enter")
    admin.expect_told("can sign in now")
    admin.expect_heading(f"Dr {tag}")
    assert sign_in_status(api, f"{tag}@example.org", password) == 200
    (made,) = [one for one in api.call("GET", "/api/staff?limit=200", role="admin") if one["name"] == f"Dr {tag}"]
    assert (made["role"], made["doctorId"], made["clinicIds"]) == ("doctor", clinic.doctors[1].id, [clinic.id])


def test_what_an_account_lacks_stands_at_its_field(account: dict[str, Any], open_admin: OpenAdmin) -> None:
    admin = open_admin("/admin/staff/new", expect_errors=True)
    admin.field("Role").select_option("doctor")
    admin.press("Add account")
    admin.expect_error("Name", "An account needs a name.")
    admin.expect_error("Doctor", "Choose the doctor whose account it is.")
    admin.expect_error("Password", "at least 12 characters")
    expect(admin.field("Name")).to_be_focused()
    admin.fill("Name", "Somebody")
    admin.field("Role").select_option("receptionist")
    admin.fill("Password", "aaaaaaaaaaaaaa")
    # This only the server knows, and does not say which account has the address.
    admin.fill("E-mail", account["email"])
    admin.press("Add account")
    admin.expect_error("Password", "too easy to guess")
    admin.fill("Password", PASSWORD)
    admin.press("Add account")
    expect(admin.page.locator("form .failure")).to_contain_text("e-mail")


def test_role_and_clinics_are_changed_and_the_second_administrator_is_told_of_the_first(
    api: Api, clinic: Clinic, account: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/staff/{account['id']}", expect_errors=True)
    admin.expect_heading(account["name"])
    admin.field("Role").select_option("department_head")
    admin.page.get_by_label(clinic.name, exact=True).uncheck()
    api.call("PUT", f"/api/staff/{account['id']}", {"name": "Renamed"}, role="admin")
    admin.press("Save account")
    alert = admin.page.locator("form .failure")
    expect(alert).to_contain_text("They changed: Name.")
    admin.press("Keep what I typed", within=alert)
    admin.press("Save account")
    admin.expect_told("Renamed is saved.")
    now = api.call("GET", f"/api/staff/{account['id']}", role="admin")
    assert (now["name"], now["role"], now["clinicIds"]) == ("Renamed", "department_head", [])


def test_a_new_password_ends_the_old_one(api: Api, account: dict[str, Any], open_admin: OpenAdmin) -> None:
    admin = open_admin(f"/admin/staff/{account['id']}")
    admin.press("Make one up")
    expect(admin.field("Password")).not_to_have_value("")
    password = admin.field("Password").input_value()
    admin.press("Set new password")
    admin.expect_told("has a new password")
    expect(admin.field("Password")).to_have_value("")
    assert sign_in_status(api, account["email"], PASSWORD) == 401
    assert sign_in_status(api, account["email"], password) == 200


def test_a_deactivated_account_is_shut_out_and_comes_back(
    api: Api, account: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/staff/{account['id']}")
    admin.press("Deactivate…")
    admin.page.keyboard.press("Escape")
    expect(admin.page.get_by_role("button", name="Deactivate…")).to_be_focused()
    assert sign_in_status(api, account["email"], PASSWORD) == 200
    admin.press("Deactivate…")
    admin.press("Deactivate", within=admin.dialog)
    admin.expect_told("cannot sign in any more")
    assert sign_in_status(api, account["email"], PASSWORD) == 401
    admin.press("Activate")
    admin.expect_told("can sign in again")
    assert sign_in_status(api, account["email"], PASSWORD) == 200


def test_accounts_are_found_by_name_role_clinic_and_state(
    clinic: Clinic, account: dict[str, Any], open_admin: OpenAdmin
) -> None:
    admin = open_admin(f"/admin/staff?clinic={clinic.id}")
    admin.page.get_by_label("Name or e-mail").fill(account["email"][:8].upper())
    expect(admin.page.get_by_role("rowheader")).to_have_count(1)
    expect(admin.page.get_by_role("row").last).to_contain_text(clinic.name)
    admin.page.get_by_label("Role").select_option("receptionist")
    expect(admin.page.get_by_role("rowheader")).to_have_count(1)
    admin.page.get_by_label("State").select_option("off")
    expect(admin.page.get_by_role("heading", name="No account fits these filters")).to_be_visible()
    admin.page.reload()
    expect(admin.page.get_by_label("State")).to_have_value("off")
    admin.press("Show all accounts")
    expect(admin.page.get_by_role("rowheader").nth(1)).to_be_visible()
    expect(admin.page.get_by_label("Name or e-mail")).to_have_value("")


def test_nobody_changes_their_own_rights(api: Api, open_admin: OpenAdmin) -> None:
    own = api.sign_in("admin")["user"]
    admin = open_admin(f"/admin/staff/{own['id']}")
    admin.expect_heading(own["name"])
    expect(admin.page.get_by_text("You cannot change your own rights")).to_be_visible()
    expect(admin.field("Role")).to_have_count(0)
    expect(admin.page.get_by_role("button", name="Deactivate…")).to_have_count(0)


def test_only_administrators_are_led_to_accounts(open_admin: OpenAdmin) -> None:
    admin = open_admin("/admin/doctors", role="receptionist")
    sections = admin.page.get_by_role("navigation", name="Sections")
    expect(sections.get_by_role("link", name="Doctors")).to_be_visible()
    expect(sections.get_by_role("link", name="Staff")).to_have_count(0)
    admin.page.goto("/admin/staff")
    expect(admin.page.get_by_role("heading", name="Accounts are kept by administrators")).to_be_visible()


def test_axe_finds_nothing_at_accounts(account: dict[str, Any], open_admin: OpenAdmin, check: Check) -> None:
    admin = open_admin()
    for path, heading in (
        ("staff", "Staff"),
        ("staff?q=nobody-is-called-so", "Staff"),
        ("staff/new", "New account"),
        (f"staff/{account['id']}", account["name"]),
    ):
        admin.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        admin.page.goto(f"/admin/{path}")
        admin.expect_heading(heading)
        expect(admin.page.locator("main .state[role=status]")).to_have_count(0)
        if path.endswith("new"):
            admin.press("Add account")
            expect(admin.page.locator(".field-error").first).to_be_visible()
        check(admin.page, f"admin-{re.sub(r'[0-9a-f-]{36}', 'one', path).replace('/', '-').replace('?', '-')}")
        admin.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert violations(admin.page) == [], f"{path} on a phone"
        width = admin.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{path} is {width} px wide on a phone"
    admin.press("Deactivate…")
    check(admin.page, "admin-dialog-deactivate-account")
