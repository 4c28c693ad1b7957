"""Texts that people type: one line each, in one normal form, storable anywhere."""

import re
import unicodedata

from scheduling_core.errors import InvalidValue

# Control characters, lone surrogates, unassigned code points, line and paragraph separators.
_REFUSED = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@[\w](?:[\w-]{0,61}[\w])?(?:\.[\w](?:[\w-]{0,61}[\w])?)*")


def is_printable(text: str) -> bool:
    """Return whether `text` has no control characters and nothing else that does not belong into one line."""
    return not any(unicodedata.category(character) in _REFUSED for character in text)


def one_line(given: str, field: str, *, longest: int, may_be_empty: bool = False) -> str:
    """Return `given` without outer blanks, in Unicode's composed form.

    Raises `InvalidValue` for `field` when it is empty, longer than `longest` characters or not printable.
    """
    text = unicodedata.normalize("NFC", given.strip())
    if not text and not may_be_empty:
        raise InvalidValue("This must not be empty.", field=field)
    if len(text) > longest:
        raise InvalidValue(f"This is longer than {longest} characters.", field=field)
    if not is_printable(text):
        raise InvalidValue("This holds characters that cannot be printed.", field=field)
    return text


def prose(given: str, field: str, *, longest: int) -> str:
    """Return a text of several lines without outer blanks, in Unicode's composed form; it may be empty.

    Raises `InvalidValue` for `field` when it is longer than `longest` characters or not printable.
    """
    lines = given.replace("\r\n", "\n").replace("\t", " ").strip().split("\n")
    text = unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in lines))
    if len(text) > longest:
        raise InvalidValue(f"This is longer than {longest} characters.", field=field)
    if not is_printable(text.replace("\n", " ")):
        raise InvalidValue("This holds characters that cannot be printed.", field=field)
    return text


def email_address(given: str, field: str = "email") -> str:
    """Return an e-mail address in the form accounts are found by: composed, in lower case.

    Raises `InvalidValue` for `field` when it is none. Quoted local parts are not taken.
    """
    # Lower case, not case folding: that would make one address of straße@ and strasse@, which are two people.
    text = unicodedata.normalize("NFC", one_line(given, field, longest=LONGEST_EMAIL).lower())
    is_disguised = any(not c.isascii() and unicodedata.normalize("NFC", c).lower().isascii() for c in given)
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text) or ".." in text or is_disguised:
        raise InvalidValue("This is not an e-mail address.", field=field)
    return text
