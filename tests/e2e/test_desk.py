"""What a receptionist does at the desk, by mouse and by keyboard alone, and what it says when something is refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.e2e.conftest import DESK, Demo, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic
from tests.e2e.desk import Desk

pytestmark = pytest.mark.browser


def test_a_whole_patient_by_keyboard_alone(api: Api, clinic: Clinic, open_page: Open) -> None:
    doctor = clinic.doctors[0]
    desk = Desk(open_page("/desk", viewport=DESK))
    expect(desk.page.locator("input[name=email]")).to_be_focused()
    desk.page.keyboard.type(api.staff["receptionist"]["email"])
    desk.press("Tab")
    desk.page.keyboard.type(api.staff["receptionist"]["password"])
    desk.press("Enter")
    # The first choice: a clinic, by typing its name, and only the first doctor of it.
    expect(desk.page.get_by_label("Clinic")).to_be_visible()
    desk.press("Tab")
    expect(desk.page.get_by_label("Clinic")).to_be_focused()
    desk.page.keyboard.type(clinic.name)
    boxes = desk.page.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    expect(boxes.first).to_be_checked()
    desk.press("Tab", "Tab", "Space", "Tab", "Space", "Enter")
    expect(desk.lane(doctor.id)).to_be_visible()
    entry = api.queue(doctor.id)["line"][0]
    ticket = api.entry(doctor.id, entry)["ticket"]

    desk.press("ArrowDown")
    expect(desk.page.locator(f"#entry-{entry}")).to_be_focused()
    desk.press("a")
    desk.expect_said(f"{ticket} Ada")
    desk.expect_said("is here")
    expect(desk.card(entry)).to_contain_text("Here")
    desk.press("n")
    desk.expect_said(f"called to {doctor.room}")
    expect(desk.lane(doctor.id).locator(".current-called")).to_contain_text(ticket)
    desk.press("r")
    desk.expect_said("called again")
    desk.press("s")
    desk.expect_said(f"is with {doctor.name}")
    expect(desk.lane(doctor.id).locator(".current")).to_contain_text("With the doctor")
    desk.press("f")
    desk.expect_said("finished")
    expect(desk.lane(doctor.id)).to_contain_text("Room is free")
    expect(desk.page.locator(".gone summary")).to_have_text("Done today: 1")
    desk.expect_settled()
    assert api.entry(doctor.id, entry)["state"] == "completed"


def test_alt_and_arrows_carry_a_patient_to_the_next_lane_and_back(
    api: Api, clinic: Clinic, open_desk: OpenDesk
) -> None:
    left, right = clinic.doctors[0], clinic.doctors[1]
    desk = open_desk(clinic, 0, 1)
    entry = left.line[1]
    desk.select(entry)
    desk.press("Alt+ArrowRight")
    expect(desk.lane(right.id).locator(f"[data-entry='{entry}']")).to_be_visible()
    expect(desk.page.locator(f"#entry-{entry}")).to_be_focused()
    desk.expect_said(f"transferred to {right.name}")
    desk.press("Alt+ArrowLeft")
    expect(desk.lane(left.id).locator(f"[data-entry='{entry}']")).to_be_visible()
    desk.expect_settled()
    expect(desk.page.locator(".toast-refused")).to_have_count(0)
    assert entry in api.queue(left.id)["line"]


def test_two_desks_see_each_other(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    one, two = open_desk(clinic), open_desk(clinic)
    one.select(doctor.line[0])
    presence = two.lane(doctor.id).locator(".presence")
    expect(presence).to_contain_text("Demo receptionist is working on this lane")
    one.press("a")
    expect(two.card(doctor.line[0])).to_contain_text("Here")
    one.button("Call next").click()
    expect(two.lane(doctor.id).locator(".current-called")).to_be_visible()
    two.lane(doctor.id).get_by_role("button", name="Call next").click()
    expect(two.refusal).to_contain_text("is being called. Start, put back or mark as no-show first.")
    # Whoever sits at the other desk may take back what was called here.
    two.menu(doctor.id, "Undo: call of")
    expect(one.lane(doctor.id).locator(".current-called")).to_have_count(0)
    one.page.context.close()
    expect(presence).to_have_count(0)


def test_what_the_server_refuses_is_rolled_back_with_its_reason(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    one, two, three, four = doctor.line
    wire = SlowWire()
    desk = open_desk(clinic, prepare=wire.attach)
    wire.hold()
    # Meanwhile somebody else cancels the patient whom this desk is about to move.
    api.command("cancel", two)
    desk.select(two)
    desk.press("Alt+ArrowUp")
    desk.expect_order(doctor.id, [two, one, three, four])
    wire.release()
    expect(desk.refusal).to_contain_text("Not done.")
    desk.expect_order(doctor.id, [one, three, four])
    expect(desk.page.locator(".sr-only > [aria-live=assertive]")).not_to_be_empty()


class SlowWire:
    """A desk's websocket whose messages from the server can be held back."""

    def __init__(self) -> None:
        self._is_held = False
        self._kept: list[Callable[[], None]] = []

    def attach(self, page: Page) -> None:
        """Stand between the page and the server."""
        page.route_web_socket(re.compile(r"/socket\.io/"), self._between)

    def hold(self) -> None:
        """Keep what the server says from now on."""
        self._is_held = True

    def release(self) -> None:
        """Let through what was kept, in order, and everything from now on."""
        self._is_held = False
        for send in self._kept:
            send()

    def _between(self, page_side: WebSocketRoute) -> None:
        server = page_side.connect_to_server()

        def from_server(message: str | bytes) -> None:
            if self._is_held:
                self._kept.append(lambda: page_side.send(message))
            else:
                page_side.send(message)

        server.on_message(from_server)


def test_offline_nothing_can_be_done_and_nothing_is_lost(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    one, two, three, four = doctor.line
    desk = open_desk(clinic, expect_errors=True)
    desk.select(one)
    desk.page.context.set_offline(True)
    expect(desk.page.locator(".connection-lost")).to_contain_text("No connection")
    expect(desk.lane(doctor.id).get_by_role("button", name="Call next")).to_be_disabled()
    desk.press("a")
    expect(desk.refusal).to_contain_text("No connection. Nothing was changed.")
    desk.expect_order(doctor.id, [one, two, three, four])
    api.command("move", four, {"newPosition": 1})
    desk.page.context.set_offline(False)
    expect(desk.live).to_be_visible()
    desk.expect_order(doctor.id, [four, one, two, three])
    assert api.entry(doctor.id, one)["state"] == "expected"


def test_the_palette_finds_patients_of_any_lane_and_commands(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor, other = clinic.doctors[0], clinic.doctors[2]
    someone = api.entry(other.id, other.line[0])
    desk = open_desk(clinic)
    desk.press("Control+k")
    desk.page.keyboard.type(someone["name"])
    expect(desk.dialog.get_by_role("option").filter(has_text=someone["name"]).first).to_be_visible()
    desk.press("Escape")
    expect(desk.dialog).to_have_count(0)
    desk.press("Control+k")
    desk.page.keyboard.type("pause")
    expect(desk.dialog.get_by_role("option").first).to_contain_text(re.compile("pause", re.IGNORECASE))
    desk.press("Enter")
    expect(desk.lane(doctor.id).locator(".chip")).to_have_text("Paused")
    desk.press("n")
    expect(desk.refusal).to_contain_text(f"{doctor.name} is paused. Resume the lane first.")
    desk.lane(doctor.id).get_by_role("button", name="Resume").click()
    expect(desk.lane(doctor.id).locator(".chip")).to_have_text("On time")
    expect(desk.lane(doctor.id).get_by_role("button", name="Call next")).to_be_enabled()


def test_a_walk_in_gets_a_ticket_a_link_and_paper(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk, shots: Path
) -> None:
    doctor = clinic.doctors[0]
    desk = open_desk(clinic)
    desk.press("w")
    desk.dialog.get_by_label("Name").fill("Nora Okafor")
    desk.dialog.get_by_label("Phone").fill("+49 30 1234567")
    desk.dialog.get_by_role("button", name="Add to the line").click()
    expect(desk.dialog.locator(".walk-in-ticket")).to_have_text(re.compile(r"^A\d+$"))
    ticket = desk.dialog.locator(".walk-in-ticket").inner_text()
    code = desk.dialog.get_by_alt_text("QR code of the patient's link")
    desk.expect_drawn(code)
    desk.page.screenshot(path=shots / "walk-in.png")
    address = desk.dialog.get_by_role("link", name="Open the patient's page").get_attribute("href")
    assert address is not None
    tracker = open_page(address)
    expect(tracker.locator("header .chip")).to_have_text(ticket)
    desk.dialog.get_by_role("link", name="Print the ticket").click()
    paper = desk.page.locator(".paper-ticket")
    expect(paper.get_by_role("heading")).to_have_text(ticket)
    desk.expect_drawn(paper.locator("img"))
    expect(paper).to_contain_text(doctor.name)
    desk.page.emulate_media(media="print")
    expect(desk.page.locator(".print-bar")).to_be_hidden()
    desk.page.screenshot(path=shots / "ticket-print.png")
    desk.page.emulate_media(media="screen")
    desk.page.get_by_role("link", name="Back to the desk").click()
    expect(desk.lane(doctor.id)).to_contain_text("Nora Okafor")


def test_the_day_list_prints_everybody(api: Api, clinic: Clinic, open_desk: OpenDesk, shots: Path) -> None:
    doctor = clinic.doctors[0]
    api.command("check-in", doctor.line[0])
    api.command("cancel", doctor.line[3])
    desk = open_desk(clinic)
    desk.menu(doctor.id, "Day list")
    rows = desk.page.locator(".sheet-table tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("here")
    expect(rows.last).to_contain_text("cancelled")
    names = {one["name"] for one in api.queue(doctor.id)["entries"]}
    shown = set(desk.page.locator(".sheet-table tbody td:nth-child(4)").all_inner_texts())
    assert shown == names
    desk.page.emulate_media(media="print")
    expect(desk.page.locator(".print-bar")).to_be_hidden()
    desk.page.screenshot(path=shots / "day-list-print.png")
    desk.page.emulate_media(media="screen")
    # The address is one to keep: it opens by itself.
    desk.page.reload()
    expect(rows).to_have_count(4)
    desk.page.go_back()
    expect(desk.lane(doctor.id)).to_be_visible()


def test_looking_back_shows_the_line_as_it_was(api: Api, clinic: Clinic, open_desk: OpenDesk, shots: Path) -> None:
    doctor = clinic.doctors[0]
    one, two, *_ = doctor.line
    api.command("check-in", one)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    api.command("move", two, {"newPosition": 1})
    desk = open_desk(clinic)

    def at_that_moment(route: Route) -> None:
        # The desk chooses minutes; this day began seconds ago.
        route.continue_(url=re.sub("as_of=[^&]+", f"as_of={moment}", route.request.url))

    desk.page.route(re.compile("as_of="), at_that_moment)
    desk.menu(doctor.id, "Look back")
    past = desk.lane(doctor.id).locator(".line-past li")
    expect(past).to_have_count(4)
    expect(past.first).to_contain_text(api.entry(doctor.id, one)["ticket"])
    expect(desk.lane(doctor.id)).to_contain_text("a past moment, to look at only")
    desk.page.screenshot(path=shots / "look-back.png")
    desk.button("Back to now").click()
    desk.expect_first(doctor.id, two)


def test_the_figures_of_the_day_follow_what_happens(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    desk = open_desk(clinic)
    desk.menu(doctor.id, "Figures of the day")
    figures = desk.lane(doctor.id).locator(".strip")
    expect(figures).to_contain_text("0 of 4")
    api.command("check-in", doctor.line[0])
    api.command("call-next", doctor.id)
    api.command("start", doctor.line[0])
    api.command("complete", doctor.line[0])
    expect(figures).to_contain_text("1 of 4")


def test_why_a_patient_stands_where_they_do(api: Api, clinic: Clinic, open_desk: OpenDesk) -> None:
    doctor = clinic.doctors[0]
    entry = doctor.line[2]
    api.command("move", entry, {"newPosition": 1, "reason": "Small child"})
    desk = open_desk(clinic)
    desk.select(entry)
    desk.card(entry).get_by_role("button", name="More for").click()
    desk.card(entry).get_by_role("button", name="Why this place?").click()
    expect(desk.dialog.locator("li").last).to_contain_text("Reception moved you in the line.")
    expect(desk.dialog.locator("li .changes-places").last).to_have_text(re.compile(r"3\D+1"))


def test_a_desk_outlives_its_access_token(demo: Demo, clinic: Clinic, open_desk: OpenDesk) -> None:
    api, doctor = demo.api, clinic.doctors[0]
    own = Api({"url": api.url, "date": api.date, "mail": api.mail, "staff": list(api.staff.values())})
    session = session_of(own.sign_in("receptionist"))
    session["accessToken"] = demo.registry.short_token("receptionist", 4)
    # On a slow machine the token is over before the page has asked for anything, and is told so.
    desk = open_desk(clinic, session=session, expect_errors=True)
    kept = "JSON.parse(localStorage.getItem('clinic-queue.desk')).accessToken"
    desk.page.wait_for_function(f"token => {kept} !== token", arg=session["accessToken"])
    desk.select(doctor.line[0])
    desk.press("a")
    expect(desk.card(doctor.line[0])).to_contain_text("Here")
    desk.expect_settled()
    expect(desk.live).to_be_visible()
    assert api.entry(doctor.id, doctor.line[0])["state"] == "waiting"
    own.close()


def test_a_doctor_has_their_own_lane_only(api: Api, open_page: Open) -> None:
    desk = Desk(open_page("/desk", viewport=DESK))
    login = api.staff["doctor"]
    desk.page.locator("input[name=email]").fill(login["email"])
    desk.page.locator("input[name=password]").fill(login["password"])
    desk.press("Enter")
    expect(desk.page.get_by_role("checkbox")).to_have_count(1)
    expect(desk.page.get_by_role("checkbox", name="Dr Mehta")).to_be_checked()
    desk.button("Show 1 lane").click()
    expect(desk.page.locator("section.lane h2")).to_have_count(1)
    expect(desk.page.locator("section.lane h2")).to_contain_text("Dr Mehta")
    expect(desk.live).to_be_visible()


def test_a_wrong_password_says_so_and_a_display_is_shown_its_way(api: Api, open_page: Open) -> None:
    page = open_page("/desk", viewport=DESK, expect_errors=True)
    page.locator("input[name=email]").fill(api.staff["display"]["email"])
    page.locator("input[name=password]").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("input[name=password]").fill(api.staff["display"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading")).to_have_text("This account has no desk")
    expect(page.get_by_role("link", name="Open the waiting-room screen")).to_be_visible()


def test_a_session_that_was_ended_elsewhere_leads_to_the_sign_in(api: Api, clinic: Clinic, open_page: Open) -> None:
    session = {**session_of(api.sign_in("receptionist")), "accessToken": "x.y.z", "refreshToken": "gone"}
    page = open_page(
        "/desk", viewport=DESK, expect_errors=True, storage_state=storage(api, {"clinic-queue.desk": session})
    )
    expect(page.locator("input[name=email]")).to_be_visible()
    assert page.evaluate("localStorage.getItem('clinic-queue.desk')") is None
