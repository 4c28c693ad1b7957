"""axe's rules, held to a page as it stands."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "queue_server/web/node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """Return what axe finds: rule, place and reason."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{v['id']}: {node['target']}: {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]
    ]
