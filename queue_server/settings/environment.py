"""How variables are read: each of its type, and refused in one sentence."""

import re
from collections.abc import Mapping


class SettingsError(Exception):
    """The environment does not make sense; the message names the variable and the way out."""


class Reader:
    """Typed access to the environment; every complaint names the variable and what would be right."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def optional(self, name: str) -> str | None:
        """Return the variable without surrounding blanks, None when it is not set or empty."""
        return self._environ.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        """Return the variable, or the default."""
        return self.optional(name) or default

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`; raises `SettingsError`."""
        given = self.optional(name)
        if given is None:
            return default
        # int() alone would also take "1_0", "+5" and Arabic digits, which here are rather slips than choices.
        if not re.fullmatch(r"-?[0-9]{1,12}", given):
            raise SettingsError(f"{name} is {given!r}, which is not a whole number; give one from {low} to {high}.")
        if not low <= int(given) <= high:
            raise SettingsError(f"{name} is {given}, out of range; give a whole number from {low} to {high}.")
        return int(given)

    def boolean(self, name: str, default: bool) -> bool:
        """Return true or false; raises `SettingsError`."""
        given = self.optional(name)
        if given is None:
            return default
        if given.lower() not in ("true", "false", "1", "0"):
            raise SettingsError(f"{name} is {given!r}; give true or false.")
        return given.lower() in ("true", "1")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of the choices, in whatever case it was given; raises `SettingsError`."""
        given = self.text(name, default)
        for choice in choices:
            if choice.lower() == given.lower():
                return choice
        raise SettingsError(f"{name} is {given!r}; give one of {', '.join(choices)}.")

    def items(self, name: str) -> tuple[str, ...]:
        """The parts of a comma-separated list, without blanks and repetitions, in the order given."""
        parts = (part.strip() for part in (self.optional(name) or "").split(","))
        return tuple(dict.fromkeys(part for part in parts if part))
