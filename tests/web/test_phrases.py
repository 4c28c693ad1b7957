"""What patients are told, in every language."""

import string

import pytest

from queue_server.application.phrases import (
    CATALOG,
    choose_language,
    counted,
    explain_change,
    plural_form,
    queue_status,
)
from scheduling_core.live_queue.history import Reason
from scheduling_core.live_queue.state import EntryState

PLURALS = {"ahead_zero", "ahead_one", "ahead_two", "ahead_few", "ahead_many", "ahead_other"}


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", CATALOG)
def test_every_language_says_everything(language: str) -> None:
    assert set(CATALOG[language]) - PLURALS == set(CATALOG["en"]) - PLURALS
    assert "ahead_other" in CATALOG[language]


@pytest.mark.parametrize("language", CATALOG)
def test_every_phrase_has_the_gaps_of_the_english_one(language: str) -> None:
    for key, text in CATALOG[language].items():
        if key not in PLURALS:
            assert gaps(text) == gaps(CATALOG["en"][key]), key


@pytest.mark.parametrize("language", CATALOG)
@pytest.mark.parametrize("reason", Reason)
def test_every_change_is_explained(language: str, reason: Reason) -> None:
    assert len(explain_change(language, reason)) > 5


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (10, "few"), (11, "many"), (100, "other"), (103, "few")],
)
def test_arabic_counts_in_six_forms(n: int, form: str) -> None:
    assert plural_form("ar", n) == form


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("es", "en"), "es"),
        ((None, "hi-IN"), "hi"),
        (("tlh", "ar"), "ar"),
        ((None, "", "fr;q=0.9, es;q=0.8, en;q=0.1"), "es"),
        (("en;q=0.1, ar",), "ar"),
        (("en;q=nonsense",), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_we_speak_is_taken(wishes: tuple[str | None, ...], language: str) -> None:
    assert choose_language(*wishes) == language


def status(language: str = "en", **changed: object) -> str:
    facts: dict[str, object] = {
        "state": EntryState.WAITING,
        "position": 5,
        "ahead": 4,
        "paused": False,
        "closed": False,
        "delay_minutes": 0,
        "room": "Room 2",
    }
    return queue_status(language, **{**facts, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "4 people ahead of you."),
        ({"ahead": 1}, "1 person ahead of you."),
        ({"ahead": 0}, "You are next."),
        ({"paused": True}, "4 people ahead of you. The queue is paused for a moment. Your place is kept."),
        ({"delay_minutes": 15}, "4 people ahead of you. The doctor is running 15 min late."),
        ({"closed": True}, "This queue has closed for today. Please speak to reception."),
        (
            {"state": EntryState.EXPECTED, "ahead": 0, "prompted": True},
            "You are next. You are expected now. Please check in at reception.",
        ),
        ({"state": EntryState.CALLED}, "Please go to Room 2."),
        ({"state": EntryState.CALLED, "room": ""}, "Please come in."),
        ({"state": EntryState.IN_CONSULTATION}, "You are with the doctor."),
    ],
)
def test_a_status_is_a_sentence(changed: dict[str, object], said: str) -> None:
    assert status("en", **changed) == said


@pytest.mark.parametrize("language", CATALOG)
@pytest.mark.parametrize("state", EntryState)
def test_every_state_has_a_status_in_every_language(language: str, state: EntryState) -> None:
    assert status(language, state=state).strip()


def test_an_unknown_language_is_answered_in_english() -> None:
    assert counted("tlh", "ahead", 2) == "2 people ahead of you"
