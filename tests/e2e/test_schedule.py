"""Weekly schedules, leave and the calendar in the administration, by mouse and by keyboard alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, Check, Open, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.planner import Planner, Week, book, schedule, slots, week_ahead

pytestmark = pytest.mark.browser

OpenAdmin = Callable[..., Page]


@pytest.fixture
def week(api: Api) -> Week:
    """A week that lies ahead."""
    return week_ahead(api.date)


@pytest.fixture
def open_admin(api: Api, open_page: Open) -> OpenAdmin:
    """Opens a page of the administration, signed in as an administrator or another role."""

    def open_one(path: str, *, role: str = "admin", **options: Any) -> Page:
        kept = storage(api, {"clinic-queue.staff": session_of(api.sign_in(role))})
        return open_page(path, **{"viewport": DESK, "storage_state": kept, **options})

    return open_one


@pytest.fixture
def open_week(open_admin: OpenAdmin, week: Week) -> Callable[..., Planner]:
    """Opens the weekly schedule of a doctor."""

    def open_one(doctor: str, **options: Any) -> Planner:
        return Planner(open_admin(f"/admin/doctors/{doctor}/schedule?week={week.day(1)}", **options))

    return open_one


OpenWeek = Callable[..., Planner]


def kept_week(api: Api, doctor: str) -> list[tuple[int, str, str]]:
    """Return weekday, start and end of what a doctor's only schedule holds."""
    (found,) = api.call("GET", f"/api/doctors/{doctor}/schedules", role="admin")
    return [(one["weekday"], one["start"], one["end"]) for one in found["sittings"]]


def test_a_first_week_is_painted_reviewed_and_saved(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    planner = open_week(doctor)
    planner.page.get_by_role("button", name="Start a weekly schedule").click()
    planner.paint(1, 9, 12)
    expect(planner.sittings(1)).to_have_count(1)
    monday = planner.day("Monday")
    expect(monday.get_by_label("From")).to_have_value("09:00")
    expect(monday.get_by_label("To", exact=True)).to_have_value("12:00")
    planner.paint(1, 14, 17)
    monday.get_by_role("button", name="Copy Monday to").click()
    monday.get_by_label("Wednesday").check()
    monday.get_by_role("button", name="Copy", exact=True).click()
    expect(planner.sittings(3)).to_have_count(2)
    expect(planner.review()).to_contain_text(re.compile(r"\d+ slots added"))
    planner.save()
    assert kept_week(api, doctor) == [
        (1, "09:00", "12:00"),
        (1, "14:00", "17:00"),
        (3, "09:00", "12:00"),
        (3, "14:00", "17:00"),
    ]


def test_a_week_is_made_with_the_keyboard_alone(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor)
    keyboard = planner.page.keyboard
    planner.sittings(1).focus()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowRight")
    expect(planner.sittings(2)).to_be_focused()
    keyboard.press("Shift+ArrowDown")
    tuesday = planner.day("Tuesday")
    expect(tuesday.get_by_label("From")).to_have_value("09:15")
    expect(tuesday.get_by_label("To", exact=True)).to_have_value("12:30")
    planner.day("Friday").get_by_role("button", name="Add a sitting on Friday").focus()
    keyboard.press("Enter")
    expect(planner.day("Friday").get_by_label("From")).to_be_focused()
    keyboard.press("Tab")
    expect(planner.sittings(5)).to_have_count(1)
    planner.sittings(5).focus()
    keyboard.press("Delete")
    expect(planner.sittings(5)).to_have_count(0)
    planner.bar.get_by_role("button", name="Undo").focus()
    keyboard.press("Enter")
    expect(planner.sittings(5)).to_have_count(1)
    planner.bar.get_by_role("button", name="Review and save").focus()
    keyboard.press("Enter")
    save = planner.dialog.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    save.focus()
    keyboard.press("Enter")
    expect(planner.bar).to_contain_text("All changes are saved.")
    assert kept_week(api, doctor) == [(2, "09:15", "12:30"), (5, "09:00", "12:00")]


def test_what_cannot_be_saved_says_where_it_is_wrong(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    schedule(api, clinic.id, clinic.doctors[0].id, 1)
    planner = open_week(clinic.doctors[0].id)
    monday = planner.day("Monday")
    monday.get_by_label("To", exact=True).fill("08:00")
    expect(monday.locator(".field-error")).to_contain_text("The end must be after the start.")
    expect(planner.bar).to_contain_text("to correct")
    expect(planner.bar.get_by_role("button", name="Review and save")).to_be_disabled()
    monday.get_by_label("To", exact=True).fill("12:00")
    monday.get_by_role("button", name="Add a sitting on Monday").click()
    monday.get_by_label("From").nth(1).fill("11:00")
    expect(monday.locator(".field-error")).to_contain_text("Overlaps Monday 09:00–12:00.")
    planner.bar.get_by_role("button", name="Discard").click()
    expect(planner.bar).to_contain_text("All changes are saved.")


def test_a_sitting_is_planned_with_equipment_that_no_colleague_has_then(
    api: Api, clinic: Clinic, week: Week, open_week: OpenWeek, open_admin: OpenAdmin
) -> None:
    doctor, colleague = (one.id for one in clinic.doctors[:2])
    devices = [
        api.call("POST", "/api/equipment", {"clinicId": clinic.id, "name": name, "type": "ecg"}, role="admin")["id"]
        for name in ("ECG 1", "ECG 2")
    ]
    schedule(api, clinic.id, doctor, 1)
    schedule(api, clinic.id, colleague, 1, equipmentIds=devices[:1])
    # The browser logs the refusal.
    planner = open_week(doctor, expect_errors=True)
    monday = planner.day("Monday")
    monday.locator("summary").click()
    monday.get_by_label("ECG 1").check()
    planner.bar.get_by_role("button", name="Review and save").click()
    expect(monday.locator(".sitting-equipment .field-error")).to_contain_text("has ECG 1 on Monday")
    monday.get_by_label("ECG 1").uncheck()
    monday.get_by_label("ECG 2").check()
    expect(monday.locator("summary")).to_contain_text("ECG 2")
    planner.review()
    planner.save()
    (kept,) = api.call("GET", f"/api/doctors/{doctor}/schedules", role="admin")
    assert kept["sittings"][0]["equipmentIds"] == devices[1:]
    assert {tuple(slot["equipmentIds"]) for slot in slots(api, doctor, week.day(1))} == {tuple(devices[1:])}
    page = open_admin(f"/admin/calendar?clinic={clinic.id}&date={week.day(1)}")
    page.get_by_role("row").get_by_role("button", name=clinic.doctors[0].name).click()
    page.locator(".hours-column").first.get_by_role("button", name="09:30 free").click()
    expect(page.locator("dialog[open]")).to_contain_text("ECG 2")


def test_taking_hours_away_names_the_patients_first(api: Api, clinic: Clinic, week: Week, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1, 2)
    book(api, doctor, week.day(2), 1, "Mei Chen")
    planner = open_week(doctor)
    planner.sittings(2).focus()
    planner.page.keyboard.press("Delete")
    words = planner.review()
    expect(words).to_contain_text(re.compile(r"\d+ slots removed, 1 patient affected"))
    hit = planner.dialog.locator(".affected li")
    expect(hit).to_contain_text("Mei Chen")
    expect(hit.locator(".affected-new")).to_be_visible()
    planner.dialog.get_by_role("button", name="Back").click()
    assert kept_week(api, doctor) == [(1, "09:00", "12:00"), (2, "09:00", "12:00")]
    planner.review()
    planner.save()
    assert kept_week(api, doctor) == [(1, "09:00", "12:00")]
    conflicts = api.call("GET", f"/api/slot-conflicts?doctorId={doctor}")
    assert [one["patientName"] for one in conflicts] == ["Mei Chen"]


def test_of_two_editors_the_second_sees_what_the_first_changed(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    made = schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor, expect_errors=True)
    expect(planner.sittings(1)).to_have_count(1)
    theirs = {"effectiveFrom": made["effectiveFrom"], "effectiveUntil": None, "sittings": made["sittings"]}
    theirs["sittings"][0]["end"] = "11:00"
    api.call("PUT", f"/api/schedules/{made['id']}", theirs, role="admin")
    planner.day("Thursday").get_by_role("button", name="Add a sitting").click()
    planner.bar.get_by_role("button", name="Review and save").click()
    expect(planner.dialog).to_contain_text("Somebody else changed this schedule")
    expect(planner.dialog).to_contain_text("Demo admin changed it")
    expect(planner.dialog).to_contain_text("until 11:00 instead of 12:00")
    planner.dialog.get_by_role("button", name="Keep both").click()
    expect(planner.dialog.locator(".review-words")).to_be_visible()
    planner.save()
    assert kept_week(api, doctor) == [(1, "09:00", "11:00"), (4, "09:00", "12:00")]


def test_the_second_editor_can_let_go_of_the_own_changes(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    made = schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor, expect_errors=True)
    planner.day("Thursday").get_by_role("button", name="Add a sitting").click()
    theirs = {"effectiveFrom": made["effectiveFrom"], "effectiveUntil": None, "sittings": made["sittings"]}
    theirs["sittings"][0]["end"] = "11:00"
    api.call("PUT", f"/api/schedules/{made['id']}", theirs, role="admin")
    planner.bar.get_by_role("button", name="Review and save").click()
    planner.dialog.get_by_role("button", name="Discard mine").click()
    expect(planner.sittings(4)).to_have_count(0)
    expect(planner.day("Monday").get_by_label("To", exact=True)).to_have_value("11:00")


def test_one_date_is_closed_and_opened_again(api: Api, clinic: Clinic, week: Week, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor)
    date = planner.page.locator(".date-button").first
    date.click()
    planner.dialog.get_by_role("button", name="Close the whole date").click()
    planner.dialog.get_by_role("button", name="Review").click()
    expect(planner.dialog.locator(".review-words")).to_have_text("6 slots removed")
    planner.dialog.get_by_role("button", name="Save this date").click()
    expect(planner.column(1).locator(".band-override")).to_be_visible()
    assert slots(api, doctor, week.day(1)) == []
    date.click()
    planner.dialog.get_by_role("button", name="Back to the usual hours").click()
    expect(planner.dialog.locator(".review-words")).to_have_text("6 slots added")
    planner.dialog.get_by_role("button", name="Back to the usual hours").click()
    expect(planner.column(1).locator(".band-override")).to_have_count(0)
    assert len(slots(api, doctor, week.day(1))) == 6


def test_a_stretch_is_closed_beside_unsaved_hours(api: Api, clinic: Clinic, week: Week, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor)
    planner.day("Friday").get_by_role("button", name="Add a sitting").click()
    planner.page.get_by_role("button", name="Close a stretch").click()
    planner.dialog.get_by_label("From").fill(f"{week.day(1)}T09:00")
    planner.dialog.get_by_label("To", exact=True).fill(f"{week.day(1)}T10:00")
    planner.dialog.get_by_label("Reason").fill("Lift repaired")
    planner.dialog.get_by_role("button", name="Review").click()
    expect(planner.dialog.locator(".review-words")).to_have_text("2 slots removed")
    planner.dialog.get_by_role("button", name="Close this time").click()
    label = planner.column(1).locator(".band-block .band-label")
    label.hover()
    expect(planner.page.get_by_role("tooltip").filter(has_text="Lift repaired")).to_be_visible()
    expect(planner.sittings(5)).to_have_count(1)
    expect(planner.bar).to_contain_text("not saved yet")
    planner.review()
    planner.save()
    assert kept_week(api, doctor) == [(1, "09:00", "12:00"), (5, "09:00", "12:00")]


def asked_for(api: Api, doctor: str, day: str, role: str = "receptionist") -> Any:
    """Ask for a day of leave of a doctor."""
    body = {"doctorId": doctor, "type": "annual", "first": day, "last": day, "reason": "Family day"}
    return api.call("POST", "/api/leave-requests", body, role=role)


def test_maintenance_is_a_layer_of_the_week_with_its_word_and_a_pattern(
    api: Api, clinic: Clinic, week: Week, open_week: OpenWeek
) -> None:
    body = {"clinicId": clinic.id, "name": "Room 7", "type": "consultation"}
    room = api.call("POST", "/api/rooms", body, role="admin")["id"]
    schedule(api, clinic.id, clinic.doctors[0].id, 1, roomId=room)
    outage = {"start": f"{week.day(0)}T00:00:00Z", "end": f"{week.day(3)}T00:00:00Z", "reason": "New floor"}
    api.call("POST", f"/api/rooms/{room}/maintenance", outage, role="admin")
    planner = open_week(clinic.doctors[0].id)
    band = planner.column(1).locator(".band-maintenance")
    expect(band).to_have_text("Maintenance")
    pattern = band.evaluate("band => getComputedStyle(band).backgroundImage")
    assert "repeating-linear-gradient" in pattern
    band.get_by_role("button").focus()
    expect(planner.page.get_by_role("tooltip").filter(has_text="Room 7 is under maintenance")).to_be_visible()
    expect(planner.sittings(1)).to_have_count(1)
    layer = planner.page.get_by_role("checkbox", name="Maintenance")
    layer.uncheck()
    expect(band).to_have_count(0)
    layer.check()
    expect(band).to_have_count(1)


def test_leave_is_approved_beside_the_appointments_it_hits(
    api: Api, clinic: Clinic, week: Week, open_admin: OpenAdmin
) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    book(api, doctor.id, week.day(1), 0, "Mei Chen")
    leave = asked_for(api, doctor.id, week.day(1))
    page = open_admin(f"/admin/leave/{leave['id']}?doctor={doctor.id}")
    detail = page.get_by_role("article")
    expect(detail.locator(".affected li")).to_contain_text("Mei Chen")
    expect(detail.locator(".affected-new")).to_be_visible()
    detail.get_by_label("Word to the doctor").fill("Enjoy it")
    detail.get_by_role("button", name="Approve").click()
    expect(detail).to_contain_text("Approved by Demo admin")
    expect(detail).to_contain_text("Enjoy it")
    assert {one["status"] for one in slots(api, doctor.id, week.day(1))} <= {"full", "withdrawn"}
    page.get_by_role("link", name="Calendar").click()
    page.get_by_label("Clinic").select_option(clinic.id)
    page.get_by_role("link", name="To rebook").click()
    group = page.get_by_role("region", name="1 appointment hit by this leave")
    expect(group).to_contain_text("Mei Chen")


def test_nobody_decides_about_a_request_of_their_own(
    api: Api, clinic: Clinic, week: Week, open_admin: OpenAdmin
) -> None:
    leave = asked_for(api, clinic.doctors[0].id, week.day(1), role="admin")
    page = open_admin(f"/admin/leave/{leave['id']}")
    detail = page.get_by_role("article")
    expect(detail).to_contain_text("You made this request: somebody else has to decide about it.")
    expect(detail.get_by_role("button", name="Approve")).to_have_count(0)
    detail.get_by_role("button", name="Cancel this leave").click()
    expect(detail).to_contain_text("Cancelled")


def test_leave_is_asked_for_and_its_dates_are_checked(clinic: Clinic, week: Week, open_admin: OpenAdmin) -> None:
    doctor = clinic.doctors[1]
    page = open_admin("/admin/leave", role="receptionist")
    page.get_by_role("button", name="Ask for leave").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Doctor").select_option(doctor.id)
    dialog.get_by_label("First day").fill(week.day(5))
    dialog.get_by_label("Last day").fill(week.day(4))
    dialog.get_by_role("button", name="Ask for leave").click()
    expect(dialog.locator(".field-error")).to_contain_text("must not be before the first")
    dialog.get_by_label("Last day").fill(week.day(6))
    dialog.get_by_role("button", name="Ask for leave").click()
    expect(page.get_by_role("article")).to_contain_text(f"{doctor.name}: annual leave")
    expect(page.get_by_role("article")).to_contain_text("Waiting for an answer")


def test_the_calendar_says_why_a_time_is_closed(api: Api, clinic: Clinic, week: Week, open_admin: OpenAdmin) -> None:
    doctor = clinic.doctors[0]
    schedule(api, clinic.id, doctor.id, 1, 2)
    leave = asked_for(api, doctor.id, week.day(2))
    api.call("POST", f"/api/leave-requests/{leave['id']}/approve", {}, role="admin")
    page = open_admin(f"/admin/calendar?clinic={clinic.id}&date={week.day(1)}")
    row = page.get_by_role("row").filter(has_text=doctor.name)
    expect(row.get_by_role("button", name="6 free").first).to_be_visible()
    closed = row.get_by_role("button", name="leave")
    closed.focus()
    expect(page.get_by_role("tooltip").filter(has_text="leave approved by Demo admin")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip").filter(has_text="leave")).to_have_count(0)
    row.get_by_role("button", name=doctor.name).click()
    monday = page.locator(".hours-column").first
    monday.get_by_role("button", name="09:30 free").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Reason for blocking").fill("Kept for a ward round")
    dialog.get_by_role("button", name="Block this slot").click()
    blocked = monday.get_by_role("button", name="09:30 blocked")
    blocked.click()
    expect(dialog).to_contain_text("Kept for a ward round")
    dialog.get_by_role("button", name="Unblock").click()
    monday.get_by_role("button", name="10:00 free").click()
    dialog.get_by_label("In person").fill("2")
    dialog.get_by_label("In all").fill("2")
    dialog.get_by_role("button", name="Change capacity").click()
    expect(monday.get_by_role("button", name="10:00 2 of 2 free")).to_be_visible()


def test_a_day_of_the_calendar_turns_through_all_doctors_of_the_clinic(
    api: Api, clinic: Clinic, week: Week, open_admin: OpenAdmin
) -> None:
    doctors = [doctor.id for doctor in clinic.doctors]
    for place in range(9):
        body = {"name": f"Dr Vale {place}", "clinicIds": [clinic.id]}
        doctors.append(api.call("POST", "/api/doctors", body, role="admin")["id"])
    for doctor in doctors[:-1]:
        schedule(api, clinic.id, doctor, 1)
    page = open_admin(f"/admin/calendar/day?clinic={clinic.id}&date={week.day(1)}")
    columns = page.locator(".hours-column")
    expect(columns).to_have_count(10)
    expect(page.get_by_text("Doctors 1–10 of 12")).to_be_visible()
    following = page.get_by_role("button", name="Next doctors")
    following.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Doctors 11–12 of 12")).to_be_visible()
    expect(following).to_be_focused()
    expect(columns).to_have_count(1)
    # Whoever has no hours here yet is named, too.
    expect(page.get_by_role("link", name="Dr Vale 8")).to_be_visible()
    expect(page).to_have_url(re.compile("page=2"))
    page.get_by_role("button", name="Previous doctors").click()
    expect(columns).to_have_count(10)
    page.get_by_role("button", name="Next day").click()
    expect(page.get_by_text("Doctors 1–10 of 12")).to_be_visible()


def test_who_may_only_read_a_week_cannot_paint_it(api: Api, clinic: Clinic, open_week: OpenWeek) -> None:
    doctor = clinic.doctors[0].id
    schedule(api, clinic.id, doctor, 1)
    planner = open_week(doctor, role="receptionist")
    expect(planner.page.locator(".band-base .band-label")).to_have_text("09:00–12:00")
    expect(planner.bar).to_have_count(0)
    expect(planner.page.locator(".sitting")).to_have_count(0)


def test_axe_finds_nothing_on_the_schedule_screens(
    api: Api, clinic: Clinic, week: Week, open_admin: OpenAdmin, open_week: OpenWeek, check: Check
) -> None:
    doctor = clinic.doctors[0]
    made = schedule(api, clinic.id, doctor.id, 1, 2, 3, 4, 5)
    for place, name in enumerate(("Mei Chen", "John Okafor", "Asha Rao")):
        book(api, doctor.id, week.day(2), 2 * place, name)
    leave = asked_for(api, doctor.id, week.day(2))
    afternoon = {"start": "14:00", "end": "18:00", "slotMinutes": 20, "inPerson": 1, "tele": 1, "total": 1}
    change = {"date": week.day(3), "sittings": [afternoon], "reason": "Training"}
    api.call("POST", f"/api/schedules/{made['id']}/overrides", change, role="admin")
    for kind, day in (("forced_block", 4), ("emergency", 5), ("holiday", 1)):
        body = {"kind": kind, "start": f"{week.day(day)}T13:00:00Z", "end": f"{week.day(day)}T15:00:00Z"}
        api.call("POST", f"/api/schedules/{made['id']}/exceptions", body, role="admin")
    planner = open_week(doctor.id)
    # Where it is night then, it goes on into the next day.
    expect(planner.page.locator(".band-emergency.band").first).to_be_visible()
    check(planner.page, "schedule")
    planner.sittings(2).focus()
    planner.page.keyboard.press("Delete")
    planner.review()
    check(planner.page, "schedule-review")
    planner.dialog.get_by_role("button", name="Back").click()
    for name, button in (("close", "Close a stretch"), ("date", f"{int(week.day(4)[-2:])} .*change this date only")):
        planner.page.get_by_role("button", name=re.compile(button)).click()
        expect(planner.dialog).to_be_visible()
        check(planner.page, f"schedule-{name}")
        planner.page.keyboard.press("Escape")
    phone = open_week(doctor.id, viewport=PHONE)
    expect(phone.sittings(1)).to_be_visible()
    check(phone.page, "schedule-phone")
    page = open_admin(f"/admin/leave/{leave['id']}")
    expect(page.locator(".affected li")).to_have_count(3)
    check(page, "leave")
    for view, shown in (("", ".heat-cell"), ("/day", ".slot"), ("/week", ".slot"), ("/conflicts", ".state-empty")):
        query = f"clinic={clinic.id}&doctor={doctor.id}&date={week.day(1)}"
        page = open_admin(f"/admin/calendar{view}?{query}")
        expect(page.locator(shown).first).to_be_visible()
        check(page, f"calendar{view.replace('/', '-')}")
