"""The administration as a test drives it: by what an administrator sees and presses."""

from playwright.sync_api import Locator, Page, expect


class Admin:
    """The administration's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.locator("dialog[open]")
        self.stage = page.locator("section.stage")

    def section(self, name: str) -> None:
        """Go to a section by the navigation."""
        self.page.get_by_role("navigation", name="Sections").get_by_role("link", name=name, exact=True).click()

    def tab(self, name: str) -> None:
        """Go to a tab of the page."""
        self.page.locator("nav.tabs").get_by_role("link", name=name, exact=True).click()

    def expect_heading(self, title: str) -> None:
        """Expect to be on the page of that title."""
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def field(self, label: str, *, within: Locator | None = None) -> Locator:
        """Return the field of that label, with or without the word "optional" behind it."""
        place = within or self.page.locator("main")
        return place.locator(".field", has=self.page.locator(f"label:text-matches('^{label} *(optional)?$')")).locator(
            "input, select, textarea"
        )

    def fill(self, label: str, text: str, *, within: Locator | None = None) -> None:
        """Type into a field, over what stands there."""
        self.field(label, within=within).fill(text)

    def add_tag(self, label: str, name: str) -> None:
        """Add a specialty or a language."""
        self.page.get_by_role("combobox", name=label).fill(name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".tag", has_text=name)).to_be_visible()

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press the button of that name."""
        (within or self.page.locator("main")).get_by_role("button", name=name).click()

    def expect_told(self, text: str) -> None:
        """Expect to be told that something was done."""
        expect(self.page.locator(".toast-done").filter(has_text=text).first).to_be_visible()

    def expect_error(self, label: str, message: str) -> None:
        """Expect a refusal beneath the field it is about."""
        field = self.page.locator(".field-wrong", has=self.page.locator(f"label:text-matches('^{label}')"))
        expect(field.locator(".field-error")).to_contain_text(message)

    def complete(self, stage: str) -> None:
        """Complete the step of onboarding that is open, which must be that one."""
        expect(self.stage.get_by_role("heading", level=2)).to_have_text(stage)
        self.stage.get_by_role("button", name="Complete").click()
        self.expect_told(f"Step done: {stage}.")


def sign_in(page: Page, email: str, password: str) -> Admin:
    """Sign in where the page asks for it."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
    return Admin(page)
