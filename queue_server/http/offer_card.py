"""The card that shows an offer from the waitlist and answers it, on the page of its link and on the tracker."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import jinja2

from queue_server.application.messages.templates.times import day_and_time, deadline
from queue_server.application.phrases import phrase
from queue_server.application.waitlist.offers import OfferView
from scheduling_core.live_queue.state import Mode


class OfferCards:
    """Renders offers as pieces of pages; plain forms answer them, so that no script is needed."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    def card(self, offer: OfferView | None, language: str, *, chosen: str | None = None, title: str = "offered") -> str:
        """Return the card of an offer, empty without one; `chosen` is the language that the address asks for, `title`
        the key of its heading."""
        if offer is None:
            return ""
        now, zone = datetime.now(UTC), offer.clinic.timezone
        return self._templates.get_template("offer.html").render(
            offer=offer,
            say=say(language),
            title=title,
            # Which offer the forms answer: a page that was left open answers no other one that was made since.
            query=f"?{urlencode({'by': offer.respond_by.isoformat(), **({'lang': chosen} if chosen else {})})}",
            when=day_and_time(language, offer.start, zone),
            until=deadline(language, offer.respond_by, zone, now),
            where=phrase(language, "invite_tele") if offer.mode is Mode.TELE else _place(offer),
            left=max(0, round((offer.respond_by - now).total_seconds())),
            span=max(1, round((offer.respond_by - offer.since).total_seconds())),
        )


def say(language: str) -> Callable[..., str]:
    """Return a function that says what pages about offers say, in one language."""
    return lambda key, **filled: phrase(language, f"invite_{key}", **filled)


def _place(offer: OfferView) -> str:
    return ", ".join(part for part in (offer.clinic.name, offer.clinic.address) if part)
