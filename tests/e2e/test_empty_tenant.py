"""From an organisation with nothing but an administrator to a doctor whom patients can book, by the screens alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Browser, expect

from queue_server.embedded.ports import free_port
from tests.e2e.admin import Admin, sign_in
from tests.e2e.conftest import DESK, ROOT

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "ada@example.org", "a long enough password"


class Installation(NamedTuple):
    """A server that runs, and the tenant that was made on it."""

    url: str
    tenant: str


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A fresh installation: no clinic, no doctor, one administrator made on the command line."""
    folder = Path(tempfile.mkdtemp(prefix="cqs-"))
    folder.chmod(0o711)
    data_dir = ("--data-dir", str(folder / "data"))
    port = str(free_port())
    cli = [sys.executable, "-m", "queue_server.cli"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*cli, "up", *data_dir, "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Running at"):
                break
        else:
            raise AssertionError("".join(said))
        account = ("--email", EMAIL, "--password", PASSWORD, "--name", "Ada", "--json")
        made = subprocess.run(
            [*cli, "create-admin", *data_dir, *account],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        yield Installation(f"http://127.0.0.1:{port}", json.loads(made.stdout)["tenantId"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def admin(installation: Installation, chromium: Browser) -> Iterator[Admin]:
    """The administration, signed in."""
    context = chromium.new_context(viewport=DESK, base_url=installation.url, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
    page.goto("/admin")
    yield sign_in(page, EMAIL, PASSWORD)
    context.close()
    assert errors == []


def test_from_an_empty_tenant_to_a_bookable_doctor_by_the_screens_alone(
    installation: Installation, admin: Admin
) -> None:
    expect(admin.page.get_by_role("heading", name="There are no doctors yet")).to_be_visible()
    add_clinic(admin)
    add_department(admin)
    add_room(admin)
    begin_onboarding(admin)
    fill_profile(admin)
    fill_places(admin)
    paint_a_week(admin)
    walk_the_rail(admin)

    admin.tab("Bookability")
    expect(admin.page.get_by_role("heading", name="Bookable", exact=True)).to_be_visible()
    expect(admin.page.locator(".check-ok")).to_have_count(10)
    expect(admin.page.locator(".answers .chip")).to_have_text(["Yes", "Yes", "Yes"])

    # What the screens say is what the public gets.
    headers = {"X-Tenant-Id": installation.tenant}
    with httpx.Client(base_url=installation.url, headers=headers, timeout=60, trust_env=False) as public:
        doctors = found(public, "/api/doctors")
        assert [(doctor["name"], doctor["isBookable"]) for doctor in doctors] == [("Dr Mira Sørensen", True)]
        assert "licence" not in doctors[0]
        slots = found(public, f"/api/slots/availability?doctorId={doctors[0]['id']}")
        assert slots
        assert {slot["status"] for slot in slots} == {"free"}


def found(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return a list of the public API."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["data"]
    return listed


def add_clinic(admin: Admin) -> None:
    """A clinic in Berlin that keeps Berlin's holidays."""
    admin.section("Clinics")
    admin.page.get_by_role("link", name="New clinic").first.click()
    admin.fill("Name", "Riverside Clinic")
    admin.fill("Time zone", "Europe/Berlin")
    admin.field("Public holidays of").select_option("DE")
    admin.fill("Part of the country", "BE")
    admin.press("Add clinic")
    admin.expect_heading("Riverside Clinic")
    expect(admin.page.get_by_text("German Unity Day", exact=True)).to_be_visible()


def add_department(admin: Admin) -> None:
    """A department whose head is the administrator."""
    admin.section("Departments")
    admin.press("New department")
    admin.fill("Name", "Cardiology", within=admin.dialog)
    admin.field("Head", within=admin.dialog).select_option(label=f"Ada ({EMAIL})")
    admin.press("Add department", within=admin.dialog)
    expect(admin.page.get_by_role("rowheader", name="Cardiology")).to_be_visible()


def add_room(admin: Admin) -> None:
    """One room at the clinic."""
    admin.section("Rooms & equipment")
    admin.press("New room")
    admin.fill("Name", "Room 4", within=admin.dialog)
    admin.press("Add", within=admin.dialog)
    admin.expect_heading("Room 4")


def begin_onboarding(admin: Admin) -> None:
    """A doctor with a name and a specialty, whose onboarding names what is missing."""
    admin.section("Doctors")
    admin.page.get_by_role("link", name="New doctor").first.click()
    admin.fill("Name", "Dr Mira Sørensen")
    admin.add_tag("Specialties", "Cardiology")
    admin.press("Add and begin onboarding")
    admin.expect_heading("Dr Mira Sørensen")
    expect(admin.page.get_by_text("0 of 10 steps done. Next: Profile.")).to_be_visible()
    expect(admin.stage).to_contain_text("No language is given.")


def fill_profile(admin: Admin) -> None:
    """Everything that is asked of a profile, with the licence."""
    admin.page.get_by_role("link", name="Complete the profile").click()
    admin.fill("Description", "Listens first, then listens to the heart.")
    admin.add_tag("Languages", "Danish")
    admin.add_tag("Languages", "German")
    admin.press("Add qualification")
    admin.fill("Degree or certificate", "MD")
    admin.fill("Year", "2009")
    admin.fill("Number", "DK-1234")
    admin.fill("Issued by", "Patient Safety Authority")
    admin.press("Save profile")
    admin.expect_told("is saved")


def fill_places(admin: Admin) -> None:
    """Clinic, department, room and fees."""
    admin.tab("Clinics & fees")
    admin.press("Add to clinics")
    admin.expect_told("Riverside Clinic added")
    admin.press("Add to departments")
    admin.expect_told("Cardiology added")
    admin.press("Assign")
    admin.expect_told("Room 4 is Dr Mira Sørensen's room")
    admin.field("Currency").select_option("EUR")
    admin.fill("Consultation", "45.50")
    admin.press("Save fees")
    expect(admin.page.get_by_text("€45.50 a visit")).to_be_visible()


def paint_a_week(admin: Admin) -> None:
    """Sittings on two days of the week; what they lead to is shown before it is saved."""
    admin.tab("Schedule")
    admin.press("Start a weekly schedule")
    for day in ("Monday", "Wednesday"):
        admin.press(f"Add a sitting on {day}")
    admin.press("Review and save")
    expect(admin.dialog).to_contain_text("slots added")
    admin.press("Save", within=admin.dialog)
    expect(admin.dialog).to_have_count(0)


def walk_the_rail(admin: Admin) -> None:
    """All ten steps, in order; the licence is looked up on the way."""
    admin.tab("Onboarding")
    steps = ("Profile", "Credentials", "Departments", "Clinics", "Fees", "Availability", "Rooms")
    for step in steps:
        admin.complete(step)
    expect(admin.stage).to_contain_text("The licence has not been verified yet.")
    admin.press("Record verification", within=admin.stage)
    admin.press("Record", within=admin.dialog)
    expect(admin.dialog).to_have_count(0)
    for step in ("Compliance", "Approval", "Activation"):
        admin.complete(step)
    expect(admin.page.get_by_role("heading", name="Onboarding is complete.")).to_be_visible()
