"""What the pages for booking say: everything in every language, nothing that nobody says."""

import re
from pathlib import Path

import msgspec
import pytest

from queue_server.application.messages.preferences import CHOSEN, PreferencesView
from queue_server.application.phrases.booking import WORDS, account_words, amount, booking_words
from queue_server.application.waitlist.offers import Step
from queue_server.http.routes import ENDPOINTS
from queue_server.store.messages import Channel
from scheduling_core import errors
from scheduling_core.errors import DomainError
from scheduling_core.live_queue.state import EntryState
from scheduling_core.live_queue.suggestions import Reason
from scheduling_core.waitlist.score import ReasonCode
from scheduling_core.waitlist.state import WaitlistStatus

WEB = Path(__file__).parents[2] / "queue_server"
SOURCES = [
    *(file for folder in ("book", "account", "patient") for file in (WEB / "web" / "src" / folder).rglob("*.ts*")),
    *(WEB / "http" / "templates" / f"{name}.html" for name in ("patient", "book", "book_doctor")),
]
MADE_UP = (
    "error_",
    "account_state_",
    "account_consent_",
    "quiet_",
    "waitlist_why_",
    "account_wish_",
    "account_step_",
    "account_notice_",
    "account_by_",
)
"""Keys that are put together, from what the server says."""


def gaps(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_everything_with_the_same_gaps(language: str) -> None:
    said, english = WORDS[language], WORDS["en"]
    assert set(said) == set(english)
    assert [key for key in english if gaps(said[key]) != gaps(english[key])] == []
    assert all(text.strip() for text in said.values())


def test_what_the_pages_say_is_known_and_what_is_known_is_said() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES if ".test." not in file.name)
    called = set(re.findall(r"\bt\(\s*\"(\w+)\"", text)) | set(re.findall(r"words\.(\w+)", text))
    assert called - set(WORDS["en"]) == set()
    # Keys are also chosen between: whatever stands in quotes counts.
    quoted = set(re.findall(r"\"(\w+)\"", text + (WEB / "http" / "booking_pages.py").read_text(encoding="utf-8")))
    unsaid = {key for key in WORDS["en"] if key not in called | quoted and not key.startswith(MADE_UP)}
    # A section is called `account_` and what its address says.
    assert {key for key in unsaid if key.removeprefix("account_") not in quoted} == set()


@pytest.mark.parametrize("state", EntryState)
def test_every_state_of_an_appointment_has_a_word(state: EntryState) -> None:
    assert f"account_state_{state.value}" in WORDS["en"]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_for_an_hour_has_words(reason: Reason) -> None:
    assert f"quiet_{reason.value}" in WORDS["en"]


@pytest.mark.parametrize(
    "key",
    [
        *(f"waitlist_why_{code}" for code in ReasonCode),
        *(f"account_wish_{status}" for status in WaitlistStatus),
        *(f"account_step_{step}" for step in Step),
        *(f"account_by_{channel}" for channel in Channel),
        *(f"account_notice_{field.encode_name}" for field in msgspec.structs.fields(PreferencesView)[: len(CHOSEN)]),
    ],
)
def test_all_that_is_told_of_the_waitlist_has_words(key: str) -> None:
    assert key in WORDS["en"]


def test_words_for_refusals_are_for_codes_that_exist() -> None:
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)}
    assert {key.removeprefix("error_") for key in WORDS["en"] if key.startswith("error_")} - codes == set()


def test_whatever_a_guest_may_be_refused_has_words() -> None:
    always: tuple[type[DomainError], ...] = (
        errors.NotFound,
        errors.InvalidValue,
        errors.Forbidden,
        errors.Unauthenticated,
        errors.TooManyRequests,
        errors.Conflict,
        errors.Unavailable,
    )
    refusals: set[type[DomainError]] = {
        kind for one in ENDPOINTS if one.for_guests for kind in (*one.refusals, *always)
    }
    codes = {kind.code for kind in refusals}
    # Where nothing is to be paid, or not here, it is booked without.
    said = {key.removeprefix("error_") for key in booking_words("en") if key.startswith("error_")}
    assert codes - said - {"nothing_to_pay", "no_online_payment"} == set()


def test_a_page_for_booking_is_not_sent_the_words_of_accounts() -> None:
    assert "account_erase" not in booking_words("ar")
    assert account_words("ar")["account_erase"] == WORDS["ar"]["account_erase"]


@pytest.mark.parametrize(
    ("minor", "currency", "said"), [(4550, "EUR", "45.50 EUR"), (500, "JPY", "500 JPY"), (1500, "KWD", "1.500 KWD")]
)
def test_amounts_have_the_decimals_of_their_currency(minor: int, currency: str, said: str) -> None:
    assert amount(minor, currency) == said
