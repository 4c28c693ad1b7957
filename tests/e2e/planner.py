"""Schedules, leave and the doctor's page as a test drives them, and what it books beside them."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.e2e.demo import Api

MORNING = {
    "start": "09:00",
    "end": "12:00",
    "slotMinutes": 30,
    "bufferMinutes": 0,
    "inPerson": 1,
    "tele": 0,
    "total": 1,
}
MINUTE = 44 / 60
"""Height of a minute in the painted week, in pixels."""


class Week(NamedTuple):
    """A week that lies ahead, Monday first."""

    monday: date

    def day(self, weekday: int) -> str:
        """Return the date of a weekday; Monday is 1."""
        return str(self.monday + timedelta(days=weekday - 1))


def week_ahead(today: str) -> Week:
    """Return the week after next: none of its days is today by any clock."""
    here = date.fromisoformat(today)
    return Week(here + timedelta(days=14 - here.weekday()))


def schedule(api: Api, clinic: str, doctor: str, *weekdays: int, **more: Any) -> Any:
    """Give a doctor mornings of six slots, by default on Monday and Tuesday, from a fortnight ago on."""
    sittings = [{"weekday": weekday, **MORNING, **more} for weekday in weekdays or (1, 2)]
    start = date.fromisoformat(api.date) - timedelta(days=14)
    body = {"clinicId": clinic, "effectiveFrom": str(start), "sittings": sittings}
    return api.call("POST", f"/api/doctors/{doctor}/schedules", body, role="admin")


def slots(api: Api, doctor: str, day: str) -> Any:
    """Return a doctor's slots of a date."""
    return api.call("GET", f"/api/doctors/{doctor}/slots?from={day}&to={day}", role="admin")


def book(api: Api, doctor: str, day: str, place: int, name: str) -> Any:
    """Book the slot at that place of a date for somebody."""
    slot = slots(api, doctor, day)[place]
    body = {"patient": {"name": name, "phone": "+1 555 0100"}}
    return api.call("POST", f"/api/slots/{slot['id']}/book", body, key=uuid4().hex)


class Planner:
    """The weekly schedule of one doctor."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.locator("dialog[open]")
        self.bar = page.get_by_role("region", name="Unsaved changes")

    def column(self, weekday: int) -> Locator:
        """Return the column of a weekday."""
        return self.page.locator(f"[data-weekday='{weekday}']")

    def sittings(self, weekday: int) -> Locator:
        """Return what is painted on a weekday."""
        return self.column(weekday).locator(".sitting")

    def day(self, name: str) -> Locator:
        """Return the form of a weekday."""
        return self.page.get_by_role("region", name=name, exact=True)

    def paint(self, weekday: int, start: int, end: int) -> None:
        """Drag over a weekday from one hour to another."""
        column = self.column(weekday)
        column.evaluate("column => column.scrollIntoView({block: 'center'})")
        box = column.bounding_box()
        assert box is not None
        # The grid begins at seven.
        x, y = box["x"] + box["width"] / 2, [box["y"] + (hour - 7) * 60 * MINUTE + 1 for hour in (start, end)]
        self.page.mouse.move(x, y[0])
        self.page.mouse.down()
        self.page.mouse.move(x, (y[0] + y[1]) / 2)
        self.page.mouse.move(x, y[1])
        self.page.mouse.up()

    def review(self) -> Locator:
        """Ask what the changes do and return the words for it."""
        self.bar.get_by_role("button", name="Review and save").click()
        words = self.dialog.locator(".review-words")
        expect(words).to_be_visible()
        return words

    def save(self) -> None:
        """Save what is under review."""
        self.dialog.get_by_role("button", name="Save").click()
        expect(self.page.locator(".toast-done").first).to_be_visible()
        expect(self.dialog).to_have_count(0)
        expect(self.bar).to_contain_text("All changes are saved.")
