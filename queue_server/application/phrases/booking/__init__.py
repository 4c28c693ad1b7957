"""What the pages for booking say to patients, in their language: each page gets the words of one language."""

from collections.abc import Mapping
from functools import lru_cache

from queue_server.application.phrases.booking import arabic, english, hindi, spanish

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": english.WORDS,
    "es": spanish.WORDS,
    "hi": hindi.WORDS,
    "ar": arabic.WORDS,
}
OF_ACCOUNTS = "account_"
SIGNING_IN = frozenset(
    f"account_{key}" for key in ("send_code", "code_sent", "code", "new_code", "first_name", "other_contact")
)
"""What accounts say to who signs in, which is done where the waitlist is joined, too."""

OWN_NAMES = {"en": "English", "es": "Español", "hi": "हिन्दी", "ar": "العربية"}
"""Languages of the pages, each in its own words."""

NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""


@lru_cache
def booking_words(language: str) -> dict[str, str]:
    """Return what booking says in a language of ours."""
    return {key: text for key, text in WORDS[language].items() if key in SIGNING_IN or not key.startswith(OF_ACCOUNTS)}


def account_words(language: str) -> Mapping[str, str]:
    """Return what accounts say in a language of ours, in which patients also choose other times."""
    return WORDS[language]


def language_name(code: str) -> str:
    """Return a language of these pages in its own words."""
    return OWN_NAMES[code]


def amount(minor: int, currency: str) -> str:
    """Return an amount of minor units with its currency's code: `45.00 EUR`."""
    decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    return f"{minor / 10**decimals:.{decimals}f} {currency}"
