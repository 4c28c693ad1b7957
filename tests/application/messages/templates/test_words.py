"""The words that come with the product: there for everything, in every language, and only with fields there are."""

from datetime import UTC, datetime

import pytest

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates import words
from queue_server.application.messages.templates.engine import fill
from queue_server.application.messages.templates.fields import FIELDS, checked
from queue_server.application.messages.templates.samples import sample
from queue_server.application.messages.templates.text_parts import text_parts
from queue_server.application.messages.templates.times import day_and_time, deadline
from queue_server.application.phrases import CATALOG
from queue_server.store.messages import Channel


@pytest.mark.parametrize("language", sorted(CATALOG))
def test_every_kind_is_worded_in_every_channel_and_filled_by_the_samples(language: str) -> None:
    facts = sample(language, "Riverside")
    assert set(FIELDS) == set(Kind) - {Kind.SIGN_IN_CODE} == set(words.SPOKEN[language].kinds)
    for kind, fields in FIELDS.items():
        assert fields <= set(facts), kind
        for channel in Channel:
            said = words.text(kind, language, channel)
            # What we say ourselves would be taken from an organisation, too.
            assert checked(kind, channel, said.subject, said.body) == (said.subject, said.body), (kind, channel)
            text = fill(words.draft(kind, language, channel).body, facts, language)
            assert "{" not in text
            assert channel not in (Channel.SMS, Channel.PUSH) or "\n" not in text


@pytest.mark.parametrize("language", sorted(set(CATALOG) - {"en"}))
def test_nothing_is_left_in_english(language: str) -> None:
    ours, english = words.SPOKEN[language], words.SPOKEN["en"]
    for kind in FIELDS:
        for name in ("named", "told", "action"):
            same = getattr(ours.kinds[kind], name) == getattr(english.kinds[kind], name)
            assert not same or getattr(ours.kinds[kind], name) == "{message}", (kind, name)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Sunday 29 March, 3:30 AM"),
        ("es", "domingo 29 de marzo, 03:30"),
        ("hi", "रविवार 29 मार्च, 3:30 am"),
        ("ar", "الأحد 29 مارس، 3:30 ص"),
    ],
)
def test_times_are_the_clinics_on_the_night_the_clocks_change_too(language: str, said: str) -> None:
    # 01:30 UTC is 3:30 in Berlin on the day that has no 2:30 there.
    assert day_and_time(language, datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Europe/Berlin") == said


def test_a_deadline_names_the_day_unless_it_is_today() -> None:
    now = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    assert deadline("en", datetime(2026, 3, 28, 22, 55, tzinfo=UTC), "Europe/Berlin", now) == "11:55 PM"
    assert deadline("en", datetime(2026, 3, 28, 23, 5, tzinfo=UTC), "Europe/Berlin", now) == "Sunday 29 March, 12:05 AM"


@pytest.mark.parametrize(
    ("n", "said"), [(1, "دقيقة واحدة"), (2, "دقيقتان"), (5, "5 دقائق"), (20, "20 دقيقة"), (101, "101 دقيقة")]
)
def test_minutes_are_counted_as_arabic_counts(n: int, said: str) -> None:
    assert words.minutes("ar", n) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("م" * 70, 1),
        ("م" * 71, 2),
        ("👍" * 35, 1),
        ("", 1),
    ],
)
def test_a_text_is_as_many_parts_as_its_alphabet_makes_of_it(text: str, parts: int) -> None:
    assert text_parts(text) == parts
