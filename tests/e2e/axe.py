"""axe's rules, held to a page as it stands."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "queue_server/web/node_modules/axe-core/axe.min.js"


COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""What another colour scheme of the same page can break: all other rules look at what stands in it."""


def violations(page: Page, *rules: str, without: Sequence[str] = ()) -> list[str]:
    """Return what axe finds by some rules, or by all, or by all but some: rule, place and reason."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    left_out = {rule: {"enabled": False} for rule in without}
    options: dict[str, Any] = {"resultTypes": ["violations"], "rules": left_out}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return [
        f"{v['id']}: {node['target']}: {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]
    ]
