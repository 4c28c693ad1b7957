"""How much is tried of what could be tried without end: little in every run, more where HYPOTHESIS_PROFILE=thorough."""

import os

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def tries(few: int, many: int, *, name: str = "") -> int:
    """Return `few`, or `many` in a thorough run, or what the environment variable `name` says."""
    chosen = os.environ.get(name) if name else None
    return int(chosen) if chosen else many if IS_THOROUGH else few
