"""A desk moves the line and phones follow, without anybody reloading anything."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Demo, Open, OpenDesk
from tests.e2e.demo import Api, Clinic
from tests.e2e.desk import Phone

pytestmark = pytest.mark.browser


def phone(open_page: Open, api: Api, entry: str) -> Phone:
    """Open the tracker of an entry and wait until it is live."""
    return Phone(open_page(f"/t/{api.token(entry)}")).expect_live()


def test_keyboard_moves_reach_two_phones(api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    one, two, three, four = doctor.line
    first, second = phone(open_page, api, one), phone(open_page, api, two)
    first.expect_ahead(0)
    second.expect_ahead(1)
    desk = open_desk(clinic)
    desk.select(two)
    desk.press("Alt+ArrowUp")
    desk.expect_order(doctor.id, [two, one, three, four])
    desk.expect_said("moved to 1st place")
    second.expect_ahead(0)
    first.expect_ahead(1)
    desk.press("z")
    first.expect_ahead(0)
    second.expect_ahead(1)
    desk.expect_order(doctor.id, [one, two, three, four])


def test_a_drag_reaches_two_phones(api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    one, two, three, four = doctor.line
    first, third = phone(open_page, api, one), phone(open_page, api, three)
    desk = open_desk(clinic)
    desk.card(three).drag_to(desk.card(one), target_position={"x": 40, "y": 4})
    desk.expect_order(doctor.id, [three, one, two, four])
    third.expect_ahead(0)
    first.expect_ahead(1)
    assert api.queue(doctor.id)["line"] == [three, one, two, four]


def test_a_drag_to_another_lane_moves_the_phone_to_the_other_doctor(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    here, there = clinic.doctors[0], clinic.doctors[1]
    moved = here.line[0]
    patient, neighbour = phone(open_page, api, moved), phone(open_page, api, here.line[1])
    expect(patient.page.locator("#doctor")).to_have_text(here.name)
    desk = open_desk(clinic, 0, 1)
    desk.card(moved).drag_to(desk.lane(there.id), target_position={"x": 60, "y": 300})
    expect(desk.lane(there.id).locator(f"[data-entry='{moved}']")).to_be_visible()
    expect(patient.page.locator("#doctor")).to_have_text(there.name)
    expect(patient.page.locator("#room")).to_contain_text(there.room)
    neighbour.expect_ahead(0)
    # The phone follows the other queue from now on.
    place = api.queue(there.id)["line"].index(moved)
    patient.expect_ahead(place)
    api.command("move", moved, {"newPosition": 3 if place < 2 else 1})
    patient.expect_ahead(2 if place < 2 else 0)


def test_a_call_turns_the_phone_solid_until_the_visit_is_over(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    doctor = clinic.doctors[0]
    entry = doctor.line[0]
    api.command("check-in", entry)
    patient, next_one = phone(open_page, api, entry), phone(open_page, api, doctor.line[1])
    next_one.expect_ahead(1)
    desk = open_desk(clinic)
    desk.lane(doctor.id).get_by_role("button", name="Call next").click()
    expect(patient.card).to_have_class("called")
    expect(patient.headline).to_have_text(f"Please go to {doctor.room}")
    expect(patient.page).to_have_title(re.compile("^●"))
    next_one.expect_ahead(0)
    desk.button("Start").click()
    expect(patient.headline).to_have_text(f"You are with {doctor.name}")
    expect(desk.lane(doctor.id)).to_contain_text("With the doctor")
    desk.button("Finish").click()
    expect(desk.lane(doctor.id)).to_contain_text("Room is free")
    expect(patient.headline).to_have_text("Your visit is complete")


def test_a_no_show_gives_the_phone_time_and_an_undo_takes_it_back(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    doctor = clinic.doctors[0]
    entry = doctor.line[1]
    patient = phone(open_page, api, entry)
    desk = open_desk(clinic)
    desk.select(entry)
    desk.press("x")
    expect(desk.card(entry)).to_contain_text("no-show in")
    expect(patient.page.locator("#below")).to_contain_text("or your place goes to somebody else")
    desk.press("z")
    expect(desk.card(entry)).not_to_contain_text("no-show in")
    expect(patient.page.locator("#below")).not_to_contain_text("somebody else")
    assert api.entry(doctor.id, entry)["graceUntil"] is None


def test_a_second_no_show_ends_it_and_arriving_after_all_mends_it(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    doctor = clinic.doctors[0]
    # Nobody is a no-show before their time, and a walk-in's time is now.
    entry = api.walk_in(doctor.id, "Noor Rahimi")
    patient = phone(open_page, api, entry)
    desk = open_desk(clinic)
    desk.select(entry)
    desk.press("x")
    expect(desk.card(entry)).to_contain_text("no-show in")
    desk.button("No-show now").click()
    expect(desk.card(entry)).to_have_count(0)
    expect(patient.headline).to_have_text("We could not find you")
    desk.page.locator(".gone summary").click()
    desk.button("Arrived after all").click()
    expect(desk.card(entry)).to_contain_text("Here")
    expect(patient.card).to_have_class("line")


def test_an_emergency_reaches_phones_now_and_later(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    doctor = clinic.doctors[0]
    patient = phone(open_page, api, doctor.line[0])
    other = phone(open_page, api, clinic.doctors[1].line[0])
    desk = open_desk(clinic)
    desk.press("e")
    expect(desk.dialog.get_by_label("Message", exact=True)).to_be_focused()
    desk.page.keyboard.type("Fire drill at 11:00. Please stay seated.")
    desk.dialog.get_by_label("Delay in minutes").fill("20")
    desk.dialog.get_by_role("button", name="Send to 4").click()
    expect(desk.toast("Message sent to 4 patients")).to_be_visible()
    notice = patient.page.locator("#notices")
    expect(notice).to_contain_text("Fire drill at 11:00. Please stay seated.")
    expect(notice).to_contain_text("Important")
    expect(patient.page.locator("#amber")).to_contain_text("20 min late")
    later = phone(open_page, api, doctor.line[1])
    expect(later.page.locator("#notices")).to_contain_text("Fire drill")
    expect(other.page.locator("#notices")).to_be_empty()


def test_pause_resume_and_close_reach_phones(api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    here, missing = doctor.line[0], doctor.line[1]
    api.command("check-in", here)
    patient, absent = phone(open_page, api, here), phone(open_page, api, missing)
    desk = open_desk(clinic)
    desk.menu(doctor.id, "Pause")
    expect(desk.lane(doctor.id).locator(".chip")).to_have_text("Paused")
    expect(patient.page.locator("#amber")).to_contain_text("paused for a moment")
    desk.menu(doctor.id, "Resume")
    expect(patient.page.locator("#amber")).to_be_empty()
    desk.menu(doctor.id, "Close the day")
    expect(desk.dialog).to_contain_text("1 patient who came will be cancelled")
    desk.dialog.get_by_role("button", name="Close the day").click()
    expect(desk.lane(doctor.id).locator(".chip")).to_have_text("Closed")
    expect(patient.headline).to_have_text("Your visit is cancelled")
    expect(absent.headline).to_have_text("We could not find you")


def test_two_desks_and_two_phones_agree_in_the_end(
    demo: Demo, clinic: Clinic, open_page: Open, open_desk: OpenDesk
) -> None:
    doctor = clinic.doctors[0]
    one, two, three, four = doctor.line
    phones = {entry: phone(open_page, demo.api, entry) for entry in (one, four)}
    left, right = open_desk(clinic), open_desk(clinic)
    left.select(four)
    right.select(two)
    for _ in range(3):
        left.press("Alt+ArrowUp")
        right.press("a")
        right.press("Alt+ArrowDown")
    for desk in (left, right):
        desk.expect_settled()
    # What the server holds is what everybody shows.
    demo.api.command("move", three, {"newPosition": 1})
    for desk in (left, right):
        desk.expect_first(doctor.id, three)
    line = demo.api.queue(doctor.id)["line"]
    for desk in (left, right):
        desk.expect_order(doctor.id, line)
    for entry, patient in phones.items():
        patient.expect_ahead(line.index(entry))
