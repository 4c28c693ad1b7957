"""axe finds nothing on any screen, light and dark. With SHOTS=1 every screen leaves a picture to look at."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import COLOUR_RULES, violations
from tests.e2e.conftest import DESK, PHONE, SCREEN, Check, Demo, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.desk import Desk, Phone

pytestmark = pytest.mark.browser

TABLET = {"width": 820, "height": 1180}


def test_axe_sees_what_is_wrong(open_page: Open) -> None:
    page = open_page("/t/nonsense", expect_errors=True)
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert any(found.startswith("label:") for found in violations(page))


def test_tracker_in_every_state(api: Api, clinic: Clinic, open_page: Open, check: Check) -> None:
    doctor = clinic.doctors[0]
    entry, absent, gone, last = doctor.line

    def open_phone(one: str) -> Phone:
        return Phone(open_page(f"/t/{api.token(one)}", viewport=PHONE, expect_errors=True)).expect_live()

    patient = open_phone(last)
    check(patient.page, "tracker-expected")
    api.command("no-show", last)
    expect(patient.page.locator("#below")).to_have_class("amber")
    body = {"message": "A short fire drill at eleven. Please stay seated.", "priority": "high", "estimatedDelay": 20}
    api.command("emergency", doctor.id, body)
    api.command("pause", doctor.id)
    expect(patient.page.locator("#amber p")).to_have_count(2)
    patient.page.locator("#why summary").click()
    expect(patient.page.locator("#why li").first).to_be_visible()
    check(patient.page, "tracker-troubled")
    api.command("resume", doctor.id)
    patient = open_phone(entry)
    api.command("check-in", entry)
    expect(patient.page.locator("#below")).to_contain_text("checked in")
    check(patient.page, "tracker-next")
    patient.page.context.set_offline(True)
    expect(patient.foot).to_have_class("offline")
    check(patient.page, "tracker-offline")
    patient.page.context.set_offline(False)
    patient.expect_live()
    for command, target, headline in (
        ("call-next", doctor.id, "Please go to"),
        ("start", entry, "You are with"),
        ("complete", entry, "complete"),
    ):
        api.command(command, target)
        expect(patient.headline).to_contain_text(headline)
        check(patient.page, f"tracker-{command}")
    late = api.walk_in(clinic.doctors[1].id, "Noor Rahimi")
    for one, command, more in ((gone, "cancel", {}), (late, "no-show", {"gracePeriod": 0})):
        api.command(command, one, more)
        patient = open_phone(one)
        expect(patient.card).to_have_class("still")
        check(patient.page, f"tracker-{command}")
    api.command("close", doctor.id)
    closed = open_phone(absent)
    check(closed.page, "tracker-closed")


def test_tracker_in_every_language(demo: Demo, open_page: Open, check: Check) -> None:
    for language in ("es", "hi", "ar"):
        clinic = demo.registry.clinic(language=language)
        patient = Phone(open_page(f"/t/{demo.api.token(clinic.doctors[0].line[2])}")).expect_live()
        check(patient.page, f"tracker-{language}")


def test_message_pages(api: Api, clinic: Clinic, open_page: Open, check: Check) -> None:
    check(open_page("/t/nonsense", expect_errors=True), "message-invalid")
    check(open_page("/nowhere?lang=ar", expect_errors=True), "message-unknown-page")


def test_documentation(open_page: Open, check: Check) -> None:
    page = open_page("/docs", viewport=DESK)
    for place in (0, 1):
        page.locator("details summary").nth(place).click()
    assert violations(page, without=COLOUR_RULES) == []
    # Colours are the same for each of the routes, of which there are hundreds.
    page.evaluate("[...document.querySelectorAll('details')].slice(20).forEach((one) => one.remove())")
    check(page, "docs")


def test_desk_sign_in_and_first_choice(api: Api, clinic: Clinic, open_page: Open, check: Check) -> None:
    page = open_page("/desk", viewport=DESK, expect_errors=True)
    expect(page.locator("input[name=email]")).to_be_visible()
    check(page, "desk-sign-in")
    page.locator("input[name=email]").fill(api.staff["receptionist"]["email"])
    page.locator("input[name=password]").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "desk-sign-in-refused")
    page.locator("input[name=password]").fill(api.staff["receptionist"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox").first).to_be_visible()
    check(page, "desk-first-choice")
    kept = storage(api, {"clinic-queue.desk": session_of(api.sign_in("display"))})
    other = open_page("/desk", viewport=DESK, storage_state=kept)
    expect(other.get_by_role("heading")).to_be_visible()
    check(other, "desk-wrong-account")


@pytest.fixture
def busy(api: Api, clinic: Clinic) -> Clinic:
    """A clinic in the middle of its day, with something of everything."""
    first, second, third = clinic.doctors
    for entry in first.line[:3]:
        api.command("check-in", entry)
    api.command("call-next", first.id)
    api.command("start", first.line[0])
    api.command("call-next", first.id)
    api.walk_in(first.id, "Noor Rahimi", triage=2)
    api.walk_in(first.id, "Maximiliane Featherstonehaugh-Wolkenstein", visitType="follow_up")
    api.command("move", first.line[3], {"newPosition": 1, "reason": "Small child"})
    api.command("no-show", first.line[3])
    api.command("check-in", second.line[0])
    api.command("call-next", second.id)
    api.command("cancel", second.line[3])
    notice = {"message": "The lift is out of order.", "priority": "normal", "estimatedDelay": 15}
    api.command("emergency", second.id, notice)
    api.command("pause", third.id)
    return clinic


def test_desk_lanes(busy: Clinic, open_desk: OpenDesk, check: Check) -> None:
    doctor = busy.doctors[0]
    desk = open_desk(busy, 0, 1, 2, expect_errors=True)
    check(desk.page, "desk")
    desk.select(doctor.line[2])
    desk.card(doctor.line[2]).get_by_role("button", name="More for").click()
    check(desk.page, "desk-selected")
    desk.press("a")
    expect(desk.refusal).to_be_visible()
    desk.press("Alt+ArrowUp")
    expect(desk.toast("moved to").get_by_role("button", name="Undo")).to_be_visible()
    check(desk.page, "desk-toasts")
    desk.menu(doctor.id, "Figures of the day")
    expect(desk.lane(doctor.id).locator(".strip")).to_be_visible()
    desk.lane(doctor.id).locator(".lane-menu > button").click()
    check(desk.page, "desk-menu-and-figures")
    desk.press("Escape")
    desk.menu(busy.doctors[1].id, "Look back")
    expect(desk.lane(busy.doctors[1].id).locator(".line-past")).to_be_visible()
    check(desk.page, "desk-look-back")
    desk.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    check(desk.page, "desk-tablet")
    desk.page.context.set_offline(True)
    expect(desk.page.locator(".connection-lost")).to_be_visible()
    check(desk.page, "desk-offline")


def test_desk_dialogs(api: Api, busy: Clinic, open_desk: OpenDesk, check: Check) -> None:
    doctor, other = busy.doctors[0], busy.doctors[1]
    desk = open_desk(busy, 0, 1)

    def check_dialog(name: str) -> None:
        expect(desk.dialog).to_be_visible()
        check(desk.page, f"dialog-{name}")
        desk.press("Escape")
        expect(desk.dialog).to_have_count(0)

    for key, name in (("e", "emergency"), ("w", "walk-in"), ("?", "help"), ("Control+k", "palette")):
        desk.press(key)
        if name == "palette":
            desk.page.keyboard.type("no")
            expect(desk.dialog.get_by_role("option").first).to_be_visible()
        check_dialog(name)
    entry = doctor.line[2]
    desk.select(entry)
    desk.card(entry).get_by_role("button", name="More for").click()
    for label, name in (
        ("Triage…", "triage"),
        ("Move to…", "move"),
        ("Transfer…", "transfer"),
        ("Link / QR", "link"),
        ("Why this place?", "why"),
        ("Cancel visit", "ask"),
    ):
        desk.card(entry).get_by_role("button", name=label).click()
        if name == "link":
            desk.expect_drawn(desk.dialog.get_by_role("img"))
        if name == "why":
            expect(desk.dialog.locator("li").first).to_be_visible()
        check_dialog(name)
    desk.menu(other.id, "Doctor absent")
    check_dialog("absent")
    desk.button("Lanes").click()
    expect(desk.dialog.get_by_role("checkbox")).to_have_count(3)
    check_dialog("lanes")
    desk.press("w")
    desk.dialog.get_by_label("Name").fill("Nora Okafor")
    desk.dialog.get_by_role("button", name="Add to the line").click()
    desk.expect_drawn(desk.dialog.get_by_role("img"))
    check_dialog("walk-in-added")
    assert api.entry(doctor.id, entry)["state"] == "waiting"


def test_desk_paper(busy: Clinic, open_desk: OpenDesk, check: Check) -> None:
    doctor = busy.doctors[0]
    desk = open_desk(busy, 0)
    desk.menu(doctor.id, "Day list")
    expect(desk.page.locator(".sheet-table")).to_be_visible()
    check(desk.page, "day-list")
    desk.page.go_back()
    desk.select(doctor.line[2])
    desk.card(doctor.line[2]).get_by_role("button", name="More for").click()
    desk.card(doctor.line[2]).get_by_role("link", name="Ticket").click()
    desk.expect_drawn(desk.page.locator(".paper-ticket img"))
    check(desk.page, "ticket")


def test_empty_desk(demo: Demo, open_desk: OpenDesk, check: Check) -> None:
    clinic = demo.registry.clinic(patients=0)
    desk: Desk = open_desk(clinic, 0, 1)
    expect(desk.lane(clinic.doctors[0].id)).to_contain_text("Nobody in line.")
    check(desk.page, "desk-empty")


def test_display(api: Api, busy: Clinic, open_page: Open, check: Check) -> None:
    page = open_page("/display", viewport=SCREEN)
    expect(page.locator("input[type=email]")).to_be_visible()
    check(page, "display-sign-in")
    kept = storage(api, {"clinic-queue.display": session_of(api.sign_in("display"))})
    chosen = open_page("/display", viewport=SCREEN, storage_state=kept)
    expect(chosen.get_by_role("button", name=busy.name)).to_be_visible()
    check(chosen, "display-choice")
    page = open_page(f"/display?clinic={busy.id}", viewport=SCREEN, storage_state=kept, expect_errors=True)
    expect(page.locator(".doctor")).to_have_count(3)
    expect(page.locator(".panel-ticket")).to_have_text(re.compile(r"[AB]\d+"))
    check(page, "display")
    page.context.set_offline(True)
    expect(page.locator(".stale")).to_be_visible()
    check(page, "display-stale")
    page.context.set_offline(False)
    expect(page.locator(".stale")).to_have_count(0)
    body = {"message": "Please leave the building calmly by the nearest exit.", "priority": "critical"}
    for doctor in busy.doctors:
        api.command("emergency", doctor.id, body)
    expect(page.locator(".emergency")).to_be_visible()
    check(page, "display-emergency")
