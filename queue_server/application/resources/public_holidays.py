"""Public holidays of countries and their parts, as the `holidays` package knows them."""

from datetime import date
from functools import lru_cache

from scheduling_core.errors import InvalidValue
from scheduling_core.resources.clinics import HolidayCalendar

LANGUAGE = "en_US"
"""Names are English where the package has them, else in the country's own language."""
FIRST_YEAR, LAST_YEAR = 1970, 2200


def check_calendar(wanted: HolidayCalendar) -> HolidayCalendar:
    """Return `wanted`; raises `InvalidValue` for a country or region that is not known."""
    country = _country(wanted.country)
    if country is None:
        raise InvalidValue("No holidays of this country are known; give its two-letter code.", field="holidays.country")
    if wanted.region is not None and wanted.region not in country:
        known = ", ".join(country) or "none"
        raise InvalidValue(f"There is no such region in this country; known: {known}."[:300], field="holidays.region")
    return wanted


@lru_cache(maxsize=512)
def holidays_of(calendar: HolidayCalendar, year: int) -> dict[date, str]:
    """Return the public holidays of a year with their names, in order; none for what the package knows no more."""
    import holidays

    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}
    try:
        found = holidays.country_holidays(
            calendar.country, subdiv=calendar.region, years=year, expand=False, language=LANGUAGE
        )
    except NotImplementedError:
        # A newer package may have renamed a part of a country: a clinic then keeps its own dates alone.
        return {}
    return dict(sorted((day, str(name)) for day, name in found.items() if day.year == year))


@lru_cache(maxsize=512)
def _country(code: str) -> tuple[str, ...] | None:
    """The regions of a country; None for one that is not known."""
    # Imported when first needed: a process that never asks is up a quarter of a second sooner.
    import holidays

    if len(code) != 2 or not code.isascii() or not code.isalpha() or not code.isupper():
        return None
    try:
        return tuple(holidays.country_holidays(code).subdivisions)
    except NotImplementedError:
        return None
