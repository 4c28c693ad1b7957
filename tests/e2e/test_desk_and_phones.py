"""A desk moves the line and phones follow, without anybody reloading anything."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, Demo, Open
from tests.e2e.desk import Desk

pytestmark = pytest.mark.browser

RIVERSIDE, HILLSIDE, HARBOUR = "Riverside Clinic", "Hillside Clinic", "Harbour Clinic"


def phone(open_page: Open, token: str, **options: object) -> Page:
    """Open a patient's tracker and wait until it is live."""
    page = open_page(f"/t/{token}", locale="en-GB", **options)
    expect(page.locator("#link")).to_have_text(re.compile("Live|En vivo|लाइव|مباشر"))
    return page


def ahead(page: Page, count: int) -> None:
    """Expect the phone to say how many are ahead, in whichever language its patient has."""
    dots = page.locator("#dots i")
    expect(dots).to_have_count(count)


def line(demo: Demo, doctor: int) -> list[str]:
    """Return the ids of those in line."""
    found: list[str] = demo.queue(doctor)["line"]
    return found


def token_of(demo: Demo, entry: str) -> str:
    """Return the tracking token of an entry."""
    return next(t["token"] for t in demo.trackers if t["appointmentId"] == entry)


def test_a_keyboard_move_reaches_two_phones(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 0)
    first, second = phone(open_page, token_of(demo, ids[0])), phone(open_page, token_of(demo, ids[1]))
    ahead(first, 0)
    ahead(second, 1)
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=RIVERSIDE, doctors=["Dr Mehta"])
    desk.select(ids[1])
    desk.page.keyboard.press("Alt+ArrowUp")
    ahead(second, 0)
    ahead(first, 1)
    desk.page.keyboard.press("z")
    ahead(first, 0)
    ahead(second, 1)


def test_a_drag_reaches_both_phones(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 1)
    first, third = phone(open_page, token_of(demo, ids[0])), phone(open_page, token_of(demo, ids[2]))
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=RIVERSIDE, doctors=["Dr Sørensen"])
    expect(desk.card(ids[2])).to_be_visible()
    desk.card(ids[2]).drag_to(desk.card(ids[0]), target_position={"x": 40, "y": 4})
    ahead(third, 0)
    ahead(first, 1)


def test_a_call_turns_the_card_of_the_phone(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 2)
    demo.command("check-in", ids[0])
    page = phone(open_page, token_of(demo, ids[0]))
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=RIVERSIDE, doctors=["Dr Banerjee"])
    expect(desk.card(ids[0])).to_be_visible()
    desk.select(ids[0])
    desk.page.get_by_role("button", name="Call now").click()
    expect(page.locator("#headline")).to_contain_text("5")
    expect(page.locator("#card")).to_have_class(re.compile("solid|called"))
    desk.page.get_by_role("button", name="Start").click()
    expect(desk.page.get_by_text("With the doctor")).to_be_visible()
    desk.page.get_by_role("button", name="Finish").click()
    expect(desk.page.get_by_text("Room is free")).to_be_visible()


def test_a_no_show_gives_the_phone_time_and_an_undo_takes_it_back(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 3)
    entry = ids[-1]
    page = phone(open_page, token_of(demo, entry))
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=HILLSIDE, doctors=["Dr Okonkwo"])
    desk.select(entry)
    desk.page.keyboard.press("x")
    expect(desk.card(entry)).to_contain_text(re.compile("grace|left|until", re.IGNORECASE))
    state = demo.queue(3)
    assert next(e for e in state["entries"] if e["id"] == entry)["graceUntil"] is not None
    expect(page.locator("#below, #amber")).to_contain_text([re.compile(r"\d")] * 1)
    desk.page.keyboard.press("z")
    expect(desk.card(entry)).not_to_contain_text(re.compile("grace", re.IGNORECASE))
    assert next(e for e in demo.queue(3)["entries"] if e["id"] == entry)["graceUntil"] is None


def test_an_emergency_reaches_phones_and_the_display(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 4)
    page = phone(open_page, token_of(demo, ids[0]))
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=HILLSIDE, doctors=["Dr Ferreira"])
    expect(desk.card(ids[0])).to_be_visible()
    desk.page.keyboard.press("e")
    desk.page.get_by_label("Message", exact=True).fill("Fire drill at 11:00. Please stay seated.")
    desk.page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.locator("#notices")).to_contain_text("Fire drill at 11:00")
    later = phone(open_page, token_of(demo, ids[1]))
    expect(later.locator("#notices")).to_contain_text("Fire drill at 11:00")


def test_two_desks_see_each_other_and_a_refusal_rolls_back(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 5)
    one = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=HILLSIDE, doctors=["Dr Haddad"])
    two = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=HILLSIDE, doctors=["Dr Haddad"])
    expect(two.card(ids[0])).to_be_visible()
    one.select(ids[0])
    one.page.keyboard.press("a")
    expect(two.card(ids[0])).to_contain_text("Here")
    one.page.get_by_role("button", name="Call next").click()
    expect(two.page.get_by_text("Called", exact=False).first).to_be_visible()
    two.page.get_by_role("button", name=re.compile("Call next")).click()
    expect(two.page.locator(".toast-refused")).to_be_visible()


def test_a_phone_that_was_offline_catches_up(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 6)
    page = phone(open_page, token_of(demo, ids[3]))
    ahead(page, 3)
    page.context.set_offline(True)
    expect(page.locator("#foot")).not_to_contain_text("Live")
    demo.command("move", ids[3], {"newPosition": 1})
    page.context.set_offline(False)
    expect(page.locator("#foot")).to_contain_text(re.compile("Live|En vivo|लाइव|مباشر"), timeout=15_000)
    ahead(page, 0)


def test_the_tracker_works_without_javascript(demo: Demo, open_page: Open) -> None:
    ids = line(demo, 7)
    page = open_page(f"/t/{token_of(demo, ids[1])}", java_script_enabled=False)
    ahead(page, 1)
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1
    demo.command("move", ids[1], {"newPosition": 1})
    page.reload()
    ahead(page, 0)


def test_a_walk_in_gets_a_ticket_and_a_link(demo: Demo, open_page: Open) -> None:
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=HARBOUR, doctors=["Dr Lindqvist"])
    expect(desk.page.locator("[data-entry]").first).to_be_visible()
    desk.page.keyboard.press("w")
    desk.page.get_by_label(re.compile("name", re.IGNORECASE)).first.fill("Nora Okafor")
    desk.page.get_by_role("button", name=re.compile("Add")).first.click()
    expect(desk.page.locator("dialog")).to_contain_text(re.compile(r"E\d+"))


def test_the_palette_finds_a_patient(demo: Demo, open_page: Open) -> None:
    queue = demo.queue(0)
    someone = next(e for e in queue["entries"] if e["position"])
    desk = Desk(open_page("/desk", viewport=DESK)).sign_in(demo, clinic=RIVERSIDE, doctors=["Dr Mehta"])
    expect(desk.page.locator("[data-entry]").first).to_be_visible()
    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type(someone["name"].split()[1])
    expect(desk.page.locator("dialog")).to_contain_text(someone["name"])


def test_the_display_calls_by_ticket_and_names_nobody(demo: Demo, open_page: Open) -> None:
    page = open_page("/display", viewport={"width": 1920, "height": 1080})
    login = demo.staff["display"]
    page.locator("input[type=email]").fill(login["email"])
    page.locator("input[type=password]").fill(login["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Riverside|Hillside|Harbour")).first).to_be_visible()
    text = page.inner_text("body")
    for doctor in range(len(demo.doctors)):
        for entry in demo.queue(doctor)["entries"]:
            assert entry["name"] not in text
