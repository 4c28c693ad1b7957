"""The desk as a test drives it: by what a receptionist sees and presses."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo


class Desk:
    """One signed-in desk with the lanes of a clinic."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, demo: Demo, *, clinic: str, doctors: list[str]) -> "Desk":
        """Sign in as the receptionist and show the lanes of `doctors`, in this order."""
        login = demo.staff["receptionist"]
        self.page.locator("input[name=email]").fill(login["email"])
        self.page.locator("input[name=password]").fill(login["password"])
        self.page.keyboard.press("Enter")
        self.page.get_by_label("Clinic").select_option(label=clinic)
        expect(self.page.get_by_role("checkbox", name=doctors[0])).to_be_visible()
        for box in self.page.get_by_role("checkbox", checked=True).all():
            box.click()
        for doctor in doctors:
            self.page.get_by_role("checkbox", name=doctor).click()
        self.page.get_by_role("button", name="Show").click()
        expect(self.page.get_by_text("Live")).to_be_visible()
        return self

    def card(self, entry: str) -> Locator:
        """Return the card of an entry in the line."""
        return self.page.locator(f"[data-entry='{entry}']")

    def select(self, entry: str) -> None:
        """Choose a card, as a click on it does."""
        self.page.locator(f"#entry-{entry}").click()

    def order(self, doctor: str) -> list[str]:
        """Return the tickets of a lane from the top."""
        lane = self.page.locator("section").filter(has_text=doctor)
        return lane.locator("[data-entry] .card-ticket").all_inner_texts()

    def toast(self, text: str) -> Locator:
        """Return the message about something just done."""
        return self.page.locator(".toast").filter(has_text=text).first
