"""The waitlist: freed times are offered, unanswered offers end, and so do entries that have waited long enough."""

from collections.abc import Mapping

from jobs.house import House
from queue_server.application.booking.visits import Visits
from queue_server.application.directory import Directory
from queue_server.application.due_work import Handler
from queue_server.application.waitlist.matching import MATCH_JOB, Matching
from queue_server.application.waitlist.offering import ANSWER_JOB

EXPIRE_KIND = "waitlist_expiry"


def timers(house: House) -> Mapping[str, Handler]:
    """Return what does each kind of job that is due at a moment."""
    return {ANSWER_JOB: _matching(house).answer_is_due}


def matching(house: House) -> Mapping[str, Handler]:
    """Return what does each kind of job that offers times, which may be many at once."""
    return {MATCH_JOB: _matching(house).run}


def recurring(house: House) -> Mapping[str, Handler]:
    """Return what is done again and again."""
    return {EXPIRE_KIND: _matching(house).expire}


def _matching(house: House) -> Matching:
    return Matching(house.db, house.writes, Visits(Directory(house.db), house.default_minutes))
