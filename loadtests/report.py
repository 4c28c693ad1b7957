"""How a load test says what it found."""

import json
from collections.abc import Mapping


def report(figures: Mapping[str, object], *, as_json: bool) -> None:
    """Print the figures on stdout: one line of JSON, or a line each."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name}: {value}")
