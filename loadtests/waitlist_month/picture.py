"""A picture of a month: how long those who have got a time had waited, by urgency, under each order."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from loadtests.waitlist_month.people import Month, by_id
from loadtests.waitlist_month.simulation import Outcome
from scheduling_core.waitlist.events import Urgency

TITLES = {"score": "by points, as here", "fifo": "first come, first served", "strict_tiers": "strictly by urgency"}
COLOURS = {Urgency.URGENT: "#b3261e", Urgency.SOON: "#c9862b", Urgency.ROUTINE: "#0b6e4f"}
WORDS = {Urgency.URGENT: "urgent", Urgency.SOON: "soon", Urgency.ROUTINE: "routine"}
WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP = 860, 190, 40, 78, 96, 34
LONGEST, BINS = 3.0, 60
"""What the axis goes up to, in targets; longer waits stand in the last bin."""


def draw(made: Month, outcomes: Mapping[str, Outcome], told: Mapping[str, Mapping[str, Any]], caption: str) -> str:
    """Return the picture as SVG: a histogram for each order, people stacked by urgency."""
    people = by_id(made.people)
    counts = {
        name: {
            urgency: _histogram(
                [filled.waited for filled in outcome.filled if people[filled.person].wish.urgency is urgency]
            )
            for urgency in Urgency
        }
        for name, outcome in outcomes.items()
    }
    most = max((sum(b) for of in counts.values() for b in zip(*of.values(), strict=True)), default=1) or 1
    parts, top = list[str](), TOP
    for name, of_urgency in counts.items():
        figures = told[name]
        parts.append(_text(LEFT - 14, top + 30, TITLES[name], anchor="end", weight=600))
        parts.append(_text(LEFT - 14, top + 48, f"Jain {figures['jain']:.3f}", anchor="end"))
        parts.append(_text(LEFT - 14, top + 65, f"{figures['starved']:,} starved", anchor="end"))
        parts.append(f'<path d="M{LEFT} {top + HEIGHT}H{WIDTH - RIGHT}" stroke="#999"/>')
        parts += _bars(of_urgency, top, most)
        top += HEIGHT + GAP
    bottom = top - GAP
    for tick in range(int(LONGEST) + 1):
        x = _x(tick)
        colour, dash = ("#111", "") if tick == 1 else ("#bbb", ' stroke-dasharray="2 3"')
        parts.append(f'<path d="M{x:.1f} {TOP - 8}V{bottom}" stroke="{colour}"{dash}/>')
        parts.append(_text(x, bottom + 16, f"{tick} ×" if tick else "0", anchor="middle"))
    parts.append(_text(_x(1), TOP - 14, "target", anchor="middle"))
    parts.append(_text(WIDTH - RIGHT, bottom + 32, "waited, in units of the target", anchor="end"))
    height = bottom + 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="12">'
        "<title>How long those who got a time had waited, by order of the list</title>"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        + _legend()
        + "".join(parts)
        + _text(12, height - 10, caption, colour="#444", size=10)
        + "</svg>\n"
    )


def _histogram(waits: Sequence[float]) -> list[int]:
    counts = [0] * BINS
    for wait in waits:
        counts[min(BINS - 1, int(wait / LONGEST * BINS))] += 1
    return counts


def _bars(of_urgency: Mapping[Urgency, Sequence[int]], top: float, most: int) -> list[str]:
    width, parts = (WIDTH - LEFT - RIGHT) / BINS, list[str]()
    for place in range(BINS):
        foot = top + HEIGHT
        for urgency, counts in of_urgency.items():
            tall = counts[place] / most * HEIGHT
            foot -= tall
            if tall:
                parts.append(
                    f'<rect x="{LEFT + place * width:.1f}" y="{foot:.1f}" width="{width - 1:.1f}" height="{tall:.1f}"'
                    f' fill="{COLOURS[urgency]}"/>'
                )
    return parts


def _legend() -> str:
    parts, left = list[str](), 12
    for urgency, colour in COLOURS.items():
        parts.append(f'<rect x="{left}" y="16" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(left + 18, 26, WORDS[urgency]))
        left += 90
    return "".join(parts)


def _x(waited: float) -> float:
    return LEFT + waited / LONGEST * (WIDTH - LEFT - RIGHT)


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", colour: str = "#111", size: int = 12, weight: int = 400
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" font-weight="{weight}"'
    return f'<text {place} stroke="#fff" stroke-width="3" paint-order="stroke">{escape(words)}</text>'
