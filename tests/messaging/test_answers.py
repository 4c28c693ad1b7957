"""What a provider says of when to come back."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from queue_server.messaging.answers import retry_after

NOW = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("17", 17),
        ("0", 1),
        ("999999", 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 1),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_when_to_come_back_is_read_from_seconds_and_from_dates(given: str | None, seconds: int | None) -> None:
    assert retry_after(given, NOW) == (timedelta(seconds=seconds) if seconds is not None else None)
