"""Desk and phone as a test drives them: by what a receptionist or a patient sees and presses."""

from playwright.sync_api import Locator, Page, expect


class Desk:
    """One desk with the lanes of a clinic."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.live = page.locator(".connection-live")
        self.dialog = page.locator("dialog[open]")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        """Return the button whose name begins so."""
        return self.page.locator("button:visible").filter(has_text=name).first

    def lane(self, doctor: str) -> Locator:
        """Return the lane of a doctor."""
        return self.page.locator(f"section.lane[aria-labelledby='lane-{doctor}']")

    def card(self, entry: str) -> Locator:
        """Return the card of an entry in the line."""
        return self.page.locator(f"[data-entry='{entry}']")

    def select(self, entry: str) -> None:
        """Choose a card, as a click on it does."""
        self.page.locator(f"#entry-{entry}").click()

    def expect_order(self, doctor: str, entries: list[str]) -> None:
        """Expect a lane to show these entries from the top."""
        cards = self.lane(doctor).locator("[data-entry]")
        expect(cards).to_have_count(len(entries))
        for place, entry in enumerate(entries):
            expect(cards.nth(place)).to_have_attribute("data-entry", entry)

    def expect_first(self, doctor: str, entry: str) -> None:
        """Expect this entry at the head of a lane."""
        expect(self.lane(doctor).locator("[data-entry]").first).to_have_attribute("data-entry", entry)

    def menu(self, doctor: str, item: str) -> None:
        """Choose from the menu of a lane."""
        self.lane(doctor).locator(".lane-menu > button").click()
        self.lane(doctor).locator(".menu > *").filter(has_text=item).click()

    def expect_said(self, text: str) -> None:
        """Expect the desk to have said `text` to a screen reader."""
        expect(self.page.locator(".sr-only > [aria-live=polite]")).to_contain_text(text)

    def toast(self, text: str) -> Locator:
        """Return the message about something just done."""
        return self.page.locator(".toast").filter(has_text=text).first

    def expect_drawn(self, image: Locator) -> None:
        """Expect an image to be there with its content."""
        expect(image).to_be_visible()
        self.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())

    def expect_settled(self) -> None:
        """Expect the server to have answered every command: each can be undone or was refused."""
        expect(self.page.locator(".toast")).not_to_have_count(0)
        expect(self.page.locator(".toast:not(:has(button))")).to_have_count(0)

    @property
    def refusal(self) -> Locator:
        """The newest refusal, with its reason."""
        return self.page.locator(".toast-refused").last


class Phone:
    """A patient's tracker."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.locator("#card")
        self.headline = page.locator("#headline")
        self.foot = page.locator("#foot")

    def expect_live(self) -> "Phone":
        """Wait until the page is live."""
        expect(self.foot).to_have_class("live")
        return self

    def expect_ahead(self, count: int) -> None:
        """Expect so many dots between the patient and the door, in whichever language the page is."""
        expect(self.page.locator("#dots i")).to_have_count(count)
        expect(self.page.locator("#line")).to_be_visible()
