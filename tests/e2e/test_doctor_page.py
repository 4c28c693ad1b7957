"""The doctor's page: own queue, own week, own leave."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import schedule, week_ahead

pytestmark = pytest.mark.browser

OpenDoctor = Callable[..., Page]


@pytest.fixture
def open_doctor(api: Api, open_page: Open) -> OpenDoctor:
    """Opens the doctor's page, signed in as the demo's doctor or another role."""

    def open_one(path: str = "/doctor", *, role: str = "doctor", **options: Any) -> Page:
        kept = storage(api, {"clinic-queue.staff": session_of(api.sign_in(role))})
        return open_page(path, **{"viewport": DESK, "storage_state": kept, **options})

    return open_one


@pytest.fixture
def own(api: Api) -> Iterator[str]:
    """The doctor whose account it is, with nobody called and nobody inside; emptied again afterwards."""
    doctor = str(api.sign_in("doctor")["user"]["doctorId"])
    empty(api, doctor)
    yield doctor
    empty(api, doctor)


def empty(api: Api, doctor: str) -> None:
    """Let nobody be called, inside or waiting."""
    for entry in api.queue(doctor)["entries"]:
        if entry["state"] == "called":
            api.command("start", entry["id"], {"completeCurrent": True})
    for entry in api.queue(doctor)["entries"]:
        if entry["state"] == "in_consultation":
            api.command("complete", entry["id"])
        if entry["state"] in ("waiting", "expected"):
            api.command("cancel", entry["id"])


def states(api: Api, doctor: str, *entries: str) -> list[str]:
    """Return where entries stand."""
    return [api.entry(doctor, entry)["state"] for entry in entries]


def test_a_doctor_sees_patients_one_after_the_other(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    first = api.walk_in(own, "Mei Chen")
    second = api.walk_in(own, "John Okafor")
    page = open_doctor()
    now = page.get_by_role("region", name="Now")
    expect(now).to_contain_text("Your room is free")
    page.get_by_role("button", name="Call next").click()
    expect(now).to_contain_text("Mei Chen")
    expect(now).to_contain_text("Called")
    page.get_by_role("button", name="Start").click()
    expect(now).to_contain_text("With you")
    expect(now.locator(".ring-usual")).to_contain_text("usually")
    page.get_by_role("button", name="Finish and call next").click()
    expect(now).to_contain_text("John Okafor")
    expect(now).to_contain_text("Called")
    assert states(api, own, first, second) == ["completed", "called"]


def test_a_patient_called_by_the_desk_comes_in_when_the_one_before_is_finished(
    api: Api, own: str, open_doctor: OpenDoctor
) -> None:
    first = api.walk_in(own, "Mei Chen")
    second = api.walk_in(own, "John Okafor")
    api.command("call-next", own)
    api.command("start", first)
    api.command("call-next", own)
    page = open_doctor()
    page.get_by_role("button", name="Finish and start").click()
    expect(page.locator(".now-inside")).to_contain_text("John Okafor")
    assert states(api, own, first, second) == ["completed", "in_consultation"]


def test_what_the_desk_does_appears_at_once(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    page = open_doctor()
    expect(page.get_by_text("Nobody is in line").first).to_be_visible()
    entry = api.walk_in(own, "Asha Rao")
    expect(page.locator(".next-entry")).to_contain_text("Asha Rao")
    api.command("call-next", own)
    expect(page.get_by_role("region", name="Now")).to_contain_text("Asha Rao")
    api.command("cancel", entry)
    expect(page.get_by_role("region", name="Now")).not_to_contain_text("Asha Rao")


def test_a_doctor_pauses_and_goes_on(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    entry = api.walk_in(own, "Lena Fischer")
    page = open_doctor()
    page.get_by_role("button", name="Pause").click()
    now = page.get_by_role("region", name="Now")
    expect(now).to_contain_text("Paused")
    assert api.queue(own)["header"]["paused"]
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Call next").click()
    expect(now).to_contain_text("Lena Fischer")
    page.get_by_role("button", name="Put back").click()
    expect(now).to_contain_text("Your room is free")
    assert states(api, own, entry) == ["waiting"]


def test_without_a_connection_nothing_can_be_done(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    api.walk_in(own, "Tomás Díaz")
    page = open_doctor(expect_errors=True)
    expect(page.locator(".connection-live")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator(".connection-lost")).to_contain_text("No connection")
    expect(page.get_by_role("button", name="Call next")).to_be_disabled()
    expect(page.locator(".next-entry")).to_contain_text("Tomás Díaz")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Call next")).to_be_enabled()


def free_day(api: Api, doctor: str, ahead: int) -> str:
    """Return a date on which the doctor has no leave yet."""
    taken = api.call("GET", f"/api/leave-requests?doctorId={doctor}&limit=200", role="admin")
    standing = {one["first"] for one in taken if one["status"] in ("requested", "approved")}
    days = (str(date.fromisoformat(api.date) + timedelta(days=ahead + n)) for n in range(60))
    return next(day for day in days if day not in standing)


def test_leave_is_asked_for_and_cancelled(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    day = free_day(api, own, 30)
    page = open_doctor("/doctor/leave")
    page.get_by_role("button", name="Ask for leave").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Kind of leave").select_option("study")
    dialog.get_by_label("Only part of one day").check()
    dialog.get_by_label("Day", exact=True).fill(day)
    dialog.get_by_label("From").fill("10:00")
    dialog.get_by_label("To", exact=True).fill("09:00")
    dialog.get_by_role("button", name="Ask for leave").click()
    expect(dialog.locator(".field-error")).to_contain_text("The end must be after the start.")
    dialog.get_by_label("To", exact=True).fill("12:00")
    dialog.get_by_role("button", name="Ask for leave").click()
    request = page.get_by_role("article").filter(has_text="10:00–12:00").filter(has_text="Waiting").first
    expect(request).to_contain_text("Study leave")
    expect(request).to_contain_text("somebody else has to decide")
    expect(request.get_by_role("button", name="Approve")).to_have_count(0)
    request.get_by_role("button", name="Cancel this leave").click()
    expect(page.get_by_role("article").filter(has_text="Cancelled").first).to_be_visible()


def test_the_own_week_can_be_read_and_not_changed(api: Api, own: str, open_doctor: OpenDoctor) -> None:
    if not api.call("GET", f"/api/doctors/{own}/schedules", role="admin"):
        clinic = api.call("GET", f"/api/doctors/{own}", role="admin")["homeClinicId"]
        schedule(api, clinic, own, 1, 2)
    week = week_ahead(api.date)
    page = open_doctor(f"/doctor/schedule?week={week.day(1)}")
    band = page.locator(".band-base .band-label").first
    band.focus()
    expect(page.get_by_role("tooltip").filter(has_text="slots of")).to_be_visible()
    expect(page.locator(".sitting")).to_have_count(0)


def test_an_account_without_a_doctor_is_told_where_to_go(open_doctor: OpenDoctor) -> None:
    page = open_doctor(role="receptionist")
    expect(page.get_by_role("heading")).to_contain_text("belongs to no doctor")
    expect(page.get_by_role("link", name="Open the reception desk")).to_be_visible()


def test_axe_finds_nothing_on_the_doctors_page(
    api: Api, own: str, clinic: Clinic, open_doctor: OpenDoctor, open_page: Open, check: Check
) -> None:
    first = api.walk_in(own, "Mei Chen", triage=2)
    for name in ("John Okafor", "Asha Rao"):
        api.walk_in(own, name)
    page = open_doctor()
    expect(page.locator(".next-entry")).to_have_count(3)
    check(page, "doctor-free")
    api.command("call-next", own)
    expect(page.locator(".now-called")).to_be_visible()
    check(page, "doctor-called")
    api.command("start", first)
    api.command("call-next", own)
    expect(page.locator(".now-inside")).to_be_visible()
    expect(page.locator(".now-called")).to_be_visible()
    check(page, "doctor-inside")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    check(page, "doctor-phone")
    for path, shown in (("/doctor/schedule", ".week-nav"), ("/doctor/leave", "h1")):
        other = open_doctor(path)
        expect(other.locator(shown).first).to_be_visible()
        check(other, path.strip("/").replace("/", "-"))
    sign_in = open_page("/doctor", viewport=DESK)
    expect(sign_in.get_by_label("E-mail")).to_be_visible()
    check(sign_in, "doctor-sign-in")
